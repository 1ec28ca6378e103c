//! Walks as an author writes them: `NAME.walks.toml` beside the definition `NAME.toml`.
//!
//! Owns the keys of that file and every fault in it, with its place and what would be right. Must
//! not know how a walk is walked.
//!
//! ```toml
//! today = 2026-11-27
//! [effects.hold]
//! save = { price = "24.00" }
//! [walks.straight]
//! steps = [
//!   { press = "start", screen = "name" },
//!   { fill = { name = "Zoë" }, press = "continue", see = "Check your booking" },
//! ]
//! end = "completed"
//! ```

mod read;
mod values;

use jiff::civil::Date;

use super::callees::Parts;
use super::page::Filling;
use crate::flow::{At, Diagnostic, Flow, Span};

/// All walks of a file.
#[derive(Debug)]
pub struct Walks {
    /// In the order of the file; at least one.
    pub walks: Vec<Walk>,
}

/// One walk through a flow.
#[derive(Debug)]
pub struct Walk {
    /// Its name in the file.
    pub name: String,
    /// What it is about.
    pub about: Option<String>,
    /// The day that it is on; none: today.
    pub today: Option<Date>,
    /// What callees say.
    pub(super) effects: Parts,
    pub(super) steps: Vec<Step>,
    /// How the session must end.
    pub(super) end: Option<At<String>>,
}

/// One step: what is filled in, what is done, and what must come of it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) span: Span,
    pub(super) fill: Vec<(At<String>, Filling)>,
    pub(super) act: Act,
    pub(super) screen: Option<At<String>>,
    pub(super) see: Vec<At<String>>,
    pub(super) unseen: Vec<At<String>>,
    /// What must stand in fields.
    pub(super) holds: Vec<(At<String>, String)>,
}

/// What a person does.
#[derive(Debug)]
pub(super) enum Act {
    /// Looks only.
    Look,
    /// A button, by its action's name or its words.
    Press(At<String>),
    /// A link, by its words.
    Follow(At<String>),
    /// Back from a page elsewhere.
    Return,
    /// The same page in this language, with what is typed.
    Read(At<String>),
}

impl Walks {
    /// Reads the walks of a flow.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn read(source: &str, flow: &Flow) -> Result<Self, Vec<Diagnostic>> {
        read::walks(source, flow)
    }
}
