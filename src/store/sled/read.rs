//! Reading records out of the tree. Blocking: never called on an async worker.
//!
//! Owns putting a record's parts together, and finding the way past what cannot be read. Must not
//! know whether what it read is durable.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Included, Unbounded};

use sled::IVec;

use crate::id::SessionKey;

use super::super::{Error, Key, KeyKind, Stored};
use super::damage::{self, Damage};
use super::layout::{self, Head, PART_BYTES};

/// Bytes of records that one scan reads at most, but for the last one.
const SCAN_BYTES: usize = 8 << 20;
/// Looks between a distance and twice that, in search of the end of a page that cannot be read.
const STEPS: u128 = 16;

/// The tree, read so that one page that cannot be read is no more than that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub(super) db: &'a sled::Db,
    pub(super) damage: &'a Damage,
}

/// What can be told of a record from its head alone.
#[derive(Debug)]
pub(super) enum Single {
    /// It is no longer than one part.
    Whole(Option<Stored>),
    /// It has further parts: [`Reader::record`] reads it, while nothing is written.
    Parts,
}

/// A value with its key.
type Entry = (IVec, IVec);

impl Reader<'_> {
    /// The record at `key`. A record of several parts must not be written meanwhile: see
    /// [`Reader::single`].
    pub(super) fn record(self, key: Key) -> Result<Option<Stored>, Error> {
        let at = layout::key(key);
        let read = self.parts(&at);
        if let Err(error) = &read {
            self.damage.record(&at, error);
        }
        read
    }

    fn parts(self, at: &[u8; 17]) -> Result<Option<Stored>, Error> {
        let Some(value) = self.get(at)? else {
            return Ok(None);
        };
        let (head, first) = Head::decode(at, &value)?;
        let mut bytes = Vec::with_capacity(head.parts().saturating_mul(PART_BYTES).min(head.length));
        bytes.extend(first);
        for n in 1..head.parts() {
            let at = layout::part_key(at, n);
            let value = self
                .get(&at)?
                .ok_or_else(|| layout::damaged(&at, "a part is missing"))?;
            bytes.extend(layout::decode_part(&at, head.token, &value)?);
        }
        if bytes.len() != head.length {
            return Err(layout::damaged(at, "its length does not fit"));
        }
        Ok(Some(stored(head, bytes)))
    }

    /// The record at `key`, if it is one part: read at once, whatever is written meanwhile.
    pub(super) fn single(self, key: Key) -> Result<Single, Error> {
        let at = layout::key(key);
        let Some(value) = self.get(&at)? else {
            return Ok(Single::Whole(None));
        };
        let (head, first) = Head::decode(&at, &value).inspect_err(|error| self.damage.record(&at, error))?;
        Ok(match head.parts() {
            1 => Single::Whole(Some(stored(head, first.to_vec()))),
            _ => Single::Parts,
        })
    }

    /// The keys of a kind after `after`, in order, with the bytes of their heads; those on a page
    /// that cannot be read are not among them.
    pub(super) fn keys(self, kind: KeyKind, after: Option<Key>, limit: usize) -> Vec<Key> {
        let prefix = layout::prefix(kind);
        let after = after.filter(|after| after.kind() == kind);
        let from = after.map_or(prefix.to_vec(), |after| layout::key(after).to_vec());
        let mut found = Vec::new();
        let mut bytes = 0;
        self.walk(from, |at, value| {
            if !at.starts_with(prefix) || found.len() >= limit || bytes >= SCAN_BYTES {
                return false;
            }
            bytes += match Head::decode(at, value) {
                Ok((head, _)) => head.length,
                // Reading it will say so.
                Err(_) => value.len(),
            };
            found.extend(layout::key_of(at));
            true
        });
        found
    }

    /// Goes through the tree behind `from`, in order, until `each` says no; past pages that cannot
    /// be read.
    pub(super) fn walk(self, from: Vec<u8>, mut each: impl FnMut(&[u8], &[u8]) -> bool) {
        let mut at = from;
        let mut begin = Excluded(at.clone());
        loop {
            let mut entries = self.db.range::<Vec<u8>, _>((begin, Unbounded));
            let why = loop {
                match damage::guard(|| entries.next().transpose()) {
                    Ok(Some((key, value))) if each(&key, &value) => {
                        at.clear();
                        at.extend_from_slice(&key);
                    }
                    Ok(_) => return,
                    Err(why) => break why,
                }
            };
            let Some(behind) = self.behind(&at) else { return };
            self.damage.gap(&at, &behind, &why);
            at.clone_from(&behind);
            begin = Included(behind);
        }
    }

    /// The first key behind an unreadable page from which the tree can be read again: `at` is the
    /// last key before the page. sled tells no page's bounds, so they are felt for.
    fn behind(self, at: &[u8]) -> Option<Vec<u8>> {
        let (prefix, rest) = at.split_first()?;
        let mut digits = [0; 16];
        digits.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let begin = u128::from_be_bytes(digits);
        let key = |digits: u128| -> Vec<u8> { std::iter::once(*prefix).chain(digits.to_be_bytes()).collect() };
        let readable = |digits: u128| self.first(key(digits)).is_ok();
        // Steps that grow slowly: no page that can be read lies between two of them unseen.
        let steps = (0..128_u32).flat_map(|power| (0..STEPS).map(move |n| (1_u128 << power) / STEPS * (STEPS + n)));
        let mut shut = begin;
        let mut open = None;
        for step in steps.filter(|step| *step > 0) {
            let Some(digits) = begin.checked_add(step) else { break };
            if readable(digits) {
                open = Some(digits);
                break;
            }
            shut = digits;
        }
        let Some(mut open) = open else {
            // The page is the last one of its prefix, or reaches beyond.
            let next = vec![prefix.checked_add(1)?];
            return self.first(next.clone()).is_ok().then_some(next);
        };
        while open - shut > 1 {
            let middle = shut + (open - shut) / 2;
            if readable(middle) { open = middle } else { shut = middle }
        }
        Some(key(open))
    }

    fn first(self, from: Vec<u8>) -> Result<Option<Entry>, String> {
        damage::guard(|| {
            self.db
                .range::<Vec<u8>, _>((Included(from), Unbounded))
                .next()
                .transpose()
        })
    }

    /// Sessions that the index of due times knows, and that cannot be read.
    pub(super) fn due_and_unreadable(self) -> BTreeSet<SessionKey> {
        let mut lost = BTreeSet::new();
        self.walk(b"w".to_vec(), |entry, _| {
            if let Some((_, session)) = layout::due_of(entry)
                && self.record(Key::Session(session)).is_err()
            {
                lost.insert(session);
            }
            entry.starts_with(b"w")
        });
        lost
    }

    /// The value at `at`.
    pub(super) fn get(self, at: &[u8]) -> Result<Option<IVec>, Error> {
        damage::guard(|| self.db.get(at)).map_err(|why| self.damage.page(at, &why))
    }
}

fn stored(head: Head, bytes: Vec<u8>) -> Stored {
    Stored {
        token: head.token,
        wake: head.wake,
        bytes,
    }
}
