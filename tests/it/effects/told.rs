//! What changed is told on the first page with content, whatever look-ups put between.

use super::lists::{FARE, PLACES, options, pounds, two};
use super::not_done;
use crate::support::desk::{Desk, Sheet, read};

const CHANGED: &str = "You changed:<ul><li>Passengers: 2 → 3</ul>";

/// The page that says that the fare for three could not be looked up.
async fn failed(desk: &Desk) -> Sheet {
    let check = two(desk).await;
    let many = desk.follow(&check, Some("change.many")).await;
    let waiting = desk.send(&many, &[("many", "3")]).await;
    assert_eq!(waiting.kind, "waiting");
    desk.says(&waiting, "fare", not_done(false)).await;
    let lacking = desk.follow(&waiting, Some("open")).await;
    assert_eq!(lacking.kind, "lacking");
    lacking
}

fn told(page: &Sheet, words: &str) {
    assert!(page.html.contains(words), "{words} is not in {}", page.html);
    assert_eq!(page.html.matches("You changed").count(), 1, "{}", page.html);
}

fn tells_nothing(page: &Sheet) {
    assert!(!page.html.contains("You changed"), "{}", page.html);
}

#[tokio::test]
async fn what_changed_is_told_once_what_failed_was_looked_up_again() {
    let desk = Desk::open([read("ferry", FARE)]).await;
    let lacking = failed(&desk).await;
    // Also where it fails once more.
    let again = desk.press(&lacking, "look-again", &[]).await;
    desk.says(&again, "fare", not_done(false)).await;
    let lacking = desk.follow(&again, Some("open")).await;
    assert_eq!(lacking.kind, "lacking");
    let again = desk.press(&lacking, "look-again", &[]).await;
    assert_eq!(again.kind, "waiting");
    desk.says(&again, "fare", pounds("30")).await;
    let check = desk.follow(&again, Some("open")).await;
    assert_eq!(check.kind, "screen");
    told(&check, CHANGED);
    // Who has read it is not told again.
    let many = desk.follow(&check, Some("change.many")).await;
    tells_nothing(&many);
    let waiting = desk.send(&many, &[("many", "3")]).await;
    desk.says(&waiting, "fare", pounds("30")).await;
    let check = desk.follow(&waiting, Some("open")).await;
    assert_eq!(check.kind, "screen");
    tells_nothing(&check);
}

#[tokio::test]
async fn also_on_the_page_before_whether_by_a_link_or_by_a_form() {
    for private in [false, true] {
        let source = FARE.replace("start = \"intro\"", &format!("private = {private}\nstart = \"intro\""));
        let desk = Desk::open([read("ferry", &source)]).await;
        let lacking = failed(&desk).await;
        let step = desk.stored(&lacking).await.step;
        let back = if private {
            assert!(lacking.html.contains("name=actionID value=back"), "{}", lacking.html);
            desk.press(&lacking, "back", &[]).await
        } else {
            desk.follow(&lacking, Some("back")).await
        };
        assert_eq!((back.kind, back.place.as_str()), ("screen", "many"));
        told(&back, CHANGED);
        assert_eq!(desk.stored(&back).await.step, step, "nothing was written");
    }
}

#[tokio::test]
async fn nor_is_it_lost_where_a_kept_page_changes_it_again_meanwhile() {
    let desk = Desk::open([read("ferry", FARE)]).await;
    let check = two(&desk).await;
    let many = desk.follow(&check, Some("change.many")).await;
    desk.send(&many, &[("many", "3")]).await;
    let waiting = desk.send(&many, &[("many", "4")]).await;
    assert_eq!(waiting.kind, "waiting");
    desk.says(&waiting, "fare", pounds("40")).await;
    let check = desk.follow(&waiting, Some("open")).await;
    told(&check, "You changed:<ul><li>Passengers: 2 → 4</ul>");
    // And back again: nothing is another.
    let many = desk.follow(&check, Some("change.many")).await;
    desk.send(&many, &[("many", "3")]).await;
    let waiting = desk.send(&many, &[("many", "4")]).await;
    desk.says(&waiting, "fare", pounds("40")).await;
    let check = desk.follow(&waiting, Some("open")).await;
    assert_eq!(check.kind, "screen");
    tells_nothing(&check);
}

/// To the review, by way of a province, a village and a street.
async fn to_the_review(desk: &Desk) -> Sheet {
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
    check
}

#[tokio::test]
async fn where_the_new_list_asks_for_another_answer_it_is_told_there() {
    let desk = Desk::open([read("address", PLACES)]).await;
    let check = to_the_review(&desk).await;
    let province = desk.follow(&check, Some("change.province")).await;
    let waiting = desk.send(&province, &[("province", "south")]).await;
    desk.says(&waiting, "villages", not_done(false)).await;
    let lacking = desk.follow(&waiting, Some("open")).await;
    assert_eq!((lacking.kind, lacking.place.as_str()), ("lacking", "village"));
    let again = desk.press(&lacking, "look-again", &[]).await;
    desk.says(&again, "villages", options("village_list", &["fir"])).await;
    let village = desk.follow(&again, Some("open")).await;
    assert_eq!((village.kind, village.place.as_str()), ("screen", "village"));
    told(&village, "Province: North → South");
}

#[tokio::test]
async fn a_choice_that_is_offered_no_more_is_still_named_by_its_words() {
    let desk = Desk::open([read("address", PLACES)]).await;
    let check = to_the_review(&desk).await;
    let kept = desk.follow(&check, Some("change.village")).await;
    let province = desk.follow(&check, Some("change.province")).await;
    let waiting = desk.send(&province, &[("province", "south")]).await;
    desk.says(&waiting, "villages", not_done(false)).await;
    // While nothing is offered.
    let late = desk.send(&kept, &[("village", "elm")]).await;
    assert_eq!((late.kind, late.status), ("lacking", 409));
    assert!(
        late.html.contains("<dt>Village<dd>elm"),
        "it was no answer: {}",
        late.html
    );
    let late = desk.send(&kept, &[("village", "ash")]).await;
    assert!(late.html.contains("<dt>Village<dd>The ash"), "{}", late.html);
    let again = desk.press(&late, "look-again", &[]).await;
    desk.says(&again, "villages", options("village_list", &["fir"])).await;
    let village = desk.follow(&again, Some("open")).await;
    assert!(!village.html.contains("value=ash"), "{}", village.html);
    let wrong = desk.send(&village, &[("village", "ash")]).await;
    assert_eq!(wrong.status, 422, "words make it no answer");
    let waiting = desk.send(&village, &[("village", "fir")]).await;
    desk.says(&waiting, "streets", options("street_list", &["high"])).await;
    let street = desk.follow(&waiting, Some("open")).await;
    told(&street, "Village: The ash → The fir");
    // Nor are the words lost while the list comes and goes.
    let village = desk.press(&street, "back", &[("street", "")]).await;
    assert_eq!((village.kind, village.place.as_str()), ("waiting", "village"));
    desk.says(&village, "villages", options("village_list", &["yew"])).await;
    let village = desk.follow(&village, Some("open")).await;
    let waiting = desk.send(&village, &[("village", "yew")]).await;
    desk.says(&waiting, "streets", options("street_list", &["high"])).await;
    told(&desk.follow(&waiting, Some("open")).await, "Village: The fir → The yew");
}

#[tokio::test]
async fn what_is_remembered_of_lists_is_bounded() {
    let desk = Desk::open([read("address", PLACES)]).await;
    let province = desk.start("address").await;
    let mut page = province.clone();
    for n in 0..24 {
        let to = ["north", "south"][n % 2];
        page = desk.send(&province, &[("province", to)]).await;
        let new: Vec<String> = (0..12).map(|option| format!("v{n}-{option}")).collect();
        let new: Vec<&str> = new.iter().map(String::as_str).collect();
        desk.says(&page, "villages", options("village_list", &new)).await;
        page = desk.follow(&page, Some("open")).await;
        assert_eq!((page.kind, page.place.as_str()), ("screen", "village"));
        page = desk.send(&page, &[("village", new[0])]).await;
    }
    let results = desk.latest(&page, "villages").await.results;
    let size = |name: &str| results[name].as_options().unwrap().len();
    assert_eq!((size("+=village_list"), size("-village_list")), (16, 8));
    let older: Vec<&String> = results.keys().filter(|name| name.starts_with("-@")).collect();
    assert_eq!(older.len(), 3, "{older:?}");
    assert!(older.iter().all(|name| size(name) == 8));
}
