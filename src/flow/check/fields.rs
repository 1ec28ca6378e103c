//! A field: its kind with its bounds, its words, its guard.
//!
//! Owns the building of a [`Field`] and the types of all fields. Must not know screens beyond
//! which fields stand on the same one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::field::{Choice, NO, Normalise, Question, Range, Role, TextRules, YES};
use super::super::source::{self, File, Message};
use super::super::{Declared, Expr, Field, Items, Messages, OptionList, Picked, Text, Type, Types, Value, When, Why};
use super::{Checker, OptionLists, Place, bounds, calls, choices, defaults, drawn, fields_of, idents, patterns, saved};
use crate::flow::diagnostic::Diagnostic;
use crate::limits;
use crate::words::Words;

/// What a kind of field is built from: its keys, each checked as it is asked for.
pub(crate) struct Building<'a, 'c> {
    checker: &'a Checker<'c>,
    file: &'a File,
    at: Place<'a>,
    pub(crate) field: &'a source::Field,
    /// The value, of computed ones.
    pub(crate) computed: Option<Expr>,
}

impl Building<'_, '_> {
    /// Tells a fault.
    pub(crate) fn fault(&self, fault: Diagnostic) {
        self.checker.sink.push(fault);
    }

    /// The program's own words in the language of the flow.
    pub(crate) fn words(&self) -> Words {
        self.checker.words
    }

    /// `min` and `max` as values of this type.
    pub(crate) fn range(&self, of: Type) -> Range {
        bounds::range(self.checker, self.at, self.field, of)
    }

    /// `min` and `max` as counts.
    pub(crate) fn counts(&self, most: u32) -> (Option<u32>, Option<u32>) {
        bounds::counts(self.checker, self.field, most)
    }

    /// `places`: digits after the point.
    pub(crate) fn places(&self) -> u32 {
        bounds::count(self.checker, self.field.places.as_ref(), 12).unwrap_or(2)
    }

    /// `min`, `max`, `pattern` and `normalise` of typed text, with what holds where the author
    /// says nothing.
    pub(crate) fn rules(&self, pattern: Option<&str>, normalise: Normalise) -> TextRules {
        patterns::rules(self.checker, self.field, pattern, normalise)
    }

    /// `options = { list = "name" }`: how many may be taken of it.
    pub(crate) fn drawn_from(&self) -> Option<u32> {
        self.field.draws.as_ref()?;
        let most =
            drawn::list(self.checker, self.field).map_or(limits::OFFERED, |list| list.len().min(limits::OFFERED));
        u32::try_from(most).ok()
    }

    /// The question whose options are drawn from a list, `several` where more than one may be taken.
    pub(crate) fn drawn(&self, several: Option<(Option<u32>, Option<u32>)>) -> Option<Box<dyn Question>> {
        drawn::build(self.checker, self.file, (self.at, self.field), several)
    }

    /// Options of the flow's own, where they are more than a page offers and have nothing but values and labels.
    pub(crate) fn very_many(&self) -> Option<Arc<OptionList>> {
        let options = &self.field.options.as_ref()?.value;
        let plain = |option: &source::Choice| {
            let label = option.label.as_ref().map_or("", |label| &label.value);
            option.hint.is_none()
                && option.exclusive.is_none()
                && option.when.is_none()
                && !label.is_empty()
                && !label.contains('{')
        };
        let many = options.len() > limits::OFFERED && options.iter().all(plain);
        many.then(|| {
            let named = options.iter().filter_map(|option| {
                let label = option.label.as_ref()?;
                Some((option.value.value.clone(), label.value.clone()))
            });
            Arc::new(OptionList::of(&self.field.name.value, named.collect()))
        })
    }

    /// `sort`: options stand in the order of the alphabet.
    pub(crate) fn is_sorted(&self) -> bool {
        self.field.sort.as_ref().is_some_and(|sort| sort.value)
    }

    /// `options`; of which `several` may be chosen.
    pub(crate) fn options(&self, several: bool) -> Vec<Choice> {
        if let Some(named) = &self.field.picks {
            calls::picks_several(self.checker, self.file, self.at, named);
            return Vec::new();
        }
        if self.field.draws.is_some() {
            // What is wrong with where they come from is told already.
            return Vec::new();
        }
        choices::build(self.checker, self.at, self.field, several)
    }

    /// `options = "name"`: the saved list.
    pub(crate) fn list(&self) -> Option<String> {
        let named = self.field.picks.as_ref()?;
        Some(calls::picks(self.checker, self.file, self.at, named))
    }
}

/// The screen of each field, and the page of each list.
pub(super) fn homes(file: &File) -> BTreeMap<&str, usize> {
    let mut homes = BTreeMap::new();
    for (n, screen) in file.screens.iter().enumerate() {
        if screen.list.is_some() {
            homes.entry(screen.name.value.as_str()).or_insert(n);
        }
        for field in fields_of(screen) {
            // Of two fields with one name the first stands; the second is a fault already.
            homes.entry(field.name.value.as_str()).or_insert(n);
        }
    }
    homes
}

/// The types of all fields that are asked.
pub(super) fn types(file: &File, lists: &OptionLists) -> Types {
    let mut types = Types::new();
    for field in file.screens.iter().flat_map(fields_of) {
        let Some(of) = (field.kind.declares().value_type)(field) else {
            continue;
        };
        let saved = field.picks.as_ref().map(|list| Picked::from(list.value.as_str()));
        let from = field.draws.as_ref().and_then(|draws| draws.from.as_ref());
        let picked = saved.or_else(|| Some(Picked::Items(Items::of(&from?.value))));
        let options = field.options.iter().flat_map(|options| &options.value).map(|option| {
            let label = option.label.as_ref().unwrap_or(&option.value);
            (option.value.value.clone(), label.value.clone())
        });
        let drawn = field.draws.as_ref().and_then(|draws| draws.list.as_ref());
        let drawn = drawn.and_then(|list| lists.get(&list.value)?.as_ref().ok());
        let declared = Declared {
            of,
            options: drawn.map_or_else(|| options.collect(), |list| Arc::clone(list.options())),
            picked,
            columns: None,
            whole: None,
        };
        types.entry(field.name.value.clone()).or_insert(declared);
    }
    saved::types(file, &mut types);
    types
}

/// Builds a field of the screen of number `n`.
pub(super) fn build(
    checker: &Checker<'_>,
    file: &File,
    n: usize,
    screen: &source::Screen,
    field: &source::Field,
    computed: &mut BTreeMap<String, Expr>,
) -> Field {
    let at = Place {
        owner: Some(&field.name.value),
        ..Place::shown(n)
    };
    let mut building = Building {
        checker,
        file,
        at,
        field,
        computed: computed.remove(&field.name.value),
    };
    let question = (field.kind.declares().build)(&mut building);
    let default = defaults::build(checker, at, field);
    Field {
        name: field.name.value.clone(),
        label: label(checker, at.echoed(), field),
        short: field.short.as_ref().map(|short| checker.naming(at, short)),
        hint: checker.maybe_text(at.echoed(), field.hint.as_ref()),
        required: field.required.as_ref().is_none_or(|required| required.value),
        messages: messages(checker, at.posted(), field),
        default,
        when: field.when.as_ref().map(|when| guard(checker, at, screen, when)),
        // What is secret is not remembered by browsers either.
        autocomplete: patterns::autocomplete(checker, field)
            .or_else(|| (field.kind.role() == Role::Secret).then(|| "off".to_owned())),
        input_mode: patterns::input_mode(checker, field),
        kind: field.kind,
        question,
    }
}

/// One message for all stands for what the author's own bounds and pattern refuse; for everything
/// where the field has none. A message for one fault goes before it.
fn messages(checker: &Checker<'_>, at: Place<'_>, field: &source::Field) -> Messages {
    let bounded = field.min.is_some() || field.max.is_some() || field.pattern.is_some();
    let (one, each) = match &field.message {
        None => (None, &[][..]),
        Some(Message::One(text)) if bounded => (Some((vec![Why::Min, Why::Max, Why::Pattern], text)), &[][..]),
        Some(Message::One(text)) => (Some((Why::ALL.to_vec(), text)), &[][..]),
        Some(Message::Each(all)) => (None, all.as_slice()),
    };
    let each = each.iter().chain(&field.messages);
    let mut all: Vec<_> = each.map(|((_, of), text)| (of.to_vec(), text)).collect();
    all.sort_by_key(|(of, _)| of.len());
    let all = all.into_iter().chain(one);
    Messages(all.map(|(of, text)| (of, checker.text(at, text))).collect())
}

fn label(checker: &Checker<'_>, at: Place<'_>, field: &source::Field) -> Text {
    match &field.label {
        Some(label) => checker.naming(at, label),
        None if field.shown == Some(false) => Text::fixed(""),
        None => {
            checker.sink.push(
                Diagnostic::error(
                    "missing-key",
                    &field.name.span,
                    format!("field `{}` needs a `label`", field.name.value),
                )
                .label("what does it say?")
                .help("add label = \"...\""),
            );
            Text::fixed("")
        }
    }
}

fn guard(checker: &Checker<'_>, at: Place<'_>, screen: &source::Screen, when: &source::At<String>) -> When {
    let (when_read, several) = hanging(checker, at.posted(), screen, when);
    if when_read.local && when_read.under.is_none() && several {
        let fault = Diagnostic::warning(
            "shown-to-all",
            &when.span,
            "the page shows this whatever is answered in it",
        )
        .label("reads options of its own page, and hangs under none of them")
        .help("let it need one option, such as \"place == 'abroad' and ...\", or ask it on a later screen");
        checker.sink.push(fault);
    }
    when_read
}

/// A condition that may hang on an option of its own page, and whether it reads several fields of it,
/// one with options among them.
pub(super) fn hanging(
    checker: &Checker<'_>,
    at: Place<'_>,
    screen: &source::Screen,
    when: &source::At<String>,
) -> (When, bool) {
    let here: BTreeMap<&str, &source::Field> = fields_of(screen)
        .map(|field| (field.name.value.as_str(), field))
        .collect();
    let local = idents::of_expr(&when.value)
        .iter()
        .any(|(name, _)| here.contains_key(name));
    let guard = checker.guard(at, when);
    // Of several options that must be chosen, the last one asked: it hangs under the others itself.
    let place = |name: &str| fields_of(screen).position(|field| field.name.value == name);
    let chosen = guard.chosen().into_iter().filter_map(|(field, answer)| {
        let parent = here.get(field.as_str())?;
        Some((field, option_of(parent, &answer)?))
    });
    let under = chosen.max_by_key(|(field, _)| place(field));
    let mut read = guard.reads().iter().filter_map(|name| here.get(name.as_str()));
    // What hangs on one answer of the page stands under the options for which it is asked.
    let several = read.clone().count() > 1 && read.any(|field| has_options(field));
    (When { guard, local, under }, several)
}

/// Whether it is answered with one of few options.
fn has_options(field: &source::Field) -> bool {
    field.options.is_some() || !(field.kind.declares().answers)(field).is_empty()
}

/// The option that an answer to `field` is posted as.
fn option_of(field: &source::Field, answer: &Value) -> Option<String> {
    match answer {
        Value::Bool(yes) => {
            let known = (field.kind.declares().answers)(field).contains(&if *yes { "true" } else { "false" });
            known.then(|| if *yes { YES } else { NO }.to_owned())
        }
        Value::Text(text) => {
            let options = field.options.as_ref()?.value.iter();
            let mut values = options.map(|option| &option.value.value);
            values.find(|value| *value == text).cloned()
        }
        _ => None,
    }
}
