//! Settings: what an operator may set, and from where each value came.
//!
//! Owns the table of settings ([`KEYS`] and the limits), their one precedence (flag, environment,
//! file, default) and every fault in them, told all at once. Pure: what stands on the command
//! line, in the environment and in the file comes in as text. Must not know what the settings do.

mod file;
mod limits;
mod listening;
mod logging;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::effect::allowed::Allowed;
use crate::effect::mail::Smtp;
use crate::http::{self, Files, Place, Quality, Trusted};

pub use file::File;
use listening::{mode, pair, places};
pub use logging::LogFormat;

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
    pub listen: Vec<Place>,
    /// The certificate for places with TLS.
    pub tls: Option<Files>,
    /// The rights of the files of Unix sockets.
    pub socket_mode: u32,
    /// The directory of the store.
    pub data: PathBuf,
    /// Free bytes on the disk of the data below which nothing is written.
    pub free_space: u64,
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
        let mut faults = said.file.faults.clone();
        let mut effective = Vec::new();
        let listen = value(said, "listen", &mut effective, &mut faults, places);
        let data = value(said, "data", &mut effective, &mut faults, directory);
        let free_space = value(said, "free-space", &mut effective, &mut faults, free_space);
        let phases = value(said, "phases", &mut effective, &mut faults, directory);
        let origin = value(said, "origin", &mut effective, &mut faults, origin);
        let contact = value(said, "contact", &mut effective, &mut faults, maybe(contact));
        let trusted = value(said, "trusted", &mut effective, &mut faults, trusted);
        let certificate = value(said, "tls-certificate", &mut effective, &mut faults, file_path);
        let key = value(said, "tls-key", &mut effective, &mut faults, file_path);
        let socket_mode = value(said, "socket-mode", &mut effective, &mut faults, mode);
        let quality = value(said, "compression", &mut effective, &mut faults, compression);
        let callees = value(said, "callees", &mut effective, &mut faults, str::parse::<Allowed>);
        let programs = value(said, "programs", &mut effective, &mut faults, directory);
        let smtp = value(said, "smtp", &mut effective, &mut faults, maybe(str::parse::<Smtp>));
        let mail_from = value(said, "mail-from", &mut effective, &mut faults, maybe(address));
        let demo = value(said, "demo", &mut effective, &mut faults, maybe(self::listen));
        // A password is not for everybody who may look at settings.
        for setting in effective.iter_mut().filter(|setting| setting.name == "smtp") {
            setting.value = hidden(&setting.value);
        }
        let clock = value(said, "clock-minutes", &mut effective, &mut faults, minutes);
        let log = value(said, "log", &mut effective, &mut faults, logging::log);
        let log_format = value(said, "log-format", &mut effective, &mut faults, logging::format);
        let limits = limits::resolve(&said.file, &mut effective, &mut faults);
        let secure = listen.iter().flatten().any(Place::tls);
        let local = listen.iter().flatten().all(Place::is_local);
        let tls = pair(secure, certificate.flatten(), key.flatten()).unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
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
                phases: phases?,
                contact: contact?,
                callees: callees?,
                programs: programs?,
                smtp: smtp?,
                mail_from: mail_from?,
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

/// The value of one setting: from the strongest who said something.
fn value<T>(
    said: &Said,
    name: &'static str,
    effective: &mut Vec<Effective>,
    faults: &mut Vec<Fault>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let key = KEYS.iter().find(|key| key.name == name)?;
    let (text, origin, place, line) = if let Some(text) = said.flags.get(name) {
        (text.as_str(), Origin::Flag, format!("--{name}"), 0)
    } else if let Some(text) = said.environment.get(key.env) {
        (
            text.as_str(),
            Origin::Environment(key.env.to_owned()),
            key.env.to_owned(),
            0,
        )
    } else if let Some(entry) = said.file.entries.get(name) {
        (
            entry.text.as_str(),
            said.file.origin(entry),
            said.file.place(entry),
            entry.line,
        )
    } else {
        (key.default, Origin::Default, name.to_owned(), 0)
    };
    match read(text) {
        Ok(value) => {
            effective.push(Effective {
                name: name.to_owned(),
                value: text.to_owned(),
                origin,
            });
            Some(value)
        }
        Err(help) => {
            faults.push(Fault {
                place,
                line,
                message: format!("`{text}` is no value for `{name}`"),
                help: Some(help),
            });
            None
        }
    }
}

/// One address and port.
fn listen(text: &str) -> Result<SocketAddr, String> {
    let place = text.parse::<Place>().ok().filter(|place| !place.tls());
    place
        .and_then(|place| place.address())
        .ok_or_else(|| "enter an address and a port, such as 127.0.0.1:8090 or [::1]:8090".to_owned())
}

/// Nothing, or what it reads as.
fn maybe<T>(read: impl Fn(&str) -> Result<T, String>) -> impl Fn(&str) -> Result<Option<T>, String> {
    move |text| (!text.is_empty()).then(|| read(text)).transpose()
}

/// A few words that fit into any page.
fn contact(text: &str) -> Result<String, String> {
    if text.chars().count() <= CONTACT_CHARS && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(format!("enter one line of at most {CONTACT_CHARS} characters"))
    }
}

fn address(text: &str) -> Result<String, String> {
    let at = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if at {
        Ok(text.to_owned())
    } else {
        Err("enter an e-mail address, such as forms@example.org".to_owned())
    }
}

/// A URL without its password.
fn hidden(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:...@{host}")
        }
        None => url.to_owned(),
    }
}

fn file_path(text: &str) -> Result<Option<PathBuf>, String> {
    maybe(|text| Ok(PathBuf::from(text)))(text)
}

fn free_space(text: &str) -> Result<u64, String> {
    let bytes = limits::bytes(text).and_then(|bytes| u64::try_from(bytes).ok());
    bytes.ok_or_else(|| "enter a size from 1, such as \"64 MiB\"".to_owned())
}

/// Beyond this it would be unclear which times were written meanwhile.
fn minutes(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(minutes @ 0..=30) => Ok(Duration::from_mins(minutes)),
        _ => Err("enter a number of minutes from 0 to 30".to_owned()),
    }
}

fn directory(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("enter the path of a directory".to_owned());
    }
    Ok(PathBuf::from(text))
}

fn origin(text: &str) -> Result<Option<http::Origin>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some)
}

fn trusted(text: &str) -> Result<Trusted, String> {
    let networks = text.split([',', ' ']).filter(|part| !part.is_empty());
    let read = networks.map(|part| {
        // A bare address is a network of one.
        part.parse()
            .or_else(|_| part.parse::<std::net::IpAddr>().map(Into::into))
    });
    read.collect::<Result<_, _>>()
        .map(Trusted)
        .map_err(|_| "enter addresses or networks, such as 127.0.0.1 or 10.0.0.0/8, parted by commas".to_owned())
}

fn compression(text: &str) -> Result<Quality, String> {
    match (text, text.parse()) {
        ("auto", _) => Ok(Quality::Auto),
        ("off", _) => Ok(Quality::Off),
        (_, Ok(quality @ 0..=11)) => Ok(Quality::Fixed(quality)),
        _ => Err("enter auto, off, or a number from 0 to 11".to_owned()),
    }
}

#[cfg(test)]
mod tests;
