//! Options that are drawn from a list in a file of its own: sifted by earlier answers, looked for among many,
//! and kept for the sessions that began with it.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use deity::flow::{Defaults, Diagnostic, Flow, OptionList, OptionLists};
use deity::view::Status;

use crate::page::person::Person;
use crate::support::App;

const FLOW: &str = r#"
title = "Villages"

[screens.where]
title = "Where?"
fields.district = { type = "choice", label = "District", options = ["North", "South", "East"] }
actions.continue = "village"

[screens.village]
title = "Which village?"
fields.village = { type = "choice", label = "Village", options = { list = "villages", where = "district == area" } }
actions.continue = "visited"

[screens.visited]
title = "Which have you seen?"
fields.seen = { type = "choices", label = "Seen", required = false, max = 3, options = { list = "villages" } }
actions.continue = "check"

[screens.check]
title = "Check"
body = "{{ village }} / {{ default(join(seen), '') }}"
review = true
actions.send = { label = "Send", to = "done" }

[screens.done]
title = "Done"
end = "done"
"#;

const OTHER: &str = r#"
title = "Other"

[screens.a]
title = "A"
fields.a = { type = "text", label = "A" }
actions.go = { label = "Go", to = "b" }

[screens.b]
title = "B"
end = "done"
"#;

/// In the north 300 villages, of which two are called alike; in the south three.
fn villages() -> String {
    let mut csv = "value,label,area\n".to_owned();
    for n in 1..=298 {
        writeln!(csv, "n{n},Northby {n},north").unwrap();
    }
    csv + "kirk1,Kirkby,north\nkirk2,Kirkby,north\ns1,Southam,south\ns2,\"Sea, Upper\",south\ns3,Sandon,south\n"
}

fn lists(csv: &str) -> OptionLists {
    let list = OptionList::read("villages", csv).unwrap();
    [("villages".to_owned(), Ok(Arc::new(list)))].into()
}

fn read(source: &str, csv: &str) -> Result<Flow, Vec<Diagnostic>> {
    Flow::read_with("villages", source, &Defaults::default(), &lists(csv)).map(|(flow, _)| flow)
}

fn person(district: &str) -> Person {
    let mut person = Person::opens(read(FLOW, &villages()).unwrap());
    person.presses(&[], None);
    person.presses(&[("district", district)], None);
    assert_eq!(person.page.status, Status::Done, "{}", person.page.html);
    person
}

fn radios(person: &Person, kind: &str) -> Vec<String> {
    let boxes = person.dom.elements.iter().filter(|e| e.get("type") == Some(kind));
    boxes.filter_map(|e| e.get("value").map(str::to_owned)).collect()
}

#[test]
fn few_rows_are_offered_as_options_are_and_no_others_taken() {
    let mut person = person("south");
    assert_eq!(radios(&person, "radio"), ["s1", "s2", "s3"]);
    assert!(person.page.html.contains("Sea, Upper"));
    let mut form = person.posts(&[("village", "s2")], None);
    form.iter_mut()
        .filter(|(name, _)| name == "village")
        .for_each(|(_, value)| "n1".clone_into(value));
    person.sends(form, true, true);
    assert_eq!(person.page.status, Status::Invalid, "{}", person.page.html);
    person.presses(&[("village", "s2")], None);
    person.presses(&[], None);
    assert!(person.page.html.contains("<p>Sea, Upper /"), "{}", person.page.html);
}

#[test]
fn of_many_what_is_typed_finds_some_and_no_page_has_them_all() {
    let mut person = person("north");
    assert_eq!(radios(&person, "radio"), Vec::<String>::new());
    assert!(person.page.html.contains("Type a part of it"), "{}", person.page.html);
    person.presses(&[("village", "nowhere")], None);
    assert_eq!(person.page.status, Status::Invalid);
    assert!(
        person.page.html.contains("Nothing is found for “nowhere”"),
        "{}",
        person.page.html
    );
    person.presses(&[("village", " NORTHBY ")], None);
    assert_eq!(radios(&person, "radio").len(), 50);
    assert!(person.page.html.contains("first 50"), "{}", person.page.html);
    // Another part of it, in the box that stands below them.
    person.presses(&[("village-find", "by 29")], None);
    assert_eq!(person.page.status, Status::Invalid);
    let found = radios(&person, "radio");
    assert_eq!(found.len(), 10, "{found:?}");
    person.presses(&[("village", "n291")], None);
    assert_eq!(person.page.status, Status::Done, "{}", person.page.html);
    person.presses(&[], None);
    assert!(person.page.html.contains("<p>Northby 291 /"), "{}", person.page.html);
    // Back at the question, it stands in the box by its name, and is taken again as it is.
    person.follows("change.village");
    assert!(
        person.page.html.contains("value=\"Northby 291\""),
        "{}",
        person.page.html
    );
    person.presses(&[], None);
    assert!(person.page.html.contains("<p>Northby 291 /"), "{}", person.page.html);
}

#[test]
fn a_whole_name_is_taken_at_once_and_two_alike_are_chosen_between() {
    let mut first = person("north");
    first.presses(&[("village", "northby  7")], None);
    first.presses(&[], None);
    assert!(first.page.html.contains("<p>Northby 7 /"), "{}", first.page.html);
    let mut second = person("north");
    second.presses(&[("village", "Kirkby")], None);
    assert_eq!(second.page.status, Status::Invalid);
    assert_eq!(radios(&second, "radio"), ["kirk1", "kirk2"]);
    second.presses(&[("village", "kirk2")], None);
    assert_eq!(second.page.status, Status::Done);
}

#[test]
fn several_are_gathered_search_by_search() {
    let mut person = person("south");
    person.presses(&[("village", "s1")], None);
    assert_eq!(radios(&person, "checkbox"), Vec::<String>::new());
    person.presses(&[("seen-find", "Kirk")], None);
    assert_eq!(radios(&person, "checkbox"), ["kirk1", "kirk2"]);
    person.presses(&[("seen", "kirk1"), ("seen-find", "Sandon")], None);
    assert_eq!(person.page.status, Status::Done, "{}", person.page.html);
    assert!(
        person.page.html.contains("<p>Southam / Kirkby, Sandon"),
        "{}",
        person.page.html
    );
}

#[test]
fn options_that_are_written_out_are_looked_for_too_if_they_are_very_many() {
    let options: Vec<_> = (1..=201).map(|n| format!("\"Place {n}\"")).collect();
    let source = FLOW.replace("[\"North\", \"South\", \"East\"]", &format!("[{}]", options.join(", ")));
    let many = source.replace("district == area", "area == 'south'");
    let mut person = Person::opens(read(&many, &villages()).unwrap());
    person.presses(&[], None);
    assert_eq!(radios(&person, "radio"), Vec::<String>::new());
    assert!(!person.page.html.contains("Place 7"), "{}", person.page.html);
    person.presses(&[("district", "ace 20")], None);
    assert_eq!(radios(&person, "radio"), ["place-20", "place-200", "place-201"]);
    person.presses(&[("district", "place-200")], None);
    assert_eq!(person.page.status, Status::Done, "{}", person.page.html);
}

#[test]
fn a_browser_without_style_looks_for_it_as_well() {
    let mut person = Person::opens_in(read(FLOW, &villages()).unwrap(), true);
    person.presses(&[], None);
    person.presses(&[("district", "north")], None);
    let whole = person.page.html.len();
    assert!(whole < 2_000, "no page has them all: {whole} bytes");
    person.presses(&[("village", "kirk")], None);
    assert_eq!(radios(&person, "radio"), ["kirk1", "kirk2"]);
    person.presses(&[("village", "kirk1")], None);
    assert_eq!(person.page.status, Status::Done, "{}", person.page.html);
}

#[test]
fn what_is_typed_to_find_something_is_no_markup_and_bounded() {
    let mut person = person("north");
    person.presses(&[("village", "<b>\"'&{{ reference }}")], None);
    assert!(
        person.page.html.contains("&#60;b&#62;") || person.page.html.contains("&lt;b&gt;"),
        "{}",
        person.page.html
    );
    assert!(!person.page.html.contains("<b>\"'"), "{}", person.page.html);
    let long = "x".repeat(70_000);
    person.presses(&[("village", &long)], None);
    assert_eq!(person.page.status, Status::Invalid);
    let mut form = person.posts(&[("village", "a")], None);
    form.push(("village".to_owned(), "n1".to_owned()));
    person.sends(form, true, true);
    assert_ne!(person.page.status, Status::Done, "one box, two answers");
}

#[test]
fn an_answer_that_is_not_offered_any_more_is_asked_for_again() {
    let mut person = person("south");
    person.presses(&[("village", "s1")], None);
    person.presses(&[], None);
    person.follows("change.where");
    person.presses(&[("district", "north")], None);
    assert!(person.page.html.contains("Which village?"), "{}", person.page.html);
}

#[test]
fn what_is_wrong_with_drawing_is_told_at_its_place() {
    let told = |from: &str, to: &str| {
        let faults = read(&FLOW.replace(from, to), &villages()).err().unwrap_or_default();
        let all: Vec<_> = faults
            .iter()
            .map(|one| format!("{}: {}", one.code, one.message))
            .collect();
        all.join("\n")
    };
    for (from, to, wanted) in [
        ("area", "aera", "unknown-name: there is no field `aera`"),
        ("district == area", "area", "wrong-type: `where` must be true or false"),
        ("district == area", "village == area", "reads-itself"),
        (
            "list = \"villages\", where",
            "list = \"villags\", where",
            "unknown-list: there is no list `villags`",
        ),
        ("max = 3", "max = 900", "bound"),
    ] {
        let told = told(from, to);
        assert!(told.contains(wanted), "{to}: {told}");
    }
    let own = FLOW.replace(
        "[screens.where]",
        "[options.villages]\na = \"A\"\nb = \"B\"\nc = \"C\"\n\n[screens.where]",
    );
    let faults = read(&own, &villages()).err().unwrap();
    assert_eq!(faults[0].code, "where", "{faults:?}");
    assert!(read(&own.replace(", where = \"district == area\"", ""), &villages()).is_ok());
    let wrong = [("villages".to_owned(), Err("villages.csv, line 3: it is odd".to_owned()))].into();
    let faults = Flow::read_with("v", FLOW, &Defaults::default(), &wrong).err().unwrap();
    assert!(faults[0].message.contains("line 3"), "{faults:?}");
}

#[test]
fn a_column_that_is_compared_with_itself_is_told_to_the_author() {
    let flow = FLOW
        .replace("fields.district", "fields.area")
        .replace("district == area", "area == area");
    let lists = lists(&villages());
    let (_, said) = Flow::read_with("villages", &flow, &Defaults::default(), &lists).unwrap();
    let told: Vec<_> = said.iter().filter(|said| said.code == "always-true").collect();
    assert_eq!(told.len(), 1, "{said:?}");
    assert!(told[0].message.contains("`area` with itself"), "{told:?}");
}

#[test]
fn who_began_with_a_list_goes_on_with_it_whatever_becomes_of_the_file() {
    let mut app = App::stopped(&[("villages", FLOW), ("other", OTHER)]);
    let file = app.phases().join("villages.csv");
    fs::write(&file, villages()).unwrap();
    app.run();
    let mut browser = app.browser("/villages");
    browser.press("Start now");
    browser.choose("South").press("Continue");
    assert_eq!(browser.page.heading(), "Which village?");
    app.stop();
    fs::write(&file, villages().replace("s2,", "s9,")).unwrap();
    app.run();
    let mut browser = browser.moved_to(app.address());
    browser.choose("Sea, Upper").press("Continue");
    assert_eq!(browser.page.heading(), "Which have you seen?");
    browser.press("Continue");
    assert!(browser.page.text().contains("Sea, Upper"), "{}", browser.page.text());
    // Others are offered what the file says now; without it nobody begins.
    app.stop();
    fs::remove_file(&file).unwrap();
    app.run();
    let mut browser = browser.moved_to(app.address());
    browser.press("Send");
    assert_eq!(browser.page.heading(), "Done", "{}", browser.page.text());
    assert_eq!(app.browser("/villages").page.status, 404);
}

#[test]
fn the_search_is_walked_by_a_rehearsal_too() {
    let app = App::stopped(&[("villages", FLOW)]);
    fs::write(app.phases().join("villages.csv"), villages()).unwrap();
    let walked = app.deity(&["rehearse", "villages"]);
    assert_eq!(walked.status.code(), Some(0), "{walked:?}");
}

/// The work is counted in rows that are looked at, not timed: with an index few of ten thousand are.
#[test]
fn ten_thousand_rows_are_sifted_by_what_they_must_equal() {
    let mut csv = "value,label,area\n".to_owned();
    for n in 0..10_000 {
        writeln!(csv, "v{n},Village {n},a{}", n % 1_000).unwrap();
    }
    let source = FLOW.replace(
        "options = [\"North\", \"South\", \"East\"]",
        "options = { a7 = \"Seven\", a8 = \"Eight\" }",
    );
    let flow = read(&source, &csv).unwrap();
    let mut person = Person::opens(flow);
    person.presses(&[], None);
    person.presses(&[("district", "a7")], None);
    assert_eq!(radios(&person, "radio").len(), 10);
}
