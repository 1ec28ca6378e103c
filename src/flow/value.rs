//! The values that answers and expressions have.
//!
//! Owns [`Value`], [`Type`] and their exact arithmetic-free forms. Must not know how a value is
//! typed into a page (`field`) or how it is stored (`store::record`).

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a field holds once it is answered, and what an expression evaluates to.
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
}

/// An ISO 4217 code, such as `GBP`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Currency(pub [u8; 3]);

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
}
