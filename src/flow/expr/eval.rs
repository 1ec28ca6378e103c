//! From a typed tree to its value.
//!
//! Owns evaluation: total, exact, without a loop that is longer than the tree and the lists in
//! it. Must not know how the tree was made.

use std::borrow::Cow;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::arithmetic::{self, compute};
use super::calendar::{self, Unit};
use super::functions::Function;
use super::node::{Comparison, Node};
use crate::flow::{Scope, Value, Values, words};
use crate::limits;

/// Where an expression is evaluated: the scope, and the items of the loops around.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    scope: Scope<'a>,
    pub(crate) items: &'a [Value],
}

static NO_VALUES: Values = Values::new();

impl<'a> At<'a> {
    pub(crate) fn new(scope: &Scope<'a>) -> Self {
        Self {
            scope: *scope,
            items: &[],
        }
    }

    /// The same, inside a loop.
    pub(crate) fn inside<'b>(&self, items: &'b [Value]) -> At<'b>
    where
        'a: 'b,
    {
        At {
            scope: self.scope,
            items,
        }
    }

    /// At load, for what reads nothing.
    pub(super) fn load() -> At<'static> {
        At {
            scope: Scope {
                values: &NO_VALUES,
                today: Date::ZERO,
                reference: "",
            },
            items: &[],
        }
    }
}

/// The value of a tree, if it has one.
pub(crate) fn eval<'a>(node: &'a Node, at: &At<'a>) -> Option<Cow<'a, Value>> {
    match node {
        Node::Value(value) => Some(Cow::Borrowed(value)),
        Node::Missing => None,
        Node::Field(name) => at.scope.values.get(name.as_ref()).map(Cow::Borrowed),
        Node::Item(index) => at.items.get(*index).map(Cow::Borrowed),
        Node::Reference => Some(Cow::Owned(Value::Text(at.scope.reference.to_owned()))),
        Node::Today => Some(Cow::Owned(Value::Date(at.scope.today))),
        Node::Not(_) | Node::And(..) | Node::Or(..) | Node::Compare(..) | Node::Present(_) => {
            truth(node, at).map(|truth| Cow::Owned(Value::Bool(truth)))
        }
        Node::Negative(of) => match *eval(of, at)? {
            Value::Number(number) => Some(Cow::Owned(Value::Number(-number))),
            Value::Money(amount, currency) => Some(Cow::Owned(Value::Money(-amount, currency))),
            _ => None,
        },
        Node::Arithmetic(by, left, right) => {
            let (left, right) = (eval(left, at)?, eval(right, at)?);
            compute(*by, &left, &right).map(Cow::Owned)
        }
        Node::Concat(left, right) => {
            let mut out = String::new();
            for side in [left, right] {
                out.extend(eval(side, at).map(|value| words::of(&value)));
            }
            out.truncate(out.floor_char_boundary(limits::TEXT_BYTES));
            Some(Cow::Owned(Value::Text(out)))
        }
        Node::If(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            eval(if holds(condition, at) { then } else { otherwise }, at)
        }
        Node::List(items) => {
            let texts = items.iter().filter_map(|item| text(eval(item, at)?));
            Some(Cow::Owned(Value::List(texts.collect())))
        }
        Node::Labels(of, labels) => eval(of, at).map(|value| Cow::Owned(labelled(&value, labels))),
        Node::Picked(of, list) => {
            let value = eval(of, at)?;
            let labels = match at.scope.values.get(list.as_ref()) {
                Some(Value::Options(options)) => options.as_slice(),
                _ => &[],
            };
            Some(Cow::Owned(labelled(&value, labels)))
        }
        Node::Call(function, args) => call(*function, args, at),
    }
}

/// Whether a condition holds; what is not known does not.
pub(crate) fn holds<'a>(node: &'a Node, at: &At<'a>) -> bool {
    truth(node, at) == Some(true)
}

/// True, false or not known. `and` and `or` know what one side alone decides.
fn truth<'a>(node: &'a Node, at: &At<'a>) -> Option<bool> {
    match node {
        Node::Not(of) => truth(of, at).map(|truth| !truth),
        Node::And(left, right) => both(truth(left, at), || truth(right, at)),
        Node::Or(left, right) => match truth(left, at) {
            Some(true) => Some(true),
            Some(false) => truth(right, at),
            None => truth(right, at).filter(|truth| *truth),
        },
        Node::Present(of) => Some(eval(of, at).is_some()),
        Node::Compare(first, rest) => {
            let mut left = eval(first, at);
            let mut so_far = Some(true);
            for (comparison, right_node) in rest {
                let right = match comparison {
                    Comparison::In | Comparison::NotIn => None, // it may be a list of any type
                    _ => eval(right_node, at),
                };
                let held = match comparison {
                    Comparison::In => Some(is_member(left.as_deref(), right_node, at)),
                    Comparison::NotIn => Some(!is_member(left.as_deref(), right_node, at)),
                    by => compare(*by, left.as_deref(), right.as_deref()),
                };
                so_far = both(so_far, || held);
                if so_far == Some(false) {
                    break;
                }
                left = right;
            }
            so_far
        }
        _ => match eval(node, at).as_deref() {
            Some(Value::Bool(truth)) => Some(*truth),
            _ => None,
        },
    }
}

fn both(left: Option<bool>, right: impl FnOnce() -> Option<bool>) -> Option<bool> {
    match left {
        Some(false) => Some(false),
        Some(true) => right(),
        None => right().filter(|truth| !truth),
    }
}

/// Equality compares a missing value like any other; an order needs both.
fn compare(by: Comparison, left: Option<&Value>, right: Option<&Value>) -> Option<bool> {
    match by {
        Comparison::Equal => return Some(left == right),
        Comparison::Unequal => return Some(left != right),
        _ => {}
    }
    let order = match (left?, right?) {
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Money(a, c), Value::Money(b, d)) if c == d => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        _ => return None,
    };
    match by {
        Comparison::Less => Some(order.is_lt()),
        Comparison::AtMost => Some(order.is_le()),
        Comparison::More => Some(order.is_gt()),
        Comparison::AtLeast => Some(order.is_ge()),
        _ => None,
    }
}

fn is_member<'a>(item: Option<&Value>, list: &'a Node, at: &At<'a>) -> bool {
    let Some(item) = item else {
        return false;
    };
    if let Node::List(nodes) = list {
        return nodes.iter().any(|node| eval(node, at).as_deref() == Some(item));
    }
    match (item, eval(list, at).as_deref()) {
        (Value::Text(text), Some(Value::List(list))) => list.contains(text),
        _ => false,
    }
}

fn text(value: Cow<'_, Value>) -> Option<String> {
    match value.into_owned() {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn labelled(value: &Value, labels: &[(String, String)]) -> Value {
    let label = |value: &String| {
        let known = labels.iter().find(|(known, _)| known == value);
        known.map_or_else(|| value.clone(), |(_, label)| label.clone())
    };
    match value {
        Value::Text(value) => Value::Text(label(value)),
        Value::List(values) => Value::List(values.iter().map(label).collect()),
        other => other.clone(),
    }
}

fn call<'a>(function: Function, args: &'a [Node], at: &At<'a>) -> Option<Cow<'a, Value>> {
    let arg = |index: usize| args.get(index).and_then(|node| eval(node, at));
    let value = match function {
        Function::Default => return arg(0).or_else(|| arg(1)),
        Function::Today => Value::Date(at.scope.today),
        Function::Length => Value::Number(match arg(0).as_deref() {
            Some(Value::Text(text)) => text.chars().count().into(),
            Some(Value::List(list)) => list.len().into(),
            _ => Decimal::ZERO,
        }),
        Function::Sum | Function::Least | Function::Greatest => return over(function, args, at),
        Function::Join => {
            let between = if args.len() > 1 {
                text(arg(1)?)?
            } else {
                ", ".to_owned()
            };
            match arg(0)?.as_ref() {
                Value::List(list) => Value::Text(list.join(&between)),
                _ => return None,
            }
        }
        Function::Round => {
            let places = if args.len() > 1 {
                number(&*arg(1)?)?.to_u32()?
            } else {
                0
            };
            match *arg(0)? {
                Value::Number(number) => Value::Number(arithmetic::round(number, places)),
                Value::Money(amount, of) => Value::Money(arithmetic::round(amount, places), of),
                _ => return None,
            }
        }
        _ => match arg(0)?.as_ref() {
            Value::Date(day) => return dated(function, *day, arg(1).as_deref(), at).map(Cow::Owned),
            other => simple(function, other)?,
        },
    };
    Some(Cow::Owned(value))
}

/// `sum`, `min` and `max`: what is missing does not count.
fn over<'a>(function: Function, args: &'a [Node], at: &At<'a>) -> Option<Cow<'a, Value>> {
    use super::node::Arithmetic::Add;
    let mut values = args.iter().filter_map(|node| eval(node, at));
    let mut result = values.next()?;
    for value in values {
        let keep = match function {
            Function::Sum => {
                result = Cow::Owned(compute(Add, &result, &value)?);
                continue;
            }
            Function::Least => compare(Comparison::Less, Some(&value), Some(&result)) == Some(true),
            _ => compare(Comparison::More, Some(&value), Some(&result)) == Some(true),
        };
        if keep {
            result = value;
        }
    }
    Some(result)
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

fn dated(function: Function, day: Date, second: Option<&Value>, at: &At<'_>) -> Option<Value> {
    let to = |second: Option<&Value>| match second {
        Some(Value::Date(day)) => Some(*day),
        _ => None,
    };
    let add = |unit| calendar::add(day, number(second?)?, unit).map(Value::Date);
    let count = |count: i64| Some(Value::Number(count.into()));
    match function {
        Function::Age => count(calendar::years(day, at.scope.today)),
        Function::AddDays => add(Unit::Days),
        Function::AddMonths => add(Unit::Months),
        Function::AddYears => add(Unit::Years),
        Function::DaysBetween => count(calendar::days(day, to(second)?)),
        Function::MonthsBetween => count(calendar::months(day, to(second)?)),
        Function::YearsBetween => count(calendar::years(day, to(second)?)),
        Function::Year => count(day.year().into()),
        Function::Month => count(day.month().into()),
        Function::Day => count(day.day().into()),
        Function::Weekday => count(day.weekday().to_monday_one_offset().into()),
        Function::DateWords => Some(Value::Text(words::date(day))),
        Function::Iso => Some(Value::Text(day.to_string())),
        _ => None,
    }
}

fn simple(function: Function, value: &Value) -> Option<Value> {
    match (function, value) {
        (Function::ReadDate, Value::Text(text)) => text.trim().parse().ok().map(Value::Date),
        (Function::ReadNumber, Value::Text(text)) => Decimal::from_str_exact(text.trim()).ok().map(Value::Number),
        (Function::ReadNumber, Value::Money(amount, _)) => Some(Value::Number(*amount)),
        (Function::MakeMoney(currency), Value::Text(text)) => {
            let amount = Decimal::from_str_exact(text.trim()).ok()?;
            Some(Value::Money(arithmetic::to_minor(amount, currency), currency))
        }
        (Function::MakeMoney(currency), Value::Number(amount)) => {
            Some(Value::Money(arithmetic::to_minor(*amount, currency), currency))
        }
        (Function::MoneyWords, Value::Money(amount, currency)) => Some(Value::Text(words::money(*amount, *currency))),
        (Function::Upper, Value::Text(text)) => Some(Value::Text(text.to_uppercase())),
        (Function::Lower, Value::Text(text)) => Some(Value::Text(text.to_lowercase())),
        (Function::Trim, Value::Text(text)) => Some(Value::Text(text.trim().to_owned())),
        (Function::First, Value::List(list)) => list.first().cloned().map(Value::Text),
        (Function::Last, Value::List(list)) => list.last().cloned().map(Value::Text),
        _ => None,
    }
}
