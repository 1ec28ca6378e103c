//! The real server with real callees: programs, HTTP, e-mail, a page elsewhere; waiting pages; and
//! what an operator sees of it.

use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::callee::{Asking, Callee};
use crate::support::{App, Browser, eventually};

/// One question, one effect; what the effect is stands in for `EFFECT`.
const ONE: &str = r#"
title = "One effect"
start = "intro"

[screens.intro]
title = "One effect"
actions.start = { label = "Start now", to = "ask" }

[screens.ask]
title = "What do you want?"
fields.thing = { type = "text", label = "Thing", max = 40 }
fields.amount = { type = "money", label = "Amount" }
actions.order = { label = "Order", call = "order", to = "done", failed = "sorry" }
actions.stop = { label = "Cancel", cancel = true }

[screens.done]
title = "Ordered"
body = "Number {{ number }}."
end = "completed"

[screens.sorry]
title = "Not ordered"
end = "not-ordered"

[effects.order]
label = "Your order"
save.number = "/number"
EFFECT
"#;

fn flow(effect: &str) -> String {
    ONE.replace("EFFECT", effect)
}

fn over_http(callee: &Callee, more: &str) -> String {
    flow(&format!("http = \"POST http://{}/orders\"\n{more}", callee.address))
}

fn serving(callee: &Callee, definition: &str) -> App {
    let mut app = App::stopped(&[("one", definition)]).argument(&format!("--callees={}", callee.address));
    app.run();
    app
}

/// Up to the button that calls.
fn ready(app: &App) -> Browser {
    let mut browser = app.browser("/one");
    browser.press("Start now");
    browser
        .fill("Thing", "A lamp; $(id) `id` & \"quotes\"")
        .fill("Amount", "12.50");
    browser
}

fn listed(app: &App, arguments: &[&str]) -> Vec<Json> {
    let output = app.deity(&[&["effects", "list", "--json"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn number(_: &Asking) -> Option<(u16, String)> {
    Some((200, json!({ "number": "N-1" }).to_string()))
}

#[test]
fn a_ten_line_shell_script_serves_as_a_callee() {
    let mut app = App::stopped(&[(
        "one",
        &flow("run = \"order.sh\"\nenv = { SHOP = \"${SHOP:-corner}\" }\npath = \"/orders\""),
    )]);
    app.program(
        "order.sh",
        "#!/bin/sh\nbody=$(cat)\nenv | sort > env.txt\nprintf '%s' \"$body\" > body.txt\nprintf '%s\\n' \"$#\" > args.txt\ncase $body in\n*lamp*) printf 'Content-Type: application/json\\n\\n{\"number\": \"S-%s\"}' \"$SHOP\" ;;\n*) printf 'Status: 422 No\\n\\n{\"message\": \"We only have lamps.\", \"fields\": {\"thing\": \"Enter lamp\"}}' ;;\nesac\n",
    );
    app.run();
    let mut browser = ready(&app);
    browser.fill("Thing", "A chair").press("Order");
    for words in ["There is a problem", "We only have lamps.", "Enter lamp"] {
        assert!(browser.page.text().contains(words), "{words}: {}", browser.page.text());
    }
    browser
        .fill("Thing", "A lamp; $(id) & \"quotes\"")
        .fill("Amount", "12.50")
        .press("Order");
    assert_eq!(browser.page.heading(), "Ordered");
    assert!(browser.page.text().contains("Number S-corner."));
    // Programs run in the data directory.
    let read = |name: &str| std::fs::read_to_string(app.data().join(name)).unwrap();
    assert_eq!(read("args.txt"), "0\n");
    assert!(read("body.txt").contains("thing=A+lamp%3B+%24%28id%29") && read("body.txt").contains("amount=12.50"));
    let environment = read("env.txt");
    let names: Vec<_> = environment.lines().filter_map(|line| line.split('=').next()).collect();
    for must in [
        "CONTENT_LENGTH",
        "CONTENT_TYPE",
        "GATEWAY_INTERFACE",
        "PATH_INFO",
        "QUERY_STRING",
        "REMOTE_ADDR",
        "REQUEST_METHOD",
        "SCRIPT_NAME",
        "SERVER_NAME",
        "SERVER_PORT",
        "SERVER_PROTOCOL",
        "SERVER_SOFTWARE",
        "HTTP_IDEMPOTENCY_KEY",
        "DEITY_REFERENCE",
        "SHOP",
    ] {
        assert!(names.contains(&must), "{must}: {environment}");
    }
    assert!(
        !environment.contains("lamp") && !names.contains(&"HOME"),
        "nothing of the client's, nothing of ours: {environment}"
    );
}

#[test]
fn a_call_carries_the_key_and_what_the_flow_sends_and_nothing_else() {
    let callee = Callee::answering(number);
    let more = "send = { what = \"{{ thing }}\", price = \"{{ amount }}\", fixed = \"yes\" }\nheaders = { Authorization = \"Bearer ${TOKEN}\" }";
    let mut app = App::stopped(&[("one", &over_http(&callee, more))])
        .argument(&format!("--callees={}", callee.address))
        .variable("TOKEN", "s3cret-token");
    app.run();
    ready(&app).press("Order");
    let asked = callee.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].json(),
        json!({
            "what": "A lamp; $(id) `id` & \"quotes\"",
            "price": { "amount": "12.50", "currency": "GBP" },
            "fixed": "yes",
        })
    );
    assert_eq!(asked[0].header("authorization"), Some("Bearer s3cret-token"));
    let done = listed(&app, &["--status", "done"]);
    assert_eq!(asked[0].header("idempotency-key"), done[0]["key"].as_str());
    assert_eq!(asked[0].header("cookie"), None);
    let stopped = app.stop();
    assert!(
        !stopped.stderr.contains("s3cret") && !stopped.stderr.contains("lamp"),
        "{}",
        stopped.stderr
    );
}

#[test]
fn a_slow_effect_gets_a_waiting_page_that_looks_again_and_leaving_finds_the_outcome() {
    let (go, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let callee = Callee::answering(move |asking| {
        gate.lock().unwrap().recv().ok()?;
        number(asking)
    });
    let app = serving(&callee, &over_http(&callee, "timeout = \"30s\""));
    let mut browser = ready(&app);
    let began = Instant::now();
    browser.press("Order");
    assert!(
        began.elapsed() >= Duration::from_millis(2_500),
        "the answer waits for the effect for a while"
    );
    assert_eq!(browser.page.heading(), "Your order (£12.50): please wait");
    assert!(browser.page.text().contains("We are doing this now."));
    let refresh = browser.page.refresh().expect("it looks again by itself");
    let (_, target) = refresh.split_once(";url=").unwrap();
    let target = format!("/{target}");
    assert!(
        target.starts_with("/one?"),
        "not `?` alone, which some resolve against the directory: {target}"
    );
    let open = listed(&app, &[]);
    assert_eq!((open.len(), open[0]["status"].as_str()), (1, Some("open")));
    // Somebody else is not held up meanwhile.
    let other = Instant::now();
    app.browser("/one").press("Start now");
    assert!(other.elapsed() < Duration::from_secs(2));
    go.send(()).unwrap();
    assert!(eventually(|| listed(&app, &[]).is_empty()));
    let mut inside = browser.clone();
    inside.follow("Look now");
    assert_eq!((inside.page.status, inside.page.heading().as_str()), (200, "Ordered"));
    // A browser that does not say where its request comes from is asked first.
    browser.go(&target);
    assert_eq!(browser.page.heading(), "Go on with what you began?");
    browser.press("Show how it ended");
    assert_eq!(browser.page.heading(), "Ordered");
    assert_eq!(callee.asked().len(), 1);
}

#[test]
fn an_answer_that_comes_while_the_page_waits_ends_the_waiting_at_once() {
    let callee = Callee::answering(|asking| {
        std::thread::park_timeout(Duration::from_millis(700));
        number(asking)
    });
    let app = serving(&callee, &over_http(&callee, ""));
    let mut browser = ready(&app);
    let began = Instant::now();
    browser.press("Order");
    assert_eq!(browser.page.heading(), "Ordered");
    assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
}

#[test]
fn without_an_answer_it_is_in_doubt_and_an_operator_settles_it_on_a_running_server_and_a_stopped_one() {
    for running in [true, false] {
        let callee = Callee::answering(|_| None);
        let mut app = serving(&callee, &over_http(&callee, ""));
        let mut browser = ready(&app);
        browser.press("Order");
        assert_eq!(browser.page.heading(), "We do not know yet if this was done");
        let text = browser.page.text();
        let doubt = listed(&app, &["--status", "in-doubt"]);
        assert_eq!(doubt.len(), 1);
        let reference = doubt[0]["reference"].as_str().unwrap().to_owned();
        assert!(text.contains(&reference), "the person can name it: {text}");
        let while_running = app.deity(&["effects", "list"]).stdout;
        if !running {
            app.stop();
            assert_eq!(app.deity(&["effects", "list"]).stdout, while_running, "the same words");
        }
        let name = format!("{reference}/{}", doubt[0]["number"]);
        let refused = app.deity(&["effects", "done", &name]);
        assert!(!refused.status.success());
        assert!(
            String::from_utf8_lossy(&refused.stderr).contains("--save number="),
            "{refused:?}"
        );
        let deleted = app.deity(&["sessions", "delete", &reference, "--yes"]);
        assert!(
            String::from_utf8_lossy(&deleted.stderr).contains("not settled"),
            "{deleted:?}"
        );
        let settled = app.deity(&["effects", "done", &name, "--save", "number=N-9"]);
        assert!(settled.status.success(), "{}", String::from_utf8_lossy(&settled.stderr));
        if !running {
            app.run();
        }
        let mut browser = browser.moved_to(app.address());
        browser.follow("Look now");
        assert!(browser.page.text().contains("Number N-9."), "{}", browser.page.text());
        assert_eq!(callee.asked().len(), 1);
    }
}

#[test]
fn a_retry_of_an_operator_asks_under_the_same_key() {
    let callee = Callee::answering(|_| None);
    let app = serving(&callee, &over_http(&callee, ""));
    let mut browser = ready(&app);
    browser.press("Order");
    let reference = listed(&app, &[])[0]["reference"].as_str().unwrap().to_owned();
    callee.answer(number);
    assert!(app.deity(&["effects", "retry", &reference]).status.success());
    assert!(eventually(|| listed(&app, &[]).is_empty()));
    browser.follow("Look now");
    assert_eq!(browser.page.heading(), "Ordered");
    let keys: Vec<_> = callee
        .asked()
        .iter()
        .map(|a| a.header("idempotency-key").map(str::to_owned))
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn garbage_a_flood_and_a_redirect_are_no_answers_and_the_probe_tells() {
    for (status, body) in [
        (200, "<html>".to_owned()),
        (200, "x".repeat(70_000)),
        (302, String::new()),
        (500, "{}".to_owned()),
    ] {
        let answer = body.clone();
        let callee = Callee::answering(move |asking| {
            if asking.method == "GET" {
                number(asking)
            } else {
                Some((status, answer.clone()))
            }
        });
        let probe = format!(
            "probe = \"ordered\"\n\n[effects.ordered]\nhttp = \"GET http://{}/orders\"\nsend = {{}}\nsafe = true",
            callee.address
        );
        let app = serving(&callee, &over_http(&callee, &probe));
        let mut browser = ready(&app);
        browser.press("Order");
        if browser.page.heading().ends_with(": please wait") {
            assert!(eventually(|| listed(&app, &[]).is_empty()));
            browser.follow("Look now");
        }
        assert_eq!(browser.page.heading(), "Ordered", "{status} {}", body.len());
        assert_eq!(callee.asked_by("POST").len(), 1);
        let keys: Vec<_> = callee
            .asked()
            .iter()
            .map(|a| a.header("idempotency-key").map(str::to_owned))
            .collect();
        assert!(
            keys.windows(2).all(|pair| pair[0] == pair[1]),
            "the probe asks by the key: {keys:?}"
        );
    }
}

#[test]
fn a_private_address_needs_the_operators_word() {
    let callee = Callee::answering(number);
    // A name tells nothing of where it leads before it is called.
    let named = over_http(&callee, "").replace("127.0.0.1", "localhost.");
    let app = App::start(&[("one", &over_http(&callee, "")), ("named", &named)]);
    assert_eq!(app.browser("/one").page.status, 503, "it is not begun at all");
    let mut browser = app.browser("/named");
    browser.press("Start now");
    browser.fill("Thing", "A lamp").fill("Amount", "12.50").press("Order");
    // Finding the name may take longer than the answer waits.
    for _ in 0..20 {
        if browser.page.heading().ends_with(": please wait") {
            browser.follow("Look now");
        }
    }
    assert_eq!(browser.page.heading(), "Not ordered");
    assert!(callee.asked().is_empty());
    app.wait_for("private");
}

#[test]
fn a_callee_that_is_down_for_a_moment_is_tried_again_and_holds_up_nobody() {
    let callee = Callee::answering(|_| Some((503, "{}".to_owned())));
    let app = serving(&callee, &over_http(&callee, "retry = \"2m\""));
    let mut browser = ready(&app);
    browser.press("Order");
    assert_eq!(browser.page.heading(), "Your order (£12.50): please wait");
    callee.answer(number);
    assert!(eventually(|| listed(&app, &[]).is_empty()));
    browser.follow("Look now");
    assert_eq!(browser.page.heading(), "Ordered");
}

#[test]
fn a_stop_in_order_waits_for_what_is_under_way() {
    let callee = Callee::answering(|asking| {
        std::thread::park_timeout(Duration::from_secs(4));
        number(asking)
    });
    let mut app = serving(&callee, &over_http(&callee, "timeout = \"20s\""));
    let mut browser = ready(&app);
    browser.press("Order");
    assert_eq!(browser.page.heading(), "Your order (£12.50): please wait");
    let stopped = app.stop();
    assert!(stopped.status.success());
    app.run();
    let mut browser = browser.moved_to(app.address());
    browser.follow("Look now");
    assert_eq!(browser.page.heading(), "Ordered");
    assert_eq!(
        callee.asked().len(),
        1,
        "nothing is left in doubt, and nothing is done twice"
    );
}

#[test]
fn killed_while_an_effect_runs_it_goes_on_after_the_start() {
    let (go, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let callee = Callee::answering(move |asking| {
        gate.lock().unwrap().recv().ok()?;
        number(asking)
    });
    let mut app = serving(&callee, &over_http(&callee, "retry = \"2m\""));
    let mut browser = ready(&app);
    browser.press("Order");
    assert_eq!(browser.page.heading(), "Your order (£12.50): please wait");
    app.kill();
    drop(go);
    callee.answer(number);
    app.run();
    assert!(eventually(|| listed(&app, &[]).is_empty()));
    let mut browser = browser.moved_to(app.address());
    browser.follow("Look now");
    assert_eq!(browser.page.heading(), "Ordered");
    let keys: Vec<_> = callee
        .asked()
        .iter()
        .map(|a| a.header("idempotency-key").map(str::to_owned))
        .collect();
    assert!(keys.len() == 2 && keys[0] == keys[1], "{keys:?}");
}

#[test]
fn the_session_of_a_private_flow_waits_without_an_id_in_any_url() {
    let callee = Callee::answering(|_| None);
    let definition = over_http(&callee, "").replace("start = \"intro\"", "start = \"intro\"\nprivate = true");
    let app = serving(&callee, &definition);
    let mut browser = ready(&app);
    browser.press("Order");
    assert_eq!(browser.page.heading(), "We do not know yet if this was done");
    assert_eq!(browser.page.refresh(), None);
    assert!(browser.page.links().iter().all(|link| !link.contains("sessionID")));
    let reference = listed(&app, &[])[0]["reference"].as_str().unwrap().to_owned();
    assert!(
        app.deity(&["effects", "done", &reference, "--save", "number=N-3"])
            .status
            .success()
    );
    browser.press("Look now");
    assert!(browser.page.text().contains("Number N-3."), "{}", browser.page.text());
}
