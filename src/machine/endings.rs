//! Presses that end a session, or ask whether to: giving up, finishing, leaving.
//!
//! Owns what each of them does. Must not know which row of the table led here.

use super::journal::note;
use super::step::Turn;
use super::{Asked, Decision, Event, Page, Path, Purpose, Stage, Verdict, life, show};
use crate::id::Way;

impl Turn<'_> {
    /// Given up while an effect is under way: carried out when that is settled.
    pub(super) fn want_cancel(&self) -> Decision {
        if self.session.cancel.is_some() {
            return Decision::Show(show::waiting(self.flow, self.session, self.path.clone()));
        }
        let mut session = self.session.clone();
        session.cancel = Some(self.now);
        note(&mut session, self.now, Event::CancelWanted);
        // Who gives up elsewhere is not waited for: what is not decided now is taken back.
        let elsewhere = |asked: &&mut Asked| asked.purpose == Purpose::Do && asked.page().is_some();
        if let Some(asked) = session.asked.iter_mut().find(elsewhere)
            && matches!(asked.stage, Stage::Due { .. })
        {
            asked.stage = Stage::Due { next: self.now };
        }
        let showing = show::waiting(self.flow, &session, self.path.clone());
        Decision::Commit {
            session: Box::new(session),
            showing,
        }
    }

    /// Asks whether to give it up; what was typed is put aside, in case not.
    pub(super) fn ask_before_cancel(&self) -> Decision {
        let mut decision = self.put_aside_and_show(&self.place(), self.submission.screen.way);
        if let Decision::Commit { showing, .. } | Decision::Show(showing) = &mut decision {
            showing.page = show::cancelling(showing.page.clone());
        }
        decision
    }

    /// Whether what was pressed is asked about before it is done.
    pub(super) fn asks_before_cancel(&self) -> bool {
        self.screen
            .actions
            .iter()
            .any(|action| action.cancel && action.name == self.action)
    }

    /// Given up.
    pub(super) fn cancel(&self) -> Decision {
        let session = life::cancelled(self.flow, &self.next(), self.now);
        Decision::Commit {
            session: Box::new(session),
            showing: self.showing(Page::Over, Verdict::Done),
        }
    }

    /// Ended at an open end, where the session stands at it.
    pub(super) fn finish(&self) -> Decision {
        let mut session = self.next();
        let here = self.path.present().is_some_and(|visit| visit.place == self.place());
        if !here || !life::finish(self.flow, &mut session, &self.path, self.now) {
            return Decision::Show(show::stands_here(
                self.flow,
                self.session,
                self.path.clone(),
                &self.place(),
            ));
        }
        let path = Path::fold(self.flow, &session, self.now);
        self.committed(session, path, &self.place(), Way::Path)
    }

    /// Finished on this device: what was sent stays, and the ids open nothing any more.
    pub(super) fn leave(&self) -> Decision {
        let mut session = self.session.clone();
        session.step += 1;
        note(&mut session, self.now, Event::Left);
        Decision::Commit {
            session: Box::new(session),
            showing: self.showing(Page::Left, Verdict::Done),
        }
    }
}
