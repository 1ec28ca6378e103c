//! What a page says of the steps that led to it: what changed, what no longer counts, what is taken back.
//!
//! Owns which steps a page tells of: the one that led to it, and those before it that no page with
//! content has told yet, because a page that waits, or that something could not be looked up for,
//! stood between. Must not know how a line is worded.

use super::{
    Asked, Change, Entry, Event, Notice, Outcome, Path, Place, Presentation, Purpose, Session, Stage, hidden, items,
    list, show,
};
use crate::flow::{Flow, Screen, Value};

/// What the steps that led to this presentation have to say; nothing where none did.
pub(super) fn notices(flow: &Flow, session: &Session, here: &Presentation, path: &Path) -> Vec<Notice> {
    let led_here = |o: &&Outcome| o.step == here.id.step && o.led_to == here.place && o.led_way == here.id.way;
    let outcome = session.outcomes.iter().find(led_here);
    outcome.map_or_else(Vec::new, |outcome| of_outcome(flow, session, outcome, path))
}

/// What the page of `here` has to say, where another one stands in for it at present: who goes on from
/// there has not read it.
pub(super) fn untold(flow: &Flow, session: &Session, here: &Presentation, path: &Path) -> Vec<Notice> {
    if show::lacks(flow, session, path, &here.place).is_empty() {
        return Vec::new();
    }
    notices(flow, session, here, path)
}

/// Adds lines to those of a page that does not have them yet.
pub(super) fn add(notices: &mut Vec<Notice>, more: Vec<Notice>) {
    for notice in more {
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }
}

/// The first step of which nobody has read, for the step that comes next: 0 where the page of the
/// latest one could be read.
pub(super) fn since(flow: &Flow, session: &Session, path: &Path) -> u64 {
    let latest = session.outcomes.iter().find(|outcome| outcome.step == session.step);
    let unread = latest.filter(|latest| !show::lacks(flow, session, path, &latest.led_to).is_empty());
    unread.map_or(0, |latest| first(session, latest))
}

/// The first step that the page of an outcome tells of. What led there by way of an effect began with
/// the step that asked for it.
fn first(session: &Session, outcome: &Outcome) -> u64 {
    let since = Some(outcome.since).filter(|since| *since > 0);
    since
        .into_iter()
        .chain(settled(session, outcome).map(|asked| asked.step))
        .fold(outcome.step, u64::min)
}

/// The effect by way of which an outcome led on.
fn settled<'a>(session: &'a Session, outcome: &Outcome) -> Option<&'a Asked> {
    let mut asked = session.asked.iter();
    asked.find(|asked| asked.settled == outcome.step && asked.purpose == Purpose::Do)
}

/// Where what is done for each item of a list came to nothing for one: for which.
fn not_for(flow: &Flow, session: &Session, asked: &Asked, path: &Path) -> Option<Notice> {
    let nothing = matches!(asked.stage, Stage::Declined { .. } | Stage::Failed { .. });
    let line = (asked.item > 0 && nothing && !asked.called_off)
        .then(|| list::line(flow, session, &mut path.clone(), asked.item))?;
    let done = path.calls.iter().filter_map(|number| session.asking(*number));
    let done = done.filter(|other| other.place == asked.place && other.action == asked.action);
    Some(Notice::NotFor(line, done.count()))
}

fn of_outcome(flow: &Flow, session: &Session, outcome: &Outcome, path: &Path) -> Vec<Notice> {
    let settled = settled(session, outcome);
    let asking = settled.map(|asked| asked.step);
    let own = |entry: &Entry| entry.step == outcome.step || Some(entry.step) == asking;
    // Steps between an asking and its outcome are not this page's, but where it tells of them too.
    let told =
        |entry: &&Entry| own(entry) || (outcome.since > 0 && (outcome.since..=outcome.step).contains(&entry.step));
    let (mut back, mut first, mut last) = (Vec::new(), Vec::new(), Vec::new());
    let (mut changes, mut hidden): (Vec<Change>, Vec<Change>) = (Vec::new(), Vec::new());
    for entry in session.journal.iter().filter(told) {
        match &entry.event {
            Event::Asked { undoes, .. } if *undoes > 0 => back.push(*undoes),
            Event::Amended { place, before, .. } => {
                // Changed twice, it was what it was at first.
                let known = |was: &Change| changes.iter().any(|c| c.place == was.place && c.field == was.field);
                let more: Vec<_> = changed(flow, session, place, before)
                    .into_iter()
                    .filter(|was| !known(was))
                    .collect();
                changes.extend(more);
            }
            Event::Hidden { before } => hidden.extend(before.iter().filter_map(|was| gone(flow, session, None, was))),
            Event::HiddenIn { place, before } => {
                hidden.extend(before.iter().filter_map(|was| gone(flow, session, Some(place), was)));
            }
            Event::Removed { key, line } if own(entry) && items::removed(session, *key) == Some(*key) => {
                first.push(Notice::Removed(*key, line.clone()));
            }
            Event::PutBack { .. } if own(entry) => first.push(Notice::PutBack),
            Event::Kept { place, .. } if own(entry) => first.push(if is_ahead(flow, path, place) {
                Notice::KeptButFirst
            } else {
                Notice::KeptAside
            }),
            Event::Extended if own(entry) => last.push(Notice::MoreTime),
            Event::TooLate if own(entry) => last.push(Notice::TooLate),
            _ => {}
        }
    }
    changes.retain(|change| change.before != change.after || is_secret(flow, change));
    // What counts again meanwhile needs no word.
    hidden.retain(|change| !path.values.contains_key(&change.field));
    let mut notices = Vec::new();
    notices.extend(settled.and_then(|asked| not_for(flow, session, asked, path)));
    notices.extend((!back.is_empty()).then_some(Notice::TakenBack(back)));
    notices.append(&mut first);
    notices.extend((!changes.is_empty()).then_some(Notice::Changed(changes)));
    notices.extend((!hidden.is_empty()).then_some(Notice::Hidden(hidden)));
    notices.append(&mut last);
    notices
}

/// Whether the path may come to that screen from where it ends.
fn is_ahead(flow: &Flow, path: &Path, place: &Place) -> bool {
    let number = flow.number(&place.screen);
    number.is_some_and(|number| hidden::ahead(flow, path).contains(&number))
}

/// Answers as they were and as they are.
fn changed(flow: &Flow, session: &Session, place: &Place, before: &[(String, Option<Value>)]) -> Vec<Change> {
    let now = session.answers.get(place);
    let change = |(field, before): &(String, Option<Value>)| {
        let mut change = Change {
            place: place.clone(),
            field: field.clone(),
            before: before.clone(),
            after: None,
        };
        let after = now.and_then(|answer| answer.fields.get(field));
        change.after = after.filter(|_| !is_secret(flow, &change)).cloned();
        change
    };
    before.iter().map(change).collect()
}

/// Whether a change is one of a secret: neither value is shown.
pub(super) fn is_secret(flow: &Flow, change: &Change) -> bool {
    let screen = flow.screens.iter().find(|screen| screen.name == change.place.screen);
    screen.is_some_and(|s| s.asked().any(|field| field.name == change.field && field.is_secret()))
}

/// Answers that ceased to count after `step`: a review of that step showed them.
pub(super) fn gone_since(flow: &Flow, session: &Session, path: &Path, step: u64) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    for entry in session.journal.iter().filter(|entry| entry.step > step) {
        let (place, before) = match &entry.event {
            Event::Hidden { before } => (None, before),
            Event::HiddenIn { place, before } => (Some(place), before),
            _ => continue,
        };
        for change in before.iter().filter_map(|was| gone(flow, session, place, was)) {
            let known = all
                .iter()
                .any(|known| known.field == change.field && known.place == change.place);
            if !known && !path.values.contains_key(&change.field) {
                all.push(change);
            }
        }
    }
    all
}

/// An answer that does not count any more, as it was; where that is kept with its screen only, as it is.
fn gone(
    flow: &Flow,
    session: &Session,
    place: Option<&Place>,
    (name, before): &(String, Option<Value>),
) -> Option<Change> {
    let asks = |screen: &&Screen| screen.asked().any(|field| field.name == *name);
    let screen = flow.screens.iter().find(asks)?;
    let field = screen.asked().find(|field| field.name == *name)?;
    let place = place.cloned().unwrap_or_else(|| Place::of(&screen.name));
    let kept = session.answers.get(&place).and_then(|answer| answer.fields.get(name));
    Some(Change {
        field: name.clone(),
        before: before.clone().or_else(|| kept.filter(|_| !field.is_secret()).cloned()),
        after: None,
        place,
    })
}
