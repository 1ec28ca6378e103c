//! Circuits: a callee that is down is left alone for a while, and holds up nobody else.
//!
//! Owns, per callee, how many may be asked at once and whether it is asked at all. In memory only:
//! a new process tries anew. Must not know what a callee is asked.

use std::collections::HashMap;
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
pub(super) struct Circuits(Mutex<HashMap<String, Circuit>>);

#[derive(Debug)]
struct Circuit {
    places: Arc<Semaphore>,
    failures: u32,
    /// Nobody is asked before.
    open_until: Option<Instant>,
}

/// Leave to ask a callee once.
#[derive(Debug)]
pub(super) struct Leave {
    _place: OwnedSemaphorePermit,
}

impl Circuits {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Circuit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave to ask, once there is a place; else how long to wait before the next try. One alone
    /// tries a callee that was left alone.
    pub(super) async fn enter(&self, callee: &str, patience: Duration) -> Result<Leave, Duration> {
        let places = {
            let mut all = self.all();
            if all.len() >= CALLEES && !all.contains_key(callee) {
                all.retain(|_, circuit| circuit.failures > 0 || circuit.places.available_permits() < AT_ONCE);
            }
            let circuit = all.entry(callee.to_owned()).or_insert_with(|| Circuit {
                places: Arc::new(Semaphore::new(AT_ONCE)),
                failures: 0,
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
            Ok(Ok(place)) => Ok(Leave { _place: place }),
            _ => Err(ALONE.0),
        }
    }

    /// What came of asking it.
    pub(super) fn heard(&self, callee: &str, answered: bool) {
        if let Some(circuit) = self.all().get_mut(callee) {
            if answered {
                circuit.failures = 0;
                circuit.open_until = None;
            } else {
                circuit.failures = circuit.failures.saturating_add(1);
                if circuit.failures >= FAILURES {
                    if circuit.failures == FAILURES {
                        tracing::warn!(callee, "a callee does not answer; it is left alone for a while");
                    }
                    circuit.open_until = Some(Instant::now() + pause(circuit.failures));
                }
            }
        }
    }
}

/// Grows with the failures beyond the first few.
fn pause(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(FAILURES).min(5);
    (ALONE.0 * 2_u32.pow(doublings)).min(ALONE.1)
}
