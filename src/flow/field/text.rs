//! Typed text: one line, several, secret.
//!
//! Owns how text is normalised and bounded. Must not know other kinds.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Problem;
use super::wording::Wording;
use crate::flow::{Normalise, TextRules, Value};

type Read = Result<Option<Value>, Problem>;

/// One line: spaces folded.
pub(super) fn line(typed: &str, normalise: Normalise, wording: &dyn Fn() -> Wording) -> Read {
    let typed = clean(typed);
    let folded = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    finish(folded, normalise, wording)
}

/// Several lines: ends of lines are `\n`, nothing stands behind them, and none is empty at the
/// beginning and the end.
pub(super) fn lines(typed: &str, normalise: Normalise, wording: &dyn Fn() -> Wording) -> Read {
    let typed = clean(typed)
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\t', " ");
    let lines: Vec<_> = typed.split('\n').map(str::trim_end).collect();
    let text = lines.join("\n");
    finish(text.trim_matches('\n').to_owned(), normalise, wording)
}

/// A secret: inner spaces may be part of it.
pub(super) fn secret(typed: &str, normalise: Normalise, wording: &dyn Fn() -> Wording) -> Read {
    finish(clean(typed).trim().to_owned(), normalise, wording)
}

fn finish(text: String, normalise: Normalise, wording: &dyn Fn() -> Wording) -> Read {
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(wording().must("your answer", "not include control characters").into());
    }
    let text = match normalise {
        Normalise::None => text,
        Normalise::Uppercase => text.to_uppercase(),
        Normalise::Lowercase => text.to_lowercase(),
        Normalise::Code => code(&text),
        Normalise::Postcode => postcode(&text),
    };
    let text = if is_nfc(&text) { text } else { text.nfc().collect() };
    let text = text.trim();
    Ok((!text.is_empty()).then(|| Value::Text(text.to_owned())))
}

/// In one form of Unicode, without the invisible marks that come along when text is pasted:
/// zero-width spaces, byte-order marks, marks of direction.
fn clean(typed: &str) -> String {
    let invisible = |c: char| {
        matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    typed.nfc().filter(|c| !invisible(*c)).collect()
}

/// Without spaces and hyphens, in capitals.
fn code(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    kept.to_uppercase().nfc().collect()
}

/// As a UK postcode is written: `SW1A 1AA`.
fn postcode(text: &str) -> String {
    let mut out = code(text);
    if let Some((inward, _)) = out.char_indices().rev().nth(2)
        && out.chars().count() >= 5
    {
        out.insert(inward, ' ');
    }
    out
}

/// Length and pattern.
pub(super) fn check(
    text: &str,
    rules: &TextRules,
    default_max: u32,
    wording: &dyn Fn() -> Wording,
) -> Result<(), Problem> {
    let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let max = rules.max.unwrap_or(default_max);
    let characters = |n: u32| if n == 1 { "character" } else { "characters" };
    if count > max {
        let what = format!("be {max} {} or fewer", characters(max));
        return Err(wording().must("your answer", what).into());
    }
    if let Some(min) = rules.min.filter(|min| count < *min) {
        let what = format!("be {min} {} or more", characters(min));
        return Err(wording().must("your answer", what).into());
    }
    match &rules.pattern {
        Some(pattern) if !pattern.is_match(text) => {
            let message = if rules.normalise == Normalise::Postcode {
                "Enter a full UK postcode, like SW1A 1AA".to_owned()
            } else {
                format!("{} in the right format", wording().enter("your answer"))
            };
            Err(message.into())
        }
        _ => Ok(()),
    }
}
