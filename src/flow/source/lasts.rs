//! How long sessions last, and what their pages offer against that: `limits` and `save`.
//!
//! Owns their keys. Must not know the bounds of a time, nor what is not given (`check`).

use super::{At, Sink, Table};

/// As it was written.
#[derive(Debug, Default)]
pub(crate) struct Lasts {
    pub idle: Option<At<String>>,
    pub total: Option<At<String>>,
    pub keep: Option<At<String>>,
    pub saved: Option<At<String>>,
    /// Pages offer more time, however much is left.
    pub more_time: bool,
    /// Pages offer to save what was answered.
    pub save: bool,
}

impl Lasts {
    pub(super) fn read(table: &mut Table<'_>, _: &Sink) -> Self {
        let limits = table.table("limits", "`limits`").map(|mut limits| {
            let lasts = Self {
                idle: limits.text("idle"),
                total: limits.text("total"),
                keep: limits.text("keep"),
                saved: limits.text("saved"),
                more_time: limits.flag("more-time").is_some_and(|flag| flag.value),
                save: false,
            };
            limits.finish();
            lasts
        });
        Self {
            save: table.flag("save").is_some_and(|flag| flag.value),
            ..limits.unwrap_or_default()
        }
    }

    /// What pages offer, by the names of the keys.
    pub(crate) fn offers(&self) -> impl Iterator<Item = &'static str> {
        let all = [("more-time", self.more_time), ("save", self.save)];
        all.into_iter().filter(|(_, offered)| *offered).map(|(name, _)| name)
    }
}
