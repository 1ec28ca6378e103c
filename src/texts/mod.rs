//! A flow's texts for who translates them: out as PO or CSV, back into the files of translations.
//!
//! Owns what a translator is told of each text, the two forms ([`po`], [`sheet`]), and what becomes of what comes back
//! ([`Brought`]). Works on a definition with its files as one text; reading and writing files is the caller's. Must not
//! know what may stand in a translation: `flow` judges that.

mod bring;
mod context;
pub mod po;
mod put;
pub mod sheet;
mod words;

use std::collections::HashMap;

use crate::flow::bundle;
use crate::flow::translated::{self, Said, Translated, bare, is_made_from};

pub use bring::{Brought, Came, Fate, Outcome, Taking, bring};
pub use put::{Put, broken, put};

/// A text of a flow, and what it is in a language.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Unlike that of any other text of the flow: its address in its file, behind `PART:` where that is a part.
    pub key: String,
    /// The part in which it stands; `None` is the flow's own file.
    pub part: Option<String>,
    /// What that file is called.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What it is and where people meet it: `screen rent: Your rent — label of the field paid`.
    pub place: String,
    /// What a translator must keep to.
    pub notes: Vec<&'static str>,
    /// As the author wrote it.
    pub said: Said,
    /// In the language, if it is there.
    pub translated: Option<Translated>,
}

/// How far a text is translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is there, and nothing says that it is stale.
    Translated,
    /// It is not there.
    Missing,
    /// Its original has changed since.
    Stale,
}

impl State {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Translated => "translated",
            Self::Missing => "new",
            Self::Stale => "stale",
        }
    }
}

impl Entry {
    /// The original, as translators have it.
    pub fn original(&self) -> String {
        bare(&self.said.text)
    }

    /// The translation, as translators have it; empty if there is none.
    pub fn translation(&self) -> String {
        self.translated
            .as_ref()
            .map_or_else(String::new, |text| bare(&text.text))
    }

    /// How far it is translated. What differs from its original beside the words is stale: that must have changed.
    pub fn state(&self) -> State {
        let Some(translated) = &self.translated else {
            return State::Missing;
        };
        let made_from = translated.made_from.as_deref();
        let stale = made_from.is_some_and(|made| !is_made_from(made, &self.said.text))
            || translated::differs(&self.said.text, &translated.text).is_some();
        if stale { State::Stale } else { State::Translated }
    }

    /// Of a stale text: the words that its translation was made from, if those are known.
    pub fn previous(&self) -> Option<String> {
        let made_from = self.translated.as_ref()?.made_from.as_deref()?;
        let is_mark = made_from.len() == 8 && made_from.bytes().all(|digit| digit.is_ascii_hexdigit());
        let known = self.state() == State::Stale && !is_mark && !made_from.trim().is_empty();
        known.then(|| bare(made_from)).filter(|made| *made != self.original())
    }
}

/// The texts of a definition (the file called `file`, with its parts and translations) and what they are in a language,
/// in the order of the files; of files that have faults, those that can be read.
pub fn entries(source: &str, file: &str, language: &str) -> Vec<Entry> {
    let said = translated::texts(source);
    let mut translations = translated::translations(source, language);
    let pieces = bundle::pieces(source);
    let mut titles = HashMap::new();
    let part_of = |said: &Said| {
        let piece = pieces.iter().rev().find(|piece| piece.range.start <= said.span.start);
        piece.map(|piece| (piece.part.map(str::to_owned), piece.range.start, piece.file(file)))
    };
    for one in &said {
        if let (Some((part, ..)), Some((last, path))) = (part_of(one), one.path.split_last())
            && last == "title"
        {
            titles.insert((part, path.to_vec()), one.text.as_str());
        }
    }
    let entry = |said: &Said| {
        let (part, start, file) = part_of(said)?;
        let title = |path: &[String]| titles.get(&(part.clone(), path.to_vec())).copied();
        let before = source.get(start..said.span.start).unwrap_or_default();
        Some(Entry {
            key: key(part.as_deref(), &said.address),
            place: context::place(&said.path, &title),
            notes: context::notes(said),
            file,
            line: before.matches('\n').count() + 1,
            translated: translations.remove(&said.span.start),
            said: said.clone(),
            part,
        })
    };
    said.iter().filter_map(entry).collect()
}

/// No name before the first point of an address has a colon, unless it is in quotes.
fn key(part: Option<&str>, address: &str) -> String {
    match part {
        Some(part) => format!("{part}:{address}"),
        None => address.to_owned(),
    }
}
