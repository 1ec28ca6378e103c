//! Look-ups that hang on answers: what they brought counts for what they were asked with, and for
//! nothing else; what a session holds stays offered to it.

use std::collections::BTreeMap;

use deity::flow::{Currency, Value};
use deity::machine::{Purpose, Said};

use super::{book, done, not_done, seats};
use crate::support::desk::{Desk, Sheet, read};

/// A price that hangs on how many are wanted.
pub(crate) const FARE: &str = r#"
title = "A ferry"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A ferry"
actions.start = { label = "Start now", to = "many" }

[screens.many]
title = "How many?"
fields.many = { type = "integer", label = "Passengers", min = 1, max = 9 }
actions.continue = "check"

[screens.check]
title = "Check"
load = "fare"
review = true
body = "{% if price is not none %}That is {{ price }}.{% endif %}"
actions.pay = { label = "Pay", call = "charge", to = "done", failed = "sorry" }
actions.stop = { label = "Cancel", cancel = true }

[screens.done]
title = "Paid"
body = "You paid {{ price }}."
end = "completed"

[screens.sorry]
title = "Not paid"
end = "not-paid"

[effects.fare]
label = "The fare"
http = "GET http://callee.example/fare"
send = { many = "{{ many }}" }
safe = true
save.price = { at = "/price", type = "money", currency = "GBP" }

[effects.charge]
label = "Your payment"
http = "POST http://callee.example/charge"
send = { price = "{{ price }}", many = "{{ many }}" }
undo = "refund"

[effects.refund]
http = "DELETE http://callee.example/charge"
send = {}
"#;

/// The villages of a province, and the streets of a village.
pub(crate) const PLACES: &str = r#"
title = "An address"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "An address"
actions.start = { label = "Start now", to = "province" }

[screens.province]
title = "Province"
fields.province = { type = "choice", label = "Province", options = { north = "North", south = "South" } }
actions.continue = "village"

[screens.village]
title = "Village"
load = "villages"
fields.village = { type = "choice", label = "Village", options = "village_list" }
actions.continue = "street"
actions.stop = { label = "Cancel", cancel = true }

[screens.street]
title = "Street"
load = "streets"
fields.street = { type = "choice", label = "Street", options = "street_list" }
actions.continue = "check"

[screens.check]
title = "Check"
review = true
actions.send = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
end = "completed"

[effects.villages]
label = "The villages"
http = "GET http://callee.example/villages"
send = { province = "{{ province }}" }
safe = true
save.village_list = { at = "/list", type = "options", value = "/id", label = "/name" }

[effects.streets]
label = "The streets"
http = "GET http://callee.example/streets"
send = { village = "{{ village }}" }
safe = true
save.street_list = { at = "/list", type = "options", value = "/id", label = "/name" }
"#;

pub(crate) fn pounds(amount: &str) -> Said {
    let price = Value::Money(amount.parse().unwrap(), Currency::of("GBP").unwrap());
    Said::Done([("price".to_owned(), price)].into())
}

pub(crate) fn options(list: &str, values: &[&str]) -> Said {
    let options = values.iter().map(|value| ((*value).to_owned(), format!("The {value}")));
    Said::Done(BTreeMap::from([(list.to_owned(), Value::Options(options.collect()))]))
}

/// To the page that asks for the payment of two fares.
pub(crate) async fn two(desk: &Desk) -> Sheet {
    let many = desk.start("ferry").await;
    let check = desk.send(&many, &[("many", "2")]).await;
    assert_eq!((check.kind, check.place.as_str()), ("waiting", "check"));
    desk.says(&check, "fare", pounds("20")).await;
    let check = desk.follow(&check, Some("open")).await;
    assert!(check.html.contains("That is £20.00"), "{}", check.html);
    check
}

async fn look_ups(desk: &Desk, page: &Sheet) -> Vec<(u32, String)> {
    let asked = desk.asked(page).await.into_iter();
    let looks = asked.filter(|asked| asked.purpose == Purpose::Look);
    looks.map(|asked| (asked.number, asked.effect)).collect()
}

#[tokio::test]
async fn a_price_counts_for_what_it_was_asked_with_and_is_asked_for_again() {
    let desk = Desk::open([read("ferry", FARE)]).await;
    let check = two(&desk).await;
    let many = desk.follow(&check, Some("change.many")).await;
    let check = desk.send(&many, &[("many", "3")]).await;
    assert_eq!((check.kind, check.place.as_str()), ("waiting", "check"));
    assert!(!check.html.contains("20.00"), "{}", check.html);
    let sent = desk.latest(&check, "fare").await.sent;
    assert_eq!(sent, [("many".to_owned(), Value::Number(3.into()))]);
    // Nothing is paid before the price is there.
    let pressed = desk.press(&check, "pay", &[]).await;
    assert_eq!((pressed.kind, pressed.status), ("waiting", 409));
    desk.says(&check, "fare", pounds("30")).await;
    let check = desk.follow(&check, Some("open")).await;
    assert!(check.html.contains("That is £30.00"), "{}", check.html);
    let waiting = desk.press(&check, "pay", &[]).await;
    assert_eq!(waiting.kind, "waiting");
    let sent = desk.latest(&check, "charge").await.sent;
    let price = Value::Money("30".parse().unwrap(), Currency::of("GBP").unwrap());
    assert!(sent.contains(&("price".to_owned(), price)), "{sent:?}");
    desk.says(&waiting, "charge", done(&[])).await;
    let receipt = desk.follow(&waiting, Some("on")).await;
    assert!(receipt.html.contains("You paid £30.00"), "{}", receipt.html);
}

#[tokio::test]
async fn a_callee_that_is_down_leaves_no_old_price_standing() {
    let desk = Desk::open([read("ferry", FARE)]).await;
    let check = two(&desk).await;
    let many = desk.follow(&check, Some("change.many")).await;
    let check = desk.send(&many, &[("many", "3")]).await;
    desk.says(&check, "fare", not_done(false)).await;
    let lacking = desk.follow(&check, Some("open")).await;
    assert_eq!(lacking.kind, "lacking");
    for words in ["Try again", "Cancel"] {
        assert!(lacking.html.contains(words), "{words}: {}", lacking.html);
    }
    assert!(!lacking.html.contains("20.00"), "{}", lacking.html);
    let pressed = desk.press(&lacking, "pay", &[]).await;
    assert_eq!((pressed.kind, pressed.status), ("lacking", 409));
    let again = desk.press(&lacking, "look-again", &[]).await;
    desk.says(&again, "fare", pounds("30")).await;
    let check = desk.follow(&again, Some("open")).await;
    assert!(
        check.kind == "screen" && check.html.contains("That is £30.00"),
        "{}",
        check.html
    );
}

#[tokio::test]
async fn a_choice_from_another_answers_list_is_no_answer() {
    let desk = Desk::open([read("address", PLACES)]).await;
    let province = desk.start("address").await;
    let village = desk.send(&province, &[("province", "north")]).await;
    desk.says(&village, "villages", options("village_list", &["ash", "elm"]))
        .await;
    let village = desk.follow(&village, Some("open")).await;
    let street = desk.send(&village, &[("village", "ash")]).await;
    desk.says(&street, "streets", options("street_list", &["high"])).await;
    let street = desk.follow(&street, Some("open")).await;
    let check = desk.send(&street, &[("street", "high")]).await;
    assert_eq!(check.place, "check");

    let province = desk.follow(&check, Some("change.province")).await;
    let page = desk.send(&province, &[("province", "south")]).await;
    assert_eq!((page.kind, page.place.as_str()), ("waiting", "village"));
    // What hangs on it is asked once it is there.
    let looks = look_ups(&desk, &page).await;
    desk.says(&page, "villages", options("village_list", &["fir", "oak"]))
        .await;
    let page = desk.follow(&page, Some("open")).await;
    assert_eq!((page.kind, page.place.as_str()), ("screen", "village"));
    assert!(!page.html.contains("value=ash"), "{}", page.html);
    assert_eq!(look_ups(&desk, &page).await, looks, "a GET asks for nothing");
    let wrong = desk.send(&page, &[("village", "ash")]).await;
    assert_eq!(wrong.status, 422);
    // A page that the browser kept does not bring it back, nor is anything sent without it.
    let sent = desk.send(&check, &[]).await;
    assert!(sent.kind != "receipt" && sent.place == "village", "{}", sent.place);
    desk.says(&page, "villages", options("village_list", &["fir", "oak"]))
        .await;
    let page = desk.follow(&page, Some("open")).await;
    let street = desk.send(&page, &[("village", "fir")]).await;
    assert_eq!((street.kind, street.place.as_str()), ("waiting", "street"));
    let sent = desk.latest(&street, "streets").await.sent;
    assert_eq!(sent, [("village".to_owned(), Value::Text("fir".to_owned()))]);
}

#[tokio::test]
async fn looking_again_empties_no_box_of_the_page_that_it_stands_in_for() {
    let places = PLACES.replace(
        "options = \"village_list\" }",
        "options = \"village_list\" }\nfields.house = { type = \"text\", label = \"House\", max = 20 }",
    );
    let desk = Desk::open([read("address", &places)]).await;
    let list = || options("village_list", &["ash", "elm"]);
    let province = desk.start("address").await;
    let village = desk.send(&province, &[("province", "north")]).await;
    desk.says(&village, "villages", list()).await;
    let village = desk.follow(&village, Some("open")).await;
    desk.send(&village, &[("village", "ash"), ("house", "Seven")]).await;
    for (draft, shown) in [(None, "Seven"), (Some("Eight"), "Eight")] {
        if let Some(draft) = draft {
            desk.press(&village, "back", &[("village", "ash"), ("house", draft)])
                .await;
        }
        let to = if draft.is_none() { "south" } else { "north" };
        let failed = desk.send(&province, &[("province", to)]).await;
        desk.says(&failed, "villages", not_done(false)).await;
        let lacking = desk.follow(&failed, Some("open")).await;
        assert_eq!(lacking.kind, "lacking");
        let again = desk.press(&lacking, "look-again", &[]).await;
        desk.says(&again, "villages", list()).await;
        let page = desk.follow(&again, Some("open")).await;
        assert_eq!((page.kind, page.place.as_str()), ("screen", "village"));
        assert!(page.html.contains(shown), "{}", page.html);
    }
}

#[tokio::test]
async fn a_look_up_that_brings_the_same_list_leaves_its_answer_as_it_was() {
    let desk = Desk::open([read("address", PLACES)]).await;
    let province = desk.start("address").await;
    let village = desk.send(&province, &[("province", "north")]).await;
    desk.says(&village, "villages", options("village_list", &["ash", "elm"]))
        .await;
    let village = desk.follow(&village, Some("open")).await;
    let street = desk.send(&village, &[("village", "ash")]).await;
    desk.says(&street, "streets", options("street_list", &["high"])).await;
    let street = desk.follow(&street, Some("open")).await;
    let check = desk.send(&street, &[("street", "high")]).await;
    let province = desk.follow(&check, Some("change.province")).await;
    desk.send(&province, &[("province", "south")]).await;
    let page = desk.send(&province, &[("province", "north")]).await;
    desk.says(&page, "villages", options("village_list", &["ash", "yew"]))
        .await;
    desk.says(&page, "streets", options("street_list", &["high", "mill"]))
        .await;
    let on = desk.follow(&page, Some("on")).await;
    assert_eq!((on.kind, on.place.as_str()), ("screen", "check"));
}

#[tokio::test]
async fn what_this_session_holds_stays_offered_to_it() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a2").await;
    // Back with something typed is a step, and leads to the list: it is asked for again.
    let seat = desk.press(&name, "back", &[("given", "Ad")]).await;
    assert_eq!((seat.kind, seat.place.as_str()), ("waiting", "seat"));
    desk.says(&seat, "seats", seats(&["a1", "a3"])).await;
    let seat = desk.follow(&seat, Some("open")).await;
    assert!(
        seat.html.contains("value=a2") && seat.html.contains("Seat a2"),
        "{}",
        seat.html
    );
    let next = desk.send(&seat, &[("seat", "a2")]).await;
    assert_eq!((next.kind, next.place.as_str()), ("screen", "name"));
    let asked = desk.asked(&next).await;
    assert_eq!(asked.iter().filter(|asked| asked.effect == "hold").count(), 1);
    assert!(!asked.iter().any(super::is_undo));
    // Given back, it is offered no more.
    let seat = desk.follow(&next, Some("back")).await;
    let waiting = desk.send(&seat, &[("seat", "a3")]).await;
    assert_eq!(waiting.kind, "waiting");
    desk.says(&waiting, "hold", done(&[("hold", "H-2")])).await;
    let name = desk.follow(&waiting, Some("on")).await;
    let seat = desk.follow(&name, Some("back")).await;
    assert!(!seat.html.contains("value=a2"), "{}", seat.html);
    assert_eq!(desk.send(&seat, &[("seat", "a2")]).await.status, 422);
}

#[tokio::test]
async fn what_is_held_counts_while_its_list_cannot_be_had() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a2").await;
    let seat = desk.press(&name, "back", &[("given", "Ad")]).await;
    desk.says(&seat, "seats", not_done(false)).await;
    assert_eq!(desk.follow(&seat, Some("open")).await.kind, "lacking");
    let name = desk.follow(&seat, Some("on")).await;
    assert_eq!((name.kind, name.place.as_str()), ("screen", "name"));
    let check = desk.send(&name, &[("given", "Ada")]).await;
    assert!(
        check.kind == "screen" && check.html.contains("Seat a2"),
        "{}",
        check.html
    );
    let waiting = desk.press(&check, "pay", &[]).await;
    assert_eq!(waiting.kind, "waiting");
    assert!(!desk.asked(&check).await.iter().any(super::is_undo));
}
