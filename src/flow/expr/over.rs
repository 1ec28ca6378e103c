//! The functions that go through a list: `any(people, age >= 16)`, `nth(people.name, 2)`, `join` ...
//!
//! Owns what these take and give. Must not know how they come to a value (`rows`).

use std::ops::Range;
use std::sync::Arc;

use super::functions::Function;
use super::lower::{Lowering, Sort, Typed, typed};
use super::names::example;
use super::node::Node;
use super::special::wrong;
use crate::flow::Type;

/// Their names, and how they are called.
pub(super) const SHAPES: &[(&str, &str)] = &[
    ("any", "any(list, condition)"),
    ("all", "all(list, condition)"),
    ("count", "count(list, condition)"),
    ("first", "first(list)"),
    ("last", "last(list)"),
    ("nth", "nth(list, 2)"),
    ("join", "join(list, between)"),
];

/// Whether the second argument of a function is read of each item, where its first is a list of items.
pub(in crate::flow) fn asks_items(name: &str) -> bool {
    ["any", "all", "count", "sum", "min", "max", "join"].contains(&name)
}

/// Types a call of one of them.
pub(super) fn call(lowering: &mut Lowering<'_>, name: &str, args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
    match name {
        "any" => decided(lowering, Function::Any, "any", args, span),
        "all" => decided(lowering, Function::All, "all", args, span),
        "count" => count(lowering, args, span),
        "first" => entry(lowering, Function::First, "first", args, span),
        "last" => entry(lowering, Function::Last, "last", args, span),
        "nth" => entry(lowering, Function::Nth, "nth", args, span),
        "join" => join(lowering, args, span),
        _ => None,
    }
}

/// A list of items and what is asked of each, as what that comes to for each.
pub(super) fn of_items(lowering: &mut Lowering<'_>, list: Typed, asked: Typed) -> Option<Typed> {
    let span = asked.span.clone();
    lowering.each(list.node, asked, span)
}

/// That a list of items is asked for one of its fields.
pub(super) fn ask_a_field<T>(lowering: &mut Lowering<'_>, list: &Typed, call: &str) -> Option<T> {
    let example = list.columns.as_deref().map_or("key", example).to_owned();
    let words = lowering.words(&list.span);
    let help = if call.is_empty() {
        format!("say which of their fields: `{words}.{example}`")
    } else {
        format!("say what of each item: `{call}({words}.{example})`")
    };
    let message = "a list of items has no value of its own here";
    lowering.flaw("wrong-type", &list.span, message, help)
}

fn decided(
    lowering: &mut Lowering<'_>,
    function: Function,
    name: &str,
    args: Vec<Typed>,
    span: Range<usize>,
) -> Option<Typed> {
    let Ok([list, condition]) = <[Typed; 2]>::try_from(args) else {
        return wrong(lowering, name, &[], &span);
    };
    let each = conditions(lowering, name, list, condition, &span)?;
    Some(typed(Node::Call(function, vec![each]), Sort::One(Type::Bool), span))
}

fn conditions(
    lowering: &mut Lowering<'_>,
    name: &str,
    list: Typed,
    condition: Typed,
    span: &Range<usize>,
) -> Option<Node> {
    if list.sort != Sort::One(Type::Rows) {
        return wrong(lowering, name, &[list, condition], span);
    }
    lowering.expect_bool(&condition)?;
    Some(Node::Each(Type::Bool, Box::new([list.node, condition.node])))
}

/// `count(people, condition)`; without a condition, as `length(people)`.
fn count(lowering: &mut Lowering<'_>, mut args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
    let number = Sort::One(Type::Number);
    match (args.len(), args.pop(), args.pop()) {
        (1, Some(list), _) if list.sort == Sort::One(Type::Rows) => {
            Some(typed(Node::Call(Function::Length, vec![list.node]), number, span))
        }
        (2, Some(condition), Some(list)) => {
            let each = conditions(lowering, "count", list, condition, &span)?;
            Some(typed(Node::Call(Function::Count, vec![each]), number, span))
        }
        (_, last, before) => {
            args.extend(before);
            args.extend(last);
            wrong(lowering, "count", &args, &span)
        }
    }
}

fn entry(
    lowering: &mut Lowering<'_>,
    function: Function,
    name: &str,
    args: Vec<Typed>,
    span: Range<usize>,
) -> Option<Typed> {
    let wants = if function == Function::Nth { 2 } else { 1 };
    let (Some(list), true) = (args.first(), args.len() == wants) else {
        return wrong(lowering, name, &args, &span);
    };
    if list.sort == Sort::One(Type::Rows) {
        return ask_a_field(lowering, list, "");
    }
    let of = match list.sort {
        Sort::One(Type::List) | Sort::Nothing => Type::Text,
        Sort::Many(of) => of,
        Sort::One(_) => return wrong(lowering, name, &args, &span),
    };
    if let Some(place) = args.get(1)
        && place.sort != Sort::One(Type::Number)
    {
        return wrong(lowering, name, &args, &span);
    }
    let (options, picked) = (Arc::clone(&list.options), list.picked.clone());
    let nodes = args.into_iter().map(|arg| arg.node).collect();
    Some(Typed {
        options,
        picked,
        ..typed(Node::Call(function, nodes), Sort::One(of), span)
    })
}

/// `join(list, between)`, `join(people, name ~ ' ' ~ family, between)`.
fn join(lowering: &mut Lowering<'_>, mut args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
    if args.first().is_some_and(|list| list.sort == Sort::One(Type::Rows)) {
        let list = args.remove(0);
        if args.first().is_none_or(|each| each.node.is_constant()) {
            return ask_a_field(lowering, &list, "join");
        }
        let each = args.remove(0);
        args.insert(0, of_items(lowering, list, each)?);
    }
    let between = match args.get(1) {
        Some(between) => matches!(between.sort, Sort::One(Type::Text)),
        None => true,
    };
    let list = match args.first().map(|list| (list.sort, &list.node)) {
        Some((Sort::One(Type::List) | Sort::Nothing, _) | (Sort::Many(_), Node::Each(..))) => true,
        Some(_) | None => false,
    };
    if !list || !between || args.len() > 2 {
        return wrong(lowering, "join", &args, &span);
    }
    let nodes = args.into_iter().map(Typed::in_words).collect();
    Some(typed(Node::Call(Function::Join, nodes), Sort::One(Type::Text), span))
}
