//! What becomes of the texts that come back from a translator.
//!
//! Owns that: which are new, changed, stale, unknown, left out or refused. Must not know files.

use std::collections::{BTreeMap, BTreeSet};

use super::po::Read;
use super::{Entry, State};
use crate::flow::Diagnostic;
use crate::flow::translated::{bare, differs, translations};

/// A text as it came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// The entry's key.
    pub key: String,
    /// What it was made from.
    pub original: String,
    /// Empty if there is none.
    pub translation: String,
    /// The file says that somebody must look at it.
    pub fuzzy: bool,
    /// What it was made from, where the original has changed since and nobody has looked at it.
    pub previous: Option<String>,
    /// Where it stands in the file, from 1.
    pub line: usize,
}

/// What becomes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is as it was.
    Same,
    /// There was none.
    New,
    /// There was another.
    Changed,
    /// It was stale, or nobody knew, and is good for the present words.
    Confirmed,
    /// The flow's text has changed since the file was made: it is taken, as stale.
    Stale,
    /// The flow's text has changed since, and there is a newer one, or it has other values now: left out.
    Outdated,
    /// It says that somebody must look at it: left out.
    Fuzzy,
    /// The file has no translation of it; what stands in the flow stays.
    Missing,
    /// The flow has no such text.
    Unknown,
    /// It cannot be taken.
    Refused,
}

impl Fate {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::New => "new",
            Self::Changed => "changed",
            Self::Confirmed => "confirmed",
            Self::Stale => "stale",
            Self::Outdated => "outdated",
            Self::Fuzzy => "fuzzy",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
        }
    }
}

/// What became of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The entry's key, or what the file has in its place.
    pub key: String,
    /// What became of it.
    pub fate: Fate,
    /// Where it stands in the file, from 1; 0 if it does not.
    pub line: usize,
    /// Why it is refused or left out.
    pub why: Option<String>,
}

/// What is taken beside what is sure and new.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taking {
    /// As stale, what the file says that somebody must look at.
    pub fuzzy: bool,
    /// The file's word that what is as it was fits the present words: translations of which nobody knew say so from
    /// then on.
    pub confirm: bool,
}

/// A text to be written.
#[derive(Clone, Debug)]
pub(super) struct Taken<'e> {
    pub(super) entry: &'e Entry,
    pub(super) text: String,
    pub(super) made_from: String,
}

/// What came, held against the flow.
#[derive(Clone, Debug)]
pub struct Brought<'e> {
    /// Of each text of the file, in its order, then of those that it lacks.
    pub outcomes: Vec<Outcome>,
    /// In the order of the flow.
    pub(super) taken: Vec<Taken<'e>>,
}

impl Brought<'_> {
    /// Refuses the texts that a definition with them cannot have, by what is said of it, or that do not read back
    /// there as they came. Says whether all is well.
    pub fn judge(&mut self, source: &str, language: &str, said: &[Diagnostic]) -> bool {
        let read = translations(source, language);
        for taken in &self.taken {
            let why = match read.get(&taken.entry.said.span.start) {
                Some(is) if bare(&is.text) == bare(&taken.text) => {
                    let within = |one: &&Diagnostic| one.error && is.span.contains(&one.span.start);
                    said.iter().find(within).map(|fault| fault.message.clone())
                }
                _ => Some("it does not read back from the file as it came".to_owned()),
            };
            let outcome = self.outcomes.iter_mut().find(|one| one.key == taken.entry.key);
            if let (Some(why), Some(outcome)) = (why, outcome) {
                outcome.fate = Fate::Refused;
                outcome.why = Some(why);
            }
        }
        self.count(Fate::Refused) == 0
    }

    /// How many texts had that fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.outcomes.iter().filter(|one| one.fate == fate).count()
    }

    /// Whether nothing of it is to be written.
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }
}

/// Holds what came against the texts of the flow.
pub fn bring<'e>(entries: &'e [Entry], read: &Read, taking: Taking) -> Brought<'e> {
    let by_key: BTreeMap<&str, (usize, &Entry)> = entries
        .iter()
        .enumerate()
        .map(|(n, entry)| (entry.key.as_str(), (n, entry)))
        .collect();
    let (mut outcomes, mut taken, mut met) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
    for came in &read.texts {
        let mut outcome = Outcome {
            key: came.key.clone(),
            fate: Fate::Unknown,
            line: came.line,
            why: None,
        };
        if let Some((n, entry)) = by_key.get(came.key.as_str()) {
            let judged = if met.insert(*n) {
                one(entry, came, read.is_sheet, taking)
            } else {
                (Fate::Refused, Some("it stands twice in the file".to_owned()), None)
            };
            outcome.fate = judged.0;
            outcome.why = judged.1;
            taken.extend(judged.2.map(|taken| (*n, taken)));
        }
        outcomes.push(outcome);
    }
    let lacking = entries.iter().enumerate().filter(|(n, _)| !met.contains(n));
    outcomes.extend(lacking.map(|(_, entry)| Outcome {
        key: entry.key.clone(),
        fate: Fate::Missing,
        line: 0,
        why: None,
    }));
    Brought {
        outcomes,
        taken: taken.into_values().collect(),
    }
}

type Judged<'e> = (Fate, Option<String>, Option<Taken<'e>>);

fn one<'e>(entry: &'e Entry, came: &Came, is_sheet: bool, taking: Taking) -> Judged<'e> {
    let (text, made_from) = (bare(&came.translation), bare(&came.original));
    if text.trim().is_empty() {
        return (Fate::Missing, None, None);
    }
    let is_same = entry.translated.is_some() && text == entry.translation();
    let is_present = made_from == entry.original();
    let fuzzy = came.fuzzy && (is_same || !is_sheet);
    let unknown = entry.translated.as_ref().is_some_and(|text| text.made_from.is_none());
    let confirms = taking.confirm && is_present && unknown && !fuzzy;
    if is_same && !confirms && (fuzzy || entry.state() == State::Translated) {
        return (Fate::Same, None, None);
    }
    if let Some(why) = unfit(entry, &text, &came.original) {
        return (Fate::Refused, Some(why), None);
    }
    if fuzzy && !taking.fuzzy {
        return (Fate::Fuzzy, None, None);
    }
    if !is_present && entry.state() == State::Translated {
        return (Fate::Outdated, Some("there is a newer one".to_owned()), None);
    }
    if let Some(what) = differs(&entry.said.text, &text).filter(|_| !is_present) {
        let why = format!("the flow's text has changed since: it differs in {what}");
        return (Fate::Outdated, Some(why), None);
    }
    let made_from = match (fuzzy, is_present) {
        (true, _) => came.previous.as_deref().map_or_else(|| before(entry), bare),
        (false, _) => made_from,
    };
    let fate = match (&entry.translated, fuzzy || !is_present) {
        (_, true)
            if is_same
                && entry
                    .translated
                    .as_ref()
                    .is_some_and(|is| is.made_from.as_ref() == Some(&made_from)) =>
        {
            return (Fate::Same, None, None);
        }
        (_, true) => Fate::Stale,
        (None, false) => Fate::New,
        (Some(_), false) if is_same => Fate::Confirmed,
        (Some(_), false) => Fate::Changed,
    };
    let taken = Taken {
        entry,
        text: as_written(&text, &entry.said.text),
        made_from,
    };
    (fate, None, Some(taken))
}

/// What a stale translation says that it was made from; nothing, which is no original, where that is not known.
fn before(entry: &Entry) -> String {
    let made_from = entry.translated.as_ref().and_then(|text| text.made_from.clone());
    made_from.filter(|_| entry.state() == State::Stale).unwrap_or_default()
}

/// Why a text cannot be taken: it must say what it was made from, and nothing that cannot be seen.
fn unfit(entry: &Entry, text: &str, made_from: &str) -> Option<String> {
    let hidden = |c: &char| c.is_control() && !matches!(c, '\n' | '\t') && !entry.said.text.contains(*c);
    if let Some(c) = text.chars().find(hidden) {
        return Some(format!("a control character stands in it (U+{:04X})", u32::from(c)));
    }
    let what = differs(made_from, text)?;
    Some(format!("it differs from its original in {what}"))
}

/// With the lines around it that its original has.
fn as_written(text: &str, original: &str) -> String {
    let ends = text.contains('\n') && original.ends_with('\n');
    if ends { format!("{text}\n") } else { text.to_owned() }
}
