//! What other systems call fields and options: `as`.
//!
//! Owns which such names there may be. Must not know where they go.

use std::collections::BTreeMap;

use super::super::Outward;
use super::super::diagnostic::{Diagnostic, Sink};
use super::super::field::Role;
use super::super::source::{At, File};
use super::fields_of;
use crate::limits;

/// Names of what the program itself sends.
const OWN: &[&str] = &["return_url", "callback_url"];

/// The names of a flow.
pub(super) fn build(file: &File) -> Outward {
    let mut outward = Outward::default();
    for field in file.screens.iter().flat_map(fields_of) {
        let name = &field.name.value;
        if let Some(other) = &field.outward {
            outward.names.insert(name.clone(), other.value.clone());
        }
        if field.kind.role() == Role::Secret {
            outward.secrets.insert(name.clone());
        }
        let options = field.options.iter().flat_map(|options| &options.value);
        let named =
            options.filter_map(|option| Some((option.value.value.clone(), option.outward.as_ref()?.value.clone())));
        let named: BTreeMap<_, _> = named.collect();
        if !named.is_empty() {
            outward.options.insert(name.clone(), named);
        }
    }
    for screen in &file.screens {
        let named = screen.list.as_ref().and_then(|list| list.outward.as_ref());
        if let Some(other) = named {
            outward.names.insert(screen.name.value.clone(), other.value.clone());
        }
    }
    outward
}

/// Tells what no name can be, and what two things are called.
pub(super) fn check(file: &File, sink: &Sink) {
    let fields: Vec<_> = file.screens.iter().flat_map(fields_of).collect();
    let names = fields.iter().map(|field| (&field.name, field.outward.as_ref()));
    let lists = file
        .screens
        .iter()
        .filter_map(|screen| Some((&screen.name, screen.list.as_ref()?.outward.as_ref())));
    all(names.chain(lists), "field", sink);
    for field in fields {
        let options = field.options.iter().flat_map(|options| &options.value);
        all(
            options.map(|option| (&option.value, option.outward.as_ref())),
            "option",
            sink,
        );
    }
}

/// What stands in one place: each with its own name, and what it is called outside.
fn all<'a>(named: impl Iterator<Item = (&'a At<String>, Option<&'a At<String>>)>, what: &str, sink: &Sink) {
    let mut seen: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
    for (own, outward) in named {
        if let Some(outward) = outward {
            one(outward, sink);
        }
        let name = outward.unwrap_or(own);
        let before = seen.insert(&name.value, (&own.value, outward.is_some()));
        // Two of one name of their own are told elsewhere.
        if let Some((other, _)) = before.filter(|(_, named)| *named || outward.is_some()) {
            let message = format!("{what} `{other}` is called `{}` outside already", name.value);
            sink.push(
                Diagnostic::error("duplicate-as", &name.span, message)
                    .label("the second one")
                    .help("give one of them another name in `as`: what receives them tells them apart by it"),
            );
        }
    }
}

fn one(outward: &At<String>, sink: &Sink) {
    let name = outward.value.as_str();
    let wrong = if name.trim().is_empty() {
        "it says nothing"
    } else if name.chars().count() > limits::LABEL_CHARS {
        "it is longer than 200 characters"
    } else if name.chars().any(char::is_control) {
        "it has a line feed or another control character"
    } else if OWN.contains(&name) || name == "__proto__" {
        "it is taken"
    } else {
        return;
    };
    sink.push(
        Diagnostic::error(
            "bad-as",
            &outward.span,
            format!("this cannot be a name in another system: {wrong}"),
        )
        .label("not a name")
        .help("one line of 200 characters at most, as the other system has it"),
    );
}
