//! Building the tree anew where a page of it cannot be read.
//!
//! Owns the copy of all that can be read into a tree of its own, and the exchange of the two. sled
//! can neither write to a page that it cannot read nor throw it away, so that damage would come up
//! again and again: new sessions that fall onto it, timers, sled's own clearing up. Must not know
//! what a record means.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with, statvfs};

use crate::id::SessionKey;

use super::super::{Key, KeyKind, Stored, Token};
use super::damage::{self, Damage};
use super::layout::{self, Head, PART_BYTES, STATE, State};
use super::open::{doing, guarded, make_dir, sync_all};
use super::read::Reader;
use super::told::OpenError;
use super::tree::Tree;

/// Records of one batch.
const BATCH: usize = 256;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Sessions that could not be read, whose references are known: each has an empty record in
    /// its place, which says so.
    pub named: u64,
    /// Further sessions that should have been there.
    pub nameless: u64,
    /// Where the damaged tree was put.
    pub kept: PathBuf,
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = self.named + self.nameless;
        write!(
            f,
            "a part could not be read, so the rest was put into a new store; {lost} sessions cannot be read any more"
        )?;
        if self.nameless > 0 {
            write!(f, " ({} of them without a known reference)", self.nameless)?;
        }
        write!(
            f,
            "; the damaged one is kept in {}: restore from it or from a backup what you need, then remove it, \
             for it holds people's answers",
            self.kept.display()
        )
    }
}

/// Copies what can be read of `old` into a new tree and puts it in its place. Where that cannot be
/// done (no room, a file system that cannot exchange two names) the old one is given back.
pub(super) fn rebuild(
    dir: &Path,
    inner: &Path,
    old: Tree,
    before: State,
    cache_bytes: u64,
) -> Result<(Tree, State, Option<Rebuilt>), OpenError> {
    if !has_room(dir, inner) {
        tracing::error!(
            "the damaged store is not built anew: there is no room for a copy of it; make room and start again"
        );
        return Ok((old, before, None));
    }
    tracing::warn!("a part of the store could not be read: it is built anew from the rest, which may take a while");
    let half = dir.join("sled.new");
    if half.exists() {
        fs::remove_dir_all(&half).map_err(doing("clearing up", &half))?;
    }
    make_dir(&half)?;
    let new = guarded(dir, &half, cache_bytes)?;
    let damage = Damage::new(dir);
    let tree = Reader {
        db: &old,
        damage: &damage,
    };
    let mut copy = Copy {
        tree,
        into: &new,
        batch: sled::Batch::default(),
        waiting: 0,
        sessions: 0,
        lost: BTreeSet::new(),
    };
    let written = copy.all().and_then(|()| copy.finish(before));
    let (state, named) = written.map_err(|error| match error {
        sled::Error::Io(source) => doing("building the store anew in", dir)(source),
        error => doing("building the store anew in", dir)(std::io::Error::other(error)),
    })?;
    drop((old, new));
    sync_all(dir, &half).map_err(doing("syncing", &half))?;
    if let Err(error) = renameat_with(CWD, &half, CWD, inner, RenameFlags::EXCHANGE) {
        tracing::error!(%error, "the damaged store is not built anew: this file system cannot exchange two directories");
        return Ok((guarded(dir, inner, cache_bytes)?, before, None));
    }
    let kept = put_aside(dir, &half).map_err(doing("putting the damaged store aside in", dir))?;
    let readable = state.sessions - named;
    let rebuilt = Rebuilt {
        named,
        nameless: before.sessions.saturating_sub(readable + named),
        kept,
    };
    Ok((guarded(dir, inner, cache_bytes)?, state, Some(rebuilt)))
}

/// Gives the damaged tree a name under which it is kept, and takes the mark away.
pub(super) fn put_aside(dir: &Path, half: &Path) -> std::io::Result<PathBuf> {
    let names = (1..u32::MAX).map(|n| match n {
        1 => dir.join("sled.damaged"),
        n => dir.join(format!("sled.damaged-{n}")),
    });
    let free = { names }.find(|name| !name.exists());
    let kept = free.ok_or_else(|| std::io::Error::other("there are too many damaged stores"))?;
    fs::rename(half, &kept)?;
    damage::unmark(dir)?;
    File::open(dir)?.sync_all()?;
    Ok(kept)
}

fn has_room(dir: &Path, inner: &Path) -> bool {
    let size = fs::metadata(inner.join("db")).map_or(0, |file| file.len());
    statvfs(dir).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) > size.saturating_add(size / 4))
}

/// A copy that is being made.
struct Copy<'a> {
    tree: Reader<'a>,
    into: &'a sled::Db,
    batch: sled::Batch,
    waiting: usize,
    sessions: u64,
    /// Sessions that are known to have been there.
    lost: BTreeSet<SessionKey>,
}

impl Copy<'_> {
    fn all(&mut self) -> sled::Result<()> {
        for kind in [KeyKind::Meta, KeyKind::Definition, KeyKind::Session, KeyKind::Code] {
            let mut last = None;
            loop {
                let keys = self.tree.keys(kind, last, BATCH);
                let Some(end) = keys.last() else { break };
                last = Some(*end);
                for key in keys {
                    match (self.tree.record(key), key) {
                        (Ok(Some(stored)), _) => self.put(key, &stored)?,
                        (Ok(None), _) | (Err(_), Key::Meta(_) | Key::Definition(_) | Key::Code(_)) => {}
                        (Err(_), Key::Session(session)) => drop(self.lost.insert(session)),
                    }
                }
            }
        }
        // Of those on a page that is gone the index still knows the names.
        self.lost.extend(self.tree.due_and_unreadable());
        Ok(())
    }

    fn put(&mut self, key: Key, stored: &Stored) -> sled::Result<()> {
        let at = layout::key(key);
        let head = Head {
            token: stored.token,
            wake: stored.wake,
            length: stored.bytes.len(),
        };
        let mut parts = stored.bytes.chunks(PART_BYTES);
        self.batch
            .insert(&at, head.encode(&at, parts.next().unwrap_or_default()));
        for (part, n) in parts.zip(1..) {
            let at = layout::part_key(&at, n);
            let value = layout::encode_part(&at, head.token, part);
            self.batch.insert(at, value);
        }
        if let Key::Session(session) = key {
            self.sessions += 1;
            if let Some(due) = layout::due_key(stored.wake, session) {
                self.batch.insert(due, &[]);
            }
        }
        self.waiting += 1;
        if self.waiting >= BATCH {
            self.waiting = 0;
            self.into.apply_batch(std::mem::take(&mut self.batch))?;
        }
        Ok(())
    }

    /// The state of the new tree, and how many sessions have an empty record now.
    fn finish(&mut self, before: State) -> sled::Result<(State, u64)> {
        let lost = std::mem::take(&mut self.lost);
        let named = lost.len() as u64;
        for session in lost {
            let empty = Stored {
                token: Token { version: 1, tag: 0 },
                wake: i64::MAX,
                bytes: Vec::new(),
            };
            self.put(Key::Session(session), &empty)?;
        }
        self.into.apply_batch(std::mem::take(&mut self.batch))?;
        let state = State {
            group: before.group.saturating_add(1),
            sessions: self.sessions,
            ..before
        };
        self.into.insert(STATE, state.encode())?;
        self.into.flush()?;
        Ok((state, named))
    }
}
