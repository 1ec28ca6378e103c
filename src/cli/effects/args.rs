//! The flags of `deity effects`, with the help that teaches.
//!
//! Owns their names, shapes and words. Must not know what they do.
#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the comments here are printed as they stand, by --help"
)]

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::Common;
use crate::operator::EffectStatus;

#[derive(Debug, Args)]
pub(in crate::cli) struct Effects {
    #[command(subcommand)]
    pub(in crate::cli) command: EffectsCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum EffectsCommand {
    /// One line per effect; without --status those to see to: not settled, or failed and not seen
    List {
        #[command(flatten)]
        common: Common,
        /// Of this flow only
        #[arg(long, value_name = "NAME")]
        flow: Option<String>,
        /// In this state only
        #[arg(long, value_name = "STATUS")]
        status: Option<EffectStatusFlag>,
        /// One JSON object per effect
        #[arg(long)]
        json: bool,
    },
    /// One effect in full: what goes out, under which key, what was heard
    Show(Which),
    /// Try it once more, under the same key
    Retry(Which),
    /// It was done
    Done {
        #[command(flatten)]
        which: Which,
        /// What the callee's own records have for a value that the flow saves
        #[arg(long, value_name = "NAME=VALUE")]
        save: Vec<String>,
    },
    /// It was not done
    NotDone(Which),
    /// Failed for good, and seen: it leaves the list; one, a session's, or all that fit
    Seen(SeenFlags),
}

impl EffectsCommand {
    pub(in crate::cli) fn common(&mut self) -> &mut Common {
        match self {
            Self::List { common, .. } => common,
            Self::Seen(seen) => &mut seen.common,
            Self::Show(which) | Self::Retry(which) | Self::NotDone(which) | Self::Done { which, .. } => {
                &mut which.common
            }
        }
    }
}

/// Which failed effects were seen.
#[derive(Debug, Args)]
pub(in crate::cli) struct SeenFlags {
    /// A session's reference, alone or with the effect's number: K7QXA-4MTP2/3
    #[arg(required_unless_present_any = ["flow", "effect", "status", "before"])]
    pub(in crate::cli) which: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) common: Common,
    /// Of this flow only
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) flow: Option<String>,
    /// Of this effect only
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) effect: Option<String>,
    /// In this state only
    #[arg(long, value_name = "STATUS")]
    pub(in crate::cli) status: Option<SeenStatusFlag>,
    /// Those that failed before this only: a day (its beginning in UTC) or a moment
    #[arg(long, value_name = "2026-11-29|2026-11-29T12:00:00Z")]
    pub(in crate::cli) before: Option<String>,
    /// Only say which they are
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// One JSON object per effect
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// One effect.
#[derive(Debug, Args)]
pub(in crate::cli) struct Which {
    /// The session's reference, and the effect's number where there are several: K7QXA-4MTP2/3
    pub(in crate::cli) effect: String,
    #[command(flatten)]
    pub(in crate::cli) common: Common,
    /// One JSON object
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// In which state an effect can be one that failed for good.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum SeenStatusFlag {
    /// Not done
    Failed,
    /// The callee said no to a notice or an undo
    Declined,
}

impl SeenStatusFlag {
    pub(in crate::cli) fn status(self) -> EffectStatus {
        match self {
            Self::Failed => EffectStatus::Failed,
            Self::Declined => EffectStatus::Declined,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum EffectStatusFlag {
    /// Being tried, or to be tried again
    Open,
    /// The person is on a page elsewhere
    Away,
    /// Perhaps done: somebody must find out
    InDoubt,
    /// Done
    Done,
    /// The callee said no
    Declined,
    /// Not done
    Failed,
}

impl EffectStatusFlag {
    pub(in crate::cli) fn status(self) -> EffectStatus {
        match self {
            Self::Open => EffectStatus::Open,
            Self::Away => EffectStatus::Away,
            Self::InDoubt => EffectStatus::InDoubt,
            Self::Done => EffectStatus::Done,
            Self::Declined => EffectStatus::Declined,
            Self::Failed => EffectStatus::Failed,
        }
    }
}
