//! Capital and small letters, as a language has them: the Turkish i, the accents of Greek capitals; and the
//! order of its alphabet.
//!
//! Owns where they are another language's than English. Must not know words.

use icu_casemap::options::{LeadingAdjustment, TitlecaseOptions, TrailingCase};
use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_collator::Collator;
use icu_collator::options::CollatorOptions;
use icu_locale_core::{LanguageIdentifier, Locale as Tag};

static CASES: CaseMapperBorrowed<'static> = CaseMapper::new();

/// The letters of a language; `None`: as in English.
#[derive(Debug, Default)]
pub(super) struct Letters(Option<LanguageIdentifier>);

impl Letters {
    pub(super) fn of(language: &LanguageIdentifier) -> Self {
        Self(Some(language.clone()).filter(|language| language.language.as_str() != "en"))
    }

    pub(super) fn upper(&self, text: &str) -> String {
        match &self.0 {
            Some(language) => CASES.uppercase_to_string(text, language).into_owned(),
            None => text.to_uppercase(),
        }
    }

    pub(super) fn lower(&self, text: &str) -> String {
        match &self.0 {
            Some(language) => CASES.lowercase_to_string(text, language).into_owned(),
            None => text.to_lowercase(),
        }
    }

    /// A text with a capital in front, if a letter stands there.
    pub(super) fn upper_first(&self, text: &str) -> String {
        let mut chars = text.chars();
        match (chars.next(), &self.0) {
            (Some(first), Some(language)) if first.is_alphabetic() => {
                let mut options = TitlecaseOptions::default();
                options.trailing_case = Some(TrailingCase::Unchanged);
                options.leading_adjustment = Some(LeadingAdjustment::None);
                let cased = CASES.titlecase_segment_with_only_case_data_to_string(text, language, options);
                cased.into_owned()
            }
            (Some(first), _) => first.to_uppercase().chain(chars).collect(),
            (None, _) => String::new(),
        }
    }

    /// A text with a small letter in front.
    pub(super) fn lower_first(&self, text: &str) -> String {
        let first = text.chars().next().map_or(0, char::len_utf8);
        let (first, rest) = text.split_at(first);
        self.lower(first) + rest
    }
}

/// The places of these texts in the order of a language's alphabet.
pub(super) fn order(tag: &Tag, texts: &[&str]) -> Vec<usize> {
    let collator = Collator::try_new(tag.into(), CollatorOptions::default()).ok();
    let mut places: Vec<usize> = (0..texts.len()).collect();
    let text = |place: &usize| texts.get(*place).copied().unwrap_or_default();
    places.sort_by(|a, b| match &collator {
        Some(collator) => collator.compare(text(a), text(b)),
        None => text(a).cmp(text(b)),
    });
    places
}
