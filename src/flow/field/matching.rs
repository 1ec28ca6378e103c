//! Texts that match a pattern.
//!
//! Owns the way from a regular expression to something that it matches. Must not know fields.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::kind::Chance;

/// Times that something without a bound is repeated beyond the least.
const MORE: u64 = 3;
/// No text is longer.
const LONGEST: usize = 2_000;

/// A text that the pattern matches, as far as the pattern is made of letters and repetitions; other
/// numbers, another text. Who uses it looks whether it does.
pub(super) fn matching(pattern: &str, chance: &mut Chance<'_>) -> Option<String> {
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    let mut text = String::new();
    write(&hir, chance, &mut text);
    Some(text)
}

fn write(hir: &Hir, chance: &mut Chance<'_>, text: &mut String) {
    if text.len() > LONGEST {
        return;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.extend(one_of(class, chance)),
        HirKind::Repetition(repetition) => {
            let least = u64::from(repetition.min);
            let most = repetition.max.map_or(least + MORE, u64::from).min(least + MORE);
            for _ in 0..least + chance(most - least + 1) {
                write(&repetition.sub, chance, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, chance, text),
        HirKind::Concat(all) => {
            for one in all {
                write(one, chance, text);
            }
        }
        HirKind::Alternation(all) => {
            let n = chance(u64::try_from(all.len()).unwrap_or(1));
            if let Some(one) = all.get(usize::try_from(n).unwrap_or(0)) {
                write(one, chance, text);
            }
        }
    }
}

/// A character of a class: a letter or digit that people type, if there is one.
fn one_of(class: &Class, chance: &mut Chance<'_>) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        Class::Bytes(class) => {
            let ranges = class.ranges().iter();
            ranges
                .map(|range| (char::from(range.start()), char::from(range.end())))
                .collect()
        }
    };
    let within = |c: &char| ranges.iter().any(|(from, to)| from <= c && c <= to);
    let plain: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').filter(within).collect();
    let others: Vec<char> = (' '..='~').filter(within).collect();
    let choice = if plain.is_empty() { others } else { plain };
    let n = usize::try_from(chance(u64::try_from(choice.len()).unwrap_or(0))).unwrap_or(0);
    choice.get(n).copied().or_else(|| ranges.first().map(|(from, _)| *from))
}
