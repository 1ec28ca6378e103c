//! One question as a page shows it.
//!
//! Owns the way from a declared field, with what was typed or answered, to its control.

use std::collections::BTreeMap;

use askama::Template;

use crate::flow::{Choice, Currency, Fault, Form, Item, Kind, Scope, Screen, TextRules, Value};
use crate::flow::{Field as Declared, When};

/// Above so many options a choice is a select.
const RADIOS: usize = 12;

/// A question.
#[derive(Template)]
#[template(path = "field.html")]
pub(super) struct Field {
    name: String,
    label: String,
    /// The label is the page's heading.
    heading: bool,
    /// The author's text below the heading, HTML.
    lead: String,
    hint: Option<String>,
    error: Option<String>,
    /// The box that is wrong.
    wrong: Option<String>,
    optional: bool,
    autocomplete: Option<String>,
    input_mode: Option<String>,
    control: Control,
    /// The box that takes away what was given before, and whether it is ticked.
    removal: Option<(String, bool)>,
}

/// What is filled in.
enum Control {
    Line(Line),
    Lines(String),
    Select(Vec<Choosable>),
    Boxes(Vec<Part>),
    Options {
        kind: &'static str,
        options: Vec<Choosable>,
    },
    Tick(bool),
    Shown(String),
}

struct Line {
    kind: Option<&'static str>,
    size: Option<u32>,
    before: Option<String>,
    after: Option<String>,
    value: String,
}

/// An option of a choice.
struct Choosable {
    value: String,
    label: String,
    hint: Option<String>,
    chosen: bool,
    /// Excludes all others, so it stands apart from them.
    apart: bool,
    /// The questions that hang under it.
    under: Vec<Field>,
}

/// A box of a date.
struct Part {
    name: String,
    label: &'static str,
    size: u8,
    autocomplete: Option<&'static str>,
    value: String,
}

impl Field {
    fn wrong(&self, input: &str) -> bool {
        self.wrong.as_deref() == Some(input)
    }
}

/// What the questions of a page are drawn from.
pub(super) struct Asking<'a> {
    pub(super) scope: Scope<'a>,
    /// What stands in the boxes: as typed.
    pub(super) typed: Option<&'a Form>,
    /// What was answered before, where nothing was typed.
    pub(super) answers: Option<&'a BTreeMap<String, Value>>,
    pub(super) faults: &'a [Fault],
    /// The questions that hang under an option, by field and option.
    under: BTreeMap<(&'a str, &'a str), Vec<&'a Declared>>,
    nested: Vec<&'a str>,
}

impl<'a> Asking<'a> {
    /// Sorts the questions of `screen`: a question hangs under an option of an earlier one.
    pub(super) fn new(
        screen: &'a Screen,
        scope: Scope<'a>,
        typed: Option<&'a Form>,
        answers: Option<&'a BTreeMap<String, Value>>,
        faults: &'a [Fault],
    ) -> Self {
        let mut asking = Self {
            scope,
            typed,
            answers,
            faults,
            under: BTreeMap::new(),
            nested: Vec::new(),
        };
        let mut options: Vec<(&str, &str)> = Vec::new();
        for field in screen.fields() {
            if let Some(When {
                local: true,
                under: Some((parent, option)),
                ..
            }) = &field.when
                && options.contains(&(parent, option))
            {
                asking.under.entry((parent, option)).or_default().push(field);
                asking.nested.push(&field.name);
            }
            options.extend(hooks(field).into_iter().map(|option| (field.name.as_str(), option)));
        }
        asking
    }

    /// Whether the page asks this: its guard holds, or depends on what is filled in here.
    pub(super) fn asked(&self, field: &Declared) -> bool {
        field
            .when
            .as_ref()
            .is_none_or(|when| when.local || when.guard.holds(&self.scope))
    }

    /// The questions that do not hang under another.
    pub(super) fn upright(&self, screen: &'a Screen) -> impl Iterator<Item = &'a Item> {
        screen.items.iter().filter(|item| match item {
            Item::Field(field) => self.asked(field) && !self.nested.contains(&field.name.as_str()),
            Item::Block(block) => block.when.as_ref().is_none_or(|when| when.holds(&self.scope)),
        })
    }

    /// Draws a question; nothing for a computed value that is missing or not to be shown.
    pub(super) fn draw(&self, field: &Declared, heading: bool, lead: String) -> Option<Field> {
        let filled = self.filled(field);
        let fault = self.faults.iter().find(|fault| fault.field == field.name);
        let computed = matches!(field.kind, Kind::Computed { .. });
        Some(Field {
            name: field.name.clone(),
            label: field.label.plain(&self.scope),
            heading,
            lead,
            hint: self.hint(field),
            error: fault.map(|fault| fault.message.clone()),
            wrong: fault.map(|fault| fault.input.clone()),
            optional: !field.required && !computed,
            autocomplete: field.autocomplete.clone().or_else(|| own_autocomplete(&field.kind)),
            input_mode: field.input_mode.clone().or_else(|| self.own_input_mode(&field.kind)),
            control: self.control(field, &filled)?,
            removal: self.removal(field),
        })
    }

    /// A secret was given before: it is not shown again, and stays.
    fn kept(&self, field: &Declared) -> bool {
        let given = self.answers.is_some_and(|answers| answers.contains_key(&field.name));
        given && matches!(field.kind, Kind::Secret(_))
    }

    fn removal(&self, field: &Declared) -> Option<(String, bool)> {
        let name = field.removal().filter(|_| self.kept(field))?;
        let ticked = self.typed.is_some_and(|typed| typed.first(&name).is_some());
        Some((name, ticked))
    }

    fn hint(&self, field: &Declared) -> Option<String> {
        if matches!(field.kind, Kind::Pick(_)) && field.offered(&self.scope).is_empty() {
            return Some("There is nothing to choose from at present.".to_owned());
        }
        let hint = field.hint.as_ref().map(|hint| hint.plain(&self.scope));
        if !self.kept(field) {
            return hint;
        }
        let kept = "You gave this before. Leave it empty to keep it.";
        Some(hint.map_or_else(|| kept.to_owned(), |hint| format!("{hint} {kept}")))
    }

    /// What stands in the boxes of a question.
    fn filled(&self, field: &Declared) -> Form {
        if matches!(field.kind, Kind::Secret(_)) {
            return Form::default();
        }
        if let Some(typed) = self.typed {
            return typed.clone();
        }
        let value = match self.answers {
            Some(answers) => answers.get(&field.name).cloned(),
            None => field.default.as_ref().and_then(|default| default.eval(&self.scope)),
        };
        value.map_or_else(Form::default, |value| field.boxes(&value))
    }

    fn control(&self, field: &Declared, filled: &Form) -> Option<Control> {
        let value = filled.first(&field.name).unwrap_or_default().to_owned();
        Some(match &field.kind {
            Kind::Text(rules) => line(None, short(rules), value),
            Kind::Email => line(Some("email"), None, value),
            Kind::Tel => line(Some("tel"), Some(20), value),
            Kind::Secret(rules) => line(Some("password"), short(rules), String::new()),
            Kind::Number { unit, .. } => Control::Line(Line {
                kind: None,
                size: Some(10),
                before: None,
                after: unit.clone(),
                value,
            }),
            Kind::Money { currency, .. } => Control::Line(Line {
                kind: None,
                size: Some(10),
                before: Some(sign(*currency)),
                after: None,
                value,
            }),
            Kind::Lines(_) => Control::Lines(value),
            Kind::Date { .. } => Control::Boxes(parts(field, filled)),
            Kind::YesNo => Control::Options {
                kind: "radio",
                options: [("yes", "Yes"), ("no", "No")]
                    .map(|(value, label)| self.option(field, value, label, filled))
                    .into(),
            },
            Kind::Choice { options } if options.len() > RADIOS => Control::Select(self.options(field, options, filled)),
            Kind::Choice { options } => Control::Options {
                kind: "radio",
                options: self.options(field, options, filled),
            },
            Kind::Pick(_) => {
                let offered = field.offered(&self.scope);
                let options = offered
                    .iter()
                    .map(|(value, label)| self.option(field, value, label, filled))
                    .collect();
                if offered.len() > RADIOS {
                    Control::Select(options)
                } else {
                    Control::Options { kind: "radio", options }
                }
            }
            Kind::Choices { options, .. } => Control::Options {
                kind: "checkbox",
                options: self.options(field, options, filled),
            },
            Kind::Confirm => Control::Tick(!value.is_empty()),
            Kind::Computed { shown: false, .. } => return None,
            Kind::Computed { value, .. } => Control::Shown(field.shown(&value.eval(&self.scope)?, &self.scope)),
        })
    }

    fn options(&self, field: &Declared, options: &[Choice], filled: &Form) -> Vec<Choosable> {
        let draw = |choice: &Choice| Choosable {
            hint: choice.hint.as_ref().map(|hint| hint.plain(&self.scope)),
            apart: choice.exclusive,
            ..self.option(field, &choice.value, &choice.label.plain(&self.scope), filled)
        };
        options.iter().map(draw).collect()
    }

    fn option(&self, field: &Declared, value: &str, label: &str, filled: &Form) -> Choosable {
        let under = self
            .under
            .get(&(field.name.as_str(), value))
            .map_or(&[][..], Vec::as_slice);
        Choosable {
            value: value.to_owned(),
            label: label.to_owned(),
            hint: None,
            chosen: filled.all(&field.name).any(|chosen| chosen == value),
            apart: false,
            under: under
                .iter()
                .filter_map(|field| self.draw(field, false, String::new()))
                .collect(),
        }
    }

    /// Digits only where no sign and no letter can be needed.
    fn own_input_mode(&self, kind: &Kind) -> Option<String> {
        let (min, mode) = match kind {
            Kind::Number { min, places: 0, .. } => (min, "numeric"),
            Kind::Number { min, .. } | Kind::Money { min, .. } => (min, "decimal"),
            _ => return None,
        };
        let least = min.as_ref().and_then(|min| min.eval(&self.scope));
        let Some(Value::Number(least) | Value::Money(least, _)) = least else {
            return None;
        };
        (!least.is_sign_negative()).then(|| mode.to_owned())
    }
}

/// The options of a field under which others may hang.
fn hooks(field: &Declared) -> Vec<&str> {
    match &field.kind {
        Kind::YesNo => vec!["yes", "no"],
        Kind::Choice { options } if options.len() <= RADIOS => options.iter().map(|o| o.value.as_str()).collect(),
        Kind::Choices { options, .. } => options.iter().map(|o| o.value.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn line(kind: Option<&'static str>, size: Option<u32>, value: String) -> Control {
    Control::Line(Line {
        kind,
        size,
        before: None,
        after: None,
        value,
    })
}

/// A box as wide as its answer, where that is short.
fn short(rules: &TextRules) -> Option<u32> {
    rules.max.filter(|max| *max <= 20)
}

fn own_autocomplete(kind: &Kind) -> Option<String> {
    matches!(kind, Kind::Secret(_)).then(|| "off".to_owned())
}

fn parts(field: &Declared, filled: &Form) -> Vec<Part> {
    let birthday = field.autocomplete.as_deref() == Some("bday");
    [
        ("Day", "day", 2, "bday-day"),
        ("Month", "month", 2, "bday-month"),
        ("Year", "year", 4, "bday-year"),
    ]
    .map(|(label, part, size, autocomplete)| {
        let name = format!("{}-{part}", field.name);
        let value = filled.first(&name).unwrap_or_default().to_owned();
        Part {
            name,
            label,
            size,
            autocomplete: birthday.then_some(autocomplete),
            value,
        }
    })
    .into()
}

/// What stands before an amount.
fn sign(currency: Currency) -> String {
    match &currency.0 {
        b"GBP" => "£".to_owned(),
        b"EUR" => "€".to_owned(),
        b"USD" => "$".to_owned(),
        b"JPY" => "¥".to_owned(),
        code => String::from_utf8_lossy(code).into_owned(),
    }
}
