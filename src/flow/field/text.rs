//! `text`: one line of typed text, as long and of the form that the author says.

use super::Problem;
use super::kind::{Around, Chance, Control, Declares, Fills, Question, Read, Role, Typed, any};
use super::typed::{self, TextRules};
use super::wording::Wording;
use crate::flow::{Normalise, Scope, Type, Value};
use crate::limits;
use crate::words::Words;

pub(super) const KIND: Declares = Declares {
    name: "text",
    keys: &[
        "required",
        "message",
        "default",
        "min",
        "max",
        "pattern",
        "normalise",
        "autocomplete",
        "input-mode",
    ],
    role: Role::Answer,
    fills: Fills::ByName,
    value_type: |_| Some(Type::Text),
    answers: any,
    build: |building| {
        Box::new(Text {
            rules: building.rules(None, Normalise::None),
            read: typed::line,
            says: None,
        })
    },
};

/// One line of text.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) rules: TextRules,
    /// How it is read.
    pub(super) read: fn(&str, &TextRules, &Around<'_>) -> Read,
    /// What is said of a postcode, whatever is wrong with it.
    pub(super) says: Option<fn(Words) -> &'static str>,
}

impl Text {
    fn refusal(&self, problem: Problem, words: Words) -> Problem {
        self.says.map_or(problem, |says| says(words).to_owned().into())
    }
}

impl Question for Text {
    fn value_type(&self) -> Type {
        Type::Text
    }

    fn longest(&self) -> usize {
        typed::longest(&self.rules, limits::LINE_CHARS)
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Line(typed::line_of(&self.rules))
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        (self.read)(typed.text(), &self.rules, around).map_err(|problem| self.refusal(problem, around.words()))
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        typed::check(value, &self.rules, limits::LINE_CHARS, around)
            .map_err(|problem| self.refusal(problem, around.words()))
    }

    fn missing(&self, wording: &Wording) -> String {
        match self.says {
            None => wording.answer(),
            Some(_) => wording.enter(wording.words().enter_postcode()),
        }
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        typed::posted(value)
    }

    fn made(&self, _: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        typed::made(&self.rules, chance)
    }
}
