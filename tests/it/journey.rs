//! The flows that come with Deity, walked by a browser that only reads labels.

use crate::support::App;

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
