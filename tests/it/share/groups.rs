//! Groups of questions that are used under several names.

use deity::flow::Flow;

use super::PART;
use crate::support::desk::{Desk, read};

const TWICE: &str = r#"
title = "Two people"
include = "shared"
[screens.ask]
title = "Who are the two?"
fields.first = { type = "group", use = "name", label = "The first one" }
fields.both = { type = "yes-no", label = "Is there another one?" }
fields.second = { type = "group", use = "name", label = "The second one", when = "both" }
rules = [{ check = "first.given != second.given", message = "They must differ", fields = ["second.given"] }]
actions.continue = "check"
[screens.check]
title = "Check, {{ first.given }} {{ second.given }}"
review = true
actions.submit = { label = "Send", to = "done" }
[screens.done]
title = "Done"
end = "sent"
"#;

fn source() -> String {
    deity::flow::bundle::pack(TWICE, [("shared", PART)])
}

#[tokio::test]
async fn a_group_is_asked_twice_each_under_its_legend() {
    let desk = Desk::open([read("two", &source())]).await;
    let ask = desk.start("two").await;
    let html = &ask.html;
    assert!(
        html.contains("<fieldset><legend><h2>The first one</h2></legend>"),
        "{html}"
    );
    assert!(
        html.contains("<div class=c><fieldset><legend><h2>The second one</h2></legend>"),
        "{html}"
    );
    assert_eq!(html.matches("<fieldset").count(), html.matches("</fieldset>").count());
    let first = [("first.given", "Ada"), ("first.family", "Byron"), ("both", "yes")];
    let faulty = desk
        .send(
            &ask,
            &[&first[..], &[("second.given", "Ada"), ("second.family", "X")]].concat(),
        )
        .await;
    assert_eq!(faulty.faults, ["second.given"]);
    let second = [("second.given", "Bob"), ("second.family", "Y"), ("second.title", "Dr")];
    let check = desk.send(&faulty, &[&first[..], &second].concat()).await;
    assert_eq!(check.place, "check");
    assert!(check.html.contains("Check, Ada Bob"));
    assert!(check.html.contains("Dr"));
    // Where two rows of a review have the same words, each says whose it is; there and in its link.
    for row in [
        "<dt>The first one: Given names<dd>Ada",
        "<dt>The second one: Given names<dd>Bob",
        "Change The second one: Given names\"",
    ] {
        assert!(check.html.contains(row), "{row}: {}", check.html);
    }
}

#[tokio::test]
async fn a_group_that_is_not_asked_for_is_not_there() {
    let desk = Desk::open([read("two", &source())]).await;
    let ask = desk.start("two").await;
    let check = desk
        .send(
            &ask,
            &[("first.given", "Ada"), ("first.family", "Byron"), ("both", "no")],
        )
        .await;
    assert_eq!(check.place, "check", "{}", check.html);
}

#[test]
fn a_group_in_a_group_has_the_names_of_both() {
    let nested = format!(
        "{PART}\n[groups.person]\nfields.called = {{ type = \"group\", use = \"name\", label = \"Name\" }}\n\
         fields.age = {{ type = \"integer\", label = \"Age\", when = \"called.given != 'X'\" }}\n"
    );
    let flow = TWICE
        .replace("use = \"name\"", "use = \"person\"")
        .replace(".given", ".called.given");
    let source = deity::flow::bundle::pack(&flow, [("shared", nested.as_str())]);
    let (flow, _) = Flow::read("two", &source).unwrap();
    let names: Vec<_> = flow.screens[0].asked().map(|field| field.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "first.called.given",
            "first.called.family",
            "first.called.title",
            "first.age",
            "both",
            "second.called.given",
            "second.called.family",
            "second.called.title",
            "second.age"
        ]
    );
}
