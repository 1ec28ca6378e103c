//! Planted faults: the store done wrong on purpose, so that a test can show that it would notice.
//!
//! Owns the names. Only a build with debug assertions can be told to do wrong, by `DEITY_PLANT`
//! in its environment; in a release build there is nothing to switch on.

/// What can be done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Answers are given for what was neither flushed nor synced.
    NoSync,
    /// As sled's manual has it: flushed, which on Linux syncs nothing.
    FlushOnly,
    /// Answers are given first and made durable after.
    ReplyFirst,
    /// Sessions are written without the outcomes of their actions.
    NoOutcome,
}

/// Whether this one was asked for.
#[cfg(debug_assertions)]
pub(super) fn planted(fault: Fault) -> bool {
    use std::sync::LazyLock;
    static ASKED: LazyLock<Option<Fault>> = LazyLock::new(|| match std::env::var("DEITY_PLANT").ok()?.as_str() {
        "no-sync" => Some(Fault::NoSync),
        "flush-only" => Some(Fault::FlushOnly),
        "reply-first" => Some(Fault::ReplyFirst),
        "no-outcome" => Some(Fault::NoOutcome),
        _ => None,
    });
    *ASKED == Some(fault)
}

/// Never.
#[cfg(not(debug_assertions))]
pub(super) const fn planted(_: Fault) -> bool {
    false
}
