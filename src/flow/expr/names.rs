//! What names stand for: the fields, the items of the loops around, and what is read of items.
//!
//! Owns [`Bound`] and the way from `people.jobs.pay` to a part. Must not know functions.

use std::ops::Range;
use std::sync::Arc;

use minijinja::machinery::ast::Expr;

use super::lower::{Lowering, Sort, Typed, typed};
use super::node::{Cell, Node};
use super::{Types, functions, over};
use crate::flow::diagnostic::did_you_mean;
use crate::flow::{Declared, KEY, Options, POSITION, Type};
use crate::limits;

/// What a loop around brings into the names.
#[derive(Clone, Debug)]
pub(crate) enum Bound {
    /// `{% for x in list %}`, over what was chosen: its name, and the options that it is one of.
    Entry(String, Options),
    /// `{% for p in people %}`: an item, by a name.
    Row(String, Arc<Types>),
    /// The second part of `any(people, ...)`: the fields of an item, by their own names.
    Fields(Arc<Types>),
}

/// What a declared name, or the beginning of one, came to, and how many of the names that took.
struct Found {
    part: Typed,
    names: usize,
}

impl Lowering<'_> {
    /// `people.jobs.pay`; a name with dots that is declared goes before a part of a shorter one.
    pub(super) fn attribute(&mut self, expr: &Expr<'_>, span: Range<usize>) -> Option<Typed> {
        let mut names = Vec::new();
        let mut base = expr;
        while let Expr::GetAttr(attribute) = base {
            names.push(attribute.name);
            base = &attribute.expr;
        }
        let Expr::Var(var) = base else {
            return self.no_parts(&span);
        };
        names.push(var.id);
        names.reverse();
        self.named(&names, span)
    }

    pub(super) fn no_parts<T>(&mut self, span: &Range<usize>) -> Option<T> {
        let help = "of a date: `year(d)`, `month(d)`, `day(d)`; of a list: `first`, `last`, `nth`";
        self.flaw("not-supported", span, "values have no parts", help.to_owned())
    }

    /// What one name or several with dots between them stand for.
    pub(super) fn named(&mut self, names: &[&str], span: Range<usize>) -> Option<Typed> {
        let Found { mut part, names: used } = self.found(names, &span)?;
        let mut used = used;
        while used < names.len() {
            let (list, rest) = names.split_at(used);
            let column = self.column(part, list, rest, &span)?;
            part = column.part;
            used += column.names;
        }
        Some(part)
    }

    fn found(&mut self, names: &[&str], span: &Range<usize>) -> Option<Found> {
        let [first, rest @ ..] = names else {
            return None;
        };
        for level in (0..self.around.len()).rev() {
            match self.around.get(level).cloned() {
                Some(Bound::Entry(name, options)) if name == *first => {
                    let entry = typed(Node::Item(level), Sort::One(Type::Text), span.clone());
                    let part = Typed { options, ..entry };
                    return Some(Found { part, names: 1 });
                }
                Some(Bound::Row(name, columns)) if name == *first => {
                    return self.of_row(level, &name, &columns, rest, span);
                }
                Some(Bound::Fields(columns)) => {
                    if let Some(found) = cell(level, &columns, names, span) {
                        return Some(found);
                    }
                }
                Some(Bound::Entry(..) | Bound::Row(..)) | None => {}
            }
        }
        if let Some((name, declared, used)) = longest(self.types, names) {
            self.reads.insert(name.clone());
            let part = declared_as(Node::Field(name.into()), declared, span);
            return Some(Found { part, names: used });
        }
        let part = match *first {
            "today" => typed(Node::Today, Sort::One(Type::Date), span.clone()),
            "reference" => typed(Node::Reference, Sort::One(Type::Text), span.clone()),
            _ => return self.unknown(names, span),
        };
        Some(Found { part, names: 1 })
    }

    /// `p.name`, of the item that `p` stands for.
    fn of_row(
        &mut self,
        level: usize,
        name: &str,
        columns: &Types,
        rest: &[&str],
        span: &Range<usize>,
    ) -> Option<Found> {
        if let Some(found) = cell(level, columns, rest, span) {
            let names = found.names + 1;
            return Some(Found { names, ..found });
        }
        let Some(missed) = rest.first() else {
            let help = format!("say which of its fields: `{name}.{}`", example(columns));
            return self.flaw("wrong-type", span, format!("`{name}` is an item"), help);
        };
        self.no_column(name, missed, columns, span)
    }

    /// A field of all items of a list.
    fn column(&mut self, list: Typed, called: &[&str], names: &[&str], span: &Range<usize>) -> Option<Found> {
        let (Sort::One(Type::Rows), Some(columns)) = (list.sort, &list.columns) else {
            return self.no_parts(span);
        };
        let Some((name, declared, used)) = longest(columns, names) else {
            let words = called.join(".");
            let columns = Arc::clone(columns);
            return self.no_column(&words, names.first().copied().unwrap_or_default(), &columns, span);
        };
        let body = declared_as(in_row(self.around.len(), &name, declared), declared, span);
        self.deep_enough(&list.node, span)?;
        let part = self.each(list.node, body, span.clone())?;
        Some(Found { part, names: used })
    }

    /// What something comes to for each item of a list.
    pub(super) fn each(&mut self, list: Node, body: Typed, span: Range<usize>) -> Option<Typed> {
        let (of, sort) = match body.sort {
            Sort::One(Type::Text) => (Type::Text, Sort::One(Type::List)),
            Sort::One(same @ (Type::List | Type::Rows)) => (same, body.sort),
            Sort::One(Type::Options) | Sort::Many(_) | Sort::Nothing => {
                let message = format!("of each item this would be {}", body.sort);
                return self.flaw("wrong-type", &span, message, None);
            }
            Sort::One(of @ (Type::Bool | Type::Number | Type::Money(_) | Type::Date | Type::Time)) => {
                (of, Sort::Many(of))
            }
        };
        Some(Typed {
            node: Node::Each(of, Box::new([list, body.node])),
            sort,
            options: body.options,
            picked: body.picked,
            columns: body.columns,
            span,
        })
    }

    /// A list of items where a value must stand.
    pub(crate) fn ask_a_field<T>(&mut self, list: &Typed) -> Option<T> {
        over::ask_a_field(self, list, "")
    }

    /// Goes into a loop over `list`, for `leave` to come out of again.
    pub(crate) fn enter(&mut self, bound: Bound, list: &Node, span: &Range<usize>) -> Option<()> {
        let whole = self.deep_enough(list, span)?;
        self.around.push(bound);
        self.wholes.push(whole);
        Some(())
    }

    /// Whether a loop goes through more than a list of the item that the loop around it is at. Few of such
    /// stand in each other, so that what an expression costs stays bounded.
    fn deep_enough(&mut self, list: &Node, span: &Range<usize>) -> Option<bool> {
        let inner = self.around.len().checked_sub(1);
        let whole = inner.is_none() || list.item() != inner;
        if whole && self.wholes.iter().filter(|whole| **whole).count() >= limits::EXPR_LOOPS {
            let help = "a computed field of the item may hold what the inner one comes to".to_owned();
            return self.flaw(
                "too-large",
                span,
                "this goes through too many lists in each other",
                help,
            );
        }
        Some(whole)
    }

    /// Comes out of the innermost loop.
    pub(crate) fn leave(&mut self) {
        self.around.pop();
        self.wholes.pop();
    }

    fn no_column<T>(&mut self, list: &str, name: &str, columns: &Types, span: &Range<usize>) -> Option<T> {
        let help = did_you_mean(name, columns.keys().map(String::as_str));
        let message = format!("the items of `{list}` have no `{name}`");
        self.flaw("unknown-name", span, message, help)
    }

    fn unknown<T>(&mut self, names: &[&str], span: &Range<usize>) -> Option<T> {
        let first = names.first().copied().unwrap_or_default();
        let dotted = format!("{first}.");
        let name = if self.types.keys().any(|known| known.starts_with(&dotted)) {
            names.join(".")
        } else {
            first.to_owned()
        };
        let help = if functions::exists(&name) {
            Some(format!("`{name}` is a function: `{name}(...)`"))
        } else {
            let own = ["today", "reference", "true", "false", "none"];
            let around = self.around.iter().flat_map(|bound| match bound {
                Bound::Entry(name, _) | Bound::Row(name, _) => vec![name.as_str()],
                Bound::Fields(columns) => columns.keys().map(String::as_str).collect(),
            });
            let known = self.types.keys().map(String::as_str).chain(around);
            did_you_mean(&name, known.chain(own))
        };
        let message = format!("there is no field `{name}`");
        self.flaw("unknown-name", span, message, help)
    }
}

/// The longest of a name's beginnings that is declared, and how many names that takes.
fn longest<'t>(types: &'t Types, names: &[&str]) -> Option<(String, &'t Declared, usize)> {
    (1..=names.len()).rev().find_map(|used| {
        let name = names.get(..used)?.join(".");
        let declared = types.get(&name)?;
        Some((name, declared, used))
    })
}

fn cell(level: usize, columns: &Types, names: &[&str], span: &Range<usize>) -> Option<Found> {
    let (name, declared, names) = longest(columns, names)?;
    let part = declared_as(in_row(level, &name, declared), declared, span);
    Some(Found { part, names })
}

/// What a row has there.
fn in_row(level: usize, name: &str, declared: &Declared) -> Node {
    let name = declared.whole.as_deref().unwrap_or(name);
    Node::Cell(level, Cell::of(name))
}

fn declared_as(node: Node, declared: &Declared, span: &Range<usize>) -> Typed {
    Typed {
        node,
        sort: Sort::One(declared.of),
        options: Arc::clone(&declared.options),
        picked: declared.picked.clone(),
        columns: declared.columns.clone(),
        span: span.clone(),
    }
}

/// One of the fields of items, as who has their list knows it.
pub(super) fn example(columns: &Types) -> &str {
    let named = columns
        .iter()
        .filter(|(name, _)| ![POSITION, KEY].contains(&name.as_str()));
    let named = named.min_by_key(|(_, declared)| declared.whole.is_none());
    named.map_or(KEY, |(name, _)| name)
}
