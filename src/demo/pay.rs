//! The pay page: an amount, and two buttons.
//!
//! Owns what a person sees of a payment, and what the buttons are called. Must not know how a
//! payment is decided.

use askama::Template;

use super::ledger::{Choice, Payment, State};

/// A page and its status.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) html: String,
}

#[derive(Template)]
#[template(path = "pay.html")]
struct Drawn<'a> {
    heading: &'a str,
    words: &'a str,
    /// The amount, where it can still be paid.
    ask: Option<&'a str>,
    /// The way back to where the person came from.
    back: Option<&'a str>,
}

/// The page of a payment.
pub(super) fn page(payment: &Payment) -> Page {
    let amount = payment.amount.pounds();
    let back = Some(payment.return_url.as_str());
    let told = |status, heading: &str, words: &str| {
        drawn(
            status,
            &Drawn {
                heading,
                words,
                ask: None,
                back,
            },
        )
    };
    match payment.state {
        State::Pending => drawn(
            200,
            &Drawn {
                heading: &format!("Pay {amount}"),
                words: "This is the demo's bank. No real money is moved.",
                ask: Some(&amount),
                back: None,
            },
        ),
        State::Paid => told(200, &format!("You paid {amount}"), "There is nothing more to do here."),
        State::Refused => told(200, "You did not pay", "There is nothing more to do here."),
        State::Cancelled => told(410, "This payment was taken back", "It cannot be paid any more."),
        State::Refunded => told(410, "This payment was taken back", &format!("You got {amount} back.")),
    }
}

/// The page for a payment that nobody asked for.
pub(super) fn unknown() -> Page {
    notice(404, "There is no such payment", "Check the address of this page.")
}

/// A page that is about no payment.
pub(super) fn notice(status: u16, heading: &str, words: &str) -> Page {
    drawn(
        status,
        &Drawn {
            heading,
            words,
            ask: None,
            back: None,
        },
    )
}

fn drawn(status: u16, page: &Drawn<'_>) -> Page {
    match page.render() {
        Ok(html) => Page { status, html },
        Err(why) => {
            tracing::error!(%why, "the pay page");
            Page {
                status: 500,
                html: String::new(),
            }
        }
    }
}

/// What the button that was pressed says: the form has nothing else in it.
pub(super) fn choice(body: &[u8]) -> Option<Choice> {
    match body {
        b"choice=pay" => Some(Choice::Pay),
        b"choice=refuse" => Some(Choice::Refuse),
        _ => None,
    }
}
