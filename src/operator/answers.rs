//! Answers as JSON, exactly: for exports and for the operator's view of a session.
//!
//! Owns the form of a value in JSON. Must not know where sessions are kept.

use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, Value as Json, json};

use crate::flow::{Field, Flow, Kind, Value};
use crate::machine::Path;

/// Whole numbers beyond this are not exact in every JSON reader.
const EXACT: i64 = 1 << 53;

/// The answers that count and the computed values, by field; secrets are left out.
pub(super) fn of(flow: &Flow, path: &Path) -> Map<String, Json> {
    let mut answers = Map::new();
    for visit in &path.visits {
        let Some(screen) = flow.screen(visit.screen) else {
            continue;
        };
        for field in screen.fields().filter(|field| !secret(field)) {
            if let Some(value) = path.values.get(&field.name) {
                answers.insert(field.name.clone(), json(field, value));
            }
        }
    }
    answers
}

/// Whether an answer to it is never shown again.
pub(super) fn secret(field: &Field) -> bool {
    matches!(field.kind, Kind::Secret { .. })
}

/// A value: text and dates (ISO 8601) as strings, yes and no as booleans, whole numbers as
/// numbers, decimals as strings, money as amount (a string) and currency, choices as lists.
pub(super) fn json(field: &Field, value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Bool(yes) => json!(yes),
        Value::Number(number) => match (&field.kind, number.to_i64()) {
            (Kind::Number { places: 0, .. }, Some(whole)) if whole.abs() <= EXACT => json!(whole),
            _ => json!(number.to_string()),
        },
        Value::Money(amount, currency) => {
            json!({ "amount": amount.to_string(), "currency": String::from_utf8_lossy(&currency.0) })
        }
        Value::Date(day) => json!(day.to_string()),
        Value::List(chosen) => json!(chosen),
        Value::Options(options) => options.iter().map(|(value, _)| json!(value)).collect(),
    }
}
