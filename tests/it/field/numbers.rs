//! Numbers and money as people write them.

use deity::flow::{Currency, Field, Value};
use rust_decimal::Decimal;

use super::{field, field_in, parse, pounds, refuses, scope, takes};

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
fn a_decimal_comma_and_figures_of_any_script_are_read() {
    let any = number(3, None, None);
    for (typed, value) in [
        ("1,5", "1.5"),
        ("0,75", "0.75"),
        (",5", "0.5"),
        ("1 250,5", "1250.5"),
        ("1.250.000", "1250000"),
        ("1.250", "1.25"),
        ("0,125", "0.125"),
        ("\u{661}\u{662}\u{66b}\u{665}", "12.5"),
        ("\u{661}\u{66c}\u{662}\u{665}\u{660}", "1250"),
        ("\u{6f4}\u{6f2}", "42"),
        ("\u{96a}\u{968}", "42"),
        ("\u{9ea}\u{9e8}", "42"),
        ("\u{ff14}\u{ff12}\u{ff0e}\u{ff15}", "42.5"),
        ("\u{2013}42", "-42"),
        ("1\u{2009}234\u{2009}567", "1234567"),
    ] {
        takes(&any, typed, Value::Number(decimal(value)));
    }
    takes(&number(2, None, None), "0.750", Value::Number(decimal("0.75")));
}

#[test]
fn a_number_that_could_be_two_is_refused_with_both() {
    let any = number(2, None, None);
    for (typed, what) in [
        ("12.500", "could mean 12.5 or 12500. Enter one of them"),
        (
            "1.234",
            "is not clear. Enter 1234, or a number with 2 decimal places at most",
        ),
        ("12 50", "could mean 12.5 or 1250. Enter one of them"),
        ("1 250 50", "could mean 1250.5 or 125050. Enter one of them"),
        (
            "12,3456",
            "is not clear. Enter 123456, or a number with 2 decimal places at most",
        ),
        (
            "1234,567",
            "is not clear. Enter 1234567, or a number with 2 decimal places at most",
        ),
        ("1.234,5", "must have a point before its decimals, like 1234.5"),
    ] {
        refuses(&any, typed, &format!("The number {what}"));
    }
    for typed in [
        "ten", "1e3", "1-2", "--1", "0x10", "1.2.3", ".", "-", "\u{bd}", "NaN", "5kg", "1,23,4", "1,", "1,,250",
        "1,50,0", "10\u{b2}", "1 ,5",
    ] {
        refuses(&any, typed, "The number must be a number, like 42.5");
    }
    refuses(&any, &"9".repeat(40), "The number has too many digits");
    refuses(&any, "1234.567", "The number must have 2 decimal places at most");
    refuses(&any, "", "Enter a number");
    let whole = number(0, None, None);
    for (typed, what) in [
        ("1.5", "must be a whole number, like 42"),
        ("1.000", "could mean 1 or 1000. Enter one of them"),
        ("1.250", "is not clear. Enter 1250, or a whole number, like 42"),
        ("10 20", "must be one number. Enter 1020, 10 or 20"),
        ("2 5", "must be one number. Enter 25, 2 or 5"),
        ("0.500", "must be a whole number, like 42"),
    ] {
        refuses(&whole, typed, &format!("The number {what}"));
    }
    takes(&whole, "1 000", Value::Number(1_000.into()));
}

#[test]
fn figures_have_the_marks_of_the_language() {
    let number = |lang, keys: &str| field_in(lang, &format!("type = 'decimal', {keys}"), "Gewicht");
    let short = |lang| number(lang, "places = 2");
    for lang in [
        "de", "es", "it", "nl", "pt-BR", "da", "tr", "id", "en-DE", "ar-MA", "fr-LU",
    ] {
        takes(&short(lang), "1.250", Value::Number(1_250.into()));
        takes(&short(lang), "1.250,75", Value::Number(decimal("1250.75")));
        takes(&short(lang), "12,5", Value::Number(decimal("12.5")));
        takes(&short(lang), "12.5", Value::Number(decimal("12.5")));
        refuses(
            &short(lang),
            "1,250",
            "Gewicht could mean 1,25 or 1250. Enter one of them",
        );
        refuses(
            &short(lang),
            "1,250.75",
            "Gewicht must have a comma before its decimals, like 1234,5",
        );
        let long = number(lang, "places = 3");
        takes(&long, "1,250", Value::Number(decimal("1.25")));
        assert_eq!(long.boxes(&Value::Number(decimal("1.125"))).0[0].1, "1,125");
        takes(&long, "1,125", Value::Number(decimal("1.125")));
    }
    for lang in [
        "fr", "pl", "sv", "fi", "cs", "ru", "pt-PT", "es-CR", "en-ZA", "gl", "de-AT",
    ] {
        takes(&short(lang), "1 250,75", Value::Number(decimal("1250.75")));
        takes(&short(lang), "1\u{202f}250", Value::Number(1_250.into()));
        refuses(
            &short(lang),
            "1.250",
            "Gewicht could mean 1,25 or 1250. Enter one of them",
        );
    }
    for lang in ["en", "cy", "ar", "zh", "ja", "es-MX", "de-CH", "de-Latn-CH", "it-ch"] {
        takes(&short(lang), "1'250.75", Value::Number(decimal("1250.75")));
        refuses(
            &short(lang),
            "1.250",
            "Gewicht could mean 1.25 or 1250. Enter one of them",
        );
    }
}

#[test]
fn a_units_own_name_may_stand_behind_the_number() {
    let weight = field("type = 'decimal', unit = 'kg'", "Weight");
    for typed in ["1.5", "1.5 kg", "1.5kg", "1.5 KG", "1.5\u{a0}kg.", "\u{ff11},5 kg"] {
        takes(&weight, typed, Value::Number(decimal("1.5")));
    }
    for typed in ["1500 g", "1.5 kgs", "kg", "1.5 %"] {
        refuses(&weight, typed, "Weight must be a number, like 42.5");
    }
    let share = field("type = 'decimal', unit = '%'", "Share");
    takes(&share, "12.5%", Value::Number(decimal("12.5")));
    takes(&share, "12.5 \u{ff05}", Value::Number(decimal("12.5")));
    takes(&share, "%12,5", Value::Number(decimal("12.5")));
    takes(
        &share,
        "\u{661}\u{662}\u{66b}\u{665}\u{66a}",
        Value::Number(decimal("12.5")),
    );
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
    let digits = "must have 2 digits at most after the point, like \u{a3}1,250.50";
    for (typed, what) in [
        ("25.000", "could mean 25.00 or 25000. Enter one of them"),
        ("\u{a3}12 50", "could mean 12.50 or 1250. Enter one of them"),
        (
            "1.234",
            "is not clear. Enter 1234, or an amount with 2 digits at most after the point",
        ),
        ("1234.567", digits),
        ("0.750", digits),
        ("1.250,50", "must have a point before its decimals, like 1234.50"),
    ] {
        refuses(&rent, typed, &format!("Rent {what}"));
    }
    for typed in ["12,50", "\u{202d}\u{a3}12.5\u{202c}", "\u{ffe1}12.50", "12.50\u{200b}"] {
        takes(&rent, typed, Value::Money(decimal("12.50"), pounds()));
    }
    refuses(
        &rent,
        "\u{20ac}5",
        "Rent must be an amount of money, like \u{a3}1,250.50",
    );
    refuses(&rent, "5 EUR", "Rent must be an amount of money, like \u{a3}1,250.50");
    refuses(&rent, "-5", "Rent must be \u{a3}0.00 or more");
    refuses(&rent, "", "Enter rent");
    takes(
        &money("GBP", Some("-10"), None),
        "-\u{a3}5",
        Value::Money((-5).into(), pounds()),
    );
    refuses(&money("JPY", None, None), "5.5", "Rent must be a whole amount");
    refuses(
        &money("JPY", None, None),
        "1.000",
        "Rent could mean 1 or 1000. Enter one of them",
    );
    refuses(
        &money("JPY", None, None),
        "ten",
        "Rent must be an amount of money, like \u{a5}1,250",
    );
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
fn amounts_are_grouped_in_every_currency_and_may_have_a_dash_for_no_minor_digits() {
    let rent = money("GBP", None, None);
    // Grouped in English, whatever the currency has behind its point.
    takes(
        &money("KWD", None, None),
        "1,250",
        Value::Money(decimal("1250.000"), Currency::of("KWD").unwrap()),
    );
    for typed in ["1250.-", "1,250.--", "\u{a3}1,250.\u{2014}", "1250.- GBP"] {
        takes(&rent, typed, Value::Money(decimal("1250.00"), pounds()));
    }
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
