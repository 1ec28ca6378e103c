//! Reading settings: the value of each from the strongest who said something, and every fault.
//!
//! Owns the one way to a value, and the readers that stand in no file of their own. Must not know what a
//! value does.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::{CONTACT_CHARS, Effective, Fault, KEYS, Origin, Said, limits};
use crate::http::{Endpoint, Quality, Trusted};

/// All settings on their way from what was said.
pub(super) struct Reading<'a> {
    pub(super) said: &'a Said,
    pub(super) effective: Vec<Effective>,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(said: &'a Said) -> Self {
        Self {
            said,
            effective: Vec::new(),
            faults: said.file.faults.clone(),
        }
    }

    /// Mail is to be sent, and perhaps `nobody` sends any here.
    pub(super) fn mails(&mut self, nobody: bool) {
        if nobody {
            self.faults.push(Fault {
                place: "digest".to_owned(),
                line: 0,
                message: "`digest` is an e-mail address, and nobody sends mail here".to_owned(),
                help: Some("set `smtp` and `mail-from`, or name an http(s) address or a program".to_owned()),
            });
        }
    }

    /// What is secret in a setting is not for everybody who may look at settings.
    pub(super) fn hide(&mut self, name: &str, hidden: impl Fn(&str) -> String) {
        for setting in self.effective.iter_mut().filter(|setting| setting.name == name) {
            setting.value = hidden(&setting.value);
        }
    }

    /// What was read of several settings together; what is wrong with it is told with the rest.
    pub(super) fn or_fault<T>(&mut self, read: Result<Option<T>, Fault>) -> Option<T> {
        read.unwrap_or_else(|fault| {
            self.faults.push(fault);
            None
        })
    }

    /// The value of one setting: from the strongest who said something.
    pub(super) fn value<T>(&mut self, name: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let (said, effective, faults) = (self.said, &mut self.effective, &mut self.faults);
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
}

/// Nothing where it is not set, else what it reads as.
pub(super) fn maybe<T>(read: impl Fn(&str) -> Result<T, String>) -> impl Fn(&str) -> Result<Option<T>, String> {
    move |text| match text {
        "" => Ok(None),
        text => read(text).map(Some),
    }
}

/// One address and port.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    let endpoint = text.parse::<Endpoint>().ok().filter(|endpoint| !endpoint.tls());
    endpoint
        .and_then(|endpoint| endpoint.address())
        .ok_or_else(|| "enter an address and a port, such as 127.0.0.1:8090 or [::1]:8090".to_owned())
}

/// A few words that fit into any page.
pub(super) fn contact(text: &str) -> Result<String, String> {
    if text.chars().count() <= CONTACT_CHARS && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(format!("enter one line of at most {CONTACT_CHARS} characters"))
    }
}

pub(super) fn address(text: &str) -> Result<String, String> {
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
pub(super) fn hidden(url: &str) -> String {
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

pub(super) fn directory(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("enter the path of a directory".to_owned());
    }
    Ok(PathBuf::from(text))
}

pub(super) fn trusted(text: &str) -> Result<Trusted, String> {
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

pub(super) fn compression(text: &str) -> Result<Quality, String> {
    match (text, text.parse()) {
        ("auto", _) => Ok(Quality::Auto),
        ("off", _) => Ok(Quality::Off),
        (_, Ok(quality @ 0..=11)) => Ok(Quality::Fixed(quality)),
        _ => Err("enter auto, off, or a number from 0 to 11".to_owned()),
    }
}

/// An address without what may be secret in its path and query.
pub(super) fn short(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) if rest.contains(['/', '?']) => {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            format!("{scheme}://{host}/...")
        }
        _ => url.to_owned(),
    }
}

pub(super) fn free_space(text: &str) -> Result<u64, String> {
    let bytes = limits::bytes(text).and_then(|bytes| u64::try_from(bytes).ok());
    bytes.ok_or_else(|| "enter a size from 1, such as \"64 MiB\"".to_owned())
}

/// Beyond this it would be unclear which times were written meanwhile.
pub(super) fn minutes(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(minutes @ 0..=30) => Ok(Duration::from_mins(minutes)),
        _ => Err("enter a number of minutes from 0 to 30".to_owned()),
    }
}
