//! The open connections: how many, and which has to go when there are too many.
//!
//! Owns the count, the order in which connections are given up, and the word to all of them when
//! the server stops. Must not know sockets or HTTP.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::watch::Phase;

/// All open connections.
#[derive(Debug)]
pub(super) struct Registry {
    limit: usize,
    inner: Mutex<Inner>,
    /// Told when there may be room again.
    pub(super) room: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    stamp: u64,
    /// By number.
    open: HashMap<u64, Arc<Line>>,
    /// Those that may go: unfinished headers first, then idle ones, each in the order of time.
    spare: BTreeMap<Rank, u64>,
    /// Somebody waits for room.
    starved: bool,
}

/// Of two connections the one with the lower rank goes first.
type Rank = (u8, u64);

/// The server's word to one connection.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Said once, kept until heard.
    pub(super) said: Notify,
    /// Go now, whatever is half received; else: finish.
    pub(super) evicted: AtomicBool,
}

/// One open connection; no longer counted when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    registry: Arc<Registry>,
    number: u64,
    rank: Option<Rank>,
    /// Requests that it had when it got its rank.
    turn: u64,
    pub(super) line: Arc<Line>,
}

impl Registry {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            inner: Mutex::default(),
            room: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another connection can be taken, if need be in place of one that may go. If not,
    /// `room` will be told.
    pub(super) fn has_room(&self) -> bool {
        let mut inner = self.lock();
        let room = inner.open.len() < self.limit || !inner.spare.is_empty();
        inner.starved = !room;
        room
    }

    /// A seat for a connection that was just accepted.
    pub(super) fn seat(self: &Arc<Self>) -> Seat {
        let mut inner = self.lock();
        if inner.open.len() >= self.limit
            && let Some((_, number)) = inner.spare.pop_first()
            && let Some(line) = inner.open.remove(&number)
        {
            line.evicted.store(true, Relaxed);
            line.said.notify_one();
        }
        inner.stamp += 1;
        let number = inner.stamp;
        let rank = (0, number);
        let line = Arc::new(Line::default());
        inner.open.insert(number, Arc::clone(&line));
        inner.spare.insert(rank, number);
        Seat {
            registry: Arc::clone(self),
            number,
            rank: Some(rank),
            turn: 0,
            line,
        }
    }

    /// Tells every connection to finish what it is doing and go.
    pub(super) fn finish(&self) {
        for line in self.lock().open.values() {
            line.said.notify_one();
        }
    }
}

impl Seat {
    /// Notes what the connection is doing now, after so many requests.
    pub(super) fn is(&mut self, turn: u64, phase: Phase) {
        let class = match phase {
            Phase::Busy => None,
            Phase::Fresh | Phase::Head => Some(0),
            Phase::Idle => Some(1),
        };
        if (turn, class) == (self.turn, self.rank.map(|(class, _)| class)) {
            return;
        }
        self.turn = turn;
        let mut inner = self.registry.lock();
        if let Some(rank) = self.rank.take() {
            inner.spare.remove(&rank);
        }
        // One that was told to go is not on the list any more and does not come back to it.
        if let Some(class) = class
            && inner.open.contains_key(&self.number)
        {
            inner.stamp += 1;
            let rank = (class, inner.stamp);
            inner.spare.insert(rank, self.number);
            self.rank = Some(rank);
            self.registry.tell(&mut inner);
        }
    }
}

impl Registry {
    fn tell(&self, inner: &mut Inner) {
        if std::mem::take(&mut inner.starved) {
            self.room.notify_one();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.registry.lock();
        inner.open.remove(&self.number);
        if let Some(rank) = self.rank.take() {
            inner.spare.remove(&rank);
        }
        self.registry.tell(&mut inner);
    }
}
