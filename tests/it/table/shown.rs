//! What a page showed is what its actions go by: where it is another now, what calls, seals or ends
//! is not applied, and the page comes again with what changed.

use deity::id::ScreenId;
use deity::machine::{Notice, Verdict};

use super::{WALK, answer, shows, text, to_the_review, variant, walk};
use crate::effects::lists::{FARE, pounds, two};
use crate::support::desk::{Desk, Sheet, read};

/// The last question ends it, and its page speaks of an earlier answer.
fn short() -> deity::flow::Flow {
    let again = "actions.again = ";
    assert!(WALK.contains("\"Anything else?\"") && WALK.contains(again));
    let source = WALK.replace("\"Anything else?\"", "\"Anything else, {{ given }}?\"");
    let quick = format!("actions.quick = {{ label = \"Send at once\", to = \"done\" }}\n{again}");
    read("walk", &source.replace(again, &quick))
}

/// The same page as the release before printed its id: without a digest.
async fn of_before(desk: &Desk, page: &Sheet) -> Sheet {
    let key = desk.stored(page).await.key;
    let id = ScreenId::open(&page.screen, &key).unwrap();
    assert!(id.shown.is_some());
    let screen = ScreenId { shown: None, ..id }.sealed(&key);
    Sheet { screen, ..page.clone() }
}

#[tokio::test]
async fn a_review_that_another_window_changed_is_not_sent_unseen() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    desk.send(&pages[2], &[("alpha", "5")]).await;
    let step = desk.stored(&pages[0]).await.step;
    let page = desk.send(&pages[4], &[]).await;
    assert_eq!((page.kind, page.place.as_str(), page.status), ("screen", "check", 409));
    assert!(matches!(page.notices.as_slice(), [Notice::Different(changes)] if changes.len() == 1));
    shows(&page, &["has changed since you opened it", "How many?: 3 → 5"]);
    assert_ne!(page.screen, pages[4].screen);
    assert_eq!(desk.stored(&page).await.step, step, "nothing is written");
    // The same once more is the same once more; the new page is sent.
    assert_eq!(desk.send(&pages[4], &[]).await.status, 409);
    let sent = desk.send(&page, &[]).await;
    assert_eq!((sent.kind, sent.status), ("receipt", 200));
    assert_eq!(desk.send(&page, &[]).await.status, 200, "sent twice, it is a replay");
}

#[tokio::test]
async fn nor_one_whose_secret_another_window_replaced() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let name = desk.follow(&pages[4], Some("change.name")).await;
    let check = desk.send(&name, &[("given", "Ada"), ("pin", "pin-one")]).await;
    assert_eq!(check.place, "check");
    let name = desk.follow(&check, Some("change.name")).await;
    desk.send(&name, &[("given", "Ada"), ("pin", "pin-two")]).await;
    let page = desk.send(&check, &[]).await;
    assert_eq!((page.kind, page.status), ("screen", 409));
    shows(&page, &["PIN: changed"]);
    for value in ["pin-one", "pin-two"] {
        assert!(!page.html.contains(value), "{}", page.html);
    }
    assert_eq!(desk.send(&page, &[]).await.kind, "receipt");
}

#[tokio::test]
async fn values_are_compared_and_not_how_often_they_were_given() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    desk.send(&pages[2], &[("alpha", "5")]).await;
    desk.send(&pages[2], &[("alpha", "3")]).await;
    let sent = desk.send(&pages[4], &[]).await;
    assert_eq!((sent.kind, sent.status), ("receipt", 200));
}

#[tokio::test]
async fn what_leads_on_only_is_applied_whatever_its_page_showed() {
    let desk = Desk::open([short()]).await;
    let pages = to_the_review(&desk).await;
    let extra = desk.follow(&pages[4], Some("change.extra")).await;
    desk.send(&pages[0], &[("given", "Bea")]).await;
    let next = desk.press(&extra, "continue", &[("note", "y")]).await;
    assert_eq!((next.kind, next.place.as_str(), next.status), ("screen", "check", 200));
    assert_eq!(answer(&desk, &next, "extra", "note").await, Some(text("y")));
}

#[tokio::test]
async fn what_was_typed_stands_in_the_page_that_comes_again() {
    let desk = Desk::open([short()]).await;
    let pages = to_the_review(&desk).await;
    let extra = desk.follow(&pages[4], Some("change.extra")).await;
    let wrong = desk.press(&extra, "quick", &[("note", &"x".repeat(41))]).await;
    assert_eq!((wrong.status, &wrong.screen), (422, &extra.screen), "it keeps its id");
    desk.send(&pages[0], &[("given", "Bea")]).await;
    let page = desk.press(&wrong, "quick", &[("note", "typed here")]).await;
    assert_eq!((page.kind, page.place.as_str(), page.status), ("screen", "extra", 409));
    shows(&page, &["typed here", "Ada → Bea", "Anything else, Bea?"]);
    assert_eq!(
        desk.press(&page, "quick", &[("note", "typed here")]).await.kind,
        "receipt"
    );
}

#[tokio::test]
async fn a_page_of_the_release_before_is_sent_while_nothing_can_have_changed() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let old = of_before(&desk, &pages[4]).await;
    desk.send(&pages[3], &[("note", "y")]).await;
    let page = desk.send(&old, &[]).await;
    assert_eq!((page.kind, page.status), ("screen", 409));
    let old = of_before(&desk, &page).await;
    let sent = desk.send(&old, &[]).await;
    assert_eq!((sent.kind, sent.status), ("receipt", 200));
}

#[tokio::test]
async fn enter_presses_what_its_page_offered_first_or_nothing() {
    let desk = Desk::open([variant(
        "actions.submit = { label = \"Send\", to = \"done\" }",
        "actions.alpha = { label = \"On as alpha\", to = \"name\", when = \"kind == 'a'\" }\nactions.submit = { label = \"Send\", to = \"done\" }",
    )])
    .await;
    let pages = to_the_review(&desk).await;
    // Enter is the first that is offered; twice, it is a replay.
    let name = desk.send(&pages[4], &[]).await;
    assert_eq!((name.place.as_str(), name.status), ("name", 200));
    desk.send(&pages[1], &[("kind", "b")]).await;
    assert_eq!(desk.send(&pages[4], &[]).await.status, 200);
    let beta = desk.follow(&pages[1], Some("on")).await;
    let check = desk.send(&beta, &[("beta", "this")]).await;
    let extra = if check.place == "check" {
        check
    } else {
        desk.follow(&check, Some("on")).await
    };
    assert_eq!(extra.place, "check");
    desk.send(&pages[1], &[("kind", "a")]).await;
    // Its page offered *Send* first, and offers something else now.
    let again = desk.send(&extra, &[]).await;
    assert_eq!(
        (again.kind, again.place.as_str(), again.status),
        ("screen", "check", 409)
    );
}

#[tokio::test]
async fn a_price_that_was_looked_up_again_is_not_paid_unseen() {
    let desk = Desk::open([read("ferry", FARE)]).await;
    let check = two(&desk).await;
    // Elsewhere the page is led to once more: what it brings is compared.
    let many = desk.follow(&check, Some("change.many")).await;
    let again = desk.send(&many, &[("many", "2")]).await;
    desk.says(&again, "fare", pounds("30")).await;
    let page = desk.press(&check, "pay", &[]).await;
    assert_eq!(
        (page.kind, page.status, page.verdict),
        ("screen", 409, Verdict::Conflict)
    );
    shows(&page, &["The fare: £20.00 → £30.00", "That is £30.00"]);
    assert!(desk.asked(&page).await.iter().all(|asked| asked.effect != "charge"));

    let many = desk.follow(&page, Some("change.many")).await;
    let again = desk.send(&many, &[("many", "2")]).await;
    assert_ne!(again.screen, page.screen);
    desk.says(&again, "fare", pounds("30.00")).await;
    let waiting = desk.press(&page, "pay", &[]).await;
    assert_eq!(
        (waiting.kind, waiting.status),
        ("waiting", 200),
        "the same is no change"
    );
    assert_eq!(desk.latest(&waiting, "charge").await.sent.len(), 2);
}

const TOTAL: &str = r#"
title = "Tickets"
start = "many"

[screens.many]
title = "How many?"
fields.many = { type = "integer", label = "Tickets" }
fields.each = { type = "integer", label = "Pounds for each" }
fields.total = { type = "computed", label = "In all", value = "money(1, 'GBP') * many * each" }
actions.continue = "check"

[screens.check]
title = "Check"
body = "That is {{ total }}."
actions.send = "done"

[screens.done]
title = "Sent"
end = "completed"
"#;

#[tokio::test]
async fn a_total_that_another_window_changed_is_not_sent_unseen() {
    let desk = Desk::open([read("tickets", TOTAL)]).await;
    let many = desk.start("tickets").await;
    let check = desk.send(&many, &[("many", "2"), ("each", "15")]).await;
    shows(&check, &["That is £30.00."]);
    // In the other window.
    desk.send(&many, &[("many", "3"), ("each", "15")]).await;
    let page = desk.send(&check, &[]).await;
    assert_eq!((page.kind, page.place.as_str(), page.status), ("screen", "check", 409));
    assert!(matches!(page.notices.as_slice(), [Notice::Different(changes)] if changes.len() == 1));
    shows(&page, &["Tickets: 2 → 3", "That is £45.00."]);
    // Of other numbers, it is the total that counts: the page showed nothing else.
    desk.send(&many, &[("many", "5"), ("each", "9")]).await;
    let sent = desk.send(&page, &[]).await;
    assert_eq!((sent.kind, sent.status), ("receipt", 200));
}
