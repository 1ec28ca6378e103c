//! A field: its kind with its bounds, its words, its guard.
//!
//! Owns the building of a [`Field`] and the types of all fields. Must not know screens beyond
//! which fields stand on the same one.

use std::collections::BTreeMap;

use super::super::field::{Choice, Normalise, Role, TextRules};
use super::super::source::{self, File};
use super::super::{Declared, Expr, Field, Text, Type, Types, When};
use super::{Checker, Place, bounds, calls, choices, defaults, fields_of, guards, idents, patterns, saved};
use crate::flow::diagnostic::Diagnostic;

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

    /// The language of the flow: a BCP 47 tag.
    pub(crate) fn lang(&self) -> &str {
        self.file.lang.as_ref().map_or("en", |lang| &lang.value)
    }

    /// `min` and `max` as values of this type.
    pub(crate) fn range(&self, of: Type) -> (Option<Expr>, Option<Expr>) {
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

    /// `options`; of which `several` may be chosen.
    pub(crate) fn options(&self, several: bool) -> Vec<Choice> {
        choices::build(self.checker, self.at, self.field, several)
    }

    /// `options = "name"`: the saved list.
    pub(crate) fn list(&self) -> Option<String> {
        let named = self.field.picks.as_ref()?;
        Some(calls::picks(self.checker, self.file, self.at, named))
    }
}

/// The screen of each field.
pub(super) fn homes(file: &File) -> BTreeMap<&str, usize> {
    let mut homes = BTreeMap::new();
    for (n, screen) in file.screens.iter().enumerate() {
        for field in fields_of(screen) {
            // Of two fields with one name the first stands; the second is a fault already.
            homes.entry(field.name.value.as_str()).or_insert(n);
        }
    }
    homes
}

/// The types of all fields that are asked.
pub(super) fn types(file: &File) -> Types {
    let mut types = Types::new();
    for field in file.screens.iter().flat_map(fields_of) {
        let Some(of) = (field.kind.declares().value_type)(field) else {
            continue;
        };
        let picked = field
            .picks
            .as_ref()
            .map(|list| std::sync::Arc::from(list.value.as_str()));
        let options = field.options.iter().flat_map(|options| &options.value).map(|option| {
            let label = option.label.as_ref().unwrap_or(&option.value);
            (option.value.value.clone(), label.value.clone())
        });
        let declared = Declared {
            of,
            options: options.collect(),
            picked,
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
        label: label(checker, at, field),
        hint: checker.maybe_text(at, field.hint.as_ref()),
        required: field.required.as_ref().is_none_or(|required| required.value),
        message: checker.maybe_text(at.posted(), field.message.as_ref()),
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
    let here: BTreeMap<&str, &source::Field> = fields_of(screen)
        .map(|field| (field.name.value.as_str(), field))
        .collect();
    let local = idents::of_expr(&when.value)
        .iter()
        .any(|(name, _)| here.contains_key(name));
    let under = hangs_under(&when.value).filter(|(field, option)| {
        let options = here.get(field.as_str()).and_then(|field| field.options.as_ref());
        options.is_some_and(|options| options.value.iter().any(|known| known.value.value == *option))
    });
    When {
        guard: checker.guard(at.posted(), when),
        local,
        under,
    }
}

/// The field and option of `field == 'option'` or `'option' in field`.
fn hangs_under(guard: &str) -> Option<(String, String)> {
    let guard = guard.trim();
    let (field, option) = match guard.split_once(" in ") {
        Some((option, field)) => (field.trim(), guards::quoted(option.trim())?),
        None => guards::answer(guard)?,
    };
    Some((field.to_owned(), option.to_owned()))
}
