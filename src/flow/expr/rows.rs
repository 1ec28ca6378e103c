//! What expressions come to over the items of lists.
//!
//! Owns going through items, and the functions of what each of them comes to. Must not know how an
//! expression was made.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::arithmetic::compute;
use super::eval::{At, eval, holds};
use super::functions::Function;
use super::node::{Arithmetic, Cell, Node};
use crate::flow::{Row, Rows, Type, Value, format};

/// What stands around a part, from the innermost loop outwards.
#[derive(Clone, Debug)]
pub(crate) struct Around<'a> {
    item: Item<'a>,
    level: usize,
    outer: Option<&'a Self>,
}

/// What one round of a loop is about.
#[derive(Clone, Debug)]
pub(crate) enum Item<'a> {
    /// One of what was chosen.
    Entry(Value),
    /// An item of a list, and its place in it, counted from 1.
    Row(&'a Row, usize),
}

impl<'a> Around<'a> {
    /// One more loop, inside of what is around already.
    pub(crate) fn new(item: Item<'a>, outer: Option<&'a Self>) -> Self {
        let level = outer.map_or(0, |outer| outer.level + 1);
        Self { item, level, outer }
    }

    /// The item of a level, counted from the outermost loop.
    fn level(&'a self, level: usize) -> Option<&'a Item<'a>> {
        let mut at = self;
        while at.level > level {
            at = at.outer?;
        }
        (at.level == level).then_some(&at.item)
    }

    /// The values by that name in the items around, from the innermost outwards.
    pub(super) fn find(&'a self, name: &str) -> Option<&'a Value> {
        let own = match &self.item {
            Item::Row(row, _) => row.values.get(name),
            Item::Entry(_) => None,
        };
        own.or_else(|| self.outer?.find(name))
    }
}

/// The entry that a `{% for %}` is at.
pub(super) fn entry<'a>(level: usize, at: &At<'a>) -> Option<Cow<'a, Value>> {
    match at.around?.level(level)? {
        Item::Entry(value) => Some(Cow::Borrowed(value)),
        Item::Row(..) => None,
    }
}

/// What an item around has there.
pub(super) fn cell<'a>(level: usize, cell: &Cell, at: &At<'a>) -> Option<Cow<'a, Value>> {
    let Item::Row(row, position) = at.around?.level(level)? else {
        return None;
    };
    match cell {
        Cell::Field(name) => row.values.get(name.as_ref()).map(Cow::Borrowed),
        Cell::Position => Some(Cow::Owned(Value::Number((*position).into()))),
        Cell::Key => Some(Cow::Owned(Value::Text(row.key.to_string()))),
    }
}

/// Goes through the items of a list, with each one's place in its own list, until `visit` has enough.
pub(crate) fn rows<'a>(list: &Node, at: &At<'a>, visit: &mut dyn FnMut(&'a Row, usize) -> bool) -> bool {
    let found = match list {
        Node::Field(name) => at.value(name),
        Node::Cell(level, Cell::Field(name)) => match at.around.and_then(|around| around.level(*level)) {
            Some(Item::Row(row, _)) => row.values.get(name.as_ref()),
            Some(Item::Entry(_)) | None => None,
        },
        Node::Each(_, parts) => {
            let [outer, Node::Cell(_, Cell::Field(name))] = parts.as_ref() else {
                return true;
            };
            return rows(outer, at, &mut |row, _| {
                let inner = row.values.get(name.as_ref()).and_then(Value::as_rows);
                numbered(inner, visit)
            });
        }
        _ => None,
    };
    numbered(found.and_then(Value::as_rows), visit)
}

fn numbered<'a>(rows: Option<&'a Rows>, visit: &mut dyn FnMut(&'a Row, usize) -> bool) -> bool {
    let rows = rows.into_iter().flatten();
    rows.enumerate().all(|(place, row)| visit(row, place + 1))
}

/// Goes through what is in a list, missing values of items included, until `visit` has enough.
pub(super) fn entries(list: &Node, at: &At<'_>, visit: &mut dyn FnMut(Option<Cow<'_, Value>>) -> bool) -> bool {
    match list {
        Node::Each(_, parts) => {
            let [list, body] = parts.as_ref();
            rows(list, at, &mut |row, position| {
                let around = Around::new(Item::Row(row, position), at.around);
                let inner = at.inside(&around);
                let value = eval(body, &inner);
                if let Some(Value::List(chosen)) = value.as_deref() {
                    chosen
                        .iter()
                        .all(|one| visit(Some(Cow::Owned(Value::Text(one.clone())))))
                } else {
                    visit(value)
                }
            })
        }
        Node::List(items) => items.iter().all(|item| visit(eval(item, at))),
        other => {
            let list = eval(other, at);
            let chosen = list.as_deref().and_then(Value::as_list).unwrap_or_default();
            chosen
                .iter()
                .all(|one| visit(Some(Cow::Owned(Value::Text(one.clone())))))
        }
    }
}

/// All that the items have there, in one list.
pub(super) fn gathered(of: Type, list: &Node, at: &At<'_>) -> Value {
    if of == Type::Rows {
        let mut all = Vec::new();
        rows(list, at, &mut |row, _| {
            all.push(row.clone());
            true
        });
        return Value::Rows(all.into());
    }
    let mut texts = Vec::new();
    entries(list, at, &mut |value| {
        if let Some(Value::Text(text)) = value.map(Cow::into_owned) {
            texts.push(text);
        }
        true
    });
    Value::List(texts)
}

/// `any`: whether one surely is; not known where none surely is, and of one that is not known.
pub(super) fn any(list: &Node, at: &At<'_>) -> Option<bool> {
    decided(list, at, true)
}

/// `all`: whether each surely is.
pub(super) fn all(list: &Node, at: &At<'_>) -> Option<bool> {
    decided(list, at, false)
}

/// What one alone decides, else the other, if all are known.
fn decided(list: &Node, at: &At<'_>, by: bool) -> Option<bool> {
    let mut so_far = Some(!by);
    entries(list, at, &mut |value| {
        match value.as_deref().and_then(Value::as_bool) {
            Some(found) if found == by => so_far = Some(by),
            Some(_) => {}
            None => so_far = None,
        }
        so_far != Some(by)
    });
    so_far
}

/// How many items a condition holds for.
pub(super) fn count(list: &Node, at: &At<'_>) -> Decimal {
    let mut count = 0_u32;
    if let Node::Each(_, parts) = list {
        let [list, condition] = parts.as_ref();
        rows(list, at, &mut |row, position| {
            let around = Around::new(Item::Row(row, position), at.around);
            let inner = at.inside(&around);
            count += u32::from(holds(condition, &inner));
            true
        });
    }
    count.into()
}

/// How many entries or items there are.
pub(super) fn length(list: &Node, at: &At<'_>) -> Decimal {
    let mut count = 0_u32;
    if matches!(list, Node::Each(Type::Rows, _)) {
        rows(list, at, &mut |_, _| {
            count += 1;
            true
        });
    } else {
        entries(list, at, &mut |value| {
            count += u32::from(value.is_some());
            true
        });
    }
    count.into()
}

/// The entry of that place, counted from 1.
pub(super) fn nth(list: &Node, place: Decimal, at: &At<'_>) -> Option<Value> {
    let place = place.to_u32().filter(|whole| Decimal::from(*whole) == place)?;
    let (mut seen, mut found) = (0, None);
    entries(list, at, &mut |value| {
        seen += 1;
        if seen == place {
            found = value.map(Cow::into_owned);
        }
        seen < place
    });
    found
}

/// The last entry.
pub(super) fn last(list: &Node, at: &At<'_>) -> Option<Value> {
    let mut found = None;
    entries(list, at, &mut |value| {
        found = value.map(Cow::into_owned);
        true
    });
    found
}

/// The words of the entries with `between` them; what is missing has none.
pub(super) fn join(list: &Node, between: &str, at: &At<'_>) -> String {
    let mut words = Vec::new();
    entries(list, at, &mut |value| {
        words.extend(value.map(|value| format::of(&value, at.words())));
        true
    });
    words.join(between)
}

/// `sum`, `min` and `max`: what is missing does not count.
pub(super) fn over(function: Function, args: &[Node], at: &At<'_>) -> Option<Value> {
    let mut result: Option<Value> = None;
    let mut beyond = false;
    let mut take = |value: Option<Cow<'_, Value>>| {
        let Some(value) = value else {
            return true;
        };
        let Some(so_far) = result.take() else {
            result = Some(value.into_owned());
            return true;
        };
        result = match function {
            Function::Sum => compute(Arithmetic::Add, &so_far, &value),
            Function::Least if value.order(&so_far) == Some(Ordering::Less) => Some(value.into_owned()),
            Function::Greatest if value.order(&so_far) == Some(Ordering::Greater) => Some(value.into_owned()),
            _ => Some(so_far),
        };
        beyond = result.is_none();
        !beyond
    };
    for arg in args {
        let more = match arg {
            Node::Each(..) => entries(arg, at, &mut take),
            one => take(eval(one, at)),
        };
        if !more {
            break;
        }
    }
    if beyond { None } else { result }
}
