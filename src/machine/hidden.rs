//! Answers that count no more: hidden by a guard, on a screen that the path can no longer lead to, or
//! picked from a list that does not have them now.
//!
//! Owns which of them are told: an answer ceases to count only with a word on the next page, and with
//! one only. What may yet come again ahead of where the session stands is not lost. Must not know how
//! a change came about.

use std::collections::{BTreeMap, BTreeSet};

use super::journal::note;
use super::{Event, Path, Place, Session, Standing, State, Visit, items, looks};
use crate::flow::{Field, Flow, Value};
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
        .into_iter()
        .map(|(place, field)| (place.item, field.name.as_str()))
        .collect();
    let mut room = limits::LOST_BYTES;
    of(flow, session, path)
        .into_iter()
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
fn of<'a>(flow: &'a Flow, session: &'a Session, path: &Path) -> Vec<(&'a Place, &'a Field)> {
    let on: BTreeMap<&Place, &Visit> = path.visits.iter().map(|visit| (&visit.place, visit)).collect();
    let mut ahead: BTreeMap<u32, BTreeSet<u16>> = BTreeMap::new();
    let mut lost = Vec::new();
    for (place, answer) in &session.answers {
        let number = flow.number(&place.screen);
        let Some(screen) = number.and_then(|number| flow.screen(number)) else {
            continue;
        };
        // That an item was removed is told by itself.
        if place.item > 0 && items::removed(session, place.item).is_some() {
            continue;
        }
        let visit = on.get(place).copied();
        let comes = visit.is_none() && {
            let ahead = ahead
                .entry(place.item)
                .or_insert_with(|| ahead_of(flow, session, path, place.item));
            number.is_some_and(|number| ahead.contains(&number))
        };
        let fields = screen.asked().filter(|field| answer.fields.contains_key(&field.name));
        let gone = fields.filter(|field| match visit {
            Some(visit) => {
                is_hidden(session, path, visit, field) || is_offered_no_more(flow, session, path, visit, field)
            }
            None => !comes,
        });
        lost.extend(gone.map(|field| (place, field)));
    }
    lost
}

/// The screens that the flow's own path may still come to, and its tasks.
pub(super) fn ahead(flow: &Flow, path: &Path) -> BTreeSet<u16> {
    let open = path
        .walks
        .iter()
        .filter(|walk| walk.item == 0 && walk.standing != Standing::Done);
    let from = open.filter_map(|walk| match walk.last {
        Some(last) => path.visits.get(last).map(|visit| visit.screen),
        None => walk
            .strand
            .and_then(|strand| flow.strand(strand))
            .map(|strand| strand.start),
    });
    let from: Vec<u16> = from.collect();
    reach(flow, &from, |to| {
        path.visits
            .iter()
            .any(|visit| visit.place.item == 0 && visit.screen == to)
    })
}

/// The screens that the path may still come to for an item; 0: for none.
fn ahead_of(flow: &Flow, session: &Session, path: &Path, item: u32) -> BTreeSet<u16> {
    if item == 0 {
        return ahead(flow, path);
    }
    match path.walks.iter().find(|walk| walk.item == item) {
        Some(walk) if walk.standing == Standing::Done => BTreeSet::new(),
        Some(walk) => {
            let last = walk.last.and_then(|last| path.visits.get(last));
            let from: Vec<u16> = last.map(|visit| visit.screen).into_iter().collect();
            reach(flow, &from, |_| false)
        }
        // Where its list may come again, it does with all that it has.
        None => {
            let page = items::page_of(flow, session, item).and_then(|page| flow.number(&page.screen));
            let comes = page.is_some_and(|page| ahead(flow, path).contains(&page));
            (0..)
                .zip(&flow.screens)
                .map(|(number, _)| number)
                .filter(|_| comes)
                .collect()
        }
    }
}

/// What actions lead to from these screens, by way of what was not come to before.
fn reach(flow: &Flow, from: &[u16], before: impl Fn(u16) -> bool) -> BTreeSet<u16> {
    let mut found = BTreeSet::new();
    let mut next = from.to_vec();
    while let Some(number) = next.pop() {
        let Some(screen) = flow.screen(number) else { continue };
        let leads = screen.actions.iter().flat_map(|action| {
            let calls = action.call.iter();
            let leads = calls.flat_map(|call| call.declined.iter().chain([&call.failed]));
            action
                .branches
                .iter()
                .map(|branch| branch.to)
                .chain(leads.map(|lead| lead.to))
        });
        // What hangs on a screen that was come to stands in walks of its own.
        let hanging = flow.strands_on(number).map(|(_, strand)| strand.start);
        let hanging = hanging.filter(|_| !from.contains(&number));
        for to in leads.chain(hanging).filter(|to| !before(*to)) {
            if found.insert(to) {
                next.push(to);
            }
        }
    }
    found
}

/// Whether a guard hides a field, or it has nothing to choose any more. What hangs on other fields of a page
/// is hidden only once that page is answered.
fn is_hidden(session: &Session, path: &Path, visit: &Visit, field: &Field) -> bool {
    let reference = session.at.reference();
    let scope = path.scope_of(&reference);
    let when = field
        .when
        .as_ref()
        .filter(|when| !when.local || path.present() != Some(visit));
    let answer = session.answers.get(&visit.place);
    let answered = answer.and_then(|answer| answer.fields.get(&field.name));
    when.is_some_and(|when| !when.guard.holds(&scope)) || answered.is_some() && field.has_nothing(answered, &scope)
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
