//! `[actions]`: what every screen of a flow offers.
//!
//! Owns putting these actions behind the screens' own, and which screens are to the side: those to
//! which such an action leads and that have nothing to do themselves. Must not know what they do.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeValue;

use super::table::Table;
use super::{Action, At, File, Item, Screen, action};
use crate::flow::diagnostic::{Diagnostic, Sink, did_you_mean};

/// Reads the actions of a flow.
pub(super) fn read(file: &mut Table<'_>, sink: &Sink) -> Vec<Action> {
    let Some(actions) = file.table("actions", "`actions`") else {
        return Vec::new();
    };
    let read = actions
        .all()
        .filter_map(|(name, value)| action::read(name, value, sink));
    read.map(looks_like_a_link).collect()
}

/// Beside what its page is about, unless it says otherwise.
fn looks_like_a_link(mut action: Action) -> Action {
    let kind = At {
        value: "link".to_owned(),
        span: action.name.span.clone(),
    };
    action.kind.get_or_insert(kind);
    action
}

/// The actions of a screen, and the names of those that it takes off: `actions.cancel = false`.
pub(super) fn of_screen(table: &mut Table<'_>, sink: &Sink) -> (Vec<Action>, Vec<At<String>>) {
    let Some(actions) = table.table("actions", "`actions`") else {
        return (Vec::new(), Vec::new());
    };
    let (mut own, mut off) = (Vec::new(), Vec::new());
    for (name, value) in actions.all() {
        if is_off(value) {
            off.push(name);
        } else {
            own.extend(action::read(name, value, sink));
        }
    }
    (own, off)
}

/// `actions.NAME = false`.
pub(super) fn is_off(value: &Spanned<DeValue<'_>>) -> bool {
    matches!(value.get_ref(), DeValue::Boolean(false))
}

impl File {
    /// Gives every screen that leads on the actions of the flow that it does not have or take off
    /// itself. A start page has none of them: nothing has begun there.
    pub(crate) fn share_actions(&mut self, sink: &Sink) {
        self.unknown_off(sink);
        let start = match &self.start {
            Some(start) => Some(start.value.clone()),
            None => self.screens.first().map(|screen| screen.name.value.clone()),
        };
        let targets: BTreeSet<String> = self.actions.iter().filter_map(sole_target).cloned().collect();
        for screen in &mut self.screens {
            screen.aside = is_bare(screen) && targets.contains(&screen.name.value);
            let starts = Some(&screen.name.value) == start.as_ref() && !asks(screen);
            if screen.actions.is_empty() || screen.end.is_some() || starts {
                continue;
            }
            for action in &self.actions {
                let name = &action.name.value;
                let mut known = screen.actions.iter().map(|own| &own.name).chain(&screen.off);
                if known.all(|known| known.value != *name) && sole_target(action) != Some(&screen.name.value) {
                    screen.actions.push(action.clone());
                }
            }
        }
    }

    fn unknown_off(&self, sink: &Sink) {
        let names = || self.actions.iter().map(|action| action.name.value.as_str());
        for off in self.screens.iter().flat_map(|screen| &screen.off) {
            if names().all(|name| name != off.value) {
                let message = format!("the flow has no action `{}` that could be taken off", off.value);
                sink.push(
                    Diagnostic::error("unknown-action", &off.span, message)
                        .label("not in [actions]")
                        .maybe_help(did_you_mean(&off.value, names())),
                );
            }
        }
    }
}

/// The one screen to which an action leads, where it leads there always and does nothing else.
fn sole_target(action: &Action) -> Option<&String> {
    match action.branches.as_slice() {
        [only] if only.when.is_none() && action.call.is_empty() && !action.seals() => Some(&only.to.value),
        _ => None,
    }
}

/// Nothing can be done on a screen, and it ends nothing.
fn is_bare(screen: &Screen) -> bool {
    screen.actions.is_empty()
        && screen.list.is_none()
        && screen.tasks.is_empty()
        && screen.end.is_none()
        && !screen.review
        && screen.summary.is_none()
        && screen.when.is_none()
        && !asks(screen)
}

fn asks(screen: &Screen) -> bool {
    let asked = |item: &Item| match item {
        Item::Field(field) => field.kind.role() != crate::flow::field::Role::Computed,
        Item::Block(_) => false,
    };
    screen.items.iter().any(asked)
}
