//! Cells of CSV that no spreadsheet runs.
//!
//! Owns how a row is written (RFC 4180), what a spreadsheet would take for a formula, and how that is kept from it.
//! Must not know what stands in a table.

use std::borrow::Cow;

/// So that a spreadsheet reads the file as UTF-8.
pub const MARK: &str = "\u{feff}";

/// A text that no spreadsheet runs.
pub fn safe(text: &str) -> Cow<'_, str> {
    if is_run(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The same, so that [`unkept`] gives back what it was.
pub fn kept(text: &str) -> Cow<'_, str> {
    if is_run(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What stood in a cell before [`kept`].
pub fn unkept(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_run(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

/// Whether a spreadsheet would take a text for a formula, or run it.
fn is_run(text: &str) -> bool {
    let begins = |c: &char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n' | '\0'
        )
    };
    let first = text.chars().find(|c| begins(c) || !c.is_whitespace());
    first.is_some_and(|first| begins(&first))
}

/// A line of cells.
pub fn line<'a>(cells: impl Iterator<Item = Cow<'a, str>>) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let cells: Vec<Cow<'_, str>> = cells.collect();
    // Nothing fails in memory.
    let written = writer.write_record(cells.iter().map(|cell| cell.as_bytes()));
    let bytes = written.ok().and_then(|()| writer.into_inner().ok());
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_known() {
        for text in ["=1", "+44", "-1", "@x", "  =1", "\t1", "\r1", "＝1", "\u{a0}=1", "\0"] {
            assert!(is_run(text), "{text:?}");
        }
        for text in ["", "a=1", "1-2", "Ada", "  Ada", "'=1"] {
            assert!(!is_run(text), "{text:?}");
        }
    }

    #[test]
    fn what_was_kept_from_a_spreadsheet_comes_back() {
        for text in [
            "", "a", "'", "'a", "=1", "'=1", "''=1", " '=1", "\t", "＝1", "' =1", "'\n",
        ] {
            let cell = kept(text);
            assert!(!is_run(&cell), "{text:?}");
            assert_eq!(unkept(&cell), text);
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cells = ["a", "b,c", "say \"x\"", "two\nlines", " x"].map(Cow::Borrowed);
        assert_eq!(
            line(cells.into_iter()),
            "a,\"b,c\",\"say \"\"x\"\"\",\"two\nlines\", x\r\n"
        );
    }
}
