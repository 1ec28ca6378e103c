//! docs/effects.md: its flow, and its shop in a script.

use super::{EFFECTS, blocks, marked, quoted, section};
use crate::support::App;

fn flow() -> String {
    marked(EFFECTS, "an effect", "toml").remove(0)
}

#[test]
fn the_flows_with_effects_are_read_without_a_word_and_can_be_walked() {
    for flow in [
        flow(),
        marked(EFFECTS, "a look-up", "toml").remove(0),
        marked(EFFECTS, "an effect for each item", "toml").remove(0),
    ] {
        let app = App::stopped(&[("t", &flow)]);
        let checked = app.deity(&["check"]);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(said.contains("1 file checked: 0 errors, 0 warnings"), "{said}");
        // Their callees are played.
        let walked = app.deity(&["rehearse", "t", "--browser", "lynx"]);
        assert_eq!(walked.status.code(), Some(0), "{walked:?}");
    }
}

#[test]
fn the_script_is_the_whole_shop() {
    let flow: Vec<String> = flow()
        .lines()
        .filter_map(|line| match line {
            _ if line.starts_with("headers = ") => None,
            _ if line.starts_with("http = \"POST ") => Some("run = \"order.sh\"".to_owned()),
            _ if line.starts_with("http = \"DELETE ") => Some("run = \"order.sh\"\nmethod = \"DELETE\"".to_owned()),
            _ => Some(line.to_owned()),
        })
        .collect();
    let mut app = App::stopped(&[("lamps", &flow.join("\n"))]);
    app.program("order.sh", &blocks(EFFECTS, "bash").remove(0));
    app.run();
    let mut browser = app.browser("/lamps");
    browser.press("Start now");
    browser.fill("Lamps", "9").press("Order");
    assert!(
        browser.page.text().contains("There are only eight lamps."),
        "{}",
        browser.page.text()
    );
    browser.fill("Lamps", "8").press("Order");
    assert_eq!(browser.page.heading(), "Ordered");
    assert!(
        browser.page.text().contains("The shop calls your order N-1."),
        "{}",
        browser.page.text()
    );
    let orders = std::fs::read_to_string(app.data().join("orders.txt")).unwrap();
    assert!(
        orders.ends_with(" lamps=8\n") && orders.lines().count() == 1,
        "{orders}"
    );
}

/// A flow that sends a value of each type, and a program that writes down what it got.
const EACH: &str = r#"
title = "Each"
start = "ask"
[screens.ask]
title = "Ask"
fields.text = { type = "text", label = "Text" }
fields.number = { type = "integer", label = "Number" }
fields.part = { type = "decimal", label = "Part" }
fields.amount = { type = "money", label = "Amount" }
fields.at = { type = "time", label = "Time" }
fields.agreed = { type = "yes-no", label = "Agreed" }
fields.extras = { type = "choices", label = "Extras", options = ["Ramp", "Straps"] }
fields.left = { type = "text", label = "Left", required = false }
actions.send = { call = "send", to = "done", failed = "done" }
[screens.done]
title = "Done"
end = "done"
[effects.send]
run = "note.sh"
env = { OWN = "mine" }
retry = "1m"
"#;

const NOTE: &str = "#!/bin/sh\ncat > got.txt\nenv > env.txt\nprintf 'Content-Type: application/json\\n\\n{}'\n";

/// What the program got: its input and its environment.
fn got(flow: &str) -> (String, String) {
    let mut app = App::stopped(&[("each", flow)]);
    app.program("note.sh", NOTE);
    app.run();
    let mut browser = app.browser("/each");
    browser.press("Start now");
    browser
        .fill("Text", "abroad")
        .fill("Number", "42")
        .fill("Part", "12.5")
        .fill("Amount", "12.50")
        .fill("Time", "14:30")
        .choose("Yes")
        .choose("Ramp")
        .choose("Straps")
        .press("Send");
    assert_eq!(browser.page.heading(), "Done");
    let read = |name: &str| std::fs::read_to_string(app.data().join(name)).unwrap();
    (read("got.txt"), read("env.txt"))
}

#[test]
fn a_program_gets_what_the_table_says() {
    let (form, env) = got(EACH);
    assert_eq!(
        form,
        "text=abroad&number=42&part=12.5&amount=12.50&at=14%3A30&agreed=yes&extras=ramp&extras=straps"
    );
    let told = quoted(section(EFFECTS, "What the callee gets"));
    let names = env
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name);
    // `sh` itself adds these.
    let names: Vec<&str> = names
        .filter(|name| !["PWD", "SHLVL", "_", "OWN"].contains(name))
        .collect();
    assert!(names.len() > 15, "{env}");
    for name in names {
        assert!(told.iter().any(|word| word == name), "`{name}` is not told");
    }
    assert!(env.contains("OWN=mine\n") && env.contains("DEITY_TRY=1\n"), "{env}");
    assert!(env.contains("PATH=/usr/local/bin:/usr/bin:/bin\n"), "{env}");
}

#[test]
fn in_json_values_are_what_the_table_says() {
    let (json, _) = got(&EACH.replace("retry = ", "body = \"json\"\nretry = "));
    let sent: serde_json::Value = serde_json::from_str(&json).unwrap();
    let told = serde_json::json!({
        "text": "abroad",
        "number": 42,
        "part": "12.5",
        "amount": { "amount": "12.50", "currency": "GBP" },
        "at": "14:30",
        "agreed": true,
        "extras": ["ramp", "straps"],
    });
    assert_eq!(sent, told);
}
