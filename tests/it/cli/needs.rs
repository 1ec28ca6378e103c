//! What a flow needs of its operator: told in words, and nobody is let into what cannot go on.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value as Json;

use super::{FLOW, err, out};
use crate::support::App;

/// A question, and an effect behind it.
const LAMP: &str = r#"
title = "Order a lamp"
start = "intro"

[screens.intro]
title = "Order a lamp"
actions.start = { label = "Start now", to = "lamp" }

[screens.lamp]
title = "How many lamps?"
fields.count = { type = "integer", label = "Lamps" }
actions.continue = "name"

[screens.name]
title = "Who are you?"
fields.who = { type = "text", label = "Name" }
actions.order = { label = "Order", call = CALL, to = "done", failed = "sorry" }
actions.stop = { label = "Cancel", cancel = true }

[screens.done]
title = "Ordered"
end = "completed"

[screens.sorry]
title = "Not ordered"
end = "not-ordered"

"#;

fn lamp(effects: &str) -> String {
    LAMP.replace("CALL", "\"order\"") + effects
}

const ANSWERS: &str = "#!/bin/sh\nprintf 'Content-Type: application/json\\n\\n{}'\n";

#[test]
fn a_flow_that_lacks_something_is_not_begun_and_says_whom_to_ask_while_others_are_served() {
    let definition = lamp(
        "[effects.order]\nhttp = \"POST ${LAMP_SHOP}/orders\"\nheaders = { Authorization = \"Bearer ${LAMP_TOKEN}\" }\n",
    );
    let mut app = App::stopped(&[("order", FLOW), ("lamp", &definition)])
        .argument("--contact")
        .argument("Forms desk, 020 7946 0000");
    app.run();
    for words in [
        "lamp",
        "LAMP_SHOP",
        "LAMP_TOKEN",
        "no session of this flow can be started",
    ] {
        app.wait_for(words);
    }
    let refused = app.browser("/lamp").page;
    assert_eq!(refused.status, 503);
    let waits = refused
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
    assert!(waits, "{:?}", refused.headers);
    assert!(
        refused.text().contains("Forms desk, 020 7946 0000"),
        "{}",
        refused.text()
    );
    assert!(refused.buttons().is_empty(), "nothing to press: {}", refused.text());
    assert_eq!(app.browser("/order").page.status, 200);
    let mut app = {
        app.stop();
        app.variable("LAMP_SHOP", "https://shop.example")
            .variable("LAMP_TOKEN", "t")
    };
    app.run();
    assert_eq!(app.browser("/lamp").page.status, 200);
}

#[test]
fn it_is_looked_at_anew_while_the_server_runs_and_live_sessions_go_on() {
    let app = App::stopped(&[("lamp", &lamp("[effects.order]\nrun = \"order.sh\"\n"))]);
    app.program("order.sh", ANSWERS);
    let mut app = app;
    app.run();
    let mut live = app.browser("/lamp");
    let page = live.clone();
    live.press("Start now");
    let program = app.dir.path().join("programs/order.sh");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o644)).unwrap();
    app.wait_until(|app| app.browser("/lamp").page.status == 503);
    app.wait_for("may not be executed");
    // A start page from before: nothing is begun by it.
    let mut late = page;
    late.press("Start now");
    assert_eq!(late.page.status, 503, "{}", late.page.text());
    live.fill("Lamps", "3").press("Continue");
    assert_eq!(live.page.heading(), "Who are you?");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    live.fill("Name", "Ada").press("Order");
    assert_eq!(live.page.heading(), "Ordered");
    app.wait_for("nothing that it needs is missing any more");
}

/// What `check --environment` finds: codes and levels.
fn found(app: &App) -> (Option<i32>, Vec<Json>) {
    let checked = app.deity(&["check", "--environment", "--json"]);
    let lines = out(&checked);
    let all = lines.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    (
        checked.status.code(),
        all.filter(|one| one["code"] == "environment").collect(),
    )
}

#[test]
fn a_check_of_the_environment_names_each_need_with_its_effect() {
    for (effect, words) in [
        (
            "http = \"POST ${LAMP_SHOP}/orders\"",
            "the variable LAMP_SHOP is not set",
        ),
        (
            "http = \"POST https://1.1.1.1/\"\nheaders = { Authorization = \"${LAMP_TOKEN}\" }",
            "the variable LAMP_TOKEN is not set",
        ),
        (
            "http = \"POST http://10.1.2.3/orders\"",
            "10.1.2.3:80 is a private address",
        ),
        ("http = \"POST http://localhost:8090/orders\"", "callees"),
        ("run = \"nothing.sh\"", "there is no program"),
        ("run = \"plain.sh\"", "may not be executed"),
        ("run = \"folder\"", "is no file"),
        (
            "run = \"good.sh\"\nenv = { SHOP = \"${LAMP_SHOP}\" }",
            "the variable LAMP_SHOP is not set",
        ),
    ] {
        let app = App::stopped(&[("lamp", &lamp(&format!("[effects.order]\n{effect}\n")))]);
        app.program("good.sh", ANSWERS);
        let programs = app.dir.path().join("programs");
        fs::write(programs.join("plain.sh"), ANSWERS).unwrap();
        fs::create_dir(programs.join("folder")).unwrap();
        let plain = app.deity(&["check"]);
        assert_eq!(plain.status.code(), Some(0), "it was not asked for: {}", out(&plain));
        let (code, found) = found(&app);
        assert_eq!((code, found.len()), (Some(1), 1), "{effect}: {found:?}");
        let message = found[0]["message"].as_str().unwrap();
        assert!(message.contains(words) && message.contains("effect order"), "{message}");
        assert_eq!(found[0]["level"], "error");
        assert_eq!(found[0]["line"], 28, "at the effect: {found:?}");
    }
    let good = lamp("[effects.order]\nhttp = \"POST ${LAMP_SHOP:-https://1.1.1.1}/orders\"\n");
    let app = App::stopped(&[("lamp", &good)]);
    assert_eq!(found(&app), (Some(0), Vec::new()));
}

#[test]
fn a_check_of_the_environment_takes_what_the_server_is_started_with() {
    let app = App::stopped(&[(
        "lamp",
        &lamp("[effects.order]\nhttp = \"POST http://10.1.2.3/orders\"\n"),
    )]);
    let check = |arguments: &[&str]| {
        let checked = app.deity(arguments);
        (checked.status.code(), out(&checked) + &err(&checked))
    };
    for arguments in [
        &["check", "--environment", "--callees", "10.0.0.0/8"][..],
        &["--callees", "10.0.0.0/8", "check", "--environment"],
        &[
            "check",
            "phases",
            "--environment",
            "--callees=10.1.2.3:80",
            "--log",
            "off",
        ],
    ] {
        let (code, said) = check(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
    let (code, said) = check(&["check", "--environment", "--callees", "10.9.0.0/16"]);
    assert!(
        code == Some(1) && said.contains("10.1.2.3:80 is a private address"),
        "{said}"
    );
    // Without it nothing is held against them: that is said.
    let (code, said) = check(&["check", "--callees", "10.0.0.0/8"]);
    assert!(code == Some(2) && said.contains("add --environment"), "{said}");
}

#[test]
fn what_only_a_notice_an_undo_or_a_probe_lacks_is_a_warning_and_the_flow_is_served() {
    let effects = r#"
[effects.order]
http = "POST https://1.1.1.1/orders"
undo = "cancel-order"
probe = "ordered"

[effects.cancel-order]
http = "DELETE ${LAMP_SHOP}/orders"

[effects.ordered]
http = "GET ${LAMP_PROBE}/orders"
send = {}
safe = true

[effects.told]
email = { to = "shop@example.org", subject = "A lamp", text = "{{ count }}" }
"#;
    let definition = LAMP.replace("CALL", "[\"order\", \"told\"]") + effects;
    let mut app = App::stopped(&[("lamp", &definition)]);
    let (code, found) = found(&app);
    let said: Vec<_> = found.iter().map(|one| one["message"].as_str().unwrap()).collect();
    assert_eq!((code, found.len()), (Some(0), 3), "{said:?}");
    assert!(found.iter().all(|one| one["level"] == "warning"));
    for words in ["LAMP_SHOP", "LAMP_PROBE", "`smtp` and `mail-from`"] {
        assert!(said.iter().any(|said| said.contains(words)), "{words}: {said:?}");
    }
    app.run();
    app.wait_for("this will fail when it is asked for");
    assert_eq!(app.browser("/lamp").page.status, 200);
}

#[cfg(feature = "demo")]
#[test]
fn with_the_demo_the_shipped_flows_have_what_they_need() {
    let app = App::of_phases();
    for flow in ["bank-transfer", "seat-booking", "passport-renewal", "home-repair-grant"] {
        assert_eq!(app.browser(&format!("/{flow}")).page.status, 200, "{flow}");
    }
    let (_, stderr) = app.said();
    assert!(!stderr.contains("cannot be started"), "{stderr}");
    let phases = app.phases().to_string_lossy().into_owned();
    let check = |app: &App| app.deity(&["check", "--environment", &phases]);
    let without = check(&app);
    assert_eq!(without.status.code(), Some(1));
    assert!(out(&without).contains("callees"), "{}{}", out(&without), err(&without));
    let with = App::stopped(&[]).variable("DEITY_DEMO", "127.0.0.1:8090");
    let checked = check(&with);
    assert_eq!(checked.status.code(), Some(0), "{}", out(&checked));
}

#[test]
fn a_host_whose_name_leads_nowhere_is_a_warning_by_effect() {
    let definition = lamp("[effects.order]\nhttp = \"POST https://shop.invalid/orders\"\n");
    let mut app = App::stopped(&[("lamp", &definition)]);
    let (code, found) = found(&app);
    assert_eq!((code, found.len()), (Some(0), 1), "{found:?}");
    let message = found[0]["message"].as_str().unwrap();
    assert!(
        message.contains("effect order: the name shop.invalid "),
        "not resolved, or not in time: {message}"
    );
    app.run();
    app.wait_for("the name shop.invalid ");
    assert_eq!(app.browser("/lamp").page.status, 200, "names come and go: it is served");
}

#[test]
fn a_limit_that_is_smaller_than_a_screen_needs_is_told_by_check_and_at_the_start() {
    let mut app = App::stopped(&[("order", FLOW)]);
    let settings = |text: &str| fs::write(app.dir.path().join("deity.toml"), text).unwrap();
    settings("[limits]\nfields = 9\n");
    let words = "the form of `what` sends up to 15 fields, and limits.fields lets 9 through";
    let checked = app.deity(&["check"]);
    assert_eq!(checked.status.code(), Some(0));
    assert!(out(&checked).contains(words), "{}", out(&checked));
    settings("[limits]\nbody-bytes = \"1 KiB\"\n");
    let bytes = "and limits.body-bytes lets 1 KiB through";
    assert!(out(&app.deity(&["check"])).contains(bytes));
    app.run();
    app.wait_for(bytes);
    app.stop();
    fs::remove_file(app.dir.path().join("deity.toml")).unwrap();
    assert!(
        !out(&app.deity(&["check"])).contains("limits."),
        "by itself it follows the flows"
    );
}

#[test]
fn a_digest_that_nobody_could_be_told_is_named_at_the_start() {
    for (whom, why) in [
        ("no-such.sh", "there is no program"),
        ("http://10.1.2.3/hook", "private address"),
    ] {
        let mut app = App::stopped(&[("order", FLOW)]).variable("DEITY_DIGEST", whom);
        app.run();
        app.wait_for("the daily digest cannot be told");
        let (_, said) = app.said();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn what_a_program_wrote_on_standard_error_is_shown_to_the_operator_alone() {
    let mut app = App::stopped(&[("lamp", &lamp("[effects.order]\nrun = \"order.sh\"\n"))]);
    app.program("order.sh", "#!/bin/sh\nprintf 'no such shelf' >&2\nexit 1\n");
    app.run();
    let mut browser = app.browser("/lamp");
    browser.press("Start now");
    browser.fill("Lamps", "3").press("Continue");
    browser.fill("Name", "Ada").press("Order");
    let listed = || {
        let listed = app.deity(&["effects", "list", "--status", "in-doubt", "--json"]);
        out(&listed)
            .lines()
            .next()
            .map(|line| serde_json::from_str::<Json>(line).unwrap())
    };
    app.wait_until(|_| listed().is_some());
    let found = listed().unwrap();
    assert_eq!(found.get("stderr"), None, "{found}");
    // Where there is one, its session's reference is enough.
    let reference = found["reference"].as_str().unwrap().to_owned();
    let shown = out(&app.deity(&["effects", "show", &reference]));
    assert!(shown.contains("no such shelf"), "{shown}");
    browser.go("/lamp");
    let (_, said) = app.said();
    assert!(
        !browser.page.text().contains("shelf") && !said.contains("shelf"),
        "{said}"
    );
}
