//! Numbers and money as people write them.

use deity::flow::{Currency, Field, Value};
use rust_decimal::Decimal;

use super::{field, parse, pounds, refuses, scope, takes};

/// `, min = ..., max = ...`, as far as there are any.
fn bounds(min: Option<&str>, max: Option<&str>) -> String {
    let bound = |key, source: Option<&str>| source.map_or_else(String::new, |source| format!(", {key} = {source}"));
    format!("{}{}", bound("min", min), bound("max", max))
}

fn number(places: u32, min: Option<&str>, max: Option<&str>) -> Field {
    let kind = match places {
        0 => "type = 'integer'".to_owned(),
        places => format!("type = 'decimal', places = {places}"),
    };
    field(&format!("{kind}{}", bounds(min, max)), "How many?")
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn numbers_forgive_the_usual_spellings() {
    let any = number(3, None, None);
    for (typed, value) in [
        ("42", "42"),
        (" 42 ", "42"),
        ("+42", "42"),
        ("-42", "-42"),
        ("\u{2212}42", "-42"),
        ("- 42", "-42"),
        ("1,234", "1234"),
        ("12,345,678.5", "12345678.5"),
        ("1 234.5", "1234.5"),
        ("1\u{a0}234", "1234"),
        ("1\u{202f}234", "1234"),
        ("1'234", "1234"),
        ("1\u{2019}234", "1234"),
        ("12,34,567", "1234567"),
        ("007", "7"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0", "0"),
        ("0.000", "0"),
    ] {
        takes(&any, typed, Value::Number(decimal(value)));
    }
    takes(&number(0, None, None), "1.0", Value::Number(1.into()));
}

#[test]
fn a_number_that_could_be_two_is_refused_with_words() {
    let any = number(2, None, None);
    let comma = "The number must be written with a point for decimals, like 1234.5, not with a comma";
    for typed in ["1,5", "1.234,5", "12,3456", "1,23,4", ",5", "1,", "1234,567"] {
        refuses(&any, typed, comma);
    }
    for typed in [
        "ten", "1e3", "1-2", "--1", "\u{661}", "0x10", "1.2.3", ".", "-", "\u{bd}", "NaN", "5kg",
    ] {
        refuses(&any, typed, "The number must be a number, like 42.5");
    }
    refuses(&any, &"9".repeat(40), "The number must have fewer digits");
    refuses(&any, "1.234", "The number must have 2 decimal places at most");
    refuses(
        &number(0, None, None),
        "1.5",
        "The number must be a whole number, like 42",
    );
    refuses(&any, "", "Enter a number");
}

#[test]
fn bounds_are_said_as_they_are() {
    refuses(
        &number(0, Some("1"), Some("5")),
        "0",
        "The number must be between 1 and 5",
    );
    refuses(&number(0, Some("1"), None), "0", "The number must be 1 or more");
    refuses(&number(0, None, Some("5")), "6", "The number must be 5 or less");
    takes(&number(0, Some("1"), Some("5")), "5", Value::Number(5.into()));
    assert!(!number(0, Some("1"), None).still_valid(&Value::Number(0.into()), &scope()));
    assert!(!number(0, None, None).still_valid(&Value::Number(decimal("0.5")), &scope()));
    assert!(!number(0, None, None).still_valid(&Value::Bool(true), &scope()));
}

#[test]
fn a_number_is_shown_with_its_unit() {
    let weight = field("type = 'decimal', places = 1, unit = 'kg'", "Weight");
    assert_eq!(weight.shown(&Value::Number(decimal("70.50")), &scope()), "70.5 kg");
}

fn money(code: &str, min: Option<&str>, max: Option<&str>) -> Field {
    field(
        &format!("type = 'money', currency = '{code}'{}", bounds(min, max)),
        "Rent",
    )
}

#[test]
fn amounts_forgive_sign_and_code() {
    let rent = money("GBP", None, None);
    for typed in [
        "1234.5",
        "1,234.50",
        "\u{a3}1,234.50",
        "\u{a3} 1 234.50",
        "1234.50 GBP",
        "gbp 1234.5",
        "1234.5\u{a3}",
    ] {
        takes(&rent, typed, Value::Money(decimal("1234.50"), pounds()));
    }
    takes(&rent, "0", Value::Money(Decimal::ZERO, pounds()));
    refuses(
        &rent,
        "1.234",
        "Rent must have 2 digits at most after the point, like \u{a3}1,250.50",
    );
    refuses(
        &rent,
        "\u{20ac}5",
        "Rent must be an amount of money, like \u{a3}1,250.50",
    );
    refuses(&rent, "5 EUR", "Rent must be an amount of money, like \u{a3}1,250.50");
    refuses(
        &rent,
        "1,5",
        "Rent must be written with a point for decimals, like 1234.50, not with a comma",
    );
    refuses(&rent, "-5", "Rent must be \u{a3}0.00 or more");
    refuses(&rent, "", "Enter rent");
    takes(
        &money("GBP", Some("-10"), None),
        "-\u{a3}5",
        Value::Money((-5).into(), pounds()),
    );
    refuses(&money("JPY", None, None), "5.5", "Rent must be a whole amount");
    takes(
        &money("KWD", None, None),
        "5.125",
        Value::Money(decimal("5.125"), Currency::of("KWD").unwrap()),
    );
    let bounded = money("GBP", Some("1"), Some("1000"));
    refuses(
        &bounded,
        "1000.01",
        "Rent must be between \u{a3}1.00 and \u{a3}1,000.00",
    );
}

#[test]
fn amounts_keep_all_minor_digits() {
    let rent = money("GBP", None, None);
    let Ok(Some(Value::Money(amount, _))) = parse(&rent, "1,234.5") else {
        panic!("an amount is taken");
    };
    assert_eq!(amount.to_string(), "1234.50");
    assert_eq!(rent.boxes(&Value::Money(amount, pounds())).0[0].1, "1234.50");
    assert_eq!(rent.shown(&Value::Money(amount, pounds()), &scope()), "\u{a3}1,234.50");
}
