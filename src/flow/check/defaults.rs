//! What stands in a field at first.
//!
//! Owns how a default is written for each kind, and that it would pass. Must not know pages.

use super::super::diagnostic::{Diagnostic, did_you_mean};
use super::super::source::{At, Field, Scalar};
use super::super::{Expr, Type, Value};
use super::{Checker, Place, bounds};

/// The default of a field.
pub(super) fn build(checker: &Checker<'_>, at: Place<'_>, field: &Field) -> Option<Expr> {
    let written = field.default.as_ref()?;
    let want = checker.types.get(&field.name.value)?.of;
    match (&written.value, want) {
        (Scalar::Bool(flag), Type::Bool) => Some(Expr::constant(Value::Bool(*flag))),
        (Scalar::Text(text), _) if text.contains("{{") => earlier(checker, at, written, text, want),
        (Scalar::Text(text), Type::Text) => {
            if field.options.is_some() {
                known(checker, field, text, &written.span);
            }
            length(checker, field, written, text);
            Some(Expr::constant(Value::Text(text.clone())))
        }
        (Scalar::List(all), Type::List) => {
            for one in all {
                known(checker, field, &one.value, &one.span);
            }
            // In the order of the options, as an answer is.
            let options = field.options.iter().flat_map(|options| &options.value);
            let chosen = options
                .map(|option| &option.value.value)
                .filter(|value| all.iter().any(|one| one.value == **value))
                .cloned();
            Some(Expr::constant(Value::List(chosen.collect())))
        }
        // What has bounds is written as they are.
        (_, want) if want.ordered() => bounds::one(checker, at, written, want).map(|bound| bound.expr),
        (_, want) => {
            checker.sink.push(
                Diagnostic::error("wrong-type", &written.span, format!("the default must be {want}"))
                    .label("of another type")
                    .maybe_help((want == Type::Bool).then(|| "write true or false, without quotes".to_owned())),
            );
            None
        }
    }
}

/// `default = "{{ email }}"`: an earlier answer.
fn earlier(checker: &Checker<'_>, at: Place<'_>, written: &At<Scalar>, text: &str, want: Type) -> Option<Expr> {
    let inner = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    let Some(inner) = inner.filter(|inner| !inner.contains("{{")) else {
        checker.sink.push(
            Diagnostic::error(
                "default",
                &written.span,
                "a default is a literal or one expression, not a mixture",
            )
            .help("write default = \"{{ field }}\" and nothing around it; texts are joined by ~"),
        );
        return None;
    };
    // Spaces in place of the braces keep every place as it is in the file.
    let start = text.find("{{").unwrap_or(0) + 2;
    let source = At {
        value: format!("{}{inner}", " ".repeat(start)),
        span: written.span.clone(),
    };
    let expr = checker.expr(at, &source, want);
    // What it reads will stand in a box.
    checker.told(&written.span);
    expr
}

fn known(checker: &Checker<'_>, field: &Field, value: &str, span: &std::ops::Range<usize>) {
    let options: Vec<&str> = field
        .options
        .iter()
        .flat_map(|options| &options.value)
        .map(|option| option.value.value.as_str())
        .collect();
    if !options.contains(&value) {
        checker.sink.push(
            Diagnostic::error("unknown-option", span, format!("`{value}` is not among the options"))
                .label("no such option")
                .help(
                    did_you_mean(value, options.iter().copied())
                        .unwrap_or_else(|| format!("the options are: {}", options.join(", "))),
                ),
        );
    }
}

fn length(checker: &Checker<'_>, field: &Field, written: &At<Scalar>, text: &str) {
    let most = match field.max.as_ref().map(|max| &max.value) {
        Some(Scalar::Number(most)) => most.parse::<usize>().unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    if field.options.is_none() && text.chars().count() > most {
        checker.sink.push(
            Diagnostic::error(
                "default",
                &written.span,
                format!("the default is longer than the {most} characters of `max`"),
            )
            .label("too long"),
        );
    }
}
