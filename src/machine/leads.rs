//! Where a session goes on once an effect is settled.
//!
//! Owns the way from an outcome to the next screen. Must not know what was said (`settle`).

use super::journal::note;
use super::path::Path;
use super::settle::Settling;
use super::{Event, Place, Session, absent, items, life};
use crate::flow::{Action, Flow, Lead, Values};
use crate::id::Way;

impl Settling<'_> {
    /// Declined or failed: what was done before is taken back if the flow says so, and the
    /// session goes where it says.
    pub(super) fn not_so(&self, session: &mut Session, lead: Option<Lead>) {
        if self.gives_up(session) {
            return;
        }
        // At an open end nothing is taken back before it is finished.
        let open = lead.and_then(|lead| self.flow.screen(lead.to)).is_some_and(|s| s.open);
        if lead.is_some_and(|lead| lead.undo) && !open {
            let undoable = session.undoable(self.flow);
            let before = session.clone();
            self.asking().undos(session, &before, &undoable);
        }
        self.lead(session, lead.map(|lead| lead.to));
    }

    /// Whether the person gave up meanwhile, and was in time: then the session is over.
    pub(super) fn gives_up(&self, session: &mut Session) -> bool {
        if session.cancel.take().is_none() {
            return false;
        }
        if session.seal.is_some() {
            note(session, self.now, Event::TooLate);
            return false;
        }
        *session = life::cancelled(self.flow, session, self.now);
        true
    }

    /// The session goes on at the screen `to`, or stands where it stands; the outcome of the
    /// action that asked says so from now on.
    pub(super) fn lead(&self, session: &mut Session, to: Option<u16>) {
        let path = Path::fold(self.flow, session, self.now);
        let reference = session.at.reference();
        let scope = path.scope_of(&reference);
        let to = to.map(|to| absent::lands(self.flow, to, &scope));
        let target = to.and_then(|to| self.flow.screen(to));
        if let Some(outcome) = target.and_then(|screen| Some((screen, screen.final_end()?.clone()))) {
            let (screen, end) = outcome;
            life::end(self.flow, session, &path, (screen, end), self.now);
        }
        let path = self.asking().looks(session, None);
        let (led_to, led_way) = match target {
            Some(screen) => {
                let place = items::place_from(self.flow, session, &self.asked.place, screen);
                let here = path.position(&self.asked.place);
                // Sent back to an earlier screen, the person comes back to where the effect is
                // asked for as soon as nothing lacks.
                let back = path.position(&place).is_some_and(|at| Some(at) < here);
                let open = path.position(&place).is_some();
                let place = if open { place } else { present(&path, place) };
                let asking = self.flow.number(&self.asked.place.screen).filter(|_| back);
                (place, asking.map_or(Way::Path, Way::ChangeFrom))
            }
            None => (present(&path, self.asked.place.clone()), Way::Path),
        };
        self.asking().looks(session, Some(&led_to));
        let step = session.step;
        let asking = self.asked.step;
        if let Some(outcome) = session.outcomes.iter_mut().find(|outcome| outcome.step == asking) {
            outcome.step = step;
            outcome.led_to = led_to;
            outcome.led_way = led_way;
        }
    }

    /// What counts where it was asked for.
    pub(super) fn values(&self, session: &Session) -> Values {
        let asked = session.asking(self.asked.number).unwrap_or(&self.asked);
        Path::values_on(self.flow, session, self.now, &self.asked.place, asked)
    }

    /// The action that asked.
    pub(super) fn action(&self) -> Option<&Action> {
        let screen = self.flow.number(&self.asked.place.screen)?;
        let mut actions = self.flow.screen(screen)?.actions.iter();
        actions.find(|action| action.name == self.asked.action)
    }
}

/// Whether a screen lies behind the seal.
pub(super) fn is_sealed(flow: &Flow, session: &Session, place: &Place, now: i64) -> bool {
    session.seal.is_some() && {
        let path = Path::fold(flow, session, now);
        path.position(place).is_none() || path.is_sealed(session, place)
    }
}

fn present(path: &Path, otherwise: Place) -> Place {
    path.present().map_or(otherwise, |visit| visit.place.clone())
}
