//! Real browsers, without scripts, on the real server: lynx, w3m, links, elinks, Chromium; and axe.
//!
//! They need programs that a fresh clone may lack: left out of plain `cargo test`, run by
//! `tests/run`, which installs them.

mod between;
mod chromium;
mod dictionary;
mod effects;
mod firefox;
mod graphical;
mod terminal;

use std::process::Command;

use serde_json::json;

use super::page::kinds;
use super::page::walk;
use crate::support::App;
use terminal::{Do, ELINKS, Keys, LINKS, LYNX, Terminal, W3M};

/// Fails where a program is missing, and says which package of Debian has it.
fn need(program: &str) {
    let package = if program == "node" { "nodejs" } else { program };
    let there = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .unwrap();
    assert!(
        there.status.success(),
        "{program} is missing: apt-get install {package} (tests/run does it)"
    );
}

/// The outcomes of all sessions that the operator sees.
fn outcomes(app: &App) -> String {
    let output = app.deity(&["sessions", "list"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A whole passport renewal, with a mistake on the way.
fn renews(keys: Keys) {
    let app = App::of_phases();
    let browser = Terminal::open(keys, &format!("http://{}/passport-renewal", app.address()));
    browser.page("Renew your passport", &[Do::Press]);
    browser.page("What is your name?", &[Do::Type("Anna"), Do::Next, Do::Press]);
    // The error page begins with its links: the first leads to the field.
    browser.sees("There is a problem");
    browser.page(
        "There is a problem",
        &[Do::Next, Do::Next, Do::Type("Example"), Do::Press],
    );
    browser.page(
        "What is your date of birth?",
        &[Do::Type("27"), Do::Type("3"), Do::Type("1987"), Do::Press],
    );
    browser.page("Has your name changed?", &[Do::Next, Do::Tick, Do::Press]);
    let address = [
        Do::Type("1 High Street"),
        Do::Next,
        Do::Type("London"),
        Do::Type("SW1A 1AA"),
        Do::Press,
    ];
    browser.page("What is your address?", &address);
    browser.sees("Check your answers");
    for words in [
        "Anna",
        "Example",
        "27 March 1987",
        "1 High Street",
        "Not given",
        "SW1A 1AA",
    ] {
        browser.sees(words);
    }
    // Past the eight change links.
    let mut send: Vec<Do<'_>> = (0..8).map(|_| Do::Next).collect();
    send.push(Do::Press);
    browser.page("Confirm and send", &send);
    browser.sees("Application complete");
    let listed = outcomes(&app);
    assert!(listed.contains("completed"), "{listed}");
}

#[test]
#[ignore = "needs tmux and lynx: run tests/run"]
fn lynx_renews_a_passport() {
    renews(LYNX);
}

#[test]
#[ignore = "needs tmux and w3m: run tests/run"]
fn w3m_renews_a_passport() {
    renews(W3M);
}

#[test]
#[ignore = "needs tmux and links: run tests/run"]
fn links_renews_a_passport() {
    renews(LINKS);
}

#[test]
#[ignore = "needs tmux and elinks: run tests/run"]
fn elinks_renews_a_passport() {
    renews(ELINKS);
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_renews_a_passport_without_scripts_and_asks_for_nothing_else() {
    let app = App::of_phases();
    let found = chromium::run(&json!({
        "walk": format!("http://{}/passport-renewal", app.address()),
        "steps": [
            { "see": "Renew your passport", "press": "Start now" },
            { "press": "Continue" },
            { "see": "There is a problem", "fill": { "given": "Anna", "family": "Example" }, "press": "Continue" },
            { "fill": { "born-day": "27", "born-month": "3", "born-year": "1987" }, "press": "Continue" },
            { "see": "Has your name changed?", "press": "Back" },
            { "see": "What is your date of birth?", "press": "Continue" },
            { "fill": { "changed": "no" }, "press": "Continue" },
            { "fill": { "line1": "1 High Street", "town": "London", "postcode": "sw1a1aa" }, "press": "Continue" },
            { "see": "Check your answers", "follow": "Change Given names" },
            { "fill": { "given": "Anne" }, "press": "Continue" },
            { "see": "You changed:", "press": "Confirm and send" },
            { "see": "Application complete", "follow": "Open this page again" },
            { "see": "Application complete" },
        ],
    }));
    assert_eq!(found["cookies"], json!([]));
    let requests = found["requests"].as_array().unwrap();
    let strange: Vec<_> = requests
        .iter()
        .filter(|r| !r.as_str().unwrap().ends_with(" /passport-renewal"))
        .collect();
    // Its dictionary it fetches once, while the person reads the start page.
    assert!(
        strange.iter().all(|r| r.as_str().unwrap().starts_with("GET /d/")),
        "{strange:?}"
    );
    assert!(strange.len() <= 1, "{strange:?}");
    assert_eq!(
        requests.len() - strange.len(),
        13,
        "one request per phase: {requests:?}"
    );
    let listed = outcomes(&app);
    assert!(listed.contains("completed"), "{listed}");
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

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn axe_finds_nothing_on_any_kind_of_page_and_none_is_wider_than_a_small_telephone() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut pages = kinds::one_of_each();
    pages.extend(walk::one_of_each());
    for (name, html) in &pages {
        let file = folder.path().join(format!("{name}.html"));
        std::fs::write(&file, html).unwrap();
        files.push(file);
    }
    let found = chromium::run(&json!({ "audit": files }));
    let violations = found["violations"].as_array().unwrap();
    assert!(violations.is_empty(), "{} pages: {violations:#?}", pages.len());
    println!("axe: {} pages, light and dark", pages.len());
}
