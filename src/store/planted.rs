//! Planted faults: the store, or what is to be on it, done wrong on purpose, so that a test can show
//! that it would notice.
//!
//! Owns the names. Only a build with debug assertions can be told to do wrong, by `DEITY_PLANT`
//! in its environment; in a release build there is nothing to switch on.

/// What can be done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Answers are given for what was neither flushed nor synced.
    NoSync,
    /// As sled's manual has it: flushed, which on Linux syncs nothing.
    FlushOnly,
    /// Answers are given first and made durable after.
    ReplyFirst,
    /// Sessions are written without the outcomes of their actions.
    NoOutcome,
    /// Each try of an effect has a key of its own.
    NewKey,
    /// What is to be taken back is begun and not written down.
    UndoUnwritten,
}

/// Whether this one was asked for.
#[cfg(debug_assertions)]
pub(crate) fn planted(fault: Fault) -> bool {
    use std::sync::LazyLock;
    static ASKED: LazyLock<Option<Fault>> = LazyLock::new(|| match std::env::var("DEITY_PLANT").ok()?.as_str() {
        "no-sync" => Some(Fault::NoSync),
        "flush-only" => Some(Fault::FlushOnly),
        "reply-first" => Some(Fault::ReplyFirst),
        "no-outcome" => Some(Fault::NoOutcome),
        "new-key" => Some(Fault::NewKey),
        "undo-unwritten" => Some(Fault::UndoUnwritten),
        _ => None,
    });
    *ASKED == Some(fault)
}

/// Never.
#[cfg(not(debug_assertions))]
pub(crate) const fn planted(_: Fault) -> bool {
    false
}
