//! Task lists: in any order, with needs and states; what counts of them.

use super::shows;
use crate::support::desk::{Desk, read};

const GRANT: &str = r#"
title = "A grant"
start = "intro"
limits = { idle = "2h", total = "7d", keep = "30d" }
actions.help = "help"

[screens.help]
title = "Help"
body = "Ring us."

[screens.intro]
title = "A grant"
actions.start = { label = "Start now", to = "hub" }

[screens.hub]
title = "Your application"
tasks.about = { title = "About you", section = "Prepare" }
tasks.money = { title = "The money", section = "Apply", start = "sum" }
tasks.more = { title = "Anything else", needs = ["about"], optional = true }
actions.continue = "check"

[screens.name]
in = "about"
fields.name = { type = "text", label = "Name", max = 40, autocomplete = "off" }
actions.continue = "town"

[screens.town]
in = "about"
fields.town = { type = "text", label = "Town", max = 40, autocomplete = "off" }
actions.continue = "hub"

[screens.sum]
in = "money"
fields.sum = { type = "integer", label = "How much?", min = 1 }
actions.continue = [{ when = "sum > 100", to = "why" }, { to = "hub" }]

[screens.why]
in = "money"
fields.why = { type = "text", label = "Why so much?", max = 40 }
actions.continue = "hub"

[screens.note]
in = "more"
fields.note = { type = "text", label = "Note from {{ name }}", max = 40 }
actions.continue = "hub"

[screens.check]
title = "Check your answers"
review = true
actions.submit = { label = "Send", to = "done" }

[screens.done]
title = "Sent"
end = "completed"
"#;

/// The states of the tasks, in the order of the page.
fn states(html: &str) -> Vec<&str> {
    let after = html.split("<dd>").skip(1);
    after.map(|rest| rest.split('<').next().unwrap()).collect()
}

#[tokio::test]
async fn tasks_are_done_in_any_order_and_what_is_behind_waits_for_those_that_must_be() {
    let desk = Desk::open([read("grant", GRANT)]).await;
    let hub = desk.start("grant").await;
    assert_eq!(hub.place, "hub");
    shows(&hub, &["<h2>Prepare</h2>", "<h2>Apply</h2>"]);
    assert_eq!(states(&hub.html), ["Not started", "Not started", "Cannot start yet"]);
    assert!(!hub.html.contains("value=continue"), "{}", hub.html);
    // What leads to the side waits for nothing.
    let help = desk.press(&hub, "help", &[]).await;
    assert_eq!(help.place, "help", "{}", help.html);
    assert!(hub.html.contains("value=help"), "{}", hub.html);
    assert_eq!(desk.press(&hub, "continue", &[]).await.kind, "not offered");
    // The second one first.
    let sum = desk.follow(&hub, Some("change.sum")).await;
    assert_eq!((sum.place.as_str(), sum.back), ("sum", true), "{}", sum.html);
    let why = desk.send(&sum, &[("sum", "500")]).await;
    assert_eq!(why.place, "why", "{}", why.html);
    // Back on its first screen leads to the list.
    let sum = desk.press(&why, "back", &[]).await;
    let hub = desk.press(&sum, "back", &[]).await;
    assert_eq!(hub.place, "hub", "{}", hub.html);
    assert_eq!(states(&hub.html), ["Not started", "In progress", "Cannot start yet"]);
    // What is begun goes on where it lacks.
    let why = desk.follow(&hub, Some("change.why")).await;
    let hub = desk.send(&why, &[("why", "It is dear")]).await;
    assert_eq!(hub.place, "hub", "{}", hub.html);
    assert_eq!(states(&hub.html), ["Not started", "Completed", "Cannot start yet"]);
    let name = desk.follow(&hub, Some("change.name")).await;
    let town = desk.send(&name, &[("name", "Ada")]).await;
    let hub = desk.send(&town, &[("town", "Leeds")]).await;
    assert_eq!(states(&hub.html), ["Completed", "Completed", "Not started"]);
    let check = desk.press(&hub, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    // In the order of the file.
    let at = |word: &str| check.html.find(word).unwrap();
    assert!(at("Ada") < at("Leeds") && at("Leeds") < at("500") && at("500") < at("It is dear"));
    // A change link leads back to the review, and what fell off is told.
    let sum = desk.follow(&check, Some("change.sum")).await;
    let check = desk.send(&sum, &[("sum", "50")]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    shows(&check, &["It is dear", "How much?: 500 → 50"]);
    // A task that is undone again leads back to the list.
    let sum = desk.follow(&check, Some("change.sum")).await;
    let name = desk.follow(&check, Some("change.name")).await;
    assert_eq!(name.place, "name");
    let check = desk.send(&sum, &[("sum", "700")]).await;
    assert_eq!(check.place, "check", "what fell off came back: {}", check.html);
    shows(&check, &["It is dear"]);
    let done = desk.send(&check, &[]).await;
    assert_eq!(done.kind, "receipt", "{}", done.html);
}

#[tokio::test]
async fn a_task_that_lacks_again_stands_at_the_list_and_holds_up_what_is_behind() {
    let desk = Desk::open([read("grant", GRANT)]).await;
    let hub = desk.start("grant").await;
    let sum = desk.follow(&hub, Some("change.sum")).await;
    let hub = desk.send(&sum, &[("sum", "50")]).await;
    let name = desk.follow(&hub, Some("change.name")).await;
    let town = desk.send(&name, &[("name", "Ada")]).await;
    let hub = desk.send(&town, &[("town", "Leeds")]).await;
    let check = desk.press(&hub, "continue", &[]).await;
    let sum = desk.follow(&check, Some("change.sum")).await;
    // It lacks why: the screen that lacks it comes next.
    let why = desk.send(&sum, &[("sum", "500")]).await;
    assert_eq!(why.place, "why", "{}", why.html);
    let sent = desk.send(&check, &[]).await;
    assert_ne!(sent.kind, "receipt", "{}", sent.html);
    let check = desk.send(&why, &[("why", "So")]).await;
    assert_eq!(check.place, "check", "{}", check.html);
}

#[test]
fn what_a_task_surely_asks_may_be_read_behind_its_list_and_in_tasks_that_need_it() {
    let told = |source: &str| {
        let (_, warnings) = deity::flow::Flow::read("grant", source).unwrap();
        let missing = warnings.iter().filter(|one| one.code == "may-be-missing");
        missing.map(|one| one.message.clone()).collect::<Vec<_>>()
    };
    let source = GRANT.replace("title = \"Check your answers\"", "title = \"Check, {{ name }}\"");
    assert_eq!(told(&source), Vec::<String>::new());
    // Of a task that is optional, and of a screen that a task may pass by, nobody is sure.
    for (from, to) in [
        ("{{ name }}\"\nreview", "{{ note }}\"\nreview"),
        ("{{ name }}\"\nreview", "{{ why }}\"\nreview"),
    ] {
        let unsure = source.replace(from, to);
        assert_ne!(unsure, source);
        assert_eq!(told(&unsure).len(), 1, "{unsure}");
    }
    let alone = GRANT.replace(", needs = [\"about\"]", "");
    assert_eq!(told(&alone).len(), 1);
}

#[tokio::test]
async fn an_optional_task_that_nobody_began_is_said_once_in_a_review_and_not_in_what_was_sent() {
    let desk = Desk::open([read("grant", GRANT)]).await;
    let hub = desk.start("grant").await;
    let name = desk.follow(&hub, Some("change.name")).await;
    let town = desk.send(&name, &[("name", "Ada")]).await;
    let hub = desk.send(&town, &[("town", "Leeds")]).await;
    let sum = desk.follow(&hub, Some("change.sum")).await;
    let hub = desk.send(&sum, &[("sum", "5")]).await;
    let check = desk.press(&hub, "continue", &[]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    assert!(!check.html.contains("Not given"), "it was never asked: {}", check.html);
    shows(&check, &["<h2>Anything else", "<dt>Note from Ada<dd>Not started"]);
    // It can be begun from there.
    let note = desk.follow(&check, Some("change.note")).await;
    assert_eq!(note.place, "note", "{}", note.html);
    let check = desk.send(&note, &[("note", "Thanks")]).await;
    assert_eq!(check.place, "check", "{}", check.html);
    shows(&check, &["<dt>Note from Ada<dd>Thanks"]);
    // Not begun, it is no part of what was sent.
    let desk = Desk::open([read("grant", GRANT)]).await;
    let hub = desk.start("grant").await;
    let name = desk.follow(&hub, Some("change.name")).await;
    let town = desk.send(&name, &[("name", "Ada")]).await;
    let hub = desk.send(&town, &[("town", "Leeds")]).await;
    let sum = desk.follow(&hub, Some("change.sum")).await;
    let hub = desk.send(&sum, &[("sum", "5")]).await;
    let check = desk.press(&hub, "continue", &[]).await;
    let done = desk.send(&check, &[]).await;
    let copy = desk.follow(&done, Some("copy")).await;
    assert_eq!(copy.kind, "copy", "{}", copy.html);
    assert!(
        copy.html.contains("Leeds") && !copy.html.contains("Not started") && !copy.html.contains("Anything else"),
        "{}",
        copy.html
    );
}
