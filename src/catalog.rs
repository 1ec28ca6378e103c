//! The catalog: the definitions that are served.
//!
//! Owns reading `phases/`, checking every file, keeping the newest good flow of each name, and
//! noticing changes. Must not know sessions or the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::flow::Flow;

/// The newest good definition of each flow, by name. Cheap to read while it is being replaced.
#[derive(Debug, Default)]
pub struct Catalog {
    flows: arc_swap::ArcSwap<BTreeMap<String, Arc<Flow>>>,
}

impl Catalog {
    /// A catalog of these flows (of tests, and of `load`).
    pub fn of(flows: impl IntoIterator<Item = Flow>) -> Self {
        let flows = flows
            .into_iter()
            .map(|flow| (flow.name.clone(), Arc::new(flow)))
            .collect::<BTreeMap<_, _>>();
        Self {
            flows: arc_swap::ArcSwap::from_pointee(flows),
        }
    }

    /// The newest good definition of that name.
    pub fn flow(&self, name: &str) -> Option<Arc<Flow>> {
        self.flows.load().get(name).cloned()
    }

    /// All flows, in the order of their names.
    pub fn flows(&self) -> Arc<BTreeMap<String, Arc<Flow>>> {
        self.flows.load_full()
    }
}
