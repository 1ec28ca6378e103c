//! What comes back: how the answer of a callee changes the session.
//!
//! Owns what each answer means for an asking, which of them are tried again and when, and where
//! the session goes on. Pure: chance comes in as a number. Must not know how anything was sent.

use std::collections::BTreeMap;

use super::ask::Asking;
use super::asked::{Asked, Purpose, Stage};
use super::journal::note;
use super::path::branch;
use super::{Event, Path, Place, Session, State, life};
use crate::flow::{Action, Effect, Flow, Lead, Scope, Value};
use crate::id::Way;
use crate::limits;

/// What a try came to, or what somebody else says of the asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Done; with what is saved of the reply.
    Done(BTreeMap<String, Value>),
    /// The callee named the page that the person must go to.
    Away(String),
    /// The callee says no.
    Declined {
        /// Its words.
        message: String,
        /// Its words on single fields.
        faults: Vec<(String, String)>,
    },
    /// Surely not done.
    NotDone {
        /// What was heard, for the operator.
        why: String,
        /// Seconds that the callee asks to wait.
        pause: Option<i64>,
        /// Trying again as it is may help.
        again: bool,
    },
    /// Perhaps done: no answer, or none that could be read.
    Unknown {
        /// What was heard, for the operator.
        why: String,
        /// Seconds that the callee asks to wait.
        pause: Option<i64>,
    },
    /// Not decided yet: ask again later.
    Pending,
    /// Not tried: there was no place, or the callee is known to be down. Seconds to wait.
    Postponed(i64),
}

/// One answer on its way into the session.
#[derive(Debug)]
struct Settling<'a> {
    flow: &'a Flow,
    effect: &'a Effect,
    asked: Asked,
    now: i64,
    dice: u64,
}

/// Takes in what was said of an asking; `None` where that changes nothing, because it is settled
/// already. `dice` is a random number.
pub fn settle(flow: &Flow, session: &Session, number: u32, said: Said, now: i64, dice: u64) -> Option<Session> {
    let asked = session.asking(number)?.clone();
    let effect = flow.effect(&asked.effect)?;
    let settling = Settling {
        flow,
        effect,
        now,
        dice,
        asked,
    };
    let mut session = session.clone();
    if !settling.asked.is_open() && !settling.asked.in_doubt() {
        return settling.late(&mut session, &said).then_some(session);
    }
    match said {
        Said::Done(results) => settling.done(&mut session, results),
        Said::Away(page) => settling.away(&mut session, page),
        Said::Declined { message, faults } => settling.declined(&mut session, message, faults),
        Said::NotDone { why, pause, again } => settling.not_done(&mut session, why, pause, again),
        Said::Unknown { why, pause } => settling.unknown(&mut session, why, pause),
        Said::Pending => settling.pending(&mut session),
        Said::Postponed(pause) => settling.postponed(&mut session, pause.max(1)),
    }
    Some(session)
}

/// What an operator rules of an asking that is in doubt, or not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It is tried once more, under the same key.
    Again,
    /// It was done; with what would have been saved.
    Done(BTreeMap<String, Value>),
    /// It was surely not done.
    NotDone,
}

/// Carries out a ruling; `None` where nothing can be ruled: it is settled, or a try is under way.
pub fn rule(flow: &Flow, session: &Session, number: u32, ruling: Ruling, now: i64, dice: u64) -> Option<Session> {
    let asked = session.asking(number)?;
    if !asked.in_doubt() && !matches!(asked.stage, Stage::Due { .. }) {
        return None;
    }
    let mut ruled = session.clone();
    let asked = ruled.asked.iter_mut().find(|asked| asked.number == number)?;
    asked.stage = Stage::Due { next: now };
    match ruling {
        Ruling::Again => {
            asked.tries = 0;
            asked.probing = asked.away.as_ref().is_some_and(|away| !away.page.is_empty());
            Some(ruled)
        }
        Ruling::Done(results) => settle(flow, &ruled, number, Said::Done(results), now, dice),
        Ruling::NotDone => {
            asked.doubt = false;
            asked.probing = false;
            if let Purpose::Undo { .. } = asked.purpose {
                "an operator found that it was not taken back".clone_into(&mut asked.heard);
                asked.stage = Stage::Failed { at: now };
                return Some(ruled);
            }
            let why = "an operator found that it was not done".to_owned();
            let said = Said::NotDone {
                why,
                pause: None,
                again: false,
            };
            settle(flow, &ruled, number, said, now, dice)
        }
    }
}

impl Settling<'_> {
    fn change(&self, session: &mut Session, change: impl FnOnce(&mut Asked)) {
        if let Some(asked) = session.asked.iter_mut().find(|asked| asked.number == self.asked.number) {
            change(asked);
        }
    }

    /// To be tried in so many seconds.
    fn due(&self, session: &mut Session, pause: i64) {
        let until = self.asked.away.as_ref().map_or(i64::MAX, |away| away.until);
        let next = self.now.saturating_add(pause).min(until.max(self.now + 1));
        self.change(session, |asked| asked.stage = Stage::Due { next });
    }

    /// It was no try. A callee that is left alone for too long is like one that could not be
    /// reached.
    fn postponed(&self, session: &mut Session, pause: i64) {
        self.change(session, |asked| asked.tries = asked.tries.saturating_sub(1));
        let patience = self.effect.retry.as_secs().max(limits::REACH_SECONDS);
        if self.now.saturating_add(pause) <= self.asked.at.saturating_add(patience) || self.asked.away.is_some() {
            return self.due(session, pause);
        }
        let why = "the callee did not answer others either".to_owned();
        if self.asked.doubt || self.asked.probing {
            self.unknown(session, why, None);
        } else {
            self.failed(session, why);
        }
    }

    /// Grows with each try, with some chance in it, so that those who wait do not all come back
    /// at once.
    fn pause(&self, asked_for: Option<i64>) -> i64 {
        let tries = u32::from(self.asked.tries.max(1) - 1).min(12);
        let pause = (1_i64 << tries).min(limits::PAUSE_SECONDS);
        let chance = i64::try_from(self.dice % 256).unwrap_or(0);
        let jittered = pause + pause * chance / 512;
        jittered.max(asked_for.unwrap_or(0).min(limits::PAUSE_SECONDS))
    }

    /// Whether another try, after `pause`, is within what the author allows.
    fn may_try_again(&self, pause: i64) -> bool {
        let patience = self.effect.retry.as_secs();
        let over = self.asked.at.saturating_add(patience);
        patience > 0 && self.asked.tries < limits::TRIES && self.now.saturating_add(pause) <= over
    }

    fn done(&self, session: &mut Session, results: BTreeMap<String, Value>) {
        let Purpose::Do = self.asked.purpose else {
            self.change(session, |asked| {
                if asked.purpose == Purpose::Look {
                    asked.results = results;
                }
                asked.stage = Stage::Done { at: self.now };
                asked.heard.clear();
            });
            if self.asked.purpose == Purpose::Look {
                keep_chosen(self.flow, session, &self.asked);
            }
            self.heard_of(session, |number, effect| Event::Done { number, effect });
            return;
        };
        self.next(session);
        let stage = Stage::Done { at: self.now };
        self.close(session, stage, results);
        self.heard_of(session, |number, effect| Event::Done { number, effect });
        let action = self.action();
        if self.effect.seals() || action.is_some_and(|action| action.seal) {
            session.seal = Some(super::Seal {
                step: session.step,
                place: self.asked.place.clone(),
                at: self.now,
            });
            note(session, self.now, Event::Sealed);
        }
        if session.cancel.take().is_some() {
            if session.seal.is_none() {
                *session = life::cancelled(self.flow, session, self.now);
                return;
            }
            note(session, self.now, Event::TooLate);
        }
        let path = Path::fold(self.flow, session, self.now);
        let Some(action) = action else { return };
        let reference = session.at.reference();
        let scope = Scope {
            values: &path.values,
            today: path.today,
            reference: &reference,
        };
        let to = branch(action, &scope).map(|branch| branch.to);
        let place = &self.asked.place;
        Asking {
            flow: self.flow,
            now: self.now,
        }
        .tells(session, (place, &action.name), &action.tells, &path.values);
        self.lead(session, to, path);
    }

    fn away(&self, session: &mut Session, page: String) {
        let poll = if self.effect.probe.is_some() { limits::POLL_SECONDS } else { i64::MAX };
        self.change(session, |asked| {
            asked.tries = 0;
            asked.probing = true;
            if let Some(away) = &mut asked.away {
                away.page = page;
            }
        });
        self.due(session, poll.min(limits::RETRY_DAYS * 86_400));
        let number = self.asked.number;
        note(session, self.now, Event::Away { number });
    }

    fn declined(&self, session: &mut Session, message: String, faults: Vec<(String, String)>) {
        if let Purpose::Undo { .. } = self.asked.purpose {
            // What cannot be taken back is not simply so: somebody must look at it.
            let why = format!("the callee declined to take it back: {message}");
            return self.in_doubt(session, why);
        }
        let at = self.now;
        let stage = Stage::Declined { at, message, faults };
        if self.asked.purpose != Purpose::Do {
            self.close_in_passing(session, stage, "declined");
            return;
        }
        self.next(session);
        self.close(session, stage, BTreeMap::new());
        self.heard_of(session, |number, effect| Event::Declined { number, effect });
        let call = self.action().and_then(|action| action.call.as_ref());
        let lead = call.and_then(|call| call.declined);
        self.not_so(session, lead);
    }

    fn not_done(&self, session: &mut Session, why: String, asked_for: Option<i64>, again: bool) {
        if self.asked.probing {
            let pause = self.pause(asked_for);
            if self.asked.away.is_none() && self.may_try_again(pause) {
                self.change(session, |asked| asked.probing = false);
                return self.due(session, pause);
            }
            // What is not there may still be on its way. Where it can be taken back, that is all
            // the same; else who does not know it is asked once more when it should have come.
            let undo = self.effect.undo.is_some();
            if self.asked.doubt && !undo {
                self.change(session, |asked| asked.doubt = false);
                return self.due(session, pause.max(self.effect.timeout.as_secs()));
            }
            self.change(session, |asked| {
                asked.doubt = undo;
                asked.probing = false;
            });
            return self.failed(session, why);
        }
        if self.asked.doubt {
            // Of this try it is sure; of an earlier one it is not.
            return self.unknown(session, why, asked_for);
        }
        let pause = self.pause(asked_for);
        if again && (self.may_try_again(pause) || (self.asked.tries < limits::SURE_TRIES && pause <= 4)) {
            self.change(session, |asked| asked.heard = why);
            return self.due(session, pause);
        }
        if let Purpose::Undo { .. } = self.asked.purpose {
            return self.in_doubt(session, why);
        }
        self.failed(session, why);
    }

    fn unknown(&self, session: &mut Session, why: String, asked_for: Option<i64>) {
        let pause = self.pause(asked_for);
        self.change(session, |asked| {
            asked.doubt = true;
            asked.heard.clone_from(&why);
        });
        if self.may_try_again(pause) {
            return self.due(session, pause);
        }
        if let Some(away) = &self.asked.away {
            // Nobody tells: asked again until its time is over, and then taken back.
            if self.asked.probing && self.now < away.until {
                return self.due(session, pause.max(limits::POLL_SECONDS));
            }
            return self.failed(session, why);
        }
        if self.effect.safe || matches!(self.asked.purpose, Purpose::Look | Purpose::Tell) {
            return self.failed(session, why);
        }
        let probes = self.effect.probe.is_some() && self.asked.tries < limits::TRIES;
        if probes && !(self.asked.probing && self.asked.tries >= limits::PROBES) {
            self.change(session, |asked| {
                if !asked.probing {
                    asked.tries = 0;
                }
                asked.probing = true;
            });
            let first = !self.asked.probing;
            return self.due(session, if first { 0 } else { pause });
        }
        if self.effect.undo.is_some() && self.asked.purpose == Purpose::Do {
            return self.failed(session, why);
        }
        self.in_doubt(session, why);
    }

    /// The probe says: not decided yet.
    fn pending(&self, session: &mut Session) {
        match &self.asked.away {
            Some(away) if self.now >= away.until => {
                self.change(session, |asked| asked.doubt = true);
                self.failed(session, "nothing was decided within its time".to_owned());
            }
            Some(_) => self.due(session, limits::POLL_SECONDS),
            None => self.due(session, self.pause(None)),
        }
    }

    /// Not done, or taken back because nobody knows.
    fn failed(&self, session: &mut Session, why: String) {
        let stage = Stage::Failed { at: self.now };
        self.change(session, |asked| asked.heard.clone_from(&why));
        if self.asked.purpose != Purpose::Do {
            self.close_in_passing(session, stage, &why);
            return;
        }
        let doubt = session.asking(self.asked.number).is_some_and(|asked| asked.doubt) || self.asked.page().is_some();
        self.next(session);
        self.close(session, stage, BTreeMap::new());
        self.heard_of(session, |number, effect| Event::Failed { number, effect });
        if doubt && self.effect.undo.is_some() {
            let values = Path::fold(self.flow, session, self.now).values;
            self.asking().undos(session, &[self.asked.number], &values);
        }
        let call = self.action().and_then(|action| action.call.as_ref());
        let lead = call.map(|call| call.failed);
        self.not_so(session, lead);
    }

    fn in_doubt(&self, session: &mut Session, why: String) {
        let at = self.now;
        if self.asked.purpose == Purpose::Do {
            self.next(session);
        }
        let step = session.step;
        self.change(session, |asked| {
            asked.stage = Stage::InDoubt { at };
            asked.heard = why;
            asked.settled = step;
        });
        self.heard_of(session, |number, effect| Event::InDoubt { number, effect });
    }

    /// Declined or failed: what was done before is taken back if the flow says so, and the
    /// session goes where it says.
    fn not_so(&self, session: &mut Session, lead: Option<Lead>) {
        if session.cancel.take().is_some() {
            *session = life::cancelled(self.flow, session, self.now);
            return;
        }
        if lead.is_some_and(|lead| lead.undo) {
            let undoable = session.undoable(self.flow);
            let values = Path::fold(self.flow, session, self.now).values;
            self.asking().undos(session, &undoable, &values);
        }
        let path = Path::fold(self.flow, session, self.now);
        self.lead(session, lead.map(|lead| lead.to), path);
    }

    /// The session goes on at the screen `to`, or stands where it stands; the outcome of the
    /// action that asked says so from now on.
    fn lead(&self, session: &mut Session, to: Option<u16>, path: Path) {
        let target = to.and_then(|to| self.flow.screen(to));
        if let Some(outcome) = target.and_then(|screen| screen.end.clone().map(|end| (screen, end))) {
            let (screen, end) = outcome;
            life::end(self.flow, session, &path, (screen, end), self.now);
        }
        let path = Path::fold(self.flow, session, self.now);
        let (led_to, led_way) = match target {
            Some(screen) => {
                let place = Place::of(&screen.name);
                let here = path.position(&self.asked.place);
                // Sent back to an earlier screen, the person comes back to where the effect is
                // asked for as soon as nothing lacks.
                let back = path.position(&place).is_some_and(|at| Some(at) < here);
                let open = path.position(&place).is_some();
                let place = if open { place } else { present(&path, place) };
                (place, if back { Way::Change } else { Way::Path })
            }
            None => (present(&path, self.asked.place.clone()), Way::Path),
        };
        if let Some(screen) = self.flow.number(&led_to.screen).and_then(|n| self.flow.screen(n))
            && matches!(session.state, State::Live)
        {
            self.asking().looks(session, screen, &led_to, &path);
        }
        let step = session.step;
        let asking = self.asked.step;
        if let Some(outcome) = session.outcomes.iter_mut().find(|outcome| outcome.step == asking) {
            outcome.step = step;
            outcome.led_to = led_to;
            outcome.led_way = led_way;
        }
    }

    /// A word that comes after all is settled. Done after it was given up: it is taken back once
    /// more.
    fn late(&self, session: &mut Session, said: &Said) -> bool {
        let (Said::Done(_), Stage::Failed { .. }, Purpose::Do) = (said, &self.asked.stage, self.asked.purpose) else {
            return false;
        };
        let open = session
            .asked
            .iter()
            .any(|asked| asked.purpose == Purpose::Undo { of: self.asked.number } && asked.is_open());
        if open || self.effect.undo.is_none() || session.asked.len() >= limits::ASKINGS_KEPT {
            return false;
        }
        let values = Path::fold(self.flow, session, self.now).values;
        self.asking().undos(session, &[self.asked.number], &values);
        true
    }

    fn asking(&self) -> Asking<'_> {
        Asking {
            flow: self.flow,
            now: self.now,
        }
    }

    /// The action that asked.
    fn action(&self) -> Option<&Action> {
        let screen = self.flow.number(&self.asked.place.screen)?;
        let mut actions = self.flow.screen(screen)?.actions.iter();
        actions.find(|action| action.name == self.asked.action)
    }

    /// One step on: a person sees it.
    fn next(&self, session: &mut Session) {
        session.step += 1;
        session.touched = self.now;
    }

    fn close(&self, session: &mut Session, stage: Stage, results: BTreeMap<String, Value>) {
        let step = session.step;
        self.change(session, |asked| {
            asked.stage = stage;
            asked.results = results;
            asked.settled = step;
            if let Some(away) = &mut asked.away {
                away.page.clear();
            }
        });
    }

    /// Look-ups, notices and undos: nobody waits, no step is counted.
    fn close_in_passing(&self, session: &mut Session, stage: Stage, why: &str) {
        self.change(session, |asked| {
            asked.stage = stage;
            why.clone_into(&mut asked.heard);
        });
        self.heard_of(session, |number, effect| Event::Failed { number, effect });
    }

    fn heard_of(&self, session: &mut Session, event: impl FnOnce(u32, String) -> Event) {
        if self.asked.purpose != Purpose::Look {
            note(session, self.now, event(self.asked.number, self.asked.effect.clone()));
        }
    }
}

fn present(path: &Path, otherwise: Place) -> Place {
    path.present().map_or(otherwise, |visit| visit.place.clone())
}

/// What was chosen from the list before stays in it: it may be held for this very session.
fn keep_chosen(flow: &Flow, session: &mut Session, asked: &Asked) {
    let chosen: Vec<(String, String)> = flow
        .screens
        .iter()
        .flat_map(|screen| screen.asked().map(move |field| (screen, field)))
        .filter_map(|(screen, field)| {
            let crate::flow::Kind::Pick(list) = &field.kind else { return None };
            let answer = session.answers.get(&Place::of(&screen.name))?;
            match answer.fields.get(&field.name)? {
                Value::Text(value) => Some((list.clone(), value.clone())),
                _ => None,
            }
        })
        .collect();
    let Some(now) = session.asked.iter_mut().find(|other| other.number == asked.number) else {
        return;
    };
    for (list, value) in chosen {
        let old = match asked.results.get(&list) {
            Some(Value::Options(old)) => old.iter().find(|(known, _)| *known == value),
            _ => None,
        };
        if let (Some(old), Some(Value::Options(new))) = (old, now.results.get_mut(&list))
            && new.iter().all(|(known, _)| *known != value)
        {
            new.insert(0, old.clone());
        }
    }
}
