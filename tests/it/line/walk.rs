//! What people do in two flows, phase by phase: every kind of phase is in it, an error, Back, a
//! change from the review, a look-up, a call.

use std::time::Duration;

use serde_json::{Value, json};

use super::net::Person;
use crate::support::Browser;
use crate::support::agent::Agent;
use crate::support::wire::urlencoded;

/// What makes a phase.
#[derive(Clone, Copy, Debug)]
pub enum Send {
    Go(&'static str),
    Press(&'static str),
    Follow(&'static str),
}

/// One phase.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// What is done on the page before.
    fill: fn(&mut Browser, &str),
    pub send: Send,
    /// The heading of the page that it leads to, and its status.
    heading: &'static str,
    status: u16,
}

/// A walk: the flow, and its phases.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    pub flow: &'static str,
    pub phases: &'static [Phase],
}

pub const fn phase(fill: fn(&mut Browser, &str), send: Send, heading: &'static str) -> Phase {
    Phase {
        fill,
        send,
        heading,
        status: 200,
    }
}

pub const fn refused(fill: fn(&mut Browser, &str), send: Send, heading: &'static str) -> Phase {
    Phase {
        fill,
        send,
        heading,
        status: 422,
    }
}

pub const NEXT: Send = Send::Press("Continue");

pub fn nothing(_: &mut Browser, _: &str) {}

/// The end of a line of doings.
pub fn void(_: &mut Browser) {}

fn name(browser: &mut Browser, _: &str) {
    browser.fill("Given names", GIVEN).fill("Family name", FAMILY);
}

fn born(browser: &mut Browser, _: &str) {
    browser.fill_date("What is your date of birth?", "27", "3", "1987");
}

fn address(browser: &mut Browser, note: &str) {
    browser
        .fill("Address line 1", note)
        .fill("Town or city", "Łódź")
        .fill("Postcode", "sw1a 1aa");
}

/// Answers that are no ASCII.
pub const GIVEN: &str = "Zoë";
pub const FAMILY: &str = "Müller-Łukasz";
pub const PREVIOUS: &str = "Zoë Çelik";

/// Eight screens, one phase each, and nothing else.
pub const RENEWAL: Walk = Walk {
    flow: "passport-renewal",
    phases: &[
        phase(nothing, Send::Go("/passport-renewal"), "Renew your passport"),
        phase(nothing, Send::Press("Start now"), "What is your name?"),
        phase(name, NEXT, "What is your date of birth?"),
        phase(born, NEXT, "Has your name changed?"),
        phase(|b, _| void(b.choose("Yes")), NEXT, "What was your previous name, Zoë?"),
        phase(
            |b, _| void(b.fill("Previous name", PREVIOUS)),
            NEXT,
            "What is your address?",
        ),
        phase(address, NEXT, "Check your answers"),
        phase(nothing, Send::Press("Confirm and send"), "Application complete"),
    ],
};

/// The same with an error, Back, and a change from the review.
pub const WINDING_RENEWAL: Walk = Walk {
    flow: "passport-renewal",
    phases: &[
        phase(nothing, Send::Go("/passport-renewal"), "Renew your passport"),
        phase(nothing, Send::Press("Start now"), "What is your name?"),
        refused(|b, _| void(b.fill("Family name", FAMILY)), NEXT, "What is your name?"),
        phase(
            |b, _| void(b.fill("Given names", "Zoe")),
            NEXT,
            "What is your date of birth?",
        ),
        phase(born, NEXT, "Has your name changed?"),
        phase(nothing, Send::Press("Back"), "What is your date of birth?"),
        phase(nothing, NEXT, "Has your name changed?"),
        phase(|b, _| void(b.choose("Yes")), NEXT, "What was your previous name, Zoe?"),
        phase(
            |b, _| void(b.fill("Previous name", PREVIOUS)),
            NEXT,
            "What is your address?",
        ),
        phase(address, NEXT, "Check your answers"),
        phase(nothing, Send::Follow("Change Given names"), "What is your name?"),
        phase(|b, _| void(b.fill("Given names", GIVEN)), NEXT, "Check your answers"),
        phase(nothing, Send::Press("Confirm and send"), "Application complete"),
    ],
};

fn payment(browser: &mut Browser, note: &str) {
    browser.fill("Amount", "2.50").fill("Reference for", note);
}

/// A transfer, with a look-up on two screens and a call at the end.
pub const TRANSFER: Walk = Walk {
    flow: "bank-transfer",
    phases: &[
        phase(nothing, Send::Go("/bank-transfer"), "Transfer money"),
        phase(
            nothing,
            Send::Press("Start now"),
            "Which account do you want to pay from?",
        ),
        phase(
            |b, _| void(b.choose("Current account")),
            NEXT,
            "Whom do you want to pay?",
        ),
        phase(
            |b, _| void(b.choose("City Energy")),
            NEXT,
            "How much do you want to pay?",
        ),
        phase(payment, NEXT, "Check your transfer"),
        phase(nothing, Send::Press("Transfer £2.50"), "Transfer made"),
    ],
};

/// The same with an error, Back, and a change from the review.
pub const WINDING_TRANSFER: Walk = Walk {
    flow: "bank-transfer",
    phases: &[
        phase(nothing, Send::Go("/bank-transfer"), "Transfer money"),
        phase(
            nothing,
            Send::Press("Start now"),
            "Which account do you want to pay from?",
        ),
        phase(
            |b, _| void(b.choose("Current account")),
            NEXT,
            "Whom do you want to pay?",
        ),
        phase(nothing, Send::Press("Back"), "Which account do you want to pay from?"),
        phase(nothing, NEXT, "Whom do you want to pay?"),
        phase(
            |b, _| void(b.choose("City Energy")),
            NEXT,
            "How much do you want to pay?",
        ),
        refused(
            |b, note| void(b.fill("Amount", "nothing").fill("Reference for", note)),
            NEXT,
            "How much do you want to pay?",
        ),
        phase(|b, _| void(b.fill("Amount", "3")), NEXT, "Check your transfer"),
        phase(nothing, Send::Follow("Change Amount"), "How much do you want to pay?"),
        phase(|b, _| void(b.fill("Amount", "2.50")), NEXT, "Check your transfer"),
        phase(nothing, Send::Press("Transfer £2.50"), "Transfer made"),
    ],
};

impl Phase {
    /// Fills in the page that is shown.
    pub fn fill(&self, browser: &mut Browser, note: &str) {
        (self.fill)(browser, note);
    }

    /// Sends it, and holds what comes against what it should lead to: on an error page stands what
    /// was typed.
    pub fn send(&self, browser: &mut Browser) -> std::io::Result<()> {
        let mut typed = Vec::new();
        match self.send {
            Send::Go(target) => browser.ask("GET", target, "", false)?,
            Send::Follow(words) => {
                let target = browser.link(words);
                browser.ask("GET", &target, "", true)?;
            }
            Send::Press(words) => {
                let (target, method, fields) = browser.submission(Some(words));
                assert_eq!(method, "POST");
                let body = urlencoded(&fields);
                browser.ask("POST", &target, &body, true)?;
                typed = fields.into_iter().filter(|(name, _)| !name.ends_with("ID")).collect();
            }
        }
        let page = &browser.page;
        let came = (page.status, page.heading());
        assert_eq!(
            came,
            (self.status, self.heading.to_owned()),
            "{self:?}: {}",
            page.text()
        );
        if self.status == 422 {
            // What is secret is never shown again.
            let shown = typed.iter().filter(|(name, _)| name != "word");
            for (name, value) in shown {
                assert_eq!(browser.holds(name), *value, "typed into {name}, and gone");
            }
        }
        Ok(())
    }
}

impl Walk {
    /// What counts in the end, as an export has it.
    pub fn answers(&self, note: &str) -> Value {
        if self.flow == "bank-transfer" {
            let amount = json!({ "amount": "2.50", "currency": "GBP" });
            return json!({ "from": "current", "payee": "energy", "amount": amount, "note": note });
        }
        json!({
            "given": GIVEN, "family": FAMILY, "born": "1987-03-27", "changed": "yes", "previous": PREVIOUS,
            "line1": note, "town": "Łódź", "postcode": "SW1A 1AA",
        })
    }

    /// What of it must be read on the page where a person checks it.
    pub fn shown(&self, note: &str) -> Vec<String> {
        let own: &[&str] = if self.flow == "bank-transfer" {
            &["Current account", "City Energy", "£2.50"]
        } else {
            &[FAMILY, "27 March 1987", PREVIOUS, "Łódź", "SW1A 1AA"]
        };
        own.iter().chain([&note]).map(|words| (*words).to_owned()).collect()
    }

    /// Walks to the end. Between two phases the person takes as long as the line needs to come to
    /// rest, at most `thinking`: that is no part of any phase.
    pub fn walk(&self, person: &Person, agent: Agent, thinking: Duration) -> Browser {
        let mut browser = Browser::of(agent, person.server);
        for phase in self.phases {
            phase.fill(&mut browser, &note(person));
            let sent = phase.send(&mut browser);
            sent.unwrap_or_else(|why| panic!("{phase:?}: {why}\n{}", person.line.trace()));
            person.line.rest(browser.connection().port(), thinking);
        }
        let fresh = browser.passages.iter().filter(|passage| passage.fresh).count();
        let opened = if agent.keeps() { 1 } else { self.phases.len() };
        assert_eq!(fresh, opened, "connections that were opened");
        browser
    }
}

/// What a person writes that nobody else does.
pub fn note(person: &Person) -> String {
    format!("Grüße {}", 4711 + person.at)
}
