//! Undo: what was done is taken back when the person gives up, runs out of time, or changes what
//! was sent; a person sees it.

use deity::engine::Heard;
use deity::machine::{Event, Notice, Purpose, Stage, State};

use super::{book, declined, done, is_open, is_undo, not_done, unknown, variant};
use crate::support::desk::{Desk, Sheet};

async fn undos(desk: &Desk, page: &Sheet) -> Vec<(u32, String)> {
    let asked = desk.asked(page).await;
    let undo = |asked: &deity::machine::Asked| match asked.purpose {
        Purpose::Undo { of } => Some((of, asked.effect.clone())),
        _ => None,
    };
    asked.iter().filter_map(undo).collect()
}

#[tokio::test]
async fn another_seat_after_the_hold_gives_the_first_back_in_the_same_commit_and_holds_the_second() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    let first = desk.latest(&name, "hold").await;
    let seat = desk.follow(&name, Some("back")).await;
    let waiting = desk.send(&seat, &[("seat", "a2")]).await;
    assert_eq!(waiting.kind, "waiting");
    let session = desk.stored(&waiting).await;
    let release = desk.latest(&waiting, "release").await;
    let second = desk.latest(&waiting, "hold").await;
    assert_eq!(release.purpose, Purpose::Undo { of: first.number });
    assert_eq!((release.step, second.step), (session.step, session.step));
    assert_eq!(
        session.effect_key(&release),
        session.effect_key(&first),
        "it carries the key of what it takes back"
    );
    assert_ne!(session.effect_key(&second), session.effect_key(&first));
    // It sends what held then.
    let sent: Vec<_> = release
        .sent
        .iter()
        .map(|(name, value)| (name.as_str(), value.plain()))
        .collect();
    assert_eq!(sent, [("hold", "H-1".to_owned()), ("seat", "a1".to_owned())]);
    desk.says(&waiting, "hold", done(&[("hold", "H-2")])).await;
    let next = desk.follow(&waiting, Some("on")).await;
    assert_eq!(next.place, "name");
}

#[tokio::test]
async fn a_changed_answer_that_was_sent_is_told_and_the_screen_is_asked_again() {
    // What the hold sends is asked on another screen, before it.
    let flow = variant(&[
        (
            "actions.start = { label = \"Start now\", to = \"seat\" }",
            "actions.start = { label = \"Start now\", to = \"many\" }",
        ),
        (
            "[screens.seat]\n",
            "[screens.many]\nfields.many = { type = \"integer\", label = \"How many?\" }\nactions.continue = \"seat\"\n\n[screens.seat]\n",
        ),
        (
            "send = { seat = \"{{ seat }}\" }",
            "send = { seat = \"{{ seat }}\", many = \"{{ many }}\" }",
        ),
    ]);
    let desk = Desk::open([flow]).await;
    let many = desk.start("book").await;
    let first = desk.send(&many, &[("many", "1")]).await;
    desk.says(&first, "seats", super::seats(&["a1", "a2"])).await;
    let seats = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&seats, &[("seat", "a1")]).await;
    desk.says(&waiting, "hold", done(&[("hold", "H-1")])).await;
    let name = desk.follow(&waiting, Some("on")).await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    assert_eq!(check.place, "check");
    let change = desk.follow(&check, Some("change.many")).await;
    let after = desk.send(&change, &[("many", "2")]).await;
    assert_eq!(
        after.place, "seat",
        "the effect no longer counts, so it must be asked for again"
    );
    assert_eq!(undos(&desk, &after).await.len(), 1);
    desk.says(&after, "seats", super::seats(&["a2"])).await;
    let page = desk.follow(&after, Some("open")).await;
    assert!(
        page.html.contains("Seat a1"),
        "the seat that was chosen can still be chosen: {}",
        page.html
    );
    let told = after
        .notices
        .iter()
        .any(|notice| matches!(notice, Notice::TakenBack(_)))
        || page.notices.iter().any(|notice| matches!(notice, Notice::TakenBack(_)));
    assert!(told, "{:?} {:?}", after.notices, page.notices);
    assert!(page.html.contains("take back") || after.html.contains("take back"));
    // Sent from the page that the browser kept, it is the replay of what led on: asked for anew.
    let anew = desk.send(&seats, &[("seat", "a1")]).await;
    assert_eq!((anew.kind, anew.place.as_str()), ("screen", "seat"));
    assert_eq!(anew.notices, [Notice::AskedAnew]);
}

#[tokio::test]
async fn a_cancel_takes_back_what_was_done_in_reverse_and_says_so() {
    let flow = variant(&[
        (
            "actions.continue = \"check\"",
            "actions.continue = { call = \"second\", to = \"check\", failed = \"closed\" }",
        ),
        (
            "[effects.pay]",
            "[effects.second]\nlabel = \"The second\"\nhttp = \"POST http://callee.example/second\"\nundo = \"unsecond\"\n\n[effects.unsecond]\nhttp = \"DELETE http://callee.example/second\"\n\n[effects.pay]",
        ),
    ]);
    let copy = variant(&[
        (
            "actions.continue = \"check\"",
            "actions.continue = { call = \"second\", to = \"check\", failed = \"closed\" }",
        ),
        (
            "[effects.pay]",
            "[effects.second]\nlabel = \"The second\"\nhttp = \"POST http://callee.example/second\"\nundo = \"unsecond\"\n\n[effects.unsecond]\nhttp = \"DELETE http://callee.example/second\"\n\n[effects.pay]",
        ),
    ]);
    let desk = Desk::open([flow]).await;
    let name = desk.hold("a1").await;
    let waiting = desk.send(&name, &[("given", "Ada")]).await;
    desk.says(&waiting, "second", done(&[])).await;
    let check = desk.follow(&waiting, Some("on")).await;
    let sure = desk.press(&check, "stop", &[]).await;
    assert_eq!(sure.kind, "cancelling");
    let over = desk.press(&sure, "yes-cancel", &[]).await;
    assert_eq!(over.kind, "over");
    for words in ["What was taken back", "The second", "Is being taken back"] {
        assert!(over.html.contains(words), "{words}: {}", over.html);
    }
    assert!(!over.html.contains("Nothing was sent"));
    let effects: Vec<_> = undos(&desk, &check)
        .await
        .into_iter()
        .map(|(_, effect)| effect)
        .collect();
    assert_eq!(effects, ["unsecond", "release"], "the latest first");
    // One after the other.
    let names = |errands: Vec<deity::machine::Errand>| errands.into_iter().map(|e| e.effect).collect::<Vec<_>>();
    assert_eq!(names(desk.errands(&check, &copy).await), ["unsecond"]);
    desk.says(&check, "unsecond", done(&[])).await;
    assert_eq!(names(desk.errands(&check, &copy).await), ["release"]);
    desk.says(&check, "release", done(&[])).await;
    let session = desk.stored(&check).await;
    assert!(
        session.answers.is_empty()
            && session
                .asked
                .iter()
                .all(|asked| !is_open(asked) && asked.sent.is_empty() | is_undo(asked))
    );
    let over = desk.follow(&check, None).await;
    assert!(over.html.contains("Taken back at"), "{}", over.html);
}

#[tokio::test]
async fn running_out_of_time_takes_back_what_was_done_within_two_seconds() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    let end = desk.stored(&name).await.touched + 2 * 60 * 60;
    desk.wait(end - desk.engine.now() / 1000 - 1);
    while desk.engine.tick().await.unwrap() {}
    assert!(
        undos(&desk, &name).await.is_empty(),
        "a second before its time it is held"
    );
    desk.wait(1);
    while desk.engine.tick().await.unwrap() {}
    let session = desk.stored(&name).await;
    assert!(matches!(session.state, State::Expired { unfinished: false, .. }));
    let release = desk.latest(&name, "release").await;
    assert!(
        matches!(release.stage, Stage::Due { next } if next <= end),
        "{release:?}"
    );
    assert!(session.answers.is_empty());
    let sent: Vec<_> = release.sent.iter().map(|(_, value)| value.plain()).collect();
    assert_eq!(sent, ["H-1", "a1"], "what is still to be sent is kept");
}

#[tokio::test]
async fn a_final_decline_takes_back_what_the_flow_says() {
    let desk = Desk::open([variant(&[(
        "declined = \"name\"",
        "declined = { to = \"sorry\", undo = true }",
    )])])
    .await;
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", declined("Refused for good.", &[])).await;
    let page = desk.follow(&waiting, Some("on")).await;
    assert_eq!((page.kind, page.place.as_str()), ("receipt", "sorry"));
    assert_eq!(undos(&desk, &page).await.len(), 1);
    assert!(
        page.html.contains("What was taken back") && page.html.contains("Seat a1"),
        "{}",
        page.html
    );
}

#[tokio::test]
async fn an_end_by_another_way_takes_back_what_does_not_count_there() {
    let flow = variant(&[
        (
            "actions.start = { label = \"Start now\", to = \"seat\" }",
            "actions.start = { label = \"Start now\", to = \"kind\" }",
        ),
        (
            "[screens.seat]\n",
            "[screens.kind]\nfields.kind = { type = \"choice\", label = \"Kind\", options = { sit = \"Sit\", stand = \"Stand\" } }\nactions.continue = [{ when = \"kind == 'sit'\", to = \"seat\" }, { to = \"stand\" }]\n\n[screens.stand]\ntitle = \"Stand\"\nactions.go = \"standing\"\n\n[screens.standing]\ntitle = \"Standing\"\nend = \"standing\"\n\n[screens.seat]\n",
        ),
    ]);
    let desk = Desk::open([flow]).await;
    let kind = desk.start("book").await;
    let first = desk.send(&kind, &[("kind", "sit")]).await;
    desk.says(&first, "seats", super::seats(&["a1"])).await;
    let seats = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&seats, &[("seat", "a1")]).await;
    desk.says(&waiting, "hold", done(&[("hold", "H-1")])).await;
    let stand = desk.send(&kind, &[("kind", "stand")]).await;
    assert_eq!(stand.place, "stand");
    assert!(
        undos(&desk, &stand).await.is_empty(),
        "the path may still come back to it"
    );
    let end = desk.send(&stand, &[]).await;
    assert_eq!(end.place, "standing");
    assert_eq!(undos(&desk, &end).await.len(), 1);
}

#[tokio::test]
async fn a_cancel_while_the_last_effect_runs_waits_for_it_and_is_void_if_it_was_done() {
    let desk = Desk::open([book()]).await;
    let waiting = desk.pay().await;
    let sure = desk.press(&waiting, "stop", &[]).await;
    assert_eq!((sure.kind, sure.status), ("cancelling", 200));
    let page = desk.press(&sure, "yes-cancel", &[]).await;
    assert_eq!(page.kind, "waiting");
    assert!(page.html.contains("You asked to cancel"), "{}", page.html);
    assert!(matches!(desk.stored(&page).await.state, State::Live));
    desk.says(&page, "pay", done(&[("ticket", "T-1")])).await;
    let end = desk.follow(&page, Some("on")).await;
    assert_eq!((end.kind, end.place.as_str()), ("receipt", "done"));
    let session = desk.stored(&page).await;
    assert!(session.journal.iter().any(|entry| entry.event == Event::TooLate));
    assert!(end.html.contains("before it could be cancelled"), "{}", end.html);
}

#[tokio::test]
async fn a_cancel_while_an_effect_runs_is_carried_out_if_that_was_not_done() {
    for said in [declined("No", &[]), not_done(false)] {
        let desk = Desk::open([book()]).await;
        let waiting = desk.pay().await;
        let sure = desk.press(&waiting, "stop", &[]).await;
        desk.press(&sure, "yes-cancel", &[]).await;
        desk.says(&waiting, "pay", said).await;
        let over = desk.follow(&waiting, Some("on")).await;
        assert_eq!(over.kind, "over");
        assert!(matches!(desk.stored(&waiting).await.state, State::Cancelled { .. }));
        assert_eq!(undos(&desk, &waiting).await.len(), 1, "the hold is given back");
    }
}

#[tokio::test]
async fn a_cancel_while_something_runs_that_can_be_taken_back_takes_it_back() {
    let desk = Desk::open([book()]).await;
    let first = desk.start("book").await;
    desk.says(&first, "seats", super::seats(&["a1"])).await;
    let seats = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&seats, &[("seat", "a1")]).await;
    let sure = desk.press(&waiting, "stop", &[]).await;
    desk.press(&sure, "yes-cancel", &[]).await;
    assert!(
        undos(&desk, &waiting).await.is_empty(),
        "an undo never overtakes what is under way"
    );
    desk.says(&waiting, "hold", done(&[("hold", "H-1")])).await;
    assert!(matches!(desk.stored(&waiting).await.state, State::Cancelled { .. }));
    assert_eq!(undos(&desk, &waiting).await.len(), 1);
}

#[tokio::test]
async fn an_effect_whose_outcome_nobody_knows_is_taken_back_and_a_late_answer_takes_it_back_again() {
    let desk = Desk::open([book()]).await;
    let first = desk.start("book").await;
    desk.says(&first, "seats", super::seats(&["a1"])).await;
    let seats = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&seats, &[("seat", "a1")]).await;
    desk.says(&waiting, "hold", unknown()).await;
    let page = desk.follow(&waiting, Some("on")).await;
    assert_eq!(page.place, "closed");
    assert_eq!(undos(&desk, &page).await.len(), 1);
    desk.says(&waiting, "release", done(&[])).await;
    let heard = desk.says(&waiting, "hold", done(&[("hold", "H-late")])).await;
    assert_eq!(heard, Heard::TooLate);
    assert_eq!(
        undos(&desk, &page).await.len(),
        2,
        "the undo overtook it, so it goes out once more"
    );
    desk.says(&waiting, "hold", done(&[("hold", "H-late")])).await;
    assert_eq!(
        undos(&desk, &page).await.len(),
        2,
        "but only once while it is under way"
    );
}

#[tokio::test]
async fn an_undo_that_fails_is_tried_for_a_day_and_then_in_doubt_and_keeps_the_session() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    let sure = desk.press(&name, "stop", &[]).await;
    desk.press(&sure, "yes-cancel", &[]).await;
    for _ in 0..5 {
        desk.says(&name, "release", unknown()).await;
        let release = desk.latest(&name, "release").await;
        assert!(matches!(release.stage, Stage::Due { .. }), "{release:?}");
    }
    desk.wait(25 * 60 * 60);
    desk.says(&name, "release", unknown()).await;
    assert!(desk.latest(&name, "release").await.in_doubt());
    let over = desk.follow(&name, None).await;
    assert!(
        over.html.contains("We are finding out whether it was taken back"),
        "{}",
        over.html
    );
    // Tombstones go, but not while something is in doubt.
    desk.wait(200 * 24 * 60 * 60);
    while desk.engine.tick().await.unwrap() {}
    assert_eq!(desk.sessions().await, 1);
}

#[tokio::test]
async fn a_callee_that_declines_to_take_back_is_for_the_operator() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    let sure = desk.press(&name, "stop", &[]).await;
    desk.press(&sure, "yes-cancel", &[]).await;
    desk.says(&name, "release", declined("It is sold.", &[])).await;
    assert!(desk.latest(&name, "release").await.in_doubt());
}
