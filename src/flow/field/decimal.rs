//! `decimal`: a number with digits after the point.

use super::kind::{Declares, Fills, Role, any};
use super::number::Number;
use crate::flow::Type;

pub(super) const KIND: Declares = Declares {
    name: "decimal",
    keys: &[
        "required",
        "message",
        "default",
        "min",
        "max",
        "unit",
        "places",
        "autocomplete",
        "input-mode",
    ],
    role: Role::Answer,
    fills: Fills::Never,
    value_type: |_| Some(Type::Number),
    answers: any,
    build: |building| {
        let places = building.places();
        Box::new(Number::new(building, places))
    },
};
