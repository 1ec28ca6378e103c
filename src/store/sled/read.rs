//! Reading records out of the tree. Blocking: never called on an async worker.
//!
//! Owns putting a record's parts together. Must not know whether what it read is durable.

use std::ops::Bound::{Excluded, Unbounded};

use super::super::{Error, Key, KeyKind, Stored};
use super::layout::{self, Head, PART_BYTES};

/// Bytes of records that one scan reads at most, but for the last one.
const SCAN_BYTES: usize = 8 << 20;

/// Why something cannot be read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// One record is damaged; the others can be read.
    Record(Error),
    /// The tree has failed, and with it the store.
    Tree(sled::Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Record(error)
    }
}

impl From<sled::Error> for Trouble {
    fn from(error: sled::Error) -> Self {
        Self::Tree(error)
    }
}

/// The record at `key`. A record of several parts must not be written meanwhile: see
/// [`single`].
pub(super) fn record(db: &sled::Db, key: Key) -> Result<Option<Stored>, Trouble> {
    let at = layout::key(key);
    let Some(value) = db.get(at)? else {
        return Ok(None);
    };
    let (head, first) = Head::decode(&at, &value)?;
    let mut bytes = Vec::with_capacity(head.parts().saturating_mul(PART_BYTES).min(head.length));
    bytes.extend(first);
    for n in 1..head.parts() {
        let at = layout::part_key(&at, n);
        let value = db.get(&at)?.ok_or_else(|| layout::damaged(&at, "a part is missing"))?;
        bytes.extend(layout::decode_part(&at, head.token, &value)?);
    }
    if bytes.len() != head.length {
        return Err(layout::damaged(&at, "its length does not fit").into());
    }
    Ok(Some(stored(head, bytes)))
}

/// What can be told of the record at `key` from its head alone.
#[derive(Debug)]
pub(super) enum Single {
    /// It is no longer than one part.
    Whole(Option<Stored>),
    /// It has further parts: [`record`] reads it, while nothing is written.
    Parts,
}

/// The record at `key`, if it is one part: read at once, whatever is written meanwhile.
pub(super) fn single(db: &sled::Db, key: Key) -> Result<Single, Trouble> {
    let at = layout::key(key);
    let Some(value) = db.get(at)? else {
        return Ok(Single::Whole(None));
    };
    let (head, first) = Head::decode(&at, &value)?;
    Ok(match head.parts() {
        1 => Single::Whole(Some(stored(head, first.to_vec()))),
        _ => Single::Parts,
    })
}

/// The keys of a kind after `after`, in order, with the bytes of their heads.
pub(super) fn keys(db: &sled::Db, kind: KeyKind, after: Option<Key>, limit: usize) -> Result<Vec<Key>, Trouble> {
    let prefix = layout::prefix(kind);
    let after = after.filter(|after| after.kind() == kind);
    let from = after.map_or(prefix.to_vec(), |after| layout::key(after).to_vec());
    let mut found = Vec::new();
    let mut bytes = 0;
    for entry in db.range::<Vec<u8>, _>((Excluded(from), Unbounded)) {
        let (at, value) = entry?;
        if !at.starts_with(prefix) || found.len() >= limit || bytes >= SCAN_BYTES {
            break;
        }
        bytes += match Head::decode(&at, &value) {
            Ok((head, _)) => head.length,
            // Reading it will say so.
            Err(_) => value.len(),
        };
        found.extend(layout::key_of(&at));
    }
    Ok(found)
}

fn stored(head: Head, bytes: Vec<u8>) -> Stored {
    Stored {
        token: head.token,
        wake: head.wake,
        bytes,
    }
}
