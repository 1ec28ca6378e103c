//! `yes-no`: two radio buttons.

use super::kind::{Around, Chance, Control, Declares, Fills, Offer, Question, Read, Role, Typed, one};
use super::wording::Wording;
use super::{NO, Problem, YES, folded};
use crate::flow::{Scope, Type, Value, format};

pub(super) const KIND: Declares = Declares {
    name: "yes-no",
    keys: &["required", "message", "default"],
    role: Role::Answer,
    fills: Fills::Never,
    value_type: |_| Some(Type::Bool),
    answers: |_| vec!["true", "false"],
    build: |_| Box::new(YesNo),
};

#[derive(Debug)]
struct YesNo;

impl Question for YesNo {
    fn value_type(&self) -> Type {
        Type::Bool
    }

    fn longest(&self) -> usize {
        YES.len()
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        let offer = |yes: bool| Offer {
            value: posted(yes).to_owned(),
            label: format::bool(yes, scope.words).to_owned(),
            hint: None,
            exclusive: false,
        };
        Control::One(vec![offer(true), offer(false)])
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        match folded::trim(typed.text()) {
            "" => Ok(None),
            YES => Ok(Some(Value::Bool(true))),
            NO => Ok(Some(Value::Bool(false))),
            _ => Err(around.words().select_yes_or_no().to_owned().into()),
        }
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        value.as_bool().map_or_else(|| around.another(), |_| Ok(()))
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.words().select_yes_or_no().to_owned()
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        value.as_bool().map_or_else(Vec::new, |yes| one(posted(yes)))
    }

    fn made(&self, _: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        vec![Value::Bool(true), Value::Bool(false)]
    }

    fn said(&self, typed: &[&str], scope: &Scope<'_>) -> Vec<String> {
        let said = |text: &&str| match *text {
            YES => format::bool(true, scope.words).to_owned(),
            NO => format::bool(false, scope.words).to_owned(),
            // Cut short on the way.
            other => other.to_owned(),
        };
        typed.iter().map(said).collect()
    }
}

fn posted(yes: bool) -> &'static str {
    if yes { YES } else { NO }
}
