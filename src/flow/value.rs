//! The values that answers and expressions have.
//!
//! Owns [`Value`], [`Type`] and their exact arithmetic-free forms. Must not know how a value is
//! typed into a page (`field`) or how it is stored (`store::record`).

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{Picked, Rows, Types, format};
use crate::words::Words;

/// What a field holds once it is answered, and what an expression evaluates to.
/// Records have the place of a kind among these: a new one stands last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// One line or several.
    Text(String),
    /// Yes or no; a declaration that was confirmed.
    Bool(bool),
    /// A whole or decimal number, exact.
    Number(Decimal),
    /// An amount of one currency, exact, in major units.
    Money(Decimal, Currency),
    /// A day.
    Date(Date),
    /// The chosen values of a list, in the order of its options.
    List(Vec<String>),
    /// What a look-up brought to choose from: values and their labels.
    Options(Vec<(String, String)>),
    /// A time of day: hours and minutes.
    Time(Time),
    /// The items of a list.
    Rows(Rows),
}

impl Value {
    /// Its type.
    pub fn of_type(&self) -> Type {
        match self {
            Self::Text(_) => Type::Text,
            Self::Bool(_) => Type::Bool,
            Self::Number(_) => Type::Number,
            Self::Money(_, currency) => Type::Money(*currency),
            Self::Date(_) => Type::Date,
            Self::List(_) => Type::List,
            Self::Options(_) => Type::Options,
            Self::Time(_) => Type::Time,
            Self::Rows(_) => Type::Rows,
        }
    }
}

/// The same as what it is, if it is that.
impl Value {
    /// Of text.
    pub fn as_text(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        Some(text)
    }

    /// Of yes or no.
    pub fn as_bool(&self) -> Option<bool> {
        let Self::Bool(yes) = self else { return None };
        Some(*yes)
    }

    /// Of a number.
    pub fn as_number(&self) -> Option<Decimal> {
        let Self::Number(number) = self else { return None };
        Some(*number)
    }

    /// Of money.
    pub fn as_money(&self) -> Option<(Decimal, Currency)> {
        let Self::Money(amount, currency) = self else {
            return None;
        };
        Some((*amount, *currency))
    }

    /// Of a day.
    pub fn as_date(&self) -> Option<Date> {
        let Self::Date(day) = self else { return None };
        Some(*day)
    }

    /// Of a time of day.
    pub fn as_time(&self) -> Option<Time> {
        let Self::Time(time) = self else { return None };
        Some(*time)
    }

    /// Of several choices.
    pub fn as_list(&self) -> Option<&[String]> {
        let Self::List(chosen) = self else { return None };
        Some(chosen)
    }

    /// Of what a look-up brought to choose from.
    pub fn as_options(&self) -> Option<&[(String, String)]> {
        let Self::Options(options) = self else { return None };
        Some(options)
    }

    /// Of the items of a list.
    pub fn as_rows(&self) -> Option<&Rows> {
        let Self::Rows(rows) = self else { return None };
        Some(rows)
    }

    /// What stands in a list, in words: what was chosen, or the labels of what can be.
    pub(crate) fn entries(&self) -> Vec<&str> {
        match self {
            Self::List(chosen) => chosen.iter().map(String::as_str).collect(),
            Self::Options(options) => options.iter().map(|(_, label)| label.as_str()).collect(),
            Self::Text(_)
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Money(..)
            | Self::Date(_)
            | Self::Time(_)
            | Self::Rows(_) => Vec::new(),
        }
    }

    /// Which of two values of one type comes first, where their type has an order.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match self {
            Self::Number(number) => Some(number.cmp(&other.as_number()?)),
            Self::Money(amount, currency) => {
                let (against, of) = other.as_money()?;
                (of == *currency).then(|| amount.cmp(&against))
            }
            Self::Date(day) => Some(day.cmp(&other.as_date()?)),
            Self::Time(time) => Some(time.cmp(&other.as_time()?)),
            Self::Text(_) | Self::Bool(_) | Self::List(_) | Self::Options(_) | Self::Rows(_) => None,
        }
    }
}

/// Whole numbers beyond this are not exact in every JSON reader.
const EXACT: i64 = 1 << 53;

impl Value {
    /// As JSON: text, dates (ISO 8601) and times (`14:30`) as strings, yes and no as booleans, whole numbers as
    /// numbers, decimals as strings, money as amount (a string) and currency, choices as lists, the items of a
    /// list as an array of objects.
    pub fn json(&self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::Bool(yes) => json!(yes),
            Self::Number(number) => match number.to_i64().filter(|_| number.normalize().scale() == 0) {
                Some(whole) if whole.abs() <= EXACT => json!(whole),
                Some(_) | None => json!(format::plain_number(*number)),
            },
            Self::Money(amount, currency) => {
                json!({ "amount": format::plain_money(*amount, *currency), "currency": currency.code() })
            }
            Self::Date(day) => json!(day.to_string()),
            Self::List(chosen) => json!(chosen),
            Self::Options(options) => options.iter().map(|(value, _)| json!(value)).collect(),
            Self::Time(time) => json!(format::time(*time)),
            Self::Rows(rows) => rows.json(),
        }
    }

    /// In words, as texts show it.
    pub fn words(&self, words: Words) -> String {
        format::of(self, words)
    }

    /// As one plain text for programs: no signs, no separators, ISO 8601, `yes` and `no`; the
    /// items of a list as JSON.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Bool(true) => "yes".to_owned(),
            Self::Bool(false) => "no".to_owned(),
            Self::Number(number) => format::plain_number(*number),
            Self::Money(amount, currency) => format::plain_money(*amount, *currency),
            Self::Date(day) => day.to_string(),
            Self::List(chosen) => chosen.join(","),
            Self::Options(options) => {
                let pairs: Vec<_> = options
                    .iter()
                    .map(|(value, label)| format!("{value} {label}"))
                    .collect();
                pairs.join(",")
            }
            Self::Time(time) => format::time(*time),
            Self::Rows(rows) => rows.json().to_string(),
        }
    }
}

/// An ISO 4217 code, such as `GBP`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Currency(pub [u8; 3]);

impl Currency {
    /// The currency of a code in capital letters, if ISO 4217 has it.
    pub fn of(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code)?;
        Some(Self(code.as_bytes().try_into().ok()?))
    }

    /// The digits of its minor unit: 2 for most, 0 for the yen, 3 for the dinar.
    pub fn digits(self) -> u32 {
        let known = iso_currency::Currency::from_code(self.code());
        known.and_then(iso_currency::Currency::exponent).map_or(2, u32::from)
    }

    /// Whether an amount has no digit behind those of its minor unit; noughts do not count.
    pub fn holds(self, amount: Decimal) -> bool {
        amount.normalize().scale() <= self.digits()
    }

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The type of a field or of an expression. Every expression has exactly one, found at load;
/// any of them may also be missing (an optional field left empty).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// [`Value::Text`]
    Text,
    /// [`Value::Bool`]
    Bool,
    /// [`Value::Number`]
    Number,
    /// [`Value::Money`]
    Money(Currency),
    /// [`Value::Date`]
    Date,
    /// [`Value::List`]
    List,
    /// [`Value::Options`]
    Options,
    /// [`Value::Time`]
    Time,
    /// [`Value::Rows`]
    Rows,
}

impl Type {
    /// Whether its values have an order.
    pub(crate) fn ordered(self) -> bool {
        match self {
            Self::Number | Self::Money(_) | Self::Date | Self::Time => true,
            Self::Text | Self::Bool | Self::List | Self::Options | Self::Rows => false,
        }
    }

    /// Whether its values can be added up.
    pub(crate) fn adds(self) -> bool {
        match self {
            Self::Number | Self::Money(_) => true,
            Self::Text | Self::Bool | Self::Date | Self::List | Self::Options | Self::Time | Self::Rows => false,
        }
    }

    /// Several of its values.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Text => "texts",
            Self::Bool => "yes and no",
            Self::Number => "numbers",
            Self::Money(_) => "amounts of money",
            Self::Date => "dates",
            Self::List | Self::Options | Self::Rows => "lists",
            Self::Time => "times",
        }
    }

    /// How a value of it is written in an expression.
    pub(crate) fn written(self) -> Option<String> {
        match self {
            Self::Money(currency) => Some(format!("write an amount as `money('10', '{currency}')`")),
            Self::Date => Some("write `date('2026-01-31')`".to_owned()),
            Self::Time => Some("write `time('14:30')`".to_owned()),
            Self::Text | Self::Bool | Self::Number | Self::List | Self::Options | Self::Rows => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("a text"),
            Self::Bool => f.write_str("yes or no"),
            Self::Number => f.write_str("a number"),
            Self::Money(currency) => write!(f, "money ({currency})"),
            Self::Date => f.write_str("a date"),
            Self::List => f.write_str("a list"),
            Self::Options => f.write_str("a list to choose from"),
            Self::Time => f.write_str("a time"),
            Self::Rows => f.write_str("a list of items"),
        }
    }
}

/// The options of a choice, each its value and its label; shared by all that read the choice.
pub type Options = Arc<[(String, String)]>;

/// A declared field, as expressions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The type of its value.
    pub of: Type,
    /// The options of a choice; empty for any other field. With them a misspelt option in an expression is found at load, and texts show labels.
    pub options: Options,
    /// Whose labels stand for its value, where they come from elsewhere.
    pub picked: Option<Picked>,
    /// Of a list: what an expression may read of its items. Their fields, the lists in them, and what
    /// every item has: `position` (a number) and `key` (a text).
    pub columns: Option<Arc<Types>>,
    /// Of a column that stands under the name by which its fragment knows it: the one that rows have.
    pub whole: Option<Arc<str>>,
}

impl From<Type> for Declared {
    fn from(of: Type) -> Self {
        Self {
            of,
            options: Options::default(),
            picked: None,
            columns: None,
            whole: None,
        }
    }
}

/// The answers that count, by field name, and the computed values.
pub type Values = BTreeMap<String, Value>;

/// What an expression or a text may read.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The answers on the path, computed values included.
    pub values: &'a Values,
    /// The day in the flow's time zone.
    pub today: Date,
    /// The session's reference; empty before there is a session.
    pub reference: &'a str,
    /// The language in which values and faults are said.
    pub words: Words,
    /// For a page: what is printed there is marked where it is in another language or direction.
    pub on_page: bool,
}

impl<'a> Scope<'a> {
    /// What may be read of these values, for no page.
    pub(crate) fn new(values: &'a Values, today: Date, reference: &'a str, words: Words) -> Self {
        Self {
            values,
            today,
            reference,
            words,
            on_page: false,
        }
    }
}
