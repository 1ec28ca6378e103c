//! What is written and not yet durable: a reader that found it waits.
//!
//! Owns the keys of the group that is in flight and the number of the latest durable one. Must
//! not know what is written.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::super::{Error, Key};

/// The group in flight, seen from the readers.
#[derive(Debug)]
pub(super) struct Flight {
    /// The group that may be in the tree and not on disk, with the keys that it changes.
    aloft: Mutex<Option<(u64, HashSet<Key>)>>,
    landed: watch::Sender<Landed>,
}

#[derive(Debug)]
struct Landed {
    group: u64,
    /// How often a group was given up, because the tree had to be opened anew.
    given_up: u64,
    /// Why no group lands any more.
    stopped: Option<String>,
}

impl Flight {
    /// Nothing is in flight; `group` is durable.
    pub(super) fn new(group: u64) -> Self {
        let landed = Landed {
            group,
            given_up: 0,
            stopped: None,
        };
        Self {
            aloft: Mutex::new(None),
            landed: watch::Sender::new(landed),
        }
    }

    /// Before the tree is touched.
    pub(super) fn begin(&self, group: u64, keys: HashSet<Key>) {
        *self.aloft() = Some((group, keys));
    }

    /// After the sync.
    pub(super) fn land(&self, group: u64) {
        *self.aloft() = None;
        self.landed.send_modify(|landed| landed.group = group);
    }

    /// The tree was opened anew, and the group in flight is not in it or is durable: what was read
    /// before counts no more.
    pub(super) fn give_up(&self, group: u64) {
        *self.aloft() = None;
        self.landed.send_modify(|landed| {
            landed.group = group;
            landed.given_up += 1;
        });
    }

    /// The tree that is being read, to be held against [`Flight::still`].
    pub(super) fn reading(&self) -> u64 {
        self.landed.borrow().given_up
    }

    /// What was read since [`Flight::reading`] is worth showing, once it is durable.
    pub(super) fn still(&self, reading: u64) -> Result<(), Error> {
        if self.landed.borrow().given_up == reading {
            return Ok(());
        }
        Err(anew())
    }

    /// No group lands any more.
    pub(super) fn stop(&self, why: &str) {
        self.landed.send_modify(|landed| {
            landed.stopped.get_or_insert_with(|| why.to_owned());
        });
    }

    /// Waits until what was read at `key` before this call (`None`: at any key) is durable.
    pub(super) async fn durable(&self, key: Option<Key>) -> Result<(), Error> {
        let aloft = self.aloft().as_ref().and_then(|(group, keys)| {
            let touched = key.is_none_or(|key| keys.contains(&key));
            touched.then_some(*group)
        });
        let Some(group) = aloft else { return Ok(()) };
        let mut landed = self.landed.subscribe();
        let reading = landed.borrow().given_up;
        // The sender lives as long as `self`, so waiting ends with a value.
        let landed = landed
            .wait_for(|landed| landed.group >= group || landed.given_up != reading || landed.stopped.is_some())
            .await;
        match landed {
            Ok(landed) if landed.given_up != reading => Err(anew()),
            Ok(landed) if landed.group >= group => Ok(()),
            Ok(landed) => Err(Error::NotApplied(landed.stopped.clone().unwrap_or_default())),
            Err(_) => Err(Error::NotApplied("the store is closed".to_owned())),
        }
    }

    /// Why the store does not answer any more.
    pub(super) fn stopped(&self) -> Result<(), Error> {
        match &self.landed.borrow().stopped {
            Some(why) => Err(Error::NotApplied(why.clone())),
            None => Ok(()),
        }
    }

    /// Waits until no group lands any more.
    pub(super) async fn ended(&self) {
        let mut landed = self.landed.subscribe();
        // The sender lives as long as `self`.
        drop(landed.wait_for(|landed| landed.stopped.is_some()).await);
    }

    fn aloft(&self) -> MutexGuard<'_, Option<(u64, HashSet<Key>)>> {
        self.aloft.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn anew() -> Error {
    Error::NotApplied("the store was opened anew meanwhile".to_owned())
}
