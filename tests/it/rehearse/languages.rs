//! Walks in each language of a flow: written once, in its own.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{beside, deity, deity_in, err, out, reports};
use crate::languages::{FLOW, GERMAN, WELSH};

/// The hall, in Welsh and a little German, with these walks.
fn hall(walks: &str) -> TempDir {
    let directory = beside(FLOW, walks);
    for (language, texts) in [("cy", WELSH), ("de", GERMAN)] {
        fs::write(directory.path().join(format!("phases/flow.{language}.toml")), texts).unwrap();
    }
    directory
}

/// Numbers as English writes them, a month by its English name, words of the English pages.
const HIRED: &str = r#"[walks.hired]
steps = [
  { press = "Start now", screen = "hire" },
  { fill = { who = "Ada", rent = "5" }, press = "continue", screen = "hire", see = ["There is a problem", "Enter day of the hire"], holds = { rent = "5" } },
  { fill = { rent = "1,234.50", size = "1.234", day-day = "3", day-month = "March", day-year = "2027", kind = "party" }, press = "continue", screen = "check", see = ["1,234.50", "1.234", "3 March 2027"] },
  { follow = "Change Rent", screen = "hire", holds = { rent = "1234.50", size = "1.234", day = "2027-03-03" } },
  { fill = { rent = "99.5" }, follow = "Back", screen = "check" },
  { press = "send", screen = "done", see = "You have hired the hall" },
]
end = "completed"
"#;

#[test]
fn a_walk_that_is_written_once_holds_in_every_language_and_types_as_each_writes() {
    let hall = hall(HIRED);
    let done = deity_in(hall.path(), &["rehearse", "flow"]);
    assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
    let told = out(&done);
    let others = told.split("in other languages, in all").nth(1).expect("their sums");
    for wanted in [
        "cy lynx",
        "cy Chromium, later visit",
        "de lynx",
        "de Chromium, first visit",
    ] {
        assert!(others.contains(wanted), "{wanted}: {told}");
    }
    assert!(
        !told.contains("Eich llogi"),
        "the tables are of the flow's own language: {told}"
    );
}

#[test]
fn one_language_can_be_asked_for_and_has_tables_of_its_own() {
    let arguments = [
        "passport-renewal",
        "--walk",
        "corrected",
        "--lang",
        "cy",
        "--browser",
        "lynx",
    ];
    let welsh = &reports(&arguments)[0];
    assert_eq!(welsh["language"], "cy");
    let pages: Vec<_> = welsh["tours"][0]["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["page"])
        .collect();
    assert_eq!(*pages[1], "Beth yw eich enw?");
    let all = reports(&["passport-renewal", "--walk", "corrected", "--browser", "lynx"]);
    let tags: Vec<_> = all.iter().map(|report| report["language"].as_str().unwrap()).collect();
    assert_eq!((tags[0], tags.len()), ("en", 3));
    assert!(all.contains(welsh), "the same figures");
    let bytes: Vec<_> = all.iter().map(|report| &report["tours"][0]["sum"]["down"]).collect();
    assert!(bytes[0] != bytes[1] && bytes[1] != bytes[2], "{bytes:?}");
    assert!(reports(&["bank-transfer", "--browser", "lynx"])[0]["language"].is_null());
    let none = deity(&["rehearse", "passport-renewal", "--lang", "fr"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(
        err(&none).contains("the flow is not in the language `fr`"),
        "{}",
        err(&none)
    );
}

#[test]
fn a_budget_says_of_which_language_the_figure_is() {
    let arguments = [
        "--walk",
        "too-young",
        "--browser",
        "lynx",
        "--budget",
        "page=10",
        "--lang",
        "ar",
    ];
    let done = deity(&[&["rehearse", "passport-renewal"][..], &arguments].concat());
    assert_eq!(done.status.code(), Some(1));
    assert!(
        err(&done).contains("passport-renewal, walk too-young, in ar, lynx, "),
        "{}",
        err(&done)
    );
}

#[test]
fn a_step_reads_on_in_another_language_with_what_is_typed() {
    let steps = r#"[walks.two]
steps = [
  { press = "start" },
  { fill = { who = "Ada", rent = "1234.50" }, language = "de", screen = "hire", holds = { who = "Ada", rent = "1234.50" } },
  { fill = { rent = "x" }, press = "continue", see = "There is a problem", holds = { rent = "x" } },
  { fill = { size = "1.5" }, language = "cy", screen = "hire", holds = { rent = "x", size = "1.5" } },
  { fill = { rent = "20", day = 2027-03-03, kind = "party" }, press = "continue", screen = "check" },
  { language = "en", screen = "check", see = "Check it, Ada" },
  { follow = "Change Your name", screen = "hire", holds = { rent = "20.00", size = "1.5" } },
]
"#;
    // In a private flow every way on is a button.
    for private in ["", "private = true\n"] {
        let hall = hall(steps);
        fs::write(hall.path().join("phases/flow.toml"), format!("{private}{FLOW}")).unwrap();
        let done = deity_in(hall.path(), &["rehearse", "flow"]);
        assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
    }
}

#[test]
fn a_language_that_the_flow_has_not_is_a_fault_of_the_walk() {
    let hall = hall("[walks.a]\nsteps = [\n  { language = \"fr\" },\n  { press = \"start\", language = \"cy\" },\n]\n");
    let told = err(&deity_in(hall.path(), &["rehearse", "flow"]));
    for wanted in [
        "error[unknown-language]",
        "flow.walks.toml:3:16",
        "error[two-acts]",
        "flow.walks.toml:4:33",
    ] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
}

#[test]
fn a_step_that_fails_says_in_which_language() {
    let walks = HIRED.replace(
        "{ press = \"Start now\", screen = \"hire\" }",
        "{ press = \"Start now\", screen = \"done\" }",
    );
    let done = deity_in(hall(&walks).path(), &["rehearse", "flow", "--lang", "cy"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        err(&done).contains("the walk `hired` does not pass in `cy`"),
        "{}",
        err(&done)
    );
}

#[test]
fn the_walks_of_shipped_flows_read_another_language_on_the_way() {
    for flow in ["passport-renewal", "seat-booking"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("phases/{flow}.walks.toml"));
        assert!(fs::read_to_string(file).unwrap().contains("language = \""), "{flow}");
    }
}
