//! `deity sessions`, on a running server and on a stopped one.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value as Json, json};

use super::{FLOW, begin, err, order, out};
use crate::support::App;

fn lines(text: &str) -> Vec<Json> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect()
}

#[test]
fn settings_are_shown_for_programs_too() {
    let app = App::stopped(&[]);
    let shown = app.deity(&["settings", "--json", "--log", "warn"]);
    let lines = out(&shown);
    let all: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let log = all.iter().find(|one| one["name"] == "log").unwrap();
    assert_eq!(
        (&log["value"], &log["origin"]),
        (&"warn".into(), &"flag".into()),
        "{log}"
    );
}

#[test]
fn a_running_and_a_stopped_server_answer_alike() {
    let mut app = App::start(&[("order", FLOW)]);
    let mut browser = app.browser("/");
    let reference = order(&mut browser, "Ada");
    begin(&mut app.browser("/"), "Grace");
    let commands: [&[&str]; 6] = [
        &["sessions", "list"],
        &["sessions", "list", "--json", "--status", "live"],
        &["sessions", "show", &reference],
        &["sessions", "show", "--json", &reference],
        &["sessions", "export"],
        &["sessions", "show", "00000-00000"],
    ];
    let ask = |app: &App| {
        commands
            .map(|command| app.deity(command))
            .map(|o| (out(&o), err(&o), o.status.code()))
    };
    let running = ask(&app);
    app.stop();
    assert_eq!(running, ask(&app));
    assert!(
        running[0].0.contains("order") && running[0].0.contains(&reference),
        "{running:?}"
    );
    assert_eq!(lines(&running[1].0).len(), 1);
    assert_eq!(running[5].2, Some(1));
    assert!(
        running[5].1.contains("there is no session 00000-00000"),
        "{}",
        running[5].1
    );
}

#[test]
fn an_export_has_the_answers_that_count_exactly_and_no_secret() {
    let app = App::start(&[("order", FLOW)]);
    let reference = order(&mut app.browser("/"), "Ada \"A\" L");
    begin(&mut app.browser("/"), "never finished");
    let exported = app.deity(&["sessions", "export", "--flow", "order"]);
    assert_eq!(exported.status.code(), Some(0), "{}", err(&exported));
    let sessions = lines(&out(&exported));
    assert_eq!(sessions.len(), 1);
    let session = &sessions[0];
    assert_eq!(session["reference"], json!(reference));
    assert_eq!(
        (&session["flow"], &session["outcome"]),
        (&json!("order"), &json!("completed"))
    );
    assert_eq!(
        session["answers"],
        json!({
            "who": "Ada \"A\" L", "day": "2026-12-24", "count": 3, "colours": ["red", "blue"],
            "price": { "amount": "12.50", "currency": "GBP" },
            "total": { "amount": "37.50", "currency": "GBP" },
        })
    );
    let everything = out(&exported) + &out(&app.deity(&["sessions", "show", &reference]));
    assert!(!everything.contains("hunter2"), "{everything}");
}

#[test]
fn lists_are_filtered_by_flow_status_and_number() {
    let app = App::start(&[("order", FLOW), ("other", FLOW)]);
    order(&mut app.browser("/"), "Ada");
    begin(&mut app.browser("/"), "Grace");
    begin(&mut app.browser("/"), "Joan");
    let count = |more: &[&str]| lines(&out(&app.deity(&[&["sessions", "list", "--json"], more].concat()))).len();
    assert_eq!(count(&[]), 3);
    assert_eq!(count(&["--status", "live"]), 2);
    assert_eq!(count(&["--status", "ended"]), 1);
    assert_eq!(count(&["--flow", "other"]), 0);
    assert_eq!(count(&["--limit", "2"]), 2);
    assert_eq!(count(&["--limit", "0"]), 0);
}

#[test]
fn a_reference_is_found_as_it_is_said_over_the_telephone() {
    let app = App::start(&[("order", FLOW)]);
    let reference = order(&mut app.browser("/"), "Ada");
    let said = reference
        .to_lowercase()
        .replace('-', " ")
        .replace('0', "o")
        .replace('1', "l");
    assert_eq!(
        out(&app.deity(&["sessions", "show", &said])),
        out(&app.deity(&["sessions", "show", &reference]))
    );
    let wrong = app.deity(&["sessions", "show", "nonsense!"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        err(&wrong).contains("no reference") && err(&wrong).contains("such as"),
        "{}",
        err(&wrong)
    );
}

#[test]
fn a_deleted_session_is_gone_for_operator_and_person() {
    let mut app = App::start(&[("order", FLOW)]);
    let mut browser = app.browser("/");
    let reference = order(&mut browser, "Ada");
    let asks = app.deity(&["sessions", "delete", &reference]);
    assert_eq!(asks.status.code(), Some(2), "nobody can be asked: {}", err(&asks));
    assert!(err(&asks).contains("--yes"), "{}", err(&asks));
    let deleted = app.deity(&["sessions", "delete", "--yes", &reference]);
    assert_eq!(deleted.status.code(), Some(0), "{}", err(&deleted));
    assert!(
        out(&deleted).contains(&format!("deleted {reference}")),
        "{}",
        out(&deleted)
    );
    assert_eq!(out(&app.deity(&["sessions", "list"])), "");
    let kept = browser.page.target.clone();
    browser.go(&kept);
    assert_ne!(browser.page.heading(), "Ordered");
    app.stop();
    assert_eq!(out(&app.deity(&["sessions", "list"])), "");
}

#[test]
fn only_the_owner_may_ask_and_a_long_path_is_no_hindrance() {
    let mut app = App::stopped(&[("order", FLOW)]);
    let deep = app.dir.path().join("d".repeat(100)).join("e".repeat(60));
    std::fs::create_dir_all(&deep).unwrap();
    let data = deep.to_string_lossy().into_owned();
    app.run_in(&deep);
    begin(&mut app.browser("/"), "Ada");
    let mode = std::fs::metadata(deep.join("operator.sock"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let listed = app.deity(&["sessions", "list", "--json", "--data", &data]);
    assert_eq!(lines(&out(&listed)).len(), 1, "{}", err(&listed));
}

#[test]
fn a_directory_without_a_store_is_not_made_one() {
    let app = App::stopped(&[]);
    let empty = app.dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for data in ["nowhere", "empty"] {
        let listed = app.deity(&["sessions", "list", "--data", data]);
        assert_eq!(listed.status.code(), Some(1));
        assert!(err(&listed).contains("--data"), "{}", err(&listed));
    }
    assert_eq!(std::fs::read_dir(&empty).unwrap().count(), 0);
    assert!(!app.dir.path().join("nowhere").exists());
}

#[test]
fn what_is_no_request_is_refused_in_words_and_who_hangs_up_harms_nobody() {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;

    let app = App::start(&[("order", FLOW)]);
    begin(&mut app.browser("/"), "Ada");
    let socket = app.data().join("operator.sock");
    let huge = vec![b'x'; 1 << 20];
    for garbage in [
        &b"\n"[..],
        b"nonsense\n",
        b"{\"list\":{\"flow\":7}}\n",
        b"{\"drop\":{}}\n",
        b"\xff\xfe\n",
        &huge,
    ] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        // Whoever sends too much may be cut off before it is all sent.
        let _sent = stream
            .write_all(garbage)
            .and_then(|()| stream.shutdown(std::net::Shutdown::Write));
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        assert!(
            read.is_err() || answer.is_empty() || answer.contains("\"failed\""),
            "{answer}"
        );
    }
    for _ in 0..40 {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(b"{\"list\":{}}\n").unwrap();
    }
    let listed = app.deity(&["sessions", "list", "--json"]);
    assert_eq!(lines(&out(&listed)).len(), 1, "{}", err(&listed));
    assert_eq!(app.browser("/order").page.status, 200);
}
