//! What an asking is made of: the answers behind what it sends.
//!
//! Owns whether these are still the same, whatever a newer program would make of them. Must not
//! know how they are put into words (`ask`).

use std::collections::BTreeSet;

use super::{Event, Session};
use crate::flow::{Effect, Expr, Flow, Screen, Sent, Value, Values};

/// The answers that `effect` sends, also by way of computed values, as they count in `values`;
/// nothing where it sends all of them anyway. What a look-up brought is no answer.
pub(super) fn of(flow: &Flow, effect: &Effect, values: &Values) -> Vec<(String, Value)> {
    let mut names: BTreeSet<&String> = BTreeSet::new();
    let mut next: Vec<&String> = effect
        .send
        .iter()
        .flatten()
        .flat_map(|(_, part)| match part {
            Sent::Value(expr) => expr.reads(),
            Sent::Words(text) => text.reads(),
        })
        .collect();
    while let Some(name) = next.pop() {
        if names.insert(name) {
            next.extend(computed(flow, name).into_iter().flat_map(Expr::reads));
        }
    }
    let looked = |name: &String| {
        let mut looks = flow.effects.iter().filter(|effect| effect.safe);
        looks.any(|effect| effect.save.iter().any(|saved| saved.name == *name))
    };
    names
        .into_iter()
        .filter(|name| computed(flow, name).is_none() && !looked(name))
        .filter_map(|name| Some((name.clone(), values.get(name)?.clone())))
        .collect()
}

/// Of what was sent, what is no computed value.
pub(super) fn answers<'a>(flow: &'a Flow, sent: &'a [(String, Value)]) -> impl Iterator<Item = &'a (String, Value)> {
    sent.iter().filter(|(name, _)| computed(flow, name).is_none())
}

/// Whether no answer has been changed since a step, as far as the journal goes back.
pub(super) fn untouched_since(session: &Session, step: u64) -> bool {
    let whole = session.folded == 0 || session.journal.first().is_some_and(|first| first.step <= step);
    let changes = |event: &Event| matches!(event, Event::Amended { .. } | Event::Hidden { .. } | Event::Kept { .. });
    whole
        && !session
            .journal
            .iter()
            .any(|entry| entry.step > step && changes(&entry.event))
}

fn computed<'a>(flow: &'a Flow, name: &str) -> Option<&'a Expr> {
    let fields = flow.screens.iter().flat_map(Screen::fields);
    fields
        .filter(|field| field.name == name)
        .find_map(|field| field.computed())
}
