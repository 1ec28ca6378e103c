//! `[effects.NAME]` as written.
//!
//! Owns the keys of an effect. Must not know what screens, fields or other effects there are.

use toml::Spanned;
use toml::de::DeValue;

use super::super::diagnostic::Sink;
use super::table::{Table, text, wrong_type};
use super::{At, Effect, Email, HandOff, Saved};

/// Reads an effect.
pub(super) fn read<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Effect> {
    let mut table = Table::from(value, format!("effect `{}`", name.value), sink)?;
    let effect = Effect {
        label: table.words("label"),
        http: table.text("http"),
        headers: texts(&mut table, "headers", "`headers`", sink),
        run: words(&mut table),
        path: table.text("path"),
        method: table.text("method"),
        env: texts(&mut table, "env", "`env`", sink),
        email: table.table("email", "`email`").map(email),
        body: table.text("body"),
        hand_off: table.table("hand-off", "`hand-off`").map(hand_off),
        send: table.value("send").and_then(|value| send(value, sink)),
        save: table.table("save", "`save`").map_or_else(Vec::new, |save| {
            let all: Vec<_> = save.all().collect();
            all.into_iter()
                .filter_map(|(name, value)| saved(name, value, sink))
                .collect()
        }),
        timeout: table.text("timeout"),
        retry: table.text("retry"),
        undo: table.text("undo"),
        probe: table.text("probe"),
        accept: table.text("accept"),
        safe: table.flag("safe"),
        wait: table.flag("wait"),
        each: table.text("each"),
        name,
    };
    table.finish();
    Some(effect)
}

/// `run`: a line of words, or a list of them.
fn words(table: &mut Table<'_>) -> Vec<At<String>> {
    let all = table.texts("run");
    match all.as_slice() {
        [line] => words_of(line),
        _ => all,
    }
}

/// Each word at its own place, where the line is written without escapes.
fn words_of(line: &At<String>) -> Vec<At<String>> {
    let plain = line.span.len() == line.value.len() + 2;
    let words = line.value.split_whitespace().map(|word| {
        let before = word.as_ptr().addr() - line.value.as_ptr().addr();
        let start = line.span.start + 1 + before;
        At {
            value: word.to_owned(),
            span: if plain {
                start..start + word.len()
            } else {
                line.span.clone()
            },
        }
    });
    words.collect()
}

fn texts<'a>(table: &mut Table<'a>, key: &'static str, what: &str, sink: &'a Sink) -> Vec<(At<String>, At<String>)> {
    let Some(pairs) = table.table(key, what) else {
        return Vec::new();
    };
    pairs
        .all()
        .map(|(name, value)| {
            let value = text(value, &format!("`{}`", name.value), sink);
            (name, value)
        })
        .collect()
}

fn email(mut table: Table<'_>) -> Email {
    let email = Email {
        to: table.text("to"),
        subject: table.words("subject"),
        text: table.words("text"),
    };
    table.finish();
    email
}

fn hand_off(mut table: Table<'_>) -> HandOff {
    let hand_off = HandOff {
        page: table.text("page"),
        hosts: table.texts("hosts"),
        limit: table.text("limit"),
        secret: table.text("secret"),
    };
    table.finish();
    hand_off
}

/// `send`: what goes out, by name; a number or a yes-no stands for itself.
fn send<'a>(value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Vec<(At<String>, At<String>)>> {
    let table = Table::from(value, "`send`", sink)?;
    let pairs = table.all().map(|(name, value)| {
        let literal = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => Some(format!("{{{{ {} }}}}", number.as_str())),
            DeValue::Float(number) => Some(format!("{{{{ {} }}}}", number.as_str())),
            DeValue::Boolean(flag) => Some(format!("{{{{ {flag} }}}}")),
            _ => None,
        };
        let words = match literal {
            Some(literal) => At {
                value: literal,
                span: value.span(),
            },
            None => text(value, &format!("`{}`", name.value), sink),
        };
        (name, words)
    });
    Some(pairs.collect())
}

/// An entry of `save`: a JSON pointer, or a table with the type.
fn saved<'a>(name: At<String>, value: &'a Spanned<DeValue<'a>>, sink: &'a Sink) -> Option<Saved> {
    let mut saved = Saved {
        name,
        at: None,
        kind: None,
        currency: None,
        value: None,
        label: None,
        required: None,
    };
    match value.get_ref() {
        DeValue::String(_) => saved.at = Some(text(value, "a saved value", sink)),
        DeValue::Table(_) => {
            let mut table = Table::from(value, format!("saved value `{}`", saved.name.value), sink)?;
            saved.at = table.text("at");
            saved.kind = table.text("type");
            saved.currency = table.text("currency");
            saved.value = table.text("value");
            saved.label = table.text("label");
            saved.required = table.flag("required");
            table.finish();
        }
        other => {
            let wanted = "a JSON pointer such as \"/reference\", or a table";
            let what = format!("saved value `{}`", saved.name.value);
            sink.push(wrong_type(&value.span(), &what, wanted, other));
            return None;
        }
    }
    Some(saved)
}
