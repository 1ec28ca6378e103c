//! The words of refusals, made from a field's label or its short name.
//!
//! Owns how either becomes a part of a sentence. Must not know kinds or values. `Postcode` and
//! `What is your postcode?` both make good sentences; other questions (`When did you move?`) are
//! not bent into one: a general word stands in.

use super::messages::shortened;
use crate::flow::{Field, Scope};
use crate::words::Words;

/// Labels longer than this are not repeated in a sentence.
const LONGEST: usize = 60;

/// A field's name in sentences.
#[derive(Debug)]
pub(crate) struct Wording {
    noun: Option<String>,
    /// What it is called on its own, on one line.
    key: String,
    words: Words,
}

impl Wording {
    pub(super) fn of(field: &Field, scope: &Scope<'_>) -> Self {
        Self {
            noun: named(
                &field.label.plain(scope),
                field.short.as_ref().map(|short| short.plain(scope)),
                scope.words,
            ),
            key: shortened(&field.key().plain(scope)),
            words: scope.words,
        }
    }

    /// The language.
    pub(super) fn words(&self) -> Words {
        self.words
    }

    /// `Enter your date of birth`, or the other words.
    pub(super) fn enter(&self, otherwise: &str) -> String {
        match &self.noun {
            Some(noun) => self.words.enter_what(noun),
            None => otherwise.to_owned(),
        }
    }

    /// `Enter your job`, else the question is quoted.
    pub(super) fn answer(&self) -> String {
        match &self.noun {
            Some(noun) => self.words.enter_what(noun),
            None => self.words.enter_answer(&self.key),
        }
    }

    /// Whether a message says which question it is about.
    pub(super) fn is_named_in(&self, message: &str) -> bool {
        let message = message.to_lowercase();
        let says = |name: &str| !name.is_empty() && message.contains(&name.to_lowercase());
        let bare = |noun: &String| {
            let mut things = self.words.label_things().iter();
            let found = things.find_map(|thing| noun.strip_prefix(thing)).map(str::to_owned);
            found.unwrap_or_else(|| noun.clone())
        };
        says(&self.key) || self.noun.as_ref().map(bare).is_some_and(|noun| says(&noun))
    }

    /// `Select your nationality`, or the other words.
    pub(super) fn select(&self, otherwise: &str) -> String {
        match &self.noun {
            Some(noun) => self.words.select_what(noun),
            None => otherwise.to_owned(),
        }
    }

    /// `your date of birth`, or the other words.
    pub(super) fn name(&self, otherwise: &str) -> String {
        self.noun.clone().unwrap_or_else(|| otherwise.to_owned())
    }

    /// What a sentence begins with: `Your date of birth`, or the other words.
    pub(super) fn subject(&self, otherwise: &str) -> String {
        self.words.upper_first(self.noun.as_deref().unwrap_or(otherwise))
    }
}

/// The short name, as the label says it where it does: `your full name` for `Full name`. Without one
/// what the label asks for.
fn named(label: &str, short: Option<String>, words: Words) -> Option<String> {
    let asked = noun(label, words);
    let Some(short) = short.map(|short| lower_first(short.trim(), words)) else {
        return asked;
    };
    let says = |asked: &String| asked.to_lowercase().ends_with(&short.to_lowercase());
    Some(asked.filter(says).unwrap_or(short))
}

/// A label as a noun phrase, if it is one or asks for one.
fn noun(label: &str, words: Words) -> Option<String> {
    let label = label.trim();
    let label = label.strip_suffix(words.label_optional()).unwrap_or(label).trim_end();
    let question = label.ends_with('?');
    let bare = label.trim_end_matches(['?', ':', '.', ' ']);
    if bare.is_empty() || bare.chars().count() > LONGEST || bare.contains('\n') {
        return None;
    }
    let behind = |openings: &[&str]| openings.iter().find_map(|opening| bare.strip_prefix(opening));
    if let Some(rest) = behind(words.label_asking()) {
        let known = words.label_things().iter().any(|thing| rest.starts_with(thing));
        return known.then(|| rest.to_owned());
    }
    let first = bare
        .split([' ', '\u{2019}', '\''])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    if question || bare.contains(". ") || words.label_sentences().contains(&first.as_str()) {
        return None;
    }
    Some(lower_first(behind(words.label_orders()).unwrap_or(bare), words))
}

/// As it stands in a sentence: `postcode` and `e-mail`. Not where its first word is a name or an
/// abbreviation, by itself or with the word behind it: `IBAN`, `Welsh address`, `National Insurance
/// number`.
fn lower_first(text: &str, words: Words) -> String {
    let mut all = text.split([' ', '\u{a0}']).filter(|word| !word.is_empty());
    let (word, next) = (all.next().unwrap_or_default(), all.next().unwrap_or_default());
    let mut chars = word.chars();
    let plain = chars.nth(1).is_some_and(|c| c.is_lowercase() || c == '-') && !chars.any(char::is_uppercase);
    let is = |name: &str| word.trim_end_matches("'s").trim_end_matches("\u{2019}s") == name;
    let names = words.label_names().iter().copied();
    let names = names.chain(words.months().written()).chain(words.weekdays().written());
    if words.keep_case() || !plain || next.starts_with(char::is_uppercase) || names.into_iter().any(is) {
        return text.to_owned();
    }
    words.lower_first(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_is_said_as_the_label_says_it_where_it_does() {
        let said = |label, short: &str| named(label, Some(short.to_owned()), Words::english()).unwrap();
        assert_eq!(said("What is your full name?", "Full name"), "your full name");
        assert_eq!(said("What should we call you?", "Full name"), "full name");
        assert_eq!(said("When did you move?", "Day of moving"), "day of moving");
        assert_eq!(
            said("What is your number?", "National Insurance number"),
            "National Insurance number"
        );
    }

    #[test]
    fn labels_make_good_sentences() {
        let wording = |label: &str| Wording {
            noun: noun(label, Words::english()),
            key: label.to_owned(),
            words: Words::english(),
        };
        let enter = |label: &str| wording(label).enter("Enter a date");
        assert_eq!(enter("Postcode"), "Enter postcode");
        assert_eq!(enter("Your name"), "Enter your name");
        assert_eq!(enter("What is your date of birth?"), "Enter your date of birth");
        assert_eq!(enter("When did you move?"), "Enter a date");
        assert_eq!(enter("What is 3 + 4?"), "Enter a date");
        assert_eq!(enter("Tell us when it was"), "Enter a date");
        assert_eq!(enter("How long ago was it"), "Enter a date");
        assert_eq!(enter("We need a date. Any will do"), "Enter a date");
        assert_eq!(enter("IBAN"), "Enter IBAN");
        assert_eq!(enter("Middle names (optional)"), "Enter middle names");
        assert_eq!(enter("National Insurance number"), "Enter National Insurance number");
        assert_eq!(enter("E-mail"), "Enter e-mail");
        assert_eq!(enter("eBay name"), "Enter eBay name");
        assert_eq!(enter("McDonald number"), "Enter McDonald number");
        assert_eq!(enter("Welsh address"), "Enter Welsh address");
        assert_eq!(enter("March rent"), "Enter March rent");
        assert_eq!(enter("Date of the May meeting"), "Enter date of the May meeting");
        assert_eq!(wording("Job").answer(), "Enter job");
        assert_eq!(
            wording("What do you do?").answer(),
            "Enter an answer to “What do you do?”"
        );
        assert!(wording("What is your email address?").is_named_in("Enter an email address, like a@b.c"));
        assert!(!wording("Who are you?").is_named_in("Enter a number"));
        let subject = |label: &str| wording(label).subject("the date");
        assert_eq!(subject("What is your date of birth?"), "Your date of birth");
        assert_eq!(subject("When did you move?"), "The date");
        assert_eq!(subject("Date of birth"), "Date of birth");
    }
}
