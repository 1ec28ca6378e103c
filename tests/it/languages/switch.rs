//! Switching: what is typed, where one is, and what is wrong stay.

use deity::engine::Reply;
use deity::machine::Verdict;

use super::{TYPED, begun, flow};
use crate::support::desk::{Desk, Sheet, drawn};

fn has(page: &Sheet, part: &str) -> bool {
    page.html.contains(part)
}

#[tokio::test]
async fn a_page_in_another_language_has_what_was_typed() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "cy").await;
    assert!(has(&page, "<html lang=cy") && has(&page, "Eich enw"), "{}", page.html);
    let typed = [("who", "Ada"), ("rent", "1234.5")];
    let english = desk.press(&page, "language.en", &typed).await;
    assert_eq!(
        (english.kind, english.place.as_str(), english.status),
        ("screen", "hire", 200)
    );
    assert!(
        has(&english, "<html lang=en") && has(&english, "Your name"),
        "{}",
        english.html
    );
    assert!(
        has(&english, "value=\"Ada\"") && has(&english, "value=\"1234.50\""),
        "{}",
        english.html
    );
    // Pressed twice, or by its first reply lost, it is the same page.
    let again = desk.press(&page, "language.en", &typed).await;
    assert_eq!(
        (again.screen, again.html),
        (english.screen.clone(), english.html.clone())
    );
    let back = desk
        .press(&english, "language.cy", &[("who", "Ada"), ("rent", "1234.50")])
        .await;
    assert!(
        has(&back, "<html lang=cy") && has(&back, "value=\"Ada\""),
        "{}",
        back.html
    );
}

#[tokio::test]
async fn numbers_and_months_are_written_as_the_language_writes_them() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "en").await;
    let mut typed = TYPED.to_vec();
    typed[3].1 = "March";
    typed.push(("size", "1.234"));
    let german = desk.press(&page, "language.de", &typed).await;
    // In German 1.234 is over a thousand.
    assert!(
        has(&german, "value=\"1,234\"") && has(&german, "value=\"1234,50\""),
        "{}",
        german.html
    );
    assert!(
        has(&german, "name=day-month") && !has(&german, "March"),
        "{}",
        german.html
    );
    typed[1].1 = "1234,50";
    typed[3].1 = "3";
    typed[6].1 = "1,234";
    let next = desk.send(&german, &typed).await;
    assert_eq!(
        (next.place.as_str(), next.verdict),
        ("check", Verdict::Done),
        "{}",
        next.html
    );
    let stored = desk.stored(&next).await;
    let answer = stored
        .answers
        .values()
        .find(|answer| answer.fields.contains_key("size"))
        .unwrap();
    assert_eq!(format!("{:?}", answer.fields["size"]), "Number(1.234)");
}

#[tokio::test]
async fn a_draft_follows_into_a_language_that_is_changed_elsewhere() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "de").await;
    let mut typed = TYPED.to_vec();
    typed[1].1 = "1234,50";
    let page = desk.send(&page, &typed).await;
    assert_eq!(page.place, "check", "{}", page.html);
    let change = desk.follow(&page, Some("change.hire")).await;
    typed[1].1 = "99,50";
    let back = desk.press(&change, "back", &typed).await;
    assert_eq!(back.place, "check", "{}", back.html);
    let english = desk.press(&back, "language.en", &[]).await;
    assert_eq!(english.place, "check");
    let change = desk.follow(&english, Some("change.hire")).await;
    assert!(
        has(&change, "<html lang=en") && has(&change, "value=\"99.50\""),
        "{}",
        change.html
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_again_in_the_other_language() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "cy").await;
    let wrong = desk.send(&page, &[("rent", "x"), ("who", "Ada")]).await;
    assert_eq!(wrong.status, 422);
    assert!(has(&wrong, "value=language.en.errors"), "{}", wrong.html);
    let english = desk
        .press(&wrong, "language.en.errors", &[("rent", "x"), ("who", "Ada")])
        .await;
    assert_eq!((english.status, english.verdict), (422, Verdict::Invalid));
    assert_eq!(english.faults, wrong.faults);
    assert!(
        has(&english, "Rent must be an amount of money") && has(&english, "value=\"Ada\""),
        "{}",
        english.html
    );
    let again = desk
        .press(&wrong, "language.en.errors", &[("rent", "x"), ("who", "Ada")])
        .await;
    assert_eq!(again.html, english.html);
    // What was put right meanwhile is not called wrong.
    let right = desk.press(&wrong, "language.en.errors", TYPED).await;
    assert_eq!((right.status, right.faults.len()), (200, 0), "{}", right.html);
}

#[tokio::test]
async fn the_same_press_in_another_language_is_a_replay() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "cy").await;
    let next = desk.send(&page, TYPED).await;
    assert_eq!(next.place, "check");
    let step = desk.stored(&next).await.step;
    // The same presentation, as the link of the other language names it.
    let session = desk.stored(&next).await;
    let id = deity::id::ScreenId::open(&page.screen, &session.screen_key()).unwrap();
    let english = Sheet {
        screen: deity::id::ScreenId { language: None, ..id }.sealed(&session.screen_key()),
        ..page.clone()
    };
    let replayed = desk.send(&english, TYPED).await;
    assert_eq!(
        (replayed.place.as_str(), desk.stored(&next).await.step),
        ("check", step)
    );
    assert!(has(&replayed, "<html lang=en"), "{}", replayed.html);
}

#[tokio::test]
async fn pages_without_questions_lead_on_by_links() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "cy").await;
    let check = desk.send(&page, TYPED).await;
    assert!(has(&check, "<a lang=en href=\"hall?sessionID="), "{}", check.html);
    assert!(
        has(&check, "Gwiriwch, Ada") && !has(&check, "value=language."),
        "{}",
        check.html
    );
    let asks = desk.press(&page, "stop", TYPED).await;
    assert_eq!(asks.kind, "cancelling", "{}", asks.html);
    assert!(has(&asks, "<button class=l lang=en>English</button>"), "{}", asks.html);
    let done = desk.press(&check, "send", &[]).await;
    assert_eq!(done.kind, "receipt");
    assert!(
        has(&done, "Rydych wedi llogi") && has(&done, "<a lang=en"),
        "{}",
        done.html
    );
}

#[tokio::test]
async fn the_language_of_the_last_step_is_kept() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "cy").await;
    assert_eq!(desk.stored(&page).await.language, deity::id::Language::parse("cy"));
    let english = desk.press(&page, "language.en", &[("who", "Ada")]).await;
    assert_eq!(desk.stored(&english).await.language, None);
    let german = desk.press(&english, "language.de", &[("who", "Ada B")]).await;
    assert_eq!(desk.stored(&german).await.language, deity::id::Language::parse("de"));
}

#[tokio::test]
async fn a_language_that_went_is_the_flows_own() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "cy").await;
    let desk = desk.restarted([super::read(super::FLOW).0]).await;
    let next = desk.send(&page, TYPED).await;
    assert_eq!(next.place, "check");
    assert!(has(&next, "<html lang=en"), "{}", next.html);
    let pressed = desk.press(&page, "language.cy", &[("who", "Ada")]).await;
    assert!(
        has(&pressed, "<html lang=en") && has(&pressed, "value=\"Ada\""),
        "{}",
        pressed.html
    );
    let nonsense = desk.engine.answer(Desk::post(&page, Some("language.<b>"), &[])).await;
    assert!(matches!(nonsense, Reply::Tampered { .. }), "{nonsense:?}");
}

#[tokio::test]
async fn a_flow_in_one_language_says_nothing_of_languages() {
    let desk = Desk::open([super::read(super::FLOW).0]).await;
    let page = begun(&desk, "cy").await;
    assert!(
        has(&page, "<html lang=en") && !has(&page, "language") && !has(&page, "<nav"),
        "{}",
        page.html
    );
    assert_eq!(desk.stored(&page).await.language, None);
}

#[tokio::test]
async fn an_unknown_session_is_not_found_in_the_language_of_its_page() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "cy").await;
    let lost = Sheet {
        session: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        ..page
    };
    let reply = desk.engine.answer(Desk::post(&lost, None, &[])).await;
    assert!(drawn(&reply).1.contains("<html lang=cy"), "{reply:?}");
}

#[tokio::test]
async fn what_goes_into_a_new_start_is_as_the_language_of_the_page_writes_it() {
    let desk = Desk::open([flow()]).await;
    let page = begun(&desk, "en").await;
    let german = desk
        .press(&page, "language.de", &[("who", "Ada"), ("size", "1.234")])
        .await;
    desk.press(&german, "stop", &[]).await;
    desk.press(&german, "yes-cancel", &[]).await;
    let mut typed = TYPED.to_vec();
    typed.push(("size", "1,234"));
    let over = desk.send(&german, &typed).await;
    assert_eq!((over.kind, over.status), ("over", 410));
    assert!(has(&over, "action=\"hall?lang=de\""), "{}", over.html);
    let english = desk.press(&german, "language.en", &typed).await;
    assert!(
        has(&english, "<html lang=en") && has(&english, "name=\"size\" value=\"1.234\""),
        "{}",
        english.html
    );
}

#[tokio::test]
async fn what_could_not_be_read_in_one_language_is_not_read_as_something_in_another_unseen() {
    let desk = Desk::open([flow()]).await;
    for (action, told) in [("language.de", 1), ("language.de.errors", 1)] {
        let page = begun(&desk, "en").await;
        let mut typed = TYPED.to_vec();
        let rent = typed.iter().position(|(name, _)| *name == "rent").unwrap();
        // In English nobody knows whether this is more than a thousand; in German it is.
        typed[rent].1 = "1.250";
        let german = desk.press(&page, action, &typed).await;
        assert_eq!((german.verdict, german.status), (Verdict::Invalid, 422), "{action}");
        assert_eq!(german.faults.len(), told, "{action}: {:?}", german.faults);
        assert!(
            has(&german, "value=\"1.250\"") && has(&german, "href=#rent"),
            "{}",
            german.html
        );
        // Pressed twice it is told twice.
        let again = desk.press(&page, action, &typed).await;
        assert_eq!((again.html, again.status), (german.html, 422));
        // What is clear in both is written anew and not complained of.
        typed[rent].1 = "1,250";
        let page = begun(&desk, "en").await;
        let german = desk.press(&page, action, &typed).await;
        assert_eq!(
            (german.status, german.faults.len()),
            (200, 0),
            "{action}: {:?}",
            german.faults
        );
        // Nor is what is empty.
        typed[rent].1 = "";
        let page = begun(&desk, "en").await;
        assert_eq!(desk.press(&page, "language.de", &typed).await.status, 200);
    }
}
