//! What a session remembers of long lists.

use super::house;
use crate::support::desk::{Desk, read};

#[tokio::test]
async fn outcomes_are_kept_for_the_last_steps_and_one_for_each_item_beyond() {
    let source = super::HOUSE.replace("max = 4", "max = 200");
    let desk = Desk::open([read("house", &source)]).await;
    let first = desk.start("house").await;
    let mut list = first.clone();
    for n in 0..100 {
        list = super::add(&desk, &list, &format!("Person {n}"), "5", "").await;
    }
    let session = desk.stored(&list).await;
    assert_eq!(session.items.len(), 100);
    let most = deity::limits::OUTCOMES_KEPT + 100 + 3;
    assert!(session.outcomes.len() <= most, "{}", session.outcomes.len());
    for item in 1..=100 {
        let latest = session.outcomes.iter().filter(|outcome| outcome.place.item == item);
        assert!(latest.count() >= 1, "item {item}");
    }
    // The latest press of the first item is still a replay, or the page as it stands: never another step.
    let income = desk.press(&list, "continue", &[]).await;
    assert_eq!(income.place, "income");
}

#[tokio::test]
async fn a_session_that_is_full_of_items_says_so_and_keeps_what_was_typed() {
    let source = super::HOUSE
        .replace("max = 4", "max = 500")
        .replace("label = \"Name\", max = 40", "label = \"Name\", max = 5000");
    let desk = Desk::open([read("house", &source)]).await;
    let mut list = desk.start("house").await;
    let long = "n".repeat(4_900);
    for _ in 0..80 {
        let who = desk.press(&list, "add", &[]).await;
        if who.status == 422 {
            return;
        }
        let old = desk.send(&who, &[("name", &long)]).await;
        if old.status == 422 {
            assert!(old.html.contains("your answers are too long in all"), "{}", old.html);
            assert!(old.html.contains(&long), "what was typed stands there");
            return;
        }
        list = desk.send(&old, &[("age", "3")]).await;
    }
    panic!("it was never full");
}

#[tokio::test]
async fn items_that_are_added_and_never_begun_do_not_pile_up() {
    let desk = Desk::open([house()]).await;
    let mut page = desk.start("house").await;
    for _ in 0..40 {
        let who = desk.press(&page, "add", &[]).await;
        assert_eq!(who.place, "who", "{}", who.html);
        // To the list by way of a fresh presentation: another one each time.
        page = desk.press(&who, "back", &[("name", "")]).await;
        assert_eq!(page.place, "people", "{}", page.html);
    }
    let session = desk.stored(&page).await;
    assert!(
        session.items.len() <= deity::limits::EMPTY_ITEMS,
        "{}",
        session.items.len()
    );
}
