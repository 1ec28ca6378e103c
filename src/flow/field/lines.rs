//! `lines`: several lines; `max` counts characters.

use super::Problem;
use super::kind::{Around, Chance, Control, Declares, Fills, Question, Read, Role, Typed, any};
use super::typed::{self, TextRules};
use super::wording::Wording;
use crate::flow::{Normalise, Scope, Type, Value};
use crate::limits;

pub(super) const KIND: Declares = Declares {
    name: "lines",
    keys: &["required", "message", "default", "min", "max", "autocomplete"],
    role: Role::Answer,
    fills: Fills::ByName,
    value_type: |_| Some(Type::Text),
    answers: any,
    build: |building| Box::new(Lines(building.rules(None, Normalise::None))),
};

#[derive(Debug)]
struct Lines(TextRules);

impl Question for Lines {
    fn value_type(&self) -> Type {
        Type::Text
    }

    fn longest(&self) -> usize {
        typed::longest(&self.0, limits::LINES_CHARS)
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Lines
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        typed::lines(typed.text(), &self.0, around)
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        typed::check(value, &self.0, limits::LINES_CHARS, around)
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.answer()
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        typed::posted(value)
    }

    fn made(&self, _: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        let texts = typed::made(&self.0, chance).into_iter();
        let broken = |value| match value {
            Value::Text(text) => Value::Text(text.replacen(' ', "\n", 1)),
            other => other,
        };
        texts.map(broken).collect()
    }
}
