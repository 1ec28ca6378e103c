//! What an author says in place of built-in refusals, by what is wrong.
//!
//! Owns the kinds of fault, and how equal messages of one page are told apart. Must not know the
//! words of kinds.

use super::{Fault, Field};
use crate::flow::{Scope, Text};

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing was entered.
    Missing,
    /// It cannot be such an answer: no number, no real day, two readings.
    Invalid,
    /// Not of the author's `pattern`.
    Pattern,
    /// Below the author's `min`.
    Min,
    /// Above the author's `max`, or longer than any answer may be.
    Max,
}

/// What `messages = { ... }` can have: a name, and what is wrong where its text is said.
pub(crate) type Named = (&'static str, &'static [Why]);

/// All of them. Where two have a text for the same, the one for fewer is said.
pub(crate) const NAMED: [Named; 7] = [
    ("missing", &[Why::Missing]),
    ("invalid", &[Why::Invalid]),
    ("bounds", &[Why::Min, Why::Max]),
    ("pattern", &[Why::Pattern]),
    ("format", &[Why::Invalid, Why::Pattern]),
    ("min", &[Why::Min]),
    ("max", &[Why::Max]),
];

impl Why {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Missing, Self::Invalid, Self::Pattern, Self::Min, Self::Max];
}

/// Texts of the author, each for some kinds of fault.
#[derive(Debug, Default)]
pub struct Messages(pub(crate) Vec<(Vec<Why>, Text)>);

impl Messages {
    /// The author's text for this fault: of several the first.
    pub fn of(&self, why: Why) -> Option<&Text> {
        let found = self.0.iter().find(|(of, _)| of.contains(&why));
        found.map(|(_, text)| text)
    }

    /// All of them.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.0.iter().map(|(_, text)| text)
    }
}

/// Characters of a question that stand behind a message.
const LONGEST: usize = 80;

/// Puts its question behind each message that does not say which it is about, where the page asks
/// several, and behind each that stands there more than once: `Select one of the options: Where do
/// you live?`. `fields` are those of the page.
pub fn tell_apart<'a>(faults: &mut [Fault], fields: impl Iterator<Item = &'a Field>, scope: &Scope<'_>) {
    let fields: Vec<&Field> = fields.collect();
    let messages: Vec<String> = faults.iter().map(|fault| fault.message.clone()).collect();
    let twice = |message: &String| messages.iter().filter(|other| *other == message).count() > 1;
    let several = fields.len() > 1;
    for fault in faults
        .iter_mut()
        .filter(|fault| several && fault.bare || twice(&fault.message))
    {
        if let Some(field) = fields.iter().find(|field| field.name == fault.field) {
            let question = shortened(&field.key().plain(scope));
            let message = fault.message.trim_end_matches('.');
            fault.message = scope.words.answer_of(message, question);
        }
    }
}

/// Its first words, if it is long.
pub(super) fn shortened(label: &str) -> String {
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((at, _)) = label.char_indices().nth(LONGEST) else {
        return label;
    };
    let begun = label.get(..at).unwrap_or_default();
    let words = begun.rsplit_once(' ').map_or(begun, |(words, _)| words);
    format!("{words} ...")
}
