//! The one thread that writes.
//!
//! Owns the commit: gather a group, one batch, flush, sync, and only then the answers. While one
//! group is synced the next one gathers, so that its size sets itself. Any error of sled or of
//! the disk is the end of the process: neither can be asked twice, and a restart recovers.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::super::planted::{Fault, planted};
use super::group::{Answer, Call, Group};
use super::layout::State;
use super::open::Own;
use super::witness::{Said, Witness};
use super::{Shared, Sync};

/// Calls of a group at most.
const GROUP_CALLS: usize = 512;
/// Bytes of a group, but for its last call.
const GROUP_BYTES: usize = 4 << 20;
/// How often, at most, the witness is written and the disk is looked at.
const ROUND: Duration = Duration::from_secs(1);

/// The thread's own.
pub(super) struct Writer {
    shared: Arc<Shared>,
    calls: mpsc::Receiver<Call>,
    dir: PathBuf,
    file: File,
    sync: Sync,
    state: State,
    witness: Witness,
    /// The group that the witness knows of.
    said: u64,
    looked: Instant,
    /// Free bytes on the disk below which nothing is written.
    floor: u64,
    /// Why nothing is written at present.
    full: Option<String>,
}

impl Writer {
    /// The writer of an opened store.
    pub(super) fn new(
        shared: Arc<Shared>,
        calls: mpsc::Receiver<Call>,
        dir: &Path,
        own: Own,
        sync: Sync,
        floor: u64,
    ) -> Self {
        let mut writer = Self {
            shared,
            calls,
            dir: dir.to_owned(),
            file: own.file,
            sync,
            state: own.state,
            witness: own.witness,
            said: own.state.group,
            looked: Instant::now(),
            floor,
            full: None,
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
        let mut group = Group::new(&shared.db, &shared.hot, self.state);
        let mut answers = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(call) = next {
            bytes += call.bytes();
            match (&self.full, &call) {
                (_, Call::Stop) => self.calls.close(),
                (Some(full), _) => call.refuse(full),
                (None, _) => answers.extend(group.add(call).map_err(|error| broken(&error))?),
            }
            let more = answers.len() < GROUP_CALLS && bytes < GROUP_BYTES;
            next = more.then(|| self.calls.try_recv().ok()).flatten();
        }
        let keys = group.keys();
        let Some((batch, state, taken)) = group.finish(self.state) else {
            // Nobody was there first but what is durable already.
            answers.into_iter().for_each(Answer::give);
            return Ok(());
        };
        self.shared.flight.begin(state.group, keys);
        let mut done = self.apply(batch);
        if done.is_ok() && planted(Fault::ReplyFirst) {
            answers.drain(..).for_each(Answer::give);
            // Long enough that a kill falls into it.
            std::thread::sleep(Duration::from_millis(50));
        }
        done = done.and_then(|()| self.harden());
        if let Err(why) = done {
            // The readers that wait for this group are told before anybody asks anew.
            self.shared.flight.stop(&why);
            for answer in answers {
                answer.doubt(&why);
            }
            return Err(why);
        }
        self.state = state;
        self.shared.hot.take_up(taken);
        self.shared.flight.land(state.group);
        answers.into_iter().for_each(Answer::give);
        Ok(())
    }

    fn apply(&self, batch: sled::Batch) -> Result<(), String> {
        let _still = self.shared.parts.write().unwrap_or_else(PoisonError::into_inner);
        self.shared.db.apply_batch(batch).map_err(|error| broken(&error))
    }

    /// What was applied is on disk when this returns.
    fn harden(&self) -> Result<(), String> {
        if planted(Fault::NoSync) {
            return Ok(());
        }
        self.shared.db.flush().map_err(|error| broken(&error))?;
        if planted(Fault::FlushOnly) {
            return Ok(());
        }
        // What sled calls a flush ends in the page cache; this ends on the disk.
        (self.sync)(&self.file).map_err(|error| failed("syncing the store", &error))
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
        match rustix::fs::statvfs(&self.dir) {
            Ok(disk) => {
                let free = disk.f_bavail.saturating_mul(disk.f_frsize);
                let full = free < self.floor;
                if full && self.full.is_none() {
                    tracing::error!(free, floor = self.floor, "the disk is nearly full: nothing is written");
                }
                self.full = full.then(|| format!("the disk is nearly full: {} MiB are left", free >> 20));
            }
            Err(error) => tracing::warn!(%error, "cannot see how full the disk is"),
        }
        let blobs = self.dir.join("sled/blobs");
        if std::fs::read_dir(&blobs).is_ok_and(|mut entries| entries.next().is_some()) {
            tracing::error!(path = %blobs.display(), "sled has written a blob file, which it never syncs");
        }
    }
}

fn broken(error: &sled::Error) -> String {
    match error {
        sled::Error::Io(error) => failed("writing the store", error),
        error => format!("the store has failed: {error}"),
    }
}

fn failed(doing: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => format!("{doing}: the disk is full"),
        _ => format!("{doing}: {error}"),
    }
}
