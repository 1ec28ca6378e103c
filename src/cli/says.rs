//! How things are printed: colours on a terminal only, and no panic when the reader has gone.
//!
//! Owns styles and the one way to stdout. Must not know what is said.

use std::io::{self, IsTerminal as _, Write as _};

use super::Failure;

/// Colours, or none: not a terminal, `NO_COLOR`, or a dumb one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(bool);

impl Paint {
    pub(super) fn of_stdout() -> Self {
        Self(io::stdout().is_terminal() && wanted())
    }

    pub(super) fn of_stderr() -> Self {
        Self(io::stderr().is_terminal() && wanted())
    }

    pub(super) fn on(self) -> bool {
        self.0
    }

    pub(super) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

fn wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Prints a line to stdout. A reader that has gone (`| head`) ends the program quietly.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}") {
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Err(Failure::gone()),
        written => Ok(written?),
    }
}

/// Prints a line to stderr, beside what was asked for. That nobody reads it stops nothing.
pub(super) fn aside(text: &str) {
    part(&format!("{text}\n"));
}

/// The same without an end of the line: a question, or progress.
pub(super) fn part(text: &str) {
    let _unread = io::stderr().lock().write_all(text.as_bytes());
}

/// Text of somebody else for a terminal: no control characters, so that a typed answer cannot
/// move the cursor, and no marks of direction, so that it cannot be shown in another order.
pub(super) fn tame(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Whether it turns the direction of what is beside it, or breaks a line: `Bidi_Control` of Unicode,
/// and its separators.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_somebody_else_moves_the_cursor_or_turns_the_line() {
        for bad in [
            '\u{1b}', '\u{7f}', '\u{9b}', '\u{61c}', '\u{200f}', '\u{2028}', '\u{202e}', '\u{2066}', '\u{2069}',
        ] {
            assert_eq!(tame(&format!("a{bad}b")), "a\u{fffd}b", "{bad:?}");
        }
        assert_eq!(tame("שלום, Zürich №7 …"), "שלום, Zürich №7 …");
    }
}
