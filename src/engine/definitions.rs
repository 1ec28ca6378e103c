//! The definitions that sessions are pinned to.
//!
//! Owns finding the flow of a session (the newest where the structure is the same, else the one
//! kept in the store) and keeping it there before a session needs it. Must not know how a
//! definition is read from disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::Engine;
use crate::flow::{Defaults, Digests, Flow, OptionList, OptionLists};
use crate::machine::Session;
use crate::store::{self, Key, Stored, Write, Written, definition};

/// What is known of the definitions in the store.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// Read from the store, by where it is kept, under what the site said then.
    pinned: Mutex<BTreeMap<Key, (Defaults, Arc<Flow>)>>,
    /// The texts with which each surely stands in the store.
    saved: Known,
    /// The lists that surely stand in the store, by digest.
    lists: Mutex<BTreeSet<[u8; 32]>>,
    /// The texts with which each was last looked for in the store.
    looked: Known,
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
        let key = definition::key(structure, &session.flow);
        let under = self.catalog.site().defaults();
        let known = self
            .definitions
            .pinned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some((_, flow)) = known.filter(|(then, _)| *then == under) {
            return Ok(flow);
        }
        let gone = || {
            store::Error::Damaged(format!(
                "the definition of {} that a session needs is gone",
                session.flow
            ))
        };
        let stored = match self.store.get(key).await? {
            Some(stored) => stored,
            // As the first release kept it.
            None => self.store.get(Key::Definition(structure)).await?.ok_or_else(gone)?,
        };
        let definition::Kept { name, source, lists } = definition::decode_with(&stored.bytes)?;
        let lists = self.kept_lists(&lists).await?;
        let mut flow = Flow::kept_with(&name, &source, &under, &lists).map_err(|faults| {
            store::Error::Damaged(format!("the kept definition of {name} has {} faults", faults.len()))
        })?;
        // A newer program may compute another digest from the same file; the session's holds.
        flow.digests = Digests {
            structure,
            ..flow.digests
        };
        let flow = Arc::new(flow);
        let mut pinned = self.definitions.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        pinned.insert(key, (under, Arc::clone(&flow)));
        Ok(flow)
    }

    /// Sees to it that the definition is in the store before a session is pinned to it.
    pub(super) async fn keep_definition(&self, flow: &Flow) -> Result<(), store::Error> {
        let key = kept_at(flow);
        if is(&self.definitions.saved, key, flow) {
            return Ok(());
        }
        self.keep_lists(flow).await?;
        let write = self.definition(flow)?;
        if self.store.create(key, write.clone()).await? == Written::Conflict
            && let Some(stored) = self.store.get(key).await?
        {
            self.renew_definition(key, &stored, write).await?;
        }
        set(&self.definitions.saved, key, flow);
        Ok(())
    }

    /// Sees to it that the lists that a definition draws from are in the store: each once, by its digest.
    async fn keep_lists(&self, flow: &Flow) -> Result<(), store::Error> {
        for list in &flow.option_lists {
            let digest = list.digest();
            let known = |lists: &Mutex<BTreeSet<[u8; 32]>>| {
                let lists = lists.lock().unwrap_or_else(PoisonError::into_inner);
                lists.contains(&digest)
            };
            if known(&self.definitions.lists) {
                continue;
            }
            for (part, bytes) in (0..).zip(store::list::encode(&list.source)?) {
                let write = Write {
                    tag: self.tag(),
                    wake: i64::MAX,
                    bytes,
                };
                // What is there already is the same: its key is made of what it holds.
                self.store.create(store::list::key(&digest, part), write).await?;
            }
            let mut lists = self.definitions.lists.lock().unwrap_or_else(PoisonError::into_inner);
            lists.insert(digest);
        }
        Ok(())
    }

    /// The lists of a kept definition, as they were when it was kept.
    async fn kept_lists(&self, lists: &[(String, [u8; 32])]) -> Result<OptionLists, store::Error> {
        let mut found = OptionLists::new();
        for (name, digest) in lists {
            let gone = || store::Error::Damaged(format!("a part of the list {name} that a session needs is gone"));
            let mut records = Vec::new();
            let mut count = 1;
            while records.len() < usize::from(count) {
                let part = u16::try_from(records.len()).unwrap_or(u16::MAX);
                let stored = self.store.get(store::list::key(digest, part)).await?.ok_or_else(gone)?;
                count = store::list::parts(&stored.bytes)?;
                records.push(stored.bytes);
            }
            let source = store::list::decode(&records, digest)?;
            let list = OptionList::read(name, &source).map_err(|wrong| {
                store::Error::Damaged(format!("the kept list {name} cannot be read: {}", wrong.message))
            })?;
            found.insert(name.clone(), Ok(Arc::new(list)));
        }
        Ok(found)
    }

    /// Keeps the newest texts of each flow that is served with the definition that sessions are pinned
    /// to, so that who is in it goes on under them once its file is removed, whatever is started anew.
    pub async fn keep_words(&self) -> Result<(), store::Error> {
        for flow in self.catalog.flows().values() {
            let key = kept_at(flow);
            if is(&self.definitions.saved, key, flow) || is(&self.definitions.looked, key, flow) {
                continue;
            }
            if let Some(stored) = self.store.get(key).await? {
                self.keep_lists(flow).await?;
                self.renew_definition(key, &stored, self.definition(flow)?).await?;
                set(&self.definitions.saved, key, flow);
            } else if self.is_kept_of_old(flow).await? {
                self.keep_definition(flow).await?;
            }
            // Whose first session is still to come keeps it then.
            set(&self.definitions.looked, key, flow);
        }
        Ok(())
    }

    /// Whether the first release kept a definition of this structure: perhaps for sessions of this flow.
    async fn is_kept_of_old(&self, flow: &Flow) -> Result<bool, store::Error> {
        let kept = self.store.get(Key::Definition(flow.digests.structure)).await?;
        Ok(kept.is_some())
    }

    fn definition(&self, flow: &Flow) -> Result<Write, store::Error> {
        let lists: Vec<_> = flow
            .option_lists
            .iter()
            .map(|list| (list.name.clone(), list.digest()))
            .collect();
        Ok(Write {
            tag: self.tag(),
            wake: i64::MAX,
            bytes: definition::encode_with(&flow.name, &flow.source, &lists)?,
        })
    }

    /// Other texts of the same structure: the newest are kept. If another node is there first, its texts
    /// will do as well.
    async fn renew_definition(&self, key: Key, stored: &Stored, write: Write) -> Result<(), store::Error> {
        if stored.bytes != write.bytes {
            self.swap(key, stored, write).await?;
            // What was read of it before has the texts before.
            let mut pinned = self.definitions.pinned.lock().unwrap_or_else(PoisonError::into_inner);
            pinned.remove(&key);
        }
        Ok(())
    }
}

/// By where a definition is kept, its texts.
type Known = Mutex<BTreeMap<Key, [u8; 16]>>;

fn kept_at(flow: &Flow) -> Key {
    definition::key(flow.digests.structure, &flow.name)
}

fn is(known: &Known, key: Key, flow: &Flow) -> bool {
    let known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known.get(&key) == Some(&flow.digests.texts)
}

fn set(known: &Known, key: Key, flow: &Flow) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known.insert(key, flow.digests.texts);
}
