//! Times of day as people write them, and what they do in a flow.

use deity::flow::{Expr, Field, Scope, Type, Types, Value, Values};
use jiff::civil::time;

use super::{field, one, parse, refuses, scope, takes};
use crate::support::App;

fn at(hour: i8, minute: i8) -> Value {
    Value::Time(time(hour, minute, 0, 0))
}

fn opens(keys: &str) -> Field {
    field(&format!("type = 'time'{keys}"), "Time of the visit")
}

#[test]
fn a_time_is_read_as_people_write_it() {
    let any = opens("");
    for typed in [
        "14:30",
        "14.30",
        "14h30",
        "14 30",
        "14-30",
        "14,30",
        "1430",
        " 14:30 ",
        "14:30:00",
        "2:30pm",
        "2.30 p.m.",
        "2:30 PM",
        "02:30pm",
        "230pm",
        "2 30 pm",
        "14:30 pm",
        "14:30 hrs",
        "1430h",
        "14:30 Uhr",
        "14\u{ff1a}30",
        "\u{661}\u{664}:\u{663}\u{660}",
        "\u{200e}14:30\u{200b}",
        "2:30\u{202f}pm",
    ] {
        takes(&any, typed, at(14, 30));
    }
    for (typed, value) in [
        ("02:30", at(2, 30)),
        ("2:30 am", at(2, 30)),
        ("0930", at(9, 30)),
        ("10:30", at(10, 30)),
        ("12:30", at(12, 30)),
        ("12:30am", at(0, 30)),
        ("12:30pm", at(12, 30)),
        ("0:30", at(0, 30)),
        ("00:00", at(0, 0)),
        ("2pm", at(14, 0)),
        ("11 a.m.", at(11, 0)),
        ("noon", at(12, 0)),
        ("Midday", at(12, 0)),
        ("midnight", at(0, 0)),
        ("23:59", at(23, 59)),
    ] {
        takes(&any, typed, value);
    }
}

#[test]
fn a_time_with_two_readings_is_refused_with_both_unless_one_is_out_of_bounds() {
    let any = opens("");
    for typed in ["2:30", "2.30", "230", "2h30", "2 30"] {
        refuses(
            &any,
            typed,
            "Time of the visit could mean 02:30 or 14:30. Enter one of them",
        );
    }
    for typed in ["12am", "12:00 pm"] {
        refuses(
            &any,
            typed,
            "Time of the visit could mean 00:00 or 12:00. Enter one of them",
        );
    }
    let day = opens(", min = '08:00', max = '18:00'");
    takes(&day, "2:30", at(14, 30));
    takes(&day, "9:30", at(9, 30));
    takes(&day, "12pm", at(12, 0));
    refuses(
        &day,
        "7:30",
        "Time of the visit could mean 07:30 or 19:30. Enter one of them",
    );
}

#[test]
fn what_is_no_time_is_refused_with_what_to_enter() {
    let any = opens("");
    refuses(&any, "", "Enter time of the visit");
    for typed in ["24:00", "25:30", "14:60", "2:75", "14:30 am", "0pm", "99", "13:00am"] {
        refuses(
            &any,
            typed,
            "Time of the visit must be a real time, from 00:00 to 23:59",
        );
    }
    for typed in ["14", "9", "14 Uhr", "8h"] {
        refuses(
            &any,
            typed,
            "Time of the visit must have minutes, like 14:00, or am or pm",
        );
    }
    for typed in [
        "soon",
        "half past two",
        "-14:30",
        "14:3",
        "14:300",
        "14:30:15",
        "14:30 tomorrow",
        "12345",
        ":",
        "pm",
        "2026-03-09",
    ] {
        refuses(&any, typed, "Time of the visit must be a time, like 14:30 or 2:30pm");
    }
}

#[test]
fn a_time_keeps_its_bounds_and_says_them() {
    let day = opens(", min = '08:00', max = 18:00:00");
    takes(&day, "08:00", at(8, 0));
    takes(&day, "18:00", at(18, 0));
    refuses(&day, "07:59", "Time of the visit must be between 08:00 and 18:00");
    refuses(&day, "20:15", "Time of the visit must be between 08:00 and 18:00");
    refuses(
        &opens(", min = '08:00'"),
        "07:59",
        "Time of the visit must be 08:00 or later",
    );
    refuses(
        &opens(", max = '18:00'"),
        "18:01",
        "Time of the visit must be 18:00 or earlier",
    );
    let own = opens(", max = '18:00', message = { bounds = 'We close at six', missing = 'When?' }");
    refuses(&own, "18:01", "We close at six");
    refuses(&own, "", "When?");
    assert!(!day.still_valid(&at(7, 0), &scope()));
    assert!(!day.still_valid(&Value::Bool(true), &scope()));
    assert_eq!(parse(&opens(", required = false"), ""), Ok(None));
}

#[test]
fn a_time_goes_out_as_hours_and_minutes_and_comes_back_into_its_box() {
    let any = opens("");
    let value = at(9, 5);
    assert_eq!(any.boxes(&value), one("09:05"));
    assert_eq!(any.shown(&value, &scope()), "09:05");
    assert_eq!(any.json(&value), "09:05");
    assert_eq!(value.plain(), "09:05");
    assert_eq!(any.parse(&any.boxes(&value), &scope()), Ok(Some(value)));
}

#[test]
fn times_are_compared_in_guards() {
    let types = Types::from([
        ("opens".to_owned(), Type::Time.into()),
        ("closes".to_owned(), Type::Time.into()),
    ]);
    let values: Values = [("opens".to_owned(), at(9, 5)), ("closes".to_owned(), at(17, 0))].into();
    let eval = |source: &str| {
        let expr = Expr::parse(source, &types).unwrap_or_else(|flaws| panic!("{source}: {flaws:?}"));
        let scope = Scope {
            values: &values,
            ..scope()
        };
        expr.eval(&scope)
    };
    for holds in [
        "opens < closes",
        "opens == time('09:05')",
        "closes >= time('17:00')",
        "opens in [time('09:05'), time('10:00')]",
        "min(opens, closes) == opens",
        "hour(opens) == 9 and minute(opens) == 5",
        "minutes_between(opens, closes) == 475",
        "'from ' ~ opens == 'from 09:05'",
    ] {
        assert_eq!(eval(holds), Some(Value::Bool(true)), "{holds}");
    }
    for (wrong, code, help) in [
        ("opens < '10:00'", "wrong-type", "write `time('14:30')`"),
        ("opens + 1 > closes", "wrong-type", "`minutes_between(a, b)`"),
        ("opens < time('9')", "invalid-time", "`time('14:30')`"),
        ("sum(opens, closes) == opens", "wrong-arguments", "sum(a, b, ...)"),
    ] {
        let flaws = Expr::parse(wrong, &types).unwrap_err();
        assert_eq!(flaws[0].code, code, "{wrong}: {flaws:?}");
        let said = flaws[0].help.clone().unwrap_or_default();
        assert!(said.contains(help), "{wrong}: {said}");
    }
}

#[test]
fn a_time_is_in_the_review_in_guards_and_in_exports() {
    let flow = "title = 'Visit'\nstart = 'when'\n\
                [screens.when]\ntitle = 'When'\n\
                fields.at = { type = 'time', label = 'Time of the visit', min = '08:00', max = '20:00', default = '10:00' }\n\
                actions.continue = [{ when = \"at >= time('18:00')\", to = 'late' }, { to = 'check' }]\n\
                [screens.late]\ntitle = 'That is late'\nactions.continue = 'check'\n\
                [screens.check]\ntitle = 'Check'\nbody = 'We come at {{ at }}.'\nreview = true\nactions.send = 'done'\n\
                [screens.done]\ntitle = 'Done'\nend = 'booked'\n";
    let app = App::start(&[("visit", flow)]);
    let mut browser = app.browser("/visit");
    let start = browser.page.buttons().remove(0);
    browser.press(&start);
    browser.fill("Time of the visit", "6:30").press("Continue");
    assert_eq!(browser.page.heading(), "That is late");
    browser.press("Continue");
    let text = browser.page.text();
    assert!(text.contains("We come at 18:30."), "{text}");
    assert!(text.contains("Time of the visit 18:30"), "{text}");
    browser.press("Confirm and send");
    let exported = app.deity(&["sessions", "export", "--flow", "visit"]);
    let line: serde_json::Value = serde_json::from_slice(&exported.stdout).unwrap();
    assert_eq!(line["answers"]["at"], "18:30");
}
