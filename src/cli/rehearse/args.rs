//! The flags of `deity rehearse`, with the help that teaches.
//!
//! Owns their names, shapes and words. Must not know what they do.
#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the comments here are printed as they stand, by --help"
)]

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(in crate::cli) const AFTER: &str = "\
Examples:
  deity rehearse passport-renewal           its walks over a modem of 9,600 bit/s
  deity rehearse passport-renewal --line gprs --walk corrected
  deity rehearse phases/bank-transfer.toml --line up=9600,down=33.6k,delay=150ms,loss=1%
  deity rehearse passport-renewal --budget seconds=30,packets=12,page=1340
  deity rehearse passport-renewal --svg passport.svg --json | jq .tours[0].sum.seconds
  deity rehearse passport-renewal --lang cy  its walks in Welsh alone
  deity rehearse my-flow --draft > phases/my-flow.walks.toml
                                            a walk with made-up answers, to begin one's own with
  deity rehearse --lines                    the lines that have names

Walks stand beside the definition NAME.toml, in NAME.walks.toml; without that file answers are
made up. Nobody is called: what callees say stands in the walk, or is made up. Three visits are
reckoned: lynx (HTTP/1.0, a new connection for each page, gzip), and Chromium without scripts
(HTTP/1.1, one connection, brotli) for the first time and later, when its connection is open and
it has what it may keep. The limit is what no protocol can beat with these bytes: one packet each
way, and a round trip more where a connection is opened. TLS is not reckoned.

A flow of several languages is walked in each of them, its own first: of the others the sums are
told. With --against it is walked in its own alone, where --lang says no other.

A line is a name, numbers (up and down in bit/s, delay and jitter in ms, loss in %, queue in
packets), or a name and numbers: gprs,loss=0.

With --against a real server is asked over this machine's real line, a page each --think seconds;
the line that is named is what the model takes it for.

A budget's figures: seconds (the whole walk), phase (the seconds of each phase), bytes (the whole
walk, both ways, all headers), packets (each phase, both ways), page (the bytes of each answer);
lynx. or chromium. before a figure means that browser alone.

Exit codes: 0 every walk passes, within the budget; 1 a walk does not pass, none can be made up,
or something is over the budget; 2 wrong command line or settings.";

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct Rehearse {
    /// The flow: its name, or its file
    #[arg(required_unless_present = "lines")]
    pub(super) flow: Option<String>,
    /// Directory of the flow definitions [env: DEITY_PHASES] [default: ./phases]
    pub(super) phases: Option<PathBuf>,
    /// The line: a name of --lines, or numbers
    #[arg(long, value_name = "LINE", default_value = "modem-9600")]
    pub(super) line: String,
    /// List the lines that have names
    #[arg(long)]
    pub(super) lines: bool,
    /// This walk only; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(super) walk: Vec<String>,
    /// Make answers up, whether there are walks or not
    #[arg(long, conflicts_with = "walk")]
    pub(super) made_up: bool,
    /// Print the walk that is made up, as it would stand in a file of walks, and nothing else
    #[arg(long, conflicts_with_all = ["walk", "json", "svg", "budget"])]
    pub(super) draft: bool,
    /// In this language of the flow only; may be given more than once
    #[arg(long, value_name = "TAG")]
    pub(super) lang: Vec<String>,
    /// This browser only
    #[arg(long, value_name = "NAME")]
    pub(super) browser: Option<BrowserFlag>,
    /// Fail where a figure is over: seconds=17,phase=2.5,bytes=15000,packets=11,page=1340
    #[arg(long, value_name = "FIGURES")]
    pub(super) budget: Option<String>,
    /// Write a picture of the figures; of several walks, one each, with the walk's name in its own
    #[arg(long, value_name = "FILE")]
    pub(super) svg: Option<PathBuf>,
    /// One JSON object per walk, or per line of --lines
    #[arg(long)]
    pub(super) json: bool,
    /// What the server takes for a phase, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub(super) server: u64,
    /// What a person takes for a page, in seconds
    #[arg(long, value_name = "S", default_value_t = 30, value_parser = clap::value_parser!(u64).range(..=3_600))]
    pub(super) think: u64,
    /// Ask a server that really runs, at host:port, and tell what was measured beside; what it
    /// answers is its own, so screens and ends are not looked at
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "draft")]
    pub(super) against: Option<String>,
    /// What browsers take the server for, such as https://forms.example.org [env: DEITY_ORIGIN]
    #[arg(long, value_name = "URL")]
    pub(super) origin: Option<String>,
    /// The settings file [env: DEITY_CONFIG] [default: deity.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

impl Rehearse {
    pub(in crate::cli) fn config(&mut self) -> &mut Option<PathBuf> {
        &mut self.config
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum BrowserFlag {
    /// A text browser
    Lynx,
    /// A browser of today, without scripts
    Chromium,
}
