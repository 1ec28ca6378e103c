//! Actions on every screen, and screens to the side of the path.

use deity::machine::Path;

use crate::support::desk::{Desk, read};

const FLOW: &str = r#"
title = "Help on the way"
start = "intro"
[actions]
help = { label = "Help", to = "help" }
cancel = { cancel = true }
[screens.intro]
title = "Help on the way"
actions.start = "name"
[screens.name]
fields.name = { type = "text", label = "Your name?", max = 5 }
actions.continue = "town"
[screens.town]
fields.town = { type = "text", label = "Your town?" }
actions.continue = "check"
actions.cancel = { cancel = true, label = "Stop here" }
[screens.check]
title = "Check"
review = true
actions.send = "done"
actions.help = false
[screens.help]
title = "Help for you"
body = "{% if name is defined %}Dear {{ name }}, {% endif %}ring 555 0100."
[screens.done]
title = "Sent"
end = "completed"
"#;

#[tokio::test]
async fn every_screen_but_a_start_page_and_ends_offers_them_behind_its_own() {
    let flow = read("side", FLOW);
    let names = |screen: &str| -> Vec<String> {
        let screen = flow.screens.iter().find(|s| s.name == screen).unwrap();
        screen
            .actions
            .iter()
            .map(|action| format!("{:?} {}", action.kind, action.name))
            .collect()
    };
    assert_eq!(names("intro"), ["Button start"]);
    assert_eq!(names("name"), ["Button continue", "Link help", "Link cancel"]);
    assert_eq!(names("town"), ["Button continue", "Link cancel", "Link help"]);
    assert_eq!(names("check"), ["Button send", "Link cancel"], "taken off");
    assert!(names("help").is_empty() && names("done").is_empty());
    let desk = Desk::open([flow]).await;
    let name = desk.start("side").await;
    let town = desk.send(&name, &[("name", "Ada")]).await;
    assert!(town.html.contains(">Stop here<"), "its own label: {}", town.html);
    assert_eq!(desk.press(&town, "cancel", &[]).await.kind, "cancelling");
}

#[tokio::test]
async fn a_screen_to_the_side_keeps_what_was_typed_unchecked_and_back_leads_to_where_one_was() {
    let desk = Desk::open([read("side", FLOW)]).await;
    let name = desk.start("side").await;
    let help = desk.press(&name, "help", &[("name", "Much too long a name")]).await;
    assert_eq!((help.place.as_str(), help.kind, help.status), ("help", "screen", 200));
    assert!(help.back && !help.on, "only back");
    assert!(help.html.contains("ring 555 0100"), "{}", help.html);
    // The same press once more, and a reload, show the same.
    let again = desk.press(&name, "help", &[("name", "Much too long a name")]).await;
    assert_eq!(
        (again.place.as_str(), again.screen.as_str()),
        ("help", help.screen.as_str())
    );
    assert_eq!(desk.follow(&help, None).await.place, "help");
    let back = desk.press(&help, "back", &[]).await;
    assert_eq!((back.place.as_str(), back.status), ("name", 200));
    assert!(back.html.contains("Much too long a name"), "{}", back.html);
    assert_eq!(desk.follow(&help, Some("back")).await.place, "name");
    let session = desk.stored(&name).await;
    let path = Path::fold(&read("side", FLOW), &session, 0);
    assert!(path.visits.iter().all(|visit| visit.place.screen != "help"));
    assert!(!path.values.contains_key("name"), "a draft does not count");
}

#[tokio::test]
async fn it_knows_what_was_answered_and_leaves_no_trace_on_the_way() {
    let desk = Desk::open([read("side", FLOW)]).await;
    let name = desk.start("side").await;
    let town = desk.send(&name, &[("name", "Ada")]).await;
    let step = desk.stored(&town).await.step;
    let help = desk.press(&town, "help", &[]).await;
    assert!(help.html.contains("Dear Ada, ring"), "{}", help.html);
    assert_eq!(
        desk.stored(&town).await.step,
        step,
        "nothing was typed: nothing is written"
    );
    let back = desk.press(&help, "back", &[]).await;
    let check = desk.send(&back, &[("town", "Oslo")]).await;
    assert_eq!(check.place, "check");
    assert!(!check.html.contains("Help for you"), "{}", check.html);
    assert_eq!(desk.send(&check, &[]).await.kind, "receipt");
}

#[tokio::test]
async fn an_action_that_a_screen_took_off_is_none_of_it() {
    let desk = Desk::open([read("side", FLOW)]).await;
    let name = desk.start("side").await;
    let town = desk.send(&name, &[("name", "Ada")]).await;
    let check = desk.send(&town, &[("town", "Oslo")]).await;
    let refused = desk.engine.answer(Desk::post(&check, Some("help"), &[])).await;
    assert_eq!(crate::support::desk::drawn(&refused).0, 400);
}
