//! Adding, changing, removing, putting back.

use super::{add, house, shows};
use crate::support::desk::Desk;

#[tokio::test]
async fn items_are_added_one_after_another_and_stand_on_the_review_each_with_its_change_links() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    assert_eq!(list.place, "people", "{}", list.html);
    shows(&list, &["Who lives here?", "<button class=m name=actionID value=add>"]);
    assert!(
        !list.html.contains("Nobody else lives here"),
        "one is needed: {}",
        list.html
    );
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    assert_eq!(list.place, "people", "{}", list.html);
    shows(&list, &["Ada, 36", "Nobody else lives here"]);
    let place = |words: &str| list.html.rfind(words).unwrap();
    assert!(place("Add another person") < place("Nobody else"), "{}", list.html);
    let list = add(&desk, &list, "Byron", "4", "").await;
    assert_eq!(list.place, "people", "{}", list.html);
    shows(&list, &["Ada, 36", "Byron, 4"]);
    let income = desk.press(&list, "continue", &[]).await;
    assert_eq!(income.place, "income", "{}", income.html);
    shows(&income, &["There are 2 people."]);
    let check = desk.send(&income, &[]).await;
    shows(&check, &["Ada", "Byron", "£1,200.00", "change.who.1", "change.old.2"]);
    // A change link of the review leads to that item's screen, and back to the review.
    let who = desk.follow(&check, Some("change.who.2")).await;
    assert_eq!(who.place, "who", "{}", who.html);
    shows(&who, &["value=\"Byron\"", "What is their name?"]);
    let check = desk.send(&who, &[("name", "Lord Byron")]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    shows(&check, &["Lord Byron"]);
    let done = desk.send(&check, &[]).await;
    assert_eq!(done.kind, "receipt", "{}", done.html);
}

#[tokio::test]
async fn an_item_is_removed_put_back_under_its_key_and_counts_no_more_meanwhile() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let list = add(&desk, &list, "Byron", "4", "").await;
    let removed = desk.press(&list, "remove.1", &[]).await;
    assert_eq!((removed.place.as_str(), removed.status), ("people", 200));
    shows(&removed, &["You removed Ada, 36", "value=restore.1", "Byron, 4"]);
    assert!(!removed.html.contains("<dt>Ada"), "{}", removed.html);
    // The same press again is the same page; on a page that was kept too.
    assert_eq!(desk.press(&list, "remove.1", &[]).await.html, removed.html);
    let step = desk.stored(&list).await.step;
    let income = desk.press(&removed, "continue", &[]).await;
    shows(&income, &["There are 1 people."]);
    let back = desk.press(&removed, "restore.1", &[]).await;
    shows(&back, &["It is back in the list", "<dt>Ada, 36", "<dt>Byron, 4"]);
    let at = |name: &str| back.html.find(&format!("<dt>{name}")).unwrap();
    assert!(at("Ada") < at("Byron"), "at its place");
    let session = desk.stored(&list).await;
    assert_eq!(session.keys, 2);
    assert!(session.step > step);
    let income = desk.press(&back, "continue", &[]).await;
    shows(&income, &["There are 2 people."]);
}

#[tokio::test]
async fn removed_in_one_window_and_edited_in_another_nothing_typed_is_lost() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let list = add(&desk, &list, "Byron", "4", "").await;
    let who = desk.follow(&list, Some("change.who.2")).await;
    desk.press(&list, "remove.2", &[]).await;
    let gone = desk.send(&who, &[("name", "Lord Byron")]).await;
    assert_eq!((gone.kind, gone.status), ("gone", 409), "{}", gone.html);
    shows(&gone, &["Lord Byron", "Add it again", "was removed"]);
    let before = desk.stored(&list).await;
    // A GET of that page leads to where the transaction stands.
    let stands = desk.follow(&who, None).await;
    assert_eq!(stands.place, "people", "{}", stands.html);
    assert_eq!(desk.stored(&list).await, before);
    // Added again: under its key, and what was typed is its draft.
    let again = desk.press(&gone, "restore.2", &[("name", "Lord Byron")]).await;
    assert_eq!(again.place, "who", "{}", again.html);
    shows(&again, &["Lord Byron"]);
    let old = desk.send(&again, &[("name", "Lord Byron")]).await;
    assert_eq!(old.place, "old", "{}", old.html);
    shows(&old, &["How old is Lord Byron?", "value=\"4\""]);
}

#[tokio::test]
async fn a_double_click_on_add_is_one_item_and_pressed_again_later_it_is_another() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let one = desk.press(&list, "add", &[]).await;
    let same = desk.press(&list, "add", &[]).await;
    assert_eq!(one.html, same.html);
    assert_eq!(desk.stored(&list).await.items.len(), 1);
    // Not begun, it is not shown and holds nothing up.
    let empty = desk.press(&one, "back", &[]).await;
    assert_eq!(empty.place, "people");
    assert!(!empty.html.contains("<dt>"), "{}", empty.html);
    let old = desk.send(&one, &[("name", "Ada")]).await;
    desk.send(&old, &[("age", "3")]).await;
    let another = desk.press(&list, "add", &[]).await;
    assert_eq!(another.place, "who");
    shows(
        &another,
        &["The one that you added before is kept", "What is their name?"],
    );
    assert_eq!(desk.stored(&list).await.items.len(), 2);
}

#[tokio::test]
async fn the_fewest_and_the_most_items_hold() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let short = desk.press(&list, "continue", &[]).await;
    assert_eq!((short.place.as_str(), short.status), ("people", 422), "{}", short.html);
    shows(&short, &["Add at least 1"]);
    let mut list = list;
    for name in ["Ada", "Bea", "Cy", "Di"] {
        assert!(list.html.contains("value=add"), "{}", list.html);
        list = add(&desk, &list, name, "3", "").await;
    }
    assert!(!list.html.contains("value=add"), "{}", list.html);
    let full = desk.press(&list, "add", &[]).await;
    assert_eq!((full.kind, full.status), ("not offered", 409), "{}", full.html);
    assert_eq!(desk.press(&list, "continue", &[]).await.place, "income");
}

#[tokio::test]
async fn an_item_that_is_begun_and_not_finished_is_shown_so_and_holds_the_list_up() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let who = desk.press(&list, "add", &[]).await;
    let old = desk.send(&who, &[("name", "Ada")]).await;
    let who = desk.press(&old, "back", &[]).await;
    assert_eq!(who.place, "who", "{}", who.html);
    let list = desk.press(&who, "back", &[]).await;
    assert_eq!(list.place, "people", "{}", list.html);
    shows(&list, &["<dt>Ada", "Not finished yet", "change.old.1"]);
    let held = desk.press(&list, "continue", &[]).await;
    assert_eq!(held.place, "old", "{}", held.html);
    shows(&held, &["Finish this first"]);
    let list = desk.send(&held, &[("age", "3")]).await;
    assert_eq!(list.place, "people");
    assert_eq!(desk.press(&list, "continue", &[]).await.place, "income");
}

#[tokio::test]
async fn an_item_put_aside_and_amended_before_comes_back_as_it_was_amended() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let old = desk.follow(&list, Some("change.old.1")).await;
    // Younger than sixteen she earns nothing: that counts no more, and is told.
    let list = desk.send(&old, &[("age", "12")]).await;
    assert_eq!(list.place, "people", "{}", list.html);
    shows(&list, &["Pay in a month", "£1,200.00"]);
    let removed = desk.press(&list, "remove.1", &[]).await;
    let back = desk.press(&removed, "restore.1", &[]).await;
    shows(&back, &["<dt>Ada, 12"]);
    let old = desk.follow(&back, Some("change.old.1")).await;
    desk.send(&old, &[("age", "40")]).await;
    let session = desk.stored(&list).await;
    let kept = session
        .answers
        .keys()
        .any(|place| place.item == 1 && place.screen == "job");
    assert!(kept, "what fell off the way is kept with it");
    let income = desk.press(&list, "continue", &[]).await;
    assert_eq!(income.place, "income");
    let check = desk.send(&income, &[]).await;
    shows(&check, &["£1,200.00"]);
}

#[tokio::test]
async fn a_rule_over_the_whole_list_holds_it_up_in_the_authors_words() {
    let source = super::HOUSE.replace(
        "actions.add = \"Add another person\"",
        "rules = [{ check = \"sum(people.age) <= 50\", message = \"They are too old in all\" }]\nactions.add = \"Add another person\"",
    );
    let desk = Desk::open([crate::support::desk::read("house", &source)]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let list = add(&desk, &list, "Cy", "15", "").await;
    let held = desk.press(&list, "continue", &[]).await;
    assert_eq!((held.place.as_str(), held.status), ("people", 422), "{}", held.html);
    shows(&held, &["They are too old in all"]);
    let list = desk.press(&held, "remove.2", &[]).await;
    assert_eq!(desk.press(&list, "continue", &[]).await.place, "income");
}

#[tokio::test]
async fn a_lists_page_is_no_start_page() {
    let source = super::HOUSE.replace("start = \"intro\"", "start = \"people\"").replace(
        "[screens.intro]\ntitle = \"A household\"\nactions.start = { label = \"Start now\", to = \"people\" }\n",
        "",
    );
    let desk = Desk::open([crate::support::desk::read("house", &source)]).await;
    let list = desk.start("house").await;
    assert_eq!((list.place.as_str(), list.status), ("people", 200), "{}", list.html);
    let list = add(&desk, &list, "Ada", "3", "").await;
    shows(&list, &["Ada, 3"]);
}

#[tokio::test]
async fn an_item_added_again_from_a_page_that_is_off_its_way_by_now_leads_to_the_list() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let job = desk.follow(&list, Some("change.job.1")).await;
    let old = desk.follow(&list, Some("change.old.1")).await;
    let list = desk.send(&old, &[("age", "12")]).await;
    desk.press(&list, "remove.1", &[]).await;
    let gone = desk.send(&job, &[("pay", "1300")]).await;
    assert_eq!(gone.kind, "gone", "{}", gone.html);
    let again = desk.press(&gone, "restore.1", &[("pay", "1300")]).await;
    assert_eq!(again.place, "people", "{}", again.html);
    shows(&again, &["<dt>Ada, 12", "It is back in the list"]);
    // What was typed is there once she is older again.
    let old = desk.follow(&again, Some("change.old.1")).await;
    desk.send(&old, &[("age", "40")]).await;
    let job = desk.follow(&again, Some("change.job.1")).await;
    shows(&job, &["1300"]);
}

#[tokio::test]
async fn an_item_added_again_in_two_windows_keeps_what_was_typed_in_both() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let who = desk.follow(&list, Some("change.who.1")).await;
    let job = desk.follow(&list, Some("change.job.1")).await;
    let removed = desk.press(&list, "remove.1", &[]).await;
    let gone = desk.send(&job, &[("pay", "1300")]).await;
    assert_eq!(gone.kind, "gone", "{}", gone.html);
    desk.send(&who, &[("name", "Ida")]).await;
    desk.press(&removed, "restore.1", &[]).await;
    let again = desk.press(&gone, "restore.1", &[("pay", "1300")]).await;
    assert_eq!(again.place, "job", "{}", again.html);
    shows(&again, &["1300"]);
    let again = desk.press(&who, "restore.1", &[("name", "Ida")]).await;
    assert_eq!(again.place, "who", "{}", again.html);
    shows(&again, &["Ida"]);
    let job = desk.follow(&list, Some("change.job.1")).await;
    shows(&job, &["1300"]);
}

#[tokio::test]
async fn what_was_changed_of_any_item_since_the_review_was_shown_is_looked_at_again_before_it_is_sent() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let list = add(&desk, &list, "Bea", "40", "900").await;
    let income = desk.press(&list, "continue", &[]).await;
    let check = desk.send(&income, &[]).await;
    let job = desk.follow(&check, Some("change.job.1")).await;
    desk.send(&job, &[("pay", "1300")]).await;
    let again = desk.send(&check, &[]).await;
    assert_eq!((again.place.as_str(), again.status), ("check", 409), "{}", again.html);
    shows(&again, &["£1,300.00"]);
    // An item that nobody has begun is nothing that anybody could see there.
    desk.press(&list, "add", &[]).await;
    let done = desk.send(&again, &[]).await;
    assert_eq!(done.kind, "receipt", "{}", done.html);
}

#[tokio::test]
async fn an_item_that_was_removed_meanwhile_is_put_back_from_a_page_to_its_side_too() {
    let help = "\n[screens.help]\ntitle = \"Help\"\nbody = \"Ring us.\"\n";
    let source = super::HOUSE.replace(
        "\n[lists.people]",
        &format!("\n[actions]\nhelp = \"help\"\n{help}\n[lists.people]"),
    );
    let desk = Desk::open([crate::support::desk::read("house", &source)]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let who = desk.follow(&list, Some("change.who.1")).await;
    let help = desk.press(&who, "help", &[("name", "Ada")]).await;
    assert_eq!(help.place, "help", "{}", help.html);
    desk.press(&list, "remove.1", &[]).await;
    let gone = desk.press(&help, "back", &[]).await;
    assert_eq!(gone.kind, "gone", "{}", gone.html);
    shows(&gone, &["value=restore.1"]);
    let list = desk.press(&gone, "restore.1", &[]).await;
    assert_eq!((list.place.as_str(), list.status), ("people", 200), "{}", list.html);
    shows(&list, &["Ada, 36"]);
}
