//! One question as a page shows it.
//!
//! Owns the way from a declared field, with what was typed or answered, to its control.

use std::collections::BTreeMap;

use askama::Template;

use crate::flow::{Control as Asks, Field as Declared, Line, Offer, Part as Declares, When};
use crate::flow::{Fault, Form, Item, Scope, Screen, Value};
use crate::words::Words;

/// Above so many options a choice is a select.
const RADIOS: usize = 12;

/// A question.
#[derive(Template)]
#[template(path = "field.html")]
pub(super) struct Field {
    words: Words,
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
    Line {
        line: Line,
        value: String,
    },
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
        let mut before: Vec<&Declared> = Vec::new();
        for field in screen.fields() {
            if let Some(When {
                local: true,
                under: Some((parent, option)),
                ..
            }) = &field.when
                && before
                    .iter()
                    .any(|field| field.name == *parent && holds(field, option, &scope))
            {
                asking.under.entry((parent, option)).or_default().push(field);
                asking.nested.push(&field.name);
            }
            before.push(field);
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
        let (control, mode) = self.control(field, &filled)?;
        Some(Field {
            words: self.scope.words,
            name: field.name.clone(),
            label: field.label.plain(&self.scope),
            heading,
            lead,
            hint: self.hint(field),
            error: fault.map(|fault| fault.message.clone()),
            wrong: fault.map(|fault| fault.input.clone()),
            optional: !field.required && field.is_asked(),
            autocomplete: field.autocomplete.clone(),
            input_mode: field.input_mode.clone().or(mode),
            control,
            removal: self.removal(field),
        })
    }

    /// A secret was given before: it is not shown again, and stays.
    fn kept(&self, field: &Declared) -> bool {
        let given = self.answers.is_some_and(|answers| answers.contains_key(&field.name));
        given && field.is_secret()
    }

    /// A secret was typed into the page that comes again: it is not shown, and has to be typed again.
    fn retyped(&self, field: &Declared) -> bool {
        let typed = self.typed.and_then(|typed| typed.first(&field.name));
        field.is_secret() && typed.is_some_and(|typed| !typed.trim().is_empty())
    }

    fn removal(&self, field: &Declared) -> Option<(String, bool)> {
        let name = field.removal().filter(|_| self.kept(field))?;
        let ticked = self.typed.is_some_and(|typed| typed.first(&name).is_some());
        Some((name, ticked))
    }

    fn hint(&self, field: &Declared) -> Option<String> {
        let list = field.list().map(|list| self.scope.values.get(list));
        let empty = list.is_some_and(|list| list.and_then(Value::as_options).is_none_or(<[_]>::is_empty));
        if empty {
            return Some(self.scope.words.question_nothing().to_owned());
        }
        let hint = field.hint.as_ref().map(|hint| hint.plain(&self.scope));
        let kept = match (self.retyped(field), self.kept(field)) {
            (true, true) => self.scope.words.question_retype_or_keep(),
            (true, false) => self.scope.words.question_retype(),
            (false, true) => self.scope.words.question_keep(),
            (false, false) => return hint,
        };
        Some(hint.map_or_else(|| kept.to_owned(), |hint| format!("{hint} {kept}")))
    }

    /// What stands in the boxes of a question.
    fn filled(&self, field: &Declared) -> Form {
        if field.is_secret() {
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

    /// The control, and the `inputmode` that fits it.
    fn control(&self, field: &Declared, filled: &Form) -> Option<(Control, Option<String>)> {
        let value = || filled.first(&field.name).unwrap_or_default().to_owned();
        let radios = |offers| Control::Options {
            kind: "radio",
            options: self.options(field, offers, filled),
        };
        let control = match field.control(&self.scope) {
            Asks::Line(line) => {
                let mode = line.mode.map(str::to_owned);
                return Some((Control::Line { line, value: value() }, mode));
            }
            Asks::Lines => Control::Lines(value()),
            Asks::Parts(declared) => Control::Boxes(parts(field, declared, filled, self.scope.words)),
            Asks::One(offers) if offers.len() > RADIOS => Control::Select(self.options(field, offers, filled)),
            Asks::One(offers) => radios(offers),
            Asks::Several(offers) => Control::Options {
                kind: "checkbox",
                options: self.options(field, offers, filled),
            },
            Asks::Tick => Control::Tick(!value().is_empty()),
            Asks::Shown if !field.is_shown() => return None,
            Asks::Shown => Control::Shown(field.shown(&field.computed()?.eval(&self.scope)?, &self.scope)),
        };
        Some((control, None))
    }

    fn options(&self, field: &Declared, offers: Vec<Offer>, filled: &Form) -> Vec<Choosable> {
        let all = offers.into_iter();
        all.map(|offer| self.option(field, offer, filled)).collect()
    }

    fn option(&self, field: &Declared, offer: Offer, filled: &Form) -> Choosable {
        let under = self
            .under
            .get(&(field.name.as_str(), offer.value.as_str()))
            .map_or(&[][..], Vec::as_slice);
        let under = under.iter();
        let under = under.filter_map(|field| self.draw(field, false, String::new()));
        Choosable {
            under: under.collect(),
            chosen: filled.all(&field.name).any(|chosen| chosen == offer.value),
            value: offer.value,
            label: offer.label,
            hint: offer.hint,
            apart: offer.exclusive,
        }
    }
}

/// Whether a question can hang under this option of a field: not where it is one of a select.
fn holds(field: &Declared, option: &str, scope: &Scope<'_>) -> bool {
    let (offers, most) = match field.control(scope) {
        Asks::One(offers) => (offers, RADIOS),
        Asks::Several(offers) => (offers, usize::MAX),
        Asks::Line(_) | Asks::Lines | Asks::Parts(_) | Asks::Tick | Asks::Shown => return false,
    };
    offers.len() <= most && offers.iter().any(|offer| offer.value == option)
}

fn parts(field: &Declared, declared: &'static [Declares], filled: &Form, words: Words) -> Vec<Part> {
    let birthday = field.autocomplete.as_deref() == Some("bday");
    let part = |part: &'static Declares| {
        let name = format!("{}-{}", field.name, part.name);
        let value = filled.first(&name).unwrap_or_default().to_owned();
        Part {
            name,
            label: (part.label)(words),
            size: part.size,
            autocomplete: birthday.then_some(part.autocomplete),
            value,
        }
    };
    declared.iter().map(part).collect()
}
