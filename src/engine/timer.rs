//! Timers: what falls due by itself.
//!
//! Owns one look at what is due: all of it is claimed, those that hold something outside are
//! changed at once, the others when nothing more is found; many abreast, so that they share a
//! sync. Due times are only hints; the record decides. Must not know the clock or how often it is
//! called.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::Engine;
use super::change::{By, Verdict};
use crate::id::SessionKey;
use crate::machine::{self, Asked, Due, Purpose};
use crate::store::{self, Key, Stored, record};

/// Sessions claimed at a time.
const BATCH: usize = store::CLAIM;
/// Sessions changed abreast: as many as a group of the store takes.
const ABREAST: u32 = 512;
/// Sessions of one look.
const LOOK: usize = 200_000;
/// Bytes of their records that are kept meanwhile; of the others only the keys are.
const KEPT: usize = 32 << 20;
/// How long a claimed session is left to the node that claimed it, in milliseconds.
const LEASE: i64 = 60_000;
/// What lies under a lease of another process at a start: none is longer, in milliseconds.
const LEASES: i64 = 120_000;

impl Engine {
    /// Lets time pass for the sessions that are due. Whether there may be more of them now. Dropped,
    /// it begins with no further session; those that were claimed wait for their lease.
    pub async fn tick(&self) -> Result<bool, store::Error> {
        let now = self.now();
        self.pass(now, now.saturating_add(LEASE), true).await
    }

    /// Takes up what a process that is gone had taken; only for one that is alone on its store.
    pub async fn take_over(&self) -> Result<(), store::Error> {
        let when = self.now().saturating_add(LEASES);
        // Put off no further than that: should this process die now, the next one finds them
        // again. None is changed before all are found: it may fall due again within this time.
        self.pass(when, when.saturating_add(1), false).await.map(drop)
    }

    async fn pass(&self, when: i64, lease: i64, at_once: bool) -> Result<bool, store::Error> {
        let mut look = Look::new(self);
        let mut more = true;
        while more && look.found() < LOOK {
            let claimed = self.store.claim(when, lease, BATCH).await?;
            more = !claimed.is_empty();
            for (key, stored) in claimed {
                look.found_one(key, stored).await;
            }
            if at_once {
                look.urgent().await;
            }
        }
        look.urgent().await;
        look.others().await;
        Ok(more)
    }

    /// What is due in one session; where a phase was there first, it is looked at anew.
    async fn look(&self, key: SessionKey, found: Option<Stored>) -> Result<(), store::Error> {
        let found = match found {
            Some(found) => Some(found),
            None => self.store.get(Key::Session(key)).await?,
        };
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

    /// Whether something outside is to be taken back, or to be settled.
    async fn is_urgent(&self, key: SessionKey, stored: &Stored) -> bool {
        let Ok(session) = record::decode(key, &stored.bytes) else {
            return false;
        };
        let open = |asked: &Asked| asked.is_open() && asked.purpose != Purpose::Look;
        session.asked.iter().any(open) || self.pinned(&session).await.is_ok_and(|flow| session.holds(&flow))
    }
}

/// What one look has found.
struct Look<'a> {
    engine: &'a Engine,
    abreast: Arc<Semaphore>,
    urgent: Vec<(SessionKey, Option<Stored>)>,
    others: Vec<(SessionKey, Option<Stored>)>,
    bytes: usize,
    begun: usize,
}

impl<'a> Look<'a> {
    fn new(engine: &'a Engine) -> Self {
        Self {
            engine,
            abreast: Arc::new(Semaphore::new(ABREAST as usize)),
            urgent: Vec::new(),
            others: Vec::new(),
            bytes: 0,
            begun: 0,
        }
    }

    fn found(&self) -> usize {
        self.begun + self.urgent.len() + self.others.len()
    }

    async fn found_one(&mut self, key: SessionKey, stored: Stored) {
        let urgent = self.engine.is_urgent(key, &stored).await;
        self.bytes = self.bytes.saturating_add(stored.bytes.len());
        let kept = (self.bytes <= KEPT).then_some(stored);
        let list = if urgent { &mut self.urgent } else { &mut self.others };
        list.push((key, kept));
    }

    async fn urgent(&mut self) {
        let urgent = std::mem::take(&mut self.urgent);
        self.begin(urgent).await;
    }

    /// The others, and the end of all.
    async fn others(mut self) {
        let others = std::mem::take(&mut self.others);
        self.begin(others).await;
        // Closed by nobody.
        drop(self.abreast.acquire_many(ABREAST).await);
    }

    async fn begin(&mut self, found: Vec<(SessionKey, Option<Stored>)>) {
        for (key, stored) in found {
            let place = Arc::clone(&self.abreast).acquire_owned().await;
            let engine = self.engine.clone();
            self.begun += 1;
            self.engine.set_off(async move {
                if let Err(error) = engine.look(key, stored).await {
                    tracing::error!(session = %key, %error, "a session that is due could not be settled");
                }
                drop(place);
            });
        }
    }
}
