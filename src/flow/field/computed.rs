//! `computed`: a value that nobody is asked for.

use super::Problem;
use super::kind::{Around, Boxes, Chance, Control, Declares, Fills, Question, Read, Role, Source, Typed, any};
use super::wording::Wording;
use crate::flow::{Expr, Scope, Type, Value, format};

pub(super) const KIND: Declares = Declares {
    name: "computed",
    keys: &["value", "shown"],
    role: Role::Computed,
    fills: Fills::Never,
    value_type: |_| None,
    answers: any,
    build: |building| {
        let value = building.computed.take();
        Box::new(Computed {
            value: value.unwrap_or_else(|| Expr::constant(Value::Bool(false))),
            shown: building.field.shown.unwrap_or(true),
        })
    },
};

#[derive(Debug)]
struct Computed {
    value: Expr,
    shown: bool,
}

impl Question for Computed {
    fn value_type(&self) -> Type {
        self.value.result()
    }

    fn boxes(&self) -> Boxes {
        Boxes::None
    }

    fn longest(&self) -> usize {
        0
    }

    fn source(&self) -> Source<'_> {
        Source::Computed {
            value: &self.value,
            shown: self.shown,
        }
    }

    fn control(&self, _: &Scope<'_>) -> Control {
        Control::Shown
    }

    fn read(&self, _: &Typed<'_>, _: &Around<'_>) -> Read {
        Ok(None)
    }

    fn check(&self, _: &Value, _: &Around<'_>) -> Result<(), Problem> {
        Ok(())
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.answer()
    }

    fn posted(&self, _: &Value) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn made(&self, _: &Scope<'_>, _: &mut Chance<'_>) -> Vec<Value> {
        Vec::new()
    }

    fn shown(&self, value: &Value, scope: &Scope<'_>) -> String {
        value
            .as_list()
            .map_or_else(|| format::of(value, scope.words), |all| all.join("\n"))
    }
}
