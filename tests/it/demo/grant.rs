//! The shipped application for a grant, sent to the demo's ledger: its lists arrive as arrays.

use std::path::Path;

use crate::support::{App, Browser};

/// The tasks in the order of the page; the last of them behind the list.
fn applied(browser: &mut Browser) {
    browser.press("Start now");
    browser.follow("Your organisation");
    browser
        .fill("Name", "Hill Choir")
        .choose("Club or society")
        .press("Continue");
    browser
        .fill("Address line 1", "1 Hill Road")
        .fill("Town or city", "Leeds");
    browser.fill("Postcode", "LS1 1AA").press("Continue");
    browser.follow("People who run it");
    for (given, signs, add) in [("Ada", "Yes", "Add a person"), ("Zoë", "No", "Add another person")] {
        browser.press(add);
        browser.fill("First name", given).fill("Last name", "Hill");
        browser.choose("Chair").choose(signs).press("Continue");
    }
    browser.press("That is everyone");
    browser.follow("Whom we may contact");
    browser
        .choose("Ada Hill")
        .fill("Email address", "ada@example.org")
        .press("Continue");
    browser
        .fill("Address line 1", "2 Hill Road")
        .fill("Town or city", "Leeds");
    browser.fill("Postcode", "LS1 1AB").press("Continue");
    browser.choose("Yes").press("Continue");
    browser.follow("The project");
    browser
        .fill("Name of the project", "Concerts")
        .fill("Describe it", "For everyone.");
    browser.press("Continue");
    let text = browser.page.text();
    let (_, year) = text.split_once("For example, 31 3 ").expect("a hint");
    let year: String = year.chars().take(4).collect();
    browser
        .fill_date("First day", "1", "1", &year)
        .fill_date("Last day", "2", "1", &year);
    browser.press("Continue");
    browser.follow("Budget");
    for (cost, amount, asked, add) in [
        ("Hall", "150", "100.50", "Add a cost"),
        ("Pay", "20", "20", "Add another cost"),
    ] {
        browser.press(add);
        browser.fill("What is it for?", cost).fill("How much is it?", amount);
        browser
            .fill("How much of it do you ask us for?", asked)
            .press("Continue");
    }
    browser.press("That is everything");
    assert!(browser.page.text().contains("£120.50"), "{}", browser.page.text());
    browser.press("Yes, this is right");
    browser.fill("Other funds", "Members' fees").press("Continue");
    browser.press("Check your answers");
    browser.press("Continue");
    browser.choose("I may speak for Hill Choir, and what I have told you is true");
    browser.press("Send the application");
}

#[test]
fn the_grant_application_arrives_with_its_costs_and_its_people() {
    let app = App::of_phases();
    let mut browser = app.browser("/grant-application");
    applied(&mut browser);
    assert_eq!(browser.page.heading(), "Application sent", "{}", browser.page.text());
    assert!(
        browser.page.text().contains("It has the number G-1."),
        "{}",
        browser.page.text()
    );
    let file = app.data().join("ledger.sqlite");
    let audit = deity::demo::Demo::open(Path::new(&file)).unwrap().audit().unwrap();
    let one = &audit.applications[0];
    assert_eq!(
        (one.organisation.as_str(), one.asked.0, one.lines, one.state.as_str()),
        ("Hill Choir", 12_050, 2, "taken")
    );
    assert!(audit.faults.is_empty(), "{:?}", audit.faults);
}
