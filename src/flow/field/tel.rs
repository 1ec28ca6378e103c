//! `tel`: a telephone number, kept as typed with single spaces.

use std::str::FromStr;

use super::contact::Contact;
use super::kind::{Declares, Fills, Role, any};
use crate::flow::Type;
use crate::words::Words;

pub(super) const KIND: Declares = Declares {
    name: "tel",
    keys: &["required", "message", "default", "autocomplete"],
    role: Role::Answer,
    fills: Fills::Token("tel"),
    value_type: |_| Some(Type::Text),
    answers: any,
    build: |_| {
        Box::new(Contact {
            kind: "tel",
            size: Some(20),
            longest: LONGEST,
            what: Words::enter_telephone,
            refusal: Words::contact_telephone,
            rule: telephone,
            made: "01632 960 001",
        })
    },
};

/// What may stand before a number.
const NAME: &str = "tel";
/// Text relays of the United Kingdom: the number of whom to call stands behind them.
const RELAYS: [&str; 2] = ["18001", "18002"];
/// Characters of a telephone number with all its signs, its relay and its extension.
const LONGEST: usize = 40;

/// 6 to 15 digits as people write them, with an extension if need be, or behind the number of a
/// text relay.
fn telephone(typed: &str) -> Option<String> {
    let kept = without_name(typed).split_whitespace().collect::<Vec<_>>().join(" ");
    is_number(&kept).then_some(kept)
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
