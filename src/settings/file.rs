//! The settings file, as text: which keys it sets, on which lines, and what is wrong with it.
//!
//! Owns reading TOML into [`File`]. Must not know what a value means.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Fault, KEYS, Origin, limits};

/// What a settings file says.
#[derive(Debug, Default)]
pub struct File {
    /// Its path, for messages.
    path: String,
    /// Each value by its key, `limits.` before a limit's.
    pub(super) entries: BTreeMap<String, Entry>,
    /// Everything in it that is no setting.
    pub(super) faults: Vec<Fault>,
}

/// One value of a settings file.
#[derive(Debug)]
pub(super) struct Entry {
    /// As text, whatever its TOML type.
    pub(super) text: String,
    pub(super) line: usize,
    column: usize,
}

impl File {
    /// Reads the text of the file at `path`; what is wrong with it is told with the settings.
    pub fn read(path: &str, text: &str) -> Self {
        let mut file = Self {
            path: path.to_owned(),
            ..Self::default()
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let (place, line) = file.at(text, error.span());
            file.faults.push(Fault {
                place,
                line,
                message: error.message().to_owned(),
                help: None,
            });
        }
        for (key, value) in table.get_ref() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("limits", DeValue::Table(limits)) => {
                    for (key, value) in limits {
                        file.enter(text, "limits.", key, value);
                    }
                }
                _ => file.enter(text, "", key, value),
            }
        }
        file
    }

    fn enter(&mut self, text: &str, prefix: &str, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        if key.get_ref().is_empty() {
            // No TOML; that was told.
            return;
        }
        let name = format!("{prefix}{}", key.get_ref());
        let known: Vec<&str> = if prefix.is_empty() {
            KEYS.iter().map(|key| key.name).chain(["limits"]).collect()
        } else {
            limits::names().collect()
        };
        if !known.contains(&key.get_ref().as_ref()) {
            let (place, line) = self.at(text, Some(key.span()));
            let fault = Fault {
                place,
                line,
                message: format!("there is no setting `{name}`"),
                help: Some(nearest(key.get_ref(), &known)),
            };
            self.faults.push(fault);
            return;
        }
        let said = match value.get_ref() {
            DeValue::String(said) => said.clone().into_owned(),
            DeValue::Integer(number) => number.to_string(),
            _ => {
                let (place, line) = self.at(text, Some(value.span()));
                let fault = Fault {
                    place,
                    line,
                    message: format!("`{name}` takes a text or a whole number"),
                    help: None,
                };
                self.faults.push(fault);
                return;
            }
        };
        let (line, column) = position(text, value.span().start);
        let entry = Entry {
            text: said,
            line,
            column,
        };
        self.entries.insert(name, entry);
    }

    pub(super) fn origin(&self, entry: &Entry) -> Origin {
        Origin::File {
            path: self.path.clone(),
            line: entry.line,
        }
    }

    pub(super) fn place(&self, entry: &Entry) -> String {
        format!("{}:{}:{}", self.path, entry.line, entry.column)
    }

    fn at(&self, text: &str, span: Option<Range<usize>>) -> (String, usize) {
        let (line, column) = position(text, span.map_or(0, |span| span.start));
        (format!("{}:{line}:{column}", self.path), line)
    }
}

/// Line and column of a byte, both from 1; the column in characters.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// "did you mean ...?", or all there are.
fn nearest(word: &str, known: &[&str]) -> String {
    let word = word.replace('_', "-").to_lowercase();
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&word, name), name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .map_or_else(
            || format!("there are {}", known.join(", ")),
            |(_, name)| format!("did you mean `{name}`?"),
        )
}
