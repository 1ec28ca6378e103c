//! One direction of a line at work.
//!
//! Owns when a packet that is sent now arrives, if it does. Must not know TCP.

use std::collections::VecDeque;

use super::{Dice, Way};

/// A direction, with what is under way on it. Times in nanoseconds since the start.
#[derive(Debug)]
pub(super) struct Wire {
    way: Way,
    dice: Dice,
    /// When the last bit of what was taken will have left.
    free: u64,
    /// No packet overtakes another.
    last: u64,
    /// When those that wait will begin to leave.
    waiting: VecDeque<u64>,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives then.
    Arrives(u64),
    /// It took its time on the wire and is lost.
    Lost,
    /// The queue was full: it never left.
    Dropped,
}

impl Wire {
    pub(super) fn new(way: Way, seed: u64) -> Self {
        Self {
            way,
            dice: Dice::new(seed),
            free: 0,
            last: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Takes a packet of so many bytes, headers included.
    pub(super) fn take(&mut self, bytes: u64, now: u64) -> Fate {
        while self.waiting.front().is_some_and(|start| *start <= now) {
            self.waiting.pop_front();
        }
        if self.waiting.len() >= self.way.queue {
            return Fate::Dropped;
        }
        let start = self.free.max(now);
        if start > now {
            self.waiting.push_back(start);
        }
        self.free = start + nanos(self.way.time(bytes));
        let lost = self.dice.below(1_000_000) < u64::from(self.way.loss);
        let jitter = self.dice.below(nanos(self.way.jitter));
        self.last = self.last.max(self.free + nanos(self.way.delay) + jitter);
        if lost { Fate::Lost } else { Fate::Arrives(self.last) }
    }
}

/// As nanoseconds; those of 584 years fit.
pub(super) fn nanos(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
