//! How it ends: the panel, all that was sent, and what stands on pages that wait.

use deity::engine::Reply;
use deity::machine::Page;
use deity::view::Status;

use super::person::Person;
use super::walk::flow;

const SOURCE: &str = r###"
title = "Pay for a seat"
[screens.who]
section = "You"
fields.who = { type = "text", label = "What is your full name?", name = "Full name" }
actions.continue = "seat"
[screens.seat]
section = "The seat"
fields.seat = { type = "text", label = "Which seat?", name = "Seat" }
fields.price = { type = "computed", label = "Price", value = "money('9.50', 'GBP')" }
actions.continue = "pay"
[screens.pay]
title = "Pay for it"
actions.pay = { call = "payment", to = "done", failed = "sorry", declined = "sorry" }
actions.not = "sorry"
actions.stop = { label = "Cancel", cancel = true }
[screens.done]
title = "Application complete"
body = "## What happens next\n\nYou sit down."
end = "completed"
[screens.sorry]
title = "You did not pay"
end = "not-paid"
[effects.payment]
label = "Your payment"
http = "POST https://pay.example.org/pay"
send = { amount = "{{ price }}", seat = "{{ seat }}" }
undo = "refund"
hand-off = { page = "/page", hosts = ["pay.example.org"], limit = "15m", secret = "${SECRET:-s}" }
[effects.refund]
label = "Your payment"
http = "DELETE https://pay.example.org/pay"
"###;

fn at_the_payment(source: &str) -> Person {
    let mut person = Person::opens(flow("seat", source));
    // A callee that says yes.
    person.mood = 5;
    person.presses(&[], None);
    person.presses(&[("who", "Anna")], None);
    person.presses(&[("seat", "A1")], None);
    assert_eq!(person.dom.one("h1").text, "Pay for it", "{}", person.page.html);
    person
}

fn paid(source: &str) -> Person {
    let mut person = at_the_payment(source);
    person.presses(&[], Some("pay"));
    assert_eq!(
        person.dom.one("h1").text,
        "Application complete",
        "{}",
        person.page.html
    );
    person
}

fn outline(person: &Person) -> Vec<String> {
    let parts = person
        .dom
        .elements
        .iter()
        .filter(|e| e.is("h1") || e.is("h2") || e.is("dt"));
    parts.map(|e| e.text.trim().to_owned()).collect()
}

#[test]
fn a_completed_end_has_a_panel_and_leads_to_all_that_was_sent() {
    let mut person = paid(SOURCE);
    assert!(
        person
            .page
            .html
            .contains("<h1>Application complete</h1><p>Your reference<br><b>")
    );
    assert_eq!(outline(&person), ["Application complete", "What happens next"]);
    person.follows("copy");
    assert_eq!(person.page.status, Status::Done);
    assert_eq!(
        outline(&person),
        ["What you sent", "You", "Full name", "The seat", "Seat", "Price"]
    );
    let ways: Vec<_> = person.dom.links().map(|a| a.text.trim().to_owned()).collect();
    assert!(!ways.contains(&"Change".to_owned()), "{ways:?}");
    assert!(person.page.html.contains("Your reference: <b>"), "{}", person.page.html);
    let Reply::Session(shown) = person.follows("open") else {
        panic!("no page of a session")
    };
    assert!(matches!(shown.showing.page, Page::Receipt(_)));
}

#[test]
fn what_was_sent_is_shown_as_long_as_the_receipt_is_whole() {
    let mut person = paid(SOURCE);
    let links: Vec<_> = person.dom.links().filter_map(|a| a.get("href")).collect();
    let copy = links.into_iter().find(|href| href.ends_with("actionID=copy")).unwrap();
    let copy = copy.to_owned();
    person.waits(21 * 60 * 60);
    person.opens_link(&copy, true);
    assert_eq!(person.dom.one("h1").text, "You finished this");
    assert!(!person.page.html.contains("Anna"), "{}", person.page.html);
}

#[test]
fn a_private_flow_shows_what_was_sent_by_a_button() {
    let mut person = paid(&format!("private = true\n{SOURCE}"));
    person.presses(&[], Some("copy"));
    assert_eq!(person.dom.one("h1").text, "What you sent");
    person.presses(&[], Some("open"));
    assert_eq!(person.dom.one("h1").text, "Application complete");
}

#[test]
fn an_end_that_is_no_completion_and_one_that_shows_the_answers_lead_to_no_copy() {
    let mut person = at_the_payment(SOURCE);
    person.presses(&[], Some("not"));
    assert_eq!(person.dom.one("h1").text, "You did not pay");
    assert!(!person.page.html.contains("Your reference<br>"), "{}", person.page.html);
    assert!(!person.page.html.contains("actionID=copy"), "{}", person.page.html);
    let person = paid(&SOURCE.replace("end = \"completed\"", "end = \"completed\"\nreview = true"));
    assert!(person.page.html.contains("<dt>Full name"), "{}", person.page.html);
    assert!(!person.page.html.contains("actionID=copy"), "{}", person.page.html);
}

#[test]
fn where_one_pays_elsewhere_the_page_says_what_how_much_where_and_until_when() {
    let person = paid(SOURCE);
    let pages: Vec<&str> = person.waited.iter().map(|page| page.html.as_str()).collect();
    let soon = pages.iter().find(|html| html.contains("please wait")).unwrap();
    for words in [
        "<h1>Your payment (£9.50): please wait</h1>",
        "We are doing this now. It takes a few seconds.",
        "Your reference: <b>",
        "<a class=m href=\"seat?",
        ">Look now</a>",
    ] {
        assert!(soon.contains(words), "{words}: {soon}");
    }
    let away = pages
        .iter()
        .find(|html| html.contains("https://pay.example.org/"))
        .unwrap();
    for words in [
        "<h1>Your payment (£9.50)</h1>",
        "You do this on the pages of pay.example.org. Then you come back here. Please do it by ",
        "Your reference: <b>",
        "<a class=m href=\"https://pay.example.org/",
        ">Your payment: go on at pay.example.org</a>",
        ">I have done this</a>",
        ">Go back without doing this</button>",
        ">Cancel</button>",
    ] {
        assert!(away.contains(words), "{words}: {away}");
    }
}
