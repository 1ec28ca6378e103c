//! Rows about one submission: unknown, tampered, invalid, off the path, no longer offered; and plain steps.

use deity::engine::{Reply, Request};
use deity::flow::Value;
use deity::machine::{Notice, Place, State};

use super::{answer, shows, text, to_the_review, walk};
use crate::support::desk::{Desk, Sheet, drawn, form, sheet};

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
        assert!(
            matches!(reply, Reply::Tampered { .. }),
            "{action:?} {fields:?}: {reply:?}"
        );
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
        form(&[("given", &long), ("pin", "\u{2022}")]),
        "typed input is kept; of a secret, that it was typed"
    );
    assert_eq!(desk.stored(&page).await.step, 1);
    let next = desk.send(&again, &[("given", "Ada")]).await;
    assert_eq!((next.place.as_str(), next.status), ("kind", 200));
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
        assert!(
            matches!(desk.engine.answer(get).await, Reply::Tampered { .. }),
            "{action}"
        );
    }
    assert_eq!(desk.stored(check).await, before);
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
    assert!(kept.notices.contains(&Notice::KeptAside));
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
async fn an_emptied_field_is_a_draft_too() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let extra = desk.follow(pages.last().unwrap(), Some("change.extra")).await;
    desk.press(&extra, "back", &[("note", "")]).await;
    let again = desk.follow(pages.last().unwrap(), Some("change.extra")).await;
    assert_eq!(again.typed, form(&[("note", "")]));
    assert!(!again.html.contains("value=\"x\""), "{}", again.html);
    assert_eq!(
        answer(&desk, &again, "extra", "note").await,
        Some(text("x")),
        "a draft never counts"
    );
}

#[tokio::test]
async fn no_line_speaks_of_the_page_that_it_stands_on() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    // No page is before the first: *back* stays there, wherever the session stands.
    let first = desk.follow(&pages[0], Some("back")).await;
    let first = if first.place == "intro" {
        desk.follow(&first, Some("back")).await
    } else {
        first
    };
    assert_eq!((first.place.as_str(), first.notices.len()), ("intro", 0));
    assert!(first.on);
    // A page that the path has left is not open; the present one is said to be another.
    desk.send(&pages[1], &[("kind", "b")]).await;
    let beta = desk.follow(&pages[2], None).await;
    assert_eq!((beta.place.as_str(), beta.notices), ("beta", vec![Notice::StandsHere]));
}
