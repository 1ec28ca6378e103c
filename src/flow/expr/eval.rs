//! From a typed tree to its value.
//!
//! Owns evaluation: total, exact, without a loop that is longer than the tree and the lists in
//! it. Must not know how the tree was made.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::arithmetic::{self, compute};
use super::calendar::{self, Unit};
use super::functions::Function;
use super::node::{Comparison, Node};
use super::rows::{self, Around};
use crate::flow::field::folded;
use crate::flow::{Picked, Rows, Scope, Value, Values, format};
use crate::limits;
use crate::words::Words;

/// Where an expression is evaluated: the scope, and what the loops around are at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    scope: Scope<'a>,
    pub(crate) around: Option<&'a Around<'a>>,
    /// This is the label of an item.
    labels: bool,
}

static NO_VALUES: Values = Values::new();

impl<'a> At<'a> {
    /// The language in which values are said.
    pub(crate) fn words(&self) -> Words {
        self.scope.words
    }

    /// A value in words, as a text prints it.
    pub(crate) fn printed(&self, value: &Value) -> String {
        let said = format::of(value, self.words());
        if self.scope.on_page {
            return self.words().apart(said).into_owned();
        }
        said
    }

    pub(crate) fn new(scope: &Scope<'a>) -> Self {
        Self {
            scope: *scope,
            around: None,
            labels: false,
        }
    }

    /// The same, inside a loop.
    pub(crate) fn inside<'b>(&self, around: &'b Around<'b>) -> At<'b>
    where
        'a: 'b,
    {
        At {
            scope: self.scope,
            around: Some(around),
            labels: self.labels,
        }
    }

    /// The same, in the label of an item.
    pub(crate) fn label<'b>(&self, around: &'b Around<'b>) -> At<'b>
    where
        'a: 'b,
    {
        At {
            labels: true,
            ..self.inside(around)
        }
    }

    /// The value of that name in the innermost item that has one, else around.
    fn nearest(&self, name: &str) -> Option<&'a Value> {
        let own = self.around.and_then(|around| around.find(name));
        own.or_else(|| self.value(name))
    }

    /// The value of a field.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.scope.values.get(name)
    }

    /// At load, for what reads nothing.
    pub(super) fn load() -> At<'static> {
        At {
            scope: Scope::new(&NO_VALUES, Date::ZERO, "", Words::english()),
            around: None,
            labels: false,
        }
    }
}

/// The value of a tree, if it has one.
pub(crate) fn eval<'a>(node: &'a Node, at: &At<'a>) -> Option<Cow<'a, Value>> {
    match node {
        Node::Value(value) => Some(Cow::Borrowed(value)),
        Node::Missing => None,
        Node::Field(name) => at.scope.values.get(name.as_ref()).map(Cow::Borrowed),
        Node::Item(level) => rows::entry(*level, at),
        Node::Cell(level, cell) => rows::cell(*level, cell, at),
        Node::Each(of, _) => Some(Cow::Owned(rows::gathered(*of, node, at))),
        Node::Reference => Some(Cow::Owned(Value::Text(at.scope.reference.to_owned()))),
        Node::Today => Some(Cow::Owned(Value::Date(at.scope.today))),
        Node::Not(_) | Node::And(..) | Node::Or(..) | Node::Compare(..) | Node::Present(_) => {
            truth(node, at).map(|truth| Cow::Owned(Value::Bool(truth)))
        }
        Node::Negative(of) => {
            let value = eval(of, at)?;
            let number = value.as_number().map(|number| Value::Number(-number));
            let amount = value
                .as_money()
                .map(|(amount, currency)| Value::Money(-amount, currency));
            number.or(amount).map(Cow::Owned)
        }
        Node::Arithmetic(by, left, right) => {
            let (left, right) = (eval(left, at)?, eval(right, at)?);
            compute(*by, &left, &right).map(Cow::Owned)
        }
        Node::Concat(left, right) => {
            let mut out = String::new();
            for side in [left, right] {
                out.extend(eval(side, at).map(|value| format::of(&value, at.scope.words)));
            }
            out.truncate(out.floor_char_boundary(limits::TEXT_BYTES));
            Some(Cow::Owned(Value::Text(out)))
        }
        Node::If(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            eval(if holds(condition, at) { then } else { otherwise }, at)
        }
        Node::List(items) => {
            let texts = items
                .iter()
                .filter_map(|item| Some(eval(item, at)?.as_text()?.to_owned()));
            Some(Cow::Owned(Value::List(texts.collect())))
        }
        Node::Labels(of, labels) => eval(of, at).map(|value| Cow::Owned(labelled(&value, labels))),
        Node::Picked(of, picked) => {
            let value = eval(of, at)?;
            Some(Cow::Owned(match picked {
                Picked::Saved(list) => {
                    let labels = at.nearest(list).and_then(Value::as_options);
                    labelled(&value, labels.unwrap_or_default())
                }
                // A label that reads another one might come back to itself.
                Picked::Items(_) if at.labels => value.into_owned(),
                Picked::Items(items) => {
                    let rows = at.nearest(&items.list).and_then(Value::as_rows);
                    relabelled(&value, |key| items.of_key(key, rows, &at.scope))
                }
            }))
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
        _ => eval(node, at)?.as_bool(),
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
    let order = || left?.order(right?);
    match by {
        Comparison::Equal => Some(same(left, right)),
        Comparison::Unequal => Some(!same(left, right)),
        Comparison::Less => order().map(Ordering::is_lt),
        Comparison::AtMost => order().map(Ordering::is_le),
        Comparison::More => order().map(Ordering::is_gt),
        Comparison::AtLeast => order().map(Ordering::is_ge),
        Comparison::In | Comparison::NotIn => None,
    }
}

/// Texts are compared as they are read, whatever signs stand for one another in them.
fn same(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left.and_then(Value::as_text), right.and_then(Value::as_text)) {
        (Some(left), Some(right)) => alike(left, right),
        (_, _) => left == right,
    }
}

fn alike(left: &str, right: &str) -> bool {
    left == right || folded::folded(left) == folded::folded(right)
}

fn is_member<'a>(item: Option<&Value>, list: &'a Node, at: &At<'a>) -> bool {
    let Some(item) = item else {
        return false;
    };
    if let Node::List(_) | Node::Each(..) = list {
        return !rows::entries(list, at, &mut |entry| !same(entry.as_deref(), Some(item)));
    }
    let list = eval(list, at);
    let list = list.as_deref().and_then(Value::as_list).unwrap_or_default();
    let text = item.as_text();
    text.is_some_and(|text| list.iter().any(|one| alike(one, text)))
}

fn labelled(value: &Value, labels: &[(String, String)]) -> Value {
    relabelled(value, |value| {
        let known = labels.iter().find(|(known, _)| known == value);
        known.map_or_else(|| value.to_owned(), |(_, label)| label.clone())
    })
}

fn relabelled(value: &Value, label: impl Fn(&str) -> String) -> Value {
    match value {
        Value::Text(value) => Value::Text(label(value)),
        Value::List(values) => Value::List(values.iter().map(|value| label(value)).collect()),
        other => other.clone(),
    }
}

fn call<'a>(function: Function, args: &'a [Node], at: &At<'a>) -> Option<Cow<'a, Value>> {
    let arg = |index: usize| args.get(index).and_then(|node| eval(node, at));
    let day = |index| arg(index)?.as_date();
    let time = |index| arg(index)?.as_time();
    let number = |index| arg(index)?.as_number();
    let of_text = |change: &dyn Fn(&str) -> String| Some(Value::Text(change(arg(0)?.as_text()?)));
    let count = |count: i64| Value::Number(count.into());
    let later = |unit| calendar::add(day(0)?, number(1)?, unit).map(Value::Date);
    let value = match function {
        Function::Default => return arg(0).or_else(|| arg(1)),
        Function::Sum | Function::Least | Function::Greatest => rows::over(function, args, at)?,
        Function::Today => Value::Date(at.scope.today),
        Function::Age => count(calendar::years(day(0)?, at.scope.today)),
        Function::AddDays => later(Unit::Days)?,
        Function::AddMonths => later(Unit::Months)?,
        Function::AddYears => later(Unit::Years)?,
        Function::DaysBetween => count(calendar::days(day(0)?, day(1)?)),
        Function::MonthsBetween => count(calendar::months(day(0)?, day(1)?)),
        Function::YearsBetween => count(calendar::years(day(0)?, day(1)?)),
        Function::Year => count(day(0)?.year().into()),
        Function::Month => count(day(0)?.month().into()),
        Function::Day => count(day(0)?.day().into()),
        Function::Weekday => count(day(0)?.weekday().to_monday_one_offset().into()),
        Function::ReadTime => Value::Time(format::read_time(arg(0)?.as_text()?)?),
        Function::Hour => count(time(0)?.hour().into()),
        Function::Minute => count(time(0)?.minute().into()),
        Function::MinutesBetween => count(calendar::minutes(time(0)?, time(1)?)),
        Function::DateWords => Value::Text(format::date(day(0)?, at.scope.words)),
        Function::Iso => Value::Text(day(0)?.to_string()),
        Function::ReadDate => Value::Date(arg(0)?.as_text()?.trim().parse().ok()?),
        Function::ReadNumber => Value::Number(read_number(&*arg(0)?)?),
        Function::MakeMoney(currency) => {
            Value::Money(arithmetic::to_minor(read_number(&*arg(0)?)?, currency), currency)
        }
        Function::MoneyWords => {
            let (amount, currency) = arg(0)?.as_money()?;
            Value::Text(format::money(amount, currency, at.scope.words))
        }
        Function::Length => Value::Number(match args.first()? {
            many @ (Node::Each(..) | Node::List(_)) => rows::length(many, at),
            one => eval(one, at).as_deref().map_or(Decimal::ZERO, length),
        }),
        Function::Round => {
            let places = if args.len() > 1 { number(1)?.to_u32()? } else { 0 };
            rounded(&*arg(0)?, places)?
        }
        Function::Upper => of_text(&|text| at.scope.words.upper(text))?,
        Function::Lower => of_text(&|text| at.scope.words.lower(text))?,
        Function::Trim => of_text(&|text| text.trim().to_owned())?,
        Function::First => rows::nth(args.first()?, Decimal::ONE, at)?,
        Function::Last => rows::last(args.first()?, at)?,
        Function::Nth => rows::nth(args.first()?, number(1)?, at)?,
        Function::Any => Value::Bool(rows::any(args.first()?, at)?),
        Function::All => Value::Bool(rows::all(args.first()?, at)?),
        Function::Count => Value::Number(rows::count(args.first()?, at)),
        Function::Join => {
            let list = args.first()?;
            if !matches!(list, Node::Each(..)) {
                eval(list, at)?;
            }
            let between = if args.len() > 1 {
                arg(1)?
            } else {
                Cow::Owned(Value::Text(", ".to_owned()))
            };
            Value::Text(rows::join(list, between.as_text()?, at))
        }
    };
    Some(Cow::Owned(value))
}

/// The number in a text, or of an amount.
fn read_number(value: &Value) -> Option<Decimal> {
    let written = value
        .as_text()
        .and_then(|text| Decimal::from_str_exact(text.trim()).ok());
    let amount = value.as_money().map(|(amount, _)| amount);
    written.or_else(|| value.as_number()).or(amount)
}

fn length(value: &Value) -> Decimal {
    let characters = value.as_text().map(|text| text.chars().count());
    let entries = characters.or_else(|| value.as_list().map(<[_]>::len));
    let entries = entries.or_else(|| value.as_options().map(<[_]>::len));
    let entries = entries.or_else(|| value.as_rows().map(Rows::len));
    entries.map_or(Decimal::ZERO, Decimal::from)
}

fn rounded(value: &Value, places: u32) -> Option<Value> {
    let round = |number| arithmetic::round(number, places);
    let number = value.as_number().map(|number| Value::Number(round(number)));
    let amount = value.as_money().map(|(amount, of)| Value::Money(round(amount), of));
    number.or(amount)
}
