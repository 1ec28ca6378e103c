//! Numbers, as people type them.
//!
//! Owns what is asked where a number is wanted, whole or decimal, and how one is read from what
//! people type, which money uses too. Must not know currencies.
//!
//! The point is the decimal sign. A comma, apostrophe or space may part thousands where it
//! stands as they do; anywhere else it is refused, with words, and never guessed about: `1,5`
//! could be one and a half or a slip of `1,500`.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::kind::{Around, Boxes, Chance, Control, Line, Question, Read, Source, Typed, one};
use super::wording::Wording;
use super::{Problem, amount, typed};
use crate::flow::check::Building;
use crate::flow::{Expr, Scope, Type, Value, words};

/// A number of some decimal places at most.
#[derive(Debug)]
pub(super) struct Number {
    places: u32,
    min: Option<Expr>,
    max: Option<Expr>,
    unit: Option<String>,
}

impl Number {
    pub(super) fn new(building: &Building<'_, '_>, places: u32) -> Self {
        let (min, max) = building.range(Type::Number);
        Self {
            places,
            min,
            max,
            unit: building.field.unit.as_ref().map(|unit| unit.value.clone()),
        }
    }

    fn bounds(&self, scope: &Scope<'_>) -> (Option<Decimal>, Option<Decimal>) {
        (amount(self.min.as_ref(), scope), amount(self.max.as_ref(), scope))
    }
}

impl Question for Number {
    fn value_type(&self) -> Type {
        Type::Number
    }

    fn boxes(&self) -> Boxes {
        Boxes::One
    }

    fn source(&self) -> Source<'_> {
        Source::Asked
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        Control::Line(Line {
            size: Some(10),
            after: self.unit.clone(),
            mode: mode(amount(self.min.as_ref(), scope), self.places),
            ..Line::default()
        })
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        read(typed.text(), self.places, around)
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        let Some(number) = value.as_number() else {
            return around.another();
        };
        check(number, self.places, self.bounds(around.scope), around)
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.enter("a number")
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        let number = value.as_number();
        number.map_or_else(Vec::new, |number| one(words::number(number)))
    }

    fn made(&self, scope: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        let all = made(self.bounds(scope), self.places, chance).into_iter();
        all.map(Value::Number).collect()
    }

    fn shown(&self, value: &Value, _: &Scope<'_>) -> String {
        let words = words::of(value);
        match &self.unit {
            Some(unit) => format!("{words} {unit}"),
            None => words,
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

/// Why digits are not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A comma where thousands are not parted.
    Comma,
    /// Something else than digits.
    Digits,
    /// More digits than can be held.
    TooLong,
}

/// A number of these decimal places at most.
fn read(typed: &str, places: u32, around: &Around<'_>) -> Read {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let number = digits(typed).map_err(|why| refusal(why, places, around))?;
    Ok(Some(Value::Number(number.normalize())))
}

fn refusal(why: Unreadable, places: u32, around: &Around<'_>) -> Problem {
    let example = if places == 0 { "42" } else { "42.5" };
    match why {
        Unreadable::Comma => around.wording().must(
            "the number",
            "be written with a point for decimals, like 1234.5, not with a comma",
        ),
        Unreadable::Digits => around
            .wording()
            .must("the number", format!("be a number, like {example}")),
        Unreadable::TooLong => around.wording().must("the number", "have fewer digits"),
    }
    .into()
}

/// The number of what was typed.
pub(super) fn digits(typed: &str) -> Result<Decimal, Unreadable> {
    let typed = typed.trim();
    let (negative, rest) = match typed.strip_prefix(['-', '\u{2212}', '\u{2013}']) {
        Some(rest) => (true, rest),
        None => (false, typed.strip_prefix('+').unwrap_or(typed)),
    };
    let rest: String = rest
        .trim()
        .chars()
        .map(|c| match c {
            ',' | '\'' | '\u{2019}' => ',',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    let (whole, fraction) = rest.split_once('.').unwrap_or((&rest, ""));
    let fraction = fraction.replace(' ', "");
    if fraction.contains(',') {
        return Err(Unreadable::Comma);
    }
    let whole = ungrouped(whole)?;
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(&whole) || !all_digits(&fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(Unreadable::Digits);
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let sign = if negative { "-" } else { "" };
    let text = match fraction {
        "" => format!("{sign}0{whole}"),
        fraction => format!("{sign}0{whole}.{fraction}"),
    };
    let number = Decimal::from_str_exact(&text).map_err(|_| Unreadable::TooLong)?;
    Ok(if number.is_zero() { Decimal::ZERO } else { number })
}

/// Without the signs that part thousands: groups of three, or of two before the last (as in
/// India). Spaces are forgiven anywhere.
fn ungrouped(whole: &str) -> Result<String, Unreadable> {
    let whole = whole.replace(' ', "");
    if !whole.contains(',') {
        return Ok(whole);
    }
    let groups: Vec<_> = whole.split(',').collect();
    let (first, last) = (groups.first(), groups.last());
    let inner = groups.get(1..groups.len().saturating_sub(1)).unwrap_or_default();
    let size = inner.first().map_or(3, |group| group.len());
    let fits = first.is_some_and(|group| (1..=size).contains(&group.len()))
        && last.is_some_and(|group| group.len() == 3)
        && (2..=3).contains(&size)
        && inner.iter().all(|group| group.len() == size);
    if fits {
        Ok(groups.concat())
    } else {
        Err(Unreadable::Comma)
    }
}

/// Places and bounds.
fn check(
    number: Decimal,
    places: u32,
    bounds: (Option<Decimal>, Option<Decimal>),
    around: &Around<'_>,
) -> Result<(), Problem> {
    if number.normalize().scale() > places {
        let what = match places {
            0 => "be a whole number, like 42".to_owned(),
            1 => "have one decimal place at most".to_owned(),
            _ => format!("have {places} decimal places at most"),
        };
        return Err(around.wording().must("the number", what).into());
    }
    within(number, bounds, words::number).map_err(|what| around.wording().must("the number", what).into())
}

/// What a number must be, where it is out of its bounds.
pub(super) fn within(
    number: Decimal,
    (min, max): (Option<Decimal>, Option<Decimal>),
    show: impl Fn(Decimal) -> String,
) -> Result<(), String> {
    let low = min.is_some_and(|min| number < min);
    let high = max.is_some_and(|max| number > max);
    match (min, max) {
        (Some(min), Some(max)) if low || high => Err(format!("be between {} and {}", show(min), show(max))),
        (Some(min), _) if low => Err(format!("be {} or more", show(min))),
        (_, Some(max)) if high => Err(format!("be {} or less", show(max))),
        _ => Ok(()),
    }
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
