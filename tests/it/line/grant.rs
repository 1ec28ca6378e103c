//! The longest walk: a grant for a repair, with branches, dates, money, an error and a change.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::walk::{NEXT, Phase, Send, Walk, nothing, phase, refused, void};
use crate::support::Browser;

fn name(browser: &mut Browser, _: &str) {
    browser.fill("First name", "Zoë").fill("Last name", "Müller-Łukasz");
}

fn contact(browser: &mut Browser, _: &str) {
    browser
        .fill("Email address", "zoe@example.org")
        .choose_in("Other ways to contact you", "No, by email only");
}

fn address(browser: &mut Browser, note: &str) {
    browser
        .fill("Address line 1", note)
        .fill("Town or city", "Leeds")
        .fill("Postcode", "ls1 4ap");
}

fn home(browser: &mut Browser, _: &str) {
    browser
        .fill_date("When did you move in?", "1", "9", "2004")
        .fill("How many people live there?", "2");
}

fn damp(browser: &mut Browser, _: &str) {
    browser
        .fill("Rooms that have it", "2")
        .fill("Size of the worst patch", "1.5");
}

/// A week ago: the flow wants a quote of the last six months.
fn quote(browser: &mut Browser, _: &str) {
    let week = SystemTime::now() - Duration::from_hours(7 * 24);
    let day = Timestamp::try_from(week)
        .unwrap()
        .to_zoned_datetime(TimeZone::UTC)
        .date();
    let [day, month, year] = [i32::from(day.day()), i32::from(day.month()), i32::from(day.year())];
    browser.fill("Cost, VAT included", "£1,000.10").fill_date(
        "Date of the quote",
        &day.to_string(),
        &month.to_string(),
        &year.to_string(),
    );
}

fn income(browser: &mut Browser, _: &str) {
    browser.choose_in("Does anyone get", "No");
    browser.fill("Yearly household income", "20000").fill("Savings", "0");
}

fn account(browser: &mut Browser, number: &str) {
    browser
        .fill("National Insurance number", number)
        .fill("Your security word", "sesame-open");
}

const PHASES: &[Phase] = &[
    phase(nothing, Send::Go("/home-repair-grant"), "Apply for a home repair grant"),
    phase(nothing, Send::Press("Start now"), "Do you own your home?"),
    phase(|b, _| void(b.choose("Yes")), NEXT, "What is your name?"),
    phase(name, NEXT, "What is your date of birth?"),
    phase(
        |b, _| void(b.fill_date("What is your date of birth?", "1", "feb", "1950")),
        NEXT,
        "How can we contact you?",
    ),
    phase(contact, NEXT, "What is the address of the home?"),
    phase(address, NEXT, "About the home"),
    phase(home, NEXT, "What needs repair?"),
    phase(
        |b, _| void(b.choose_in("Repairs", "Damp or mould")),
        NEXT,
        "The damp or mould",
    ),
    phase(damp, NEXT, "Your quote"),
    phase(quote, NEXT, "Income and savings"),
    phase(income, NEXT, "What you may get"),
    phase(|b, _| void(b.choose("Yes")), NEXT, "Your account with us"),
    // QQ is never given out.
    refused(|b, _| account(b, "qq 12 34 56 c"), NEXT, "Your account with us"),
    phase(|b, _| account(b, "ab 12 34 56 c"), NEXT, "Check your answers"),
    phase(nothing, Send::Follow("Change Cost"), "Your quote"),
    phase(
        |b, _| void(b.fill("Cost, VAT included", "2000")),
        NEXT,
        "Check your answers",
    ),
    phase(nothing, NEXT, "Declaration"),
    phase(
        |b, _| void(b.choose("I own and live in this home")),
        Send::Press("Agree and send"),
        "Application sent",
    ),
];

/// Nineteen phases.
pub const GRANT: Walk = Walk {
    flow: "home-repair-grant",
    phases: PHASES,
};
