//! What holds for every kind and everything typed.

use std::sync::LazyLock;

use deity::flow::{Field, Form, Kind};
use proptest::prelude::*;

use super::{OPTIONS, field, scope, today};

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(kinds);

fn kinds() -> Vec<Field> {
    let options = format!("options = {OPTIONS}");
    let choices = format!("type = 'choices', {options}");
    [
        "type = 'text'",
        "type = 'text', max = 20, pattern = '[A-Z0-9]*', normalise = 'code'",
        "type = 'text', max = 20, normalise = 'postcode'",
        "type = 'text', max = 20, normalise = 'uppercase'",
        "type = 'text', max = 20, normalise = 'lowercase'",
        "type = 'lines'",
        "type = 'secret'",
        "type = 'email'",
        "type = 'tel'",
        "type = 'integer', max = 1000000",
        "type = 'decimal', places = 5, max = 1000000",
        "type = 'money', min = -100",
        "type = 'date', max = 'today'",
        "type = 'yes-no'",
        "type = 'confirm'",
        "type = 'choice', options = ['Yes', 'No']",
        &choices,
        "type = 'time'",
        "type = 'pattern', pattern = '[A-Z]{2}[0-9]{2}', message = 'Enter it'",
        "type = 'postcode'",
    ]
    .map(|keys| field(keys, "What is your answer?"))
    .into()
}

fn typed() -> impl Strategy<Value = String> {
    let words = [
        "yes", "no", "none", "14:30", "pm", "noon", "27", "3", "march", "1987", "1,234.50", "-", "+", ".", ",",
        "\u{a3}", "GBP", "a@b.cd", "@", "sw1a1aa", "ext", "01632", "960001", "\r\n", "\t", "\u{df}", "\u{149}",
        "\u{feff}", "\u{301}", "e", " ",
    ];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..5).prop_map(|words| words.concat()),
        any::<String>(),
        "[0-9.,+ -]{0,12}",
        "\\PC{0,30}",
    ]
}

fn form() -> impl Strategy<Value = Form> {
    let name = proptest::sample::select(vec!["it", "it", "it", "it-day", "it-month", "it-year"]);
    let free = proptest::collection::vec((name.prop_map(str::to_owned), typed()), 0..5);
    let single = typed().prop_map(|typed| vec![("it".to_owned(), typed)]);
    let day = (1..33u8, 1..14u8, 0..10_000u16).prop_map(|(day, month, year)| {
        let pair = |part: &str, typed: String| (format!("it-{part}"), typed);
        vec![
            pair("day", day.to_string()),
            pair("month", month.to_string()),
            pair("year", format!("{year:04}")),
        ]
    });
    prop_oneof![single, day, free].prop_map(Form)
}

#[test]
fn every_kind_that_is_asked_is_among_these() {
    let tried: Vec<Kind> = FIELDS.iter().map(|field| field.kind).collect();
    let all = Kind::ALL.iter().filter(|kind| **kind != Kind::Computed);
    let missed: Vec<_> = all.filter(|kind| !tried.contains(kind)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_accepted_stands_in_the_boxes_and_is_read_again(form in form()) {
        for field in FIELDS.iter() {
            match field.parse(&form, &scope()) {
                Ok(Some(value)) => {
                    prop_assert_eq!(value.of_type(), field.value_type());
                    prop_assert!(field.still_valid(&value, &scope()));
                    prop_assert!(!field.shown(&value, &scope()).is_empty());
                    let boxes = field.boxes(&value);
                    if field.is_secret() {
                        prop_assert_eq!(boxes, Form::default());
                    } else {
                        prop_assert!(boxes.0.iter().all(|(name, _)| field.inputs().contains(name)));
                        prop_assert_eq!(field.parse(&boxes, &scope()), Ok(Some(value)), "{:?}", field.kind);
                    }
                }
                Ok(None) => prop_assert!(false, "a required field was left empty"),
                Err(fault) => {
                    prop_assert!(!fault.message.is_empty());
                    prop_assert!(field.inputs().contains(&fault.input));
                }
            }
        }
    }

    #[test]
    fn every_day_up_to_today_goes_through_its_boxes(days in 0..700_000i32) {
        let day = today() - jiff::Span::new().days(days);
        let field = &FIELDS[12];
        let value = deity::flow::Value::Date(day);
        prop_assert_eq!(field.parse(&field.boxes(&value), &scope()), Ok(Some(value)));
    }
}
