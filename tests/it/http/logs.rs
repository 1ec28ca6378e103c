//! What is logged of a request: never an id, a query or an answer.

use std::io;
use std::sync::{Arc, Mutex};

use deity::http::Settings;
use tracing_subscriber::fmt::MakeWriter;

use super::sessions::{FLOW, Walk};
use super::{ask, get, post};

/// A log that is read afterwards.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_id_query_or_answer_is_logged_at_any_level() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // Another test may come to a place that logs at this very moment, for the first time in this
    // process, and find that nobody listens; so each place is visited once, and then asked again.
    Walk::begin(FLOW, Settings::default()).await;
    tracing::callsite::rebuild_interest_cache();
    let mut walk = Walk::begin(FLOW, Settings::default()).await;
    let first = walk.ids();
    walk.press("continue", "&name=Canary+Lovelace&town=%00canary").await;
    walk.press("continue", "&name=Canary+Lovelace&canary=1").await;
    walk.press("continue", "&name=Canary+Lovelace&town=Canary").await;
    let second = walk.ids();
    walk.open(&[("referer", "http://deity.test/canary")]).await;
    for request in [
        get("/canary?canary=1", &[]),
        post("/bicycle?canary", &[("origin", "http://canary")], "canary=1"),
    ] {
        ask(walk.app(), request).await;
    }
    let said = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        said.lines().filter(|line| line.contains("/{flow}")).count() >= 4,
        "{said}"
    );
    assert!(!said.to_lowercase().contains("canary"), "{said}");
    for id in first.into_iter().chain(second) {
        assert!(!said.contains(&id), "{said}");
    }
}
