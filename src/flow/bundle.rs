//! The files of one definition in one text: the source map.
//!
//! Owns how they are put together (a definition is kept so) and which file a place in it lies in.
//! Each file has a range of the text, so that a span alone names the file. Between two files stands
//! a NUL, which no TOML may have, and the name of the next; a file of texts in another language is
//! called `.cy.toml` behind the flow's own, `address.part.cy.toml` behind a part. Must not know what
//! stands in the files.

use std::ops::Range;

use super::check::hyphened;
use crate::id::Language;

/// How the name of a file ends that flows share.
pub const PART: &str = ".part.toml";

/// How the name of every file of a definition ends.
const TOML: &str = ".toml";

/// The code of the fault that a part is not there.
pub const UNKNOWN: &str = "unknown-part";

/// One file of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The part's name without its ending; `None` is the flow's own file.
    pub part: Option<&'a str>,
    /// It holds the texts of that file in this language, and nothing else: a BCP 47 tag.
    pub language: Option<&'a str>,
    /// Where its text stands in the whole.
    pub range: Range<usize>,
}

impl Piece<'_> {
    /// Its text.
    pub fn text<'s>(&self, bundle: &'s str) -> &'s str {
        bundle.get(self.range.clone()).unwrap_or_default()
    }

    /// What the file is called, where the flow's own is called `flow`.
    pub fn file(&self, flow: &str) -> String {
        let file = match self.part {
            None => flow.to_owned(),
            Some(part) => {
                let folder = flow.rfind('/').map_or(0, |at| at + 1);
                format!("{}{part}{PART}", flow.get(..folder).unwrap_or_default())
            }
        };
        match self.language {
            None => file,
            Some(language) => translation(&file, language),
        }
    }

    /// Whether it is the flow's own file, or a part, as the author wrote it.
    pub fn is_original(&self) -> bool {
        self.language.is_none()
    }
}

/// The file of the texts of a file in another language: `order.cy.toml` of `order.toml`.
pub fn translation(file: &str, language: &str) -> String {
    let stem = file.strip_suffix(TOML).unwrap_or(file);
    format!("{stem}.{language}{TOML}")
}

/// The languages in which the flow's own file has texts, in the order of the files.
pub fn languages(bundle: &str) -> Vec<&str> {
    let own = pieces(bundle).into_iter().filter(|piece| piece.part.is_none());
    own.filter_map(|piece| piece.language).collect()
}

/// A flow's own file and the parts that it includes, by name, as one text.
pub fn pack<'a>(flow: &str, parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = flow.to_owned();
    for (name, part) in parts {
        text = with(&text, &format!("{name}{PART}"), part);
    }
    text
}

/// The same with one file more: `address.part.toml`, `.cy.toml`, `address.part.cy.toml`.
pub fn with(bundle: &str, file: &str, text: &str) -> String {
    [bundle, "\0", file, "\n", text].concat()
}

/// The same with another text in place of what it has in a language for a file, or with it behind.
pub fn replaced(bundle: &str, part: Option<&str>, language: &str, text: &str) -> String {
    let all = pieces(bundle);
    let is = |piece: &Piece<'_>| piece.part == part && piece.language == Some(language);
    let mut put = String::new();
    for (n, piece) in all.iter().enumerate() {
        let text = if is(piece) { text } else { piece.text(bundle) };
        put = match n {
            0 => text.to_owned(),
            _ => with(&put, &piece.file(""), text),
        };
    }
    if all.iter().any(is) {
        return put;
    }
    let new = Piece {
        part,
        language: Some(language),
        range: 0..0,
    };
    with(&put, &new.file(""), text)
}

/// The files, the flow's own first.
pub fn pieces(bundle: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let mut last = Piece {
        part: None,
        language: None,
        range: 0..bundle.len(),
    };
    for (at, _) in bundle.match_indices('\0') {
        let Some(next) = head(bundle, at) else { continue };
        last.range.end = at;
        all.push(std::mem::replace(&mut last, next));
    }
    all.push(last);
    all
}

/// The file in which a place lies.
pub fn piece_at(bundle: &str, at: usize) -> Piece<'_> {
    let mut pieces = pieces(bundle);
    let n = pieces.partition_point(|piece| piece.range.start <= at);
    pieces.swap_remove(n.saturating_sub(1))
}

/// The file that begins behind a NUL, if one does: from there to the end.
fn head(bundle: &str, at: usize) -> Option<Piece<'_>> {
    let rest = bundle.get(at + 1..)?;
    let line = rest.split('\n').next()?;
    let from = at + 1 + line.len() + 1;
    let (part, language) = if let Some(part) = line.strip_suffix(PART) {
        (Some(part), None)
    } else {
        let (file, language) = line.strip_suffix(TOML)?.rsplit_once('.')?;
        Language::parse(language)?;
        let part = if file.is_empty() {
            None
        } else {
            Some(file.strip_suffix(".part")?)
        };
        (part, Some(language))
    };
    let known = part.is_none_or(hyphened) && from <= bundle.len();
    known.then_some(Piece {
        part,
        language,
        range: from..bundle.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_in_its_file() {
        let bundle = pack("flow\n", [("address", "one\n"), ("names", "two")]);
        let all = pieces(&bundle);
        let texts: Vec<_> = all.iter().map(|piece| (piece.part, piece.text(&bundle))).collect();
        assert_eq!(
            texts,
            [(None, "flow\n"), (Some("address"), "one\n"), (Some("names"), "two")]
        );
        for piece in &all {
            assert_eq!(&piece_at(&bundle, piece.range.start), piece);
            assert_eq!(&piece_at(&bundle, piece.range.end), piece);
        }
        assert_eq!(all[1].file("phases/flow.toml"), "phases/address.part.toml");
        assert_eq!(all[1].file("flow.toml"), "address.part.toml");
        assert_eq!(all[0].file("phases/flow.toml"), "phases/flow.toml");
    }

    #[test]
    fn one_file_is_itself_whatever_stands_in_it() {
        for text in [
            "",
            "a = 1\n",
            "a\0b",
            "\0A.part.toml\nx",
            "\0x.part.toml",
            "\0x.cy.toml\n",
            "\0.c.toml\n",
            "\0x.part.c_y.toml\n",
        ] {
            let all = pieces(text);
            assert_eq!(all.len(), 1, "{text:?}");
            assert_eq!(all[0].text(text), text);
        }
    }

    #[test]
    fn texts_in_other_languages_lie_beside_their_files() {
        let bundle = pack("flow\n", [("address", "one\n")]);
        let bundle = with(&with(&bundle, ".cy.toml", "fflow\n"), "address.part.pt-BR.toml", "um");
        let all = pieces(&bundle);
        let found: Vec<_> = all
            .iter()
            .map(|piece| (piece.file("phases/flow.toml"), piece.text(&bundle)))
            .collect();
        let want = [
            ("phases/flow.toml", "flow\n"),
            ("phases/address.part.toml", "one\n"),
            ("phases/flow.cy.toml", "fflow\n"),
            ("phases/address.part.pt-BR.toml", "um"),
        ];
        assert_eq!(found, want.map(|(file, text)| (file.to_owned(), text)));
        assert_eq!(languages(&bundle), ["cy"]);
    }
}
