//! No log line and nothing printed has an answer or an id in it.

use super::{FLOW, order};
use crate::support::App;

const CANARY: &str = "Canary-7c1f";

#[test]
fn logs_have_no_answers_and_no_ids_even_when_everything_is_logged() {
    let mut app = App::stopped(&[("order", FLOW)]).argument("--log").argument("trace");
    app.run();
    let mut browser = app.browser("/");
    let mut ids = Vec::new();
    browser.go("/order");
    ids.extend(browser.page.hidden("sessionID"));
    order(&mut browser, CANARY);
    // Refused, invalid, unknown and broken requests speak of what was sent too.
    let mut other = app.browser("/order");
    let start = other.page.buttons()[0].clone();
    other.press(&start);
    ids.extend(other.page.hidden("sessionID"));
    ids.extend(other.page.hidden("screenID"));
    other.press("Continue");
    assert_eq!(other.page.status, 422);
    let (target, method, mut fields) = other.submission(Some("Continue"));
    fields.push(("undeclared".to_owned(), CANARY.to_owned()));
    assert_eq!(other.submit(&target, &method, &fields).status, 400);
    for field in &mut fields {
        field.1 = field.1.chars().rev().collect();
    }
    other.submit(&target, &method, &fields);
    other.go(&format!("/order?sessionID={}&screenID={}", ids[1], ids[2]));
    other.go(&format!("/{CANARY}?{CANARY}"));
    let stopped = app.stop();
    let said = stopped.stdout + &stopped.stderr;
    assert!(ids.len() == 3 && ids.iter().all(|id| id.len() > 10), "{ids:?}");
    assert!(said.lines().count() > 20, "there is a log to look at: {said}");
    for secret in ids
        .iter()
        .map(String::as_str)
        .chain([CANARY, "hunter2", "12.50", "2026-12-24"])
    {
        let found: Vec<_> = said.lines().filter(|line| line.contains(secret)).collect();
        assert!(found.is_empty(), "`{secret}` in {found:#?}");
    }
}
