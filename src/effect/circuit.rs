//! Circuits: a callee that is down is left alone for a while, and holds up nobody else.
//!
//! Owns, per callee, how many may be asked at once and whether it is asked at all. In memory only:
//! a new process tries anew. Must not know what a callee is asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// One callee is asked so many things at once.
const AT_ONCE: usize = 32;
/// Failures in a row after which it is left alone.
const FAILURES: u32 = 5;
/// For how long: at first, and at most.
const ALONE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));
/// Callees that are remembered.
const CALLEES: usize = 1_000;

/// The circuits of all callees.
#[derive(Debug, Default)]
pub(super) struct Circuits {
    all: Mutex<HashMap<String, Circuit>>,
    closed: AtomicBool,
}

#[derive(Debug)]
struct Circuit {
    places: Arc<Semaphore>,
    /// In a row; those that were under way side by side are one.
    failures: u32,
    /// When the last of them was known.
    failed: Option<Instant>,
    /// Nobody is asked before.
    open_until: Option<Instant>,
}

/// Leave to ask a callee once.
#[derive(Debug)]
pub(super) struct Leave {
    _place: OwnedSemaphorePermit,
    since: Instant,
}

impl Circuits {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Circuit>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody gets leave any more, nor those who wait for a place.
    pub(super) fn close(&self) {
        let all = self.all();
        self.closed.store(true, Ordering::Release);
        for circuit in all.values() {
            circuit.places.close();
        }
    }

    /// Leave to ask, once there is a place; else how long to wait before the next try. One alone
    /// tries a callee that was left alone.
    pub(super) async fn enter(&self, callee: &str, patience: Duration) -> Result<Leave, Duration> {
        let places = {
            let mut all = self.all();
            if self.closed.load(Ordering::Acquire) {
                return Err(ALONE.0);
            }
            if all.len() >= CALLEES && !all.contains_key(callee) {
                all.retain(|_, circuit| circuit.failures > 0 || circuit.places.available_permits() < AT_ONCE);
            }
            let circuit = all.entry(callee.to_owned()).or_insert_with(|| Circuit {
                places: Arc::new(Semaphore::new(AT_ONCE)),
                failures: 0,
                failed: None,
                open_until: None,
            });
            let now = Instant::now();
            if let Some(until) = circuit.open_until {
                if now < until {
                    return Err(until - now);
                }
                // This one tries; the others wait for what it finds.
                circuit.open_until = Some(now + pause(circuit.failures));
            }
            Arc::clone(&circuit.places)
        };
        match timeout(patience, places.acquire_owned()).await {
            Ok(Ok(place)) => Ok(Leave {
                _place: place,
                since: Instant::now(),
            }),
            _ => Err(ALONE.0),
        }
    }

    /// What came of asking it. Of a callee that hangs, all that was under way fails at once: whoever
    /// began before the last failure was known tells nothing new.
    pub(super) fn heard(&self, callee: &str, leave: &Leave, answered: bool) {
        let mut all = self.all();
        let Some(circuit) = all.get_mut(callee) else { return };
        if answered {
            circuit.failures = 0;
            circuit.open_until = None;
            return;
        }
        if circuit.failed.is_some_and(|failed| leave.since <= failed) {
            return;
        }
        let now = Instant::now();
        circuit.failed = Some(now);
        circuit.failures = circuit.failures.saturating_add(1);
        if circuit.failures >= FAILURES {
            if circuit.failures == FAILURES {
                tracing::warn!(callee, "a callee does not answer; it is left alone for a while");
            }
            circuit.open_until = Some(now + pause(circuit.failures));
        }
    }
}

/// Grows with the failures beyond the first few.
fn pause(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(FAILURES).min(5);
    (ALONE.0 * 2_u32.pow(doublings)).min(ALONE.1)
}

#[cfg(test)]
mod tests {
    //! Over a clock that the tests move.

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(1);

    async fn wait(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    async fn enter(circuits: &Circuits, how_many: usize) -> Vec<Leave> {
        let mut all = Vec::new();
        for _ in 0..how_many {
            all.push(circuits.enter("callee", PATIENCE).await.unwrap());
        }
        all
    }

    fn fail(circuits: &Circuits, all: Vec<Leave>) {
        for leave in all {
            circuits.heard("callee", &leave, false);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_side_by_side_count_once() {
        let circuits = Circuits::default();
        for _ in 1..FAILURES {
            let all = enter(&circuits, AT_ONCE).await;
            wait(6).await;
            fail(&circuits, all);
            assert!(
                circuits.enter("callee", PATIENCE).await.is_ok(),
                "it is asked again at once"
            );
            wait(1).await;
        }
        let all = enter(&circuits, AT_ONCE).await;
        wait(6).await;
        fail(&circuits, all);
        let alone = circuits.enter("callee", PATIENCE).await.unwrap_err();
        assert!(alone <= ALONE.0, "left alone for {alone:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_late_with_an_old_failure_lengthens_nothing() {
        let circuits = Circuits::default();
        let late = enter(&circuits, 8).await;
        for _ in 0..FAILURES {
            wait(1).await;
            let one = enter(&circuits, 1).await;
            wait(1).await;
            fail(&circuits, one);
        }
        let before = circuits.enter("callee", PATIENCE).await.unwrap_err();
        fail(&circuits, late);
        assert_eq!(circuits.enter("callee", PATIENCE).await.unwrap_err(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn one_alone_tries_a_callee_that_was_left_alone_and_its_answer_lets_all_in() {
        let circuits = Circuits::default();
        for _ in 0..FAILURES {
            let one = enter(&circuits, 1).await;
            wait(1).await;
            fail(&circuits, one);
            wait(1).await;
        }
        wait(2).await;
        let one = enter(&circuits, 1).await;
        assert!(circuits.enter("callee", PATIENCE).await.is_err());
        circuits.heard("callee", &one[0], true);
        drop(one);
        assert_eq!(enter(&circuits, AT_ONCE).await.len(), AT_ONCE);
    }
}
