//! Pounds as whole pence.
//!
//! Owns how money is read and written. Must not know whose it is.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};

/// The only currency of the demo.
pub(super) const CURRENCY: &str = "GBP";
/// Nobody moves more at once: sums of these never leave 64 bits.
const MOST: i64 = 100_000_000;

/// An amount in pence; below nothing it is a debt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pence(pub i64);

impl Pence {
    /// Reads `12`, `12.5` or `12.50`: more than nothing, and no more than a million pounds.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (pounds, pence) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(pounds) || !digits(pence) || pounds.len() > 9 || pence.len() > 2 {
            return None;
        }
        let tens = if pence.len() == 1 { 10 } else { 1 };
        let amount = pounds.parse::<i64>().ok()? * 100 + pence.parse::<i64>().ok()? * tens;
        (1..=MOST).contains(&amount).then_some(Self(amount))
    }

    /// As a person reads it: `£1,000.00`.
    pub fn pounds(self) -> String {
        let text = self.to_string();
        let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
        let (pounds, pence) = text.split_once('.').unwrap_or((text, "00"));
        let mut grouped = String::new();
        for (n, digit) in pounds.chars().enumerate() {
            if n > 0 && (pounds.len() - n).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{sign}£{grouped}.{pence}")
    }
}

impl fmt::Display for Pence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let pence = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", pence / 100, pence % 100)
    }
}

impl Serialize for Pence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut money = serializer.serialize_struct("Money", 2)?;
        money.serialize_field("amount", &self.to_string())?;
        money.serialize_field("currency", CURRENCY)?;
        money.end()
    }
}

impl ToSql for Pence {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Pence {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_exactly_or_not_at_all() {
        for (text, pence) in [
            ("12.50", 1250),
            ("12.5", 1250),
            ("12", 1200),
            ("0.01", 1),
            ("1000.0", 100_000),
        ] {
            assert_eq!(Pence::parse(text), Some(Pence(pence)), "{text}");
        }
        for text in [
            "",
            "0",
            "-1",
            "1.234",
            ".5",
            "1.",
            "1,000",
            "£1",
            "1e3",
            "1000000.01",
            "99999999999",
        ] {
            assert_eq!(Pence::parse(text), None, "{text}");
        }
    }

    #[test]
    fn money_is_written_as_people_read_it() {
        assert_eq!(Pence(100_000).pounds(), "£1,000.00");
        assert_eq!(Pence(-123_456_789).pounds(), "-£1,234,567.89");
        assert_eq!(Pence(5).to_string(), "0.05");
    }
}
