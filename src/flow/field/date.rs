//! `date`: a day, typed into three boxes.
//!
//! Owns how the boxes are read and what is said of each. Must not know other kinds.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use super::kind::{Around, Boxes, Chance, Control, Declares, Fills, Part, Question, Range, Read, Role, Typed, any};
use super::wording::Wording;
use super::{Problem, Why, folded, typed};
use crate::flow::{Expr, Scope, Type, Value, format};
use crate::words::{Words, runs};

pub(super) const KIND: Declares = Declares {
    name: "date",
    keys: &["required", "message", "default", "min", "max", "autocomplete"],
    role: Role::Answer,
    fills: Fills::Birthday,
    value_type: |_| Some(Type::Date),
    answers: any,
    build: |building| {
        Box::new(Day {
            range: building.range(Type::Date),
        })
    },
};

/// The boxes.
const PARTS: [Part; 3] = [
    Part {
        name: "day",
        label: Words::date_day,
        size: 2,
        autocomplete: "bday-day",
    },
    Part {
        name: "month",
        label: Words::date_month,
        size: 2,
        autocomplete: "bday-month",
    },
    Part {
        name: "year",
        label: Words::date_year,
        size: 4,
        autocomplete: "bday-year",
    },
];

/// All of them.
const ALL: [&str; 3] = ["day", "month", "year"];

/// Ages that are made up for a day in the past, in years: an adult first.
const AGES: [i16; 8] = [40, 1, 0, 20, 70, 10, 5, 100];

#[derive(Debug)]
struct Day {
    range: Range,
}

impl Day {
    fn bounds(&self, scope: &Scope<'_>) -> (Option<Date>, Option<Date>) {
        self.range.of(scope, Value::as_date)
    }
}

impl Question for Day {
    fn value_type(&self) -> Type {
        Type::Date
    }

    fn bounds(&self) -> Vec<&Expr> {
        self.range.exprs()
    }

    fn boxes(&self) -> Boxes {
        Boxes::Parts(&PARTS)
    }

    fn longest(&self) -> usize {
        typed::posted_bytes(LONGEST)
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Parts(&PARTS)
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        read(typed, around)
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        let Some(day) = value.as_date() else {
            return around.another();
        };
        check(day, self.bounds(around.scope), around)
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.enter(wording.words().enter_date())
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        let Some(day) = value.as_date() else {
            return Vec::new();
        };
        vec![
            ("day", day.day().to_string()),
            ("month", day.month().to_string()),
            ("year", format!("{:04}", day.year())),
        ]
    }

    fn made(&self, scope: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        let days = made(self.bounds(scope), scope.today, chance).into_iter();
        days.map(Value::Date).collect()
    }

    /// In one line.
    fn said(&self, typed: &[&str], _: &Scope<'_>) -> Vec<String> {
        vec![typed.join(" ")]
    }
}

/// Characters of a whole date.
const LONGEST: usize = 60;

/// The day of the three boxes. A whole date in one of them is read too.
fn read(typed: &Typed<'_>, around: &Around<'_>) -> Read {
    let words = around.words();
    let boxes = PARTS.map(|part| Filled::of(folded::line(typed.part(part.name)), words));
    let said = boxes.iter().find_map(|filled| filled.weekday);
    let typed = whole(&boxes).unwrap_or_else(|| boxes.map(alone));
    if typed.iter().all(String::is_empty) {
        return Ok(None);
    }
    let what = || around.wording().subject(words.date_it());
    let problem = |parts, message| Problem {
        parts,
        why: Why::Invalid,
        message,
    };
    if let Some((parts, message)) = lacking(&typed, words, what) {
        return Err(problem(parts, message));
    }
    let [day, month, year] = &typed;
    let year = read_year(year).ok_or_else(|| problem(&["year"], words.date_read_year(what())))?;
    let month = read_month(month, words).ok_or_else(|| problem(&["month"], words.date_read_month(what())))?;
    let day = read_day(day).ok_or_else(|| problem(&["day"], words.date_read_day(what())))?;
    match Date::new(year, month, day) {
        Ok(date) if said.is_some_and(|said| said != date.weekday()) => {
            let is = format::weekday(date.weekday(), words);
            let message = words.date_weekday(format::date(date, words), is, what());
            Err(problem(&ALL, message))
        }
        Ok(date) => Ok(Some(Value::Date(date))),
        // In another year it may be one.
        Err(_) if (month, day) == (2, 29) => Err(problem(&ALL, words.date_real(what()))),
        Err(_) => Err(problem(&["day", "month"], words.date_real(what()))),
    }
}

/// The boxes of one or two that are empty, and what is said of them.
fn lacking(typed: &[String; 3], words: Words, what: impl Fn() -> String) -> Option<(&'static [&'static str], String)> {
    let [day, month, year] = typed.each_ref().map(String::is_empty);
    match (day, month, year) {
        (true, true, _) => Some((&["day", "month"], words.date_include_day_month(what()))),
        (true, _, true) => Some((&["day", "year"], words.date_include_day_year(what()))),
        (true, ..) => Some((&["day"], words.date_include_day(what()))),
        (_, true, true) => Some((&["month", "year"], words.date_include_month_year(what()))),
        (_, true, _) => Some((&["month"], words.date_include_month(what()))),
        (.., true) => Some((&["year"], words.date_include_year(what()))),
        _ => None,
    }
}

/// `27/3/1987`, `Friday the 27th of March 1987`, `March 27, 1987` or `1987-03-27` in one box, the
/// others empty: day, month and year. All in figures it is the day first, or the year if that has
/// four. A day of the week must be that of the date.
fn whole(boxes: &[Filled; 3]) -> Option<[String; 3]> {
    let mut filled = boxes.iter().filter(|filled| !filled.text.is_empty());
    let (only, None) = (filled.next()?, filled.next()) else {
        return None;
    };
    let [a, b, c]: [String; 3] = only.words.clone().try_into().ok()?;
    let month_first = a.starts_with(char::is_alphabetic) && !b.starts_with(char::is_alphabetic);
    Some(if a.len() == 4 && a.starts_with(|c: char| c.is_ascii_digit()) {
        [c, b, a]
    } else if month_first {
        [b, a, c]
    } else {
        [a, b, c]
    })
}

/// A box with one part of a date, without what is forgiven around it.
fn alone(filled: Filled) -> String {
    match <[String; 1]>::try_from(filled.words) {
        Ok([word]) => word,
        Err(_) => filled.text,
    }
}

/// A box as it was typed.
struct Filled {
    text: String,
    /// Without what is forgiven around them.
    words: Vec<String>,
    weekday: Option<Weekday>,
}

impl Filled {
    fn of(text: String, words: Words) -> Self {
        let (words, weekday) = parted(&text, words);
        Self { text, words, weekday }
    }
}

/// A word of a date, or several that are one name.
struct Word {
    text: String,
    /// From Monday on.
    weekday: Option<usize>,
    month: bool,
}

/// The words and figures of a date, whatever parts them: without the day of the week, which is given
/// beside them, `the`, `of`, and the endings of ordinals.
fn parted(typed: &str, words: Words) -> (Vec<String>, Option<Weekday>) {
    let mut kept: Vec<Word> = Vec::new();
    for word in named(typed, words) {
        let behind_figures = kept
            .last()
            .is_some_and(|word| word.text.ends_with(|c: char| c.is_ascii_digit()));
        let ordinal = behind_figures && words.date_ordinals().contains(&word.text.as_str());
        if !ordinal && !words.is_between(&word.text) {
            kept.push(word);
        }
    }
    // `mar` is Tuesday and March in Spanish: what stands first is the day of the week, if the month comes too.
    let months = kept.iter().filter(|word| word.month).count();
    let day = |word: &Word| word.weekday.is_some() && (!word.month || months > 1);
    let said = kept.iter().find(|word| day(word)).and_then(|word| word.weekday);
    let mut both = months > 1;
    kept.retain(|word| {
        let gone = word.weekday.is_some() && (!word.month || both);
        both &= !(gone && word.month);
        !gone
    });
    let said = said.and_then(|day| Weekday::from_monday_zero_offset(i8::try_from(day).ok()?).ok());
    (kept.into_iter().map(|word| word.text).collect(), said)
}

/// The words of a text in small letters, those together that are one name.
fn named(typed: &str, words: Words) -> Vec<Word> {
    let (months, weekdays) = (words.months(), words.weekdays());
    let typed: String = typed.chars().take(LONGEST).collect();
    let runs = runs(&words.lower(&typed));
    let mut rest = runs.as_slice();
    let mut found = Vec::new();
    let longest = months.longest().max(weekdays.longest());
    while let Some(first) = rest.first() {
        let of = |count: usize| {
            let text = rest.get(..count)?.join(" ");
            let name = count > 1 || !first.starts_with(|c: char| c.is_ascii_digit());
            let (weekday, month) = (weekdays.named(&text), months.named(&text).is_some());
            (name && (month || weekday.is_some())).then_some((count, Word { text, weekday, month }))
        };
        let (count, word) = (1..=longest).rev().find_map(of).unwrap_or_else(|| {
            let text = first.clone();
            let (weekday, month) = (None, false);
            (1, Word { text, weekday, month })
        });
        found.push(word);
        rest = rest.get(count..).unwrap_or_default();
    }
    found
}

fn read_day(typed: &str) -> Option<i8> {
    small(typed).filter(|day| (1..=31).contains(day))
}

fn read_month(typed: &str, words: Words) -> Option<i8> {
    let lower = words.lower(typed);
    if let Some(month) = small(&lower) {
        return Some(month).filter(|month| (1..=12).contains(month));
    }
    let month = words.months().named(&lower)?;
    i8::try_from(month + 1).ok()
}

fn small(digits: &str) -> Option<i8> {
    let fits = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if fits { digits.parse().ok() } else { None }
}

/// Four digits: of two, nobody knows the century.
fn read_year(typed: &str) -> Option<i16> {
    let fits = typed.len() == 4 && typed.bytes().all(|b| b.is_ascii_digit());
    if fits {
        typed.parse().ok().filter(|year| *year > 0)
    } else {
        None
    }
}

/// The bounds, in words that name today where it is meant.
fn check(day: Date, (min, max): (Option<Date>, Option<Date>), around: &Around<'_>) -> Result<(), Problem> {
    let today = around.scope.today;
    let (yesterday, tomorrow) = (today.yesterday().ok(), today.tomorrow().ok());
    let words = around.words();
    let what = || around.wording().subject(words.date_it());
    let (why, message) = if let Some(max) = max.filter(|max| day > *max) {
        let message = if max == today {
            words.date_past_today(what())
        } else if Some(max) == yesterday {
            words.date_past(what())
        } else {
            words.date_most(format::date(max, words), what())
        };
        (Why::Max, message)
    } else if let Some(min) = min.filter(|min| day < *min) {
        let message = if min == today {
            words.date_future_today(what())
        } else if Some(min) == tomorrow {
            words.date_future(what())
        } else {
            words.date_least(format::date(min, words), what())
        };
        (Why::Min, message)
    } else {
        return Ok(());
    };
    Err(Problem::new(why, message))
}

/// Days within bounds: ages, days near the bounds and near today.
fn made((min, max): (Option<Date>, Option<Date>), today: Date, chance: &mut Chance<'_>) -> Vec<Date> {
    let mut all = Vec::new();
    for years in AGES {
        all.extend(today.checked_sub(years.years()).ok());
    }
    for days in [1_i32, 30, 90, 365] {
        all.extend(today.checked_add(days.days()).ok());
        all.extend(today.checked_sub(days.days()).ok());
        all.extend(min.and_then(|min| min.checked_add(days.days()).ok()));
        all.extend(max.and_then(|max| max.checked_sub(days.days()).ok()));
    }
    all.extend([min, max].into_iter().flatten());
    for _ in 0..4 {
        let days = i32::try_from(chance(40_000)).unwrap_or(0);
        all.extend(today.checked_sub(days.days()).ok());
    }
    all.retain(|day| min.is_none_or(|min| min <= *day) && max.is_none_or(|max| *day <= max));
    all
}
