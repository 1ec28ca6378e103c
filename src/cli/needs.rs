//! What flows need of their operator: told at the start, and whenever it becomes other.
//!
//! Owns when that is looked at, and its words. Must not know what can be missing (`effect`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::says;
use crate::effect::{Lack, Outside};
use crate::engine::Engine;
use crate::flow::{Diagnostic, Flow};

/// Looks after the needs of the flows of an engine.
#[derive(Debug)]
pub(super) struct Needs {
    engine: Engine,
    outside: Arc<Outside>,
    /// Lines that programs read, in place of words for people.
    json: bool,
    /// What was told, by flow.
    told: Mutex<BTreeMap<String, Vec<Lack>>>,
}

impl Needs {
    pub(super) fn new(engine: Engine, outside: Arc<Outside>, json: bool) -> Self {
        Self {
            engine,
            outside,
            json,
            told: Mutex::default(),
        }
    }

    /// Looks at all flows; no new session starts of one that would come to nothing. Tells what has
    /// changed since the last look. Asks the file system: not for a thread that answers requests.
    pub(super) fn look(&self) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = BTreeMap::new();
        let mut closed = BTreeSet::new();
        for (name, flow) in self.engine.catalog().flows().iter() {
            let lacks = self.outside.lacks(flow);
            if lacks.iter().any(|lack| lack.stops) {
                closed.insert(name.clone());
            }
            if !lacks.is_empty() {
                found.insert(name.clone(), lacks);
            }
        }
        self.engine.close(closed);
        for (flow, lacks) in &found {
            if told.get(flow) != Some(lacks) {
                for lack in lacks {
                    self.tell(flow, lack);
                }
            }
        }
        for flow in told.keys().filter(|flow| !found.contains_key(*flow)) {
            tracing::info!(flow, "nothing that it needs is missing any more");
        }
        *told = found;
    }

    fn tell(&self, flow: &str, lack: &Lack) {
        let Lack { effect, stops, why } = lack;
        match (self.json, stops) {
            (true, true) => tracing::error!(flow, effect, why, "no session of this flow can be started"),
            (true, false) => tracing::warn!(flow, effect, why, "this will fail when it is asked for"),
            (false, true) => {
                says::aside(&format!("error: flow {flow} cannot be started: effect {effect}: {why}"));
            }
            (false, false) => says::aside(&format!("warning: effect {effect} of flow {flow} will fail: {why}")),
        }
    }
}

/// The same as findings in a definition, each at its effect.
pub(super) fn diagnostics(flow: &Flow, outside: &Outside) -> Vec<Diagnostic> {
    let one = |lack: Lack| {
        let head = format!("effects.{}", lack.effect);
        let at = flow.source.find(&head).map_or(0..0, |at| at..at + head.len());
        let words = format!("effect {}: {}", lack.effect, lack.why);
        if lack.stops {
            Diagnostic::error("environment", &at, words).help(
                "no session of this flow is started before that is there; docs/operators.md tells of the settings",
            )
        } else {
            Diagnostic::warning("environment", &at, words).help("the flow is served, and this effect will fail")
        }
    };
    outside.lacks(flow).into_iter().map(one).collect()
}
