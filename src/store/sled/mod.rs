//! The embedded engine: sled 0.34.7, in the one shape in which it lost nothing.
//!
//! Owns the async side of the store: calls go over a bounded channel to one writing thread
//! (`writer`), reads go to the threads for blocking work, unless the writer has had the record of
//! late (`hot`), and nothing that is not on disk is told to anyone. `open` guards the start,
//! `layout` says how records lie, `witness` what the store is known to have had. Must not know
//! what a record means.
//!
//! Used as its manual shows it, sled is not durable on Linux and may not open after a power cut;
//! ARCHITECTURE.md, "The embedded store", says what was measured and why each rule is there.

mod bit;
mod damage;
mod flight;
mod group;
mod hot;
mod layout;
mod log;
mod open;
mod pulse;
mod read;
mod rebuild;
mod snapshot;
mod told;
mod tree;
mod witness;
mod writer;

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::id::SessionKey;

pub use layout::PART_BYTES;
pub use rebuild::Rebuilt;
pub use told::{OpenError, Recovered};

use super::{Error, Key, KeyKind, Pending, Store, Stored, Token, Unreadable, Write, Written};
use damage::Damage;
use flight::Flight;
use group::{Call, Reply};
use hot::Hot;
use layout::State;
use open::Opened;
use pulse::Pulse;
use read::{Reader, Single};
use tree::Tree;
use writer::{Terms, Writer};

/// Calls that wait for the writer; who comes then waits for its turn.
const WAITING: usize = 1024;
/// Reads at once.
const READS: usize = 32;
/// Sessions that are looked at in one go, in search of those that cannot be read.
const LOOKED: usize = 256;

/// Called once, when the store has failed: it must end the process, because neither sled nor the
/// disk can be asked again. Gets why, in words.
pub type Fatal = Arc<dyn Fn(&str) + Send + std::marker::Sync>;

/// Makes a file durable.
pub type Sync = Arc<dyn Fn(&File) -> io::Result<()> + Send + std::marker::Sync>;

/// How a store is opened.
#[derive(Clone)]
pub struct Options {
    /// What happens when the store has failed.
    pub fatal: Fatal,
    /// Bytes of the tree that are kept in memory; default 64 MiB.
    pub cache_bytes: u64,
    /// Bytes of the sessions written last that are kept ready; default 32 MiB.
    pub hot_bytes: usize,
    /// Free bytes on the disk below which nothing is written; default 64 MiB.
    pub floor_bytes: u64,
    /// How long one group may take before the store counts as failed; default 10 s.
    pub patience: Duration,
    /// [`File::sync_data`]; tests put their own here.
    pub sync: Sync,
    /// It is opened for a short while, by a command: who comes second may wait for its end.
    pub brief: bool,
}

impl Options {
    /// The defaults.
    pub fn new(fatal: Fatal) -> Self {
        Self {
            fatal,
            cache_bytes: 64 << 20,
            hot_bytes: 32 << 20,
            floor_bytes: 64 << 20,
            patience: Duration::from_secs(10),
            sync: Arc::new(File::sync_data),
            brief: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("cache_bytes", &self.cache_bytes)
            .field("hot_bytes", &self.hot_bytes)
            .field("floor_bytes", &self.floor_bytes)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// A store in a directory of its own. Dropping it finishes what was asked for, as
/// [`Sled::close`] does.
#[derive(Debug)]
pub struct Sled {
    shared: Arc<Shared>,
    calls: Option<mpsc::Sender<Call>>,
    reads: Arc<Semaphore>,
    writer: Option<JoinHandle<()>>,
}

/// What the threads share.
struct Shared {
    /// Taken for writing only to open it anew.
    db: RwLock<Tree>,
    hot: Hot,
    flight: Flight,
    /// Held for writing while a batch is applied: a record of several parts is read under it.
    parts: RwLock<()>,
    damage: Damage,
    pulse: Arc<Pulse>,
    /// Let go last, after the tree.
    _lock: File,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("flight", &self.flight)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// The store has failed: nothing is done any more, and the process must end.
    fn fail(&self, why: &str) {
        self.flight.stop(why);
        self.pulse.fail(why);
    }
}

impl Sled {
    /// Opens the store in `dir`, or makes one. Blocks for as long as sled reads its log.
    pub fn open(dir: &Path, options: Options) -> Result<(Self, Recovered), OpenError> {
        let (opened, recovered) = open::open(dir, options.cache_bytes, options.brief)?;
        let Opened { db, lock, own } = opened;
        let pulse = Arc::new(Pulse::new(options.fatal));
        let shared = Arc::new(Shared {
            db: RwLock::new(db),
            hot: Hot::new(options.hot_bytes),
            flight: Flight::new(recovered.group),
            parts: RwLock::new(()),
            damage: Damage::new(dir),
            pulse: Arc::clone(&pulse),
            _lock: lock,
        });
        let (calls, waiting) = mpsc::channel(WAITING);
        let terms = Terms {
            dir: dir.to_owned(),
            sync: options.sync,
            floor: options.floor_bytes,
            cache: options.cache_bytes,
        };
        let writer = Writer::new(Arc::clone(&shared), waiting, own, terms);
        let writer = start("store-writer", move || writer.run())?;
        let watched = Arc::downgrade(&pulse);
        start("store-watchdog", move || pulse::watch(&watched, options.patience))?;
        let store = Self {
            shared,
            calls: Some(calls),
            reads: Arc::new(Semaphore::new(READS)),
            writer: Some(writer),
        };
        Ok((store, recovered))
    }

    /// Finishes what was asked for, notes that the stop was in order, and answers nothing more.
    pub async fn close(&self) {
        if let Some(calls) = &self.calls {
            // A writer that has ended already is what is wanted.
            drop(calls.send(Call::Stop).await);
        }
        self.shared.flight.ended().await;
    }

    /// Asks the writer and waits for its answer.
    async fn call<T>(&self, ask: impl FnOnce(Reply<T>) -> Call + Send) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let Some(calls) = &self.calls else {
            return Err(closed());
        };
        if calls.send(ask(reply)).await.is_err() {
            self.shared.flight.stopped()?;
            return Err(closed());
        }
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(Error::InDoubt("the store stopped before it answered".to_owned())),
        }
    }

    async fn change(&self, key: Key, expect: Option<Token>, write: Option<Write>) -> Result<Written, Error> {
        if let Some(write) = &write {
            write.fits()?;
        }
        self.call(|reply| Call::Change {
            key,
            expect,
            write,
            reply,
        })
        .await
    }

    /// Reads on a thread for blocking work; sled may go to the disk.
    async fn read<T, F>(&self, read: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Shared) -> Result<T, Error> + Send + 'static,
    {
        self.shared.flight.stopped()?;
        let permit = Arc::clone(&self.reads).acquire_owned().await.map_err(|_| closed())?;
        let shared = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || {
            let result = read(&shared);
            drop(permit);
            result
        });
        match done.await {
            Ok(result) => result,
            Err(error) if error.is_panic() => {
                let why = "reading the store has panicked";
                self.shared.fail(why);
                Err(Error::NotApplied(why.to_owned()))
            }
            Err(_) => Err(closed()),
        }
    }
}

impl Drop for Sled {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(writer) = self.writer.take() {
            // It catches its own panics.
            drop(writer.join());
        }
    }
}

impl Store for Sled {
    fn get(&self, key: Key) -> Pending<'_, Result<Option<Stored>, Error>> {
        Box::pin(async move {
            // What is about to be replaced is not worth showing: it waits as a read of the tree does.
            self.shared.flight.durable(Some(key)).await?;
            let reading = self.shared.flight.reading();
            if let Some(stored) = self.shared.hot.get(key) {
                self.shared.flight.stopped()?;
                return Ok(Some(stored));
            }
            let stored = self.read(move |shared| shared.record(key)).await?;
            self.shared.flight.durable(Some(key)).await?;
            self.shared.flight.still(reading)?;
            Ok(stored)
        })
    }

    fn create(&self, key: Key, write: Write) -> Pending<'_, Result<Written, Error>> {
        Box::pin(self.change(key, None, Some(write)))
    }

    fn cas(&self, key: Key, expect: Token, write: Write) -> Pending<'_, Result<Written, Error>> {
        Box::pin(self.change(key, Some(expect), Some(write)))
    }

    fn delete(&self, key: Key, expect: Token) -> Pending<'_, Result<Written, Error>> {
        Box::pin(self.change(key, Some(expect), None))
    }

    fn claim(&self, now: i64, lease_until: i64, limit: usize) -> Pending<'_, Result<Vec<(SessionKey, Stored)>, Error>> {
        Box::pin(self.call(move |reply| Call::Claim {
            now,
            lease_until,
            limit,
            reply,
        }))
    }

    fn scan(&self, kind: KeyKind, after: Option<Key>, limit: usize) -> Pending<'_, Result<Vec<(Key, Stored)>, Error>> {
        Box::pin(async move {
            let mut after = after;
            loop {
                let reading = self.shared.flight.reading();
                let page = self.read(move |shared| Ok(shared.page(kind, after, limit))).await?;
                self.shared.flight.durable(None).await?;
                self.shared.flight.still(reading)?;
                // Only a page without a key ends a scan, not one whose records are all damaged.
                if page.last.is_none() || !page.found.is_empty() {
                    return Ok(page.found);
                }
                after = page.last;
            }
        })
    }

    fn unreadable(&self) -> Pending<'_, Result<Unreadable, Error>> {
        Box::pin(async move {
            if !self.shared.damage.any() {
                return Ok(Unreadable::default());
            }
            self.read(Shared::unreadable).await
        })
    }

    fn check(&self) -> Pending<'_, Result<(), Error>> {
        Box::pin(self.call(|reply| Call::Check { reply }))
    }
}

/// What a scan found.
struct Page {
    /// The last key that was looked at.
    last: Option<Key>,
    /// The records that can be read.
    found: Vec<(Key, Stored)>,
}

impl Shared {
    fn tree(&self) -> RwLockReadGuard<'_, Tree> {
        self.db.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader<'a>(&'a self, db: &'a Tree) -> Reader<'a> {
        Reader {
            db,
            damage: &self.damage,
        }
    }

    fn record(&self, key: Key) -> Result<Option<Stored>, Error> {
        let db = self.tree();
        let tree = self.reader(&db);
        match tree.single(key)? {
            Single::Whole(stored) => Ok(stored),
            Single::Parts => {
                let _still = self.parts.read().unwrap_or_else(PoisonError::into_inner);
                tree.record(key)
            }
        }
    }

    fn unreadable(&self) -> Result<Unreadable, Error> {
        let (mut last, mut readable) = (None, 0);
        let mut unread = BTreeSet::new();
        loop {
            let keys = self.reader(&self.tree()).keys(KeyKind::Session, last, LOOKED);
            let Some(end) = keys.last() else { break };
            last = Some(*end);
            for key in keys {
                match (self.record(key), key) {
                    (Err(_), Key::Session(session)) => drop(unread.insert(session)),
                    (Ok(stored), _) => readable += u64::from(stored.is_some()),
                    _ => {}
                }
            }
        }
        unread.extend(self.reader(&self.tree()).due_and_unreadable());
        let state = self.reader(&self.tree()).get(layout::STATE)?;
        let there = state.map_or(Ok(0), |state| State::decode(&state).map(|state| state.sessions))?;
        let further = there.saturating_sub(readable + unread.len() as u64);
        let sessions = unread.into_iter().collect();
        Ok(Unreadable { sessions, further })
    }

    fn page(&self, kind: KeyKind, after: Option<Key>, limit: usize) -> Page {
        let keys = self.reader(&self.tree()).keys(kind, after, limit);
        let mut found = Vec::with_capacity(keys.len());
        for key in &keys {
            // What cannot be read is noted where it is met.
            found.extend(self.record(*key).ok().flatten().map(|stored| (*key, stored)));
        }
        Page {
            last: keys.last().copied(),
            found,
        }
    }
}

fn closed() -> Error {
    Error::NotApplied("the store is closed".to_owned())
}

fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|source| OpenError::Io {
            doing: format!("starting the thread {name}"),
            source,
        })
}
