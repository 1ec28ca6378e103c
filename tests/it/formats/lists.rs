//! A data directory that was left with sessions in the middle of lists: every page comes, every press works,
//! what was removed can be put back, nothing is undone.

use super::made_lists::camp;
use super::release::{Taken, taken, told, unpacked};
use crate::effects::{done, is_undo};
use crate::support::app::App;
use crate::support::desk::{Desk, sheet};

/// Made by the commit of that name: before an effect could run once for each item.
pub(super) const LEFT: &str = "lists-8f56b52";

/// What each session's latest page is: kind, screen, and words on it.
const PAGES: [(&str, &str, &str, &str); 17] = [
    ("nobody-yet", "screen", "people", "Add a person"),
    ("added", "screen", "person", "Person 1"),
    ("nested", "screen", "pet", "What is it called?"),
    ("nested-with-a-draft", "screen", "pets", "The pets of Ada"),
    ("not-finished", "screen", "bed", "A bed for Ada"),
    ("waiting", "waiting", "bed", "A bed for Ada"),
    ("made-for-another", "screen", "tie", "How well does Cy know Ada?"),
    ("two", "screen", "people", "<dt>Ben, 40"),
    ("removed", "screen", "people", "<dt>Ben, 40"),
    ("removed-and-undone", "screen", "people", "<dt>Ben, 40"),
    ("nested-and-removed", "screen", "pets", "<dt>Rex"),
    ("put-back", "screen", "pets", "<dt>Tom"),
    ("task-begun", "screen", "house.town", "Town"),
    ("review", "screen", "check", "<h3>Ben, 40"),
    ("by-a-change-link", "screen", "person", "value=\"Ben\""),
    ("sending", "waiting", "check", "Your camp"),
    ("ended", "receipt", "done", "There are 2 people."),
];

async fn every_page_comes(taken: &Taken) {
    let before = taken.sessions().await;
    let names: Vec<_> = taken.left.iter().map(|left| left.name.as_str()).collect();
    assert_eq!(names, PAGES.map(|page| page.0), "each with an expectation");
    for (name, kind, place, words) in PAGES {
        let found = taken.desk.follow(taken.page(name), None).await;
        let page = (found.kind, found.place.as_str(), found.status);
        assert_eq!(page, (kind, place, 200), "{name}: {}", found.html);
        assert!(found.html.contains(words), "{name}: {words} is not in {}", found.html);
    }
    for left in &taken.left {
        for page in &left.pages {
            let found = taken.desk.follow(page, None).await;
            assert!([200, 409].contains(&found.status), "{}: {}", left.name, found.html);
        }
    }
    for (name, session) in taken.sessions().await {
        assert_eq!(told(&before[&name]), told(&session), "{name}: looked at, changed");
    }
}

#[tokio::test]
async fn every_page_of_a_list_that_was_left_comes_also_where_its_definition_is_gone() {
    every_page_comes(&taken(LEFT, vec![camp()]).await).await;
    every_page_comes(&taken(LEFT, Vec::new()).await).await;
}

/// Name, action, fields; kind, screen, words on it.
type Press = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
    &'static str,
);

/// A press on each session's latest page, and what it leads to.
const PRESSES: [Press; 14] = [
    ("nobody-yet", "add", &[], "screen", "person", "Person 1"),
    (
        "added",
        "continue",
        &[("name", "Ada"), ("age", "40")],
        "screen",
        "pets",
        "The pets of Ada",
    ),
    ("nested", "continue", &[("pet", "Rex")], "screen", "pets", "<dt>Rex"),
    ("nested-with-a-draft", "continue", &[], "screen", "pet", "value=\"Re\""),
    (
        "not-finished",
        "continue",
        &[("bed", "lower")],
        "waiting",
        "bed",
        "A bed for Ada",
    ),
    (
        "made-for-another",
        "continue",
        &[("tie", "well")],
        "screen",
        "ties",
        "<dt>Ben",
    ),
    ("two", "continue", &[], "screen", "hub", "Completed"),
    ("removed", "restore.1", &[], "screen", "people", "<dt>Ada, 40"),
    (
        "removed-and-undone",
        "restore.1",
        &[],
        "screen",
        "people",
        "<dt>Ada, 40",
    ),
    ("nested-and-removed", "restore.3", &[], "screen", "pets", "<dt>Tom"),
    ("put-back", "continue", &[], "screen", "bed", "A bed for Ada"),
    (
        "task-begun",
        "continue",
        &[("house.town", "Leeds")],
        "screen",
        "hub",
        "Completed",
    ),
    ("review", "send", &[], "waiting", "check", "Your camp"),
    (
        "by-a-change-link",
        "continue",
        &[("name", "Ben"), ("age", "41")],
        "screen",
        "check",
        "<h3>Ben, 41",
    ),
];

async fn every_press_works(taken: &Taken) {
    let undos = |session: &deity::machine::Session| session.asked.iter().filter(|asked| is_undo(asked)).count();
    let before = taken.sessions().await;
    for (name, action, fields, kind, place, words) in PRESSES {
        let request = Desk::post(taken.page(name), Some(action), fields);
        let found = sheet(taken.desk.engine.answer(request.clone()).await);
        let page = (found.kind, found.place.as_str(), found.status);
        assert_eq!(page, (kind, place, 200), "{name}: {}", found.html);
        assert!(found.html.contains(words), "{name}: {words} is not in {}", found.html);
        let again = sheet(taken.desk.engine.answer(request).await);
        assert_eq!((again.kind, &again.screen), (kind, &found.screen), "{name}: a replay");
    }
    for (name, session) in taken.sessions().await {
        assert_eq!(undos(&session), undos(&before[&name]), "{name}: nothing is undone");
    }
}

#[tokio::test]
async fn every_press_in_a_list_that_was_left_works_and_undoes_nothing() {
    every_press_works(&taken(LEFT, vec![camp()]).await).await;
    every_press_works(&taken(LEFT, Vec::new()).await).await;
}

#[tokio::test]
async fn what_lists_had_under_way_is_settled_and_another_removal_takes_back_what_was_done_for_it() {
    let taken = taken(LEFT, vec![camp()]).await;
    let desk = &taken.desk;
    let waiting = taken.page("waiting");
    desk.says(waiting, "hold", done(&[("hold", "H-1")])).await;
    assert_eq!(desk.follow(waiting, Some("on")).await.place, "people");
    let sending = taken.page("sending");
    desk.says(sending, "order", done(&[])).await;
    assert_eq!(desk.follow(sending, Some("on")).await.kind, "receipt");
    let removed = taken.page("removed");
    let undo = desk.latest(removed, "release").await;
    assert!(is_undo(&undo) && undo.is_open(), "{undo:?}");
    desk.says(removed, "release", done(&[])).await;
    assert!(!desk.latest(removed, "release").await.is_open());
    // What was done for an item is known as that item's.
    let two = taken.page("two");
    desk.press(two, "remove.4", &[]).await;
    let asked = desk.asked(two).await;
    let undone: Vec<_> = asked.iter().filter(|asked| is_undo(asked)).collect();
    assert_eq!((asked.len(), undone.len()), (3, 1), "{asked:#?}");
    assert_eq!(undone[0].place.item, 4);
}

#[test]
fn an_operator_sees_the_sessions_with_lists_and_exports_their_answers() {
    let app = App::stopped(&[]);
    let dir = unpacked(LEFT);
    let data = dir.path().join("data");
    let listed = app.deity(&["sessions", "list", "--data", data.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    assert_eq!(
        text.lines().filter(|line| line.contains(" camp ")).count(),
        PAGES.len(),
        "{text}"
    );
    let exported = app.deity(&["sessions", "export", "--data", data.to_str().unwrap(), "--flow", "camp"]);
    let text = String::from_utf8_lossy(&exported.stdout).into_owned();
    assert!(
        exported.status.success(),
        "{}",
        String::from_utf8_lossy(&exported.stderr)
    );
    let one: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    let people = one["answers"]["people"].as_array().unwrap();
    assert_eq!(people.len(), 2, "{text}");
    assert_eq!(people[0]["pets"][1]["pet"], "Tom", "{text}");
}
