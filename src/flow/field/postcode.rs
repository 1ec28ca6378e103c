//! `postcode`: a postcode of the United Kingdom, unless the author gives a pattern.

use super::Problem;
use super::kind::{Around, Boxes, Chance, Control, Declares, Fills, Question, Read, Source, Typed, any};
use super::text::{self, Text};
use super::wording::Wording;
use crate::flow::{Normalise, Scope, Type, Value};

pub(super) const KIND: Declares = Declares {
    name: "postcode",
    fills: Fills::Token("postal-code"),
    answers: any,
    build: |building| {
        let theirs = building.field.pattern.is_some();
        let text = Text(building.rules(Some(UK), Normalise::Postcode));
        if theirs {
            Box::new(text)
        } else {
            Box::new(Postcode(text))
        }
    },
    ..text::KIND
};

/// In capital letters; the space may be missing.
const UK: &str = "[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}";

/// Letters that stand in neither of the last two places (BS 7666). What was accepted before this
/// was known stays.
const NEVER_LAST: &str = "CIKMOV";

/// Text with words of its own for whatever is wrong.
#[derive(Debug)]
struct Postcode(Text);

/// What is said whatever is wrong.
pub(super) const MESSAGE: &str = "Enter a full UK postcode, like SW1A 2AA";

fn own(_: Problem) -> Problem {
    MESSAGE.to_owned().into()
}

impl Question for Postcode {
    fn value_type(&self) -> Type {
        self.0.value_type()
    }

    fn boxes(&self) -> Boxes {
        self.0.boxes()
    }

    fn longest(&self) -> usize {
        self.0.longest()
    }

    fn source(&self) -> Source<'_> {
        self.0.source()
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        self.0.control(scope)
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        let read = self.0.read(typed, around).map_err(own)?;
        let ends = |text: &str| text.chars().rev().take(2).all(|c| !NEVER_LAST.contains(c));
        match &read {
            Some(Value::Text(text)) if !ends(text) => Err(MESSAGE.to_owned().into()),
            Some(_) | None => Ok(read),
        }
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        self.0.check(value, around).map_err(own)
    }

    fn missing(&self, _: &Wording) -> String {
        MESSAGE.to_owned()
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        self.0.posted(value)
    }

    fn made(&self, scope: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        self.0.made(scope, chance)
    }
}
