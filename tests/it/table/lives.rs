//! Rows about the life of a session: start, finish, cancel, expiry, timers, definitions that change.

use deity::engine::{Reply, Request};
use deity::machine::{Notice, Place, State, Verdict};

use super::{answer, sealed, shows, text, to_the_review, variant, walk};
use crate::support::desk::{Desk, Sheet, form, sheet};

#[tokio::test]
async fn a_finished_session_answers_the_same_fields_with_its_receipt_and_others_with_what_was_not_sent() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let check = pages.last().unwrap();
    let receipt = desk.send(check, &[]).await;
    let again = desk.send(check, &[]).await;
    assert_eq!(
        (again.kind, again.status, &again.screen),
        ("receipt", 200, &receipt.screen)
    );
    let late = desk.send(&pages[0], &[("given", "Eve")]).await;
    assert_eq!((late.kind, late.status), ("receipt", 409));
    shows(&late, &["Eve", "Sent"]);
    assert_eq!(late.typed, form(&[("given", "Eve")]));
    assert_eq!(desk.follow(&pages[1], None).await.kind, "receipt");
    assert_eq!(answer(&desk, check, "name", "given").await, Some(text("Ada")));
    // Tampering is told from lateness first.
    let tampered = desk
        .engine
        .answer(Desk::post(&pages[0], None, &[("role", "admin")]))
        .await;
    assert!(matches!(tampered, Reply::Tampered { .. }));
}

#[tokio::test]
async fn what_is_kept_no_longer_leaves_a_short_receipt_until_it_is_purged() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let receipt = desk.send(pages.last().unwrap(), &[]).await;
    desk.wait(30 * 86_400);
    desk.engine.tick().await.unwrap();
    let session = desk.stored(&pages[0]).await;
    assert!(matches!(session.state, State::Forgotten { .. }) && session.answers.is_empty());
    let short = desk.follow(&receipt, None).await;
    assert_eq!((short.kind, short.status), ("short", 200));
    shows(&short, &["no longer kept here", &session.at.reference(), "completed"]);
    let late = desk.send(&pages[0], &[("given", "Eve")]).await;
    assert_eq!((late.kind, late.status), ("short", 409));
    shows(&late, &["Eve"]);
}

#[tokio::test]
async fn cancel_asks_first_and_a_cancelled_session_says_so_and_gives_the_typed_fields_back() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    let asked = desk.press(&page, "stop", &[("given", "Ada")]).await;
    assert_eq!(asked.kind, "cancelling");
    let on = desk.press(&asked, "open", &[]).await;
    assert_eq!(
        (on.place.as_str(), on.typed.clone()),
        ("name", form(&[("given", "Ada")])),
        "typed input is kept"
    );
    let asked = desk.press(&on, "stop", &[("given", "Ada")]).await;
    let over = desk.press(&asked, "yes-cancel", &[]).await;
    assert_eq!((over.kind, over.status), ("over", 200));
    let session = desk.stored(&page).await;
    assert!(matches!(session.state, State::Cancelled { .. }) && session.answers.is_empty());
    let late = desk.send(&page, &[("given", "Eve"), ("pin", "1")]).await;
    assert_eq!(
        (late.kind, late.status, late.typed),
        ("over", 410, form(&[("given", "Eve"), ("pin", "\u{2022}")]))
    );
}

#[tokio::test]
async fn an_expired_session_says_so_and_its_typed_fields_go_into_a_new_one() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    desk.wait(2 * 3600);
    let get = desk.follow(&page, None).await;
    assert_eq!((get.kind, get.status), ("over", 410));
    shows(&get, &["Your time is over", "14:00 UTC"]);
    assert_eq!(desk.stored(&page).await.state, State::Live, "a GET writes nothing");
    let reply = desk
        .engine
        .answer(Desk::post(&page, None, &[("given", "Ada"), ("pin", "1")]))
        .await;
    let Reply::Session(shown) = reply else {
        panic!("{reply:?}")
    };
    assert_eq!(shown.showing.verdict, Verdict::Gone);
    assert!(matches!(shown.session.state, State::Expired { unfinished: false, .. }));
    let typed = shown.showing.typed.unwrap();
    assert_eq!(typed.fields, form(&[("given", "Ada"), ("pin", "\u{2022}")]));
    let request = Request {
        session: shown.ticket.expect("a ticket for a new session"),
        screen: typed.place.screen,
        fields: typed.fields,
        ..Desk::request("walk")
    };
    let fresh = sheet(desk.engine.answer(request).await);
    assert_ne!(fresh.session, page.session);
    assert_eq!(
        (fresh.place.as_str(), fresh.typed.clone()),
        ("name", form(&[("given", "Ada")]))
    );
    assert_eq!(
        answer(&desk, &fresh, "name", "given").await,
        None,
        "a draft does not count"
    );
    assert_eq!(desk.send(&fresh, &[("given", "Ada")]).await.place, "kind");
}

#[tokio::test]
async fn timers_expire_drop_and_delete_without_a_request() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let live = desk.start("walk").await;
    desk.send(pages.last().unwrap(), &[]).await;
    desk.wait(2 * 3600 - 1);
    desk.engine.tick().await.unwrap();
    assert_eq!(desk.stored(&live).await.state, State::Live);
    desk.wait(1);
    desk.engine.tick().await.unwrap();
    assert!(matches!(desk.stored(&live).await.state, State::Expired { .. }));
    desk.wait(30 * 86_400);
    for _ in 0..2 {
        desk.engine.tick().await.unwrap();
        desk.wait(61);
    }
    let session = desk.stored(&pages[0]).await;
    assert!(matches!(session.state, State::Forgotten { .. }) && session.answers.is_empty());
    desk.wait(70 * 86_400);
    for _ in 0..3 {
        desk.engine.tick().await.unwrap();
        desk.wait(61);
    }
    assert_eq!(desk.sessions().await, 0);
}

#[tokio::test]
async fn a_phase_extends_the_idle_limit_and_more_time_is_one() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    desk.wait(2 * 3600 - 1);
    let more = desk.press(&page, "more-time", &[("given", "Ad")]).await;
    assert_eq!(
        (more.place.as_str(), more.typed.clone()),
        ("name", form(&[("given", "Ad")]))
    );
    assert!(more.notices.contains(&Notice::MoreTime));
    desk.wait(2 * 3600 - 1);
    desk.engine.tick().await.unwrap();
    assert_eq!(desk.send(&more, &[("given", "Ada")]).await.place, "kind");
}

#[tokio::test]
async fn out_of_time_behind_a_seal_the_answers_are_kept_for_the_operator() {
    let desk = Desk::open([sealed()]).await;
    let pages = to_the_review(&desk).await;
    desk.wait(3 * 3600);
    desk.engine.tick().await.unwrap();
    let session = desk.stored(&pages[0]).await;
    assert!(matches!(session.state, State::Expired { unfinished: true, .. }));
    assert_eq!(session.answers[&Place::of("name")].fields["given"], text("Ada"));
}

/// Two people have one start page: a cache gave it to both, or somebody planted it. They share an
/// address and a browser, which nothing asks for.
async fn two_from_one_ticket(desk: &Desk, between: i64) -> [Sheet; 2] {
    let request = Request {
        session: desk.ticket("walk"),
        ..Desk::request("walk")
    };
    let one = sheet(desk.engine.answer(request.clone()).await);
    desk.wait(between);
    let two = sheet(desk.engine.answer(request).await);
    [one, two]
}

#[tokio::test]
async fn each_press_of_a_start_is_a_session_of_its_own_that_nobody_else_is_shown() {
    for between in [0, 1, 30, 300] {
        for first in [0, 1] {
            let desk = Desk::open([walk()]).await;
            let pages = two_from_one_ticket(&desk, between).await;
            let (ann, bob) = (&pages[first], &pages[1 - first]);
            assert_ne!(ann.session, bob.session, "{between}");
            assert_eq!(desk.sessions().await, 2);
            let ann_next = desk.send(ann, &[("given", "Ann")]).await;
            let bob_next = desk.send(bob, &[("given", "Bob")]).await;
            for (own, other, name) in [(&ann_next, bob, "Bob"), (&bob_next, ann, "Ann")] {
                assert!(
                    !own.html.contains(name) && !own.html.contains(&other.session),
                    "{}",
                    own.html
                );
            }
            assert_eq!(answer(&desk, ann, "name", "given").await, Some(text("Ann")));
            assert_eq!(answer(&desk, bob, "name", "given").await, Some(text("Bob")));
        }
    }
}

#[tokio::test]
async fn a_ticket_is_good_for_two_hours_and_leads_to_nothing_that_was_begun() {
    let desk = Desk::open([walk()]).await;
    let request = Request {
        session: desk.ticket("walk"),
        ..Desk::request("walk")
    };
    let begun = sheet(desk.engine.answer(request.clone()).await);
    desk.send(&begun, &[("given", "Ada")]).await;
    desk.wait(2 * 3600);
    let fresh = sheet(desk.engine.answer(request.clone()).await);
    assert_ne!(fresh.session, begun.session);
    desk.wait(1);
    let late = desk.engine.answer(request.clone()).await;
    let Reply::Start(anew) = &late else { panic!("{late:?}") };
    assert!(anew.stale && anew.ticket != request.session);
    let (status, html) = crate::support::desk::drawn(&late);
    assert!(
        status == 409 && !html.contains(&begun.session) && !html.contains(&fresh.session),
        "{html}"
    );
    assert_eq!(desk.sessions().await, 2);
}

#[tokio::test]
async fn a_session_stays_on_the_structure_that_it_began_with_and_shows_the_newest_texts() {
    let desk = Desk::open([walk()]).await;
    let name = desk.start("walk").await;
    let longer = variant("max = 20, autocomplete", "max = 3, autocomplete");
    let desk = desk.restarted([longer]).await;
    let kind = desk.send(&name, &[("given", "Alexandra")]).await;
    assert_eq!(
        (kind.place.as_str(), kind.status),
        ("kind", 200),
        "pinned to the old bound"
    );
    let fresh = desk.start("walk").await;
    assert_eq!(desk.send(&fresh, &[("given", "Alexandra")]).await.status, 422);
    // The file is gone: no new starts, the session goes on.
    let desk = desk.restarted([]).await;
    assert_eq!(desk.send(&kind, &[("kind", "a")]).await.place, "alpha");
    // Other texts of the same structure.
    let desk = desk.restarted([variant("Which kind?", "What sort?")]).await;
    let reply = desk
        .engine
        .answer(Request {
            post: false,
            ..Desk::post(&kind, None, &[])
        })
        .await;
    let Reply::Session(shown) = reply else {
        panic!("{reply:?}")
    };
    assert!(shown.flow.source.contains("What sort?"));
}

#[tokio::test]
async fn a_page_from_a_step_that_the_store_never_saw_is_an_alarm_and_overwrites_nothing() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    let id = deity::id::SessionId::parse(&page.session).unwrap();
    let key = deity::store::Key::Session(id.key());
    let before = desk.store.get(key).await.unwrap().unwrap();
    let kind = desk.send(&page, &[("given", "Ada")]).await;
    // The store goes back in time.
    let after = desk.store.get(key).await.unwrap().unwrap();
    desk.store.delete(key, after.token).await.unwrap();
    let write = deity::store::Write {
        tag: 1,
        wake: before.wake,
        bytes: before.bytes,
    };
    desk.store.create(key, write).await.unwrap();
    let reply = desk.engine.answer(Desk::post(&kind, None, &[("kind", "a")])).await;
    // Sending it again would not help: people are told whom to ask.
    let Reply::Lost(lost) = reply else { panic!("{reply:?}") };
    assert_eq!(lost.reference, id.key().reference());
    assert_eq!(lost.typed.0, [("kind".to_owned(), "a".to_owned())]);
    assert_eq!(desk.stored(&page).await.step, 1);
}

#[tokio::test]
async fn a_damaged_record_is_told_with_its_reference_and_whom_to_ask_and_others_go_on() {
    let desk = Desk::open([walk()]).await;
    let (page, other) = (desk.start("walk").await, desk.start("walk").await);
    let id = deity::id::SessionId::parse(&page.session).unwrap();
    let key = deity::store::Key::Session(id.key());
    let whole = desk.store.get(key).await.unwrap().unwrap();
    let mut bytes = whole.bytes;
    bytes[3] ^= 1;
    let write = deity::store::Write {
        tag: 1,
        wake: whole.wake,
        bytes,
    };
    desk.store.cas(key, whole.token, write).await.unwrap();
    let reply = desk.engine.answer(Desk::post(&page, None, &[("given", "Ada")])).await;
    let drawn = deity::view::page(&reply, &crate::page::weight::VISIT);
    let Reply::Lost(lost) = reply else { panic!("{reply:?}") };
    assert_eq!(lost.reference, id.key().reference());
    assert!(drawn.html.contains(&lost.reference), "{}", drawn.html);
    assert!(drawn.html.contains("Sending it again does not help"), "{}", drawn.html);
    assert!(drawn.html.contains("Ada"), "what was typed is shown: {}", drawn.html);
    desk.send(&other, &[("given", "Ben")]).await;
    assert_eq!(desk.stored(&other).await.step, 2);
}
