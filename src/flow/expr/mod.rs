//! Expressions: guards, bounds, computed values.
//!
//! Owns [`Expr`]: parsed by `MiniJinja`'s grammar, typed against the declared fields at load,
//! evaluated exactly and totally: no expression fails at run time. Must not know screens.
//!
//! A value may be missing: an optional field left empty, a division by zero, a number too large.
//! `==`, `!=`, `in` and `is` compare a missing value like any other. An order with it is not known,
//! sums, products and calls of it are missing, and `not`, `and`, `or` know what can be known. A
//! guard holds only where it is surely true; a rule fails only where it is surely false.

mod arithmetic;
mod calendar;
mod eval;
mod functions;
mod lower;
mod names;
mod node;
mod operators;
mod over;
mod rows;
mod special;
mod syntax;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::{Declared, Row, Scope, Type, Value};

pub(super) use eval::{At, eval, holds};
pub(super) use lower::{Lowering, Sort};
pub(super) use names::Bound;
pub(super) use node::Node;
pub(super) use over::asks_items;
pub(super) use rows::{Around, Item, rows};
pub(super) use syntax::{span, template};

/// The declared fields that an expression may read, with their types and options.
pub type Types = BTreeMap<String, Declared>;

/// What is wrong with an expression or a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// A stable code, such as `unknown-name`, `wrong-type`, `syntax`.
    pub code: &'static str,
    /// Where, in bytes of the expression's or text's own source.
    pub span: Range<usize>,
    /// What is wrong, in one line.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// A typed expression. What it reads may be missing: then an order (`<`) and arithmetic have no
/// value.
#[derive(Clone, Debug)]
pub struct Expr {
    node: Node,
    result: Type,
    reads: BTreeSet<String>,
}

impl Expr {
    /// Parses and types an expression over the fields in `types`; all flaws at once.
    pub fn parse(source: &str, types: &Types) -> Result<Self, Vec<Flaw>> {
        let tree = syntax::expression(source).map_err(|flaw| vec![flaw])?;
        let mut lowering = Lowering::new(source, types);
        let result = lowering.value(&tree);
        let (reads, flaws) = lowering.finish();
        match result {
            Some((node, result)) if flaws.is_empty() => Ok(Self { node, result, reads }),
            _ => Err(flaws),
        }
    }

    /// The same, to be read in each row of a table: what it has first, then what is around.
    pub(crate) fn of_rows(source: &str, types: &Types, columns: &Arc<Types>) -> Result<Self, Vec<Flaw>> {
        let tree = syntax::expression(source).map_err(|flaw| vec![flaw])?;
        let mut lowering = Lowering::over(source, types, columns);
        let result = lowering.value(&tree);
        let (reads, flaws) = lowering.finish();
        match result {
            Some((node, result)) if flaws.is_empty() => Ok(Self { node, result, reads }),
            _ => Err(flaws),
        }
    }

    /// What holds of every item of a list, and reads that list.
    pub(crate) fn of_list(list: &str) -> Self {
        Self {
            reads: [list.to_owned()].into(),
            ..Self::constant(Value::Bool(true))
        }
    }

    /// The same, which reads this list besides.
    pub(crate) fn reading(mut self, list: &str) -> Self {
        self.reads.insert(list.to_owned());
        self
    }

    /// Whether it is true of a row, which stands at that place.
    pub(crate) fn holds_for(&self, row: &Row, position: usize, scope: &Scope<'_>) -> bool {
        let around = Around::new(Item::Row(row, position), None);
        holds(&self.node, &At::new(scope).inside(&around))
    }

    /// A column that must have this text for it to be true of a row, where it says that of one; a value that
    /// is missing is in no column.
    pub(crate) fn needs(&self, scope: &Scope<'_>) -> Option<(&str, Option<String>)> {
        let (column, wanted) = self.node.needs()?;
        let text = eval(wanted, &At::new(scope)).and_then(|value| value.as_text().map(str::to_owned));
        Some((column, text))
    }

    /// The column, and the field that it must equal, where that is how rows are found.
    pub(crate) fn needs_field(&self) -> Option<(&str, &str)> {
        match self.node.needs()? {
            (column, Node::Field(field)) => Some((column, field)),
            _ => None,
        }
    }

    /// A constant: a bound or default that is written as a literal.
    pub fn constant(value: Value) -> Self {
        Self {
            result: value.of_type(),
            reads: BTreeSet::new(),
            node: Node::Value(value),
        }
    }

    /// Its value, where it is known at load: a literal, or what folds to one.
    pub fn known(&self) -> Option<&Value> {
        match &self.node {
            Node::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The field that it is, if it is one alone.
    pub(crate) fn field(&self) -> Option<&str> {
        match &self.node {
            Node::Field(name) => Some(name),
            _ => None,
        }
    }

    /// The type of its value.
    pub fn result(&self) -> Type {
        self.result
    }

    /// The fields that it reads.
    pub fn reads(&self) -> &BTreeSet<String> {
        &self.reads
    }

    /// What it reads of the items of lists.
    pub(crate) fn cells(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        self.node.cells(&mut found);
        found
    }

    /// A column that is compared with itself.
    pub(crate) fn compared_with_itself(&self) -> Option<&str> {
        self.node.compared_with_itself()
    }

    /// The list that it is, with all that its items have.
    pub(crate) fn list(&self) -> Option<&str> {
        self.node.list().filter(|_| self.result == Type::Rows)
    }

    /// The answers that must be given for it to be true: of `field == 'option'`, `'option' in field`,
    /// `field`, `not field`, and of such among others joined by `and`.
    pub(crate) fn chosen(&self) -> Vec<(String, Value)> {
        self.node.chosen()
    }

    /// Its value, if it has one.
    pub fn eval(&self, scope: &Scope<'_>) -> Option<Value> {
        eval(&self.node, &At::new(scope)).map(std::borrow::Cow::into_owned)
    }

    /// Whether it is true; a missing value is not.
    pub fn holds(&self, scope: &Scope<'_>) -> bool {
        holds(&self.node, &At::new(scope))
    }
}
