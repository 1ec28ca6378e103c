//! From the grammar's tree to a typed one.
//!
//! Owns [`Lowering`]: names, types, bounds, and every flaw that they show. Operators are typed
//! in `operators`, calls in `functions`. Must not know values of a session.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use minijinja::machinery::ast::{self, CallArg, Expr, Spanned, UnaryOpKind};
use rust_decimal::Decimal;

use super::names::Bound;
use super::node::Node;
use super::{At, Flaw, Types, eval, functions, syntax};
use crate::flow::{Options, Picked, Type, Value};
use crate::limits;

/// What kind of value a part of an expression has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A value of a type.
    One(Type),
    /// A list of others than texts, written out or read of items: `[1, 2]`, `people.income`. Only inside an
    /// expression.
    Many(Type),
    /// `none`, `[]`: fits everything.
    Nothing,
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(one) => one.fmt(f),
            Self::Many(_) => f.write_str("a list"),
            Self::Nothing => f.write_str("none"),
        }
    }
}

/// A part with its sort, the options of the choice that it reads, and its place.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) node: Node,
    pub(crate) sort: Sort,
    pub(crate) options: Options,
    /// Whose labels stand for it, where they come from elsewhere.
    pub(crate) picked: Option<Picked>,
    /// Of a list of items: what they have.
    pub(crate) columns: Option<Arc<Types>>,
    pub(crate) span: Range<usize>,
}

impl Typed {
    /// The part where it becomes words: a choice stands there with its label.
    pub(crate) fn in_words(self) -> Node {
        match self.picked {
            Some(list) => match self.node {
                Node::Each(of, parts) => {
                    let [rows, part] = *parts;
                    Node::Each(of, Box::new([rows, Node::Picked(Box::new(part), list)]))
                }
                one => Node::Picked(Box::new(one), list),
            },
            None if self.options.is_empty() => self.node,
            None => Node::Labels(Box::new(self.node), self.options),
        }
    }
}

/// The way from one source's trees to typed ones.
#[derive(Debug)]
pub(crate) struct Lowering<'t> {
    pub(super) source: &'t str,
    pub(super) types: &'t Types,
    /// The loops around, from the outermost.
    pub(crate) around: Vec<Bound>,
    /// Of each of them: whether it goes through more than a list of the item that the one around it is at.
    pub(super) wholes: Vec<bool>,
    pub(super) reads: BTreeSet<String>,
    flaws: Vec<Flaw>,
    nodes: usize,
    depth: usize,
}

impl<'t> Lowering<'t> {
    pub(crate) fn new(source: &'t str, types: &'t Types) -> Self {
        Self {
            source,
            types,
            around: Vec::new(),
            wholes: Vec::new(),
            reads: BTreeSet::new(),
            flaws: Vec::new(),
            nodes: 0,
            depth: 0,
        }
    }

    /// What is read in each row of a table.
    pub(crate) fn over(source: &'t str, types: &'t Types, columns: &Arc<Types>) -> Self {
        Self {
            around: vec![Bound::Fields(Arc::clone(columns))],
            wholes: vec![true],
            ..Self::new(source, types)
        }
    }

    /// What was read, and what was wrong, each once.
    pub(crate) fn finish(self) -> (BTreeSet<String>, Vec<Flaw>) {
        let mut flaws: Vec<Flaw> = Vec::new();
        for flaw in self.flaws {
            if !flaws.contains(&flaw) {
                flaws.push(flaw);
            }
        }
        flaws.sort_by_key(|flaw| flaw.span.start);
        (self.reads, flaws)
    }

    /// Notes a flaw; for `return self.flaw(..)`.
    pub(crate) fn flaw<T>(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) -> Option<T> {
        self.flaws.push(Flaw {
            code,
            span: span.clone(),
            message: message.into(),
            help: help.into(),
        });
        None
    }

    /// What is written at a place.
    pub(super) fn words(&self, span: &Range<usize>) -> String {
        self.source.get(span.clone()).unwrap_or("x").to_owned()
    }

    /// A whole expression: a value of one type.
    pub(crate) fn value(&mut self, expr: &Expr<'_>) -> Option<(Node, Type)> {
        let typed = self.expr(expr)?;
        match typed.sort {
            Sort::One(one) => Some((typed.node, one)),
            Sort::Many(_) => self.flaw(
                "wrong-type",
                &typed.span,
                "a list of this kind has no place here",
                "such lists serve `in`, `sum`, `min`, `max`, `nth` and `join`".to_owned(),
            ),
            Sort::Nothing => self.flaw("wrong-type", &typed.span, "this never has a value", None),
        }
    }

    /// A condition.
    pub(crate) fn condition(&mut self, expr: &Expr<'_>) -> Option<Node> {
        let typed = self.expr(expr)?;
        self.expect_bool(&typed)?;
        Some(typed.node)
    }

    /// Types one part, and folds it where it is known at load.
    pub(crate) fn expr(&mut self, expr: &Expr<'_>) -> Option<Typed> {
        self.nodes += 1;
        if self.nodes > limits::EXPR_NODES || self.depth >= limits::EXPR_DEPTH {
            let whole = 0..self.source.len();
            let help = "split it: a computed field may hold a part".to_owned();
            return self.flaw("too-large", &whole, "this has too many parts", help);
        }
        self.depth += 1;
        let typed = self.part(expr, syntax::span(expr));
        self.depth -= 1;
        self.fold(typed?)
    }

    fn part(&mut self, expr: &Expr<'_>, span: Range<usize>) -> Option<Typed> {
        match expr {
            Expr::Var(var) => self.named(&[var.id], span),
            Expr::Const(_) => self.literal(expr, span),
            Expr::UnaryOp(unary) => self.unary(matches!(unary.op, UnaryOpKind::Not), &unary.expr, span),
            Expr::BinOp(_) => self.binary(expr),
            Expr::Compare(compare) => self.chain(compare, span),
            Expr::IfExpr(choice) => self.either(choice, span),
            Expr::Test(test) => self.test(test, span),
            Expr::List(list) => self.list(&list.items, span),
            Expr::Tuple(tuple) => self.list(&tuple.items, span),
            Expr::Filter(filter) => self.filter(filter, span),
            Expr::Call(call) => self.call(call, span),
            Expr::GetAttr(_) => self.attribute(expr, span),
            Expr::GetItem(_) | Expr::Slice(_) => self.no_parts(&span),
            Expr::Map(_) => self.flaw("not-supported", &span, "there are no maps", None),
        }
    }

    /// `x | round(2)`: a call with `x` first.
    fn filter(&mut self, filter: &Spanned<ast::Filter<'_>>, span: Range<usize>) -> Option<Typed> {
        let start = filter.span().start_offset as usize;
        let at = start..start + filter.name.len();
        let known = functions::known(self, filter.name, &at);
        let subject = filter.expr.as_ref().and_then(|subject| self.expr(subject));
        let args = match &subject {
            Some(list) => self.args_of(filter.name, list, &filter.args, &span),
            None => self.args(&filter.args, &span),
        };
        let mut all = vec![subject?];
        all.extend(args?);
        known?;
        functions::call(self, filter.name, all, span)
    }

    fn call(&mut self, call: &ast::Call<'_>, span: Range<usize>) -> Option<Typed> {
        let Expr::Var(name) = &call.expr else {
            let help = "write `length(x)` or `x | length`".to_owned();
            return self.flaw("not-supported", &span, "values have no methods", help);
        };
        let known = functions::known(self, name.id, &syntax::span(&call.expr));
        let (first, rest) = call.args.split_at(call.args.len().min(1));
        let mut args = self.args(first, &span)?;
        let rest = match args.first() {
            Some(list) => self.args_of(name.id, list, rest, &span),
            None => self.args(rest, &span),
        };
        args.extend(rest?);
        known?;
        functions::call(self, name.id, args, span)
    }

    /// Computes at load what no session decides.
    pub(super) fn fold(&mut self, mut typed: Typed) -> Option<Typed> {
        if !is_constant(&typed) {
            return Some(typed);
        }
        let computed = eval(&typed.node, &At::load()).map(std::borrow::Cow::into_owned);
        typed.node = match (computed, &typed.node) {
            (Some(value), _) => Node::Value(value),
            (None, Node::Arithmetic(_, left, right)) if left.is_known() && right.is_known() => {
                let help = "it divides by zero, or needs more than 28 digits".to_owned();
                return self.flaw("no-value", &typed.span, "this never has a value", help);
            }
            (None, _) => Node::Missing,
        };
        Some(typed)
    }

    /// The arguments after the first; what a function asks of each item of a list is read there.
    fn args_of(&mut self, name: &str, list: &Typed, args: &[CallArg<'_>], span: &Range<usize>) -> Option<Vec<Typed>> {
        let Some(columns) = list.columns.as_ref().filter(|_| functions::asks_items(name)) else {
            return self.args(args, span);
        };
        let (each, rest) = args.split_at(args.len().min(1));
        self.enter(Bound::Fields(Arc::clone(columns)), &list.node, &list.span)?;
        let each = self.args(each, span);
        self.leave();
        let rest = self.args(rest, span);
        let mut all = each?;
        all.extend(rest?);
        Some(all)
    }

    fn args(&mut self, args: &[CallArg<'_>], span: &Range<usize>) -> Option<Vec<Typed>> {
        let mut out = Some(Vec::with_capacity(args.len()));
        for arg in args {
            let typed = match arg {
                CallArg::Pos(expr) => self.expr(expr),
                CallArg::Kwarg(..) | CallArg::PosSplat(_) | CallArg::KwargSplat(_) => {
                    self.flaw("not-supported", span, "arguments have no names or stars here", None)
                }
            };
            match (&mut out, typed) {
                (Some(list), Some(typed)) => list.push(typed),
                _ => out = None,
            }
        }
        out
    }

    /// Numbers are read from the source: the grammar's own are binary fractions.
    fn literal(&mut self, expr: &Expr<'_>, span: Range<usize>) -> Option<Typed> {
        let Expr::Const(literal) = expr else {
            return None;
        };
        let value = &literal.value;
        if value.is_none() {
            return Some(typed(Node::Missing, Sort::Nothing, span));
        }
        if let Some(text) = value.as_str() {
            let node = Node::Value(Value::Text(text.to_owned()));
            return Some(typed(node, Sort::One(Type::Text), span));
        }
        if !value.is_number() {
            let node = Node::Value(Value::Bool(value.is_true()));
            return Some(typed(node, Sort::One(Type::Bool), span));
        }
        let digits = self.source.get(span.clone()).unwrap_or_default().replace('_', "");
        if let Ok(number) = Decimal::from_str_exact(&digits) {
            let node = Node::Value(Value::Number(number));
            return Some(typed(node, Sort::One(Type::Number), span));
        }
        let help = "write it in digits, 28 at most: `1250.75`".to_owned();
        self.flaw("invalid-number", &span, "this number cannot be held exactly", help)
    }

    fn list(&mut self, items: &[Expr<'_>], span: Range<usize>) -> Option<Typed> {
        let items: Vec<_> = items.iter().map(|item| self.expr(item)).collect();
        let items = items.into_iter().collect::<Option<Vec<_>>>()?;
        let mut sort = Sort::Nothing;
        for item in &items {
            match (sort, item.sort) {
                (_, Sort::One(Type::List | Type::Options | Type::Rows) | Sort::Many(_)) => {
                    return self.flaw("wrong-type", &item.span, "a list holds no lists", None);
                }
                (Sort::Nothing, found) => sort = found,
                (expected, found) if found == Sort::Nothing || found == expected => {}
                (expected, found) => {
                    let message = format!("the list begins with {expected}, but this is {found}");
                    return self.flaw("wrong-type", &item.span, message, None);
                }
            }
        }
        let sort = match sort {
            Sort::One(Type::Text) => Sort::One(Type::List),
            Sort::One(one) => Sort::Many(one),
            other => other,
        };
        let nodes = items.into_iter().map(|item| item.node).collect();
        Some(typed(Node::List(nodes), sort, span))
    }
}

/// A part that reads no choice.
pub(super) fn typed(node: Node, sort: Sort, span: Range<usize>) -> Typed {
    Typed {
        node,
        sort,
        options: Options::default(),
        picked: None,
        columns: None,
        span,
    }
}

/// Whether a part has only constant parts, and is none yet.
fn is_constant(typed: &Typed) -> bool {
    match &typed.node {
        Node::Value(_)
        | Node::Missing
        | Node::Field(_)
        | Node::Item(_)
        | Node::Cell(..)
        | Node::Each(..)
        | Node::Reference
        | Node::Today => false,
        Node::Not(a) | Node::Negative(a) | Node::Present(a) | Node::Labels(a, _) | Node::Picked(a, _) => {
            a.is_constant()
        }
        Node::And(a, b) | Node::Or(a, b) | Node::Arithmetic(_, a, b) | Node::Concat(a, b) => {
            a.is_constant() && b.is_constant()
        }
        Node::Compare(a, rest) => a.is_constant() && rest.iter().all(|(_, b)| b.is_constant()),
        Node::If(parts) => parts.iter().all(Node::is_constant),
        Node::List(items) => typed.sort == Sort::One(Type::List) && items.iter().all(Node::is_constant),
        Node::Call(function, args) => !function.reads_day() && args.iter().all(Node::is_constant),
    }
}
