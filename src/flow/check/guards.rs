//! The branches of an action: does one always hold, is one never taken?
//!
//! Owns a modest proof by spelling: an absent guard, a field that is asked for yes or no, the
//! options of a choice. Must not know evaluation.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diagnostic::{Diagnostic, Sink};
use super::super::source::{Action, Effect, Field, File, Scalar};
use super::fields_of;

/// Checks the branches and guards of all actions.
pub(super) fn check(file: &File, sink: &Sink) {
    let of_screen = |screen| fields_of(screen).map(move |field| (field.name.value.as_str(), field));
    let there = file.screens.iter().filter(|screen| screen.when.is_none());
    let always: BTreeMap<&str, &Field> = there.flat_map(of_screen).collect();
    for screen in &file.screens {
        // Where a screen's own actions are pressed, it was there.
        let own = || {
            always
                .iter()
                .map(|(name, field)| (*name, *field))
                .chain(of_screen(screen))
        };
        let here: Option<BTreeMap<_, _>> = screen.when.as_ref().map(|_| own().collect());
        let fields = here.as_ref().unwrap_or(&always);
        for action in &screen.actions {
            // Where an effect is waited for, a guarded last branch is a fault already.
            let waits =
                |effect: &&Effect| effect.waits() && action.call.iter().any(|named| named.value == effect.name.value);
            branches(action, file.effects.iter().any(|effect| waits(&effect)), fields, sink);
        }
        if let Some(first) = screen.actions.first()
            && screen.actions.iter().all(|action| action.when.is_some())
        {
            sink.push(
                Diagnostic::warning(
                    "may-offer-nothing",
                    &first.name.span,
                    format!("every action of screen `{}` has a guard", screen.name.value),
                )
                .label("if none holds, the page has no button")
                .help("leave one action without `when`"),
            );
        }
    }
}

fn branches(action: &Action, waits: bool, fields: &BTreeMap<&str, &Field>, sink: &Sink) {
    let mut seen = BTreeSet::new();
    let mut always = false;
    for branch in &action.branches {
        let again = match &branch.when {
            Some(when) => !seen.insert(when.value.trim().to_owned()),
            None => false,
        };
        if always || again {
            let span = branch.when.as_ref().map_or(&branch.to.span, |when| &when.span);
            sink.push(
                Diagnostic::error("never-taken", span, "this branch is never taken")
                    .label(if always {
                        "a branch before it has no guard"
                    } else {
                        "the same guard stands before it"
                    })
                    .help("put the branch without `when` last"),
            );
        }
        always |= branch.when.is_none();
    }
    let guards: Vec<&str> = action
        .branches
        .iter()
        .filter_map(|branch| branch.when.as_ref())
        .map(|when| when.value.trim())
        .collect();
    if let Some(last) = action.branches.last().and_then(|branch| branch.when.as_ref())
        && !always
        && !waits
        && !covers(&guards, fields)
    {
        sink.push(
            Diagnostic::warning(
                "may-lead-nowhere",
                &last.span,
                format!("it may be that no branch of action `{}` holds", action.name.value),
            )
            .label("the last branch has a guard too")
            .help("end with a branch without `when`: { to = \"screen\" }"),
        );
    }
}

/// Whether the guards, one for each answer of one required field, cover every answer.
fn covers(guards: &[&str], fields: &BTreeMap<&str, &Field>) -> bool {
    let answers: Vec<_> = guards.iter().filter_map(|guard| answer(guard)).collect();
    let Some((name, _)) = answers.first() else {
        return false;
    };
    let Some(field) = fields.get(name) else {
        return false;
    };
    let optional = field.required.as_ref().is_some_and(|required| !required.value);
    if optional || field.when.is_some() {
        return false;
    }
    let given: BTreeSet<&str> = answers
        .iter()
        .filter(|(of, _)| of == name)
        .map(|(_, answer)| *answer)
        .collect();
    let all = (field.kind.declares().answers)(field);
    !all.is_empty() && all.iter().all(|answer| given.contains(answer))
}

/// The field and the answer that a guard of one of the simple forms asks for.
pub(super) fn answer(guard: &str) -> Option<(&str, &str)> {
    let name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !text.is_empty();
    if name(guard) {
        return Some((guard, "true"));
    }
    if let Some(field) = guard.strip_prefix("not ").map(str::trim).filter(|field| name(field)) {
        return Some((field, "false"));
    }
    let (field, value) = guard.split_once("==")?;
    let (field, value) = (field.trim(), value.trim());
    if !name(field) {
        return None;
    }
    if matches!(value, "true" | "false") {
        return Some((field, value));
    }
    quoted(value).map(|value| (field, value))
}

/// The text between quotes, if it is a plain one.
pub(super) fn quoted(value: &str) -> Option<&str> {
    ['\'', '"'].iter().find_map(|quote| {
        let inner = value.strip_prefix(*quote)?.strip_suffix(*quote)?;
        (!inner.contains(*quote) && !inner.contains('\\')).then_some(inner)
    })
}

/// Whether a default of `true` stands in a field.
pub(super) fn ticked(field: &Field) -> bool {
    field
        .default
        .as_ref()
        .is_some_and(|default| matches!(default.value, Scalar::Bool(true)))
}
