//! Deity: a durable multi-phase transaction engine for plain HTML forms.
//!
//! `ARCHITECTURE.md` is the map. One phase is one line through the modules below:
//! `http` reads a request, [`engine`] loads the session, [`machine`] decides,
//! [`store`] makes the decision durable, `view` draws the page.

pub mod catalog;
pub mod cells;
pub mod cli;
#[cfg(feature = "demo")]
pub mod demo;
pub mod effect;
pub mod engine;
pub mod flow;
pub mod http;
pub mod id;
pub mod limits;
pub mod line;
pub mod machine;
pub mod operator;
pub mod rehearse;
pub mod settings;
pub mod site;
pub mod store;
pub mod texts;
pub mod view;
pub mod words;
