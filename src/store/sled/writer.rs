//! The one thread that writes.
//!
//! Owns the commit: gather a group, one batch, flush, sync, and only then the answers. While one
//! group is synced the next one gathers, so that its size sets itself. Where sled could not write,
//! the tree is opened anew before anything more is read from it. An error of the disk after that,
//! or a panic of sled, is the end of the process: neither can be asked twice, and a restart
//! recovers.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::super::planted::{Fault, planted};
use super::group::{Ack, Call, Group};
use super::layout::State;
use super::open::{self, Own};
use super::told::OpenError;
use super::tree::Tree;
use super::witness::{Said, Witness};
use super::{Shared, Sync};

/// Calls of a group at most.
const GROUP_CALLS: usize = 512;
/// Bytes of a group, but for its last call.
const GROUP_BYTES: usize = 4 << 20;
/// How often, at most, the witness is written and the disk is looked at.
const ROUND: Duration = Duration::from_secs(1);

/// Openings of the tree anew, within [`ANEW_TIME`], after which it is given up.
const ANEW: usize = 3;
const ANEW_TIME: Duration = Duration::from_mins(1);

/// What the writer was told when the store was opened.
pub(super) struct Terms {
    /// The data directory.
    pub(super) dir: PathBuf,
    pub(super) sync: Sync,
    /// Free bytes on the disk below which nothing is written.
    pub(super) floor: u64,
    /// Bytes of the tree that are kept in memory.
    pub(super) cache: u64,
}

/// The thread's own.
pub(super) struct Writer {
    shared: Arc<Shared>,
    calls: mpsc::Receiver<Call>,
    terms: Terms,
    file: File,
    state: State,
    witness: Witness,
    /// The group that the witness knows of.
    said: u64,
    looked: Instant,
    /// Why nothing is written at present.
    full: Option<String>,
    /// When the tree was opened anew, the latest last.
    anew: Vec<Instant>,
}

/// Why a group is not on disk.
enum Failed {
    /// sled could not write it: what is on disk is whole, and can be opened anew.
    Tree {
        why: String,
        /// It met a page that it could not read.
        damaged: bool,
    },
    /// It may be on disk or not, and nobody can find out but a new start.
    Disk(String),
}

impl Writer {
    /// The writer of an opened store.
    pub(super) fn new(shared: Arc<Shared>, calls: mpsc::Receiver<Call>, own: Own, terms: Terms) -> Self {
        let mut writer = Self {
            shared,
            calls,
            terms,
            file: own.file,
            state: own.state,
            witness: own.witness,
            said: own.state.group,
            looked: Instant::now(),
            full: None,
            anew: Vec::new(),
        };
        writer.look();
        writer
    }

    /// Writes until there is nobody to write for, or until it fails.
    pub(super) fn run(mut self) {
        // A panic inside sled is an error of the store like any other.
        let end = catch_unwind(AssertUnwindSafe(|| self.serve()));
        let why = match end {
            Ok(Ok(())) => None,
            Ok(Err(why)) => Some(why),
            Err(_) => Some("sled has panicked".to_owned()),
        };
        let said = why.clone().unwrap_or_else(|| "the store is closed".to_owned());
        self.shared.flight.stop(&said);
        self.calls.close();
        while let Ok(call) = self.calls.try_recv() {
            call.refuse(&said);
        }
        if let Some(why) = why {
            self.shared.fail(&why);
        }
    }

    fn serve(&mut self) -> Result<(), String> {
        while let Some(first) = self.calls.blocking_recv() {
            self.shared.pulse.busy(true);
            self.group(first)?;
            if self.looked.elapsed() >= ROUND {
                self.look();
                if self.said != self.state.group {
                    self.say(false)?;
                }
            }
            self.shared.pulse.busy(false);
        }
        self.say(true)
    }

    /// Gathers a group, and makes it durable.
    fn group(&mut self, first: Call) -> Result<(), String> {
        let shared = Arc::clone(&self.shared);
        let db = shared.tree();
        let mut group = Group::new(shared.reader(&db), &shared.hot, self.state);
        let mut answers = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(call) = next {
            bytes += call.bytes();
            match (&self.full, &call) {
                (_, Call::Stop) => self.calls.close(),
                (Some(full), _) => call.refuse(full),
                (None, _) => answers.extend(group.add(call)),
            }
            let more = answers.len() < GROUP_CALLS && bytes < GROUP_BYTES;
            next = more.then(|| self.calls.try_recv().ok()).flatten();
        }
        let keys = group.keys();
        let Some((batch, state, taken)) = group.finish(self.state) else {
            // Nobody was there first but what is durable already.
            answers.into_iter().for_each(Ack::give);
            return self.in_place();
        };
        self.shared.flight.begin(state.group, keys);
        let mut done = self.apply(&db, batch);
        if done.is_ok() && planted(Fault::ReplyFirst) {
            answers.drain(..).for_each(Ack::give);
            // Long enough that a kill falls into it.
            std::thread::sleep(Duration::from_millis(50));
        }
        done = done.and_then(|()| self.harden(&db));
        drop(db);
        if let Err(failed) = done {
            let (why, opened) = match failed {
                Failed::Tree { why, damaged } => {
                    let opened = self.open_anew(&why, damaged);
                    (why, opened)
                }
                Failed::Disk(why) => (why.clone(), Err(why)),
            };
            if let Err(why) = &opened {
                // The readers that wait for this group are told before anybody asks anew.
                self.shared.flight.stop(why);
            }
            for answer in answers {
                answer.doubt(&why);
            }
            return opened;
        }
        self.state = state;
        self.shared.hot.take_up(taken);
        self.shared.flight.land(state.group);
        answers.into_iter().for_each(Ack::give);
        Ok(())
    }

    fn apply(&self, db: &Tree, batch: sled::Batch) -> Result<(), Failed> {
        let _still = self.shared.parts.write().unwrap_or_else(PoisonError::into_inner);
        db.apply_batch(batch).map_err(|error| Failed::of(&error))
    }

    /// What was applied is on disk when this returns.
    fn harden(&self, db: &Tree) -> Result<(), Failed> {
        if planted(Fault::NoSync) {
            return Ok(());
        }
        db.flush().map_err(|error| Failed::of(&error))?;
        if planted(Fault::FlushOnly) {
            return Ok(());
        }
        // What sled calls a flush ends in the page cache; this ends on the disk.
        (self.terms.sync)(&self.file).map_err(|error| Failed::Disk(failed("syncing the store", &error)))?;
        self.in_place().map_err(Failed::Disk)
    }

    /// Whether the file that was written is the one that the next start will read.
    fn in_place(&self) -> Result<(), String> {
        let path = self.terms.dir.join("sled/db");
        let here = |file: std::fs::Metadata| (file.dev(), file.ino());
        match (std::fs::metadata(&path).map(here), self.file.metadata().map(here)) {
            (Ok(there), Ok(ours)) if there == ours => Ok(()),
            _ => Err(format!(
                "{} is not the file any more that this server writes: the data directory was moved or removed",
                path.display()
            )),
        }
    }

    /// Lets sled go and reads what is on disk, before anything more is read or written.
    fn open_anew(&mut self, why: &str, damaged: bool) -> Result<(), String> {
        tracing::error!(why, "a write failed; the store is opened anew");
        self.anew.retain(|at| at.elapsed() < ANEW_TIME);
        if self.anew.len() >= ANEW {
            return Err(format!("{why}; it was opened anew {ANEW} times within a minute"));
        }
        self.anew.push(Instant::now());
        if damaged {
            self.shared.damage.mark();
        }
        // This may take longer than a write may.
        self.shared.pulse.busy(false);
        let shared = Arc::clone(&self.shared);
        let mut db = shared.db.write().unwrap_or_else(PoisonError::into_inner);
        let mut opened = None;
        let terms = &self.terms;
        let landed = self.state;
        db.replace(|| {
            let (tree, file, state, rebuilt) = open::again(&terms.dir, terms.cache, landed)?;
            opened = Some((file, state, rebuilt));
            Ok(tree)
        })
        .map_err(|error: OpenError| format!("{why}; it cannot be opened anew: {error}"))?;
        if let Some((file, state, rebuilt)) = opened {
            (self.file, self.state) = (file, state);
            if let Some(rebuilt) = rebuilt {
                tracing::error!(%rebuilt, "the store was built anew");
                self.shared.damage.clear();
            }
        }
        self.shared.hot.clear();
        self.shared.flight.give_up(self.state.group);
        tracing::warn!(
            group = self.state.group,
            "the store is open again; what was answered is there"
        );
        self.shared.pulse.busy(true);
        Ok(())
    }

    fn say(&mut self, clean: bool) -> Result<(), String> {
        let said = Said {
            store: self.state.store,
            group: self.state.group,
            clean,
        };
        self.witness
            .say(said)
            .map_err(|error| failed("writing the witness", &error))?;
        self.said = self.state.group;
        Ok(())
    }

    /// Looks at the disk: whether there is room, and whether sled did what it must not.
    fn look(&mut self) {
        self.looked = Instant::now();
        match rustix::fs::statvfs(&self.terms.dir) {
            Ok(disk) => {
                let free = disk.f_bavail.saturating_mul(disk.f_frsize);
                open::keep_reserve(&self.terms.dir, free, self.terms.floor);
                let full = free < self.terms.floor;
                match (full, &self.full) {
                    (true, None) => {
                        let floor = self.terms.floor;
                        tracing::error!(free, floor, "the disk is nearly full: nothing is written");
                    }
                    (false, Some(_)) => tracing::warn!(free, "there is room on the disk again: it is written on"),
                    _ => {}
                }
                self.full = full.then(|| format!("the disk is nearly full: {} MiB are left", free >> 20));
            }
            Err(error) => tracing::warn!(%error, "cannot see how full the disk is"),
        }
        let blobs = self.terms.dir.join("sled/blobs");
        if std::fs::read_dir(&blobs).is_ok_and(|mut entries| entries.next().is_some()) {
            tracing::error!(path = %blobs.display(), "sled has written a blob file, which it never syncs");
        }
    }
}

impl Failed {
    fn of(error: &sled::Error) -> Self {
        let why = match error {
            sled::Error::Io(error) => failed("writing the store", error),
            error => format!("writing the store: {error}"),
        };
        let damaged = matches!(error, sled::Error::Corruption { .. });
        Self::Tree { why, damaged }
    }
}

fn failed(doing: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => format!("{doing}: the disk is full"),
        _ => format!("{doing}: {error}"),
    }
}
