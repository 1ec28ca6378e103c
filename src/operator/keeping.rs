//! What `keep` is about to drop and nobody has: no effect sent it, no whole export had it.
//!
//! Owns which answers these are, and the store's record of the last whole export of each flow. Must
//! not know when it is looked for, nor whom it is told.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::sessions::time;
use super::{Filter, Operator, Status};
use crate::machine::{Purpose, Session, Stage, State};
use crate::store::{Error, Key, KeyKind, Stored, Write, Written, record};

/// So long before they are dropped answers are spoken of, in seconds.
const AHEAD: i64 = 86_400;
const VERSION: u8 = 1;
/// Records read from the store at once.
const PAGE: usize = 256;

/// Answers of one flow that will be dropped within a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// The flow's name.
    pub flow: String,
    /// Finished sessions.
    pub sessions: u64,
    /// When the first of them is dropped, RFC 3339 in UTC.
    pub first: String,
}

impl Operator {
    /// What `keep` drops within a day, by flow. Reads every session, some at a time.
    pub async fn dropped_soon(&self) -> Result<Vec<Ahead>, Error> {
        let now = self.engine.now().div_euclid(1000);
        let mut found: BTreeMap<String, (u64, i64)> = BTreeMap::new();
        let mut had: BTreeMap<String, Option<i64>> = BTreeMap::new();
        let mut last = None;
        loop {
            let page = self.engine.store().scan(KeyKind::Session, last, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for (key, stored) in page {
                last = Some(key);
                let Key::Session(at) = key else { continue };
                let Ok(session) = record::decode(at, &stored.bytes) else {
                    continue;
                };
                let Some(drops) = self.drops(&session).await.filter(|drops| *drops <= now + AHEAD) else {
                    continue;
                };
                if !had.contains_key(&session.flow) {
                    had.insert(session.flow.clone(), self.last_export(&session.flow).await?);
                }
                let exported = had.get(&session.flow).copied().flatten();
                if exported.is_some_and(|exported| ended(&session) < exported) {
                    continue;
                }
                let (sessions, first) = found.entry(session.flow).or_insert((0, drops));
                *sessions += 1;
                *first = drops.min(*first);
            }
        }
        let ahead = found.into_iter().map(|(flow, (sessions, first))| Ahead {
            flow,
            sessions,
            first: time(first),
        });
        Ok(ahead.collect())
    }

    /// When the answers of a session are dropped although no effect sent them; `None` of any other.
    async fn drops(&self, session: &Session) -> Option<i64> {
        let State::Ended { at, .. } = session.state else {
            return None;
        };
        if was_sent(session) {
            return None;
        }
        let flow = self.engine.pinned(session).await.ok()?;
        Some(at.saturating_add(flow.limits.keep.as_secs()))
    }

    /// An export has had every finished session of this flow that had ended before `began`.
    pub(super) async fn exported(&self, flow: &str, began: i64) -> Result<(), Error> {
        let store = self.engine.store();
        let bytes: Vec<u8> = std::iter::once(VERSION).chain(began.to_le_bytes()).collect();
        let write = Write {
            tag: 0,
            wake: i64::MAX,
            bytes,
        };
        if let Written::Conflict = store.create(key(flow), write.clone()).await?
            && let Some(stored) = store.get(key(flow)).await?
        {
            // Where another export was noted meanwhile, that one stands.
            store.cas(key(flow), stored.token, write).await?;
        }
        Ok(())
    }

    /// When the last whole export of this flow began, in seconds since 1970.
    async fn last_export(&self, flow: &str) -> Result<Option<i64>, Error> {
        Ok(self.engine.store().get(key(flow)).await?.as_ref().and_then(began))
    }
}

/// Whether an export with this filter has all that is finished.
pub(super) fn is_whole(filter: &Filter) -> bool {
    filter.limit.is_none() && filter.status.is_none_or(|status| status == Status::Ended)
}

/// Whether an effect that was done has sent something of it.
fn was_sent(session: &Session) -> bool {
    session.asked.iter().any(|asked| {
        let sends = matches!(asked.purpose, Purpose::Do | Purpose::Tell);
        sends && matches!(asked.stage, Stage::Done { .. }) && !session.is_undone(asked.number)
    })
}

fn ended(session: &Session) -> i64 {
    match session.state {
        State::Ended { at, .. } => at,
        _ => i64::MAX,
    }
}

/// Where the store holds it: one byte `1`, then seconds since 1970 in 8 bytes, the lowest first.
fn key(flow: &str) -> Key {
    let hash: [u8; 32] = Sha256::digest(flow.as_bytes()).into();
    let mut key = *b"exported        ";
    for (to, from) in key.iter_mut().skip(8).zip(hash) {
        *to = from;
    }
    Key::Meta(key)
}

fn began(stored: &Stored) -> Option<i64> {
    let (version, began) = stored.bytes.split_first()?;
    let began = began.try_into().ok().map(i64::from_le_bytes);
    began.filter(|_| *version == VERSION)
}
