//! What an answer that came over the line means: pages in a callee's place, probes and what they carry.

use std::time::Duration;

use serde_json::json;

use super::callee::{Asking, Callee};
use crate::support::{App, Browser};

/// One question, one effect; `EFFECTS` are the test's own.
const CLAIM: &str = r#"
title = "A claim"
start = "intro"

[screens.intro]
title = "A claim"
actions.start = { label = "Start now", to = "ask" }

[screens.ask]
title = "What is it?"
fields.diagnosis = { type = "text", label = "Diagnosis", max = 60, autocomplete = "off" }
actions.send = { label = "Send", call = "claim", to = "done", failed = "sorry" }
actions.stop = { label = "Cancel", cancel = true }

[screens.done]
title = "Claimed"
end = "completed"

[screens.sorry]
title = "Not claimed"
end = "not-sent"

[effects.claim]
label = "Your claim"
timeout = "2s"
EFFECTS
"#;

fn serving(callee: &Callee, effects: &str) -> App {
    let effects = effects.replace("CALLEE", &callee.address.to_string());
    let mut app = App::stopped(&[("claim", &CLAIM.replace("EFFECTS", &effects))])
        .argument(&format!("--callees={}", callee.address));
    app.run();
    app
}

fn send(app: &App) -> Browser {
    let mut browser = app.browser("/claim");
    browser.press("Start now");
    browser.fill("Diagnosis", "secretish words").press("Send");
    browser
}

fn heard(app: &App) -> String {
    let output = app.deity(&["effects", "list", "--json"]);
    String::from_utf8(output.stdout).unwrap()
}

fn raw(header: &str, body: &str) -> (u16, String) {
    let length = body.len();
    (
        0,
        format!("HTTP/1.1 200 OK\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"),
    )
}

#[test]
fn a_probe_over_http_carries_its_own_words_and_the_key_and_no_answer() {
    for (send_of_probe, target) in [
        ("send = { ref = \"{{ reference }}\" }", "/claims?ref="),
        ("send = {}", "/claims"),
        ("", "/claims"),
    ] {
        let callee = Callee::answering(|asking: &Asking| (asking.method == "GET").then(|| (200, String::new())));
        let app = serving(
            &callee,
            &format!(
                "http = \"POST http://CALLEE/claims\"\nsend = {{ diagnosis = \"{{{{ diagnosis }}}}\" }}\nprobe = \"known\"\n\n\
                 [effects.known]\nhttp = \"GET http://CALLEE/claims\"\nsafe = true\n{send_of_probe}"
            ),
        );
        assert_eq!(send(&app).page.heading(), "Claimed");
        let (posts, gets) = (callee.asked_by("POST"), callee.asked_by("GET"));
        assert_eq!((posts.len(), gets.len()), (1, 1));
        assert_eq!(posts[0].header("idempotency-key"), gets[0].header("idempotency-key"));
        let got = &gets[0].target;
        assert!(
            got.starts_with(target) && (target.ends_with('=') || got == target),
            "{got}"
        );
        assert!(!format!("{:?}", gets[0]).contains("secretish"), "{:?}", gets[0]);
    }
}

#[test]
fn a_probe_by_a_program_has_no_answer_in_its_environment_or_on_its_input() {
    let mut app = App::stopped(&[(
        "claim",
        &CLAIM.replace(
            "EFFECTS",
            "run = \"claim.sh\"\nsend = { secretish = \"{{ diagnosis }}\" }\nprobe = \"known\"\n\n\
             [effects.known]\nrun = \"claim.sh word\"\nmethod = \"GET\"\nsafe = true",
        ),
    )]);
    app.program(
        "claim.sh",
        "#!/bin/sh\nif [ \"$REQUEST_METHOD\" = GET ]; then env > env.txt; cat > body.txt; echo \"$*\" > args.txt; printf 'Status: 200\\n\\n'; else exit 1; fi\n",
    );
    app.run();
    assert_eq!(send(&app).page.heading(), "Claimed");
    let read = |name: &str| std::fs::read_to_string(app.data().join(name)).unwrap();
    let environment = read("env.txt");
    assert!(!environment.contains("secretish"), "{environment}");
    assert!(
        environment.lines().any(|line| line == "QUERY_STRING="),
        "nothing that could be split into arguments: {environment}"
    );
    assert_eq!((read("body.txt").as_str(), read("args.txt").as_str()), ("", "word\n"));
}

#[test]
fn a_page_of_html_in_the_callees_place_is_no_answer() {
    const PORTAL: &str = "<!DOCTYPE html>\n<title>Guest Wi-Fi</title><p>Please log in";
    let effects = "http = \"POST http://CALLEE/claims\"\nsend = {}";
    for header in [
        "Content-Type: text/html; charset=utf-8\r\n",
        "",
        "Content-Type: application/json\r\n",
    ] {
        let callee = Callee::answering(move |_| Some(raw(header, PORTAL)));
        let app = serving(&callee, effects);
        let page = send(&app).page;
        assert_eq!(page.heading(), "We do not know yet if this was done", "{header}");
        let heard = heard(&app);
        assert!(heard.contains("it answered 200 with a page of HTML"), "{heard}");
        assert!(!heard.contains("Guest Wi-Fi"), "{heard}");
    }
    // What is sent in pieces is one page too.
    let callee = Callee::answering(|_| {
        let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\n\r\n<!d\r\n8\r\noctype h\r\n4\r\ntml>\r\n0\r\n\r\n";
        Some((0, answer.to_owned()))
    });
    assert_eq!(
        send(&serving(&callee, effects)).page.heading(),
        "We do not know yet if this was done"
    );
    // So is one that nobody can read, and it is said that nobody would.
    let callee = Callee::answering(|_| Some(raw("Content-Type: application/json\r\nContent-Encoding: gzip\r\n", "x")));
    assert_eq!(
        send(&serving(&callee, effects)).page.heading(),
        "We do not know yet if this was done"
    );
    assert_eq!(callee.asked()[0].header("accept-encoding"), Some("identity"));
    // Who says so takes it.
    let callee = Callee::answering(|_| Some(raw("Content-Type: text/html\r\n", PORTAL)));
    let app = serving(&callee, &format!("{effects}\naccept = \"html\""));
    assert_eq!(send(&app).page.heading(), "Claimed");
    // No body is no page, whatever its type.
    let callee = Callee::answering(|_| Some(raw("Content-Type: text/html\r\n", "")));
    assert_eq!(send(&serving(&callee, effects)).page.heading(), "Claimed");
}

#[test]
fn a_program_may_answer_with_a_page_but_leads_nowhere() {
    for (header, heading) in [
        ("Content-Type: text/html", "Claimed"),
        (
            "Status: 200\\nLocation: /elsewhere",
            "We do not know yet if this was done",
        ),
        ("Location: http://127.0.0.1:1/", "We do not know yet if this was done"),
    ] {
        let mut app = App::stopped(&[("claim", &CLAIM.replace("EFFECTS", "run = \"claim.sh\""))]);
        app.program(
            "claim.sh",
            &format!("#!/bin/sh\nprintf '{header}\\n\\n<!doctype html><title>Done</title>'\n"),
        );
        app.run();
        assert_eq!(send(&app).page.heading(), heading, "{header}");
    }
}

#[test]
fn accepted_is_pending_where_it_can_be_asked_about_and_done_where_not() {
    let probe = "probe = \"known\"\n\n[effects.known]\nhttp = \"GET http://CALLEE/claims\"\nsafe = true";
    for (probe, gets) in [(probe, 2), ("", 0)] {
        let callee = Callee::answering({
            let asked = std::sync::atomic::AtomicUsize::new(0);
            move |asking: &Asking| {
                let first = asking.method == "GET" && asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
                let status = if asking.method == "POST" || first { 202 } else { 200 };
                Some((status, json!({}).to_string()))
            }
        });
        let effects = format!("http = \"POST http://CALLEE/claims\"\nsend = {{}}\n{probe}");
        let app = serving(&callee, &effects);
        let mut browser = send(&app);
        let begun = std::time::Instant::now();
        while browser.page.heading().ends_with(": please wait") && begun.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(200));
            browser.follow("Look now");
        }
        assert_eq!(browser.page.heading(), "Claimed");
        assert_eq!((callee.asked_by("POST").len(), callee.asked_by("GET").len()), (1, gets));
        let done = app.deity(&["effects", "list", "--json", "--status", "done"]);
        let done = String::from_utf8(done.stdout).unwrap();
        assert!(done.contains("\"tries\":1,"), "a question is no try: {done}");
    }
}

#[test]
fn what_a_callee_said_is_passed_on_as_it_was_written_or_not_at_all() {
    let effects = "http = \"POST http://CALLEE/claims\"\nsend = {}\nundo = \"drop\"\n\
                   save.number = \"/number\"\nsave.token = { at = \"/token\", required = false }\n\n\
                   [effects.drop]\nhttp = \"DELETE http://CALLEE/claims\"\n\
                   send = { number = \"{{ number }}\", token = \"{{ token }}\" }";
    let done = "title = \"Claimed\"\nend = \"completed\"";
    let more =
        "title = \"Claimed\"\nbody = \"Number {{ number }}.\"\nactions.stop = { label = \"Cancel\", cancel = true }";
    let serving = |callee: &Callee| {
        let flow = CLAIM.replace("EFFECTS", effects).replace(done, more);
        let flow = flow.replace("CALLEE", &callee.address.to_string());
        let mut app = App::stopped(&[("claim", &flow)]).argument(&format!("--callees={}", callee.address));
        app.run();
        app
    };
    let token = "t".repeat(1_800);
    for (number, written) in [
        ("12345678901234567890123", "12345678901234567890123"),
        ("1.10", "1.10"),
        ("1e3", "1e+3"),
    ] {
        let body = format!("{{\"number\": {number}, \"token\": \"{token}\"}}");
        let callee = Callee::answering(move |_| Some((200, body.clone())));
        let app = serving(&callee);
        let mut browser = send(&app);
        assert!(browser.page.text().contains(&format!("Number {written}.")), "{number}");
        browser.press("Cancel");
        browser.press("Yes, cancel and delete my answers");
        app.wait_until(|_| !callee.asked_by("DELETE").is_empty());
        let sent = callee.asked_by("DELETE")[0].json();
        assert_eq!((&sent["number"], &sent["token"]), (&json!(written), &json!(token)));
    }
    // Too long for a value that need not be there: the flow goes on without it, and the log says why.
    let body = format!("{{\"number\": 7, \"token\": \"{}\"}}", "secretish".repeat(500));
    let callee = Callee::answering(move |_| Some((200, body.clone())));
    let app = serving(&callee);
    assert_eq!(send(&app).page.heading(), "Claimed");
    app.wait_for("is longer than 4 KiB");
    let (_, log) = app.said();
    assert!(log.contains("/token") && !log.contains("secretish"), "{log}");
    // For one that must be there it is no answer, and is taken back.
    let body = "{\"number\": \" \"}";
    let callee = Callee::answering(move |_| Some((200, body.to_owned())));
    let app = serving(&callee);
    assert_eq!(send(&app).page.heading(), "Not claimed");
    app.wait_until(|_| callee.asked_by("DELETE").len() == 1);
}

#[test]
fn what_looks_like_a_variable_goes_out_as_it_stands_whoever_wrote_it() {
    let callee = Callee::answering(|_| Some((200, "{}".to_owned())));
    let effects = "http = \"POST http://CALLEE/${CLAIMS}\"\nsend = { by = \"${CLAIMS} of {{ diagnosis }}\", it = \"{{ diagnosis }}\" }\nundo = \"back\"\n\
                   headers = { X-Desk = \"${CLAIMS}\" }\n[effects.back]\nhttp = \"DELETE http://CALLEE/claims\"\n";
    let effects = effects.replace("CALLEE", &callee.address.to_string());
    let mut app = App::stopped(&[("claim", &CLAIM.replace("EFFECTS", &effects))])
        .argument(&format!("--callees={}", callee.address))
        .variable("CLAIMS", "claims");
    app.run();
    let mut browser = app.browser("/claim");
    browser.press("Start now");
    browser.fill("Diagnosis", "${CLAIMS}").press("Send");
    assert_eq!(browser.page.heading(), "Claimed");
    let asked = callee.asked().remove(0);
    assert_eq!(asked.target, "/claims");
    assert_eq!(
        asked.json(),
        json!({ "by": "${CLAIMS} of ${CLAIMS}", "it": "${CLAIMS}" })
    );
}
