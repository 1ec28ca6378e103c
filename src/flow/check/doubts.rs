//! Warnings about effects: what may end in doubt, what stays done, what is taken back in vain.
//!
//! Owns advice for whoever plans how work outside goes wrong. Must not know faults: nothing here
//! keeps a definition from being used.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diagnostic::{Diagnostic, Sink};
use super::super::source::{Effect, File, Lead, Screen};
use super::comes::{Comings, leads};
use super::graph::{Graph, number_of};

/// Warns of every effect, and of every way on which one was not done.
pub(super) fn check(file: &File, graph: &Graph, sealed: &BTreeMap<usize, &str>, sink: &Sink) {
    for effect in &file.effects {
        in_doubt(file, effect, sink);
    }
    let Some(start) = graph.start() else { return };
    let mut comings = Comings::new(file, start);
    for (n, screen) in file.screens.iter().enumerate() {
        for action in &screen.actions {
            let waits =
                |effect: &&Effect| effect.waits() && action.call.iter().any(|named| named.value == effect.name.value);
            let Some(called) = file.effects.iter().find(waits) else {
                continue;
            };
            let earlier: Vec<&Effect> = file
                .effects
                .iter()
                .filter(|effect| effect.undo.is_some() && effect.waits() && !std::ptr::eq(*effect, called))
                .filter(|effect| comings.on(effect, n).with)
                .collect();
            for (_, lead) in leads(action) {
                let to = number_of(file, &lead.to.value);
                let end = to
                    .and_then(|to| file.screens.get(to))
                    .filter(|screen| screen.end.is_some());
                match (end, earlier.first()) {
                    (_, None) if lead.undoes() => in_vain(lead, sink),
                    (Some(end), Some(first)) if lead.undo.is_none() && !sealed.contains_key(&n) => {
                        stays_done(first, lead, end, sink);
                    }
                    (None, Some(_)) if lead.undoes() => {
                        let after = to.map(|to| graph.after(to)).unwrap_or_default();
                        asked_again(file, &earlier, lead, &after, sink);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// An effect that changes something, and of which nobody would know whether it was done.
fn in_doubt(file: &File, effect: &Effect, sink: &Sink) {
    let name = &effect.name.value;
    let undoes = file
        .effects
        .iter()
        .any(|other| other.undo.as_ref().is_some_and(|undo| undo.value == *name));
    let known = effect.retry.is_some() || effect.probe.is_some() || effect.undo.is_some() || undoes;
    // What has no way, or hands over without `undo`, is a fault already.
    let sound = (effect.http.is_some() || !effect.run.is_empty()) && effect.hand_off.is_none();
    if !known && sound && effect.waits() && !effect.is_safe() {
        sink.push(
            Diagnostic::warning(
                "may-stay-in-doubt",
                &effect.name.span,
                format!("without an answer nobody knows whether `{name}` was done: an operator must find out"),
            )
            .label("no retry, no probe, no undo")
            .help(
                "add probe = \"...\" (the effect that asks whether it was done), undo = \"...\", or, if the other side \
                 knows again what it got twice, retry = \"2m\"",
            ),
        );
    }
}

/// What was done before, and counts at an end, stays done.
fn stays_done(effect: &Effect, lead: &Lead, end: &Screen, sink: &Sink) {
    let (name, end) = (&effect.name.value, &end.name.value);
    sink.push(
        Diagnostic::warning(
            "stays-done",
            &lead.to.span,
            format!("`{name}` was done before, and stays done if the transaction ends here"),
        )
        .label("an end")
        .help(format!(
            "write {{ to = \"{end}\", undo = true }} to take it back, or undo = false if it shall stay"
        )),
    );
}

/// What was taken back is asked for anew: the way stands at its screen, if not at an end.
fn asked_again(file: &File, earlier: &[&Effect], lead: &Lead, after: &BTreeSet<usize>, sink: &Sink) {
    for (screen, _) in file.screens.iter().zip(0..).filter(|(_, n)| !after.contains(n)) {
        let mut called = screen.actions.iter().flat_map(|action| &action.call);
        let Some(again) = called.find(|named| earlier.iter().any(|effect| effect.name.value == named.value)) else {
            continue;
        };
        let (name, at) = (&again.value, &screen.name.value);
        sink.push(
            Diagnostic::warning(
                "undo-leads-back",
                &lead.to.span,
                format!("once `{name}` is taken back, people stand on screen `{at}` again, where it is asked for"),
            )
            .label("not here")
            .help(format!(
                "lead to an end, or to `{at}` or a screen before it, or take out undo = true"
            )),
        );
        return;
    }
}

fn in_vain(lead: &Lead, sink: &Sink) {
    sink.push(
        Diagnostic::warning("nothing-to-undo", &lead.to.span, "there is nothing to take back here")
            .label("no effect with `undo` is done before")
            .help("take out undo = true, or name the effect that takes an earlier one back"),
    );
}
