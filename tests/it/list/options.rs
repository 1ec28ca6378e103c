//! Options that are made of the items of a list: offered by what is known of them, called as the author says,
//! and asked for again when the item is gone.

use super::{HOUSE, add, shows};
use crate::support::desk::{Desk, read};

fn flow() -> deity::flow::Flow {
    let contact = r#"
fields.contact = { type = "choice", label = "Whom may we call?", options = { from = "people", label = "{{ name }} ({{ age }})", where = "age >= 16" } }
fields.away = { type = "choices", label = "Who is away?", required = false, options = { from = "people", label = "{{ name }}" } }
"#;
    let parent = r#"
fields.parent = { type = "choice", label = "Parent", required = false, when = "length(people) > 0", options = { from = "people", label = "{{ name }}" } }
"#;
    let source = HOUSE
        .replace("fields.note = ", &format!("{}fields.note = ", contact.trim_start()))
        .replace(
            "actions.continue = [\n  { when = \"age >= 16\"",
            &format!("{}actions.continue = [\n  {{ when = \"age >= 16\"", parent.trim_start()),
        )
        .replace(
            "title = \"Check your answers\"",
            "title = \"Check your answers\"\nbody = \"We call {{ contact }}. {% for p in people %}{{ p.name }}: {{ p.parent }}. {% endfor %}{{ count(people, age >= 16) }} grown up, {{ sum(people.pay) }}.\"",
        );
    read("house", &source)
}

#[tokio::test]
async fn items_are_offered_and_shown_by_their_labels_wherever_they_are_read() {
    let desk = Desk::open([flow()]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let who = desk.press(&list, "add", &[]).await;
    let old = desk.send(&who, &[("name", "Byron")]).await;
    shows(&old, &["Parent", "value=1", "Ada"]);
    assert!(
        !old.html.contains("value=2"),
        "an item is not offered to itself: {}",
        old.html
    );
    let list = desk.send(&old, &[("age", "4"), ("parent", "1")]).await;
    assert_eq!(list.place, "people", "{}", list.html);
    let income = desk.press(&list, "continue", &[]).await;
    shows(&income, &["Ada (36)", "Byron"]);
    assert!(!income.html.contains("Byron (4)"), "{}", income.html);
    let refused = desk.send(&income, &[("contact", "2")]).await;
    assert_eq!(refused.status, 422, "{}", refused.html);
    let check = desk.send(&income, &[("contact", "1"), ("away", "2")]).await;
    shows(&check, &["We call Ada (36). Ada: . Byron: Ada. 1 grown up, £1,200.00."]);
}

#[tokio::test]
async fn an_item_that_is_gone_is_asked_for_again() {
    let desk = Desk::open([flow()]).await;
    let list = desk.start("house").await;
    let list = add(&desk, &list, "Ada", "36", "1200").await;
    let list = add(&desk, &list, "Bea", "40", "100").await;
    let income = desk.press(&list, "continue", &[]).await;
    let check = desk.send(&income, &[("contact", "2")]).await;
    shows(&check, &["We call Bea (40)."]);
    // Her age is changed to one that is not offered.
    let old = desk.follow(&check, Some("change.old.2")).await;
    let next = desk.send(&old, &[("age", "12")]).await;
    assert_eq!(next.place, "income", "{}", next.html);
    let again = desk.send(&next, &[("contact", "1")]).await;
    shows(&again, &["We call Ada (36)."]);
}
