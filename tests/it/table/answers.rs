//! Rows about answers that stay when another one changes, and about presses that are the same twice.

use deity::engine::{Came, Reply, Request};
use deity::machine::{Event, Notice, Place};

use super::{WALK, answer, shows, text, to_the_review, variant, walk};
use crate::support::desk::{Desk, Sheet, drawn, read, sheet};

/// The walk with a PIN that must be given.
fn strict() -> deity::flow::Flow {
    variant("label = \"PIN\", required = false", "label = \"PIN\", min = 4")
}

#[tokio::test]
async fn a_secret_whose_box_comes_empty_stays_and_its_page_says_so() {
    for flow in [walk(), strict()] {
        let desk = Desk::open([flow]).await;
        let name = desk.start("walk").await;
        assert!(!name.html.contains("Leave it empty"), "{}", name.html);
        let kind = desk.send(&name, &[("given", "Ada"), ("pin", "sesame")]).await;
        let change = desk.press(&kind, "back", &[]).await;
        shows(&change, &["Leave it empty to keep it."]);
        assert!(!change.html.contains("sesame"), "{}", change.html);
        let next = desk.send(&change, &[("given", "Eve"), ("pin", " ")]).await;
        assert_eq!((next.status, next.place.as_str()), (200, "kind"));
        shows(&next, &["Given names: Ada → Eve"]);
        assert!(!next.html.contains("PIN"), "it did not change: {}", next.html);
        assert_eq!(answer(&desk, &name, "name", "pin").await, Some(text("sesame")));
        // Nor does a kept page that the browser restored empty take it away.
        desk.send(&name, &[("given", "Ada")]).await;
        assert_eq!(answer(&desk, &name, "name", "pin").await, Some(text("sesame")));
    }
}

#[tokio::test]
async fn a_secret_is_changed_or_taken_away_by_its_own_boxes_only_and_neither_value_is_shown() {
    let desk = Desk::open([walk()]).await;
    let name = desk.start("walk").await;
    let kind = desk.send(&name, &[("given", "Ada"), ("pin", "sesame")]).await;
    let page = desk.press(&kind, "back", &[]).await;
    shows(&page, &["name=pin-remove", "Remove what you gave: PIN"]);
    let both = [("given", "Ada"), ("pin", "other"), ("pin-remove", "yes")];
    let refused = desk.send(&page, &both).await;
    assert_eq!((refused.status, refused.faults.clone()), (422, vec!["pin".to_owned()]));
    shows(&refused, &["not both", "value=yes checked"]);
    let next = desk.send(&page, &[("given", "Ada"), ("pin", "other")]).await;
    shows(&next, &["PIN: changed"]);
    assert_eq!(answer(&desk, &name, "name", "pin").await, Some(text("other")));
    let next = desk.send(&page, &[("given", "Ada"), ("pin-remove", "yes")]).await;
    shows(&next, &["PIN: removed"]);
    for value in ["sesame", "other", "– → –"] {
        assert!(!next.html.contains(value), "{value}: {}", next.html);
    }
    assert_eq!(answer(&desk, &name, "name", "pin").await, None);
    // One that must be given cannot be taken away.
    let desk = Desk::open([strict()]).await;
    let name = desk.start("walk").await;
    let reply = desk
        .engine
        .answer(Desk::post(&name, None, &[("given", "Ada"), ("pin-remove", "yes")]))
        .await;
    assert!(matches!(reply, Reply::Tampered { .. }), "{reply:?}");
}

#[tokio::test]
async fn a_secret_on_a_page_that_comes_again_is_not_dropped_without_a_word() {
    let desk = Desk::open([walk()]).await;
    let name = desk.start("walk").await;
    let typed = [("given", ""), ("pin", "sesame")];
    let wrong = desk.send(&name, &typed).await;
    assert_eq!(wrong.status, 422);
    let more = desk.press(&name, "more-time", &typed).await;
    for page in [&wrong, &more, &desk.follow(&more, Some("open")).await] {
        shows(page, &["What you typed here is not kept. Type it again."]);
        assert!(
            !page.html.contains("sesame") && !page.html.contains('\u{2022}'),
            "{}",
            page.html
        );
    }
    let kind = desk.send(&more, &[("given", "Ada"), ("pin", "first")]).await;
    let change = desk.press(&kind, "back", &[]).await;
    assert!(!change.html.contains("is not kept"), "{}", change.html);
    let wrong = desk.send(&change, &[("given", ""), ("pin", "second")]).await;
    shows(
        &wrong,
        &["Type it again, or leave it empty to keep what you gave before."],
    );
    // Nothing typed, nothing said; and nothing is put aside.
    let step = desk.stored(&change).await.step;
    let same = desk.press(&change, "more-time", &[("given", "Ada"), ("pin", "")]).await;
    assert!(!same.html.contains("is not kept"), "{}", same.html);
    assert!(
        desk.stored(&change).await.answers[&Place::of("name")].draft.is_none(),
        "{step}"
    );
}

#[tokio::test]
async fn what_was_typed_and_not_submitted_is_named_by_the_review_and_the_receipt() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    assert!(!pages[4].html.contains("not submitted"), "{}", pages[4].html);
    let extra = desk.follow(&pages[4], Some("change.extra")).await;
    let check = desk
        .press(&extra, "back", &[("note", "other words"), ("dose", "")])
        .await;
    assert_eq!(check.place, "check");
    shows(
        &check,
        &[
            "Typed and not submitted",
            "<li>Anything else? <a href",
            "actionID=change.extra",
        ],
    );
    let extra = desk.follow(&check, Some("change.extra")).await;
    shows(&extra, &["other words"]);
    let receipt = desk.send(&check, &[]).await;
    assert_eq!(receipt.kind, "receipt");
    shows(
        &receipt,
        &["was not submitted, and was not sent:<ul><li>Anything else?</ul>"],
    );
    assert!(!receipt.html.contains("other words"), "{}", receipt.html);
}

#[tokio::test]
async fn a_secret_never_stands_in_a_hidden_field() {
    let desk = Desk::open([walk()]).await;
    let mut request = Desk::request("walk");
    request.session = "x".repeat(50);
    "name".clone_into(&mut request.screen);
    request.fields = crate::support::desk::form(&[("given", "Ada"), ("pin", "sesame")]);
    let reply = desk.engine.answer(request).await;
    let (status, html) = drawn(&reply);
    assert_eq!(status, 409);
    assert!(html.contains("type=hidden name=\"given\" value=\"Ada\""), "{html}");
    assert!(!html.contains("sesame"), "{html}");
}

#[tokio::test]
async fn what_a_kept_page_sends_empty_is_said_on_the_next_page_wherever_that_is() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    // As the browser shows `extra` again: as it first came.
    let check = desk.send(&pages[3], &[("note", "")]).await;
    shows(&check, &["You changed:", "Note: x → –"]);
    // Of a screen that does not count at present, too.
    let extra = desk.follow(&check, Some("change.extra")).await;
    let other = desk.send(&extra, &[("note", "y")]).await;
    let late = desk.follow(&other, Some("change.extra")).await;
    desk.send(&pages[1], &[("kind", "b")]).await;
    let kept = desk.send(&late, &[("note", "")]).await;
    assert_eq!(kept.place, "beta");
    assert!(kept.notices.contains(&Notice::KeptButFirst));
    shows(&kept, &["Note: y → –"]);
}

const HIDES: &str = r#"
title = "Where"
start = "where"

[screens.where]
title = "Where do you live?"
fields.place = { type = "choice", label = "Where?", options = { inside = "Inside", outside = "Outside" } }
fields.country = { type = "text", label = "Which country?", when = "place == 'outside'", max = 20 }
actions.continue = "more"

[screens.more]
title = "More"
fields.visits = { type = "integer", label = "Visits a year", required = false, when = "place == 'outside'" }
fields.word = { type = "secret", label = "Word", required = false, when = "place == 'outside'" }
fields.note = { type = "text", label = "Note", required = false }
actions.continue = "check"

[screens.check]
title = "Check"
review = true
actions.send = "done"

[screens.done]
title = "Done"
end = "completed"
"#;

#[tokio::test]
async fn what_a_guard_hides_is_named_on_the_next_page_and_comes_back_with_it() {
    let desk = Desk::open([read("where", HIDES)]).await;
    let page = desk.start("where").await;
    let more = desk.send(&page, &[("place", "outside"), ("country", "Peru")]).await;
    let check = desk
        .send(&more, &[("visits", "2"), ("word", "sesame"), ("note", "n")])
        .await;
    shows(&check, &["Peru", "Visits a year"]);
    let change = desk.follow(&check, Some("change.where")).await;
    let next = desk.send(&change, &[("place", "inside"), ("country", "Peru")]).await;
    shows(
        &next,
        &[
            "These answers do not count any more",
            "Which country?: Peru",
            "Visits a year: 2",
            "Word: not shown",
        ],
    );
    assert!(
        !next.html.contains("sesame") && !next.html.contains("– → –"),
        "{}",
        next.html
    );
    let hidden = |event: &Event| matches!(event, Event::Hidden { before } if before.len() == 3);
    let session = desk.stored(&page).await;
    assert!(session.journal.iter().any(|entry| hidden(&entry.event)));
    // Sent once more while it is hidden, the page loses nothing that it did not show.
    let more = desk.follow(&next, Some("change.more")).await;
    let sent = desk.send(&more, &[("note", "m")]).await;
    assert!(!sent.html.contains("do not count"), "said once: {}", sent.html);
    let change = desk.follow(&sent, Some("change.where")).await;
    let back = desk.send(&change, &[("place", "outside"), ("country", "Chile")]).await;
    assert_eq!(answer(&desk, &back, "more", "word").await, Some(text("sesame")));
    shows(&desk.follow(&back, Some("on")).await, &["Chile", "<dd>2", "<dd>m"]);
}

#[tokio::test]
async fn an_old_review_names_what_another_window_took_away() {
    let desk = Desk::open([read("where", HIDES)]).await;
    let page = desk.start("where").await;
    let more = desk.send(&page, &[("place", "outside"), ("country", "Peru")]).await;
    let check = desk
        .send(&more, &[("visits", "2"), ("word", "sesame"), ("note", "n")])
        .await;
    let change = desk.follow(&check, Some("change.where")).await;
    desk.send(&change, &[("place", "inside"), ("country", "Peru")]).await;
    let old = desk.press(&check, "send", &[]).await;
    assert_eq!((old.kind, old.status), ("screen", 409), "{}", old.html);
    shows(
        &old,
        &[
            "Where?: Outside → Inside",
            "These answers do not count any more",
            "Which country?: Peru",
            "Visits a year: 2",
            "Word: not shown",
        ],
    );
    assert!(!old.html.contains("sesame"), "{}", old.html);
}

/// The pages on which *Cancel* may be pressed: at first, changed, typed into, off the path, no
/// longer valid, sealed.
async fn of_every_kind(desk: &Desk) -> Vec<(&'static str, Sheet)> {
    let pages = to_the_review(desk).await;
    let check = pages.last().unwrap().clone();
    let changed = desk.follow(&check, Some("change.name")).await;
    let kept = desk.send(&changed, &[("given", "Eve")]).await;
    let drafted = desk.follow(&kept, Some("change.name")).await;
    desk.press(&drafted, "back", &[("given", "Fay")]).await;
    vec![
        ("kept by the browser", pages[0].clone()),
        ("of a change link", changed),
        ("drafted", drafted.clone()),
        ("in front", desk.follow(&kept, None).await),
        ("the last", pages[4].clone()),
    ]
}

#[tokio::test]
async fn two_equal_presses_of_cancel_or_more_time_get_the_same_page_whatever_the_page() {
    let source = WALK.replace(
        "actions.continue = \"extra\"",
        "actions.continue = \"extra\"\nactions.stop = { label = \"Cancel\", cancel = true }",
    );
    let fields: [&[(&str, &str)]; 2] = [&[], &[("given", "Gil"), ("pin", "1")]];
    for action in ["stop", "more-time"] {
        for typed in fields {
            let desk = Desk::open([read("walk", &source)]).await;
            let mut pages = of_every_kind(&desk).await;
            pages.retain(|(_, page)| page.place == "name");
            // Off the path: `alpha`, once the kind is another.
            let walked = to_the_review(&desk).await;
            desk.send(&walked[1], &[("kind", "b")]).await;
            pages.push(("off the path", walked[2].clone()));
            for (what, page) in &pages {
                let typed = if *what == "off the path" && !typed.is_empty() {
                    &[("alpha", "nine")]
                } else {
                    typed
                };
                let one = desk.press(page, action, typed).await;
                let step = desk.stored(page).await.step;
                let two = desk.press(page, action, typed).await;
                assert_eq!(one.html, two.html, "{action} on a page {what}, {typed:?}");
                assert_eq!((one.status, two.status), (200, 200), "{action} on a page {what}");
                assert_eq!(desk.stored(page).await.step, step, "{what}: the second writes nothing");
                if action == "stop" {
                    assert_eq!(one.kind, "cancelling", "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_cancel_that_is_confirmed_twice_says_twice_that_it_is_done() {
    let desk = Desk::open([walk()]).await;
    let name = desk.start("walk").await;
    let asked = desk.press(&name, "stop", &[]).await;
    let one = desk.press(&asked, "yes-cancel", &[]).await;
    let two = desk.press(&asked, "yes-cancel", &[]).await;
    assert_eq!((one.kind, one.status), ("over", 200));
    assert_eq!((two.kind, two.status), ("over", 200));
    shows(&two, &["You cancelled this"]);
    assert_eq!(desk.follow(&asked, None).await.status, 410);
    assert_eq!(desk.stored(&name).await.answers.get(&Place::of("name")), None);
}

/// Enter without an actionID on a page that stands in for a screen's own presses none of the actions behind it.
#[tokio::test]
async fn what_is_pressed_by_enter_on_a_page_that_asks_is_never_an_action_of_the_screen_behind_it() {
    let send = "actions.submit = { label = \"Send\", to = \"done\" }";
    let both = format!("{send}\nactions.stop = {{ label = \"Cancel\", cancel = true }}");
    let desk = Desk::open([variant(send, &both)]).await;
    let pages = to_the_review(&desk).await;
    let review = pages.last().unwrap();
    let asked = desk.press(review, "stop", &[]).await;
    assert_eq!(asked.kind, "cancelling");
    let before = desk.stored(review).await;
    let entered = Request {
        came: Came::Bare,
        ..Desk::post(&asked, None, &[])
    };
    let page = sheet(desk.engine.answer(entered).await);
    assert_eq!((page.kind, page.place.as_str()), ("screen", "check"));
    assert_eq!(
        desk.stored(review).await,
        before,
        "nothing is sent, cancelled or written"
    );
}
