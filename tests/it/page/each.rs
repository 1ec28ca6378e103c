//! One page of each kind, by name: to be measured, and to be looked at.

use deity::engine::Reply;
use deity::flow::Form;
use deity::view::{self, Problem, Visit};

use super::kinds::{self, ALL, BORN, NAME, PET, at_in, busy, sealed};

/// A page of each kind, of a flow with the screens of [`kinds::SOURCE`].
pub fn one_of_each(source: &str) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut note = |name: &str, html: &str| pages.push((name.to_owned(), html.to_owned()));
    note("start", &kinds::person(source).page.html);
    for screen in ["first", "born", "pet", "all", "plain", "check", ""] {
        let mut person = at_in(source, screen);
        note(&format!("screen {screen}"), &person.page.html);
        if ["first", "born", "pet", "all"].contains(&screen) {
            person.presses(&[], None);
            note(&format!("errors {screen}"), &person.page.html);
        }
    }
    let mut person = at_in(source, "check");
    let link = person.dom.links().next().unwrap().get("href").unwrap().to_owned();
    person.opens_link(&link, false);
    note("between", &person.page.html);
    let mut person = at_in(source, "check");
    person.follows("change.born");
    person.presses(&[("born-day", "28")], None);
    note("changed", &person.page.html);
    let mut person = at_in(source, "all");
    person.presses(&[], Some("stop"));
    note("cancelling", &person.page.html);
    person.presses(&[], Some("yes-cancel"));
    note("cancelled", &person.page.html);
    let mut person = at_in(source, "first");
    note("not applied", &sealed(source).page.html);
    person.waits(3 * 60 * 60);
    person.presses(NAME, None);
    note("expired", &person.page.html);
    let mut person = kinds::person(&format!("private = true\n{source}"));
    person.presses(&[], None);
    for fields in [NAME, BORN, PET, ALL, &[]] {
        person.presses(fields, None);
    }
    note("private review", &person.page.html);
    let typed = Form(vec![("given".into(), "Anna".into())]);
    let flow = Some(std::sync::Arc::clone(&person.flow));
    note(
        "not found",
        &view::page(&Reply::NotFound { flow, typed }, &Visit::default()).html,
    );
    let listed = view::Listed {
        flow: std::sync::Arc::clone(&person.flow),
        open: true,
    };
    note("index", &view::index(&[listed], &Visit::default()).html);
    note("busy", &busy(&person).html);
    for problem in Problem::ALL {
        note(
            &format!("problem {problem:?}"),
            &view::error(problem, &Visit::default()).html,
        );
    }
    pages
}
