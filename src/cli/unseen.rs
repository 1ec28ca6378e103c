//! What a person sends before having seen it, for `deity check`: a value that is worked out from what
//! is asked on the same screen whose action sends it.
//!
//! Owns which values these are, and the words about them. Must not know how a definition is spelt.

use std::collections::BTreeSet;

use super::unsent::told_by;
use super::weight::place;
use crate::flow::{Diagnostic, Expr, Field, Flow, Screen, Text};
use crate::machine;

/// Two warnings of a screen: what its action sends is worked out there; what its own texts show of that
/// is empty when the page is first drawn.
pub(super) fn unseen(flow: &Flow, source: &str) -> Vec<Diagnostic> {
    let of_screen = |screen: &Screen| {
        let late = late(screen);
        let sent = first(sent(flow, screen), &late).map(|(name, action)| {
            let message = format!(
                "`{action}` sends `{name}`, which is worked out from what is asked on this same screen: nobody has seen \
                 it by then"
            );
            Diagnostic::warning("sent-unseen", &place(source, screen), message)
                .label("asks, works out and sends at once")
                .help("lead to a screen with `review = true`, or one that shows it, and let that one send")
        });
        let shown = first(shown(screen), &late).map(|(name, what)| {
            let message = format!(
                "{what} shows `{name}`, which is worked out from what is asked on this same screen: it is empty when \
                 the page is first shown"
            );
            Diagnostic::warning("shown-too-early", &place(source, screen), message)
                .label("not worked out yet")
                .help("show it on a later screen")
        });
        sent.into_iter().chain(shown).collect::<Vec<_>>()
    };
    flow.screens.iter().flat_map(of_screen).collect()
}

/// The first of these names that is late.
fn first<T>(mut names: Vec<(&str, T)>, late: &BTreeSet<&str>) -> Option<(String, T)> {
    let at = names.iter().position(|(name, _)| late.contains(name))?;
    let (name, what) = names.swap_remove(at);
    Some((name.to_owned(), what))
}

/// The computed values of a screen that hang on what is asked on it.
fn late(screen: &Screen) -> BTreeSet<&str> {
    let mut late = BTreeSet::new();
    let asked: BTreeSet<&str> = screen.asked().map(|field| field.name.as_str()).collect();
    loop {
        let known = late.len();
        let reads = |field: &&Field| {
            let mut reads = field.computed().into_iter().flat_map(Expr::reads);
            reads.any(|name| asked.contains(name.as_str()) || late.contains(name.as_str()))
        };
        let more: Vec<&str> = screen.fields().filter(reads).map(|field| field.name.as_str()).collect();
        late.extend(more);
        if late.len() == known {
            return late;
        }
    }
}

/// What the actions of a screen send, and which.
fn sent<'a>(flow: &'a Flow, screen: &'a Screen) -> Vec<(&'a str, String)> {
    let mut names = Vec::new();
    for action in &screen.actions {
        let sent = told_by(flow, action).flat_map(machine::sent_by);
        names.extend(sent.map(|name| (name, action.name.clone())));
    }
    names
}

/// What the texts of a screen read, and which.
fn shown(screen: &Screen) -> Vec<(&str, &'static str)> {
    let texts = [(screen.title.as_ref(), "the title"), (screen.body.as_ref(), "the body")];
    let labels = screen.actions.iter().map(|action| (Some(&action.label), "a button"));
    let mut names = Vec::new();
    for (text, what) in texts.into_iter().chain(labels) {
        names.extend(text.into_iter().flat_map(Text::reads).map(|name| (name.as_str(), what)));
    }
    names
}
