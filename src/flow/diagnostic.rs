//! What is wrong with a definition, where, and what would be right.
//!
//! Owns [`Diagnostic`] and how it prints. Must not know what can be wrong.

use std::ops::Range;

/// One fault, or one thing that people regret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Keeps the definition from being used.
    pub error: bool,
    /// A stable code for tests and programs, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Where, in bytes of the source.
    pub span: Range<usize>,
    /// A word at the place itself.
    pub label: String,
    /// What would be right.
    pub help: Option<String>,
}
