//! Fifty people on slow lines, and one on a fast line who must not notice them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use super::net::{Lay, Net, Person};
use super::profile::{LAN, MODEM_9600};
use super::walk::{RENEWAL, note};
use crate::support::agent::Agent;
use crate::support::{Browser, ran};

const PEOPLE: usize = 50;
const ROUNDS: usize = 3;
/// How much longer the phases of the one may take, at the median, while the fifty are under way:
/// a server that waits for one of them would take a hundred times as long.
const LONGER: f64 = 2.0;

/// The fifty go on while this is open; how many of them are in a phase, and how many phases they
/// have done.
#[derive(Default)]
struct Gate {
    open: AtomicBool,
    over: AtomicBool,
    within: AtomicUsize,
    done: AtomicUsize,
}

impl Gate {
    /// Waits for something, for a bounded time.
    fn until(&self, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !holds(self) {
            assert!(Instant::now() < end, "{} are in a phase", self.within.load(SeqCst));
            thread::park_timeout(Duration::from_millis(5));
        }
    }
}

/// One of the fifty: walks and walks, and waits before a phase while the gate is closed.
fn slowly(person: &Person, gate: &Gate) {
    while !gate.over.load(SeqCst) {
        let mut browser = Browser::of(Agent::Lynx, person.server);
        for phase in RENEWAL.phases {
            while !gate.open.load(SeqCst) {
                if gate.over.load(SeqCst) {
                    return;
                }
                thread::park_timeout(Duration::from_millis(5));
            }
            phase.fill(&mut browser, &note(person));
            gate.within.fetch_add(1, SeqCst);
            phase.send(&mut browser).expect("an answer");
            gate.within.fetch_sub(1, SeqCst);
            gate.done.fetch_add(1, SeqCst);
        }
    }
}

/// A whole walk of the one, phase by phase.
fn quickly(person: &Person) -> Vec<Duration> {
    let browser = RENEWAL.walk(person, Agent::Lynx, Duration::from_secs(2));
    browser.passages.iter().map(|passage| passage.took).collect()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

#[test]
#[ignore = "needs root or unshare, and /dev/net/tun: run tests/run"]
fn fifty_people_on_slow_lines_do_not_slow_one_on_a_fast_line() {
    let began = Instant::now();
    let mut lines = vec![Lay::of(MODEM_9600); PEOPLE];
    lines.push(Lay::of(LAN));
    let net = Net::lay(&lines);
    let gate = Gate::default();
    let times = Mutex::new([Vec::new(), Vec::new()]);
    net.each(|person| {
        if person.at < PEOPLE {
            return slowly(&person, &gate);
        }
        quickly(&person);
        for _ in 0..ROUNDS {
            // Alone, and then among them: whatever else this machine does, it does to both.
            for crowd in [false, true] {
                gate.open.store(crowd, SeqCst);
                gate.until(|gate| (gate.within.load(SeqCst) > PEOPLE / 2) == crowd);
                if !crowd {
                    gate.until(|gate| gate.within.load(SeqCst) == 0);
                }
                let before = gate.done.load(SeqCst);
                let mut own = Vec::new();
                while own.len() < 4 * RENEWAL.phases.len() || (crowd && gate.done.load(SeqCst) < before + PEOPLE) {
                    own.extend(quickly(&person));
                }
                times.lock().unwrap()[usize::from(crowd)].extend(own);
            }
        }
        gate.over.store(true, SeqCst);
    });
    let [alone, among] = times.into_inner().unwrap();
    let phases = alone.len() + among.len();
    let (alone, among) = (median(alone), median(among));
    let done = gate.done.load(SeqCst);
    let found = format!(
        "a phase takes {:.1} ms alone, {:.1} ms among 50 on modem-9600 who do {done} phases: {:.2} (at most {LONGER})",
        alone * 1e3,
        among * 1e3,
        among / alone
    );
    ran("one among fifty", phases, began.elapsed(), &found);
    assert!(among <= alone * LONGER, "{found}");
}
