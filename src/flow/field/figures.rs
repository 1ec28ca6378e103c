//! Figures, as people type them.
//!
//! Owns how a number is read, and what it says where it could be two. Must not know units,
//! currencies or bounds.
//!
//! Never guessed: a space or an apostrophe parts thousands only where it stands as they do. A
//! point or a comma with one or two digits behind it stands before decimals. With three behind it,
//! the language's grouping mark parts thousands, and its decimal mark stands before decimals only
//! where a number with so many is usual here, or begins with nought. All else could be two numbers.

use rust_decimal::Decimal;

use super::folded;
use crate::words::Figures;

/// Before decimals, whatever the language.
const ARABIC_DECIMAL: char = '\u{66B}';
/// Between thousands, whatever the language.
const ARABIC_GROUP: char = '\u{66C}';
const ARABIC_COMMA: char = '\u{60C}';

/// Why figures are not a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Something else than figures.
    Figures,
    /// The marks are those of another language.
    Marks,
    /// More digits than can be held.
    TooLong,
    /// More digits behind the mark than there can be here.
    Places,
    /// It could be two numbers.
    Unclear(Unclear),
}

/// Digits, a mark, digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unclear {
    /// The digits before the mark.
    pub(super) before: String,
    /// Those behind it.
    pub(super) behind: String,
    /// The mark is a space.
    pub(super) spaced: bool,
}

impl Unclear {
    /// As if the mark parted thousands.
    pub(super) fn whole(&self) -> String {
        format!("{}{}", self.before, self.behind)
    }

    /// As if decimals stood behind the mark.
    pub(super) fn part(&self) -> Option<Decimal> {
        number(&self.before, &self.behind, false).ok()
    }
}

/// How many digits behind a mark are usual.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fraction {
    /// None, or those of money: up to two.
    Short,
    /// Any; three are usual or not.
    Free { three: bool },
    /// Three: money with that many minor digits.
    Three,
}

/// The number of what was typed.
pub(super) fn read(typed: &str, marks: Figures, fraction: Fraction) -> Result<Decimal, Unreadable> {
    let typed = folded::line(typed);
    let (negative, rest) = match typed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, typed.strip_prefix('+').unwrap_or(&typed)),
    };
    let mut runs = vec![String::new()];
    let mut seen = Vec::new();
    for c in rest.trim().chars() {
        match c {
            c if c.is_ascii_digit() => {
                if let Some(run) = runs.last_mut() {
                    run.push(c);
                }
            }
            ' ' | '\'' | ',' | '.' | ARABIC_DECIMAL | ARABIC_GROUP | ARABIC_COMMA => {
                runs.push(String::new());
                seen.push(match c {
                    ARABIC_GROUP => '\'',
                    ARABIC_COMMA => ',',
                    c => c,
                });
            }
            _ => return Err(Unreadable::Figures),
        }
    }
    let inner = runs.get(1..runs.len().saturating_sub(1)).unwrap_or_default();
    if inner.iter().any(String::is_empty) || runs.iter().all(String::is_empty) {
        return Err(Unreadable::Figures);
    }
    let Some(behind) = runs.pop().filter(|_| !seen.is_empty()) else {
        return number(rest.trim(), "", negative);
    };
    let (before, part) = match seen.as_slice() {
        [mark] => {
            let before = runs.concat();
            single(&before, *mark, &behind, marks, fraction).map(|part| (before, part))?
        }
        [earlier @ .., last] => {
            let part = several(&runs, earlier, *last, &behind, marks)?;
            (runs.concat(), part)
        }
        [] => return Err(Unreadable::Figures),
    };
    if part {
        number(&before, &behind, negative)
    } else {
        number(&format!("{before}{behind}"), "", negative)
    }
}

/// Whether decimals stand behind the only mark.
fn single(before: &str, mark: char, behind: &str, marks: Figures, fraction: Fraction) -> Result<bool, Unreadable> {
    let unclear = || {
        Err(Unreadable::Unclear(Unclear {
            before: before.to_owned(),
            behind: behind.to_owned(),
            spaced: mark == ' ',
        }))
    };
    if behind.is_empty() {
        let ends = mark == marks.decimal || mark == ARABIC_DECIMAL;
        return if ends { Ok(true) } else { Err(Unreadable::Figures) };
    }
    if mark == ARABIC_DECIMAL {
        return Ok(true);
    }
    let thousands = behind.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
    if mark == ' ' || mark == '\'' {
        return match (thousands, before.is_empty()) {
            (true, _) => Ok(false),
            (false, true) => Err(Unreadable::Figures),
            (false, false) => unclear(),
        };
    }
    let own = mark == marks.decimal;
    let nought = before.is_empty() || before == "0";
    match (behind.len(), fraction) {
        (1 | 2, _) => Ok(true),
        (3, Fraction::Three) if own || nought => Ok(true),
        (_, Fraction::Free { .. }) if nought => Ok(true),
        (_, Fraction::Short | Fraction::Three) if nought => Err(Unreadable::Places),
        (3, Fraction::Free { three: true }) if own => Ok(true),
        (3, _) if thousands && Some(mark) == marks.group => Ok(false),
        (3, _) if thousands => unclear(),
        _ if own => Ok(true),
        _ => unclear(),
    }
}

/// Whether decimals stand behind the last of several marks.
fn several(runs: &[String], earlier: &[char], last: char, behind: &str, marks: Figures) -> Result<bool, Unreadable> {
    let group = earlier.first().copied().unwrap_or(last);
    if earlier.iter().any(|mark| *mark != group) || group == ARABIC_DECIMAL {
        return Err(Unreadable::Figures);
    }
    if group == last {
        let all: Vec<&str> = runs.iter().map(String::as_str).chain([behind]).collect();
        if are_thousands(&all) {
            return Ok(false);
        }
        let begun: Vec<&str> = runs.iter().map(String::as_str).collect();
        return if group == ' ' && are_thousands(&begun) {
            Err(Unreadable::Unclear(Unclear {
                before: runs.concat(),
                behind: behind.to_owned(),
                spaced: true,
            }))
        } else {
            Err(Unreadable::Figures)
        };
    }
    let groups: Vec<&str> = runs.iter().map(String::as_str).collect();
    if !are_thousands(&groups) || behind.is_empty() || !matches!(last, ',' | '.' | ARABIC_DECIMAL) {
        return Err(Unreadable::Figures);
    }
    let neutral = group == ' ' || group == '\'';
    let own = last == marks.decimal || last == ARABIC_DECIMAL;
    if group != marks.decimal && (own || (neutral && behind.len() < 3)) {
        return Ok(true);
    }
    Err(Unreadable::Marks)
}

/// Groups of three, or of two before the last (as in India).
fn are_thousands(groups: &[&str]) -> bool {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else {
        return false;
    };
    let inner = groups.get(1..groups.len().saturating_sub(1)).unwrap_or_default();
    let size = inner.first().map_or(3, |group| group.len());
    groups.len() > 1
        && (1..=size).contains(&first.len())
        && !first.starts_with('0')
        && last.len() == 3
        && (2..=3).contains(&size)
        && inner.iter().all(|group| group.len() == size)
}

fn number(whole: &str, fraction: &str, negative: bool) -> Result<Decimal, Unreadable> {
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let sign = if negative { "-" } else { "" };
    let text = match fraction {
        "" => format!("{sign}0{whole}"),
        fraction => format!("{sign}0{whole}.{fraction}"),
    };
    let number = Decimal::from_str_exact(&text).map_err(|_| Unreadable::TooLong)?;
    Ok(if number.is_zero() { Decimal::ZERO } else { number })
}
