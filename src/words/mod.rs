//! The program's own words for people, by name, and how their language writes.
//!
//! Owns [`Words`]: a method per text of `templates/words/en.toml`, made when the program is built, with
//! the texts of each language that has a file there. Values of a text are given in the order of the
//! alphabet. Must not know where the words stand.

mod countries;
mod figures;
mod letters;
mod locale;
pub(crate) mod marks;
mod names;
mod said;
mod table;

use std::fmt::{self, Debug, Display};

pub(crate) use countries::countries;
pub(crate) use figures::Figures;
pub(crate) use names::{Names, runs};
pub use said::{Misfit, Said, Vocabulary, Written, beginning, names};
use table::{Table, Texts};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The words of a language.
#[derive(Clone, Copy)]
pub struct Words(&'static Table);

/// The language of who looks for words that are not in the table: English, in brackets. (Windows' own
/// name for such a language.)
const PSEUDO: &str = "qps-ploc";

/// What tables say of a language in which a label keeps its first letter inside a sentence.
const KEPT: &str = "keep";
/// ... and of one in which it becomes small.
const LOWERED: &str = "lower";

/// The forms of a plural, as tables have them: English has two, every other language these places.
const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// What an entry of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Plural,
    List,
}

impl Default for Words {
    fn default() -> Self {
        Self::english()
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Words {}

impl Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Words {
    /// The words for texts of this BCP 47 tag: those of the tag or of its language, else English ones;
    /// dates and figures are as the tag has them.
    pub fn of(lang: &str) -> Self {
        Vocabulary::OWN.of(lang)
    }

    /// Where no language is known.
    pub fn english() -> Self {
        Self(table::english())
    }

    /// Whether the language is written from right to left.
    pub(crate) fn is_rtl(self) -> bool {
        self.0.rtl
    }

    /// Whether they are of the language that was asked for, not English ones for want of others.
    pub fn are_own(self) -> bool {
        self.0.own
    }

    /// Whether a label keeps its first letter inside a sentence.
    pub(crate) fn keep_case(self) -> bool {
        self.label_case() == KEPT
    }

    /// The language in itself: `Cymraeg`.
    pub fn language(self) -> &'static str {
        self.language_name()
    }

    /// A date in words: `27 March 1987`; without a year, `27 March`.
    pub(crate) fn date(self, day: i8, month: i8, year: Option<i16>) -> String {
        self.0.locale.date(day, month, year)
    }

    /// The names of the months.
    pub(crate) fn months(self) -> &'static Names {
        &self.0.locale.months
    }

    /// The names of the days of the week, from Monday on.
    pub(crate) fn weekdays(self) -> &'static Names {
        &self.0.locale.weekdays
    }

    /// Whether a word in small letters stands in dates and says nothing more.
    pub(crate) fn is_between(self, word: &str) -> bool {
        self.date_between().contains(&word) || self.0.locale.between.iter().any(|one| one == word)
    }

    /// What stands between the items of a list.
    pub(crate) fn comma(self) -> &'static str {
        &self.0.locale.comma
    }

    /// In capital letters.
    pub(crate) fn upper(self, text: &str) -> String {
        self.0.locale.letters.upper(text)
    }

    /// In small letters.
    pub(crate) fn lower(self, text: &str) -> String {
        self.0.locale.letters.lower(text)
    }

    /// With a capital in front, if a letter stands there.
    pub(crate) fn upper_first(self, text: &str) -> String {
        self.0.locale.letters.upper_first(text)
    }

    /// With a small letter in front.
    pub(crate) fn lower_first(self, text: &str) -> String {
        self.0.locale.letters.lower_first(text)
    }

    /// The places of these texts in the order of the alphabet.
    pub(crate) fn order(self, texts: &[&str]) -> Vec<usize> {
        let tag = self.0.locale.tag.as_ref();
        tag.map_or_else(|| (0..texts.len()).collect(), |tag| letters::order(tag, texts))
    }

    /// The names of these countries, by the codes of ISO 3166-1; nothing where there is none.
    pub(crate) fn countries(self, codes: &[&str]) -> Vec<Option<String>> {
        let tag = self.0.locale.tag.as_ref();
        tag.map_or_else(|| vec![None; codes.len()], |tag| countries::names(tag, codes))
    }

    /// The marks in numbers.
    pub(crate) fn figures(self) -> Figures {
        self.0.locale.figures
    }

    /// An amount of the currency of a code, of its digits with all minor ones and no sign: `£1,234.50`.
    pub(crate) fn amount(self, digits: &str, negative: bool, code: [u8; 3]) -> String {
        self.0.locale.amounts.around(code).amount(digits, negative)
    }

    /// The sign of a currency, and whether it stands before the digits.
    pub(crate) fn sign(self, code: [u8; 3]) -> (String, bool) {
        let around = self.0.locale.amounts.around(code);
        let (sign, before) = around.sign();
        (sign.to_owned(), before)
    }

    fn list(self, at: usize) -> &'static [&'static str] {
        self.0.texts.get(at).copied().unwrap_or_default()
    }

    fn text(self, at: usize) -> &'static str {
        self.list(at).first().copied().unwrap_or_default()
    }

    fn filled(self, at: usize, values: &[(&str, &dyn Display)]) -> String {
        self.fill(self.text(at), values)
    }

    /// Each value stands apart from what is around it, where that is written the other way.
    fn fill(self, text: &str, values: &[(&str, &dyn Display)]) -> String {
        let apart = |(name, value): &(_, &dyn Display)| (*name, self.apart(value.to_string()).into_owned());
        fill(text, &values.iter().map(apart).collect::<Vec<_>>())
    }

    /// The form for this number.
    fn counted(self, at: usize, n: impl TryInto<u64>, values: &[(&str, &dyn Display)]) -> String {
        let n = n.try_into().unwrap_or(u64::MAX);
        let form = match self.list(at) {
            // English ones, also where they stand in for those of another language.
            [one, other] => {
                if n == 1 {
                    one
                } else {
                    other
                }
            }
            forms => {
                let form = forms.get(self.0.locale.form(n)).filter(|form| !form.is_empty());
                let other = || forms.iter().rfind(|form| !form.is_empty());
                form.or_else(other).copied().unwrap_or_default()
            }
        };
        let all: Vec<_> = values.iter().copied().chain([("n", &n as &dyn Display)]).collect();
        self.fill(form, &all)
    }
}

/// Puts the values in place of their names in braces.
fn fill(text: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(text.len() + 40);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        rest = match after.split_once('}') {
            Some((name, after)) => {
                if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                    out.push_str(value);
                }
                after
            }
            None => after,
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn values_stand_where_the_text_has_them() {
        let values = &[("a", "1".to_owned()), ("b", "{a}".to_owned())];
        assert_eq!(fill("{b} before {a}, {a}", values), "{a} before 1, 1");
        assert_eq!(fill("none", values), "none");
    }

    #[test]
    fn every_plural_has_the_forms_of_its_language() {
        for (tag, texts) in TABLES.iter().filter(|(tag, _)| *tag != "en") {
            let forms = Words::of(tag).0.locale.forms();
            for ((name, shape), texts) in NAMES.iter().zip(texts.iter()) {
                if *shape == Shape::Plural {
                    let there = (0..FORMS.len()).filter(|at| !texts[*at].is_empty());
                    let names = |all: BTreeSet<usize>| all.into_iter().map(|at| FORMS[at]).collect::<Vec<_>>();
                    assert_eq!(names(there.collect()), names(forms.clone()), "{tag}: {name}");
                }
            }
        }
    }

    #[test]
    fn every_table_says_what_becomes_of_a_labels_first_letter() {
        for (tag, _) in TABLES {
            assert!([KEPT, LOWERED].contains(&Words::of(tag).label_case()), "{tag}");
        }
    }

    #[test]
    fn every_country_has_a_name_in_every_language_of_the_program() {
        let codes: Vec<&str> = countries().collect();
        assert_eq!(codes.len(), 249);
        for tag in ["en", "cy", "ar", "fr", "es", "de", "pl"] {
            let names = Words::of(tag).countries(&codes);
            assert!(names.iter().all(Option::is_some), "{tag}");
        }
        let german = |code| Words::of("de").countries(&[code]).remove(0).unwrap();
        assert_eq!(german("AT"), "Österreich");
        let texts = ["Oman", "Österreich", "Zypern", "Ägypten", "Albanien"];
        assert_eq!(Words::of("de").order(&texts), [3, 4, 0, 1, 2]);
        assert_eq!(Words::of("sv").order(&texts), [4, 0, 2, 3, 1]);
        assert_eq!(Words::of("cy").order(&["Llan", "Lot", "Lam"]), [2, 1, 0]);
    }

    #[test]
    fn a_language_without_words_speaks_english_and_writes_its_own_dates() {
        let polish = Words::of("pl");
        assert!(!polish.are_own());
        assert_eq!(polish.language(), "English");
        assert_eq!(polish.date(27, 3, Some(1987)), "27 marca 1987");
        assert_eq!(polish.select_least(5), "Select 5 options or more");
        assert_eq!(polish.select_least(1), "Select 1 option or more");
    }

    #[test]
    fn dates_and_figures_are_as_the_country_has_them() {
        let date = |tag| Words::of(tag).date(5, 3, Some(1987));
        assert_eq!(date("en"), "5 March 1987");
        assert_eq!(date("en-US"), "March 5, 1987");
        assert_eq!(date("ja"), "1987年3月5日");
        assert_eq!(date("no-such"), "5 March 1987");
        let amount = |tag| Words::of(tag).amount("1234567.50", true, *b"EUR");
        assert_eq!(amount("en"), "-€1,234,567.50");
        assert_eq!(amount("de"), "-1.234.567,50\u{a0}€");
        assert_eq!(amount("hi"), "-€12,34,567.50");
        assert_eq!(amount("ar"), "-1,234,567.50\u{a0}€");
        assert_eq!(Words::of("es").amount("1234.5", false, *b"EUR"), "1234,5\u{a0}€");
        assert_eq!(Words::of("ar").comma(), " و");
        let letters = |tag| (Words::of(tag).upper("istanbul straße"), Words::of(tag).lower("ISPARTA"));
        assert_eq!(letters("tr"), ("İSTANBUL STRASSE".into(), "ısparta".into()));
        assert_eq!(letters("de"), ("ISTANBUL STRASSE".into(), "isparta".into()));
        assert_eq!(letters("en"), letters("de"));
        let first = |tag, text| Words::of(tag).upper_first(text);
        assert_eq!(first("tr", "isim ve IBAN"), "İsim ve IBAN");
        assert_eq!(first("nl", "ijsje"), "IJsje");
        assert_eq!(first("de", "„name“ fehlt"), "„name“ fehlt");
        assert_eq!(first("cy", ""), "");
        assert_eq!(Words::of("tr").lower_first("Isı IBAN"), "ısı IBAN");
    }
}
