//! Rows about ends: the receipt, whole and short; *Finish on this device*; ends that are open.

use deity::engine::{Reply, Request};
use deity::machine::{Event, Notice, Place, State};

use super::{WALK, answer, shows, text, to_the_review, walk};
use crate::support::desk::{Desk, Sheet, drawn, form, read};

/// Nothing is found by the page's ids, whatever is asked of it.
async fn opens_nothing(desk: &Desk, page: &Sheet) {
    for post in [true, false] {
        for action in [None, Some("open"), Some("on"), Some("continue"), Some("back")] {
            let request = Request {
                post,
                ..Desk::post(page, action, &[])
            };
            let reply = desk.engine.answer(request).await;
            assert!(matches!(reply, Reply::NotFound { .. }), "{action:?}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn finish_on_this_device_destroys_nothing_and_its_ids_open_nothing_any_more() {
    for button in ["leave", "forget"] {
        let desk = Desk::open([walk()]).await;
        let pages = to_the_review(&desk).await;
        let receipt = desk.send(pages.last().unwrap(), &[]).await;
        shows(
            &receipt,
            &["<button class=l>Finish on this device</button>", "are kept until"],
        );
        let before = desk.stored(&receipt).await;
        let left = desk.press(&receipt, button, &[]).await;
        assert_eq!((left.kind, left.status), ("left", 200));
        shows(
            &left,
            &[
                "Finished on this device",
                &before.at.reference(),
                "None of your answers were deleted.",
            ],
        );
        assert!(!left.html.contains("Ada"), "{}", left.html);
        let session = desk.stored(&receipt).await;
        assert_eq!((&session.state, &session.answers), (&before.state, &before.answers));
        assert!(session.journal.iter().any(|entry| entry.event == Event::Left));
        for page in pages.iter().chain([&receipt]) {
            opens_nothing(&desk, page).await;
        }
        // What is typed is shown again on the page that is not found.
        let reply = desk
            .engine
            .answer(Desk::post(&pages[0], None, &[("given", "Eve")]))
            .await;
        let (status, html) = drawn(&reply);
        assert!(status == 404 && html.contains("Eve") && !html.contains("Ada"), "{html}");
        // The same press once more: the same page, and nothing is written.
        let again = desk.press(&receipt, button, &[]).await;
        assert_eq!((again.kind, &again.html), ("left", &left.html));
        assert_eq!(desk.stored(&receipt).await, session);
        // Also when its answers are kept no longer, until nothing of it is.
        desk.wait(31 * 86_400);
        desk.engine.tick().await.unwrap();
        assert_eq!(desk.press(&receipt, button, &[]).await.html, left.html);
        opens_nothing(&desk, &receipt).await;
    }
}

#[tokio::test]
async fn finish_on_this_device_is_offered_after_the_end_only_and_pressed_in_two_windows_it_is_one() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let reply = desk.engine.answer(Desk::post(&pages[1], Some("leave"), &[])).await;
    assert!(matches!(reply, Reply::Tampered { .. }), "{reply:?}");
    let receipt = desk.send(pages.last().unwrap(), &[]).await;
    let presses = (0..16).map(|_| {
        let (engine, request) = (desk.engine.clone(), Desk::post(&receipt, Some("leave"), &[]));
        tokio::spawn(async move { drawn(&engine.answer(request).await) })
    });
    let mut got = std::collections::BTreeSet::new();
    for press in presses.collect::<Vec<_>>() {
        got.insert(press.await.unwrap());
    }
    assert_eq!(got.len(), 1, "{got:?}");
    let left = |entry: &&deity::machine::Entry| entry.event == Event::Left;
    assert_eq!(desk.stored(&receipt).await.journal.iter().filter(left).count(), 1);
}

#[tokio::test]
async fn twenty_hours_after_the_end_the_receipt_is_short_until_it_is_purged() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let check = pages.last().unwrap();
    let receipt = desk.send(check, &[]).await;
    desk.wait(20 * 3600 - 1);
    assert_eq!(desk.follow(&receipt, None).await.kind, "receipt");
    desk.wait(1);
    let reference = desk.stored(&receipt).await.at.reference();
    for page in [&receipt, check, &pages[0]] {
        let short = desk.follow(page, None).await;
        assert_eq!((short.kind, short.status), ("short", 200));
        shows(&short, &["A walk", "12:00 UTC on 23 November", "completed", &reference]);
        shows(
            &short,
            &["kept until 12:00 UTC on 23 December", "Finish on this device"],
        );
        assert!(!short.html.contains("Ada"), "{}", short.html);
    }
    let again = desk.send(check, &[]).await;
    assert_eq!((again.kind, again.status), ("short", 200), "the fields that ended it");
    let late = desk.send(&pages[0], &[("given", "Eve"), ("pin", "12")]).await;
    assert_eq!(
        (late.kind, late.status, late.typed),
        ("short", 409, form(&[("given", "Eve"), ("pin", "\u{2022}")]))
    );
    let left = desk.press(&receipt, "leave", &[]).await;
    assert_eq!(left.kind, "left");
    assert_eq!(answer(&desk, &receipt, "name", "given").await, Some(text("Ada")));
}

#[tokio::test]
async fn what_the_last_page_changed_is_said_on_the_receipt() {
    let desk = Desk::open([read("two", TWO)]).await;
    let first = desk.start("two").await;
    let last = desk.send(&first, &[("name", "Ada")]).await;
    let third = desk.press(&last, "keep", &[("note", "n")]).await;
    assert_eq!(third.place, "third");
    let receipt = desk.send(&last, &[("note", "")]).await;
    assert_eq!(receipt.kind, "receipt");
    shows(&receipt, &["Note: n → –"]);
    assert!(
        matches!(receipt.notices[..], [Notice::Changed(_)]),
        "{:?}",
        receipt.notices
    );
    assert_eq!(desk.send(&last, &[("note", "")]).await.html, receipt.html);
}

const TWO: &str = r#"
title = "Two"
start = "first"

[screens.first]
title = "First"
fields.name = { type = "text", label = "Name" }
actions.continue = "last"

[screens.last]
title = "Last"
fields.note = { type = "text", label = "Note", required = false }
actions.send = "done"
actions.keep = "third"

[screens.third]
title = "Third"
actions.send = "done"

[screens.done]
title = "Done"
end = "completed"
"#;

/// With an open end for who is called Tim.
fn slips() -> deity::flow::Flow {
    let source = WALK
        .replace(
            "actions.continue = \"kind\"\n",
            "actions.continue = [ { when = \"given == 'Tim'\", to = \"no-tims\" }, { to = \"kind\" } ]\n",
        )
        .replace(
            "[screens.kind]",
            "[screens.no-tims]\ntitle = \"Not for you, {{ given }}\"\nend = \"rejected\"\nopen = true\n\n[screens.kind]",
        );
    read("walk", &source)
}

#[tokio::test]
async fn from_an_open_end_one_goes_back_and_answers_otherwise() {
    let desk = Desk::open([slips()]).await;
    let name = desk.start("walk").await;
    let open = desk.send(&name, &[("given", "Tim")]).await;
    assert_eq!((open.kind, open.place.as_str(), open.back), ("screen", "no-tims", true));
    shows(
        &open,
        &["Not for you, Tim", "value=finish", ">Finish</button>", ">Back<"],
    );
    assert_eq!(desk.stored(&open).await.state, State::Live);
    assert_eq!(desk.send(&name, &[("given", "Tim")]).await.html, open.html, "a replay");
    let back = desk.follow(&open, Some("back")).await;
    assert_eq!(back.place, "name");
    let kind = desk.send(&back, &[("given", "Kim")]).await;
    assert_eq!((kind.kind, kind.place.as_str()), ("screen", "kind"));
    shows(&kind, &["Tim → Kim"]);
    // The page of the end that it did not come to ends nothing.
    let late = desk.press(&open, "finish", &[]).await;
    assert_eq!((late.kind, late.place.as_str()), ("screen", "kind"));
    assert!(late.notices.contains(&Notice::StandsHere));
    assert_eq!(desk.stored(&open).await.state, State::Live);
}

#[tokio::test]
async fn an_open_end_has_ended_once_finish_is_pressed() {
    let desk = Desk::open([slips()]).await;
    let name = desk.start("walk").await;
    let open = desk.send(&name, &[("given", "Tim")]).await;
    let more = desk.press(&open, "more-time", &[]).await;
    assert_eq!((more.place.as_str(), more.status), ("no-tims", 200));
    let receipt = desk.press(&open, "finish", &[]).await;
    assert_eq!(
        (receipt.kind, receipt.place.as_str(), receipt.status),
        ("receipt", "no-tims", 200)
    );
    shows(&receipt, &["Not for you, Tim", "Finish on this device"]);
    let session = desk.stored(&open).await;
    assert!(matches!(&session.state, State::Ended { outcome, .. } if outcome == "rejected"));
    let again = desk.press(&open, "finish", &[]).await;
    assert_eq!((again.status, &again.html), (200, &receipt.html));
    assert_eq!(desk.stored(&open).await, session);
    let late = desk.send(&name, &[("given", "Kim")]).await;
    assert_eq!((late.kind, late.status), ("receipt", 409), "it is final now");
}

#[tokio::test]
async fn who_leaves_an_open_end_standing_has_ended_there_when_the_time_is_over() {
    let desk = Desk::open([slips()]).await;
    let name = desk.start("walk").await;
    let open = desk.send(&name, &[("given", "Tim")]).await;
    desk.wait(2 * 3600);
    let receipt = desk.follow(&open, None).await;
    assert_eq!(receipt.kind, "receipt");
    assert_eq!(desk.stored(&open).await.state, State::Live, "a GET writes nothing");
    desk.wait(60);
    desk.engine.tick().await.unwrap();
    let session = desk.stored(&open).await;
    let State::Ended { outcome, screen, at } = &session.state else {
        panic!("{:?}", session.state)
    };
    assert_eq!((outcome.as_str(), screen.as_str()), ("rejected", "no-tims"));
    assert_eq!(*at, crate::support::desk::NOON + 2 * 3600, "as of its deadline");
    assert_eq!(session.answers[&Place::of("name")].fields["given"], text("Tim"));
    assert_eq!(
        desk.follow(&open, None).await.screen,
        desk.follow(&name, None).await.screen
    );
}

#[tokio::test]
async fn of_an_end_that_sent_nothing_nothing_is_said_to_have_been_sent() {
    let desk = Desk::open([slips()]).await;
    let name = desk.start("walk").await;
    let open = desk.send(&name, &[("given", "Tim")]).await;
    let receipt = desk.press(&open, "finish", &[]).await;
    let left = desk.press(&receipt, "leave", &[]).await;
    assert_eq!((receipt.kind, left.kind), ("receipt", "left"));
    shows(&receipt, &["Your answers are kept until"]);
    for page in [&receipt, &left] {
        let words = page.html.split("<main>").nth(1).unwrap();
        assert!(!words.contains("sent"), "{words}");
    }
}

#[tokio::test]
async fn enter_at_an_open_end_that_offers_several_buttons_shows_it_again_and_finishes_nothing() {
    let desk = Desk::open([slips()]).await;
    let name = desk.start("walk").await;
    let open = desk.send(&name, &[("given", "Tim")]).await;
    shows(&open, &["name=actionID value=finish"]);
    let before = desk.stored(&open).await;
    let again = desk.send(&open, &[]).await;
    assert_eq!((again.kind, again.status), ("screen", 200));
    assert_eq!(again.html, open.html);
    assert_eq!(desk.stored(&open).await, before);
}
