//! Days, typed into three boxes.
//!
//! Owns how the boxes are read and what is said of each. Must not know other kinds.

use jiff::civil::Date;

use super::wording::Wording;
use super::{Form, Problem};
use crate::flow::{Value, words};

/// The boxes, as they end the field's name.
pub(super) const PARTS: [&str; 3] = ["day", "month", "year"];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The day of the three boxes. A whole date typed or pasted into the first one is read too.
pub(super) fn read(name: &str, form: &Form, wording: &dyn Fn() -> Wording) -> Result<Option<Value>, Problem> {
    let typed = PARTS.map(|part| {
        let input = format!("{name}-{part}");
        form.first(&input).unwrap_or_default().trim().to_owned()
    });
    let typed = whole(&typed).unwrap_or(typed);
    if typed.iter().all(String::is_empty) {
        return Ok(None);
    }
    if typed.iter().any(String::is_empty) {
        let missing = || typed.iter().zip(PARTS).filter(|(text, _)| text.is_empty());
        let names: Vec<_> = missing().map(|(_, part)| part).collect();
        let what = format!("include a {}", names.join(" and a "));
        return Err(Problem {
            part: names.first().copied().unwrap_or("day"),
            message: wording().must("the date", what),
        });
    }
    let [day, month, year] = &typed;
    let problem = |part, what: &str| Problem {
        part,
        message: wording().must("the date", what),
    };
    let year = read_year(year).ok_or_else(|| problem("year", "include a year with 4 numbers, like 1987"))?;
    let month = read_month(month).ok_or_else(|| problem("month", "include a month from 1 to 12, or its name"))?;
    let day = read_day(day).ok_or_else(|| problem("day", "include a day from 1 to 31"))?;
    match Date::new(year, month, day) {
        Ok(date) => Ok(Some(Value::Date(date))),
        Err(_) => Err(problem("day", "be a real date")),
    }
}

/// `27/3/1987`, `27 March 1987` or `1987-03-27` in the first box, the others empty.
fn whole(typed: &[String; 3]) -> Option<[String; 3]> {
    let [first, second, third] = typed;
    if !second.is_empty() || !third.is_empty() || first.len() > 40 {
        return None;
    }
    let parts = first.split(['/', '-', '.', ' ', ',']).filter(|part| !part.is_empty());
    let parts: [String; 3] = parts.map(str::to_owned).collect::<Vec<_>>().try_into().ok()?;
    let [a, b, c] = parts;
    Some(if a.len() == 4 { [c, b, a] } else { [a, b, c] })
}

fn read_day(typed: &str) -> Option<i8> {
    let lower = typed.to_lowercase();
    let bare = lower.trim_end_matches('.');
    let bare = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| bare.strip_suffix(ending))
        .unwrap_or(bare);
    small(bare).filter(|day| (1..=31).contains(day))
}

fn read_month(typed: &str) -> Option<i8> {
    let lower = typed.to_lowercase();
    let bare = lower.trim_end_matches('.');
    if bare.len() >= 3 {
        let month = MONTHS.iter().position(|month| month.starts_with(bare));
        return month.and_then(|index| i8::try_from(index + 1).ok());
    }
    small(bare).filter(|month| (1..=12).contains(month))
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

/// The three boxes of a day.
pub(super) fn boxes(name: &str, day: Date) -> Form {
    let pair = |part: &str, text: String| (format!("{name}-{part}"), text);
    Form(vec![
        pair("day", day.day().to_string()),
        pair("month", day.month().to_string()),
        pair("year", format!("{:04}", day.year())),
    ])
}

/// The bounds, in words that name today where it is meant.
pub(super) fn check(
    day: Date,
    (min, max): (Option<Date>, Option<Date>),
    today: Date,
    wording: &dyn Fn() -> Wording,
) -> Result<(), Problem> {
    let (yesterday, tomorrow) = (today.yesterday().ok(), today.tomorrow().ok());
    let what = if let Some(max) = max.filter(|max| day > *max) {
        if max == today {
            "be today or in the past".to_owned()
        } else if Some(max) == yesterday {
            "be in the past".to_owned()
        } else {
            format!("be on or before {}", words::date(max))
        }
    } else if let Some(min) = min.filter(|min| day < *min) {
        if min == today {
            "be today or in the future".to_owned()
        } else if Some(min) == tomorrow {
            "be in the future".to_owned()
        } else {
            format!("be on or after {}", words::date(min))
        }
    } else {
        return Ok(());
    };
    Err(Problem {
        part: "day",
        message: wording().must("the date", what),
    })
}
