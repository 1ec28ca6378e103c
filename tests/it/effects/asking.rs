//! A call: asked for once, waited for, done or declined.

use std::sync::Arc;

use deity::flow::Value;
use deity::machine::{Notice, Stage, State, Verdict};
use deity::store::Memory;

use super::{book, declined, done, not_done, unknown, variant};
use crate::support::desk::Desk;
use crate::support::faulty::{Fault, Faulty};

#[tokio::test]
async fn the_wish_is_in_the_same_commit_as_the_step() {
    let desk = Desk::open([book()]).await;
    let page = desk.pay().await;
    let session = desk.stored(&page).await;
    let pay = desk.latest(&page, "pay").await;
    assert_eq!(pay.step, session.step);
    assert_eq!(
        pay.sent,
        [
            ("hold".to_owned(), Value::Text("H-1".to_owned())),
            ("name".to_owned(), Value::Text("Ada".to_owned()))
        ]
    );
    assert!(matches!(session.state, State::Live));
}

#[tokio::test]
async fn while_it_waits_the_same_fields_and_every_link_get_the_waiting_page_and_nothing_is_written() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    let waiting = desk.send(&check, &[]).await;
    let before = desk.stored(&waiting).await;
    for page in [
        desk.send(&check, &[]).await,
        desk.follow(&waiting, Some("on")).await,
        desk.follow(&waiting, Some("open")).await,
        desk.follow(&check, Some("back")).await,
        desk.follow(&check, Some("change.name")).await,
        desk.send(&name, &[("given", "Ada")]).await,
    ] {
        assert_eq!((page.kind, page.status), ("waiting", 200), "{}", page.html);
        assert!(page.html.contains("Your payment"));
        assert!(
            !page.html.contains("value=pay>"),
            "no button that could repeat the work"
        );
    }
    assert_eq!(desk.stored(&waiting).await, before);
}

#[tokio::test]
async fn other_fields_are_not_applied_while_it_waits_and_are_shown() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    let waiting = desk.send(&check, &[]).await;
    let before = desk.stored(&waiting).await;
    let page = desk.send(&name, &[("given", "Bea")]).await;
    assert_eq!((page.kind, page.status), ("waits", 409));
    assert!(page.html.contains("Bea"), "{}", page.html);
    assert_eq!(desk.stored(&waiting).await, before);
}

#[tokio::test]
async fn done_it_leads_on_its_results_are_answers_and_sending_again_is_a_replay() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    let waiting = desk.send(&check, &[]).await;
    desk.says(&waiting, "pay", done(&[("ticket", "T-9")])).await;
    for page in [desk.send(&check, &[]).await, desk.follow(&waiting, Some("on")).await] {
        assert_eq!((page.kind, page.status), ("receipt", 200));
        assert!(page.html.contains("Your ticket is T-9."), "{}", page.html);
    }
    let session = desk.stored(&waiting).await;
    assert!(session.seal.is_some(), "what cannot be taken back seals");
    assert_eq!(session.asked.iter().filter(|asked| asked.effect == "pay").count(), 1);
}

#[tokio::test]
async fn an_answer_that_comes_twice_counts_once() {
    let desk = Desk::open([book()]).await;
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", done(&[("ticket", "T-9")])).await;
    let before = desk.stored(&waiting).await;
    for said in [
        done(&[("ticket", "T-10")]),
        declined("No", &[]),
        unknown(),
        not_done(false),
    ] {
        desk.says(&waiting, "pay", said).await;
        assert_eq!(desk.stored(&waiting).await, before);
    }
}

#[tokio::test]
async fn declined_it_is_back_on_the_screen_with_the_callees_words_and_what_was_typed() {
    let desk = Desk::open([book()]).await;
    let first = desk.start("book").await;
    desk.says(&first, "seats", super::seats(&["a1", "a2"])).await;
    let seats = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&seats, &[("seat", "a2"), ("wish", "by the door")]).await;
    let no = declined("That seat has just been taken.", &[("seat", "Choose another seat")]);
    desk.says(&waiting, "hold", no).await;
    // The free seats are looked up anew.
    desk.says(&waiting, "seats", super::seats(&["a1"])).await;
    let page = desk.follow(&waiting, Some("on")).await;
    assert_eq!((page.kind, page.place.as_str(), page.status), ("screen", "seat", 200));
    assert_eq!(page.faults, ["", "seat"]);
    for words in [
        "There is a problem",
        "That seat has just been taken.",
        "Choose another seat",
        "by the door",
    ] {
        assert!(page.html.contains(words), "{words}: {}", page.html);
    }
    assert!(page.html.contains("<title>Error: "));
    // The same request again gets the same page.
    let again = desk.send(&seats, &[("seat", "a2"), ("wish", "by the door")]).await;
    assert_eq!((again.screen, again.faults), (page.screen.clone(), page.faults.clone()));
    // Pressed on the new page it is asked for anew, under another key.
    let old = desk.latest(&page, "hold").await;
    let session = desk.stored(&page).await;
    desk.send(&page, &[("seat", "a1"), ("wish", "by the door")]).await;
    let new = desk.latest(&page, "hold").await;
    assert!(new.number > old.number);
    assert_ne!(session.effect_key(&old), desk.stored(&page).await.effect_key(&new));
}

#[tokio::test]
async fn a_decline_may_lead_to_the_screen_that_it_is_about_and_back_from_there() {
    let desk = Desk::open([book()]).await;
    let waiting = desk.pay().await;
    desk.says(
        &waiting,
        "pay",
        declined("No such name.", &[("given", "Enter your full name")]),
    )
    .await;
    let page = desk.follow(&waiting, Some("on")).await;
    assert_eq!((page.place.as_str(), page.kind), ("name", "screen"));
    assert!(page.html.contains("Enter your full name"), "{}", page.html);
    assert!(
        !page.on && !page.html.contains("Go on to where you were"),
        "that is here"
    );
    let back = desk.send(&page, &[("given", "Ada Byron")]).await;
    assert_eq!(
        back.place, "check",
        "as soon as nothing lacks, back to where it is asked for"
    );
    let waiting = desk.send(&back, &[]).await;
    assert_eq!(waiting.kind, "waiting");
    let pay = desk.latest(&waiting, "pay").await;
    assert!(
        pay.sent
            .contains(&("name".to_owned(), Value::Text("Ada Byron".to_owned())))
    );
    assert!(
        desk.asked(&waiting).await.iter().all(|asked| !super::is_undo(asked)),
        "the seat stays held"
    );
}

#[tokio::test]
async fn surely_not_done_it_is_tried_a_few_times_and_then_leads_where_failure_leads() {
    let desk = Desk::open([book()]).await;
    let first = desk.start("book").await;
    desk.says(&first, "seats", super::seats(&["a1"])).await;
    let seats = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&seats, &[("seat", "a1")]).await;
    desk.says(&waiting, "hold", not_done(true)).await;
    assert!(matches!(desk.latest(&waiting, "hold").await.stage, Stage::Due { .. }));
    desk.says(&waiting, "hold", not_done(false)).await;
    let page = desk.follow(&waiting, Some("on")).await;
    assert_eq!((page.kind, page.place.as_str()), ("receipt", "closed"));
    let asked = desk.asked(&page).await;
    assert!(
        asked.iter().all(|asked| !super::is_undo(asked)),
        "what was surely not done needs no taking back"
    );
}

#[tokio::test]
async fn two_identical_presses_at_once_ask_once() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    let press = || desk.send(&check, &[]);
    let pages = tokio::join!(press(), press(), press(), press(), press(), press(), press(), press());
    let pages = [pages.0, pages.1, pages.2, pages.3, pages.4, pages.5, pages.6, pages.7];
    assert!(pages.iter().all(|page| page.kind == "waiting"));
    let asked = desk.asked(&check).await;
    assert_eq!(asked.iter().filter(|asked| asked.effect == "pay").count(), 1);
}

#[tokio::test]
async fn fields_of_a_screen_off_the_path_call_nothing() {
    let flow = variant(&[
        (
            "actions.continue = \"check\"",
            "actions.continue = [{ when = \"given == 'x'\", to = \"seat-two\" }, { to = \"check\" }]",
        ),
        (
            "[screens.done]",
            "[screens.seat-two]\nfields.two = { type = \"text\", label = \"Two\" }\nactions.continue = { call = \"second\", to = \"check\", failed = \"closed\" }\n\n[screens.done]",
        ),
        (
            "[effects.pay]",
            "[effects.second]\nhttp = \"POST http://callee.example/second\"\nundo = \"unsecond\"\n\n[effects.unsecond]\nhttp = \"DELETE http://callee.example/second\"\n\n[effects.pay]",
        ),
    ]);
    let desk = Desk::open([flow]).await;
    let name = desk.hold("a1").await;
    let two = desk.send(&name, &[("given", "x")]).await;
    assert_eq!(two.place, "seat-two");
    let check = desk.send(&name, &[("given", "y")]).await;
    assert_eq!(check.place, "check");
    let kept = desk.send(&two, &[("two", "2")]).await;
    assert!(kept.notices.contains(&Notice::KeptAside), "{:?}", kept.notices);
    assert!(desk.asked(&kept).await.iter().all(|asked| asked.effect != "second"));
    // Once the path leads there it must be pressed there.
    let back = desk.send(&name, &[("given", "x")]).await;
    assert_eq!(back.place, "seat-two");
}

#[tokio::test]
async fn a_pressed_button_whose_effect_is_done_is_not_asked_for_again() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a1").await;
    let seat = desk.follow(&name, Some("back")).await;
    assert_eq!(seat.place, "seat");
    // Another wish, the same seat: nothing that was sent has changed.
    let next = desk.send(&seat, &[("seat", "a1"), ("wish", "quiet")]).await;
    assert_eq!((next.place.as_str(), next.verdict), ("name", Verdict::Done));
    let asked = desk.asked(&next).await;
    assert_eq!(asked.iter().filter(|asked| asked.effect == "hold").count(), 1);
    assert!(!asked.iter().any(super::is_undo));
}

#[tokio::test]
async fn what_is_done_leads_by_the_screens_own_answers_and_by_what_came_back() {
    let flow = || {
        variant(&[
            (
                "actions.continue = \"check\"",
                "actions.continue = { call = \"greet\", to = [{ when = \"given == 'Ada' and word == 'hello'\", to = \"done\" }, { to = \"check\" }], failed = \"closed\" }",
            ),
            (
                "[effects.pay]",
                "[effects.greet]\nhttp = \"POST http://callee.example/greet\"\nsave.word = \"/word\"\nundo = \"ungreet\"\n\n[effects.ungreet]\nhttp = \"DELETE http://callee.example/greet\"\nsend = { who = \"{{ given }}\" }\n\n[effects.pay]",
            ),
            ("body = \"Your ticket is {{ ticket }}.\"\n", ""),
        ])
    };
    for (given, word, place) in [
        ("Ada", "hello", "done"),
        ("Ada", "bye", "check"),
        ("Bea", "hello", "check"),
    ] {
        let desk = Desk::open([flow()]).await;
        let name = desk.hold("a1").await;
        let waiting = desk.send(&name, &[("given", given)]).await;
        desk.says(&waiting, "greet", done(&[("word", word)])).await;
        assert_eq!(desk.follow(&waiting, Some("on")).await.place, place);
    }
    let desk = Desk::open([flow()]).await;
    let name = desk.hold("a1").await;
    let waiting = desk.send(&name, &[("given", "Ada")]).await;
    desk.says(&waiting, "greet", unknown()).await;
    let undo = desk.latest(&waiting, "ungreet").await;
    assert_eq!(undo.sent, [("who".to_owned(), Value::Text("Ada".to_owned()))]);
}

#[tokio::test]
async fn a_link_from_outside_shows_nothing_of_what_is_under_way() {
    let desk = Desk::open([book()]).await;
    let first = desk.start("book").await;
    desk.says(&first, "seats", super::seats(&["a1"])).await;
    let seats = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&seats, &[("seat", "a1")]).await;
    assert!(waiting.html.contains("Seat a1"));
    let cold = deity::engine::Request {
        inside: false,
        post: false,
        ..Desk::post(&waiting, Some("on"), &[])
    };
    let page = crate::support::desk::sheet(desk.engine.answer(cold).await);
    assert_eq!(page.kind, "between");
    assert!(!page.html.contains("Seat a1"), "{}", page.html);
}

#[tokio::test]
async fn a_new_process_takes_up_what_a_dead_one_had_however_much_it_is_and_once() {
    let desk = Desk::open([book()]).await;
    let mut pages = Vec::new();
    for _ in 0..200 {
        pages.push(desk.start("book").await);
    }
    let (send, mut jobs) = tokio::sync::mpsc::channel(1_000);
    let next = desk.restarted([book()]).await;
    let engine = next.engine.clone().hire(send, true);
    engine.take_over().await.unwrap();
    let mut taken = std::collections::BTreeSet::new();
    while let Ok(job) = jobs.try_recv() {
        assert!(taken.insert(job.at), "taken once");
    }
    assert_eq!(taken.len(), pages.len());
}

#[tokio::test]
async fn a_process_that_dies_as_it_takes_over_leaves_all_to_the_next() {
    let store = Arc::new(Faulty::over(Arc::new(Memory::new()), None));
    let desk = Desk::over(Arc::clone(&store) as _, [book()]).await;
    let mut pages = Vec::new();
    for _ in 0..100 {
        pages.push(desk.start("book").await);
    }
    for dies in [true, true, false] {
        desk.wait(1);
        let (send, mut jobs) = tokio::sync::mpsc::channel(1_000);
        let engine = desk.restarted([book()]).await.engine.clone().hire(send, true);
        if dies {
            // Some are claimed by then, and none is looked at.
            store.arm(2, Fault::NotApplied);
            engine.take_over().await.unwrap_err();
            assert!(jobs.try_recv().is_err());
        } else {
            engine.take_over().await.unwrap();
            assert_eq!(std::iter::from_fn(|| jobs.try_recv().ok()).count(), pages.len());
        }
    }
}

#[tokio::test]
async fn without_send_every_answer_on_the_path_goes_out_and_no_look_up_and_no_secret() {
    let flow = variant(&[
        (
            "fields.given = { type = \"text\", label = \"Your name\", autocomplete = \"name\" }",
            "fields.given = { type = \"text\", label = \"Your name\", autocomplete = \"name\" }\nfields.pin = { type = \"secret\", label = \"PIN\" }",
        ),
        ("send = { hold = \"{{ hold }}\", name = \"{{ given }}\" }\n", ""),
    ]);
    let desk = Desk::open([flow]).await;
    let name = desk.hold("a1").await;
    let check = desk.send(&name, &[("given", "Ada"), ("pin", "1234")]).await;
    let waiting = desk.send(&check, &[]).await;
    let sent: Vec<_> = desk
        .latest(&waiting, "pay")
        .await
        .sent
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(sent, ["seat", "given", "hold"]);
}
