//! Log lines: to stderr, text on a terminal and JSON elsewhere.
//!
//! Owns the set-up of logging and what a panic says. No answer and no id is ever logged: spans
//! and fields carry references, and a panic's own words, which may quote an answer, are left out.

use std::io::{self, IsTerminal as _, Write};

use tracing_subscriber::EnvFilter;

use super::Failure;
use super::says::Paint;
use crate::settings::{LogFormat, Settings};

/// Starts logging; once per process. Whether the lines are JSON.
pub(super) fn start(settings: &Settings) -> Result<bool, Failure> {
    let filter = EnvFilter::try_new(&settings.log).map_err(|why| {
        Failure::new(format!("`{}` is no value for `log`: {why}", settings.log))
            .help("enter off, error, warn, info, debug or trace, or modules as in info,deity::store=debug")
            .usage()
    })?;
    let json = match settings.log_format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !io::stderr().is_terminal(),
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(Paint::of_stderr().on())
        .with_writer(|| Stderr);
    // Already started means that a test did so in this process: its lines are as good.
    let _started = if json {
        lines.json().flatten_event(true).try_init()
    } else {
        lines.try_init()
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        if place.contains("/sled-") {
            // It panics where the disk or its files are not well; the store says what that means.
            tracing::error!(place, "sled gave up");
        } else {
            tracing::error!(place, "a bug in Deity: this request was given up, others go on");
        }
    }));
    Ok(json)
}

/// Stderr, of which nobody may be left to read. A log line that cannot be written must not end a
/// server; tracing would panic over it.
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _unread = io::stderr().lock().write_all(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
