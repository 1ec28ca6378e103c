//! Days of three boxes.

use deity::flow::{Field, Form, Value};
use jiff::civil::date;

use super::{field, scope};

fn born(min: Option<&str>, max: Option<&str>) -> Field {
    let bound = |key, source: Option<&str>| source.map_or_else(String::new, |source| format!(", {key} = \"{source}\""));
    let (min, max) = (bound("min", min), bound("max", max));
    field(&format!("type = 'date'{min}{max}"), "What is your date of birth?")
}

fn boxes(day: &str, month: &str, year: &str) -> Form {
    let pair = |part: &str, typed: &str| (format!("it-{part}"), typed.to_owned());
    Form(vec![pair("day", day), pair("month", month), pair("year", year)])
}

#[test]
fn days_forgive_the_usual_spellings() {
    let expected = Ok(Some(Value::Date(date(1987, 3, 27))));
    for (day, month, year) in [
        ("27", "3", "1987"),
        (" 27 ", "03", "1987 "),
        ("27th", "March", "1987"),
        ("27.", "mar.", "1987"),
        ("27", "MARCH", "1987"),
        ("27/3/1987", "", ""),
        ("27 March 1987", "", ""),
        ("1987-03-27", "", ""),
        ("27.3.1987", "", ""),
        ("Friday 27th of March, 1987", "", ""),
        ("Fri the 27th March 1987", "", ""),
        ("Fri. 27", "3", "1987"),
        ("March 27th, 1987", "", ""),
        ("", "", "27 / 3 / 1987"),
        ("", "27\u{2013}Mar\u{2013}1987", ""),
        ("27_3_1987", "", ""),
        ("27march1987", "", ""),
        ("1987/3/27", "", ""),
        ("1987\u{5e74}3\u{6708}27\u{65e5}", "", ""),
        ("\u{662}\u{667}/\u{663}/\u{661}\u{669}\u{668}\u{667}", "", ""),
        ("\u{200e}27/\u{200e}3/\u{200e}1987", "\u{200b}", ""),
        ("\u{6f2}\u{6f7}\u{200f}", "\u{6f3}", "\u{6f1}\u{6f9}\u{6f8}\u{6f7}"),
    ] {
        assert_eq!(
            born(None, None).parse(&boxes(day, month, year), &scope()),
            expected,
            "{day} {month} {year}"
        );
    }
}

#[test]
fn a_refusal_says_which_part_and_points_to_its_box() {
    for (day, month, year, input, message) in [
        ("", "", "", "it-day", "Enter your date of birth"),
        ("27", "3", "", "it-year", "Your date of birth must include a year"),
        (
            "27",
            "",
            "",
            "it-month",
            "Your date of birth must include a month and a year",
        ),
        ("", "3", "1987", "it-day", "Your date of birth must include a day"),
        (
            "27",
            "3",
            "87",
            "it-year",
            "Your date of birth must include a year with 4 numbers, like 1987",
        ),
        (
            "27",
            "3",
            "0000",
            "it-year",
            "Your date of birth must include a year with 4 numbers, like 1987",
        ),
        (
            "27",
            "13",
            "1987",
            "it-month",
            "Your date of birth must include a month from 1 to 12, or its name",
        ),
        (
            "27",
            "ma",
            "1987",
            "it-month",
            "Your date of birth must include a month from 1 to 12, or its name",
        ),
        (
            "32",
            "3",
            "1987",
            "it-day",
            "Your date of birth must include a day from 1 to 31",
        ),
        (
            "0",
            "3",
            "1987",
            "it-day",
            "Your date of birth must include a day from 1 to 31",
        ),
        ("29", "2", "1987", "it-day", "Your date of birth must be a real date"),
        ("31", "apr", "1987", "it-day", "Your date of birth must be a real date"),
    ] {
        let fault = born(None, None).parse(&boxes(day, month, year), &scope()).unwrap_err();
        assert_eq!(
            (fault.input.as_str(), fault.message.as_str()),
            (input, message),
            "{day} {month} {year}"
        );
        assert_eq!(fault.field, "it");
    }
    assert_eq!(born(None, None).inputs(), ["it-day", "it-month", "it-year"]);
}

#[test]
fn bounds_speak_of_today_where_they_mean_it() {
    let message = |min, max, day: &str, month: &str| {
        born(min, max)
            .parse(&boxes(day, month, "2026"), &scope())
            .unwrap_err()
            .message
    };
    assert_eq!(
        message(None, Some("today"), "24", "11"),
        "Your date of birth must be today or in the past"
    );
    assert_eq!(
        message(None, Some("add_days(today, -1)"), "23", "11"),
        "Your date of birth must be in the past"
    );
    assert_eq!(
        message(Some("today"), None, "22", "11"),
        "Your date of birth must be today or in the future"
    );
    assert_eq!(
        message(Some("add_days(today(), 1)"), None, "23", "11"),
        "Your date of birth must be in the future"
    );
    let fixed = Some("date('2026-01-31')");
    assert_eq!(
        message(None, fixed, "1", "2"),
        "Your date of birth must be on or before 31 January 2026"
    );
    assert_eq!(
        message(fixed, None, "30", "1"),
        "Your date of birth must be on or after 31 January 2026"
    );
}

#[test]
fn an_accepted_day_may_run_out() {
    let field = born(Some("today"), None);
    assert!(field.still_valid(&Value::Date(date(2026, 11, 23)), &scope()));
    assert!(!field.still_valid(&Value::Date(date(2026, 11, 22)), &scope()));
    assert_eq!(field.shown(&Value::Date(date(1987, 3, 27)), &scope()), "27 March 1987");
}

#[test]
fn a_day_of_the_week_must_be_that_of_the_date() {
    for (boxes, is) in [
        (boxes("Monday 1 June 1980", "", ""), "1 June 1980 is a Sunday"),
        (boxes("Thu 27", "March", "1987"), "27 March 1987 is a Friday"),
    ] {
        let fault = born(None, None).parse(&boxes, &scope()).unwrap_err();
        let message = format!("Your date of birth must be a real date: {is}");
        assert_eq!((fault.input.as_str(), fault.message), ("it-day", message));
    }
}
