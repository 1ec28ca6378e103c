//! Timers: what falls due by itself.
//!
//! Owns one tick. Due times are only hints; the record decides. Must not know the clock or how
//! often it is called.

use super::Engine;
use super::change::{By, Verdict};
use crate::id::SessionKey;
use crate::machine::{self, Due};
use crate::store::{self, Key, Stored};

/// Sessions claimed at a time.
const BATCH: usize = 64;
/// How long a claimed session is left to the node that claimed it, in milliseconds.
const LEASE: i64 = 60_000;

impl Engine {
    /// Lets time pass for the sessions that are due. Whether there may be more of them now.
    pub async fn tick(&self) -> Result<bool, store::Error> {
        let engine = self.clone();
        self.apart(async move {
            let now = engine.now();
            let claimed = engine.store.claim(now, now.saturating_add(LEASE), BATCH).await?;
            let more = claimed.len() == BATCH;
            for (key, stored) in claimed {
                tell(key, engine.look(key, Some(stored)).await);
            }
            Ok(more)
        })
        .await
    }

    /// Lets time pass for one session.
    pub(super) async fn wake(&self, key: SessionKey) {
        let settled = match self.store.get(Key::Session(key)).await {
            Ok(stored) => self.look(key, stored).await,
            Err(error) => Err(error),
        };
        tell(key, settled);
    }

    /// What is due in one session; where a phase was there first, it is looked at anew.
    async fn look(&self, key: SessionKey, found: Option<Stored>) -> Result<(), store::Error> {
        let looked = self.line(key, found, |seen| {
            let lapsed = machine::lapse(seen.flow, seen.session, seen.now, self.node, self.tag());
            let session = lapsed.unwrap_or_else(|| seen.session.clone());
            Ok(match machine::pass_time(seen.flow, &session, seen.now) {
                Due::Delete => Verdict::Goes(()),
                Due::Change(session) => Verdict::Becomes(session, By::Itself, ()),
                // Unchanged, it is put back to when it is next due.
                Due::Later => Verdict::Becomes(Box::new(session), By::Itself, ()),
            })
        });
        looked.await.map(drop)
    }
}

fn tell(key: SessionKey, settled: Result<(), store::Error>) {
    if let Err(error) = settled {
        tracing::error!(session = %key, %error, "a session that is due could not be settled");
    }
}
