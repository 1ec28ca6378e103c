//! A fragment that is called: into it, within it, out of it, and back.

use deity::flow::Flow;
use deity::machine::Notice;

use super::{FLOW, packed};
use crate::support::desk::{Desk, Sheet, read};

async fn open() -> (Desk, Sheet) {
    let desk = Desk::open([read("move", &packed(FLOW))]).await;
    let name = desk.start("move").await;
    (desk, name)
}

const NAME: &[(&str, &str)] = &[("person.given", "Ada"), ("person.family", "Byron")];

/// To the review, by way of the longest path.
async fn walked(desk: &Desk, name: &Sheet) -> Vec<Sheet> {
    let mut pages = vec![desk.send(name, NAME).await];
    for fields in [
        &[("home.line", "1 High Street"), ("home.town", "Hull")][..],
        &[("home.since.year", "1999")],
        &[],
        &[("work.line", "2 Low Street"), ("work.town", "Leeds")],
        &[("work.since.year", "2001")],
    ] {
        let before = pages.last().unwrap();
        pages.push(desk.send(before, fields).await);
    }
    pages
}

fn places(pages: &[Sheet]) -> Vec<&str> {
    pages.iter().map(|page| page.place.as_str()).collect()
}

#[tokio::test]
async fn a_fragment_is_gone_through_twice_under_two_names() {
    let (desk, name) = open().await;
    let pages = walked(&desk, &name).await;
    assert_eq!(
        places(&pages),
        [
            "home.street",
            "home.since.when",
            "hull",
            "work.street",
            "work.since.when",
            "check"
        ]
    );
    assert!(pages[0].html.contains("Where does Ada live?"));
    assert!(pages[1].html.contains("When did you move to Hull?"));
    assert!(pages[1].html.contains("<em>us</em>"), "shared words are Markdown");
    assert!(pages[2].html.contains("Hull, at 1 High Street, Hull"));
    assert!(pages[3].html.contains("Where does your employer live?"));
    assert!(pages[4].html.contains("When did you move to Leeds?"));
    let check = &pages[5];
    for answer in ["1 High Street", "2 Low Street", "1999", "2001"] {
        assert!(check.html.contains(answer), "{answer}");
    }
    assert_eq!(desk.press(check, "submit", &[]).await.kind, "receipt");
}

#[tokio::test]
async fn back_leads_within_into_and_out_of_a_call() {
    let (desk, name) = open().await;
    let pages = walked(&desk, &name).await;
    let mut here = pages[4].clone();
    let mut all = Vec::new();
    while here.back && all.len() < 9 {
        here = desk.press(&here, "back", &[]).await;
        all.push(here.place.clone());
    }
    assert_eq!(
        all,
        ["work.street", "hull", "home.since.when", "home.street", "name", "intro"]
    );
}

#[tokio::test]
async fn a_value_in_that_is_amended_flows_down_and_what_hangs_on_it_is_asked_again() {
    let (desk, name) = open().await;
    let pages = walked(&desk, &name).await;
    let changed = desk
        .send(&name, &[("person.given", "Bob"), ("person.family", "Byron")])
        .await;
    assert!(
        matches!(&changed.notices[..], [Notice::Changed(_)]),
        "{:?}",
        changed.notices
    );
    let street = desk.follow(&pages[5], Some("change.home.street")).await;
    assert_eq!(street.place, "home.street");
    assert!(street.html.contains("Where does Bob live?"));
    // York needs no second page, and the way by Hull is no way any more.
    let after = desk
        .send(&street, &[("home.line", "1 High Street"), ("home.town", "York")])
        .await;
    assert_eq!(after.place, "check");
    assert!(!after.html.contains("1999") || !after.notices.is_empty());
    assert!(after.html.contains("2001"));
}

#[tokio::test]
async fn a_change_link_leads_into_a_call_and_back_to_the_review() {
    let (desk, name) = open().await;
    let pages = walked(&desk, &name).await;
    let when = desk.follow(&pages[5], Some("change.work.since.when")).await;
    assert_eq!(when.place, "work.since.when");
    let check = desk.send(&when, &[("work.since.year", "2020")]).await;
    assert_eq!(check.place, "check");
    assert!(check.html.contains("2020") && check.html.contains("1999"));
    let session = desk.stored(&check).await;
    assert_eq!(session.flow, "move");
}

#[tokio::test]
async fn who_began_goes_on_under_the_part_as_it_was() {
    let (desk, name) = open().await;
    let home = desk.send(&name, NAME).await;
    let later = packed(FLOW).replace(
        "fields.year = { type = \"integer\"",
        "fields.month = { type = \"integer\", label = \"Month\" }\nfields.year = { type = \"integer\"",
    );
    let desk = desk.restarted([read("move", &later)]).await;
    let when = desk
        .send(&home, &[("home.line", "1 High Street"), ("home.town", "Hull")])
        .await;
    assert!(!when.html.contains("Month"));
    assert_eq!(desk.send(&when, &[("home.since.year", "1999")]).await.place, "hull");
    let anew = desk.start("move").await;
    let home = desk.send(&anew, NAME).await;
    let when = desk
        .send(&home, &[("home.line", "1 High Street"), ("home.town", "Hull")])
        .await;
    assert!(when.html.contains("Month"));
}

#[test]
fn a_changed_fragment_is_another_structure_and_a_changed_text_is_not() {
    let digests = |source: &str| {
        let (flow, _) = Flow::read("move", source).unwrap();
        flow.digests
    };
    let before = digests(&packed(FLOW));
    let texts = digests(&packed(FLOW).replace("Ring *us*", "Call *us*"));
    assert_eq!(texts.structure, before.structure);
    assert_ne!(texts.texts, before.texts);
    let longer = digests(&packed(FLOW).replace("label = \"Town\"", "label = \"Town\", max = 9"));
    assert_ne!(longer.structure, before.structure);
}
