//! The definitions that sessions are pinned to.
//!
//! Owns finding the flow of a session (the newest where the structure is the same, else the one
//! kept in the store) and keeping it there before a session needs it. Must not know how a
//! definition is read from disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::Engine;
use crate::flow::{Digests, Flow};
use crate::machine::Session;
use crate::store::{self, Key, Write, Written, definition};

/// What is known of the definitions in the store.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// Read from the store, by structure.
    pinned: Mutex<BTreeMap<[u8; 16], Arc<Flow>>>,
    /// Surely in the store, structure and texts.
    saved: Mutex<BTreeSet<([u8; 16], [u8; 16])>>,
}

impl Engine {
    /// The definition of a session: its own structure, under the newest texts.
    pub async fn pinned(&self, session: &Session) -> Result<Arc<Flow>, store::Error> {
        let structure = session.digests.structure;
        if let Some(newest) = self
            .catalog
            .flow(&session.flow)
            .filter(|flow| flow.digests.structure == structure)
        {
            return Ok(newest);
        }
        let known = self
            .definitions
            .pinned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&structure)
            .cloned();
        if let Some(flow) = known {
            return Ok(flow);
        }
        let gone = || {
            store::Error::Damaged(format!(
                "the definition of {} that a session needs is gone",
                session.flow
            ))
        };
        let stored = self.store.get(Key::Definition(structure)).await?.ok_or_else(gone)?;
        let (name, source) = definition::decode(&stored.bytes)?;
        let (mut flow, _) = Flow::kept(&name, &source).map_err(|faults| {
            store::Error::Damaged(format!("the kept definition of {name} has {} faults", faults.len()))
        })?;
        // A newer program may compute another digest from the same file; the session's holds.
        flow.digests = Digests {
            structure,
            ..flow.digests
        };
        let flow = Arc::new(flow);
        let mut pinned = self.definitions.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        pinned.insert(structure, Arc::clone(&flow));
        Ok(flow)
    }

    /// Sees to it that the definition is in the store before a session is pinned to it.
    pub(super) async fn keep_definition(&self, flow: &Flow) -> Result<(), store::Error> {
        let digests = (flow.digests.structure, flow.digests.texts);
        if self
            .definitions
            .saved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&digests)
        {
            return Ok(());
        }
        let key = Key::Definition(flow.digests.structure);
        let bytes = definition::encode(&flow.name, &flow.source)?;
        let write = Write {
            tag: self.tag(),
            wake: i64::MAX,
            bytes,
        };
        if self.store.create(key, write.clone()).await? == Written::Conflict
            && let Some(stored) = self.store.get(key).await?
            && stored.bytes != write.bytes
        {
            // Other texts of the same structure: the newest are kept. If another node is there
            // first, its texts will do as well.
            self.swap(key, &stored, write).await?;
        }
        self.definitions
            .saved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(digests);
        Ok(())
    }
}
