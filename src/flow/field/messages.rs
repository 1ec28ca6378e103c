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
    /// Out of the author's `min` and `max`, or longer than any answer may be.
    Bounds,
    /// Not of the author's `pattern`.
    Pattern,
}

impl Why {
    /// All of them, in the order in which an answer is looked at.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Invalid, Self::Bounds, Self::Pattern];

    /// Its key in `message = { ... }`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::Bounds => "bounds",
            Self::Pattern => "pattern",
        }
    }
}

/// Texts of the author, each for some kinds of fault.
#[derive(Debug, Default)]
pub struct Messages(pub(crate) Vec<(Vec<Why>, Text)>);

impl Messages {
    /// The author's text for this fault.
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

/// Puts its question behind each message that stands on the page more than once: `Select one of
/// the options: Where do you live?`. `fields` are those of the page.
pub fn tell_apart<'a>(faults: &mut [Fault], fields: impl Iterator<Item = &'a Field>, scope: &Scope<'_>) {
    let fields: Vec<&Field> = fields.collect();
    let messages: Vec<String> = faults.iter().map(|fault| fault.message.clone()).collect();
    let twice = |message: &String| messages.iter().filter(|other| *other == message).count() > 1;
    for fault in faults.iter_mut().filter(|fault| twice(&fault.message)) {
        if let Some(field) = fields.iter().find(|field| field.name == fault.field) {
            let question = shortened(&field.key().plain(scope));
            let message = fault.message.trim_end_matches('.');
            fault.message = scope.words.answer_of(message, question);
        }
    }
}

/// Its first words, if it is long.
fn shortened(label: &str) -> String {
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((at, _)) = label.char_indices().nth(LONGEST) else {
        return label;
    };
    let begun = label.get(..at).unwrap_or_default();
    let words = begun.rsplit_once(' ').map_or(begun, |(words, _)| words);
    format!("{words} ...")
}
