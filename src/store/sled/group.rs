//! One group: the calls that become durable together.
//!
//! Owns what each call does to the tree, decided one after the other, so that a call sees those
//! before it in the group. Must not know threads, syncs or when an answer may be given.

use std::collections::{HashMap, HashSet};

use tokio::sync::oneshot;

use crate::id::SessionKey;

use super::super::{CLAIM, Error, Key, Stored, Token, Write, Written};
use super::hot::{Hot, Taken};
use super::layout::{self, Head, PART_BYTES, STATE, State};
use super::read::Reader;

/// How long a due session that cannot be read is left alone, in milliseconds.
const UNREADABLE: i64 = 86_400_000;
/// Bytes of the sessions that one call claims, but for the last.
const CLAIM_BYTES: usize = 8 << 20;

/// What the writer is asked to do.
#[derive(Debug)]
pub(super) enum Call {
    /// Writes (`Some`) or removes (`None`) the record if it is at `expect` (`None`: absent).
    Change {
        key: Key,
        expect: Option<Token>,
        write: Option<Write>,
        reply: Reply<Written>,
    },
    /// Puts off due sessions.
    Claim {
        now: i64,
        lease_until: i64,
        limit: usize,
        reply: Reply<Vec<(SessionKey, Stored)>>,
    },
    /// Says whether the writer is alive and has room.
    Check { reply: Reply<()> },
    /// Finishes what was asked for, then ends the writer.
    Stop,
}

impl Call {
    /// Bytes to be written, about.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Change { write: Some(write), .. } => write.bytes.len(),
            _ => 0,
        }
    }

    /// Answers that it was surely not done.
    pub(super) fn refuse(self, why: &str) {
        let refused = || Error::NotApplied(why.to_owned());
        match self {
            Self::Change { reply, .. } => answer(reply, Err(refused())),
            Self::Claim { reply, .. } => answer(reply, Err(refused())),
            Self::Check { reply } => answer(reply, Err(refused())),
            Self::Stop => {}
        }
    }
}

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, Error>>;

/// An answer that waits for the group to be durable.
#[derive(Debug)]
pub(super) enum Ack {
    Written(Reply<Written>, Result<Written, Error>),
    Claimed(
        Reply<Vec<(SessionKey, Stored)>>,
        Result<Vec<(SessionKey, Stored)>, Error>,
    ),
    Checked(Reply<()>),
}

impl Ack {
    /// Gives it.
    pub(super) fn give(self) {
        match self {
            Self::Written(reply, result) => answer(reply, result),
            Self::Claimed(reply, result) => answer(reply, result),
            Self::Checked(reply) => answer(reply, Ok(())),
        }
    }

    /// Gives it where the group may be on disk or not.
    pub(super) fn doubt(self, why: &str) {
        let doubt = Error::InDoubt(why.to_owned());
        match self {
            Self::Written(reply, Ok(Written::Committed(_))) => answer(reply, Err(doubt)),
            Self::Claimed(reply, Ok(_)) => answer(reply, Err(doubt)),
            other => other.give(),
        }
    }
}

fn answer<T>(reply: Reply<T>, result: Result<T, Error>) {
    // Who asked may have gone away, which changes nothing here.
    drop(reply.send(result));
}

/// The changes of a group, as one batch.
#[derive(Debug)]
pub(super) struct Group<'a> {
    tree: Reader<'a>,
    hot: &'a Hot,
    batch: sled::Batch,
    /// What it makes of sessions, in order.
    taken: Vec<Taken>,
    /// The heads that the group has changed so far; `None` is removed.
    changed: HashMap<Key, Option<Head>>,
    /// Entries of the index that lead nowhere were removed.
    tidied: bool,
    sessions: u64,
}

impl<'a> Group<'a> {
    /// An empty group over the state before it.
    pub(super) fn new(tree: Reader<'a>, hot: &'a Hot, state: State) -> Self {
        Self {
            tree,
            hot,
            batch: sled::Batch::default(),
            taken: Vec::new(),
            changed: HashMap::new(),
            tidied: false,
            sessions: state.sessions,
        }
    }

    /// The keys that it changes.
    pub(super) fn keys(&self) -> HashSet<Key> {
        self.changed.keys().copied().collect()
    }

    /// The batch, the state that it leads to, and what is to be taken up once it is durable;
    /// `None` if there is nothing to write.
    pub(super) fn finish(mut self, before: State) -> Option<(sled::Batch, State, Vec<Taken>)> {
        if self.changed.is_empty() && !self.tidied {
            return None;
        }
        let state = State {
            group: before.group.saturating_add(1),
            sessions: self.sessions,
            ..before
        };
        self.batch.insert(STATE, state.encode());
        Some((self.batch, state, self.taken))
    }

    /// Does one call.
    pub(super) fn add(&mut self, call: Call) -> Option<Ack> {
        match call {
            Call::Change {
                key,
                expect,
                write,
                reply,
            } => {
                let result = self.change(key, expect, write);
                Some(Ack::Written(reply, result))
            }
            Call::Claim {
                now,
                lease_until,
                limit,
                reply,
            } => {
                let claimed = self.claim(now, lease_until, limit.min(CLAIM));
                Some(Ack::Claimed(reply, Ok(claimed)))
            }
            Call::Check { reply } => Some(Ack::Checked(reply)),
            Call::Stop => None,
        }
    }

    fn change(&mut self, key: Key, expect: Option<Token>, write: Option<Write>) -> Result<Written, Error> {
        let before = self.head(key)?;
        if before.map(|head| head.token) != expect {
            return Ok(Written::Conflict);
        }
        let token = Token::after(expect, write.as_ref().map_or(0, |write| write.tag));
        let after = write.as_ref().map(|write| Head {
            token,
            wake: write.wake,
            length: write.bytes.len(),
        });
        self.reach(key, before, after)?;
        match (after, &write) {
            (Some(head), Some(write)) => self.put(key, head, &write.bytes),
            _ => self.batch.remove(&layout::key(key)),
        }
        self.drop_parts(key, before, after);
        self.move_due(key, before, after);
        if let Key::Session(session) = key {
            let stored = |Write { wake, bytes, .. }| Stored { token, wake, bytes };
            self.taken.push((session, write.map(stored)));
            self.sessions = match (before, after) {
                (None, Some(_)) => self.sessions.saturating_add(1),
                (Some(_), None) => self.sessions.saturating_sub(1),
                _ => self.sessions,
            };
        }
        self.changed.insert(key, after);
        Ok(Written::Committed(token))
    }

    /// The record's head as the calls before this one leave it.
    fn head(&self, key: Key) -> Result<Option<Head>, Error> {
        if let Some(head) = self.changed.get(&key) {
            return Ok(*head);
        }
        if let Some(head) = self.hot.head(key) {
            return Ok(Some(head));
        }
        let at = layout::key(key);
        let Some(value) = self.tree.get(&at)? else {
            return Ok(None);
        };
        let head = Head::decode(&at, &value).inspect_err(|error| self.tree.damage.record(&at, error))?;
        Ok(Some(head.0))
    }

    /// Sees to it that the pages which the change touches can be read: sled can write to no other,
    /// and a batch that fails half way is the end of the process.
    fn reach(&self, key: Key, before: Option<Head>, after: Option<Head>) -> Result<(), Error> {
        let at = layout::key(key);
        self.tree.get(&at)?;
        let parts = [before, after].into_iter().flatten().map(|head| head.parts()).max();
        for n in 1..parts.unwrap_or(1) {
            self.tree.get(&layout::part_key(&at, n))?;
        }
        Ok(())
    }

    fn put(&mut self, key: Key, head: Head, bytes: &[u8]) {
        let at = layout::key(key);
        let mut parts = bytes.chunks(PART_BYTES);
        let first = parts.next().unwrap_or_default();
        self.batch.insert(&at, head.encode(&at, first));
        for (part, n) in parts.zip(1..) {
            let at = layout::part_key(&at, n);
            let value = layout::encode_part(&at, head.token, part);
            self.batch.insert(at, value);
        }
    }

    /// Removes the parts that the record no longer has.
    fn drop_parts(&mut self, key: Key, before: Option<Head>, after: Option<Head>) {
        let parts = |head: Option<Head>| head.map_or(1, |head| head.parts());
        for n in parts(after)..parts(before) {
            self.batch.remove(layout::part_key(&layout::key(key), n));
        }
    }

    /// Moves a session's entry in the index of due times, if its wake has changed.
    fn move_due(&mut self, key: Key, before: Option<Head>, after: Option<Head>) {
        let Key::Session(session) = key else { return };
        let due = |head: Option<Head>| layout::due_key(head?.wake, session);
        let (before, after) = (due(before), due(after));
        if before == after {
            return;
        }
        // Where a page of the index cannot be read, the session is woken when the tree is built anew.
        let reachable = |due: &Vec<u8>| self.tree.get(due).is_ok();
        let (before, after) = (before.filter(reachable), after.filter(reachable));
        if let Some(due) = before {
            self.batch.remove(due);
        }
        if let Some(due) = after {
            self.batch.insert(due, &[]);
        }
    }

    fn claim(&mut self, now: i64, lease_until: i64, limit: usize) -> Vec<(SessionKey, Stored)> {
        let Some(mut end) = layout::due_bound(now).or_else(|| layout::due_bound(i64::MAX - 1)) else {
            return Vec::new();
        };
        end.extend([0xff; 16]);
        let (mut claimed, mut bytes) = (Vec::new(), 0_usize);
        let tree = self.tree;
        tree.walk(b"w".to_vec(), |entry, _| {
            if entry > end.as_slice() || claimed.len() >= limit || bytes >= CLAIM_BYTES {
                return false;
            }
            let Some((wake, session)) = layout::due_of(entry) else {
                return true;
            };
            let key = Key::Session(session);
            if self.changed.contains_key(&key) {
                // Its record is not in the tree yet; it is due again at the next claim.
                return true;
            }
            match tree.record(key) {
                Ok(Some(stored)) if stored.wake == wake => {
                    if tree.get(&layout::key(key)).is_ok() {
                        bytes = bytes.saturating_add(stored.bytes.len());
                        claimed.push((session, self.lease(session, stored, lease_until)));
                    }
                }
                // An entry of no record: the two are written together, so this should not be.
                Ok(_) => self.tidy(entry),
                // It is named by its entry, which must stay, and is not tried again at each look.
                Err(_) => self.put_off(entry, session, now.saturating_add(UNREADABLE)),
            }
            true
        });
        claimed
    }

    /// Lets an entry of the index wait.
    fn put_off(&mut self, entry: &[u8], session: SessionKey, until: i64) {
        if let Some(later) = layout::due_key(until, session).filter(|later| self.tree.get(later).is_ok()) {
            self.tidy(entry);
            self.batch.insert(later, &[]);
        }
    }

    fn tidy(&mut self, entry: &[u8]) {
        self.batch.remove(entry);
        self.tidied = true;
    }

    fn lease(&mut self, session: SessionKey, stored: Stored, lease_until: i64) -> Stored {
        let key = Key::Session(session);
        let before = Head {
            token: stored.token,
            wake: stored.wake,
            length: stored.bytes.len(),
        };
        let after = Head {
            wake: lease_until,
            ..before
        };
        let at = layout::key(key);
        let first = stored.bytes.chunks(PART_BYTES).next().unwrap_or_default();
        self.batch.insert(&at, after.encode(&at, first));
        self.move_due(key, Some(before), Some(after));
        self.changed.insert(key, Some(after));
        self.taken.push((session, None));
        Stored {
            wake: lease_until,
            ..stored
        }
    }
}
