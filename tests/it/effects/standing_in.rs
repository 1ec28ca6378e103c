//! Pages that stand in for a screen while something is looked up, or under way: they have none of its
//! boxes, and empty none, whatever has come meanwhile in another window.

use deity::engine::Came;
use deity::machine::Place;

use super::lists::{PLACES, options};
use super::{book, declined, not_done, seats};
use crate::support::desk::{Desk, Sheet, drawn, read, sheet};

/// The form of a page that presses `action` says that it has no boxes.
fn is_bare(page: &Sheet, action: &str) {
    let forms = page.html.split("<form ").skip(1);
    let form = forms.filter_map(|form| Some(form.split_once("</form>")?.0));
    let pressing = form.filter(|form| form.contains(&format!("name=actionID value={action}")));
    let ends: Vec<bool> = pressing
        .map(|form| form.ends_with("<input type=hidden name=E value=0>"))
        .collect();
    assert_eq!(ends, [true], "{action}: {}", page.html);
}

/// Presses a button of a form without boxes.
async fn press(desk: &Desk, page: &Sheet, action: &str) -> Sheet {
    is_bare(page, action);
    let request = deity::engine::Request {
        came: Came::Bare,
        ..Desk::post(page, Some(action), &[])
    };
    sheet(desk.engine.answer(request).await)
}

/// The village is chosen, and its list could not be had for another province.
async fn lacking(private: bool) -> (Desk, Sheet) {
    let house = "options = \"village_list\" }\nfields.house = { type = \"text\", label = \"House\", max = 20 }";
    let source = PLACES
        .replace("options = \"village_list\" }", house)
        .replace("start = \"intro\"", &format!("private = {private}\nstart = \"intro\""));
    let desk = Desk::open([read("address", &source)]).await;
    let province = desk.start("address").await;
    let village = desk.send(&province, &[("province", "north")]).await;
    desk.says(&village, "villages", options("village_list", &["ash", "elm"]))
        .await;
    let village = desk.follow(&village, Some("open")).await;
    desk.send(&village, &[("village", "ash"), ("house", "Seven")]).await;
    let waiting = desk.send(&province, &[("province", "south")]).await;
    desk.says(&waiting, "villages", not_done(false)).await;
    let page = desk.follow(&waiting, Some("open")).await;
    assert_eq!((page.kind, page.place.as_str()), ("lacking", "village"));
    (desk, page)
}

/// In another window it was looked up after all.
async fn come(desk: &Desk, page: &Sheet) {
    let other = press(desk, page, "look-again").await;
    desk.says(&other, "villages", options("village_list", &["ash", "oak"]))
        .await;
    let village = desk.follow(&other, Some("open")).await;
    assert_eq!(village.kind, "screen");
}

async fn keeps(desk: &Desk, page: &Sheet) {
    let session = desk.stored(page).await;
    assert_eq!(session.answers[&Place::of("village")].draft, None);
    assert!(
        page.kind == "screen"
            && page.html.contains("value=\"Seven\"")
            && page.html.contains("value=ash id=village checked"),
        "{}",
        page.html
    );
}

#[tokio::test]
async fn cancel_and_no_after_all_empty_no_box() {
    for comes_before in [true, false] {
        let (desk, page) = lacking(false).await;
        if comes_before {
            come(&desk, &page).await;
        }
        let asks = press(&desk, &page, "stop").await;
        assert_eq!(asks.kind, "cancelling");
        if !comes_before {
            come(&desk, &page).await;
        }
        keeps(&desk, &press(&desk, &asks, "open").await).await;
    }
}

#[tokio::test]
async fn nor_does_a_second_try_or_the_way_back_of_a_private_flow() {
    let (desk, page) = lacking(true).await;
    come(&desk, &page).await;
    let again = press(&desk, &page, "look-again").await;
    keeps(&desk, &again).await;
    let (desk, page) = lacking(true).await;
    come(&desk, &page).await;
    let back = press(&desk, &page, "back").await;
    assert_eq!((back.kind, back.place.as_str()), ("screen", "province"));
    keeps(&desk, &desk.press(&back, "change.village", &[]).await).await;
}

#[tokio::test]
async fn a_page_of_the_release_before_empties_none_while_the_look_up_fails() {
    for private in [false, true] {
        let (desk, page) = lacking(private).await;
        let step = desk.stored(&page).await.step;
        let asks = desk.press(&page, "stop", &[]).await;
        assert_eq!(asks.kind, "cancelling");
        desk.press(&page, "back", &[]).await;
        let session = desk.stored(&page).await;
        assert_eq!(session.step, step, "nothing is written");
        assert_eq!(session.answers[&Place::of("village")].draft, None);
    }
}

#[tokio::test]
async fn cancel_on_a_page_that_waited_empties_no_box_once_it_is_settled() {
    let desk = Desk::open([book()]).await;
    let first = desk.start("book").await;
    desk.says(&first, "seats", seats(&["a1", "a2"])).await;
    let seat = desk.follow(&first, Some("open")).await;
    let waiting = desk.send(&seat, &[("seat", "a2"), ("wish", "by the window")]).await;
    assert_eq!(waiting.kind, "waiting");
    desk.says(&waiting, "hold", declined("Not that one", &[])).await;
    // Back on the screen, whose list comes anew.
    desk.says(&waiting, "seats", seats(&["a1", "a2"])).await;
    let asks = press(&desk, &waiting, "stop").await;
    assert_eq!(asks.kind, "cancelling");
    assert_eq!(desk.stored(&asks).await.answers[&Place::of("seat")].draft, None);
    let seat = press(&desk, &asks, "open").await;
    assert!(
        seat.kind == "screen" && seat.html.contains("by the window") && seat.html.contains("value=a2 checked"),
        "{}",
        seat.html
    );
}

#[tokio::test]
async fn a_form_without_boxes_that_is_to_be_sent_again_has_none_then() {
    let (_, page) = lacking(false).await;
    for (came, end) in [(Came::Bare, "name=E value=0></form>"), (Came::Whole, "name=E></form>")] {
        let again = deity::engine::Request {
            came,
            ..Desk::post(&page, Some("stop"), &[])
        };
        let busy = deity::engine::Reply::Busy {
            again: Box::new(again),
            flow: None,
        };
        let (_, html) = drawn(&busy);
        assert!(html.contains(end), "{html}");
    }
}
