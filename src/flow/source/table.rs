//! One table of the file, read key by key.
//!
//! Owns what every reader needs: a value of the type that is wanted or a fault with its place,
//! and "unknown key" for whatever nobody asked for. Must not know what keys there are.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::diagnostic::{Diagnostic, Sink, did_you_mean};
use super::{At, Scalar, Span};

/// A table that is being read.
pub(crate) struct Table<'a> {
    /// For messages: "a screen".
    what: String,
    /// In the order of the file.
    entries: Vec<(At<String>, &'a Spanned<DeValue<'a>>)>,
    /// The keys that were asked for.
    asked: Vec<&'static str>,
    /// Keys that other kinds of the same thing have.
    elsewhere: Vec<&'static str>,
    /// Keys of the language that this version does not have yet.
    planned: &'static [&'static str],
    sink: &'a Sink,
}

impl<'a> Table<'a> {
    /// Reads a table; `what` names it in messages.
    pub(crate) fn of(table: &'a DeTable<'a>, what: impl Into<String>, sink: &'a Sink) -> Self {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| {
                let name = At {
                    value: key.get_ref().to_string(),
                    span: key.span(),
                };
                (name, value)
            })
            .collect();
        // The parser sorts by name; authors mean the order that they wrote.
        entries.sort_by_key(|(key, _)| key.span.start);
        Self {
            what: what.into(),
            entries,
            asked: Vec::new(),
            elsewhere: Vec::new(),
            planned: &[],
            sink,
        }
    }

    /// Reads a value that must be a table.
    pub(crate) fn from(value: &'a Spanned<DeValue<'a>>, what: impl Into<String>, sink: &'a Sink) -> Option<Self> {
        let what = what.into();
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::of(table, what, sink)),
            other => {
                sink.push(wrong_type(&value.span(), &what, "a table { ... }", other));
                None
            }
        }
    }

    /// Names keys of the language that this version does not have yet.
    pub(crate) fn planned(&mut self, keys: &'static [&'static str]) {
        self.planned = keys;
    }

    /// Names keys that other kinds of the same thing have.
    pub(crate) fn elsewhere(&mut self, keys: &[&'static str]) {
        self.elsewhere = keys.to_vec();
    }

    /// All entries, in the order of the file.
    pub(crate) fn all(&self) -> impl Iterator<Item = (At<String>, &'a Spanned<DeValue<'a>>)> + use<'_, 'a> {
        self.entries.iter().map(|(key, value)| (key.clone(), *value))
    }

    /// The value of a key.
    pub(crate) fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries
            .iter()
            .find(|(name, _)| name.value == key)
            .map(|(_, value)| *value)
    }

    /// The value of a key that is there under a misspelt name, which is reported: what follows from
    /// the key is checked all the same.
    pub(crate) fn misspelt(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        let near = |name: &str| !self.elsewhere.contains(&name) && did_you_mean(name, [key]).is_some();
        let at = self.entries.iter().position(|(name, _)| near(&name.value))?;
        let (name, value) = self.entries.remove(at);
        self.sink.push(
            Diagnostic::error(
                "unknown-key",
                &name.span,
                format!("{} has no key `{}`", self.what, name.value),
            )
            .label("unknown")
            .maybe_help(did_you_mean(&name.value, [key])),
        );
        Some(value)
    }

    /// A string.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<At<String>> {
        let value = self.value(key)?;
        Some(text(value, &format!("`{key}`"), self.sink))
    }

    /// A text for people, which a translation may put into another language.
    pub(crate) fn words(&mut self, key: &'static str) -> Option<At<String>> {
        let text = self.text(key)?;
        self.sink.heard(&text);
        Some(text)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, key: &'static str) -> Option<At<bool>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(At {
                value: *flag,
                span: value.span(),
            }),
            other => {
                let fault = wrong_type(&value.span(), &format!("`{key}`"), "true or false", other);
                let quoted =
                    matches!(other, DeValue::String(text) if matches!(&**text, "true" | "false" | "yes" | "no"));
                self.sink.push(if quoted {
                    fault.help("write true or false, without quotes")
                } else {
                    fault
                });
                None
            }
        }
    }

    /// A literal of any type.
    pub(crate) fn scalar(&mut self, key: &'static str) -> Option<At<Scalar>> {
        let value = self.value(key)?;
        let scalar = match value.get_ref() {
            DeValue::String(text) => Scalar::Text(text.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Scalar::Number(number.as_str().to_owned()),
            DeValue::Float(number) => Scalar::Number(number.as_str().to_owned()),
            DeValue::Boolean(flag) => Scalar::Bool(*flag),
            DeValue::Datetime(when) if when.time.is_none() || when.date.is_none() => Scalar::When(when.to_string()),
            DeValue::Array(_) => Scalar::List(self.texts_of(key, value)),
            other => {
                self.sink.push(wrong_type(
                    &value.span(),
                    &format!("`{key}`"),
                    "a number, a date or a text",
                    other,
                ));
                return None;
            }
        };
        Some(At {
            value: scalar,
            span: value.span(),
        })
    }

    /// A list of strings, or one string.
    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<At<String>> {
        match self.value(key) {
            Some(value) => self.texts_of(key, value),
            None => Vec::new(),
        }
    }

    fn texts_of(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Vec<At<String>> {
        match value.get_ref() {
            DeValue::Array(all) => all
                .iter()
                .map(|one| text(one, &format!("each of `{key}`"), self.sink))
                .collect(),
            _ => vec![text(value, &format!("`{key}`"), self.sink)],
        }
    }

    /// A table.
    pub(crate) fn table(&mut self, key: &'static str, what: &str) -> Option<Self> {
        let value = self.value(key)?;
        Self::from(value, what, self.sink)
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(self) {
        for (key, _) in &self.entries {
            let name = key.value.as_str();
            if self.asked.contains(&name) {
                continue;
            }
            let fault = Diagnostic::error("unknown-key", &key.span, format!("{} has no key `{name}`", self.what));
            let fault = if self.planned.contains(&name) {
                fault
                    .label("not in this version")
                    .help("take it out: this version does not have it yet")
            } else if self.elsewhere.contains(&name) {
                fault
                    .label("has no meaning here")
                    .help(format!("other kinds have `{name}`; take it out here"))
            } else {
                let known = self.asked.iter().copied();
                let near = did_you_mean(name, known.clone());
                fault
                    .label("unknown")
                    .help(near.unwrap_or_else(|| format!("it may have: {}", known.collect::<Vec<_>>().join(", "))))
            };
            self.sink.push(fault);
        }
    }
}

/// A string, or a fault.
pub(crate) fn text(value: &Spanned<DeValue<'_>>, what: &str, sink: &Sink) -> At<String> {
    match value.get_ref() {
        DeValue::String(text) => At {
            value: text.to_string(),
            span: value.span(),
        },
        other => {
            sink.push(wrong_type(&value.span(), what, "a text in quotes", other));
            // A stand-in, so that the key is not missed as well.
            At {
                value: String::new(),
                span: value.span(),
            }
        }
    }
}

/// A text for people, which a translation may put into another language.
pub(crate) fn words(value: &Spanned<DeValue<'_>>, what: &str, sink: &Sink) -> At<String> {
    let text = text(value, what, sink);
    sink.heard(&text);
    text
}

/// The fault of a value of the wrong type.
pub(crate) fn wrong_type(span: &Span, what: &str, wanted: &str, found: &DeValue<'_>) -> Diagnostic {
    let found = match found {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(when) if when.date.is_none() => "a time",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Diagnostic::error("wrong-type", span, format!("{what} must be {wanted}, not {found}"))
        .label(format!("this is {found}"))
}
