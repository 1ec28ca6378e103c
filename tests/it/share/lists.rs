//! Fragments and lists: one called for each item, and one that has a list itself.

use crate::support::desk::{Desk, Sheet, read};

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

/// Three people with their toys, in the frame of that name.
async fn kids(desk: &Desk, frame: &str, mut list: Sheet) -> Sheet {
    let named = |name: &str| format!("{frame}.{name}");
    for (name, weight, prices) in [
        ("Ada", "3", &["2", "5"][..]),
        ("Bob", "4", &[]),
        ("Cy", "30", &["0.50"]),
    ] {
        let who = desk.press(&list, "add", &[]).await;
        let (own, kg, town) = (named("name"), named("weight"), named("born.town"));
        let mut toys = desk.send(&who, &[(&own, name), (&kg, weight), (&town, "Hull")]).await;
        for price in prices {
            let toy = desk.press(&toys, "add", &[]).await;
            toys = desk
                .send(&toy, &[(&named("toy"), "Ball"), (&named("price"), price)])
                .await;
        }
        list = desk.press(&toys, "continue", &[]).await;
    }
    list
}

/// The definition says in what places a fragment's list is read.
#[tokio::test]
async fn a_list_in_a_fragment_is_read_by_path_and_by_condition_within_it_and_from_outside() {
    let source = include_str!("../../definitions/ok/lists-in-parts.toml");
    let desk = Desk::open([read("lists-in-parts", source)]).await;
    let shows = |page: &Sheet, words: &str| assert!(page.html.contains(words), "{words}: {}", page.html);
    let list = desk.start("lists-in-parts").await;
    let list = kids(&desk, "old", list).await;
    // Of its own: 37 in all, one over the limit of 10, toys for 7.50.
    shows(&list, "In all 37, 1, £7.50; Ada; Bob; Cy");
    shows(&list, "Ada, number 1, 2");
    // The rule that all weigh less than that, or have a dear toy.
    let held = desk.press(&list, "continue", &[]).await;
    shows(&held, "Too heavy");
    let cy = desk.follow(&held, Some("change.old.who.5")).await;
    assert_eq!(cy.place, "old.who", "{}", cy.html);
    let fields = [("old.name", "Cy"), ("old.weight", "9"), ("old.born.town", "Hull")];
    let toys = desk.send(&cy, &fields).await;
    assert_eq!(toys.place, "old.toys", "{}", toys.html);
    let list = desk.press(&toys, "continue", &[]).await;
    let first = desk.press(&list, "continue", &[]).await;
    assert_eq!(first.place, "new.first", "{}", first.html);
    shows(&first, "About 16");
    let list = desk.send(&first, &[("new.weight", "4")]).await;
    let list = kids(&desk, "new.house", list).await;
    // The limit is twice the caller's own weight.
    shows(&list, "In all 37, 1, £7.50");
    let cy = desk.follow(&list, Some("change.new.house.who.11")).await;
    let named = |name: &str| format!("new.house.{name}");
    let (name, weight, town) = (named("name"), named("weight"), named("born.town"));
    let toys = desk.send(&cy, &[(&name, "Cy"), (&weight, "7"), (&town, "Hull")]).await;
    let list = desk.press(&toys, "continue", &[]).await;
    let all = desk.press(&list, "continue", &[]).await;
    // In the fragment that calls the other, which asks for a weight as well.
    shows(&all, "14, 14 and 4");
    shows(&all, "0 AdaHull, BobHull, CyHull");
    // Options made of the other's items have their weights, not the caller's own of 4.
    shows(&all, "Bob, 4 kg");
    shows(&all, "Cy, 7 kg");
    assert!(!all.html.contains("Ada, 3 kg"), "{}", all.html);
    let check = desk.press(&all, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    shows(&check, "16, 32, 16, 14,");
    shows(&check, "3, Ada, Bob, Cy, 3, 9.");
    shows(&check, "£7.50");
    shows(&check, "1 Ada of Hull, Ball, Ball.2 Bob of Hull.3 Cy of Hull, Ball.");
    shows(&check, "Cy 9");
}
