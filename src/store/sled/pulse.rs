//! Whether the writer is alive.
//!
//! Owns the time since which a group is being written, the watchdog that looks at it (and counts
//! only time in which it could run), and the one call that ends the process. Must not know the store.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Fatal;

/// The writer's pulse.
pub(super) struct Pulse {
    busy: Mutex<Option<Instant>>,
    failed: AtomicBool,
    fatal: Fatal,
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pulse")
    }
}

impl Pulse {
    /// Of a writer that has nothing to do.
    pub(super) fn new(fatal: Fatal) -> Self {
        Self {
            busy: Mutex::new(None),
            failed: AtomicBool::new(false),
            fatal,
        }
    }

    /// A group is begun, or done.
    pub(super) fn busy(&self, busy: bool) {
        *self.busy.lock().unwrap_or_else(PoisonError::into_inner) = busy.then(Instant::now);
    }

    /// Ends the process; who comes second is too late.
    pub(super) fn fail(&self, why: &str) {
        if !self.failed.swap(true, Ordering::AcqRel) {
            tracing::error!(why, "the store has failed");
            (self.fatal)(why);
        }
    }

    fn busy_since(&self) -> Option<Instant> {
        *self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a group has been written, in time in which this process could run.
#[derive(Debug, Default)]
struct Stint {
    since: Option<Instant>,
    ran: Duration,
}

impl Stint {
    /// After `passed` since the last look. A process that was stopped, or whose machine slept, finds
    /// much time gone in which nothing could be written: no more than `most` of it counts.
    fn look(&mut self, busy: Option<Instant>, passed: Duration, most: Duration) -> Duration {
        if busy.is_some() && busy == self.since {
            self.ran += passed.min(most);
        } else {
            (self.since, self.ran) = (busy, Duration::ZERO);
        }
        self.ran
    }
}

/// Looks at the pulse as long as there is one. sled is known to have stood still under load; a
/// disk may too.
pub(super) fn watch(pulse: &Weak<Pulse>, patience: Duration) {
    let round = (patience / 10).clamp(Duration::from_millis(1), Duration::from_secs(1));
    let (mut stint, mut looked) = (Stint::default(), Instant::now());
    while let Some(pulse) = pulse.upgrade() {
        let now = Instant::now();
        let passed = now.duration_since(std::mem::replace(&mut looked, now));
        if stint.look(pulse.busy_since(), passed, 2 * round) > patience {
            pulse.fail(&format!("no write has ended for {patience:?}"));
            return;
        }
        drop(pulse);
        std::thread::sleep(round);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn only_time_in_which_the_process_could_run_counts() {
        let mut stint = Stint::default();
        let group = Some(Instant::now());
        assert_eq!(stint.look(group, SECOND, 2 * SECOND), Duration::ZERO);
        assert_eq!(stint.look(group, SECOND, 2 * SECOND), SECOND);
        // Stopped for 20 s, asleep for a day.
        assert_eq!(stint.look(group, 20 * SECOND, 2 * SECOND), 3 * SECOND);
        assert_eq!(stint.look(group, 86_400 * SECOND, 2 * SECOND), 5 * SECOND);
        for n in 6..=11 {
            assert_eq!(stint.look(group, SECOND, 2 * SECOND), n * SECOND);
        }
        assert_eq!(stint.look(None, SECOND, 2 * SECOND), Duration::ZERO);
    }

    #[test]
    fn another_group_begins_anew() {
        let mut stint = Stint::default();
        let first = Instant::now();
        for n in 0..9 {
            assert_eq!(stint.look(Some(first), SECOND, 2 * SECOND), n * SECOND);
        }
        assert_eq!(stint.look(Some(first + SECOND), SECOND, 2 * SECOND), Duration::ZERO);
    }
}
