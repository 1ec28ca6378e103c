//! Giving up and sealing: where each has a meaning.
//!
//! Owns the faults of `cancel` and `seal` at places where they would drop or reopen what they
//! must not. Must not know guards: they count as possibly true.

use std::collections::BTreeMap;

use super::super::diagnostic::{Diagnostic, Sink};
use super::super::source::{Action, Effect, File, Screen, Span};
use super::asked_of;
use super::comes::leads;
use super::graph::{Graph, number_of};

/// Checks every action that gives up or seals.
pub(super) fn check(file: &File, graph: &Graph, sealed: &BTreeMap<usize, &str>, sink: &Sink) {
    for (n, screen) in file.screens.iter().enumerate() {
        for action in &screen.actions {
            if action.cancels() {
                gives_up(action, n, screen, graph, sink);
            }
            if seals(action, file) {
                leads_back(action, n, screen, file, graph, sink);
            }
        }
    }
    after_seals(file, graph, sink);
    in_vain(file, sealed, sink);
}

/// Whether an action seals: by its own word, or by an effect that cannot be taken back.
fn seals(action: &Action, file: &File) -> bool {
    action.seals() || by_effect(action, file).is_some()
}

/// The effect of an action that cannot be taken back.
fn by_effect<'f>(action: &Action, file: &'f File) -> Option<&'f str> {
    let called = |effect: &&Effect| action.call.iter().any(|named| named.value == effect.name.value);
    let effect = file.effects.iter().filter(called).find(|effect| effect.seals())?;
    Some(&effect.name.value)
}

/// The screens behind effects that cannot be taken back, each with one of them.
pub(super) fn behind_effects<'f>(file: &'f File, graph: &Graph) -> BTreeMap<usize, &'f str> {
    let mut behind = BTreeMap::new();
    for action in file.screens.iter().flat_map(|screen| &screen.actions) {
        let Some(effect) = by_effect(action, file) else {
            continue;
        };
        let targets = action
            .branches
            .iter()
            .filter_map(|branch| number_of(file, &branch.to.value));
        for n in targets.flat_map(|to| graph.after(to).iter().copied().collect::<Vec<_>>()) {
            behind.entry(n).or_insert(effect);
        }
    }
    behind
}

/// Behind an effect that stays done, `undo = true` would take back a part alone.
fn in_vain(file: &File, sealed: &BTreeMap<usize, &str>, sink: &Sink) {
    for (n, effect) in sealed {
        let actions = file.screens.get(*n).into_iter().flat_map(|screen| &screen.actions);
        for (_, lead) in actions.flat_map(leads).filter(|(_, lead)| lead.undoes()) {
            sink.push(
                Diagnostic::error(
                    "undo-after-seal",
                    &lead.to.span,
                    format!("`{effect}` may have been done before, and cannot be taken back"),
                )
                .label("undo = true cannot keep its word")
                .help(format!(
                    "name the effect that takes `{effect}` back (undo = \"...\"), or take out undo = true"
                )),
            );
        }
    }
}

/// What has not begun, or is sealed by the same action, cannot be given up.
fn gives_up(action: &Action, n: usize, screen: &Screen, graph: &Graph, sink: &Sink) {
    let span = action.cancel.as_ref().map_or(&action.name.span, |cancel| &cancel.span);
    if action.seals() {
        sink.push(
            Diagnostic::error(
                "cancel-and-seal",
                span,
                format!("action `{}` cannot both give up and seal", action.name.value),
            )
            .label("gives up what `seal` keeps")
            .help("take out `cancel`, or `seal`"),
        );
    } else if graph.start() == Some(n) && asked_of(screen).next().is_none() {
        sink.push(
            Diagnostic::error("cancel-at-start", span, "on the start page there is nothing to give up")
                .label("nothing has begun yet")
                .help("take this action out; later screens may have it"),
        );
    }
}

/// Behind a seal nothing can be changed: who comes back to it could only go round.
fn leads_back(action: &Action, n: usize, screen: &Screen, file: &File, graph: &Graph, sink: &Sink) {
    let back = action
        .branches
        .iter()
        .find(|branch| number_of(file, &branch.to.value).is_some_and(|to| graph.after(to).contains(&n)));
    if let Some(branch) = back {
        let name = &screen.name.value;
        let (message, help) = match by_effect(action, file) {
            Some(effect) => (
                format!("`{effect}` cannot be taken back, but once it is done a way leads back to screen `{name}`"),
                "name the effect that takes it back (undo = \"...\"), or take out the way that leads back",
            ),
            None => (
                format!(
                    "action `{}` seals screen `{name}`, but may lead back to it",
                    action.name.value
                ),
                "what is sealed cannot be changed: seal later, or take out the action that leads back",
            ),
        };
        sink.push(
            Diagnostic::error("seal-leads-back", &branch.to.span, message)
                .label(if branch.to.value == *name {
                    "the same screen".to_owned()
                } else {
                    format!("a way leads from here to `{name}`")
                })
                .help(help),
        );
    }
}

/// Who gives up after a seal would drop what was sealed.
fn after_seals(file: &File, graph: &Graph, sink: &Sink) {
    let sealing = file.screens.iter().flat_map(|screen| {
        let sealing = screen
            .actions
            .iter()
            .filter(|action| seals(action, file) && !action.cancels());
        sealing.map(move |action| (screen, action))
    });
    let mut told = vec![false; file.screens.len()];
    for (from, action) in sealing {
        let targets = action
            .branches
            .iter()
            .filter_map(|branch| number_of(file, &branch.to.value));
        for n in targets.flat_map(|to| graph.after(to).iter().copied().collect::<Vec<_>>()) {
            let (Some(told), Some(screen)) = (told.get_mut(n), file.screens.get(n)) else {
                continue;
            };
            if std::mem::replace(told, true) {
                continue;
            }
            for given_up in screen
                .actions
                .iter()
                .filter(|action| action.cancels() && !seals(action, file))
            {
                let span = given_up
                    .cancel
                    .as_ref()
                    .map_or(&given_up.name.span, |cancel| &cancel.span);
                sink.push(cancel_after(by_effect(action, file), action, from, span));
            }
        }
    }
}

fn cancel_after(effect: Option<&str>, action: &Action, from: &Screen, span: &Span) -> Diagnostic {
    let from = &from.name.value;
    let Some(effect) = effect else {
        let message = format!(
            "what action `{}` of screen `{from}` sealed would be dropped here",
            action.name.value
        );
        return Diagnostic::error("cancel-after-seal", span, message)
            .label("after a seal")
            .help("take this action out, or seal later");
    };
    let message = format!("`{effect}` may have been done on screen `{from}`, and cannot be taken back");
    Diagnostic::error("cancel-after-seal", span, message)
        .label("nothing can be given up any more")
        .help("take this action out, or name the effect that takes it back: undo = \"...\"")
}
