//! `pattern`: one line in a form that the author gives.

use super::folded;
use super::kind::{Around, Declares, Read, any};
use super::text::{self, Text};
use super::typed::{self, TextRules};
use crate::flow::{Diagnostic, Normalise, Value};

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
        Box::new(Text {
            rules: building.rules(None, Normalise::None),
            read,
            says: None,
        })
    },
    ..text::KIND
};

/// In the signs of the pattern, where it was typed in others that look the same.
fn read(typed: &str, rules: &TextRules, around: &Around<'_>) -> Read {
    let fits = |text: &str| rules.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text));
    Ok(typed::line(typed, rules, around)?.map(|value| match value {
        Value::Text(text) if !fits(&text) => {
            let plain = folded::line(&text);
            Value::Text(if fits(&plain) { plain } else { text })
        }
        other => other,
    }))
}
