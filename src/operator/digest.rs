//! The daily digest: in counts, what an operator must see to.
//!
//! Owns what is counted, when a day is over, and that each day is told once: a record in the store says
//! up to when it was told. Must not know whom it is told, nor how.

use serde::Serialize;

use super::Operator;
use super::keeping::Exports;
use super::sessions::time;
use crate::machine::{Event, Session, State};
use crate::store::{Error, Key, KeyKind, Stored, Write};

/// Where the store holds up to when it was told: one byte `1`, then seconds since 1970 in 8 bytes, the
/// lowest first.
const TOLD: Key = Key::Meta(*b"digest told     ");
const VERSION: u8 = 1;
const DAY: i64 = 86_400;
/// Records read from the store at once.
const PAGE: usize = 256;

/// What an operator must see to. The first three are all that there are, the others those of the time
/// since the digest before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// The day on which it is told, in UTC, such as `2026-11-29`.
    pub day: String,
    /// Since when, RFC 3339 in UTC.
    pub since: String,
    /// Until when.
    pub until: String,
    /// Effects that failed for good, and that nobody has seen.
    pub failed: u64,
    /// Effects in doubt.
    pub in_doubt: u64,
    /// Sessions that could not be read.
    pub unreadable: u64,
    /// Sessions that ran out of time behind a seal.
    pub unfinished: u64,
    /// Sessions that ran out of time with answers in them.
    pub ran_out: u64,
    /// Sessions of whose answers `keep` dropped some that neither an effect nor a whole export had.
    pub dropped: u64,
    #[serde(skip)]
    told: i64,
}

impl Digest {
    /// Nothing is to be told.
    pub fn is_quiet(&self) -> bool {
        self.lines().next().is_none()
    }

    /// What is to be told, a line each.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let all = [
            (
                self.failed,
                "effect",
                "failed for good and not seen by anybody: `deity effects list`",
            ),
            (
                self.in_doubt,
                "effect",
                "in doubt: `deity effects list --status in-doubt`",
            ),
            (self.unreadable, "session", "that cannot be read: the log names them"),
            (
                self.unfinished,
                "session",
                "out of time behind a seal: `deity sessions list --status unfinished`",
            ),
            (self.ran_out, "session", "out of time with answers in it"),
            (
                self.dropped,
                "session",
                "of whose answers some were dropped, as `keep` says, that neither an effect nor a whole export had",
            ),
        ];
        let some = all.into_iter().filter(|(count, ..)| *count > 0);
        some.map(|(count, what, how)| format!("{count} {what}{} {how}", if count == 1 { "" } else { "s" }))
    }

    /// The name of this day's digest: the same however often it is sent.
    pub fn id(&self) -> String {
        format!("digest-{}", self.day)
    }
}

impl Operator {
    /// The digest of the day that is over, if it was not told yet. The first start only notes the
    /// moment. Reads every session, some at a time.
    pub async fn digest(&self) -> Result<Option<Digest>, Error> {
        let now = self.engine.now().div_euclid(1000);
        let Some(stored) = self.engine.store().get(TOLD).await? else {
            self.engine.store().create(TOLD, write(now)).await?;
            return Ok(None);
        };
        let since = told(&stored)?;
        if !is_due(since, now) {
            return Ok(None);
        }
        self.count(since.min(now), now).await.map(Some)
    }

    /// It was told, or there was nothing to tell.
    pub async fn digest_told(&self, digest: &Digest) -> Result<(), Error> {
        let store = self.engine.store();
        if let Some(stored) = store.get(TOLD).await? {
            // Another process that was first has told the same.
            store.cas(TOLD, stored.token, write(digest.told)).await?;
        }
        Ok(())
    }

    async fn count(&self, since: i64, until: i64) -> Result<Digest, Error> {
        let until_words = time(until);
        let mut digest = Digest {
            day: until_words.chars().take(10).collect(),
            since: time(since),
            until: until_words,
            told: until,
            ..Digest::default()
        };
        let mut exports = Exports::default();
        let mut last = None;
        loop {
            let page = self.engine.store().scan(KeyKind::Session, last, PAGE).await?;
            if page.is_empty() {
                let left_out = self.engine.store().unreadable().await?;
                digest.unreadable += left_out.sessions.len() as u64 + left_out.further;
                return Ok(digest);
            }
            for (key, stored) in page {
                last = Some(key);
                let Key::Session(at) = key else { continue };
                match self.engine.decode(at, &stored.bytes) {
                    Ok(session) => self.add(&mut digest, &session, (since, until), &mut exports).await,
                    Err(_) => digest.unreadable += 1,
                }
            }
        }
    }

    async fn add(&self, digest: &mut Digest, session: &Session, (since, until): (i64, i64), exports: &mut Exports) {
        let failed = session.asked.iter().filter(|asked| session.is_missed(asked)).count();
        digest.failed += failed as u64 + u64::from(session.more_failed);
        digest.in_doubt += session.asked.iter().filter(|asked| asked.in_doubt()).count() as u64;
        let lately = |at: i64| since < at && at <= until;
        match session.state {
            State::Expired { unfinished: true, .. } => digest.unfinished += 1,
            State::Expired { at, .. } if lately(at) && had_answers(session) => digest.ran_out += 1,
            State::Forgotten { at, .. } if was_alone(session) => {
                // What was dropped is told as of the day that `keep` names.
                let kept = self.engine.pinned(session).await.map(|flow| flow.limits.keep.as_secs());
                let lately = kept.is_ok_and(|keep| lately(at.saturating_add(keep)));
                if lately && !exports.had(self, &session.flow, at).await {
                    digest.dropped += 1;
                }
            }
            _ => {}
        }
    }
}

/// Whether answers were dropped that nothing had sent. Of those that a program before dropped it is not
/// known which these were.
fn was_alone(session: &Session) -> bool {
    session.unsent > 0 || had_answers(session) && !session.was_sent()
}

/// Whether something was answered behind the start page: the answers themselves are gone.
fn had_answers(session: &Session) -> bool {
    session.folded > 0
        || session.journal.iter().any(|entry| {
            let answer = matches!(
                entry.event,
                Event::Answered { .. } | Event::Amended { .. } | Event::Kept { .. }
            );
            answer && entry.step > 1
        })
}

/// A day of UTC has ended since; or the clock has been set back by more than one.
fn is_due(told: i64, now: i64) -> bool {
    let (told_on, today) = (told.div_euclid(DAY), now.div_euclid(DAY));
    told_on < today || told_on > today + 1
}

fn write(at: i64) -> Write {
    Write {
        tag: 0,
        wake: i64::MAX,
        bytes: [&[VERSION][..], &at.to_le_bytes()].concat(),
    }
}

fn told(stored: &Stored) -> Result<i64, Error> {
    match stored.bytes.split_first() {
        Some((&VERSION, at)) => at.try_into().map(i64::from_le_bytes).ok(),
        _ => None,
    }
    .ok_or_else(|| Error::Damaged("when the digest was last told cannot be read".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_due_once_a_day_and_after_a_clock_that_leapt() {
        let noon = 20_000 * DAY + DAY / 2;
        for (told, now, due) in [
            (noon, noon, false),
            (noon, noon + DAY / 2 - 1, false),
            (noon, noon + DAY / 2, true),
            (noon, noon + 40 * DAY, true),
            (noon, noon - DAY, false),
            (noon, noon - 2 * DAY, true),
            (noon + 31 * DAY, noon, true),
        ] {
            assert_eq!(is_due(told, now), due, "{told} {now}");
        }
    }
}
