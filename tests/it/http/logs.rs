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
async fn a_request_has_one_line_with_its_flow_reference_status_time_and_number() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    Walk::begin(FLOW, Settings::default()).await;
    tracing::callsite::rebuild_interest_cache();
    log.0.lock().unwrap().clear();
    let mut walk = Walk::begin(FLOW, Settings::default()).await;
    walk.press("continue", "&name=&town=").await;
    let refused = ask(walk.app(), post("/bicycle", &[], "name=%")).await;
    let [id, screen] = walk.ids();
    let ids = format!("sessionID={id}&screenID={screen}");
    ask(walk.app(), post("/bicycle", &[], format!("{ids}&name=Ada&town=Ul"))).await;
    ask(walk.app(), post("/bicycle", &[], format!("{ids}&nothing=x&E="))).await;
    ask(walk.app(), get("/unheard-of", &[])).await;
    let said = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "answered").collect();
    let session = deity::id::SessionId::parse(&walk.ids()[0]).unwrap();
    let reference = session.key().reference();
    let told: Vec<_> = answered
        .iter()
        .map(|line| {
            (
                line["flow"].as_str().unwrap(),
                line["reference"].as_str().unwrap(),
                line["status"].as_u64(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("bicycle", "", Some(200)),
            ("bicycle", reference.as_str(), Some(200)),
            ("bicycle", reference.as_str(), Some(422)),
            ("bicycle", "", Some(400)),
            ("bicycle", reference.as_str(), Some(400)),
            ("bicycle", reference.as_str(), Some(400)),
            // What somebody made up is no flow.
            ("", "", Some(404)),
        ]
    );
    assert!(
        answered
            .iter()
            .all(|line| line["micros"].is_u64() && line["level"] == "INFO")
    );
    let number = answered[3]["request"].as_str().unwrap();
    let page = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(
        number.len() == 8 && page.contains(&format!("request {number}.")),
        "{number}: {page}"
    );
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
