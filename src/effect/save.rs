//! What is saved of an answer.
//!
//! Owns the values that a callee's JSON has: each exactly as it was written, or none. Must not know
//! what an answer means (`reply`), nor trust a callee: everything of it has a bound.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::flow::{Currency, Effect, SavedKind, Value, read_time};
use crate::id::SessionKey;
use crate::limits;

/// A text of a callee's: no control characters, none that stand for nothing in any text (pages mark languages by
/// them), no longer than it may be.
pub(super) fn tame(text: &str, most: usize) -> String {
    let wild = |c: char| c.is_control() || matches!(c, '\u{FDD0}'..='\u{FDEF}');
    let calm = text.chars().map(|c| if wild(c) { ' ' } else { c });
    calm.take(most).collect::<String>().trim().to_owned()
}

/// What is saved of an answer; else what is wrong with it, in words and without a word of its own.
/// What need not be there and cannot be saved is left out, with a line in the log.
pub(super) fn saved(at: SessionKey, effect: &Effect, body: Option<&Json>) -> Result<BTreeMap<String, Value>, String> {
    let mut results = BTreeMap::new();
    let mut size = 0;
    for saved in &effect.save {
        let found = body
            .and_then(|body| body.pointer(&saved.at))
            .filter(|found| !found.is_null());
        let value = match found {
            Some(found) if is_blank(found) => Err("is blank"),
            Some(found) => value(&saved.kind, found),
            None => Err("is missing"),
        };
        match value {
            Ok(value) => {
                size += value.plain().len();
                results.insert(saved.name.clone(), value);
            }
            Err(why) if saved.required => return Err(format!("{} {why}", saved.at)),
            Err(why) if found.is_some_and(|found| !is_blank(found)) => {
                let (effect, name) = (&effect.name, &saved.name);
                tracing::warn!(session = %at, effect, name, place = saved.at, reason = why, "a value of an answer was left out");
            }
            Err(_) => {}
        }
    }
    if size > limits::SAVED_BYTES {
        return Err(format!("more than {} bytes would be saved", limits::SAVED_BYTES));
    }
    Ok(results)
}

/// A text without a visible sign is no value.
fn is_blank(found: &Json) -> bool {
    found
        .as_str()
        .is_some_and(|text| text.chars().all(|c| c.is_whitespace() || c.is_control()))
}

/// The value that was found, exactly; else why there is none. Nothing is cut or rounded: half a
/// token or a rounded amount is worse than none.
fn value(kind: &SavedKind, found: &Json) -> Result<Value, &'static str> {
    Ok(match kind {
        SavedKind::Text => Value::Text(text(found)?),
        SavedKind::Number => Value::Number(number(found)?),
        SavedKind::Money(currency) => Value::Money(money(found, *currency)?, *currency),
        SavedKind::Date => {
            let day = found.as_str().and_then(|day| day.parse().ok());
            Value::Date(day.ok_or("is no day such as 2026-12-31")?)
        }
        SavedKind::Time => {
            let time = found.as_str().and_then(read_time);
            Value::Time(time.ok_or("is no time such as 14:30")?)
        }
        SavedKind::YesNo => Value::Bool(found.as_bool().ok_or("is neither true nor false")?),
        SavedKind::Options { value, label } => Value::Options(options(found, value, label)?),
    })
}

/// Why a text longer than [`limits::SAVED_TEXT_BYTES`] is no value.
const TOO_LONG: &str = "is longer than 4 KiB";

fn text(found: &Json) -> Result<String, &'static str> {
    let text = match found {
        Json::String(text) => tame(text, usize::MAX),
        Json::Number(number) => number.to_string(),
        _ => return Err("is neither a text nor a number"),
    };
    Some(text)
        .filter(|text| text.len() <= limits::SAVED_TEXT_BYTES)
        .ok_or(TOO_LONG)
}

/// By the digits that it was written with.
fn number(found: &Json) -> Result<Decimal, &'static str> {
    let digits = match found {
        Json::Number(number) => number.as_str(),
        Json::String(text) => text,
        _ => return Err("is no number"),
    };
    let (mantissa, exponent) = match digits.find(['e', 'E']).and_then(|at| digits.split_at_checked(at)) {
        Some((mantissa, exponent)) => (mantissa, exponent.get(1..)),
        None => (digits, None),
    };
    let exact = Decimal::from_str_exact(mantissa)
        .ok()
        .and_then(|number| match exponent {
            // Its digits are all there: moving the point is exact, or fails.
            Some(exponent) => {
                Decimal::from_scientific(&format!("{number}e{}", exponent.strip_prefix('+').unwrap_or(exponent))).ok()
            }
            None => Some(number),
        });
    exact.ok_or("is no number, or one of more digits than can be kept")
}

fn money(found: &Json, currency: Currency) -> Result<Decimal, &'static str> {
    let amount = match found {
        Json::Object(money) => {
            if money.get("currency").and_then(Json::as_str) != Some(currency.code()) {
                return Err("is not of the currency that is saved");
            }
            number(money.get("amount").ok_or("has no amount")?)?
        }
        other => number(other)?,
    };
    if !currency.holds(amount) {
        return Err("has more digits after the point than its currency");
    }
    Ok(amount)
}

fn options(found: &Json, value: &str, label: &str) -> Result<Vec<(String, String)>, &'static str> {
    let list = found.as_array().ok_or("is no list")?;
    if list.len() > limits::OPTIONS {
        return Err("has more things to choose from than a page may have");
    }
    let part = |one: &Json, at: &str| {
        one.pointer(at)
            .ok_or("has a thing without value or label")
            .and_then(text)
    };
    list.iter()
        .map(|one| {
            let (value, label) = (part(one, value)?, part(one, label)?);
            if !SavedKind::has_choice(&value) {
                return Err("has a thing whose value is no identifier");
            }
            if label.is_empty() {
                return Err("has a thing without a label");
            }
            Ok((value, label))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Flow;

    /// An effect that saves one thing.
    const FLOW: &str = r#"
title = "One"
start = "one"

[screens.one]
title = "One"
actions.start = "ask"

[screens.ask]
title = "Ask"
actions.go = { call = "pay", to = "two", failed = "two" }

[screens.two]
title = "Two"
end = "two"

[effects.pay]
http = "POST https://callee.example/"
"#;

    /// What is saved of `{"v": JSON}` as this type.
    fn kept(kind: &str, json: &str) -> Result<Option<Value>, String> {
        let save = format!(r#"save.v = {{ at = "/v", {kind} }}"#);
        let source = format!("{FLOW}{save}");
        let (flow, _) = Flow::read("one", &source).unwrap();
        let body = serde_json::from_str(&format!(r#"{{"v": {json}}}"#)).unwrap();
        let kept = saved(SessionKey([0; 16]), flow.effect("pay").unwrap(), Some(&body));
        kept.map(|mut kept| kept.remove("v"))
    }

    #[test]
    fn a_number_is_saved_by_the_digits_that_it_was_written_with() {
        for json in [
            "12345678901234567890123",
            "900719925474099312345678",
            "1.10",
            "1e+3",
            "1e-7",
            "-0.0",
            "0.1",
            "9007199254740993",
            "18446744073709551617",
            "123456789.123456789123456789",
        ] {
            let text = kept(r#"type = "text""#, json);
            assert_eq!(text, Ok(Some(Value::Text(json.to_owned()))), "{json}");
        }
        for (json, number) in [
            ("12345678901234567890123", "12345678901234567890123"),
            ("123456789.123456789123456789", "123456789.123456789123456789"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("1e3", "1000"),
            ("1.25E+1", "12.5"),
            ("-25e-4", "-0.0025"),
            (r#""12""#, "12"),
            (r#""1e2""#, "100"),
        ] {
            let kept = kept(r#"type = "number""#, json).unwrap();
            assert_eq!(kept.unwrap().plain(), number, "{json}");
        }
        for (json, amount) in [
            ("90071992547409.93", "90071992547409.93"),
            ("99999999999999999999.99", "99999999999999999999.99"),
            ("12.5", "12.50"),
            ("12.340", "12.34"),
            ("1e2", "100.00"),
            (r#"{"amount": "12.50", "currency": "GBP"}"#, "12.50"),
        ] {
            let kept = kept(r#"type = "money", currency = "GBP""#, json).unwrap();
            assert_eq!(kept.unwrap().plain(), amount, "{json}");
        }
    }

    #[test]
    fn a_time_is_saved_and_can_bound_a_question() {
        let time = kept(r#"type = "time""#, r#""14:30""#).unwrap();
        assert_eq!(time.unwrap().plain(), "14:30");
        let asks = FLOW.replace(
            "[screens.ask]\ntitle = \"Ask\"",
            "[screens.ask]\ntitle = \"Ask\"\nfields.at = { type = \"time\", label = \"When?\", min = \"v\" }",
        );
        for (kind, fits) in [("time", true), ("text", false)] {
            let source = format!("{asks}save.v = {{ at = \"/v\", type = \"{kind}\" }}");
            assert_eq!(Flow::read("one", &source).is_ok(), fits, "{kind}");
        }
    }

    #[test]
    fn what_cannot_be_saved_as_it_is_is_no_value() {
        let long = format!("\"{}\"", "q".repeat(limits::SAVED_TEXT_BYTES + 1));
        let digits = "9".repeat(limits::SAVED_TEXT_BYTES + 1);
        for (kind, json, why) in [
            (r#"type = "money", currency = "GBP""#, "12.345", "has more digits"),
            (r#"type = "money", currency = "GBP""#, r#""12.345""#, "has more digits"),
            (r#"type = "money", currency = "JPY""#, "12.5", "has more digits"),
            (
                r#"type = "money", currency = "GBP""#,
                r#"{"amount": 1, "currency": "EUR"}"#,
                "is not of the currency",
            ),
            (r#"type = "money", currency = "GBP""#, r#""12.50 GBP""#, "is no number"),
            (r#"type = "number""#, "1e40", "is no number, or one of more digits"),
            (
                r#"type = "number""#,
                "0.12345678901234567890123456789",
                "of more digits",
            ),
            (r#"type = "number""#, "1.5e-28", "of more digits"),
            (r#"type = "text""#, &long, "is longer than 4 KiB"),
            (r#"type = "text""#, &digits, "is longer than 4 KiB"),
            (r#"type = "text""#, r#""""#, "is blank"),
            (r#"type = "text""#, r#"" \t\u00a0\n""#, "is blank"),
            (r#"type = "text""#, "true", "is neither a text nor a number"),
            (r#"type = "text""#, "null", "is missing"),
            (r#"type = "date""#, r#""2026-02-30""#, "is no day"),
            (r#"type = "time""#, r#""2:30pm""#, "is no time"),
            (r#"type = "yes-no""#, r#""yes""#, "is neither true nor false"),
            (
                r#"type = "options", value = "/id""#,
                r#"[{"id": "a b"}]"#,
                "is no identifier",
            ),
        ] {
            let required = kept(kind, json).unwrap_err();
            assert!(required.contains(why), "{kind} {json:.60}: {required}");
            let optional = kept(&format!("{kind}, required = false"), json);
            assert_eq!(optional, Ok(None), "{kind} {json:.60}");
        }
        let most = "q".repeat(limits::SAVED_TEXT_BYTES);
        let whole = kept(r#"type = "text""#, &format!("\"{most}\""));
        assert_eq!(whole, Ok(Some(Value::Text(most))));
        assert!(TOO_LONG.contains(&format!("{} KiB", limits::SAVED_TEXT_BYTES >> 10)));
    }
}
