//! Exact arithmetic on numbers and money.
//!
//! Owns what `+ - * / // %` come to. Must not know expressions.
//!
//! Numbers have up to 28 digits; what does not fit has no value. Money stays whole in its minor
//! unit: products and quotients are rounded to it, halves away from zero, as people do by hand.

use rust_decimal::{Decimal, RoundingStrategy};

use super::node::Arithmetic;
use crate::flow::{Currency, Value};

/// The value of an operation; none for a division by zero or a result that cannot be held.
pub(super) fn compute(by: Arithmetic, left: &Value, right: &Value) -> Option<Value> {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract, WholeDivide};
    match (by, left, right) {
        (_, Value::Number(a), Value::Number(b)) => numbers(by, *a, *b).map(Value::Number),
        (Add | Subtract | Remainder, Value::Money(a, c), Value::Money(b, d)) if c == d => {
            Some(Value::Money(numbers(by, *a, *b)?, *c))
        }
        (Multiply | Divide, Value::Money(a, c), Value::Number(b)) => {
            Some(Value::Money(to_minor(numbers(by, *a, *b)?, *c), *c))
        }
        (Multiply, Value::Number(a), Value::Money(b, c)) => Some(Value::Money(to_minor(numbers(by, *a, *b)?, *c), *c)),
        (Divide | WholeDivide, Value::Money(a, c), Value::Money(b, d)) if c == d => {
            numbers(by, *a, *b).map(Value::Number)
        }
        _ => None,
    }
}

fn numbers(by: Arithmetic, a: Decimal, b: Decimal) -> Option<Decimal> {
    match by {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => remainder(a, b),
        Arithmetic::WholeDivide => a.checked_sub(remainder(a, b)?)?.checked_div(b),
    }
}

/// With the sign of the divisor, so that `//` goes towards minus infinity.
fn remainder(a: Decimal, b: Decimal) -> Option<Decimal> {
    let rest = a.checked_rem(b)?;
    if rest.is_zero() || rest.is_sign_negative() == b.is_sign_negative() {
        Some(rest)
    } else {
        rest.checked_add(b)
    }
}

/// Rounded to the minor unit of a currency.
pub(super) fn to_minor(amount: Decimal, currency: Currency) -> Decimal {
    round(amount, currency.digits())
}

/// Rounded to so many places, halves away from zero.
pub(super) fn round(number: Decimal, places: u32) -> Decimal {
    number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}
