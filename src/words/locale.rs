//! How a language writes dates and lists and which form goes with a number, as the Unicode CLDR has it.
//!
//! Owns what is taken from ICU4X, once for each language: afterwards a date is put together from texts.
//! Digits are 0 to 9 in every language. Must not know the program's own words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::enums::DateFieldSet;
use icu_datetime::fieldsets::{MD, YMD};
use icu_datetime::pattern::{DateTimePattern, FixedCalendarDateTimeNames, MonthNameLength, WeekdayNameLength};
use icu_list::ListFormatter;
use icu_list::options::ListFormatterOptions;
use icu_locale::LocaleDirectionality;
use icu_locale_core::Locale as Tag;
use icu_plurals::{PluralCategory, PluralRules};
use writeable::TryWriteable as _;

use super::figures::{Amounts, Figures};
use super::letters::Letters;
use super::names::Names;

/// Where a language has no names of its own, ICU4X calls the first month so.
const NAMELESS: &str = "M01";

/// How a language writes.
#[derive(Debug, Default)]
pub(crate) struct Locale {
    /// By month.
    dates: Vec<Patterns>,
    pub(crate) months: Names,
    /// From Monday on.
    pub(crate) weekdays: Names,
    /// Words that stand in its dates and say nothing more, in small letters.
    pub(crate) between: Vec<String>,
    /// What stands between the items of a list.
    pub(crate) comma: String,
    pub(crate) figures: Figures,
    pub(super) amounts: Amounts,
    plurals: Option<PluralRules>,
    pub(super) letters: Letters,
    /// The language and its country; none where nothing is known of it.
    pub(super) tag: Option<Tag>,
}

/// A date of one month, with and without a year.
#[derive(Debug, Default)]
struct Patterns {
    whole: Vec<PatternItem>,
    short: Vec<PatternItem>,
}

#[derive(Debug)]
enum PatternItem {
    Text(String),
    /// In two figures, or in as many as it has.
    Day {
        two: bool,
    },
    Year,
}

/// Whether a language is written from right to left.
pub(super) fn is_rtl(tag: &str) -> bool {
    let tag = Tag::try_from_str(tag);
    tag.is_ok_and(|tag| LocaleDirectionality::new_common().is_right_to_left(&tag.id))
}

impl Locale {
    /// How the language of a BCP 47 tag writes; `None` where the CLDR knows nothing of it.
    pub(super) fn of(tag: &str) -> Option<Self> {
        let mut tag = Tag::try_from_str(tag).ok()?;
        // English without a country is that of Britain.
        if tag.id.language.as_str() == "en" && tag.id.region.is_none() && tag.id.script.is_none() {
            tag = Tag::try_from_str("en-GB").ok()?;
        }
        let tag = Tag::try_from_str(&format!("{}-u-nu-latn", tag.id)).ok()?;
        let months = months(&tag)?;
        if months.alone(0) == NAMELESS {
            return None;
        }
        let dates = patterns(&tag)?;
        let figures = Figures::of(&tag)?;
        Some(Self {
            between: between(&dates, &months),
            dates,
            weekdays: weekdays(&tag)?,
            months,
            comma: comma(&tag)?,
            amounts: Amounts::of(tag.clone(), figures),
            figures,
            plurals: PluralRules::try_new_cardinal((&tag).into()).ok(),
            letters: Letters::of(&tag.id),
            tag: Some(tag),
        })
    }

    /// The same, with every name between marks: for who looks for words that are in no table.
    pub(super) fn marked(mut self, open: &str, close: &str) -> Self {
        for patterns in &mut self.dates {
            for item in patterns.whole.iter_mut().chain(&mut patterns.short) {
                if let PatternItem::Text(text) = item {
                    *text = format!("{open}{text}{close}");
                }
            }
        }
        self.weekdays.mark(open, close);
        self
    }

    /// A date in words; without its year, where that is not given.
    pub(crate) fn date(&self, day: i8, month: i8, year: Option<i16>) -> String {
        let at = usize::try_from(month).unwrap_or_default().wrapping_sub(1);
        let pattern = self.dates.get(at).map(|patterns| match year {
            Some(_) => &patterns.whole,
            None => &patterns.short,
        });
        let mut out = String::with_capacity(24);
        for item in pattern.into_iter().flatten() {
            // A String takes everything.
            let _written = match item {
                PatternItem::Text(text) => out.write_str(text),
                PatternItem::Day { two: true } => write!(out, "{day:02}"),
                PatternItem::Day { two: false } => write!(out, "{day}"),
                PatternItem::Year => write!(out, "{}", year.unwrap_or_default()),
            };
        }
        out
    }

    /// The place of the form that goes with a number, among those of [`super::FORMS`].
    pub(super) fn form(&self, n: u64) -> usize {
        match self.plurals.as_ref().map(|rules| rules.category_for(n)) {
            Some(PluralCategory::Zero) => 0,
            Some(PluralCategory::One) => 1,
            Some(PluralCategory::Two) => 2,
            Some(PluralCategory::Few) => 3,
            Some(PluralCategory::Many) => 4,
            Some(PluralCategory::Other) | None => 5,
        }
    }

    /// The places of all the forms that it has.
    pub(super) fn forms(&self) -> BTreeSet<usize> {
        (0..=200).chain([1_000_000]).map(|n| self.form(n)).collect()
    }
}

/// A day of the year 1987.
fn day_of(month: u8, day: u8) -> Option<Date<Gregorian>> {
    Date::try_new_gregorian(1987, month, day).ok()
}

/// The dates of each month.
fn patterns(tag: &Tag) -> Option<Vec<Patterns>> {
    let whole = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(tag.into(), YMD::long()).ok()?;
    let short = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(tag.into(), MD::long()).ok()?;
    let of_month = |month| {
        let (day, small) = (day_of(month, 27)?, day_of(month, 5)?);
        Some(Patterns {
            whole: pattern(&whole.format(&day).to_string(), &whole.format(&small).to_string()),
            short: pattern(&short.format(&day).to_string(), &short.format(&small).to_string()),
        })
    };
    (1..=12).map(of_month).collect()
}

/// The pattern in what a language makes of the 27th of a month in 1987, and of the 5th.
fn pattern(written: &str, small: &str) -> Vec<PatternItem> {
    let two = small.contains("05");
    let mut items = Vec::new();
    let written = bare(written);
    let mut rest = written.as_str();
    while !rest.is_empty() {
        let day = rest.find("27").map(|at| (at, 2, PatternItem::Day { two }));
        let year = rest.find("1987").map(|at| (at, 4, PatternItem::Year));
        let Some((at, length, item)) = day.into_iter().chain(year).min_by_key(|(at, ..)| *at) else {
            items.push(PatternItem::Text(rest.to_owned()));
            break;
        };
        let (before, after) = rest.split_at(at);
        if !before.is_empty() {
            items.push(PatternItem::Text(before.to_owned()));
        }
        items.push(item);
        rest = after.get(length..).unwrap_or_default();
    }
    items
}

/// Without marks of direction: pages isolate what they show.
pub(super) fn bare(text: &str) -> String {
    let mark = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}');
    text.chars().filter(|c| !mark(*c)).collect()
}

/// The words of dates that are no names.
fn between(dates: &[Patterns], months: &Names) -> Vec<String> {
    let mut found = Vec::new();
    for (month, patterns) in dates.iter().enumerate() {
        for item in &patterns.whole {
            if let PatternItem::Text(text) = item {
                found.extend(months.without(month, text));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn months(tag: &Tag) -> Option<Names> {
    let days: Vec<_> = (1..=12).map(|month| day_of(month, 27)).collect::<Option<_>>()?;
    let all = |length, pattern| named(tag, Some(length), None, pattern, &days);
    let letters = Letters::of(&tag.id);
    Some(Names::new(
        |text: &str| letters.lower(text),
        [
            all(MonthNameLength::StandaloneWide, "LLLL")?,
            all(MonthNameLength::Wide, "MMMM")?,
            all(MonthNameLength::StandaloneAbbreviated, "LLL")?,
            all(MonthNameLength::Abbreviated, "MMM")?,
        ],
    ))
}

fn weekdays(tag: &Tag) -> Option<Names> {
    // The 5th of January 1987 was a Monday.
    let days: Vec<_> = (5..12).map(|day| day_of(1, day)).collect::<Option<_>>()?;
    let all = |length, pattern| named(tag, None, Some(length), pattern, &days);
    let letters = Letters::of(&tag.id);
    Some(Names::new(
        |text: &str| letters.lower(text),
        [
            all(WeekdayNameLength::StandaloneWide, "cccc")?,
            all(WeekdayNameLength::Wide, "EEEE")?,
            all(WeekdayNameLength::StandaloneAbbreviated, "ccc")?,
            all(WeekdayNameLength::Abbreviated, "EEE")?,
        ],
    ))
}

/// What a pattern of names makes of these days.
fn named(
    tag: &Tag,
    months: Option<MonthNameLength>,
    weekdays: Option<WeekdayNameLength>,
    pattern: &str,
    days: &[Date<Gregorian>],
) -> Option<Vec<String>> {
    let mut names = FixedCalendarDateTimeNames::<Gregorian, DateFieldSet>::new_without_number_formatting(tag.into());
    if let Some(length) = months {
        names.include_month_names(length).ok()?;
    }
    if let Some(length) = weekdays {
        names.include_weekday_names(length).ok()?;
    }
    let pattern = DateTimePattern::try_from_pattern_str(pattern).ok()?;
    let names = names.with_pattern_unchecked(&pattern);
    let mut all = Vec::with_capacity(days.len());
    for day in days {
        let mut name = String::new();
        names.format(day).try_write_to(&mut name).ok()?.ok()?;
        all.push(bare(&name));
    }
    Some(all)
}

/// What stands between two items of several.
fn comma(tag: &Tag) -> Option<String> {
    let list = ListFormatter::try_new_and(tag.into(), ListFormatterOptions::default()).ok()?;
    let all = bare(&list.format(["0", "1", "2", "3"].iter()).to_string());
    let (_, behind) = all.split_once('0')?;
    let (comma, _) = behind.split_once('1')?;
    Some(comma.to_owned())
}
