//! What each kind of page holds, on a flow that has one of everything.

use deity::engine::{Came, Reply, Start};
use deity::flow::Form;
use deity::machine::Page;
use deity::view::{self, Drawn, Problem, Status, Visit};

use super::dom::{Dom, sound};
use super::person::Person;
use super::walk::flow;

pub const SOURCE: &str = include_str!("every-kind.toml");
/// The same in Arabic, from right to left.
pub const ARABIC: &str = include_str!("every-kind-arabic.toml");
pub const NAME: &[(&str, &str)] = &[("given", "Anna"), ("family", "Müller"), ("pin", "1234")];
pub const BORN: &[(&str, &str)] = &[("born-day", "27"), ("born-month", "3"), ("born-year", "1987")];
pub const PET: &[(&str, &str)] = &[("pet", "cat"), ("cat", "Mimi")];
pub const ALL: &[(&str, &str)] = &[
    ("email", "anna@example.org"),
    ("fee", "12.50"),
    ("agrees", "yes"),
    ("country", "fr"),
    ("true_so", "yes"),
];

pub fn person(source: &str) -> Person {
    Scene::of(source).opens()
}

/// A flow with the screens of [`SOURCE`], and where it is shown.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub source: &'a str,
    pub visit: Visit<'static>,
}

impl<'a> Scene<'a> {
    /// Of an office that says nothing.
    pub fn of(source: &'a str) -> Self {
        let visit = Visit::default();
        Self { source, visit }
    }

    /// The start page.
    pub fn opens(self) -> Person {
        Person::opens_as(flow("every-kind", self.source), self.visit)
    }
}

/// A person who has come to the named screen.
pub fn at(screen: &str) -> Person {
    at_in(Scene::of(SOURCE), screen)
}

/// The same, of another flow with these screens.
pub fn at_in(scene: Scene<'_>, screen: &str) -> Person {
    let mut person = scene.opens();
    person.presses(&[], None);
    for (here, fields) in [
        ("first", NAME),
        ("born", BORN),
        ("pet", PET),
        ("all", ALL),
        ("plain", &[]),
        ("check", &[]),
    ] {
        if here == screen {
            return person;
        }
        person.presses(fields, None);
        assert_eq!(person.page.status, Status::Done, "{here}: {}", person.page.html);
    }
    person
}

/// A link to change an answer.
pub fn changes(link: &&super::dom::Element) -> bool {
    link.get("href").is_some_and(|href| href.contains("actionID=change."))
}

/// A page that was kept from before a seal, sent after it.
pub fn sealed(scene: Scene<'_>) -> Person {
    let source = scene
        .source
        .replace(
            "actions.continue = \"check\"",
            "actions.continue = { to = \"check\", seal = true }",
        )
        .replace("to = \"check\" }", "to = \"check\", seal = true }");
    let source = &source;
    let mut person = Scene { source, ..scene }.opens();
    person.presses(&[], None);
    person.presses(NAME, None);
    let kept = (person.page.clone(), Dom::of(&person.page.html));
    for fields in [BORN, PET, ALL, &[]] {
        person.presses(fields, None);
    }
    assert!(person.dom.all("dt").count() > 9, "its review: {}", person.page.html);
    assert_eq!(
        person.dom.links().filter(changes).count(),
        0,
        "nothing can be changed: {}",
        person.page.html
    );
    (person.page, person.dom) = kept;
    person.presses(&[("born-day", "1"), ("born-month", "1"), ("born-year", "1990")], None);
    person
}

/// What a person gets whose request could not be done now.
pub fn busy(person: &Person) -> Drawn {
    let again = deity::engine::Request {
        language: None,
        flow: "every-kind".into(),
        session: "s\"1".into(),
        screen: "c'1".into(),
        action: Some("continue".into()),
        returning: None,
        secret: deity::engine::Secret::default(),
        block: deity::engine::Block::default(),
        fields: Form(
            [("given", "<b>"), ("pin", "very-secret")]
                .map(|(n, v)| (n.into(), v.into()))
                .into(),
        ),
        post: true,
        came: Came::Whole,
        inside: true,
    };
    let flow = Some(std::sync::Arc::clone(&person.flow));
    let busy = Reply::Busy {
        again: Box::new(again),
        flow,
    };
    view::page(&busy, &person.visit)
}

fn field<'a>(dom: &'a Dom, name: &str) -> &'a super::dom::Element {
    let found = dom.elements.iter().find(|e| e.get("name") == Some(name));
    found.unwrap_or_else(|| panic!("no control {name}"))
}

/// The words that describe a control.
fn described(dom: &Dom, by: Option<&str>) -> String {
    let ids = by.unwrap_or_default().split(' ').filter_map(|id| dom.id(id));
    ids.map(|e| e.text.as_str()).collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_question_page_has_a_heading_labels_and_hints() {
    let person = at("first");
    let dom = &person.dom;
    assert_eq!(dom.one("h1").text, "What is your name?");
    assert_eq!(dom.one("title").text, "What is your name? - Every kind of page");
    let given = field(dom, "given");
    assert_eq!(given.get("autocomplete"), Some("given-name"));
    assert_eq!(described(dom, given.get("aria-describedby")), "All of them");
    let label = dom.all("label").find(|l| l.get("for") == Some("family")).unwrap();
    assert_eq!(label.text, "Family name (optional)");
    assert_eq!(field(dom, "pin").get("type"), Some("password"));
}

#[test]
fn an_only_question_is_the_heading_and_the_text_follows_it() {
    let person = at("born");
    let dom = &person.dom;
    let h1 = dom.one("h1");
    assert_eq!(h1.text, "When were you born?");
    assert!(dom.elements[h1.parent.unwrap()].is("legend"));
    let places = ["When were you born?", "because of the law", "For example", "Day"].map(|w| person.page.html.find(w));
    assert!(places.is_sorted(), "{places:?}");
    for (part, token) in [("day", "bday-day"), ("month", "bday-month"), ("year", "bday-year")] {
        let input = field(dom, &format!("born-{part}"));
        assert_eq!(input.get("autocomplete"), Some(token));
        assert_eq!(input.get("inputmode"), Some("numeric"));
    }
    assert_eq!(
        described(dom, dom.one("fieldset").get("aria-describedby")),
        "For example, 27 3 1987"
    );
}

#[test]
fn a_question_that_depends_on_an_option_stands_under_it_and_is_hidden_by_style_alone() {
    let person = at("pet");
    let html = &person.page.html;
    let places = [
        "value=cat",
        "The cat&#39;s name",
        "value=dog",
        "How many dogs?",
        "value=none",
    ]
    .map(|w| html.find(w));
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{places:?} in {html}"
    );
    assert!(html.contains(":has(:checked)"));
    assert_eq!(person.dom.one("h1").text, "Which animal do you keep?");
}

#[test]
fn an_error_keeps_what_was_typed_and_leads_to_the_wrong_box() {
    let mut person = at("born");
    person.presses(
        &[("born-day", "27"), ("born-month", "13"), ("born-year", "19<b>")],
        None,
    );
    assert_eq!(person.page.status, Status::Invalid);
    let dom = &person.dom;
    assert!(dom.one("title").text.starts_with("Error: When were you born?"));
    let link = dom.links().next().unwrap();
    let wrong = link.get("href").unwrap().trim_start_matches('#');
    assert!(["born-month", "born-year"].contains(&wrong), "{wrong}");
    assert_eq!(dom.id(wrong).unwrap().get("aria-invalid"), Some("true"));
    assert_eq!(field(dom, "born-year").get("value"), Some("19<b>"));
    assert!(described(dom, dom.one("fieldset").get("aria-describedby")).ends_with(&link.text));
}

#[test]
fn a_secret_is_never_shown_again() {
    let mut person = at("first");
    person.presses(&[("pin", "very-secret")], None);
    assert_eq!(person.page.status, Status::Invalid);
    assert!(!person.page.html.contains("very-secret"));
    let mut person = at("check");
    assert!(!person.page.html.contains("1234"), "{}", person.page.html);
    person.follows("change.first");
    assert!(!person.page.html.contains("1234"));
}

#[test]
fn every_kind_of_field_has_its_control() {
    let person = at("all");
    let dom = &person.dom;
    assert_eq!(dom.one("h1").text, "All the rest, Anna");
    assert_eq!(dom.one("textarea").get("name"), Some("notes"));
    assert_eq!(field(dom, "email").get("type"), Some("email"));
    assert_eq!(field(dom, "tel").get("type"), Some("tel"));
    assert_eq!(field(dom, "count").get("value"), Some("3"), "the default");
    assert_eq!(field(dom, "count").get("inputmode"), Some("numeric"));
    assert_eq!(field(dom, "weight").get("inputmode"), None, "it may be negative");
    assert_eq!(field(dom, "fee").get("inputmode"), Some("decimal"));
    assert_eq!(field(dom, "agrees").get("type"), Some("radio"));
    assert_eq!(field(dom, "topics").get("type"), Some("checkbox"));
    assert_eq!(dom.one("select").get("name"), Some("country"));
    assert_eq!(dom.all("option").count(), 14, "13 and the one that chooses nothing");
    for words in [
        "€</label></span> <input",
        "<label for=weight>kg</label>",
        "<details><summary>Why we ask",
        "<p>or<p>",
        "<b>Warning:</b> You can",
    ] {
        assert!(person.page.html.contains(words), "{words} in {}", person.page.html);
    }
}

#[test]
fn buttons_come_in_order_with_readable_values_and_a_single_one_has_no_name() {
    let person = at("all");
    let buttons = |p: &Person| {
        let all = p.dom.all("button");
        all.map(|b| (b.get("value").unwrap_or_default().to_owned(), b.text.clone()))
            .collect::<Vec<_>>()
    };
    let values: Vec<String> = buttons(&person).into_iter().map(|(v, _)| v).collect();
    // The first is not shown: Enter presses it.
    assert_eq!(values, ["continue", "back", "continue", "skip", "stop"]);
    let mut person = self::person(SOURCE);
    person.presses(&[], None);
    assert_eq!(buttons(&person), [(String::new(), "Continue".to_owned())]);
    // More time is offered where less than an hour is left, and where the flow says so.
    for limits in ["idle = \"59m\"", "more-time = true"] {
        let mut person = self::person(&SOURCE.replace("idle = \"2h\"", limits));
        person.presses(&[], None);
        assert!(person.offers("more-time"), "{limits}: {}", person.page.html);
    }
}

#[test]
fn a_page_without_fields_goes_back_by_a_button() {
    let mut person = at("plain");
    assert_eq!(person.dom.one("h2").text, "What comes next");
    person.presses(&[], Some("back"));
    assert_eq!(person.dom.one("h1").text, "All the rest, Anna");
    assert_eq!(field(&person.dom, "email").get("value"), Some("anna@example.org"));
    person.follows("on");
    assert_eq!(person.dom.one("h1").text, "Nearly there");
}

#[test]
fn check_answers_lists_each_with_a_change_link_that_says_what_it_changes() {
    let mut person = at("check");
    let terms: Vec<&str> = person.dom.all("dt").map(|dt| dt.text.as_str()).collect();
    for term in ["Given names", "When were you born?", "The cat's name", "Twice as many"] {
        assert!(terms.contains(&term), "{term} in {terms:?}");
    }
    assert!(!terms.contains(&"How many dogs?"), "not asked");
    let names: Vec<&str> = person.dom.links().filter_map(|a| a.get("aria-label")).collect();
    assert!(names.contains(&"Change When were you born?"), "{names:?}");
    assert!(person.page.html.contains("27 March 1987"));
    person.follows("change.born");
    person.presses(&[("born-day", "28")], None);
    assert_eq!(person.dom.one("h1").text, "Check your answers");
    let notice = person
        .dom
        .elements
        .iter()
        .find(|e| e.get("role") == Some("status"))
        .unwrap();
    assert!(
        notice
            .text
            .contains("When were you born?: 27 March 1987 → 28 March 1987"),
        "{}",
        notice.text
    );
}

#[test]
fn the_receipt_says_the_reference_once_and_can_be_opened_again_and_left() {
    let mut person = at("");
    person.follows("copy");
    assert_eq!(person.dom.one("h1").text, "What you sent");
    let Reply::Session(shown) = person.follows("open") else {
        panic!()
    };
    assert!(matches!(shown.showing.page, Page::Receipt(_)));
    assert_eq!(person.page.html.matches(&shown.session.at.reference()).count(), 1);
    assert_eq!(person.dom.one("h1").text, "Sent");
    assert!(!person.page.over, "only a private flow's receipt empties the cache");
    person.presses(&[], Some("leave"));
    assert_eq!(person.dom.one("h1").text, "Finished on this device");
    assert!(person.page.over, "this empties it in any flow");
}

#[test]
fn cancelling_asks_first_and_the_harmless_button_is_the_first() {
    let mut person = at("all");
    person.presses(&[], Some("stop"));
    assert_eq!(person.dom.one("h1").text, "Do you want to cancel?");
    let first = person.dom.all("button").next().unwrap();
    assert_eq!(first.get("value"), Some("open"));
    person.presses(&[], Some("yes-cancel"));
    assert_eq!(person.dom.one("h1").text, "You cancelled this");
}

#[test]
fn what_is_typed_after_the_time_ran_out_goes_into_a_new_start() {
    let mut person = at("first");
    person.waits(3 * 60 * 60);
    person.presses(&[("given", "Anna \"Q\" <i>"), ("pin", "very-secret")], None);
    assert_eq!(person.page.status, Status::Gone);
    assert_eq!(person.dom.one("h1").text, "Your time is over");
    assert_eq!(person.dom.one("dd").text, "Anna \"Q\" <i>");
    assert!(!person.page.html.contains("very-secret"));
    person.presses(&[], None);
    assert_eq!(person.dom.one("h1").text, "What is your name?");
    assert_eq!(field(&person.dom, "given").get("value"), Some("Anna \"Q\" <i>"));
}

#[test]
fn behind_a_seal_nothing_is_applied_and_what_was_typed_is_shown() {
    let mut person = sealed(Scene::of(SOURCE));
    assert_eq!(person.page.status, Status::Conflict);
    assert_eq!(person.dom.one("h1").text, "Nothing was changed");
    assert_eq!(person.dom.one("dd").text, "1 1 1990");
    person.follows("open");
    assert_eq!(person.dom.one("h1").text, "Check your answers");
}

#[test]
fn a_link_from_outside_shows_no_answers() {
    let mut person = at("check");
    let links: Vec<String> = person
        .dom
        .links()
        .filter_map(|a| a.get("href"))
        .map(str::to_owned)
        .collect();
    person.opens_link(&links[0], false);
    assert_eq!(person.dom.one("h1").text, "Go on with what you began?");
    assert!(!person.page.html.contains("Anna"));
    person.presses(&[], None);
    assert!(person.page.html.contains("Anna"));
}

#[test]
fn a_private_flow_has_no_id_in_any_link() {
    let private = format!("private = true\n{SOURCE}");
    let mut person = person(&private);
    person.presses(&[], None);
    for fields in [NAME, BORN, PET, ALL, &[]] {
        person.presses(fields, None);
        assert!(person.page.private);
    }
    assert_eq!(person.dom.one("h1").text, "Check your answers");
    person.presses(&[], Some("change.born"));
    assert_eq!(person.dom.one("h1").text, "When were you born?");
    person.presses(&[], None);
    person.presses(&[], Some("send"));
    person.presses(&[], Some("copy"));
    assert!(person.page.private);
    person.presses(&[], Some("open"));
    assert_eq!(person.dom.one("h1").text, "Sent");
}

#[test]
fn a_page_that_is_not_there_shows_what_was_typed_and_where_to_start() {
    let flow = std::sync::Arc::new(flow("every-kind", SOURCE));
    let typed = Form(
        [("given", "Anna"), ("pin", "very-secret"), ("strange", "x<y")]
            .map(|(n, v)| (n.into(), v.into()))
            .into(),
    );
    for flow in [Some(flow), None] {
        let known = flow.is_some();
        let page = view::page(
            &Reply::NotFound {
                flow,
                typed: typed.clone(),
            },
            &Visit::default(),
        );
        assert_eq!(page.status, Status::NotFound);
        let dom = sound(&page.html, false);
        assert!(page.html.contains("x&#60;y"));
        assert_eq!(page.html.contains("very-secret"), !known);
        assert_eq!(
            dom.links().next().unwrap().get("href"),
            Some(if known { "/every-kind" } else { "/" })
        );
    }
}

#[test]
fn a_start_that_was_not_accepted_says_why_and_carries_what_was_typed() {
    let mut person = person(SOURCE);
    let Reply::Session(shown) = person.presses(&[], None) else {
        panic!()
    };
    let start = Start {
        flow: std::sync::Arc::clone(&shown.flow),
        ticket: "t".repeat(50),
        now: shown.now,
        stale: true,
        carried: Some(("first".into(), Form(vec![("given".into(), "A\"b".into())]))),
    };
    let page = view::page(&Reply::Start(Box::new(start)), &Visit::default());
    assert_eq!(page.status, Status::Conflict);
    let dom = sound(&page.html, false);
    assert!(page.html.contains("too old to start with"));
    assert_eq!(field(&dom, "given").get("value"), Some("A\"b"));
    assert_eq!(field(&dom, "screenID").get("value"), Some("first"));
}

#[test]
fn a_busy_server_gives_the_same_form_to_be_sent_again() {
    let page = busy(&at("first"));
    assert_eq!(page.status, Status::Problem(Problem::Busy));
    let dom = sound(&page.html, false);
    assert!(!page.html.contains("very-secret"));
    assert_eq!(field(&dom, "pin").get("type"), Some("password"));
    for (name, value) in [
        ("sessionID", "s\"1"),
        ("screenID", "c'1"),
        ("actionID", "continue"),
        ("given", "<b>"),
    ] {
        assert_eq!(field(&dom, name).get("value"), Some(value));
    }
}

#[test]
fn languages_that_run_from_right_to_left_say_so() {
    let arabic = person(ARABIC);
    assert_eq!(arabic.dom.one("html").get("dir"), Some("rtl"));
    assert_eq!(person(SOURCE).dom.one("html").get("dir"), None);
}
