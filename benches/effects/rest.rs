//! At rest: what one person waits longer, and what one effect costs the store.
//!
//! Owns a Deity within this process, without sockets of its own, whose store is watched: there a
//! commit's moment can be told, and each call counted. Must not know the other measurements.

use std::io::{Error, Result};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use deity::catalog::Catalog;
use deity::effect::wire::Wire;
use deity::effect::{self, Effects, Outside};
use deity::engine::Engine;
use deity::http::{self, App};
use deity::id::SessionKey;
use deity::store::sled::Sled;
use deity::store::{self, Key, KeyKind, Pending, Store, Stored, Token, Write, Written};
use serde::Serialize;
use tokio::sync::{mpsc, watch};

use crate::common::callee::{Callee, micros};
use crate::common::inside;
use crate::common::page::{self, Next};
use crate::common::spread::Spread;

/// Between two phases, so that nothing of the last one is under way.
const REST: Duration = Duration::from_millis(5);
/// What the one person presses: without an effect, and with one.
pub const PLAIN: &str = "button";
pub const CALLED: &str = "called";

/// What was found, one value per person's phase; in microseconds where it is a time.
#[derive(Debug, Default, Serialize)]
pub struct Rest {
    /// From the commit of the step to the arrival of its request.
    pub arrival: Spread,
    /// A phase without an effect.
    pub plain: Spread,
    /// The same phase with one.
    pub called: Spread,
    /// The callee, called directly.
    pub direct: Spread,
    /// What the effect adds, without the callee's own time, pair by pair.
    pub added: Spread,
    /// Of one effect: writes of its session, and reads.
    pub writes: Spread,
    pub reads: Spread,
    /// Of one phase without: the same.
    pub plain_writes: Spread,
    pub plain_reads: Spread,
    /// Writes of sessions in the seconds after the last effect, timers included.
    pub later: u64,
    /// Connections to the callee, this program's own included.
    pub connections: u64,
    /// Calls that it got.
    pub calls: u64,
}

/// Measures so many pairs of phases.
pub fn measure(flows: &Path, data: &Path, callee: SocketAddr, pairs: usize) -> Result<Rest> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let rest = runtime.block_on(rest(flows, data, callee, pairs));
    runtime.shutdown_timeout(Duration::from_secs(1));
    rest
}

async fn rest(flows: &Path, data: &Path, addr: SocketAddr, pairs: usize) -> Result<Rest> {
    let deity = Deity::open(flows, data, addr).await?;
    let other = Callee::new(addr);
    let mut rest = Rest::default();
    // The first ones open connections and files.
    for n in 0..pairs + 10 {
        let began = Instant::now();
        other.call().await;
        let direct = began.elapsed();
        tokio::time::sleep(REST).await;
        let plain = Box::pin(deity.press(PLAIN)).await?;
        tokio::time::sleep(REST).await;
        let called = Box::pin(deity.press(CALLED)).await?;
        let told = other.told().await?;
        tokio::time::sleep(REST).await;
        if n < 10 {
            continue;
        }
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        rest.direct.0.push(micros(direct));
        rest.plain.0.push(micros(plain.took));
        rest.called.0.push(micros(called.took));
        rest.added
            .0
            .push(micros(called.took) - micros(plain.took) - micros(direct));
        rest.arrival.0.push(told.last as f64 - called.committed as f64);
        rest.writes.0.push(called.writes as f64);
        rest.reads.0.push(called.reads as f64);
        rest.plain_writes.0.push(plain.writes as f64);
        rest.plain_reads.0.push(plain.reads as f64);
    }
    let before = deity.store.writes.load(Relaxed);
    // Timers look every half second, and some more often than sessions fall due.
    tokio::time::sleep(Duration::from_secs(3)).await;
    rest.later = deity.store.writes.load(Relaxed) - before;
    let told = other.told().await?;
    (rest.connections, rest.calls) = (told.connections, told.calls);
    deity.close().await;
    Ok(rest)
}

/// One pressed button.
struct Pressed {
    took: Duration,
    /// When its first write was on disk.
    committed: u64,
    writes: u64,
    reads: u64,
}

struct Deity {
    app: App,
    store: Arc<Watched>,
    stop: watch::Sender<bool>,
    timers: tokio::task::JoinHandle<()>,
    effects: tokio::task::JoinHandle<()>,
}

impl Deity {
    async fn open(flows: &Path, data: &Path, callee: SocketAddr) -> Result<Self> {
        let (catalog, _) = Catalog::load(flows)?;
        let store = Arc::new(Watched::new(inside::open(data)?));
        let engine = Engine::open(Arc::clone(&store) as _, Arc::new(catalog), inside::world(0), None)
            .await
            .map_err(Error::other)?;
        let (jobs, waiting) = mpsc::channel(effect::JOBS);
        let engine = engine.hire(jobs, true);
        let effects = Effects::new(engine.clone(), Arc::new(outside(callee)?));
        let (stop, stopped) = watch::channel(false);
        let app = App::new(engine.clone(), http::Settings::default()).with_effects(effects.clone());
        Ok(Self {
            app,
            store,
            stop,
            timers: tokio::spawn(async move {
                loop {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    engine.tick().await.expect("a tick");
                }
            }),
            effects: tokio::spawn(effects.run(waiting, stopped, Duration::from_secs(5))),
        })
    }

    /// From a start page to the receipt; the last phase counts.
    async fn press(&self, flow: &str) -> Result<Pressed> {
        let start = self.phase(flow, None).await?;
        let screen = self.phase(flow, Some(inside::form(&start)?)).await?;
        let body = inside::form(&screen)?;
        let (writes, reads) = (self.store.writes.load(Relaxed), self.store.reads.load(Relaxed));
        self.store.committed.store(0, Relaxed);
        tokio::time::sleep(REST).await;
        let began = Instant::now();
        let receipt = self.phase(flow, Some(body)).await?;
        let took = began.elapsed();
        if page::next(&receipt) != Next::Receipt {
            return Err(Error::other(format!("no receipt: {receipt}")));
        }
        Ok(Pressed {
            took,
            committed: self.store.committed.load(Relaxed),
            writes: self.store.writes.load(Relaxed) - writes,
            reads: self.store.reads.load(Relaxed) - reads,
        })
    }

    async fn phase(&self, flow: &str, body: Option<String>) -> Result<String> {
        inside::phase(&self.app, flow, body).await
    }

    async fn close(self) {
        self.stop.send_replace(true);
        self.timers.abort();
        // That it was cut off is what is wanted.
        self.timers.await.ok();
        self.effects.await.expect("the runner ends");
        self.store.inner.close().await;
    }
}

fn outside(callee: SocketAddr) -> Result<Outside> {
    Ok(Outside {
        wire: Wire::new(callee.to_string().parse().map_err(Error::other)?),
        smtp: None,
        mail_from: None,
        programs: PathBuf::new(),
        directory: PathBuf::new(),
        own: PathBuf::new(),
        keeper: PathBuf::new(),
        environment: Arc::new(move |name| (name == "CALLEE").then(|| format!("http://{callee}"))),
        base: OnceLock::new(),
    })
}

/// A store that is watched.
struct Watched {
    inner: Sled,
    writes: AtomicU64,
    reads: AtomicU64,
    /// When the first write since this was set to 0 was on disk.
    committed: AtomicU64,
    /// Makes "the first" one.
    first: Mutex<()>,
}

impl Watched {
    fn new(inner: Sled) -> Self {
        Self {
            inner,
            writes: AtomicU64::new(0),
            reads: AtomicU64::new(0),
            committed: AtomicU64::new(0),
            first: Mutex::default(),
        }
    }

    fn write<'a, T: 'a>(&'a self, call: Pending<'a, T>) -> Pending<'a, T> {
        Box::pin(async move {
            let written = call.await;
            let now = micros();
            self.writes.fetch_add(1, Relaxed);
            let _first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            if self.committed.load(Relaxed) == 0 {
                self.committed.store(now, Relaxed);
            }
            written
        })
    }
}

type Answer<T> = std::result::Result<T, store::Error>;

impl Store for Watched {
    fn get(&self, key: Key) -> Pending<'_, Answer<Option<Stored>>> {
        self.reads.fetch_add(1, Relaxed);
        self.inner.get(key)
    }

    fn create(&self, key: Key, write: Write) -> Pending<'_, Answer<Written>> {
        self.write(self.inner.create(key, write))
    }

    fn cas(&self, key: Key, expect: Token, write: Write) -> Pending<'_, Answer<Written>> {
        self.write(self.inner.cas(key, expect, write))
    }

    fn delete(&self, key: Key, expect: Token) -> Pending<'_, Answer<Written>> {
        self.write(self.inner.delete(key, expect))
    }

    fn claim(&self, now: i64, lease_until: i64, limit: usize) -> Pending<'_, Answer<Vec<(SessionKey, Stored)>>> {
        let claim = self.inner.claim(now, lease_until, limit);
        Box::pin(async move {
            let claimed = claim.await;
            // Whatever is claimed is written anew.
            let claims = claimed.as_ref().map_or(0, Vec::len);
            self.writes.fetch_add(claims as u64, Relaxed);
            claimed
        })
    }

    fn scan(&self, kind: KeyKind, after: Option<Key>, limit: usize) -> Pending<'_, Answer<Vec<(Key, Stored)>>> {
        self.inner.scan(kind, after, limit)
    }

    fn check(&self) -> Pending<'_, Answer<()>> {
        self.inner.check()
    }
}
