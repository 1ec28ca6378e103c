//! A line that breaks in the middle of a phase, at each place where it matters, in each phase of a
//! flow; and the same phase sent again when the line is back: done exactly once, nothing that was
//! typed is lost.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::emulator::{Cut, Side};
use super::net::{Lay, Net, Person};
use super::profile::{BAD_2G, GPRS, LAN, MODEM_9600, THREE_G};
use super::walk::{RENEWAL, TRANSFER, WINDING_RENEWAL, WINDING_TRANSFER, Walk, note};
use crate::support::agent::Agent;
use crate::support::wire::Until;
use crate::support::{App, Browser, quick, ran};

/// So small that a request and an answer are several packets each, and a line can break in one.
const SEGMENT: u16 = 200;

/// Where in a phase the line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The connection is open, the request has not begun.
    Opened,
    /// A part of the request is in.
    InRequest,
    /// The request is in and its step is on disk; nothing of the answer has passed.
    Committed,
    /// A part of the answer has passed.
    InAnswer,
}

const STAGES: [Stage; 4] = [Stage::Opened, Stage::InRequest, Stage::Committed, Stage::InAnswer];
const AGENTS: [Agent; 2] = [Agent::Lynx, Agent::Chromium];

impl Stage {
    fn cut(self, kept: Option<u16>) -> Cut {
        let (side, passed) = match self {
            Self::Opened => (Side::Up, 0),
            Self::InRequest => (Side::Up, 1),
            Self::Committed => (Side::Down, 0),
            Self::InAnswer => (Side::Down, 1),
        };
        Cut { side, passed, kept }
    }
}

/// The whole walk with the line broken once in each phase. The person who sees that nothing comes
/// any more gives up, and does the same again when the line is back.
fn breaks(person: &Person, walk: &Walk, agent: Agent, stage: Stage) {
    let line = person.line.clone();
    let until = Until(Arc::new(move || line.is_silent()));
    let mut browser = Browser::of(agent, person.server).waits(until);
    let note = note(person);
    for phase in walk.phases {
        phase.fill(&mut browser, &note);
        let before = browser.page.html.clone();
        person.line.cut(stage.cut(browser.connection().port()));
        let sent = phase.send(&mut browser);
        let said = || format!("{stage:?} {agent:?} {phase:?} {sent:?}\n{}", person.line.trace());
        assert!(sent.is_err() && person.line.is_silent(), "{}", said());
        assert_eq!(browser.connection().came > 0, stage == Stage::InAnswer, "{}", said());
        assert_eq!(browser.page.html, before, "the person still has the page");
        person.line.mend();
        let again = phase.send(&mut browser);
        again.unwrap_or_else(|why| panic!("{phase:?}: {why}\n{}", person.line.trace()));
        if browser.page.heading().starts_with("Check your") {
            let text = browser.page.text();
            let answers = walk.shown(&note);
            // The amount is put right on the second visit.
            let missing = answers.iter().filter(|a| !a.starts_with('£') && !text.contains(*a));
            assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new(), "{text}");
        }
    }
}

/// What an operator sees of a person's session.
struct Seen {
    answers: Value,
    steps: u64,
    /// Without what was put aside: a Back that a line cut off may still come in by itself when the
    /// person has long answered (TCP goes on sending it). What it carried is then a draft, as with
    /// every page that the browser kept; no draft counts.
    journal: Vec<String>,
    aside: u64,
}

/// All sessions, each with what its person wrote.
fn seen(app: &App) -> Vec<(String, Seen)> {
    let asked = |arguments: &[&str]| {
        let output = app.deity(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let parse = |line: &str| serde_json::from_str::<Value>(line).expect("a JSON line");
    let exported = asked(&["sessions", "export"]);
    let lines = exported.lines().map(parse);
    lines
        .map(|session| {
            let reference = session["reference"].as_str().expect("a reference");
            let shown = parse(&asked(&["sessions", "show", "--json", reference]));
            let entries = shown["journal"].as_array().expect("a journal").iter();
            let all = entries.map(|entry| unnumbered(entry["what"].as_str().expect("words")));
            let (aside, journal): (Vec<_>, Vec<_>) = all.partition(|what| what.starts_with("put aside"));
            let note = [&session["answers"]["line1"], &session["answers"]["note"]];
            let note = note.into_iter().find_map(Value::as_str).expect("each wrote something");
            let seen = Seen {
                answers: session["answers"].clone(),
                steps: session["steps"].as_u64().expect("a number"),
                journal,
                aside: aside.len() as u64,
            };
            (note.to_owned(), seen)
        })
        .collect()
}

/// What happened, without the number of its asking: look-ups have numbers too, and a phase that comes
/// once more (a Back that the line kept for a while) may look something up once more.
fn unnumbered(what: &str) -> String {
    let parts = what.split(" (").map(|part| match part.split_once(')') {
        Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => rest.to_owned(),
        Some(_) => format!(" ({part}"),
        None => part.to_owned(),
    });
    parts.collect()
}

/// Every session is as one whose line never broke, and the ledger has one transfer of each person.
fn exactly_once(net: &Net, people: &[(Person, Walk)], whole: &[(Person, Walk)]) {
    let seen = seen(&net.app);
    assert_eq!(
        seen.len(),
        people.len() + whole.len(),
        "a session for each, and no more"
    );
    let of = |person: &Person| {
        let mut own = seen.iter().filter(|(wrote, _)| *wrote == note(person));
        let first = &own.next().expect("a session").1;
        assert!(own.next().is_none(), "{} has two sessions", note(person));
        first
    };
    for (person, walk) in people.iter().chain(whole) {
        let session = of(person);
        let expected = walk.answers(&note(person));
        for (name, value) in expected.as_object().expect("names and values") {
            assert_eq!(&session.answers[name], value, "{name} of {}", note(person));
        }
        let (like, _) = whole
            .iter()
            .find(|(_, other)| same(other, walk))
            .expect("an unbroken walk");
        let steps = session.steps - session.aside;
        assert_eq!(steps, of(like).steps, "{:#?}", session.journal);
        assert_eq!(session.journal, of(like).journal, "{}", note(person));
    }
    let audit = deity::demo::Demo::open(&net.app.data().join("ledger.sqlite")).unwrap();
    let audit = audit.audit().unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());
    let all = || people.iter().chain(whole);
    for (person, _) in all().filter(|(_, walk)| walk.flow == TRANSFER.flow) {
        let made = audit.transfers.iter().filter(|made| made.note == note(person));
        let amounts: Vec<_> = made.map(|made| made.amount.0).collect();
        assert_eq!(amounts, [250], "{}", note(person));
    }
    let renewals = all().filter(|(_, walk)| walk.flow == RENEWAL.flow).count();
    let registered = audit.renewals.iter().filter(|renewal| renewal.state == "registered");
    assert_eq!((registered.count(), audit.renewals.len()), (renewals, renewals));
    assert_eq!(audit.transfers.len() + renewals, all().count());
}

fn same(one: &Walk, other: &Walk) -> bool {
    (one.flow, one.phases.len()) == (other.flow, other.phases.len())
}

#[test]
#[ignore = "needs root or unshare, and /dev/net/tun: run tests/run"]
fn a_line_that_breaks_anywhere_in_any_phase_loses_nothing_and_does_nothing_twice() {
    let began = Instant::now();
    // The faster line has the longer walks: what is held is not a time.
    let lines = [
        (MODEM_9600, [RENEWAL, TRANSFER]),
        (GPRS, [WINDING_RENEWAL, WINDING_TRANSFER]),
        (BAD_2G, [RENEWAL, TRANSFER]),
    ];
    let few = [(THREE_G, [WINDING_RENEWAL, WINDING_TRANSFER])];
    let lines = if quick() { &few[..] } else { &lines[..] };
    let mut plan = Vec::new();
    for &(profile, walks) in lines {
        for walk in walks {
            for stage in STAGES {
                plan.extend(AGENTS.map(|agent| (profile, walk, agent, Some(stage))));
            }
        }
    }
    let whole = [RENEWAL, TRANSFER, WINDING_RENEWAL, WINDING_TRANSFER];
    plan.extend(whole.map(|walk| (LAN, walk, Agent::Lynx, None)));
    let lay = |(at, (profile, ..)): (usize, &(_, _, _, _))| Lay::of(*profile).segment(SEGMENT).seed(at as u64);
    let net = Net::lay(&plan.iter().enumerate().map(lay).collect::<Vec<_>>());
    let phases: usize = net
        .each(|person| {
            let (_, walk, agent, stage) = &plan[person.at];
            match stage {
                Some(stage) => breaks(&person, walk, *agent, *stage),
                None => drop(walk.walk(&person, *agent, std::time::Duration::from_secs(4))),
            }
            stage.map_or(0, |_| walk.phases.len())
        })
        .into_iter()
        .sum();
    let (broken, whole): (Vec<_>, Vec<_>) = plan.iter().enumerate().partition(|(_, (.., stage))| stage.is_some());
    let people = |those: Vec<(usize, &(_, Walk, _, _))>| -> Vec<_> {
        those
            .into_iter()
            .map(|(at, (_, walk, ..))| (net.person(at), *walk))
            .collect()
    };
    let broken = people(broken);
    exactly_once(&net, &broken, &people(whole));
    let found = format!(
        "{} walks on {} kinds of line, each phase cut at one of 4 places and sent again: each once",
        broken.len(),
        lines.len()
    );
    ran("lines that break", phases, began.elapsed(), &found);
}
