//! Texts, labels and hints that depend on an answer of their own page.

use deity::flow::Flow;

use crate::support::desk::{Desk, read};

const FLOW: &str = r#"
title = "Tax"
start = "who"
[screens.who]
title = "About you"
fields.before = { type = "warning", text = "A partner must sign too.", when = "has_partner == true" }
fields.has_partner = { type = "yes-no", label = "Do you have a partner?" }
fields.both = { type = "inset", text = "You must **both** sign.", when = "has_partner" }
fields.name = { type = "text", label = "Partner's name", when = "has_partner", required = false }
fields.pay = { type = "integer", label = "What {% if has_partner %}do both of you{% else %}do you{% endif %} earn?", max = 99 }
fields.more = { type = "text", label = "Anything else?", hint = "{% if pay is defined %}You said {{ pay }}.{% endif %}", required = false }
fields.rich = { type = "paragraph", text = "That is a lot: {{ default(pay, 0) }}.", when = "pay > 50" }
actions.continue = "check"
[screens.check]
title = "Check"
review = true
actions.send = "done"
[screens.done]
title = "Sent"
end = "completed"
"#;

fn codes(source: &str) -> Vec<&'static str> {
    match Flow::read("tax", source) {
        Ok((_, all)) | Err(all) => all.iter().map(|one| one.code).collect(),
    }
}

#[tokio::test]
async fn a_text_stands_under_the_option_that_it_needs() {
    let desk = Desk::open([read("tax", FLOW)]).await;
    let who = desk.start("tax").await;
    let html = &who.html;
    let under = "value=yes id=has_partner> Yes</label><div class=c><div class=\"n w\"><p><b>Warning:</b> A partner must sign too.\
                 </p></div><div class=n><p>You must <strong>both</strong> sign.</p></div>";
    assert!(html.contains(under), "{html}");
    assert!(
        html.contains(":not(:has(:checked))+.c{display:none}"),
        "style shows it once that is chosen"
    );
    assert_eq!(html.matches("both</strong>").count(), 1);
}

#[tokio::test]
async fn words_go_with_what_is_typed_when_the_page_comes_again() {
    let desk = Desk::open([read("tax", FLOW)]).await;
    let who = desk.start("tax").await;
    assert!(who.html.contains("What do you earn?"), "{}", who.html);
    assert!(!who.html.contains("You said") && !who.html.contains("That is a lot"));
    assert!(
        !who.html.contains("<small></small>"),
        "a hint that says nothing is none: {}",
        who.html
    );
    let again = desk.send(&who, &[("has_partner", "yes"), ("pay", "100")]).await;
    assert_eq!(again.status, 422);
    assert!(again.html.contains("What do both of you earn?"), "{}", again.html);
    assert!(!again.html.contains("You said"), "what is not valid has no value");
    let check = desk.send(&who, &[("has_partner", "yes"), ("pay", "60")]).await;
    assert!(check.html.contains("What do both of you earn?"), "{}", check.html);
    let back = desk.press(&check, "back", &[]).await;
    assert!(
        back.html.contains("You said 60.") && back.html.contains("That is a lot: 60."),
        "{}",
        back.html
    );
}

#[test]
fn what_can_be_seen_only_when_the_page_comes_again_is_told_to_the_author() {
    assert_eq!(
        codes(FLOW).iter().filter(|code| **code == "shown-late").count(),
        1,
        "{:?}",
        codes(FLOW)
    );
    let bare = FLOW.replace("{{ default(pay, 0) }}", "{{ pay }}");
    assert!(codes(&bare).contains(&"may-be-missing"), "{:?}", codes(&bare));
    let title = FLOW.replace("title = \"About you\"", "title = \"About {{ name }}\"");
    assert!(
        codes(&title).contains(&"read-too-early"),
        "a heading comes before any answer: {:?}",
        codes(&title)
    );
}
