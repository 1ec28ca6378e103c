//! Returns: a person is back from the page elsewhere.
//!
//! Owns who may come back by a return URL, and what that sets going. Must not know URLs.

use super::asked::Stage;
use super::journal::note;
use super::{Event, Session};
use crate::flow::Flow;
use crate::limits;

/// What becomes of a return.
#[derive(Debug)]
pub enum Returned {
    /// The first by this URL: the session changes.
    Back(Box<Session>),
    /// The same client once more, or nothing is awaited any more: the session as it stands.
    Known,
    /// Another client came back by it before, it was never given out, or its time is over.
    Refused,
}

/// A client comes back from asking `number`. What came of it is asked for at once, where anybody
/// can be asked. `client` is a digest of who it is.
pub fn returned(flow: &Flow, session: &Session, number: u32, client: u64, now: i64) -> Returned {
    let Some(asked) = session.asking(number) else {
        return Returned::Refused;
    };
    let Some(away) = &asked.away else {
        return Returned::Refused;
    };
    if session.key_left().is_some() {
        return Returned::Refused;
    }
    if !asked.is_open() && now > away.until.saturating_add(limits::RETURN_SECONDS) {
        return Returned::Refused;
    }
    match away.returned {
        Some(known) if known == client => return Returned::Known,
        Some(_) => return Returned::Refused,
        None => {}
    }
    let mut session = session.clone();
    let asks = flow.effect(&asked.effect).is_some_and(|effect| effect.probe.is_some());
    if let Some(asked) = session.asked.iter_mut().find(|asked| asked.number == number) {
        if let Some(away) = &mut asked.away {
            away.returned = Some(client);
        }
        if asks && asked.probing && matches!(asked.stage, Stage::Due { .. }) {
            asked.stage = Stage::Due { next: now };
        }
    }
    note(&mut session, now, Event::Returned { number });
    Returned::Back(Box::new(session))
}
