//! What was typed into a form that came in another encoding than ours, as far as it can be read.
//!
//! Owns the guesses: they are for the eyes of who typed it and are never used. Must not know which
//! fields a screen declares. Nothing here fails, and all of it is bounded by the body's own bounds.

use std::borrow::Cow;

use hyper::HeaderMap;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE};

use super::form::shown;
use crate::flow::Form;
use crate::limits::Http;

/// How a body says that it is written.
enum Kind {
    /// As browsers send forms.
    Form,
    /// `text/plain`: a line for each field.
    Lines,
    /// `multipart/form-data`: parts between these lines.
    Parts(String),
    /// In no way that is known here.
    Unknown,
}

/// The names and values of a body; none of what cannot be text. Which of them are shown, and no id is,
/// is for the page that shows them.
pub(super) fn glean(headers: &HeaderMap, bytes: &[u8], limits: &Http) -> Form {
    if headers.contains_key(CONTENT_ENCODING) {
        return Form::default();
    }
    let said = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let Some(bytes) = &in_bytes(said.unwrap_or_default(), bytes) else {
        return Form::default();
    };
    let pairs = match kind(said.unwrap_or_default(), bytes) {
        Kind::Form => form(bytes),
        Kind::Lines => lines(bytes),
        Kind::Parts(boundary) => parts(bytes, &boundary),
        Kind::Unknown => Vec::new(),
    };
    let told = pairs
        .into_iter()
        .take(limits.fields)
        .filter(|(name, _)| !name.is_empty() && name.len() <= limits.name_bytes);
    Form(told.map(|(name, value)| (name, shown(value))).collect())
}

/// The same text with a byte for each sign of ASCII: UTF-16 is written anew. `None` for what is in
/// neither.
fn in_bytes<'a>(said: &str, bytes: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let said = said.to_ascii_lowercase();
    let little = match bytes {
        [0xFF, 0xFE, rest @ ..] => Some((rest, true)),
        [0xFE, 0xFF, rest @ ..] => Some((rest, false)),
        // Without a mark its letters tell: one byte of each pair is 0.
        [0, _, ..] if said.contains("utf-16") => Some((bytes, false)),
        _ if said.contains("utf-16") => Some((bytes, true)),
        _ => None,
    };
    let Some((pairs, little)) = little else {
        return (!bytes.contains(&0)).then_some(Cow::Borrowed(bytes));
    };
    let units = pairs.chunks_exact(2).filter_map(|pair| {
        let pair = <[u8; 2]>::try_from(pair).ok()?;
        Some(if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    });
    let text: Option<String> = char::decode_utf16(units).map(Result::ok).collect();
    text.filter(|text| !text.contains('\0'))
        .map(|text| Cow::Owned(text.into_bytes()))
}

fn kind(said: &str, bytes: &[u8]) -> Kind {
    let (kind, parameters) = said.split_once(';').unwrap_or((said, ""));
    let boundary = parameters
        .split(';')
        .find_map(|one| one.trim().strip_prefix("boundary="))
        .map(|boundary| boundary.trim_matches('"').to_owned())
        .or_else(|| boundary(bytes));
    match (kind.trim().to_ascii_lowercase().as_str(), boundary) {
        ("text/plain", _) => Kind::Lines,
        (_, Some(boundary)) => Kind::Parts(boundary),
        ("multipart/form-data", None) => Kind::Unknown,
        (kind, None) if kind.is_empty() || kind.contains("urlencoded") => Kind::Form,
        _ => Kind::Unknown,
    }
}

/// The boundary of parts whose header does not tell it: their first line.
fn boundary(bytes: &[u8]) -> Option<String> {
    let (line, rest) = cut(bytes, b"\r\n")?;
    let parts = rest
        .get(..19)
        .is_some_and(|head| head.eq_ignore_ascii_case(b"content-disposition"));
    parts
        .then(|| text(line))
        .and_then(|line| line.strip_prefix("--").map(str::to_owned))
}

/// Pairs as browsers send them; a percent that stands for nothing is a percent.
fn form(bytes: &[u8]) -> Vec<(String, String)> {
    let pairs = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = cut(pair, b"=").unwrap_or((pair, b""));
            (unescaped(name), unescaped(value))
        })
        .collect()
}

fn unescaped(part: &[u8]) -> String {
    let spaced: Vec<u8> = part
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    text(&percent_encoding::percent_decode(&spaced).collect::<Vec<u8>>())
}

fn lines(bytes: &[u8]) -> Vec<(String, String)> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let pairs = lines.filter_map(|line| cut(line.strip_suffix(b"\r").unwrap_or(line), b"="));
    pairs.map(|(name, value)| (text(name), text(value))).collect()
}

fn parts(bytes: &[u8], boundary: &str) -> Vec<(String, String)> {
    let mark = format!("--{boundary}");
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((part, after)) = cut(rest, mark.as_bytes()) {
        found.extend(self::part(part));
        rest = after;
    }
    // A last part that was cut short is shown too.
    found.extend(part(rest));
    found
}

/// The name and the value of one part; a file is none.
fn part(part: &[u8]) -> Option<(String, String)> {
    let (head, body) = cut(part, b"\r\n\r\n")?;
    let head = text(head);
    let line = head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("content-disposition"))?;
    if line.contains("filename=") {
        return None;
    }
    let (_, name) = line.split_once("name=\"")?;
    let (name, _) = name.split_once('"')?;
    Some((name.to_owned(), text(body.strip_suffix(b"\r\n").unwrap_or(body))))
}

/// What stands before and behind the first `mark`.
fn cut<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    let (before, after) = bytes.split_at_checked(at)?;
    Some((before, after.get(mark.len()..)?))
}

/// Text in UTF-8; what is not is what browsers of old send, one byte a character.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
