//! Values in words, as texts and reviews show them.
//!
//! Owns the forms of dates, amounts and numbers. Must not know fields, options or pages.

use jiff::civil::{Date, Time, Weekday};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Currency, Value};
use crate::words::Words;

/// A value in words: `27 March 1987`, `£1,234.50`, `12.5`, `Yes`; lists are parted by commas.
pub(crate) fn of(value: &Value, words: Words) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(yes) => bool(*yes, words).to_owned(),
        Value::Number(number) => self::number(*number, words),
        Value::Money(amount, currency) => money(*amount, *currency, words),
        Value::Date(day) => date(*day, words),
        Value::Time(time) => self::time(*time),
        Value::List(items) => items.join(words.comma()),
        Value::Options(options) => {
            let labels: Vec<_> = options.iter().map(|(_, label)| label.as_str()).collect();
            labels.join(words.comma())
        }
        // A text says which field of its items it shows; of the list alone nobody can say more.
        Value::Rows(rows) => rows.len().to_string(),
    }
}

/// `Yes` or `No`.
pub(crate) fn bool(yes: bool, words: Words) -> &'static str {
    if yes { words.format_yes() } else { words.format_no() }
}

/// `27 March 1987`.
pub(crate) fn date(day: Date, words: Words) -> String {
    words.date(day.day(), day.month(), Some(day.year()))
}

/// `27 March`.
pub(crate) fn day(day: Date, words: Words) -> String {
    words.date(day.day(), day.month(), None)
}

/// `Friday`.
pub(crate) fn weekday(day: Weekday, words: Words) -> &'static str {
    let number = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
    words.weekdays().alone(number)
}

/// `14:30`.
pub(crate) fn time(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

/// A time as definitions and programs write it: `14:30`, or with seconds, of which there are none.
pub(crate) fn read_time(text: &str) -> Option<Time> {
    let whole = ["%H:%M", "%H:%M:00"]
        .iter()
        .find_map(|form| Time::strptime(form, text.trim()).ok());
    whole.filter(|_| text.trim().as_bytes().get(2) == Some(&b':'))
}

/// `12.5`, as the language marks decimals: without trailing zeros, and without marks between thousands, for it may be
/// a year or a code.
pub(crate) fn number(number: Decimal, words: Words) -> String {
    let digits = plain_number(number);
    match words.figures().decimal {
        '.' => digits,
        decimal => digits.replace('.', decimal.encode_utf8(&mut [0; 4])),
    }
}

/// `12.5` in every language, without trailing zeros.
pub(crate) fn plain_number(number: Decimal) -> String {
    number.normalize().to_string()
}

/// With the sign of a well-known currency (`£1,234.50`), else with its code (`CHF 1,234.50`), where the language has
/// it.
pub(crate) fn money(amount: Decimal, currency: Currency, words: Words) -> String {
    let negative = amount.is_sign_negative() && !amount.is_zero();
    words.amount(&plain_money(amount.abs(), currency), negative, currency.0)
}

/// The digits alone, with all minor ones: `1234.50`.
pub(crate) fn plain_money(amount: Decimal, currency: Currency) -> String {
    let places = currency.digits();
    let mut amount = amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    amount.rescale(places);
    amount.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    #[test]
    fn values_read_as_people_write_them() {
        let english = Words::english();
        let pounds = Currency(*b"GBP");
        let amount = |text: &str| text.parse::<Decimal>().unwrap_or_default();
        assert_eq!(date(day(1987, 3, 27), english), "27 March 1987");
        assert_eq!(time(jiff::civil::time(9, 5, 0, 0)), "09:05");
        assert_eq!(money(amount("1234.5"), pounds, english), "£1,234.50");
        assert_eq!(money(amount("-0.5"), pounds, english), "-£0.50");
        assert_eq!(money(amount("1234567"), Currency(*b"JPY"), english), "¥1,234,567");
        assert_eq!(money(amount("12.3"), Currency(*b"CHF"), english), "CHF 12.30");
        assert_eq!(money(amount("1.2345"), Currency(*b"KWD"), english), "KWD 1.235");
        assert_eq!(number(amount("12.500"), english), "12.5");
        assert_eq!(of(&Value::Bool(true), english), "Yes");
        assert_eq!(of(&Value::List(vec!["a".into(), "b".into()]), english), "a, b");
    }
}
