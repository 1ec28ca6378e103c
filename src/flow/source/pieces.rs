//! The files of a definition, read as TOML one by one.
//!
//! Owns that every value has a place in the whole, so that its span names its file, and that texts in
//! another language are put over those of their file. Must not know what the tables mean.

use toml::Spanned;
use toml::de::DeTable;

use super::super::bundle::{self, Piece};
use super::super::diagnostic::Sink;
use super::translation::{self, Pair};
use super::{At, Span, parse};

/// The files of a definition.
pub(super) struct Pieces<'s> {
    source: &'s str,
    language: Option<&'s str>,
    all: Vec<Piece<'s>>,
    /// The text of each, behind as many spaces as there are bytes before it in the whole.
    padded: Vec<String>,
}

/// A file as it is read: in a language, with the texts of that.
pub(super) struct Read<'a> {
    pub(super) root: Spanned<DeTable<'a>>,
    pub(super) pairs: Vec<Pair>,
}

impl<'s> Pieces<'s> {
    pub(super) fn new(source: &'s str, language: Option<&'s str>) -> Self {
        let all = bundle::pieces(source);
        let padded = all.iter().map(|piece| padded(source, piece)).collect();
        Self {
            source,
            language,
            all,
            padded,
        }
    }

    /// The parts, by name.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        let parts = self.all.iter().filter(|piece| piece.is_original());
        parts.filter_map(|piece| piece.part)
    }

    /// Whether a part of that name is there.
    pub(super) fn has(&self, part: &str) -> bool {
        self.parts().any(|name| name == part)
    }

    /// Where a part stands in the whole.
    pub(super) fn range(&self, part: &str) -> Span {
        let found = self.find(Some(part), None);
        found.map_or(0..0, |(piece, _)| piece.range.clone())
    }

    /// The text of a part, or of the flow's own file.
    pub(super) fn text(&self, part: Option<&str>) -> &str {
        self.find(part, None).map_or("", |(piece, _)| piece.text(self.source))
    }

    /// Reads a file; `None` where it, or its texts in the language, is no TOML.
    pub(super) fn read(&self, part: Option<&str>, sink: &Sink) -> Option<Read<'_>> {
        let (_, text) = self.find(part, None)?;
        let mut root = parse(text, sink)?;
        let translation = self.language.and_then(|language| self.find(part, Some(language)));
        let pairs = match translation {
            Some((_, text)) => translation::put(root.get_mut(), parse(text, sink)?.get_ref(), sink),
            None => Vec::new(),
        };
        Some(Read { root, pairs })
    }

    fn find(&self, part: Option<&str>, language: Option<&str>) -> Option<(&Piece<'s>, &str)> {
        let mut all = self.all.iter().zip(&self.padded);
        let found = all.find(|(piece, _)| piece.part == part && piece.language == language);
        found.map(|(piece, text)| (piece, text.as_str()))
    }
}

/// Every string of the files themselves, in their order, with the names under which it stands in its file.
pub(crate) fn strings(source: &str) -> Vec<(Vec<String>, At<String>)> {
    let unheard = Sink::default();
    let pieces = Pieces::new(source, None);
    let own = pieces.all.iter().filter(|piece| piece.is_original());
    let read = own.filter_map(|piece| pieces.read(piece.part, &unheard));
    let mut all: Vec<_> = read
        .flat_map(|read| translation::strings(read.root.get_ref()))
        .collect();
    all.sort_by_key(|(_, at)| at.span.start);
    all
}

/// The text of a file, at its place in the whole: so that every span names it.
fn padded(source: &str, piece: &Piece<'_>) -> String {
    let text = piece.text(source);
    // What begins the whole is at its place; a mark of byte order is passed over by the parser.
    if piece.range.start == 0 {
        return text.to_owned();
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut padded = " ".repeat(piece.range.start + text.len() - body.len());
    padded.push_str(body);
    padded
}
