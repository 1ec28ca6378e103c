//! Answers as JSON, exactly: for exports and for the operator's view of a session.
//!
//! Owns the form of a value in JSON. Must not know where sessions are kept.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::flow::{Field, Flow, KEY, Rows, Saved, Screen, Value};
use crate::machine::Path;

/// The answers that count and the computed values, by field; secrets are left out. Items that were removed do
/// not count.
pub(super) fn of(flow: &Flow, path: &Path) -> Map<String, Json> {
    let fields = fields(flow);
    let mut answers = Map::new();
    for visit in &path.visits {
        let Some(screen) = flow.screen(visit.screen) else {
            continue;
        };
        for field in screen.fields().filter(|field| !field.is_secret()) {
            if let Some(value) = path.values.get(&field.name) {
                put(flow, &fields, &mut answers, &field.name, value);
            }
        }
        for saved in called(flow, screen) {
            if let Some(value) = path.values.get(&saved.name).filter(|value| !is_offer(value)) {
                answers.insert(saved.name.clone(), value.json());
            }
        }
    }
    let lists = flow.strands.iter().filter(|strand| strand.list().is_some());
    for name in lists.map(|strand| &strand.name) {
        if let Some(rows) = path.values.get(name).and_then(Value::as_rows) {
            answers.insert(flow.outward.name(name).to_owned(), items(flow, &fields, rows));
        }
    }
    answers
}

/// The items of a list, each with its key and its answers.
fn items(flow: &Flow, fields: &BTreeMap<&str, &Field>, rows: &Rows) -> Json {
    let item = |row: &crate::flow::Row| {
        let mut item = Map::from_iter([(KEY.to_owned(), Json::from(row.key_text()))]);
        for (name, value) in row.values.iter().filter(|(_, value)| !is_offer(value)) {
            put(flow, fields, &mut item, name, value);
        }
        Json::Object(item)
    };
    rows.iter().map(item).collect()
}

/// A value under the name that others have for it, where that name says; a secret is put nowhere.
fn put(flow: &Flow, fields: &BTreeMap<&str, &Field>, into: &mut Map<String, Json>, name: &str, value: &Value) {
    let outward = flow.outward.name(name);
    let json = match (value, fields.get(name)) {
        (_, Some(field)) if field.is_secret() => return,
        (Value::Rows(rows), _) => items(flow, fields, rows),
        (value, Some(field)) => field.json(&flow.outward.value(name, value)),
        (value, None) => value.json(),
    };
    flow.frames.put(into, outward, json);
}

/// The fields of a flow by their names.
pub(super) fn fields(flow: &Flow) -> BTreeMap<&str, &Field> {
    let all = flow.screens.iter().flat_map(Screen::fields);
    all.map(|field| (field.name.as_str(), field)).collect()
}

/// What a look-up offered: nobody's answer.
pub(super) fn is_offer(value: &Value) -> bool {
    matches!(value, Value::Options(_))
}

/// What the effects of a screen's actions save: it counts like an answer.
pub(super) fn called<'a>(flow: &'a Flow, screen: &'a Screen) -> impl Iterator<Item = &'a Saved> {
    let calls = screen.actions.iter().filter_map(|action| action.call.as_ref());
    calls
        .filter_map(|call| flow.effect(&call.effect))
        .flat_map(|effect| &effect.save)
}
