//! `postcode`: a postcode of the United Kingdom, unless the author gives a pattern.

use super::kind::{Around, Declares, Fills, Read, any};
use super::text::{self, Text};
use super::typed::{self, TextRules};
use crate::flow::{Normalise, Value};
use crate::words::Words;

pub(super) const KIND: Declares = Declares {
    name: "postcode",
    fills: Fills::Token("postal-code"),
    answers: any,
    build: |building| {
        let theirs = building.field.pattern.is_some();
        Box::new(Text {
            rules: building.rules(Some(UK), Normalise::Postcode),
            read: if theirs { typed::line } else { read },
            says: (!theirs).then_some(Words::contact_postcode),
        })
    },
    ..text::KIND
};

/// In capital letters; the space may be missing.
const UK: &str = "[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}";

/// Letters that stand in neither of the last two places (BS 7666). What was accepted before this
/// was known stays.
const NEVER_LAST: &str = "CIKMOV";

fn read(typed: &str, rules: &TextRules, around: &Around<'_>) -> Read {
    let read = typed::line(typed, rules, around)?;
    let ends = |text: &str| text.chars().rev().take(2).all(|c| !NEVER_LAST.contains(c));
    match &read {
        Some(Value::Text(text)) if !ends(text) => Err(around.words().contact_postcode().to_owned().into()),
        Some(_) | None => Ok(read),
    }
}
