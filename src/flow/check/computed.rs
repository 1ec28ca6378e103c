//! Computed values: in which order they get their types.
//!
//! Owns that order, and the fault of values that need one another. Must not know what they are
//! shown as.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diagnostic::Diagnostic;
use super::super::field::Role;
use super::super::source::{Field, File};
use super::super::{Declared, Expr, Type};
use super::{Checker, Moment, Place, fields_of, idents};

/// Parses and types the values of all computed fields, and makes their types known.
pub(super) fn values(checker: &mut Checker<'_>, file: &File) -> BTreeMap<String, Expr> {
    let mut waiting: BTreeMap<&str, (usize, &Field)> = BTreeMap::new();
    for (n, screen) in file.screens.iter().enumerate() {
        for field in fields_of(screen).filter(|field| field.kind.role() == Role::Computed) {
            waiting.insert(&field.name.value, (n, field));
        }
    }
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, (_, field)) in &waiting {
        let written = field.value.as_ref().map_or("", |value| &value.value);
        let read = idents::of_expr(written).into_iter().map(|(read, _)| read);
        let mut of: BTreeSet<&str> = BTreeSet::new();
        for read in read {
            of.extend(waiting.get_key_value(read).map(|(key, _)| *key));
            // Of a list any of its items' values may be read.
            let in_list = |(_, (screen, _)): &(&&str, &(usize, &Field))| checker.is_inside(read, *screen);
            of.extend(waiting.iter().filter(in_list).map(|(key, _)| *key));
        }
        needs.insert(name, of);
    }
    let mut done = BTreeMap::new();
    let mut ready: Vec<&str> = needs
        .iter()
        .filter(|(_, reads)| reads.is_empty())
        .map(|(name, _)| *name)
        .collect();
    while let Some(name) = ready.pop() {
        let Some((screen, field)) = waiting.remove(name) else {
            continue;
        };
        if let Some(expr) = value(checker, screen, field) {
            let declared = Declared::from(expr.result());
            checker.types.insert(name.to_owned(), declared);
            checker.scopes.forget();
            done.insert(name.to_owned(), expr);
        }
        for (other, reads) in &mut needs {
            if reads.remove(name) && reads.is_empty() {
                ready.push(other);
            }
        }
    }
    for (name, (_, field)) in waiting {
        let span = field.value.as_ref().map_or(&field.name.span, |value| &value.span);
        let others = needs.get(name).into_iter().flatten().copied().collect::<Vec<_>>();
        checker.sink.push(
            Diagnostic::error("circle", span, format!("the value of `{name}` needs itself"))
                .label(format!("by way of {}", others.join(", ")))
                .help("break the circle: a computed value may read what comes before it"),
        );
    }
    done
}

fn value(checker: &Checker<'_>, screen: usize, field: &Field) -> Option<Expr> {
    let at = Place {
        screen,
        owner: Some(&field.name.value),
        moment: Moment::Posted,
        among: None,
    };
    let Some(value) = &field.value else {
        checker.sink.push(
            Diagnostic::error(
                "missing-key",
                &field.name.span,
                format!("field `{}` needs a `value`", field.name.value),
            )
            .label("computed from what?")
            .help("add value = \"price * count\""),
        );
        return None;
    };
    let expr = checker.any_expr(at, value)?;
    if expr.result() == Type::Rows {
        checker.sink.push(
            Diagnostic::error("wrong-type", &value.span, "a list of items is no computed value")
                .label("which of its fields?")
                .help("write sum(people.income), length(people) or join(people.name)"),
        );
        return None;
    }
    Some(expr)
}
