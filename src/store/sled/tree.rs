//! sled's handle, let go without a panic.
//!
//! Owns only that: the last handle syncs when it is dropped, and panics where the disk refuses.

use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An open tree.
pub(super) struct Tree(Option<sled::Db>);

impl Tree {
    /// Keeps it; there must be no other handle.
    pub(super) fn new(db: sled::Db) -> Self {
        Self(Some(db))
    }

    /// Puts another in its place, which is opened once this one is let go: two cannot be open at
    /// once. Where that fails there is no tree any more, and the process must end.
    pub(super) fn replace<E>(&mut self, open: impl FnOnce() -> Result<Self, E>) -> Result<(), E> {
        drop(Self(self.0.take()));
        self.0 = open()?.0.take();
        Ok(())
    }
}

impl Deref for Tree {
    type Target = sled::Db;

    fn deref(&self) -> &sled::Db {
        match &self.0 {
            Some(db) => db,
            None => unreachable!("only who drops or replaces it takes it out, and ends the process if that fails"),
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let Some(db) = self.0.take() else { return };
        if catch_unwind(AssertUnwindSafe(|| drop(db))).is_err() {
            tracing::error!("sled could not sync when it was closed; what was answered was on disk before");
        }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tree")
    }
}
