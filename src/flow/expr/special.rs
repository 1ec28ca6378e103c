//! The functions that look at the types of their arguments: `date`, `money`, `sum` ...
//!
//! Owns what these take and give. Must not know how they come to a value (`eval`).

use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::functions::Function;
use super::lower::{Lowering, Sort, Typed, typed};
use super::node::Node;
use super::over;
use crate::flow::{Currency, Type, Value, format};

/// Their names, and how they are called.
pub(super) const SHAPES: &[(&str, &str)] = &[
    ("date", "date('2026-01-31'), or date(d) for its words"),
    ("time", "time('14:30')"),
    ("money", "money('12.50', 'GBP'), or money(m) for its words"),
    ("number", "number(text or money)"),
    ("default", "default(x, otherwise)"),
    ("min", "min(a, b, ...)"),
    ("max", "max(a, b, ...)"),
    ("sum", "sum(a, b, ...)"),
];

/// Types a call of one of them.
pub(super) fn call(lowering: &mut Lowering<'_>, name: &str, args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
    match name {
        "date" => date(lowering, args, span),
        "time" => time(lowering, args, span),
        "money" => money(lowering, args, span),
        "number" => number(lowering, args, span),
        "default" => default(lowering, args, span),
        "min" => extreme(lowering, Function::Least, "min", args, span),
        "max" => extreme(lowering, Function::Greatest, "max", args, span),
        "sum" => extreme(lowering, Function::Sum, "sum", args, span),
        _ => None,
    }
}

pub(super) fn wrong<T>(lowering: &mut Lowering<'_>, name: &str, args: &[Typed], span: &Range<usize>) -> Option<T> {
    let found: Vec<_> = args.iter().map(|arg| arg.sort.to_string()).collect();
    let shape = SHAPES
        .iter()
        .chain(over::SHAPES)
        .find(|(known, _)| *known == name)
        .map_or(name, |(_, shape)| shape);
    let message = match found.as_slice() {
        [] => format!("`{name}` needs an argument"),
        found => format!("`{name}` does not take {}", found.join(" and ")),
    };
    lowering.flaw("wrong-arguments", span, message, format!("write {shape}"))
}

fn one(function: Function, arg: Typed, gives: Type, span: Range<usize>) -> Typed {
    typed(Node::Call(function, vec![arg.node]), Sort::One(gives), span)
}

fn date(lowering: &mut Lowering<'_>, mut args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
    match (args.len(), args.pop()) {
        (1, Some(arg)) if arg.sort == Sort::One(Type::Date) => Some(one(Function::DateWords, arg, Type::Text, span)),
        (1, Some(arg)) if arg.sort == Sort::One(Type::Text) => {
            if let Node::Value(Value::Text(text)) = &arg.node
                && text.parse::<Date>().is_err()
            {
                let message = format!("'{text}' is not a day");
                let help = "write year, month and day: `date('2026-01-31')`".to_owned();
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

fn time(lowering: &mut Lowering<'_>, args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
    let Ok([arg]) = <[Typed; 1]>::try_from(args) else {
        return wrong(lowering, "time", &[], &span);
    };
    if arg.sort != Sort::One(Type::Text) {
        return wrong(lowering, "time", &[arg], &span);
    }
    if let Node::Value(Value::Text(text)) = &arg.node
        && format::read_time(text).is_none()
    {
        let message = format!("'{text}' is not a time");
        let help = "write hours, from 00 to 23, and minutes: `time('14:30')`".to_owned();
        return lowering.flaw("invalid-time", &arg.span, message, help);
    }
    Some(one(Function::ReadTime, arg, Type::Time, span))
}

fn money(lowering: &mut Lowering<'_>, args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
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
                let help = "write its code of ISO 4217, such as 'GBP'".to_owned();
                return lowering.flaw("unknown-currency", &code.span, "this is not a currency", help);
            };
            if let Node::Value(Value::Text(text)) = &amount.node
                && Decimal::from_str_exact(text).is_err()
            {
                let message = format!("'{text}' is not an amount");
                let help = "write `money('12.50', 'GBP')`".to_owned();
                return lowering.flaw("invalid-number", &amount.span, message, help);
            }
            let arg = args.into_iter().next()?;
            Some(one(Function::MakeMoney(currency), arg, Type::Money(currency), span))
        }
        _ => wrong(lowering, "money", &args, &span),
    }
}

fn number(lowering: &mut Lowering<'_>, mut args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
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

fn default(lowering: &mut Lowering<'_>, args: Vec<Typed>, span: Range<usize>) -> Option<Typed> {
    let Ok([value, otherwise]) = <[Typed; 2]>::try_from(args) else {
        return wrong(lowering, "default", &[], &span);
    };
    let sort = lowering.same(&value, &otherwise)?;
    if let Sort::Many(_) | Sort::One(Type::Rows) = sort {
        return wrong(lowering, "default", &[value, otherwise], &span);
    }
    Some(Typed {
        node: Node::Call(Function::Default, vec![value.node, otherwise.node]),
        sort,
        options: value.options,
        picked: value.picked,
        columns: None,
        span,
    })
}

/// `min`, `max` and `sum`: over arguments of one type, over one list, or over what each item of a list comes to.
fn extreme(
    lowering: &mut Lowering<'_>,
    function: Function,
    name: &str,
    mut args: Vec<Typed>,
    span: Range<usize>,
) -> Option<Typed> {
    if args.first().is_some_and(|list| list.sort == Sort::One(Type::Rows)) {
        let list = args.remove(0);
        let (Some(asked), true) = (args.pop(), args.is_empty()) else {
            return over::ask_a_field(lowering, &list, name);
        };
        args.push(over::of_items(lowering, list, asked)?);
    }
    let mut of = Sort::Nothing;
    for arg in &args {
        let found = match arg.sort {
            Sort::Many(one) if args.len() == 1 => Sort::One(one),
            other => other,
        };
        let right = match found {
            Sort::Nothing => true,
            Sort::One(of) if function == Function::Sum => of.adds(),
            Sort::One(of) => of.ordered(),
            Sort::Many(_) => false,
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
        let zero = Decimal::ZERO;
        nodes.push(Node::Value(if let Type::Money(currency) = result {
            Value::Money(zero, currency)
        } else {
            Value::Number(zero)
        }));
    }
    for arg in args {
        match (arg.sort, arg.node) {
            (Sort::Many(_), Node::List(items)) => nodes.extend(items),
            (_, node) => nodes.push(node),
        }
    }
    Some(typed(Node::Call(function, nodes), of, span))
}
