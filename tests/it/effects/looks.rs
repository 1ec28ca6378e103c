//! Look-ups: shown, offered, never in anybody's way.

use deity::machine::{Purpose, Stage, Verdict};

use super::{book, not_done, seats, unknown};
use crate::support::desk::Desk;

#[tokio::test]
async fn a_screen_waits_for_what_it_loads_and_then_offers_it() {
    let desk = Desk::open([book()]).await;
    let page = desk.start("book").await;
    assert_eq!((page.kind, page.place.as_str()), ("waiting", "seat"));
    let step = desk.stored(&page).await.step;
    desk.says(&page, "seats", seats(&["a1", "b2"])).await;
    let page = desk.follow(&page, Some("open")).await;
    assert_eq!(page.kind, "screen");
    assert!(
        page.html.contains("Seat a1") && page.html.contains("value=b2"),
        "{}",
        page.html
    );
    assert_eq!(
        desk.stored(&page).await.step,
        step,
        "a look-up is no step of the person's"
    );
}

#[tokio::test]
async fn each_start_waits_for_its_own_list_and_its_page_comes_when_that_has_come() {
    let desk = Desk::open([book()]).await;
    let request = deity::engine::Request {
        session: desk.ticket("book"),
        ..Desk::request("book")
    };
    let first = crate::support::desk::sheet(desk.engine.answer(request.clone()).await);
    desk.says(&first, "seats", seats(&["a1"])).await;
    let other = crate::support::desk::sheet(desk.engine.answer(request.clone()).await);
    assert_eq!(other.kind, "waiting", "a session of its own");
    assert_ne!(other.session, first.session);
    let reply = desk.engine.answer(request.clone()).await;
    let deity::engine::Reply::Session(shown) = reply else {
        panic!("no page: {reply:?}")
    };
    let sessions = desk.sessions().await;
    let again = shown.again(&request);
    assert!(!again.post && again.session == shown.id.to_string());
    desk.engine.answer(again).await;
    assert_eq!(
        desk.sessions().await,
        sessions,
        "waiting for a start starts nothing more"
    );
    let page = desk.follow(&first, Some("open")).await;
    assert_eq!((page.kind, &page.session), ("screen", &first.session));
}

#[tokio::test]
async fn only_what_was_offered_can_be_chosen() {
    let desk = Desk::open([book()]).await;
    let page = desk.start("book").await;
    desk.says(&page, "seats", seats(&["a1"])).await;
    let page = desk.follow(&page, Some("open")).await;
    let wrong = desk.send(&page, &[("seat", "z9")]).await;
    assert_eq!((wrong.verdict, wrong.status), (Verdict::Invalid, 422));
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_told_and_can_be_looked_up_again() {
    let desk = Desk::open([book()]).await;
    let page = desk.start("book").await;
    desk.says(&page, "seats", not_done(false)).await;
    let page = desk.follow(&page, Some("open")).await;
    assert_eq!(page.kind, "lacking");
    for words in ["could not be looked up", "Try again", "Cancel"] {
        assert!(page.html.contains(words), "{words}: {}", page.html);
    }
    let again = desk.press(&page, "look-again", &[("wish", "by the window")]).await;
    assert_eq!(again.kind, "waiting");
    desk.says(&page, "seats", seats(&["a1"])).await;
    let page = desk.follow(&again, Some("open")).await;
    assert!(
        page.html.contains("by the window") && page.html.contains("Seat a1"),
        "{}",
        page.html
    );
}

#[tokio::test]
async fn a_look_up_without_an_answer_is_in_nobodys_way_and_never_in_doubt() {
    let desk = Desk::open([book()]).await;
    let page = desk.start("book").await;
    for _ in 0..3 {
        assert_eq!(desk.follow(&page, Some("open")).await.kind, "waiting");
        let number = desk.latest(&page, "seats").await.number;
        super::taken(&desk, &page, &book(), number).await;
        desk.says(&page, "seats", unknown()).await;
        desk.wait(5);
    }
    let look = desk.latest(&page, "seats").await;
    assert!(matches!(look.stage, Stage::Failed { .. }), "{look:?}");
    // Going on, and giving up, need no look-up.
    let page = desk.follow(&page, Some("open")).await;
    let sure = desk.press(&page, "stop", &[]).await;
    assert_eq!(desk.press(&sure, "yes-cancel", &[]).await.kind, "over");
}

#[tokio::test]
async fn going_back_keeps_the_list_and_what_was_chosen() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a2").await;
    let seat = desk.follow(&name, Some("back")).await;
    assert_eq!((seat.kind, seat.place.as_str()), ("screen", "seat"));
    assert!(
        seat.html.contains("value=a2 checked") || seat.html.contains("value=a2 selected"),
        "{}",
        seat.html
    );
    let looks = desk
        .asked(&seat)
        .await
        .into_iter()
        .filter(|asked| asked.purpose == Purpose::Look);
    assert_eq!(looks.count(), 1, "a GET asks for nothing");
}

#[tokio::test]
async fn a_review_shows_the_label_of_what_was_picked() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a2").await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    assert!(check.html.contains("Seat a2"), "{}", check.html);
}
