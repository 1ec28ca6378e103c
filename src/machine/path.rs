//! The path: the fold over a flow and its answers.
//!
//! Owns [`Path`]. It is computed at each phase and never stored.

use super::Place;
use crate::flow::Values;

/// The screens from the start to the first that is not answered validly, or to an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// In order; never empty for a valid flow.
    pub visits: Vec<Visit>,
    /// The answers that count, and the computed values.
    pub values: Values,
}

/// A screen on the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub place: Place,
    /// Its number in the flow.
    pub screen: u16,
}
