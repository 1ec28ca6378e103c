//! A file of texts in another language, put over the tables of the file that it translates.
//!
//! Owns which text stands in place of which, and what no text can stand for. Must not know which
//! values are texts for people: the readers tell ([`Sink::heard`]).

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::super::diagnostic::{Diagnostic, Sink, did_you_mean};
use super::{At, field};

/// The table of a translation that says of which words each text was made: the words, or a mark of them.
pub(crate) const MADE_FROM: &str = "made-from";

/// A text that stands in place of another one.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    /// Where it stands in the file: `screens.name.title`.
    pub address: String,
    /// As the author wrote it.
    pub original: At<String>,
    pub translated: At<String>,
    /// What the translation says of the words that it was made from.
    pub made_from: Option<String>,
}

/// Puts the texts of a translation in place of those of a file.
pub(super) fn put<'a>(original: &mut DeTable<'a>, translation: &DeTable<'a>, sink: &Sink) -> Vec<Pair> {
    let addresses = strings(original)
        .into_iter()
        .map(|(path, at)| (at.span.start, address(&path)));
    let addresses: HashMap<_, _> = addresses.collect();
    let mut putting = Putting {
        pairs: Vec::new(),
        path: Vec::new(),
        sink,
    };
    putting.table(original, translation);
    let made_from = translation.get(MADE_FROM).and_then(|value| value.get_ref().as_table());
    for pair in &mut putting.pairs {
        pair.address = addresses.get(&pair.original.span.start).cloned().unwrap_or_default();
        let digest = made_from.and_then(|all| all.get(pair.address.as_str())?.get_ref().as_str());
        pair.made_from = digest.map(str::to_owned);
    }
    putting.pairs
}

/// Every string of a table, by the names under which it stands.
pub(super) fn strings(table: &DeTable<'_>) -> Vec<(Vec<String>, At<String>)> {
    let mut found = Vec::new();
    for (key, value) in table {
        strings_of(&mut vec![key.get_ref().to_string()], value, &mut found);
    }
    found
}

fn strings_of(path: &mut Vec<String>, value: &Spanned<DeValue<'_>>, found: &mut Vec<(Vec<String>, At<String>)>) {
    let mut inner = |name: String, value: &Spanned<DeValue<'_>>| {
        path.push(name);
        strings_of(path, value, found);
        path.pop();
    };
    match value.get_ref() {
        DeValue::String(text) => found.push((
            path.clone(),
            At {
                value: text.to_string(),
                span: value.span(),
            },
        )),
        DeValue::Table(table) => table
            .iter()
            .for_each(|(key, value)| inner(key.get_ref().to_string(), value)),
        DeValue::Array(all) => all
            .iter()
            .enumerate()
            .for_each(|(n, value)| inner(element(n, value), value)),
        _ => {}
    }
}

struct Putting<'s> {
    pairs: Vec<Pair>,
    path: Vec<String>,
    sink: &'s Sink,
}

impl Putting<'_> {
    fn table<'a>(&mut self, original: &mut DeTable<'a>, translation: &DeTable<'a>) {
        for (key, value) in translation {
            let name = key.get_ref().to_string();
            if self.path.is_empty() && name == MADE_FROM {
                continue;
            }
            self.path.push(name.clone());
            if let Some(written) = original.get_mut(name.as_str()) {
                self.value(written, value);
            } else {
                let known: Vec<_> = original.keys().map(|key| key.get_ref().to_string()).collect();
                self.unknown(key, known.iter().map(String::as_str));
            }
            self.path.pop();
        }
    }

    fn value<'a>(&mut self, original: &mut Spanned<DeValue<'a>>, translation: &Spanned<DeValue<'a>>) {
        match (original.get_mut(), translation.get_ref()) {
            // Where it leads is no text.
            (DeValue::String(_) | DeValue::Array(_), other) if self.is_button() => self.refuses(translation, other),
            (DeValue::String(_), DeValue::String(_)) => self.text(original, translation),
            (DeValue::Table(written), DeValue::Table(texts)) => self.table(written, texts),
            (DeValue::Array(all), DeValue::Table(texts)) => self.elements(all, texts),
            // `red = "Coch"` for `red = { label = "Red" }`, and the other way round.
            (DeValue::Table(written), DeValue::String(_)) if written.contains_key("label") => {
                if let Some(label) = written.get_mut("label").filter(|label| label.get_ref().is_str()) {
                    self.text(label, translation);
                }
            }
            (DeValue::String(_), DeValue::Table(texts)) if texts.len() == 1 && texts.contains_key("label") => {
                if let Some(label) = texts.get("label") {
                    self.value(original, label);
                }
            }
            (_, other) => self.refuses(translation, other),
        }
    }

    fn refuses(&self, translation: &Spanned<DeValue<'_>>, other: &DeValue<'_>) {
        let found = if other.is_str() { "a text" } else { "this" };
        let message = format!("{found} cannot stand for `{}` of the flow", self.address());
        self.sink.push(
            Diagnostic::error("no-such-text", &translation.span(), message)
                .label("no text there")
                .help(self.help()),
        );
    }

    /// An action by its name.
    fn is_button(&self) -> bool {
        matches!(self.path.as_slice(), [.., actions, _] if actions == "actions")
    }

    /// The elements of a list: options by their values, others by their numbers from 1.
    fn elements<'a>(&mut self, all: &mut [Spanned<DeValue<'a>>], translation: &DeTable<'a>) {
        let names: Vec<String> = all.iter().enumerate().map(|(n, one)| element(n, one)).collect();
        for (key, value) in translation {
            let name = key.get_ref().to_string();
            let is = |(n, one): (usize, &Spanned<DeValue<'_>>)| {
                names.get(n).is_some_and(|known| *known == name) || one.get_ref().as_str() == Some(&name)
            };
            let Some(n) = all.iter().enumerate().position(is) else {
                self.path.push(name);
                self.unknown(key, names.iter().map(String::as_str));
                self.path.pop();
                continue;
            };
            self.path.push(names.get(n).cloned().unwrap_or(name));
            if let Some(written) = all.get_mut(n) {
                pinned(written);
                self.value(written, value);
            }
            self.path.pop();
        }
    }

    fn text<'a>(&mut self, original: &mut Spanned<DeValue<'a>>, translation: &Spanned<DeValue<'a>>) {
        let at = |value: &Spanned<DeValue<'_>>| At {
            value: value.get_ref().as_str().unwrap_or_default().to_owned(),
            span: value.span(),
        };
        let translated = at(translation);
        // An empty text is one that nobody has translated yet.
        if translated.value.chars().all(|c| c.is_whitespace() || is_unseen(c)) {
            return;
        }
        if let Some(c) = translated.value.chars().find(|c| is_hidden(*c)) {
            let message = format!("a sign that nobody sees stands in this text (U+{:04X})", u32::from(c));
            let help = "take it out: names and figures of another direction are kept apart by themselves";
            self.sink.push(
                Diagnostic::error("hidden-sign", &translated.span, message)
                    .label("here")
                    .help(help),
            );
            return;
        }
        self.pairs.push(Pair {
            address: String::new(),
            original: at(original),
            translated,
            made_from: None,
        });
        *original = translation.clone();
    }

    fn unknown<'k>(&self, key: &Spanned<DeString<'_>>, known: impl Iterator<Item = &'k str>) {
        let message = format!("the flow has no `{}`", self.address());
        let help = did_you_mean(key.get_ref(), known).unwrap_or_else(|| self.help().to_owned());
        self.sink.push(
            Diagnostic::error("no-such-text", &key.span(), message)
                .label("not in the flow")
                .help(help),
        );
    }

    fn address(&self) -> String {
        address(&self.path)
    }

    fn help(&self) -> &'static str {
        match self.path.as_slice() {
            [.., actions, _] | [.., actions, _, _] if actions == "actions" => {
                "the button is called by its name: give it words in the flow first, actions.NAME = { label = \"...\", to = \"...\" }"
            }
            _ => "a translation has the tables and keys of the flow, and of them the texts alone",
        }
    }
}

/// Signs that take no room.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// Signs that turn round what is beside them, control characters, and those that stand for nothing in any text.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FDD0}'..='\u{FDEF}')
        || c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

/// As TOML writes a dotted key: names of other signs stand in quotes.
pub(crate) fn address(path: &[String]) -> String {
    let parts = path.iter().map(|part| {
        let bare = !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        if bare { part.clone() } else { format!("{part:?}") }
    });
    parts.collect::<Vec<_>>().join(".")
}

/// What an element of a list is called: an option by its value, any other by its number from 1.
fn element(n: usize, one: &Spanned<DeValue<'_>>) -> String {
    let text = |table: &DeTable<'_>, key: &str| Some(table.get(key)?.get_ref().as_str()?.to_owned());
    let code = match one.get_ref() {
        DeValue::String(label) => Some(field::code_of(label)),
        DeValue::Table(table) => {
            let code = text(table, "value");
            code.or_else(|| text(table, "label").map(|label| field::code_of(&label)))
        }
        _ => None,
    };
    code.unwrap_or_else(|| (n + 1).to_string())
}

/// Gives an option that has only a label the value that it has by that: it keeps it in every language.
fn pinned(one: &mut Spanned<DeValue<'_>>) {
    let span = one.span();
    let code = match one.get_ref() {
        DeValue::String(label) => field::code_of(label),
        DeValue::Table(table) if !table.contains_key("value") => match table.get("label") {
            Some(label) => field::code_of(label.get_ref().as_str().unwrap_or_default()),
            None => return,
        },
        _ => return,
    };
    let key = |name: &'static str| Spanned::new(span.clone(), DeString::from(name));
    let code = Spanned::new(span.clone(), DeValue::String(code.into()));
    if let DeValue::Table(table) = one.get_mut() {
        table.insert(key("value"), code);
        return;
    }
    let label = std::mem::replace(one.get_mut(), DeValue::Boolean(false));
    let mut table = DeTable::new();
    table.insert(key("value"), code);
    table.insert(key("label"), Spanned::new(span.clone(), label));
    *one.get_mut() = DeValue::Table(table);
}
