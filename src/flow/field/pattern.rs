//! `pattern`: one line in a form that the author gives.

use super::kind::{Declares, any};
use super::text::{self, Text};
use crate::flow::{Diagnostic, Normalise};

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
        Box::new(Text(building.rules(None, Normalise::None)))
    },
    ..text::KIND
};
