//! What a step hides: answers that guards no longer let count.
//!
//! Owns which of them are told: an answer ceases to count only with a word on the next page. Must
//! not know how a step came about.

use super::{Path, Place, Session};
use crate::flow::{Field, Flow, Scope, Value};

/// A field with the value that it had; a secret without one.
pub(super) type Before = (String, Option<Value>);

/// The value of a field as the journal keeps it.
pub(super) fn told(field: &Field, value: Option<&Value>) -> Before {
    let value = value.filter(|_| !field.is_secret());
    (field.name.clone(), value.cloned())
}

/// Answers of other screens than `here` that a guard hides on the path `after` a step, and that
/// the path `before` it did not hide.
pub(super) fn hidden(flow: &Flow, session: &Session, before: &Path, after: &Path, here: &Place) -> Vec<Before> {
    let known = of_path(flow, session, before);
    of_path(flow, session, after)
        .into_iter()
        .filter(|(place, field)| *place != here && !known.iter().any(|(_, other)| other.name == field.name))
        .map(|(place, field)| {
            told(
                field,
                session.answers.get(place).and_then(|a| a.fields.get(&field.name)),
            )
        })
        .collect()
}

/// The fields of a path's screens that have an answer and that a guard hides.
fn of_path<'a>(flow: &'a Flow, session: &Session, path: &'a Path) -> Vec<(&'a Place, &'a Field)> {
    let reference = session.at.reference();
    let scope = Scope {
        values: &path.values,
        today: path.today,
        reference: &reference,
    };
    let last = path.present();
    let mut found = Vec::new();
    for visit in &path.visits {
        let answers = session.answers.get(&visit.place).map(|answer| &answer.fields);
        let (Some(answers), Some(screen)) = (answers, flow.screen(visit.screen)) else {
            continue;
        };
        // What hangs on other fields of a page is hidden only once that page is answered.
        let hides = |field: &&Field| {
            let when = field.when.as_ref().filter(|when| !when.local || last != Some(visit));
            answers.contains_key(&field.name) && when.is_some_and(|when| !when.guard.holds(&scope))
        };
        found.extend(screen.asked().filter(hides).map(|field| (&visit.place, field)));
    }
    found
}
