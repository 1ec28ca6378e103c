//! The command line as clap reads it, with the help that teaches.
//!
//! Owns names, shapes and words of commands and flags. Must not know what they do.
#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the comments here are printed as they stand, by --help"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use super::effects::args::Effects;
use super::help::{
    AFTER, CHECK_AFTER, CLOCK_AFTER, CODEBOOK_AFTER, EFFECTS_AFTER, EXPORT_AFTER, SERVE_AFTER, SESSIONS_AFTER,
    TEXTS_AFTER, WORDS_AFTER,
};
#[cfg(feature = "demo")]
use super::help::{AUDIT_AFTER, LEDGER_AFTER};
pub(super) use super::texts::args::Texts;
use crate::operator::{Filter, Status};

/// Serves flows of plain HTML forms, each phase on disk before it is answered.
#[derive(Debug, Parser)]
#[command(name = "deity", version, about, after_help = AFTER)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) serve: Flags,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the flows of a directory (what plain `deity` does).
    #[command(after_help = SERVE_AFTER)]
    Serve(Serve),
    /// Check definitions: every fault at once, with file, line, column and what would be right.
    #[command(after_help = CHECK_AFTER)]
    Check(Check),
    /// Walk a flow as a browser would, and tell what it takes over a modem or another line.
    #[command(after_help = super::rehearse::AFTER)]
    Rehearse(super::rehearse::Rehearse),
    /// What goes out of a flow, one row for each value: names, names outside, bounds, options
    #[command(after_help = CODEBOOK_AFTER)]
    Codebook(Codebook),
    /// The program's own words in a language, as a file to begin with for words of your own.
    #[command(after_help = WORDS_AFTER)]
    Words(OwnWords),
    /// The texts of a flow for who translates them: out as PO or CSV, back in, and how far they are.
    #[command(after_help = TEXTS_AFTER)]
    Texts(Texts),
    /// List, show, export and delete sessions, of a running server or a stopped one.
    #[command(after_help = SESSIONS_AFTER)]
    Sessions(Sessions),
    /// Effects: what is under way, what is in doubt, and the word that settles it.
    #[command(after_help = EFFECTS_AFTER)]
    Effects(Effects),
    /// What a running server makes of its machine's clock; `confirm`: the clock is right.
    #[command(after_help = CLOCK_AFTER)]
    Clock(Clock),
    /// Show every setting as it holds, and where it came from.
    Settings(ShowSettings),
    /// The other side of the demo flows: accounts, seats and payments on a real database.
    #[cfg(feature = "demo")]
    Demo {
        #[command(subcommand)]
        command: DemoCommand,
    },
}

/// The flags of a server, each a setting.
#[derive(Debug, Default, Args)]
pub(super) struct Flags {
    #[command(flatten)]
    pub(super) common: Common,
    /// Addresses and ports to serve on (port 0 takes a free one), tls: before one for TLS, unix: before
    /// the path of a socket; parted by commas [env: DEITY_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "PLACES")]
    listen: Option<String>,
    /// PEM file of the certificate, then those above it; read again when it changes [env: DEITY_TLS_CERTIFICATE]
    #[arg(long, value_name = "FILE")]
    tls_certificate: Option<String>,
    /// PEM file of the certificate's private key [env: DEITY_TLS_KEY]
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// Rights of the files of Unix sockets; who may connect is believed about X-Forwarded-For
    /// [env: DEITY_SOCKET_MODE] [default: 660]
    #[arg(long, value_name = "OCTAL")]
    socket_mode: Option<String>,
    /// What browsers see before a proxy, such as https://forms.example.org [env: DEITY_ORIGIN]
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
    /// Whom people may ask when something is amiss, such as "Forms desk, 020 7946 0000" [env: DEITY_CONTACT]
    #[arg(long, value_name = "WORDS")]
    contact: Option<String>,
    /// Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8 [env: DEITY_TRUSTED]
    #[arg(long, value_name = "NETWORKS")]
    trusted: Option<String>,
    /// Serve the demo's other side beside: accounts, seats and payments for the flows of phases/
    /// [env: DEITY_DEMO] [default address: 127.0.0.1:8090]
    #[arg(long, value_name = "ADDR:PORT", num_args = 0..=1, require_equals = true, default_missing_value = "127.0.0.1:8090")]
    demo: Option<String>,
    /// Private addresses that effects may call, such as 127.0.0.1:8090 or 10.0.0.0/8 [env: DEITY_CALLEES]
    #[arg(long, value_name = "ADDRESSES")]
    callees: Option<String>,
    /// Directory of the CGI programs that effects may run [env: DEITY_PROGRAMS] [default: ./programs]
    #[arg(long, value_name = "DIR")]
    programs: Option<String>,
    /// Where mail is handed in, such as smtps://user:password@mail.example.org [env: DEITY_SMTP]
    #[arg(long, value_name = "URL")]
    smtp: Option<String>,
    /// Whom mail is from, such as forms@example.org [env: DEITY_MAIL_FROM]
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Room on the disk of the data below which nothing is written [env: DEITY_FREE_SPACE] [default: 64 MiB]
    #[arg(long, value_name = "SIZE")]
    free_space: Option<String>,
    /// Who is told once a day what must be seen to: an e-mail address, an http(s) address, or a program
    /// [env: DEITY_DIGEST]
    #[arg(long, value_name = "WHOM")]
    digest: Option<String>,
    /// auto, off, or brotli's quality from 0 to 11 [env: DEITY_COMPRESSION] [default: auto]
    #[arg(long, value_name = "HOW")]
    compression: Option<String>,
    /// Minutes after which a clock that has leapt by more than an hour is believed, 30 at most
    /// [env: DEITY_CLOCK_MINUTES] [default: 10]
    #[arg(long, value_name = "MINUTES")]
    clock_minutes: Option<String>,
    /// Log lines: off, error, warn, info, debug or trace; by module as in deity::store=debug
    /// [env: DEITY_LOG] [default: info]
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
    /// How log lines look: text, json, or auto (text on a terminal) [env: DEITY_LOG_FORMAT] [default: auto]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

/// The flags of every command that needs a store.
#[derive(Debug, Default, Args)]
pub(super) struct Common {
    /// The settings file [env: DEITY_CONFIG] [default: deity.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Directory of the store; made if missing [env: DEITY_DATA] [default: ./data]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// File of the server's keys, outside of the data and their backups; made if missing
    /// [env: DEITY_KEY_FILE] [default: beside the data directory, its name and .key]
    #[arg(long, value_name = "FILE")]
    key_file: Option<String>,
    /// File of 32 random bytes (or 64 hexadecimal digits) under which the key file is sealed
    /// [env: DEITY_KEY_SECRET] [default: not sealed]
    #[arg(long, value_name = "FILE")]
    key_secret: Option<String>,
}

impl Common {
    /// What these leave open is as `before` has it.
    pub(super) fn or(&mut self, before: Self) {
        self.config = self.config.take().or(before.config);
        self.data = self.data.take().or(before.data);
        self.key_file = self.key_file.take().or(before.key_file);
        self.key_secret = self.key_secret.take().or(before.key_secret);
    }

    pub(super) fn said(&self) -> BTreeMap<&'static str, String> {
        let all = [
            ("data", &self.data),
            ("key-file", &self.key_file),
            ("key-secret", &self.key_secret),
        ];
        all.into_iter()
            .filter_map(|(name, said)| Some((name, said.clone()?)))
            .collect()
    }
}

impl Flags {
    /// What these leave open is as `before` has it.
    pub(super) fn or(&mut self, before: Self) {
        self.common.or(before.common);
        for (own, before) in [
            (&mut self.listen, before.listen),
            (&mut self.tls_certificate, before.tls_certificate),
            (&mut self.tls_key, before.tls_key),
            (&mut self.socket_mode, before.socket_mode),
            (&mut self.origin, before.origin),
            (&mut self.contact, before.contact),
            (&mut self.trusted, before.trusted),
            (&mut self.demo, before.demo),
            (&mut self.callees, before.callees),
            (&mut self.programs, before.programs),
            (&mut self.smtp, before.smtp),
            (&mut self.mail_from, before.mail_from),
            (&mut self.free_space, before.free_space),
            (&mut self.digest, before.digest),
            (&mut self.compression, before.compression),
            (&mut self.clock_minutes, before.clock_minutes),
            (&mut self.log, before.log),
            (&mut self.log_format, before.log_format),
        ] {
            *own = own.take().or(before);
        }
    }

    /// What was said on the command line, by the settings' names.
    pub(super) fn said(&self, phases: Option<&Path>) -> BTreeMap<&'static str, String> {
        let mut said = self.common.said();
        for (name, value) in [
            ("listen", &self.listen),
            ("tls-certificate", &self.tls_certificate),
            ("tls-key", &self.tls_key),
            ("socket-mode", &self.socket_mode),
            ("origin", &self.origin),
            ("contact", &self.contact),
            ("trusted", &self.trusted),
            ("demo", &self.demo),
            ("callees", &self.callees),
            ("programs", &self.programs),
            ("smtp", &self.smtp),
            ("mail-from", &self.mail_from),
            ("free-space", &self.free_space),
            ("digest", &self.digest),
            ("compression", &self.compression),
            ("clock-minutes", &self.clock_minutes),
            ("log", &self.log),
            ("log-format", &self.log_format),
        ] {
            if let Some(value) = value {
                said.insert(name, value.clone());
            }
        }
        if let Some(phases) = phases {
            said.insert("phases", phases.to_string_lossy().into_owned());
        }
        said
    }
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) flags: Flags,
    /// Directory of the flow definitions [env: DEITY_PHASES] [default: ./phases]
    pub(super) phases: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ShowSettings {
    #[command(flatten)]
    pub(super) serve: Serve,
    /// One JSON object per setting
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Also look for what the flows need here: variables, programs, addresses in `callees`, `smtp`
    #[arg(long)]
    pub(super) environment: bool,
    /// Print one JSON object per fault
    #[arg(long)]
    pub(super) json: bool,
    /// A translation that lacks texts, or has stale ones, is a fault
    #[arg(long)]
    pub(super) translated: bool,
    /// Definition files, or directories of them [env: DEITY_PHASES] [default: ./phases]
    #[arg(value_name = "PHASES|FILES")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten, next_help_heading = "What the server is started with")]
    pub(super) flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct Codebook {
    /// The flow: its name, or its file
    pub(super) flow: String,
    /// Directory of the flow definitions [env: DEITY_PHASES] [default: ./phases]
    pub(super) phases: Option<PathBuf>,
    /// One JSON object per value, in place of CSV
    #[arg(long)]
    pub(super) json: bool,
    /// The settings file [env: DEITY_CONFIG] [default: deity.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct OwnWords {
    /// The language, as a tag: cy, pt-BR
    pub(super) tag: String,
}

#[derive(Debug, Args)]
pub(super) struct Sessions {
    #[command(subcommand)]
    pub(super) command: SessionsCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum SessionsCommand {
    /// One line per session
    List {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        filter: FilterFlags,
        /// One JSON object per session
        #[arg(long)]
        json: bool,
    },
    /// One session in full: answers and journal, secrets left out
    Show {
        /// Its reference, such as K7QXA-4MTP2
        reference: String,
        #[command(flatten)]
        common: Common,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// The answers of finished sessions as JSON lines, or as CSV files
    #[command(after_help = EXPORT_AFTER)]
    Export {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        filter: FilterFlags,
        /// Write CSV files into this directory: one for each flow, and one for each of its lists
        #[arg(long, value_name = "DIR")]
        csv: Option<PathBuf>,
        /// CSV for programs: no mark of the encoding, and nothing before what a spreadsheet would run
        #[arg(long, requires = "csv")]
        raw: bool,
    },
    /// Remove a session and its answers, for good
    Delete {
        /// Its reference, such as K7QXA-4MTP2
        reference: String,
        #[command(flatten)]
        common: Common,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// The deleted session as a JSON object
        #[arg(long)]
        json: bool,
    },
}

impl SessionsCommand {
    pub(super) fn common(&mut self) -> &mut Common {
        match self {
            Self::List { common, .. }
            | Self::Show { common, .. }
            | Self::Export { common, .. }
            | Self::Delete { common, .. } => common,
        }
    }
}

#[cfg(feature = "demo")]
#[derive(Debug, Subcommand)]
pub(super) enum DemoCommand {
    /// Serve the ledger and its pay page over HTTP, or answer as a CGI program
    #[command(after_help = LEDGER_AFTER)]
    Ledger(LedgerFlags),
    /// Print what stands in a ledger, and whether it adds up
    #[command(after_help = AUDIT_AFTER)]
    Audit(AuditFlags),
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(super) struct LedgerFlags {
    /// Address and port to serve on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8090")]
    pub(super) listen: std::net::SocketAddr,
    /// The database; made if missing
    #[arg(long, value_name = "FILE", default_value = "ledger.sqlite")]
    pub(super) file: PathBuf,
    /// What callbacks are signed with
    #[arg(long, value_name = "WORD", default_value = "demo")]
    pub(super) secret: String,
    /// Misbehave as servers on networks do, for tests
    #[arg(long, value_name = "SEED", hide = true)]
    pub(super) moods: Option<u64>,
}

#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub(super) struct AuditFlags {
    /// The database
    #[arg(long, value_name = "FILE", default_value = "ledger.sqlite")]
    pub(super) file: PathBuf,
    /// One JSON object
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Clock {
    #[command(flatten)]
    pub(super) common: Common,
    /// The clock is right, though it has leapt
    #[arg(value_enum)]
    pub(super) word: Option<ClockWord>,
    /// One JSON object
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ClockWord {
    /// It is right
    Confirm,
}

#[derive(Debug, Args)]
pub(super) struct FilterFlags {
    /// Of this flow only
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// In this state only
    #[arg(long, value_name = "STATUS", alias = "state")]
    status: Option<StatusFlag>,
    /// No more than so many
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

impl FilterFlags {
    pub(super) fn filter(&self) -> Filter {
        Filter {
            flow: self.flow.clone(),
            status: self.status.map(StatusFlag::status),
            limit: self.limit,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StatusFlag {
    /// Being filled in
    Live,
    /// Reached an end screen
    Ended,
    /// Given up by the person
    Cancelled,
    /// Ran out of time
    Expired,
    /// Ran out of time behind a seal: look at it
    Unfinished,
    /// Its answers were dropped
    Forgotten,
}

impl StatusFlag {
    fn status(self) -> Status {
        match self {
            Self::Live => Status::Live,
            Self::Ended => Status::Ended,
            Self::Cancelled => Status::Cancelled,
            Self::Expired => Status::Expired,
            Self::Unfinished => Status::Unfinished,
            Self::Forgotten => Status::Forgotten,
        }
    }
}
