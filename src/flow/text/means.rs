//! What a text says beside its words: values, conditions, links.
//!
//! Owns telling whether two texts differ in their words alone, so that a translation shows nothing
//! that its original does not. Must not know what the values are.

use std::collections::BTreeSet;

use minijinja::machinery::ast::Stmt;
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::flow::expr::{span, template};

/// What stands between the words of a text, each thing as it is written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Means<'a> {
    /// Within `{{ }}`.
    pub values: BTreeSet<&'a str>,
    /// Of `{% if %}`.
    pub conditions: BTreeSet<&'a str>,
    /// Of `{% for %}`, with the name of an item.
    pub loops: BTreeSet<&'a str>,
    /// Where links lead, and whatever else looks like an address.
    pub links: BTreeSet<String>,
    /// How often a link seems to begin.
    begun: usize,
}

/// Around a value where the words are looked through for links: as on a page it is one piece of an address.
const VALUE: char = '\u{F8FF}';

impl<'a> Means<'a> {
    /// Reads a text; `None` where its braces are not sound, which is told elsewhere.
    pub(crate) fn of(source: &'a str) -> Option<Self> {
        let mut means = Self::default();
        let mut words = String::with_capacity(source.len());
        if source.contains('{') {
            means.read(source, &template(source).ok()?, &mut words);
        } else {
            words.push_str(source);
        }
        means.begun = ["](", "][", "]:"].iter().map(|sign| words.matches(sign).count()).sum();
        let address = |word: &&str| ["//", "mailto:", "tel:"].iter().any(|sign| word.contains(sign));
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '"' | '[' | ']');
        means.links.extend(words.split(ends).filter(address).map(str::to_owned));
        for event in Parser::new_ext(&words, Options::empty()) {
            if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event {
                means.links.insert(dest_url.trim().to_owned());
            }
        }
        Some(means)
    }

    fn read(&mut self, source: &'a str, statement: &Stmt<'_>, words: &mut String) {
        let written = |range: std::ops::Range<usize>| source.get(range).unwrap_or_default().trim();
        match statement {
            Stmt::Template(template) => self.all(source, &template.children, words),
            Stmt::EmitRaw(raw) => words.push_str(raw.raw),
            Stmt::EmitExpr(emit) => {
                let value = written(span(&emit.expr));
                self.values.insert(value);
                words.push(VALUE);
                words.extend(value.chars().filter(|c| c.is_alphanumeric()));
                words.push(VALUE);
            }
            Stmt::IfCond(choice) => {
                self.conditions.insert(written(span(&choice.expr)));
                self.all(source, &choice.true_body, words);
                self.all(source, &choice.false_body, words);
            }
            Stmt::ForLoop(each) => {
                let (item, list) = (span(&each.target), span(&each.iter));
                self.loops.insert(written(item.start..list.end));
                self.all(source, &each.body, words);
                self.all(source, &each.else_body, words);
            }
            _ => {}
        }
    }

    /// Whether the links are the same.
    pub(crate) fn leads_as(&self, other: &Self) -> bool {
        self.links == other.links && self.begun == other.begun
    }

    fn all(&mut self, source: &'a str, statements: &[Stmt<'_>], words: &mut String) {
        for statement in statements {
            self.read(source, statement, words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_the_words_is_found() {
        let text =
            "{% if n > 1 %}Pay {{ sum }} [here](https://a.example){% else %}{{ sum }}{% endif %} {{ name | upper }}";
        let means = Means::of(text).unwrap();
        assert_eq!(means.values, BTreeSet::from(["sum", "name | upper"]));
        assert_eq!(means.conditions, BTreeSet::from(["n > 1"]));
        assert_eq!(means.links, BTreeSet::from(["https://a.example".to_owned()]));
        assert_eq!(Means::of("Talu [yma](https://b.example)").unwrap().links.len(), 1);
        let hidden = [
            "[x](https://evil{{ name }}.example)",
            "[x]({{ name }})",
            "[x]{% if n %}(https://evil.example){% endif %}",
            "[x][r]\n\n[r]: https://evil{{ name }}.example",
            "[x](https:{% if n %}{% else %} ){% endif %}//evil.example)",
        ];
        for text in hidden {
            assert!(
                !Means::of(text).unwrap().leads_as(&Means::of("{{ name }} [x]").unwrap()),
                "{text}"
            );
        }
        assert_eq!(
            Means::of("{% for t in tag %}{{ t }}{% endfor %}").unwrap().loops,
            BTreeSet::from(["t in tag"])
        );
        assert_eq!(Means::of("{% if %}"), None);
        assert_eq!(Means::of("100 % { }").unwrap(), Means::default());
    }
}
