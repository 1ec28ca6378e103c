//! The integration tests: one binary, a module per feature. A test's name is a behaviour.
//!
//! What needs a browser or minutes is ignored with the reason: plain `cargo test` names it
//! and leaves it out, `tests/run` runs everything.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::type_complexity,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails loudly and says why; nobody links against it"
)]

mod support;

mod browser;
mod catalog;
mod cli;
mod clock;
mod comes;
mod crash;
mod days;
mod definition;
mod definition_digest;
mod definition_mutated;
#[cfg(feature = "demo")]
mod demo;
mod drawn;
mod effects;
mod expression;
mod fault;
mod field;
mod formats;
mod forms;
mod hostile;
mod http;
mod journey;
mod languages;
mod line;
mod list;
mod model;
mod page;
mod papers;
mod person;
mod rehearse;
mod saved;
mod share;
mod site;
mod sorted;
mod store;
mod table;
mod tidy;
mod transport;
mod walks;
