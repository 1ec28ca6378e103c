//! Made-up requests: nothing that is sent breaks the server, and every answer is one that the
//! contract knows.

use std::sync::Arc;
use std::time::Instant;

use deity::http::{App, Settings};
use hyper::StatusCode;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::http::sessions::{FLOW, Walk};
use crate::http::{app, known, statuses, talk};
use crate::support::wire::urlencoded;
use crate::support::{ran, rounds};

/// Pieces from which requests are put together, right ones and wrong ones.
const PIECES: &[&str] = &[
    "GET ",
    "POST ",
    "HEAD ",
    "PUT ",
    "/",
    "/passport-renewal",
    "?sessionID=",
    "&screenID=",
    "actionID=",
    " HTTP/1.1\r\n",
    " HTTP/1.0\r\n",
    "Host: a\r\n",
    "Host: ",
    "Content-Type: application/x-www-form-urlencoded\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Expect: 100-continue\r\n",
    "Accept-Encoding: br, gzip\r\n",
    "Accept-Encoding: *;q=0\r\n",
    "Origin: null\r\n",
    "Sec-Fetch-Site: cross-site\r\n",
    "Sec-Purpose: prefetch\r\n",
    "Referer: http://a/\r\n",
    "X-Forwarded-For: 1, [::\r\n",
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    "a=1",
    "&",
    "%",
    "%41",
    "%ff",
    "+",
    "=",
    "5\r\na=1&b\r\n0\r\n\r\n",
    "0\r\n\r\n",
    "\0",
    "é",
    "Upgrade: h2c\r\n",
    ": ",
    " ",
    "AAAAAAAAAAAAAAAAAAAAAA",
];

fn requests() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        9 => proptest::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
    ];
    let whole = "(GET|POST|HEAD|PUT|X) /[a-z/?&=%+A-F0-9]{0,30} HTTP/1\\.[01]\r\nHost: [a-z:0-9]{0,9}\r\n";
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        proptest::collection::vec(piece.clone(), 0..30).prop_map(|pieces| pieces.concat()),
        (whole, proptest::collection::vec(piece, 0..15)).prop_map(|(whole, pieces)| [
            whole.into_bytes(),
            pieces.concat()
        ]
        .concat()),
    ]
}

async fn try_one(app: &Arc<App>, bytes: &[u8]) -> usize {
    let said = talk(app, bytes).await;
    let statuses = statuses(&said);
    for status in &statuses {
        let status = StatusCode::from_u16(*status).unwrap();
        assert!(
            known(status),
            "{:?} was answered {said:?}",
            String::from_utf8_lossy(bytes)
        );
    }
    assert!(!said.to_ascii_lowercase().contains("set-cookie"));
    statuses.len()
}

#[test]
fn made_up_requests_get_known_answers() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let app = runtime.block_on(app(Settings::default()));
    let count = rounds(20_000, 3_000);
    let config = Config {
        cases: u32::try_from(count).unwrap(),
        failure_persistence: None,
        ..Config::default()
    };
    let began = Instant::now();
    let answers = std::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&requests(), |bytes| {
            answers.set(answers.get() + runtime.block_on(try_one(&app, &bytes)));
            Ok(())
        })
        .unwrap();
    assert!(
        answers.get() > count / 10,
        "most of them were not even requests: {} answers",
        answers.get()
    );
    ran(
        "made-up requests",
        count,
        began.elapsed(),
        &format!("{} answers, all known", answers.get()),
    );
}

/// Bodies of a form of a live session: right, nearly right, and now and then wrong.
fn bodies() -> impl Strategy<Value = Vec<(String, String)>> {
    let typed = || {
        prop_oneof![
            3 => "\\PC{0,40}",
            3 => "[{}%<>\"'&; a-z\r\n\t]{0,60}",
            1 => Just("x".repeat(70_000)),
        ]
    };
    let action = prop_oneof![
        6 => Just("continue".to_owned()),
        2 => proptest::sample::select(&["start", "back", "submit", "on", "open", "more-time"][..]).prop_map(str::to_owned),
        1 => "change\\.[a-z]{0,5}",
    ];
    let name = prop_oneof![Just("screenID".to_owned()), "[a-z.\\[\\]-]{1,12}"];
    let extra = proptest::option::weighted(0.1, (name, typed()));
    (typed(), typed(), action, extra).prop_map(|(name, town, action, extra)| {
        let own = [("name", name), ("town", town), ("actionID", action)];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(extra).collect()
    })
}

#[test]
fn made_up_forms_of_a_live_session_get_known_answers() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let count = rounds(2_000, 500);
    let config = Config {
        cases: u32::try_from(count).unwrap(),
        failure_persistence: None,
        ..Config::default()
    };
    let began = Instant::now();
    let walk = runtime.block_on(Walk::begin(FLOW, Settings::default()));
    let seen = std::cell::RefCell::new(std::collections::BTreeMap::<u16, usize>::new());
    TestRunner::new(config)
        .run(&bodies(), |fields| {
            let status = runtime.block_on(walk.send(&urlencoded(&fields)));
            *seen.borrow_mut().entry(status).or_default() += 1;
            Ok(())
        })
        .unwrap();
    let seen = seen.into_inner();
    for status in [200, 400, 422] {
        assert!(seen.contains_key(&status), "never {status}: {seen:?}");
    }
    ran(
        "made-up forms of a session",
        count,
        began.elapsed(),
        &format!("{seen:?}"),
    );
}
