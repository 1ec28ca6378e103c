//! The files of one definition in one text: the source map.
//!
//! Owns how they are put together (a definition is kept so) and which file a place in it lies in.
//! Each file has a range of the text, so that a span alone names the file. Between two files stands
//! a NUL, which no TOML may have, and the name of the next. Must not know what stands in the files.

use std::ops::Range;

use super::check::hyphened;

/// How the name of a file ends that flows share.
pub const PART: &str = ".part.toml";

/// The code of the fault that a part is not there.
pub const UNKNOWN: &str = "unknown-part";

/// One file of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The part's name without its ending; `None` is the flow's own file.
    pub part: Option<&'a str>,
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
        let Some(part) = self.part else {
            return flow.to_owned();
        };
        let folder = flow.rfind('/').map_or(0, |at| at + 1);
        format!("{}{part}{PART}", flow.get(..folder).unwrap_or_default())
    }
}

/// A flow's own file and the parts that it includes, by name, as one text.
pub fn pack<'a>(flow: &str, parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = flow.to_owned();
    for (name, part) in parts {
        text.extend(["\0", name, PART, "\n", part]);
    }
    text
}

/// The files, the flow's own first.
pub fn pieces(bundle: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let (mut part, mut start) = (None, 0);
    for (at, _) in bundle.match_indices('\0') {
        let Some((name, from)) = head(bundle, at) else {
            continue;
        };
        let range = start..at;
        all.push(Piece { part, range });
        (part, start) = (Some(name), from);
    }
    let range = start..bundle.len();
    all.push(Piece { part, range });
    all
}

/// The file in which a place lies.
pub fn piece_at(bundle: &str, at: usize) -> Piece<'_> {
    let mut pieces = pieces(bundle);
    let n = pieces.partition_point(|piece| piece.range.start <= at);
    pieces.swap_remove(n.saturating_sub(1))
}

/// The name after a NUL, and where its file begins, if one does.
fn head(bundle: &str, at: usize) -> Option<(&str, usize)> {
    let rest = bundle.get(at + 1..)?;
    let line = rest.split('\n').next()?;
    let name = line.strip_suffix(PART).filter(|name| hyphened(name))?;
    let from = at + 1 + line.len() + 1;
    (from <= bundle.len()).then_some((name, from))
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
        for text in ["", "a = 1\n", "a\0b", "\0A.part.toml\nx", "\0x.part.toml"] {
            let all = pieces(text);
            assert_eq!(all.len(), 1, "{text:?}");
            assert_eq!(all[0].text(text), text);
        }
    }
}
