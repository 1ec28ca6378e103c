//! Traces: a log line for each thing that ended badly, in our own words.
//!
//! Owns those lines. They name flow, reference, effect and reason; no answer, no id, no word of a
//! callee's. Must not know what it means for the session.

use crate::machine::{Amiss, Asked, Purpose, Session, amiss};

/// Tells what ended badly in a change that is on disk.
pub(super) fn trace(before: &Session, after: &Session) {
    let (session, flow) = (after.at, after.flow.as_str());
    for found in amiss(before, after) {
        match found {
            Amiss::Failed(asked) => {
                let (effect, reason) = (asked.effect.as_str(), asked.reason());
                tracing::warn!(
                    %session, flow, effect, number = asked.number, purpose = purpose(asked), reason,
                    "an effect failed for good; `deity effects list` shows it until it is seen"
                );
            }
            Amiss::InDoubt(asked) => {
                let (effect, reason) = (asked.effect.as_str(), asked.reason());
                tracing::warn!(
                    %session, flow, effect, number = asked.number, purpose = purpose(asked), reason,
                    "an effect is in doubt: find out, then `deity effects done` or `not-done`"
                );
            }
            Amiss::RanOut { screens, unfinished } => {
                tracing::warn!(%session, flow, screens, unfinished, "a session ran out of time with answers in it");
            }
            Amiss::Dropped { answers } => {
                tracing::warn!(%session, flow, answers, "answers that no effect had sent were dropped, as `keep` says");
            }
        }
    }
}

fn purpose(asked: &Asked) -> &'static str {
    match asked.purpose {
        Purpose::Do => "do",
        Purpose::Look => "look",
        Purpose::Tell => "tell",
        Purpose::Undo { .. } => "undo",
    }
}
