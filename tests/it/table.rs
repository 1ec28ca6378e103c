//! The contract's table, row by row: what each submission gets, and what the store holds then.

use deity::engine::{Reply, Request, StartRefused};
use deity::flow::Value;
use deity::machine::{Event, Notice, Place, State, Verdict};

use crate::support::desk::{Desk, Sheet, drawn, form, read, sheet};

pub(crate) const WALK: &str = r#"
title = "A walk"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }

[screens.intro]
title = "A walk"
actions.start = { label = "Start now", to = "name" }

[screens.name]
title = "Who are you?"
fields.given = { type = "text", label = "Given names", max = 20, autocomplete = "given-name" }
fields.pin = { type = "secret", label = "PIN", required = false }
actions.continue = "kind"
actions.stop = { label = "Cancel", cancel = true }

[screens.kind]
fields.kind = { type = "choice", label = "Which kind?", options = { a = "Alpha", b = "Beta" } }
actions.continue = [
  { when = "kind == 'a'", to = "alpha" },
  { to = "beta" },
]

[screens.alpha]
fields.alpha = { type = "integer", label = "How many?", min = 1, max = 9 }
actions.continue = "extra"

[screens.beta]
fields.beta = { type = "text", label = "What?", max = 20 }
actions.continue = "extra"

[screens.extra]
title = "Anything else?"
fields.note = { type = "text", label = "Note", required = false, max = 40 }
fields.dose = { type = "integer", label = "Dose", required = false, when = "kind == 'a'" }
actions.continue = "check"
actions.again = { label = "Start over", to = "name" }

[screens.check]
title = "Check your answers"
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
body = "Your reference is {{ reference }}."
end = "completed"
"#;

fn walk() -> deity::flow::Flow {
    read("walk", WALK)
}

fn variant(from: &str, to: &str) -> deity::flow::Flow {
    assert!(WALK.contains(from), "{from}");
    read("walk", &WALK.replace(from, to))
}

/// The pages from `name` to `check`, each as it was before it was sent.
async fn to_the_review(desk: &Desk) -> Vec<Sheet> {
    let mut pages = vec![desk.start("walk").await];
    let fields: [&[(&str, &str)]; 4] = [
        &[("given", "Ada")],
        &[("kind", "a")],
        &[("alpha", "3")],
        &[("note", "x")],
    ];
    for fields in fields {
        let next = desk.send(pages.last().unwrap(), fields).await;
        pages.push(next);
    }
    assert_eq!(pages.last().unwrap().place, "check");
    pages
}

/// The page holds what was typed, and says each of `words`.
fn shows(page: &Sheet, words: &[&str]) {
    for word in words {
        assert!(page.html.contains(word), "{word} is not in {}", page.html);
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

async fn answer(desk: &Desk, page: &Sheet, screen: &str, field: &str) -> Option<Value> {
    let session = desk.stored(page).await;
    session
        .answers
        .get(&Place::of(screen))
        .and_then(|answer| answer.fields.get(field).cloned())
}

#[tokio::test]
async fn a_walk_leads_from_screen_to_screen_to_the_receipt_and_every_phase_is_in_the_store() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let places: Vec<_> = pages.iter().map(|page| page.place.as_str()).collect();
    assert_eq!(places, ["name", "kind", "alpha", "extra", "check"]);
    let session = desk.stored(&pages[0]).await;
    assert_eq!(session.step, 5);
    let receipt = desk.send(pages.last().unwrap(), &[]).await;
    assert_eq!(
        (receipt.kind, receipt.place.as_str(), receipt.status),
        ("receipt", "done", 200)
    );
    let session = desk.stored(&receipt).await;
    assert!(matches!(session.state, State::Ended { ref outcome, .. } if outcome == "completed"));
    assert_eq!(session.answers[&Place::of("name")].fields["given"], text("Ada"));
}

#[tokio::test]
async fn an_unknown_session_and_a_screen_id_of_another_are_not_found_alike() {
    let desk = Desk::open([walk()]).await;
    let one = desk.start("walk").await;
    let other = desk.start("walk").await;
    let unknown = Sheet {
        session: "AAAAAAAAQACAAAAAAAAAAA".into(),
        ..one.clone()
    };
    let crossed = Sheet {
        screen: other.screen.clone(),
        ..one.clone()
    };
    let bad = Sheet {
        session: "x".into(),
        ..one.clone()
    };
    let mut pages = std::collections::BTreeSet::new();
    for page in [unknown, crossed, bad] {
        let reply = desk.engine.answer(Desk::post(&page, None, &[("given", "Eve")])).await;
        let (status, html) = drawn(&reply);
        assert_eq!(status, 404);
        pages.insert(html);
        let Reply::NotFound { flow: Some(_), typed } = reply else {
            panic!("{reply:?}")
        };
        assert_eq!(typed, form(&[("given", "Eve")]), "typed input is kept");
    }
    assert_eq!(pages.len(), 1, "the same page for all");
    let page = pages.pop_first().unwrap();
    assert!(page.contains("Eve") && page.contains("href=\"/walk\""), "{page}");
    assert_eq!(desk.stored(&one).await.step, 1);
}

#[tokio::test]
async fn what_was_never_declared_on_the_screen_is_refused_and_nothing_changes() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    for (action, fields) in [
        (Some("submit"), vec![("given", "Ada")]),
        (Some("forget"), vec![]),
        (Some("change.nowhere"), vec![]),
        (None, vec![("given", "Ada"), ("kind", "a")]),
        (None, vec![("given", "Ada"), ("given", "Eve")]),
        (None, vec![("Given", "Ada")]),
    ] {
        let reply = desk.engine.answer(Desk::post(&page, action, &fields)).await;
        assert!(matches!(reply, Reply::Tampered), "{action:?} {fields:?}: {reply:?}");
        let (status, html) = drawn(&reply);
        assert_eq!(status, 400);
        assert!(!html.contains("given"), "nothing is told: {html}");
    }
    assert_eq!(desk.stored(&page).await.step, 1);
}

#[tokio::test]
async fn fields_that_do_not_pass_show_the_same_presentation_with_what_was_typed_and_write_nothing() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    let long = "x".repeat(21);
    let again = desk.send(&page, &[("given", &long), ("pin", "1234")]).await;
    assert_eq!((again.kind, again.status), ("screen", 422));
    shows(&again, &["<title>Error: ", "There is a problem", "#given", &long]);
    assert!(!again.html.contains("1234"), "a secret is never shown again");
    assert_eq!(again.screen, page.screen, "an error redisplay keeps its id");
    assert_eq!(again.faults, ["given"]);
    assert_eq!(
        again.typed,
        form(&[("given", &long)]),
        "typed input is kept, secrets are not shown"
    );
    assert_eq!(desk.stored(&page).await.step, 1);
    let next = desk.send(&again, &[("given", "Ada")]).await;
    assert_eq!((next.place.as_str(), next.status), ("kind", 200));
}

#[tokio::test]
async fn the_same_fields_again_are_a_replay_with_the_same_page_and_nothing_is_written() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    let first = desk.send(&page, &[("given", "Ada")]).await;
    let again = desk.send(&page, &[("given", " Ada ")]).await;
    assert_eq!((again.place.as_str(), again.status), ("kind", 200));
    assert_eq!(again.screen, first.screen, "a replay shows the same presentation");
    assert_eq!(desk.stored(&page).await.step, 2);
    // Also after the person went on.
    let alpha = desk.send(&first, &[("kind", "a")]).await;
    let again = desk.send(&page, &[("given", "Ada")]).await;
    assert_eq!(again.place, "kind");
    assert!(again.on, "screens ahead are answered: a link leads on");
    assert_eq!(desk.follow(&again, Some("on")).await.place, alpha.place);
    assert_eq!(desk.stored(&page).await.step, 3);
}

#[tokio::test]
async fn a_then_b_then_a_from_one_kept_page_amends_twice() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    desk.send(&page, &[("given", "Ada")]).await;
    let b = desk.send(&page, &[("given", "Bea")]).await;
    assert!(matches!(b.notices[..], [Notice::Changed(_)]), "{:?}", b.notices);
    assert_eq!(answer(&desk, &page, "name", "given").await, Some(text("Bea")));
    let a = desk.send(&page, &[("given", "Ada")]).await;
    shows(&a, &["Bea", "Ada"]);
    let [Notice::Changed(changes)] = &a.notices[..] else {
        panic!("{:?}", a.notices)
    };
    assert_eq!(
        (changes[0].before.clone(), changes[0].after.clone()),
        (Some(text("Bea")), Some(text("Ada")))
    );
    assert_ne!(a.screen, b.screen, "the page after an amend has another id");
    assert_eq!(answer(&desk, &page, "name", "given").await, Some(text("Ada")));
    assert_eq!(desk.stored(&page).await.step, 4);
    let journal = desk.stored(&page).await.journal;
    assert_eq!(
        journal
            .iter()
            .filter(|e| matches!(e.event, Event::Amended { .. }))
            .count(),
        2
    );
}

#[tokio::test]
async fn an_amend_keeps_all_other_answers_and_asks_again_only_what_depends_on_it() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    // Back to `kind` in a kept page, another branch.
    let beta = desk.send(&pages[1], &[("kind", "b")]).await;
    assert_eq!((beta.place.as_str(), beta.status), ("beta", 200));
    let extra = desk.send(&beta, &[("beta", "this")]).await;
    assert_eq!(extra.place, "extra");
    assert!(extra.on, "the note is answered already");
    assert_eq!(answer(&desk, &beta, "extra", "note").await, Some(text("x")));
    assert_eq!(desk.follow(&extra, Some("on")).await.place, "check");
    // The alpha answer is kept, does not count, and comes back with its path.
    let session = desk.stored(&beta).await;
    let path = deity::machine::Path::fold(&walk(), &session, 0);
    assert!(!path.values.contains_key("alpha"));
    let alpha = desk.send(&pages[1], &[("kind", "a")]).await;
    assert_eq!(alpha.place, "alpha");
    assert!(alpha.on, "its answer came back");
}

#[tokio::test]
async fn a_change_link_leads_back_to_the_review_as_soon_as_nothing_lacks() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let check = pages.last().unwrap();
    let name = desk.follow(check, Some("change.name")).await;
    assert_eq!((name.place.as_str(), name.kind), ("name", "screen"));
    let back = desk.send(&name, &[("given", "Eve")]).await;
    assert_eq!(back.place, "check");
    assert!(matches!(back.notices[..], [Notice::Changed(_)]));
    // Where something lacks, that comes first, and then the review.
    let kind = desk.follow(&back, Some("change.kind")).await;
    let beta = desk.send(&kind, &[("kind", "b")]).await;
    assert_eq!(beta.place, "beta");
    let check = desk.send(&beta, &[("beta", "that")]).await;
    assert_eq!(check.place, "check");
    let receipt = desk.send(&check, &[]).await;
    assert_eq!(receipt.kind, "receipt");
}

#[tokio::test]
async fn a_get_writes_nothing_and_a_link_from_outside_shows_no_answers() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let check = pages.last().unwrap();
    let before = desk.stored(check).await;
    for action in [
        None,
        Some("back"),
        Some("on"),
        Some("open"),
        Some("change.name"),
        Some("change.beta"),
    ] {
        desk.follow(check, action).await;
    }
    let outside = Request {
        post: false,
        inside: false,
        ..Desk::post(check, Some("change.name"), &[])
    };
    let between = sheet(desk.engine.answer(outside).await);
    assert_eq!((between.kind, between.place.as_str()), ("between", "name"));
    assert_eq!(between.status, 200);
    assert!(!between.html.contains("Ada"), "no answers are shown: {}", between.html);
    let opened = desk.press(&between, "open", &[]).await;
    assert_eq!((opened.kind, opened.place.as_str()), ("screen", "name"));
    assert_eq!(desk.stored(check).await, before);
    for action in ["continue", "more-time", "yes-cancel", "submit"] {
        let get = Request {
            post: false,
            ..Desk::post(&pages[0], Some(action), &[])
        };
        assert!(matches!(desk.engine.answer(get).await, Reply::Tampered), "{action}");
    }
    assert_eq!(desk.stored(check).await, before);
}

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
    assert!(matches!(tampered, Reply::Tampered));
}

#[tokio::test]
async fn a_finished_session_can_be_forgotten_and_then_nothing_of_it_is_kept() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let receipt = desk.send(pages.last().unwrap(), &[]).await;
    let gone = desk.press(&receipt, "forget", &[]).await;
    assert_eq!((gone.kind, gone.status), ("over", 200));
    let session = desk.stored(&pages[0]).await;
    assert!(matches!(session.state, State::Forgotten { .. }) && session.answers.is_empty());
    assert_eq!(desk.follow(&receipt, None).await.status, 410);
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
        ("over", 410, form(&[("given", "Eve")]))
    );
}

#[tokio::test]
async fn an_expired_session_says_so_and_its_typed_fields_go_into_a_new_one() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    desk.wait(2 * 3600);
    let get = desk.follow(&page, None).await;
    assert_eq!((get.kind, get.status), ("over", 410));
    shows(&get, &["Your time ran out", "14:00 UTC"]);
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
    assert_eq!(typed.fields, form(&[("given", "Ada")]));
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
async fn behind_a_seal_nothing_is_applied_and_the_typed_fields_are_shown() {
    let sealed = variant(
        "actions.continue = \"extra\"\n\n[screens.beta]",
        "actions.continue = { label = \"Fix it\", to = \"extra\", seal = true }\n\n[screens.beta]",
    );
    let desk = Desk::open([sealed]).await;
    let pages = to_the_review(&desk).await;
    let late = desk.send(&pages[0], &[("given", "Eve")]).await;
    assert_eq!((late.kind, late.status, late.place.as_str()), ("sealed", 409, "check"));
    assert_eq!(late.typed, form(&[("given", "Eve")]));
    assert_eq!(answer(&desk, &late, "name", "given").await, Some(text("Ada")));
    let replay = desk.send(&pages[2], &[("alpha", "3")]).await;
    assert_eq!(
        (replay.place.as_str(), replay.status),
        ("extra", 200),
        "what sealed it is replayed"
    );
    let check = pages.last().unwrap();
    assert_eq!(desk.follow(check, Some("change.name")).await.place, "check");
    assert!(!pages[3].back, "no way back over the seal");
    // What comes after the seal can still be changed.
    let extra = desk.follow(check, Some("change.extra")).await;
    assert_eq!(desk.send(&extra, &[("note", "y")]).await.place, "check");
    assert_eq!(desk.send(check, &[]).await.kind, "receipt");
}

#[tokio::test]
async fn out_of_time_behind_a_seal_the_answers_are_kept_for_the_operator() {
    let sealed = variant(
        "actions.continue = \"extra\"\n\n[screens.beta]",
        "actions.continue = { label = \"Fix it\", to = \"extra\", seal = true }\n\n[screens.beta]",
    );
    let desk = Desk::open([sealed]).await;
    let pages = to_the_review(&desk).await;
    desk.wait(3 * 3600);
    desk.engine.tick().await.unwrap();
    let session = desk.stored(&pages[0]).await;
    assert!(matches!(session.state, State::Expired { unfinished: true, .. }));
    assert_eq!(session.answers[&Place::of("name")].fields["given"], text("Ada"));
}

#[tokio::test]
async fn what_is_no_longer_offered_is_not_applied() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    desk.send(&pages[1], &[("kind", "b")]).await;
    let late = desk.send(&pages[3], &[("note", "z"), ("dose", "2")]).await;
    assert_eq!(
        (late.kind, late.status, late.place.as_str()),
        ("not offered", 409, "beta")
    );
    assert_eq!(late.typed, form(&[("note", "z"), ("dose", "2")]));
    assert_eq!(answer(&desk, &late, "extra", "note").await, Some(text("x")));
}

#[tokio::test]
async fn fields_of_a_screen_off_the_path_are_kept_and_do_not_count() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    desk.send(&pages[1], &[("kind", "b")]).await;
    let kept = desk.send(&pages[2], &[("alpha", "5")]).await;
    assert_eq!((kept.place.as_str(), kept.status), ("beta", 200));
    assert!(kept.notices.contains(&Notice::KeptButFirst));
    assert_eq!(desk.stored(&kept).await.state, State::Live);
    // The review was not reached by the path, so that sending it ends nothing.
    let first = desk.send(pages.last().unwrap(), &[]).await;
    assert_eq!((first.place.as_str(), first.status), ("beta", 200));
    assert_eq!(desk.stored(&kept).await.state, State::Live);
    let extra = desk.send(&first, &[("beta", "it")]).await;
    assert_eq!(extra.place, "extra");
    let here = desk.follow(&extra, Some("on")).await;
    assert_eq!(
        (here.place.as_str(), here.kind),
        ("check", "screen"),
        "an end is reached by pressing, never by a fold"
    );
    let alpha = desk.send(&pages[1], &[("kind", "a")]).await;
    assert_eq!(
        answer(&desk, &alpha, "alpha", "alpha").await,
        Some(Value::Number(5.into())),
        "it came back"
    );
}

#[tokio::test]
async fn older_than_the_steps_that_are_kept_is_said_so() {
    let desk = Desk::open([walk()]).await;
    let first = desk.start("walk").await;
    let untouched = desk.follow(&first, None).await;
    let mut page = desk.send(&first, &[("given", "Ada")]).await;
    for n in 0..80 {
        let name = desk.follow(&page, Some("back")).await;
        page = desk.send(&name, &[("given", &format!("Ada {n}"))]).await;
    }
    let session = desk.stored(&page).await;
    assert!(session.outcomes.len() <= 65 && session.journal.len() == 64 && session.folded > 0);
    assert_eq!(untouched.screen, first.screen);
    let late = desk.send(&untouched, &[("given", "Eve")]).await;
    assert_eq!((late.kind, late.status, late.place.as_str()), ("too old", 409, "kind"));
    assert_eq!(late.typed, form(&[("given", "Eve")]));
}

#[tokio::test]
async fn a_flow_may_show_the_difference_first_or_refuse() {
    let title = "title = \"A walk\"\nstart";
    let desk = Desk::open([variant(title, "title = \"A walk\"\nchanges = \"confirm\"\nstart")]).await;
    let pages = to_the_review(&desk).await;
    let asked = desk.send(&pages[0], &[("given", "Eve")]).await;
    assert!(
        matches!(asked.notices[..], [Notice::WouldChange(_)]),
        "{:?}",
        asked.notices
    );
    assert_eq!(
        (asked.place.as_str(), asked.typed.clone()),
        ("name", form(&[("given", "Eve")]))
    );
    assert_eq!(answer(&desk, &asked, "name", "given").await, Some(text("Ada")));
    desk.send(&asked, &[("given", "Eve")]).await;
    assert_eq!(answer(&desk, &asked, "name", "given").await, Some(text("Eve")));

    let desk = Desk::open([variant(title, "title = \"A walk\"\nchanges = \"refuse\"\nstart")]).await;
    let pages = to_the_review(&desk).await;
    let refused = desk.send(&pages[0], &[("given", "Eve")]).await;
    assert_eq!((refused.kind, refused.status), ("refused", 409));
    shows(&refused, &["Eve"]);
    // The page's own change link is no kept page.
    let name = desk.follow(pages.last().unwrap(), Some("change.name")).await;
    desk.send(&name, &[("given", "Eve")]).await;
    assert_eq!(answer(&desk, &name, "name", "given").await, Some(text("Eve")));
}

#[tokio::test]
async fn an_action_that_leads_back_answers_nothing_and_keeps_everything() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let extra = desk.follow(pages.last().unwrap(), Some("back")).await;
    let name = desk.press(&extra, "again", &[("note", "new")]).await;
    assert_eq!(name.place, "name");
    assert_eq!(answer(&desk, &name, "extra", "note").await, Some(text("new")));
    assert_eq!(desk.follow(&name, Some("on")).await.place, "check");
}

#[tokio::test]
async fn back_keeps_what_is_typed_as_a_draft_that_never_counts() {
    let desk = Desk::open([walk()]).await;
    let name = desk.start("walk").await;
    let kind = desk.send(&name, &[("given", "Ada")]).await;
    let alpha = desk.send(&kind, &[("kind", "a")]).await;
    let back = desk.press(&alpha, "back", &[("alpha", "seven")]).await;
    assert_eq!(back.place, "kind");
    let again = desk.send(&back, &[("kind", "a")]).await;
    assert_eq!(
        (again.place.as_str(), again.typed.clone()),
        ("alpha", form(&[("alpha", "seven")]))
    );
    assert_eq!(answer(&desk, &again, "alpha", "alpha").await, None);
    assert_eq!(desk.send(&again, &[("alpha", "7")]).await.place, "extra");
}

#[tokio::test]
async fn a_start_pressed_twice_is_the_same_session_only_at_its_first_step_and_for_the_same_client() {
    let desk = Desk::open([walk()]).await;
    let request = Request {
        session: desk.ticket("walk"),
        ..Desk::request("walk")
    };
    let one = sheet(desk.engine.answer(request.clone()).await);
    let two = sheet(desk.engine.answer(request.clone()).await);
    assert_eq!((&one.session, &one.screen), (&two.session, &two.screen));
    assert_eq!(desk.sessions().await, 1);
    let other = Request {
        client: b"198.51.100|lynx".to_vec(),
        ..request.clone()
    };
    let Reply::Start(anew) = desk.engine.answer(other).await else {
        panic!()
    };
    assert!(
        matches!(anew.refused, Some(StartRefused::Stale)),
        "another client learns nothing"
    );
    desk.send(&one, &[("given", "Ada")]).await;
    let Reply::Start(anew) = desk.engine.answer(request.clone()).await else {
        panic!()
    };
    let Some(StartRefused::Begun { session, screen }) = anew.refused else {
        panic!("{:?}", anew.refused)
    };
    assert_eq!(session.to_string(), one.session);
    let begun = Sheet { screen, ..one.clone() };
    assert_eq!(desk.follow(&begun, Some("on")).await.place, "kind");
    desk.wait(2 * 3600 + 1);
    let Reply::Start(anew) = desk.engine.answer(request).await else {
        panic!()
    };
    assert!(matches!(anew.refused, Some(StartRefused::Stale)));
    assert_eq!(desk.sessions().await, 1);
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
async fn sixty_four_identical_posts_at_once_are_one_commit_and_equal_pages() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    let requests = (0..64).map(|_| {
        let (engine, request) = (desk.engine.clone(), Desk::post(&page, None, &[("given", "Ada")]));
        tokio::spawn(async move { sheet(engine.answer(request).await) })
    });
    let requests: Vec<_> = requests.collect();
    let mut screens = std::collections::BTreeSet::new();
    for request in requests {
        screens.insert(request.await.unwrap().screen);
    }
    assert_eq!(screens.len(), 1);
    assert_eq!(desk.stored(&page).await.step, 2);
}

#[tokio::test]
async fn sixty_four_different_posts_at_once_on_one_presentation_lose_nothing_unseen() {
    let desk = Desk::open([walk()]).await;
    let page = desk.start("walk").await;
    let requests: Vec<_> = (0..64)
        .map(|n| {
            let (engine, request) = (
                desk.engine.clone(),
                Desk::post(&page, None, &[("given", &format!("Ada {n}"))]),
            );
            tokio::spawn(async move { sheet(engine.answer(request).await) })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap().status, 200);
    }
    let session = desk.stored(&page).await;
    assert_eq!(session.step, 65);
    let amended = session
        .journal
        .iter()
        .filter(|e| matches!(e.event, Event::Amended { .. }))
        .count() as u64;
    assert!(
        amended + session.folded >= 63,
        "every one of them stands in the journal"
    );
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
    assert!(matches!(reply, Reply::Busy { .. }), "{reply:?}");
    assert_eq!(desk.stored(&page).await.step, 1);
}
