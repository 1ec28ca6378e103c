//! Where an effect may be done, and where it may not.
//!
//! Owns the walk over screens with and without what an effect saved. Guards count as possibly
//! true. Must not know who reads what was saved: that is `reads`'s.

use std::collections::BTreeMap;

use super::super::source::{Action, At, Effect, File, Lead};
use super::absent::way_past;

/// What a person may find on a screen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// Some way leads there on which the effect is done, and was not taken back.
    pub with: bool,
    /// Some way leads there on which it is not.
    pub without: bool,
}

/// The walks, each made once.
pub(super) struct Comings<'a> {
    file: &'a File,
    /// The number of the screen where it begins.
    start: usize,
    numbers: BTreeMap<&'a str, usize>,
    known: BTreeMap<&'a str, Vec<Found>>,
}

impl<'a> Comings<'a> {
    pub(super) fn new(file: &'a File, start: usize) -> Self {
        let names = file.screens.iter().map(|screen| screen.name.value.as_str());
        Self {
            file,
            start,
            numbers: names.zip(0..).collect(),
            known: BTreeMap::new(),
        }
    }

    /// What is found of `effect` on the screen of number `screen`.
    pub(super) fn on(&mut self, effect: &'a Effect, screen: usize) -> Found {
        let name = effect.name.value.as_str();
        if !self.known.contains_key(name) {
            let walked = self.walk(effect);
            self.known.insert(name, walked);
        }
        let all = self.known.get(name);
        all.and_then(|all| all.get(screen)).copied().unwrap_or_default()
    }

    fn walk(&self, effect: &Effect) -> Vec<Found> {
        let mut found = vec![Found::default(); self.file.screens.len()];
        let mut open = vec![(self.start, false)];
        while let Some((n, before)) = open.pop() {
            let (Some(screen), Some(here)) = (self.file.screens.get(n), found.get_mut(n)) else {
                continue;
            };
            let done = before || names(&screen.load, effect);
            let seen = if done { &mut here.with } else { &mut here.without };
            if !std::mem::replace(seen, true) {
                for action in &screen.actions {
                    self.leads(action, effect, done, &mut open);
                }
                // Passed by, a screen loads nothing.
                if let Some(way) = way_past(screen) {
                    self.leads(way, effect, before, &mut open);
                }
            }
        }
        found
    }

    fn leads(&self, action: &Action, effect: &Effect, done: bool, open: &mut Vec<(usize, bool)>) {
        let number = |to: &At<String>| self.numbers.get(to.value.as_str()).copied();
        let after = done || names(&action.call, effect);
        let branches = action.branches.iter().filter_map(|branch| number(&branch.to));
        open.extend(branches.map(|to| (to, after)));
        for lead in [&action.declined, &action.failed].into_iter().flatten() {
            let Some(to) = number(&lead.to) else { continue };
            // An end shows what was known when it was reached.
            let end = self.file.screens.get(to).is_some_and(|screen| screen.end.is_some());
            open.push((to, done && (end || !lead.undoes() || effect.undo.is_none())));
        }
    }
}

fn names(all: &[At<String>], effect: &Effect) -> bool {
    all.iter().any(|named| named.value == effect.name.value)
}

/// Where an action leads if its effect is not done, each with its key.
pub(super) fn leads(action: &Action) -> impl Iterator<Item = (&'static str, &Lead)> {
    let all = [("declined", &action.declined), ("failed", &action.failed)];
    all.into_iter().filter_map(|(key, lead)| Some((key, lead.as_ref()?)))
}
