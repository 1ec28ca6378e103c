//! What can be chosen.
//!
//! Owns options as an author lists them, and lists that a look-up brings. Must not know how many
//! of them are taken.

use jiff::civil::Date;

use super::Problem;
use super::kind::Offer;
use crate::flow::{Expr, Scope, Text, Value, Values};
use crate::words::Words;

/// One option of a choice.
#[derive(Debug)]
pub struct Choice {
    /// What is stored and posted: lower case letters, digits, `-`, `_`.
    pub value: String,
    /// What is shown.
    pub label: Text,
    /// Help below it.
    pub hint: Option<Text>,
    /// Of checkboxes: excludes all others ("none of these").
    pub exclusive: bool,
    /// Offered only if this holds.
    pub when: Option<Expr>,
}

impl Choice {
    fn is_there(&self, scope: &Scope<'_>) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(scope))
    }
}

/// The places of options in the order of the alphabet, by their labels; those that exclude all others stay last.
pub(super) fn order(options: &[Choice], words: Words) -> Vec<usize> {
    let values = Values::new();
    let scope = Scope::new(&values, Date::ZERO, "", words);
    let labels: Vec<String> = options.iter().map(|option| option.label.plain(&scope)).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let mut order = words.order(&labels);
    order.sort_by_key(|place| options.get(*place).is_some_and(|option| option.exclusive));
    order
}

/// What a page offers of the options, in this order if there is one.
pub(super) fn offers(options: &[Choice], order: Option<&[usize]>, scope: &Scope<'_>) -> Vec<Offer> {
    let offer = |option: &Choice| Offer {
        value: option.value.clone(),
        label: option.label.plain(scope),
        hint: option.hint.as_ref().map(|hint| hint.plain(scope)),
        exclusive: option.exclusive,
    };
    let there = |option: &&Choice| option.is_there(scope);
    match order {
        None => options.iter().filter(there).map(offer).collect(),
        Some(order) => {
            let sorted = order.iter().filter_map(|place| options.get(*place));
            sorted.filter(there).map(offer).collect()
        }
    }
}

/// Whether there is none of them.
pub(super) fn none(options: &[Choice], scope: &Scope<'_>) -> bool {
    !options.iter().any(|option| option.is_there(scope))
}

/// Characters of a value that a look-up brings.
pub(super) const LISTED_CHARS: usize = 64;

/// Bytes of the longest value.
pub(super) fn longest(options: &[Choice]) -> usize {
    options.iter().map(|option| option.value.len()).max().unwrap_or(0)
}

/// What a look-up brought to choose from; nothing where it has not come.
pub(super) fn listed<'a>(list: &str, scope: &Scope<'a>) -> &'a [(String, String)] {
    scope.values.get(list).and_then(Value::as_options).unwrap_or_default()
}

/// The name under which the words stand of what a list offered once and offers no more: for pages that
/// speak of such an answer, never to be chosen.
pub(crate) fn once_offered(list: &str) -> String {
    format!("+={list}")
}

/// The label of a value that a list offers, or offered once; another stands for itself.
pub(super) fn listed_label(list: &str, value: &str, scope: &Scope<'_>) -> String {
    let once = scope.values.get(&once_offered(list)).and_then(Value::as_options);
    let mut known = listed(list, scope).iter().chain(once.unwrap_or_default());
    let known = known.find(|(known, _)| known == value);
    known.map_or_else(|| value.to_owned(), |(_, label)| label.clone())
}

/// What a page offers of a list, in the order of the alphabet if it is `sorted`.
pub(super) fn listed_offers(list: &str, sorted: bool, scope: &Scope<'_>) -> Vec<Offer> {
    let offer = |(value, label): &(String, String)| Offer {
        value: value.clone(),
        label: label.clone(),
        hint: None,
        exclusive: false,
    };
    let all = listed(list, scope);
    if !sorted {
        return all.iter().map(offer).collect();
    }
    let labels: Vec<&str> = all.iter().map(|(_, label)| label.as_str()).collect();
    let order = scope.words.order(&labels).into_iter();
    order.filter_map(|place| all.get(place)).map(offer).collect()
}

/// Whether a value is among the options.
pub(super) fn check(options: &[Choice], value: &str, scope: &Scope<'_>) -> Result<(), Problem> {
    let offered = |option: &Choice| option.value == value && option.is_there(scope);
    known(options.iter().any(offered), scope)
}

/// That a value is among what can be chosen.
pub(super) fn known(known: bool, scope: &Scope<'_>) -> Result<(), Problem> {
    if known {
        return Ok(());
    }
    Err(scope.words.select_option().to_owned().into())
}

/// The label of a value; a value that is no option stands for itself.
pub(super) fn label(options: &[Choice], value: &str, scope: &Scope<'_>) -> String {
    let known = options.iter().find(|option| option.value == value);
    known.map_or_else(|| value.to_owned(), |option| option.label.plain(scope))
}
