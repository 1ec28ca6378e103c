//! A field: its kind with its bounds, its words, its guard.
//!
//! Owns the building of a [`Field`] and the types of all fields. Must not know screens beyond
//! which fields stand on the same one.

use std::collections::BTreeMap;

use super::super::source::{self, File};
use super::super::{Currency, Declared, Expr, Field, Kind, Text, Type, Types, Value, When};
use super::{Checker, Place, bounds, calls, choices, defaults, fields_of, guards, idents, patterns, saved};
use crate::flow::diagnostic::Diagnostic;

/// What fields without a `currency` are in.
const CURRENCY: &str = "GBP";

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
        let of = match field.kind {
            "integer" | "decimal" => Type::Number,
            "money" => Type::Money(currency(field).unwrap_or(Currency(*b"GBP"))),
            "date" => Type::Date,
            "yes-no" | "confirm" => Type::Bool,
            "choices" => Type::List,
            "computed" => continue,
            _ => Type::Text,
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

fn currency(field: &source::Field) -> Option<Currency> {
    Currency::of(field.currency.as_ref().map_or(CURRENCY, |currency| &currency.value))
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
    let kind = match &field.picks {
        Some(list) => Kind::Pick(calls::picks(checker, file, at, list)),
        None => kind(checker, at, field, computed),
    };
    let default = defaults::build(checker, at, field);
    Field {
        name: field.name.value.clone(),
        label: label(checker, at, field),
        hint: checker.maybe_text(at, field.hint.as_ref()),
        required: field.required.as_ref().is_none_or(|required| required.value),
        message: checker
            .maybe_text(at.posted(), field.message.as_ref())
            .or_else(|| patterns::default_message(field)),
        default,
        when: field.when.as_ref().map(|when| guard(checker, at, screen, when)),
        autocomplete: patterns::autocomplete(checker, field),
        input_mode: patterns::input_mode(checker, field),
        kind,
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

fn kind(checker: &Checker<'_>, at: Place<'_>, field: &source::Field, computed: &mut BTreeMap<String, Expr>) -> Kind {
    match field.kind {
        "lines" => Kind::Lines(patterns::rules(checker, field)),
        "email" => Kind::Email,
        "tel" => Kind::Tel,
        "secret" => Kind::Secret(patterns::rules(checker, field)),
        "integer" | "decimal" => number(checker, at, field),
        "money" => money(checker, at, field),
        "date" => {
            let (min, max) = bounds::range(checker, at, field, Type::Date);
            Kind::Date { min, max }
        }
        "yes-no" => Kind::YesNo,
        "confirm" => Kind::Confirm,
        "choice" => Kind::Choice {
            options: choices::build(checker, at, field),
        },
        "choices" => several(checker, at, field),
        "computed" => Kind::Computed {
            value: computed
                .remove(&field.name.value)
                .unwrap_or_else(|| Expr::constant(Value::Bool(false))),
            shown: field.shown.unwrap_or(true),
        },
        _ => Kind::Text(patterns::rules(checker, field)),
    }
}

fn number(checker: &Checker<'_>, at: Place<'_>, field: &source::Field) -> Kind {
    let (min, max) = bounds::range(checker, at, field, Type::Number);
    let places = bounds::count(checker, field.places.as_ref(), 12).unwrap_or(2);
    Kind::Number {
        places: if field.kind == "integer" { 0 } else { places },
        min,
        max,
        unit: field.unit.as_ref().map(|unit| unit.value.clone()),
    }
}

fn money(checker: &Checker<'_>, at: Place<'_>, field: &source::Field) -> Kind {
    let Some(currency) = currency(field) else {
        if let Some(written) = &field.currency {
            checker.sink.push(
                Diagnostic::error(
                    "currency",
                    &written.span,
                    format!("there is no currency `{}`", written.value),
                )
                .label("not in ISO 4217")
                .help("write a code such as GBP or EUR"),
            );
        }
        return Kind::YesNo;
    };
    let (min, max) = bounds::range(checker, at, field, Type::Money(currency));
    Kind::Money { currency, min, max }
}

fn several(checker: &Checker<'_>, at: Place<'_>, field: &source::Field) -> Kind {
    let options = choices::build(checker, at, field);
    let most = u32::try_from(options.len()).unwrap_or(0);
    let (min, max) = bounds::counts(checker, field, most);
    Kind::Choices {
        options,
        min: min.and_then(|min| min.try_into().ok()),
        max: max.and_then(|max| max.try_into().ok()),
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
