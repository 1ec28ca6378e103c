//! What other systems call fields and options: `as`.
//!
//! Owns which such names there may be. Must not know where they go.

use std::collections::BTreeMap;

use super::super::diagnostic::{Diagnostic, Sink};
use super::super::field::Role;
use super::super::source::{At, File};
use super::super::{KEY, Outward};
use super::{Checker, fields_of};
use crate::limits;

/// Names of what the program itself sends.
const OWN: &[&str] = &["return_url", "callback_url"];

/// What it is called here, and outside.
type Named<'a> = (&'a At<String>, Option<&'a At<String>>);

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

/// Tells what no name can be, and what two things are called that go out together: those of the session, and
/// those of the items of each list.
pub(super) fn check(checker: &Checker<'_>, file: &File) {
    let sink = checker.judge;
    let mut together: BTreeMap<Option<usize>, Vec<Named<'_>>> = BTreeMap::new();
    for (n, screen) in file.screens.iter().enumerate() {
        let here = together.entry(checker.layout.lists(n).first().copied()).or_default();
        here.extend(fields_of(screen).map(|field| (&field.name, field.outward.as_ref())));
        here.extend(screen.list.as_ref().map(|list| (&screen.name, list.outward.as_ref())));
        let called = screen.actions.iter().flat_map(|action| &action.call);
        let called = called.filter_map(|call| file.effects.iter().find(|effect| effect.name.value == call.value));
        here.extend(called.flat_map(|effect| &effect.save).map(|saved| (&saved.name, None)));
    }
    for (list, named) in together {
        all(named.iter().copied(), "field", sink);
        for outward in named.iter().filter_map(|(_, outward)| *outward) {
            let mut frames = file.expanded.prefixes.iter();
            if list.is_some() && outward.value == KEY {
                taken(outward, "every item has its own key", sink);
            } else if frames.any(|prefix| prefix.trim_end_matches('.') == outward.value) {
                taken(
                    outward,
                    "what is called or used under that name goes out under it",
                    sink,
                );
            }
        }
    }
    for field in file.screens.iter().flat_map(fields_of) {
        let options = field.options.iter().flat_map(|options| &options.value);
        all(
            options.map(|option| (&option.value, option.outward.as_ref())),
            "option",
            sink,
        );
    }
}

/// What goes out under that name already.
fn taken(outward: &At<String>, why: &str, sink: &Sink) {
    let message = format!("this cannot be a name in another system: {why}");
    sink.push(
        Diagnostic::error("bad-as", &outward.span, message)
            .label("taken")
            .help("give it another name in `as`: what receives it tells them apart by it"),
    );
}

/// What stands in one place: each with its own name, and what it is called outside.
fn all<'a>(named: impl Iterator<Item = Named<'a>>, what: &str, sink: &Sink) {
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
