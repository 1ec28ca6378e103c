//! Walks: what they can say, and what is said where they are wrong.

use super::{FLOW, beside, deity, deity_in, err, out};

#[test]
fn the_walks_of_every_shipped_flow_pass() {
    for (name, _) in crate::definition::definitions("phases") {
        let file = format!("phases/{name}.walks.toml");
        let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(&file));
        let text = text.unwrap_or_else(|_| panic!("{name} has no walks"));
        // Each has an error, a way back, a change from the review, letters beyond ASCII.
        for wanted in ["There is a problem", "follow = \"Back\"", "follow = \"Change "] {
            assert!(text.contains(wanted), "{file} has no {wanted}");
        }
        assert!(!text.is_ascii(), "{file} has ASCII only");
        let done = deity(&["rehearse", &name]);
        assert_eq!(done.status.code(), Some(0), "{}", err(&done));
        for walk in text.lines().filter_map(|line| line.strip_prefix("[walks.")) {
            let walk = walk.trim_end_matches(']');
            assert!(out(&done).contains(&format!("{name}, walk {walk} ")), "{walk}");
        }
    }
}

#[test]
fn in_a_private_flow_the_same_walk_passes_though_its_links_are_buttons() {
    let flow = std::fs::read_to_string("phases/passport-renewal.toml").unwrap();
    let walks = std::fs::read_to_string("phases/passport-renewal.walks.toml").unwrap();
    let directory = beside(&format!("private = true\n{flow}"), &walks);
    for language in ["cy", "ar"] {
        let texts = format!("phases/passport-renewal.{language}.toml");
        std::fs::copy(texts, directory.path().join(format!("phases/flow.{language}.toml"))).unwrap();
    }
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
}

/// What a walk that does not pass is told.
fn failing(steps: &str) -> String {
    let directory = beside(FLOW, &format!("[walks.one]\nsteps = [\n{steps}\n]\n"));
    let done = deity_in(directory.path(), &["rehearse", "flow", "--browser", "lynx"]);
    assert_eq!(done.status.code(), Some(1), "{}", out(&done));
    err(&done)
}

#[test]
fn a_step_that_fails_says_where_it_stands_and_what_was_on_the_page() {
    let start = "  { press = \"Start now\" },\n";
    let filled = "  { fill = { name = \"Zoë\", born = 1990-02-03, kind = \"canoe\" }, press = \"continue\" },\n";
    for (steps, wanted) in [
        (
            format!("{start}  {{ see = \"Who is it?\" }},"),
            &["error[see]", "phases/flow.walks.toml:4:11", "not there", "Who are you?"][..],
        ),
        (
            format!("{start}  {{ press = \"continue\", screen = \"which\" }},"),
            &[
                "error[screen]",
                "flow.walks.toml:4:34",
                "the page shows the screen `who`",
                "the page finds fault: name: ",
            ],
        ),
        (
            format!("{start}{filled}  {{ fill = {{ boat = \"c9\" }}, press = \"lend\" }},"),
            &["error[fill]", "has no choice `c9`", "c1, c2"],
        ),
        (
            format!("{start}{filled}  {{ fill = {{ name = \"x\" }} }},"),
            &["error[fill]", "no field `name` to fill in: this page has boat"],
        ),
        (
            format!("{start}  {{ press = \"Go\" }},"),
            &["error[act]", ":4:13", "it has \"Continue\""],
        ),
        (
            format!("{start}  {{ follow = \"Help\" }},"),
            &["error[act]", "the page has no"],
        ),
        (
            format!("{start}{filled}  {{ come-back = true }},"),
            &["error[act]", "nobody is at a page elsewhere"],
        ),
        (
            format!("{start}  {{ fill = {{ name = \"Zoë\" }}, press = \"continue\", holds = {{ name = \"Zoe\" }} }},"),
            &["error[holds]", "it holds \"Zoë\""],
        ),
        (
            format!("{start}  {{ unseen = \"Who are you?\" }},"),
            &["error[unseen]", "these words are on the page"],
        ),
    ] {
        let said = failing(&steps);
        for words in wanted {
            assert!(said.contains(words), "{words} is not in:\n{said}");
        }
    }
}

#[test]
fn an_end_that_is_another_is_told() {
    let walks = "[walks.one]\nsteps = [{ press = \"Start now\" }, { fill = { name = \"Å\", born = 2020-02-03, kind = \"kayak\" }, press = \"continue\" }]\nend = \"lent\"\n";
    let directory = beside(FLOW, walks);
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(err(&done).contains("it ended as `too-young`"), "{}", err(&done));
}

#[test]
fn a_wrong_file_of_walks_is_told_with_every_fault_at_its_place() {
    let walks = r#"today = 27
[effects.boats]
save.boat_list = "all of them"
[effects.lends]
slow = true
[effects.lend]
save.till = 2026-12-01
[walks.one]
abuot = "a typo"
steps = [
  { fill = { nmae = "Zoë" }, press = "continue" },
  { fill = { kind = "cano" }, press = "continue", screen = "wich" },
  { press = "continue", follow = "Back" },
]
end = "lend"
[walks.two]
"#;
    let directory = beside(FLOW, walks);
    for arguments in [&["rehearse", "flow"][..], &["check", "phases/flow.toml"]] {
        let done = deity_in(directory.path(), arguments);
        assert_eq!(done.status.code(), Some(1));
        let said = format!("{}{}", out(&done), err(&done));
        for wanted in [
            "flow.walks.toml:1:9",
            "`today` must be a day",
            ":3:18",
            "a table of values and labels",
            "no effect `lends`",
            "did you mean `lend`?",
            "`lend` saves no `till`",
            "there is: until",
            ":9:1",
            "did you mean `about`?",
            ":11:14",
            "no field `nmae`",
            "did you mean `name`?",
            ":12:21",
            "did you mean `canoe`?",
            "did you mean `which`?",
            "not two of these",
            "no end `lend`",
            "the walk `two` has no steps",
        ] {
            assert!(said.contains(wanted), "{wanted} is not in:\n{said}");
        }
    }
}

#[test]
fn names_of_walks_and_values_of_choices_are_identifiers() {
    let walks = r#"[effects.boats]
save.boat_list = { "n7\"><b>" = "No. 7", n8 = "No. 8" }
[walks."../../one\u001b"]
steps = [{ press = "Start now" }]
"#;
    let directory = beside(FLOW, walks);
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(1));
    for wanted in [
        "flow.walks.toml:2:20",
        "cannot be the value of an option",
        "flow.walks.toml:3:8",
        "cannot be the name of a walk",
    ] {
        assert!(err(&done).contains(wanted), "{wanted} is not in:\n{}", err(&done));
    }
    assert!(!err(&done).contains('\u{1b}'), "{}", err(&done));
}

#[test]
fn callees_say_what_the_walk_has_them_say() {
    let walks = r#"
today = 2026-11-27
[effects.boats]
save.boat_list = { n7 = "No. 7, grün", n8 = "No. 8" }
[walks.yes]
effects.lend = { save = { until = 2026-12-24 } }
steps = [
  { press = "Start now" },
  { fill = { name = "Zoë", born = "1990-02-03", kind = "canoe" }, press = "Continue", see = "No. 7, grün", unseen = "Choice 1" },
  { fill = { boat = "n8" }, press = "Lend it", screen = "done", see = "24 December 2026" },
]
end = "lent"
[walks.no-then-yes]
effects.lend = [{ declined = "It leaks." }, {}]
steps = [
  { press = "Start now" },
  { fill = { name = "Zoë", born-day = 3, born-month = 2, born-year = 1990, kind = "canoe" }, press = "continue" },
  { fill = { boat = "n7" }, press = "lend", screen = "which", see = "It leaks." },
  { fill = { boat = "n8" }, press = "lend", screen = "done" },
]
end = "lent"
[walks.failed]
effects.lend = { failed = true }
steps = [
  { press = "Start now" },
  { fill = { name = "Zoë", born = 1990-02-03, kind = "canoe" }, press = "continue" },
  { fill = { boat = "n7" }, press = "lend", screen = "sorry" },
]
end = "not-lent"
[walks.slow]
effects.lend = { slow = true }
steps = [
  { press = "Start now" },
  { fill = { name = "Zoë", born = 1990-02-03, kind = "canoe" }, press = "continue" },
  { fill = { boat = "n7" }, press = "lend", see = "Your boat" },
  { follow = "Look now", screen = "done" },
]
end = "lent"
"#;
    let directory = beside(FLOW, walks);
    let done = deity_in(directory.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
    // One walk by name; the person waits for what is slow, and the limit knows it.
    let slow = deity_in(directory.path(), &["rehearse", "flow", "--walk", "slow", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&out(&slow)).unwrap();
    let phase = &report["tours"][0]["phases"][3];
    assert!(phase["limit"].as_f64().unwrap() > 3.0, "{phase}");
    assert!(phase["seconds"].as_f64().unwrap() > phase["limit"].as_f64().unwrap());
}

#[test]
fn a_file_of_walks_is_no_flow() {
    let directory = beside(FLOW, "[walks.one]\nsteps = []\n");
    let (catalog, reports) = deity::catalog::Catalog::load(&directory.path().join("phases")).unwrap();
    assert_eq!(catalog.flows().keys().collect::<Vec<_>>(), ["flow"]);
    assert_eq!(reports.len(), 1);
}
