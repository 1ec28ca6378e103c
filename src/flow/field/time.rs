//! `time`: a time of day, hours and minutes.
//!
//! Owns how a time is typed, and what has two readings. Must not know days or zones.
//!
//! Never guessed: an hour of two digits, or with a nought before it, is one of the 24. An hour of
//! one digit without `am` or `pm` (`2:30`) could be either, and so could twelve o'clock with one of
//! them: that reading is taken which the bounds let through, if it is one.

use jiff::civil::Time as Clock;

use super::kind::{Around, Chance, Control, Declares, Fills, Line, Question, Range, Read, Role, Typed, any, one};
use super::wording::Wording;
use super::{Problem, Why, folded, typed};
use crate::flow::{Expr, Scope, Type, Value, format};

pub(super) const KIND: Declares = Declares {
    name: "time",
    keys: &[
        "required",
        "message",
        "default",
        "min",
        "max",
        "autocomplete",
        "input-mode",
    ],
    role: Role::Answer,
    fills: Fills::Never,
    value_type: |_| Some(Type::Time),
    answers: any,
    build: |building| {
        Box::new(Time {
            range: building.range(Type::Time),
        })
    },
};

/// Characters of a time with its words, as a form's size is reckoned.
const LONGEST: usize = 20;
/// What stands behind a time and says nothing more.
const BEHIND: [&str; 7] = ["h", "hr", "hrs", "hours", "uhr", "oclock", "o'clock"];
/// Times that are made up.
const MADE: [(i8, i8); 7] = [(9, 30), (14, 0), (12, 15), (18, 45), (7, 5), (0, 0), (23, 59)];

#[derive(Debug)]
struct Time {
    range: Range,
}

impl Time {
    fn bounds(&self, scope: &Scope<'_>) -> (Option<Clock>, Option<Clock>) {
        self.range.of(scope, Value::as_time)
    }
}

impl Question for Time {
    fn value_type(&self) -> Type {
        Type::Time
    }

    fn bounds(&self) -> Vec<&Expr> {
        self.range.exprs()
    }

    fn longest(&self) -> usize {
        typed::posted_bytes(LONGEST)
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Line(Line {
            size: Some(8),
            ..Line::default()
        })
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        let typed = folded::line(typed.text());
        if typed.is_empty() {
            return Ok(None);
        }
        let words = around.words();
        let what = || around.wording().subject(words.time_it());
        match read(&typed) {
            Some(Reading::One(time)) => Ok(Some(Value::Time(time))),
            Some(Reading::Either(early, late)) => {
                let fits = |time: &Clock| is_within(*time, self.bounds(around.scope));
                match [early, late].into_iter().filter(fits).collect::<Vec<_>>().as_slice() {
                    [only] => Ok(Some(Value::Time(*only))),
                    _ => Err(words
                        .time_unclear(format::time(early), format::time(late), what())
                        .into()),
                }
            }
            Some(Reading::NoHour) => Err(words.time_minutes(what()).into()),
            Some(Reading::Unreal) => Err(words.time_real(what()).into()),
            None => Err(words.time_time(what()).into()),
        }
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        let Some(time) = value.as_time() else {
            return around.another();
        };
        within(time, self.bounds(around.scope), around)
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.enter(wording.words().enter_time())
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        value.as_time().map_or_else(Vec::new, |time| one(format::time(time)))
    }

    fn made(&self, scope: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        let (min, max) = self.bounds(scope);
        let usual = MADE
            .into_iter()
            .map(|(hour, minute)| Clock::constant(hour, minute, 0, 0));
        let mut all: Vec<Clock> = usual.chain(min).chain(max).collect();
        for _ in 0..4 {
            let minutes = i64::try_from(chance(24 * 60)).unwrap_or(0);
            all.push(Clock::midnight().wrapping_add(jiff::SignedDuration::from_mins(minutes)));
        }
        all.retain(|time| is_within(*time, (min, max)));
        all.into_iter().map(Value::Time).collect()
    }
}

/// What was typed, as a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    One(Clock),
    /// Before or after noon.
    Either(Clock, Clock),
    /// An hour alone.
    NoHour,
    /// No time of any day.
    Unreal,
}

/// The half of the day that was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
}

/// `14:30`, `14.30`, `14h30`, `1430`, `2:30 p.m.`, `2pm`, `noon`.
fn read(typed: &str) -> Option<Reading> {
    let lower = typed.to_lowercase();
    match lower.as_str() {
        "noon" | "midday" => return Some(real(12, 0)),
        "midnight" => return Some(real(0, 0)),
        _ => {}
    }
    let end = lower.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (figures, behind) = lower.split_at_checked(end)?;
    let behind: String = behind.chars().filter(|c| !matches!(c, ' ' | '.')).collect();
    let half = match behind.as_str() {
        "" => None,
        "am" | "a" => Some(Half::Am),
        "pm" | "p" => Some(Half::Pm),
        word if BEHIND.contains(&word) => None,
        _ => return None,
    };
    let (hour, minute) = parts(figures)?;
    let of = |digits: &str| digits.parse::<i8>().ok();
    let Some(minute) = minute else {
        let hour_of = of(&hour)?;
        return Some(match half {
            Some(half) => halved(hour_of, 0, half),
            None if (0..=24).contains(&hour_of) => Reading::NoHour,
            None => Reading::Unreal,
        });
    };
    let (number, minute) = (of(&hour)?, of(&minute)?);
    Some(match half {
        Some(half) => halved(number, minute, half),
        None if hour.len() == 1 && number > 0 => either(number, minute),
        None => real(number, minute),
    })
}

/// The digits of the hour, and of the minute where there is one; seconds must be none.
fn parts(figures: &str) -> Option<(String, Option<String>)> {
    let runs: Vec<&str> = figures
        .split([':', '.', ',', 'h', ' ', '-'])
        .filter(|run| !run.is_empty())
        .collect();
    let digits = |run: &str| run.bytes().all(|b| b.is_ascii_digit());
    if !runs.iter().all(|run| digits(run)) || figures.starts_with('-') {
        return None;
    }
    let whole = |hour: &str, minute: &str| Some((hour.to_owned(), Some(minute.to_owned())));
    match runs.as_slice() {
        [hour] if hour.len() <= 2 => Some(((*hour).to_owned(), None)),
        [run] if run.len() <= 4 => {
            let (hour, minute) = run.split_at_checked(run.len() - 2)?;
            whole(hour, minute)
        }
        [hour, minute] | [hour, minute, "00"] if hour.len() <= 2 && minute.len() == 2 => whole(hour, minute),
        _ => None,
    }
}

/// A time of the 24 hours.
fn real(hour: i8, minute: i8) -> Reading {
    Clock::new(hour, minute, 0, 0).map_or(Reading::Unreal, Reading::One)
}

/// A time of twelve hours that could be in either half.
fn either(hour: i8, minute: i8) -> Reading {
    match (real(hour, minute), real(hour % 12 + 12, minute)) {
        (Reading::One(early), Reading::One(late)) => Reading::Either(early, late),
        _ => Reading::Unreal,
    }
}

/// A time with its half. Noon and midnight are neither before nor after noon, so of these nobody
/// knows which is meant.
fn halved(hour: i8, minute: i8, half: Half) -> Reading {
    match (hour, half) {
        (12, _) if minute == 0 => either(0, 0),
        (0..=11, Half::Am) | (12..=23, Half::Pm) => real(hour, minute),
        (1..=11, Half::Pm) => real(hour + 12, minute),
        (12, Half::Am) => real(0, minute),
        _ => Reading::Unreal,
    }
}

/// Whether a time is within these bounds.
fn is_within(time: Clock, (min, max): (Option<Clock>, Option<Clock>)) -> bool {
    min.is_none_or(|min| time >= min) && max.is_none_or(|max| time <= max)
}

/// That a time is within its bounds.
fn within(time: Clock, bounds: (Option<Clock>, Option<Clock>), around: &Around<'_>) -> Result<(), Problem> {
    if is_within(time, bounds) {
        return Ok(());
    }
    let words = around.words();
    let what = around.wording().subject(words.time_it());
    let message = match bounds {
        (Some(min), Some(max)) => words.time_between(format::time(min), format::time(max), what),
        (Some(min), None) => words.time_least(format::time(min), what),
        (None, max) => words.time_most(max.map(format::time).unwrap_or_default(), what),
    };
    let low = bounds.0.is_some_and(|min| time < min);
    Err(Problem::new(if low { Why::Min } else { Why::Max }, message))
}
