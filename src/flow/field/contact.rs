//! How to reach somebody: an address of mail, a telephone number.
//!
//! Owns what is alike of both: one line that is read by a rule and kept as that leaves it, without
//! bounds. Must not know the rules.

use super::kind::{Around, Chance, Control, Line, Question, Read, Typed};
use super::wording::Wording;
use super::{Problem, folded, typed};
use crate::flow::{Scope, Type, Value};
use crate::words::Words;

#[derive(Debug)]
pub(super) struct Contact {
    /// The `type` of its box.
    pub(super) kind: &'static str,
    /// How wide its box is, in characters, where that is not the page's own width.
    pub(super) size: Option<u32>,
    /// Characters, at most.
    pub(super) longest: usize,
    /// What is said of nothing.
    pub(super) what: fn(Words) -> &'static str,
    /// What is said of anything else.
    pub(super) refusal: fn(Words) -> &'static str,
    /// The rule: of a folded line that is not empty, what is kept.
    pub(super) rule: fn(&str) -> Option<String>,
    /// One that is made up.
    pub(super) made: &'static str,
}

impl Question for Contact {
    fn value_type(&self) -> Type {
        Type::Text
    }

    fn longest(&self) -> usize {
        typed::posted_bytes(self.longest)
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Line(Line {
            kind: Some(self.kind),
            size: self.size,
            ..Line::default()
        })
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        let typed = folded::line(typed.text());
        if typed.is_empty() {
            return Ok(None);
        }
        let kept = (self.rule)(&typed).map(Value::Text);
        kept.map_or_else(
            || Err((self.refusal)(around.words()).to_owned().into()),
            |kept| Ok(Some(kept)),
        )
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        value.as_text().map_or_else(|| around.another(), |_| Ok(()))
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.enter((self.what)(wording.words()))
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        typed::posted(value)
    }

    fn made(&self, _: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        vec![Value::Text(self.made.to_owned())]
    }
}
