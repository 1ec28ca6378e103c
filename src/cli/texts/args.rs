//! The flags of `deity texts`, with the help that teaches.
//!
//! Owns their names, shapes and words. Must not know what they do.
#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the comments here are printed as they stand, by --help"
)]

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(in crate::cli) struct Texts {
    #[command(subcommand)]
    pub(in crate::cli) command: TextsCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TextsCommand {
    /// Every text of a flow and of its parts with its translation, as PO or CSV
    Export {
        /// The flow: its name, or its file
        flow: String,
        /// The language to translate into, such as cy or pt-BR
        #[arg(long, value_name = "LANGUAGE")]
        lang: String,
        /// The form [default: by the ending of the file, else po]
        #[arg(long, value_enum)]
        format: Option<Form>,
        /// Write here, in place of stdout
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Take back what was translated, into the files beside the flow
    Import {
        /// A PO file, or CSV (by its ending)
        file: PathBuf,
        /// The flow: its name, or its file
        flow: String,
        /// The language that it was translated into
        #[arg(long, value_name = "LANGUAGE")]
        lang: String,
        /// Say what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
        /// Take those too that the file calls fuzzy, as stale
        #[arg(long)]
        fuzzy: bool,
        /// Note of texts that are as they were that they are good for the present words, where that is not known
        #[arg(long)]
        confirm: bool,
        /// One JSON object
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// How many texts of each flow are translated, missing and stale
    Status {
        /// The flow: its name, or its file [default: all of them]
        flow: Option<String>,
        /// List each text that is missing or stale
        #[arg(long)]
        missing: bool,
        /// One JSON object per flow and language
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl TextsCommand {
    pub(in crate::cli) fn config(&mut self) -> &mut Option<PathBuf> {
        match self {
            Self::Export { place, .. } | Self::Import { place, .. } | Self::Status { place, .. } => &mut place.config,
        }
    }
}

/// Where the flows lie.
#[derive(Debug, Args)]
pub(in crate::cli) struct Place {
    /// Directory of the flow definitions [env: DEITY_PHASES] [default: ./phases]
    pub(in crate::cli) phases: Option<PathBuf>,
    /// The settings file [env: DEITY_CONFIG] [default: deity.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Form {
    /// What most tools of translators read and write
    Po,
    /// For spreadsheets
    Csv,
}
