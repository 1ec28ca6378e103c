//! A newer program: other checks, other ways to put a value into words. What was served, asked for
//! and done under the one before goes on as it was.

use deity::flow::{Flow, Value};
use deity::id::SessionId;
use deity::machine::Session;
use deity::store::{Key, Write, definition, record};

use crate::effects::{book, done, is_undo, seats, variant};
use crate::support::desk::{Desk, Sheet};
use crate::table::WALK;

/// Puts a session into the store as another program would have written it.
async fn rewritten(desk: &Desk, page: &Sheet, change: impl FnOnce(&mut Session)) {
    let at = SessionId::parse(&page.session).unwrap().key();
    let stored = desk.store.get(Key::Session(at)).await.unwrap().unwrap();
    let mut session = record::decode(at, &stored.bytes).unwrap();
    change(&mut session);
    let write = Write {
        tag: 9,
        wake: stored.wake,
        bytes: record::encode(&session).unwrap(),
    };
    desk.store.cas(Key::Session(at), stored.token, write).await.unwrap();
}

/// The kept definition of a session, as if it had been served before `from` was a fault.
async fn kept_as(desk: &Desk, page: &Sheet, from: &str, to: &str) -> String {
    let session = desk.stored(page).await;
    let key = definition::key(session.digests.structure, &session.flow);
    let stored = desk.store.get(key).await.unwrap().unwrap();
    let (name, source) = definition::decode(&stored.bytes).unwrap();
    assert!(source.contains(from), "{from}");
    let source = source.replace(from, to);
    let write = Write {
        tag: 9,
        wake: i64::MAX,
        bytes: definition::encode(&name, &source).unwrap(),
    };
    desk.store.cas(key, stored.token, write).await.unwrap();
    source
}

#[tokio::test]
async fn a_kept_definition_is_read_without_the_checks_that_came_later() {
    let walk = crate::support::desk::read("walk", WALK);
    let desk = Desk::open([walk]).await;
    let page = desk.start("walk").await;
    // A screen that no action leads to, and an effect that nobody asks for: faults of today.
    let more = "[screens.lost]\nfields.lost = { type = \"text\", label = \"Lost\" }\nactions.continue = \"check\"\n\n\
                [effects.idle]\nhttp = \"GET http://callee.example/\"\nsafe = true\n\n[screens.done]";
    let source = kept_as(&desk, &page, "[screens.done]", more).await;
    let faults = Flow::read("walk", &source).unwrap_err();
    assert!(faults.len() >= 2, "{faults:#?}");
    let later = desk.restarted([]).await;
    let kind = later.send(&page, &[("given", "Ada"), ("pin", "1")]).await;
    assert_eq!((kind.place.as_str(), kind.status), ("kind", 200), "{}", kind.html);
}

#[tokio::test]
async fn a_kept_definition_that_means_nothing_any_more_is_still_refused() {
    let desk = Desk::open([crate::support::desk::read("walk", WALK)]).await;
    let page = desk.start("walk").await;
    let source = kept_as(&desk, &page, "when = \"kind == 'a'\"", "when = \"kind ==\"").await;
    assert!(Flow::kept("walk", &source, &deity::flow::Defaults::default()).is_err());
}

/// To the review, a seat held; and the session as if another program had put what was sent into
/// other words.
async fn held_in_other_words(desk: &Desk, basis: bool) -> Sheet {
    let name = desk.hold("a1").await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    rewritten(desk, &check, |session| {
        let hold = session.asked.iter_mut().find(|asked| asked.effect == "hold").unwrap();
        assert_eq!(hold.sent, [("seat".to_owned(), Value::Text("a1".to_owned()))]);
        hold.sent = vec![("seat".to_owned(), Value::Text("Seat A1".to_owned()))];
        if !basis {
            // Asked before it was kept what an asking was made of.
            hold.basis = None;
        }
    })
    .await;
    check
}

#[tokio::test]
async fn what_is_done_stays_done_where_a_newer_program_would_send_the_same_answers_in_other_words() {
    for basis in [true, false] {
        let desk = Desk::open([book()]).await;
        let check = held_in_other_words(&desk, basis).await;
        let mut page = desk.follow(&check, Some("open")).await;
        assert_eq!((page.place.as_str(), page.kind), ("check", "screen"), "{}", page.html);
        // Another answer, which it does not send, is no reason either.
        if basis {
            let name = desk.follow(&page, Some("change.name")).await;
            page = desk.send(&name, &[("given", "Eve")]).await;
            assert_eq!(page.place, "check");
        }
        let paid = desk.press(&page, "pay", &[]).await;
        assert_eq!(paid.kind, "waiting", "{}", paid.html);
        assert!(!desk.asked(&check).await.iter().any(is_undo), "nothing is undone");
    }
}

#[tokio::test]
async fn another_answer_still_takes_back_what_was_done_with_the_one_before() {
    for basis in [true, false] {
        let desk = Desk::open([book()]).await;
        let check = held_in_other_words(&desk, basis).await;
        let seat = desk.follow(&check, Some("change.seat")).await;
        desk.says(&check, "seats", seats(&["a1", "a2"])).await;
        let waiting = desk.send(&seat, &[("seat", "a2")]).await;
        assert!(
            desk.asked(&waiting).await.iter().any(is_undo),
            "basis {basis}: {}",
            waiting.html
        );
    }
}

#[tokio::test]
async fn a_value_computed_otherwise_by_a_newer_program_undoes_nothing() {
    let computed = (
        "fields.wish = { type = \"text\", label = \"A wish\", required = false }",
        "fields.wish = { type = \"text\", label = \"A wish\", required = false }\nfields.fee = { type = \"computed\", label = \"Fee\", value = \"12.5\" }",
    );
    let sent = (
        "send = { seat = \"{{ seat }}\" }",
        "send = { seat = \"{{ seat }}\", fee = \"{{ fee }}\" }",
    );
    let desk = Desk::open([variant(&[computed, sent])]).await;
    let name = desk.hold("a1").await;
    rewritten(&desk, &name, |session| {
        let hold = session.asked.iter_mut().find(|asked| asked.effect == "hold").unwrap();
        let fee = hold.sent.iter_mut().find(|(name, _)| name == "fee").unwrap();
        fee.1 = Value::Text("12.50".to_owned());
    })
    .await;
    let check = desk.send(&name, &[("given", "Ada")]).await;
    assert_eq!(check.place, "check");
    let waiting = desk.press(&check, "pay", &[]).await;
    desk.says(&waiting, "pay", done(&[("ticket", "T-1")])).await;
    assert_eq!(desk.follow(&waiting, Some("on")).await.kind, "receipt");
    assert!(!desk.asked(&check).await.iter().any(is_undo));
}
