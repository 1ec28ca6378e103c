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

const PEOPLE: &str = r#"
title = "One"

[screens.ask]
title = "Who are you?"
fields.you = { type = "text", label = "You" }
actions.continue = "people"

[lists.people]
title = "Who comes?"
item = "{{ name }}"
as = "Personen"
actions.add = "Add another"
actions.continue = "send"

[screens.who]
in = "people"
title = "Who?"
fields.name = { type = "text", label = "Name", as = "Full Name", autocomplete = "off" }
fields.pin = { type = "secret", label = "PIN" }
fields.size = { type = "choice", label = "Size", options = [
  { value = "small", label = "Small", as = "S" },
  { value = "large", label = "Large", as = "L" },
] }
actions.continue = "people"

[screens.send]
title = "Send it?"
actions.order = { label = "Order", call = "order", to = "done", failed = "done" }

[screens.done]
title = "Ordered"
end = "completed"

[effects.order]
run = "order.sh"
EFFECT
"#;

/// What the program got of two people, the export, and what an operator sees.
fn of_people(effect: &str) -> (serde_json::Value, serde_json::Value, String) {
    let mut app = App::stopped(&[("one", &PEOPLE.replace("EFFECT", effect))]);
    app.program("order.sh", PROGRAM);
    app.run();
    let mut browser = app.browser("/one");
    browser.press("Start now");
    browser.fill("You", "Ada").press("Continue");
    for (name, size) in [("Bo", "Small"), ("Cy", "Large")] {
        browser.press("Add another");
        browser
            .fill("Name", name)
            .fill("PIN", "4711")
            .choose(size)
            .press("Continue");
    }
    browser.press("Continue");
    browser.press("Order");
    assert_eq!(browser.page.heading(), "Ordered", "{}", browser.page.text());
    let body = std::fs::read_to_string(app.data().join("body.txt")).unwrap();
    let exported = app.deity(&["sessions", "export", "--flow", "one"]);
    let listed = app.deity(&["effects", "list", "--status", "done", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let name = format!("{}/{}", listed["reference"].as_str().unwrap(), listed["number"]);
    let shown = app.deity(&["effects", "show", &name, "--json"]);
    (
        serde_json::from_str(&body).unwrap(),
        serde_json::from_slice(&exported.stdout).unwrap(),
        String::from_utf8(shown.stdout).unwrap(),
    )
}

#[test]
fn items_go_out_as_an_array_under_the_names_of_other_systems_and_without_secrets() {
    let people = serde_json::json!([
        { "key": "1", "Full Name": "Bo", "size": "S" },
        { "key": "2", "Full Name": "Cy", "size": "L" },
    ]);
    let wanted = serde_json::json!({ "you": "Ada", "Personen": people });
    let (body, exported, shown) = of_people("body = \"json\"");
    assert_eq!(body, wanted);
    assert_eq!(exported["answers"], wanted);
    assert!(shown.contains("Full Name") && !shown.contains("4711"), "{shown}");
    let (body, _, shown) = of_people("body = \"json\"\nsend = { all = \"{{ people }}\" }");
    assert_eq!(body, serde_json::json!({ "all": people }));
    assert!(shown.contains("Full Name") && !shown.contains("4711"), "{shown}");
}
