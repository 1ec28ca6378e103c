//! Reading a text with braces.
//!
//! Owns which of the grammar's statements a text may have. Must not know values or Markdown.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use minijinja::machinery::ast::{Expr, ForLoop, IfCond, Stmt};

use super::Part;
use crate::flow::Type;
use crate::flow::expr::{Bound, Flaw, Lowering, Sort, Types, span, template};

pub(super) fn parse(source: &str, types: &Types) -> Result<(Vec<Part>, BTreeSet<String>), Vec<Flaw>> {
    parse_in(source, Lowering::new(source, types))
}

/// A text that is read for each item of a list.
pub(super) fn parse_of_rows(
    source: &str,
    types: &Types,
    columns: &Arc<Types>,
) -> Result<(Vec<Part>, BTreeSet<String>), Vec<Flaw>> {
    parse_in(source, Lowering::over(source, types, columns))
}

fn parse_in(source: &str, mut lowering: Lowering<'_>) -> Result<(Vec<Part>, BTreeSet<String>), Vec<Flaw>> {
    let tree = template(source).map_err(|flaw| vec![flaw])?;
    let parts = match &tree {
        Stmt::Template(template) => body(&mut lowering, &template.children),
        _ => Vec::new(),
    };
    let (reads, flaws) = lowering.finish();
    if flaws.is_empty() {
        Ok((parts, reads))
    } else {
        Err(flaws)
    }
}

fn body(lowering: &mut Lowering<'_>, statements: &[Stmt<'_>]) -> Vec<Part> {
    let parts = statements.iter().filter_map(|statement| part(lowering, statement));
    parts.collect()
}

fn part(lowering: &mut Lowering<'_>, statement: &Stmt<'_>) -> Option<Part> {
    match statement {
        Stmt::EmitRaw(raw) => Some(Part::Words(raw.raw.into())),
        Stmt::EmitExpr(emit) => put(lowering, &emit.expr),
        Stmt::IfCond(condition) => choice(lowering, condition),
        Stmt::ForLoop(each) => repeat(lowering, each),
        other => {
            let help = "a text has `{{ }}`, `{% if %}` and `{% for x in list %}`".to_owned();
            lowering.flaw(
                "not-supported",
                &place(other),
                "this statement has no place in a text",
                help,
            )
        }
    }
}

fn put(lowering: &mut Lowering<'_>, expr: &Expr<'_>) -> Option<Part> {
    let typed = lowering.expr(expr)?;
    match typed.sort {
        Sort::Many(_) => {
            let help = "write `join(list, ', ')`".to_owned();
            return lowering.flaw("wrong-type", &typed.span, "a list of this kind has no words", help);
        }
        Sort::One(Type::Rows) => return lowering.ask_a_field(&typed),
        Sort::One(_) | Sort::Nothing => {}
    }
    Some(Part::Put(typed.in_words()))
}

fn choice(lowering: &mut Lowering<'_>, choice: &IfCond<'_>) -> Option<Part> {
    let condition = lowering.condition(&choice.expr);
    let then = body(lowering, &choice.true_body);
    let otherwise = body(lowering, &choice.false_body);
    Some(Part::If(condition?, then, otherwise))
}

fn repeat(lowering: &mut Lowering<'_>, each: &ForLoop<'_>) -> Option<Part> {
    let list = lowering.expr(&each.iter);
    let Expr::Var(item) = &each.target else {
        let help = "write `{% for x in list %}`".to_owned();
        return lowering.flaw(
            "not-supported",
            &span(&each.target),
            "one name stands for an item",
            help,
        );
    };
    if each.filter_expr.is_some() || each.recursive || !each.else_body.is_empty() {
        let message = "a loop has no `if`, no `else` and no `recursive`";
        return lowering.flaw("not-supported", &span(&each.iter), message, None);
    }
    let list = list?;
    let name = item.id.to_owned();
    let make: fn(_, _) -> _ = if list.sort == Sort::One(Type::Rows) {
        Part::Items
    } else {
        Part::For
    };
    let bound = match (list.sort, list.columns) {
        (Sort::One(Type::Rows), Some(columns)) => Bound::Row(name, columns),
        (Sort::One(Type::List | Type::Options) | Sort::Nothing, _) => Bound::Entry(name, list.options),
        (found, _) => {
            let message = format!("`for` goes through items, or what was chosen of `choices`; this is {found}");
            return lowering.flaw("wrong-type", &list.span, message, None);
        }
    };
    if lowering.around.iter().any(|bound| matches!(bound, Bound::Entry(..))) {
        let message = "a loop over what was chosen has no loop inside it";
        return lowering.flaw("not-supported", &list.span, message, None);
    }
    lowering.enter(bound, &list.node, &list.span)?;
    let body = body(lowering, &each.body);
    lowering.leave();
    Some(make(list.node, body))
}

fn place(statement: &Stmt<'_>) -> Range<usize> {
    let span = match statement {
        Stmt::Template(s) => s.span(),
        Stmt::EmitExpr(s) => s.span(),
        Stmt::EmitRaw(s) => s.span(),
        Stmt::ForLoop(s) => s.span(),
        Stmt::IfCond(s) => s.span(),
        Stmt::WithBlock(s) => s.span(),
        Stmt::Set(s) => s.span(),
        Stmt::SetBlock(s) => s.span(),
        Stmt::AutoEscape(s) => s.span(),
        Stmt::FilterBlock(s) => s.span(),
        Stmt::Do(s) => s.span(),
    };
    span.start_offset as usize..span.end_offset as usize
}
