//! Effects of lists: what is done for one item is that item's, also when others change; and what
//! of items goes out, with its types, to each kind of callee.

use deity::machine::{Asked, Purpose, Stage};
use serde_json::json;

use super::callee::{Asking, Callee, mail_server};
use super::{done, is_undo};
use crate::support::desk::{Desk, Sheet, read};
use crate::support::{App, Browser, eventually};

/// Each guest has a room, which is booked on the guest's own screen, and meals.
const PARTY: &str = r#"
title = "A party"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A party"
actions.start = { label = "Start now", to = "guests" }

[lists.guests]
title = "Who comes?"
item = "{{ guest }}"
actions.add = "Add a guest"
actions.continue = "check"

[screens.guest]
in = "guests"
title = "Who is it?"
fields.guest = { type = "text", label = "Name", max = 40, autocomplete = "off" }
fields.nights = { type = "integer", label = "Nights", min = 1, max = 9 }
actions.continue = { call = "room", to = "meals", failed = "guests" }

[lists.meals]
in = "guests"
title = "What does {{ guest }} eat?"
item = "{{ dish }}"
actions.add = "Add a dish"
actions.continue = { label = "No more dishes", to = "guests" }

[screens.meal]
in = "meals"
title = "Which dish?"
fields.dish = { type = "text", label = "Dish", max = 40 }
fields.price = { type = "money", label = "Price", currency = "GBP" }
actions.continue = "meals"

[screens.check]
title = "Check"
review = true
actions.send = { label = "Send", call = ["order", "letter"], to = "done", failed = "done" }
actions.stop = { label = "Cancel", cancel = true }

[screens.done]
title = "Sent"
end = "completed"

[effects.room]
label = "The room of {{ guest }}"
http = "POST http://callee.example/rooms"
send = { guest = "{{ guest }}", nights = "{{ nights }}", item = "{{ key }}" }
save.room = "/room"
undo = "leave"

[effects.leave]
http = "DELETE http://callee.example/rooms"

[effects.order]
ORDER

[effects.letter]
email = { to = "host@example.org", subject = "{{ length(guests) }} guests", text = "{% for one in guests %}{{ one.guest }} stays {{ one.nights }}. {% endfor %}" }
"#;

/// A program that keeps what it was sent.
const KEEPS: &str = "#!/bin/sh\ncat > body.txt\nprintf 'Content-Type: application/json\\n\\n{}'\n";

fn party() -> deity::flow::Flow {
    read(
        "party",
        &PARTY.replace("ORDER", "http = \"POST http://callee.example/orders\""),
    )
}

/// From the list's page: adds a guest, whose room is booked; gives the list's page after that.
async fn invite(desk: &Desk, list: &Sheet, name: &str, room: &str) -> Sheet {
    let guest = desk.press(list, "add", &[]).await;
    let waiting = desk.send(&guest, &[("guest", name), ("nights", "2")]).await;
    assert_eq!(waiting.kind, "waiting", "{}", waiting.html);
    desk.says(&waiting, "room", done(&[("room", room)])).await;
    let meals = desk.follow(&waiting, Some("on")).await;
    assert_eq!(
        (meals.kind, meals.place.as_str()),
        ("screen", "meals"),
        "{}",
        meals.html
    );
    let list = desk.press(&meals, "continue", &[]).await;
    assert_eq!(list.place, "guests", "{}", list.html);
    list
}

/// Two guests with their rooms.
async fn two(desk: &Desk) -> Sheet {
    let list = desk.start("party").await;
    let list = invite(desk, &list, "Ada", "R-1").await;
    invite(desk, &list, "Byron", "R-2").await
}

/// The rooms that were asked for: whose, and as what number.
async fn rooms(desk: &Desk, page: &Sheet) -> Vec<(u32, u32)> {
    let asked = desk.asked(page).await;
    let rooms = asked.iter().filter(|asked| asked.effect == "room");
    rooms.map(|asked| (asked.place.item, asked.number)).collect()
}

/// What is taken back.
async fn undone(desk: &Desk, page: &Sheet) -> Vec<u32> {
    let asked = desk.asked(page).await;
    let of = |asked: &Asked| match asked.purpose {
        Purpose::Undo { of } => Some(of),
        _ => None,
    };
    asked.iter().filter_map(of).collect()
}

#[tokio::test]
async fn what_an_items_own_screen_asks_for_has_a_key_of_that_item() {
    let desk = Desk::open([party()]).await;
    let list = two(&desk).await;
    assert_eq!(rooms(&desk, &list).await, [(1, 1), (2, 2)]);
    let session = desk.stored(&list).await;
    let keys: Vec<_> = session.asked.iter().map(|asked| session.effect_key(asked)).collect();
    assert_ne!(keys[0], keys[1]);
    // An asking of the same number for another item would have another key.
    let mut other = session.asked[0].clone();
    other.place.item = 2;
    assert_ne!(session.effect_key(&other), keys[0]);
    assert_eq!(session.asked[1].label, "The room of Byron");
    let check = desk.press(&list, "continue", &[]).await;
    assert_eq!((check.kind, check.place.as_str()), ("screen", "check"));
    assert_eq!(undone(&desk, &check).await, [0_u32; 0]);
}

#[tokio::test]
async fn removing_an_item_takes_back_what_was_done_for_it_and_nothing_else() {
    let desk = Desk::open([party()]).await;
    let list = two(&desk).await;
    let step = desk.stored(&list).await.step;
    let removed = desk.press(&list, "remove.1", &[]).await;
    assert_eq!(removed.place, "guests", "{}", removed.html);
    let session = desk.stored(&removed).await;
    assert_eq!(undone(&desk, &removed).await, [1]);
    let undo = session.asked.iter().find(|asked| is_undo(asked)).unwrap();
    assert_eq!(undo.step, step + 1, "in the commit of the step that removed it");
    assert_eq!(session.effect_key(undo), session.effect_key(&session.asked[0]));
    let sent: Vec<_> = undo
        .sent
        .iter()
        .map(|(name, value)| (name.as_str(), value.plain()))
        .collect();
    assert!(sent.contains(&("room", "R-1".to_owned())), "{sent:?}");
    assert!(sent.contains(&("guest", "Ada".to_owned())), "{sent:?}");
    // The other guest's room stands, and nothing is asked for again.
    let check = desk.press(&removed, "continue", &[]).await;
    assert_eq!(
        (check.kind, check.place.as_str()),
        ("screen", "check"),
        "{}",
        check.html
    );
    assert_eq!(rooms(&desk, &check).await.last(), Some(&(2, 2)));
    assert_eq!(undone(&desk, &check).await, [1]);
}

#[tokio::test]
async fn an_item_that_is_put_back_is_asked_for_once_more_before_the_list_can_be_left() {
    let desk = Desk::open([party()]).await;
    let list = two(&desk).await;
    let removed = desk.press(&list, "remove.1", &[]).await;
    desk.says(&removed, "leave", done(&[])).await;
    let back = desk.press(&removed, "restore.1", &[]).await;
    assert_eq!(back.place, "guests", "{}", back.html);
    let held = desk.press(&back, "continue", &[]).await;
    assert_eq!((held.place.as_str(), held.kind), ("guest", "screen"), "{}", held.html);
    let waiting = desk.send(&held, &[("guest", "Ada"), ("nights", "2")]).await;
    assert_eq!(waiting.kind, "waiting", "{}", waiting.html);
    let latest = desk.latest(&waiting, "room").await;
    assert_eq!(latest.place.item, 1);
    let session = desk.stored(&waiting).await;
    let first = session.asked.iter().find(|asked| asked.number == 1).unwrap();
    assert_ne!(session.effect_key(&latest), session.effect_key(first), "a new wish");
    desk.says(&waiting, "room", done(&[("room", "R-3")])).await;
    let meals = desk.follow(&waiting, Some("on")).await;
    let list = desk.press(&meals, "continue", &[]).await;
    assert_eq!(desk.press(&list, "continue", &[]).await.place, "check");
    assert_eq!(undone(&desk, &list).await, [1]);
}

#[tokio::test]
async fn amending_an_item_takes_back_and_asks_again_for_that_item_alone() {
    let desk = Desk::open([party()]).await;
    let list = two(&desk).await;
    let guest = desk.follow(&list, Some("change.guest.2")).await;
    assert_eq!(guest.place, "guest", "{}", guest.html);
    let waiting = desk.send(&guest, &[("guest", "Byron"), ("nights", "5")]).await;
    assert_eq!(waiting.kind, "waiting", "{}", waiting.html);
    assert_eq!(undone(&desk, &waiting).await, [2]);
    let latest = desk.latest(&waiting, "room").await;
    assert_eq!(latest.place.item, 2);
    let nights = latest
        .sent
        .iter()
        .find(|(name, _)| name == "nights")
        .map(|(_, value)| value.plain());
    assert_eq!(nights.as_deref(), Some("5"));
    desk.says(&waiting, "room", done(&[("room", "R-9")])).await;
    let session = desk.stored(&waiting).await;
    let first = session.asked.iter().find(|asked| asked.number == 1).unwrap();
    assert!(
        matches!(first.stage, Stage::Done { .. }) && !session.is_undone(1),
        "{first:?}"
    );
}

#[tokio::test]
async fn given_up_what_was_done_for_items_is_taken_back_the_latest_first() {
    let desk = Desk::open([party()]).await;
    let list = two(&desk).await;
    let check = desk.press(&list, "continue", &[]).await;
    let asks = desk.press(&check, "stop", &[]).await;
    assert_eq!(undone(&desk, &asks).await, [0_u32; 0], "it asks first");
    let stopped = desk.press(&asks, "yes-cancel", &[]).await;
    assert_eq!(undone(&desk, &stopped).await, [2, 1], "{}", stopped.html);
}

/// Books a room by number, and takes all else.
fn host(asking: &Asking) -> Option<(u16, String)> {
    let body = if asking.method == "POST" && asking.target == "/rooms" {
        json!({ "room": format!("R-{}", asking.json()["item"].as_str().unwrap_or("none")) })
    } else {
        json!({})
    };
    Some((200, body.to_string()))
}

fn serving(callee: &Callee, order: &str, mail: &[&str]) -> App {
    let definition = PARTY
        .replace("ORDER", order)
        .replace("callee.example", &callee.address.to_string());
    let mut app = App::stopped(&[("party", &definition)]).argument(&format!("--callees={}", callee.address));
    for argument in mail {
        app = app.argument(argument);
    }
    app.program("order.sh", KEEPS);
    app.run();
    app
}

/// Two guests, the first with two dishes; up to the button that sends.
fn invited(app: &App) -> Browser {
    let mut browser = app.browser("/party");
    browser.press("Start now");
    for (guest, nights, dishes) in [
        ("Ada", "2", [("Soup", "4.50"), ("Figs & \"cream\"", "3")].as_slice()),
        ("Byron", "1", &[]),
    ] {
        browser.press("Add a guest");
        browser.fill("Name", guest).fill("Nights", nights).press("Continue");
        for (dish, price) in dishes {
            browser.press("Add a dish");
            browser.fill("Dish", dish).fill("Price", price).press("Continue");
        }
        browser.press("No more dishes");
    }
    browser.press("Continue");
    assert_eq!(browser.page.heading(), "Check", "{}", browser.page.text());
    browser
}

/// What goes out of the two guests, with the types of the answers: what was saved for a guest too.
fn guests() -> serde_json::Value {
    let pounds = |amount: &str| json!({ "amount": amount, "currency": "GBP" });
    let meals = json!([
        { "key": "2", "dish": "Soup", "price": pounds("4.50") },
        { "key": "3", "dish": "Figs & \"cream\"", "price": pounds("3.00") },
    ]);
    json!([
        { "key": "1", "guest": "Ada", "nights": 2, "room": "R-1", "meals": meals },
        { "key": "4", "guest": "Byron", "nights": 1, "room": "R-4", "meals": [] },
    ])
}

#[test]
fn every_answer_goes_out_with_items_as_objects_in_each_other() {
    let callee = Callee::answering(host);
    let (mail, arrived) = mail_server();
    let smtp = format!("--smtp=smtp://{mail}");
    let app = serving(
        &callee,
        "http = \"POST http://callee.example/orders\"",
        &[&smtp, "--mail-from=forms@example.org"],
    );
    let mut browser = invited(&app);
    browser.press("Send");
    assert_eq!(browser.page.heading(), "Sent", "{}", browser.page.text());
    let asked = callee.asked_by("POST");
    let orders: Vec<_> = asked.iter().filter(|asking| asking.target == "/orders").collect();
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].json(), json!({ "guests": guests() }));
    // The rooms were asked for one by one, each under its own key.
    let rooms: Vec<_> = asked.iter().filter(|asking| asking.target == "/rooms").collect();
    assert_eq!(rooms.len(), 2);
    assert_eq!(rooms[0].json(), json!({ "guest": "Ada", "nights": 2, "item": "1" }));
    assert_eq!(rooms[1].json(), json!({ "guest": "Byron", "nights": 1, "item": "4" }));
    assert_ne!(rooms[0].header("idempotency-key"), rooms[1].header("idempotency-key"));
    let text = arrived
        .recv_timeout(std::time::Duration::from_secs(20))
        .expect("a message");
    for words in ["Subject: 2 guests", "Ada stays 2.", "Byron stays 1."] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_list_that_is_named_goes_out_under_that_name() {
    let callee = Callee::answering(host);
    let order = "http = \"POST http://callee.example/orders\"\nsend = { who = \"{{ guests }}\", nights = \"{{ sum(guests.nights) }}\" }";
    let app = serving(&callee, order, &[]);
    invited(&app).press("Send");
    let asked = callee.asked_by("POST");
    let order = asked.iter().find(|asking| asking.target == "/orders").unwrap();
    assert_eq!(order.json(), json!({ "who": guests(), "nights": 3 }));
}

#[test]
fn a_form_has_a_list_as_json_under_its_name() {
    let callee = Callee::answering(host);
    let app = serving(&callee, "run = \"order.sh\"", &[]);
    invited(&app).press("Send");
    let read = || std::fs::read_to_string(app.data().join("body.txt")).unwrap_or_default();
    assert!(eventually(|| !read().is_empty()));
    let body = read();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!(pairs.len(), 1, "{body}");
    assert_eq!(pairs[0].0, "guests");
    let sent: serde_json::Value = serde_json::from_str(&pairs[0].1).unwrap();
    assert_eq!(sent, guests());
}

#[tokio::test]
async fn what_nobody_was_told_of_items_is_known_by_its_name() {
    let order = "http = \"POST http://callee.example/orders\"\nsend = { names = \"{{ join(guests.guest, ', ') }}\" }";
    let flow = || read("party", &PARTY.replace("ORDER", order));
    let desk = Desk::open([flow()]).await;
    let flow = flow();
    let list = desk.start("party").await;
    let guest = desk.press(&list, "add", &[]).await;
    let waiting = desk.send(&guest, &[("guest", "Ada"), ("nights", "2")]).await;
    desk.says(&waiting, "room", done(&[("room", "R-1")])).await;
    let meals = desk.follow(&waiting, Some("on")).await;
    let meal = desk.press(&meals, "add", &[]).await;
    let meals = desk.send(&meal, &[("dish", "Soup"), ("price", "4")]).await;
    let list = desk.press(&meals, "continue", &[]).await;
    let check = desk.press(&list, "continue", &[]).await;
    let unsent = async || {
        let now = desk.engine.now().div_euclid(1000);
        deity::machine::unsent(&flow, &desk.stored(&check).await, now)
    };
    // The room's callee knows the guest and the nights of that very item.
    assert_eq!(unsent().await, ["guests.meals.dish", "guests.meals.price"]);
    let waiting = desk.press(&check, "send", &[]).await;
    desk.says(&waiting, "order", done(&[])).await;
    assert_eq!(unsent().await, ["guests.meals.dish", "guests.meals.price"]);
    let done = desk.follow(&waiting, Some("on")).await;
    assert_eq!(done.kind, "receipt", "{}", done.html);
}
