//! What flows need of their operator: told at the start, and whenever it becomes other.
//!
//! Owns when that is looked at, and its words. Must not know what can be missing (`effect`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::weight::place;
use super::{Failure, says};
use crate::effect::{Lack, Outside};
use crate::engine::Engine;
use crate::flow::{Diagnostic, Flow, Screen};
use crate::limits::Http;

/// What a flow lacks, and which of its screens are too large for the limits.
type Amiss = (Vec<Lack>, Vec<String>);

/// Looks after the needs of the flows of an engine.
#[derive(Debug)]
pub(super) struct Needs {
    engine: Engine,
    outside: Arc<Outside>,
    /// Lines that programs read, in place of words for people.
    json: bool,
    limits: Http,
    /// What was told, by flow.
    told: Mutex<BTreeMap<String, Amiss>>,
}

impl Needs {
    pub(super) fn new(engine: Engine, outside: Arc<Outside>, limits: &Http, json: bool) -> Self {
        Self {
            engine,
            outside,
            json,
            limits: limits.clone(),
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
            let tight: Vec<_> = tight(flow, &self.limits).into_iter().map(|(_, why)| why).collect();
            if !(lacks.is_empty() && tight.is_empty()) {
                found.insert(name.clone(), (lacks, tight));
            }
        }
        self.engine.close(closed);
        for (flow, lacks) in &found {
            if told.get(flow) != Some(lacks) {
                let (lacks, tight) = lacks;
                for lack in lacks {
                    self.tell(flow, lack);
                }
                for why in tight {
                    if self.json {
                        tracing::warn!(flow, why, "who fills in such a form gets an error page");
                    } else {
                        says::aside(&format!("warning: flow {flow}: {why}"));
                    }
                }
            }
        }
        for flow in told.keys().filter(|flow| !found.contains_key(*flow)) {
            tracing::info!(flow, "nothing that it needs is missing any more");
        }
        *told = found;
    }

    /// Looks once where the names of callees lead, and tells which lead nowhere.
    pub(super) async fn look_at_names(&self) {
        for (name, flow) in self.engine.catalog().flows().iter() {
            for Lack { effect, why, .. } in self.outside.astray(flow).await {
                tracing::warn!(
                    flow = name,
                    effect,
                    why,
                    "as things are this will fail when it is asked for"
                );
            }
        }
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
pub(super) fn diagnostics(flow: &Flow, outside: &Outside) -> Result<Vec<Diagnostic>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let astray = runtime.block_on(outside.astray(flow));
    // A resolver that hangs keeps nobody waiting.
    runtime.shutdown_background();
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
    Ok(outside.lacks(flow).into_iter().chain(astray).map(one).collect())
}

/// The limits of an operator that are smaller than a flow's screens need, as findings in its definition.
pub(super) fn limits(flow: &Flow, limits: &Http) -> Vec<Diagnostic> {
    let one = |(screen, why): (&Screen, String)| {
        Diagnostic::warning("limits", &place(&flow.source, screen), why)
            .help("who fills it in gets an error page: raise the limit, or leave it out, then it follows the flows")
    };
    tight(flow, limits).into_iter().map(one).collect()
}

/// The screens whose forms may be larger than what the operator lets through, and why.
fn tight<'a>(flow: &'a Flow, limits: &Http) -> Vec<(&'a Screen, String)> {
    let mut found = Vec::new();
    for screen in &flow.screens {
        let posts = screen.posts();
        let name = &screen.name;
        if limits.fixed.fields && posts.fields > limits.fields {
            let why = format!(
                "the form of `{name}` sends up to {} fields, and limits.fields lets {} through",
                posts.fields, limits.fields
            );
            found.push((screen, why));
        }
        if limits.fixed.body_bytes && posts.bytes > limits.body_bytes {
            let why = format!(
                "the form of `{name}` sends up to {} KiB, and limits.body-bytes lets {} KiB through",
                posts.bytes.div_ceil(1024),
                limits.body_bytes >> 10
            );
            found.push((screen, why));
        }
    }
    found
}
