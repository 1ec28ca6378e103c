//! Hand-offs: the person goes elsewhere and comes back, or does not. Late, doubled, forged and
//! missing returns each have one outcome.

use deity::engine::{Heard, Reply, Request};
use deity::flow::Flow;
use deity::id::{Return, ServerKey, SessionId};
use deity::machine::{Said, Stage};

use super::{declined, done, not_done, unknown, variant};
use crate::support::desk::{Desk, Sheet, drawn, sheet};

const OFF: (&str, &str) = (
    "save.ticket = \"/ticket\"",
    "save.ticket = \"/ticket\"\nundo = \"refund\"\nprobe = \"paid\"\nhand-off = { page = \"/page\", hosts = [\"pay.example\"], limit = \"10m\" }\n\n[effects.refund]\nhttp = \"DELETE http://callee.example/payments\"\nsend = {}\n\n[effects.paid]\nhttp = \"GET http://callee.example/payments\"\nsafe = true\nsend = {}",
);

pub(super) fn flow() -> Flow {
    variant(&[OFF])
}

pub(super) async fn elsewhere(desk: &Desk) -> Sheet {
    let waiting = desk.pay().await;
    desk.says(&waiting, "pay", Said::Away("https://pay.example/p/1".to_owned()))
        .await;
    desk.follow(&waiting, Some("on")).await
}

/// What a runner would put into the return URL.
pub(super) async fn token(desk: &Desk, page: &Sheet) -> String {
    let key = desk.server_key().await;
    let session = SessionId::parse(&page.session).unwrap();
    let number = desk.latest(page, "pay").await.number;
    Return { session, number }.text(&key)
}

pub(super) fn by(token: &str, post: bool) -> Request {
    Request {
        returning: Some(token.to_owned()),
        post,
        ..Desk::request("book")
    }
}

impl Desk {
    async fn server_key(&self) -> ServerKey {
        let key = deity::store::Key::Meta(*b"server key      ");
        let stored = self.store.get(key).await.unwrap().unwrap();
        ServerKey(stored.bytes.try_into().unwrap())
    }
}

#[tokio::test]
async fn the_person_gets_a_link_and_the_session_waits() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    assert_eq!(page.kind, "waiting");
    assert!(page.html.contains("href=\"https://pay.example/p/1\""), "{}", page.html);
    assert!(page.html.contains("go on at pay.example"));
}

#[tokio::test]
async fn a_return_url_opened_cold_shows_nothing_and_its_button_the_session_for_ten_minutes_only() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    let token = token(&desk, &page).await;
    assert!(!token.contains(&page.session));
    let before = desk.stored(&page).await;
    let cold = desk.engine.answer(by(&token, false)).await;
    let (status, html) = drawn(&cold);
    assert_eq!(status, 200);
    assert!(
        !html.contains(&page.session) && !html.contains("Ada") && html.contains("You are back"),
        "{html}"
    );
    assert_eq!(desk.stored(&page).await, before, "a GET writes nothing");
    // After a lost reply it is pressed again, from whatever address.
    for seconds in [0, 1, 30, 569] {
        desk.wait(seconds);
        let back = sheet(desk.engine.answer(by(&token, true)).await);
        assert_eq!((back.kind, back.session.as_str()), ("waiting", page.session.as_str()));
    }
    desk.wait(1);
    let late = desk.engine.answer(by(&token, true)).await;
    let (status, html) = drawn(&late);
    assert!(matches!(late, Reply::Returning(ref back) if back.used));
    assert!(status == 409 && !html.contains(&page.session), "{html}");
}

#[tokio::test]
async fn a_return_url_is_pressed_again_while_its_hand_off_is_just_settled() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    let token = token(&desk, &page).await;
    desk.engine.answer(by(&token, true)).await;
    desk.wait(300);
    desk.says(&page, "pay", done(&[("ticket", "T-1")])).await;
    desk.wait(299);
    let end = sheet(desk.engine.answer(by(&token, true)).await);
    assert_eq!((end.kind, end.place.as_str()), ("receipt", "done"));
    desk.wait(2);
    let late = desk.engine.answer(by(&token, true)).await;
    assert!(matches!(late, Reply::Returning(ref back) if back.used), "{late:?}");
    // Who comes late for the first time finds what came of it, once.
    let page = elsewhere(&desk).await;
    let token = self::token(&desk, &page).await;
    desk.says(&page, "pay", done(&[("ticket", "T-2")])).await;
    desk.wait(3600);
    assert_eq!(sheet(desk.engine.answer(by(&token, true)).await).kind, "receipt");
    let again = desk.engine.answer(by(&token, true)).await;
    assert!(matches!(again, Reply::Returning(ref back) if back.used), "{again:?}");
}

#[tokio::test]
async fn after_finish_on_this_device_a_return_url_opens_nothing_any_more() {
    for pressed_before in [false, true] {
        let desk = Desk::open([flow()]).await;
        let page = elsewhere(&desk).await;
        let token = token(&desk, &page).await;
        if pressed_before {
            desk.engine.answer(by(&token, true)).await;
        }
        desk.says(&page, "pay", done(&[("ticket", "T-1")])).await;
        let receipt = desk.follow(&page, Some("on")).await;
        assert_eq!(desk.press(&receipt, "leave", &[]).await.kind, "left");
        let before = desk.stored(&receipt).await;
        for post in [false, true] {
            let reply = desk.engine.answer(by(&token, post)).await;
            assert!(matches!(reply, Reply::NotFound { .. }), "{post}: {reply:?}");
        }
        assert_eq!(desk.stored(&receipt).await, before);
    }
}

#[tokio::test]
async fn a_forged_return_url_is_not_found() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    let token = token(&desk, &page).await;
    for n in 0..token.len() {
        let mut forged = token.clone().into_bytes();
        forged[n] = if forged[n] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        for post in [false, true] {
            let reply = desk.engine.answer(by(&forged, post)).await;
            assert!(matches!(reply, Reply::NotFound { .. }), "at {n}: {reply:?}");
        }
    }
    let key = ServerKey([9; 32]);
    let session = SessionId::parse(&page.session).unwrap();
    let other = Return { session, number: 3 }.text(&key);
    assert!(matches!(
        desk.engine.answer(by(&other, true)).await,
        Reply::NotFound { .. }
    ));
}

#[tokio::test]
async fn who_comes_back_is_asked_about_at_once() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    assert!(
        desk.errands(&page, &flow()).await.is_empty(),
        "nobody asks all the time"
    );
    let token = token(&desk, &page).await;
    desk.engine.answer(by(&token, true)).await;
    let errands = desk.errands(&page, &flow()).await;
    assert_eq!(errands.len(), 1);
    assert_eq!(
        (errands[0].effect.as_str(), errands[0].about.as_deref()),
        ("paid", Some("pay"))
    );
    desk.says(&page, "pay", done(&[("ticket", "T-1")])).await;
    let end = sheet(desk.engine.answer(by(&token, true)).await);
    assert_eq!((end.kind, end.place.as_str()), ("receipt", "done"));
}

#[tokio::test]
async fn not_decided_yet_is_asked_again_and_a_refusal_is_a_decline() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    desk.says(&page, "pay", Said::Pending).await;
    assert!(matches!(desk.latest(&page, "pay").await.stage, Stage::Due { .. }));
    desk.says(&page, "pay", declined("You did not pay.", &[])).await;
    let back = desk.follow(&page, Some("on")).await;
    assert_eq!((back.kind, back.place.as_str()), ("screen", "name"));
    assert!(back.html.contains("You did not pay."));
}

#[tokio::test]
async fn a_payment_that_is_not_there_once_is_asked_about_again_and_twice_is_not_made() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    desk.says(&page, "pay", not_done(true)).await;
    assert!(matches!(desk.latest(&page, "pay").await.stage, Stage::Due { .. }));
    // Whoever begins meanwhile is heard.
    desk.says(&page, "pay", Said::Pending).await;
    desk.says(&page, "pay", not_done(true)).await;
    assert!(matches!(desk.latest(&page, "pay").await.stage, Stage::Due { .. }));
    desk.says(&page, "pay", not_done(true)).await;
    let end = desk.follow(&page, Some("on")).await;
    assert_eq!((end.kind, end.place.as_str()), ("receipt", "sorry"));
    assert!(super::is_open(&desk.latest(&page, "refund").await));
}

#[tokio::test]
async fn a_missing_return_is_taken_back_after_its_limit() {
    for said in [Said::Pending, unknown(), not_done(true)] {
        let desk = Desk::open([flow()]).await;
        let page = elsewhere(&desk).await;
        let until = desk.latest(&page, "pay").await.away.unwrap().until;
        desk.wait(until - desk.engine.now() / 1000);
        desk.says(&page, "pay", said).await;
        let end = desk.follow(&page, Some("on")).await;
        assert_eq!((end.kind, end.place.as_str()), ("receipt", "sorry"));
        let refund = desk.latest(&page, "refund").await;
        assert!(super::is_open(&refund), "{refund:?}");
        assert!(super::is_open(&desk.latest(&page, "release").await), "the flow says so");
    }
}

#[tokio::test]
async fn a_late_return_finds_that_it_was_taken_back_and_a_late_payment_is_paid_back() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    let token = token(&desk, &page).await;
    let until = desk.latest(&page, "pay").await.away.unwrap().until;
    desk.wait(until - desk.engine.now() / 1000);
    desk.says(&page, "pay", Said::Pending).await;
    desk.says(&page, "refund", done(&[])).await;
    let heard = desk.says(&page, "pay", done(&[("ticket", "T-late")])).await;
    assert_eq!(heard, Heard::TooLate);
    let refunds = desk
        .asked(&page)
        .await
        .into_iter()
        .filter(|asked| asked.effect == "refund")
        .count();
    assert_eq!(refunds, 2);
    let late = sheet(desk.engine.answer(by(&token, true)).await);
    assert_eq!((late.kind, late.place.as_str()), ("receipt", "sorry"));
    assert!(late.html.contains("What was taken back"), "{}", late.html);
}

#[tokio::test]
async fn a_payment_that_is_heard_of_while_it_is_being_taken_back_is_taken_back_once_more() {
    let mut desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    let until = desk.latest(&page, "pay").await.away.unwrap().until;
    desk.wait(until - desk.engine.now() / 1000);
    let refunds = async |desk: &Desk| {
        let asked = desk.asked(&page).await;
        let refunds = asked.into_iter().filter(|asked| asked.effect == "refund");
        refunds.map(|asked| asked.stage).collect::<Vec<_>>()
    };
    // One that goes out later takes that back too.
    desk.says(&page, "pay", Said::Pending).await;
    assert!(matches!(refunds(&desk).await[..], [Stage::Due { .. }]));
    desk.says(&page, "pay", done(&[("ticket", "T-1")])).await;
    assert_eq!(refunds(&desk).await.len(), 1);
    // One that is under way may have come before it.
    let (jobs, mut waiting) = tokio::sync::mpsc::channel(10);
    desk.engine = desk.engine.hire(jobs, false);
    desk.wait(1);
    desk.engine.tick().await.unwrap();
    assert!(waiting.try_recv().is_ok());
    assert!(
        matches!(refunds(&desk).await[..], [Stage::Running { .. }]),
        "{:?}",
        refunds(&desk).await
    );
    desk.says(&page, "pay", done(&[("ticket", "T-1")])).await;
    assert_eq!(refunds(&desk).await.len(), 2);
}

fn without_probe() -> Flow {
    let source = OFF
        .1
        .replace("probe = \"paid\"\n", "")
        .replace("limit = \"10m\"", "limit = \"10m\", secret = \"s\"");
    let (source, _) = source.split_once("\n\n[effects.paid]").unwrap();
    variant(&[(OFF.0, source)])
}

#[tokio::test]
async fn who_gives_up_elsewhere_where_nobody_can_be_asked_is_done_with_at_once() {
    let desk = Desk::open([without_probe()]).await;
    let page = elsewhere(&desk).await;
    let sure = desk.press(&page, "stop", &[]).await;
    let page = desk.press(&sure, "yes-cancel", &[]).await;
    let errands = desk.errands(&page, &without_probe()).await;
    assert!(errands.is_empty(), "it is not asked for once more: {errands:?}");
    while desk.engine.tick().await.unwrap() {}
    let over = desk.follow(&page, Some("on")).await;
    assert_eq!(over.kind, "over");
    assert!(super::is_open(&desk.latest(&page, "refund").await));
}

#[tokio::test]
async fn without_a_probe_a_hand_off_ends_at_its_limit_by_the_clock_alone() {
    let desk = Desk::open([without_probe()]).await;
    let page = elsewhere(&desk).await;
    desk.wait(599);
    while desk.engine.tick().await.unwrap() {}
    assert_eq!(desk.follow(&page, Some("on")).await.kind, "waiting");
    desk.wait(2);
    while desk.engine.tick().await.unwrap() {}
    assert_eq!(desk.follow(&page, Some("on")).await.place, "sorry");
    assert!(super::is_open(&desk.latest(&page, "refund").await));
}

#[tokio::test]
async fn a_cancel_while_the_person_is_elsewhere_waits_for_what_comes_of_it() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    let sure = desk.press(&page, "stop", &[]).await;
    desk.press(&sure, "yes-cancel", &[]).await;
    desk.says(&page, "pay", done(&[("ticket", "T-1")])).await;
    let over = desk.follow(&page, Some("on")).await;
    assert_eq!(over.kind, "over");
    let undone: Vec<_> = desk
        .asked(&page)
        .await
        .into_iter()
        .filter(super::is_undo)
        .map(|a| a.effect)
        .collect();
    assert_eq!(undone, ["refund", "release"]);
}

#[tokio::test]
async fn who_gives_up_elsewhere_is_asked_about_at_once_and_what_is_not_decided_is_taken_back() {
    for said in [
        Said::Pending,
        unknown(),
        not_done(true),
        declined("You did not pay.", &[]),
    ] {
        let desk = Desk::open([flow()]).await;
        let page = elsewhere(&desk).await;
        assert!(desk.errands(&page, &flow()).await.is_empty());
        let sure = desk.press(&page, "stop", &[]).await;
        let page = desk.press(&sure, "yes-cancel", &[]).await;
        assert!(
            !page.html.contains("pay.example"),
            "nobody is sent there any more: {}",
            page.html
        );
        let errands = desk.errands(&page, &flow()).await;
        assert_eq!(errands.len(), 1, "{said:?}");
        assert_eq!(errands[0].effect, "paid");
        desk.says(&page, "pay", said).await;
        let over = desk.follow(&page, Some("on")).await;
        assert_eq!(over.kind, "over");
        assert!(super::is_open(&desk.latest(&page, "release").await));
    }
}

#[tokio::test]
async fn a_hand_off_can_be_given_up_without_the_session() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    assert!(page.html.contains("Go back without doing this"), "{}", page.html);
    let first = desk.latest(&page, "pay").await;
    let back = desk.press(&page, "call-off", &[]).await;
    assert_eq!((back.kind, back.place.as_str(), back.status), ("screen", "check", 200));
    assert!(back.html.contains("We take back what was done before"), "{}", back.html);
    // It is taken back as if its time were over; the seat stays held, and the answers are there.
    let refund = desk.latest(&page, "refund").await;
    assert!(super::is_undo(&refund) && super::is_open(&refund));
    let asked = desk.asked(&page).await;
    assert!(asked.iter().all(|asked| asked.effect != "release"));
    assert!(back.html.contains("Ada"), "{}", back.html);
    // Pressed twice it is done once.
    let again = desk.press(&page, "call-off", &[]).await;
    assert_eq!((again.kind, again.place.as_str()), ("screen", "check"));
    let undone = desk.asked(&page).await.iter().filter(|a| super::is_undo(a)).count();
    assert_eq!(undone, 1);
    // And it can be begun anew, as another wish.
    let waiting = desk.send(&back, &[]).await;
    assert_eq!(waiting.kind, "waiting");
    let second = desk.latest(&page, "pay").await;
    let session = desk.stored(&page).await;
    assert_ne!(session.effect_key(&first), session.effect_key(&second));
}

#[tokio::test]
async fn what_was_given_up_and_is_done_after_all_is_taken_back_once_more() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    let token = token(&desk, &page).await;
    desk.press(&page, "call-off", &[]).await;
    desk.says(&page, "refund", done(&[])).await;
    let number = desk.latest(&page, "pay").await.number;
    let at = SessionId::parse(&page.session).unwrap().key();
    let late = desk
        .engine
        .report(at, number, done(&[("ticket", "T-1")]))
        .await
        .unwrap();
    assert_eq!(late, Heard::TooLate);
    let refunds = desk.asked(&page).await.into_iter().filter(super::is_undo);
    assert_eq!(refunds.count(), 2);
    // Who comes back by the URL meanwhile finds the transaction where it stands.
    let back = sheet(desk.engine.answer(by(&token, true)).await);
    assert_ne!(back.place, "done");
}

#[tokio::test]
async fn an_old_page_gives_up_no_later_hand_off_and_no_other_page_any() {
    let desk = Desk::open([flow()]).await;
    let page = elsewhere(&desk).await;
    let back = desk.press(&page, "call-off", &[]).await;
    let waiting = desk.send(&back, &[]).await;
    // Before the callee has named its page there is nothing to give up.
    assert!(!waiting.html.contains("Go back without"), "{}", waiting.html);
    desk.says(&waiting, "pay", Said::Away("https://pay.example/p/2".to_owned()))
        .await;
    let still = desk.press(&page, "call-off", &[]).await;
    assert_eq!(still.kind, "waiting");
    assert!(desk.latest(&page, "pay").await.can_be_called_off());
    // Where nobody is handed over there is no such button, and none is taken.
    let plain = Desk::open([super::book()]).await;
    let waiting = plain.pay().await;
    assert!(!waiting.html.contains("Go back without"));
    let request = Desk::post(&waiting, Some("call-off"), &[]);
    assert!(matches!(plain.engine.answer(request).await, Reply::Tampered { .. }));
}
