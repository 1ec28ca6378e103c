//! The lines above a page.

use askama::Template;

use super::waiting;
use crate::engine::Shown;
use crate::flow::{Scope, Value};
use crate::limits;
use crate::machine::{Change, Notice};

/// A line above a page, and the answers that it is about.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Line {
    words: &'static str,
    list: Vec<Changed>,
    /// How many more there are of these.
    more: usize,
    /// What is taken back.
    back: Vec<String>,
}

const DIFFERENT: &str =
    "This page has changed since you opened it, and nothing was sent. Look at it again, then send it:";
/// The same where nobody knows what it was before.
const DIFFERENT_SOMEHOW: &str =
    "This page has changed since you opened it, and nothing was sent. Look at it again, then send it.";

const NO_MORE: &str = "These answers do not count any more:";
/// How many of the answers that count no more are named.
const NAMED: usize = 20;

/// An answer as it was and as it is.
pub(super) struct Changed {
    label: String,
    words: String,
}

impl Line {
    pub(super) fn of(shown: &Shown, notice: &Notice, scope: &Scope<'_>) -> Self {
        let (words, changes) = match notice {
            Notice::Changed(changes) => ("You changed:", changes.as_slice()),
            Notice::Different(changes) => (DIFFERENT, changes.as_slice()),
            Notice::WouldChange(changes) => (
                "This would change what you answered before. Send it once more to confirm:",
                changes.as_slice(),
            ),
            Notice::Hidden(changes) => (NO_MORE, changes.as_slice()),
            Notice::NoLongerAsked => ("That question is no longer asked. You are here now.", &[][..]),
            Notice::KeptButFirst => ("Your answers are kept, but this comes first.", &[][..]),
            Notice::KeptAside => (
                "What you sent is kept, but it is not asked for now and does not count.",
                &[][..],
            ),
            Notice::AskedAnew => (
                "The page after this one is not open any more. Look at this one again, then send it.",
                &[][..],
            ),
            Notice::StandsHere => ("That page is not open. You are here now.", &[][..]),
            Notice::MoreTime => ("You have more time now.", &[][..]),
            Notice::TakenBack(_) => ("We take back what was done before:", &[][..]),
            Notice::TooLate => ("It was done before it could be cancelled.", &[][..]),
            Notice::TooLarge => (
                "Nothing was kept: your answers are too long in all. Shorten them and send them again.",
                &[][..],
            ),
        };
        let mut list = changed(shown, notice, changes, scope);
        let all = list.len();
        if let Notice::Hidden(_) = notice {
            list.truncate(NAMED);
        }
        Self {
            words: if words == DIFFERENT && list.is_empty() {
                DIFFERENT_SOMEHOW
            } else {
                words
            },
            more: all - list.len(),
            list,
            back: match notice {
                Notice::TakenBack(numbers) => numbers
                    .iter()
                    .map(|number| waiting::of_number(&shown.flow, &shown.session, *number, scope))
                    .collect(),
                _ => Vec::new(),
            },
        }
    }
}

fn changed(shown: &Shown, notice: &Notice, changes: &[Change], scope: &Scope<'_>) -> Vec<Changed> {
    let draw = |change: &Change| {
        let mut screens = shown.flow.screens.iter();
        let screen = screens.find(|screen| screen.name == change.place.screen)?;
        let field = screen.fields().find(|field| field.name == change.field);
        let value = |value: &Value| match (field, value) {
            (Some(field), value) if !matches!(value, Value::Options(_)) => {
                field.shown(value, scope).replace('\n', ", ")
            }
            _ => value.words(),
        };
        let words = match field {
            Some(field) if field.is_secret() => secret(shown, notice, change).to_owned(),
            _ => said(notice, change, value),
        };
        let label = if let Some(field) = field {
            &field.label
        } else {
            let mut looks = screen.load.iter().filter_map(|name| shown.flow.effect(name));
            &looks
                .find(|effect| effect.save.iter().any(|saved| saved.name == change.field))?
                .label
        };
        let label = label.plain(scope);
        Some(Changed { label, words })
    };
    changes.iter().filter_map(draw).collect()
}

/// What became of an answer, of what a look-up brought, or of an option of a list.
fn said(notice: &Notice, change: &Change, value: impl Fn(&Value) -> String) -> String {
    let or_dash = |side: &Option<Value>| side.as_ref().map_or_else(|| "–".to_owned(), &value);
    match (&change.before, &change.after) {
        (before, _) if matches!(notice, Notice::Hidden(_)) => short(or_dash(before)),
        (Some(Value::Options(before)), Some(_)) if before.is_empty() => "there is more to choose from".to_owned(),
        (Some(before @ Value::Options(_)), None) => format!("{} → no longer offered", value(before)),
        (before, after) => format!("{} → {}", or_dash(before), or_dash(after)),
    }
}

/// As much of an answer as names it: all of it stands on its own page.
fn short(words: String) -> String {
    match words.char_indices().nth(limits::LABEL_CHARS) {
        Some((at, _)) => format!("{}…", words.get(..at).unwrap_or_default()),
        None => words,
    }
}

/// What became of a secret, without either value.
fn secret(shown: &Shown, notice: &Notice, change: &Change) -> &'static str {
    let answer = shown.session.answers.get(&change.place);
    match notice {
        Notice::Hidden(_) => "not shown",
        Notice::WouldChange(_) => "enter it once more",
        _ if answer.is_some_and(|answer| answer.fields.contains_key(&change.field)) => "changed",
        _ => "removed",
    }
}
