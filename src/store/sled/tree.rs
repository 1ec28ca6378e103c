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
}

impl Deref for Tree {
    type Target = sled::Db;

    fn deref(&self) -> &sled::Db {
        match &self.0 {
            Some(db) => db,
            None => unreachable!("only dropping takes it out"),
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let db = self.0.take();
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
