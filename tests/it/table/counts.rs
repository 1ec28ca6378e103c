//! What an amend has as its consequence: each answer that counts no more because of it is named on a
//! next page, once.

use deity::machine::Notice;

use super::{WALK, shows, to_the_review, walk};
use crate::effects::lists::{PLACES, options};
use crate::effects::{self, done, seats};
use crate::support::desk::{Desk, Sheet, read};

const NO_MORE: &str = "hese answers do not count any more:";

/// The page names just these as counting no more.
fn names(page: &Sheet, lines: &str) {
    assert_eq!(page.kind, "screen");
    shows(page, &[&format!("{NO_MORE}<ul>{lines}</ul>")]);
    assert_eq!(page.html.matches(NO_MORE).count(), 1, "{}", page.html);
}

fn names_none(page: &Sheet) {
    assert_eq!(page.kind, "screen");
    assert!(!page.html.contains(NO_MORE), "{}", page.html);
}

#[tokio::test]
async fn a_screen_that_the_path_no_longer_leads_to_is_named_once() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let kind = desk.follow(&pages[4], Some("change.kind")).await;
    let beta = desk.send(&kind, &[("kind", "b")]).await;
    assert_eq!(beta.place, "beta");
    // The note may come again: nothing is said of it.
    names(&beta, "<li>How many?: 3");
    shows(&beta, &["You changed:", "These answers do not count any more"]);
    let check = desk.send(&beta, &[("beta", "this")]).await;
    assert_eq!(check.place, "check");
    names_none(&check);
    // It comes back, and goes again.
    let kind = desk.follow(&check, Some("change.kind")).await;
    let check = desk.send(&kind, &[("kind", "a")]).await;
    assert_eq!(check.place, "check");
    names(&check, "<li>What?: this");
    let kind = desk.follow(&check, Some("change.kind")).await;
    names(&desk.send(&kind, &[("kind", "b")]).await, "<li>How many?: 3");
}

#[tokio::test]
async fn what_is_hidden_behind_a_new_screen_is_named_when_the_path_comes_there() {
    let desk = Desk::open([walk()]).await;
    let pages = to_the_review(&desk).await;
    let extra = desk.follow(&pages[4], Some("change.extra")).await;
    let check = desk.send(&extra, &[("note", "x"), ("dose", "7")]).await;
    let kind = desk.follow(&check, Some("change.kind")).await;
    let beta = desk.send(&kind, &[("kind", "b")]).await;
    names(&beta, "<li>How many?: 3");
    let check = desk.send(&beta, &[("beta", "this")]).await;
    assert_eq!(check.place, "check");
    names(&check, "<li>Dose: 7");
}

#[tokio::test]
async fn what_was_only_kept_and_never_counted_is_not_named() {
    let desk = Desk::open([walk()]).await;
    let name = desk.start("walk").await;
    let kind = desk.send(&name, &[("given", "Ada")]).await;
    let alpha = desk.send(&kind, &[("kind", "a")]).await;
    let beta = desk.send(&kind, &[("kind", "b")]).await;
    names_none(&beta);
    let kept = desk.send(&alpha, &[("alpha", "5")]).await;
    assert!(kept.notices.contains(&Notice::KeptAside), "{:?}", kept.notices);
    names_none(&kept);
    names_none(&desk.send(&kept, &[("beta", "this")]).await);
}

#[tokio::test]
async fn of_very_many_the_first_are_named_and_the_rest_counted() {
    let fields: String = (0..25)
        .map(|n| format!("fields.f{n} = {{ type = \"integer\", label = \"Field {n}\" }}\n"))
        .collect();
    let alpha = "fields.alpha = { type = \"integer\", label = \"How many?\", min = 1, max = 9 }\n";
    assert!(WALK.contains(alpha));
    let desk = Desk::open([read(
        "walk",
        &WALK.replace(alpha, &format!("title = \"Many\"\n{fields}")),
    )])
    .await;
    let name = desk.start("walk").await;
    let kind = desk.send(&name, &[("given", "Ada")]).await;
    let alpha = desk.send(&kind, &[("kind", "a")]).await;
    let typed: Vec<(String, String)> = (0..25).map(|n| (format!("f{n}"), n.to_string())).collect();
    let typed: Vec<(&str, &str)> = typed.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(desk.send(&alpha, &typed).await.place, "extra");
    let beta = desk.send(&kind, &[("kind", "b")]).await;
    shows(&beta, &["<li>Field 0: 0", "<li>Field 19: 19<li>and 5 more</ul>"]);
}

#[tokio::test]
async fn nor_is_a_long_answer_copied_or_shown_whole() {
    let fields = |screen: &str| -> String {
        (0..12)
            .map(|n| format!("fields.{screen}{n} = {{ type = \"lines\", label = \"{screen} {n}\", max = 5000 }}\n"))
            .collect()
    };
    let alpha =
        "fields.alpha = { type = \"integer\", label = \"How many?\", min = 1, max = 9 }\nactions.continue = \"extra\"";
    assert!(WALK.contains(alpha));
    let two = format!(
        "title = \"A\"\n{}actions.continue = \"more\"\n\n[screens.more]\ntitle = \"M\"\n{}actions.continue = \"extra\"",
        fields("a"),
        fields("m")
    );
    let desk = Desk::open([read("walk", &WALK.replace(alpha, &two))]).await;
    let name = desk.start("walk").await;
    let kind = desk.send(&name, &[("given", "Ada")]).await;
    let mut page = desk.send(&kind, &[("kind", "a")]).await;
    let long = "word ".repeat(990);
    for screen in ["a", "m"] {
        let typed: Vec<String> = (0..12).map(|n| format!("{screen}{n}")).collect();
        let typed: Vec<(&str, &str)> = typed.iter().map(|name| (name.as_str(), long.as_str())).collect();
        page = desk.send(&page, &typed).await;
    }
    assert_eq!(page.place, "extra");
    // There is no room for all of it twice.
    let note = desk.send(&page, &[("note", "x")]).await;
    assert_eq!(note.place, "check");
    let beta = desk.send(&kind, &[("kind", "b")]).await;
    assert_eq!((beta.kind, beta.status, beta.place.as_str()), ("screen", 200, "beta"));
    shows(
        &beta,
        &["<li>a 0: word word", "<li>m 7: word word", "…<li>and 4 more</ul>"],
    );
    let journal = format!("{:?}", desk.stored(&beta).await.journal);
    assert!(journal.len() < 8_000 && beta.html.len() < 8_000, "{}", journal.len());
}

/// To the review of an address, with the page of the street.
async fn address(desk: &Desk) -> (Sheet, Sheet) {
    let province = desk.start("address").await;
    let village = desk.send(&province, &[("province", "north")]).await;
    desk.says(&village, "villages", options("village_list", &["ash", "elm"]))
        .await;
    let village = desk.follow(&village, Some("open")).await;
    let street = desk.send(&village, &[("village", "ash")]).await;
    desk.says(&street, "streets", options("street_list", &["high"])).await;
    let street = desk.follow(&street, Some("open")).await;
    let check = desk.send(&street, &[("street", "high")]).await;
    assert_eq!(check.place, "check");
    (street, check)
}

#[tokio::test]
async fn a_choice_that_a_new_list_lacks_is_named_once_it_has_come() {
    let desk = Desk::open([read("address", PLACES)]).await;
    let (_, check) = address(&desk).await;
    let province = desk.follow(&check, Some("change.province")).await;
    let waiting = desk.send(&province, &[("province", "south")]).await;
    desk.says(&waiting, "villages", options("village_list", &["fir"])).await;
    let village = desk.follow(&waiting, Some("open")).await;
    names(&village, "<li>Village: The ash");
    shows(
        &village,
        &["Province: North → South", "These answers do not count any more"],
    );
    let waiting = desk.send(&village, &[("village", "fir")]).await;
    desk.says(&waiting, "streets", options("street_list", &["mill"])).await;
    let street = desk.follow(&waiting, Some("open")).await;
    names(&street, "<li>Street: The high");
    let check = desk.send(&street, &[("street", "mill")]).await;
    assert_eq!(check.place, "check");
    names_none(&check);
    // A list that has all that is picked takes nothing away.
    let province = desk.follow(&check, Some("change.province")).await;
    let waiting = desk.send(&province, &[("province", "north")]).await;
    desk.says(&waiting, "villages", options("village_list", &["fir", "ash"]))
        .await;
    names_none(&desk.follow(&waiting, Some("open")).await);
}

#[tokio::test]
async fn so_is_one_that_went_without_any_answer_being_changed() {
    let desk = Desk::open([read("address", PLACES)]).await;
    let (street, _) = address(&desk).await;
    let waiting = desk.press(&street, "back", &[("street", "")]).await;
    assert_eq!((waiting.kind, waiting.place.as_str()), ("waiting", "village"));
    desk.says(&waiting, "villages", options("village_list", &["elm"])).await;
    let village = desk.follow(&waiting, Some("open")).await;
    names(&village, "<li>Village: The ash");
}

#[tokio::test]
async fn so_is_one_that_was_given_back_and_is_not_to_be_had_again() {
    let desk = Desk::open([effects::variant(&[
        ("to = \"seat\" }", "to = \"who\" }"),
        (
            "[screens.seat]",
            "[screens.who]\ntitle = \"Who?\"\nfields.who = { type = \"text\", label = \"Whose\" }\nactions.continue = \"seat\"\n\n[screens.seat]",
        ),
        ("send = { seat = \"{{ seat }}\" }", "send = { seat = \"{{ seat }}\", who = \"{{ who }}\" }"),
    ])])
    .await;
    let who = desk.start("book").await;
    let waiting = desk.send(&who, &[("who", "Ada")]).await;
    desk.says(&waiting, "seats", seats(&["a1", "a2"])).await;
    let seat = desk.follow(&waiting, Some("open")).await;
    let waiting = desk.send(&seat, &[("seat", "a2")]).await;
    desk.says(&waiting, "hold", done(&[("hold", "H-1")])).await;
    let name = desk.follow(&waiting, Some("on")).await;
    assert_eq!(name.place, "name");
    let waiting = desk.send(&who, &[("who", "Eve")]).await;
    assert_eq!((waiting.kind, waiting.place.as_str()), ("waiting", "seat"));
    desk.says(&waiting, "seats", seats(&["a1"])).await;
    let seat = desk.follow(&waiting, Some("open")).await;
    names(&seat, "<li>Seat: Seat a2");
    shows(&seat, &["We take back what was done before", "Whose: Ada → Eve"]);
    assert!(!seat.html.contains("value=a2"), "{}", seat.html);
}
