//! Errands: what is to be done now, and who has it.
//!
//! Owns the lease: whose turn an open asking is, and what an abandoned one means. Must not know
//! how an errand is run.

use super::asked::{Asked, Purpose, Stage};
use super::settle::{Said, settle};
use super::{Session, ask};
use crate::flow::{Flow, Means, Value};
use crate::id::EffectKey;
use crate::limits;

/// An effect to be tried now, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// Its number in the session.
    pub number: u32,
    /// The effect to run: for a probe the one that asks.
    pub effect: String,
    /// What for.
    pub purpose: Purpose,
    /// The key of the asking.
    pub key: EffectKey,
    /// What goes out.
    pub sent: Vec<(String, Value)>,
    /// What was saved before and stands in its address or its headers.
    pub placed: Vec<(String, Value)>,
    /// Which try it is, from 1.
    pub attempt: u16,
    /// The effect that is asked about, where this asks whether it was done.
    pub about: Option<String>,
    /// An earlier try may have been done.
    pub doubt: bool,
    /// It takes back what is known to be done.
    pub surely: bool,
    /// What the return URL carries, of a hand-off that begins.
    pub door: Option<Vec<u8>>,
    /// The lease ends then, in seconds since 1970.
    pub until: i64,
}

/// Who takes errands: a number of the process's own, and whether it is alone on its store, so
/// that whatever another one had is free.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Its own, random.
    pub id: u64,
    /// Nobody else uses the store.
    pub alone: bool,
}

/// How many errands [`take`] gives at most.
pub fn wanted(flow: &Flow, session: &Session, now: i64) -> usize {
    let due = |asked: &&Asked| is_due(flow, asked, now);
    session.ready().filter(due).count()
}

/// Whether it is to be tried now. Where nobody can be asked it is only waited for.
fn is_due(flow: &Flow, asked: &Asked, now: i64) -> bool {
    matches!(asked.stage, Stage::Due { next } if next <= now)
        && flow
            .effect(&asked.effect)
            .is_some_and(|effect| !asked.probing || effect.probe.is_some())
}

/// Takes what is due: the session with the leases in it, and the errands. Nothing may be run
/// before the session is on disk.
pub fn take(flow: &Flow, session: &mut Session, now: i64, node: Node) -> Vec<Errand> {
    let open: Vec<Asked> = session.ready().cloned().collect();
    let done: Vec<u32> = open
        .iter()
        .filter(|asked| match asked.purpose {
            Purpose::Undo { of } => session
                .asking(of)
                .is_some_and(|of| matches!(of.stage, Stage::Done { .. })),
            _ => false,
        })
        .map(|asked| asked.number)
        .collect();
    let mut errands = Vec::new();
    let mut undoing = false;
    for asked in open {
        if let Purpose::Undo { .. } = asked.purpose
            && std::mem::replace(&mut undoing, true)
        {
            // In their order, one after the other.
            continue;
        }
        let Some(effect) = flow.effect(&asked.effect).filter(|_| is_due(flow, &asked, now)) else {
            continue;
        };
        let probe = asked.probing.then(|| effect.probe.clone()).flatten();
        let sent = match probe.as_ref().and_then(|probe| flow.effect(probe)) {
            Some(probe) => ask::asks(flow, session, (probe, &asked), now),
            None => asked.sent.clone(),
        };
        let placed = placed(flow, session, (probe.as_deref().unwrap_or(&effect.name), &asked), now);
        let timeout = [Some(&effect.name), probe.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|name| flow.effect(name))
            .map(|effect| effect.timeout.as_secs())
            .max();
        let until = now
            .saturating_add(timeout.unwrap_or(0))
            .saturating_add(limits::LEASE_SECONDS);
        let key = session.effect_key(&asked);
        let Some(leased) = session.asked.iter_mut().find(|other| other.number == asked.number) else {
            continue;
        };
        leased.stage = Stage::Running { until, node: node.id };
        leased.attempts = leased.attempts.saturating_add(1);
        if probe.is_none() {
            leased.tries = leased.tries.saturating_add(1);
        }
        errands.push(Errand {
            number: asked.number,
            effect: probe.clone().unwrap_or_else(|| effect.name.clone()),
            purpose: asked.purpose,
            key,
            attempt: leased.attempts,
            doubt: asked.doubt,
            surely: done.contains(&asked.number),
            door: asked.away.map(|away| away.door).filter(|_| probe.is_none()),
            about: probe.is_some().then(|| effect.name.clone()),
            sent,
            placed,
            until,
        });
    }
    errands
}

/// The saved values that stand in the address of the effect that is run.
fn placed(flow: &Flow, session: &Session, (run, asked): (&str, &Asked), now: i64) -> Vec<(String, Value)> {
    let names = flow.effect(run).map(|run| run.placed()).unwrap_or_default();
    if names.is_empty() {
        return Vec::new();
    }
    let known = ask::known(flow, session, asked, now);
    let with = |name: &str| Some((name.to_owned(), known.get(name)?.clone()));
    names.into_iter().filter_map(with).collect()
}

/// What is heard of a try whose server is gone.
const ENDED: &str = "the server was ended before it had written down an answer";
/// The same of a program, which does not outlive its server.
const KILLED: &str = "the program was ended with its server before its answer was written down";
/// What is heard of a try whose lease is over.
const LOST: &str = "no answer was written down in time: the server that asked may have been ended";

/// Whether a program does what is under way.
fn is_run(flow: &Flow, asked: &Asked) -> bool {
    let effect = flow.effect(&asked.effect);
    let probe = effect
        .filter(|_| asked.probing)
        .and_then(|effect| effect.probe.as_ref());
    let run = probe.and_then(|probe| flow.effect(probe)).or(effect);
    run.is_some_and(|run| matches!(run.means, Means::Run { .. }))
}

/// Whatever a runner had and did not bring to an end may have been done or not.
pub fn lapse(flow: &Flow, session: &Session, now: i64, node: Node, dice: u64) -> Option<Session> {
    let mut changed: Option<Session> = None;
    for asked in &session.asked {
        let lost = match asked.stage {
            Stage::Running { node: whose, .. } if node.alone && whose != node.id && is_run(flow, asked) => Some(KILLED),
            Stage::Running { node: whose, .. } if node.alone && whose != node.id => Some(ENDED),
            Stage::Running { until, .. } if until <= now => Some(LOST),
            _ => None,
        };
        // A hand-off without a probe is only waited for.
        let over = matches!(asked.stage, Stage::Due { next } if next <= now)
            && asked.probing
            && flow.effect(&asked.effect).is_some_and(|effect| effect.probe.is_none());
        if lost.is_some() || over {
            let before = changed.as_ref().unwrap_or(session);
            let why = lost.unwrap_or("nobody came back in time");
            let said = Said::Unknown {
                why: why.to_owned(),
                pause: None,
            };
            changed = settle(flow, before, asked.number, said, now, dice).or(changed);
        }
    }
    changed
}
