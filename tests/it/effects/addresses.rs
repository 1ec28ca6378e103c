//! Values that a callee said, in the address and the headers of what takes its work back, or asks
//! about it: one segment, told to nobody else, or in doubt in words.

use serde_json::json;

use super::callee::{Asking, Callee};
use crate::support::{App, eventually};

/// Something is ordered, then there is a screen on which all can be given up.
const SHOP: &str = r#"
title = "A shop"
start = "intro"

[screens.intro]
title = "A shop"
actions.start = { label = "Start now", to = "ask" }

[screens.ask]
title = "What do you want?"
fields.thing = { type = "text", label = "Thing", max = 40 }
actions.order = { label = "Order", call = "order", to = "pay", failed = "sorry" }
actions.stop = { label = "Cancel", cancel = true }

[screens.pay]
title = "Pay"
actions.pay = { label = "Pay", call = "pay", to = "done", failed = { to = "sorry", undo = true } }
actions.stop = { label = "Cancel", cancel = true }

[screens.done]
title = "Paid"
end = "completed"

[screens.sorry]
title = "Not ordered"
end = "not-ordered"

[effects.order]
label = "Your order"
http = "POST ${SHOP}/orders"
save.number = "/number"
undo = "unorder"

[effects.unorder]
UNORDER

[effects.pay]
label = "Your payment"
http = "POST ${SHOP}/payments"
send = { order = "{{ number }}" }
timeout = "2s"
probe = "paid"

[effects.paid]
PAID
"#;

const BY_PATH: &str = "http = \"DELETE ${SHOP}/orders/{{ number }}\"\nsend = {}";
const BY_HEADER: &str = "http = \"DELETE ${SHOP}/orders\"\nsend = {}\nheaders = { X-Order = \"order {{ number }}\" }";
const PAID: &str = "http = \"GET ${SHOP}/orders/{{ number }}/payment?of={{ number }}\"\nsafe = true";

fn serving(callee: &Callee, (unorder, paid): (&str, &str), other: &str) -> App {
    let flow = SHOP.replace("UNORDER", unorder).replace("PAID", paid);
    let mut app = App::stopped(&[("shop", &flow)])
        .argument(&format!(
            "--callees={}, 127.0.0.1:1, localhost:{}",
            callee.address,
            callee.address.port()
        ))
        .variable("SHOP", &format!("http://{}", callee.address))
        .variable("OTHER", other);
    app.run();
    app
}

/// A shop that gives every order this number.
fn shop(number: &str) -> Callee {
    let number = number.to_owned();
    Callee::answering(move |asking: &Asking| match asking.target.as_str() {
        "/payments" => None,
        _ => Some((200, json!({ "number": number }).to_string())),
    })
}

/// Orders, and gives up.
fn give_up(app: &App) {
    let mut browser = app.browser("/shop");
    browser.press("Start now");
    browser.fill("Thing", "A lamp").press("Order");
    assert_eq!(browser.page.heading(), "Pay");
    browser.press("Cancel");
    browser.press("Yes, cancel and delete my answers");
}

fn effects(app: &App, status: &str) -> String {
    let output = app.deity(&["effects", "list", "--json", "--status", status]);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_undo_names_what_it_takes_back_in_its_address_or_a_header() {
    for (number, path) in [
        ("N-1", "/orders/N-1"),
        ("17/3 ü?x=1#y", "/orders/17%2F3%20%C3%BC%3Fx%3D1%23y"),
        ("100%25", "/orders/100%2525"),
    ] {
        let callee = shop(number);
        let app = serving(&callee, (BY_PATH, PAID), "");
        give_up(&app);
        assert!(eventually(|| !callee.asked_by("DELETE").is_empty()));
        assert_eq!(callee.asked_by("DELETE")[0].target, path);
        assert_eq!(callee.asked_by("DELETE")[0].body, "{}");
    }
    let callee = shop("N/1;%2e");
    let app = serving(&callee, (BY_HEADER, PAID), "");
    give_up(&app);
    assert!(eventually(|| !callee.asked_by("DELETE").is_empty()));
    let undone = callee.asked_by("DELETE").remove(0);
    assert_eq!(
        (undone.target.as_str(), undone.header("x-order")),
        ("/orders", Some("order N/1;%2e"))
    );
}

#[test]
fn what_leads_elsewhere_or_says_more_is_sent_nowhere_and_in_doubt_in_words() {
    let long = "9".repeat(201);
    for (unorder, number, why) in [
        (BY_PATH, "..", "it leads to another place"),
        (BY_PATH, ".", "it leads to another place"),
        (BY_PATH, "%2e%2E", "it leads to another place"),
        (BY_PATH, "%252e.", "it leads to another place"),
        (BY_PATH, "7/../../admin", "it leads to another place"),
        (BY_PATH, &long, "it is too long"),
        (BY_HEADER, "a b", "it has characters that no header may have"),
        (BY_HEADER, "Zürich", "it has characters that no header may have"),
        (BY_HEADER, &long, "it is too long"),
    ] {
        let callee = shop(number);
        let app = serving(&callee, (unorder, PAID), "");
        give_up(&app);
        assert!(eventually(|| !effects(&app, "in-doubt").is_empty()), "{number:?}");
        let doubt = effects(&app, "in-doubt");
        let words = format!("`number`, as the callee said it, cannot stand in its address: {why}");
        assert!(doubt.contains(&words), "{doubt}");
        assert!(callee.asked_by("DELETE").is_empty(), "{number:?}");
    }
}

#[test]
fn what_one_host_said_is_told_to_no_other() {
    let callee = shop("N-1");
    // The same machine under another name is another host.
    let other = format!("http://localhost:{}", callee.address.port());
    for unorder in [BY_PATH, BY_HEADER] {
        let app = serving(&callee, (&unorder.replace("${SHOP}", "${OTHER}"), PAID), &other);
        give_up(&app);
        assert!(eventually(|| effects(&app, "in-doubt").contains("another host said it")));
        assert!(callee.asked_by("DELETE").is_empty());
    }
}

#[test]
fn a_probe_names_what_another_effect_saved_before() {
    let callee = shop("N 1");
    let app = serving(&callee, (BY_PATH, PAID), "");
    let mut browser = app.browser("/shop");
    browser.press("Start now");
    browser.fill("Thing", "A lamp").press("Order");
    browser.press("Pay");
    assert_eq!(browser.page.heading(), "Paid");
    let asked = callee.asked_by("GET");
    assert_eq!(asked[0].target, "/orders/N%201/payment?of=N%201");
    assert!(!format!("{asked:?}").contains("lamp"));
}

#[test]
fn an_order_that_was_never_answered_has_no_number_to_be_taken_back_by() {
    let callee = Callee::answering(|_| None);
    let app = serving(&callee, (BY_PATH, PAID), "");
    let mut browser = app.browser("/shop");
    browser.press("Start now");
    browser.fill("Thing", "A lamp").press("Order");
    assert_eq!(browser.page.heading(), "Not ordered");
    assert!(eventually(|| effects(&app, "in-doubt").contains("it never came")));
}
