//! A hand-off is given up, and not the transaction.
//!
//! Owns that row: what was begun elsewhere is taken back as if its time were over, and the person is
//! back on the screen that called it. Must not know how an answer settles an effect (`settle`).

use std::collections::BTreeMap;

use super::asked::Stage;
use super::settle::Settling;
use super::step::Turn;
use super::{Decision, Event, Path, Session, show};
use crate::flow::Flow;

impl Turn<'_> {
    /// A hand-off is given up, and not the transaction: it is taken back as if its time were over, and
    /// the person is back on the screen that called it.
    pub(super) fn call_off(&self) -> Decision {
        let offered = self.submission.screen.step;
        let asked = self.session.waits().filter(|asked| asked.can_be_called_off());
        let asked = asked.filter(|asked| offered >= asked.step && self.session.cancel.is_none());
        let called_off = asked.and_then(|asked| call_off(self.flow, self.session, asked.number, self.now));
        let Some(session) = called_off else {
            return Decision::Show(show::waiting(self.flow, self.session, self.path.clone()));
        };
        let path = Path::fold(self.flow, &session, self.now);
        let showing = show::here(self.flow, &session, path);
        Decision::Commit {
            session: Box::new(session),
            showing,
        }
    }
}

/// The person gives up an effect for which they are elsewhere: it is taken back, and the session stands
/// where it called it. A later word of it is one that comes too late.
fn call_off(flow: &Flow, session: &Session, number: u32, now: i64) -> Option<Session> {
    let asked = session.asking(number)?.clone();
    let effect = flow.effect(&asked.effect)?;
    let settling = Settling {
        flow,
        effect,
        asked,
        now,
        dice: 0,
    };
    let mut session = session.clone();
    settling.called_off(&mut session);
    Some(session)
}

impl Settling<'_> {
    fn called_off(&self, session: &mut Session) {
        self.next(session);
        self.close(session, Stage::Failed { at: self.now }, BTreeMap::new());
        self.change(session, |asked| {
            asked.doubt = true;
            asked.called_off = true;
            "the person gave it up".clone_into(&mut asked.heard);
        });
        self.heard_of(session, |number, effect| Event::Failed { number, effect });
        let before = session.clone();
        self.asking().undos(session, &before, &[self.asked.number]);
        self.lead(session, None);
    }
}
