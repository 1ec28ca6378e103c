//! Names: of the flow, screens, fields, actions, blocks.
//!
//! Owns which names are allowed, reserved or given twice. Must not know what they name.

use std::collections::BTreeMap;

use super::super::diagnostic::{Diagnostic, Sink};
use super::super::source::{At, File};
use super::fields_of;
use super::scopes::OF_ITEMS;
use crate::limits;

/// Actions of the engine itself; `change.` cannot be written, since names have no dots.
const OWN_ACTIONS: &[&str] = &["back", "on", "open", "more-time", "yes-cancel", "forget", "look-again"];

/// Words of the expression language.
const WORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "elif",
    "endif",
    "for",
    "endfor",
    "set",
    "true",
    "false",
    "none",
    "today",
    "reference",
    "loop",
    "now",
];

/// Paths of the server itself.
const OWN_PATHS: &[&str] = &["deity", "health", "metrics", "static"];

/// Checks every name of the definition.
pub(super) fn check(flow: &str, file: &File, sink: &Sink) {
    if OWN_PATHS.contains(&flow) {
        sink.push(
            Diagnostic::error("reserved-name", &file.head, format!("a flow cannot be called `{flow}`"))
                .label("named by its file")
                .help("give the file another name: this path is the server's own"),
        );
    } else if !hyphened(flow) {
        sink.push(
            Diagnostic::error("bad-name", &file.head, format!("a flow cannot be called `{flow}`"))
                .label("named by its file")
                .help("name the file with lower case letters, digits and hyphens, such as renew-passport.toml"),
        );
    }
    let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
    let lists = file.screens.iter().any(|screen| screen.list.is_some());
    for screen in &file.screens {
        if screen.list.is_some() {
            list_name(file, &screen.name, &mut fields, sink);
        } else {
            label_name("a screen", &own(file, &screen.name), sink);
        }
        for action in &screen.actions {
            let name = &action.name;
            label_name("an action", name, sink);
            if OWN_ACTIONS.contains(&name.value.as_str()) {
                sink.push(reserved(name, "an action"));
            }
        }
        for field in fields_of(screen) {
            field_name("a field", &own(file, &field.name), sink);
            if lists && OF_ITEMS.contains(&field.name.value.as_str()) {
                sink.push(reserved(&field.name, "a field of a flow with lists"));
            }
            if let Some(other) = fields.insert(&field.name.value, &screen.name.value) {
                sink.push(
                    Diagnostic::error(
                        "duplicate-field",
                        &field.name.span,
                        format!("there is a field `{}` on screen `{other}` already", field.name.value),
                    )
                    .label("must be unique in the flow")
                    .help("give it another name: expressions know a field by its name alone"),
                );
            }
        }
    }
    saved_names(file, &mut fields, sink);
}

/// A list is known by one name to `in`, to actions that lead to its page, and to expressions.
fn list_name<'a>(file: &File, name: &'a At<String>, fields: &mut BTreeMap<&'a str, &'a str>, sink: &Sink) {
    field_name("a list", &own(file, name), sink);
    if let Some(other) = fields.insert(&name.value, &name.value) {
        let message = format!("there is a field `{}` on screen `{other}` already", name.value);
        sink.push(
            Diagnostic::error("duplicate-field", &name.span, message)
                .label("must be unique in the flow")
                .help("give it another name: expressions know a list by its name alone"),
        );
    }
}

/// A name without those of the calls and groups that it lies in.
fn own(file: &File, name: &At<String>) -> At<String> {
    let inside = name.value.rfind('.').map_or(0, |dot| dot + 1);
    let (before, last) = name.value.split_at(inside);
    let known = file.expanded.prefixes.iter().any(|prefix| prefix == before);
    At {
        value: if known { last } else { &name.value }.to_owned(),
        span: name.span.clone(),
    }
}

/// Saved values share the names of fields.
fn saved_names<'a>(file: &'a File, fields: &mut BTreeMap<&'a str, &'a str>, sink: &Sink) {
    let mut effects = std::collections::BTreeSet::new();
    for effect in &file.effects {
        if !effects.insert(effect.name.value.as_str()) {
            continue;
        }
        for saved in &effect.save {
            field_name("a saved value", &saved.name, sink);
            if fields.insert(&saved.name.value, &effect.name.value).is_some() {
                sink.push(
                    Diagnostic::error(
                        "duplicate-field",
                        &saved.name.span,
                        format!("there is a value `{}` already", saved.name.value),
                    )
                    .label("must be unique in the flow")
                    .help("give it another name: expressions know a value by its name alone"),
                );
            }
        }
    }
}

/// Letters, digits and hyphens, beginning with a letter.
pub(crate) fn hyphened(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= limits::NAME_CHARS
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Letters, digits, hyphens and underscores, beginning with any but the hyphens.
pub(super) fn option(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.len() <= limits::NAME_CHARS
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
}

/// Reports a name that is not [`hyphened`].
pub(crate) fn label_name(what: &str, name: &At<String>, sink: &Sink) {
    if !hyphened(&name.value) {
        sink.push(
            Diagnostic::error(
                "bad-name",
                &name.span,
                format!("`{}` cannot be the name of {what}", name.value),
            )
            .label("not a name")
            .help(suggestion(&name.value, '-')),
        );
    }
}

fn field_name(what: &str, name: &At<String>, sink: &Sink) {
    let text = name.value.as_str();
    let good = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= limits::NAME_CHARS
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !good {
        sink.push(
            Diagnostic::error("bad-name", &name.span, format!("`{text}` cannot be the name of {what}"))
                .label("not a name")
                .help(suggestion(text, '_')),
        );
    } else if WORDS.contains(&text) {
        sink.push(reserved(name, what));
    }
}

fn reserved(name: &At<String>, what: &str) -> Diagnostic {
    Diagnostic::error(
        "reserved-name",
        &name.span,
        format!("{what} cannot be called `{}`", name.value),
    )
    .label("the engine's own word")
    .help("choose another name")
}

/// The nearest good name, and the rule.
fn suggestion(name: &str, joint: char) -> String {
    let mut better = String::new();
    for c in name.chars().flat_map(char::to_lowercase).take(limits::NAME_CHARS) {
        if c.is_ascii_alphanumeric() {
            better.push(c);
        } else if !better.is_empty() && !better.ends_with(joint) {
            better.push(joint);
        }
    }
    let better = better
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_matches(joint);
    let joints = if joint == '-' { "hyphens" } else { "underscores" };
    let rule = format!(
        "lower case letters, digits and {joints}, beginning with a letter, {} characters at most",
        limits::NAME_CHARS
    );
    if better.is_empty() || better == name {
        rule
    } else {
        format!("write `{better}`: {rule}")
    }
}
