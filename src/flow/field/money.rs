//! `money`: an amount of one currency.
//!
//! Owns what is forgiven around an amount: its currency's sign and code. Must not know other
//! kinds; the digits are read by `number`. An amount below nothing needs a `min` that allows it.

use rust_decimal::Decimal;

use super::figures::{self, Fraction, Unreadable};
use super::kind::{Around, Chance, Control, Declares, Fills, Line, Question, Range, Read, Role, Typed, any, one};
use super::number;
use super::wording::Wording;
use super::{Problem, amount, folded, typed};
use crate::flow::check::Building;
use crate::flow::source::Field as Written;
use crate::flow::{Currency, Diagnostic, Expr, Scope, Type, Value, format};
use crate::words::{Figures, Words};

pub(super) const KIND: Declares = Declares {
    name: "money",
    keys: &[
        "required",
        "message",
        "default",
        "min",
        "max",
        "currency",
        "autocomplete",
    ],
    role: Role::Answer,
    fills: Fills::Never,
    value_type: |field| Some(Type::Money(currency(field).unwrap_or(POUNDS))),
    answers: any,
    build: |building| {
        let known = currency(building.field);
        if known.is_none() {
            unknown(building);
        }
        let currency = known.unwrap_or(POUNDS);
        Box::new(Money {
            currency,
            range: building.range(Type::Money(currency)),
            marks: building.words().figures(),
        })
    },
};

/// What fields without a `currency` are in.
const POUNDS: Currency = Currency(*b"GBP");

fn currency(field: &Written) -> Option<Currency> {
    let written = field.currency.as_ref();
    written.map_or(Some(POUNDS), |written| Currency::of(&written.value))
}

fn unknown(building: &Building<'_, '_>) {
    if let Some(written) = &building.field.currency {
        building.fault(
            Diagnostic::error(
                "currency",
                &written.span,
                format!("there is no currency `{}`", written.value),
            )
            .label("not in ISO 4217")
            .help("write a code such as GBP or EUR"),
        );
    }
}

/// Characters of an amount with its currency, as a form's size is reckoned.
const LONGEST: usize = 60;

#[derive(Debug)]
struct Money {
    currency: Currency,
    range: Range,
    marks: Figures,
}

impl Money {
    fn bounds(&self, scope: &Scope<'_>) -> (Option<Decimal>, Option<Decimal>) {
        self.range.of(scope, amount)
    }
}

impl Question for Money {
    fn value_type(&self) -> Type {
        Type::Money(self.currency)
    }

    fn bounds(&self) -> Vec<&Expr> {
        self.range.exprs()
    }

    fn longest(&self) -> usize {
        typed::posted_bytes(LONGEST)
    }

    fn control(&self, scope: &Scope<'_>) -> Control {
        let (sign, before) = scope.words.sign(self.currency.0);
        let (before, after) = if before { (Some(sign), None) } else { (None, Some(sign)) };
        Control::Line(Line {
            size: Some(10),
            before,
            after,
            mode: number::mode(self.bounds(scope).0, self.currency.digits()),
            ..Line::default()
        })
    }

    fn read(&self, typed: &Typed<'_>, around: &Around<'_>) -> Read {
        read(typed.text(), self.currency, self.marks, around)
    }

    fn check(&self, value: &Value, around: &Around<'_>) -> Result<(), Problem> {
        match value.as_money() {
            Some((amount, currency)) if currency == self.currency => {
                check(amount, currency, self.bounds(around.scope), around)
            }
            Some(_) | None => around.another(),
        }
    }

    fn missing(&self, wording: &Wording) -> String {
        wording.enter(wording.words().enter_amount())
    }

    fn posted(&self, value: &Value) -> Vec<(&'static str, String)> {
        let money = value.as_money();
        money.map_or_else(Vec::new, |(amount, of)| {
            one(number::written(&format::plain_money(amount, of), self.marks))
        })
    }

    fn made(&self, scope: &Scope<'_>, chance: &mut Chance<'_>) -> Vec<Value> {
        let all = number::made(self.bounds(scope), self.currency.digits(), chance);
        all.into_iter()
            .map(|amount| Value::Money(amount, self.currency))
            .collect()
    }
}

/// An amount of this currency.
fn read(typed: &str, currency: Currency, marks: Figures, around: &Around<'_>) -> Read {
    if folded::trim(typed).is_empty() {
        return Ok(None);
    }
    let typed = folded::line(typed);
    let (minus, rest) = match typed.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", typed.as_str()),
    };
    let bare = whole(without_currency(rest, currency, around.words()));
    let fraction = if currency.digits() == 3 {
        Fraction::Three
    } else {
        Fraction::Short
    };
    let amount = figures::read(&format!("{minus}{bare}"), marks, fraction);
    let mut amount = amount.map_err(|why| refusal(&why, currency, marks, around))?;
    if amount.scale() <= currency.digits() {
        amount.rescale(currency.digits());
    }
    Ok(Some(Value::Money(amount, currency)))
}

fn refusal(why: &Unreadable, currency: Currency, marks: Figures, around: &Around<'_>) -> Problem {
    let words = around.words();
    let what = around.wording().subject(words.amount_it());
    let message = match why {
        Unreadable::TooLong => words.number_digits(what),
        Unreadable::Places => too_fine(currency, what, words),
        Unreadable::Marks if currency.digits() > 0 => number::decimals(marks, "1234.50", &what, words),
        Unreadable::Figures | Unreadable::Marks => words.amount_amount(example(currency, words), what),
        Unreadable::Unclear(unclear) => {
            let show = |part: Decimal| {
                let fits = currency.holds(part);
                fits.then(|| number::written(&format::plain_money(part, currency), marks))
            };
            let otherwise = match currency.digits() {
                0 => words.amount_otherwise_whole().to_owned(),
                digits => words.amount_otherwise_places(digits),
            };
            number::one_meaning(unclear, show, &otherwise, &what, words)
        }
    };
    message.into()
}

/// What is said of more minor digits than there are; of none, where the currency has none.
fn too_fine(currency: Currency, what: String, words: Words) -> String {
    match currency.digits() {
        0 => words.amount_whole(what),
        digits => words.amount_places(digits, example(currency, words), what),
    }
}

/// Takes the sign and the code away, before and behind.
fn without_currency(typed: &str, currency: Currency, words: Words) -> &str {
    let mut bare = typed.trim();
    let (theirs, ours) = (words.sign(currency.0).0, Words::english().sign(currency.0).0);
    let theirs = folded::line(&theirs);
    for mark in [theirs.as_str(), &ours, currency.code()] {
        let starts = bare
            .get(..mark.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(mark));
        if starts {
            bare = bare.get(mark.len()..).unwrap_or_default().trim();
        }
        let tail = bare.len().saturating_sub(mark.len());
        let ends = bare.get(tail..).is_some_and(|end| end.eq_ignore_ascii_case(mark));
        if ends {
            bare = bare.get(..tail).unwrap_or_default().trim();
        }
    }
    bare
}

/// Without the dash that stands where there are no minor digits: `1250.-`, `1.250,--`.
fn whole(typed: &str) -> &str {
    let figures = typed.trim_end_matches('-');
    let dashed = (figures.len() < typed.len()).then_some(figures);
    dashed
        .and_then(|figures| figures.strip_suffix(['.', ',']))
        .unwrap_or(typed)
}

fn example(currency: Currency, words: Words) -> String {
    let amount = Decimal::new(1250, 0) + Decimal::new(5, 1);
    let whole = currency.digits() == 0;
    format::money(if whole { amount.trunc() } else { amount }, currency, words)
}

/// Minor digits and bounds.
fn check(
    amount: Decimal,
    currency: Currency,
    (min, max): (Option<Decimal>, Option<Decimal>),
    around: &Around<'_>,
) -> Result<(), Problem> {
    let words = around.words();
    let what = || around.wording().subject(words.amount_it());
    if !currency.holds(amount) {
        return Err(too_fine(currency, what(), words).into());
    }
    let bounds = (min.or(Some(Decimal::ZERO)), max);
    let bounds = if min.is_none() && amount >= Decimal::ZERO {
        (None, max)
    } else {
        bounds
    };
    number::within(
        amount,
        bounds,
        |bound| format::money(bound, currency, words),
        what,
        words,
    )
}
