//! Walks that nobody wrote: answers made up from the definition.

use super::{FLOW, beside, deity, deity_in, err, out};

#[test]
fn every_shipped_flow_is_walked_to_an_end_with_made_up_answers() {
    for folder in ["phases", "tests/definitions/ok"] {
        for (name, path) in crate::definition::definitions(folder) {
            let path = path.to_str().unwrap();
            let done = deity(&["rehearse", path, "--made-up", "--browser", "lynx"]);
            assert_eq!(done.status.code(), Some(0), "{name}: {}", err(&done));
            let draft = deity(&["rehearse", path, "--draft"]);
            assert!(out(&draft).contains("\nend = "), "{name}: {}", out(&draft));
        }
    }
}

#[test]
fn every_kind_of_field_is_filled_in() {
    let done = deity(&["rehearse", "tests/it/page/every-kind.toml", "--browser", "lynx"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
}

#[test]
fn a_drafted_walk_passes_as_it_stands() {
    let directory = beside(FLOW, "");
    let draft = deity_in(directory.path(), &["rehearse", "flow", "--draft"]);
    std::fs::write(directory.path().join("phases/flow.walks.toml"), &draft.stdout).unwrap();
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(0), "{}{}", out(&draft), err(&done));
    assert!(
        out(&draft).contains("end = \"lent\""),
        "the longer way is kept: {}",
        out(&draft)
    );
}

#[test]
fn where_the_page_finds_fault_other_values_are_tried() {
    let flow = r#"
title = "Sums"
start = "sum"
[screens.sum]
title = "Sums"
fields.a = { type = "integer", label = "A", min = 1, max = 50 }
fields.b = { type = "integer", label = "B", min = 1, max = 50 }
fields.code = { type = "pattern", label = "Code", pattern = "(AB|CD)-[0-9]{3}(-[XYZ]+)?", message = "Enter a code" }
fields.from = { type = "date", label = "From", min = "today" }
fields.to = { type = "date", label = "To", min = "today" }
fields.list = { type = "choices", label = "List", min = 3, max = 3, options = { a = "A", b = "B", c = "C", d = "D" } }
rules = [
  { check = "a > b", message = "A must be more than B", fields = ["a"] },
  { check = "from < to", message = "The first day must be before the last", fields = ["from", "to"] },
]
actions.go = "end"
[screens.end]
title = "Done"
end = "done"
"#;
    let directory = beside(flow, "");
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
}

#[test]
fn bounds_may_be_as_wide_as_numbers_are() {
    let (most, nines) = ("7".to_owned() + &"0".repeat(28), "9".repeat(26));
    let flow = format!(
        r#"
title = "Wide"
start = "wide"
[screens.wide]
title = "Wide"
fields.a = {{ type = "integer", label = "A", min = "-{most}", max = "{most}" }}
fields.b = {{ type = "integer", label = "B", min = 0, max = "{nines}" }}
fields.c = {{ type = "integer", label = "C", min = "{most}" }}
fields.d = {{ type = "money", currency = "GBP", label = "D", min = "-{nines}", max = "{nines}" }}
actions.go = "end"
[screens.end]
title = "Done"
end = "done"
"#
    );
    let directory = beside(&flow, "");
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
}

#[test]
fn a_screen_that_cannot_be_passed_is_named_with_the_pages_own_words_and_what_now() {
    let flow = r#"
title = "Riddle"
start = "riddle"
[screens.riddle]
title = "What has it in its pockets?"
fields.answer = { type = "text", label = "Answer" }
rules = [{ check = "answer == 'string, or nothing'", message = "That is not it, precious", fields = ["answer"] }]
actions.go = "end"
[screens.end]
title = "Done"
end = "done"
"#;
    let directory = beside(flow, "");
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(1));
    for wanted in [
        "the screen `riddle`",
        "That is not it, precious",
        "flow.walks.toml beside the definition",
        "press = \"Start now\"",
    ] {
        assert!(err(&done).contains(wanted), "{wanted}: {}", err(&done));
    }
    let walks = "[walks.straight]\nsteps = [{ press = \"Start now\" }, { fill = { answer = \"string, or nothing\" }, press = \"go\" }]\nend = \"done\"\n";
    std::fs::write(directory.path().join("phases/flow.walks.toml"), walks).unwrap();
    assert_eq!(deity_in(directory.path(), &["rehearse", "flow"]).status.code(), Some(0));
}
