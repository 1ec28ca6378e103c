//! What the log tells of a request.
//!
//! Owns that none of it is a secret, nor made up by a client. Must not know how it is written.

use crate::engine::Reply;

/// What the log tells of a request: none of it a secret.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) flow: String,
    pub(super) reference: String,
}

impl Told {
    /// Of a flow that there is: what a client made up is not logged.
    pub(super) fn of(reply: &Reply) -> Self {
        let (flow, reference) = match reply {
            Reply::Session(shown) => (Some(&shown.flow), shown.session.at.reference()),
            Reply::Start(start) => (Some(&start.flow), String::new()),
            Reply::Cut { flow, reference, .. } => (Some(flow), reference.clone()),
            Reply::Closed(closed) => (Some(&closed.flow), String::new()),
            Reply::Lost(lost) => (lost.flow.as_ref(), lost.reference.clone()),
            Reply::NoReturn { .. } => (None, String::new()),
            Reply::Returning(back) => (Some(&back.flow), String::new()),
            Reply::NotFound { flow, .. } | Reply::Busy { flow, .. } => (flow.as_ref(), String::new()),
            Reply::Tampered { flow, reference } => (flow.as_ref(), reference.clone()),
        };
        Self {
            flow: flow.map(|flow| flow.name.clone()).unwrap_or_default(),
            reference,
        }
    }
}
