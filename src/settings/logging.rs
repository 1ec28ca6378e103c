//! Which log lines are written, and how they look.
//!
//! Owns the reading of `log` and `log-format`. Must not know who writes them.

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Levels, alone or behind a module: `info,deity::store=debug`. A word that is no level would
/// quietly be taken for a module, and everything else be silent.
pub(super) fn log(text: &str) -> Result<String, String> {
    let level = |word: &str| LEVELS.contains(&word.to_ascii_lowercase().as_str());
    let module = |word: &str| {
        let part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        word.split("::").all(part)
    };
    let good = |part: &str| match part.split_once('=') {
        Some((name, word)) => module(name) && level(word),
        None => level(part),
    };
    if text.split(',').map(str::trim).all(good) {
        Ok(text.split(',').map(str::trim).collect::<Vec<_>>().join(","))
    } else {
        Err("enter off, error, warn, info, debug or trace, or modules as in info,deity::store=debug".to_owned())
    }
}

pub(super) fn format(text: &str) -> Result<LogFormat, String> {
    match text {
        "auto" => Ok(LogFormat::Auto),
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("enter text, json or auto".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::log;

    #[test]
    fn only_levels_are_levels() {
        for good in [
            "info",
            "off",
            "WARN",
            "info,deity::store=debug",
            "info, deity=trace",
            "my-crate=error",
        ] {
            assert!(log(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "loud",
            "verbose",
            "info,loud",
            "deity",
            "deity=loud",
            "=info",
            "info=",
            "a b=info",
            "info,",
            "5",
        ] {
            assert!(log(bad).is_err_and(|why| why.contains("debug or trace")), "{bad}");
        }
    }
}
