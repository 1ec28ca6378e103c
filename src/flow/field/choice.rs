//! Yes and no, one of several, several of several.
//!
//! Owns what may be chosen together. Must not know other kinds.

use super::{NO, Problem, YES};
use crate::flow::{Choice, Scope, Value};

type Read = Result<Option<Value>, Problem>;

/// Two radio buttons.
pub(super) fn yes_no(typed: &str) -> Read {
    match typed {
        "" => Ok(None),
        YES => Ok(Some(Value::Bool(true))),
        NO => Ok(Some(Value::Bool(false))),
        _ => Err("Select yes or no".to_owned().into()),
    }
}

/// One of the options.
pub(super) fn read_one(options: &[Choice], typed: &str) -> Read {
    if typed.is_empty() {
        return Ok(None);
    }
    check_one(options, typed)?;
    Ok(Some(Value::Text(typed.to_owned())))
}

/// What a look-up brought to choose from; nothing where it has not come.
pub(super) fn offered<'a>(list: &str, scope: &Scope<'a>) -> &'a [(String, String)] {
    match scope.values.get(list) {
        Some(Value::Options(options)) => options,
        _ => &[],
    }
}

/// One of what a look-up brought.
pub(super) fn pick(list: &str, typed: &str, scope: &Scope<'_>) -> Read {
    if typed.is_empty() {
        return Ok(None);
    }
    check_picked(list, typed, scope)?;
    Ok(Some(Value::Text(typed.to_owned())))
}

pub(super) fn check_picked(list: &str, value: &str, scope: &Scope<'_>) -> Result<(), Problem> {
    if offered(list, scope).iter().any(|(known, _)| known == value) {
        return Ok(());
    }
    Err("Select one of the options".to_owned().into())
}

/// The label of what was picked; a value that is not in the list stands for itself.
pub(super) fn picked(list: &str, value: &str, scope: &Scope<'_>) -> String {
    let known = offered(list, scope).iter().find(|(known, _)| known == value);
    known.map_or_else(|| value.to_owned(), |(_, label)| label.clone())
}

/// Several of the options, in their order, each once.
pub(super) fn read_many<'f>(options: &[Choice], typed: impl Iterator<Item = &'f str>) -> Read {
    let typed: Vec<_> = typed.filter(|value| !value.is_empty()).collect();
    for value in &typed {
        check_one(options, value)?;
    }
    let chosen = options.iter().filter(|option| typed.contains(&option.value.as_str()));
    let chosen: Vec<_> = chosen.map(|option| option.value.clone()).collect();
    Ok((!chosen.is_empty()).then_some(Value::List(chosen)))
}

pub(super) fn check_one(options: &[Choice], value: &str) -> Result<(), Problem> {
    if options.iter().any(|option| option.value == value) {
        return Ok(());
    }
    Err("Select one of the options".to_owned().into())
}

pub(super) fn check_many(
    options: &[Choice],
    values: &[String],
    (min, max): (Option<u16>, Option<u16>),
    scope: &Scope<'_>,
) -> Result<(), Problem> {
    for value in values {
        check_one(options, value)?;
    }
    let alone = options
        .iter()
        .find(|option| option.exclusive && values.contains(&option.value));
    if let Some(alone) = alone {
        if values.len() == 1 {
            return Ok(());
        }
        let label = alone.label.plain(scope);
        return Err(format!("Select your options or select \u{201C}{label}\u{201D}, not both").into());
    }
    let number = |n: u16| format!("{n} {}", if n == 1 { "option" } else { "options" });
    let count = values.len();
    match (min, max) {
        (Some(min), _) if count < usize::from(min) => Err(format!("Select {} or more", number(min)).into()),
        (_, Some(max)) if count > usize::from(max) => Err(format!("Select {} or fewer", number(max)).into()),
        _ => Ok(()),
    }
}

/// The labels of what was chosen; a value that is no option stands for itself.
pub(super) fn labels(options: &[Choice], value: &Value, scope: &Scope<'_>) -> String {
    let label = |value: &String| {
        let known = options.iter().find(|option| option.value == *value);
        known.map_or_else(|| value.clone(), |option| option.label.plain(scope))
    };
    match value {
        Value::Text(value) => label(value),
        Value::List(values) => values.iter().map(label).collect::<Vec<_>>().join("\n"),
        other => crate::flow::words::of(other),
    }
}
