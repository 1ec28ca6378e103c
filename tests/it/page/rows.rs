//! Answers that are shown: by section, under short names, each row with its change link at its end.

use deity::view::Status;

use super::person::{Filled, Person};
use super::walk::flow;

const SOURCE: &str = r#"
title = "Parking permit"
start = "who"
[screens.who]
section = "You"
fields.who = { type = "text", label = "What is your full name?", name = "Full name" }
actions.continue = "born"
[screens.born]
fields.born = { type = "date", label = "When were you born?", name = "Date of birth", max = "today" }
actions.continue = "car"
[screens.car]
title = "Your car"
section = "The car of {{ who }}"
fields.plate = { type = "text", label = "Which number plate has it?", name = "Number plate", max = 8 }
fields.kind = { type = "text", label = "What kind of car is it?", max = 20 }
actions.continue = "end"
[screens.end]
title = "When does it begin?"
section = "You"
fields.begins = { type = "date", label = "From when on?", required = false }
actions.continue = "check"
[screens.check]
title = "Check your answers"
review = true
actions.send = "done"
[screens.done]
title = "Sent"
end = "completed"
"#;

const WAY: [Filled<'_>; 4] = [
    &[("who", "Anna")],
    &[("born-day", "27"), ("born-month", "3"), ("born-year", "1987")],
    &[("plate", "AB12CDE"), ("kind", "small")],
    &[],
];

fn at_the_review(source: &str) -> Person {
    let mut person = Person::opens(flow("permit", source));
    person.presses(&[], None);
    for fields in WAY {
        person.presses(fields, None);
        assert_eq!(person.page.status, Status::Done, "{}", person.page.html);
    }
    person
}

/// The headings of the page below the first, and the keys under each.
fn outline(person: &Person) -> Vec<String> {
    let parts = person.dom.elements.iter().filter(|e| e.is("h2") || e.is("dt"));
    parts.map(|e| format!("{} {}", e.name, e.text.trim())).collect()
}

#[test]
fn answers_stand_by_section_under_their_short_names() {
    let person = at_the_review(SOURCE);
    assert_eq!(
        outline(&person),
        [
            "h2 You",
            "dt Full name",
            "dt Date of birth",
            "h2 The car of Anna",
            "dt Number plate",
            "dt What kind of car is it?",
            "h2 You",
            "dt From when on?",
        ]
    );
    let names: Vec<_> = person.dom.links().filter_map(|a| a.get("aria-label")).collect();
    assert!(names.contains(&"Change Full name"), "{names:?}");
    let row = "<div><dt>Date of birth<dd>27 March 1987 <a href=";
    assert!(person.page.html.contains(row), "{}", person.page.html);
}

#[test]
fn without_sections_the_answers_are_one_list() {
    let plain: String = SOURCE
        .lines()
        .filter(|line| !line.starts_with("section"))
        .collect::<Vec<_>>()
        .join("\n");
    let person = at_the_review(&plain);
    assert_eq!(person.dom.all("dl").count(), 1);
    assert_eq!(person.dom.all("h2").count(), 0);
}

#[test]
fn what_changed_and_what_is_wrong_are_called_by_the_short_name() {
    let mut person = at_the_review(SOURCE);
    person.follows("change.born");
    person.presses(&[("born-day", ""), ("born-month", ""), ("born-year", "")], None);
    assert!(person.page.html.contains("Enter date of birth"), "{}", person.page.html);
    person.presses(&[("born-day", "28"), ("born-month", "3"), ("born-year", "1987")], None);
    let said = "Date of birth: 27 March 1987 → 28 March 1987";
    assert!(person.page.html.contains(said), "{}", person.page.html);
    person.follows("change.who");
    person.presses(&[("who", "")], None);
    assert!(
        person.page.html.contains("Enter your full name"),
        "{}",
        person.page.html
    );
}
