//! Numbers, as people type them.
//!
//! Owns what is asked where a number is wanted, whole or decimal, and what is said where it cannot
//! be read. Its own unit may stand behind it. Must not know how figures are read.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::figures::{self, Fraction, Unclear, Unreadable};
use super::kind::{Around, Chance, Control, Line, Question, Range, Read, Typed, one};
use super::wording::Wording;
use super::{Problem, Why, amount, folded, typed};
use crate::flow::check::Building;
use crate::flow::{Expr, Scope, Type, Value, format};
use crate::words::{Figures, Words};

/// Characters of a number with its unit, as a form's size is reckoned.
const LONGEST: usize = 60;

/// A number of some decimal places at most.
#[derive(Debug)]
pub(super) struct Number {
    places: u32,
    range: Range,
    unit: Option<String>,
    marks: Figures,
}

impl Number {
    pub(super) fn new(building: &Building<'_, '_>, places: u32) -> Self {
        Self {
            places,
            range: building.range(Type::Number),
            unit: building.field.unit.as_ref().map(|unit| unit.value.clone()),
            marks: building.words().figures(),
        }
    }

    /// What was typed, without the unit that stands behind the box anyway, before or behind it.
    fn without_unit(&self, typed: &str) -> String {
        let typed = folded::line(typed);
        let Some(unit) = self.unit.as_deref().map(folded::line) else {
            return typed;
        };
        let ends = |unit: &str| {
            let at = typed.len().checked_sub(unit.len()).filter(|_| !unit.is_empty())?;
            let (figures, end) = typed.split_at_checked(at)?;
            (end.to_lowercase() == unit.to_lowercase()).then(|| figures.trim_end().to_owned())
        };
        let begins = || {
            let (start, figures) = typed.split_at_checked(unit.len())?;
            let same = !unit.is_empty() && start.to_lowercase() == unit.to_lowercase();
            same.then(|| figures.trim_start().to_owned())
        };
        let figures = ends(&unit).or_else(|| ends(&format!("{unit}."))).or_else(begins);
        figures.unwrap_or_else(|| typed.clone())
    }

    fn figures(&self, typed: &str, around: &Around<'_>) -> Read {
        if folded::trim(typed).is_empty() {
            return Ok(None);
        }
        let fraction = match self.places {
            0 => Fraction::Short,
            places => Fraction::Free { three: places >= 3 },
        };
        let number = figures::read(&self.without_unit(typed), self.marks, fraction);
        let number = number.map_err(|why| self.refusal(&why, around))?;
        Ok(Some(Value::Number(number.normalize())))
    }

    fn refusal(&self, why: &Unreadable, around: &Around<'_>) -> Problem {
        let example = |digits: &str| written(digits, self.marks);
        let words = around.words();
        let what = around.wording().subject(words.number_it());
        let message = match why {
            Unreadable::Marks if self.places > 0 => decimals(self.marks, "1234.5", &what, words),
            Unreadable::Figures if self.places == 0 => words.number_number("42", what),
            Unreadable::Figures | Unreadable::Marks | Unreadable::Places => match self.places {
                0 => words.number_whole(what),
                _ => words.number_number(example("42.5"), what),
            },
            Unreadable::TooLong => words.number_digits(what),
            Unreadable::Unclear(unclear) => {
                let fits = |part: Decimal| part.normalize().scale() <= self.places;
                let show = |part: Decimal| fits(part).then(|| example(&format::plain_number(part)));
                let otherwise = match self.places {
                    0 => words.number_otherwise_whole().to_owned(),
                    places => words.number_otherwise_places(places),
                };
                one_meaning(unclear, show, &otherwise, &what, words)
            }
        };
        message.into()
    }

    fn bounds(&self, scope: &Scope<'_>) -> (Option<Decimal>, Option<Decimal>) {
        self.range.of(scope, amount)
    }
}

impl Question for Number {
    fn value_type(&self) -> Type {
        Type::Number
    }

    fn bounds(&self) -> Vec<&Expr> {
        self.range.exprs()
    }

    fn longest(&self) -> usize {
        typed::posted_bytes(LONGEST)
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        Control::Line(Line {
            size: Some(10),
            after: self.unit.clone(),
            mode: mode(self.bounds(scope).0, self.places),
            ..Line::default()
        })
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        self.figures(typed.text(), around)
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        let Some(number) = value.as_number() else {
            return around.another();
        };
        check(number, self.places, self.bounds(around.scope), around)
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.enter(wording.words().enter_number())
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        let number = value.as_number();
        number.map_or_else(Vec::new, |number| {
            one(written(&format::plain_number(number), self.marks))
        })
    }

    fn made(&self, scope: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        let all = made(self.bounds(scope), self.places, chance).into_iter();
        all.map(Value::Number).collect()
    }

    fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        let number = format::of(value, scope.words);
        match &self.unit {
            Some(unit) => format!("{number} {unit}"),
            None => number,
        }
    }

    fn json(&self, value: &Value) -> Json {
        if self.places == 0 {
            value.json()
        } else {
            typed::decimal_json(value)
        }
    }
}

/// Digits only where no sign and no letter can be needed.
pub(super) fn mode(least: Option<Decimal>, places: u32) -> Option<&'static str> {
    let positive = least.is_some_and(|least| !least.is_sign_negative());
    positive.then_some(if places == 0 { "numeric" } else { "decimal" })
}

/// A number in the marks of a language, for a box.
pub(super) fn written(digits: &str, marks: Figures) -> String {
    digits.replace('.', &marks.decimal.to_string())
}

/// That decimals are written in another way, with an example.
pub(super) fn decimals(marks: Figures, digits: &str, what: &str, words: Words) -> String {
    let example = written(digits, marks);
    if marks.decimal == ',' {
        words.number_comma(example, what)
    } else {
        words.number_point(example, what)
    }
}

/// What must be done where figures could be two numbers; `show` writes the one with decimals, if
/// it may be entered.
pub(super) fn one_meaning(
    unclear: &Unclear,
    show: impl Fn(Decimal) -> Option<String>,
    otherwise: &str,
    what: &str,
    words: Words,
) -> String {
    let whole = unclear.whole();
    let whole = whole.trim_start_matches('0');
    match unclear.part().and_then(show) {
        Some(part) => words.number_unclear(part, what, whole),
        None if unclear.spaced => words.number_unclear_spaced(&unclear.before, &unclear.behind, what, whole),
        None => words.number_unclear_otherwise(otherwise, what, whole),
    }
}

/// Places and bounds.
fn check(
    number: Decimal,
    places: u32,
    bounds: (Option<Decimal>, Option<Decimal>),
    around: &Around<'_>,
) -> Result<(), Problem> {
    let words = around.words();
    let what = || around.wording().subject(words.number_it());
    if number.normalize().scale() > places {
        let message = match places {
            0 => words.number_whole(what()),
            _ => words.number_places(places, what()),
        };
        return Err(message.into());
    }
    within(number, bounds, |bound| format::number(bound, words), what, words)
}

/// That a number is within its bounds.
pub(super) fn within(
    number: Decimal,
    (min, max): (Option<Decimal>, Option<Decimal>),
    show: impl Fn(Decimal) -> String,
    what: impl Fn() -> String,
    words: Words,
) -> Result<(), Problem> {
    let low = min.is_some_and(|min| number < min);
    let high = max.is_some_and(|max| number > max);
    let message = match (min, max) {
        (Some(min), Some(max)) if low || high => words.number_between(show(min), show(max), what()),
        (Some(min), _) if low => words.number_least(show(min), what()),
        (_, Some(max)) if high => words.number_most(show(max), what()),
        _ => return Ok(()),
    };
    Err(Problem::new(if low { Why::Min } else { Why::Max }, message))
}

/// Numbers within bounds, small ones and large ones: a rule may hold for few.
pub(super) fn made(
    (min, max): (Option<Decimal>, Option<Decimal>),
    places: u32,
    chance: &mut Chance<'_>,
) -> Vec<Decimal> {
    let low = min.unwrap_or(Decimal::ZERO);
    // Bounds may be as far apart as no number reaches: sums stop at the largest there is.
    let high = max.unwrap_or_else(|| low.saturating_add(Decimal::from(100_000)));
    let span = high.saturating_sub(low);
    let mut all = vec![
        low.saturating_add(Decimal::from(2).min(span)),
        low,
        high,
        Decimal::from(1),
        Decimal::ZERO,
        low.saturating_add(span / Decimal::from(2)),
    ];
    for _ in 0..6 {
        let part = (span / Decimal::from(1_000)).saturating_mul(Decimal::from(chance(1_000)));
        all.push(low.saturating_add(part));
    }
    for n in [10_u32, 100, 1_000, 10_000] {
        all.push(low.saturating_add(span / Decimal::from(n)));
        all.push(Decimal::from(n));
    }
    let fits = |n: &Decimal| min.is_none_or(|min| min <= *n) && max.is_none_or(|max| *n <= max);
    let rounded = all.into_iter().map(|n| n.round_dp(places));
    rounded.filter(fits).map(|n| n.normalize()).collect()
}
