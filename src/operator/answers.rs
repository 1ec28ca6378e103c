//! Answers as JSON, exactly: for exports and for the operator's view of a session.
//!
//! Owns the form of a value in JSON. Must not know where sessions are kept.

use serde_json::{Map, Value as Json};

use crate::flow::{Flow, Saved, Screen, Value};
use crate::machine::Path;

/// The answers that count and the computed values, by field; secrets are left out.
pub(super) fn of(flow: &Flow, path: &Path) -> Map<String, Json> {
    let mut answers = Map::new();
    for visit in &path.visits {
        let Some(screen) = flow.screen(visit.screen) else {
            continue;
        };
        for field in screen.fields().filter(|field| !field.is_secret()) {
            if let Some(value) = path.values.get(&field.name) {
                let (name, value) = (flow.outward.name(&field.name), flow.outward.value(&field.name, value));
                flow.frames.put(&mut answers, name, field.json(&value));
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
    let lists = flow.strands.iter().filter(|strand| strand.list().is_some());
    for name in lists.map(|strand| &strand.name) {
        if let Some(items) = path.values.get(name) {
            let items = flow.outward.value(name, items).json();
            answers.insert(flow.outward.name(name).to_owned(), items);
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
