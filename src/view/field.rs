//! One question as a page shows it.
//!
//! Owns the way from a declared field, with what was typed or answered, to its control.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use askama::Template;

use super::found::Found;
use super::screen::{Drawn, together};
use crate::flow::{Control as Asks, Field as Declared, Line, Offer, Part as Declares, When};
use crate::flow::{Fault, Form, Item, Kind, Scope, Screen, Value, Values};
use crate::words::Words;

/// What a box that is ticked posts.
const YES: &str = "yes";
/// Above so many options a choice is a select.
const RADIOS: usize = Declared::MOST_RADIOS;

/// A question.
#[derive(Template)]
#[template(path = "field.html")]
pub(super) struct Field {
    words: Words,
    /// The browser shows no style.
    text: bool,
    /// What is typed may be in another direction than the page.
    auto: bool,
    name: String,
    label: String,
    /// The label is the page's heading.
    heading: bool,
    /// The author's text below the heading, HTML.
    lead: String,
    hint: Option<String>,
    error: Option<String>,
    /// What is wrong, and in which boxes.
    wrong: Option<Fault>,
    autocomplete: Option<String>,
    input_mode: Option<String>,
    control: Control,
    /// The box that takes away what was given before, and whether it is ticked.
    removal: Option<(String, bool)>,
}

/// What is filled in.
pub(super) enum Control {
    Line {
        line: Line,
        value: String,
    },
    Lines(String),
    Select(Vec<Choosable>),
    Boxes(Vec<Part>),
    Radios {
        options: Vec<Options>,
        /// Nothing is chosen.
        open: bool,
    },
    Checkboxes(Vec<Options>),
    /// Some of very many options, and a box to look for others.
    Found(Found),
    Tick {
        ticked: bool,
        under: Vec<Drawn>,
    },
    /// Nothing can be chosen: what is said of that.
    Nothing(&'static str),
    Shown(String),
}

/// Options that stand together, and the questions that are asked if one of them is chosen.
pub(super) struct Options {
    all: Vec<Choosable>,
    under: Vec<Drawn>,
}

/// An option of a choice.
pub(super) struct Choosable {
    pub(super) value: String,
    pub(super) label: String,
    hint: Option<String>,
    pub(super) chosen: bool,
    /// The first of its question: errors lead to it.
    first: bool,
    /// Excludes all others, so it stands apart from them.
    apart: bool,
}

/// A box of a date.
pub(super) struct Part {
    name: String,
    label: &'static str,
    size: u8,
    autocomplete: Option<&'static str>,
    value: String,
}

impl Control {
    /// Very many options are looked for by what is typed.
    fn finds(&self, field: &Declared) -> bool {
        match self {
            Self::Found(_) => true,
            Self::Line { .. } => field.kind == Kind::Choice,
            Self::Lines(_)
            | Self::Select(_)
            | Self::Boxes(_)
            | Self::Radios { .. }
            | Self::Checkboxes(_)
            | Self::Tick { .. }
            | Self::Nothing(_)
            | Self::Shown(_) => false,
        }
    }
}

impl Field {
    /// Stands in a paragraph.
    fn is_single(&self) -> bool {
        !matches!(
            self.control,
            Control::Boxes(_)
                | Control::Radios { .. }
                | Control::Checkboxes(_)
                | Control::Found(_)
                | Control::Nothing(_)
        ) && !matches!(&self.control, Control::Tick { under, .. } if !under.is_empty())
    }

    fn wrong(&self, input: &str) -> bool {
        self.wrong.as_ref().is_some_and(|fault| fault.is_at(input))
    }
}

/// What the questions of a page are drawn from.
pub(super) struct Asking<'a> {
    pub(super) scope: Scope<'a>,
    /// The browser shows no style.
    pub(super) text: bool,
    /// What is typed may be in another direction than the page.
    pub(super) auto: bool,
    /// What stands in the boxes: as typed.
    pub(super) typed: Option<&'a Form>,
    /// What was answered before, where nothing was typed.
    pub(super) answers: Option<&'a BTreeMap<String, Value>>,
    pub(super) faults: &'a [Fault],
    pub(super) screen: &'a Screen,
    /// What hangs under options of its questions.
    under: Vec<Under<'a>>,
    /// What its own words read: the values that count, and those in its boxes.
    pub(super) echoed: OnceCell<Values>,
}

/// What is asked, or said, only if one of these options of its page is chosen.
struct Under<'a> {
    parent: &'a str,
    /// The first and the last, by number.
    options: (usize, usize),
    item: &'a Item,
}

impl<'a> Asking<'a> {
    /// Sorts the questions of `screen`: one whose guard hangs on a choice before it stands under the
    /// options that it needs.
    pub(super) fn new(screen: &'a Screen, scope: Scope<'a>) -> Self {
        let mut under: Vec<Under<'a>> = Vec::new();
        let mut before: Vec<&'a Declared> = Vec::new();
        for item in &screen.items {
            let when = match item {
                Item::Field(field) => field.when.as_ref(),
                Item::Block(block) => block.when.as_ref(),
            };
            let found = when.filter(|when| when.local).and_then(|when| match item {
                Item::Field(_) => hangs(when, screen, &before, &scope),
                // A text may stand before the question that it goes with.
                Item::Block(_) => hangs(when, screen, &screen.fields().collect::<Vec<_>>(), &scope),
            });
            if let Some((parent, options)) = found {
                let apart = |other: &Under<'_>| {
                    let ((first, last), (from, to)) = (options, other.options);
                    other.parent != parent || options == other.options || last < from || to < first
                };
                if under.iter().all(apart) {
                    under.push(Under { parent, options, item });
                }
            }
            before.extend(match item {
                Item::Field(field) => Some(field.as_ref()),
                Item::Block(_) => None,
            });
        }
        Self {
            scope,
            text: false,
            auto: false,
            typed: None,
            answers: None,
            faults: &[],
            screen,
            under,
            echoed: OnceCell::new(),
        }
    }

    /// Whether the page asks this: its guard holds, or depends on what is filled in here.
    pub(super) fn asked(&self, field: &Declared) -> bool {
        field.when.as_ref().is_none_or(|when| {
            if when.local {
                self.may_hold(when)
            } else {
                when.guard.holds(&self.scope)
            }
        })
    }

    /// Whether the option that a guard needs is offered.
    fn may_hold(&self, when: &When) -> bool {
        let Some((parent, option)) = &when.under else {
            return true;
        };
        let parent = self.screen.fields().find(|field| field.name == *parent);
        parent.is_none_or(|parent| match parent.control(&self.scope) {
            Asks::One(offers) | Asks::Several(offers) => offers.iter().any(|offer| offer.value == *option),
            Asks::Line(_) | Asks::Lines | Asks::Parts(_) | Asks::Find(_) | Asks::Tick | Asks::Shown => true,
        })
    }

    /// The questions that do not hang under another.
    pub(super) fn upright(&self, screen: &'a Screen) -> impl Iterator<Item = &'a Item> {
        let hangs = |item: &Item| self.under.iter().any(|under| std::ptr::eq(under.item, item));
        screen.items.iter().filter(move |item| match item {
            _ if hangs(item) => false,
            Item::Field(field) => self.asked(field),
            Item::Block(block) => self.said(block),
        })
    }

    /// Draws a question; nothing for a computed value that is missing or not to be shown.
    pub(super) fn draw(&self, field: &Declared, heading: bool, lead: String) -> Option<Field> {
        let filled = self.filled(field);
        let fault = self.faults.iter().find(|fault| fault.field == field.name);
        let (control, mode) = self.control(field, &filled)?;
        let finds = control.finds(field);
        Some(Field {
            words: self.scope.words,
            text: self.text,
            auto: self.auto,
            name: field.name.clone(),
            label: if !field.required && field.is_asked() {
                self.scope.words.question_optional(field.label.plain(&self.told()))
            } else {
                field.label.plain(&self.told())
            },
            heading,
            lead,
            hint: self.hint(field, finds),
            error: fault.map(|fault| fault.message.clone()),
            wrong: fault.cloned(),
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

    fn hint(&self, field: &Declared, finds: bool) -> Option<String> {
        let hint = field.hint.as_ref().map(|hint| hint.plain(&self.told()));
        // One that goes with other answers may say nothing.
        let hint = hint.filter(|hint| !hint.is_empty());
        let hint = hint.or_else(|| finds.then(|| self.scope.words.find_hint().to_owned()));
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
        let control = match field.control(&self.scope) {
            Asks::Line(line) => {
                let mode = line.mode.map(str::to_owned);
                return Some((Control::Line { line, value: value() }, mode));
            }
            Asks::Lines => Control::Lines(value()),
            Asks::Parts(declared) => Control::Boxes(parts(field, declared, filled, self.scope.words)),
            Asks::One(offers) | Asks::Several(offers) if offers.is_empty() => Control::Nothing(self.nothing(field)),
            Asks::One(offers) if offers.len() > RADIOS => Control::Select(choosable(field, offers, filled)),
            Asks::One(offers) => Control::Radios {
                open: !offers.iter().any(|offer| value() == offer.value),
                options: self.options(field, choosable(field, offers, filled)),
            },
            Asks::Several(offers) => Control::Checkboxes(self.options(field, choosable(field, offers, filled))),
            Asks::Find(several) => self.finding(field, several, filled),
            Asks::Tick => Control::Tick {
                ticked: !value().is_empty(),
                under: self.hanging(field, 0),
            },
            Asks::Shown if !field.is_shown() => return None,
            Asks::Shown => Control::Shown(field.shown(&field.computed()?.eval(&self.scope)?, &self.scope)),
        };
        Some((control, None))
    }

    /// What is said where nothing can be chosen: a look-up may bring something later, other answers do not change
    /// by themselves.
    fn nothing(&self, field: &Declared) -> &'static str {
        if field.list().is_some() {
            self.scope.words.question_nothing()
        } else {
            self.scope.words.question_nothing_fits()
        }
    }

    /// The options of a question, those together under which the same questions hang.
    fn options(&self, field: &Declared, all: Vec<Choosable>) -> Vec<Options> {
        let mut runs: Vec<Options> = Vec::new();
        let mut until = 0;
        for (n, option) in all.into_iter().enumerate() {
            let begins = self
                .under
                .iter()
                .find(|under| under.parent == field.name && under.options.0 == n);
            match runs.last_mut().filter(|_| n < until) {
                Some(run) => run.all.push(option),
                None => runs.push(Options {
                    all: vec![option],
                    under: self.hanging(field, n),
                }),
            }
            if let Some(under) = begins {
                until = under.options.1 + 1;
            }
        }
        runs
    }

    /// What hangs under the options from this one on.
    fn hanging(&self, field: &Declared, first: usize) -> Vec<Drawn> {
        let hangs = |under: &&Under<'_>| under.parent == field.name && under.options.0 == first;
        let here = self.under.iter().filter(hangs);
        let items = here.map(|under| under.item);
        together(self.screen, items, |item| self.item(item), &self.scope)
    }
}

pub(super) fn choosable(field: &Declared, offers: Vec<Offer>, filled: &Form) -> Vec<Choosable> {
    let option = |(n, offer): (usize, Offer)| Choosable {
        chosen: filled.all(&field.name).any(|chosen| chosen == offer.value),
        value: offer.value,
        label: offer.label,
        hint: offer.hint,
        first: n == 0,
        apart: offer.exclusive,
    };
    offers.into_iter().enumerate().map(option).collect()
}

/// The options of a question that something can hang under: not those of a select.
fn offered(field: &Declared, scope: &Scope<'_>) -> Vec<String> {
    let values = |offers: Vec<Offer>| offers.into_iter().map(|offer| offer.value).collect();
    match field.control(scope) {
        Asks::One(offers) if offers.len() > RADIOS => Vec::new(),
        Asks::One(offers) | Asks::Several(offers) => values(offers),
        Asks::Tick => vec![YES.to_owned()],
        Asks::Line(_) | Asks::Lines | Asks::Parts(_) | Asks::Find(_) | Asks::Shown => Vec::new(),
    }
}

/// The question of the page that a guard hangs on, and the first and the last of its options for which it
/// holds: all between must be such. None where it reads several that do not say which, or holds where
/// nothing is chosen that need not be.
fn hangs<'a>(
    when: &'a When,
    screen: &'a Screen,
    before: &[&'a Declared],
    scope: &Scope<'_>,
) -> Option<(&'a str, (usize, usize))> {
    let earlier = |name: &str| before.iter().find(|field| field.name == name).copied();
    if let Some((parent, option)) = &when.under {
        let place = offered(earlier(parent)?, scope)
            .iter()
            .position(|known| known == option)?;
        return Some((parent, (place, place)));
    }
    let mut read = screen.fields().filter(|field| when.guard.reads().contains(&field.name));
    let (parent, None) = (earlier(&read.next()?.name)?, read.next()) else {
        return None;
    };
    let holds = |option: Option<&String>| {
        let typed = Form(
            option
                .map(|option| (parent.name.clone(), option.clone()))
                .into_iter()
                .collect(),
        );
        let mut values = scope.values.clone();
        match parent.parse(&typed, scope) {
            Ok(Some(value)) => values.insert(parent.name.clone(), value),
            Ok(None) | Err(_) => values.remove(&parent.name),
        };
        when.guard.holds(&Scope {
            values: &values,
            ..*scope
        })
    };
    if !parent.required && holds(None) {
        return None;
    }
    let held: Vec<bool> = offered(parent, scope)
        .iter()
        .map(|option| holds(Some(option)))
        .collect();
    let first = held.iter().position(|held| *held)?;
    let last = held.iter().rposition(|held| *held)?;
    let all = held.get(first..=last)?.iter().all(|held| *held);
    (all && last - first + 1 < held.len().max(2)).then_some((parent.name.as_str(), (first, last)))
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
