//! Days: which one it is for whoever fills in, and which one it was when something was settled.
//!
//! Owns the day by which a session is read, and that it is written down with a seal and an end. Must
//! not know how leaps of the clock are noticed.

use jiff::Span;
use jiff::civil::Date;

use super::session::{Place, Seal, Session, State};
use crate::flow::Flow;

const EPOCH: Date = Date::constant(1970, 1, 1);

impl Session {
    /// The day at `time` (seconds since 1970) in the flow's time zone, as people know it: after a
    /// weekend with the machine off it is Monday, though limits still count from Friday. Times are
    /// written down as limits count; so the day is the same before and after the leap is confirmed,
    /// and right again if the clock goes back.
    pub fn day(&self, flow: &Flow, time: i64) -> Date {
        flow.day(self.presumed.map_or(time, |leap| leap.moved(time)))
    }

    /// The day as of which it is read at `now` (seconds since 1970): what a finished one said stays
    /// as it was.
    pub(super) fn as_of(&self, flow: &Flow, now: i64) -> Date {
        match self.state {
            State::Ended { at, .. } => read(self.ended_on).unwrap_or_else(|| self.day(flow, at)),
            _ => self.day(flow, now),
        }
    }

    /// The day as of which is read what lies behind its seal, if it has one.
    pub(super) fn sealed_as_of(&self, flow: &Flow) -> Option<Date> {
        let seal = self.seal.as_ref()?;
        Some(read(self.sealed_on).unwrap_or_else(|| self.day(flow, seal.at)))
    }

    /// Seals it up to `place`, in this step.
    pub(super) fn seals(&mut self, flow: &Flow, place: Place, now: i64) {
        let step = self.step;
        self.seal = Some(Seal { step, place, at: now });
        self.sealed_on = written(self.day(flow, now));
    }

    /// Ends it on the screen of that name.
    pub(super) fn ends(&mut self, flow: &Flow, screen: &str, outcome: String, now: i64) {
        self.state = State::Ended {
            outcome,
            screen: screen.to_owned(),
            at: now,
        };
        self.ended_on = written(self.day(flow, now));
    }
}

/// A day as a record has it: in days since 1970.
fn written(day: Date) -> i32 {
    EPOCH.until(day).map_or(0, |span| span.get_days())
}

/// What [`written`] wrote; 0: nothing was, by a release that wrote only the time.
fn read(days: i32) -> Option<Date> {
    let span = Span::new().try_days(days).ok().filter(|_| days != 0)?;
    EPOCH.checked_add(span).ok()
}
