//! Giving up and sealing: where each has a meaning.
//!
//! Owns the faults of `cancel` and `seal` at places where they would drop or reopen what they
//! must not. Must not know guards: they count as possibly true.

use super::super::diagnostic::{Diagnostic, Sink};
use super::super::source::{Action, Effect, File, Screen};
use super::asked_of;
use super::graph::{Graph, number_of};

/// Checks every action that gives up or seals.
pub(super) fn check(file: &File, graph: &Graph, sink: &Sink) {
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
}

/// Whether an action seals: by its own word, or by an effect that cannot be taken back.
fn seals(action: &Action, file: &File) -> bool {
    let mut called = file
        .effects
        .iter()
        .filter(|effect| action.call.iter().any(|named| named.value == effect.name.value));
    action.seals() || called.any(Effect::seals)
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
        .find(|branch| number_of(file, &branch.to.value).is_some_and(|to| graph.reach(to, None).contains(&n)));
    if let Some(branch) = back {
        let name = &screen.name.value;
        sink.push(
            Diagnostic::error(
                "seal-leads-back",
                &branch.to.span,
                format!(
                    "action `{}` seals screen `{name}`, but may lead back to it",
                    action.name.value
                ),
            )
            .label(if branch.to.value == *name {
                "the same screen".to_owned()
            } else {
                format!("a way leads from here to `{name}`")
            })
            .help("what is sealed cannot be changed: seal later, or take out the action that leads back"),
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
        for n in targets.flat_map(|to| graph.reach(to, None)) {
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
                sink.push(
                    Diagnostic::error(
                        "cancel-after-seal",
                        span,
                        format!(
                            "what action `{}` of screen `{}` sealed would be dropped here",
                            action.name.value, from.name.value
                        ),
                    )
                    .label("after a seal")
                    .help("take this action out, or seal later"),
                );
            }
        }
    }
}
