//! Adding, changing, removing, putting back.

use super::{add, house, shows};
use crate::support::desk::Desk;

#[tokio::test]
async fn items_are_added_one_after_another_and_stand_on_the_review_each_with_its_change_links() {
    let desk = Desk::open([house()]).await;
    let list = desk.start("house").await;
    assert_eq!(list.place, "people", "{}", list.html);
    shows(
        &list,
        &["Who lives here?", "Add another person", "Nobody else lives here"],
    );
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    assert_eq!(list.place, "people", "{}", list.html);
    shows(&list, &["Ada, 36"]);
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
