//! The ledger as a CGI program: the real binary, an environment with nothing but CGI's variables.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::Books;

/// Runs the program for one request; its status line and its JSON.
fn run(books: &Books, variables: &[(&str, &str)], body: &str) -> (String, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_deity"))
        .args(["demo", "ledger"])
        .env_clear()
        .envs([("GATEWAY_INTERFACE", "CGI/1.1"), ("SERVER_PROTOCOL", "HTTP/1.1")])
        .env("DEMO_LEDGER", books.file())
        .env("CONTENT_LENGTH", body.len().to_string())
        .envs(variables.iter().copied())
        .current_dir(books.dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses a body need not read it.
    let _unread = child.stdin.take().unwrap().write_all(body.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let (head, json) = said.split_once("\r\n\r\n").unwrap();
    let (status, media) = head.split_once("\r\n").unwrap();
    assert_eq!(media, "Content-Type: application/json");
    (status.to_owned(), serde_json::from_str(json).unwrap())
}

#[test]
fn a_request_in_variables_and_on_stdin_gets_its_answer_on_stdout() {
    let books = Books::new();
    let list = [
        ("REQUEST_METHOD", "GET"),
        ("PATH_INFO", "/payees"),
        ("QUERY_STRING", ""),
    ];
    let (status, said) = run(&books, &list, "");
    assert_eq!(
        (status.as_str(), &said["payees"][0]["label"]),
        ("Status: 200 OK", &json!("City Energy"))
    );
    let post = [
        ("REQUEST_METHOD", "POST"),
        ("PATH_INFO", "/transfers"),
        ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
        ("HTTP_IDEMPOTENCY_KEY", "k"),
    ];
    let body = "from=current&to=energy&amount=12.50";
    let first = run(&books, &post, body);
    assert_eq!(
        (first.0.as_str(), &first.1["transfer"]),
        ("Status: 200 OK", &json!("T-1"))
    );
    assert_eq!(run(&books, &post, body), first);
    assert_eq!(books.audit().transfers.len(), 1);
}

#[test]
fn the_first_request_of_all_begins_the_ledger_in_the_working_directory() {
    let books = Books::new();
    let other = books.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_deity"))
        .args(["demo", "ledger"])
        .env_clear()
        .envs([
            ("GATEWAY_INTERFACE", "CGI/1.1"),
            ("REQUEST_METHOD", "GET"),
            ("PATH_INFO", "/seats"),
        ])
        .current_dir(&other)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.stdout.starts_with(b"Status: 200 OK\r\n"), "{output:?}");
    assert!(other.join("ledger.sqlite").exists());
}

#[test]
fn a_cgi_request_that_is_wrong_is_refused_in_words() {
    let books = Books::new();
    let post =
        |more: &[(&'static str, &'static str)]| [&[("REQUEST_METHOD", "POST"), ("PATH_INFO", "/holds")], more].concat();
    for (variables, body, status) in [
        (post(&[]), "seat=a1", "Status: 400 Bad Request"),
        (post(&[("CONTENT_LENGTH", "x")]), "", "Status: 400 Bad Request"),
        (
            post(&[("CONTENT_LENGTH", "65537")]),
            "",
            "Status: 413 Content Too Large",
        ),
        (post(&[("CONTENT_LENGTH", "9")]), "seat=a1", "Status: 400 Bad Request"),
        (
            vec![("REQUEST_METHOD", "GET"), ("PATH_INFO", "")],
            "",
            "Status: 404 Not Found",
        ),
    ] {
        let (got, said) = run(&books, &variables, body);
        assert_eq!(
            (got.as_str(), said["message"].is_string()),
            (status, true),
            "{variables:?}"
        );
    }
    let missing = [
        ("DEMO_LEDGER", "/nowhere/at/all"),
        ("REQUEST_METHOD", "GET"),
        ("PATH_INFO", "/seats"),
    ];
    assert_eq!(run(&books, &missing, "").0, "Status: 500 Internal Server Error");
}

#[test]
fn many_programs_at_once_share_one_ledger() {
    let books = Books::new();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let books = &books;
            scope.spawn(move || {
                let key = n.to_string();
                let post = [
                    ("REQUEST_METHOD", "POST"),
                    ("PATH_INFO", "/transfers"),
                    ("HTTP_IDEMPOTENCY_KEY", key.as_str()),
                ];
                let (status, said) = run(books, &post, "from=savings&to=energy&amount=1");
                assert_eq!(status, "Status: 200 OK", "{said}");
            });
        }
    });
    assert_eq!(books.audit().transfers.len(), 8);
}
