//! Where a session goes on once an effect is settled.
//!
//! Owns the way from an outcome to the next screen, and what of earlier answers must outlive a
//! look-up. Must not know what was said (`settle`).

use super::asked::Asked;
use super::journal::note;
use super::path::Path;
use super::settle::Settling;
use super::{Event, Place, Session, State, life};
use crate::flow::{Action, Flow, Lead, Value, Values};
use crate::id::Way;

impl Settling<'_> {
    /// Declined or failed: what was done before is taken back if the flow says so, and the
    /// session goes where it says.
    pub(super) fn not_so(&self, session: &mut Session, lead: Option<Lead>) {
        if session.cancel.take().is_some() {
            if session.seal.is_none() {
                *session = life::cancelled(self.flow, session, self.now);
                return;
            }
            note(session, self.now, Event::TooLate);
        }
        if lead.is_some_and(|lead| lead.undo) {
            let undoable = session.undoable(self.flow);
            let before = session.clone();
            self.asking().undos(session, &before, &undoable);
        }
        self.lead(session, lead.map(|lead| lead.to));
    }

    /// The session goes on at the screen `to`, or stands where it stands; the outcome of the
    /// action that asked says so from now on.
    pub(super) fn lead(&self, session: &mut Session, to: Option<u16>) {
        let path = Path::fold(self.flow, session, self.now);
        let target = to.and_then(|to| self.flow.screen(to));
        if let Some(outcome) = target.and_then(|screen| Some((screen, screen.final_end()?.clone()))) {
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
                let asking = self.flow.number(&self.asked.place.screen).filter(|_| back);
                (place, asking.map_or(Way::Path, Way::ChangeFrom))
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

/// What was chosen from the list before stays in it: it may be held for this very session.
pub(super) fn keep_chosen(flow: &Flow, session: &mut Session, asked: &Asked) {
    let chosen: Vec<(String, String)> = flow
        .screens
        .iter()
        .flat_map(|screen| screen.asked().map(move |field| (screen, field)))
        .filter_map(|(screen, field)| {
            let list = field.list()?;
            let answer = session.answers.get(&Place::of(&screen.name))?;
            let value = answer.fields.get(&field.name)?.as_text()?;
            Some((list.to_owned(), value.to_owned()))
        })
        .collect();
    let Some(now) = session.asked.iter_mut().find(|other| other.number == asked.number) else {
        return;
    };
    for (list, value) in chosen {
        let old = asked.results.get(&list).and_then(Value::as_options);
        let old = old.and_then(|old| old.iter().find(|(known, _)| *known == value));
        if let (Some(old), Some(Value::Options(new))) = (old, now.results.get_mut(&list))
            && new.iter().all(|(known, _)| *known != value)
        {
            new.insert(0, old.clone());
        }
    }
}

/// Whether a screen lies behind the seal.
pub(super) fn is_sealed(flow: &Flow, session: &Session, place: &Place, now: i64) -> bool {
    session.seal.is_some() && {
        let path = Path::fold(flow, session, now);
        path.position(place).is_none_or(|at| at < path.sealed(session))
    }
}

fn present(path: &Path, otherwise: Place) -> Place {
    path.present().map_or(otherwise, |visit| visit.place.clone())
}
