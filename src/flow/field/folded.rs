//! What is stripped from typed text, and folded in it: one table, for every kind of field.
//!
//! Owns which signs nobody sees, and which signs people type for one another: digits of all
//! scripts, spaces, dashes, quotes, full-width letters. Must not know kinds. Source of the tables:
//! the Unicode Character Database, as `regex-syntax` carries it (`Default_Ignorable_Code_Point`,
//! `Nd`, `Dash`).
//!
//! Whatever is typed loses what nobody sees [at its ends](trim). Numbers, days, codes, addresses
//! of mail and telephone numbers are read from their [folded] form; a text keeps what stands in it
//! (a joiner is a letter of Persian, a quote is one of Irish), and only patterns and comparisons
//! see the folded form.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

/// Ranges of signs, in order.
struct Signs(Vec<(char, char)>);

impl Signs {
    fn of(class: &str) -> Self {
        let hir = regex_syntax::parse(class).map(regex_syntax::hir::Hir::into_kind);
        let Ok(HirKind::Class(Class::Unicode(class))) = hir else {
            return Self(Vec::new());
        };
        let ranges = class.ranges().iter();
        Self(ranges.map(|range| (range.start(), range.end())).collect())
    }

    /// The range that a sign is in.
    fn around(&self, c: char) -> Option<(char, char)> {
        let at = self.0.partition_point(|(from, _)| *from <= c).checked_sub(1)?;
        self.0.get(at).copied().filter(|(_, to)| c <= *to)
    }
}

/// Nobody sees them: zero-width signs, marks of direction, byte-order marks, soft hyphens, fillers,
/// and the pattern of Braille without dots.
static UNSEEN: LazyLock<Signs> = LazyLock::new(|| Signs::of(r"[\p{Default_Ignorable_Code_Point}\x{2800}]"));
/// Ten in a row each, from nought on.
static DIGITS: LazyLock<Signs> = LazyLock::new(|| Signs::of(r"\p{Nd}"));
static DASHES: LazyLock<Signs> = LazyLock::new(|| Signs::of(r"\p{Dash}"));

/// Whether nobody sees a sign.
pub(crate) fn is_unseen(c: char) -> bool {
    !c.is_ascii() && UNSEEN.around(c).is_some()
}

/// Says how the sign before it looks, so that it belongs to it.
fn is_variation(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Without spaces and signs that nobody sees at either end; nothing where there is nothing else.
pub(crate) fn trim(text: &str) -> &str {
    if text.chars().all(|c| c.is_whitespace() || is_unseen(c)) {
        return "";
    }
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || is_unseen(c));
    start.trim_end_matches(|c: char| c.is_whitespace() || (is_unseen(c) && !is_variation(c)))
}

/// The form that patterns and comparisons are held against: without what nobody sees, and each
/// sign in the form that keyboards have. Ends of lines stay.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    let plain = |b: u8| b == b'\n' || b == b' ' || (b.is_ascii_graphic() && b != b'`');
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !is_unseen(*c)).map(fold).collect())
}

/// [`folded`], without spaces at the ends.
pub(crate) fn line(text: &str) -> String {
    folded(text).trim().to_owned()
}

fn fold(c: char) -> char {
    match c {
        '\n' => '\n',
        c if c.is_whitespace() => ' ',
        '\u{60}' | '\u{B4}' | '\u{2BC}' | '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{FF07}' | '\u{FF40}' => '\'',
        '\u{AB}' | '\u{BB}' | '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{FF02}' => '"',
        '\u{66A}' | '\u{FE6A}' => '%',
        '\u{FFE1}' => '\u{A3}',
        '\u{FFE5}' => '\u{A5}',
        c if c.is_ascii() => c,
        c if DASHES.around(c).is_some() => '-',
        c => digit(c).or_else(|| narrow(c)).unwrap_or(c),
    }
}

/// A digit of another script.
fn digit(c: char) -> Option<char> {
    let (nought, _) = DIGITS.around(c)?;
    char::from_digit((u32::from(c) - u32::from(nought)) % 10, 10)
}

/// Full-width letters and signs of East Asian keyboards.
fn narrow(c: char) -> Option<char> {
    let wide = matches!(c, '\u{FF01}'..='\u{FF5E}');
    wide.then(|| char::from_u32(u32::from(c) - 0xFEE0)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_stand_for_one_another_are_one() {
        for nought in [
            '\u{660}',
            '\u{6F0}',
            '\u{966}',
            '\u{9E6}',
            '\u{FF10}',
            '\u{1D7CE}',
            '\u{E50}',
        ] {
            let digits: String = (0..10).filter_map(|n| char::from_u32(u32::from(nought) + n)).collect();
            assert_eq!(folded(&digits), "0123456789", "{nought:?}");
        }
        assert_eq!(folded("a\u{2009}b\u{202F}c\u{A0}d\u{3000}e"), "a b c d e");
        assert_eq!(folded("1\u{2010}2\u{2011}3\u{2013}4\u{2014}5\u{2212}6"), "1-2-3-4-5-6");
        assert_eq!(folded("O\u{2019}Brien \u{201C}x\u{201D}"), "O'Brien \"x\"");
        assert_eq!(folded("\u{FF21}\u{FF20}\u{FF0E}"), "A@.");
    }

    #[test]
    fn what_is_folded_is_folded_to_the_end() {
        for c in char::MIN..=char::MAX {
            assert_eq!(fold(fold(c)), fold(c), "{c:?}");
        }
    }

    #[test]
    fn what_nobody_sees_goes_from_the_ends_and_alone_is_nothing() {
        for unseen in [
            '\u{200B}', '\u{200C}', '\u{200D}', '\u{200E}', '\u{200F}', '\u{202A}', '\u{202E}', '\u{2060}', '\u{2066}',
            '\u{2069}', '\u{FEFF}', '\u{AD}', '\u{61C}', '\u{3164}', '\u{2800}', '\u{115F}', '\u{180E}',
        ] {
            assert_eq!(trim(&format!(" {unseen} a b{unseen} ")), "a b", "{unseen:?}");
            assert_eq!(trim(&unseen.to_string()), "", "{unseen:?}");
            assert_eq!(folded(&format!("1{unseen}2")), "12", "{unseen:?}");
        }
        assert_eq!(trim("\u{2764}\u{FE0F}"), "\u{2764}\u{FE0F}");
        assert_eq!(trim("\u{FE0F}"), "");
        assert_eq!(trim("a\u{200C}b"), "a\u{200C}b");
    }
}
