//! `deity check` of flows that share parts and lists: each word names the file and the line where it stands.

use super::out;
use crate::support::App;

const FLOW: &str = r#"
title = "Two addresses"
include = ["shared"]
start = "intro"
[calls.home]
fragment = "address"
then = "work"
[calls.work]
fragment = "address"
then = "check"
[screens.intro]
title = "Two addresses"
body = "{{ texts.help }}"
actions.start = { label = "Start now", to = "home" }
[screens.check]
title = "Check"
review = true
actions.send = { label = "Send", to = "done" }
[screens.done]
title = "Done"
end = "completed"
"#;

const PART: &str = r#"# Shared.
[texts]
help = "Ring us."

[fragments.address]
[fragments.address.screens.street]
title = "Where is it?"
fields.line = { type = "text", label = "Address line", autocomplete = "off" }
fields.village = { type = "choice", label = "Village", options = { list = "villages" } }
actions.continue = "return"
"#;

const VILLAGES: &str = "value,label\nash,Ash\nbeck,Beck\n";

/// What `deity check` says of the flow with these files beside it.
fn said(part: &str, villages: &str) -> Vec<serde_json::Value> {
    let app = App::stopped(&[("flow", FLOW)]);
    std::fs::write(app.phases().join("shared.part.toml"), part).unwrap();
    std::fs::write(app.phases().join("villages.csv"), villages).unwrap();
    let checked = out(&app.deity(&["check", "--json"]));
    let found = checked.lines().map(|line| serde_json::from_str(line).unwrap());
    found
        .filter(|one: &serde_json::Value| one["code"] != "sent-nowhere")
        .collect()
}

/// Of each the place and the code.
fn told(part: &str, villages: &str) -> Vec<String> {
    let place = |one: serde_json::Value| {
        let file = one["file"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        format!("{file}:{} {}", one["line"], one["code"].as_str().unwrap())
    };
    said(part, villages).into_iter().map(place).collect()
}

#[test]
fn a_fault_of_a_fragment_a_list_or_a_shared_text_stands_in_its_own_file() {
    assert_eq!(told(PART, VILLAGES), [""; 0]);
    let fragment = PART.replace("actions.continue = \"return\"", "actions.continue = \"retrun\"");
    assert_eq!(told(&fragment, VILLAGES), ["shared.part.toml:10 unknown-screen"]);
    let field = PART.replace("type = \"text\"", "type = \"txet\"");
    assert!(told(&field, VILLAGES).contains(&"shared.part.toml:8 unknown-kind".to_owned()));
    let words = PART.replace("\"Ring us.\"", "\"Ring {{ us }}.\"");
    assert!(told(&words, VILLAGES).contains(&"shared.part.toml:3 not-supported".to_owned()));
    let words = PART.replace("help =", "hlep =");
    assert_eq!(told(&words, VILLAGES), ["flow.toml:13 unknown-name"]);
    // A list's file has no lines of a definition: where it is used it is named, with its line.
    let list = said(PART, "value,label\nash,Ash\nash,Beck\n");
    assert_eq!(list.len(), 1, "{list:?}");
    let message = list[0]["message"].as_str().unwrap();
    assert!(message.starts_with("villages.csv, line 3: "), "{message}");
}

#[test]
fn a_column_that_is_called_as_a_name_of_the_fragment_is_a_fault_and_never_misread() {
    let by = |column: &str| {
        let part = PART.replace(
            "list = \"villages\"",
            &format!("list = \"villages\", where = \"{column} == 'x'\""),
        );
        told(&part, &format!("value,label,{column}\nash,Ash,x\n"))
    };
    assert!(by("line").contains(&"shared.part.toml:9 two-meanings".to_owned()));
    assert_eq!(by("row"), [""; 0]);
}

#[test]
fn what_is_said_of_a_screen_of_a_part_names_the_part_and_its_line() {
    let noise: String = (0..4_000)
        .map(|n| format!("{:x} ", n * 2_654_435_761_u64 % 1_000_003))
        .collect();
    let heavy = PART.replace("fields.line", &format!("body = \"{noise}\"\nfields.line"));
    let slow: Vec<_> = told(&heavy, VILLAGES)
        .into_iter()
        .filter(|one| one.ends_with("slow"))
        .collect();
    assert!(
        !slow.is_empty() && slow.iter().all(|one| one == "shared.part.toml:6 slow"),
        "{slow:?}"
    );
}
