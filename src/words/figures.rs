//! How a language writes figures: the marks in numbers, and where the sign of a currency stands.
//!
//! Owns what is taken from ICU4X for them, once for each language and currency. Must not know how a
//! number is read or rounded.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use icu_decimal::DecimalFormatter;
use icu_decimal::options::DecimalFormatterOptions;
use icu_experimental::dimension::currency::CurrencyType;
use icu_experimental::dimension::currency::formatter::CurrencyFormatter;
use icu_experimental::dimension::currency::options::CurrencyFormatterOptions;
use icu_locale_core::Locale as Tag;
use icu_locale_core::extensions::unicode::Value;

use super::locale::bare;

/// The currencies whose sign alone says which one is meant, wherever the page is read.
const KNOWN: [&str; 5] = ["EUR", "GBP", "INR", "JPY", "USD"];

/// The marks of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Before decimals.
    pub(crate) decimal: char,
    /// Between thousands.
    pub(crate) group: Option<char>,
    /// Digits of the groups before the last three: 3, or 2 as in India.
    inner: usize,
    /// Digits of the shortest number that is parted.
    least: usize,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            decimal: '.',
            group: Some(','),
            inner: 3,
            least: 4,
        }
    }
}

impl Figures {
    pub(super) fn of(tag: &Tag) -> Option<Self> {
        let formatter = DecimalFormatter::try_new(tag.into(), DecimalFormatterOptions::default()).ok()?;
        let write = |digits: &str| Some(formatter.format(&digits.parse().ok()?).to_string());
        Self::seen(&write("1234567.1")?, &write("1234.1")?, None)
    }

    /// The marks in what a language makes of 1234567.1 and 1234.1; where there are no decimals, those
    /// are as in `otherwise`.
    fn seen(long: &str, short: &str, otherwise: Option<char>) -> Option<Self> {
        let end = long.find("567")?;
        let (before, behind) = long.split_at(end);
        let decimal = behind
            .chars()
            .nth(3)
            .filter(|_| behind.chars().nth(4).is_some_and(|c| c.is_ascii_digit()));
        let group = before.chars().last().filter(|c| !c.is_ascii_digit());
        let inner = before.trim_end_matches(|c: char| !c.is_ascii_digit());
        let inner = inner.chars().rev().take_while(char::is_ascii_digit).count();
        Some(Self {
            decimal: decimal.or(otherwise)?,
            group,
            inner: inner.clamp(2, 3),
            least: if short.contains("1234") { 5 } else { 4 },
        })
    }

    /// Digits with a point before the decimals, as the language writes them.
    fn amount(self, digits: &str) -> String {
        let (whole, rest) = digits
            .split_once('.')
            .map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
        let group = self.group.filter(|_| whole.len() >= self.least);
        let mut out = String::with_capacity(digits.len() + whole.len());
        for (at, digit) in whole.chars().enumerate() {
            let left = whole.len() - at;
            if let Some(group) = group
                && at > 0
                && (left == 3 || left > 3 && (left - 3).is_multiple_of(self.inner))
            {
                out.push(group);
            }
            out.push(digit);
        }
        if let Some(rest) = rest {
            out.push(self.decimal);
            out.push_str(rest);
        }
        out
    }
}

/// The amounts of a language.
#[derive(Debug, Default)]
pub(super) struct Amounts {
    /// The language; none where nothing is known of it.
    tag: Option<Tag>,
    figures: Figures,
    /// What was asked for so far, by the currency's code.
    seen: RwLock<BTreeMap<[u8; 3], Arc<Around>>>,
}

/// What stands around the digits of an amount.
#[derive(Debug)]
pub(super) struct Around {
    figures: Figures,
    usual: (String, String),
    negative: (String, String),
}

impl Around {
    /// An amount with all its minor digits, without a sign: `1234.50`.
    pub(super) fn amount(&self, digits: &str, negative: bool) -> String {
        let (before, behind) = if negative { &self.negative } else { &self.usual };
        format!("{before}{}{behind}", self.figures.amount(digits))
    }

    /// The sign of the currency, and whether it stands before the digits.
    pub(super) fn sign(&self) -> (&str, bool) {
        match (self.usual.0.trim(), self.usual.1.trim()) {
            ("", behind) => (behind, false),
            (before, _) => (before, true),
        }
    }
}

impl Amounts {
    pub(super) fn of(tag: Tag, figures: Figures) -> Self {
        Self {
            tag: Some(tag),
            figures,
            seen: RwLock::default(),
        }
    }

    /// What stands around amounts of the currency of this code.
    pub(super) fn around(&self, code: [u8; 3]) -> Arc<Around> {
        let seen = self
            .seen
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&code)
            .map(Arc::clone);
        seen.unwrap_or_else(|| {
            let around = Arc::new(self.made(&String::from_utf8_lossy(&code)));
            let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
            seen.insert(code, Arc::clone(&around));
            around
        })
    }

    fn made(&self, code: &str) -> Around {
        self.found(code).unwrap_or_else(|| Around {
            figures: self.figures,
            usual: (format!("{code} "), String::new()),
            negative: (format!("-{code} "), String::new()),
        })
    }

    fn found(&self, code: &str) -> Option<Around> {
        let currency = CurrencyType::try_from(Value::try_from_str(code).ok()?).ok()?;
        let tag = self.tag.as_ref()?;
        let english = tag.id.language.as_str() == "en";
        let (tag, options) = (tag.into(), CurrencyFormatterOptions::default());
        let formatter = if KNOWN.contains(&code) {
            CurrencyFormatter::try_new_symbol_narrow(tag, currency, options)
        } else if english {
            CurrencyFormatter::try_new_code(tag, currency, options)
        } else {
            CurrencyFormatter::try_new_symbol(tag, currency, options)
        };
        let formatter = formatter.ok()?;
        let write = |digits: &str| {
            let written = bare(&formatter.format_fixed_decimal(&digits.parse().ok()?).to_string());
            // In English as ever.
            Some(if english {
                written.replace('\u{a0}', " ")
            } else {
                written
            })
        };
        let (long, short) = (write("1234567.1")?, write("1234.1")?);
        Some(Around {
            figures: Figures::seen(&long, &short, Some(self.figures.decimal))?,
            usual: around(&long)?,
            negative: around(&write("-1234567.1")?)?,
        })
    }
}

/// What stands before the first digit, and behind the last.
fn around(written: &str) -> Option<(String, String)> {
    let digit = |c: char| c.is_ascii_digit();
    let (first, last) = (written.find(digit)?, written.rfind(digit)?);
    let (before, behind) = (written.get(..first)?, written.get(last + 1..)?);
    Some((before.to_owned(), behind.to_owned()))
}
