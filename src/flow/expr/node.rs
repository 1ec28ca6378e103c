//! The tree of a typed expression.
//!
//! Owns [`Node`]. Must not know how it is made (`lower`) or what it comes to (`eval`).

use std::collections::BTreeSet;

use super::functions::Function;
use crate::flow::{KEY, Options, POSITION, Picked, Type, Value};

/// A part of a typed expression. That the types fit was checked when it was made.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// Known at load.
    Value(Value),
    /// `none`.
    Missing,
    /// The value of a field.
    Field(Box<str>),
    /// The item of a `{% for %}`, counted from the outermost.
    Item(usize),
    /// What an item of a list has, in the loop of that level, counted from the outermost.
    Cell(usize, Cell),
    /// List and part: what the part comes to for each item of the list, of that type each.
    Each(Type, Box<[Self; 2]>),
    /// The session's reference.
    Reference,
    /// The day.
    Today,
    Not(Box<Self>),
    Negative(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    /// `a < b <= c`: holds if each comparison does.
    Compare(Box<Self>, Vec<(Comparison, Self)>),
    Arithmetic(Arithmetic, Box<Self>, Box<Self>),
    /// `~`: the words of the one and the other.
    Concat(Box<Self>, Box<Self>),
    /// Whether there is a value.
    Present(Box<Self>),
    /// Condition, then, else.
    If(Box<[Self; 3]>),
    /// A list written out.
    List(Vec<Self>),
    /// A choice's option, or several, as their labels.
    Labels(Box<Self>, Options),
    /// What was picked, as its label.
    Picked(Box<Self>, Picked),
    Call(Function, Vec<Self>),
}

/// What is read of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// A field, or a list in it.
    Field(Box<str>),
    /// Its place in its list, from 1.
    Position,
    /// Its number in the session, as text.
    Key,
}

impl Cell {
    /// Of that name.
    pub(super) fn of(name: &str) -> Self {
        match name {
            POSITION => Self::Position,
            KEY => Self::Key,
            field => Self::Field(field.into()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    In,
    NotIn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// `//`: towards minus infinity.
    WholeDivide,
    /// `%`: what `//` leaves.
    Remainder,
}

impl Node {
    /// Known at load: nothing of the session decides it.
    pub(super) fn is_constant(&self) -> bool {
        matches!(self, Self::Value(_) | Self::Missing)
    }

    /// The level of the loop whose item has this list, if one has it.
    pub(super) fn item(&self) -> Option<usize> {
        match self {
            Self::Cell(level, _) => Some(*level),
            Self::Each(_, parts) => {
                let [list, _] = parts.as_ref();
                list.item()
            }
            _ => None,
        }
    }

    /// A column of the row around, and the field or text that it must equal.
    pub(super) fn needs(&self) -> Option<(&str, &Self)> {
        match self {
            Self::And(left, right) => left.needs().or_else(|| right.needs()),
            Self::Compare(first, rest) => {
                let [(Comparison::Equal, second)] = rest.as_slice() else {
                    return None;
                };
                match (first.as_ref(), second) {
                    (Self::Cell(0, Cell::Field(column)), wanted @ (Self::Field(_) | Self::Value(_)))
                    | (wanted @ (Self::Field(_) | Self::Value(_)), Self::Cell(0, Cell::Field(column))) => {
                        Some((column, wanted))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Adds what is read of items.
    pub(crate) fn cells<'a>(&'a self, found: &mut BTreeSet<&'a str>) {
        match self {
            Self::Cell(_, Cell::Field(name)) => {
                found.insert(name);
            }
            Self::Each(_, parts) => parts.iter().for_each(|part| part.cells(found)),
            Self::Not(part)
            | Self::Negative(part)
            | Self::Present(part)
            | Self::Labels(part, _)
            | Self::Picked(part, _) => part.cells(found),
            Self::And(left, right)
            | Self::Or(left, right)
            | Self::Arithmetic(_, left, right)
            | Self::Concat(left, right) => [left, right].iter().for_each(|part| part.cells(found)),
            Self::Compare(first, rest) => {
                first.cells(found);
                for (_, part) in rest {
                    part.cells(found);
                }
            }
            Self::If(parts) => parts.iter().for_each(|part| part.cells(found)),
            Self::List(parts) | Self::Call(_, parts) => parts.iter().for_each(|part| part.cells(found)),
            Self::Value(_)
            | Self::Missing
            | Self::Field(_)
            | Self::Item(_)
            | Self::Cell(..)
            | Self::Reference
            | Self::Today => {}
        }
    }

    /// A name that is compared with itself, where one is: that says nothing.
    pub(super) fn compared_with_itself(&self) -> Option<&str> {
        match self {
            Self::Compare(first, rest) => {
                let Self::Cell(level, Cell::Field(name)) = first.as_ref() else {
                    return None;
                };
                let same = |part: &Self| matches!(part, Self::Cell(other, Cell::Field(again)) if other == level && again == name);
                rest.iter().any(|(_, part)| same(part)).then_some(&**name)
            }
            Self::And(left, right) | Self::Or(left, right) => {
                left.compared_with_itself().or_else(|| right.compared_with_itself())
            }
            _ => None,
        }
    }

    /// The list whose items it is, where it is items.
    pub(super) fn list(&self) -> Option<&str> {
        match self {
            Self::Field(name) | Self::Cell(_, Cell::Field(name)) => Some(name),
            Self::Each(_, parts) => {
                let [_, inner] = parts.as_ref();
                inner.list()
            }
            _ => None,
        }
    }

    pub(super) fn chosen(&self) -> Vec<(String, Value)> {
        let one = |field: &str, answer: Value| vec![(field.to_owned(), answer)];
        match self {
            Self::And(left, right) => [left.chosen(), right.chosen()].concat(),
            Self::Field(field) => one(field, Value::Bool(true)),
            Self::Not(inner) => match inner.as_ref() {
                Self::Field(field) => one(field, Value::Bool(false)),
                _ => Vec::new(),
            },
            Self::Compare(first, rest) => match (first.as_ref(), rest.as_slice()) {
                (Self::Field(field), [(Comparison::Equal, Self::Value(answer))])
                | (Self::Value(answer), [(Comparison::Equal | Comparison::In, Self::Field(field))]) => {
                    one(field, answer.clone())
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Known at load, and a value.
    pub(super) fn is_known(&self) -> bool {
        matches!(self, Self::Value(_))
    }
}
