//! Firefox and Chromium, without scripts, through both flows to the end: an error, the page's Back
//! and the browser's own, a change from the review, in UTF-8; what is kept, and what went over the
//! wire meanwhile.

use serde_json::json;

use super::between::Wire;
use super::firefox::Firefox;
use super::{chromium, renewed, transferred};
use crate::support::{App, eventually};

/// No cookie either way, one request for each phase and none beside, but for the dictionary that
/// Chromium fetches once while the person reads the start page; and answers packed as the browser
/// asked.
fn only_phases(wire: &Wire, flow: &str, phases: &[&str]) {
    let asked = || {
        let (dictionaries, asked): (Vec<_>, Vec<_>) = wire
            .exchanges()
            .into_iter()
            .partition(|exchange| exchange.what.starts_with("GET /d/"));
        assert!(dictionaries.len() <= 1, "{dictionaries:?}");
        asked
    };
    // A reload comes a moment after it was wanted.
    eventually(|| asked().len() >= phases.len());
    let exchanges = asked();
    let whats: Vec<_> = exchanges.iter().map(|exchange| exchange.what.as_str()).collect();
    let expected: Vec<_> = phases.iter().map(|method| format!("{method} /{flow}")).collect();
    assert_eq!(whats, expected);
    for exchange in &exchanges {
        let cookies = (exchange.asked("cookie"), exchange.got("set-cookie"));
        assert_eq!(cookies, (None, None), "{exchange:?}");
        // The last hidden field is sent, and last: a body that was cut short is told by it.
        let body = exchange.request.split("\r\n\r\n").nth(1).unwrap();
        assert!(body.is_empty() || body.ends_with("&E="), "{exchange:?}");
        let accepts = exchange.asked("accept-encoding").expect("every browser says it");
        let has = exchange.asked("available-dictionary").is_some();
        let packed = exchange.got("content-encoding").expect("it was asked for");
        let may: &[&str] = match (accepts.contains("br"), has) {
            (_, true) => &["dcb", "br"],
            (true, false) => &["br"],
            (false, false) => &["gzip"],
        };
        assert!(may.contains(&packed) && accepts.contains(packed), "{exchange:?}");
    }
}

#[test]
#[ignore = "needs firefox-esr: run tests/run"]
fn firefox_renews_a_passport_without_scripts_and_asks_for_nothing_else() {
    let app = App::of_phases();
    let wire = Wire::to(app.address());
    let mut firefox = Firefox::start();
    firefox.go("data:text/html,<p id=p>off</p><script>document.getElementById('p').textContent='on'</script>");
    firefox.sees("off");
    firefox.go(&format!("http://{}/passport-renewal", wire.address));
    firefox.press("Start now");
    firefox.fill("given", "Zoe");
    firefox.press("Continue");
    firefox.sees("There is a problem");
    assert_eq!(firefox.holds("given"), "Zoe");
    firefox.fill("family", "Müller-Łukasz");
    firefox.press("Continue");
    firefox.fill_all(&[("born-day", "27"), ("born-month", "3"), ("born-year", "1987")]);
    firefox.press("Continue");
    firefox.sees("Has your name changed?");
    firefox.press("Back");
    assert_eq!(firefox.holds("born-year"), "1987");
    firefox.press("Continue");
    firefox.pick("changed", "yes");
    firefox.press("Continue");
    firefox.fill("previous", "Zoë Çelik");
    firefox.press("Continue");
    firefox.sees("What is your address?");
    // Its own Back asks for nothing, and what was typed still stands there; the same again is no
    // other answer.
    firefox.back();
    assert_eq!(firefox.holds("previous"), "Zoë Çelik");
    firefox.press("Continue");
    firefox.fill_all(&[("line1", "Grüße 4711"), ("town", "Łódź"), ("postcode", "sw1a 1aa")]);
    firefox.press("Continue");
    firefox.sees("Check your answers");
    firefox.follow("Change Given names");
    firefox.fill("given", "Zoë");
    firefox.press("Continue");
    for words in [
        "You changed:",
        "Zoë",
        "Müller-Łukasz",
        "Zoë Çelik",
        "Grüße 4711",
        "Łódź",
    ] {
        firefox.sees(words);
    }
    firefox.press("Confirm and send");
    firefox.sees("Application complete");
    // Sent again by Reload: the receipt, and nothing is done twice.
    firefox.reload();
    firefox.sees("Application complete");
    assert_eq!(firefox.cookies(), json!([]));
    let mut phases = vec!["GET"];
    phases.extend(["POST"; 10]);
    phases.extend(["GET", "POST", "POST", "POST"]);
    only_phases(&wire, "passport-renewal", &phases);
    renewed(&app, "Zoë");
}

#[test]
#[ignore = "needs firefox-esr: run tests/run"]
fn firefox_transfers_without_scripts_and_asks_for_nothing_else() {
    let app = App::of_phases();
    let wire = Wire::to(app.address());
    let mut firefox = Firefox::start();
    firefox.go(&format!("http://{}/bank-transfer", wire.address));
    firefox.press("Start now");
    firefox.pick("from", "current");
    firefox.press("Continue");
    firefox.sees("Whom do you want to pay?");
    firefox.press("Back");
    firefox.press("Continue");
    firefox.pick("payee", "energy");
    firefox.press("Continue");
    firefox.fill("amount", "much");
    firefox.fill("note", "Grüße 4711");
    firefox.press("Continue");
    firefox.sees("There is a problem");
    assert_eq!(firefox.holds("amount"), "much");
    assert_eq!(firefox.holds("note"), "Grüße 4711");
    firefox.fill("amount", "20");
    firefox.press("Continue");
    firefox.sees("Check your transfer");
    firefox.back();
    firefox.press("Continue");
    firefox.sees("Check your transfer");
    firefox.follow("Change Amount");
    firefox.fill("amount", "2.50");
    firefox.press("Continue");
    firefox.sees("You changed:");
    firefox.press("Transfer £2.50");
    firefox.sees("Transfer made");
    firefox.sees("£997.50");
    assert_eq!(firefox.cookies(), json!([]));
    let mut phases = vec!["GET"];
    phases.extend(["POST"; 8]);
    phases.extend(["GET", "POST", "POST"]);
    only_phases(&wire, "bank-transfer", &phases);
    transferred(&app, "Grüße 4711");
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_renews_a_passport_without_scripts_and_asks_for_nothing_else() {
    let app = App::of_phases();
    let wire = Wire::to(app.address());
    let found = chromium::run(&json!({
        "walk": format!("http://{}/passport-renewal", wire.address),
        "steps": [
            { "see": "Renew your passport", "press": "Start now" },
            { "fill": { "given": "Zoe" }, "press": "Continue" },
            { "see": "There is a problem", "holds": { "given": "Zoe" } },
            { "fill": { "family": "Müller-Łukasz" }, "press": "Continue" },
            { "fill": { "born-day": "27", "born-month": "3", "born-year": "1987" }, "press": "Continue" },
            { "see": "Has your name changed?", "press": "Back" },
            { "see": "What is your date of birth?", "holds": { "born-year": "1987" } },
            { "press": "Continue" },
            { "fill": { "changed": "yes" }, "press": "Continue" },
            { "fill": { "previous": "Zoë Çelik" }, "press": "Continue" },
            { "see": "What is your address?", "back": true },
            { "holds": { "previous": "Zoë Çelik" } },
            { "press": "Continue" },
            { "fill": { "line1": "Grüße 4711", "town": "Łódź", "postcode": "sw1a 1aa" }, "press": "Continue" },
            { "see": "Check your answers", "follow": "Change Given names" },
            { "fill": { "given": "Zoë" }, "press": "Continue" },
            { "see": "You changed:", "press": "Confirm and send" },
            { "see": "Application complete", "follow": "See and print what you sent" },
            { "see": "What you sent", "follow": "Back" },
            { "see": "Application complete" },
        ],
    }));
    assert_eq!(found["cookies"], json!([]));
    let mut phases = vec!["GET"];
    phases.extend(["POST"; 10]);
    phases.extend(["GET", "POST", "POST", "GET", "GET"]);
    only_phases(&wire, "passport-renewal", &phases);
    renewed(&app, "Zoë");
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_transfers_without_scripts_and_asks_for_nothing_else() {
    let app = App::of_phases();
    let wire = Wire::to(app.address());
    let found = chromium::run(&json!({
        "walk": format!("http://{}/bank-transfer", wire.address),
        "steps": [
            { "press": "Start now" },
            { "fill": { "from": "current" }, "press": "Continue" },
            { "see": "Whom do you want to pay?", "press": "Back" },
            { "press": "Continue" },
            { "fill": { "payee": "energy" }, "press": "Continue" },
            { "fill": { "amount": "much", "note": "Grüße 4711" }, "press": "Continue" },
            { "see": "There is a problem", "holds": { "amount": "much", "note": "Grüße 4711" } },
            { "fill": { "amount": "20" }, "press": "Continue" },
            { "see": "Check your transfer", "back": true },
            { "press": "Continue" },
            { "see": "Check your transfer", "follow": "Change Amount" },
            { "fill": { "amount": "2.50" }, "press": "Continue" },
            { "see": "You changed:", "press": "Transfer £2.50" },
            { "see": "Transfer made" },
            { "see": "£997.50" },
        ],
    }));
    assert_eq!(found["cookies"], json!([]));
    let mut phases = vec!["GET"];
    phases.extend(["POST"; 8]);
    phases.extend(["GET", "POST", "POST"]);
    only_phases(&wire, "bank-transfer", &phases);
    transferred(&app, "Grüße 4711");
}
