//! The sessions that were written last, as they are on disk.
//!
//! Owns a bounded map above the tree, so that a phase reads no disk and waits for no thread. The
//! one writer keeps it: what a group wrote is taken up after its sync, before its answers. Reads
//! never add to it: what they found could be older than what the writer has taken up since. Must
//! not know what is in flight; until a group has landed, what was there before it is what holds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::id::SessionKey;

use super::super::{Key, Stored};
use super::layout::Head;

/// What an entry takes beside its record's bytes, about.
const ENTRY_BYTES: usize = 128;

/// What a group made of a session: its record, or nothing that is known here.
pub(super) type Taken = (SessionKey, Option<Stored>);

/// The map, shared by the writer and all readers.
#[derive(Debug)]
pub(super) struct Hot(Mutex<Generations>);

/// Two maps: what is used moves to the young one; when that is full, it becomes the old one, and
/// what nobody used since the last time is gone.
#[derive(Debug)]
struct Generations {
    young: HashMap<SessionKey, Stored>,
    old: HashMap<SessionKey, Stored>,
    /// Of the young one.
    bytes: usize,
    /// Of a generation.
    most: usize,
}

impl Hot {
    /// An empty map of so many bytes at most.
    pub(super) fn new(bytes: usize) -> Self {
        Self(Mutex::new(Generations {
            young: HashMap::new(),
            old: HashMap::new(),
            bytes: 0,
            most: bytes / 2,
        }))
    }

    /// The record at `key`, if it is known here.
    pub(super) fn get(&self, key: Key) -> Option<Stored> {
        self.generations().find(key).cloned()
    }

    /// The same, without its bytes.
    pub(super) fn head(&self, key: Key) -> Option<Head> {
        self.generations().find(key).map(|stored| Head {
            token: stored.token,
            wake: stored.wake,
            length: stored.bytes.len(),
        })
    }

    /// Takes up what a group wrote, in the order in which it did.
    pub(super) fn take_up(&self, group: Vec<Taken>) {
        let mut generations = self.generations();
        for (key, stored) in group {
            generations.forget(key);
            if let Some(stored) = stored {
                generations.put(key, stored);
            }
        }
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        let mut generations = self.generations();
        generations.young.clear();
        generations.old.clear();
        generations.bytes = 0;
    }

    /// No call leaves the maps half changed, so a panic elsewhere does not spoil them.
    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn find(&mut self, key: Key) -> Option<&Stored> {
        let Key::Session(key) = key else { return None };
        if let Some(stored) = self.old.remove(&key) {
            self.put(key, stored);
        }
        self.young.get(&key)
    }

    fn forget(&mut self, key: SessionKey) {
        if let Some(stored) = self.young.remove(&key) {
            self.bytes -= size(&stored);
        }
        self.old.remove(&key);
    }

    fn put(&mut self, key: SessionKey, stored: Stored) {
        let size = size(&stored);
        if size > self.most {
            return;
        }
        if self.bytes + size > self.most {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += size;
        self.young.insert(key, stored);
    }
}

fn size(stored: &Stored) -> usize {
    stored.bytes.len() + ENTRY_BYTES
}

#[cfg(test)]
mod tests {
    use super::super::super::Token;
    use super::*;

    fn stored(version: u64, bytes: usize) -> Stored {
        Stored {
            token: Token { version, tag: 7 },
            wake: 1,
            bytes: vec![0; bytes],
        }
    }

    #[test]
    fn the_latest_is_found_and_what_is_forgotten_is_not() {
        let (hot, key) = (Hot::new(10_000), SessionKey([1; 16]));
        hot.take_up(vec![(key, Some(stored(1, 10))), (key, Some(stored(2, 20)))]);
        assert_eq!(hot.get(Key::Session(key)), Some(stored(2, 20)));
        assert_eq!(hot.head(Key::Session(key)).unwrap().length, 20);
        assert_eq!(hot.get(Key::Meta([1; 16])), None);
        hot.take_up(vec![(key, Some(stored(3, 20))), (key, None)]);
        assert_eq!(hot.get(Key::Session(key)), None);
    }

    #[test]
    fn it_never_holds_more_than_it_may_and_keeps_what_is_used() {
        let hot = Hot::new(10 * (100 + ENTRY_BYTES));
        for n in 0..=200 {
            hot.take_up(vec![(SessionKey([n; 16]), Some(stored(u64::from(n), 100)))]);
            assert!(hot.get(Key::Session(SessionKey([0; 16]))).is_some(), "after {n}");
            let held = hot.generations();
            assert!(held.young.len() + held.old.len() <= 10, "after {n}");
            assert_eq!(held.bytes, held.young.values().map(size).sum::<usize>());
        }
        hot.take_up(vec![(SessionKey([0; 16]), Some(stored(1, 2_000)))]);
        assert_eq!(hot.get(Key::Session(SessionKey([0; 16]))), None, "too large to be held");
    }
}
