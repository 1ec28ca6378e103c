//! `pattern`: one line in a form that the author gives.

use super::kind::{Around, Boxes, Chance, Control, Declares, Question, Read, Source, Typed, any};
use super::text::{self, Text};
use super::wording::Wording;
use super::{Problem, folded};
use crate::flow::{Diagnostic, Normalise, Scope, Type, Value};

pub(super) const KIND: Declares = Declares {
    name: "pattern",
    answers: any,
    build: |building| {
        let field = building.field;
        if field.pattern.is_none() {
            building.fault(
                Diagnostic::error(
                    "missing-key",
                    &field.name.span,
                    format!("field `{}` needs a `pattern`", field.name.value),
                )
                .help("add pattern = \"[A-Z]{2}[0-9]{6}\", or make it type = \"text\""),
            );
        }
        Box::new(Pattern(Text(building.rules(None, Normalise::None))))
    },
    ..text::KIND
};

/// Kept in the signs of the pattern, where it was typed in others that look the same.
#[derive(Debug)]
struct Pattern(Text);

impl Question for Pattern {
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
        let read = self.0.read(typed, around)?;
        let fits = |text: &str| self.0.0.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text));
        Ok(read.map(|value| match value {
            Value::Text(text) if !fits(&text) => {
                let plain = folded::line(&text);
                Value::Text(if fits(&plain) { plain } else { text })
            }
            other => other,
        }))
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        self.0.check(value, around)
    }

    fn missing(&self, wording: &Wording) -> String {
        self.0.missing(wording)
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        self.0.posted(value)
    }

    fn made(&self, scope: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        self.0.made(scope, chance)
    }
}
