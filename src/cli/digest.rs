//! The daily digest on its way: when it is looked for, its words, and that it is told again where that
//! failed.
//!
//! Must not know what is counted (`operator`), nor how it is told (`effect`).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::effect::{Note, Outside, Whom};
use crate::machine::THEIR_WORDS;
use crate::operator::{Digest, Operator};

/// How often a day's end is looked for. Not at once: what fell due while no server ran comes first.
const LOOK: Duration = Duration::from_secs(5);
/// Before it is told again where that failed.
const PAUSE: Duration = Duration::from_mins(10);

/// Tells `whom` what each day brought; ends between two looks, never in one.
pub(super) async fn daily(operator: Operator, outside: Arc<Outside>, whom: Option<Whom>) {
    let Some(whom) = whom else { return };
    if let Some(why) = outside.cannot_tell(&whom) {
        tracing::warn!(%whom, why, "as things are the daily digest cannot be told");
    }
    let mut clock = interval(LOOK);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    clock.tick().await;
    let mut not_before = Instant::now();
    loop {
        clock.tick().await;
        if Instant::now() < not_before {
            continue;
        }
        if let Err(why) = day(&operator, &outside, &whom).await {
            tracing::warn!(%whom, why, "the daily digest could not be told; it is tried again in ten minutes");
            not_before = Instant::now() + PAUSE;
        }
    }
}

async fn day(operator: &Operator, outside: &Outside, whom: &Whom) -> Result<(), String> {
    let Some(digest) = operator.digest().await.map_err(|why| why.to_string())? else {
        return Ok(());
    };
    if !digest.is_quiet() {
        let told = outside.tell(whom, &note(&digest, outside.origin())).await;
        told.map_err(|trouble| {
            trouble
                .to_string()
                .split(THEIR_WORDS)
                .next()
                .unwrap_or_default()
                .to_owned()
        })?;
    }
    tracing::info!(
        day = digest.day,
        failed = digest.failed,
        in_doubt = digest.in_doubt,
        unreadable = digest.unreadable,
        unfinished = digest.unfinished,
        ran_out = digest.ran_out,
        dropped = digest.dropped,
        told = !digest.is_quiet(),
        "the daily digest"
    );
    operator.digest_told(&digest).await.map_err(|why| why.to_string())
}

fn note(digest: &Digest, origin: &str) -> Note {
    let lines: Vec<_> = digest.lines().collect();
    let things = if lines.len() == 1 { "one thing" } else { "things" };
    Note {
        id: digest.id(),
        subject: format!("{origin}: {things} to see to, {}", digest.day),
        text: format!(
            "To see to on {origin}, as of {}, since {}:\n\n{}\n\nCounts only: what they are about stands on the server.\n",
            digest.until,
            digest.since,
            lines.join("\n")
        ),
        json: serde_json::to_string(digest).unwrap_or_default(),
    }
}
