//! Rehearsals: a flow walked before its users walk it, and what each page costs over a line.
//!
//! Owns the walk through the real pages in this process ([`rehearse`]), by browsers that send what
//! real ones send; the reading of walks ([`Walks`]); inputs that are made up where there is none;
//! and the figures ([`Report`]), their budget and their picture. Must not know the command line.
//!
//! `walks` (a file) or `wander` (made up, with `made`) → `steps` (in each language) → `play` (a `browser` with
//! its `page` and the `ways` on from it on the `stage`, whose `callees` are played) → `report` (the model of [`crate::line`]) →
//! `budget`, `plot`.

mod browser;
mod budget;
mod callees;
mod made;
mod page;
mod play;
mod plot;
mod report;
mod socket;
mod stage;
mod steps;
mod walks;
mod wander;
mod ways;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use crate::flow::{Diagnostic, Flow};
use crate::http;
use crate::site::Site;

pub use browser::Kind;
pub use budget::{BadBudget, Budget, Over};
pub use callees::{Part, Parts, Says};
pub use page::Filling;
pub use plot::plot;
pub use report::{Report, Row, Terms, Tour};
pub use walks::{Walk, Walks};
pub use wander::Stuck;

/// Where a rehearsal takes place.
#[derive(Clone, Debug)]
pub struct Theatre {
    /// The flow.
    pub flow: Arc<Flow>,
    /// What the office says of itself.
    pub site: Arc<Site>,
    /// The server's settings.
    pub settings: http::Settings,
    /// What the browsers take the server for, such as `https://forms.example.org`.
    pub origin: String,
    /// The day, where a walk says no other.
    pub today: Date,
    /// A server that really runs, to be asked in place of the one in this process.
    pub against: Option<Against>,
}

/// A server that really runs.
#[derive(Clone, Debug)]
pub struct Against {
    /// Host and port.
    pub address: String,
    /// What the person takes for a page.
    pub think: Duration,
}

/// What one request and its answer were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The words of the button or link, or `open`.
    pub act: String,
    /// The heading of the page that came.
    pub page: String,
    /// The status of the answer.
    pub status: u16,
    /// Bytes of the request.
    pub request: u64,
    /// Bytes of the answer, as sent.
    pub answer: u64,
    /// How long the server waited for a slow callee.
    pub waited: Duration,
    /// How long it took, where a real server was asked.
    pub took: Option<Duration>,
    /// Fetched while the person reads: nobody waits for it.
    pub passing: bool,
}

/// What a visit leaves in a browser for a later one.
#[derive(Clone, Debug)]
struct Offer(Option<browser::Dictionary>);

/// How a browser comes to the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// Nothing is kept from before.
    First,
    /// It has been here: its connection is open, and it has what may be kept.
    Later,
}

/// One walk by one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// Who.
    pub browser: Kind,
    /// For the first time or not.
    pub visit: Visit,
    /// The phases, in order.
    pub phases: Vec<Phase>,
}

/// Walks a walk in one of the flow's languages with each of the browsers: lynx, which keeps nothing, once;
/// Chromium twice.
///
/// # Errors
/// The first step that is not as the walk says, at its place in the file.
pub async fn rehearse(
    theatre: &Theatre,
    walk: &Walk,
    browsers: &[Kind],
    language: &str,
) -> Result<Vec<Walked>, Diagnostic> {
    let mut walked = Vec::new();
    for browser in browsers {
        let (phases, leaves) = steps::walk(theatre, walk, (*browser, language), None).await?;
        walked.push(Walked {
            browser: *browser,
            visit: Visit::First,
            phases,
        });
        // A real server's connection is closed again by then.
        if *browser == Kind::Modern && theatre.against.is_none() {
            let (phases, _) = steps::walk(theatre, walk, (*browser, language), Some(leaves)).await?;
            walked.push(Walked {
                browser: *browser,
                visit: Visit::Later,
                phases,
            });
        }
    }
    Ok(walked)
}

/// Makes a walk up from the definition.
///
/// # Errors
/// The screen that could not be passed, and why.
pub async fn make_up(theatre: &Theatre) -> Result<Walk, Stuck> {
    wander::walk(theatre).await
}

/// A walk as it would stand in a file: to begin one's own with.
pub fn draft(walk: &Walk) -> String {
    wander::draft(walk)
}
