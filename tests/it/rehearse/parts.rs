//! Walks through a flow whose screens stand in a part beside it.

use super::{beside, deity_in, err, out};
use crate::share::{FLOW, PART};

fn directory(walks: &str) -> tempfile::TempDir {
    let flow = FLOW.replace("end = \"sent\"", "end = \"completed\"");
    let directory = beside(&flow, walks);
    std::fs::write(directory.path().join("phases/shared.part.toml"), PART).unwrap();
    directory
}

const WALKS: &str = r#"
[walks.hull]
steps = [
  { press = "start", screen = "name" },
  { fill = { "person.given" = "Bob", "person.family" = "Byron" }, press = "continue", screen = "home.street", see = "Where does Bob live?" },
  { fill = { "home.line" = "1 High Street", "home.town" = "Hull" }, press = "continue", screen = "home.since.when" },
  { follow = "Back", screen = "home.street", holds = { "home.town" = "Hull" } },
  { press = "continue", screen = "home.since.when" },
  { fill = { "home.since.year" = 1999 }, press = "continue", screen = "hull", see = "1 High Street, Hull" },
  { press = "continue", screen = "work.street", see = "Where does your employer live?" },
  { fill = { "work.line" = "2 Low Street", "work.town" = "York" }, press = "continue", screen = "check" },
  { press = "submit", screen = "done" },
]
end = "completed"
"#;

#[test]
fn a_walk_names_screens_and_fields_as_the_whole_flow_does() {
    let directory = directory(WALKS);
    let done = deity_in(directory.path(), &["rehearse", "flow", "--browser", "lynx"]);
    assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
    let checked = deity_in(directory.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(0), "{}", out(&checked));
    // A step that is not there is told at its line of the walk.
    let wrong = self::directory(&WALKS.replacen("home.since.when", "home.since.then", 1));
    let told = deity_in(wrong.path(), &["check"]);
    assert_eq!(told.status.code(), Some(1), "{}", out(&told));
    assert!(out(&told).contains("flow.walks.toml:6"), "{}", out(&told));
}

#[test]
fn a_walk_is_made_up_through_the_calls_and_passes() {
    let directory = directory("");
    let draft = deity_in(directory.path(), &["rehearse", "flow", "--draft"]);
    assert_eq!(draft.status.code(), Some(0), "{}", err(&draft));
    let text = out(&draft);
    for part in ["home.street", "work.street", "person.given"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    std::fs::write(directory.path().join("phases/flow.walks.toml"), &draft.stdout).unwrap();
    let done = deity_in(directory.path(), &["rehearse", "flow", "--browser", "lynx"]);
    assert_eq!(done.status.code(), Some(0), "{text}{}", err(&done));
}
