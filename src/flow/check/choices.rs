//! The options of a choice.
//!
//! Owns their values, labels and exclusiveness. Must not know how they are shown.

use std::collections::BTreeSet;

use super::super::diagnostic::Diagnostic;
use super::super::source::{Choice as Written, Field};
use super::super::{Choice, Text};
use super::{Checker, Place, names};

/// Builds the options of a field.
pub(super) fn build(checker: &Checker<'_>, at: Place<'_>, field: &Field, several: bool) -> Vec<Choice> {
    let sink = checker.sink;
    let Some(options) = field.options.as_ref().filter(|options| !options.value.is_empty()) else {
        let span = field.options.as_ref().map_or(&field.name.span, |options| &options.span);
        sink.push(
            Diagnostic::error(
                "no-options",
                span,
                format!("field `{}` has no options", field.name.value),
            )
            .label("nothing to choose")
            .help("add options = { yes = \"Yes\", no = \"No\" }"),
        );
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    for option in &options.value {
        value(checker, option);
        if !seen.insert(option.value.value.as_str()) {
            sink.push(
                Diagnostic::error(
                    "duplicate-option",
                    &option.value.span,
                    format!("there are two options `{}`", option.value.value),
                )
                .label("the second one"),
            );
        }
        if let Some(exclusive) = option.exclusive.as_ref().filter(|exclusive| exclusive.value)
            && !several
        {
            sink.push(
                Diagnostic::error(
                    "exclusive",
                    &exclusive.span,
                    "only one option of a choice can be taken anyway",
                )
                .label("has no meaning here")
                .help("take it out, or make the field a `choices`"),
            );
        }
    }
    options.value.iter().map(|option| one(checker, at, option)).collect()
}

fn one(checker: &Checker<'_>, at: Place<'_>, option: &Written) -> Choice {
    let label = option.label.as_ref();
    Choice {
        value: option.value.value.clone(),
        label: label.map_or_else(
            || Text::fixed(option.value.value.as_str()),
            |label| checker.naming(at, label),
        ),
        hint: checker.maybe_text(at, option.hint.as_ref()),
        exclusive: option.exclusive.as_ref().is_some_and(|exclusive| exclusive.value),
        when: checker.maybe_guard(at, option.when.as_ref()),
    }
}

fn value(checker: &Checker<'_>, option: &Written) {
    let name = &option.value;
    if option.label.is_none() {
        checker.sink.push(
            Diagnostic::error("missing-key", &name.span, "an option needs a `label`")
                .help("write value = \"Label\", or { value = \"code\", label = \"Label\" }"),
        );
    } else if !names::option(&name.value) {
        checker.sink.push(
            Diagnostic::error(
                "bad-name",
                &name.span,
                format!("`{}` cannot be the value of an option", name.value),
            )
            .label("not a value")
            .help("values have lower case letters, digits, hyphens and underscores; what is shown is the label"),
        );
    }
}
