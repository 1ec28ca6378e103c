//! Packets, counted by the line: how many a phase takes, and what a whole flow comes to.

use std::time::{Duration, Instant};

use super::net::{Lay, Net, Person};
use super::profile::THREE_G;
use super::walk::{RENEWAL, TRANSFER, Walk, note};
use crate::support::agent::Agent;
use crate::support::{Browser, ran};

/// For a connection to be closed by both sides.
const PATIENCE: Duration = Duration::from_secs(20);
/// A server that takes longer than this confirms the request in a packet of its own: so says TCP,
/// and on a busy machine it may take so long to write to its disk.
const CONFIRMS: Duration = Duration::from_millis(30);

/// All bytes of eight screens, IP headers counted: measured 14,100 and 17,300, of which 490 and 630 are for
/// the two languages that the flow has beside its own. A text browser, whose pages have no style, opens eight
/// connections for them, which are 4.5 KB of it.
const EIGHT_SCREENS: [(Agent, usize); 2] = [(Agent::Lynx, 14_300), (Agent::Chromium, 17_600)];

/// What passed in a phase, both ways.
#[derive(Clone, Copy, Debug)]
struct Passed {
    packets: usize,
    bytes: usize,
    /// Of the program's own: request and answer.
    content: usize,
    fresh: bool,
    /// The server was late, in this phase or the one before.
    late: bool,
}

fn phases(person: &Person, walk: &Walk, agent: Agent) -> Vec<Passed> {
    let mut browser = Browser::of(agent, person.server);
    let mut found: Vec<Passed> = Vec::new();
    let mut before = (0, 0, Duration::ZERO);
    let mut slow = false;
    for phase in walk.phases {
        phase.fill(&mut browser, &note(person));
        phase.send(&mut browser).expect("an answer");
        let rests = person.line.rest(browser.connection().port(), PATIENCE);
        assert!(rests, "the line does not come to rest\n{}", person.line.trace());
        let [up, down] = person.line.counts();
        assert_eq!((up.lost, down.lost, up.dropped, down.dropped), (0, 0, 0, 0));
        let now = (
            up.packets + down.packets,
            up.bytes + down.bytes,
            person.line.answering(),
        );
        let was_slow = std::mem::replace(&mut slow, now.2 - before.2 > CONFIRMS);
        let passage = browser.passages.last().expect("a request");
        found.push(Passed {
            packets: now.0 - before.0,
            bytes: now.1 - before.1,
            content: passage.sent + passage.received,
            fresh: passage.fresh,
            late: slow || was_slow,
        });
        before = now;
    }
    found
}

#[test]
#[ignore = "needs root or unshare, and /dev/net/tun: run tests/run"]
fn a_phase_is_eleven_packets_on_a_connection_of_its_own_and_three_on_one_that_is_kept() {
    let began = Instant::now();
    let plan = [
        (RENEWAL, Agent::Lynx),
        (RENEWAL, Agent::Chromium),
        (TRANSFER, Agent::Lynx),
        (TRANSFER, Agent::Chromium),
    ];
    let net = Net::lay(&plan.map(|_| Lay::of(THREE_G)));
    let all = net.each(|person| {
        let (walk, agent) = plan[person.at];
        (phases(&person, &walk, agent), person.line.trace())
    });
    for ((walk, agent), (phases, trace)) in plan.iter().zip(&all) {
        let sum: usize = phases.iter().map(|passed| passed.bytes).sum();
        let content: usize = phases.iter().map(|passed| passed.content).sum();
        for passed in phases {
            // A connection that is kept is opened once, and not closed.
            let (packets, around) = match (passed.fresh, agent.keeps()) {
                (false, _) => (3, 160),
                (true, false) => (11, 590),
                (true, true) => (7, 380),
            };
            let late = usize::from(passed.late);
            assert!(
                passed.packets <= packets + late && passed.bytes - passed.content <= around + 52 * late,
                "{} {agent:?}: {passed:?}\n{trace}",
                walk.flow
            );
        }
        let screens = phases.len();
        let packets: usize = phases.iter().map(|passed| passed.packets).sum();
        let found = format!("{screens} screens: {packets} packets, {sum} bytes, {content} of them said");
        ran(
            &format!("packets of {}, {agent:?}", walk.flow),
            screens,
            began.elapsed(),
            &found,
        );
        if let Some(most) = EIGHT_SCREENS.iter().find(|(of, _)| of == agent).map(|(_, most)| *most) {
            let late = phases.iter().filter(|passed| passed.late).count();
            assert!(
                screens != 8 || sum <= most + 52 * late,
                "{} {agent:?}: {found}",
                walk.flow
            );
        }
    }
}
