//! The codebook of a flow: what goes out of it, one entry for each value, for who receives that.
//!
//! Owns what an entry says. It is read from the definition as it is written, its parts put in. Must not know how
//! it is printed, nor sessions.

use serde::Serialize;

use super::diagnostic::Sink;
use super::field::Role;
use super::source::{self, At, File, Scalar};
use super::{Effect, Flow, Saved, Screen, Type};

/// One value that goes out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// The lists in whose items it lies, the outermost first; empty: it is the session's.
    pub list: Vec<String>,
    /// What expressions call it.
    pub name: String,
    /// What it is called outside.
    #[serde(rename = "as")]
    pub outward: String,
    /// The question, as it is written.
    pub label: String,
    /// The kind of question; `computed`, `saved` of what an effect brings, `list`.
    pub kind: String,
    /// What it is as a value.
    #[serde(rename = "type")]
    pub of: String,
    /// It must be answered where it is asked.
    pub required: bool,
    /// The least, or the fewest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// The most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// The form that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What it is counted in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it may be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Where its options come from, where the definition does not list them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What must hold for it to be asked: its own condition and its screen's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

/// One of the options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Choice {
    /// What expressions call it.
    pub value: String,
    /// What it is outside.
    #[serde(rename = "as")]
    pub outward: String,
    /// As it is written.
    pub label: String,
    /// What must hold for it to be offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

impl Flow {
    /// What goes out of it, in the order of the file: no secrets.
    pub fn codebook(&self) -> Vec<Entry> {
        // It was read before, so nothing is wrong with it.
        let Some(file) = source::read(&self.source, &Sink::default()) else {
            return Vec::new();
        };
        let mut entries: Vec<Entry> = Vec::new();
        for (screen, written) in self.screens.iter().zip(&file.screens) {
            entries.extend(self.of_screen(screen, &file, written));
        }
        entries
    }

    fn of_screen(&self, screen: &Screen, file: &File, written: &source::Screen) -> Vec<Entry> {
        let around = self.lists_around(screen).into_iter().rev();
        let around = around.filter_map(|list| self.strand(list));
        let list: Vec<String> = around.map(|list| self.outward.name(&list.name).to_owned()).collect();
        let mut entries = Vec::new();
        if let Some(of) = &written.list {
            let count = words(of.count.as_ref());
            let each = words(of.each.as_ref());
            entries.push(Entry {
                list: list.clone(),
                name: screen.name.clone(),
                outward: self.outward.name(&screen.name).to_owned(),
                label: words(written.title.as_ref()).unwrap_or_default(),
                kind: "list".to_owned(),
                of: "list of items".to_owned(),
                required: false,
                min: count.clone().or_else(|| scalar(of.min.as_ref())),
                max: count.or_else(|| scalar(of.max.as_ref())),
                from: each.map(|each| format!("one for each of {each}")),
                when: words(written.when.as_ref()),
                ..Entry::default()
            });
        }
        let fields = written.items.iter().filter_map(|item| match item {
            source::Item::Field(field) => Some(field.as_ref()),
            source::Item::Block(_) => None,
        });
        for field in fields.filter(|field| field.kind.role() != Role::Secret) {
            let built = screen.fields().find(|built| built.name == field.name.value);
            entries.push(Entry {
                list: list.clone(),
                of: built.map_or_else(String::new, |built| named(built.value_type())),
                when: both(words(written.when.as_ref()), words(field.when.as_ref())),
                ..self.of_field(file, field)
            });
        }
        let called = screen.actions.iter().filter_map(|action| action.call.as_ref());
        for effect in called.filter_map(|call| self.effect(&call.effect)) {
            entries.extend(effect.save.iter().filter_map(|saved| of_saved(&list, effect, saved)));
        }
        entries
    }

    fn of_field(&self, file: &File, field: &source::Field) -> Entry {
        let name = &field.name.value;
        let options = field.options.iter().flat_map(|options| &options.value).map(|option| {
            let value = &option.value.value;
            Choice {
                value: value.clone(),
                outward: option.outward.as_ref().unwrap_or(&option.value).value.clone(),
                label: option.label.as_ref().unwrap_or(&option.value).value.clone(),
                when: words(option.when.as_ref()),
            }
        });
        let unit = words(field.unit.as_ref());
        Entry {
            name: name.clone(),
            outward: self.outward.name(name).to_owned(),
            label: words(field.label.as_ref()).unwrap_or_default(),
            kind: field.kind.name().to_owned(),
            required: field.kind.role() != Role::Computed && field.required.as_ref().is_none_or(|must| must.value),
            min: scalar(field.min.as_ref()),
            max: scalar(field.max.as_ref()),
            pattern: words(field.pattern.as_ref()),
            unit,
            options: options.collect(),
            from: self.drawn_from(file, field),
            ..Entry::default()
        }
    }

    /// Where options come from that the definition does not list.
    fn drawn_from(&self, file: &File, field: &source::Field) -> Option<String> {
        if let Some(saved) = &field.picks {
            let mut effects = file.effects.iter();
            let by = effects.find(|effect| effect.save.iter().any(|one| one.name.value == saved.value));
            return Some(by.map_or_else(
                || saved.value.clone(),
                |by| format!("{} of {}", saved.value, by.name.value),
            ));
        }
        let draws = field.draws.as_ref()?;
        let from = match (&draws.list, &draws.from) {
            (Some(list), _) => format!("{}.csv", list.value),
            (None, Some(items)) => format!("keys of {}", self.outward.name(&items.value)),
            (None, None) => return None,
        };
        Some(match &draws.sift {
            Some(sift) => format!("{from} where {}", sift.value),
            None => from,
        })
    }
}

fn of_saved(list: &[String], effect: &Effect, saved: &Saved) -> Option<Entry> {
    // What was offered is nobody's answer.
    let of = Some(saved.kind.value_type()).filter(|of| *of != Type::Options)?;
    Some(Entry {
        list: list.to_vec(),
        name: saved.name.clone(),
        outward: saved.name.clone(),
        kind: "saved".to_owned(),
        of: named(of),
        required: saved.required,
        from: Some(format!("effect {}", effect.name)),
        ..Entry::default()
    })
}

fn words(written: Option<&At<String>>) -> Option<String> {
    written.map(|written| written.value.clone())
}

fn scalar(written: Option<&At<Scalar>>) -> Option<String> {
    Some(match &written?.value {
        Scalar::Number(text) | Scalar::Text(text) | Scalar::When(text) => text.clone(),
        Scalar::Bool(flag) => flag.to_string(),
        Scalar::List(all) => {
            let all: Vec<_> = all.iter().map(|one| one.value.as_str()).collect();
            all.join(", ")
        }
    })
}

fn both(screen: Option<String>, field: Option<String>) -> Option<String> {
    match (screen, field) {
        (Some(screen), Some(field)) => Some(format!("({screen}) and ({field})")),
        (screen, field) => screen.or(field),
    }
}

/// As the tables of the reference name them.
fn named(of: Type) -> String {
    let name = match of {
        Type::Text => "text",
        Type::Number => "number",
        Type::Money(currency) => return format!("money:{currency}"),
        Type::Date => "date",
        Type::Time => "time",
        Type::Bool => "true or false",
        Type::List => "list of texts",
        Type::Rows => "list of items",
        Type::Options => "options",
    };
    name.to_owned()
}
