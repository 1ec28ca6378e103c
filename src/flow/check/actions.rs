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
use crate::words::{Words, marks};

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
        None => Text::fixed(
            match default_label(checker.words, starts, screen, written, (main, cancel)) {
                Some(label) => label.to_owned(),
                None => named(checker, file, &written.name),
            },
        ),
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

/// What a button says by what it does, if the author does not.
fn default_label(
    words: Words,
    starts: bool,
    screen: &Screen,
    written: &Written,
    (main, cancel): (bool, bool),
) -> Option<&'static str> {
    match written.name.value.as_str() {
        _ if cancel => Some(words.action_cancel()),
        _ if main && screen.review && screen.reviews.is_empty() => Some(words.action_confirm()),
        "start" | "continue" | "next" if main && starts => Some(words.start_now()),
        "continue" | "next" => Some(words.action_continue()),
        _ => None,
    }
}

/// What it says else: its name, which is in the flow's own language.
fn named(checker: &Checker<'_>, file: &File, name: &At<String>) -> String {
    let spaced = name.value.replace('-', " ");
    let mut chars = spaced.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    let label: String = first.into_iter().chain(chars).collect();
    let Some(home) = &file.home else { return label };
    let message = format!(
        "button `{}` has no words that could be translated: it is called by its name",
        name.value
    );
    checker.sink.push(
        Diagnostic::warning("unnamed-button", &name.span, message)
            .label("no label")
            .help(format!("give it words in the flow: label = \"{label}\"")),
    );
    marks::in_language(&label, home)
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
