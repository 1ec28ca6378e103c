//! Fragments and lists: one called for each item, and one that has a list itself.

use crate::support::desk::{Desk, read};

const EACH: &str = r#"
title = "People"
start = "intro"
[screens.intro]
title = "People"
actions.start = { label = "Start now", to = "people" }
[lists.people]
title = "Who?"
item = "{{ name }} of {{ home.town }}"
start = "who"
actions.add = "Add"
actions.continue = { label = "No more", to = "check" }
[screens.who]
in = "people"
title = "Who?"
fields.name = { type = "text", label = "Name" }
actions.continue = "home"
[calls.home]
fragment = "address"
in = "people"
with = { who = "name" }
then = "people"
[fragments.address]
in = { who = "text" }
[fragments.address.screens.street]
title = "Where does {{ who }} live?"
fields.town = { type = "text", label = "Town" }
actions.continue = "return"
[screens.check]
title = "Check: {{ join(people.home.town) }}"
review = true
actions.send = { label = "Send", to = "done" }
[screens.done]
title = "Done"
end = "sent"
"#;

#[tokio::test]
async fn a_fragment_is_called_for_each_item() {
    let desk = Desk::open([read("people", EACH)]).await;
    let mut list = desk.start("people").await;
    for (name, town) in [("Ada", "Leeds"), ("Bob", "Hull")] {
        let who = desk.press(&list, "add", &[]).await;
        let street = desk.send(&who, &[("name", name)]).await;
        assert_eq!(street.place, "home.street", "{}", street.html);
        assert!(
            street.html.contains(&format!("Where does {name} live?")),
            "{}",
            street.html
        );
        list = desk.send(&street, &[("home.town", town)]).await;
        assert!(list.html.contains(&format!("{name} of {town}")), "{}", list.html);
    }
    let check = desk.press(&list, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    assert!(check.html.contains("Leeds") && check.html.contains("Hull"));
}

const WITHIN: &str = r#"
title = "Two households"
start = "intro"
[screens.intro]
title = "Two households"
actions.start = { label = "Start now", to = "old" }
[calls.old]
fragment = "house"
then = "new"
[calls.new]
fragment = "house"
then = "check"
[fragments.house]
start = "people"
[fragments.house.lists.people]
title = "Who lives there?"
item = "{{ name }}, number {{ position }}"
start = "who"
actions.add = "Add"
actions.continue = { label = "No more", to = "return" }
[fragments.house.screens.who]
in = "people"
title = "Who?"
fields.name = { type = "text", label = "Name" }
actions.continue = "people"
[screens.check]
title = "Check: {{ length(old.people) }} and {{ length(new.people) }}"
review = true
actions.send = { label = "Send", to = "done" }
[screens.done]
title = "Done"
end = "sent"
"#;

#[tokio::test]
async fn a_fragment_has_a_list_of_its_own_in_each_call() {
    let desk = Desk::open([read("houses", WITHIN)]).await;
    let mut list = desk.start("houses").await;
    assert_eq!(list.place, "old.people", "{}", list.html);
    for name in ["Ada", "Bob"] {
        let who = desk.press(&list, "add", &[]).await;
        list = desk.send(&who, &[("old.name", name)]).await;
    }
    assert!(list.html.contains("Bob, number 2"), "{}", list.html);
    let list = desk.press(&list, "continue", &[]).await;
    assert_eq!(list.place, "new.people", "{}", list.html);
    assert!(!list.html.contains("Ada"));
    let who = desk.press(&list, "add", &[]).await;
    let list = desk.send(&who, &[("new.name", "Cy")]).await;
    let check = desk.press(&list, "continue", &[]).await;
    assert!(check.html.contains("Check: 2 and 1"), "{}", check.html);
}
