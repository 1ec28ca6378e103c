//! What the tests share: the real server in a directory of its own, a browser that follows forms,
//! and the ledger of what ran how often.

mod ledger;

#[allow(unused_imports, reason = "the first suites are on their way")]
pub use ledger::{quick, ran, rounds};
