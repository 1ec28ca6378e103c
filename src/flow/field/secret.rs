//! `secret`: text that is never shown again; spaces within may be part of it.

use super::Problem;
use super::kind::{Around, Chance, Control, Declares, Fills, Line, Question, Read, Role, Typed, any};
use super::typed::{self, TextRules};
use super::wording::Wording;
use crate::flow::{Normalise, Scope, Type, Value};
use crate::limits;

pub(super) const KIND: Declares = Declares {
    name: "secret",
    keys: &[
        "required",
        "message",
        "min",
        "max",
        "pattern",
        "normalise",
        "autocomplete",
        "input-mode",
    ],
    role: Role::Secret,
    fills: Fills::Never,
    value_type: |_| Some(Type::Text),
    answers: any,
    build: |building| Box::new(Secret(building.rules(None, Normalise::None))),
};

/// What stands for a secret, of whatever length.
const DOTS: &str = "\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}";

#[derive(Debug)]
struct Secret(TextRules);

impl Question for Secret {
    fn value_type(&self) -> Type {
        Type::Text
    }

    fn longest(&self) -> usize {
        typed::longest(&self.0, limits::LINE_CHARS)
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Line(Line {
            kind: Some("password"),
            ..typed::line_of(&self.0)
        })
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        typed::secret(typed.text(), &self.0, around)
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        typed::check(value, &self.0, limits::LINE_CHARS, around)
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.answer()
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        typed::posted(value)
    }

    fn made(&self, _: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        typed::made(&self.0, chance)
    }

    fn shown(&self, _: &Value, _: &Scope<'_>) -> String {
        DOTS.to_owned()
    }
}
