//! The actions of a screen: labels, guards, where they lead.
//!
//! Owns default labels and the resolving of targets. Must not know whether a target can be
//! reached: that is `graph`'s.

use super::super::diagnostic::{Diagnostic, did_you_mean};
use super::super::source::{Action as Written, At, File, Screen};
use super::super::{Action, ActionKind, Branch, Text};
use super::graph::number_of;
use super::settings::unknown_word;
use super::{Checker, Place, asked_of, calls};
use crate::words::Words;

/// Builds the actions of the screen of number `n`.
pub(super) fn build(checker: &Checker<'_>, file: &File, n: usize, screen: &Screen) -> Vec<Action> {
    screen
        .actions
        .iter()
        .enumerate()
        .map(|(place, action)| one(checker, file, n, screen, action, place == 0))
        .collect()
}

fn one(checker: &Checker<'_>, file: &File, n: usize, screen: &Screen, written: &Written, main: bool) -> Action {
    let at = Place::shown(n);
    let cancel = written.cancels();
    let starts = n == super::graph::start_of(file).unwrap_or(0) && asked_of(screen).next().is_none();
    let label = match &written.label {
        Some(label) => checker.naming(at, label),
        None => Text::fixed(default_label(checker.words, starts, screen, written, (main, cancel))),
    };
    let branches = written
        .branches
        .iter()
        .map(|branch| Branch {
            when: checker.maybe_guard(at.posted(), branch.when.as_ref()),
            to: target(checker, file, &branch.to),
        })
        .collect();
    let (call, tells) = calls::build(checker, file, n, screen, written);
    Action {
        name: written.name.value.clone(),
        label,
        kind: kind(checker, written, cancel),
        when: checker.maybe_guard(at, written.when.as_ref()),
        branches,
        seal: written.seals(),
        cancel,
        call,
        tells,
        aside: !written.branches.is_empty() && written.branches.iter().all(|branch| is_aside(file, &branch.to)),
    }
}

/// What a button says if the author does not: by what it does, else by its name.
fn default_label(
    words: Words,
    starts: bool,
    screen: &Screen,
    written: &Written,
    (main, cancel): (bool, bool),
) -> String {
    match written.name.value.as_str() {
        _ if cancel => words.action_cancel().to_owned(),
        _ if main && screen.review && screen.reviews.is_empty() => words.action_confirm().to_owned(),
        "start" | "continue" | "next" if main && starts => words.start_now().to_owned(),
        "continue" | "next" => words.action_continue().to_owned(),
        name => {
            let spaced = name.replace('-', " ");
            let mut chars = spaced.chars();
            chars
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(chars)
                .collect()
        }
    }
}

fn kind(checker: &Checker<'_>, written: &Written, cancel: bool) -> ActionKind {
    match written.kind.as_ref().map(|kind| kind.value.as_str()) {
        None if cancel => ActionKind::Link,
        None | Some("button") => ActionKind::Button,
        Some("link") => ActionKind::Link,
        Some("danger") => ActionKind::Danger,
        Some(_) => {
            if let Some(kind) = &written.kind {
                checker
                    .sink
                    .push(unknown_word("kind", kind, &["button", "link", "danger"]));
            }
            ActionKind::Button
        }
    }
}

/// Whether that screen is to the side of the path: actions of the flow alone lead there.
fn is_aside(file: &File, to: &At<String>) -> bool {
    let screen = number_of(file, &to.value).and_then(|n| file.screens.get(n));
    screen.is_some_and(|screen| screen.aside)
}

/// The number of the screen that is named.
pub(super) fn target(checker: &Checker<'_>, file: &File, to: &At<String>) -> u16 {
    let found = number_of(file, &to.value);
    if found.is_none() {
        let screens = file.screens.iter().map(|screen| screen.name.value.as_str());
        checker.sink.push(
            Diagnostic::error("unknown-screen", &to.span, format!("there is no screen `{}`", to.value))
                .label("leads nowhere")
                .maybe_help(did_you_mean(&to.value, screens).or_else(|| Some(format!("add [screens.{}]", to.value)))),
        );
    }
    found.and_then(|n| u16::try_from(n).ok()).unwrap_or(0)
}
