//! Reckoning with days and times of day.
//!
//! Owns ages, sums of dates and what lies between. Must not know expressions.

use jiff::Span;
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Whole years from one day to another; negative backwards. Who was born on 29 February is a
/// year older on 1 March of a common year.
pub(super) fn years(from: Date, to: Date) -> i64 {
    if to < from {
        return -years(to, from);
    }
    let before = (to.month(), to.day()) < (from.month(), from.day());
    i64::from(to.year()) - i64::from(from.year()) - i64::from(before)
}

/// Whole months from one day to another; negative backwards.
pub(super) fn months(from: Date, to: Date) -> i64 {
    if to < from {
        return -months(to, from);
    }
    let count = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    count(to) - count(from) - i64::from(to.day() < from.day())
}

/// Days from one day to another; negative backwards.
pub(super) fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// Minutes from one time of day to another; negative where that comes first.
pub(super) fn minutes(from: Time, to: Time) -> i64 {
    let of = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    of(to) - of(from)
}

/// What is added to a day.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    Days,
    Months,
    Years,
}

/// The day so much later. 31 January and a month is the last of February; years after 29 February
/// in a common year it is 1 March, when who was born then is that much [older](years), and years
/// before it is 28 February, the last birthday of who is that old. Nothing for a part of a unit,
/// and beyond the calendar.
pub(super) fn add(day: Date, count: Decimal, unit: Unit) -> Option<Date> {
    if !count.is_integer() {
        return None;
    }
    let count = count.to_i64()?;
    let span = match unit {
        Unit::Days => Span::new().try_days(count),
        Unit::Months => Span::new().try_months(count),
        Unit::Years => Span::new().try_years(count),
    };
    let later = day.checked_add(span.ok()?).ok()?;
    let (Unit::Years, true) = (unit, count > 0 && later.day() < day.day()) else {
        return Some(later);
    };
    later.tomorrow().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_leap_day_child_is_older_on_the_first_of_march() {
        let born = date(2004, 2, 29);
        assert_eq!(years(born, date(2025, 2, 28)), 20);
        assert_eq!(years(born, date(2025, 3, 1)), 21);
        assert_eq!(years(born, date(2024, 2, 29)), 20);
        assert_eq!(years(date(2026, 1, 2), date(2025, 1, 1)), -1);
    }

    #[test]
    fn a_birthday_is_the_day_on_which_one_is_older() {
        let leap = [
            date(2000, 1, 1),
            date(2001, 3, 1),
            date(2004, 2, 28),
            date(2004, 2, 29),
            date(2004, 3, 1),
        ];
        for born in leap {
            for age in 1..30 {
                let birthday = add(born, age.into(), Unit::Years).unwrap();
                assert_eq!(years(born, birthday), age, "{born} {age}");
                assert_eq!(years(born, birthday.yesterday().unwrap()), age - 1, "{born} {age}");
            }
        }
        // The latest day of birth of who is of age, as a bound has it.
        for today in [date(2028, 2, 29), date(2026, 2, 28), date(2026, 3, 1)] {
            let latest = add(today, (-18).into(), Unit::Years).unwrap();
            assert_eq!(years(latest, today), 18, "{today}");
            assert_eq!(years(latest.tomorrow().unwrap(), today), 17, "{today}");
        }
    }

    #[test]
    fn months_end_where_the_month_ends() {
        let one = Decimal::ONE;
        assert_eq!(add(date(2026, 1, 31), one, Unit::Months), Some(date(2026, 2, 28)));
        assert_eq!(add(date(2024, 2, 29), one, Unit::Years), Some(date(2025, 3, 1)));
        assert_eq!(add(date(2024, 2, 29), one, Unit::Months), Some(date(2024, 3, 29)));
        assert_eq!(add(date(2024, 2, 29), -one, Unit::Years), Some(date(2023, 2, 28)));
        assert_eq!(add(date(2026, 1, 1), Decimal::new(5, 1), Unit::Days), None);
        assert_eq!(add(date(2026, 1, 1), Decimal::MAX, Unit::Years), None);
        assert_eq!(months(date(2026, 1, 31), date(2026, 2, 28)), 0);
        assert_eq!(days(date(2026, 1, 1), date(2025, 1, 1)), -365);
    }
}
