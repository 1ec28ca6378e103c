//! The names in an expression, found by their spelling alone.
//!
//! Owns one small scanner: where a name stands is needed for carets, and which names there are
//! before anything has a type. Must not know the grammar beyond strings, calls and filters.

use std::ops::Range;

/// The names in an expression that may be fields, each with its place.
pub(in crate::flow) fn of_expr(source: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut chars = source.char_indices().peekable();
    // A name after a dot or a bar is an attribute or a filter.
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        if c == '"' || c == '\'' {
            while let Some((_, inner)) = chars.next() {
                match inner {
                    '\\' => {
                        chars.next();
                    }
                    _ if inner == c => break,
                    _ => {}
                }
            }
        } else if c.is_alphabetic() || c == '_' {
            let mut end = at + c.len_utf8();
            while let Some((next, _)) = chars.next_if(|(_, c)| c.is_alphanumeric() || *c == '_') {
                end = source.ceil_char_boundary(next + 1);
            }
            let called = source.get(end..).is_some_and(|rest| rest.trim_start().starts_with('('));
            if let Some(name) = source.get(at..end)
                && !called
                && !matches!(before, '.' | '|')
            {
                found.push((name, at..end));
                found.extend(with_parts(source, at, end));
            }
        } else if c.is_numeric() {
            while chars.next_if(|(_, c)| c.is_alphanumeric()).is_some() {}
        }
        if !c.is_whitespace() {
            before = c;
        }
    }
    found
}

/// A name that is the first of several with dots between them may be one with them: `home`, `home.town`.
fn with_parts(source: &str, start: usize, mut end: usize) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    while let Some(rest) = source.get(end..).and_then(|rest| rest.strip_prefix('.'))
        && rest.starts_with(|c: char| c.is_alphabetic() || c == '_')
    {
        end += 1 + rest.len() - rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        found.extend(source.get(start..end).map(|name| (name, start..end)));
    }
    found
}

/// Whether the expression is the name alone, or with filters that do not stand in for a missing
/// value.
fn is_bare(expr: &str, name: &Range<usize>) -> bool {
    let before = expr.get(..name.start).unwrap_or_default();
    let after = expr.get(name.end..).unwrap_or_default().trim_start();
    before.trim().is_empty() && (after.is_empty() || after.starts_with('|') && !after.contains("default"))
}

/// The names between the braces of a text, each with its place and whether it is printed bare.
pub(in crate::flow) fn of_text(source: &str) -> Vec<(&str, Range<usize>, bool)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..) {
        let next = ["{{", "{%"].iter().filter_map(|open| rest.find(open)).min();
        let Some(open) = next else {
            break;
        };
        let from = at + open + 2;
        let inner = source.get(from..).unwrap_or_default();
        let length = ["}}", "%}"]
            .iter()
            .filter_map(|close| inner.find(close))
            .min()
            .unwrap_or(inner.len());
        let expr = inner.get(..length).unwrap_or_default();
        let prints = rest.get(open..).is_some_and(|rest| rest.starts_with("{{"));
        for (name, span) in of_expr(expr) {
            let bare = prints && is_bare(expr, &span);
            found.push((name, from + span.start..from + span.end, bare));
        }
        at = from + length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<&str> {
        of_expr(source).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn names_without_calls_filters_attributes_and_strings() {
        assert_eq!(names("age(born) < 16 and changed == 'yes'"), ["born", "and", "changed"]);
        assert_eq!(
            names("a|money ~ b.c ~ \"x \\\" y\" ~ 1e3 ~ d_1"),
            ["a", "b", "b.c", "d_1"]
        );
        assert_eq!(names("home.addr.town == 'x'"), ["home", "home.addr", "home.addr.town"]);
    }

    #[test]
    fn names_in_a_text_have_their_places() {
        let text = "Dear {{ given }}, {% if ä %}{{family}}{% endif %} born";
        for (name, at, _) in of_text(text) {
            assert_eq!(&text[at], name);
        }
        let all: Vec<_> = of_text(text).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(all, ["given", "if", "ä", "family", "endif"]);
    }

    #[test]
    fn a_bare_name_is_told_from_one_with_a_stand_in() {
        let bare = |text| of_text(text).into_iter().filter(|(.., bare)| *bare).count();
        assert_eq!(bare("{{ a }} {{b|upper}}"), 2);
        assert_eq!(
            bare("{{ a | default('x') }} {{ default(a, 'x') }} {{ a ~ b }} {% if a %}"),
            0
        );
    }
}
