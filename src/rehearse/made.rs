//! Inputs that are made up from the definition.
//!
//! Owns what could be typed into a field of each kind: the most likely first, then others. Must not
//! know pages or walks.

use jiff::ToSpan as _;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::page::Filling;
use super::pattern;
use crate::flow::{Choice, Expr, Field, Form, Kind, Scope, TextRules, Value};
use crate::line::Dice;

/// Ages that are tried for a day in the past, in years: an adult first.
const AGES: [i16; 8] = [40, 1, 0, 20, 70, 10, 5, 100];
/// Things that are typed where any text will do.
const WORDS: [&str; 4] = ["Zoë Lindqvist", "12 Kaiserstraße", "Añasco", "O'Brien"];
/// Texts that are made up for one pattern.
const PATTERNS: usize = 12;

/// What could be put into a field, the most likely first. Only what the field itself accepts is
/// offered; at least one thing where there is any.
pub(super) fn fillings(field: &Field, scope: &Scope<'_>, dice: &mut Dice) -> Vec<Filling> {
    let mut found: Vec<Filling> = Vec::new();
    for filling in candidates(field, scope, dice) {
        if accepted(field, &filling, scope) && !found.contains(&filling) {
            found.push(filling);
        }
    }
    if !field.required {
        found.push(match field.kind {
            Kind::Choices { .. } => Filling::List(Vec::new()),
            Kind::Confirm => Filling::Flag(false),
            _ => Filling::Text(String::new()),
        });
    }
    found
}

/// Whether the field takes it, as far as it can tell by itself.
fn accepted(field: &Field, filling: &Filling, scope: &Scope<'_>) -> bool {
    let one = |text: &str| vec![(field.name.clone(), text.to_owned())];
    let form = match (filling, &field.kind) {
        (Filling::Text(text), Kind::Date { .. }) => {
            let parts: Vec<_> = text.split('-').collect();
            let names = ["year", "month", "day"].map(|part| format!("{}-{part}", field.name));
            names.into_iter().zip(parts.into_iter().map(str::to_owned)).collect()
        }
        (Filling::Text(text), _) => one(text),
        (Filling::Flag(true), _) => one("yes"),
        (Filling::Flag(false), Kind::Confirm) => Vec::new(),
        (Filling::Flag(false), _) => one("no"),
        (Filling::List(all), _) => all.iter().map(|value| (field.name.clone(), value.clone())).collect(),
    };
    matches!(field.parse(&Form(form), scope), Ok(Some(_)))
}

fn candidates(field: &Field, scope: &Scope<'_>, dice: &mut Dice) -> Vec<Filling> {
    let texts = |all: Vec<String>| all.into_iter().map(Filling::Text).collect();
    match &field.kind {
        Kind::Text(rules) | Kind::Secret(rules) => texts(typed(rules, dice)),
        Kind::Lines(rules) => texts(
            typed(rules, dice)
                .into_iter()
                .map(|text| text.replacen(' ', "\n", 1))
                .collect(),
        ),
        Kind::Email => texts(vec!["zoe.lindqvist@example.org".to_owned()]),
        Kind::Tel => texts(vec!["01632 960 001".to_owned()]),
        Kind::Number { places, min, max, .. } => {
            let bound = |expr: &Option<Expr>| match expr.as_ref()?.eval(scope)? {
                Value::Number(number) => Some(number),
                _ => None,
            };
            texts(numbers(bound(min), bound(max), *places, dice))
        }
        Kind::Money { currency, min, max } => {
            let bound = |expr: &Option<Expr>| match expr.as_ref()?.eval(scope)? {
                Value::Money(amount, _) => Some(amount),
                _ => None,
            };
            texts(numbers(bound(min), bound(max), currency.digits(), dice))
        }
        Kind::Date { min, max } => {
            let bound = |expr: &Option<Expr>| match expr.as_ref()?.eval(scope)? {
                Value::Date(day) => Some(day),
                _ => None,
            };
            let days = days(bound(min), bound(max), scope.today, dice);
            texts(days.iter().map(ToString::to_string).collect())
        }
        Kind::YesNo => vec![Filling::Flag(true), Filling::Flag(false)],
        Kind::Confirm => vec![Filling::Flag(true)],
        Kind::Choice { options } => texts(options.iter().map(|option| option.value.clone()).collect()),
        Kind::Choices { options, min, max } => several(options, *min, *max),
        Kind::Pick(_) => {
            let offered = field.offered(scope).iter().map(|(value, _)| value.clone());
            texts(offered.collect())
        }
        Kind::Computed { .. } => Vec::new(),
    }
}

fn typed(rules: &TextRules, dice: &mut Dice) -> Vec<String> {
    let most = usize::try_from(rules.max.unwrap_or(u32::MAX)).unwrap_or(usize::MAX);
    let least = usize::try_from(rules.min.unwrap_or(0)).unwrap_or(0);
    let mut found = Vec::new();
    if let Some(pattern) = &rules.pattern {
        for _ in 0..PATTERNS {
            found.extend(pattern::matching(pattern.as_str(), dice));
        }
    }
    for words in WORDS {
        let mut text: String = words.chars().take(most).collect();
        while text.chars().count() < least {
            text.push_str(" und so weiter");
            text = text.chars().take(most.max(least)).collect();
        }
        found.push(text.trim_end().to_owned());
    }
    // Codes of letters and digits, where no pattern tells.
    let code = |n: usize| ('1'..='9').cycle().take(n.clamp(1, 40)).collect::<String>();
    found.push(code(least.max(1).min(most)));
    found
}

fn numbers(min: Option<Decimal>, max: Option<Decimal>, places: u32, dice: &mut Dice) -> Vec<String> {
    let low = min.unwrap_or(Decimal::ZERO);
    // Bounds may be as far apart as no number reaches: sums stop at the largest there is.
    let high = max.unwrap_or_else(|| low.saturating_add(Decimal::from(100_000)));
    let span = high.saturating_sub(low);
    let mut all = vec![
        low.saturating_add(Decimal::from(2).min(span)),
        low,
        high,
        Decimal::from(1),
        Decimal::ZERO,
        low.saturating_add(span / Decimal::from(2)),
    ];
    for _ in 0..6 {
        let part = (span / Decimal::from(1_000)).saturating_mul(Decimal::from(dice.below(1_000)));
        all.push(low.saturating_add(part));
    }
    // Small ones and large ones: a rule may hold for few.
    for n in [10_u32, 100, 1_000, 10_000] {
        all.push(low.saturating_add(span / Decimal::from(n)));
        all.push(Decimal::from(n));
    }
    let fits = |n: &Decimal| min.is_none_or(|min| min <= *n) && max.is_none_or(|max| *n <= max);
    all.into_iter()
        .map(|n| n.round_dp(places))
        .filter(fits)
        .map(|n| n.normalize().to_string())
        .collect()
}

fn days(min: Option<Date>, max: Option<Date>, today: Date, dice: &mut Dice) -> Vec<Date> {
    let mut all = Vec::new();
    for years in AGES {
        all.extend(today.checked_sub(years.years()).ok());
    }
    for days in [1_i32, 30, 90, 365] {
        all.extend(today.checked_add(days.days()).ok());
        all.extend(today.checked_sub(days.days()).ok());
        all.extend(min.and_then(|min| min.checked_add(days.days()).ok()));
        all.extend(max.and_then(|max| max.checked_sub(days.days()).ok()));
    }
    all.extend([min, max].into_iter().flatten());
    for _ in 0..4 {
        let days = i32::try_from(dice.below(40_000)).unwrap_or(0);
        all.extend(today.checked_sub(days.days()).ok());
    }
    all.retain(|day| min.is_none_or(|min| min <= *day) && max.is_none_or(|max| *day <= max));
    all
}

fn several(options: &[Choice], min: Option<u16>, max: Option<u16>) -> Vec<Filling> {
    let least = usize::from(min.unwrap_or(1)).max(1);
    let most = usize::from(max.unwrap_or(u16::MAX));
    let plain: Vec<String> = options
        .iter()
        .filter(|option| !option.exclusive)
        .map(|option| option.value.clone())
        .collect();
    let mut found = vec![
        Filling::List(plain.iter().take(least.max(2).min(most)).cloned().collect()),
        Filling::List(plain.iter().take(most).cloned().collect()),
    ];
    let windows = plain.windows(least.min(plain.len()).max(1));
    found.extend(windows.map(|some| Filling::List(some.to_vec())));
    found.extend(options.iter().map(|option| Filling::List(vec![option.value.clone()])));
    found
}
