//! Amounts of money.
//!
//! Owns what is forgiven around an amount: its currency's sign and code. Must not know other
//! kinds; the digits are read by `number`. An amount below nothing needs a `min` that allows it.

use rust_decimal::Decimal;

use super::Problem;
use super::number::{self, Unreadable};
use super::wording::Wording;
use crate::flow::{Currency, Value, words};

/// An amount of this currency.
pub(super) fn read(typed: &str, currency: Currency, wording: &dyn Fn() -> Wording) -> Result<Option<Value>, Problem> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let (minus, rest) = match typed.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => ("-", rest),
        None => ("", typed),
    };
    let bare = without_currency(rest, currency);
    let amount = number::digits(&format!("{minus}{bare}")).map_err(|why| -> Problem {
        let example = example(currency);
        match why {
            Unreadable::TooLong => wording().must("the amount", "have fewer digits"),
            Unreadable::Comma => wording().must(
                "the amount",
                "be written with a point for decimals, like 1234.50, not with a comma",
            ),
            Unreadable::Digits => wording().must("the amount", format!("be an amount of money, like {example}")),
        }
        .into()
    })?;
    let mut amount = amount;
    if amount.scale() <= currency.digits() {
        amount.rescale(currency.digits());
    }
    Ok(Some(Value::Money(amount, currency)))
}

/// Takes the sign and the code away, before and behind.
fn without_currency(typed: &str, currency: Currency) -> &str {
    let mut bare = typed.trim();
    let code = currency.code();
    for mark in [words::sign(currency).unwrap_or(code), code] {
        let starts = bare
            .get(..mark.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(mark));
        if starts {
            bare = bare.get(mark.len()..).unwrap_or_default().trim();
        }
        let tail = bare.len().saturating_sub(mark.len());
        let ends = bare.get(tail..).is_some_and(|end| end.eq_ignore_ascii_case(mark));
        if ends {
            bare = bare.get(..tail).unwrap_or_default().trim();
        }
    }
    bare
}

fn example(currency: Currency) -> String {
    let amount = Decimal::new(1250, 0) + Decimal::new(5, 1);
    let whole = currency.digits() == 0;
    words::money(if whole { amount.trunc() } else { amount }, currency)
}

/// Minor digits and bounds.
pub(super) fn check(
    amount: Decimal,
    currency: Currency,
    (min, max): (Option<Decimal>, Option<Decimal>),
    wording: &dyn Fn() -> Wording,
) -> Result<(), Problem> {
    if amount.normalize().scale() > currency.digits() {
        let what = match currency.digits() {
            0 => "be a whole amount".to_owned(),
            digits => format!(
                "have {digits} digits at most after the point, like {}",
                example(currency)
            ),
        };
        return Err(wording().must("the amount", what).into());
    }
    let bounds = (min.or(Some(Decimal::ZERO)), max);
    let bounds = if min.is_none() && amount >= Decimal::ZERO {
        (None, max)
    } else {
        bounds
    };
    number::within(amount, bounds, |bound| words::money(bound, currency))
        .map_err(|what| wording().must("the amount", what).into())
}
