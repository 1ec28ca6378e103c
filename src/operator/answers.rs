//! Answers as JSON, exactly: for exports and for the operator's view of a session.
//!
//! Owns the form of a value in JSON. Must not know where sessions are kept.

use serde_json::{Map, Value as Json};

use crate::flow::{Field, Flow, Kind, Saved, Screen, Value};
use crate::machine::Path;

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
        for saved in called(flow, screen) {
            if let Some(value) = path
                .values
                .get(&saved.name)
                .filter(|value| !matches!(value, Value::Options(_)))
            {
                answers.insert(saved.name.clone(), value.json());
            }
        }
    }
    answers
}

/// What the effects of a screen's actions save: it counts like an answer.
fn called<'a>(flow: &'a Flow, screen: &'a Screen) -> impl Iterator<Item = &'a Saved> {
    let calls = screen.actions.iter().filter_map(|action| action.call.as_ref());
    calls
        .filter_map(|call| flow.effect(&call.effect))
        .flat_map(|effect| &effect.save)
}

/// Whether an answer to it is never shown again.
pub(super) fn secret(field: &Field) -> bool {
    matches!(field.kind, Kind::Secret { .. })
}

/// A value of a field: as [`Value::json`] has it, but decimals always as strings, whether whole or not.
pub(super) fn json(field: &Field, value: &Value) -> Json {
    match (value, &field.kind) {
        (Value::Number(_), Kind::Number { places: 0, .. }) => value.json(),
        (Value::Number(number), _) => Json::String(number.to_string()),
        _ => value.json(),
    }
}
