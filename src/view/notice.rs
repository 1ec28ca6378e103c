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

/// An answer as it was and as it is.
pub(super) struct Changed {
    label: String,
    before: String,
    after: String,
}

impl Line {
    pub(super) fn of(shown: &Shown, notice: &Notice, scope: &Scope<'_>) -> Self {
        let (words, changes) = match notice {
            Notice::Changed(changes) => ("You changed:", changes.as_slice()),
            Notice::WouldChange(changes) => (
                "This would change what you answered before. Send it once more to confirm:",
                changes.as_slice(),
            ),
            Notice::NoLongerAsked => ("That question is no longer asked. You are here now.", &[][..]),
            Notice::KeptButFirst => ("Your answers are kept, but this comes first.", &[][..]),
            Notice::StandsHere => ("That page is not open. You are here now.", &[][..]),
            Notice::MoreTime => ("You have more time now.", &[][..]),
            Notice::TakenBack(_) => ("We take back what was done before:", &[][..]),
            Notice::TooLate => ("It was done before it could be cancelled.", &[][..]),
            Notice::NotFound => (
                "Something could not be looked up just now. You can look again below.",
                &[][..],
            ),
            Notice::TooLarge => (
                "Nothing was kept: your answers are too long in all. Shorten them and send them again.",
                &[][..],
            ),
        };
        Self {
            words,
            list: changed(shown, changes, scope),
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

fn changed(shown: &Shown, changes: &[Change], scope: &Scope<'_>) -> Vec<Changed> {
    let draw = |change: &Change| {
        let screen = shown
            .flow
            .screens
            .iter()
            .find(|screen| screen.name == change.place.screen)?;
        let field = screen.fields().find(|field| field.name == change.field)?;
        let words = |value: &Option<Value>| {
            value
                .as_ref()
                .map_or_else(|| "–".to_owned(), |value| field.shown(value, scope).replace('\n', ", "))
        };
        Some(Changed {
            label: field.label.plain(scope),
            before: words(&change.before),
            after: words(&change.after),
        })
    };
    changes.iter().filter_map(draw).collect()
}
