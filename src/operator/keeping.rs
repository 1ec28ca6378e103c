//! What `keep` is about to drop and nobody has: answers that no effect sent and no whole export had.
//!
//! Owns which answers these are, and the store's record of the last whole export of each flow. Must
//! not know when it is looked for, nor whom it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::sessions::time;
use super::{Filter, Operator, Status};
use crate::flow::Flow;
use crate::machine::{self, Session, State};
use crate::store::{Error, Key, KeyKind, Stored, Write};

/// So long before they are dropped answers are spoken of, in seconds.
const AHEAD: i64 = 86_400;
const VERSION: u8 = 2;
/// Of a record that says only when the last one began.
const OF_OLD: u8 = 1;
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
    /// The fields whose answers nothing has sent, in the order of their names.
    pub fields: Vec<String>,
    /// For how long the answers of such a session are kept; of several definitions the shortest time.
    pub keep: Duration,
}

impl Operator {
    /// What `keep` drops within a day, by flow; also by a wall clock that is ahead, which may be believed any
    /// moment. Reads every session, some at a time.
    pub async fn dropped_soon(&self) -> Result<Vec<Ahead>, Error> {
        let now = self.engine.now().max(self.engine.wall()).div_euclid(1000);
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        let mut exports = Exports::default();
        let mut last = None;
        loop {
            let page = self.engine.store().scan(KeyKind::Session, last, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for (key, stored) in page {
                last = Some(key);
                let Key::Session(at) = key else { continue };
                let Ok(session) = self.engine.decode(at, &stored.bytes) else {
                    continue;
                };
                let Some((drops, keep, fields)) = self.drops(&session, now + AHEAD).await else {
                    continue;
                };
                if exports.had(self, &session.flow, ended(&session)).await {
                    continue;
                }
                let found = found.entry(session.flow).or_insert_with(|| Found {
                    sessions: 0,
                    first: drops,
                    keep,
                    fields: BTreeSet::new(),
                });
                found.keep = keep.min(found.keep);
                found.sessions += 1;
                found.first = drops.min(found.first);
                found.fields.extend(fields);
            }
        }
        let ahead = found.into_iter().map(|(flow, found)| Ahead {
            flow,
            sessions: found.sessions,
            first: time(found.first),
            fields: found.fields.into_iter().collect(),
            keep: found.keep,
        });
        Ok(ahead.collect())
    }

    /// When, by `until`, answers of a session are dropped that nothing sent, how long they are kept, and the
    /// names of their fields; `None` of any other.
    async fn drops(&self, session: &Session, until: i64) -> Option<(i64, Duration, Vec<String>)> {
        let State::Ended { at, .. } = session.state else {
            return None;
        };
        let flow = self.engine.pinned(session).await.ok()?;
        let keep = flow.limits.keep;
        let drops = at.saturating_add(keep.as_secs());
        if drops > until {
            return None;
        }
        let fields = machine::unsent(&flow, session, at);
        (!fields.is_empty()).then(|| (drops, keep.unsigned_abs(), fields))
    }

    /// An export has had every finished session of this flow that had ended before `began` and whose
    /// answers were kept still: all that ended within `keep` seconds before.
    async fn exported(&self, flow: &str, began: i64, keep: i64) -> Result<(), Error> {
        let store = self.engine.store();
        let stored = store.get(key(flow)).await?;
        let since = began.saturating_sub(keep);
        let before = stored.as_ref().and_then(Exported::read);
        let now = match before {
            // What ended before the last one began was in that or in one before it.
            Some(before) if since <= before.until => Exported {
                since: before.since.min(since),
                until: before.until.max(began),
            },
            _ => Exported { since, until: began },
        };
        let write = Write {
            tag: 0,
            wake: i64::MAX,
            bytes: now.bytes(),
        };
        // Where another export was noted meanwhile, that one stands.
        match stored {
            Some(stored) => store.cas(key(flow), stored.token, write).await?,
            None => store.create(key(flow), write).await?,
        };
        Ok(())
    }
}

/// What is dropped of one flow.
struct Found {
    sessions: u64,
    first: i64,
    keep: Duration,
    fields: BTreeSet<String>,
}

/// The sessions of one flow that were in a whole export: those that ended from `since` on and before
/// `until`, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exported {
    since: i64,
    until: i64,
}

impl Exported {
    /// Shape: one byte `2`, then both times in 8 bytes each, the lowest first. Before: one byte `1`, and
    /// `until` alone.
    fn bytes(self) -> Vec<u8> {
        [&[VERSION][..], &self.since.to_le_bytes(), &self.until.to_le_bytes()].concat()
    }

    fn read(stored: &Stored) -> Option<Self> {
        let time = |bytes: &[u8]| bytes.try_into().ok().map(i64::from_le_bytes);
        match stored.bytes.split_first()? {
            (&VERSION, times) => {
                let (since, until) = times.split_at_checked(8)?;
                Some(Self {
                    since: time(since)?,
                    until: time(until)?,
                })
            }
            (&OF_OLD, until) => Some(Self {
                since: i64::MIN,
                until: time(until)?,
            }),
            _ => None,
        }
    }
}

/// The whole exports of each flow, as far as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Exports(BTreeMap<String, Option<Exported>>);

impl Exports {
    /// Whether a whole export had what ended at this time. One whose record cannot be read had nothing.
    pub(super) async fn had(&mut self, operator: &Operator, flow: &str, ended: i64) -> bool {
        if !self.0.contains_key(flow) {
            let stored = operator.engine.store().get(key(flow)).await.ok().flatten();
            let exported = stored.as_ref().and_then(Exported::read);
            self.0.insert(flow.to_owned(), exported);
        }
        let exported = self.0.get(flow).copied().flatten();
        exported.is_some_and(|all| (all.since..all.until).contains(&ended))
    }
}

/// What an export has, to be noted where it has all that is finished.
pub(super) struct Whole {
    /// When it began, in seconds since 1970.
    began: i64,
    /// By flow, for how long its answers are kept at least.
    seen: BTreeMap<String, i64>,
    /// Flows of which something could not be had.
    missed: BTreeSet<String>,
}

impl Whole {
    pub(super) fn from(began: i64) -> Self {
        Self {
            began,
            seen: BTreeMap::new(),
            missed: BTreeSet::new(),
        }
    }

    /// It has a session of that definition.
    pub(super) fn has(&mut self, flow: &Flow) {
        let keep = flow.limits.keep.as_secs();
        let least = self.seen.entry(flow.name.clone()).or_insert(keep);
        *least = keep.min(*least);
    }

    /// It lacks a session of a flow.
    pub(super) fn misses(&mut self, flow: &str) {
        self.missed.insert(flow.to_owned());
    }

    /// Writes down which flows were had whole, if the filter left nothing out.
    pub(super) async fn note(self, operator: &Operator, filter: &Filter) -> Result<(), Error> {
        if filter.limit.is_some() || filter.status.is_some_and(|status| status != Status::Ended) {
            return Ok(());
        }
        for (flow, keep) in self.seen {
            if !self.missed.contains(&flow) {
                operator.exported(&flow, self.began, keep).await?;
            }
        }
        Ok(())
    }
}

fn ended(session: &Session) -> i64 {
    match session.state {
        State::Ended { at, .. } => at,
        _ => i64::MAX,
    }
}

/// Where the store holds which exports of a flow there were.
fn key(flow: &str) -> Key {
    let hash: [u8; 32] = Sha256::digest(flow.as_bytes()).into();
    let mut key = *b"exported        ";
    for (to, from) in key.iter_mut().skip(8).zip(hash) {
        *to = from;
    }
    Key::Meta(key)
}
