//! What actions call: once, or once for each item of a list.
//!
//! Owns for which items something is to be done, in which order that goes out, whether what was called
//! is done for what is answered now, and what becomes of those behind one that is not. Must not know
//! what a callee says (`settle`).

use super::ask::{Asking, forget_untaken};
use super::asked::{Asked, Purpose, Stage};
use super::journal::note;
use super::path::At;
use super::settle::Settling;
use super::step::{Applied, Turn};
use super::{Decision, Event, Path, Place, Reason, Session, Standing, State, ask};
use crate::flow::{Action, Call, Effect, Scope, Value};
use crate::id::Way;

/// What is heard of an asking for an item that another item's kept from being begun.
const NOT_BEGUN: &str = "not begun: what was asked for with it, for an item before, came to nothing or was given up";

impl Asked {
    /// Whether an action called it.
    fn is_call(&self, place: &Place, action: &str) -> bool {
        self.purpose == Purpose::Do && self.place == *place && self.action == action
    }
}

impl Session {
    /// The latest asking by an action, for an item where it calls for each of a list.
    pub(super) fn called(&self, place: &Place, action: &str, item: u32) -> Option<&Asked> {
        self.asked
            .iter()
            .rev()
            .find(|asked| asked.is_call(place, action) && asked.item == item)
            .filter(|asked| !asked.called_off)
    }

    /// The latest asking by an action that came to something, for whatever item.
    pub(super) fn latest_call(&self, place: &Place, action: &str) -> Option<&Asked> {
        let mut latest = self.asked.iter().rev();
        latest
            .find(|asked| asked.is_call(place, action) && !(asked.item > 0 && asked.called_off))
            .filter(|asked| !asked.called_off)
    }

    /// Those asked for with one, for later items of the same list, that are not begun: they go out in
    /// the order of the items, each once the one before is done.
    pub(super) fn behind<'a>(&'a self, first: &'a Asked) -> impl Iterator<Item = &'a Asked> {
        self.asked.iter().filter(move |asked| {
            let same = asked.is_call(&first.place, &first.action) && asked.step == first.step;
            same && first.purpose == Purpose::Do && asked.number > first.number && asked.is_open()
        })
    }

    /// Of what was asked for with it, for each item of a list: which one it is, and how many there are.
    pub fn turn_of(&self, asked: &Asked) -> (usize, usize) {
        let of_all =
            |other: &&Asked| other.item > 0 && other.is_call(&asked.place, &asked.action) && other.step == asked.step;
        let all: Vec<u32> = self.asked.iter().filter(of_all).map(|other| other.number).collect();
        let before = all.iter().filter(|number| **number < asked.number);
        (before.count() + 1, all.len())
    }

    /// Whether it waits for what was asked for with it for an earlier item.
    fn is_behind(&self, asked: &Asked) -> bool {
        asked.item > 0
            && self.asked.iter().any(|first| {
                let same = first.is_call(&asked.place, &asked.action) && first.step == asked.step;
                same && first.number < asked.number && (first.is_open() || first.in_doubt())
            })
    }

    /// Those of its open askings that need wait for no other one.
    pub(super) fn ready(&self) -> impl Iterator<Item = &Asked> {
        self.asked
            .iter()
            .filter(|asked| asked.is_open() && !self.is_behind(asked))
    }
}

impl Path {
    /// Whether what an action calls is done for what is answered now, for each item where it is called
    /// for these; else where that leads, if anywhere.
    pub(super) fn came_of(&mut self, at: &At<'_>, action: &Action, call: &Call) -> Result<(), Option<u16>> {
        let (flow, session) = (at.flow, at.session);
        let effect = flow.effect(&call.effect).ok_or(None)?;
        let ended = matches!(session.state, State::Ended { .. });
        let (mut done, mut leads) = (true, None);
        for item in self.wanted(effect) {
            let Some(asked) = session.called(at.place, &action.name, item) else {
                done = false;
                continue;
            };
            self.enter_item(flow, session, item);
            let scope = Scope::new(&self.values, session.day(flow, asked.at), at.reference, at.flow.words());
            let same =
                at.settled || asked.effect == effect.name && ask::still_sends(flow, effect, asked, session, &scope);
            let to = match asked.stage {
                Stage::Done { .. } if !ended && session.is_undone(asked.number) => None,
                Stage::Done { .. } if same => {
                    self.calls.push(asked.number);
                    self.values.extend(asked.results.clone());
                    continue;
                }
                Stage::Done { .. } => {
                    self.stale.push(asked.number);
                    None
                }
                Stage::Declined { .. } if same => call.declined.map(|lead| lead.to),
                Stage::Failed { .. } if same => Some(call.failed.to),
                _ => None,
            };
            done = false;
            leads = leads.or(to);
        }
        self.enter_item(flow, session, 0);
        if done { Ok(()) } else { Err(leads) }
    }

    /// The items for which an effect is to be done, in their order; 0 stands for an effect that is done
    /// once.
    pub(super) fn wanted(&self, effect: &Effect) -> Vec<u32> {
        let Some(list) = &effect.each else { return vec![0] };
        let rows = self.values.get(list).and_then(Value::as_rows);
        let is_done = |key: &u32| {
            let mut walks = self.walks.iter().filter(|walk| walk.item == *key);
            walks.any(|walk| walk.standing == Standing::Done)
        };
        rows.into_iter().flatten().map(|row| row.key).filter(is_done).collect()
    }
}

impl Turn<'_> {
    /// The action calls an effect: it is asked for, unless it is done already for just these
    /// answers; the session waits for it where it is.
    pub(super) fn call(&self, mut session: Session, applied: &Applied<'_>) -> Decision {
        let place = self.place();
        let path = Path::fold(self.flow, &session, self.now);
        let Some(effect) = self.effect_of(applied.action) else {
            return self.not_applied(Reason::NotOffered);
        };
        let lacking = self.lacking(&session, &path, effect);
        if lacking.is_empty() {
            let after = path.position(&place).and_then(|at| path.visits.get(at + 1));
            let next = after.or(path.present()).map_or(place, |visit| visit.place.clone());
            return self.committed(session, path, &next, Way::Path);
        }
        // What is typed on this screen counts for what is sent.
        let by = (&place, self.action.as_str());
        if effect.each.is_some() {
            let path = Path {
                values: applied.values.clone(),
                ..path
            };
            self.asking().call_each(&mut session, by, effect, (&lacking, path));
        } else {
            let door = Some(self.submission.door.as_slice());
            self.asking().call(&mut session, by, effect, &applied.values, door);
        }
        let path = Path::fold(self.flow, &session, self.now);
        self.committed(session, path, &place, self.submission.screen.way)
    }

    /// The effect that an action calls.
    fn effect_of(&self, action: &Action) -> Option<&Effect> {
        self.flow.effect(&action.call.as_ref()?.effect)
    }

    /// Whether an action calls something now: not where that is done already for each item of a list, or
    /// there is none.
    pub(super) fn calls(&self, session: &Session, action: &Action) -> bool {
        let Some(effect) = self.effect_of(action).filter(|effect| effect.each.is_some()) else {
            return action.call.is_some();
        };
        let path = Path::fold(self.flow, session, self.now);
        !self.lacking(session, &path, effect).is_empty()
    }

    /// The items for which what is called here is not done for what is answered now.
    fn lacking(&self, session: &Session, path: &Path, effect: &Effect) -> Vec<u32> {
        let place = self.place();
        let done = |item: &u32| {
            let asked = session.called(&place, &self.action, *item);
            asked.is_some_and(|asked| path.calls.contains(&asked.number))
        };
        path.wanted(effect).into_iter().filter(|item| !done(item)).collect()
    }
}

impl Asking<'_> {
    /// Wishes for an action's effect for each of these items, in their order; the session waits for them
    /// all. What can be read is that of `path`.
    pub(super) fn call_each(
        self,
        session: &mut Session,
        (place, action): (&Place, &str),
        effect: &Effect,
        (items, mut path): (&[u32], Path),
    ) {
        forget_untaken(session, place, action);
        for item in items {
            path.enter_item(self.flow, session, *item);
            self.wish(session, Purpose::Do, (place, action), effect, &path.values);
            if let Some(asked) = session.asked.last_mut() {
                asked.item = *item;
            }
        }
    }
}

impl Settling<'_> {
    /// Whether the items behind it come next: whoever gave up meanwhile waits for none of them, unless it
    /// is too late for that.
    pub(super) fn goes_on(&self, session: &Session) -> bool {
        let gives_up = session.cancel.is_some() && session.seal.is_none();
        !gives_up && session.behind(&self.asked).next().is_some()
    }

    /// What was asked for with it for the items behind it is not begun any more; whether there was any.
    pub(super) fn leave_rest(&self, session: &mut Session) -> bool {
        let rest: Vec<(u32, String)> = session
            .behind(&self.asked)
            .map(|asked| (asked.number, asked.effect.clone()))
            .collect();
        let step = session.step;
        for asked in &mut session.asked {
            if rest.iter().any(|(number, _)| *number == asked.number) {
                asked.stage = Stage::Failed { at: self.now };
                asked.called_off = true;
                asked.settled = step;
                NOT_BEGUN.clone_into(&mut asked.heard);
            }
        }
        let any = !rest.is_empty();
        for (number, effect) in rest {
            note(session, self.now, Event::Failed { number, effect });
        }
        any
    }
}
