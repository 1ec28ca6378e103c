//! What `keep` drops and nobody has: said by `check`, and in the log before it happens.

use super::{FLOW, err, order, out};
use crate::support::App;

/// The flow of these tests whose answers are kept for an hour.
fn brief() -> String {
    let flow = FLOW.replacen("start = ", "limits = { keep = \"1h\" }\nstart = ", 1);
    assert_ne!(flow, FLOW);
    flow
}

const NOTE: &str = r#"
title = "Leave a note"
start = "note"
limits = { keep = "2h" }

[screens.note]
title = "Your note"
fields.note = { type = "text", label = "Note" }
actions.send = { label = "Send", to = "done" }

[screens.done]
title = "Left"
end = "left"
"#;

/// The log's warnings about the answers of `flow`.
fn warned(app: &App, flow: &str) -> bool {
    let (_, said) = app.said();
    said.lines()
        .any(|line| line.contains("answers will be dropped") && line.contains(flow))
}

#[test]
fn ends_that_send_nothing_are_warned_of_by_check() {
    let app = App::stopped(&[("order", &brief())]);
    let checked = app.deity(&["check"]);
    let said = out(&checked);
    assert_eq!(checked.status.code(), Some(0), "a warning is no failure: {said}");
    for words in [
        "warning[sent-nowhere]",
        "is sent nowhere",
        "for less than a day",
        "deity sessions export",
        "order.toml:",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // What registers, books or pays sends; a way that fails before sends nothing, and need not.
    for flow in ["passport-renewal", "seat-booking", "bank-transfer"] {
        let path = format!("{}/phases/{flow}.toml", env!("CARGO_MANIFEST_DIR"));
        let said = out(&app.deity(&["check", &path]));
        assert!(!said.contains("sent-nowhere"), "{said}");
    }
    let path = format!("{}/phases/home-repair-grant.toml", env!("CARGO_MANIFEST_DIR"));
    assert!(out(&app.deity(&["check", &path])).contains("what ends at `done` is sent nowhere"));
}

#[test]
fn what_nobody_has_is_said_in_the_log_before_it_is_dropped_and_a_whole_export_has_it() {
    let mut app = App::start(&[("order", &brief()), ("remark", NOTE)]);
    let reference = order(&mut app.browser("/order"), "Ada");
    let ended = jiff::Timestamp::now().as_second();
    // A part of it is no whole export.
    assert!(app.deity(&["sessions", "export", "--limit", "1"]).status.success());
    app.stop();
    app.run();
    app.wait_until(|app| warned(app, "order"));
    assert!(!app.said().1.contains(&reference) && !app.said().1.contains("Ada"));
    app.wait_until(|_| jiff::Timestamp::now().as_second() > ended);
    let exported = app.deity(&["sessions", "export", "--flow", "order"]);
    assert!(out(&exported).contains(&reference), "{}", err(&exported));
    let mut browser = app.browser("/remark");
    let start = browser.page.buttons()[0].clone();
    browser.press(&start);
    browser.fill("Note", "of value").press("Send");
    assert_eq!(browser.page.heading(), "Left");
    app.stop();
    app.run();
    // Flows are told in the order of their names: once this one is, the other was passed over.
    app.wait_until(|app| warned(app, "remark"));
    assert!(!warned(&app, "order"), "{}", app.said().1);
}
