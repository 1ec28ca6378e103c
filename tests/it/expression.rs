//! Expressions: exact, total, typed at load.

use deity::flow::{Currency, Declared, Expr, Flaw, Scope, Text, Type, Types, Value, Values};
use jiff::civil::{Date, date};

const POUNDS: Currency = Currency(*b"GBP");

fn types() -> Types {
    let options = |names: &[&str]| {
        let label = |name: &str| format!("The {name} one");
        names.iter().map(|name| ((*name).to_owned(), label(name))).collect()
    };
    let choice = |of, names: &[&str]| Declared {
        of,
        options: options(names),
    };
    [
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
    [
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
    })
}

fn flaws(source: &str) -> Vec<Flaw> {
    match Expr::parse(source, &types()) {
        Ok(expr) => panic!("{source} is taken, as {}", expr.result()),
        Err(flaws) => flaws,
    }
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
    })
}

fn html(source: &str) -> String {
    text(source).html(&Scope {
        values: &values(),
        today: today(),
        reference: "DTY-4K7",
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
