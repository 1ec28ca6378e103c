//! The requests that `support::agent` makes up are those of the real programs: byte for byte, but
//! for what changes with a program's version, and for dictionaries, which they know nothing of.

use serde_json::json;

use super::between::{Exchange, Wire};
use super::chromium;
use super::firefox::Firefox;
use super::terminal::{Do, LYNX, Terminal};
use crate::support::agent::Agent;
use crate::support::{App, Browser, eventually};

/// The three kinds of request: the start page, a form, a link of a page that has been asked for
/// with one. The session's ids differ; so they are left out.
fn told(exchanges: &[Exchange]) -> Vec<String> {
    let plain = |exchange: &Exchange| {
        let (head, body) = exchange.request.split_once("\r\n\r\n").expect("a request");
        let lines = head.lines().filter(|line| !line.starts_with("available-dictionary"));
        let lines = lines.map(|line| match line.split_once(": ") {
            Some(("Host", _)) => "Host: ...".to_owned(),
            Some(("Accept-Encoding", value)) => value.replace(", dcb, dcz", ""),
            Some(("User-Agent", value)) => versionless(value),
            Some(("sec-ch-ua", value)) => versionless(&brands(value)),
            // Version 156 takes JPEG XL too, 148 does not.
            Some(("Accept", value)) => value.replace("image/jxl,", ""),
            Some((name, value)) if value.contains("://") => {
                let path = value.splitn(4, '/').nth(3).unwrap_or_default();
                format!("{name}: /{path}")
            }
            _ => line.to_owned(),
        });
        let fields = body.split('&').map(|field| match field.split_once('=') {
            Some((name @ ("sessionID" | "screenID"), _)) => name.to_owned(),
            _ => field.to_owned(),
        });
        format!(
            "{}\n{}",
            lines.collect::<Vec<_>>().join("\n"),
            fields.collect::<Vec<_>>().join("&")
        )
    };
    let phases = exchanges
        .iter()
        .filter(|exchange| !exchange.what.starts_with("GET /d/"));
    phases.map(plain).collect()
}

/// The brands of a Chromium without the one that is none: each version makes up another.
fn brands(value: &str) -> String {
    let own = value.split(", ").filter(|brand| !brand.contains("Brand"));
    own.collect::<Vec<_>>().join(", ")
}

/// A program's name without its versions, which Debian changes.
fn versionless(value: &str) -> String {
    value.chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect()
}

/// The same three phases by the requests that are made up.
fn made_up(app: &App, agent: Agent) -> Vec<Exchange> {
    let wire = Wire::to(app.address());
    let mut browser = Browser::of(agent, wire.address);
    browser.go("/passport-renewal");
    browser.press("Start now");
    browser.fill("Given names", "Zoë").fill("Family name", "Müller-Łukasz");
    browser.press("Continue");
    wire.exchanges()
}

#[test]
#[ignore = "needs tmux and lynx: run tests/run"]
fn the_requests_made_up_for_lynx_are_lynxs_own() {
    let app = App::of_phases();
    let wire = Wire::to(app.address());
    let browser = Terminal::open(LYNX, &format!("http://{}/passport-renewal", wire.address));
    browser.page("It takes about 5 minutes", &[Do::Press]);
    browser.page("Given names", &[Do::Type("Zoë"), Do::Type("Müller-Łukasz"), Do::Press]);
    browser.sees("What is your date of birth?");
    assert_eq!(told(&wire.exchanges()), told(&made_up(&app, Agent::Lynx)));
}

/// The three phases, by Chromium itself.
fn walked_by_chromium(wire: &Wire) {
    chromium::run(&json!({
        "walk": format!("http://{}/passport-renewal", wire.address),
        "steps": [
            { "press": "Start now" },
            { "fill": { "given": "Zoë", "family": "Müller-Łukasz" }, "press": "Continue" },
            { "see": "What is your date of birth?" },
        ],
    }));
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn the_requests_made_up_for_chromium_are_chromiums_own() {
    let app = App::of_phases();
    let wire = Wire::to(app.address());
    walked_by_chromium(&wire);
    assert!(eventually(|| told(&wire.exchanges()).len() == 3));
    assert_eq!(told(&wire.exchanges()), told(&made_up(&app, Agent::Chromium)));
}

/// The form of a page that forbids referrers: no browser says which origin it is of, but each says that it
/// comes from the same site.
fn hides_its_origin(wire: &Wire) {
    let origins = || {
        let exchanges = wire.exchanges().into_iter();
        let forms = exchanges.filter(|exchange| exchange.what.starts_with("POST"));
        let said = forms.map(|form| ["origin", "sec-fetch-site"].map(|name| form.asked(name).map(str::to_owned)));
        said.collect::<Vec<_>>()
    };
    assert!(eventually(|| origins().len() == 2));
    let [origin, site] = &origins()[1];
    assert_eq!(
        (origin.as_deref(), site.as_deref()),
        (Some("null"), Some("same-origin"))
    );
}

#[test]
#[ignore = "needs chromium, node and npm: run tests/run"]
fn chromium_is_not_shut_out_where_a_proxy_forbids_referrers() {
    let app = App::of_phases();
    let wire = Wire::without_referrers(app.address());
    walked_by_chromium(&wire);
    hides_its_origin(&wire);
}

#[test]
#[ignore = "needs firefox-esr: run tests/run"]
fn nor_is_firefox() {
    let app = App::of_phases();
    let wire = Wire::without_referrers(app.address());
    let mut firefox = Firefox::start();
    firefox.go(&format!("http://{}/passport-renewal", wire.address));
    firefox.press("Start now");
    firefox.fill("given", "Zoë");
    firefox.fill("family", "Müller-Łukasz");
    firefox.press("Continue");
    firefox.sees("What is your date of birth?");
    hides_its_origin(&wire);
}
