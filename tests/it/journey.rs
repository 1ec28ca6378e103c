//! The flows that come with Deity, walked by a browser that only reads labels.

use crate::support::{App, Browser};

#[test]
fn a_passport_is_renewed_from_the_index_to_the_receipt() {
    let app = App::of_phases();
    let mut browser = app.browser("/");
    browser.follow("Renew a passport");
    assert_eq!(browser.page.heading(), "Renew your passport");
    browser.press("Start now");
    browser.fill("Given names", "Ada").fill("Family name", "Lovelace");
    browser.press("Continue");
    assert_eq!(browser.page.heading(), "What is your date of birth?");
    browser.fill_date("What is your date of birth?", "10", "12", "1985");
    browser.press("Continue");
    assert_eq!(browser.page.heading(), "Has your name changed?");
    browser.choose("Yes").press("Continue");
    assert_eq!(browser.page.heading(), "What was your previous name, Ada?");
    browser.fill("Previous name", "Ada Byron").press("Continue");
    browser
        .fill("Address line 1", "12 St James's Square")
        .fill("Town or city", "London")
        .fill("Postcode", "sw1y 4jh");
    browser.press("Continue");
    assert_eq!(browser.page.heading(), "Check your answers");
    for answer in ["Ada", "Lovelace", "10 December 1985", "Ada Byron", "SW1Y 4JH"] {
        assert!(
            browser.page.text().contains(answer),
            "{answer}: {}",
            browser.page.text()
        );
    }
    browser.press("Confirm and send");
    assert_eq!(browser.page.status, 200, "{}", browser.page.text());
    assert_eq!(browser.page.heading(), "Application complete");
    // One request per phase: index, start, and the seven screens that were answered.
    assert_eq!(browser.requests, 9);
}

/// Who applies for a grant, and for which home.
fn the_person(browser: &mut Browser) {
    browser.press("Start now");
    browser.choose("Yes").press("Continue");
    browser
        .fill("First name", "Ada")
        .fill("Last name", "Byron")
        .press("Continue");
    browser
        .fill_date("What is your date of birth?", "1", "feb", "1950")
        .press("Continue");
    browser.fill("Email address", "ada@example.org");
    browser
        .choose_in("Other ways to contact you", "No, by email only")
        .press("Continue");
    browser
        .fill("Address line 1", "1 High Street")
        .fill("Town or city", "Leeds")
        .fill("Postcode", "ls1 4ap");
    browser.press("Continue");
    browser
        .fill_date("When did you move in?", "1", "9", "2004")
        .fill("How many people live there?", "2");
    browser.press("Continue");
}

/// What is to be repaired, and what it costs.
fn the_work(browser: &mut Browser) {
    // A damp patch and no heating: two screens more.
    browser.choose_in("Repairs", "Damp or mould").press("Continue");
    browser
        .fill("Rooms that have it", "2")
        .fill("Size of the worst patch", "1.5")
        .press("Continue");
    browser.fill("Cost, VAT included", "£1,000.10");
    let week = std::time::SystemTime::now() - std::time::Duration::from_hours(7 * 24);
    let day = jiff::Timestamp::try_from(week)
        .unwrap()
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .date();
    let (d, m, y) = (day.day().to_string(), day.month().to_string(), day.year().to_string());
    browser.fill_date("Date of the quote", &d, &m, &y).press("Continue");
    browser.choose_in("Does anyone get", "No");
    browser
        .fill("Yearly household income", "20000")
        .fill("Savings", "0")
        .press("Continue");
    assert_eq!(browser.page.heading(), "What you may get", "{}", browser.page.text());
    for amount in ["£1,000.10", "£800", "£200.10"] {
        assert!(
            browser.page.text().contains(amount),
            "{amount}: {}",
            browser.page.text()
        );
    }
}

#[test]
fn a_grant_is_applied_for_with_a_change_on_the_way() {
    let app = App::of_phases();
    let mut browser = app.browser("/home-repair-grant");
    the_person(&mut browser);
    the_work(&mut browser);
    browser.choose("Yes").press("Continue");
    browser.fill("National Insurance number", "qq 12 34 56 c");
    browser.fill("Your security word", "sesame-open").press("Continue");
    assert_eq!(
        browser.page.status,
        422,
        "QQ is never given out: {}",
        browser.page.text()
    );
    browser.fill("National Insurance number", "ab 12 34 56 c");
    browser.fill("Your security word", "sesame-open").press("Continue");
    assert_eq!(browser.page.heading(), "Check your answers", "{}", browser.page.text());
    assert!(!browser.page.html.contains("sesame"), "a secret is never shown again");

    // The cost changes: what follows from it is asked again, nothing else.
    browser.follow("Change Cost");
    browser.fill("Cost, VAT included", "2000").press("Continue");
    assert_eq!(browser.page.heading(), "Check your answers", "{}", browser.page.text());
    assert!(browser.page.text().contains("£1,600"), "{}", browser.page.text());
    browser.press("Continue");
    browser.choose("I own and live in this home").press("Agree and send");
    assert_eq!(browser.page.heading(), "Application sent", "{}", browser.page.text());
}
