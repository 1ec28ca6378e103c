//! The driver: load, decide, commit, say what to show.
//!
//! Owns the one way in which a session changes (`change`), and who has it change: a phase (`phase`),
//! a start (`begin`), a return (`returns`), a callee (`effects`), time (`timer`); the time by which all that is decided (`clock`, `time`);
//! and the definitions that sessions are pinned to (`definitions`). The only module that holds both the store
//! and the machine. Must not know HTTP, HTML or how a record looks.

mod begin;
mod change;
mod clock;
mod closed;
mod definitions;
mod effects;
mod lane;
mod open;
mod phase;
mod reply;
mod returns;
mod saved;
mod time;
mod timer;
mod trace;
mod typed;

use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::id::{ScreenId, ServerKey, Ticket};
use crate::machine::{Leap, Node};
use crate::store::{self, Key, Store, Stored, Write, Written};

use arc_swap::ArcSwap;
use change::Afoot;
pub use change::Removed;
pub use clock::Passing;
use clock::Timekeeper;
pub use closed::Closed;
use definitions::Definitions;
use effects::Outside;
pub use effects::{Heard, Job};
pub use lane::Block;
use lane::Lane;
pub use open::Unopened;
pub use reply::{Came, CodeTyped, Lost, Reply, Request, Returning, Secret, Shown, Start};
pub use time::{Doubt, Reading};

/// Fills the bytes with secrets.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// What the core may not reach for itself: time and randomness.
#[derive(Clone)]
pub struct World {
    /// Milliseconds since 1970.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Random bytes.
    pub random: Random,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

/// The driver. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    store: Arc<dyn Store>,
    catalog: Arc<Catalog>,
    definitions: Arc<Definitions>,
    world: World,
    key: ServerKey,
    node: Node,
    outside: Arc<Outside>,
    afoot: Arc<Afoot>,
    /// Where nobody keeps time, it is the wall clock's.
    timekeeper: Option<Arc<Timekeeper>>,
    /// Leaps of the clock that the server which is stopped now had seen.
    leaps: Arc<[Leap]>,
    /// What its changes have until they are done.
    turn: Option<Arc<dyn Any + Send + Sync>>,
    /// Flows that are not started at present.
    closed: Arc<ArcSwap<BTreeSet<String>>>,
    /// Whom people may ask, in the operator's words.
    contact: Option<Arc<str>>,
    lane: Lane,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl Engine {
    /// One phase of a session, or its start.
    pub async fn answer(&self, request: Request) -> Reply {
        // A ticket stands where an id does, and is longer.
        let ticket = request.session.len() > 22;
        if let Some(token) = &request.returning {
            return self.come_back(token, &request).await;
        }
        let reply = match (ticket, request.post) {
            (true, true) => self.begin(&request).await,
            (true, false) => self.start_page(&request.flow),
            (false, _) => self.phase(&request).await,
        };
        reply.unwrap_or_else(|| Reply::NotFound {
            // In the language of the page from which it comes, as far as that says one.
            flow: self
                .catalog
                .flow(&request.flow)
                .map(|flow| phase::spoken(flow, ScreenId::language_said(&request.screen))),
            typed: request.fields,
        })
    }

    /// The most that a form of any flow that is served posts.
    pub fn posts(&self) -> crate::flow::Posts {
        self.catalog.posts()
    }

    /// The flows that can be started.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The key under which what pages carry is sealed.
    pub fn key(&self) -> &ServerKey {
        &self.key
    }

    /// The store, for the operator's commands.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    fn seconds(&self) -> i64 {
        self.now().div_euclid(1000)
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.world.random)(&mut bytes);
        bytes
    }

    fn ticket(&self, flow: &str) -> String {
        let at = u64::try_from(self.seconds()).unwrap_or(0);
        Ticket {
            at,
            nonce: self.random(),
        }
        .sealed(flow, &self.key)
    }

    fn tag(&self) -> u64 {
        u64::from_be_bytes(self.random())
    }

    /// Writes the next version. In doubt, the same compare-and-swap is issued again: a read could
    /// not tell, since the first may still arrive.
    async fn swap(&self, key: Key, before: &Stored, write: Write) -> Result<Written, store::Error> {
        let mut doubtful = false;
        for pause in [20, 50, 100, 200, 0] {
            match self.store.cas(key, before.token, write.clone()).await {
                Err(store::Error::InDoubt(why)) => {
                    tracing::warn!(why, "a write is in doubt; it is issued again");
                    doubtful = true;
                    tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                }
                Ok(Written::Conflict) if doubtful => return self.settle(key, before, &write).await,
                other => return other,
            }
        }
        Err(store::Error::InDoubt(
            "the store did not answer for sure in time".into(),
        ))
    }

    /// After a doubt, a conflict may be our own first try: then the tag is ours.
    async fn settle(&self, key: Key, before: &Stored, write: &Write) -> Result<Written, store::Error> {
        let stored = self.store.get(key).await?;
        Ok(match stored {
            Some(now) if now.token.tag == write.tag && now.token.version == before.token.version + 1 => {
                Written::Committed(now.token)
            }
            _ => Written::Conflict,
        })
    }
}
