//! Every key that a definition may have stands in the authors' reference, with its default.

use super::site::SITE;
use super::{EFFECTS, FIELDS, FLOWS, quoted, rows, section};
use crate::support::App;

/// A file with an unknown key in each kind of table.
const UNKNOWN: &str = r#"
title = "T"
start = "a"
nothing-like-it = 1
[limits]
nothing-like-it = 1
[site]
nothing-like-it = 1
[screens.a]
title = "A"
nothing-like-it = 1
fields.o = { type = "choice", label = "O", options = [{ label = "A", nothing-like-it = 1 }, { label = "B" }] }
fields.m = { type = "text", label = "M", messages = { nothing-like-it = "M" } }
fields.p = { type = "details", nothing-like-it = 1 }
rules = [{ nothing-like-it = 1 }]
actions.go = { nothing-like-it = 1, to = [{ to = "b", nothing-like-it = 1 }], failed = { to = "b", nothing-like-it = 1 } }
tasks.k = { nothing-like-it = 1 }
summary = { nothing-like-it = 1 }
[lists.l]
nothing-like-it = 1
[sections.s]
nothing-like-it = 1
[screens.b]
title = "B"
end = "b"
[fragments.f]
nothing-like-it = 1
screens.a = {}
[calls.c]
nothing-like-it = 1
[groups.g]
nothing-like-it = 1
[effects.e]
nothing-like-it = 1
email = { nothing-like-it = 1 }
hand-off = { nothing-like-it = 1 }
save.x = { nothing-like-it = 1 }
"#;

/// How the fault of a table begins, and where its keys stand.
const PLACES: &[(&str, &str, &str)] = &[
    ("a definition ", FLOWS, "The flow"),
    ("`limits` ", FLOWS, "The flow"),
    ("`site` ", SITE, "What a flow says itself"),
    ("screen `a` ", FLOWS, "A screen"),
    ("list `l` ", FLOWS, "Lists"),
    ("task `k` ", FLOWS, "Task lists"),
    ("section `s` ", FLOWS, "Sections and summaries"),
    ("`summary` ", FLOWS, "Sections and summaries"),
    ("an option ", FIELDS, "Options"),
    ("`messages` ", FIELDS, "Messages"),
    ("field `p` ", FIELDS, "Text between questions"),
    ("a rule ", FLOWS, "Rules"),
    ("action `go` ", FLOWS, "Actions"),
    ("a branch ", FLOWS, "Actions"),
    ("fragment `f` ", FLOWS, "A part used twice"),
    ("call `c` ", FLOWS, "A part used twice"),
    ("group `g` ", FLOWS, "A part used twice"),
    ("effect `e` ", EFFECTS, "What an effect can say"),
    ("`hand-off` ", EFFECTS, "Hand-off"),
    ("saved value `x` ", EFFECTS, "What is saved"),
];

/// The faults of unknown keys: the message, and the keys that there are.
fn told(flow: &str) -> Vec<(String, Vec<String>)> {
    let app = App::stopped(&[("t", flow)]);
    let said = String::from_utf8(app.deity(&["check", "--json"]).stdout).unwrap();
    let faults = said.lines().filter_map(|line| {
        let fault: serde_json::Value = serde_json::from_str(line).ok()?;
        let keys = fault["help"].as_str()?.strip_prefix("it may have: ")?;
        let keys = keys.split(", ").map(str::to_owned).collect();
        Some((fault["message"].as_str()?.to_owned(), keys))
    });
    faults.collect()
}

#[test]
fn every_key_has_a_row_with_its_default() {
    let told = told(UNKNOWN);
    for (message, keys) in &told {
        let once: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(once.len(), keys.len(), "{message}: {keys:?}");
    }
    for (begins, paper, heading) in PLACES {
        let (_, keys) = told
            .iter()
            .find(|(message, _)| message.starts_with(begins))
            .unwrap_or_else(|| panic!("no table is told of as {begins:?}: {told:?}"));
        let rows = rows(section(paper, heading));
        for key in keys {
            // The table is about the kinds of block themselves.
            if heading.starts_with("Text between") && key == "type" {
                continue;
            }
            let key = if begins.starts_with("`limits") {
                format!("limits.{key}")
            } else {
                key.clone()
            };
            let within = format!("{key}.");
            let named = |cell: &str| {
                quoted(cell)
                    .iter()
                    .any(|name| *name == key || name.starts_with(&within))
            };
            let row = rows.iter().find(|row| named(&row[0]));
            let row = row.unwrap_or_else(|| panic!("`{key}` of {begins:?} has no row under `{heading}`"));
            assert!(row.len() > 2 && !row[1].is_empty(), "`{key}` has no default: {row:?}");
        }
    }
    // The keys of what is written in one line stand in the words about it.
    for (begins, paper) in [("this ", FLOWS), ("`email` ", EFFECTS)] {
        let (_, keys) = told.iter().find(|(message, _)| message.starts_with(begins)).unwrap();
        assert!(keys.iter().all(|key| paper.contains(key.as_str())), "{keys:?}");
    }
}

/// The keys of a kind that not all kinds have.
fn own(kind: deity::flow::Kind) -> Vec<String> {
    let flow = format!(
        "title = \"T\"\nstart = \"a\"\n[screens.a]\ntitle = \"A\"\nfields.x = {{ type = \"{}\", nothing-like-it = 1 }}\n",
        kind.name()
    );
    let (_, mut keys) = told(&flow).remove(0);
    keys.retain(|key| {
        ![
            "type", "label", "name", "hint", "when", "as", "required", "message", "messages", "default",
        ]
        .contains(&key.as_str())
    });
    keys.sort();
    keys
}

#[test]
fn the_row_of_each_kind_has_its_own_keys_and_no_others() {
    let rows = rows(section(FIELDS, "Kinds of question"));
    let row = |name: &str| rows.iter().find(|row| row[0] == format!("`{name}`"));
    let listed = |cells: &[String]| {
        let mut keys: Vec<String> = quoted(&cells[2]);
        if let Some(other) = cells[2].strip_prefix("as `").and_then(|rest| rest.split('`').next()) {
            keys.retain(|key| key != other);
            keys.extend(quoted(&row(other).unwrap()[2]));
        }
        keys.sort();
        keys
    };
    for kind in deity::flow::Kind::ALL {
        let cells = row(kind.name()).unwrap_or_else(|| panic!("{kind:?} has no row"));
        assert_eq!(listed(cells), own(*kind), "{kind:?}");
        for key in own(*kind) {
            // In the table below, with a default.
            let found = rows.iter().find(|row| row.len() == 3 && quoted(&row[0]).contains(&key));
            let found = found.unwrap_or_else(|| panic!("`{key}` has no row"));
            assert!(!found[1].is_empty(), "`{key}` has no default: {found:?}");
        }
    }
}

#[test]
fn the_keys_that_all_questions_have_are_in_their_table() {
    let rows = rows(section(FIELDS, "Keys that all questions have"));
    let named: Vec<_> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    assert_eq!(
        named,
        [
            "type", "label", "name", "hint", "required", "when", "as", "default", "message", "messages"
        ]
    );
    assert!(rows.iter().all(|row| !row[1].is_empty()));
}
