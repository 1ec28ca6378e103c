//! Returns: a person is back from the page elsewhere.
//!
//! Owns until when a return URL may be pressed, and what that sets going. Must not know URLs.

use super::asked::Stage;
use super::journal::note;
use super::{Asked, Event, Session};
use crate::flow::Flow;
use crate::limits;

/// What becomes of a return.
#[derive(Debug)]
pub enum Returned {
    /// The first by this URL: the session changes.
    Back(Box<Session>),
    /// Pressed again, after a lost reply, say: the session as it stands.
    Known,
    /// It was pressed too long ago, it was never given out, or its time is over.
    Refused,
}

/// Somebody comes back from asking `number`. What came of it is asked for at once, where anybody
/// can be asked.
pub fn returned(flow: &Flow, session: &Session, number: u32, now: i64) -> Returned {
    let Some((asked, away)) = session
        .asking(number)
        .and_then(|asked| Some((asked, asked.away.as_ref()?)))
    else {
        return Returned::Refused;
    };
    if !asked.is_open() && now > away.until.saturating_add(limits::RETURN_SECONDS) {
        return Returned::Refused;
    }
    if away.returned.is_some() {
        // Who runs the page elsewhere has the URL too, and its logs have it.
        let soon = |at: i64| now.saturating_sub(at) <= limits::RETURN_AGAIN_SECONDS;
        let again = first_press(session, number).is_some_and(soon) && settled(asked).is_none_or(soon);
        return if again { Returned::Known } else { Returned::Refused };
    }
    let mut session = session.clone();
    let asks = flow.effect(&asked.effect).is_some_and(|effect| effect.probe.is_some());
    if let Some(asked) = session.asked.iter_mut().find(|asked| asked.number == number) {
        if let Some(away) = &mut asked.away {
            away.returned = Some(u64::try_from(now).unwrap_or(0));
        }
        if asks && asked.probing && matches!(asked.stage, Stage::Due { .. }) {
            asked.stage = Stage::Due { next: now };
        }
    }
    note(&mut session, now, Event::Returned { number });
    Returned::Back(Box::new(session))
}

/// When the URL was pressed for the first time, while the journal tells it.
fn first_press(session: &Session, number: u32) -> Option<i64> {
    let wanted = Event::Returned { number };
    let entry = session.journal.iter().find(|entry| entry.event == wanted)?;
    Some(entry.at)
}

/// When it was known what came of it.
fn settled(asked: &Asked) -> Option<i64> {
    match asked.stage {
        Stage::Due { .. } | Stage::Running { .. } => None,
        Stage::Done { at } | Stage::Declined { at, .. } | Stage::Failed { at, .. } | Stage::InDoubt { at } => Some(at),
    }
}
