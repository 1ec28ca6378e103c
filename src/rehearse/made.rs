//! Inputs that are made up from the definition.
//!
//! Owns how what a field makes up is filled into a page. Must not know kinds, pages or walks.

use super::page::Filling;
use crate::flow::{Control, Field, Scope, Value};
use crate::line::Dice;

/// What could be put into a field, the most likely first. Only what the field itself accepts is
/// offered; at least one thing where there is any.
pub(super) fn fillings(field: &Field, scope: &Scope<'_>, dice: &mut Dice) -> Vec<Filling> {
    let made = field.made(scope, &mut |bound| dice.below(bound));
    let mut found: Vec<Filling> = made.into_iter().map(|value| filling(field, value)).collect();
    if !field.required {
        found.push(match field.control(scope) {
            Control::Several(_) | Control::Find(true) => Filling::List(Vec::new()),
            Control::Tick => Filling::Flag(false),
            Control::Line(_)
            | Control::Lines
            | Control::Parts(_)
            | Control::One(_)
            | Control::Find(false)
            | Control::Shown => Filling::Text(String::new()),
        });
    }
    found
}

fn filling(field: &Field, value: Value) -> Filling {
    match value {
        Value::Text(text) => Filling::Text(text),
        Value::Bool(flag) => Filling::Flag(flag),
        Value::List(all) => Filling::List(all),
        // As it stands in its box, in the marks of the language; in several, as programs get it.
        value => Filling::Text(match field.boxes(&value).0.as_slice() {
            [(_, text)] => text.clone(),
            _ => value.plain(),
        }),
    }
}
