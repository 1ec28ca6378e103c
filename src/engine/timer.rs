//! Timers: what falls due by itself.
//!
//! Owns one tick. Due times are only hints; the record decides. Must not know the clock or how
//! often it is called.

use super::Engine;
use super::phase::{Loaded, encode, too_large};
use crate::id::SessionKey;
use crate::machine::{self, Due};
use crate::store::{self, Key, Stored, Write, record};

/// Sessions claimed at a time.
const BATCH: usize = 64;
/// How long a claimed session is left to the node that claimed it, in milliseconds.
const LEASE: i64 = 60_000;

impl Engine {
    /// Lets time pass for the sessions that are due. Whether there may be more of them now.
    pub async fn tick(&self) -> Result<bool, store::Error> {
        let now = self.now();
        let claimed = self.store.claim(now, now.saturating_add(LEASE), BATCH).await?;
        let more = claimed.len() == BATCH;
        for (key, stored) in claimed {
            if let Err(error) = self.wake(key, stored).await {
                tracing::error!(session = %key, %error, "a session that is due could not be settled");
            }
        }
        Ok(more)
    }

    async fn wake(&self, key: SessionKey, stored: Stored) -> Result<(), store::Error> {
        let session = record::decode(key, &stored.bytes)?;
        let flow = self.pinned(&session).await?;
        let loaded = Loaded { stored, session, flow };
        let due = machine::pass_time(&loaded.flow, &loaded.session, self.seconds());
        // A conflict means that a phase was there first; the lease brings the session back.
        match due {
            Due::Delete => self
                .store
                .delete(Key::Session(key), loaded.stored.token)
                .await
                .map(drop),
            Due::Change(mut session) => {
                let bytes = encode(&mut session).ok_or_else(too_large)?;
                let wake = machine::due(&loaded.flow, &session).saturating_mul(1000);
                let write = Write {
                    tag: self.tag(),
                    wake,
                    bytes,
                };
                self.swap(Key::Session(key), &loaded.stored, write).await.map(drop)
            }
            Due::Later => {
                let wake = machine::due(&loaded.flow, &loaded.session).saturating_mul(1000);
                let write = Write {
                    tag: self.tag(),
                    wake,
                    bytes: loaded.stored.bytes.clone(),
                };
                self.swap(Key::Session(key), &loaded.stored, write).await.map(drop)
            }
        }
    }
}
