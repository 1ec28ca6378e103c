//! Work outside in a real browser without scripts: a page elsewhere and the way back, a waiting
//! page that looks again by itself.

use std::time::Duration;

use serde_json::json;

use super::{cashier, chromium};
use crate::effects::callee::Callee;
use crate::support::App;

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_pays_elsewhere_and_comes_back_for_the_ticket() {
    let app = App::of_phases();
    let found = chromium::run(&json!({
        "walk": format!("http://{}/seat-booking", app.address()),
        "steps": [
            { "press": "Start now" },
            { "see": "Where do you want to sit?", "fill": { "seat": "b2" }, "press": "Hold this seat" },
            { "see": "Who is coming?", "press": "Back" },
            { "see": "Where do you want to sit?", "fill": { "seat": "b3" }, "press": "Hold this seat" },
            { "see": "We take back what was done before", "fill": { "name": "Zoë Müller" }, "press": "Continue" },
            { "see": "Check your booking", "press": "Pay £24.00" },
            { "see": "You do this on the pages of", "follow": format!("Your payment: go on at {}", cashier(&app)) },
            { "press": "Pay £24.00" },
            { "see": "You are back", "press": "Go on" },
            { "see": "You have paid", "press": "Get the ticket" },
            { "see": "Your ticket" },
            { "see": "Row B, seat 3" },
            { "follow": "See and print what you sent" },
            { "see": "Zoë Müller" },
        ],
    }));
    assert_eq!(found["cookies"], json!([]));
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_is_declined_corrects_it_and_transfers() {
    let app = App::of_phases();
    chromium::run(&json!({
        "walk": format!("http://{}/bank-transfer", app.address()),
        "steps": [
            { "press": "Start now" },
            { "fill": { "from": "current" }, "press": "Continue" },
            { "fill": { "payee": "energy" }, "press": "Continue" },
            { "fill": { "amount": "2,000", "note": "Grüße 4711" }, "press": "Continue" },
            { "see": "Check your transfer", "press": "Transfer £2,000.00" },
            { "see": "There is not enough money in this account." },
            { "holds": { "note": "Grüße 4711" }, "fill": { "amount": "20" }, "press": "Continue" },
            { "see": "You changed:", "press": "Transfer £20.00" },
            { "see": "Transfer made" },
            { "see": "£980.00" },
        ],
    }));
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_waits_without_a_script_until_the_page_shows_what_came_of_it() {
    let callee = Callee::answering(|_| {
        std::thread::park_timeout(Duration::from_secs(7));
        Some((200, json!({ "number": "N-1" }).to_string()))
    });
    let definition = r#"
title = "Slow"
start = "ask"

[screens.ask]
title = "What?"
fields.thing = { type = "text", label = "Thing" }
actions.order = { call = "order", to = "done", failed = "done" }

[screens.done]
title = "Ordered"
end = "completed"

[effects.order]
label = "Your order"
http = "POST http://ADDRESS/orders"
timeout = "30s"
retry = "1m"
"#;
    let definition = definition.replace("ADDRESS", &callee.address.to_string());
    let mut app = App::stopped(&[("slow", &definition)]).argument(&format!("--callees={}", callee.address));
    app.run();
    // By another name than localhost no browser says where a request comes from.
    let port = app.address().port();
    for url in [
        format!("http://127.0.0.1:{port}/slow"),
        format!("http://forms.test:{port}/slow"),
    ] {
        let found = chromium::run(&json!({
            "walk": url,
            "steps": [
                { "press": "Start now" },
                { "fill": { "thing": "lamp" }, "press": "Order" },
                { "see": "please wait" },
                { "see": "Ordered" },
            ],
        }));
        let text = found["text"].as_str().unwrap();
        assert!(text.contains("Your reference"), "{url}: {text}");
        let requests = found["requests"].as_array().unwrap();
        let looks = requests
            .iter()
            .filter(|r| r.as_str().unwrap().starts_with("GET /slow"))
            .count();
        assert!(looks >= 2, "it looked again by itself: {requests:?}");
    }
}
