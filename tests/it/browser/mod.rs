//! Real browsers, without scripts, on the real server: lynx, w3m, links2, elinks, Chromium, Firefox;
//! and how pages look.
//!
//! They need programs that a fresh clone may lack: left out of plain `cargo test`, run by
//! `tests/run`, which installs them.

mod between;
mod chromium;
mod dictionary;
mod effects;
mod firefox;
mod graphical;
mod languages;
mod look;
mod requests;
pub(crate) mod terminal;
mod text;

use std::process::Command;

use deity::demo::{Audit, Demo};
use serde_json::{Value, json};

use super::page::kinds;
use crate::support::App;

/// Fails where a program is missing, and says which package of Debian has it.
fn need(program: &str) {
    let package = match program {
        "node" => "nodejs",
        "java" => "default-jre-headless",
        same => same,
    };
    let there = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .unwrap();
    assert!(
        there.status.success(),
        "{program} is missing: apt-get install {package} (tests/run does it)"
    );
}

/// The answers of the one session that there is, as an export has them, and its journal.
fn exported(app: &App) -> (Value, Vec<String>) {
    let said = |arguments: &[&str]| {
        let output = app.deity(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        serde_json::from_str::<Value>(text.trim_end()).expect("one session")
    };
    let session = said(&["sessions", "export"]);
    assert_eq!(session["outcome"], "completed", "{session}");
    let reference = session["reference"].as_str().expect("a reference");
    let shown = said(&["sessions", "show", "--json", reference]);
    let entries = shown["journal"].as_array().expect("a journal").iter();
    // Without the numbers of askings: a list may have been fetched once more for a page.
    let numbered = |word: &&str| word.starts_with('(') && word.as_bytes()[1].is_ascii_digit();
    let words = |what: &str| {
        let words: Vec<_> = what.split(' ').filter(|word| !numbered(word)).collect();
        words.join(" ")
    };
    let what = entries.map(|entry| words(entry["what"].as_str().expect("words")));
    // lynx ticks the first of some options by itself: Back keeps that as typed, it does not count.
    let done = what.filter(|what| !what.starts_with("put aside"));
    (session["answers"].clone(), done.collect())
}

/// In the store is the renewal of the walks of this suite, letter by letter, and its register has
/// it once.
fn renewed(app: &App, given: &str) {
    let (answers, journal) = exported(app);
    assert_eq!(
        answers,
        json!({
            "given": given, "family": "Müller-Łukasz", "born": "1987-03-27", "changed": "yes",
            "previous": "Zoë Çelik", "line1": "Grüße 4711", "town": "Łódź", "postcode": "SW1A 1AA",
            "registered": "R-1",
        })
    );
    // Nothing but what was done, and that once: the second sending of a page is none.
    let done = [
        "began",
        "answered intro (start)",
        "answered name (continue)",
        "answered birth (continue)",
        "answered birth (continue)",
        "answered changed (continue)",
        "answered previous (continue)",
        "answered address (continue)",
        "changed name (continue): given",
        "answered check (submit)",
        "asked for register",
        "register was done",
        "ended",
    ];
    assert_eq!(journal, done);
    let audit = audit(app);
    let renewals: Vec<_> = audit.renewals.iter().map(|renewal| renewal.state.as_str()).collect();
    assert_eq!(renewals, ["registered"]);
}

/// The same of a transfer.
fn transferred(app: &App, note: &str) {
    let (answers, journal) = exported(app);
    let pounds = |amount: &str| json!({ "amount": amount, "currency": "GBP" });
    assert_eq!(
        answers,
        json!({
            "from": "current", "payee": "energy", "amount": pounds("2.50"), "note": note,
            "transfer": "T-1", "balance": pounds("997.50"),
        })
    );
    let done = [
        "began",
        "answered intro (start)",
        "answered from (continue)",
        "answered from (continue)",
        "answered payee (continue)",
        "answered amount (continue)",
        "changed amount (continue): amount",
        "answered check (transfer)",
        "asked for transfer",
        "transfer was done",
        "sealed what was before",
        "ended",
    ];
    assert_eq!(journal, done);
    let audit = audit(app);
    let made = audit.transfers.iter();
    let made: Vec<_> = made.map(|made| (made.note.as_str(), made.amount.0)).collect();
    assert_eq!(made, [(note, 250)]);
}

/// Where the demo's other side serves.
fn cashier(app: &App) -> String {
    app.wait_for("demo  http://");
    let (said, _) = app.said();
    let line = said
        .lines()
        .find(|line| line.trim_start().starts_with("demo "))
        .unwrap()
        .to_owned();
    line.split("http://")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned()
}

fn audit(app: &App) -> Audit {
    let ledger = Demo::open(&app.data().join("ledger.sqlite")).unwrap();
    let audit = ledger.audit().unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());
    audit
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromiums_own_back_asks_for_nothing_and_keeps_what_was_typed_and_a_change_there_amends() {
    let app = App::of_phases();
    let found = chromium::run(&json!({
        "walk": format!("http://{}/passport-renewal", app.address()),
        "steps": [
            { "press": "Start now" },
            { "fill": { "given": "Anna", "family": "Example" }, "press": "Continue" },
            { "see": "What is your date of birth?", "back": true },
            { "see": "What is your name?" },
            { "holds": { "given": "Anna", "family": "Example" } },
            { "fill": { "given": "Anne" }, "press": "Continue" },
            { "see": "You changed:" },
            { "see": "What is your date of birth?" },
        ],
    }));
    assert_eq!(found["cookies"], json!([]));
    // What the server saw: playwright counts what the browser takes from its own cache, too.
    let (_, log) = app.said();
    let seen = log.matches("/{flow}").count();
    assert_eq!(
        seen, 4,
        "the start page, the start, and two answers; none for Back: {log}"
    );
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_shows_a_question_only_under_the_option_that_is_chosen() {
    let app = App::start(&[("every-kind", kinds::SOURCE)]);
    chromium::run(&json!({
        "walk": format!("http://{}/every-kind", app.address()),
        "steps": [
            { "press": "Start now" },
            { "fill": { "given": "Anna", "pin": "1234" }, "press": "Continue" },
            { "fill": { "born-day": "27", "born-month": "3", "born-year": "1987" }, "press": "Continue" },
            { "hidden": "#cat" },
            { "hidden": "#dogs" },
            { "fill": { "pet": "cat" }, "shown": "#cat", "hidden": "#dogs" },
            { "fill": { "pet": "dog" }, "shown": "#dogs", "hidden": "#cat" },
            { "fill": { "dogs": "2" }, "press": "Continue" },
            { "see": "All the rest, Anna" },
        ],
    }));
}
