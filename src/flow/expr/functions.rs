//! The functions, which are the filters too: `round(x, 2)` is `x | round(2)`.
//!
//! Owns their names, what they take and give, and the words where they are called wrongly. Must
//! not know how they come to a value (`eval`).

use std::ops::Range;

use super::lower::{Lowering, Sort, Typed, typed};
use super::node::Node;
use super::{over, special};
use crate::flow::diagnostic::did_you_mean;
use crate::flow::{Currency, Type};

/// What can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Today,
    Age,
    ReadDate,
    DateWords,
    AddDays,
    AddMonths,
    AddYears,
    DaysBetween,
    MonthsBetween,
    YearsBetween,
    Year,
    Month,
    Day,
    Weekday,
    ReadTime,
    Hour,
    Minute,
    MinutesBetween,
    Least,
    Greatest,
    Sum,
    Round,
    MakeMoney(Currency),
    MoneyWords,
    ReadNumber,
    Length,
    Upper,
    Lower,
    Trim,
    Default,
    First,
    Last,
    Join,
    Iso,
    Nth,
    Any,
    All,
    Count,
}

impl Function {
    /// Whether the day decides its value.
    pub(super) fn reads_day(self) -> bool {
        matches!(self, Self::Today | Self::Age)
    }
}

/// What an argument may be.
#[derive(Clone, Copy, Debug)]
enum Takes {
    Date,
    Time,
    Number,
    Amount,
    Text,
    Countable,
}

struct Signature {
    name: &'static str,
    shape: &'static str,
    function: Function,
    takes: &'static [Takes],
    /// The arguments that may not be left out.
    needs: usize,
    /// `None`: as the first argument.
    gives: Option<Type>,
}

const fn signature(
    name: &'static str,
    shape: &'static str,
    function: Function,
    takes: &'static [Takes],
    needs: usize,
    gives: Option<Type>,
) -> Signature {
    Signature {
        name,
        shape,
        function,
        takes,
        needs,
        gives,
    }
}

const DATE: Option<Type> = Some(Type::Date);
const NUMBER: Option<Type> = Some(Type::Number);
const TEXT: Option<Type> = Some(Type::Text);

/// The functions whose arguments have one type each.
const PLAIN: &[Signature] = &[
    signature("today", "today()", Function::Today, &[], 0, DATE),
    signature("age", "age(date)", Function::Age, &[Takes::Date], 1, NUMBER),
    signature(
        "add_days",
        "add_days(date, days)",
        Function::AddDays,
        &[Takes::Date, Takes::Number],
        2,
        DATE,
    ),
    signature(
        "add_months",
        "add_months(date, months)",
        Function::AddMonths,
        &[Takes::Date, Takes::Number],
        2,
        DATE,
    ),
    signature(
        "add_years",
        "add_years(date, years)",
        Function::AddYears,
        &[Takes::Date, Takes::Number],
        2,
        DATE,
    ),
    signature(
        "days_between",
        "days_between(from, to)",
        Function::DaysBetween,
        &[Takes::Date, Takes::Date],
        2,
        NUMBER,
    ),
    signature(
        "months_between",
        "months_between(from, to)",
        Function::MonthsBetween,
        &[Takes::Date, Takes::Date],
        2,
        NUMBER,
    ),
    signature(
        "years_between",
        "years_between(from, to)",
        Function::YearsBetween,
        &[Takes::Date, Takes::Date],
        2,
        NUMBER,
    ),
    signature("year", "year(date)", Function::Year, &[Takes::Date], 1, NUMBER),
    signature("month", "month(date)", Function::Month, &[Takes::Date], 1, NUMBER),
    signature("day", "day(date)", Function::Day, &[Takes::Date], 1, NUMBER),
    signature("weekday", "weekday(date)", Function::Weekday, &[Takes::Date], 1, NUMBER),
    signature("hour", "hour(time)", Function::Hour, &[Takes::Time], 1, NUMBER),
    signature("minute", "minute(time)", Function::Minute, &[Takes::Time], 1, NUMBER),
    signature(
        "minutes_between",
        "minutes_between(from, to)",
        Function::MinutesBetween,
        &[Takes::Time, Takes::Time],
        2,
        NUMBER,
    ),
    signature("iso", "iso(date)", Function::Iso, &[Takes::Date], 1, TEXT),
    signature(
        "round",
        "round(amount, places)",
        Function::Round,
        &[Takes::Amount, Takes::Number],
        1,
        None,
    ),
    signature(
        "length",
        "length(text or list)",
        Function::Length,
        &[Takes::Countable],
        1,
        NUMBER,
    ),
    signature("upper", "upper(text)", Function::Upper, &[Takes::Text], 1, TEXT),
    signature("lower", "lower(text)", Function::Lower, &[Takes::Text], 1, TEXT),
    signature("trim", "trim(text)", Function::Trim, &[Takes::Text], 1, TEXT),
];

fn names() -> impl Iterator<Item = &'static str> {
    let plain = PLAIN.iter().map(|signature| signature.name);
    let others = special::SHAPES.iter().chain(over::SHAPES);
    plain.chain(others.map(|(name, _)| *name))
}

/// Whether there is a function of that name.
pub(super) fn exists(name: &str) -> bool {
    names().any(|known| known == name)
}

/// That there is a function of that name.
pub(super) fn known(lowering: &mut Lowering<'_>, name: &str, at: &Range<usize>) -> Option<()> {
    if exists(name) {
        return Some(());
    }
    let help = did_you_mean(name, names()).unwrap_or_else(|| {
        let all: Vec<_> = names().collect();
        format!("there are {}", all.join(", "))
    });
    let message = format!("there is no function `{name}`");
    lowering.flaw("unknown-function", at, message, help)
}

/// Types a call of a known function.
pub(super) fn call(lowering: &mut Lowering<'_>, name: &str, args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
    if let Some(signature) = PLAIN.iter().find(|signature| signature.name == name) {
        return plain(lowering, signature, args, span);
    }
    if over::SHAPES.iter().any(|(known, _)| *known == name) {
        return over::call(lowering, name, args, span);
    }
    special::call(lowering, name, args, span)
}

/// Whether the second argument of a function is read of each item, where its first is a list of items.
pub(super) fn asks_items(name: &str) -> bool {
    over::asks_items(name)
}

fn plain(lowering: &mut Lowering<'_>, signature: &Signature, args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
    if args.len() < signature.needs || args.len() > signature.takes.len() {
        let message = format!("`{}` has another number of arguments", signature.name);
        return lowering.flaw(
            "wrong-arguments",
            &span,
            message,
            format!("write `{}`", signature.shape),
        );
    }
    let mut result = signature.gives;
    let mut nodes = Vec::with_capacity(args.len());
    for (arg, takes) in args.into_iter().zip(signature.takes) {
        if !fits(*takes, arg.sort) {
            let message = format!("`{}` does not take {}", signature.name, arg.sort);
            return lowering.flaw("wrong-type", &arg.span, message, format!("write `{}`", signature.shape));
        }
        if let (None, Sort::One(one)) = (result, arg.sort) {
            result = Some(one);
        }
        nodes.push(arg.node);
    }
    let sort = result.map_or(Sort::Nothing, Sort::One);
    Some(typed(Node::Call(signature.function, nodes), sort, span))
}

fn fits(takes: Takes, sort: Sort) -> bool {
    match sort {
        Sort::Nothing => true,
        Sort::Many(_) => matches!(takes, Takes::Countable),
        Sort::One(one) => match takes {
            Takes::Date => one == Type::Date,
            Takes::Time => one == Type::Time,
            Takes::Number => one == Type::Number,
            Takes::Amount => matches!(one, Type::Number | Type::Money(_)),
            Takes::Text => one == Type::Text,
            Takes::Countable => matches!(one, Type::Text | Type::List | Type::Rows),
        },
    }
}
