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

/// A flow with a list in a list, whose effect sends so much.
fn family(send: &str) -> String {
    format!(
        r#"
title = "A family"
start = "intro"

[screens.intro]
title = "A family"
actions.start = {{ label = "Start now", to = "people" }}

[lists.people]
title = "Who is in it?"
item = "{{{{ name }}}}"
actions.continue = "check"

[screens.person]
in = "people"
title = "Who is it?"
fields.name = {{ type = "text", label = "Name", max = 40, autocomplete = "off" }}
fields.age = {{ type = "integer", label = "Age" }}
fields.works = {{ type = "yes-no", label = "Do they work?" }}
actions.continue = [{{ when = "works", to = "jobs" }}, {{ to = "people" }}]

[lists.jobs]
in = "people"
title = "Jobs"
item = "{{{{ job }}}}"
actions.continue = "people"

[screens.job]
in = "jobs"
fields.job = {{ type = "text", label = "Job", max = 40 }}
actions.continue = "jobs"

[screens.check]
title = "Check"
fields.oldest = {{ type = "computed", label = "Oldest", value = "max(people.age)" }}
review = true
actions.send = {{ label = "Send", call = "place", to = "done", failed = "not" }}

[screens.done]
title = "Sent"
end = "completed"

[screens.not]
title = "Not sent"
end = "failed"

[effects.place]
label = "Your family"
http = "POST http://127.0.0.1:9/families"
undo = "take-back"
{send}

[effects.take-back]
label = "Your family"
http = "DELETE http://127.0.0.1:9/families"
send = {{}}
"#
    )
}

#[test]
fn answers_of_items_that_no_effect_sends_are_warned_of_by_check() {
    let of = |send: &str| {
        let app = App::stopped(&[("family", &family(send))]);
        let said = out(&app.deity(&["check"]));
        assert!(said.contains(" 0 errors"), "{said}");
        let warnings = said.lines().filter(|line| line.starts_with("warning[sent-nowhere]"));
        warnings.map(str::to_owned).collect::<Vec<_>>()
    };
    let none = Vec::<String>::new();
    assert_eq!(of(""), none, "every answer");
    assert_eq!(
        of("send = { who = \"{{ people }}\" }"),
        none,
        "a list with all that is in it"
    );
    let warning = |names: &str| {
        format!("warning[sent-nowhere]: no effect sends {names}: kept here alone, for 30 days, and then dropped")
    };
    // How many there are says nothing of them; what only steered needs not go out.
    let (person, job) = (warning("`people.name`, `people.age`"), warning("`people.jobs.job`"));
    assert_eq!(of("send = { many = \"{{ length(people) }}\" }"), [person, job.clone()]);
    let some = "send = { names = \"{{ join(people.name, ', ') }}\", oldest = \"{{ oldest }}\" }";
    assert_eq!(of(some), [job], "a computed value takes along what it is made of");
    let words = "send = { all = \"{% for p in people %}{{ p.name }} {{ p.age }} {% for j in p.jobs %}{{ j.job }}{% endfor %}{% endfor %}\" }";
    assert_eq!(of(words), none, "each by itself");
}
