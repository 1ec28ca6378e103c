//! What is no TOML: the parser's errors in the words of people who write flows.
//!
//! Owns telling what is behind a syntax error. Must not know what stands in the tables.

use toml::Spanned;
use toml::de::DeTable;

use super::super::diagnostic::{Diagnostic, Sink};
use super::{Span, depth};
use crate::limits;

/// The tables of a file; `None` where it is no TOML at all, which `sink` is told.
pub(crate) fn parse<'a>(source: &'a str, sink: &Sink) -> Option<Spanned<DeTable<'a>>> {
    if let Some(at) = depth::too_deep(source) {
        sink.push(
            Diagnostic::error("too-deep", &(at..at + 1), "tables are nested too deeply here")
                .label("one level too many"),
        );
        return None;
    }
    let (root, mut errors) = DeTable::parse_recoverable(source);
    if errors.is_empty() {
        return Some(root);
    }
    // The parser tells of values after it told of brackets.
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    syntax_faults(source, &errors, sink);
    None
}

/// The parser's errors without those that are mere consequences: what follows on the same line,
/// the keys of a table that was given twice, the lines after a bracket that was not closed.
fn syntax_faults(source: &str, errors: &[toml::de::Error], sink: &Sink) {
    let mut line = None;
    let mut until_header = false;
    // Garbage has as many errors as bytes; nobody reads them all.
    for error in errors.iter().take(limits::DIAGNOSTICS) {
        let span = error.span().unwrap_or(source.len()..source.len());
        let before = source.get(..span.start).unwrap_or_default();
        let this = before.rfind('\n').map_or(0, |at| at + 1);
        let header = source.get(this..).is_some_and(|text| text.starts_with('['));
        until_header &= !header;
        if line != Some(this) && !until_header {
            let message = error.message();
            sink.push(syntax(source, &span, message));
            let twice = message.starts_with("duplicate key");
            let open = ["inline table", "array"].iter().any(|what| message.contains(what));
            until_header = if twice { header } else { open };
        }
        line = Some(this);
    }
}

fn syntax(source: &str, span: &Span, message: &str) -> Diagnostic {
    if message.starts_with("duplicate key") {
        let key = source.get(span.clone()).unwrap_or_default();
        return Diagnostic::error("duplicate-key", span, format!("`{key}` is given twice"))
            .label("the second time")
            .help("keep one of them");
    }
    let (said, help) = slip(source, span).unwrap_or((message, None));
    Diagnostic::error("syntax", span, format!("this is not valid TOML: {said}")).maybe_help(help)
}

/// What usually is behind a syntax error: in words, and what would be right.
fn slip(source: &str, span: &Span) -> Option<(&'static str, Option<String>)> {
    let start = source.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = source.get(start..)?.lines().next()?.trim();
    if let Some((key, value)) = line.split_once(':')
        && !line.contains('=')
    {
        let help = format!("{} = {}", key.trim(), value.trim());
        return Some(("a key and its value are parted by `=`", Some(help)));
    }
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    if value.starts_with(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}']) {
        let inner = value.trim_matches(|c: char| !c.is_alphanumeric());
        return Some((
            "these are typographic quotes, straight ones are wanted",
            Some(format!("{key} = \"{inner}\"")),
        ));
    }
    let word: String = value
        .chars()
        .take_while(|c| !c.is_whitespace() && !",}]#".contains(*c))
        .collect();
    match word.to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" => Some(("yes is written `true`", Some(format!("{key} = true")))),
        "no" | "off" | "false" => Some(("no is written `false`", Some(format!("{key} = false")))),
        _ if value.starts_with(char::is_alphabetic) => {
            let text = value.split(['#', '"']).next().unwrap_or_default().trim();
            Some(("texts stand in quotes", Some(format!("{key} = \"{text}\""))))
        }
        _ => None,
    }
}
