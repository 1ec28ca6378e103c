//! The flows that show effects, on the real server with the demo's real books: a transfer that is
//! declined and made, seats that are held, paid for elsewhere, given back; e-mail.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value as Json, json};
use sha2::Sha256;

use super::callee::{Callee, mail_server};
use crate::support::agent::Agent;
use crate::support::wire::{self, urlencoded};
use crate::support::{App, Browser, eventually};

fn audit(app: &App) -> Json {
    let file = app.data().join("ledger.sqlite");
    let output = app.deity(&["demo", "audit", "--json", "--file", &file.to_string_lossy()]);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// How often each seat stands there with a holder or a ticket.
fn taken(app: &App) -> Vec<Json> {
    let audit = audit(app);
    let seats = audit["seats"].as_array().unwrap().clone();
    seats.into_iter().filter(|seat| seat["state"] != "free").collect()
}

/// The link to the page elsewhere.
fn elsewhere(browser: &Browser) -> (SocketAddr, String) {
    let link = browser.page.root.named("a").find_map(|a| {
        let href = a.attribute("href")?.strip_prefix("http://")?.to_owned();
        Some(href)
    });
    let link = link.unwrap_or_else(|| panic!("no link elsewhere: {}", browser.page.text()));
    let (host, path) = link.split_once('/').unwrap();
    (host.parse().unwrap(), format!("/{path}"))
}

/// Pays there, or refuses; gives the path by which one comes back.
fn at_the_cashier(browser: &Browser, choice: &str) -> String {
    let (address, path) = elsewhere(browser);
    let form = urlencoded(&[("choice".to_owned(), choice.to_owned())]);
    let kind = (
        "Content-Type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    );
    let answer = wire::send(address, "POST", &path, &[kind], form.as_bytes()).unwrap();
    assert_eq!(answer.status, 303);
    let back = answer.header("location").unwrap().to_owned();
    back.split_once("://")
        .unwrap()
        .1
        .split_once('/')
        .map(|(_, path)| format!("/{path}"))
        .unwrap()
}

/// Up to the page that leads to the cashier.
fn to_the_cashier(app: &App, seat: &str) -> Browser {
    goes_to_the_cashier(app.browser("/seat-booking"), seat)
}

fn goes_to_the_cashier(mut browser: Browser, seat: &str) -> Browser {
    browser.press("Start now");
    browser.choose(seat).press("Hold this seat");
    assert_eq!(browser.page.heading(), "Who is coming?", "{}", browser.page.text());
    browser.fill("Your name", "Ada").press("Continue");
    browser.press("Pay £24.00");
    assert_eq!(browser.page.heading(), "Your payment (£24.00)");
    browser
}

#[test]
fn a_transfer_is_declined_for_lack_of_money_and_made_with_less_and_its_receipt_reloads() {
    let app = App::of_phases();
    let mut browser = app.browser("/bank-transfer");
    browser.press("Start now");
    browser.choose("Current account, £1,000.00").press("Continue");
    browser.choose("City Energy").press("Continue");
    browser.fill("Amount", "1000.01").press("Continue");
    assert_eq!(browser.page.heading(), "Check your transfer");
    browser.press("Transfer £1,000.01");
    assert_eq!(browser.page.heading(), "How much do you want to pay?");
    assert!(
        browser
            .page
            .text()
            .contains("There is not enough money in this account.")
    );
    browser.fill("Amount", "250").press("Continue");
    assert!(browser.page.text().contains("You changed:"), "{}", browser.page.text());
    browser.press("Transfer £250.00");
    for words in [
        "Transfer made",
        "£250.00 went to City Energy",
        "Left in the account: £750.00",
    ] {
        assert!(browser.page.text().contains(words), "{words}: {}", browser.page.text());
    }
    let receipt = browser.page.text();
    browser.follow("See and print what you sent");
    assert_eq!(browser.page.heading(), "What you sent");
    browser.follow("Back");
    assert_eq!(browser.page.text(), receipt);
    let audit = audit(&app);
    assert_eq!(audit["transfers"].as_array().unwrap().len(), 1);
    assert_eq!(audit["faults"], json!([]));
}

#[test]
fn a_seat_is_booked_and_paid_for_elsewhere() {
    let app = App::of_phases();
    let mut browser = to_the_cashier(&app, "Row A, seat 1");
    let back = at_the_cashier(&browser, "pay");
    // The way back works cold, without anything that the window knew.
    let mut cold = app.browser(&back);
    assert_eq!(cold.page.heading(), "You are back");
    cold.press("Go on");
    assert_eq!(cold.page.heading(), "You have paid");
    cold.press("Get the ticket");
    assert_eq!(cold.page.heading(), "Your ticket");
    assert!(cold.page.text().contains("Row A, seat 1"), "{}", cold.page.text());
    browser.follow("I have done this");
    assert_eq!(browser.page.heading(), "Your ticket", "the other window finds it too");
    assert_eq!(taken(&app).len(), 1);
    assert_eq!(audit(&app)["faults"], json!([]));
}

#[test]
fn another_seat_after_the_hold_gives_the_first_one_back() {
    let app = App::of_phases();
    let mut browser = app.browser("/seat-booking");
    browser.press("Start now");
    browser.choose("Row B, seat 3").press("Hold this seat");
    browser.press("Back");
    browser.choose("Row B, seat 4").press("Hold this seat");
    assert_eq!(browser.page.heading(), "Who is coming?");
    assert!(browser.page.text().contains("take back"), "{}", browser.page.text());
    assert!(eventually(|| taken(&app).len() == 1));
    assert_eq!(taken(&app)[0]["id"], "b4", "{:?}", taken(&app));
}

#[test]
fn whoever_refuses_to_pay_keeps_the_seat_and_may_try_again_or_give_it_back() {
    let app = App::of_phases();
    let browser = to_the_cashier(&app, "Row A, seat 2");
    let back = at_the_cashier(&browser, "refuse");
    let mut cold = app.browser(&back);
    cold.press("Go on");
    assert!(cold.page.text().contains("You did not pay."), "{}", cold.page.text());
    cold.press("Cancel");
    cold.press("Yes, cancel and delete my answers");
    assert!(cold.page.text().contains("What was taken back"), "{}", cold.page.text());
    assert!(eventually(|| taken(&app).is_empty()));
}

#[test]
fn two_people_want_one_seat_and_the_second_is_told() {
    let app = App::of_phases();
    let mut one = app.browser("/seat-booking");
    one.press("Start now");
    let mut two = one.clone();
    two.go("/seat-booking");
    two.press("Start now");
    one.choose("Row C, seat 1").press("Hold this seat");
    two.choose("Row C, seat 1").press("Hold this seat");
    assert_eq!(one.page.heading(), "Who is coming?");
    let text = two.page.text();
    assert!(
        text.contains("That seat has just been taken.") && text.contains("Choose another seat"),
        "{text}"
    );
    two.choose("Row C, seat 2").press("Hold this seat");
    assert_eq!(two.page.heading(), "Who is coming?");
    assert_eq!(taken(&app).len(), 2);
}

/// The same flow, its hand-off for some seconds only.
fn hasty(app: App, limit: &str) -> App {
    let phases = concat!(env!("CARGO_MANIFEST_DIR"), "/phases/seat-booking.toml");
    let source = std::fs::read_to_string(phases).unwrap();
    let hasty = source.replace("limit = \"10m\"", &format!("limit = \"{limit}\""));
    assert_ne!(source, hasty);
    std::fs::write(app.phases().join("seat-booking.toml"), hasty).unwrap();
    app
}

#[test]
fn a_hold_falls_within_two_seconds_of_its_time_and_a_late_return_is_told() {
    let mut app = hasty(App::stopped(&[]), "3s").argument("--demo=127.0.0.1:0");
    app.run();
    let mut browser = to_the_cashier(&app, "Row A, seat 5");
    let began = Instant::now();
    assert_eq!(taken(&app).len(), 1);
    assert!(
        eventually(|| audit(&app)["payments"][0]["state"] == "cancelled"),
        "{}",
        audit(&app)
    );
    let took = began.elapsed();
    assert!(
        took > Duration::from_millis(1_500) && took < Duration::from_secs(3 + 2 + 1),
        "{took:?}"
    );
    browser.follow("I have done this");
    assert_eq!(browser.page.heading(), "You have not paid");
    assert!(browser.page.text().contains("We take back"), "{}", browser.page.text());
}

fn signature(secret: &str, path: &str, body: &str, age: i64) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs() as i64;
    let at = now - age;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{path}.{body}").as_bytes());
    let tag: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("t={at},v1={tag}")
}

/// The booking with a callee that only notes where the callback is to go.
struct Told {
    callee: Callee,
    app: App,
    /// Of the origin, where there is one.
    host: Option<&'static str>,
}

impl Told {
    fn start() -> Self {
        Self::below(None)
    }

    /// Below the prefix `/forms` of a host, or without an origin.
    fn below(host: Option<&'static str>) -> Self {
        let callee = Callee::answering(|asking| {
            let body = match (asking.method.as_str(), asking.target.as_str()) {
                ("GET", "/seats") => json!({ "seats": [{ "id": "a1", "label": "Row A, seat 1" }] }),
                ("POST", "/holds") => json!({ "hold": "H-1", "price": { "amount": "24.00", "currency": "GBP" } }),
                ("POST", "/payments") => json!({ "page": "http://pay.example/p/1" }),
                ("GET", "/payments") => return Some((202, "{}".to_owned())),
                _ => json!({}),
            };
            Some((200, body.to_string()))
        });
        let url = format!("http://{}", callee.address);
        let mut app = hasty(App::stopped(&[]), "6s")
            .argument(&format!("--callees={}", callee.address))
            .variable("LEDGER_URL", &url)
            .variable("PAY_HOST", "pay.example")
            .variable("DEMO_SECRET", "between-us");
        if let Some(host) = host {
            app = app.argument(&format!("--origin=https://{host}/forms"));
        }
        app.run();
        Self { callee, app, host }
    }

    /// An address that the latest payment was told: `callback_url`, `return_url`.
    fn url(&self, name: &str) -> String {
        let mut asked = self.callee.asked_by("POST").into_iter();
        let payment = asked.rfind(|asking| asking.target == "/payments").unwrap().json();
        payment[name].as_str().unwrap().to_owned()
    }

    /// The path of the latest payment's callback.
    fn path(&self) -> String {
        let url = self.url("callback_url");
        let (_, path) = url.split_once("://").unwrap().1.split_once('/').unwrap();
        format!("/{path}")
    }

    fn send(&self, path: &str, signature: &str, body: &str) -> (u16, String) {
        let mut headers = vec![("Deity-Signature".to_owned(), signature.to_owned())];
        // As a proxy passes it on.
        headers.extend(self.host.map(|host| ("Host".to_owned(), host.to_owned())));
        let answer = wire::send(self.app.address(), "POST", path, &headers, body.as_bytes()).unwrap();
        (answer.status, answer.text())
    }

    fn refunds(&self) -> usize {
        let asked = self.callee.asked_by("DELETE");
        asked.iter().filter(|asking| asking.target == "/payments").count()
    }
}

const DONE: &str = r#"{"outcome":"done","payment":"P-1"}"#;

#[test]
fn a_callback_that_is_forged_or_for_nobody_changes_nothing_and_a_doubled_one_counts_once() {
    let told = Told::start();
    let mut browser = to_the_cashier(&told.app, "Row A, seat 1");
    let path = told.path();
    let good = signature("between-us", &path, DONE, 0);
    for (path, signature, body, status) in [
        (path.as_str(), "", DONE, 403),
        (&path, &signature("another", &path, DONE, 0), DONE, 403),
        (
            &path,
            &signature("between-us", "/deity/callback/other", DONE, 0),
            DONE,
            403,
        ),
        (&path, &signature("between-us", &path, "{}", 0), DONE, 403),
        (&path, &signature("between-us", &path, DONE, 4_000), DONE, 403),
        (&path, &signature("between-us", &path, "garbage", 0), "garbage", 400),
        (
            &path,
            &signature("between-us", &path, "{\"outcome\":\"done\"}", 0),
            "{\"outcome\":\"done\"}",
            400,
        ),
        ("/deity/callback/AAAA", &good, DONE, 404),
        (&format!("{path}A"), &good, DONE, 404),
    ] {
        assert_eq!(told.send(path, signature, body).0, status, "{signature} {body}");
    }
    browser.follow("I have done this");
    assert_eq!(
        browser.page.heading(),
        "Your payment (£24.00)",
        "nothing of that changed anything"
    );
    assert_eq!(
        told.send(&path, &good, DONE),
        (200, "{\"heard\":\"settled\"}".to_owned())
    );
    assert_eq!(
        told.send(&path, &good, DONE),
        (200, "{\"heard\":\"before\"}".to_owned())
    );
    browser.follow("I have done this");
    assert_eq!(browser.page.heading(), "You have paid");
}

#[test]
fn below_a_prefix_callbacks_are_signed_over_the_path_as_it_was_told_and_one_comes_back_below_it() {
    let told = Told::below(Some("example.org"));
    // A browser that says nothing of where its forms come from.
    let mut browser = Browser::of(Agent::Lynx, told.app.address()).with("Host", "example.org");
    browser.go("/seat-booking");
    let mut browser = goes_to_the_cashier(browser, "Row A, seat 1");
    let path = told.path();
    // The proxy takes the prefix away.
    let inner = path.strip_prefix("/forms").expect("a path below the prefix").to_owned();
    let wrong = signature("between-us", &inner, DONE, 0);
    assert_eq!(told.send(&inner, &wrong, DONE).0, 403);
    let good = signature("between-us", &path, DONE, 0);
    assert_eq!(
        told.send(&inner, &good, DONE),
        (200, "{\"heard\":\"settled\"}".to_owned())
    );
    let back = told.url("return_url");
    let back = back
        .strip_prefix("https://example.org/forms")
        .expect("below the prefix");
    assert!(back.starts_with("/seat-booking?returnID="), "{back}");
    browser.go(back);
    assert_eq!(browser.page.heading(), "You are back");
    browser.press("Go on");
    assert_eq!(browser.page.heading(), "You have paid");
}

#[test]
fn a_late_callback_is_told_so_and_what_was_paid_is_paid_back() {
    let told = Told::start();
    let mut browser = to_the_cashier(&told.app, "Row A, seat 1");
    assert!(eventually(|| told.refunds() == 1));
    browser.follow("I have done this");
    assert_eq!(browser.page.heading(), "You have not paid");
    let path = told.path();
    let late = told.send(&path, &signature("between-us", &path, DONE, 0), DONE);
    assert_eq!(late, (409, "{\"heard\":\"too late\"}".to_owned()));
    assert!(eventually(|| told.refunds() == 2));
}

#[test]
fn a_notice_goes_to_whom_a_variable_names_and_an_answer_is_no_variable() {
    let (mail, arrived) = mail_server();
    let definition = r#"
title = "A notice"
start = "ask"

[screens.ask]
title = "Who are you?"
fields.name = { type = "text", label = "Name", autocomplete = "name" }
actions.send = { call = ["told", "echoed"], to = "done" }

[screens.done]
title = "Thank you"
end = "completed"

[effects.told]
email = { to = "${DESK}", subject = "From {{ name }}", text = "It came." }

[effects.echoed]
email = { to = "{{ name }}", subject = "From {{ name }}", text = "It came." }
"#;
    let serving = |desk: &str| {
        let app = App::stopped(&[("notice", definition)])
            .argument(&format!("--smtp=smtp://{mail}"))
            .argument("--mail-from=forms@example.org");
        if desk.is_empty() {
            app
        } else {
            app.variable("DESK", desk)
        }
    };
    let unset = serving("").deity(&["check", "--environment"]);
    let told = String::from_utf8_lossy(&unset.stderr).into_owned() + &String::from_utf8_lossy(&unset.stdout);
    assert!(told.contains("the variable DESK is not set"), "{told}");
    let mut app = serving("desk@example.org");
    app.run();
    let mut browser = app.browser("/notice");
    browser.press("Start now");
    browser.fill("Name", "${DESK}").press("Send");
    assert_eq!(browser.page.heading(), "Thank you");
    let text = arrived.recv_timeout(Duration::from_secs(20)).expect("a message");
    assert!(text.contains("RCPT TO:<desk@example.org>"), "{text}");
    assert!(text.contains("Subject: From ${DESK}"), "{text}");
    app.wait_until(|app| {
        let failed = app.deity(&["effects", "list", "--json", "--status", "failed"]);
        String::from_utf8_lossy(&failed.stdout).contains("echoed")
    });
    assert!(arrived.try_recv().is_err(), "what is typed is no variable");
}

#[test]
fn a_notice_is_mailed_in_passing_and_nobody_waits_for_it() {
    let (mail, arrived) = mail_server();
    let definition = r#"
title = "A notice"
start = "ask"

[screens.ask]
title = "Who are you?"
fields.name = { type = "text", label = "Name", autocomplete = "name" }
fields.email = { type = "email", label = "E-mail", autocomplete = "email" }
actions.send = { call = "told", to = "done" }

[screens.done]
title = "Thank you"
end = "completed"

[effects.told]
email = { to = "{{ email }}", subject = "Thank you, {{ name }}", text = "Your reference is {{ reference }}." }
"#;
    let mut app = App::stopped(&[("notice", definition)])
        .argument(&format!("--smtp=smtp://{mail}"))
        .argument("--mail-from=forms@example.org");
    app.run();
    let mut browser = app.browser("/notice");
    browser.press("Start now");
    browser
        .fill("Name", "Ada")
        .fill("E-mail", "ada@example.org")
        .press("Send");
    assert_eq!(browser.page.heading(), "Thank you");
    let text = arrived.recv_timeout(Duration::from_secs(20)).expect("a message");
    let reference = browser.page.text();
    let reference = reference
        .split("Your reference ")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    for words in [
        "RCPT TO:<ada@example.org>",
        "MAIL FROM:<forms@example.org>",
        "Subject: Thank you, Ada",
        reference,
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let stopped = app.stop();
    assert!(!stopped.stderr.contains("ada@example.org"), "{}", stopped.stderr);
}
