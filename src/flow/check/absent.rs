//! Screens that come and go (`when`): what the way past them may do.
//!
//! Owns those faults. Nobody presses anything where a screen is passed by, so its first action may
//! do nothing there but lead on. Must not know when a screen is there.

use std::collections::BTreeSet;

use super::super::diagnostic::{Diagnostic, Sink};
use super::super::source::{Action, At, File, Screen};
use super::graph::number_of;

/// The action on whose way a screen is passed by, where it is not always there.
pub(super) fn way_past(screen: &Screen) -> Option<&Action> {
    screen.actions.first().filter(|_| screen.when.is_some())
}

/// Checks every screen with `when`.
pub(super) fn check(file: &File, start: Option<usize>, sink: &Sink) {
    for (n, screen) in file.screens.iter().enumerate() {
        let Some(when) = &screen.when else { continue };
        let name = &screen.name.value;
        if start == Some(n) {
            sink.push(
                Diagnostic::error(
                    "when-at-start",
                    &when.span,
                    format!("screen `{name}` is the first: it is always there"),
                )
                .label("nothing is answered before it")
                .help("take out `when`, or start at another screen"),
            );
        } else if let Some(end) = &screen.end {
            sink.push(
                Diagnostic::error("when-at-end", &when.span, format!("screen `{name}` ends the transaction (`{}`): there is no way past it", end.value))
                    .label("an end is always there")
                    .help("put the condition on the way to it: actions.continue = [{ when = \"...\", to = \"...\" }, { to = \"...\" }]"),
            );
        } else if let Some(way) = way_past(screen) {
            leads_on(file, screen, way, sink);
        }
    }
    circles(file, sink);
}

/// What the first action may not do, and must.
fn leads_on(file: &File, screen: &Screen, way: &Action, sink: &Sink) {
    let (name, action) = (&screen.name.value, &way.name.value);
    let does = way
        .call
        .first()
        .map(|call| (&call.span, format!("it asks for `{}`", call.value)));
    let seals = || {
        way.seals().then(|| {
            (
                way.seal.as_ref().map_or(&way.name.span, |at| &at.span),
                "it seals".to_owned(),
            )
        })
    };
    let cancels = || {
        way.cancels().then(|| {
            (
                way.cancel.as_ref().map_or(&way.name.span, |at| &at.span),
                "it gives up".to_owned(),
            )
        })
    };
    let ends = || {
        let end = way
            .branches
            .iter()
            .map(|branch| &branch.to)
            .find(|to| is_final(file, to));
        end.map(|to| (&to.span, format!("it ends the transaction at `{}`", to.value)))
    };
    if let Some((span, does)) = does.or_else(seals).or_else(cancels).or_else(ends) {
        let message = format!("where screen `{name}` is not there, nobody presses `{action}`, but {does}");
        sink.push(
            Diagnostic::error("passed-by-acting", span, message)
                .label("on the way past this screen")
                .help("let the first action of a screen with `when` lead on, and do this on a screen that is always there"),
        );
        return;
    }
    let guard = way.when.as_ref();
    let guard = guard.or_else(|| way.branches.last().and_then(|branch| branch.when.as_ref()));
    if let Some(guard) = guard {
        sink.push(
            Diagnostic::error(
                "no-way-past",
                &guard.span,
                format!("where screen `{name}` is not there, it may be that no way leads past it"),
            )
            .label(format!("`{action}` leads on only if this holds"))
            .help("give the first action a branch without `when`, as its last one, and none itself"),
        );
    }
}

fn is_final(file: &File, to: &At<String>) -> bool {
    let screen = number_of(file, &to.value).and_then(|n| file.screens.get(n));
    screen.is_some_and(|screen| screen.end.is_some() && screen.open.as_ref().is_none_or(|open| !open.value))
}

/// Screens with `when` that lead past each other round and round.
fn circles(file: &File, sink: &Sink) {
    let past = |n: usize| {
        let way = file.screens.get(n).and_then(way_past);
        let branches = way.into_iter().flat_map(|way| &way.branches);
        branches.filter_map(|branch| number_of(file, &branch.to.value))
    };
    let mut told = BTreeSet::new();
    for (n, screen) in file.screens.iter().enumerate() {
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = past(n).collect();
        while let Some(at) = open.pop() {
            if found.insert(at) {
                open.extend(past(at));
            }
        }
        let Some(when) = screen
            .when
            .as_ref()
            .filter(|_| found.contains(&n) && !told.contains(&n))
        else {
            continue;
        };
        told.extend(found);
        sink.push(
            Diagnostic::error(
                "when-circle",
                &when.span,
                format!("the way past screen `{}` leads back to it", screen.name.value),
            )
            .label("in a circle of screens with `when`")
            .help("let the first action lead on to a screen that is always there"),
        );
    }
}
