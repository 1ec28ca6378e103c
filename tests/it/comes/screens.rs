//! `when` on a screen: off the path while it does not hold, and passed by.

use deity::machine::{Event, Notice, Path};

use crate::support::desk::{Desk, Sheet, read};

const FLOW: &str = r#"
title = "A grant"
start = "who"
[screens.who]
fields.kind = { type = "choice", label = "Who asks?", options = { one = "One person", two = "A couple", club = "A club" } }
actions.continue = "partner"
[screens.partner]
when = "kind == 'two'"
fields.partner = { type = "text", label = "Your partner's name" }
fields.long = { type = "computed", value = "partner ~ '!'", shown = false }
actions.continue = [{ when = "partner == 'none'", to = "sum" }, { to = "club" }]
[screens.club]
when = "kind == 'club'"
title = "Your club"
fields.club = { type = "text", label = "Its name" }
actions.continue = "sum"
actions.skip = "check"
[screens.sum]
fields.sum = { type = "integer", label = "How much?" }
actions.continue = "check"
[screens.check]
title = "Check your answers"
body = "{% if partner is defined %}With {{ partner }}.{% endif %}{% if long is defined %} {{ long }}{% endif %}"
review = true
actions.send = "done"
[screens.done]
title = "Sent"
end = "completed"
"#;

async fn asked(desk: &Desk, kind: &str) -> (Sheet, Sheet) {
    let who = desk.start("grant").await;
    let next = desk.send(&who, &[("kind", kind)]).await;
    (who, next)
}

#[tokio::test]
async fn a_screen_whose_condition_does_not_hold_is_passed_by() {
    let desk = Desk::open([read("grant", FLOW)]).await;
    assert_eq!(asked(&desk, "one").await.1.place, "sum", "past two screens");
    assert_eq!(asked(&desk, "club").await.1.place, "club", "past one");
    let (_, partner) = asked(&desk, "two").await;
    assert_eq!(partner.place, "partner");
    // On the way of its own branches where it is there.
    let sum = desk.send(&partner, &[("partner", "none")]).await;
    assert_eq!(sum.place, "sum");
    assert_eq!(desk.press(&sum, "back", &[]).await.place, "partner");
}

#[tokio::test]
async fn back_steps_over_a_screen_that_is_not_there() {
    let desk = Desk::open([read("grant", FLOW)]).await;
    let (_, sum) = asked(&desk, "one").await;
    assert_eq!(desk.press(&sum, "back", &[]).await.place, "who");
}

#[tokio::test]
async fn what_was_answered_there_counts_no_more_is_told_once_and_comes_back() {
    let flow = read("grant", FLOW);
    let desk = Desk::open([read("grant", FLOW)]).await;
    let (who, partner) = asked(&desk, "two").await;
    let sum = desk.send(&partner, &[("partner", "Bea")]).await;
    let check = desk.send(&sum, &[("sum", "5")]).await;
    assert!(check.html.contains("With Bea. Bea!"), "{}", check.html);
    let one = desk.send(&who, &[("kind", "one")]).await;
    assert_eq!(one.place, "sum");
    let hidden = |sheet: &Sheet| sheet.notices.iter().any(|notice| matches!(notice, Notice::Hidden(_)));
    assert!(hidden(&one), "{:?}", one.notices);
    let check = desk.follow(&one, Some("on")).await;
    assert!(
        !check.html.contains("Bea</") && !check.html.contains("With Bea"),
        "{}",
        check.html
    );
    let session = desk.stored(&who).await;
    let told = session
        .journal
        .iter()
        .filter(|e| matches!(e.event, Event::Hidden { .. }));
    assert_eq!(told.count(), 1);
    let path = Path::fold(&flow, &session, 0);
    assert!(!path.values.contains_key("partner") && !path.values.contains_key("long"));
    // It comes back with its screen, and nothing is asked again.
    let two = desk.send(&who, &[("kind", "two")]).await;
    assert_eq!(two.place, "partner");
    let check = desk.follow(&two, Some("on")).await;
    assert!(check.html.contains("With Bea."), "{}", check.html);
}

#[tokio::test]
async fn a_kept_page_of_a_screen_that_is_gone_does_not_count() {
    let desk = Desk::open([read("grant", FLOW)]).await;
    let (who, partner) = asked(&desk, "two").await;
    desk.send(&who, &[("kind", "one")]).await;
    let page = desk.send(&partner, &[("partner", "Bea")]).await;
    assert_eq!((page.place.as_str(), page.status), ("sum", 200));
    let path = Path::fold(&read("grant", FLOW), &desk.stored(&who).await, 0);
    assert!(!path.values.contains_key("partner"));
}

#[tokio::test]
async fn the_change_of_an_answer_leads_to_the_screen_that_it_brings() {
    let desk = Desk::open([read("grant", FLOW)]).await;
    let (_, sum) = asked(&desk, "one").await;
    let check = desk.send(&sum, &[("sum", "5")]).await;
    let who = desk.follow(&check, Some("change.who")).await;
    assert_eq!(who.place, "who");
    let club = desk.send(&who, &[("kind", "club")]).await;
    assert_eq!(club.place, "club");
    let check = desk.send(&club, &[("club", "Chess")]).await;
    assert_eq!(check.place, "check", "and back to where the link stood");
}

#[test]
fn a_definition_without_such_a_screen_keeps_its_digest_and_one_with_it_has_another() {
    let without = FLOW.replace("when = \"kind == 'two'\"\n", "");
    let other = FLOW.replace("when = \"kind == 'two'\"\n", "when = \"kind != 'one'\"\n");
    let digests = [FLOW, &without, &other].map(|source| read("grant", source).digests.structure);
    assert!(digests[0] != digests[1] && digests[0] != digests[2] && digests[1] != digests[2]);
}
