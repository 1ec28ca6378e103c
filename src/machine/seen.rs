//! What an operator must see: askings that failed for good, until somebody says that they were seen.
//!
//! Owns which askings those are, how the word that acknowledges them is kept, and the bound on them. Must
//! not know how an operator is told.

use super::asked::{Asked, Purpose, Stage};
use super::journal::{forget_settled, note};
use super::{Event, Session};
use crate::limits;

/// Behind this stand, in what was heard of an asking, words of a callee's own: for the session alone,
/// never for a log line or a mail.
pub const THEIR_WORDS: &str = "; it says: ";

/// What was heard of an asking begins so where somebody's word on it was refused: what is heard later
/// stands behind it.
pub const REFUSED: &str = "a callback was refused: ";

impl Asked {
    /// What was last heard of it in our own words, with the callee's status: fit for log lines.
    pub fn reason(&self) -> &str {
        self.heard.split(THEIR_WORDS).next().unwrap_or_default()
    }

    /// What was heard, behind why a callback was refused meanwhile: that may be why nothing better was.
    pub(super) fn with_refusal(&self, why: String) -> String {
        let refusal = self.heard.split("; ").next();
        match refusal.filter(|refusal| refusal.starts_with(REFUSED) && !why.starts_with(REFUSED)) {
            Some(refusal) => format!("{refusal}; {why}"),
            None => why,
        }
    }

    /// When it failed for good, in seconds since 1970: it was not done, and nothing more happens by
    /// itself. A no to a call is the person's to read, and no failure; a look-up is shown anew.
    pub fn failed(&self) -> Option<i64> {
        match (&self.stage, self.purpose) {
            (_, Purpose::Look) => None,
            // Who gave it up knows.
            _ if self.called_off => None,
            (Stage::Failed { at }, _) | (Stage::Declined { at, .. }, Purpose::Tell | Purpose::Undo { .. }) => Some(*at),
            _ => None,
        }
    }
}

impl Session {
    /// It failed for good, and nobody has acknowledged it.
    pub fn is_missed(&self, asked: &Asked) -> bool {
        asked.failed().is_some() && !asked.seen
    }

    /// Whether anything failed for good that nobody has acknowledged.
    pub fn has_missed(&self) -> bool {
        self.more_failed > 0 || self.asked.iter().any(|asked| self.is_missed(asked))
    }

    /// Of many that nobody has acknowledged the oldest are only counted; not one that the path still
    /// goes by, nor one that is being taken back.
    pub(super) fn count_missed(&mut self) {
        let missed = |session: &Self| session.asked.iter().filter(|asked| session.is_missed(asked)).count();
        while missed(self) > limits::ASKINGS_KEPT {
            let needed = |asked: &Asked| {
                let latest = self
                    .called(&asked.place, &asked.action, asked.item)
                    .map(|latest| latest.number);
                self.is_undone(asked.number) || asked.purpose == Purpose::Do && latest == Some(asked.number)
            };
            let mut all = self.asked.iter();
            let oldest = all.position(|asked| self.is_missed(asked) && !needed(asked));
            let Some(oldest) = oldest else { return };
            self.asked.remove(oldest);
            self.more_failed = self.more_failed.saturating_add(1);
        }
    }
}

/// Acknowledges what failed for good and is picked; `None` where that is nothing. What is only counted
/// goes with the last that is kept.
pub fn acknowledge(session: &Session, pick: impl Fn(&Asked) -> bool, now: i64) -> Option<(Session, u32)> {
    let mut seen = session.clone();
    let mut count = 0_u32;
    let picked = |asked: &Asked| session.is_missed(asked) && pick(asked);
    for asked in seen.asked.iter_mut().filter(|asked| picked(asked)) {
        asked.seen = true;
        count += 1;
    }
    for asked in session.asked.iter().filter(|asked| picked(asked)) {
        note(&mut seen, now, Event::Seen { number: asked.number });
    }
    if !seen.asked.iter().any(|asked| seen.is_missed(asked)) {
        count = count.saturating_add(std::mem::take(&mut seen.more_failed));
    }
    forget_settled(&mut seen);
    (count > 0).then_some((seen, count))
}
