//! The store of tests: nothing survives the process.
//!
//! Owns the plainest reading of the [`Store`] trait, one map under one lock, which the
//! conformance suite holds the other engines to. Must not know sessions.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::id::SessionKey;

use super::{CLAIM, Error, Key, KeyKind, Pending, Store, Stored, Token, Write, Written};

/// A store in memory.
#[derive(Debug, Default)]
pub struct Memory {
    records: Mutex<BTreeMap<Key, Stored>>,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// No call leaves the map half changed, so a panic elsewhere does not spoil it.
    fn records(&self) -> MutexGuard<'_, BTreeMap<Key, Stored>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes (`Some`) or removes (`None`) if the record is at `expect` (`None`: absent).
    fn change(&self, key: Key, expect: Option<Token>, write: Option<Write>) -> Result<Written, Error> {
        if let Some(write) = &write {
            write.fits()?;
        }
        let mut records = self.records();
        if records.get(&key).map(|stored| stored.token) != expect {
            return Ok(Written::Conflict);
        }
        let token = Token::after(expect, write.as_ref().map_or(0, |write| write.tag));
        match write {
            Some(Write { wake, bytes, .. }) => records.insert(key, Stored { token, wake, bytes }),
            None => records.remove(&key),
        };
        Ok(Written::Committed(token))
    }
}

impl Store for Memory {
    fn get(&self, key: Key) -> Pending<'_, Result<Option<Stored>, Error>> {
        Box::pin(async move { Ok(self.records().get(&key).cloned()) })
    }

    fn create(&self, key: Key, write: Write) -> Pending<'_, Result<Written, Error>> {
        Box::pin(async move { self.change(key, None, Some(write)) })
    }

    fn cas(&self, key: Key, expect: Token, write: Write) -> Pending<'_, Result<Written, Error>> {
        Box::pin(async move { self.change(key, Some(expect), Some(write)) })
    }

    fn delete(&self, key: Key, expect: Token) -> Pending<'_, Result<Written, Error>> {
        Box::pin(async move { self.change(key, Some(expect), None) })
    }

    fn claim(&self, now: i64, lease_until: i64, limit: usize) -> Pending<'_, Result<Vec<(SessionKey, Stored)>, Error>> {
        Box::pin(async move {
            let mut claimed = Vec::new();
            for (key, stored) in self.records().iter_mut() {
                let Key::Session(session) = key else { continue };
                if stored.wake <= now && stored.wake != i64::MAX && claimed.len() < limit.min(CLAIM) {
                    stored.wake = lease_until;
                    claimed.push((*session, stored.clone()));
                }
            }
            Ok(claimed)
        })
    }

    fn scan(&self, kind: KeyKind, after: Option<Key>, limit: usize) -> Pending<'_, Result<Vec<(Key, Stored)>, Error>> {
        Box::pin(async move {
            let after = after.filter(|after| after.kind() == kind);
            Ok(self
                .records()
                .range((after.map_or(Unbounded, Excluded), Unbounded))
                .filter(|(key, _)| key.kind() == kind)
                .take(limit)
                .map(|(key, stored)| (*key, stored.clone()))
                .collect())
        })
    }

    fn check(&self) -> Pending<'_, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}
