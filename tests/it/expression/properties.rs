//! What holds for every source and everything typed.

use deity::flow::{Expr, Scope, Text, Value, Values};
use deity::words::Words;
use jiff::civil::Date;
use proptest::prelude::*;

use super::{today, types, values};

fn fragments() -> impl Strategy<Value = String> {
    let words = [
        "given",
        "people",
        "people.given",
        "any(",
        "nth(",
        "born",
        "count",
        "price",
        "agree",
        "changed",
        "pets",
        "today",
        "reference",
        "none",
        "true",
        "1",
        "0.5",
        "'yes'",
        "'x'",
        "(",
        ")",
        "[",
        "]",
        ",",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "~",
        "==",
        "!=",
        "<",
        ">=",
        "in",
        "not",
        "and",
        "or",
        "if",
        "else",
        "is",
        "defined",
        "|",
        "round",
        "sum(",
        "age(",
        "money(",
        "'GBP'",
        "default(",
        ".",
        "{{",
        "}}",
        "{%",
        "%}",
        "for",
        "endfor",
        "endif",
        "é",
        "\u{F0000}",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..24).prop_map(|words| words.join(" "))
}

fn any_source() -> impl Strategy<Value = String> {
    prop_oneof![fragments(), any::<String>(), "[ -~]{0,60}"]
}

proptest! {
    #[test]
    fn no_expression_panics_and_each_has_its_type(source in any_source()) {
        if let Ok(expr) = Expr::parse(&source, &types()) {
            let values = values();
            let scope = Scope { values: &values, today: today(), reference: "R", words: Words::english(), on_page: false };
            if let Some(value) = expr.eval(&scope) {
                prop_assert_eq!(value.of_type(), expr.result());
            }
            let none = Values::new();
            let scope = Scope { values: &none, today: Date::MIN, reference: "", words: Words::english(), on_page: false };
            if let Some(value) = expr.eval(&scope) {
                prop_assert_eq!(value.of_type(), expr.result());
            }
        }
    }

    #[test]
    fn every_flaw_lies_in_the_source(source in any_source()) {
        let flaws = [Expr::parse(&source, &types()).err(), Text::parse(&source, &types()).err()];
        for flaw in flaws.into_iter().flatten().flatten() {
            prop_assert!(source.get(flaw.span.clone()).is_some(), "{flaw:?}");
            prop_assert!(!flaw.message.is_empty());
        }
    }

    #[test]
    fn no_typed_text_becomes_markup(typed in any::<String>(), around in "[a-z*_`# >\\-\\[\\]()]{0,12}") {
        let values = [("given".to_owned(), Value::Text(typed))].into();
        let scope = Scope { values: &values, today: today(), reference: "", words: Words::english(), on_page: false };
        let Ok(text) = Text::parse(&format!("{around}{{{{ given }}}}{around}"), &types()) else {
            return Ok(());
        };
        let markup = text.html(&scope);
        let other = [("given".to_owned(), Value::Text("x".to_owned()))].into();
        let plain = text.html(&Scope { values: &other, ..scope });
        let tags = |html: &str| html.matches('<').count() - html.matches("<br />").count();
        prop_assert_eq!(tags(&markup), tags(&plain), "{}", markup);
    }
}
