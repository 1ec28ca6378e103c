//! What a walk has callees say.
//!
//! Owns the keys of `[effects.NAME]` and the types of what is saved. Must not know steps.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeValue;

use super::read::{Reader, near};
use crate::flow::{At, Diagnostic, Effect, Saved, SavedKind, Table, Value, read_time, wrong_type};
use crate::rehearse::callees::{Part, Says};

/// The answers of one effect: one table, or a list of them.
pub(super) fn parts<'a>(reader: &Reader<'a>, name: &At<String>, value: &'a Spanned<DeValue<'a>>) -> Option<Vec<Part>> {
    let Some(effect) = reader.flow.effect(&name.value) else {
        let known: Vec<_> = reader.flow.effects.iter().map(|one| one.name.as_str()).collect();
        let message = format!("the flow has no effect `{}`", name.value);
        reader.sink.push(
            Diagnostic::error("unknown-effect", &name.span, message)
                .label("unknown")
                .help(near(&name.value, &known)),
        );
        return None;
    };
    match value.get_ref() {
        DeValue::Array(all) if !all.is_empty() => all.iter().map(|one| part(reader, effect, one)).collect(),
        DeValue::Array(_) => {
            let message = format!("`{}` says nothing at all", name.value);
            let fault = Diagnostic::error("empty-list", &value.span(), message);
            reader.sink.push(fault.help("take it out: then something is made up"));
            None
        }
        _ => Some(vec![part(reader, effect, value)?]),
    }
}

fn part<'a>(reader: &Reader<'a>, effect: &Effect, value: &'a Spanned<DeValue<'a>>) -> Option<Part> {
    let mut table = Table::from(value, format!("what `{}` says", effect.name), reader.sink)?;
    let declined = table.text("declined");
    let faults = table.table("faults", "`faults`");
    let failed = table.flag("failed").is_some_and(|failed| failed.value);
    let slow = table.flag("slow").is_some_and(|slow| slow.value);
    let page = table.text("page").map(|page| page.value);
    let mut values = BTreeMap::new();
    if let Some(save) = table.table("save", "`save`") {
        for (name, value) in save.all() {
            if let Some(saved) = known(reader, effect, &name) {
                choices(reader, value, saved);
                match read(value, saved) {
                    Some(value) => {
                        values.insert(name.value, value);
                    }
                    None => reader.sink.push(wrong(value, saved)),
                }
            }
        }
    }
    table.finish();
    let words = |faults: Table<'a>| {
        let all = faults.all();
        all.map(|(name, words)| (name.value, crate::flow::quoted(words, "each fault", reader.sink).value))
            .collect()
    };
    let says = match declined {
        Some(message) => Says::Declined {
            message: message.value,
            faults: faults.map(words).unwrap_or_default(),
        },
        None if failed => Says::Failed,
        None => Says::Done(values),
    };
    Some(Part { says, slow, page })
}

fn known<'a>(reader: &Reader<'_>, effect: &'a Effect, name: &At<String>) -> Option<&'a Saved> {
    let saved = effect.save.iter().find(|saved| saved.name == name.value);
    if saved.is_none() {
        let known: Vec<_> = effect.save.iter().map(|saved| saved.name.as_str()).collect();
        let message = format!("`{}` saves no `{}`", effect.name, name.value);
        reader.sink.push(
            Diagnostic::error("unknown-name", &name.span, message)
                .label("unknown")
                .help(near(&name.value, &known)),
        );
    }
    saved
}

/// What may be chosen has values that a callee's answer could have.
fn choices(reader: &Reader<'_>, value: &Spanned<DeValue<'_>>, saved: &Saved) {
    let (SavedKind::Options { .. }, DeValue::Table(table)) = (&saved.kind, value.get_ref()) else {
        return;
    };
    for key in table.keys().filter(|key| !SavedKind::has_choice(key.get_ref())) {
        let message = format!("`{}` cannot be the value of an option", key.get_ref());
        reader.sink.push(
            Diagnostic::error("bad-name", &key.span(), message)
                .label("not a value")
                .help("values have letters, digits, hyphens, underscores and dots, 64 at most; what is shown is the label"),
        );
    }
}

/// A value of the type that is saved.
fn read(value: &Spanned<DeValue<'_>>, saved: &Saved) -> Option<Value> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Datetime(when) => when.to_string(),
        _ => String::new(),
    };
    match (&saved.kind, value.get_ref()) {
        (SavedKind::YesNo, DeValue::Boolean(flag)) => Some(Value::Bool(*flag)),
        (SavedKind::Options { .. }, DeValue::Table(table)) => {
            let mut entries: Vec<_> = table.iter().collect();
            // The parser sorts by name; authors mean the order that they wrote.
            entries.sort_by_key(|(key, _)| key.span().start);
            let one = |(key, label): (&Spanned<_>, &Spanned<DeValue<'_>>)| match label.get_ref() {
                DeValue::String(label) => Some((ToString::to_string(key.get_ref()), label.to_string())),
                _ => None,
            };
            entries.into_iter().map(one).collect::<Option<_>>().map(Value::Options)
        }
        (SavedKind::Options { .. } | SavedKind::YesNo, _)
        | (_, DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_)) => None,
        (SavedKind::Text, _) => Some(Value::Text(text)),
        (SavedKind::Number, _) => text.parse().ok().map(Value::Number),
        (SavedKind::Money(currency), _) => text.parse().ok().map(|amount| Value::Money(amount, *currency)),
        (SavedKind::Date, _) => text.parse().ok().map(Value::Date),
        (SavedKind::Time, _) => read_time(&text).map(Value::Time),
    }
}

fn wrong(value: &Spanned<DeValue<'_>>, saved: &Saved) -> Diagnostic {
    let wanted = match saved.kind {
        SavedKind::Text => "a text",
        SavedKind::Number => "a number",
        SavedKind::Money(_) => "an amount such as \"24.00\"",
        SavedKind::Date => "a day such as 2026-11-27",
        SavedKind::Time => "a time such as \"14:30\"",
        SavedKind::YesNo => "true or false",
        SavedKind::Options { .. } => "a table of values and labels { a1 = \"Row A, seat 1\" }",
    };
    wrong_type(&value.span(), &format!("`{}`", saved.name), wanted, value.get_ref())
}
