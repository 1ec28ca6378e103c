//! Which paths serve what: one spelling each, below any prefix, in every browser.

use std::sync::Arc;

use deity::http::{App, Settings};
use hyper::StatusCode;

use super::sessions::{FLOW, Walk, hidden_in, serving};
use super::{Answer, ask, get, post, statuses, talk};
use crate::support::html;

fn text(page: &Answer) -> String {
    String::from_utf8(page.body.to_vec()).unwrap()
}

fn at(origin: &str) -> Settings {
    Settings {
        origin: Some(origin.parse().unwrap()),
        ..Settings::default()
    }
}

/// Other spellings of `/bicycle`.
const OTHERS: [&str; 8] = [
    "/Bicycle",
    "/BICYCLE",
    "/bicycle/",
    "//bicycle",
    "/bicycle//",
    "/bi%63ycle",
    "/%42icycle/",
    "/bicycle%2F",
];

#[tokio::test]
async fn one_spelling_of_a_path_serves_a_flow_and_others_lead_to_it() {
    let app = serving(FLOW, at("http://deity.test")).await;
    assert_eq!(ask(&app, get("/bicycle", &[])).await.status, 200);
    for path in OTHERS {
        let moved = ask(&app, get(path, &[])).await;
        assert_eq!(
            (moved.status, moved.header("location")),
            (301, Some("/bicycle")),
            "{path}"
        );
        for answer in [
            ask(&app, get(&format!("{path}?utm=1"), &[])).await,
            ask(&app, get(&format!("{path}?sessionID=a&screenID=b"), &[])).await,
            ask(&app, post(path, &[], "sessionID=a&screenID=b&name=Ada")).await,
        ] {
            assert_eq!(answer.status, 404, "{path}");
            assert!(text(&answer).contains("href=\"/bicycle\""), "{path}: {}", text(&answer));
        }
    }
    for path in [
        "/bicycles",
        "/bi/cycle",
        "/bicycle/x",
        "/bi%cycle",
        "/%ff",
        "/bicycle.",
        "/.",
        "/bicycle;a",
    ] {
        let answer = ask(&app, get(path, &[])).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!text(&answer).contains("/bicycle"), "{path}: {}", text(&answer));
    }
}

#[tokio::test]
async fn a_form_sent_to_another_spelling_is_not_taken_and_shows_what_was_typed() {
    let mut walk = Walk::begin(FLOW, Settings::default()).await;
    let [session, screen] = walk.ids();
    let body = format!("sessionID={session}&screenID={screen}&actionID=continue&name=Ada&town=");
    for path in OTHERS {
        let answer = ask(walk.app(), post(path, &[], body.clone())).await;
        assert_eq!(answer.status, 404, "{path}");
        let page = text(&answer);
        assert!(
            page.contains("Ada") && page.contains("href=\"/bicycle\""),
            "{path}: {page}"
        );
        assert!(!page.contains(&session), "{path}: {page}");
    }
    // It is still where it was.
    let page = text(&walk.press("continue", "&name=Eve&town=").await);
    assert!(page.contains("Eve") && !page.contains("Ada"), "{page}");
}

#[tokio::test]
async fn where_nobody_knows_the_name_of_the_server_nothing_is_moved() {
    let app = serving(FLOW, Settings::default()).await;
    let answer = ask(&app, get("/Bicycle", &[])).await;
    assert_eq!(answer.status, 404);
    assert!(text(&answer).contains("href=\"/bicycle\""));
    let local = Settings {
        local: true,
        ..Settings::default()
    };
    let app = serving(FLOW, local).await;
    assert_eq!(ask(&app, get("/Bicycle", &[])).await.status, 301);
}

#[tokio::test]
async fn a_target_that_names_our_own_host_is_served() {
    let app = Arc::new(serving(FLOW, at("http://deity.test")).await);
    for (target, host, status) in [
        ("http://deity.test/bicycle", "deity.test", 200),
        ("http://DEITY.test:80/bicycle?a=1", "deity.test", 200),
        ("http://deity.test", "Deity.test:80", 200),
        ("http://deity.test/bicycle", "other.test", 400),
        ("http://other.test/bicycle", "deity.test", 400),
        ("http://other.test/bicycle", "other.test", 421),
        ("http://deity.test:8080/bicycle", "deity.test:8080", 421),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(statuses(&talk(&app, request).await), [status], "{target} {host}");
    }
    let old = talk(&app, "GET http://deity.test/bicycle HTTP/1.0\r\n\r\n").await;
    assert_eq!(statuses(&old), [200]);
    // The host of the target counts as the request's own: a form of its own page is not foreign.
    let app = Arc::new(serving(FLOW, Settings::default()).await);
    let form = "sessionID=x&screenID=y";
    for (origin, status) in [("http://here.test", 404), ("http://there.test", 403)] {
        let request = format!(
            "POST http://here.test/bicycle HTTP/1.1\r\nHost: here.test\r\nOrigin: {origin}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        assert_eq!(statuses(&talk(&app, request).await), [status], "{origin}");
    }
}

/// A reference resolved as RFC 2396 (5.2) says and Emacs' eww does: a bare query is one of the
/// directory.
fn resolved(base: &str, reference: &str) -> String {
    let path = base.split('?').next().unwrap();
    let (directory, _) = path.rsplit_once('/').unwrap();
    match reference {
        _ if reference.starts_with('/') => reference.to_owned(),
        _ if reference.starts_with('#') => format!("{base}{reference}"),
        _ => format!("{directory}/{reference}"),
    }
}

/// The addresses of a page's forms and links.
fn addresses(page: &str) -> Vec<String> {
    let (root, _) = html::parse(page);
    let of = |name: &'static str, attribute: &'static str| {
        let found: Vec<String> = root
            .named(name)
            .filter_map(|element| element.attribute(attribute).map(str::to_owned))
            .collect();
        found
    };
    [of("form", "action"), of("a", "href")].concat()
}

/// Walks the flow as a browser that resolves by RFC 2396, at this path of the proxy; the proxy
/// takes `prefix` away.
async fn walks(app: &App, prefix: &str) {
    let strip = |path: &str| {
        let inner = path.strip_prefix(prefix);
        inner.unwrap_or_else(|| panic!("{path} has left {prefix}")).to_owned()
    };
    let index = ask(app, get("/", &[])).await;
    let mut here = resolved(&format!("{prefix}/"), &addresses(&text(&index))[0]);
    assert_eq!(here, format!("{prefix}/bicycle"));
    let mut page = text(&ask(app, get(&strip(&here), &[])).await);
    for (action, fields) in [
        ("start", ""),
        ("continue", "&name=&town="),
        ("continue", "&name=Ada&town="),
        // Of the review the change link, in place of its button.
        ("", ""),
        ("continue", "&name=Ada&town=Ulm"),
        ("submit", ""),
    ] {
        for address in addresses(&page) {
            let there = resolved(&here, &address);
            assert_eq!(
                there.split(['?', '#']).next(),
                Some(format!("{prefix}/bicycle").as_str())
            );
        }
        if action.is_empty() {
            let link = addresses(&page)
                .into_iter()
                .find(|address| address.contains("&actionID="));
            here = resolved(&here, &link.expect("a change link"));
            page = text(&ask(app, get(&strip(&here), &[("sec-fetch-site", "same-origin")])).await);
            assert!(page.contains("Who are you?"), "{page}");
            continue;
        }
        let [session, screen] = ["sessionID", "screenID"].map(|name| hidden_in(&page, name).unwrap());
        here = resolved(&here, &addresses(&page)[0]);
        let body = format!("sessionID={session}&screenID={screen}&actionID={action}{fields}");
        let answer = ask(app, post(&strip(&here), &[], body)).await;
        assert!(matches!(answer.status, 200 | 422), "{action}: {}", answer.status);
        page = text(&answer);
    }
    assert!(page.contains("Have a good ride"), "{page}");
}

#[tokio::test]
async fn forms_and_links_resolve_by_the_old_rules_too() {
    walks(&serving(FLOW, Settings::default()).await, "").await;
}

#[tokio::test]
async fn below_a_prefix_everything_stays_below_it() {
    for prefix in ["/pay", "/a/b.c"] {
        let app = serving(FLOW, at(&format!("http://deity.test{prefix}"))).await;
        walks(&app, prefix).await;
        for path in ["/nowhere", "/no/where", "/Bicycle?x", "/bicycle/"] {
            let answer = ask(&app, post(path, &[], "a=1")).await;
            assert_eq!(answer.status, 404);
            for address in addresses(&text(&answer)) {
                assert!(address.starts_with(&format!("{prefix}/")), "{path}: {address}");
            }
        }
        let wrong = ask(&app, post("/bicycle", &[("sec-fetch-site", "cross-site")], "a=1")).await;
        assert_eq!(addresses(&text(&wrong)), [format!("{prefix}/")]);
        let moved = ask(&app, get("/bicycle/", &[])).await;
        assert_eq!(moved.header("location"), Some(format!("{prefix}/bicycle").as_str()));
        // Left in by a proxy, the prefix is a path like any other: two spellings would be two ways in.
        assert_eq!(ask(&app, get(&format!("{prefix}/bicycle"), &[])).await.status, 404);
        // Its own pages are ours, another host's are not.
        for (origin, status) in [("http://deity.test", 404), ("http://evil.test", 403)] {
            let answer = ask(&app, post("/bicycle", &[("origin", origin)], "sessionID=x&screenID=y")).await;
            assert_eq!(answer.status, status, "{origin}");
        }
    }
}

#[tokio::test]
async fn below_a_prefix_a_dictionary_is_for_the_pages_below_it() {
    let app = Arc::new(serving(FLOW, at("https://deity.test/pay")).await);
    let start = ask(&app, get("/bicycle", &[("accept-encoding", "gzip, br, dcb")])).await;
    let link = start.header("link").expect("an offer").to_owned();
    let address = link.trim_start_matches('<').split('>').next().unwrap();
    let path = address.strip_prefix("/pay").unwrap_or_else(|| panic!("{link}"));
    let dictionary = ask(&app, get(path, &[])).await;
    assert_eq!(dictionary.status, StatusCode::OK.as_u16());
    assert_eq!(dictionary.header("use-as-dictionary"), Some("match=\"/pay/bicycle*\""));
}

#[tokio::test]
async fn a_page_of_a_private_flow_that_is_not_there_is_kept_by_nobody() {
    let flow = FLOW.replacen("start =", "private = true\nstart =", 1);
    let app = serving(&flow, Settings::default()).await;
    for request in [
        get("/bicycle?sessionID=x&screenID=y", &[]),
        get("/Bicycle", &[]),
        post("/bicycle", &[], "sessionID=x&screenID=y&name=Ada"),
    ] {
        let answer = ask(&app, request).await;
        assert_eq!((answer.status, answer.header("cache-control")), (404, Some("no-store")));
    }
}

#[tokio::test]
async fn who_cannot_unpack_a_page_is_not_given_a_packed_one_by_a_cache() {
    let app = serving(FLOW, Settings::default()).await;
    for accepted in ["", "gzip", "gzip, br"] {
        let start = ask(&app, get("/bicycle", &[("accept-encoding", accepted)])).await;
        assert_eq!(start.header("vary"), Some("accept-encoding"), "{accepted}");
    }
    let posted = ask(&app, post("/bicycle", &[], "sessionID=x&screenID=y")).await;
    assert_eq!(posted.header("vary"), None, "no cache keeps it");
}

#[tokio::test]
async fn the_date_of_an_answer_follows_a_clock_that_was_set_back() {
    let (app, clock) = super::clocked(FLOW, Settings::default()).await;
    let mut client = super::connect(&app);
    for (seconds, date) in [
        (1_790_000_000, "Mon, 21 Sep 2026 14:13:20 GMT"),
        (1_790_000_060, "Mon, 21 Sep 2026 14:14:20 GMT"),
        (1_789_990_000, "Mon, 21 Sep 2026 11:26:40 GMT"),
    ] {
        clock.store(seconds * 1000, std::sync::atomic::Ordering::Relaxed);
        let request = "GET /bicycle HTTP/1.1\r\nHost: a\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut client, request.as_bytes())
            .await
            .unwrap();
        let said = super::one(&mut client).await;
        assert!(said.contains(&format!("date: {date}\r\n")), "{said}");
    }
}
