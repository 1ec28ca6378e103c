//! A fragment whose own action calls an effect that can be taken back, called in two tasks of a flow that has
//! actions on every screen.

use deity::machine::{Asked, Purpose};

use crate::effects::{done, is_undo};
use crate::support::desk::{Desk, Sheet, read};

const FLOW: &str = r#"
title = "Two rooms"
start = "intro"

[actions]
help = "help"
stop = { cancel = true, label = "Cancel all" }

[calls.home]
fragment = "booking"
in = "first"
with = { who = "'you'" }
then = "hub"
[calls.away]
fragment = "booking"
in = "second"
with = { who = "'your guest'" }
then = "hub"

[screens.intro]
title = "Two rooms"
actions.start = { label = "Start now", to = "hub" }
actions.help = false
[screens.help]
title = "Help"
body = "Ring us."
[screens.hub]
title = "Your rooms"
tasks.first = { title = "Your room" }
tasks.second = { title = "The room of your guest", needs = ["first"] }
actions.continue = "check"
[screens.check]
title = "Check"
body = "{{ home.full }}; {{ away.full }}"
review = true
actions.send = { label = "Send", call = "order", to = "done", failed = "check" }
[screens.done]
title = "Sent"
end = "completed"

[fragments.booking]
in = { who = "text" }
out = { full = "town ~ ' for ' ~ who" }
[fragments.booking.screens.where]
title = "Where does {{ who }} stay?"
fields.town = { type = "text", label = "Town", max = 40, as = "Town" }
actions.book = { label = "Book", call = "room", to = "nights", failed = "where" }
[fragments.booking.screens.nights]
title = "How long?"
fields.nights = { type = "integer", label = "Nights", min = 1, max = 9 }
actions.continue = "return"

[effects.room]
label = "A room"
http = "POST http://callee.example/rooms"
save.room = "/room"
undo = "leave"
[effects.leave]
http = "DELETE http://callee.example/rooms"
[effects.order]
label = "The order"
http = "POST http://callee.example/orders"
"#;

/// Books the room of one call, from the task list back to it.
async fn book(desk: &Desk, hub: &Sheet, frame: &str, town: &str, room: &str) -> Sheet {
    let place = desk.follow(hub, Some(&format!("change.{frame}.where"))).await;
    assert_eq!(place.place, format!("{frame}.where"), "{}", place.html);
    for words in ["Help", "Cancel all"] {
        assert!(place.html.contains(words), "{words}: {}", place.html);
    }
    let waiting = desk.send(&place, &[(&format!("{frame}.town"), town)]).await;
    assert_eq!(waiting.kind, "waiting", "{}", waiting.html);
    desk.says(&waiting, "room", done(&[("room", room)])).await;
    let nights = desk.follow(&waiting, Some("on")).await;
    assert_eq!(nights.place, format!("{frame}.nights"), "{}", nights.html);
    desk.send(&nights, &[(&format!("{frame}.nights"), "2")]).await
}

/// What was asked for, and what of it is taken back.
fn known(asked: &[Asked]) -> Vec<String> {
    let one = |asked: &Asked| match asked.purpose {
        Purpose::Undo { of } => format!("undo {of}"),
        _ => format!("{} {}", asked.number, asked.place.screen),
    };
    asked.iter().map(one).collect()
}

async fn both(desk: &Desk) -> Sheet {
    let hub = desk.start("rooms").await;
    let hub = book(desk, &hub, "home", "Hull", "R-1").await;
    assert_eq!(hub.place, "hub", "{}", hub.html);
    let hub = book(desk, &hub, "away", "Leeds", "R-2").await;
    assert_eq!(hub.place, "hub", "{}", hub.html);
    hub
}

#[tokio::test]
async fn each_call_asks_for_its_own_and_all_goes_out_in_objects() {
    let desk = Desk::open([read("rooms", FLOW)]).await;
    let hub = both(&desk).await;
    assert_eq!(known(&desk.asked(&hub).await), ["1 home.where", "2 away.where"]);
    let check = desk.press(&hub, "continue", &[]).await;
    assert!(
        check.html.contains("Hull for you; Leeds for your guest"),
        "{}",
        check.html
    );
    let waiting = desk.press(&check, "send", &[]).await;
    assert_eq!(waiting.kind, "waiting", "{}", waiting.html);
    let order = desk.latest(&waiting, "order").await;
    let sent: Vec<_> = order
        .sent
        .iter()
        .map(|(name, value)| format!("{name}={}", value.plain()))
        .collect();
    for part in ["home.town=Hull", "away.town=Leeds", "home.nights=2", "away.nights=2"] {
        assert!(sent.iter().any(|sent| sent == part), "{part}: {sent:?}");
    }
}

#[tokio::test]
async fn what_one_call_has_done_is_taken_back_alone_when_its_answer_changes() {
    let desk = Desk::open([read("rooms", FLOW)]).await;
    let hub = both(&desk).await;
    let check = desk.press(&hub, "continue", &[]).await;
    let place = desk.follow(&check, Some("change.away.where")).await;
    let waiting = desk.send(&place, &[("away.town", "York")]).await;
    assert_eq!(waiting.kind, "waiting", "{}", waiting.html);
    let asked = desk.asked(&waiting).await;
    let undone: Vec<_> = known(&asked)
        .into_iter()
        .filter(|one| one.starts_with("undo"))
        .collect();
    assert_eq!(undone, ["undo 2"], "{asked:?}");
    let undo = asked.iter().find(|asked| is_undo(asked)).unwrap();
    let room = undo
        .sent
        .iter()
        .find(|(name, _)| name == "room")
        .map(|(_, value)| value.plain());
    assert_eq!(room.as_deref(), Some("R-2"));
}

#[tokio::test]
async fn a_cancel_within_a_call_takes_back_what_both_have_done_and_help_leads_back_into_it() {
    let desk = Desk::open([read("rooms", FLOW)]).await;
    let hub = both(&desk).await;
    let nights = desk.follow(&hub, Some("change.away.where")).await;
    let help = desk.press(&nights, "help", &[("away.town", "Not yet")]).await;
    assert_eq!(help.place, "help", "{}", help.html);
    let back = desk.press(&help, "back", &[]).await;
    assert_eq!(back.place, "away.where", "{}", back.html);
    assert!(back.html.contains("Not yet"), "what was typed is kept: {}", back.html);
    let sure = desk.press(&back, "stop", &[]).await;
    let over = desk.press(&sure, "yes-cancel", &[]).await;
    let undone: Vec<_> = known(&desk.asked(&over).await);
    let undone: Vec<_> = undone.into_iter().filter(|one| one.starts_with("undo")).collect();
    assert_eq!(undone, ["undo 2", "undo 1"], "{}", over.html);
}
