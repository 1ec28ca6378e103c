//! Typed text: one line, several, secret.
//!
//! Owns how text is normalised and bounded, and what is made up for a pattern. Must not know the
//! kinds that are made of it.

use regex::Regex;
use serde_json::Value as Json;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::kind::{Around, Chance, Line, Read, one};
use super::{Problem, Why, folded, matching};
use crate::flow::Value;

/// The bounds of typed text, in characters after normalising.
#[derive(Debug, Default)]
pub(crate) struct TextRules {
    /// At least.
    pub(crate) min: Option<u32>,
    /// At most.
    pub(crate) max: Option<u32>,
    /// The whole text must match; anchored at both ends.
    pub(crate) pattern: Option<Regex>,
    /// Done before anything is checked.
    pub(crate) normalise: Normalise,
}

/// What is done to text before it is checked, beside NFC, trimming and folding of spaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Normalise {
    /// Nothing more.
    #[default]
    None,
    /// To capital letters.
    Uppercase,
    /// To small letters.
    Lowercase,
    /// All spaces, dashes, full stops, slashes and brackets taken out, then to capital letters: for
    /// codes.
    Code,
    /// As a code, then one space before the last three: for UK postcodes.
    Postcode,
}

/// Things that are typed where any text will do.
const WORDS: [&str; 4] = ["Zoë Lindqvist", "12 Kaiserstraße", "Añasco", "O'Brien"];
/// Texts that are made up for one pattern.
const PATTERNS: usize = 12;

/// A box as wide as its answer, where that is short.
pub(super) fn line_of(rules: &TextRules) -> Line {
    Line {
        size: match rules.normalise {
            Normalise::Postcode => Some(10),
            _ => rules.max.filter(|max| *max <= 20),
        },
        ..Line::default()
    }
}

/// One line: spaces folded.
pub(super) fn line(typed: &str, rules: &TextRules, around: &Around<'_>) -> Read {
    let typed = clean(typed);
    let folded = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    finish(&folded, rules, around)
}

/// Several lines: ends of lines are `\n`, nothing stands behind them, and none is empty at the
/// beginning and the end.
pub(super) fn lines(typed: &str, rules: &TextRules, around: &Around<'_>) -> Read {
    let typed = clean(typed)
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\t', " ");
    let lines: Vec<_> = typed.split('\n').map(str::trim_end).collect();
    finish(lines.join("\n").trim_matches('\n'), rules, around)
}

/// A secret: inner spaces may be part of it.
pub(super) fn secret(typed: &str, rules: &TextRules, around: &Around<'_>) -> Read {
    finish(&clean(typed), rules, around)
}

fn finish(text: &str, rules: &TextRules, around: &Around<'_>) -> Read {
    let text = folded::trim(text);
    if text.chars().any(|c| c.is_control() && c != '\n') {
        let message = around
            .words()
            .answer_control(around.wording().subject(around.words().answer_it()));
        return Err(message.into());
    }
    let text = match rules.normalise {
        Normalise::None => text.to_owned(),
        Normalise::Uppercase => text.to_uppercase(),
        Normalise::Lowercase => text.to_lowercase(),
        Normalise::Code => code(text, rules),
        Normalise::Postcode => spaced(&code(text, rules)),
    };
    let text = if is_nfc(&text) { text } else { text.nfc().collect() };
    let text = folded::trim(&text);
    Ok((!text.is_empty()).then(|| Value::Text(text.to_owned())))
}

/// In one form of Unicode, without the invisible marks that come along when text is pasted and say
/// nothing within it: zero-width spaces, byte-order marks, embeddings of direction.
fn clean(typed: &str) -> String {
    let invisible = |c: char| {
        matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    typed.nfc().filter(|c| !invisible(*c)).collect()
}

/// Without spaces, dashes, full stops, slashes and brackets, in capitals. Where the author's pattern
/// has such signs, they stay.
fn code(text: &str, rules: &TextRules) -> String {
    let capitals = |parting: &str| -> String {
        let capitals = text.to_uppercase();
        let folded = folded::folded(&capitals);
        let kept = folded.chars().filter(|c| !c.is_whitespace() && !parting.contains(*c));
        kept.nfc().collect()
    };
    let bare = capitals("-./\\()[]{}");
    let fits = |code: &str| rules.pattern.as_ref().is_none_or(|pattern| pattern.is_match(code));
    if fits(&bare) {
        return bare;
    }
    let mut others = ["-", ""].into_iter().map(capitals);
    others.find(|code| fits(code)).unwrap_or(bare)
}

/// As a UK postcode is written: `SW1A 1AA`.
fn spaced(code: &str) -> String {
    let mut out = code.to_owned();
    if let Some((inward, _)) = out.char_indices().rev().nth(2)
        && out.chars().count() >= 5
    {
        out.insert(inward, ' ');
    }
    out
}

/// Whether a text is of the pattern, as it is or [folded](folded::folded).
fn is_of(pattern: &Regex, text: &str) -> bool {
    pattern.is_match(text) || pattern.is_match(&folded::folded(text))
}

/// Length and pattern.
pub(super) fn check(value: &Value, rules: &TextRules, default_max: u32, around: &Around<'_>) -> Result<(), Problem> {
    let Some(text) = value.as_text() else {
        return around.another();
    };
    let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let max = rules.max.unwrap_or(default_max);
    let words = around.words();
    let what = || around.wording().subject(words.answer_it());
    if count > max {
        return Err(Problem::new(Why::Max, words.answer_most(max, what())));
    }
    if let Some(min) = rules.min.filter(|min| count < *min) {
        return Err(Problem::new(Why::Min, words.answer_least(min, what())));
    }
    if rules.pattern.as_ref().is_none_or(|pattern| is_of(pattern, text)) {
        return Ok(());
    }
    let message = match rules.normalise {
        Normalise::Postcode => words.contact_postcode().to_owned(),
        Normalise::None | Normalise::Uppercase | Normalise::Lowercase | Normalise::Code => {
            words.answer_format(around.wording().name(words.answer_it()))
        }
    };
    Err(Problem::new(Why::Pattern, message))
}

/// Characters of a text that an author did not bound, as a screen's size is reckoned: people write
/// little where nobody asks for much.
const USUAL_CHARS: u32 = 100;

/// Bytes of so many characters of any script in a form: four bytes of UTF-8, three signs for each.
pub(super) fn posted_bytes(chars: usize) -> usize {
    chars.saturating_mul(12)
}

/// Bytes that a text of these rules takes in a form.
pub(super) fn longest(rules: &TextRules, most: u32) -> usize {
    let chars = rules.max.unwrap_or_else(|| most.min(USUAL_CHARS));
    posted_bytes(usize::try_from(chars).unwrap_or(usize::MAX))
}

/// A text in its box.
pub(super) fn posted(value: &Value) -> Vec<(&'static str, String)> {
    value.as_text().map_or_else(Vec::new, one)
}

/// What matches the pattern, then words, then a code of letters and digits where no pattern tells.
pub(super) fn made(rules: &TextRules, chance: &mut Chance<'_>) -> Vec<Value> {
    let most = usize::try_from(rules.max.unwrap_or(u32::MAX)).unwrap_or(usize::MAX);
    let least = usize::try_from(rules.min.unwrap_or(0)).unwrap_or(0);
    let mut found = Vec::new();
    if let Some(pattern) = &rules.pattern {
        for _ in 0..PATTERNS {
            found.extend(matching::matching(pattern.as_str(), chance));
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
    let code = |n: usize| ('1'..='9').cycle().take(n.clamp(1, 40)).collect::<String>();
    found.push(code(least.max(1).min(most)));
    found.into_iter().map(Value::Text).collect()
}

/// A number as a string, whether it is whole or not: who reads an export need not ask which it is.
pub(super) fn decimal_json(value: &Value) -> Json {
    let number = value.as_number();
    number.map_or_else(|| value.json(), |number| Json::String(number.to_string()))
}
