//! Requests over HTTP: their shapes, their bounds, and the command that serves and audits.

use serde_json::json;

use super::{Books, Served, parsed};
use crate::support::{App, wire};

#[test]
fn a_body_may_be_a_form_or_json_and_money_has_three_shapes() {
    let books = Books::new();
    let served = Served::start(&books.demo, None);
    for (n, (media, body)) in [
        (
            "application/x-www-form-urlencoded",
            "from=current&to=energy&amount=1.50&note=Caf%C3%A9+bill",
        ),
        (
            "application/json; charset=utf-8",
            r#"{"from":"current","to":"energy","amount":"1.50","note":null}"#,
        ),
        ("application/json", r#"{"from":"current","to":"energy","amount":1.5}"#),
        (
            "application/json",
            r#"{"from":"current","to":"energy","amount":{"amount":"1.50","currency":"GBP"}}"#,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let headers = [("Content-Type", media), ("Idempotency-Key", &n.to_string())];
        let answer = served.send("POST", "/transfers", &headers, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    }
    let foreign = r#"{"from":"current","to":"energy","amount":{"amount":"1.50","currency":"EUR"}}"#;
    let headers = [("Content-Type", "application/json"), ("Idempotency-Key", "e")];
    let answer = served.send("POST", "/transfers", &headers, foreign.as_bytes()).unwrap();
    assert_eq!(answer.status, 422);
    let audit = books.audit();
    assert!(audit.transfers.iter().all(|transfer| transfer.amount.0 == 150));
    assert_eq!(
        (audit.transfers.len(), audit.transfers[0].note.as_str()),
        (4, "Café bill")
    );
}

#[test]
fn what_is_not_understood_is_refused_and_nothing_is_done() {
    let books = Books::new();
    let served = Served::start(&books.demo, None);
    let long = "k".repeat(201);
    let large = vec![b'a'; 512 * 1024];
    let key = ("Idempotency-Key", "k");
    let json = ("Content-Type", "application/json");
    for (method, path, headers, body, status) in [
        ("POST", "/transfers", vec![], b"from=current".as_slice(), 400),
        ("POST", "/transfers", vec![("Idempotency-Key", long.as_str())], b"", 400),
        ("POST", "/transfers", vec![key], b"a=%GG", 400),
        ("POST", "/transfers", vec![key, json], b"[1]", 400),
        (
            "POST",
            "/transfers",
            vec![key, ("Content-Type", "text/plain")],
            b"x",
            415,
        ),
        ("POST", "/transfers", vec![key], &large, 413),
        ("GET", "/transfers", vec![], b"", 400),
        ("DELETE", "/transfers", vec![key], b"", 405),
        ("PUT", "/holds", vec![key], b"", 405),
        ("POST", "/accounts", vec![key], b"", 405),
        ("GET", "/nothing", vec![], b"", 404),
        ("GET", "/", vec![], b"", 404),
    ] {
        let answer = served.send(method, path, &headers, body).unwrap();
        let (got, said) = parsed(&answer);
        assert_eq!(
            (got, said["message"].is_string()),
            (status, true),
            "{method} {path}: {said}"
        );
    }
    // None of these was kept under the key.
    assert_eq!(parsed(&served.send("GET", "/transfers", &[key], b"").unwrap()).0, 404);
}

#[test]
fn the_command_serves_until_it_is_told_to_stop_and_the_audit_shows_what_was_done() {
    let mut app = App::stopped(&[]);
    app.run_as(&["demo", "ledger", "--listen", "127.0.0.1:0"]);
    let (said, _) = app.said();
    assert_eq!(said, format!("Demo ledger serves on http://{}/\n", app.address()));
    let headers = [("Idempotency-Key".to_owned(), "a key".to_owned())];
    let body = b"from=current&to=water&amount=20&note=rain";
    let answer = wire::send(app.address(), "POST", "/transfers", &headers, body).unwrap();
    assert_eq!(answer.status, 200);
    // While it is served, too.
    let audit = app.deity(&["demo", "audit"]);
    let said = String::from_utf8(audit.stdout).unwrap();
    assert_eq!(audit.status.code(), Some(0), "{said}");
    for words in [
        "All money                     £3,500.00",
        "Transfers: 1",
        "T-1    £20.00  current to water  a key  rain",
        "Everything adds up.",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(app.stop().status.code(), Some(0));
    let audit = app.deity(&["demo", "audit", "--json"]);
    let audit: serde_json::Value = serde_json::from_slice(&audit.stdout).unwrap();
    assert_eq!(audit["sum"], json!({ "amount": "3500.00", "currency": "GBP" }));
    assert_eq!(audit["transfers"][0]["key"], "a key");
    assert_eq!(audit["faults"], json!([]));
}

#[test]
fn an_audit_of_a_ledger_that_is_not_there_makes_none() {
    let app = App::stopped(&[]);
    assert_eq!(app.deity(&["demo", "audit"]).status.code(), Some(1));
    assert!(!app.dir.path().join("ledger.sqlite").exists());
}
