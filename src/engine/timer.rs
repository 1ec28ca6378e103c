//! Timers: what falls due by itself.
//!
//! Owns one tick. Due times are only hints; the record decides. Must not know the clock or how
//! often it is called.

use super::Engine;
use super::phase::{Loaded, encode_settled, too_large};
use crate::id::SessionKey;
use crate::machine::{self, Due};
use crate::store::{self, Key, Stored, Write, Written, record};

/// Sessions claimed at a time.
const BATCH: usize = 64;
/// How long a claimed session is left to the node that claimed it, in milliseconds.
const LEASE: i64 = 60_000;
/// How often a session that others change is looked at anew.
const ATTEMPTS: usize = 8;

impl Engine {
    /// Lets time pass for the sessions that are due. Whether there may be more of them now.
    pub async fn tick(&self) -> Result<bool, store::Error> {
        let now = self.now();
        let claimed = self.store.claim(now, now.saturating_add(LEASE), BATCH).await?;
        let more = claimed.len() == BATCH;
        for (key, stored) in claimed {
            tell(key, self.look(key, Some(stored)).await);
        }
        Ok(more)
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
    async fn look(&self, key: SessionKey, mut stored: Option<Stored>) -> Result<(), store::Error> {
        for _ in 0..ATTEMPTS {
            let Some(found) = stored.take() else { return Ok(()) };
            let session = record::decode(key, &found.bytes)?;
            let flow = self.pinned(&session).await?;
            let loaded = Loaded {
                stored: found,
                session,
                flow,
            };
            if let Written::Committed(_) = self.pass(key, &loaded).await? {
                return Ok(());
            }
            stored = self.store.get(Key::Session(key)).await?;
        }
        Ok(())
    }

    async fn pass(&self, key: SessionKey, loaded: &Loaded) -> Result<Written, store::Error> {
        let now = self.seconds();
        let flow = &loaded.flow;
        let lapsed = machine::lapse(flow, &loaded.session, now, self.node, self.tag());
        let settled = lapsed.is_some();
        let mut session = lapsed.unwrap_or_else(|| loaded.session.clone());
        match machine::pass_time(flow, &session, now) {
            Due::Delete => return self.store.delete(Key::Session(key), loaded.stored.token).await,
            Due::Change(changed) => session = *changed,
            Due::Later => {}
        }
        let jobs = self.take(flow, &mut session, now);
        let bytes = if session == loaded.session {
            loaded.stored.bytes.clone()
        } else {
            encode_settled(&session).ok_or_else(too_large)?
        };
        let write = Write {
            tag: self.tag(),
            wake: machine::due(flow, &session).saturating_mul(1000),
            bytes,
        };
        let written = self.swap(Key::Session(key), &loaded.stored, write).await?;
        if let Written::Committed(_) = written {
            self.run(jobs);
            if settled {
                self.tell(key);
            }
        }
        Ok(written)
    }
}

fn tell(key: SessionKey, settled: Result<(), store::Error>) {
    if let Err(error) = settled {
        tracing::error!(session = %key, %error, "a session that is due could not be settled");
    }
}
