//! Settings: what an operator may set, and from where each value came.
//!
//! Owns the table of settings ([`KEYS`] and the limits), their one precedence (flag, environment,
//! file, default) and every fault in them, told all at once. Pure: what stands on the command
//! line, in the environment and in the file comes in as text. Must not know what the settings do.

mod file;
mod keys;
mod limits;
mod listening;
mod logging;
mod reading;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::effect::Whom;
use crate::effect::allowed::Allowed;
use crate::effect::mail::Smtp;
use crate::http::{self, Endpoint, Files};

pub use file::File;
pub use keys::KeyFiles;
use listening::{endpoints, mode, pair};
pub use logging::LogFormat;
use reading::{Reading, directory, maybe};

/// A setting that has a flag and a variable of its own.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// In the file, and after `--` as a flag.
    pub name: &'static str,
    /// In the environment.
    pub env: &'static str,
    /// What holds where nobody says anything; empty is "not set".
    pub default: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
}

/// Every setting but the limits.
pub const KEYS: &[Key] = &[
    Key {
        name: "listen",
        env: "DEITY_LISTEN",
        default: "127.0.0.1:8080",
        help: "addresses and ports to serve on (port 0 takes a free one), tls: before one for TLS, unix: before the path \
               of a socket; parted by commas",
    },
    Key {
        name: "data",
        env: "DEITY_DATA",
        default: "./data",
        help: "directory of the store; made if missing",
    },
    Key {
        name: "free-space",
        env: "DEITY_FREE_SPACE",
        default: "64 MiB",
        help: "room on the disk of the data below which nothing is written; pages are still shown",
    },
    Key {
        name: "key-file",
        env: "DEITY_KEY_FILE",
        default: "",
        help: "file of the server's keys, outside of the data and their backups; made if missing; default: beside the \
               data directory, its name and .key",
    },
    Key {
        name: "key-secret",
        env: "DEITY_KEY_SECRET",
        default: "",
        help: "file of 32 random bytes, or 64 hexadecimal digits, under which the key file is sealed",
    },
    Key {
        name: "phases",
        env: "DEITY_PHASES",
        default: "./phases",
        help: "directory of the flow definitions",
    },
    Key {
        name: "origin",
        env: "DEITY_ORIGIN",
        default: "",
        help: "what browsers see before a proxy, such as https://forms.example.org, or https://example.org/forms where \
               the proxy takes /forms away",
    },
    Key {
        name: "contact",
        env: "DEITY_CONTACT",
        default: "",
        help: "whom people may ask when something is amiss, in a few words, such as Forms desk, 020 7946 0000",
    },
    Key {
        name: "trusted",
        env: "DEITY_TRUSTED",
        default: "",
        help: "networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8",
    },
    Key {
        name: "tls-certificate",
        env: "DEITY_TLS_CERTIFICATE",
        default: "",
        help: "PEM file of the certificate, its own first, then those above it; read again when it changes",
    },
    Key {
        name: "tls-key",
        env: "DEITY_TLS_KEY",
        default: "",
        help: "PEM file of the certificate's private key",
    },
    Key {
        name: "socket-mode",
        env: "DEITY_SOCKET_MODE",
        default: "660",
        help: "rights of the files of Unix sockets; who may connect is believed about X-Forwarded-For",
    },
    Key {
        name: "compression",
        env: "DEITY_COMPRESSION",
        default: "auto",
        help: "auto (small pages, quick ones under load), off, or brotli's quality from 0 to 11",
    },
    Key {
        name: "callees",
        env: "DEITY_CALLEES",
        default: "",
        help: "private addresses that effects may call, such as 127.0.0.1:8090, 10.0.0.0/8 or ledger.internal",
    },
    Key {
        name: "programs",
        env: "DEITY_PROGRAMS",
        default: "./programs",
        help: "directory of the CGI programs that effects may run",
    },
    Key {
        name: "smtp",
        env: "DEITY_SMTP",
        default: "",
        help: "where mail is handed in, such as smtps://user:password@mail.example.org",
    },
    Key {
        name: "mail-from",
        env: "DEITY_MAIL_FROM",
        default: "",
        help: "whom mail is from, such as forms@example.org",
    },
    Key {
        name: "digest",
        env: "DEITY_DIGEST",
        default: "",
        help: "who is told once a day what must be seen to: an e-mail address, an http(s) address, or a program",
    },
    Key {
        name: "demo",
        env: "DEITY_DEMO",
        default: "",
        help: "address of the demo's other side, served beside; with the flag alone 127.0.0.1:8090",
    },
    Key {
        name: "clock-minutes",
        env: "DEITY_CLOCK_MINUTES",
        default: "10",
        help: "minutes after which a clock that has leapt by more than an hour is believed, 30 at most",
    },
    Key {
        name: "log",
        env: "DEITY_LOG",
        default: "info",
        help: "off, error, warn, info, debug or trace; by module as in deity::store=debug",
    },
    Key {
        name: "log-format",
        env: "DEITY_LOG_FORMAT",
        default: "auto",
        help: "text, json, or auto: text on a terminal, JSON lines elsewhere",
    },
];

/// Characters of `contact`.
const CONTACT_CHARS: usize = 200;

/// Where a value came from, the strongest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// A variable of the environment.
    Environment(String),
    /// A line of the settings file.
    File {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(name) => write!(f, "environment, {name}"),
            Self::File { path, line } => write!(f, "file, {path}:{line}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One setting as it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Its name; `limits.` before a limit.
    pub name: String,
    /// Its value, as it would be written in the file.
    pub value: String,
    /// Where that came from.
    pub origin: Origin,
}

/// What is wrong with a setting, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands, such as `deity.toml:3:1` or `--listen`.
    pub place: String,
    /// The line of the file, by which faults are sorted; 0 outside of the file.
    pub line: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// All settings, as they hold.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to serve; at least one place.
    pub listen: Vec<Endpoint>,
    /// The certificate for places with TLS.
    pub tls: Option<Files>,
    /// The rights of the files of Unix sockets.
    pub socket_mode: u32,
    /// The directory of the store.
    pub data: PathBuf,
    /// Free bytes on the disk of the data below which nothing is written.
    pub free_space: u64,
    /// Where the server's keys stand.
    pub keys: KeyFiles,
    /// The directory of the definitions.
    pub phases: PathBuf,
    /// Whom people may ask.
    pub contact: Option<String>,
    /// The private addresses that effects may call.
    pub callees: Allowed,
    /// The directory of CGI programs.
    pub programs: PathBuf,
    /// Where mail is handed in.
    pub smtp: Option<Smtp>,
    /// Whom mail is from.
    pub mail_from: Option<String>,
    /// Who is told once a day what must be seen to.
    pub digest: Option<Whom>,
    /// Where the demo's other side is served.
    pub demo: Option<SocketAddr>,
    /// After how long a clock that has leapt is believed.
    pub clock: Duration,
    /// Which log lines are written.
    pub log: String,
    /// How they look.
    pub log_format: LogFormat,
    /// The HTTP server's own.
    pub http: http::Settings,
    /// Each of them with where it came from, in the order of the table.
    pub effective: Vec<Effective>,
}

/// What was said, by whom.
#[derive(Debug, Default)]
pub struct Said {
    /// On the command line, by the names of [`KEYS`].
    pub flags: BTreeMap<&'static str, String>,
    /// In the environment, by the variables' names.
    pub environment: BTreeMap<String, String>,
    /// In the file.
    pub file: File,
}

impl Settings {
    /// The settings that hold; or everything that is wrong with them.
    pub fn resolve(said: &Said) -> Result<Self, Vec<Fault>> {
        let mut from = Reading::of(said);
        let listen = from.value("listen", endpoints);
        let data = from.value("data", directory);
        let keys = keys::resolve(&mut from, data.as_deref());
        let free_space = from.value("free-space", reading::free_space);
        let phases = from.value("phases", directory);
        let origin = from.value("origin", maybe(str::parse::<http::Origin>));
        let contact = from.value("contact", maybe(reading::contact));
        let trusted = from.value("trusted", reading::trusted);
        let path = |text: &str| Ok(PathBuf::from(text));
        let [certificate, key] = ["tls-certificate", "tls-key"].map(|name| from.value(name, maybe(path)));
        let socket_mode = from.value("socket-mode", mode);
        let quality = from.value("compression", reading::compression);
        let callees = from.value("callees", str::parse::<Allowed>);
        let programs = from.value("programs", directory);
        let smtp = from.value("smtp", maybe(str::parse::<Smtp>));
        let mail_from = from.value("mail-from", maybe(reading::address));
        let digest = from.value("digest", maybe(str::parse::<Whom>));
        let demo = from.value("demo", maybe(reading::listen));
        let clock = from.value("clock-minutes", reading::minutes);
        let log = from.value("log", logging::log);
        let log_format = from.value("log-format", logging::format);
        let limits = limits::resolve(&said.file, &mut from.effective, &mut from.faults);
        let secure = listen.iter().flatten().any(Endpoint::tls);
        let local = listen.iter().flatten().all(Endpoint::is_local);
        let tls = pair(secure, certificate.flatten(), key.flatten());
        let tls = from.or_fault(tls);
        let by_mail = digest.iter().flatten().any(|whom| matches!(whom, Whom::Mail(_)));
        from.mails(by_mail && !matches!((&smtp, &mail_from), (Some(Some(_)), Some(Some(_)))));
        from.hide("smtp", reading::hidden);
        from.hide("digest", reading::short);
        let Reading {
            effective, mut faults, ..
        } = from;
        faults.sort_by_key(|fault| fault.line);
        if !faults.is_empty() {
            return Err(faults);
        }
        let resolved = || {
            Some(Self {
                listen: listen?,
                tls,
                socket_mode: socket_mode?,
                data: data?,
                free_space: free_space?,
                keys: keys?,
                phases: phases?,
                contact: contact?,
                callees: callees?,
                programs: programs?,
                smtp: smtp?,
                mail_from: mail_from?,
                digest: digest?,
                demo: demo?,
                clock: clock?,
                log: log?,
                log_format: log_format?,
                http: http::Settings {
                    origin: origin?,
                    local,
                    trusted: trusted?,
                    limits,
                    quality: quality?,
                },
                effective,
            })
        };
        resolved().ok_or_else(Vec::new)
    }
}

#[cfg(test)]
mod tests;
