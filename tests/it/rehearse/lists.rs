//! Walks through lists and tasks: those that are made up, and those that an author writes.

use super::{beside, deity_in, err, out};
use crate::list::HOUSE;

/// The walk that is made up for a flow; it passes as it stands.
fn drafted(flow: &str) -> String {
    let directory = beside(flow, "");
    let draft = deity_in(directory.path(), &["rehearse", "flow", "--draft"]);
    assert_eq!(draft.status.code(), Some(0), "{}", err(&draft));
    std::fs::write(directory.path().join("phases/flow.walks.toml"), &draft.stdout).unwrap();
    let done = deity_in(directory.path(), &["rehearse", "flow", "--browser", "lynx"]);
    assert_eq!(done.status.code(), Some(0), "{}{}", out(&draft), err(&done));
    out(&draft)
}

fn times(text: &str, wanted: &str) -> usize {
    text.matches(wanted).count()
}

#[test]
fn made_up_walks_add_two_items_to_a_list() {
    let draft = drafted(HOUSE);
    assert_eq!(times(&draft, "press = \"add\", screen = \"who\""), 2, "{draft}");
    assert!(draft.contains("end = \"completed\""), "{draft}");
}

#[test]
fn made_up_walks_add_as_many_items_as_there_must_be() {
    let draft = drafted(&HOUSE.replace("min = 1\nmax = 4", "min = 3\nmax = 4"));
    assert_eq!(times(&draft, "press = \"add\", screen = \"who\""), 3, "{draft}");
}

#[test]
fn made_up_walks_leave_a_list_without_room_for_two() {
    let draft = drafted(&HOUSE.replace("min = 1\nmax = 4", "min = 1\nmax = 1"));
    assert_eq!(times(&draft, "press = \"add\""), 1, "{draft}");
}

/// A list that an answer counts, with a list in each of its items.
const NESTED: &str = r#"
title = "Homes"

[screens.how-many]
title = "How many homes?"
fields.homes = { type = "integer", label = "Homes", min = 1, max = 3 }
rules = [{ check = "homes == 3", message = "Three, please", fields = ["homes"] }]
actions.continue = "dwellings"

[lists.dwellings]
title = "Your homes"
item = "{{ town }}"
count = "homes"
start = "town"
actions.continue = "end"

[screens.town]
in = "dwellings"
title = "Where is home {{ position }}?"
fields.town = { type = "text", label = "Town", max = 40 }
actions.continue = "rooms"

[lists.rooms]
in = "dwellings"
title = "Rooms of {{ town }}"
item = "{{ room }}"
start = "room"
actions.add = "Add a room"
actions.continue = "dwellings"

[screens.room]
in = "rooms"
title = "A room"
fields.room = { type = "text", label = "Room", max = 40 }
actions.continue = "rooms"

[screens.end]
title = "Done"
end = "completed"
"#;

#[test]
fn made_up_walks_go_through_each_item_that_an_answer_counts_and_the_lists_in_them() {
    let draft = drafted(NESTED);
    assert_eq!(times(&draft, "fill = { town ="), 3, "{draft}");
    assert_eq!(times(&draft, "fill = { room ="), 6, "{draft}");
}

/// Tasks, the second of which waits for the first.
const TASKS: &str = r#"
title = "A plan"

[screens.hub]
title = "Your plan"
tasks.about = { title = "About you" }
tasks.money = { title = "Money", needs = ["about"] }
actions.continue = "end"

[screens.budget]
in = "money"
title = "Your budget"
fields.budget = { type = "money", currency = "GBP", label = "Budget" }
actions.continue = "hub"

[screens.name]
in = "about"
title = "Your name"
fields.name = { type = "text", label = "Name", max = 40, autocomplete = "off" }
actions.continue = "hub"

[screens.end]
title = "Done"
end = "completed"
"#;

#[test]
fn made_up_walks_do_each_task_of_a_task_list() {
    let draft = drafted(TASKS);
    let at = |wanted: &str| draft.find(wanted).unwrap_or_else(|| panic!("{wanted}: {draft}"));
    assert!(at("follow = \"About you\"") < at("follow = \"Money\""), "{draft}");
    assert!(draft.contains("end = \"completed\""), "{draft}");
}
