//! `integer`: a whole number.

use super::kind::{Declares, Fills, Role, any};
use super::number::Number;
use crate::flow::Type;

pub(super) const KIND: Declares = Declares {
    name: "integer",
    keys: &[
        "required",
        "message",
        "default",
        "min",
        "max",
        "unit",
        "autocomplete",
        "input-mode",
    ],
    role: Role::Answer,
    fills: Fills::Never,
    value_type: |_| Some(Type::Number),
    answers: any,
    build: |building| Box::new(Number::new(building, 0)),
};
