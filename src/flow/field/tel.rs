//! `tel`: a telephone number, kept as typed with single spaces.

use std::str::FromStr;

use super::kind::{Around, Boxes, Chance, Control, Declares, Fills, Line, Question, Read, Role, Source, Typed, any};
use super::wording::Wording;
use super::{Problem, folded, typed};
use crate::flow::{Scope, Type, Value};

pub(super) const KIND: Declares = Declares {
    name: "tel",
    keys: &["required", "message", "default", "autocomplete"],
    role: Role::Answer,
    fills: Fills::Token("tel"),
    value_type: |_| Some(Type::Text),
    answers: any,
    build: |_| Box::new(Tel),
};

/// What may stand before a number.
const NAME: &str = "tel";
/// Text relays of the United Kingdom: the number of whom to call stands behind them.
const RELAYS: [&str; 2] = ["18001", "18002"];
/// Characters of a telephone number with all its signs, its relay and its extension.
const LONGEST: usize = 40;

#[derive(Debug)]
struct Tel;

impl Question for Tel {
    fn value_type(&self) -> Type {
        Type::Text
    }

    fn boxes(&self) -> Boxes {
        Boxes::One
    }

    fn longest(&self) -> usize {
        typed::posted_bytes(LONGEST)
    }

    fn source(&self) -> Source<'_> {
        Source::Asked
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Line(Line {
            kind: Some("tel"),
            size: Some(20),
            ..Line::default()
        })
    }

    fn read(&self, typed: &Typed<'_>, _: &Around<'_>) -> Read {
        telephone(typed.text())
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        value.as_text().map_or_else(|| around.another(), |_| Ok(()))
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.enter("a telephone number")
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        typed::posted(value)
    }

    fn made(&self, _: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        vec![Value::Text("01632 960 001".to_owned())]
    }
}

/// 6 to 15 digits as people write them, with an extension if need be, or behind the number of a
/// text relay.
fn telephone(typed: &str) -> Read {
    let typed = folded::line(typed);
    let kept = without_name(&typed).split_whitespace().collect::<Vec<_>>().join(" ");
    if typed.is_empty() {
        return Ok(None);
    }
    if is_number(&kept) {
        return Ok(Some(Value::Text(kept)));
    }
    let message = "Enter a telephone number, like 01632 960 001 or +44 808 157 0192";
    Err(message.to_owned().into())
}

/// Without `tel:` (RFC 3966) or `Tel.` before it.
fn without_name(typed: &str) -> &str {
    let rest = match typed.get(..NAME.len()) {
        Some(name) if name.eq_ignore_ascii_case(NAME) => typed.get(NAME.len()..).unwrap_or_default(),
        Some(_) | None => return typed,
    };
    rest.trim_start_matches([':', '.', ' '])
}

/// A number of its own, or one behind the number of a text relay.
fn is_number(text: &str) -> bool {
    let behind = RELAYS.iter().find_map(|relay| text.strip_prefix(relay));
    let behind = behind.map(|rest| rest.trim_start_matches([' ', '-', '.', '/']));
    let whole = |rest: &str| rest.starts_with('+') || (10..=11).contains(&digits(rest));
    let fits = is_plain(text) || behind.is_some_and(|rest| is_plain(rest) && whole(rest));
    fits && text.chars().count() <= LONGEST
}

fn is_plain(text: &str) -> bool {
    let lower = text.to_lowercase();
    let (number, extension) = ["extension", "ext", "x", "#"]
        .iter()
        .find_map(|word| lower.split_once(word))
        .map_or((lower.as_str(), None), |(number, rest)| (number, Some(rest)));
    let number = number.trim_end_matches([' ', ';']);
    let plus = number.trim_start().strip_prefix('+').unwrap_or(number);
    let known = plus.chars().all(|c| c.is_ascii_digit() || " ()[]-./".contains(c));
    let extension = extension.is_none_or(|rest| {
        let rest = rest.trim_matches([' ', '.', ':', '#', '=']);
        u32::from_str(rest).is_ok() && rest.len() <= 6 && !rest.starts_with('+')
    });
    (6..=15).contains(&digits(number)) && known && extension
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}
