//! Warnings of what `keep` is about to drop, while the server runs.
//!
//! Owns how often is looked, and that a flow is spoken of no oftener than it takes for all to be spoken
//! of. Must not know which answers these are (`operator`).

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::engine::Engine;
use crate::operator::Operator;

/// A flow is spoken of no later again: a line speaks of what is dropped within a day, and the look behind
/// it may be an hour late.
const AGAIN: Duration = Duration::from_hours(22);
/// The shortest and the longest time between two looks, each of which reads every session.
const LOOKS: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(1));
/// So often it is asked whether it is time for one.
const ASKS: Duration = Duration::from_secs(10);
/// So many fields are named in a line.
const NAMED: usize = 10;

/// Looks at once and then again and again, so often that what the shortest `keep` drops is seen
/// before.
pub(super) async fn warn(engine: Engine) {
    let operator = Operator::new(engine.clone());
    let mut told: BTreeMap<String, Instant> = BTreeMap::new();
    loop {
        let doubted = engine.doubt().is_some();
        match operator.dropped_soon().await {
            Ok(all) => {
                for ahead in all {
                    // Who ends after a line is in the next, and that comes before theirs are dropped.
                    let again = AGAIN.min(ahead.keep / 2);
                    let silent = told.get(&ahead.flow).is_some_and(|at| at.elapsed() < again);
                    if !silent {
                        tracing::warn!(
                            flow = ahead.flow,
                            sessions = ahead.sessions,
                            first = ahead.first,
                            fields = names(&ahead.fields),
                            "answers will be dropped, as `keep` says, that no effect has sent and no export has had: \
                             `deity sessions export --flow` fetches them"
                        );
                        told.insert(ahead.flow, Instant::now());
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "what `keep` is about to drop could not be looked at"),
        }
        let looked = Instant::now();
        // Looked at anew each time: a flow that keeps its answers for a shorter time may come meanwhile.
        while looked.elapsed() < pause(&engine) {
            sleep(ASKS).await;
            if !doubted && engine.doubt().is_some() {
                // Once the clock is believed much may be due at once.
                told.clear();
                break;
            }
        }
    }
}

/// How long until the next look: half the time for which any flow keeps its answers.
fn pause(engine: &Engine) -> Duration {
    let flows = engine.catalog().flows();
    let keeps = flows.values().map(|flow| flow.limits.keep.unsigned_abs() / 2);
    let (least, most) = LOOKS;
    keeps.min().unwrap_or(most).clamp(least, most)
}

/// The first of these names, and how many more there are.
fn names(fields: &[String]) -> String {
    let more = fields.len().saturating_sub(NAMED);
    let named = fields.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match more {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
