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
    /// Of `{% if %}` and `{% for %}`.
    pub conditions: BTreeSet<&'a str>,
    /// Where Markdown links lead.
    pub links: BTreeSet<String>,
}

impl<'a> Means<'a> {
    /// Reads a text; `None` where its braces are not sound, which is told elsewhere.
    pub(crate) fn of(source: &'a str) -> Option<Self> {
        let mut means = Self::default();
        if source.contains('{') {
            means.read(source, &template(source).ok()?);
        }
        for event in Parser::new_ext(source, Options::empty()) {
            if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event {
                means.links.insert(dest_url.trim().to_owned());
            }
        }
        Some(means)
    }

    fn read(&mut self, source: &'a str, statement: &Stmt<'_>) {
        let written = |range: std::ops::Range<usize>| source.get(range).unwrap_or_default().trim();
        match statement {
            Stmt::Template(template) => self.all(source, &template.children),
            Stmt::EmitExpr(emit) => {
                self.values.insert(written(span(&emit.expr)));
            }
            Stmt::IfCond(choice) => {
                self.conditions.insert(written(span(&choice.expr)));
                self.all(source, &choice.true_body);
                self.all(source, &choice.false_body);
            }
            Stmt::ForLoop(each) => {
                self.conditions.insert(written(span(&each.iter)));
                self.all(source, &each.body);
                self.all(source, &each.else_body);
            }
            _ => {}
        }
    }

    fn all(&mut self, source: &'a str, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.read(source, statement);
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
        assert_eq!(Means::of("{% if %}"), None);
        assert_eq!(Means::of("100 % { }").unwrap(), Means::default());
    }
}
