//! The real process, killed and cut off under load: nothing that it acknowledged is lost, nothing
//! is done twice.
//!
//! The list of what was acknowledged is kept here, outside the server. Each suite also runs
//! against a server with a fault planted (`DEITY_PLANT`, in debug builds only), and must notice.

pub(crate) mod dice;
mod disk;
pub(crate) mod journey;
mod kill;
mod lengths;
mod powercut;
pub(crate) mod server;
mod trace;
pub(crate) mod walker;

/// People who walk through the flow at once.
pub(crate) const WALKERS: usize = 16;

/// The faults that every suite must notice, by their names in `DEITY_PLANT`.
const PLANTED: [&str; 3] = ["no-sync", "reply-first", "no-outcome"];

/// Rounds of a suite: of `tests/run --quick`, of a full run, or as many as the environment says.
pub(crate) fn rounds(variable: &str, full: usize, few: usize) -> usize {
    let asked = std::env::var(variable).ok().and_then(|text| text.parse().ok());
    asked.unwrap_or_else(|| crate::support::rounds(full, few))
}

/// Faults can be planted in debug builds only: in others the proof that a suite would notice is
/// left out, and said to be.
pub(crate) fn can_plant(suite: &str) -> bool {
    if !cfg!(debug_assertions) {
        println!("{suite}: skipped, a release build has no planted faults");
    }
    cfg!(debug_assertions)
}
