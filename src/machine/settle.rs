//! What comes back: how the answer of a callee changes the session.
//!
//! Owns what each answer means for an asking, which of them are tried again and when, and where
//! the session goes on. Pure: chance comes in as a number. Must not know how anything was sent.

use std::collections::BTreeMap;

use super::ask::Asking;
use super::asked::{Asked, Purpose, Stage};
use super::journal::{forget_settled, note};
use super::path::branch;
use super::seen::THEIR_WORDS;
use super::{Event, Session, State, hidden, leads, recalled};
use crate::flow::{Effect, Flow, Scope, Value};
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

impl Said {
    /// It holds whoever says it, and whenever.
    pub fn is_certain(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Declined { .. } | Self::Away(_))
    }
}

/// What is heard of an asking that was given up, and done.
const AFTER_ALL: &str = "the callee says that it was done, after it was given up";

/// One answer on its way into the session.
#[derive(Debug)]
pub(super) struct Settling<'a> {
    pub(super) flow: &'a Flow,
    pub(super) effect: &'a Effect,
    pub(super) asked: Asked,
    pub(super) now: i64,
    pub(super) dice: u64,
}

/// Takes in what was said of an asking; `None` where that changes nothing, because it is settled
/// already. `dice` is a random number.
pub fn settle(flow: &Flow, session: &Session, number: u32, said: Said, now: i64, dice: u64) -> Option<Session> {
    let asked = session.asking(number)?.clone();
    let effect = flow.effect(&asked.effect)?;
    let settling = Settling {
        flow,
        effect,
        asked,
        now,
        dice,
    };
    let before = session;
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
    hidden::note_lost(flow, before, &mut session, now);
    forget_settled(&mut session);
    Some(session)
}

/// The session with what a program wrote on standard error at its last try, for the operator.
#[must_use]
pub fn wrote(session: &Session, number: u32, stderr: &str) -> Session {
    let mut session = session.clone();
    if let Some(asked) = session.asked.iter_mut().find(|asked| asked.number == number) {
        stderr.clone_into(&mut asked.stderr);
    }
    session
}

impl Settling<'_> {
    pub(super) fn change(&self, session: &mut Session, change: impl FnOnce(&mut Asked)) {
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
        self.change(session, |asked| {
            asked.attempts = asked.attempts.saturating_sub(1);
            if !asked.probing {
                asked.tries = asked.tries.saturating_sub(1);
            }
        });
        let why = "the callee did not answer others either".to_owned();
        if self.is_too_late() {
            return self.failed(session, &why);
        }
        let patience = self.effect.retry.as_secs().max(limits::REACH_SECONDS);
        let elsewhere = self.asked.away.is_some() && self.asked.probing;
        if elsewhere || self.now.saturating_add(pause) <= self.asked.at.saturating_add(patience) {
            return self.due(session, pause);
        }
        if self.asked.doubt || self.asked.probing {
            self.unknown(session, why, None);
        } else if let Purpose::Undo { .. } = self.asked.purpose {
            self.in_doubt(session, why);
        } else {
            self.failed(session, &why);
        }
    }

    /// The time of a hand-off is over.
    fn is_too_late(&self) -> bool {
        self.asked.away.as_ref().is_some_and(|away| self.now >= away.until)
    }

    /// Grows with each try, with some chance in it, so that those who wait do not all come back
    /// at once.
    fn pause(&self, asked_for: Option<i64>) -> i64 {
        let tries = u32::from(self.asked.attempts.max(1) - 1).min(12);
        let pause = (1_i64 << tries).min(limits::PAUSE_SECONDS);
        let chance = i64::try_from(self.dice % 256).unwrap_or(0);
        let jittered = pause + pause * chance / 512;
        let Some(asked_for) = asked_for.map(|pause| pause.clamp(0, limits::ASKED_PAUSE)) else {
            return jittered;
        };
        // No less than what was asked for, also where this second has begun long ago; a little more
        // for some, so that they do not all come at once.
        let spread = asked_for.min(limits::PAUSE_SECONDS) * chance / 1_024;
        jittered.max(asked_for.saturating_add(1).saturating_add(spread))
    }

    /// Whether another try, after `pause`, is within what the author allows.
    fn may_try_again(&self, pause: i64) -> bool {
        let patience = self.effect.retry.as_secs();
        let over = self.asked.at.saturating_add(patience);
        patience > 0 && self.asked.attempts < limits::TRIES && self.now.saturating_add(pause) <= over
    }

    fn done(&self, session: &mut Session, results: BTreeMap<String, Value>) {
        let Purpose::Do = self.asked.purpose else {
            // What is under way, over or sealed was asked for by what was known then.
            let late = session.waits().is_some()
                || !matches!(session.state, State::Live)
                || leads::is_sealed(self.flow, session, &self.asked.place, self.now);
            self.change(session, |asked| {
                if asked.purpose == Purpose::Look && !late {
                    recalled::taken_in(asked, results);
                }
                asked.stage = Stage::Done { at: self.now };
                asked.heard.clear();
            });
            // What hangs on it is asked for now.
            self.asking().looks(session, None);
            self.heard_of(session, |number, effect| Event::Done { number, effect });
            return;
        };
        let goes_on = self.goes_on(session);
        if !goes_on {
            self.next(session);
        }
        self.close(session, Stage::Done { at: self.now }, results);
        self.heard_of(session, |number, effect| Event::Done { number, effect });
        if goes_on || self.leave_rest(session) && self.gives_up(session) {
            return;
        }
        let action = self.action();
        if self.effect.seals() || action.is_some_and(|action| action.seal) {
            session.seals(self.flow, self.asked.place.clone(), self.now);
            note(session, self.now, Event::Sealed);
        }
        if self.gives_up(session) {
            return;
        }
        let Some(action) = action else { return };
        let values = self.values(session);
        let reference = session.at.reference();
        let scope = Scope::new(&values, session.day(self.flow, self.now), &reference, self.flow.words());
        let to = branch(action, &scope).map(|branch| branch.to);
        let place = &self.asked.place;
        // At an open end nothing is told before it is finished.
        if !to.and_then(|to| self.flow.screen(to)).is_some_and(|screen| screen.open) {
            self.asking()
                .tells(session, (place, &action.name), &action.tells, &values);
        }
        self.lead(session, to);
    }

    fn away(&self, session: &mut Session, page: String) {
        let poll = if self.effect.probe.is_some() {
            limits::POLL_SECONDS
        } else {
            i64::MAX
        };
        self.change(session, |asked| {
            asked.attempts = 0;
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
            let why = format!("the callee declined to take it back{THEIR_WORDS}{message}");
            return self.in_doubt(session, why);
        }
        let at = self.now;
        let stage = Stage::Declined { at, message, faults };
        if self.asked.purpose != Purpose::Do {
            self.close_in_passing(session, stage, "declined");
            return;
        }
        self.next(session);
        self.leave_rest(session);
        self.close(session, stage, BTreeMap::new());
        self.heard_of(session, |number, effect| Event::Declined { number, effect });
        let call = self.action().and_then(|action| action.call.as_ref());
        let lead = call.and_then(|call| call.declined);
        self.not_so(session, lead);
    }

    fn not_done(&self, session: &mut Session, why: String, asked_for: Option<i64>, again: bool) {
        if self.asked.probing {
            let pause = self.pause(asked_for);
            // What is not there may still be on its way: who does not know it is asked once more when
            // it should have come.
            let given_up = self.asked.away.is_some() && (self.is_too_late() || session.cancel.is_some());
            if !self.asked.absent && !given_up {
                self.change(session, |asked| asked.absent = true);
                return self.due(session, pause.max(self.effect.timeout.as_secs()));
            }
            self.change(session, |asked| {
                asked.absent = false;
                asked.probing = false;
            });
            if self.asked.away.is_none() && self.may_try_again(pause) {
                return self.due(session, pause);
            }
            // Where it can be taken back it is, all the same: it may come later still.
            let undo = self.effect.undo.is_some();
            self.change(session, |asked| asked.doubt = undo);
            return self.failed(session, &why);
        }
        if self.asked.doubt {
            // Of this try it is sure; of an earlier one it is not.
            return self.unknown(session, why, asked_for);
        }
        let pause = self.pause(asked_for);
        if again
            && (self.may_try_again(pause) || (self.asked.attempts < limits::SURE_TRIES && pause <= limits::SURE_PAUSE))
        {
            self.change(session, |asked| asked.heard = why);
            return self.due(session, pause);
        }
        if let Purpose::Undo { .. } = self.asked.purpose {
            return self.in_doubt(session, why);
        }
        self.failed(session, &why);
    }

    fn unknown(&self, session: &mut Session, why: String, asked_for: Option<i64>) {
        let pause = self.pause(asked_for);
        let why = self.asked.with_refusal(why);
        self.change(session, |asked| {
            asked.doubt = true;
            asked.absent = false;
            asked.heard.clone_from(&why);
        });
        if self.is_too_late() {
            return self.failed(session, &why);
        }
        // A look-up may always be done once more.
        let looks = self.effect.safe && self.asked.attempts < limits::SURE_TRIES && pause <= limits::PAUSE_SECONDS;
        if self.may_try_again(pause) || looks {
            return self.due(session, pause);
        }
        if let Some(away) = &self.asked.away {
            // Nobody tells: asked again until its time is over, and then taken back.
            if self.asked.probing && self.now < away.until && session.cancel.is_none() {
                return self.due(session, pause.max(limits::POLL_SECONDS));
            }
            return self.failed(session, &why);
        }
        if self.effect.safe || matches!(self.asked.purpose, Purpose::Look | Purpose::Tell) {
            return self.failed(session, &why);
        }
        let probes = self.effect.probe.is_some() && self.asked.attempts < limits::TRIES;
        if probes && !(self.asked.probing && self.asked.attempts >= limits::PROBES) {
            self.change(session, |asked| {
                if !asked.probing {
                    asked.attempts = 0;
                }
                asked.probing = true;
            });
            let at_once = !self.asked.probing && asked_for.is_none();
            return self.due(session, if at_once { 0 } else { pause });
        }
        if self.effect.undo.is_some() && self.asked.purpose == Purpose::Do {
            return self.failed(session, &why);
        }
        self.in_doubt(session, why);
    }

    /// The callee, or the probe, says: not decided yet.
    fn pending(&self, session: &mut Session) {
        match &self.asked.away {
            Some(away) if self.now >= away.until || session.cancel.is_some() => {
                // Who cancelled meanwhile knows; what became of it is nobody's to see to.
                let cancelled = session.cancel.is_some();
                self.change(session, |asked| {
                    asked.doubt = true;
                    asked.called_off = cancelled;
                });
                self.failed(
                    session,
                    if cancelled {
                        "the person cancelled while it was under way"
                    } else {
                        "nothing was decided within its time"
                    },
                );
            }
            Some(_) => {
                self.change(session, |asked| asked.absent = false);
                self.due(session, limits::POLL_SECONDS);
            }
            // Taken in and not decided: from now on it is asked about.
            None if !self.asked.probing && self.effect.probe.is_some() => {
                self.change(session, |asked| {
                    asked.attempts = 0;
                    asked.doubt = true;
                    asked.probing = true;
                });
                self.due(session, 1);
            }
            // Nothing is awaited for ever: undecided is unknown.
            None => self.unknown(session, "it is not decided yet".to_owned(), None),
        }
    }

    /// Not done, or taken back because nobody knows.
    fn failed(&self, session: &mut Session, why: &str) {
        let stage = Stage::Failed { at: self.now };
        let why = &self.asked.with_refusal(why.to_owned());
        self.change(session, |asked| why.clone_into(&mut asked.heard));
        if self.asked.purpose != Purpose::Do {
            self.close_in_passing(session, stage, why);
            return;
        }
        let doubt = session.asking(self.asked.number).is_some_and(|asked| asked.doubt) || self.asked.page().is_some();
        self.next(session);
        self.leave_rest(session);
        self.close(session, stage, BTreeMap::new());
        self.heard_of(session, |number, effect| Event::Failed { number, effect });
        if doubt && self.effect.undo.is_some() {
            let before = session.clone();
            self.asking().undos(session, &before, &[self.asked.number]);
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

    /// A word that comes after all is settled. Done after it was given up: it is taken back once
    /// more.
    fn late(&self, session: &mut Session, said: &Said) -> bool {
        let given_up = matches!(self.asked.stage, Stage::Failed { .. } | Stage::Declined { .. });
        let (Said::Done(_), true, Purpose::Do) = (said, given_up, self.asked.purpose) else {
            return false;
        };
        // One that goes out later takes back this too; one that is under way may have come before it.
        let ahead = session.asked.iter().any(|asked| {
            asked.purpose == Purpose::Undo { of: self.asked.number } && matches!(asked.stage, Stage::Due { .. })
        });
        if ahead {
            return false;
        }
        if self.effect.undo.is_none() {
            // Nothing takes it back: somebody must see that it was done after all.
            let again = self.asked.heard == AFTER_ALL;
            self.change(session, |asked| {
                AFTER_ALL.clone_into(&mut asked.heard);
                asked.seen = false;
            });
            return !again;
        }
        let before = session.clone();
        self.asking().undos(session, &before, &[self.asked.number]);
        true
    }

    pub(super) fn asking(&self) -> Asking<'_> {
        Asking {
            flow: self.flow,
            now: self.now,
        }
    }

    /// One step on: a person sees it.
    pub(super) fn next(&self, session: &mut Session) {
        session.step += 1;
        session.touched = self.now;
    }

    pub(super) fn close(&self, session: &mut Session, stage: Stage, results: BTreeMap<String, Value>) {
        let step = session.step;
        self.change(session, |asked| {
            asked.stage = stage;
            asked.results = results;
            asked.settled = step;
            if let Some(away) = &mut asked.away {
                away.page.clear();
                away.door.clear();
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

    pub(super) fn heard_of(&self, session: &mut Session, event: impl FnOnce(u32, String) -> Event) {
        if self.asked.purpose != Purpose::Look {
            note(session, self.now, event(self.asked.number, self.asked.effect.clone()));
        }
    }
}
