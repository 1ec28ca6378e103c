//! Questions with nothing to choose: they say so, hold nobody up, and what was chosen before counts again once it
//! can be chosen again.

use std::sync::Arc;

use deity::flow::{Defaults, Diagnostic, Flow, OptionList, OptionLists};

use super::shows;
use crate::support::desk::{Desk, Sheet};

const FLOW: &str = r#"
title = "Visits"
start = "intro"
[screens.intro]
title = "Visits"
actions.start = { label = "Start now", to = "area" }
[screens.area]
title = "Area"
fields.area = { type = "choice", label = "Which area?", options = ["North", "South", "East"] }
actions.continue = "village"
[screens.village]
title = "Where?"
fields.village = { type = "choice", label = "Which village?", options = { list = "villages", where = "district == area" } }
fields.shops = { type = "choices", label = "Which shops?", options = { list = "villages", where = "district == area and label != 'Ash'" } }
fields.how = { type = "choice", label = "How?", options = [
  { value = "train", label = "Train", when = "area == 'south'" },
  { value = "boat", label = "Boat", when = "area == 'south'" },
] }
fields.which = { type = "text", label = "Which train?", when = "how == 'train'" }
fields.note = { type = "text", label = "Note", required = false }
rules = [{ check = "note != 'x' or village is defined", message = "No x without a village", fields = ["village"] }]
actions.continue = "people"
[lists.people]
title = "Who comes?"
item = "{{ name }}"
start = "who"
actions.continue = { label = "No more", to = "contact" }
[screens.who]
in = "people"
title = "Person {{ position }}"
fields.name = { type = "text", label = "Name" }
fields.guest_of = { type = "choice", label = "Guest of", options = { from = "people", label = "{{ name }}" } }
actions.continue = "people"
[screens.contact]
fields.contact = { type = "choice", label = "Whom may we call?", options = { from = "people", label = "{{ name }}" } }
actions.continue = "check"
[screens.check]
title = "Check"
body = "{% if village is none %}No village.{% else %}To {{ village }}.{% endif %}"
review = true
actions.send = { label = "Send", to = "done" }
[screens.done]
title = "Done"
end = "sent"
"#;

const NOTHING: &str = "There is nothing to choose from with what you have answered. Go on without it.";

fn flow(source: &str) -> (Flow, Vec<Diagnostic>) {
    let villages = "value,label,district\nash,Ash,north\nbeck,Beck,south\nclay,Clay,south\n";
    let list = Arc::new(OptionList::read("villages", villages).unwrap());
    let lists: OptionLists = [("villages".to_owned(), Ok(list))].into();
    Flow::read_with("visits", source, &Defaults::default(), &lists).unwrap()
}

async fn at_village(area: &str) -> (Desk, Sheet) {
    let desk = Desk::open([flow(FLOW).0]).await;
    let page = desk.start("visits").await;
    let page = desk.send(&page, &[("area", area)]).await;
    assert_eq!(page.place, "village", "{}", page.html);
    (desk, page)
}

#[tokio::test]
async fn where_nothing_can_be_chosen_the_page_says_so_and_it_need_not_be_answered() {
    let (desk, page) = at_village("east").await;
    assert_eq!(page.html.matches(NOTHING).count(), 3, "{}", page.html);
    // What hangs on an option that is not offered is not asked either.
    assert!(!page.html.contains("Which train?"), "{}", page.html);
    // An error that is about it leads to it.
    let wrong = desk.send(&page, &[("note", "x")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.html);
    shows(
        &wrong,
        &["<a href=#village>No x without a village", "id=village tabindex=-1"],
    );
    // What is sent all the same is not taken.
    let forged = desk.send(&page, &[("village", "ash")]).await;
    assert_eq!(forged.status, 422, "{}", forged.html);
    shows(&forged, &[&format!("<a href=#village>{NOTHING}")]);
    let list = desk.send(&page, &[]).await;
    assert_eq!((list.status, list.place.as_str()), (200, "people"), "{}", list.html);
    let contact = desk.press(&list, "continue", &[]).await;
    shows(&contact, &["Whom may we call?", NOTHING]);
    let check = desk.send(&contact, &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    shows(&check, &["No village."]);
    assert!(!check.html.contains("Which village?"), "{}", check.html);
    let done = desk.press(&check, "send", &[]).await;
    assert_eq!(done.place, "done", "{}", done.html);
}

#[tokio::test]
async fn in_an_item_too() {
    let (desk, page) = at_village("east").await;
    let list = desk.send(&page, &[]).await;
    let who = desk.press(&list, "add", &[]).await;
    shows(&who, &["Guest of", NOTHING]);
    let list = desk.send(&who, &[("name", "Ada")]).await;
    assert_eq!(list.place, "people", "{}", list.html);
    let who = desk.press(&list, "add", &[]).await;
    assert!(!who.html.contains(NOTHING), "{}", who.html);
    let without = desk.send(&who, &[("name", "Bob")]).await;
    assert_eq!(
        without.status, 422,
        "the second one has somebody to choose: {}",
        without.html
    );
    let list = desk.send(&who, &[("name", "Bob"), ("guest_of", "1")]).await;
    assert_eq!(list.place, "people", "{}", list.html);
    // Who was chosen is gone: the question is asked no more, and holds nothing up.
    let list = desk.press(&list, "remove.1", &[]).await;
    let contact = desk.press(&list, "continue", &[]).await;
    assert_eq!(contact.place, "contact", "{}", contact.html);
}

#[tokio::test]
async fn what_was_chosen_counts_again_with_the_answer_that_offers_it() {
    let (desk, page) = at_village("south").await;
    shows(&page, &["Which train?"]);
    let fields = [("village", "beck"), ("shops", "beck"), ("how", "boat")];
    let list = desk.send(&page, &fields).await;
    let area = desk.follow(&list, Some("change.area")).await;
    let to = |area: &Sheet, value: &'static str| {
        let area = area.clone();
        let desk = &desk;
        async move { desk.send(&area, &[("area", value)]).await }
    };
    let moved = to(&area, "east").await;
    shows(
        &moved,
        &["These answers do not count any more", "Which village?: Beck", NOTHING],
    );
    // Nothing there is to be answered.
    let on = desk.follow(&moved, Some("on")).await;
    assert_eq!(on.place, "people", "{}", on.html);
    let north = to(&area, "north").await;
    assert_eq!(north.place, "village", "there is another village: {}", north.html);
    let back = to(&area, "south").await;
    let list = desk.follow(&back, Some("on")).await;
    let contact = desk.press(&list, "continue", &[]).await;
    let check = desk.send(&contact, &[]).await;
    shows(&check, &["To Beck."]);
}

#[test]
fn check_tells_which_answers_leave_nothing() {
    let told = |source: &str| -> Vec<String> {
        let found = flow(source).1.into_iter().filter(|one| one.code == "nothing-to-choose");
        found.map(|one| one.message).collect()
    };
    assert_eq!(
        told(FLOW),
        [
            "`village` has nothing to choose where `area` is `east`",
            "`shops` has nothing to choose where `area` is `east`"
        ]
    );
    let guarded = FLOW
        .replace(
            "where = \"district == area\" }",
            "where = \"district == area\" }, when = \"area != 'east'\"",
        )
        .replace(
            "[screens.village]\n",
            "[screens.village]\nwhen = \"area in ['north', 'south']\"\n",
        );
    assert_eq!(told(&guarded), [""; 0]);
    let both = FLOW.replace("\"East\"", "\"East\", \"West\"");
    assert_eq!(
        told(&both)[0],
        "`village` has nothing to choose where `area` is `east`, `west`"
    );
}
