//! A text as TOML writes it.
//!
//! Owns that it can be read and that it reads back the same. Must not know what it says.

use std::fmt::Write as _;

/// A string of TOML: several lines between `"""`, quotes and backslashes without marks before them where they can.
pub(super) fn string(text: &str) -> String {
    let plain = |text: &str| !text.chars().any(char::is_control);
    let lines = text.replace('\n', "");
    if text.contains('\n') && !lines.contains('\r') {
        let mut escaped = escaped(text, true).replace("\"\"\"", "\"\"\\\"");
        if escaped.ends_with('"') {
            escaped.pop();
            escaped.push_str("\\\"");
        }
        return format!("\"\"\"\n{escaped}\"\"\"");
    }
    if text.contains(['"', '\\']) && !text.contains('\'') && plain(text) {
        return format!("'{text}'");
    }
    format!("\"{}\"", escaped(text, false))
}

fn escaped(text: &str, lines: bool) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => written.push_str("\\\\"),
            '"' if !lines => written.push_str("\\\""),
            '\n' if !lines => written.push_str("\\n"),
            '\n' => written.push(c),
            '\t' if lines => written.push(c),
            '\t' => written.push_str("\\t"),
            '\r' => written.push_str("\\r"),
            c if c.is_control() => {
                // A string takes whatever is written into it.
                let _ = write!(written, "\\u{:04X}", u32::from(c));
            }
            c => written.push(c),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_reads_back_as_it_was() {
        for (text, want) in [
            ("Rhent", "\"Rhent\""),
            ("", "\"\""),
            ("say \"x\"", "'say \"x\"'"),
            ("it's \"x\"\\", "\"it's \\\"x\\\"\\\\\""),
            ("one\ntwo\n", "\"\"\"\none\ntwo\n\"\"\""),
            ("\none \"\"\"\ntwo\"", "\"\"\"\n\none \"\"\\\"\ntwo\\\"\"\"\""),
            ("a\tb", "\"a\\tb\""),
            ("a\r\nb\u{1}", "\"a\\r\\nb\\u0001\""),
            ("\"\"\"\"\n\"\"\"\"", "\"\"\"\n\"\"\\\"\"\n\"\"\\\"\\\"\"\"\""),
        ] {
            assert_eq!(string(text), want);
            let read = toml::from_str::<toml::Table>(&format!("a = {}\n", string(text))).unwrap();
            assert_eq!(read.get("a").and_then(toml::Value::as_str), Some(text));
        }
    }
}
