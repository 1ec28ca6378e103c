//! Answers that count no more: hidden by a guard, on a screen that the path can no longer lead to, or
//! picked from a list that does not have them now.
//!
//! Owns which of them are told: an answer ceases to count only with a word on the next page, and with
//! one only. What may yet come again ahead of where the session stands is not lost. Must not know how
//! a change came about.

use std::collections::{BTreeMap, BTreeSet};

use super::journal::note;
use super::{Event, Path, Place, Session, State, Visit, items, looks};
use crate::flow::{Field, Flow, Scope, Screen, Value};
use crate::limits;

/// A field with the value that it had; a secret without one.
pub(super) type Before = (String, Option<Value>);

/// The value of a field as the journal keeps it.
pub(super) fn told(field: &Field, value: Option<&Value>) -> Before {
    let value = value.filter(|_| !field.is_secret());
    (field.name.clone(), value.cloned())
}

/// Answers of other screens than `here` that are lost in a session on its path, and were not `before`.
pub(super) fn lost(
    flow: &Flow,
    before: (&Session, &Path),
    (session, path): (&Session, &Path),
    here: Option<&Place>,
) -> Vec<(Place, Before)> {
    let known: BTreeSet<(u32, &str)> = of(flow, before.0, before.1)
        .map(|(place, field)| (place.item, field.name.as_str()))
        .collect();
    let mut room = limits::LOST_BYTES;
    of(flow, session, path)
        .filter(|(place, field)| Some(*place) != here && !known.contains(&(place.item, field.name.as_str())))
        .map(|(place, field)| {
            let answer = session.answers.get(place);
            let (name, value) = told(field, answer.and_then(|answer| answer.fields.get(&field.name)));
            // The answer itself is kept: a copy of all of them might not fit.
            let bytes = value.as_ref().map_or(0, |value| value.plain().len());
            let fits = bytes <= room;
            room -= if fits { bytes } else { 0 };
            (place.clone(), (name, value.filter(|_| fits)))
        })
        .collect()
}

/// Writes into the journal what is lost in a live session and was not before something came of an
/// effect.
pub(super) fn note_lost(flow: &Flow, before: &Session, session: &mut Session, now: i64) {
    if before.answers.is_empty() || !matches!((&before.state, &session.state), (State::Live, State::Live)) {
        return;
    }
    let (was, path) = (Path::fold(flow, before, now), Path::fold(flow, session, now));
    let before = lost(flow, (before, &was), (session, &path), None);
    note_all(session, now, before);
}

/// Writes into the journal what is lost: of each screen of an item by itself.
pub(super) fn note_all(session: &mut Session, now: i64, lost: Vec<(Place, Before)>) {
    let mut before: Vec<Before> = Vec::new();
    let mut of_items: BTreeMap<Place, Vec<Before>> = BTreeMap::new();
    for (place, was) in lost {
        if place.item == 0 {
            before.push(was);
        } else {
            of_items.entry(place).or_default().push(was);
        }
    }
    if !before.is_empty() {
        note(session, now, Event::Hidden { before });
    }
    for (place, before) in of_items {
        note(session, now, Event::HiddenIn { place, before });
    }
}

/// The fields that have an answer which is lost, each with its screen.
fn of<'a>(flow: &'a Flow, session: &'a Session, path: &Path) -> impl Iterator<Item = (&'a Place, &'a Field)> {
    let aside = session.answers.keys().any(|place| path.position(place).is_none());
    let ahead = if aside { ahead(flow, path) } else { BTreeSet::new() };
    // That an item was removed is told by itself.
    let there = move |place: &Place| place.item == 0 || items::removed(session, place.item).is_none();
    let answers = session.answers.iter().filter(move |(place, _)| there(place));
    answers.flat_map(move |(place, answer)| {
        let number = flow.number(&place.screen);
        let screen = number.and_then(|number| flow.screen(number));
        let visit = path.visits.iter().find(|visit| visit.place == *place);
        let comes = number.is_some_and(|number| ahead.contains(&number));
        let fields = screen.into_iter().flat_map(Screen::asked);
        let lost: Vec<_> = fields
            .filter(|field| answer.fields.contains_key(&field.name))
            .filter(|field| match visit {
                Some(visit) => {
                    is_hidden(session, path, visit, field) || is_offered_no_more(flow, session, path, visit, field)
                }
                None => !comes,
            })
            .map(|field| (place, field))
            .collect();
        lost
    })
}

/// The screens that the path may still come to from where it stands.
pub(super) fn ahead(flow: &Flow, path: &Path) -> BTreeSet<u16> {
    let mut found = BTreeSet::new();
    let mut next: Vec<u16> = path.present().map(|visit| visit.screen).into_iter().collect();
    while let Some(screen) = next.pop().and_then(|number| flow.screen(number)) {
        let hanging: Vec<u16> = flow.number(&screen.name).map_or_else(Vec::new, |number| {
            flow.strands_on(number).map(|(_, strand)| strand.start).collect()
        });
        next.extend(hanging.into_iter().filter(|start| found.insert(*start)));
        for action in &screen.actions {
            let calls = action.call.iter();
            let leads = calls.flat_map(|call| call.declined.iter().chain([&call.failed]));
            let to = action
                .branches
                .iter()
                .map(|branch| branch.to)
                .chain(leads.map(|lead| lead.to));
            let there = |to: &u16| {
                path.visits
                    .iter()
                    .any(|visit| visit.place.item == 0 && visit.screen == *to)
            };
            for to in to.filter(|to| !there(to)) {
                if found.insert(to) {
                    next.push(to);
                }
            }
        }
    }
    found
}

/// Whether a guard hides a field. What hangs on other fields of a page is hidden only once that page is
/// answered.
fn is_hidden(session: &Session, path: &Path, visit: &Visit, field: &Field) -> bool {
    let reference = session.at.reference();
    let scope = Scope {
        values: &path.values,
        today: path.today,
        reference: &reference,
        words: path.words,
    };
    let when = field
        .when
        .as_ref()
        .filter(|when| !when.local || path.present() != Some(visit));
    when.is_some_and(|when| !when.guard.holds(&scope))
}

/// Whether what was picked where the path stands is not in its list any more. Of a list that has not
/// come nobody knows.
fn is_offered_no_more(flow: &Flow, session: &Session, path: &Path, visit: &Visit, field: &Field) -> bool {
    let answer = session
        .answers
        .get(&visit.place)
        .filter(|answer| answer.action.is_some());
    let picked = answer.and_then(|answer| answer.fields.get(&field.name)?.as_text());
    let (Some(list), Some(picked)) = (field.list(), picked) else {
        return false;
    };
    let offered = path.values.get(list).and_then(Value::as_options).unwrap_or_default();
    path.present() == Some(visit)
        && !path.missing.contains(list)
        && offered.iter().all(|(value, _)| value != picked)
        && !looks::holds(flow, session, &field.name)
}
