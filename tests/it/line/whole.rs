//! Whole flows over slow lines, to the end: how long they take beside the least that each line
//! allows for the bytes that were sent, and beside the barest server on the same line.

use std::time::{Duration, Instant};

use super::bare::Bare;
use super::grant::GRANT;
use super::net::{Lay, Net, Person};
use super::profile::{BAD_2G, GPRS, MODEM_33K6, MODEM_9600, Profile};
use super::walk::{RENEWAL, TRANSFER, Walk};
use crate::support::agent::Agent;
use crate::support::ran;
use crate::support::wire::Passage;

/// Between two phases a person takes no longer than this.
const THINKING: Duration = Duration::from_secs(3);
/// What is counted of the time that the server itself takes for a phase: more is this machine's
/// load and the unoptimised program of these tests, and not the line's. Benchmarks hold that time.
const ANSWERING: Duration = Duration::from_millis(5);
/// A line, how often it is tried for luck's sake, and how much longer than the least a walk may
/// take on new connections and on one that is kept; then what the barest server took when that was
/// settled, on a quiet machine. If it takes more now, with the same luck (one packet of a hundred
/// lost, or of twenty, is another second or three each time), or since this machine is busy, then
/// Deity may take as much more.
const LINES: [(Profile, u64, [Walk; 2], [f64; 2], [f64; 2]); 4] = [
    (MODEM_9600, 1, [RENEWAL, TRANSFER], [1.10, 1.05], [1.06, 1.02]),
    (MODEM_33K6, 1, [TRANSFER, GRANT], [1.08, 1.04], [1.05, 1.02]),
    (GPRS, 8, [RENEWAL, TRANSFER], [1.08, 1.05], [1.05, 1.02]),
    (BAD_2G, 18, [RENEWAL, TRANSFER], [1.15, 1.30], [1.10, 1.20]),
];
const AGENTS: [Agent; 2] = [Agent::Lynx, Agent::Chromium];
/// What each agent's phases are like, for the bare server: bytes of request and answer.
const LIKE: [[(usize, usize); 8]; 2] = [[(500, 640); 8], [(930, 960); 8]];

/// Who walks what on which line.
struct Plan {
    line: usize,
    agent: usize,
    /// `None`: at the bare server.
    walk: Option<Walk>,
    seed: u64,
}

/// What a walk took, and the least that the line allows.
#[derive(Clone, Copy, Default)]
struct Sum {
    took: Duration,
    least: Duration,
}

impl Sum {
    fn of(profile: &Profile, passages: &[Passage], late: Duration) -> Self {
        let took: Duration = passages.iter().map(|passage| passage.took).sum();
        let least = |passage: &Passage| profile.least(passage.sent, passage.received, passage.fresh);
        Self {
            took: took - late.min(took),
            least: passages.iter().map(least).sum(),
        }
    }

    fn ratio(all: impl Iterator<Item = Self>) -> f64 {
        let (took, least) = all.fold((0.0, 0.0), |(took, least), sum| {
            (took + sum.took.as_secs_f64(), least + sum.least.as_secs_f64())
        });
        took / least
    }
}

fn plans() -> Vec<Plan> {
    let mut plans = Vec::new();
    for (line, (_, seeds, walks, ..)) in LINES.iter().enumerate() {
        for (agent, _) in AGENTS.iter().enumerate() {
            for walk in [Some(walks[0]), Some(walks[1]), None] {
                plans.extend((0..*seeds).map(|seed| Plan {
                    line,
                    agent,
                    walk,
                    // The same luck for all who walk on a line.
                    seed,
                }));
            }
        }
    }
    plans
}

fn walked(plan: &Plan, person: &Person, bare: &Bare) -> (Sum, usize) {
    let profile = person.line.profile();
    let agent = AGENTS[plan.agent];
    let (passages, late) = match plan.walk {
        Some(walk) => {
            let browser = walk.walk(person, agent, THINKING);
            let counted = ANSWERING * u32::try_from(walk.phases.len()).expect("some phases");
            (browser.passages, person.line.answering().saturating_sub(counted))
        }
        None => {
            let passages = bare.walk(person, agent, &LIKE[plan.agent], THINKING);
            (passages, Duration::ZERO)
        }
    };
    (Sum::of(&profile, &passages, late), passages.len())
}

#[test]
#[ignore = "needs root or unshare, and /dev/net/tun: run tests/run"]
fn whole_flows_take_little_longer_than_each_line_needs_for_their_bytes() {
    let began = Instant::now();
    let plans = plans();
    let lay = |plan: &Plan| Lay::of(LINES[plan.line].0).seed(plan.seed);
    let net = Net::lay(&plans.iter().map(lay).collect::<Vec<_>>());
    let bare = Bare::serve(net.far());
    let sums = net.each(|person| walked(&plans[person.at], &person, &bare));
    let ratio = |line: usize, agent: usize, deity: bool| {
        let own = plans.iter().zip(&sums);
        let own = own.filter(|(plan, _)| (plan.line, plan.agent, plan.walk.is_some()) == (line, agent, deity));
        Sum::ratio(own.map(|(_, (sum, _))| *sum))
    };
    let mut slow = Vec::new();
    for (line, (profile, _, _, bounds, usual)) in LINES.iter().enumerate() {
        for (agent, bound) in bounds.iter().enumerate() {
            let (ratio, barely) = (ratio(line, agent, true), ratio(line, agent, false));
            let bound = bound + (barely - usual[agent]).max(0.0);
            let all = plans.iter().zip(&sums);
            let own = all.filter(|(plan, _)| (plan.line, plan.agent, plan.walk.is_some()) == (line, agent, true));
            let phases = own.map(|(_, (_, phases))| phases).sum();
            let way = ["new connections", "kept connection"][agent];
            let found = format!("{ratio:.3} of the least time (at most {bound:.3}; the barest server: {barely:.3})");
            ran(&format!("{}, {way}", profile.name), phases, began.elapsed(), &found);
            if ratio > bound {
                slow.push(format!("{}, {way}: {found}", profile.name));
            }
        }
    }
    assert!(slow.is_empty(), "too slow: {slow:#?}");
}
