//! Shared dictionaries (RFC 9842) as a client meets them, and what who has none gets.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deity::catalog::Catalog;
use deity::engine::Engine;
use deity::flow::Flow;
use deity::http::{App, Settings};
use deity::store::Memory;
use sha2::{Digest as _, Sha256};

use super::{Answer, ask, get, post, world};

const FLOW: &str = include_str!("../../../phases/home-repair-grant.toml");
const START: &str = "/home-repair-grant";

async fn app(origin: Option<&str>) -> Arc<App> {
    let (flow, _) = Flow::read("home-repair-grant", FLOW).unwrap();
    let engine = Engine::open(Arc::new(Memory::new()), Arc::new(Catalog::of([flow])), world(), None);
    let settings = Settings {
        origin: origin.map(|origin| origin.parse().unwrap()),
        ..Settings::default()
    };
    Arc::new(App::new(engine.await.unwrap(), settings))
}

/// The address that an answer offers.
fn offered(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    let rest = link.strip_prefix('<').unwrap();
    Some(rest.strip_suffix(">;rel=compression-dictionary").unwrap().to_owned())
}

async fn fetched(app: &Arc<App>) -> (String, Vec<u8>) {
    let start = ask(
        app,
        get(START, &[("host", "localhost"), ("accept-encoding", "gzip, br")]),
    )
    .await;
    let address = offered(&start).unwrap();
    let answer = ask(app, get(&address, &[])).await;
    (address, answer.body.to_vec())
}

fn hash(dictionary: &[u8]) -> String {
    format!(":{}:", STANDARD.encode(Sha256::digest(dictionary)))
}

#[tokio::test]
async fn a_start_page_offers_one_where_a_browser_may_take_it() {
    for (origin, host, encoding, offers) in [
        (None, "localhost", "gzip, deflate, br, zstd", true),
        (None, "127.0.0.1:8080", "br", true),
        (None, "[::1]:8080", "br", true),
        (None, "forms.test", "br", false),
        (None, "localhost", "gzip", false),
        (None, "localhost", "", false),
        (Some("https://forms.test"), "forms.test", "br", true),
        (Some("http://forms.test"), "forms.test", "br", false),
    ] {
        let app = app(origin).await;
        let answer = ask(&app, get(START, &[("host", host), ("accept-encoding", encoding)])).await;
        assert_eq!(offered(&answer).is_some(), offers, "{origin:?} {host} {encoding}");
        assert_eq!(answer.status, 200);
    }
    // Nothing is offered on other pages.
    let app = app(None).await;
    let answer = ask(&app, get("/", &[("host", "localhost"), ("accept-encoding", "br")])).await;
    assert_eq!(offered(&answer), None);
}

#[tokio::test]
async fn it_is_kept_for_ever_and_holds_the_flows_own_texts() {
    let app = app(None).await;
    let (address, dictionary) = fetched(&app).await;
    assert!(address.len() == "/d/".len() + 8, "{address}");
    let answer = ask(&app, get(&address, &[("accept-encoding", "br")])).await;
    assert_eq!(answer.header("content-encoding"), Some("br"));
    assert_eq!(
        answer.header("use-as-dictionary"),
        Some("match=\"/home-repair-grant*\"")
    );
    assert_eq!(answer.header("cache-control"), Some("max-age=31536000,immutable"));
    let sizes = (dictionary.len(), answer.body.len());
    assert!(sizes.0 <= 10_400 && sizes.1 <= 2_560, "{sizes:?}");
    let text = String::from_utf8_lossy(&dictionary);
    assert!(
        text.contains("<!doctype html>") && text.contains("There is a problem"),
        "{text}"
    );
    assert!(text.contains("sessionID value=>"), "no ids: {text}");
    assert_eq!(ask(&app, get("/d/AAAAAAAA", &[])).await.status, 404);
    assert_eq!(ask(&app, get("/d/", &[])).await.status, 404);
    assert_eq!(ask(&app, post(&address, &[], "")).await.status, 405);
    // Another process, the same definition: the same dictionary.
    assert_eq!(fetched(&self::app(None).await).await, (address, dictionary));
}

#[tokio::test]
async fn pages_come_against_the_dictionary_that_the_browser_has_and_else_as_to_everybody() {
    let app = app(None).await;
    let (_, dictionary) = fetched(&app).await;
    let (right, wrong) = (hash(&dictionary), hash(b"another"));
    let cases = [
        (Some(&right), "gzip, br, zstd, dcb, dcz", "dcb"),
        (Some(&right), "dcb", "dcb"),
        (Some(&right), "br, dcb;q=0", "br"),
        (Some(&right), "gzip, br", "br"),
        (Some(&wrong), "gzip, br, dcb", "br"),
        (None, "gzip, br, dcb", "br"),
        (None, "gzip, dcb", "gzip"),
    ];
    for (available, encoding, expected) in cases {
        let mut headers = vec![("host", "localhost"), ("accept-encoding", encoding)];
        headers.extend(available.map(|hash| ("available-dictionary", hash.as_str())));
        let answer = ask(&app, get(START, &headers)).await;
        assert_eq!(
            answer.header("content-encoding"),
            Some(expected),
            "{available:?} {encoding}"
        );
        if expected == "dcb" {
            assert_eq!(answer.body[..4], [0xff, 0x44, 0x43, 0x42]);
            assert_eq!(answer.body[4..36], *Sha256::digest(&dictionary));
            assert_eq!(offered(&answer), None, "it has it");
        }
    }
    for broken in [
        "",
        "::",
        ":AAAA:",
        "AAAA",
        ":not base64 at all, and longer than it may be!:",
    ] {
        let headers = [
            ("host", "localhost"),
            ("accept-encoding", "br, dcb"),
            ("available-dictionary", broken),
        ];
        let answer = ask(&app, get(START, &headers)).await;
        assert_eq!(answer.header("content-encoding"), Some("br"), "{broken}");
    }
}
