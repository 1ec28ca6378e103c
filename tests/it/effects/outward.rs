//! `as`: fields and options go out under the names of other systems, and come back under them.

use crate::support::App;

const FLOW: &str = r#"
title = "One"

[screens.ask]
title = "What do you want?"
fields.thing = { type = "text", label = "Thing", max = 40, as = "Ding-Name \"1\"" }
fields.size = { type = "choice", label = "Size", as = "größe", options = [
  { value = "small", label = "Small", as = "SMALL (S)" },
  { value = "large", label = "Large" },
] }
fields.extras = { type = "choices", label = "Extras", required = false, options = [
  { value = "ramp", label = "Ramp", as = "R&1" },
  { value = "straps", label = "Straps", as = "S=2" },
] }
fields.note = { type = "text", label = "Note" }
actions.order = { label = "Order", call = "order", to = "done", failed = "sorry" }

[screens.done]
title = "Ordered"
end = "completed"

[screens.sorry]
title = "Not ordered"
end = "not-ordered"

[effects.order]
run = "order.sh"
EFFECT
"#;

/// A program that keeps what it gets, and refuses the word `zzz`.
const PROGRAM: &str = "#!/bin/sh\nbody=$(cat)\nprintf '%s' \"$body\" > body.txt\nenv > env.txt\ncase $body in\n*zzz*) printf 'Status: 422 No\\n\\n{\"message\": \"Not so.\", \"fields\": {\"Ding-Name \\\\\"1\\\\\"\": \"Another thing\"}}' ;;\n*) printf 'Status: 200\\n\\n' ;;\nesac\n";

/// What the program got, and the export.
fn ordered(effect: &str) -> (String, serde_json::Value) {
    let mut app = App::stopped(&[("one", &FLOW.replace("EFFECT", effect))]);
    app.program("order.sh", PROGRAM);
    app.run();
    let mut browser = app.browser("/one");
    browser.press("Start now");
    browser.fill("Thing", "zzz").fill("Note", "x");
    browser.choose("Small").choose("Ramp").choose("Straps").press("Order");
    if browser.page.heading() != "Ordered" {
        assert!(browser.page.text().contains("Another thing"), "{}", browser.page.text());
        browser.fill("Thing", "A lamp").press("Order");
    }
    assert_eq!(browser.page.heading(), "Ordered", "{}", browser.page.text());
    let kept = |file: &str| std::fs::read_to_string(app.data().join(file)).unwrap();
    assert!(
        !kept("env.txt").contains("Ding") && !kept("env.txt").contains("SMALL"),
        "{}",
        kept("env.txt")
    );
    let body = kept("body.txt");
    let exported = app.deity(&["sessions", "export", "--flow", "one"]);
    (body, serde_json::from_slice(&exported.stdout).unwrap())
}

#[test]
fn what_is_sent_whole_and_exported_has_the_names_of_other_systems() {
    let wanted = serde_json::json!({
        "Ding-Name \"1\"": "A lamp", "größe": "SMALL (S)", "extras": ["R&1", "S=2"], "note": "x",
    });
    let (body, exported) = ordered("body = \"json\"");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), wanted);
    assert_eq!(exported["answers"], wanted);
}

#[test]
fn a_form_has_them_encoded() {
    let (body, _) = ordered("body = \"form\"");
    let mut pairs: Vec<_> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    pairs.sort();
    let wanted = [
        ("Ding-Name \"1\"", "A lamp"),
        ("extras", "R&1"),
        ("extras", "S=2"),
        ("größe", "SMALL (S)"),
        ("note", "x"),
    ];
    assert_eq!(pairs, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn what_is_sent_by_name_has_its_own_names_and_the_values_of_other_systems() {
    let (body, _) =
        ordered("body = \"json\"\nsend = { note = \"{{ thing }}\", s = \"{{ size }}\", t = \"it is {{ size }}\" }");
    let wanted = serde_json::json!({ "note": "A lamp", "s": "SMALL (S)", "t": "it is Small" });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), wanted);
}
