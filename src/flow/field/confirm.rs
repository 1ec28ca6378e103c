//! `confirm`: a declaration, ticked in one box.

use super::kind::{Around, Chance, Control, Declares, Fills, Question, Read, Role, Typed, any, one};
use super::wording::Wording;
use super::{Problem, YES, folded};
use crate::flow::{Scope, Type, Value, format};

pub(super) const KIND: Declares = Declares {
    name: "confirm",
    keys: &["required", "message", "default"],
    role: Role::Declaration,
    fills: Fills::Never,
    value_type: |_| Some(Type::Bool),
    answers: any,
    build: |_| Box::new(Confirm),
};

#[derive(Debug)]
struct Confirm;

impl Question for Confirm {
    fn value_type(&self) -> Type {
        Type::Bool
    }

    fn longest(&self) -> usize {
        YES.len()
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Tick
    }

    fn read(&self, typed: &Typed<'_>, _: &Around<'_>) -> Read {
        Ok((folded::trim(typed.text()) == YES).then_some(Value::Bool(true)))
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        if value.as_bool() == Some(true) {
            return Ok(());
        }
        around.another()
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.words().select_tick().to_owned()
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        let ticked = value.as_bool() == Some(true);
        if ticked { one(YES) } else { Vec::new() }
    }

    fn made(&self, _: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        vec![Value::Bool(true)]
    }

    fn said(&self, typed: &[&str], scope: &Scope<'_>) -> Vec<String> {
        let said = |text: &&str| match *text {
            YES => format::bool(true, scope.words).to_owned(),
            // Cut short on the way.
            other => other.to_owned(),
        };
        typed.iter().map(said).collect()
    }
}
