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

/// [`FLOW`] with an effect that is called at its end and sends so much.
fn sending(send: &str) -> String {
    let flow = FLOW.replacen(
        "actions.send = { label = \"Send\", to = \"done\" }",
        "actions.send = { label = \"Send\", call = \"place\", to = \"done\", failed = \"not\" }",
        1,
    );
    assert_ne!(flow, FLOW);
    format!(
        "{flow}\n[screens.not]\ntitle = \"Not ordered\"\nend = \"failed\"\n\n[effects.place]\nlabel = \"Your order\"\nhttp = \
         \"POST http://127.0.0.1:9/orders\"\nundo = \"take-back\"\n{send}\n[effects.take-back]\nlabel = \"Your order\"\nhttp = \
         \"DELETE http://127.0.0.1:9/orders\"\nsend = {{}}\n"
    )
}

#[test]
fn single_answers_that_no_effect_sends_are_warned_of_by_check() {
    let of = |flow: &str| {
        let app = App::stopped(&[("order", flow)]);
        let said = out(&app.deity(&["check"]));
        let warnings = said.lines().filter(|line| line.starts_with("warning[sent-nowhere]"));
        warnings.map(str::to_owned).collect::<Vec<_>>()
    };
    // All of them, with `send` or without; what a computed value is made of goes out with it.
    assert_eq!(of(&sending("")), Vec::<String>::new());
    let all = "send = { who = \"{{ who }}: {{ note }}\", day = \"{{ day }}\", total = \"{{ total }}\", colours = \"{{ colours }}\" }\n";
    assert_eq!(of(&sending(all)), Vec::<String>::new());
    let some = "send = { day = \"{{ day }}\", total = \"{{ total }}\" }\n";
    assert_eq!(
        of(&sending(some)),
        [
            "warning[sent-nowhere]: no effect sends `who`, `note`: kept here alone, for 30 days, and then dropped",
            "warning[sent-nowhere]: no effect sends `colours`: kept here alone, for 30 days, and then dropped",
        ]
    );
    // What says no more than which way was taken needs not go out; an amount that decides does.
    let steering = sending("send = { who = \"{{ who }} {{ note }}\", day = \"{{ day }}\", total = \"{{ total }}\", colours = \"{{ colours }}\" }\n")
        .replacen(
            "fields.note = { type = \"text\", label = \"Note\", required = false }\nactions.continue = \"what\"",
            "fields.note = { type = \"text\", label = \"Note\", required = false }\nfields.old = { type = \"yes-no\", label = \
             \"Are you 18?\" }\nfields.income = { type = \"integer\", label = \"Income\" }\nactions.continue = [{ when = \"not old or \
             income > 9\", to = \"not\" }, { to = \"what\" }]",
            1,
        );
    assert_eq!(
        of(&steering),
        ["warning[sent-nowhere]: no effect sends `income`: kept here alone, for 30 days, and then dropped"]
    );
    // A way past the effect.
    let past = sending("").replacen(
        "actions.continue = \"check\"",
        "actions.continue = [{ when = \"count > 9\", to = \"done\" }, { to = \"check\" }]",
        1,
    );
    let said = of(&past);
    assert!(said[0].contains("what ends at `done` is sent nowhere"), "{said:?}");
    assert!(
        said[1].contains("no effect sends `who`, `note` on a way to `done`"),
        "{said:?}"
    );
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
    assert!(
        app.said().1.contains("colours, count, day, price, who"),
        "{}",
        app.said().1
    );
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
