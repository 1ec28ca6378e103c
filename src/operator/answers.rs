//! Answers as JSON, exactly: for exports and for the operator's view of a session.
//!
//! Owns the form of a value in JSON. Must not know where sessions are kept.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::flow::{Field, Flow, KEY, Rows, Saved, Screen, Value};
use crate::machine::{Path, Session};

/// Under which the key stands of the other list's item that an item is for: no field can be called so.
pub(super) const FOR: &str = "for";

/// The answers that count and the computed values, by field; secrets are left out. Items that were removed do
/// not count.
pub(super) fn of(flow: &Flow, session: &Session, path: &Path) -> Map<String, Json> {
    let from = &From {
        flow,
        session,
        fields: fields(flow),
    };
    let mut answers = Map::new();
    for visit in &path.visits {
        let Some(screen) = flow.screen(visit.screen) else {
            continue;
        };
        for field in screen.fields().filter(|field| !field.is_secret()) {
            if let Some(value) = path.values.get(&field.name) {
                put(from, &mut answers, &field.name, value);
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
            answers.insert(flow.outward.name(name).to_owned(), items(from, rows));
        }
    }
    answers
}

/// Whence the answers are taken.
struct From<'a> {
    flow: &'a Flow,
    session: &'a Session,
    fields: BTreeMap<&'a str, &'a Field>,
}

/// The key of the other list's item that an item is made for, if it is for one.
pub(super) fn made_for(session: &Session, key: u32) -> Option<u32> {
    let item = session.items.iter().find(|item| item.key == key)?;
    Some(item.of).filter(|of| *of > 0)
}

/// The items of a list, each with its key and its answers.
fn items(from: &From<'_>, rows: &Rows) -> Json {
    let item = |row: &crate::flow::Row| {
        let mut item = Map::from_iter([(KEY.to_owned(), Json::from(row.key_text()))]);
        if let Some(of) = made_for(from.session, row.key) {
            item.insert(FOR.to_owned(), Json::from(of.to_string()));
        }
        for (name, value) in row.values.iter().filter(|(_, value)| !is_offer(value)) {
            put(from, &mut item, name, value);
        }
        Json::Object(item)
    };
    rows.iter().map(item).collect()
}

/// A value under the name that others have for it, where that name says; a secret is put nowhere.
fn put(from: &From<'_>, into: &mut Map<String, Json>, name: &str, value: &Value) {
    let From { flow, fields, .. } = from;
    let outward = flow.outward.name(name);
    let json = match (value, fields.get(name)) {
        (_, Some(field)) if field.is_secret() => return,
        (Value::Rows(rows), _) => items(from, rows),
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
