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
    /// Why no group lands any more.
    stopped: Option<String>,
}

impl Flight {
    /// Nothing is in flight; `group` is durable.
    pub(super) fn new(group: u64) -> Self {
        let landed = Landed { group, stopped: None };
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
        // The sender lives as long as `self`, so waiting ends with a value.
        let landed = landed
            .wait_for(|landed| landed.group >= group || landed.stopped.is_some())
            .await;
        match landed {
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
