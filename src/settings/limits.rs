//! The `[limits]` of the settings file: the bounds of the HTTP server.
//!
//! Owns which of them may be set and how sizes and times are written. Must not know who keeps
//! them.

use std::time::Duration;

use super::{Effective, Fault, File, Origin};
use crate::limits::{Fixed, Http};

/// One limit: where it is held, and in what.
enum Slot<'a> {
    /// A number of things.
    Count(&'a mut usize),
    /// A number of bytes.
    Bytes(&'a mut usize),
    /// A time.
    Time(&'a mut Duration),
}

/// Every limit by its name in the file.
fn slots(http: &mut Http) -> Vec<(&'static str, Slot<'_>)> {
    vec![
        ("connections", Slot::Count(&mut http.connections)),
        ("in-flight", Slot::Count(&mut http.in_flight)),
        ("queue-wait", Slot::Time(&mut http.queue_wait)),
        ("target-bytes", Slot::Bytes(&mut http.target_bytes)),
        ("headers", Slot::Count(&mut http.headers)),
        ("header-bytes", Slot::Bytes(&mut http.header_bytes)),
        ("body-bytes", Slot::Bytes(&mut http.body_bytes)),
        ("bodies-bytes", Slot::Bytes(&mut http.bodies_bytes)),
        ("fields", Slot::Count(&mut http.fields)),
        ("name-bytes", Slot::Bytes(&mut http.name_bytes)),
        ("header-time", Slot::Time(&mut http.header_time)),
        ("body-time", Slot::Time(&mut http.body_time)),
        ("handler-time", Slot::Time(&mut http.handler_time)),
        ("write-time", Slot::Time(&mut http.write_time)),
        ("idle-time", Slot::Time(&mut http.idle_time)),
        ("requests", Slot::Count(&mut http.requests)),
        ("handshake-time", Slot::Time(&mut http.handshake_time)),
        ("tls-sessions", Slot::Count(&mut http.tls_sessions)),
        ("early-bytes", Slot::Bytes(&mut http.early_bytes)),
        ("streams", Slot::Count(&mut http.streams)),
        ("resets", Slot::Count(&mut http.resets)),
        ("window-bytes", Slot::Bytes(&mut http.window_bytes)),
        ("drain-time", Slot::Time(&mut http.drain_time)),
    ]
}

/// The names of all limits.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    slots(&mut Http::default())
        .into_iter()
        .map(|(name, _)| name)
        .collect::<Vec<_>>()
        .into_iter()
}

/// The limits that hold, each noted in `effective`.
pub(super) fn resolve(file: &File, effective: &mut Vec<Effective>, faults: &mut Vec<Fault>) -> Http {
    let mut http = Http {
        fixed: Fixed {
            body_bytes: file.entries.contains_key("limits.body-bytes"),
            fields: file.entries.contains_key("limits.fields"),
        },
        ..Http::default()
    };
    for (name, mut slot) in slots(&mut http) {
        let name = format!("limits.{name}");
        let mut origin = Origin::Default;
        if let Some(entry) = file.entries.get(&name) {
            origin = file.origin(entry);
            if let Err(help) = slot.set(&entry.text) {
                faults.push(Fault {
                    place: file.place(entry),
                    line: entry.line,
                    message: format!("`{}` is no value for `{name}`", entry.text),
                    help: Some(help),
                });
                continue;
            }
        }
        effective.push(Effective {
            value: slot.shown(),
            name,
            origin,
        });
    }
    http
}

impl Slot<'_> {
    fn set(&mut self, text: &str) -> Result<(), String> {
        match self {
            Self::Count(held) => **held = count(text).ok_or("enter a whole number from 1, such as 200")?,
            Self::Bytes(held) => {
                **held = bytes(text).ok_or("enter a size from 1, such as 4096, \"64 KiB\" or \"1 MiB\"")?;
            }
            Self::Time(held) => **held = time(text).ok_or("enter a time, such as \"10s\", \"1m 30s\" or \"500ms\"")?,
        }
        Ok(())
    }

    fn shown(&self) -> String {
        match self {
            Self::Bytes(held) if **held % (1 << 20) == 0 => format!("{} MiB", **held >> 20),
            Self::Bytes(held) if **held % 1024 == 0 => format!("{} KiB", **held / 1024),
            Self::Count(held) | Self::Bytes(held) => held.to_string(),
            Self::Time(held) if held.subsec_millis() != 0 => format!("{}ms", held.as_millis()),
            Self::Time(held) => format!("{}s", held.as_secs()),
        }
    }
}

fn count(text: &str) -> Option<usize> {
    text.parse().ok().filter(|n| *n > 0)
}

pub(super) fn bytes(text: &str) -> Option<usize> {
    let (number, unit) = match text.split_once("KiB").or_else(|| text.split_once("kib")) {
        Some((number, "")) => (number, 1 << 10),
        _ => match text.split_once("MiB").or_else(|| text.split_once("mib")) {
            Some((number, "")) => (number, 1 << 20),
            _ => (text, 1),
        },
    };
    count(number.trim())?.checked_mul(unit)
}

/// A bare number is no time: seconds or milliseconds would be a guess.
fn time(text: &str) -> Option<Duration> {
    let time: jiff::SignedDuration = text.parse().ok()?;
    Duration::try_from(time).ok().filter(|time| !time.is_zero())
}
