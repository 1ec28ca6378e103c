//! Sections, reviews of some of them, and calculated summaries.

use crate::support::desk::{Desk, Sheet, read};

const FLOW: &str = r#"
title = "Costs"
start = "intro"
[sections.you]
title = "About you"
numbered = true
[sections.spending]
title = "What you spend"
numbered = true
total = "So far: {{ sum(rent, food) }}"
[sections.home]
title = "Your home"
total = "Rooms: {{ rooms }}"
[screens.intro]
title = "Costs"
actions.start = "name"
[screens.name]
section = "you"
fields.name = { type = "text", label = "Your name?", autocomplete = "off" }
actions.continue = "rent"
[screens.rent]
section = "spending"
fields.rent = { type = "money", currency = "GBP", label = "Your rent?" }
actions.continue = "food"
[screens.food]
section = "spending"
title = "Food"
fields.food = { type = "money", currency = "GBP", label = "On food?" }
actions.continue = "people"
[lists.people]
title = "Who pays with you?"
section = "spending"
item = "{{ given }}"
actions.continue = "half"
[screens.given]
in = "people"
fields.given = { type = "text", label = "Their name?", autocomplete = "off" }
actions.continue = "share"
[screens.share]
in = "people"
fields.share = { type = "money", currency = "GBP", label = "Their share?" }
actions.continue = "people"
[screens.half]
title = "Check what you spend"
review = ["spending"]
actions.continue = "together"
[screens.together]
title = "Is this right?"
summary = { fields = ["food", "rent", "people.share"], total = "rent + food - sum(people.share)", label = "You alone" }
actions.yes = { label = "Yes", to = "rooms" }
[screens.rooms]
section = "home"
fields.rooms = { type = "integer", label = "How many rooms?" }
actions.continue = "check"
[screens.check]
title = "Check your answers"
review = true
actions.send = "done"
[screens.done]
title = "Sent"
end = "completed"
"#;

/// What stands between two marks of a page, in order.
fn all(html: &str, open: &str) -> Vec<String> {
    let parts = html.split(open).skip(1);
    parts
        .map(|part| part.split('<').next().unwrap().trim().to_owned())
        .collect()
}

/// Up to the list, with one item in it.
async fn walked(desk: &Desk) -> Sheet {
    let name = desk.start("costs").await;
    let rent = desk.send(&name, &[("name", "Ada")]).await;
    let food = desk.send(&rent, &[("rent", "500")]).await;
    let people = desk.send(&food, &[("food", "120.50")]).await;
    let given = desk.press(&people, "add", &[]).await;
    let share = desk.send(&given, &[("given", "Bea")]).await;
    let people = desk.send(&share, &[("share", "100")]).await;
    desk.press(&people, "continue", &[]).await
}

#[tokio::test]
async fn pages_of_a_numbered_section_say_which_it_is_and_what_has_come_together_so_far() {
    let desk = Desk::open([read("costs", FLOW)]).await;
    let name = desk.start("costs").await;
    assert!(name.html.contains("<p><small>Section 1 of 2</small>"), "{}", name.html);
    let caption = name.html.find("Section 1 of 2").unwrap();
    assert!(
        caption < name.html.find("Your name?</").unwrap(),
        "above the question: {}",
        name.html
    );
    let rent = desk.send(&name, &[("name", "Ada")]).await;
    assert!(rent.html.contains("Section 2 of 2"), "{}", rent.html);
    assert!(!rent.html.contains("So far"), "nothing was given yet: {}", rent.html);
    let food = desk.send(&rent, &[("rent", "500")]).await;
    assert!(food.html.contains("<h1>Food</h1><p>So far: £500.00"), "{}", food.html);
    let people = desk.send(&food, &[("food", "120.50")]).await;
    assert!(people.html.contains("So far: £620.50"), "{}", people.html);
    let given = desk.press(&people, "add", &[]).await;
    assert!(
        given.html.contains("Section 2 of 2"),
        "an item's screen is of its list's section"
    );
    assert!(given.html.contains("So far: £620.50"), "{}", given.html);
}

#[tokio::test]
async fn a_section_without_number_and_screens_of_none_have_no_caption() {
    let desk = Desk::open([read("costs", FLOW)]).await;
    let half = walked(&desk).await;
    assert!(
        !half.html.contains("Section ") && !half.html.contains("So far"),
        "{}",
        half.html
    );
    let together = desk.press(&half, "continue", &[]).await;
    let rooms = desk.press(&together, "yes", &[]).await;
    assert_eq!(rooms.place, "rooms");
    assert!(!rooms.html.contains("Section "), "{}", rooms.html);
    assert!(
        !rooms.html.contains("Rooms: "),
        "what its total says has no value yet: {}",
        rooms.html
    );
    let check = desk.send(&rooms, &[("rooms", "3")]).await;
    let rooms = desk.follow(&check, Some("change.rooms")).await;
    assert!(rooms.html.contains("<p>Rooms: 3"), "{}", rooms.html);
}

#[tokio::test]
async fn a_review_of_a_section_has_its_answers_alone_and_change_links_lead_back_to_it() {
    let desk = Desk::open([read("costs", FLOW)]).await;
    let half = walked(&desk).await;
    assert_eq!(half.place, "half");
    assert_eq!(all(&half.html, "<h2>"), ["What you spend"], "{}", half.html);
    assert_eq!(all(&half.html, "<h3>"), ["Bea"]);
    assert_eq!(
        all(&half.html, "<dt>"),
        [
            "Your rent?",
            "On food?",
            "Who pays with you?",
            "Their name?",
            "Their share?"
        ]
    );
    assert!(
        half.html.contains(">Continue</button>"),
        "nothing is sent yet: {}",
        half.html
    );
    let rent = desk.follow(&half, Some("change.rent")).await;
    assert_eq!(rent.place, "rent");
    let again = desk.send(&rent, &[("rent", "510")]).await;
    assert_eq!(again.place, "half");
    assert!(again.html.contains("£510.00"), "{}", again.html);
}

#[tokio::test]
async fn a_summary_has_its_answers_in_its_order_items_one_by_one_and_the_total() {
    let desk = Desk::open([read("costs", FLOW)]).await;
    let half = walked(&desk).await;
    let sum = desk.press(&half, "continue", &[]).await;
    assert_eq!(sum.place, "together");
    assert_eq!(
        all(&sum.html, "<dt>"),
        ["On food?", "Your rent?", "Their share?, Bea", "You alone"],
        "{}",
        sum.html
    );
    assert_eq!(all(&sum.html, "<dd>"), ["£120.50", "£500.00", "£100.00", "£520.50"]);
    assert_eq!(
        sum.html.matches("actionID=change.").count(),
        3,
        "the total has none: {}",
        sum.html
    );
    let food = desk.follow(&sum, Some("change.food")).await;
    let again = desk.send(&food, &[("food", "20.50")]).await;
    assert_eq!(again.place, "together", "back to it");
    assert_eq!(all(&again.html, "<dd>"), ["£20.50", "£500.00", "£100.00", "£420.50"]);
    // From behind it, too.
    let rooms = desk.press(&again, "yes", &[]).await;
    let sum = desk.press(&rooms, "back", &[]).await;
    assert_eq!(sum.place, "together");
    let rent = desk.follow(&sum, Some("change.rent")).await;
    assert_eq!(desk.send(&rent, &[("rent", "400")]).await.place, "together");
}

#[tokio::test]
async fn what_a_summary_showed_and_is_another_now_is_shown_before_it_goes_out() {
    let flow = FLOW.replace(
        "label = \"Yes\", to = \"rooms\"",
        "label = \"Yes\", to = \"rooms\", seal = true",
    );
    let desk = Desk::open([read("costs", &flow)]).await;
    let half = walked(&desk).await;
    let sum = desk.press(&half, "continue", &[]).await;
    // In another window.
    let rent = desk.follow(&sum, Some("change.rent")).await;
    desk.send(&rent, &[("rent", "900")]).await;
    let told = desk.press(&sum, "yes", &[]).await;
    assert_eq!((told.place.as_str(), told.status), ("together", 409), "{}", told.html);
    assert!(told.html.contains("£900.00"), "{}", told.html);
}

#[tokio::test]
async fn the_whole_review_and_the_copy_have_the_titles_of_sections_as_headings() {
    let desk = Desk::open([read("costs", FLOW)]).await;
    let half = walked(&desk).await;
    let sum = desk.press(&half, "continue", &[]).await;
    let rooms = desk.press(&sum, "yes", &[]).await;
    let check = desk.send(&rooms, &[("rooms", "3")]).await;
    assert_eq!(
        all(&check.html, "<h2>"),
        ["About you", "What you spend", "Your home"],
        "{}",
        check.html
    );
    let done = desk.press(&check, "send", &[]).await;
    let copy = desk.follow(&done, Some("copy")).await;
    assert_eq!(all(&copy.html, "<h2>"), ["About you", "What you spend", "Your home"]);
}

#[tokio::test]
async fn in_a_private_flow_the_change_links_of_a_summary_are_forms_before_its_own() {
    let desk = Desk::open([read("costs", &FLOW.replacen('\n', "\nprivate = true\n", 1))]).await;
    let half = walked(&desk).await;
    let sum = desk.press(&half, "continue", &[]).await;
    let (mut depth, mut most) = (0_i32, 0);
    for (at, _) in sum.html.match_indices('<') {
        let rest = sum.html.get(at..).unwrap();
        depth += i32::from(rest.starts_with("<form")) - i32::from(rest.starts_with("</form"));
        most = most.max(depth);
    }
    assert_eq!(most, 1, "no form stands in another: {}", sum.html);
    assert!(sum.html.contains("value=change.food"), "{}", sum.html);
}

#[tokio::test]
async fn the_section_of_a_task_is_that_of_its_screens_and_can_be_reviewed() {
    let flow = read(
        "hub",
        r#"
title = "Hub"
start = "intro"
[sections.a]
title = "First part"
numbered = true
[sections.b]
title = "Second part"
numbered = true
[screens.intro]
title = "Hub"
actions.start = "hub"
[screens.hub]
title = "Your tasks"
tasks.one = { title = "Task one", section = "a" }
tasks.two = { title = "Task two", section = "b" }
actions.continue = "some"
[screens.x]
in = "one"
fields.x = { type = "integer", label = "X?" }
actions.continue = "hub"
[screens.y]
in = "two"
fields.y = { type = "integer", label = "Y?" }
actions.continue = "hub"
[screens.some]
title = "Check the second part"
review = ["b"]
actions.continue = "done"
[screens.done]
title = "Sent"
end = "completed"
"#,
    );
    let desk = Desk::open([flow]).await;
    let hub = desk.start("hub").await;
    assert_eq!(all(&hub.html, "<h2>"), ["First part", "Second part"], "{}", hub.html);
    let x = desk.follow(&hub, Some("change.x")).await;
    assert!(x.html.contains("Section 1 of 2"), "{}", x.html);
    let hub = desk.send(&x, &[("x", "1")]).await;
    let y = desk.follow(&hub, Some("change.y")).await;
    assert!(y.html.contains("Section 2 of 2"), "{}", y.html);
    let hub = desk.send(&y, &[("y", "2")]).await;
    let some = desk.press(&hub, "continue", &[]).await;
    assert_eq!(
        (some.place.as_str(), all(&some.html, "<dt>")),
        ("some", vec!["Y?".to_owned()]),
        "{}",
        some.html
    );
}

#[tokio::test]
async fn two_uses_of_a_group_are_told_apart_in_a_summary() {
    let flow = read(
        "two",
        r#"
title = "Two"
[screens.pay]
title = "What do you both earn?"
fields.mine = { type = "group", use = "pay", label = "Yours" }
fields.theirs = { type = "group", use = "pay", label = "Theirs" }
actions.continue = "sum"
[screens.sum]
title = "Is this right?"
summary = { fields = ["mine.wage", "theirs.wage"], total = "mine.wage + theirs.wage" }
actions.yes = "done"
[screens.done]
title = "Sent"
end = "completed"
[groups.pay]
fields.wage = { type = "money", currency = "GBP", label = "Wage in a month" }
"#,
    );
    let desk = Desk::open([flow]).await;
    let pay = desk.start("two").await;
    let sum = desk.send(&pay, &[("mine.wage", "1000"), ("theirs.wage", "900")]).await;
    assert_eq!(
        all(&sum.html, "<dt>"),
        ["Yours: Wage in a month", "Theirs: Wage in a month", "Total"],
        "{}",
        sum.html
    );
}

const TRIP: &str = r#"
title = "A trip"
[sections.trip]
title = "Your trip"
total = "Fare {{ price }}, costs {{ sum(costs.amount) }}"
[screens.many]
title = "How many?"
fields.many = { type = "integer", label = "Passengers", min = 1, max = 9 }
actions.continue = "seat"
[screens.seat]
title = "Where?"
section = "trip"
load = "fare"
fields.seat = { type = "text", label = "Seat" }
actions.continue = "costs"
[lists.costs]
title = "What else?"
section = "trip"
item = "{{ amount }}"
actions.continue = "done"
[screens.cost]
in = "costs"
fields.amount = { type = "money", currency = "GBP", label = "How much?" }
actions.continue = "costs"
[screens.done]
title = "Sent"
end = "completed"
[effects.fare]
label = "The fare"
http = "GET http://callee.example/fare"
send = { many = "{{ many }}" }
safe = true
save.price = { at = "/price", type = "money", currency = "GBP" }
"#;

#[tokio::test]
async fn a_page_waits_for_what_its_sections_total_says() {
    let desk = Desk::open([read("trip", TRIP)]).await;
    let many = desk.start("trip").await;
    let seat = desk.send(&many, &[("many", "2")]).await;
    assert_eq!((seat.kind, seat.place.as_str()), ("waiting", "seat"), "{}", seat.html);
    desk.says(&seat, "fare", crate::effects::lists::pounds("20")).await;
    let seat = desk.follow(&seat, Some("open")).await;
    assert!(seat.html.contains("Fare £20.00, costs £0.00"), "{}", seat.html);
}

#[tokio::test]
async fn a_total_of_items_stands_there_once_one_of_them_has_something() {
    let flow = read("trip", &TRIP.replace("Fare {{ price }}, costs", "Costs"));
    let desk = Desk::open([flow]).await;
    let many = desk.start("trip").await;
    let seat = desk.send(&many, &[("many", "2")]).await;
    let costs = desk.send(&seat, &[("seat", "a1")]).await;
    let cost = desk.press(&costs, "add", &[]).await;
    for page in [&seat, &costs, &cost] {
        assert_eq!(
            (page.kind, page.html.contains("Costs £")),
            ("screen", false),
            "{}",
            page.html
        );
    }
    let costs = desk.send(&cost, &[("amount", "3.50")]).await;
    assert!(costs.html.contains("<p>Costs £3.50"), "{}", costs.html);
}
