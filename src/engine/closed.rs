//! Flows that nobody can start at present, and whom people may ask.
//!
//! Owns what the operator's world says to the driver: which flows lack something. Must not know what
//! they lack (`effect`).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Engine, Reply};
use crate::flow::{Flow, Form};

/// A flow that nobody can start at present.
#[derive(Clone, Debug)]
pub struct Closed {
    /// Which.
    pub flow: Arc<Flow>,
    /// Whom people may ask, in the operator's words.
    pub contact: Option<Arc<str>>,
    /// What was to be carried into a new session.
    pub typed: Form,
}

impl Engine {
    /// With whom people may ask, in the operator's words.
    #[must_use]
    pub fn with_contact(self, contact: Option<&str>) -> Self {
        let contact = contact.map(Arc::from);
        Self { contact, ..self }
    }

    /// Whom people may ask, in the operator's words.
    pub fn contact(&self) -> Option<&Arc<str>> {
        self.contact.as_ref()
    }

    /// From now on no session of these flows is started, and of all others. Live ones go on.
    pub fn close(&self, flows: BTreeSet<String>) {
        if **self.closed.load() != flows {
            self.closed.store(Arc::new(flows));
        }
    }

    /// Whether sessions of that flow are not started at present: it lacks something, or the site is under
    /// maintenance.
    pub fn is_closed(&self, flow: &str) -> bool {
        self.closed.load().contains(flow) || self.catalog.site().maintenance.is_some()
    }

    pub(super) fn closed(&self, flow: Arc<Flow>, typed: Form) -> Reply {
        Reply::Closed(Box::new(Closed {
            flow,
            contact: self.contact.clone(),
            typed,
        }))
    }
}
