//! The lines above a page.

use askama::Template;

use super::waiting;
use crate::engine::Shown;
use crate::flow::{Scope, Value};
use crate::machine::{Change, Notice};

/// A line above a page, and the answers that it is about.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Line {
    words: &'static str,
    list: Vec<Changed>,
    /// What is taken back.
    back: Vec<String>,
}

const DIFFERENT: &str =
    "This page has changed since you opened it, and nothing was sent. Look at it again, then send it:";
/// The same where nobody knows what it was before.
const DIFFERENT_SOMEHOW: &str =
    "This page has changed since you opened it, and nothing was sent. Look at it again, then send it.";

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
            Notice::Hidden(changes) => (
                "Because of that, these answers do not count any more:",
                changes.as_slice(),
            ),
            Notice::NoLongerAsked => ("That question is no longer asked. You are here now.", &[][..]),
            Notice::KeptButFirst => ("Your answers are kept, but this comes first.", &[][..]),
            Notice::StandsHere => ("That page is not open. You are here now.", &[][..]),
            Notice::MoreTime => ("You have more time now.", &[][..]),
            Notice::TakenBack(_) => ("We take back what was done before:", &[][..]),
            Notice::TooLate => ("It was done before it could be cancelled.", &[][..]),
            Notice::TooLarge => (
                "Nothing was kept: your answers are too long in all. Shorten them and send them again.",
                &[][..],
            ),
        };
        let list = changed(shown, notice, changes, scope);
        Self {
            words: if words == DIFFERENT && list.is_empty() {
                DIFFERENT_SOMEHOW
            } else {
                words
            },
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
    let or_dash = |words: Option<String>| words.unwrap_or_else(|| "–".to_owned());
    let draw = |change: &Change| {
        let mut screens = shown.flow.screens.iter();
        let screen = screens.find(|screen| screen.name == change.place.screen)?;
        let Some(field) = screen.fields().find(|field| field.name == change.field) else {
            let looks = screen.load.iter().filter_map(|name| shown.flow.effect(name));
            let effect = looks
                .into_iter()
                .find(|effect| effect.save.iter().any(|saved| saved.name == change.field))?;
            let value = |value: &Option<Value>| or_dash(value.as_ref().map(Value::words));
            return Some(Changed {
                label: effect.label.plain(scope),
                words: format!("{} → {}", value(&change.before), value(&change.after)),
            });
        };
        let value = |value: &Option<Value>| Some(field.shown(value.as_ref()?, scope).replace('\n', ", "));
        let (before, after) = (value(&change.before), value(&change.after));
        Some(Changed {
            label: field.label.plain(scope),
            words: match notice {
                _ if field.is_secret() => secret(shown, notice, change).to_owned(),
                Notice::Hidden(_) => or_dash(before),
                _ => format!("{} → {}", or_dash(before), or_dash(after)),
            },
        })
    };
    changes.iter().filter_map(draw).collect()
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
