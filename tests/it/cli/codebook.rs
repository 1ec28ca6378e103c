//! `deity codebook`: what goes out of a flow, value by value.

use serde_json::{Value as Json, json};

use super::{err, out};
use crate::support::App;

const CLUB: &str = r#"
title = "A club"
include = ["names"]
start = "intro"

[screens.intro]
title = "A club"
actions.start = { label = "Start now", to = "money" }

[screens.money]
when = "today > date('2020-01-01')"
fields.fee = { type = "money", currency = "EUR", label = "=The fee, \"all in\"", min = 1, max = "500", required = false, as = "Fee (EUR)" }
fields.vat = { type = "computed", label = "Tax", value = "fee * 0.2" }
fields.pin = { type = "secret", label = "PIN" }
actions.continue = "people"

[lists.people]
title = "Who is in it?"
item = "{{ name.given }}"
min = 1
as = "People"
actions.continue = { label = "That is all", to = "home" }

[screens.person]
in = "people"
title = "Who is it?"
fields.name = { type = "group", use = "name", label = "Name" }
fields.kind = { type = "choice", label = "Kind", as = "Name", options = [
  { value = "a", label = "Adult", as = "ADULT (A)" },
  { value = "c", label = "Child", when = "position > 1" },
] }
fields.old = { type = "integer", label = "Age", unit = "years", when = "kind == 'c'" }
actions.continue = "pets"

[lists.pets]
in = "people"
title = "Pets"
item = "{{ pet }}"
actions.continue = "people"
[screens.pet]
in = "pets"
fields.pet = { type = "text", label = "Pet", as = "Name", max = 40 }
actions.continue = "pets"

[calls.home]
fragment = "place"
then = "check"

[screens.check]
title = "Check"
fields.head = { type = "choice", label = "Who leads?", options = { from = "people", label = "{{ name.given }}" } }
actions.send = { label = "Send", to = "done", call = "post", failed = "check" }

[screens.done]
title = "Sent"
end = "completed"

[effects.post]
label = "The post"
http = "POST http://callee.example/post"
save = { ticket = { at = "/ticket", type = "text" } }
retry = "1h"
"#;

const NAMES: &str = r#"
[groups.name]
fields.given = { type = "text", label = "Given name", max = 40, autocomplete = "off" }
[fragments.place]
[fragments.place.screens.where]
title = "Where?"
fields.village = { type = "choice", label = "Village", options = { list = "villages", where = "district != 'east'" } }
fields.code = { type = "pattern", label = "Code", pattern = "[A-Z]{2}", message = "Two letters", as = "CODE" }
actions.continue = "return"
"#;

fn app() -> App {
    let app = App::stopped(&[("club", CLUB)]);
    std::fs::write(app.phases().join("names.part.toml"), NAMES).unwrap();
    let villages = "value,label,district\nash,Ash,north\nbeck,Beck,east\n";
    std::fs::write(app.phases().join("villages.csv"), villages).unwrap();
    app
}

#[test]
fn each_value_that_goes_out_has_a_row_with_its_names_bounds_and_options() {
    let app = app();
    let told = app.deity(&["codebook", "club"]);
    assert_eq!(told.status.code(), Some(0), "{}", err(&told));
    let text = out(&told);
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let head: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let of = |row: &[String], column: &str| row[head.iter().position(|name| name == column).unwrap()].clone();
    let names: Vec<_> = rows
        .iter()
        .map(|row| format!("{}: {} {}", of(row, "list"), of(row, "name"), of(row, "as")))
        .collect();
    assert_eq!(
        names,
        [
            ": fee Fee (EUR)",
            ": vat vat",
            ": people People",
            "People: name.given name.given",
            "People: kind Name",
            "People: old old",
            "People: pets pets",
            "People.pets: pet Name",
            ": head head",
            ": ticket ticket",
            ": home.village home.village",
            ": home.code home.CODE",
        ]
    );
    let row = |name: &str| rows.iter().find(|row| of(row, "name") == name).unwrap();
    let fee = row("fee");
    let columns = ["label", "kind", "type", "required", "min", "max", "when"];
    assert_eq!(
        columns.map(|column| of(fee, column)),
        [
            "'=The fee, \"all in\"",
            "money",
            "money:EUR",
            "no",
            "1",
            "500",
            "today > date('2020-01-01')"
        ]
    );
    assert_eq!(
        of(row("kind"), "options"),
        "ADULT (A) = Adult\nc = Child (if position > 1)"
    );
    assert_eq!(of(row("old"), "unit"), "years");
    assert_eq!(of(row("people"), "min"), "1");
    assert_eq!(of(row("head"), "from"), "keys of People");
    assert_eq!(of(row("ticket"), "from"), "effect post");
    assert_eq!(of(row("home.village"), "from"), "villages.csv where district != 'east'");
    assert_eq!(of(row("home.code"), "pattern"), "[A-Z]{2}");
}

#[test]
fn for_programs_it_is_one_object_a_line_and_a_broken_flow_has_none() {
    let app = app();
    let told = app.deity(&["codebook", "club", "--json"]);
    let lines: Vec<Json> = out(&told)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines[4],
        json!({
            "list": ["People"], "name": "kind", "as": "Name", "label": "Kind", "kind": "choice", "type": "text",
            "required": true, "options": [
                { "value": "a", "as": "ADULT (A)", "label": "Adult" },
                { "value": "c", "as": "c", "label": "Child", "when": "position > 1" },
            ],
        })
    );
    let missed = app.deity(&["codebook", "clubs"]);
    assert_eq!(missed.status.code(), Some(1));
    assert!(err(&missed).contains("did you mean `club`?"), "{}", err(&missed));
    std::fs::write(
        app.phases().join("club.toml"),
        CLUB.replace("then = \"check\"", "then = \"chekc\""),
    )
    .unwrap();
    let broken = app.deity(&["codebook", "club"]);
    assert_eq!((broken.status.code(), out(&broken)), (Some(1), String::new()));
    assert!(err(&broken).contains("chekc"), "{}", err(&broken));
}
