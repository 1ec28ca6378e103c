//! Text, codes, addresses and telephone numbers as people write them.

use deity::flow::{Types, Value, Values};

use super::{expr_holds, field, one, parse, refuses, scope, takes, text};

/// Signs that nobody sees and that come along when something is pasted.
const UNSEEN: [char; 17] = [
    '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202d}', '\u{2060}', '\u{2066}',
    '\u{2069}', '\u{feff}', '\u{ad}', '\u{61c}', '\u{fe0f}', '\u{180e}', '\u{3164}', '\u{2800}',
];

#[test]
fn what_nobody_sees_is_dropped_at_either_end_and_within_whatever_is_no_text() {
    for (keys, typed) in [
        ("type = 'integer'", "1234"),
        ("type = 'decimal', unit = 'kg'", "12.5 kg"),
        ("type = 'money'", "1,234.50"),
        ("type = 'email'", "ann@example.com"),
        ("type = 'tel'", "07700 900123"),
        ("type = 'postcode'", "SW1A 1AA"),
        (
            "type = 'pattern', pattern = '[A-Z]{2}-?[0-9]{4}', normalise = 'code', message = 'Enter the code'",
            "AB1234",
        ),
        (
            "type = 'pattern', pattern = '[A-Z]{2}[0-9]{4}', message = 'Enter the code'",
            "AB1234",
        ),
    ] {
        let field = field(keys, "It");
        let value = parse(&field, typed).unwrap();
        assert!(value.is_some());
        for unseen in UNSEEN {
            let middle = typed.len() / 2;
            let within = format!("{}{unseen}{}", &typed[..middle], &typed[middle..]);
            for typed in [format!("{unseen}{typed}"), format!("{typed} {unseen}"), within] {
                assert_eq!(parse(&field, &typed), Ok(value.clone()), "{keys}: {typed:?}");
            }
        }
    }
    for (keys, typed) in [
        ("type = 'yes-no'", "yes"),
        ("type = 'choice', options = ['A', 'B']", "a"),
    ] {
        let field = field(keys, "It");
        assert_eq!(parse(&field, &format!("\u{200e}{typed}\u{feff}")), parse(&field, typed));
    }
}

#[test]
fn a_text_that_nobody_sees_is_empty() {
    for keys in ["type = 'text'", "type = 'lines'", "type = 'secret'"] {
        let name = field(keys, "Name");
        for unseen in UNSEEN {
            refuses(&name, &format!(" {unseen}{unseen} "), "Enter name");
        }
    }
}

#[test]
fn in_a_text_signs_stay_as_typed_and_patterns_see_the_folded_form() {
    let name = field(
        "type = 'text', max = 20, pattern = \"[A-Za-z' -]+\", message = 'Enter a name'",
        "Name",
    );
    for typed in ["O\u{2019}Brien", "Ann\u{2013}Marie", "Ann\u{200d}Marie", "Ann Lee"] {
        takes(&name, typed, text(typed));
    }
    refuses(&name, "Ann 4", "Enter a name");
    let code = field(
        "type = 'pattern', pattern = '[A-Z]{2}-[0-9]{2}', message = 'Enter the code'",
        "Code",
    );
    takes(&code, "AB\u{2013}\u{661}\u{662}", text("AB-12"));
    // A pattern that has such a sign itself goes on to be held against what was typed.
    let dashed = field(
        "type = 'text', pattern = '[a-z]+\u{2013}[a-z]+', message = 'Enter it'",
        "It",
    );
    takes(&dashed, "a\u{2013}b", text("a\u{2013}b"));
}

#[test]
fn comparisons_are_held_against_the_folded_form() {
    let values: Values = [("name".to_owned(), text("O\u{2019}Brien\u{200d} \u{661}"))].into();
    assert!(expr_holds("name == \"O'Brien 1\"", &values));
    assert!(expr_holds("name in ['x', \"O'Brien 1\"]", &values));
    assert!(!expr_holds("name != \"O'Brien 1\"", &values));
    assert!(!expr_holds("name == \"OBrien 1\"", &values));
}

#[test]
fn a_code_is_what_is_left_without_what_parts_it() {
    let sort = field(
        "type = 'pattern', pattern = '[0-9]{6}', normalise = 'code', message = 'Enter a sort code'",
        "Sort code",
    );
    for typed in [
        "309430",
        "30-94-30",
        "30 94 30",
        "30\u{2013}94\u{2011}30",
        "30\u{2212}94\u{2212}30",
        "30.94.30",
        "30/94/30",
        "(30) 94 [30]",
        "\u{663}\u{660}-94-30.",
    ] {
        takes(&sort, typed, text("309430"));
    }
    // Where the pattern asks for such a sign, it stays.
    let with = field(
        "type = 'pattern', pattern = '[A-Z]{2}/[0-9]{2}', normalise = 'code', message = 'Enter it'",
        "It",
    );
    takes(&with, "ab / 1 2", text("AB/12"));
}

#[test]
fn a_postcode_has_its_own_letters_and_no_others_at_its_end() {
    let postcode = field("type = 'postcode'", "Postcode");
    for typed in [
        "sw1a1aa",
        "SW1A\u{a0}1AA",
        "S W 1 A 1 A A",
        "SW1A-1AA.",
        "(SW1A 1AA)",
        "SW1A\u{2013}1AA",
    ] {
        takes(&postcode, typed, text("SW1A 1AA"));
    }
    for typed in ["SW1A 1CA", "SW1A 1AK", "SW1A 1OV", "12345", "AB!1 2CD"] {
        refuses(&postcode, typed, "Enter a full UK postcode, like SW1A 2AA");
    }
    // What was accepted before this was known stays.
    assert!(postcode.still_valid(&text("SW1A 1CA"), &scope()));
}

#[test]
fn a_telephone_number_has_any_dash_its_name_and_a_relay() {
    let tel = field("type = 'tel'", "Telephone");
    for (typed, kept) in [
        ("18001 01632 960 001", "18001 01632 960 001"),
        ("18001 07700 900123", "18001 07700 900123"),
        ("07700\u{2014}900\u{2012}123", "07700-900-123"),
        ("tel:+447700900123", "+447700900123"),
        ("tel:+44-20-7946-0000;ext=12", "+44-20-7946-0000;ext=12"),
        ("18001-01632960001", "18001-01632960001"),
        ("18001 +44 1632 960001", "18001 +44 1632 960001"),
        ("Tel. 07700 900123", "07700 900123"),
        ("[01632] 960001", "[01632] 960001"),
        ("01632 960 001 #12", "01632 960 001 #12"),
        (
            "\u{660}\u{667}\u{667}\u{660}\u{660}\u{669}\u{660}\u{660}\u{661}\u{662}\u{663}",
            "07700900123",
        ),
    ] {
        takes(&tel, typed, text(kept));
    }
    for typed in ["18001 123456789012", "O7700 900123", "tel:"] {
        assert!(tel.parse(&one(typed), &scope()).is_err(), "{typed}");
    }
}

#[test]
fn money_goes_out_with_its_minor_units_however_it_came_about() {
    let types = Types::from([("n".to_owned(), deity::flow::Type::Number.into())]);
    let values: Values = [("n".to_owned(), Value::Number(7.into()))].into();
    let json = |source: &str| {
        let expr = deity::flow::Expr::parse(source, &types).unwrap();
        let scope = deity::flow::Scope {
            values: &values,
            ..scope()
        };
        expr.eval(&scope).unwrap().json().to_string()
    };
    assert_eq!(
        json("money('50', 'GBP') * n"),
        r#"{"amount":"350.00","currency":"GBP"}"#
    );
    assert_eq!(json("money('50', 'JPY') * n"), r#"{"amount":"350","currency":"JPY"}"#);
    assert_eq!(json("n * 1.0"), "7");
    assert_eq!(json("n / 2"), "\"3.5\"");
}
