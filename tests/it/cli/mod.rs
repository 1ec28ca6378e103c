//! The command line, as an operator uses it: the real program, its output and its exit codes.

mod check;
mod clocks;
mod codebook;

mod disk;
#[cfg(feature = "demo")]
mod help;
mod keeping;
mod listening;
mod needs;
mod options;
mod parts;
mod secrecy;
mod serve;
mod sessions;
mod settings;
mod tables;
mod texts;

use std::process::Output;

/// A flow with a text, a secret, money, a date, choices and an optional field.
const FLOW: &str = r#"
title = "Order a thing"
start = "who"

[screens.who]
title = "Who are you?"
fields.who = { type = "text", label = "Name" }
fields.pin = { type = "secret", label = "PIN" }
fields.note = { type = "text", label = "Note", required = false }
actions.continue = "what"

[screens.what]
title = "What do you want?"
fields.day = { type = "date", label = "Which day?" }
fields.count = { type = "integer", label = "How many?" }
fields.price = { type = "money", currency = "GBP", label = "Price each" }
fields.colours = { type = "choices", label = "Which colours?", options = { red = "Red", blue = "Blue" } }
fields.total = { type = "computed", label = "In all", value = "price * count" }
actions.continue = "check"

[screens.check]
title = "Check your answers"
review = true
actions.send = { label = "Send", to = "done" }

[screens.done]
title = "Ordered"
body = "Your reference is **{{ reference }}**."
end = "completed"
"#;

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Walks [`FLOW`] to its end and gives the session's reference.
fn order(browser: &mut crate::support::Browser, who: &str) -> String {
    begin(browser, who);
    browser.fill_date("Which day?", "24", "12", "2026");
    browser.fill("How many?", "3").fill("Price each", "12.50");
    browser.choose("Red").choose("Blue").press("Continue");
    browser.press("Send");
    assert_eq!(browser.page.heading(), "Ordered", "{}", browser.page.text());
    let text = browser.page.text();
    let at = text.find("reference is ").expect("a reference") + "reference is ".len();
    text[at..].chars().take(11).collect()
}

/// Answers the first screen of [`FLOW`].
fn begin(browser: &mut crate::support::Browser, who: &str) {
    browser.go("/order");
    let start = browser.page.buttons()[0].clone();
    browser.press(&start);
    browser
        .fill("Name", who)
        .fill("PIN", "hunter2-secret")
        .press("Continue");
    assert_eq!(browser.page.heading(), "What do you want?", "{}", browser.page.text());
}
