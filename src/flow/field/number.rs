//! Numbers, as people type them.
//!
//! Owns how a number is read from what people type, which money uses too. Must not know
//! currencies.
//!
//! The point is the decimal sign. A comma, apostrophe or space may part thousands where it
//! stands as they do; anywhere else it is refused, with words, and never guessed about: `1,5`
//! could be one and a half or a slip of `1,500`.

use rust_decimal::Decimal;

use super::Problem;
use super::wording::Wording;
use crate::flow::{Value, words};

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
pub(super) fn read(typed: &str, places: u32, wording: &dyn Fn() -> Wording) -> Result<Option<Value>, Problem> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let number = digits(typed).map_err(|why| refusal(why, places, wording))?;
    Ok(Some(Value::Number(number.normalize())))
}

fn refusal(why: Unreadable, places: u32, wording: &dyn Fn() -> Wording) -> Problem {
    let example = if places == 0 { "42" } else { "42.5" };
    match why {
        Unreadable::Comma => wording().must(
            "the number",
            "be written with a point for decimals, like 1234.5, not with a comma",
        ),
        Unreadable::Digits => wording().must("the number", format!("be a number, like {example}")),
        Unreadable::TooLong => wording().must("the number", "have fewer digits"),
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
pub(super) fn check(
    number: Decimal,
    places: u32,
    bounds: (Option<Decimal>, Option<Decimal>),
    wording: &dyn Fn() -> Wording,
) -> Result<(), Problem> {
    if number.normalize().scale() > places {
        let what = match places {
            0 => "be a whole number, like 42".to_owned(),
            1 => "have one decimal place at most".to_owned(),
            _ => format!("have {places} decimal places at most"),
        };
        return Err(wording().must("the number", what).into());
    }
    within(number, bounds, words::number).map_err(|what| wording().must("the number", what).into())
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
