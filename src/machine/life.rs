//! The life of a session: how it begins, how long it lasts, how it ends.
//!
//! Owns start, deadlines, expiry and what is dropped when. Must not know the clock: `now` is an
//! argument, in seconds since 1970.

use super::amiss::unsent;
use super::ask::Asking;
use super::form::{self, Pressed};
use super::journal::{drop_answers, note};
use super::path::branch;
use super::{Answer, Event, Leap, Outcome, Path, Place, Session, Showing, Stage, State, language, show};
use crate::flow::{Action, Field, Flow, Form, Scope, Screen};
use crate::id::{Language, ScreenKey, SessionKey, Way};
use crate::limits;

/// What a start asks for.
#[derive(Clone, Debug)]
pub struct Begin {
    /// Where the store will hold the session.
    pub at: SessionKey,
    /// A fresh random key.
    pub key: ScreenKey,
    /// What was pressed on the start page.
    pub action: Option<String>,
    /// Fields typed into an earlier session, by screen, to be shown again.
    pub carried: Option<(String, Form)>,
    /// As in [`Session::presumed`].
    pub presumed: Option<Leap>,
    /// The language of the start page, if it is another than the flow's own.
    pub language: Option<Language>,
}

/// A new session: the start page's action is taken in the same phase, if the flow's first screen
/// is the start page. `None` where the action was never offered there.
pub fn start(flow: &Flow, begin: Begin, now: i64) -> Option<(Session, Showing)> {
    let first = flow.screen(flow.start)?;
    let mut session = Session {
        at: begin.at,
        flow: flow.name.clone(),
        digests: flow.digests,
        key: begin.key,
        created: now,
        touched: now,
        step: 1,
        state: State::Live,
        seal: None,
        answers: std::collections::BTreeMap::new(),
        items: Vec::new(),
        keys: 0,
        outcomes: Vec::new(),
        kept_from: 0,
        journal: Vec::new(),
        folded: 0,
        asked: Vec::new(),
        asks: 0,
        cancel: None,
        passed_over: Vec::new(),
        more_failed: 0,
        unsent: 0,
        sealed_on: 0,
        ended_on: 0,
        language: language::known(flow, begin.language),
        code: 0,
        returns: 0,
        presumed: begin.presumed,
    };
    note(&mut session, now, Event::Started);
    carry(flow, &mut session, begin.carried);
    let place = Place::of(&first.name);
    let mut led_to = place.clone();
    let mut action = begin.action.clone().unwrap_or_default();
    if starts_itself(flow) {
        let pressed = form::pressed(flow, first, begin.action.as_deref())?;
        let Pressed::Author(pressed) = pressed else { return None };
        action.clone_from(&pressed.name);
        led_to = press_start(flow, &mut session, &place, pressed, now)?;
    }
    let (way, led_way) = (Way::Path, Way::Path);
    let digest = form::digest(&session, &Form::default());
    session.outcomes.push(Outcome {
        step: 1,
        offered: 0,
        place,
        way,
        action,
        digest,
        led_to: led_to.clone(),
        led_way,
        since: 0,
    });
    let path = Asking { flow, now }.looks(&mut session, Some(&led_to));
    let showing = show::place(flow, &session, &led_to, Way::Path, path);
    Some((session, showing))
}

/// Takes the action of the start page, which asks nothing; gives the screen that it leads to.
fn press_start(flow: &Flow, session: &mut Session, place: &Place, pressed: &Action, now: i64) -> Option<Place> {
    let path = Path::fold(flow, session, now);
    let reference = session.at.reference();
    let scope = Scope::new(&path.values, session.day(flow, now), &reference, flow.words());
    let target = flow.screen(branch(pressed, &scope)?.to)?;
    let action = pressed.name.clone();
    session.answers.entry(place.clone()).or_default().action = Some(action.clone());
    let answered = Event::Answered {
        place: place.clone(),
        action,
        agreed: None,
    };
    note(session, now, answered);
    if let Some(outcome) = target.final_end().cloned() {
        session.ends(flow, &target.name, outcome, now);
        note(session, now, Event::Ended);
    }
    Some(Place::of(&target.name))
}

/// Whether the flow's first screen is its start page: it asks nothing and has an action.
pub fn starts_itself(flow: &Flow) -> bool {
    flow.screen(flow.start).is_some_and(Screen::starts) && flow.strands_on(flow.start).next().is_none()
}

/// Takes up fields that were typed into an earlier session: those that the screen still declares.
fn carry(flow: &Flow, session: &mut Session, carried: Option<(String, Form)>) {
    let Some((screen, fields)) = carried else { return };
    let Some(screen) = flow.screens.iter().find(|s| s.name == screen && flow.carry) else {
        return;
    };
    // A declaration is made anew.
    let carried = screen
        .asked()
        .filter(|field| !field.is_declaration() && !field.is_secret());
    let inputs: Vec<String> = carried.flat_map(Field::inputs).collect();
    let known = Form(fields.0.into_iter().filter(|(name, _)| inputs.contains(name)).collect());
    if !known.0.is_empty() {
        let draft = Answer {
            draft: Some(known),
            ..Answer::default()
        };
        session.answers.insert(Place::of(&screen.name), draft);
    }
}

/// When a live session runs out of time: idle, or in all; from its first save on, so long after its last phase.
pub fn deadline(flow: &Flow, session: &Session) -> i64 {
    if session.code > 0 {
        return session.touched.saturating_add(flow.limits.saved.as_secs());
    }
    let idle = session.touched.saturating_add(flow.limits.idle.as_secs());
    let total = session.created.saturating_add(flow.limits.total.as_secs());
    idle.min(total)
}

/// Whether asking for more time would give any: the end in all is not nearer than the idle one.
pub fn can_extend(flow: &Flow, session: &Session) -> bool {
    session.code > 0 || deadline(flow, session) < session.created.saturating_add(flow.limits.total.as_secs())
}

/// When something falls due in a session by itself: expiry, the dropping of its answers, or its
/// own.
pub fn due(flow: &Flow, session: &Session) -> i64 {
    ends(flow, session).min(session.effects_due().unwrap_or(i64::MAX))
}

/// The same without effects. A session that waits for one does not end before it is settled.
fn ends(flow: &Flow, session: &Session) -> i64 {
    let keep = flow.limits.keep.as_secs();
    match &session.state {
        State::Live if session.waits().is_some() => i64::MAX,
        State::Live => deadline(flow, session),
        State::Ended { at, .. } => at.saturating_add(keep),
        // The operator's to settle.
        State::Expired { unfinished: true, .. } => i64::MAX,
        _ if session.is_unsettled() || session.has_missed() => i64::MAX,
        State::Cancelled { at } | State::Expired { at, .. } | State::Forgotten { at, .. } => {
            at.saturating_add(keep).saturating_add(limits::TOMBSTONE_SECONDS)
        }
    }
}

/// What falls due in a session at `now`.
#[derive(Debug)]
pub enum Due {
    /// Nothing yet.
    Later,
    /// It changes.
    Change(Box<Session>),
    /// Nothing of it is kept any more.
    Delete,
}

/// Lets time pass: what falls due in `session`, if anything does.
pub fn pass_time(flow: &Flow, session: &Session, now: i64) -> Due {
    if ends(flow, session) > now {
        return Due::Later;
    }
    match &session.state {
        State::Live => Due::Change(Box::new(run_out(flow, session, now))),
        State::Ended { at, .. } => Due::Change(Box::new(forget(flow, session, *at))),
        State::Cancelled { .. } | State::Expired { .. } | State::Forgotten { .. } => Due::Delete,
    }
}

/// Out of time: it has ended where it stands, if that is an open end, and expires elsewhere.
fn run_out(flow: &Flow, session: &Session, now: i64) -> Session {
    let at = deadline(flow, session);
    let mut ended = session.clone();
    ended.step += 1;
    if finish(flow, &mut ended, &Path::fold(flow, session, at), at) {
        return ended;
    }
    expire(flow, session, now)
}

/// Ends a session at the open end where it stands, with the notices of the action that led there;
/// `false` where it does not stand at one.
pub(super) fn finish(flow: &Flow, session: &mut Session, path: &Path, now: i64) -> bool {
    let stands = path.present().and_then(|visit| flow.screen(visit.screen));
    let Some((screen, outcome)) = stands
        .filter(|screen| screen.open)
        .and_then(|s| Some((s, s.end.clone()?)))
    else {
        return false;
    };
    let last = path.visits.iter().rev().nth(1);
    let led = last.and_then(|visit| {
        let name = session.answers.get(&visit.place)?.action.as_ref()?;
        let action = flow
            .screen(visit.screen)?
            .actions
            .iter()
            .find(|action| action.name == *name)?;
        Some((visit.place.clone(), action))
    });
    if let Some((place, action)) = led {
        finish_led(flow, session, path, (&place, action), now);
    }
    end(flow, session, path, (screen, outcome), now);
    true
}

/// What the action that led to an open end held back until that is finished: its notices, or, where what
/// it called was declined or failed, that what was done before is taken back, if the flow says so.
fn finish_led(flow: &Flow, session: &mut Session, path: &Path, (place, action): (&Place, &Action), now: i64) {
    let asked = session.latest_call(place, &action.name);
    let lead = match (asked.map(|asked| &asked.stage), &action.call) {
        (Some(Stage::Declined { .. }), Some(call)) => call.declined,
        (Some(Stage::Failed { .. }), Some(call)) => Some(call.failed),
        _ => None,
    };
    let counts = asked.is_some_and(|asked| path.calls.contains(&asked.number));
    if lead.is_some_and(|lead| lead.undo) {
        take_back(flow, session, now);
    } else if counts || asked.is_none() {
        Asking { flow, now }.tells(session, (place, &action.name), &action.tells, &path.values);
    }
}

/// Out of time, as of its deadline; behind a seal the answers are kept for the operator.
pub(super) fn expire(flow: &Flow, session: &Session, now: i64) -> Session {
    let mut session = session.clone();
    let at = deadline(flow, &session);
    let unfinished = session.seal.is_some();
    session.step += 1;
    if !unfinished {
        take_back(flow, &mut session, now);
    }
    session.state = State::Expired { at, unfinished };
    note(&mut session, at, Event::Expired);
    if !unfinished {
        drop_answers(&mut session);
    }
    session
}

/// Given up: what was done is taken back, the answers are dropped.
pub(super) fn cancelled(flow: &Flow, session: &Session, now: i64) -> Session {
    let mut session = session.clone();
    take_back(flow, &mut session, now);
    session.state = State::Cancelled { at: now };
    session.cancel = None;
    note(&mut session, now, Event::Cancelled);
    drop_answers(&mut session);
    session
}

/// Wishes that everything that can be taken back be so, the latest first.
fn take_back(flow: &Flow, session: &mut Session, now: i64) {
    let undoable = session.undoable(flow);
    if !undoable.is_empty() {
        let before = session.clone();
        Asking { flow, now }.undos(session, &before, &undoable);
    }
}

/// An end screen is reached: done effects that do not count at the end are taken back.
pub(super) fn end(flow: &Flow, session: &mut Session, path: &Path, (screen, outcome): (&Screen, String), now: i64) {
    let undoable: Vec<u32> = session
        .undoable(flow)
        .into_iter()
        .filter(|number| !path.calls.contains(number))
        .collect();
    if !undoable.is_empty() {
        let before = session.clone();
        Asking { flow, now }.undos(session, &before, &undoable);
    }
    session.ends(flow, &screen.name, outcome, now);
    note(session, now, Event::Ended);
}

/// What was kept of a finished session is over: its answers are dropped; that it was, and how it
/// ended, stays.
pub(super) fn forget(flow: &Flow, session: &Session, now: i64) -> Session {
    let alone = unsent(flow, session, now).len();
    let mut session = session.clone();
    session.unsent = u32::try_from(alone).unwrap_or(u32::MAX);
    if let State::Ended { outcome, at, .. } = &session.state {
        session.state = State::Forgotten {
            outcome: outcome.clone(),
            at: *at,
        };
    }
    session.step += 1;
    note(&mut session, now, Event::Forgotten);
    drop_answers(&mut session);
    session
}

/// Whether the ids of a finished session open its receipt whole: a while from its end, and from when somebody
/// came back to it.
pub(super) fn is_whole(session: &Session, now: i64) -> bool {
    let back = session.journal.iter().rev();
    let back = back.filter(|entry| matches!(entry.event, Event::CameBack { .. }));
    let from = |at: i64| back.map(|entry| entry.at).next().map_or(at, |back| back.max(at));
    matches!(session.state, State::Ended { at, .. } if now < from(at).saturating_add(limits::RECEIPT_SECONDS))
}
