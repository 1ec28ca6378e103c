//! The pages: HTML for whatever the engine answers.
//!
//! Owns every page and its style: one struct per template. Pure: the clock, the ids and all
//! decisions come in with the reply. Must not know the store, HTTP or status numbers.

use std::sync::Arc;

use crate::engine::Reply;
use crate::flow::Flow;

/// A page, drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// How the request came out.
    pub status: Status,
    /// The whole document, in UTF-8.
    pub html: String,
    /// Of a flow marked `private`: caches may not keep it.
    pub private: bool,
    /// The session is over: a `private` one asks the browser to forget what it cached.
    pub over: bool,
}

/// How a request came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done, or shown.
    Done,
    /// Fields did not pass.
    Invalid,
    /// Not applied.
    Conflict,
    /// The session is over.
    Gone,
    /// Nothing there, or nothing for this id.
    NotFound,
    /// Not a request that could be judged.
    Problem(Problem),
}

/// Why a request could not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Not a request that any page of ours sends.
    Bad,
    /// A form of another site.
    Foreign,
    /// Another method than GET, HEAD or POST.
    Method,
    /// It took too long to arrive.
    Slow,
    /// More was sent than a form may hold.
    TooLarge,
    /// The address is too long.
    TargetTooLong,
    /// Not sent as a form.
    MediaType,
    /// For another host.
    Misdirected,
    /// The header is too large.
    HeaderTooLarge,
    /// Too much to do; later.
    Busy,
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Bad,
        Self::Foreign,
        Self::Method,
        Self::Slow,
        Self::TooLarge,
        Self::TargetTooLong,
        Self::MediaType,
        Self::Misdirected,
        Self::HeaderTooLarge,
        Self::Busy,
    ];
}

/// The page of a reply.
pub fn page(reply: &Reply) -> Drawn {
    let _ = reply;
    error(Problem::Busy)
}

/// The list of flows that can be started.
pub fn index(flows: &[Arc<Flow>]) -> Drawn {
    let _ = flows;
    error(Problem::Busy)
}

/// The page of a request that could not be judged.
pub fn error(problem: Problem) -> Drawn {
    Drawn {
        status: Status::Problem(problem),
        html: String::new(),
        private: false,
        over: false,
    }
}
