//! Leaps of the clock: what was written while nobody knew which clock was right.
//!
//! Owns moving a session's times along once a leap was confirmed, and for the pages that are shown
//! before that. Must not know how leaps are noticed.

use super::Session;
use super::asked::Stage;
use super::session::State;

/// A leap of the clock. Times in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leap {
    /// What the time was when the clock leapt, in seconds since 1970.
    pub from: i64,
    /// How far it leapt forward.
    pub by: i64,
}

impl Leap {
    /// The time, in seconds since 1970, as it is once the leap is confirmed.
    ///
    /// Times that nobody saw pass were written between the leap and its confirmation, or lie ahead
    /// of it. Moved, they lie behind the gap, so that none is moved twice.
    pub fn moved(self, time: i64) -> i64 {
        let gap = self.from..self.from.saturating_add(self.by);
        if gap.contains(&time) {
            time.saturating_add(self.by)
        } else {
            time
        }
    }
}

/// Moves along what was written between these leaps and their confirmation: who went on meanwhile
/// loses nothing of the time that is left.
pub fn leapt(session: &mut Session, leaps: &[Leap]) {
    for leap in leaps {
        for time in times(session) {
            *time = leap.moved(*time);
        }
    }
}

/// A session and the moment (seconds since 1970) as a page tells of them: with the times that
/// they have once the leap that is presumed is confirmed. Only to be shown, never to be written.
pub fn presumed(mut session: Session, now: i64) -> (Session, i64) {
    let Some(leap) = session.presumed else {
        return (session, now);
    };
    leapt(&mut session, &[leap]);
    (session, leap.moved(now))
}

fn times(session: &mut Session) -> Vec<&mut i64> {
    let mut times = vec![&mut session.created, &mut session.touched];
    times.extend(&mut session.cancel);
    times.extend(session.seal.as_mut().map(|seal| &mut seal.at));
    times.extend(session.journal.iter_mut().map(|entry| &mut entry.at));
    match &mut session.state {
        State::Live => {}
        State::Ended { at, .. } | State::Cancelled { at } | State::Expired { at, .. } | State::Forgotten { at, .. } => {
            times.push(at);
        }
    }
    for asked in &mut session.asked {
        times.push(&mut asked.at);
        times.extend(asked.away.as_mut().map(|away| &mut away.until));
        times.push(match &mut asked.stage {
            Stage::Due { next } => next,
            Stage::Running { until, .. } => until,
            Stage::Done { at } | Stage::Declined { at, .. } | Stage::Failed { at } | Stage::InDoubt { at } => at,
        });
    }
    times
}
