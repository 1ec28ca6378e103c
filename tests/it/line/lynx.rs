//! A real lynx over the slowest line, through eight screens. Its phases are timed by the line: from
//! the packet that opens a connection to the last of the answer.

use std::time::{Duration, Instant};

use super::net::{Lay, Net};
use super::profile::MODEM_9600;
use crate::browser::terminal::{Do, LYNX, Terminal};
use crate::support::ran;

/// How much longer than the line needs for its bytes, as for every text browser on this line.
const RATIO: f64 = 1.10;
/// All eight screens, so that bloat shows.
const IN_ALL: Duration = Duration::from_millis(15_800);
/// For lynx to close its last connection.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
#[ignore = "needs tmux, lynx, root or unshare, and /dev/net/tun: run tests/run"]
fn a_real_lynx_goes_through_eight_screens_over_a_modem() {
    let began = Instant::now();
    let net = Net::lay(&[Lay::of(MODEM_9600)]);
    let person = net.person(0);
    let url = format!("http://{}/passport-renewal", person.server);
    let browser = net.near(|| Terminal::open(LYNX, &url));
    browser.page("It takes about 5 minutes", &[Do::Press]);
    browser.page("Given names", &[Do::Type("Zoë"), Do::Type("Müller-Łukasz"), Do::Press]);
    browser.page(
        "For example, 27 3 1987",
        &[Do::Type("27"), Do::Type("3"), Do::Type("1987"), Do::Press],
    );
    browser.page("Has your name changed?", &[Do::Next, Do::Tick, Do::Next, Do::Press]);
    browser.page("What was your previous name, Zoë?", &[Do::Type("Zoë Çelik"), Do::Press]);
    let address = [
        Do::Type("Grüße 4711"),
        Do::Next,
        Do::Type("Łódź"),
        Do::Type("SW1A 1AA"),
        Do::Press,
    ];
    browser.page("Address line 1", &address);
    browser.page("Confirm and send", &[[Do::Next; 9].as_slice(), &[Do::Press]].concat());
    browser.sees("Application complete");
    person.line.rest(None, PATIENCE);

    let passages = person.line.passages();
    assert_eq!(
        passages.len(),
        8,
        "a connection for each screen\n{}",
        person.line.trace()
    );
    let took: Duration = passages.iter().map(|passage| passage.took).sum();
    let least = passages
        .iter()
        .map(|passage| MODEM_9600.least(passage.sent, passage.received, true));
    let least: Duration = least.sum();
    let [up, down] = person.line.counts();
    let ratio = took.as_secs_f64() / least.as_secs_f64();
    let found = format!(
        "{:.1} s, {ratio:.3} of the least time (at most {RATIO}); {} packets, {} bytes",
        took.as_secs_f64(),
        up.packets + down.packets,
        up.bytes + down.bytes
    );
    ran("lynx on modem-9600", passages.len(), began.elapsed(), &found);
    assert!(ratio <= RATIO && took <= IN_ALL, "{found}\n{}", person.line.trace());
}
