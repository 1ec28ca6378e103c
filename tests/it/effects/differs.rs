//! A page that is another now says what of it is, where look-ups alone brought that about.

use deity::flow::Value;
use deity::machine::Said;

use super::lists::{FARE, PLACES, options, pounds, two};
use super::{book, done, not_done, seats};
use crate::support::desk::{Desk, Sheet, read};

/// The page of the review again, after the fare for as many was asked for once more.
async fn again(desk: &Desk, check: &Sheet, fare: &str) -> Sheet {
    let many = desk.follow(check, Some("change.many")).await;
    let waiting = desk.send(&many, &[("many", "2")]).await;
    assert_eq!(waiting.kind, "waiting");
    desk.says(&waiting, "fare", pounds(fare)).await;
    desk.follow(&waiting, Some("open")).await
}

fn refused(page: &Sheet, words: &str) {
    assert_eq!((page.kind, page.status), ("screen", 409), "{}", page.html);
    let line = format!("<ul><li>{words}</ul>");
    assert!(page.html.contains(&line), "{line} is not in {}", page.html);
}

#[tokio::test]
async fn a_price_is_compared_with_the_one_that_this_page_showed() {
    let desk = Desk::open([read("ferry", FARE)]).await;
    let first = two(&desk).await;
    let second = again(&desk, &first, "30").await;
    again(&desk, &first, "30").await;
    refused(&desk.press(&first, "pay", &[]).await, "The fare: £20.00 → £30.00");
    let fourth = again(&desk, &first, "40").await;
    refused(&desk.press(&first, "pay", &[]).await, "The fare: £20.00 → £40.00");
    refused(&desk.press(&second, "pay", &[]).await, "The fare: £30.00 → £40.00");
    // What failed meanwhile was shown on no page.
    let many = desk.follow(&first, Some("change.many")).await;
    let waiting = desk.send(&many, &[("many", "2")]).await;
    desk.says(&waiting, "fare", not_done(false)).await;
    let sixth = again(&desk, &first, "50").await;
    for (page, price) in [(&first, "20"), (&second, "30"), (&fourth, "40")] {
        let words = format!("The fare: £{price}.00 → £50.00");
        refused(&desk.press(page, "pay", &[]).await, &words);
    }
    assert_eq!(desk.press(&sixth, "pay", &[]).await.kind, "waiting");
}

/// The villages of the north, each under these words.
fn villages(named: &[(&str, &str)]) -> Said {
    let options = named
        .iter()
        .map(|(value, label)| ((*value).to_owned(), (*label).to_owned()));
    Said::Done([("village_list".to_owned(), Value::Options(options.collect()))].into())
}

/// In the first of two villages: the page of the street, and the review.
async fn in_ash(desk: &Desk) -> (Sheet, Sheet) {
    let province = desk.start("address").await;
    let village = desk.send(&province, &[("province", "north")]).await;
    desk.says(&village, "villages", villages(&[("ash", "Ash"), ("elm", "Elm")]))
        .await;
    let village = desk.follow(&village, Some("open")).await;
    let street = desk.send(&village, &[("village", "ash")]).await;
    desk.says(&street, "streets", options("street_list", &["high"])).await;
    let street = desk.follow(&street, Some("open")).await;
    let check = desk.send(&street, &[("street", "high")]).await;
    (street, check)
}

#[tokio::test]
async fn an_option_that_is_called_otherwise_is_said_so_by_the_review() {
    let desk = Desk::open([read("address", PLACES)]).await;
    let (street, check) = in_ash(&desk).await;
    assert!(check.html.contains("<dd>Ash"), "{}", check.html);
    let village = desk.press(&street, "back", &[("street", "")]).await;
    assert_eq!((village.kind, village.place.as_str()), ("waiting", "village"));
    // What nobody picked is nothing to the review.
    desk.says(&village, "villages", villages(&[("ash", "Ash Grove"), ("oak", "Oak")]))
        .await;
    let page = desk.send(&check, &[]).await;
    refused(&page, "Village: Ash → Ash Grove");
    assert_eq!(desk.send(&page, &[]).await.kind, "receipt");
}

#[tokio::test]
async fn a_choice_that_is_another_is_named_once_and_by_its_words() {
    let desk = Desk::open([read("address", PLACES)]).await;
    let (street, check) = in_ash(&desk).await;
    assert_eq!(check.place, "check");
    // In another window: the list has no more what was picked, and calls the other one otherwise.
    let village = desk.press(&street, "back", &[("street", "")]).await;
    desk.says(&village, "villages", villages(&[("elm", "Elm Wood")])).await;
    let village = desk.follow(&village, Some("open")).await;
    let street = desk.send(&village, &[("village", "elm")]).await;
    desk.says(&street, "streets", options("street_list", &["high"])).await;
    refused(&desk.send(&check, &[]).await, "Village: Ash → Elm Wood");
}

/// The page on which a seat is held, kept from before; and the list has come again.
async fn kept(desk: &Desk, free: &[&str]) -> Sheet {
    let first = desk.start("book").await;
    desk.says(&first, "seats", seats(&["a1", "a2", "a3"])).await;
    let page = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&page, &[("seat", "a2")]).await;
    desk.says(&waiting, "hold", done(&[("hold", "H-1")])).await;
    let name = desk.follow(&waiting, Some("on")).await;
    let seat = desk.press(&name, "back", &[("given", "Ad")]).await;
    assert_eq!((seat.kind, seat.place.as_str()), ("waiting", "seat"));
    desk.says(&seat, "seats", seats(free)).await;
    page
}

#[tokio::test]
async fn a_list_that_is_another_says_what_is_offered_no_more() {
    let desk = Desk::open([book()]).await;
    let page = kept(&desk, &["a1"]).await;
    refused(
        &desk.send(&page, &[("seat", "a3")]).await,
        "Seat: Seat a3 → no longer offered",
    );
    refused(
        &desk.send(&page, &[("seat", "a1")]).await,
        "Seats: Seat a3 → no longer offered",
    );
    assert!(!desk.asked(&page).await.iter().any(super::is_undo));

    let desk = Desk::open([book()]).await;
    let page = kept(&desk, &["a1", "a3", "a4"]).await;
    refused(
        &desk.send(&page, &[("seat", "a3")]).await,
        "Seats: there is more to choose from",
    );
    // The same list is no other one: what is held is among it.
    let desk = Desk::open([book()]).await;
    let page = kept(&desk, &["a3", "a1"]).await;
    assert_eq!(desk.send(&page, &[("seat", "a3")]).await.status, 200);
}

#[tokio::test]
async fn a_choice_that_was_given_back_elsewhere_is_said_to_be_offered_no_more() {
    let desk = Desk::open([book()]).await;
    let name = desk.hold("a2").await;
    let seat = desk.press(&name, "back", &[("given", "Ad")]).await;
    desk.says(&seat, "seats", seats(&["a1", "a3"])).await;
    let kept = desk.follow(&seat, Some("open")).await;
    assert!(kept.html.contains("value=a2"), "{}", kept.html);
    // In another window another seat is taken.
    let waiting = desk.send(&kept, &[("seat", "a3")]).await;
    assert_eq!(waiting.kind, "waiting");
    desk.says(&waiting, "hold", done(&[("hold", "H-2")])).await;
    let page = desk.send(&kept, &[("seat", "a2"), ("wish", "by the window")]).await;
    refused(&page, "Seat: Seat a2 → no longer offered");
    assert!(page.html.contains("by the window"), "{}", page.html);
}
