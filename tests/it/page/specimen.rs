//! Pages that nobody looks at: what is weighed is what people will see, lists and tasks included.

use std::sync::Arc;

use deity::site::Site;
use deity::view::{self, Specimen};

use super::walk::{flow, flows};

fn drawn(name: &str, screen: &str) -> String {
    let (_, source) = flows().into_iter().find(|(known, _)| known == name).unwrap();
    let flow = Arc::new(flow(name, &source));
    let mut all = view::specimens(&flow, Site::NONE);
    let found: Option<Specimen<'_>> = all.find(|specimen| specimen.screen.name == screen && !specimen.wrong);
    found.expect("a page of that screen").page.html
}

#[test]
fn a_list_has_some_items_and_lists_in_it_too() {
    let people = drawn("household-survey", "people");
    assert_eq!(people.matches("value=remove.").count(), 2, "{people}");
    assert!(
        people.contains("Zoë Lindqvist") && people.contains("value=add"),
        "{people}"
    );
    // The page of an item is about the last one; what it is asked there is not filled in.
    let relations = drawn("household-survey", "relations");
    assert!(
        relations.contains("Husband, wife or partner of Zoë Lindqvist"),
        "{relations}"
    );
    let person = drawn("household-survey", "person");
    assert!(
        person.contains("What is the name of person 2?") && !person.contains("Lindqvist"),
        "{person}"
    );
    assert!(drawn("household-survey", "jobs").contains("value=remove."));
}

#[test]
fn a_task_list_has_its_tasks_in_each_state_and_a_review_the_answers_of_items() {
    let tasks = drawn("grant-application", "application");
    for words in ["Completed", "In progress", "Not started", "Cannot start yet"] {
        assert!(tasks.contains(words), "{words}: {tasks}");
    }
    let check = drawn("grant-application", "check");
    assert!(check.contains("<h3>Zoë Lindqvist"), "{check}");
    let declaration = drawn("grant-application", "declaration");
    assert!(declaration.contains("Declaration"), "{declaration}");
}

#[test]
fn the_same_pages_come_each_time_and_a_flow_without_lists_has_no_answers_in_them() {
    assert_eq!(drawn("household-survey", "check"), drawn("household-survey", "check"));
    let check = drawn("passport-renewal", "check");
    assert!(!check.contains("Lindqvist") && check.contains("Not given"), "{check}");
}
