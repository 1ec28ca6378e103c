//! Bounds and defaults: literals become constants, other strings become expressions.
//!
//! Owns how a literal reads for each type, and that a least bound is not above the greatest. Must
//! not know what the bound is checked against.

use std::cmp::Ordering;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::diagnostic::Diagnostic;
use super::super::field::Range;
use super::super::source::{At, Field, Scalar};
use super::super::{Expr, Type, Value, format};
use super::{Checker, Place};

/// A bound, with its value where it is a constant.
pub(super) struct Bound {
    pub(super) expr: Expr,
    pub(super) constant: Option<Value>,
}

/// The least and the greatest value of a field.
pub(super) fn range(checker: &Checker<'_>, at: Place<'_>, field: &Field, want: Type) -> Range {
    let at = at.posted();
    let read = |written: &Option<At<Scalar>>| written.as_ref().and_then(|written| one(checker, at, written, want));
    let (min, max) = (read(&field.min), read(&field.max));
    if let (Some(least), Some(most), Some(written)) = (&min, &max, &field.max)
        && let (Some(least), Some(most)) = (&least.constant, &most.constant)
        && least.order(most) == Some(Ordering::Greater)
    {
        checker.sink.push(crossed(written));
    }
    Range {
        min: min.map(|bound| bound.expr),
        max: max.map(|bound| bound.expr),
    }
}

fn crossed(written: &At<Scalar>) -> Diagnostic {
    Diagnostic::error(
        "bounds",
        &written.span,
        "`max` is less than `min`, so nothing can be entered",
    )
    .label("less than `min`")
}

/// A bound or default of the type that is wanted.
pub(super) fn one(checker: &Checker<'_>, at: Place<'_>, written: &At<Scalar>, want: Type) -> Option<Bound> {
    let value = match (literal(&written.value, want), &written.value) {
        (Some(text), _) => read(checker, written, text, want),
        (None, Scalar::Text(text)) => return expression(checker, at, written, text, want),
        (None, Scalar::Number(_) | Scalar::Bool(_) | Scalar::When(_) | Scalar::List(_)) => {
            checker.sink.push(
                Diagnostic::error("wrong-type", &written.span, format!("this must be {want}"))
                    .label(kind_of(&written.value))
                    .maybe_help(example(want)),
            );
            None
        }
    }?;
    Some(Bound {
        expr: Expr::constant(value.clone()),
        constant: Some(value),
    })
}

/// The text of what is a literal of that type, in quotes or not, rather than an expression.
fn literal(written: &Scalar, want: Type) -> Option<&str> {
    let text = match written {
        Scalar::Number(text) | Scalar::Text(text) | Scalar::When(text) => text.as_str(),
        Scalar::Bool(_) | Scalar::List(_) => return None,
    };
    let fits = match want {
        Type::Number | Type::Money(_) => {
            matches!(written, Scalar::Number(_))
                || matches!(written, Scalar::Text(_)) && text.parse::<Decimal>().is_ok()
        }
        Type::Date | Type::Time => {
            let begins = text.starts_with(|c: char| c.is_ascii_digit());
            matches!(written, Scalar::When(_)) || matches!(written, Scalar::Text(_)) && begins
        }
        Type::Text | Type::Bool | Type::List | Type::Options | Type::Rows => false,
    };
    fits.then_some(text)
}

/// The value of a literal.
fn read(checker: &Checker<'_>, written: &At<Scalar>, text: &str, want: Type) -> Option<Value> {
    match want {
        Type::Number | Type::Money(_) => amount(checker, written, text, want),
        Type::Date => day(checker, written, text),
        Type::Time => time(checker, written, text),
        Type::Text | Type::Bool | Type::List | Type::Options | Type::Rows => None,
    }
}

fn expression(checker: &Checker<'_>, at: Place<'_>, written: &At<Scalar>, text: &str, want: Type) -> Option<Bound> {
    // "today" reads as it is said.
    let source = if want == Type::Date && text.trim() == "today" {
        "today()"
    } else {
        text
    };
    let source = At {
        value: source.to_owned(),
        span: written.span.clone(),
    };
    checker
        .expr(at, &source, want)
        .map(|expr| Bound { expr, constant: None })
}

fn amount(checker: &Checker<'_>, written: &At<Scalar>, text: &str, want: Type) -> Option<Value> {
    let text = text.replace('_', "");
    let Ok(number) = Decimal::from_str_exact(text.trim_start_matches('+')) else {
        checker.sink.push(
            Diagnostic::error(
                "number",
                &written.span,
                format!("`{text}` is no number that can be kept exactly"),
            )
            .label("28 digits at most, no exponent"),
        );
        return None;
    };
    let Type::Money(currency) = want else {
        return Some(Value::Number(number));
    };
    if !currency.holds(number) {
        checker.sink.push(
            Diagnostic::error(
                "number",
                &written.span,
                format!("{currency} has {} digits after the point", currency.digits()),
            )
            .label("more digits than the currency has"),
        );
        return None;
    }
    Some(Value::Money(number, currency))
}

fn day(checker: &Checker<'_>, written: &At<Scalar>, text: &str) -> Option<Value> {
    let day = text.parse::<Date>().ok();
    if day.is_none() {
        checker.sink.push(
            Diagnostic::error("date", &written.span, format!("`{text}` is no day"))
                .label("no such day")
                .help("write the year first, such as 2026-12-31, or an expression such as add_days(today(), 30)"),
        );
    }
    day.map(Value::Date)
}

fn time(checker: &Checker<'_>, written: &At<Scalar>, text: &str) -> Option<Value> {
    let time = format::read_time(text);
    if time.is_none() {
        checker.sink.push(
            Diagnostic::error("time", &written.span, format!("`{text}` is no time of day"))
                .label("no such time")
                .help("write hours and minutes, such as \"09:00\", or an expression such as \"opens\""),
        );
    }
    time.map(Value::Time)
}

fn kind_of(scalar: &Scalar) -> &'static str {
    match scalar {
        Scalar::Number(_) => "a number",
        Scalar::Text(_) => "a text",
        Scalar::Bool(_) => "true or false",
        Scalar::When(text) if text.contains(':') => "a time",
        Scalar::When(_) => "a date",
        Scalar::List(_) => "a list",
    }
}

fn example(want: Type) -> Option<String> {
    let example = match want {
        Type::Number => "write a number, or an expression in quotes",
        Type::Money(_) => "write an amount such as 250 or 19.99, or an expression in quotes",
        Type::Date => "write a day such as 2026-12-31, or an expression in quotes such as \"today\"",
        Type::Time => "write a time in quotes, such as \"09:00\", or an expression in quotes",
        Type::Text | Type::Bool | Type::List | Type::Options | Type::Rows => return None,
    };
    Some(example.to_owned())
}

/// A whole number of things (characters, options, digits) from 0 to `most`.
pub(super) fn count(checker: &Checker<'_>, written: Option<&At<Scalar>>, most: u32) -> Option<u32> {
    let written = written?;
    let found = match &written.value {
        Scalar::Number(text) => text.replace('_', "").parse::<u32>().ok(),
        _ => None,
    };
    if let Some(count) = found.filter(|count| *count <= most) {
        return Some(count);
    }
    checker.sink.push(
        Diagnostic::error(
            "bounds",
            &written.span,
            format!("this must be a whole number from 0 to {most}"),
        )
        .label(kind_of(&written.value)),
    );
    None
}

/// Counts with the fault of a least one above the greatest.
pub(super) fn counts(checker: &Checker<'_>, field: &Field, most: u32) -> (Option<u32>, Option<u32>) {
    let min = count(checker, field.min.as_ref(), most);
    let max = count(checker, field.max.as_ref(), most);
    if let (Some(least), Some(greatest), Some(written)) = (min, max, &field.max)
        && least > greatest
    {
        checker.sink.push(crossed(written));
    }
    (min, max)
}
