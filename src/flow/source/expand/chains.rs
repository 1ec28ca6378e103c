//! The names in an expression or a text, with what hangs on them by dots.
//!
//! Owns one small scanner. Must not know what the names mean.

use std::ops::Range;

use crate::flow::expr::asks_items;
use crate::limits;

/// Words that never name a value, and no field is called so.
const WORDS: &[&str] = &[
    "and", "or", "not", "in", "is", "if", "else", "elif", "endif", "for", "endfor", "set", "true", "false", "none",
];

/// A name, or several with dots between them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chain<'a> {
    pub(super) parts: Vec<&'a str>,
    /// Where its first part begins.
    pub(super) start: usize,
    /// The chains that name the lists whose items are gone through where it stands, the innermost first.
    pub(super) within: Vec<usize>,
}

/// Brackets that are open.
#[derive(Default)]
struct Open {
    /// Of a function that reads its second argument of each item.
    asks: bool,
    /// What its first argument consists of, if that is one chain.
    list: Option<usize>,
    /// In its first argument nothing has stood so far.
    empty: bool,
    /// Behind its first argument.
    behind: bool,
}

impl Chain<'_> {
    /// Where its first `n` parts stand.
    pub(super) fn range(&self, n: usize) -> Range<usize> {
        let parts: usize = self.parts.iter().take(n).map(|part| part.len()).sum();
        self.start..self.start + parts + n.saturating_sub(1)
    }
}

/// A part of a text that stands between braces.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Braces {
    /// With the braces.
    pub(super) whole: Range<usize>,
    pub(super) inner: Range<usize>,
    /// `{{ }}`, not `{% %}`.
    pub(super) prints: bool,
}

impl Open {
    /// Of a filter, which has its first argument before it.
    fn of_piped(list: Option<usize>) -> Self {
        Self {
            asks: true,
            list,
            empty: false,
            behind: true,
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The chains in an expression that may name values: no functions, filters, tests, words of the
/// language.
pub(super) fn of_expr(source: &str) -> Vec<Chain<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    // What stands before: a bar or a dot makes a name a filter or a part, `is` a test.
    let (mut sign, mut word) = (' ', "");
    let mut open: Vec<Open> = Vec::new();
    // The chain that a filter is of.
    let mut piped = None;
    while let Some(c) = source.get(at..).and_then(|rest| rest.chars().next()) {
        if c == '"' || c == '\'' {
            at = after_string(source, at, c);
            (sign, word) = (c, "");
        } else if c.is_alphabetic() || c == '_' {
            let chain = chain(source, at);
            let end = chain.range(chain.parts.len()).end;
            let first = chain.parts.first().copied().unwrap_or_default();
            let called = source.get(end..).is_some_and(|rest| rest.trim_start().starts_with('('));
            let tests = word == "is";
            let names = !(called || tests || matches!(sign, '.' | '|') || WORDS.contains(&first));
            if let Some(open) = open.last_mut().filter(|open| !open.behind) {
                open.list = (names && open.empty).then_some(found.len());
                open.empty = false;
            }
            piped = piped.filter(|_| sign == '|');
            if names {
                piped = Some(found.len());
                let lists = open.iter().rev().filter(|open| open.asks && open.behind);
                let lists = lists.filter_map(|open| open.list);
                let within = lists.take(limits::EXPR_DEPTH).collect();
                found.push(Chain { within, ..chain });
            }
            // `is not defined`: a test as well.
            if !(tests && first == "not") {
                word = first;
            }
            (at, sign) = (end, 'a');
        } else if c.is_numeric() {
            let rest = source.get(at..).unwrap_or_default();
            at += rest.len() - rest.trim_start_matches(|c: char| is_name(c) || c == '.').len();
            (sign, word) = ('0', "");
        } else {
            at += c.len_utf8();
            if c == '(' && asks_items(word) && piped.is_some() {
                open.push(Open::of_piped(piped.take()));
            } else {
                bracket(c, asks_items(word), &mut open);
            }
            piped = piped.filter(|_| c == '|' || c.is_whitespace());
            if !c.is_whitespace() {
                (sign, word) = (c, "");
            }
        }
    }
    found
}

/// What a sign does to the brackets around.
fn bracket(c: char, asks: bool, open: &mut Vec<Open>) {
    match c {
        '(' | '[' => {
            if let Some(around) = open.last_mut().filter(|around| !around.behind) {
                around.list = None;
                around.empty = false;
            }
            open.push(Open {
                asks: asks && c == '(',
                empty: true,
                ..Open::default()
            });
        }
        ')' | ']' => {
            open.pop();
        }
        ',' => open.last_mut().into_iter().for_each(|open| open.behind = true),
        c if c.is_whitespace() => {}
        _ => {
            if let Some(open) = open.last_mut().filter(|open| !open.behind) {
                open.list = None;
                open.empty = false;
            }
        }
    }
}

fn chain(source: &str, start: usize) -> Chain<'_> {
    let mut parts = Vec::new();
    let mut at = start;
    loop {
        let rest = source.get(at..).unwrap_or_default();
        let name = rest.get(..rest.len() - rest.trim_start_matches(is_name).len());
        let name = name.unwrap_or_default();
        parts.push(name);
        at += name.len();
        let more = source.get(at..).and_then(|rest| rest.strip_prefix('.'));
        if !more.is_some_and(|more| more.starts_with(|c: char| c.is_alphabetic() || c == '_')) {
            let within = Vec::new();
            return Chain { parts, start, within };
        }
        at += 1;
    }
}

fn after_string(source: &str, at: usize, quote: char) -> usize {
    let mut chars = source.get(at + 1..).unwrap_or_default().char_indices();
    while let Some((n, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return at + 1 + n + 1;
        }
    }
    source.len()
}

/// What stands between the braces of a text.
pub(super) fn of_text(source: &str) -> Vec<Braces> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = source.get(at..).and_then(|rest| next(rest, ["{{", "{%"])) {
        let from = at + open + 2;
        let inner = source.get(from..).unwrap_or_default();
        let Some(length) = next(inner, ["}}", "%}"]) else {
            break;
        };
        found.push(Braces {
            whole: at + open..from + length + 2,
            inner: from..from + length,
            prints: source.get(at + open..).is_some_and(|rest| rest.starts_with("{{")),
        });
        at = from + length + 2;
    }
    found
}

fn next(text: &str, signs: [&str; 2]) -> Option<usize> {
    signs.iter().filter_map(|sign| text.find(sign)).min()
}

/// The names that the loops of a text give to what they go through.
pub(super) fn loops<'a>(source: &'a str, braces: &[Braces]) -> Vec<&'a str> {
    let inner = braces.iter().filter_map(|one| source.get(one.inner.clone()));
    let named = inner.filter_map(|inner| inner.trim_matches([' ', '-', '+']).strip_prefix("for "));
    named.filter_map(|rest| rest.split_whitespace().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        of_expr(source).iter().map(|chain| chain.parts.join(".")).collect()
    }

    #[test]
    fn names_of_values_without_functions_filters_tests_and_words() {
        assert_eq!(
            found("age(home.born) < 16 and not x in ['y', z.a.b]"),
            ["home.born", "x", "z.a.b"]
        );
        assert_eq!(
            found("a|round(2) ~ b is not defined ~ c is defined and d"),
            ["a", "b", "c", "d"]
        );
        assert_eq!(found("first(x).y + 1.5e3 + 'it\\'s' ~ é"), ["x", "é"]);
        let chain = &of_expr("  a.b.c")[0];
        assert_eq!((chain.range(1), chain.range(2), chain.range(3)), (2..3, 2..5, 2..7));
    }

    #[test]
    fn a_chain_knows_the_lists_whose_items_it_is_read_of() {
        let within = |source: &str| -> Vec<String> {
            let all = of_expr(source);
            let lists = |chain: &Chain<'_>| chain.within.iter().map(|n| all[*n].parts.join(".")).collect::<Vec<_>>();
            let found = all.iter().map(|chain| (chain.parts.join("."), lists(chain)));
            found
                .map(|(name, lists)| format!("{name}: {}", lists.join(" ")))
                .collect()
        };
        assert_eq!(
            within("sum(a.b, c * (d + 1)) + e"),
            ["a.b: ", "c: a.b", "d: a.b", "e: "]
        );
        assert_eq!(
            within("any( a , all(b, c in [d, 'x']) and e)"),
            ["a: ", "b: a", "c: b a", "d: b a", "e: a"]
        );
        assert_eq!(within("a | any(b) or a|sum"), ["a: ", "b: a", "a: "]);
        assert_eq!(within("a | round(b) + sum(c, d)"), ["a: ", "b: ", "c: ", "d: c"]);
        // Of two values, and of what is no list's name.
        assert_eq!(within("round(a, b)"), ["a: ", "b: "]);
        assert_eq!(within("sum(a + 1, b)"), ["a: ", "b: "]);
        assert_eq!(within("sum((a), b)"), ["a: ", "b: "]);
    }

    #[test]
    fn braces_and_loops_of_a_text() {
        let text = "A {{ b }} {%- for p in people -%}{{p.c}}{% endfor %} {{ open";
        let braces = of_text(text);
        let inner: Vec<_> = braces.iter().map(|one| &text[one.inner.clone()]).collect();
        assert_eq!(inner, [" b ", "- for p in people -", "p.c", " endfor "]);
        assert_eq!(loops(text, &braces), ["p"]);
    }
}
