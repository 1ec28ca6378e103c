//! What went amiss: what of a change of a session an operator must hear of.
//!
//! Owns which changes those are. Must not know who is told, nor by what.

use super::asked::{Asked, Purpose, Stage};
use super::{Session, State};

/// Something that ended otherwise than it was meant to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amiss<'a> {
    /// An asking failed for good.
    Failed(&'a Asked),
    /// An asking is in doubt.
    InDoubt(&'a Asked),
    /// It ran out of time with so many answered screens.
    RanOut {
        /// Answered screens.
        answers: usize,
        /// Behind a seal: the answers are kept, and the operator must see to it.
        unfinished: bool,
    },
    /// Its answers, of so many screens, were dropped, and nothing that was done had sent any.
    Dropped {
        /// Answered screens.
        answers: usize,
    },
}

/// What ended badly between two states of a session.
pub fn amiss<'a>(before: &Session, after: &'a Session) -> Vec<Amiss<'a>> {
    let mut found = Vec::new();
    for asked in &after.asked {
        let old = before.asking(asked.number).map(|old| &old.stage);
        if old == Some(&asked.stage) {
            continue;
        }
        match asked.stage {
            Stage::InDoubt { .. } if !matches!(old, Some(Stage::InDoubt { .. })) => {
                found.push(Amiss::InDoubt(asked));
            }
            Stage::Failed { .. } if asked.purpose == Purpose::Look => found.push(Amiss::Failed(asked)),
            _ if asked.failed().is_some() => found.push(Amiss::Failed(asked)),
            _ => {}
        }
    }
    // A start alone is no answer.
    let answers = before
        .answers
        .values()
        .filter(|answer| !answer.fields.is_empty())
        .count();
    match (&before.state, &after.state) {
        (State::Live, State::Expired { unfinished, .. }) if answers > 0 => found.push(Amiss::RanOut {
            answers,
            unfinished: *unfinished,
        }),
        (State::Ended { .. }, State::Forgotten { .. }) if answers > 0 && !before.was_sent() => {
            found.push(Amiss::Dropped { answers });
        }
        _ => {}
    }
    found
}

impl Session {
    /// Whether anything that was done has told somebody else of it.
    pub fn was_sent(&self) -> bool {
        let sends = |asked: &&Asked| matches!(asked.purpose, Purpose::Do | Purpose::Tell);
        self.asked
            .iter()
            .filter(sends)
            .any(|asked| matches!(asked.stage, Stage::Done { .. }) && !self.is_undone(asked.number))
    }
}
