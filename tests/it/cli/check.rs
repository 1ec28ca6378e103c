//! `deity check`.

use serde_json::Value as Json;

use super::{FLOW, err, out};
use crate::support::App;

#[test]
fn it_says_of_which_effects_accepted_means_done() {
    let app = App::stopped(&[]);
    let checked = app.deity(&[
        "check",
        &format!("{}/phases/seat-booking.toml", env!("CARGO_MANIFEST_DIR")),
    ]);
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success());
    // Neither what has a probe, nor what only looks.
    assert!(
        said.contains("note: without a probe 202 (accepted) means done: hold, release, refund\n"),
        "{said}"
    );
    assert!(said.contains("0 errors, 0 warnings"), "a note is no warning: {said}");
}

#[test]
fn a_good_definition_passes() {
    let app = App::stopped(&[("order", FLOW)]);
    let checked = app.deity(&["check"]);
    assert_eq!(checked.status.code(), Some(0), "{}{}", out(&checked), err(&checked));
    assert!(out(&checked).contains("1 file checked: 0 errors"), "{}", out(&checked));
}

#[test]
fn every_fault_is_told_with_file_line_column_and_what_would_be_right() {
    let broken = FLOW.replace("actions.continue = \"what\"", "actions.continue = \"waht\"");
    let broken = broken.replace("label = \"Name\"", "lable = \"Name\"");
    let app = App::stopped(&[("order", &broken), ("good", FLOW)]);
    let checked = app.deity(&["check", "phases"]);
    assert_eq!(checked.status.code(), Some(1));
    let text = out(&checked);
    for words in [
        "phases/order.toml:7:",
        "phases/order.toml:10:",
        "lable",
        "waht",
        "did you mean",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let found: Vec<Json> = out(&app.deity(&["check", "--json", "phases/order.toml"]))
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        found.iter().any(|f| f["line"] == 7 && f["level"] == "error"),
        "{found:?}"
    );
    assert!(
        found.iter().any(|f| f["line"] == 10 && f["level"] == "error"),
        "{found:?}"
    );
}

#[test]
fn warnings_alone_are_no_failure() {
    let warned = FLOW.replace("label = \"Name\"", "label = \"Name:\"");
    let app = App::stopped(&[("order", &warned)]);
    let checked = app.deity(&["check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", out(&checked));
    assert!(out(&checked).contains("warning"), "{}", out(&checked));
}

#[test]
fn a_screen_that_takes_a_second_packet_is_named_and_why() {
    let sentence = |n: usize| {
        format!(
            "Every {n} of these sentences says {} something else. ",
            (n * n + 7).pow(3)
        )
    };
    let help: String = (0..90).map(sentence).collect();
    let long = FLOW.replace("label = \"Name\"", &format!("label = \"Name\", hint = \"{help}\""));
    let app = App::stopped(&[("order", &long)]);
    let checked = app.deity(&["check"]);
    let text = out(&checked);
    assert_eq!(checked.status.code(), Some(0), "{text}");
    for words in [
        "warning[slow]",
        "seconds in a text browser on a modem line",
        "characters of text, 3 questions",
        "order.toml:",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!out(&App::stopped(&[("order", FLOW)]).deity(&["check"])).contains("warning[slow]"));
}

#[test]
fn a_missing_path_says_so() {
    let app = App::stopped(&[]);
    for path in ["nowhere", "phases"] {
        let checked = app.deity(&["check", path]);
        assert_eq!(checked.status.code(), Some(1), "{}", out(&checked));
        let said = out(&checked) + &err(&checked);
        assert!(said.contains(path), "{said}");
    }
}

#[test]
fn what_is_sent_or_shown_before_anybody_could_see_it_is_warned_of() {
    let flow = r#"
title = "Pay"
start = "pay"

[screens.pay]
title = "How many?"
fields.count = { type = "integer", label = "Count", min = 1, max = 9 }
fields.net = { type = "computed", label = "Net", value = "count * 2", shown = false }
fields.total = { type = "computed", label = "Total", value = "net + 1" }
actions.pay = { label = "Pay {{ total }}", call = "charge", to = "done", failed = "sorry" }

[screens.done]
title = "Paid"
body = "{{ total }}"
end = "done"

[screens.sorry]
title = "Not paid"
end = "not-paid"

[effects.charge]
http = "POST https://pay.example.org/"
send = { total = "{{ total }}" }
timeout = "2s"
undo = "refund"

[effects.refund]
http = "DELETE https://pay.example.org/"
"#;
    let said = out(&App::stopped(&[("pay", flow)]).deity(&["check"]));
    for words in [
        "warning[sent-unseen]: `pay` sends `total`",
        "warning[shown-too-early]: a button shows `total`",
        "0 errors, 2 warnings",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // Asked on one screen, sent from the next: it stands there.
    let apart = flow.replacen(
        "actions.pay",
        "actions.continue = \"review\"\n\n[screens.review]\ntitle = \"Right?\"\nreview = true\nactions.pay",
        1,
    );
    let said = out(&App::stopped(&[("pay", &apart)]).deity(&["check"]));
    assert!(said.contains("0 errors, 0 warnings"), "{said}");
}

#[test]
fn only_an_end_can_be_open() {
    let flow = "title = \"T\"\nstart = \"a\"\n[screens.a]\ntitle = \"A\"\nopen = true\nactions.go = \"b\"\n\
                [screens.b]\ntitle = \"B\"\nend = \"done\"\n";
    let checked = App::stopped(&[("t", flow)]).deity(&["check"]);
    let said = out(&checked);
    assert_eq!(checked.status.code(), Some(1), "{said}");
    for words in [
        "error[open-without-end]",
        "t.toml:5:",
        "add end = \"...\", or take out `open`",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
