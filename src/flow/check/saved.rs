//! What of a reply becomes an answer: names, places and types.
//!
//! Owns the types that saved values have and the faults of their keys. Must not know fields.

use super::super::diagnostic::Diagnostic;
use super::super::source::{At, Effect, File, Saved as Written};
use super::super::{Currency, Declared, Saved, SavedKind, Types};
use super::{Checker, settings};

/// The types that an entry of `save` may name.
const KINDS: &[&str] = &["text", "number", "money", "date", "time", "yes-no", "options"];

/// The types of all saved values.
pub(super) fn types(file: &File, types: &mut Types) {
    for saved in file.effects.iter().flat_map(|effect| &effect.save) {
        // Faults are told where it is built.
        let of = known(saved).unwrap_or(SavedKind::Text).value_type();
        types.entry(saved.name.value.clone()).or_insert(Declared::from(of));
    }
}

/// The kind that it names, without the places of options; `None` where there is no such.
fn known(saved: &Written) -> Option<SavedKind> {
    Some(match saved.kind.as_ref().map_or("text", |kind| &kind.value) {
        "text" => SavedKind::Text,
        "number" => SavedKind::Number,
        "money" => SavedKind::Money(currency(saved).unwrap_or(Currency(*b"GBP"))),
        "date" => SavedKind::Date,
        "time" => SavedKind::Time,
        "yes-no" => SavedKind::YesNo,
        "options" => SavedKind::Options {
            value: String::new(),
            label: String::new(),
        },
        _ => return None,
    })
}

fn currency(saved: &Written) -> Option<Currency> {
    Currency::of(saved.currency.as_ref().map_or("GBP", |currency| &currency.value))
}

/// Builds what an effect saves.
pub(super) fn build(checker: &Checker<'_>, effect: &Effect) -> Vec<Saved> {
    effect.save.iter().map(|written| one(checker, written)).collect()
}

fn one(checker: &Checker<'_>, written: &Written) -> Saved {
    let at = if let Some(at) = &written.at {
        pointer(checker, at)
    } else {
        checker.sink.push(
            Diagnostic::error(
                "missing-key",
                &written.name.span,
                format!("saved value `{}` needs `at`", written.name.value),
            )
            .label("where in the reply?")
            .help("write a JSON pointer: at = \"/reference\""),
        );
        String::new()
    };
    Saved {
        name: written.name.value.clone(),
        at,
        kind: kind(checker, written),
        required: written.required.as_ref().is_none_or(|required| required.value),
    }
}

fn kind(checker: &Checker<'_>, written: &Written) -> SavedKind {
    let mut kind = known(written).unwrap_or_else(|| {
        if let Some(kind) = &written.kind {
            checker.sink.push(settings::unknown_word("type", kind, KINDS));
        }
        SavedKind::Text
    });
    match &mut kind {
        SavedKind::Money(_) if currency(written).is_none() => {
            if let Some(currency) = &written.currency {
                let message = format!("there is no currency `{}`", currency.value);
                let fault = Diagnostic::error("currency", &currency.span, message);
                checker
                    .sink
                    .push(fault.label("not in ISO 4217").help("write a code such as GBP or EUR"));
            }
        }
        SavedKind::Options { value, label } => {
            let place = |at: Option<&At<String>>| at.map_or_else(String::new, |at| pointer(checker, at));
            *value = place(written.value.as_ref());
            *label = place(written.label.as_ref().or(written.value.as_ref()));
        }
        SavedKind::Text
        | SavedKind::Number
        | SavedKind::Money(_)
        | SavedKind::Date
        | SavedKind::Time
        | SavedKind::YesNo => {}
    }
    let (money, list) = (
        matches!(kind, SavedKind::Money(_)),
        matches!(kind, SavedKind::Options { .. }),
    );
    for (key, given, fits) in [
        ("currency", &written.currency, money),
        ("value", &written.value, list),
        ("label", &written.label, list),
    ] {
        if let Some(given) = given.as_ref().filter(|_| !fits) {
            let owner = if key == "currency" { "money" } else { "options" };
            checker.sink.push(
                Diagnostic::error("effect", &given.span, format!("only type = \"{owner}\" has `{key}`"))
                    .label("has no meaning here")
                    .help(format!("take it out, or write type = \"{owner}\"")),
            );
        }
    }
    kind
}

/// A JSON pointer as it is written, or a fault.
pub(super) fn pointer(checker: &Checker<'_>, written: &At<String>) -> String {
    let text = written.value.as_str();
    let fault = || Diagnostic::error("pointer", &written.span, format!("`{text}` is no JSON pointer"));
    if !text.is_empty() && !text.starts_with('/') {
        let better = text.trim_start_matches("$.").replace('.', "/");
        checker.sink.push(
            fault()
                .label("does not begin with a slash")
                .help(format!("write \"/{better}\"; parts are parted by slashes")),
        );
    } else if text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
        checker.sink.push(
            fault()
                .label("a lone `~`")
                .help("in a JSON pointer `~` is written ~0, and `/` inside a name ~1"),
        );
    }
    written.value.clone()
}
