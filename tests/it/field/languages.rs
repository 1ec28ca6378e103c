//! Dates and amounts as other languages have them.

use deity::flow::{Currency, Field, Form, Value};
use deity::words::Words;
use jiff::civil::date;
use rust_decimal::Decimal;

use super::{field_in, scope_in};

fn day(typed: &str, lang: &str) -> Result<Option<Value>, String> {
    let field = field_in(lang, "type = 'date'", "It");
    let typed = Form(vec![(field.inputs()[0].clone(), typed.to_owned())]);
    let read = field.parse(&typed, &scope_in(Words::of(lang)));
    read.map_err(|fault| fault.message)
}

#[test]
fn a_date_is_read_as_the_language_writes_it() {
    for (lang, spellings) in [
        (
            "cy",
            &["27 Mawrth 1987", "Dydd Gwener 27 Mawrth 1987", "27ain Maw 1987"][..],
        ),
        ("ar", &["27 مارس 1987", "٢٧ مارس ١٩٨٧", "الجمعة، 27 مارس 1987"]),
        ("fr", &["27 mars 1987", "vendredi 27 mars 1987", "ven. 27 mars 1987"]),
        (
            "es",
            &["27 de marzo de 1987", "27 mar 1987", "viernes, 27 de marzo de 1987"],
        ),
        (
            "de",
            &["27. März 1987", "Freitag, den 27. März 1987", "Fr, 27. Mär 1987"],
        ),
        ("pl", &["27 marca 1987", "27 marzec 1987", "piątek, 27 mar 1987"]),
        ("fi", &["27. maaliskuuta 1987", "maaliskuu 27, 1987"]),
        ("ja", &["1987年3月27日"]),
        ("vi", &["27 tháng 3, 1987"]),
        ("hi", &["27 मार्च 1987"]),
    ] {
        for typed in spellings {
            assert_eq!(
                day(typed, lang),
                Ok(Some(Value::Date(date(1987, 3, 27)))),
                "{lang}: {typed}"
            );
        }
    }
    // A Tuesday in March, both of which begin so in Spanish; both are one word in Welsh.
    let tuesday = Ok(Some(Value::Date(date(1987, 3, 31))));
    assert_eq!(day("mar 31 mar 1987", "es"), tuesday);
    assert_eq!(day("Dydd Mawrth 31 Mawrth 1987", "cy"), tuesday);
    assert!(day("27 jui 1987", "fr").is_err(), "June and July begin so");
}

#[test]
fn a_wrong_day_of_the_week_is_told_in_the_language() {
    let told = day("Montag, 27. März 1987", "de").unwrap_err();
    assert!(told.contains("27. März 1987") && told.contains("Freitag"), "{told}");
}

#[test]
fn amounts_stand_as_the_language_writes_them() {
    let field = |lang| field_in(lang, "type = 'money', currency = 'EUR'", "It");
    let amount = Value::Money(Decimal::new(123_450, 2), Currency(*b"EUR"));
    for (lang, shown) in [
        ("en", "€1,234.50"),
        ("cy", "€1,234.50"),
        ("de", "1.234,50\u{a0}€"),
        ("fr", "1\u{202f}234,50\u{a0}€"),
        ("es", "1234,50\u{a0}€"),
        ("ar", "1,234.50\u{a0}€"),
        ("pl", "1234,50\u{a0}€"),
    ] {
        let (field, scope): (Field, _) = (field(lang), scope_in(Words::of(lang)));
        assert_eq!(field.shown(&amount, &scope), shown, "{lang}");
        let typed = Form(vec![("it".to_owned(), shown.to_owned())]);
        assert_eq!(field.parse(&typed, &scope), Ok(Some(amount.clone())), "{lang}: {shown}");
        assert_eq!(
            field.parse(&field.boxes(&amount), &scope),
            Ok(Some(amount.clone())),
            "{lang}"
        );
    }
}
