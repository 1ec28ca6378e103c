//! From a place inside a string's value back to the place in the file.
//!
//! Owns the four kinds of TOML string and their escapes, as far as places go. Must not know what
//! the strings are for.

use super::Span;

/// The place in the file of `inner`, a range of the value of the string literal at `literal`.
/// Falls back to the whole literal where the two cannot be matched.
pub(crate) fn place(source: &str, literal: &Span, inner: &Span) -> Span {
    find(source, literal, inner).unwrap_or_else(|| literal.clone())
}

fn find(source: &str, literal: &Span, inner: &Span) -> Option<Span> {
    let raw = source.get(literal.clone())?;
    let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let long = raw.len() >= 6 && raw.chars().take(3).all(|c| c == quote);
    let fence = if long { 3 } else { 1 };
    let mut body = raw.get(fence..raw.len().checked_sub(fence)?)?;
    let mut skipped = fence;
    if long {
        let rest = body
            .strip_prefix("\r\n")
            .or_else(|| body.strip_prefix('\n'))
            .unwrap_or(body);
        skipped += body.len() - rest.len();
        body = rest;
    }
    let base = literal.start + skipped;
    if quote == '\'' {
        return (inner.end <= body.len()).then(|| base + inner.start..base + inner.end);
    }
    let start = offset(body, inner.start)?;
    let end = offset(body, inner.end)?;
    Some(base + start..base + end.max(start))
}

/// The offset in `body`, as written, of the `wanted`-th byte of its value.
fn offset(body: &str, wanted: usize) -> Option<usize> {
    let mut value = 0;
    let mut at = 0;
    while value < wanted {
        let rest = body.get(at..)?;
        let (written, meant) = unit(rest)?;
        at += written;
        value += meant;
    }
    // A continued line before the place belongs to what comes before it.
    while let Some((written, 0)) = body.get(at..).and_then(unit) {
        at += written;
    }
    Some(at)
}

/// The next character: its bytes as written and in the value.
fn unit(rest: &str) -> Option<(usize, usize)> {
    let first = rest.chars().next()?;
    if first != '\\' {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    let digits = match rest.chars().nth(1)? {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        ' ' | '\t' | '\r' | '\n' => {
            let after = rest.get(1..)?;
            return Some((1 + after.len() - after.trim_start().len(), 0));
        }
        _ => return Some((2, 1)),
    };
    let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
    Some((2 + digits, char::from_u32(code)?.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[track_caller]
    fn found(literal: &str, inner: std::ops::Range<usize>, want: &str) {
        let source = format!("key = {literal}\n");
        let at = place(&source, &(6..6 + literal.len()), &inner);
        assert_eq!(&source[at], want);
    }

    #[test]
    fn places_in_every_kind_of_string() {
        found(r#""a == b""#, 5..6, "b");
        found("'a == b'", 5..6, "b");
        found("\"\"\"\nfirst\nsecond\"\"\"", 6..12, "second");
        found("'''\nfirst\nsecond'''", 6..12, "second");
        found(r#""a \"x\" b""#, 6..7, "b");
        found(r#""\u00e4 b""#, 3..4, "b");
        found("\"\"\"a \\\n   b\"\"\"", 2..3, "b");
        found("\"ä b\"", 3..4, "b");
    }

    #[test]
    fn a_place_outside_is_the_whole_string() {
        found("\"ab\"", 7..9, "\"ab\"");
        found("'ab'", 7..9, "'ab'");
    }
}
