//! What the tests share: the real server in a directory of its own ([`app`]), a browser that
//! follows forms ([`browser`]) and may send what lynx or Chromium sends ([`agent`]), HTTP as bytes
//! ([`wire`]), certificates ([`tls`]), a parsed page ([`html`]), and the ledger of what ran how often.
#![allow(dead_code, reason = "each suite uses what it needs")]

pub mod agent;
pub mod app;
pub mod browser;
pub(crate) mod desk;
pub mod faulty;
pub mod files;
pub mod html;
mod ledger;
mod page;
pub mod tls;
pub mod wire;

#[allow(unused_imports, reason = "each suite uses what it needs")]
pub use {
    app::{App, eventually},
    browser::Browser,
    ledger::{long, quick, ran, rounds},
};
