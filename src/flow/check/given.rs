//! What fragments and groups are given, of the type that they ask for, and what they give back.
//!
//! Owns the types that `in` may name. Must not know how what is given is put in.

use super::super::diagnostic::{Diagnostic, did_you_mean};
use super::super::source::{At, File, place};
use super::super::{Currency, Expr, Type};
use super::Checker;

/// The types that a value in may have.
const TYPES: &[&str] = &["text", "number", "money:GBP", "date", "time", "yes-no", "list"];

/// Checks every value that is given.
pub(super) fn check(checker: &Checker<'_>, file: &File) {
    // Where it is read what is not seen there is told; here it has a type, wherever it is called.
    let types = checker.all_types();
    for given in &file.expanded.given {
        let Some(want) = named(&given.of.value) else {
            unknown(checker, &given.of);
            continue;
        };
        match Expr::parse(&given.expr.value, &types) {
            Ok(expr) if expr.result() == want => {}
            Ok(expr) => {
                let message = format!("`{}` must be {want}, but this is {}", given.name, expr.result());
                checker
                    .judge
                    .push(Diagnostic::error("wrong-type", &given.expr.span, message).label("of another type"));
            }
            // What was never given was told.
            Err(_) if given.expr.span == (0..0) => {}
            Err(flaws) => checker.flaws(flaws, |span| place(checker.source, &given.expr.span, span)),
        }
    }
    for back in &file.expanded.gives {
        if let Err(flaws) = Expr::parse(&back.value, &types) {
            checker.flaws(flaws, |span| place(checker.source, &back.span, span));
        }
    }
}

fn named(name: &str) -> Option<Type> {
    Some(match name {
        "text" => Type::Text,
        "number" => Type::Number,
        "date" => Type::Date,
        "time" => Type::Time,
        "yes-no" => Type::Bool,
        "list" => Type::List,
        other => Type::Money(Currency::of(other.strip_prefix("money:")?)?),
    })
}

fn unknown(checker: &Checker<'_>, of: &At<String>) {
    let message = format!("a value cannot be given as `{}`", of.value);
    let help = did_you_mean(&of.value, TYPES.iter().copied());
    checker.sink.push(
        Diagnostic::error("unknown-type", &of.span, message)
            .label("unknown")
            .help(help.unwrap_or_else(|| format!("the types are: {}", TYPES.join(", ")))),
    );
}
