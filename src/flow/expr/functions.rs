//! The functions, which are the filters too: `round(x, 2)` is `x | round(2)`.
//!
//! Owns their names, what they take and give, and the words where they are called wrongly. Must
//! not know how they come to a value (`eval`).

use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::lower::{Lowering, Sort, Typed, did_you_mean, typed};
use super::node::Node;
use crate::flow::{Currency, Type, Value};

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
    Number,
    Amount,
    Text,
    List,
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
    signature("first", "first(list)", Function::First, &[Takes::List], 1, TEXT),
    signature("last", "last(list)", Function::Last, &[Takes::List], 1, TEXT),
    signature(
        "join",
        "join(list, between)",
        Function::Join,
        &[Takes::List, Takes::Text],
        1,
        TEXT,
    ),
];

/// The functions that look at their arguments' types.
const SPECIAL: &[(&str, &str)] = &[
    ("date", "date('2026-01-31'), or date(d) for its words"),
    ("money", "money('12.50', 'GBP'), or money(m) for its words"),
    ("number", "number(text or money)"),
    ("default", "default(x, otherwise)"),
    ("min", "min(a, b, ...)"),
    ("max", "max(a, b, ...)"),
    ("sum", "sum(a, b, ...)"),
];

fn names() -> impl Iterator<Item = &'static str> {
    let plain = PLAIN.iter().map(|signature| signature.name);
    plain.chain(SPECIAL.iter().map(|(name, _)| *name))
}

/// Whether there is a function of that name.
pub(super) fn exists(name: &str) -> bool {
    names().any(|known| known == name)
}

/// Types a call.
pub(super) fn call<'t>(
    lowering: &mut Lowering<'t>,
    name: &str,
    at: Range<usize>,
    args: Vec<Typed<'t>>,
    span: Range<usize>,
) -> Option<Typed<'t>> {
    if let Some(signature) = PLAIN.iter().find(|signature| signature.name == name) {
        return plain(lowering, signature, args, span);
    }
    match name {
        "date" => date(lowering, args, span),
        "money" => money(lowering, args, span),
        "number" => number(lowering, args, span),
        "default" => default(lowering, args, span),
        "min" => extreme(lowering, Function::Least, "min", args, span),
        "max" => extreme(lowering, Function::Greatest, "max", args, span),
        "sum" => extreme(lowering, Function::Sum, "sum", args, span),
        _ => {
            let help = did_you_mean(name, names()).unwrap_or_else(|| {
                let all: Vec<_> = names().collect();
                format!("There are {}", all.join(", "))
            });
            lowering.flaw("unknown-function", &at, format!("There is no function `{name}`"), help)
        }
    }
}

fn plain<'t>(
    lowering: &mut Lowering<'t>,
    signature: &Signature,
    args: Vec<Typed<'t>>,
    span: Range<usize>,
) -> Option<Typed<'t>> {
    if args.len() < signature.needs || args.len() > signature.takes.len() {
        let message = format!("`{}` has another number of arguments", signature.name);
        return lowering.flaw(
            "wrong-arguments",
            &span,
            message,
            format!("Write `{}`", signature.shape),
        );
    }
    let mut result = signature.gives;
    let mut nodes = Vec::with_capacity(args.len());
    for (arg, takes) in args.into_iter().zip(signature.takes) {
        if !fits(*takes, arg.sort) {
            let message = format!("`{}` does not take {}", signature.name, arg.sort);
            return lowering.flaw("wrong-type", &arg.span, message, format!("Write `{}`", signature.shape));
        }
        if let (None, Sort::One(one)) = (result, arg.sort) {
            result = Some(one);
        }
        let words = signature.function == Function::Join;
        nodes.push(if words { arg.in_words() } else { arg.node });
    }
    let sort = result.map_or(Sort::Nothing, Sort::One);
    Some(typed(Node::Call(signature.function, nodes), sort, span))
}

fn fits(takes: Takes, sort: Sort) -> bool {
    match sort {
        Sort::Nothing => true,
        Sort::Many(_) => false,
        Sort::One(one) => match takes {
            Takes::Date => one == Type::Date,
            Takes::Number => one == Type::Number,
            Takes::Amount => matches!(one, Type::Number | Type::Money(_)),
            Takes::Text => one == Type::Text,
            Takes::List => one == Type::List,
            Takes::Countable => matches!(one, Type::Text | Type::List),
        },
    }
}

fn wrong<T>(lowering: &mut Lowering<'_>, name: &str, args: &[Typed<'_>], span: &Range<usize>) -> Option<T> {
    let found: Vec<_> = args.iter().map(|arg| arg.sort.to_string()).collect();
    let shape = SPECIAL
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(name, |(_, shape)| shape);
    let message = match found.as_slice() {
        [] => format!("`{name}` needs an argument"),
        found => format!("`{name}` does not take {}", found.join(" and ")),
    };
    lowering.flaw("wrong-arguments", span, message, format!("Write {shape}"))
}

fn one(function: Function, arg: Typed<'_>, gives: Type, span: Range<usize>) -> Typed<'_> {
    typed(Node::Call(function, vec![arg.node]), Sort::One(gives), span)
}

fn date<'t>(lowering: &mut Lowering<'t>, mut args: Vec<Typed<'t>>, span: Range<usize>) -> Option<Typed<'t>> {
    match (args.len(), args.pop()) {
        (1, Some(arg)) if arg.sort == Sort::One(Type::Date) => Some(one(Function::DateWords, arg, Type::Text, span)),
        (1, Some(arg)) if arg.sort == Sort::One(Type::Text) => {
            if let Node::Value(Value::Text(text)) = &arg.node
                && text.parse::<Date>().is_err()
            {
                let message = format!("'{text}' is not a day");
                let help = "Write year, month and day: `date('2026-01-31')`".to_owned();
                return lowering.flaw("invalid-date", &arg.span, message, help);
            }
            Some(one(Function::ReadDate, arg, Type::Date, span))
        }
        (_, last) => {
            args.extend(last);
            wrong(lowering, "date", &args, &span)
        }
    }
}

fn money<'t>(lowering: &mut Lowering<'t>, args: Vec<Typed<'t>>, span: Range<usize>) -> Option<Typed<'t>> {
    match args.as_slice() {
        [arg] if matches!(arg.sort, Sort::One(Type::Money(_))) => {
            let arg = args.into_iter().next()?;
            Some(one(Function::MoneyWords, arg, Type::Text, span))
        }
        [amount, code] if matches!(amount.sort, Sort::One(Type::Text | Type::Number)) => {
            let known = match &code.node {
                Node::Value(Value::Text(code)) => Currency::of(code),
                _ => None,
            };
            let Some(currency) = known else {
                let help = "Write its code of ISO 4217, such as 'GBP'".to_owned();
                return lowering.flaw("unknown-currency", &code.span, "This is not a currency", help);
            };
            if let Node::Value(Value::Text(text)) = &amount.node
                && Decimal::from_str_exact(text).is_err()
            {
                let message = format!("'{text}' is not an amount");
                let help = "Write `money('12.50', 'GBP')`".to_owned();
                return lowering.flaw("invalid-number", &amount.span, message, help);
            }
            let arg = args.into_iter().next()?;
            Some(one(Function::MakeMoney(currency), arg, Type::Money(currency), span))
        }
        _ => wrong(lowering, "money", &args, &span),
    }
}

fn number<'t>(lowering: &mut Lowering<'t>, mut args: Vec<Typed<'t>>, span: Range<usize>) -> Option<Typed<'t>> {
    match (args.len(), args.pop()) {
        (1, Some(arg)) if matches!(arg.sort, Sort::One(Type::Text | Type::Money(_))) => {
            Some(one(Function::ReadNumber, arg, Type::Number, span))
        }
        (_, last) => {
            args.extend(last);
            wrong(lowering, "number", &args, &span)
        }
    }
}

fn default<'t>(lowering: &mut Lowering<'t>, args: Vec<Typed<'t>>, span: Range<usize>) -> Option<Typed<'t>> {
    let Ok([value, otherwise]) = <[Typed<'t>; 2]>::try_from(args) else {
        return wrong(lowering, "default", &[], &span);
    };
    let sort = lowering.same(&value, &otherwise)?;
    if let Sort::Many(_) = sort {
        return wrong(lowering, "default", &[value, otherwise], &span);
    }
    Some(Typed {
        node: Node::Call(Function::Default, vec![value.node, otherwise.node]),
        sort,
        options: value.options,
        span,
    })
}

/// `min`, `max` and `sum`: over arguments of one type, or over one list written out.
fn extreme<'t>(
    lowering: &mut Lowering<'t>,
    function: Function,
    name: &str,
    args: Vec<Typed<'t>>,
    span: Range<usize>,
) -> Option<Typed<'t>> {
    let mut of = Sort::Nothing;
    for arg in &args {
        let found = match arg.sort {
            Sort::Many(one) if args.len() == 1 => Sort::One(one),
            other => other,
        };
        let right = match found {
            Sort::One(Type::Number | Type::Money(_)) | Sort::Nothing => true,
            Sort::One(Type::Date) => function != Function::Sum,
            _ => false,
        };
        if !right || (of != Sort::Nothing && found != Sort::Nothing && found != of) {
            return wrong(lowering, name, &args, &span);
        }
        if of == Sort::Nothing {
            of = found;
        }
    }
    let Sort::One(result) = of else {
        return wrong(lowering, name, &args, &span);
    };
    let mut nodes = Vec::with_capacity(args.len() + 1);
    if function == Function::Sum {
        let zero = match result {
            Type::Money(currency) => Value::Money(Decimal::ZERO, currency),
            _ => Value::Number(Decimal::ZERO),
        };
        nodes.push(Node::Value(zero));
    }
    for arg in args {
        match (arg.sort, arg.node) {
            (Sort::Many(_), Node::List(items)) => nodes.extend(items),
            (_, node) => nodes.push(node),
        }
    }
    Some(typed(Node::Call(function, nodes), of, span))
}
