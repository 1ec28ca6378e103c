//! Addresses: a URL or a header of the operator's, with values between the words that a callee said
//! before.
//!
//! Owns where such a value may stand and what it must be: one segment of a path, or of a query, that
//! can be nothing else; in a header visible characters. Nothing that people type is ever in one. Must
//! not know who said a value, or whether they may be told it (`effect`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Filled;
use crate::limits::PLACED_CHARS;

/// All but what RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A URL, or the value of a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// The operator's words.
    Words(Filled),
    /// What was saved under this name.
    Saved(String),
}

impl From<Filled> for Address {
    fn from(words: Filled) -> Self {
        Self(vec![Piece::Words(words)])
    }
}

impl Address {
    pub(super) fn push_words(&mut self, words: Filled) {
        self.0.push(Piece::Words(words));
    }

    pub(super) fn push_saved(&mut self, name: &str) {
        self.0.push(Piece::Saved(name.to_owned()));
    }

    /// The names of the saved values in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Saved(name) => Some(name.as_str()),
            Piece::Words(_) => None,
        })
    }

    /// The whole of it, with what `words` and `saved` give for its pieces.
    ///
    /// # Errors
    /// The first of theirs.
    pub fn fill<E>(
        &self,
        words: impl Fn(&Filled) -> Result<String, E>,
        saved: impl Fn(&str) -> Result<String, E>,
    ) -> Result<String, E> {
        let mut out = String::new();
        for piece in &self.0 {
            out.push_str(&match piece {
                Piece::Words(filled) => words(filled)?,
                Piece::Saved(name) => saved(name)?,
            });
        }
        Ok(out)
    }

    /// How it begins: up to the first saved value.
    pub fn beginning(&self) -> Option<&Filled> {
        match self.0.first() {
            Some(Piece::Words(words)) => Some(words),
            _ => None,
        }
    }
}

/// A value as one segment of a URL.
///
/// # Errors
/// What is wrong with it, without the value.
pub fn segment(value: &str) -> Result<String, &'static str> {
    bounded(value)?;
    // Some servers decode twice, and some take an encoded slash for one.
    let mut plain = value.to_owned();
    loop {
        let decoded = percent_decode_str(&plain).decode_utf8_lossy().into_owned();
        if decoded == plain {
            break;
        }
        plain = decoded;
    }
    if plain.split(['/', '\\']).any(|part| matches!(part.trim(), "." | "..")) {
        return Err("it leads to another place");
    }
    if plain.trim().is_empty() || plain.contains(char::is_control) {
        return Err("it is no number or name");
    }
    Ok(utf8_percent_encode(value, SEGMENT).to_string())
}

/// A value as it may stand in a header.
///
/// # Errors
/// What is wrong with it, without the value.
pub fn visible(value: &str) -> Result<String, &'static str> {
    bounded(value)?;
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value.to_owned())
    } else {
        Err("it has characters that no header may have")
    }
}

fn bounded(value: &str) -> Result<(), &'static str> {
    if value.is_empty() {
        return Err("it is empty");
    }
    if value.chars().count() > PLACED_CHARS {
        return Err("it is too long");
    }
    Ok(())
}

/// Whether a saved value between `before` and `after` stands in the path or the query of a URL, and
/// is all of a segment there.
pub(super) fn is_segment(before: &str, after: &str) -> bool {
    // What stands in a variable is the operator's: here it is a word like another.
    let opaque = |text: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some((words, variable)) = rest.split_once("${") {
            out.push_str(words);
            out.push('v');
            rest = variable.split_once('}').map_or("", |(_, after)| after);
        }
        out + rest
    };
    let (before, after) = (opaque(before), opaque(after));
    let rest = before.split_once("://").map_or(before.as_str(), |(_, rest)| rest);
    let Some((host, path)) = rest.split_once('/') else {
        return false;
    };
    if host.is_empty() {
        return false;
    }
    if path.contains('?') {
        path.ends_with('=') && (after.is_empty() || after.starts_with('&'))
    } else {
        before.ends_with('/') && (after.is_empty() || after.starts_with(['/', '?']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_one_segment_whatever_a_server_decodes() {
        for (value, encoded) in [
            ("N-1_2.3~4", "N-1_2.3~4"),
            ("17/3", "17%2F3"),
            ("a b?c#d&e=f;g@h:80", "a%20b%3Fc%23d%26e%3Df%3Bg%40h%3A80"),
            ("100%", "100%25"),
            ("Zürich", "Z%C3%BCrich"),
            ("...", "..."),
            ("v1..2", "v1..2"),
        ] {
            assert_eq!(segment(value).unwrap(), encoded);
        }
        assert!(segment(&"x".repeat(PLACED_CHARS)).is_ok());
        for wrong in [
            "",
            ".",
            "..",
            "%2e",
            "%2e%2E",
            ".%2e",
            "%252e%252e",
            "%25252e.",
            "../7",
            "7/..",
            "7%2f..%2f8",
            "..\\7",
            "..%5c7",
            "./7",
            " ",
            "%20",
            ". ",
            "%00",
            "7%0d%0a",
            "\u{7f}",
        ] {
            assert!(segment(wrong).is_err(), "{wrong:?} became {:?}", segment(wrong));
        }
        assert!(segment(&"x".repeat(PLACED_CHARS + 1)).is_err());
    }

    #[test]
    fn a_header_has_visible_characters_only() {
        assert_eq!(visible("N-1/..%2e;\"x\"").unwrap(), "N-1/..%2e;\"x\"");
        for wrong in ["", " ", "a b", "a\r\nX: y", "Zürich", "\u{7f}", "\t"] {
            assert!(visible(wrong).is_err(), "{wrong:?}");
        }
        assert!(visible(&"x".repeat(PLACED_CHARS)).is_ok() && visible(&"x".repeat(PLACED_CHARS + 1)).is_err());
    }

    #[test]
    fn a_saved_value_is_a_whole_segment_behind_the_host() {
        for (before, after) in [
            ("https://shop.example/orders/", ""),
            ("https://shop.example/", "/lines"),
            ("${SHOP}/orders/", "?why=cancelled"),
            ("${SHOP:-https://shop.example}/", ""),
            ("https://shop.example/orders?number=", "&why=1"),
            ("https://shop.example/orders?a=${A}&number=", ""),
        ] {
            assert!(is_segment(before, after), "{before} {after}");
        }
        for (before, after) in [
            ("https://", "/orders"),
            ("https://shop.", "/orders"),
            ("https://shop.example", "/orders"),
            ("https://shop.example:", "/"),
            ("https://shop.example/o-", ""),
            ("https://shop.example/.", ""),
            ("https://shop.example/", ".json"),
            ("https://shop.example/orders?", ""),
            ("https://shop.example/orders?a=b", ""),
            ("https://shop.example/orders?a=", "b"),
            ("${SHOP}", "/orders"),
            ("${SHOP:-https://shop.example/}", ""),
            ("", "/orders"),
        ] {
            assert!(!is_segment(before, after), "{before} {after}");
        }
    }
}
