//! An end that is `open` holds back what an end does: nothing is told, nothing taken back before it is
//! finished, and then once.

use deity::flow::Flow;
use deity::machine::{Purpose, State};

use super::{declined, done, is_open, not_done, seats, variant};
use crate::support::desk::{Desk, Sheet};

const TOLD: &str =
    "[effects.told]\nhttp = \"POST http://callee.example/told\"\nsend = {}\nwait = false\n\n[effects.seats]";

/// Who wants to stand after all ends openly, without the seat that was held; the office is told.
fn standing() -> Flow {
    let kinds = "[screens.kind]\nfields.kind = { type = \"choice\", label = \"Kind\", options = { sit = \"Sit\", stand = \"Stand\" } }\n\
                 actions.continue = [{ when = \"kind == 'sit'\", to = \"seat\" }, { to = \"stand\" }]\n\n\
                 [screens.stand]\ntitle = \"Stand\"\nactions.go = { call = \"told\", to = \"standing\" }\n\n\
                 [screens.standing]\ntitle = \"Standing\"\nend = \"standing\"\nopen = true\n\n[screens.seat]\n";
    variant(&[
        ("to = \"seat\" }\n\n[screens.seat]", "to = \"kind\" }\n\n[screens.seat]"),
        ("[screens.seat]\n", kinds),
        ("[effects.seats]", TOLD),
    ])
}

/// At the open end, with a seat that was held on another way.
async fn at_the_end(desk: &Desk) -> Sheet {
    let kind = desk.start("book").await;
    let first = desk.send(&kind, &[("kind", "sit")]).await;
    desk.says(&first, "seats", seats(&["a1"])).await;
    let page = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&page, &[("seat", "a1")]).await;
    desk.says(&waiting, "hold", done(&[("hold", "H-1")])).await;
    let stand = desk.send(&kind, &[("kind", "stand")]).await;
    let open = desk.send(&stand, &[]).await;
    assert_eq!((open.kind, open.place.as_str()), ("screen", "standing"));
    open
}

/// What was asked for but the seats and their hold.
async fn more(desk: &Desk, page: &Sheet) -> Vec<String> {
    let asked = desk.asked(page).await;
    let others = asked.into_iter().map(|asked| asked.effect);
    others.filter(|name| name != "seats" && name != "hold").collect()
}

#[tokio::test]
async fn at_an_open_end_nothing_is_told_or_taken_back_before_it_is_finished_and_then_once() {
    let desk = Desk::open([standing()]).await;
    let open = at_the_end(&desk).await;
    assert_eq!(more(&desk, &open).await, Vec::<String>::new());
    let stand = desk.follow(&open, Some("back")).await;
    assert_eq!(stand.place, "stand");
    let open = desk.send(&stand, &[]).await;
    desk.press(&open, "more-time", &[]).await;
    assert_eq!(more(&desk, &open).await, Vec::<String>::new());
    let receipt = desk.press(&open, "finish", &[]).await;
    assert_eq!(receipt.kind, "receipt");
    assert_eq!(more(&desk, &open).await, ["told", "release"]);
    assert_eq!(desk.press(&open, "finish", &[]).await.html, receipt.html);
    assert_eq!(more(&desk, &open).await, ["told", "release"], "pressed twice it is one");
}

#[tokio::test]
async fn nor_before_its_time_is_over() {
    let desk = Desk::open([standing()]).await;
    let open = at_the_end(&desk).await;
    desk.wait(2 * 3600 - 1);
    while desk.engine.tick().await.unwrap() {}
    assert_eq!(more(&desk, &open).await, Vec::<String>::new());
    desk.wait(61);
    while desk.engine.tick().await.unwrap() {}
    assert!(matches!(desk.stored(&open).await.state, State::Ended { .. }));
    assert_eq!(more(&desk, &open).await, ["told", "release"]);
}

#[tokio::test]
async fn finish_on_this_device_neither_stops_what_is_taken_back_nor_does_it_twice() {
    let desk = Desk::open([standing()]).await;
    let open = at_the_end(&desk).await;
    let receipt = desk.press(&open, "finish", &[]).await;
    let [hold, release] = [desk.latest(&open, "hold").await, desk.latest(&open, "release").await];
    let key = desk.stored(&open).await.effect_key(&release);
    assert_eq!(desk.press(&receipt, "leave", &[]).await.kind, "left");
    assert_eq!(more(&desk, &open).await, ["told", "release"]);
    assert_eq!(release.purpose, Purpose::Undo { of: hold.number });
    assert!(is_open(&desk.latest(&open, "release").await));
    let session = desk.stored(&open).await;
    assert_eq!(session.effect_key(&release), key, "the callee knows it by that");
    for effect in ["release", "told"] {
        desk.says(&open, effect, done(&[])).await;
        assert!(!is_open(&desk.latest(&open, effect).await));
    }
    assert_eq!(more(&desk, &open).await, ["told", "release"]);
}

#[tokio::test]
async fn what_was_declined_and_led_to_an_open_end_is_told_to_nobody() {
    let flow = variant(&[
        (
            "call = \"hold\", to = \"name\", failed",
            "call = [\"hold\", \"told\"], to = \"name\", declined = \"taken\", failed",
        ),
        (
            "[screens.closed]",
            "[screens.taken]\ntitle = \"Taken\"\nend = \"taken\"\nopen = true\n\n[screens.closed]",
        ),
        ("[effects.seats]", TOLD),
    ]);
    let desk = Desk::open([flow]).await;
    let first = desk.start("book").await;
    desk.says(&first, "seats", seats(&["a1"])).await;
    let page = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&page, &[("seat", "a1")]).await;
    desk.says(&waiting, "hold", declined("Somebody was quicker.", &[]))
        .await;
    let open = desk.follow(&waiting, Some("on")).await;
    assert_eq!((open.kind, open.place.as_str()), ("screen", "taken"));
    assert_eq!(desk.press(&open, "finish", &[]).await.kind, "receipt");
    assert_eq!(more(&desk, &open).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_failure_takes_back_waits_for_the_finish_of_an_open_end_too() {
    for finished in [true, false] {
        let flow = variant(&[("end = \"not-booked\"", "end = \"not-booked\"\nopen = true")]);
        let desk = Desk::open([flow]).await;
        let waiting = desk.pay().await;
        desk.says(&waiting, "pay", not_done(false)).await;
        let open = desk.follow(&waiting, Some("on")).await;
        assert_eq!((open.kind, open.place.as_str()), ("screen", "sorry"));
        let back = async || more(&desk, &open).await.contains(&"release".to_owned());
        assert!(!back().await);
        if finished {
            desk.press(&open, "finish", &[]).await;
        } else {
            desk.wait(2 * 3600 + 60);
            while desk.engine.tick().await.unwrap() {}
        }
        assert!(matches!(desk.stored(&open).await.state, State::Ended { .. }));
        assert!(back().await);
    }
}
