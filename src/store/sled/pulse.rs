//! Whether the writer is alive.
//!
//! Owns the time since which a group is being written, the watchdog that looks at it, and the
//! one call that ends the process. Must not know the store.

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

    fn busy_for(&self) -> Duration {
        let busy = *self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// Looks at the pulse as long as there is one. sled is known to have stood still under load; a
/// disk may too.
pub(super) fn watch(pulse: &Weak<Pulse>, patience: Duration) {
    let round = (patience / 10).clamp(Duration::from_millis(1), Duration::from_secs(1));
    while let Some(pulse) = pulse.upgrade() {
        if pulse.busy_for() > patience {
            pulse.fail(&format!("no write has ended for {patience:?}"));
            return;
        }
        drop(pulse);
        std::thread::sleep(round);
    }
}
