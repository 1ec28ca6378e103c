//! Text browsers through both flows to the end: an error, the page's Back and the browser's own, a
//! change from the review, in UTF-8; what is kept, and what went over the wire meanwhile.

use super::between::Wire;
use super::terminal::{Do, ELINKS, Keys, LINKS, LYNX, Terminal, W3M};
use super::{renewed, transferred};
use crate::support::App;

fn times<'a>(times: usize, before: &[Do<'a>], after: &[Do<'a>]) -> Vec<Do<'a>> {
    let mut all = before.to_vec();
    all.extend((0..times).map(|_| Do::Next));
    all.extend(after);
    all
}

/// Presses Back, the last on the page with these words: past so much, and past the button for more time
/// where there is one.
fn back(browser: &Terminal, words: &str, past: usize) {
    browser.sees(words);
    browser.rests();
    let more = usize::from(browser.screen().contains("I need more time"));
    browser.page(words, &times(past + more, &[], &[Do::Press]));
}

/// No cookie either way, and nothing asked for but phases.
fn only_phases(wire: &Wire, flow: &str) {
    for exchange in wire.exchanges() {
        let path = format!("/{flow}");
        assert_eq!(exchange.what.split_once(' ').unwrap().1, path, "{exchange:?}");
        let cookies = (exchange.asked("cookie"), exchange.got("set-cookie"));
        assert_eq!(cookies, (None, None), "{exchange:?}");
        let packed = exchange.got("content-encoding");
        let accepts = exchange.asked("accept-encoding").unwrap_or_default();
        assert!(packed.is_none_or(|packed| accepts.contains(packed)), "{exchange:?}");
        assert_eq!(packed.is_none(), accepts.is_empty(), "{exchange:?}");
    }
}

fn renews(keys: Keys) {
    let app = App::of_phases();
    let wire = Wire::to(app.address());
    let browser = Terminal::open(keys, &format!("http://{}/passport-renewal", wire.address));
    browser.page("Renew your passport", &[Do::Press]);
    browser.page("What is your name?", &[Do::Type("Zoë"), Do::Next, Do::Press]);
    // The error page begins with its links: the first leads to the field.
    browser.page(
        "There is a problem",
        &[Do::Next, Do::Next, Do::Type("Müller-Łukasz"), Do::Press],
    );
    browser.page(
        "What is your date of birth?",
        &[Do::Type("27"), Do::Type("3"), Do::Type("1987"), Do::Press],
    );
    // Past the option that answers nothing, Yes, No and Continue.
    back(&browser, "Has your name changed?", 4);
    browser.page("What is your date of birth?", &times(3, &[], &[Do::Press]));
    browser.page("Has your name changed?", &[Do::Next, Do::Tick, Do::Next, Do::Press]);
    browser.page("What was your previous name, Zoë?", &[Do::Type("Zoë Çelik"), Do::Press]);
    let address = [
        Do::Type("Grüße 4711"),
        Do::Next,
        Do::Type("Łódź"),
        Do::Type("SW1A 1AA"),
        Do::Press,
    ];
    browser.page("What is your address?", &address);
    // The browser's own Back, to the page as it was, and the same again.
    browser.page("Check your answers", &[Do::Back]);
    browser.again("What is your address?");
    browser.page("Check your answers", &[Do::Press]);
    browser.page("What is your name?", &[Do::Type(" Ann"), Do::Next, Do::Press]);
    browser.sees("You changed:");
    for words in [
        "Zoë Ann",
        "Müller-Łukasz",
        "27 March 1987",
        "Zoë Çelik",
        "Grüße 4711",
        "Not given",
        "Łódź",
        "SW1A 1AA",
    ] {
        browser.sees(words);
    }
    // Past the change links.
    browser.page("Confirm and send", &times(9, &[], &[Do::Press]));
    browser.sees("Application complete");
    only_phases(&wire, "passport-renewal");
    renewed(&app, "Zoë Ann");
}

fn transfers(keys: Keys) {
    let app = App::of_phases();
    let wire = Wire::to(app.address());
    let browser = Terminal::open(keys, &format!("http://{}/bank-transfer", wire.address));
    browser.page("Transfer money", &[Do::Press]);
    browser.page(
        "Which account do you want to pay from?",
        &times(1, &[Do::Next, Do::Tick], &[Do::Press]),
    );
    // Past the option that answers nothing, three payees, Continue and Cancel.
    back(&browser, "Whom do you want to pay?", 6);
    browser.page("Which account do you want to pay from?", &times(2, &[], &[Do::Press]));
    browser.page(
        "Whom do you want to pay?",
        &times(2, &[Do::Next, Do::Tick], &[Do::Press]),
    );
    browser.page(
        "How much do you want to pay?",
        &[Do::Type("much"), Do::Type("Grüße 4711"), Do::Press],
    );
    browser.page(
        "There is a problem",
        &[Do::Next, Do::Over(4, "20"), Do::Next, Do::Press],
    );
    browser.page("Check your transfer", &[Do::Back]);
    browser.again("How much do you want to pay?");
    // The amount is the third that can be changed.
    browser.page("Check your transfer", &times(2, &[], &[Do::Press]));
    browser.page(
        "How much do you want to pay?",
        &[Do::Over(5, "2.50"), Do::Next, Do::Press],
    );
    browser.sees("You changed:");
    for words in ["Current account", "City Energy", "£2.50", "Grüße 4711"] {
        browser.sees(words);
    }
    browser.page("Transfer £2.50", &times(4, &[], &[Do::Press]));
    browser.sees("Transfer made");
    browser.sees("£997.50");
    only_phases(&wire, "bank-transfer");
    transferred(&app, "Grüße 4711");
}

#[test]
#[ignore = "needs tmux and lynx: run tests/run"]
fn lynx_renews_a_passport() {
    renews(LYNX);
}

#[test]
#[ignore = "needs tmux and w3m: run tests/run"]
fn w3m_renews_a_passport() {
    renews(W3M);
}

#[test]
#[ignore = "needs tmux and links2: run tests/run"]
fn links2_renews_a_passport() {
    renews(LINKS);
}

#[test]
#[ignore = "needs tmux and elinks: run tests/run"]
fn elinks_renews_a_passport() {
    renews(ELINKS);
}

#[test]
#[ignore = "needs tmux and lynx: run tests/run"]
fn lynx_transfers_money() {
    transfers(LYNX);
}

#[test]
#[ignore = "needs tmux and w3m: run tests/run"]
fn w3m_transfers_money() {
    transfers(W3M);
}

#[test]
#[ignore = "needs tmux and links2: run tests/run"]
fn links2_transfers_money() {
    transfers(LINKS);
}

#[test]
#[ignore = "needs tmux and elinks: run tests/run"]
fn elinks_transfers_money() {
    transfers(ELINKS);
}
