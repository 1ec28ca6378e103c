//! When what is behind the server hangs or breaks: an answer in time, what was typed in it, and
//! the next request is served.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::Duration;

use deity::catalog::Catalog;
use deity::engine::Engine;
use deity::http::{App, Settings, handle};
use deity::id::SessionKey;
use deity::limits::Http;
use deity::store::{Error, Key, KeyKind, Memory, Pending, Store, Stored, Token, Write, Written};
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use super::{PEER, ask, get, post, world};

const WELL: u8 = 0;
const HANGS: u8 = 1;
const BREAKS: u8 = 2;

/// A store in memory whose sessions cannot be read at times.
#[derive(Default)]
struct Troubled {
    memory: Memory,
    mood: AtomicU8,
}

impl Store for Troubled {
    fn get(&self, key: Key) -> Pending<'_, Result<Option<Stored>, Error>> {
        match self.mood.load(Relaxed) {
            HANGS => Box::pin(pending()),
            BREAKS => Box::pin(async { panic!("planted: the store breaks") }),
            _ => self.memory.get(key),
        }
    }

    fn create(&self, key: Key, write: Write) -> Pending<'_, Result<Written, Error>> {
        self.memory.create(key, write)
    }

    fn cas(&self, key: Key, expect: Token, write: Write) -> Pending<'_, Result<Written, Error>> {
        self.memory.cas(key, expect, write)
    }

    fn delete(&self, key: Key, expect: Token) -> Pending<'_, Result<Written, Error>> {
        self.memory.delete(key, expect)
    }

    fn claim(&self, now: i64, lease_until: i64, limit: usize) -> Pending<'_, Result<Vec<(SessionKey, Stored)>, Error>> {
        self.memory.claim(now, lease_until, limit)
    }

    fn scan(&self, kind: KeyKind, after: Option<Key>, limit: usize) -> Pending<'_, Result<Vec<(Key, Stored)>, Error>> {
        self.memory.scan(kind, after, limit)
    }

    fn check(&self) -> Pending<'_, Result<(), Error>> {
        self.memory.check()
    }
}

async fn troubled(limits: Http) -> (Arc<App>, Arc<Troubled>) {
    let store = Arc::new(Troubled::default());
    let engine = Engine::open(
        Arc::clone(&store) as Arc<dyn Store>,
        Arc::new(Catalog::default()),
        world(),
        None,
    )
    .await
    .unwrap();
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    (Arc::new(App::new(engine, settings)), store)
}

/// A phase of a session that is well formed and unknown.
fn phase() -> hyper::Request<http_body_util::Full<bytes::Bytes>> {
    let id = "AAAAAAAAQACAAAAAAAAAAA";
    post(
        "/a",
        &[],
        format!("sessionID={id}&screenID=BQAABgBk3yXzQ5m8aA&actionID=continue&name=Ada+Lovelace"),
    )
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_given_up_with_what_was_typed() {
    let limits = Http::default();
    let (app, store) = troubled(limits.clone()).await;
    assert_eq!(ask(&app, phase()).await.status, 404);
    store.mood.store(HANGS, Relaxed);
    let began = Instant::now();
    let answer = ask(&app, phase()).await;
    assert_eq!(answer.status, 503);
    assert_eq!(began.elapsed().as_secs(), limits.handler_time.as_secs());
    assert_eq!(answer.header("retry-after"), Some("2"));
    let page = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(page.contains("Ada Lovelace"), "{page}");
    store.mood.store(WELL, Relaxed);
    assert_eq!(ask(&app, phase()).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn a_few_that_hang_do_not_make_the_others_wait_long() {
    for (in_flight, waiting) in [(1, 0), (1, 1), (2, 1), (2, 2), (2, 3)] {
        let (app, store) = troubled(Http {
            in_flight,
            ..Http::default()
        })
        .await;
        store.mood.store(HANGS, Relaxed);
        for _ in 0..waiting {
            let app = Arc::clone(&app);
            tokio::spawn(async move { handle(&app, phase(), PEER).await });
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        store.mood.store(WELL, Relaxed);
        let began = Instant::now();
        let answer = ask(&app, phase()).await;
        let full = waiting >= in_flight;
        assert_eq!(answer.status, if full { 503 } else { 404 }, "{waiting} of {in_flight}");
        assert_eq!(began.elapsed().as_secs(), u64::from(full));
        let page = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!full || page.contains("Ada Lovelace"), "{page}");
        assert_eq!(ask(&app, get("/", &[])).await.status, if full { 503 } else { 200 });
    }
}

#[tokio::test]
async fn a_panic_costs_one_answer() {
    let (app, store) = troubled(Http::default()).await;
    store.mood.store(BREAKS, Relaxed);
    let response = handle(&app, phase(), PEER).await;
    assert_eq!(response.status(), 500);
    let page = response.into_body().collect().await.unwrap().to_bytes();
    assert!(
        !String::from_utf8_lossy(&page).contains("planted"),
        "the reason is for the log"
    );
    store.mood.store(WELL, Relaxed);
    assert_eq!(ask(&app, phase()).await.status, 404);
}
