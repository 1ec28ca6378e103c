//! Expressions: exact, total, typed at load. The fields that they read here, and what they come to.

mod flaws;
mod items;
mod properties;
mod texts;

use std::sync::Arc;

use deity::flow::{Currency, Declared, Expr, Row, Rows, Scope, Text, Type, Types, Value, Values};
use deity::words::Words;
use jiff::civil::{Date, date};

const POUNDS: Currency = Currency(*b"GBP");

fn types() -> Types {
    let options = |names: &[&str]| {
        let label = |name: &str| format!("The {name} one");
        names.iter().map(|name| ((*name).to_owned(), label(name))).collect()
    };
    let choice = |of, names: &[&str]| Declared {
        options: options(names),
        ..Declared::from(of)
    };
    let people = Declared {
        columns: Some(Arc::new(
            [
                ("given".to_owned(), Type::Text.into()),
                ("count".to_owned(), Type::Number.into()),
            ]
            .into(),
        )),
        ..Type::Rows.into()
    };
    [
        ("people", people),
        ("given", Type::Text.into()),
        ("family", Type::Text.into()),
        ("born", Type::Date.into()),
        ("count", Type::Number.into()),
        ("rate", Type::Number.into()),
        ("price", Type::Money(POUNDS).into()),
        ("agree", Type::Bool.into()),
        ("changed", choice(Type::Text, &["yes", "no"])),
        ("pets", choice(Type::List, &["cat", "dog", "none-of-these"])),
    ]
    .map(|(name, declared): (&str, Declared)| (name.to_owned(), declared))
    .into()
}

fn values() -> Values {
    let one = Row {
        key: 1,
        values: Arc::new([("given".to_owned(), Value::Text("Bo".into()))].into()),
    };
    [
        ("people", Value::Rows(Rows::from(vec![one]))),
        ("given", Value::Text("Ada *x* <b>".into())),
        ("born", Value::Date(date(2010, 11, 24))),
        ("count", Value::Number(3.into())),
        ("price", Value::Money("12.50".parse().unwrap(), POUNDS)),
        ("agree", Value::Bool(true)),
        ("changed", Value::Text("yes".into())),
        ("pets", Value::List(vec!["cat".into(), "dog".into()])),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn today() -> Date {
    date(2026, 11, 23)
}

fn eval(source: &str) -> Option<Value> {
    let expr = match Expr::parse(source, &types()) {
        Ok(expr) => expr,
        Err(flaws) => panic!("{source}: {flaws:?}"),
    };
    let values = values();
    expr.eval(&Scope {
        values: &values,
        today: today(),
        reference: "DTY-4K7",
        words: Words::english(),
        on_page: false,
    })
}

#[track_caller]
fn holds(source: &str) {
    assert_eq!(eval(source), Some(Value::Bool(true)), "{source}");
}

#[track_caller]
fn fails(source: &str) {
    assert_eq!(eval(source), Some(Value::Bool(false)), "{source}");
}

#[track_caller]
fn words(source: &str, expected: &str) {
    assert_eq!(plain(&format!("{{{{ {source} }}}}")), expected, "{source}");
}

fn text(source: &str) -> Text {
    match Text::parse(source, &types()) {
        Ok(text) => text,
        Err(flaws) => panic!("{source}: {flaws:?}"),
    }
}

fn plain(source: &str) -> String {
    text(source).plain(&Scope {
        values: &values(),
        today: today(),
        reference: "DTY-4K7",
        words: Words::english(),
        on_page: false,
    })
}

#[test]
fn the_guards_of_the_passport_flow_hold_as_read() {
    holds("age(born) < 16");
    fails("age(born) >= 16");
    holds("changed == 'yes'");
    fails("changed == 'no' or not agree");
    assert_eq!(eval("today"), Some(Value::Date(today())));
    assert_eq!(
        plain("Hello {{ given }}: {{ reference }}"),
        "Hello Ada *x* <b>: DTY-4K7"
    );
}

#[test]
fn decimals_and_money_are_exact() {
    holds("0.10 + 0.20 == 0.30");
    holds("0.1 * 3 == 0.3");
    holds("1 / 4 == 0.25");
    holds("price * 3 == money('37.50', 'GBP')");
    holds("2 * price == money('25', 'GBP')");
    holds("sum([price, price, money('0.01', 'GBP')]) == money('25.01', 'GBP')");
    holds("price + price - price == price");
    holds("price / price == 1");
    holds("price > money('12.49', 'GBP')");
    words("price * 100", "£1,250.00");
    words("1_000_000.50", "1000000.5");
    words("123456789012345678.123456789", "123456789012345678.123456789");
}

#[test]
fn money_is_rounded_to_its_minor_unit_halves_away_from_zero() {
    words("price / 4", "£3.13"); // 3.125
    words("-price / 4", "-£3.13");
    words("price * 0.0004", "£0.01"); // 0.005
    words("price / 3", "£4.17");
    words("money('1000', 'JPY') / 3", "¥333");
    words("money('1', 'KWD') / 3", "KWD 0.333");
    words("money(12.345, 'GBP')", "£12.35");
    words("price | round", "£13.00");
    words("2.5 | round", "3");
    words("round(1.2345, 2)", "1.23");
}

#[test]
fn whole_division_goes_down_and_leaves_the_remainder() {
    words("7 // 2", "3");
    words("-7 // 2", "-4");
    words("-7 % 2", "1");
    words("7 % -2", "-1");
    words("7.5 // 2", "3");
    words("7.5 % 2", "1.5");
    words("money('10', 'GBP') // money('3', 'GBP')", "3");
    words("money('10', 'GBP') % money('3', 'GBP')", "£1.00");
}

#[test]
fn what_cannot_be_computed_is_missing() {
    for source in [
        "count % 0",
        "count / 0",
        "count + 79228162514264337593543950335",
        "79228162514264337593543950335 * count",
        "count // (count - 3)",
        "price / 0",
        "rate + 1",
        "-rate",
        "add_years(born, 100000)",
        "add_days(born, 0.5)",
        "number('three')",
        "date(given)",
        "first([given]) if not agree",
    ] {
        assert_eq!(eval(source), None, "{source}");
    }
}

#[test]
fn a_missing_value_equals_none_and_has_no_order() {
    holds("rate == none");
    holds("rate is none");
    holds("rate is undefined");
    holds("rate is not defined");
    holds("rate != 1");
    fails("rate == 1");
    for source in [
        "rate < 1",
        "rate >= 1",
        "not (rate < 1)",
        "1 < rate < 0.5",
        "rate < 1 and agree",
        "rate < 1 or not agree",
    ] {
        assert_eq!(eval(source), None, "{source}");
        assert!(!Expr::parse(source, &types()).unwrap().holds(&Scope {
            values: &values(),
            today: today(),
            reference: "",
            words: Words::english(),
            on_page: false,
        }));
    }
    fails("rate < 1 and not agree");
    fails("3 < 2 < rate");
    holds("rate < 1 or agree");
    fails("rate is defined");
    holds("count is not none");
    holds("count is defined and count != none");
    fails("family == 'x' or family in ['x']");
    holds("family not in ['x']");
    words("rate | default(5)", "5");
    words("family | default('none given')", "none given");
    words("length(family)", "0");
    words("sum(rate, count, 1)", "4");
    words("min(rate, count)", "3");
    words("given ~ family", "Ada *x* <b>");
    assert_eq!(eval("family ~ family"), Some(Value::Text(String::new())));
}

#[test]
fn operators_read_as_in_jinja() {
    holds("1 < count <= 3");
    fails("1 < count < 3");
    holds("count in [1, 3, 5] and count not in [2, 4]");
    holds("changed in ['yes', 'no']");
    holds("'cat' in pets and 'none-of-these' not in pets");
    holds("price in [money('12.5', 'GBP')]");
    holds("not agree or agree and true");
    holds("2 + 3 * 4 == 14 and (2 + 3) * 4 == 20");
    holds("(given, 'x') | length == 2");
    words("'over' if count > 2 else 'under'", "over");
    words("count ~ ' pets'", "3 pets");
    words("pets | length", "2");
    words("given | upper | length", "11");
    words("'  a ' | trim ~ '|' ~ 'ÄB' | lower", "a|äb");
}

#[test]
fn days_are_reckoned_as_people_do() {
    words("age(born)", "15"); // 16 tomorrow
    words("age(add_days(born, -1))", "16");
    words("add_months(date('2026-01-31'), 1)", "28 February 2026");
    words("add_years(date('2024-02-29'), 1)", "1 March 2025");
    words("add_years(date('2024-02-29'), -1)", "28 February 2023");
    words("add_days(today(), 30) | iso", "2026-12-23");
    words("days_between(date('2026-01-01'), today)", "326");
    words("months_between(date('2026-01-31'), date('2026-03-30'))", "1");
    words("years_between(today, born)", "-15");
    words("year(born) ~ '/' ~ month(born) ~ '/' ~ day(born)", "2010/11/24");
    words("weekday(today)", "1");
    words("max(born, today)", "23 November 2026");
    holds("date('2026-11-23') == today");
}
