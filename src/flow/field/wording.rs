//! The words of refusals, made from a field's label.
//!
//! Owns how a label becomes a part of a sentence. Must not know kinds or values. `Postcode` and
//! `What is your postcode?` both make good sentences; other questions (`When did you move?`) are
//! not bent into one: a general word stands in.

use crate::flow::{Field, Scope};

/// Labels longer than this are not repeated in a sentence.
const LONGEST: usize = 60;

/// Words with which a label is a sentence, not the name of what is asked for.
const SENTENCES: [&str; 38] = [
    "add", "am", "are", "can", "check", "confirm", "could", "describe", "did", "do", "does", "explain", "give", "has",
    "have", "how", "i", "if", "is", "list", "please", "provide", "say", "should", "tell", "tick", "was", "we", "were",
    "what", "when", "where", "which", "who", "whose", "why", "will", "write",
];

/// A field's name in sentences.
#[derive(Debug)]
pub(crate) struct Wording(Option<String>);

impl Wording {
    pub(super) fn of(field: &Field, scope: &Scope<'_>) -> Self {
        Self(noun(&field.label.plain(scope)))
    }

    /// `Enter your date of birth`, or `Enter a date`.
    pub(super) fn enter(&self, otherwise: &str) -> String {
        format!("Enter {}", self.0.as_deref().unwrap_or(otherwise))
    }

    /// `Select your nationality`, or the other words.
    pub(super) fn select(&self, otherwise: &str) -> String {
        match &self.0 {
            Some(noun) => format!("Select {noun}"),
            None => otherwise.to_owned(),
        }
    }

    /// `Your date of birth must ...`, or `The date must ...`.
    pub(super) fn must(&self, otherwise: &str, what: impl AsRef<str>) -> String {
        let subject = self.0.as_deref().unwrap_or(otherwise);
        format!("{} must {}", upper_first(subject), what.as_ref())
    }
}

/// A label as a noun phrase, if it is one or asks for one.
fn noun(label: &str) -> Option<String> {
    let label = label.trim();
    let label = label.strip_suffix("(optional)").unwrap_or(label).trim_end();
    let question = label.ends_with('?');
    let bare = label.trim_end_matches(['?', ':', '.', ' ']);
    if bare.is_empty() || bare.chars().count() > LONGEST || bare.contains('\n') {
        return None;
    }
    for opening in [
        "What is ",
        "What are ",
        "What was ",
        "What were ",
        "What\u{2019}s ",
        "What's ",
    ] {
        if let Some(rest) = bare.strip_prefix(opening) {
            let known = ["your ", "the ", "their ", "his ", "her "];
            return known.iter().any(|word| rest.starts_with(word)).then(|| rest.to_owned());
        }
    }
    let first = bare
        .split([' ', '\u{2019}', '\''])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    if question || bare.contains(". ") || SENTENCES.contains(&first.as_str()) {
        return None;
    }
    let bare = ["Enter ", "Select ", "Choose "]
        .iter()
        .find_map(|verb| bare.strip_prefix(verb))
        .unwrap_or(bare);
    Some(lower_first(bare))
}

/// Not where the word is an abbreviation: `IBAN`, `E-mail` but `UK address`.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    match (first, second) {
        (Some(first), Some(second)) if second.is_lowercase() || second == '-' => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

pub(super) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_make_good_sentences() {
        let enter = |label: &str| Wording(noun(label)).enter("a date");
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
        let must = |label: &str| Wording(noun(label)).must("the date", "be a real date");
        assert_eq!(
            must("What is your date of birth?"),
            "Your date of birth must be a real date"
        );
        assert_eq!(must("When did you move?"), "The date must be a real date");
        assert_eq!(must("Date of birth"), "Date of birth must be a real date");
    }
}
