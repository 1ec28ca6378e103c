//! What a text says beside its words: values, conditions, links.
//!
//! Owns telling whether two texts differ in their words alone, so that a translation shows nothing
//! that its original does not. Must not know what the values are.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::machinery::ast::{BinOpKind, Expr, Stmt};
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::flow::expr::{span, template};

/// Things as they are written, by that without the spaces that say nothing.
pub(crate) type Written = BTreeMap<String, String>;

/// What stands between the words of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Means {
    /// Within `{{ }}`.
    pub values: Written,
    /// Those of them that are shown whatever holds.
    pub always: BTreeSet<String>,
    /// Of `{% if %}`.
    pub conditions: Written,
    /// Of `{% for %}`, with the name of an item.
    pub loops: Written,
    /// Where links lead, and whatever else looks like an address.
    pub links: BTreeSet<String>,
    /// How often a link seems to begin.
    begun: usize,
}

/// Around a value where the words are looked through for links: as on a page it is one piece of an address.
const VALUE: char = '\u{F8FF}';

impl Means {
    /// Reads a text; `None` where its braces are not sound, which is told elsewhere.
    pub(crate) fn of(source: &str) -> Option<Self> {
        let mut means = Self::default();
        let mut words = String::with_capacity(source.len());
        if source.contains('{') {
            means.always = means.read(source, &template(source).ok()?, &mut words);
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

    /// Reads a statement, and gives the values that it shows whatever holds.
    fn read(&mut self, source: &str, statement: &Stmt<'_>, words: &mut String) -> BTreeSet<String> {
        let written = |range: std::ops::Range<usize>| {
            let written = source.get(range).unwrap_or_default().trim();
            (spelt(written), written.to_owned())
        };
        match statement {
            Stmt::Template(template) => self.all(source, &template.children, words),
            Stmt::EmitRaw(raw) => {
                words.push_str(raw.raw);
                BTreeSet::new()
            }
            Stmt::EmitExpr(emit) => {
                let (value, written) = written(span(&emit.expr));
                words.push(VALUE);
                words.extend(value.chars().filter(|c| c.is_alphanumeric()));
                words.push(VALUE);
                self.values.insert(value.clone(), written);
                BTreeSet::from([value])
            }
            Stmt::IfCond(choice) => {
                self.conditions.extend([written(span(&choice.expr))]);
                let one = self.all(source, &choice.true_body, words);
                let other = self.all(source, &choice.false_body, words);
                // "Two seats": where it is known which number it is, words may say it.
                let said = match &choice.expr {
                    Expr::BinOp(op) if matches!(op.op, BinOpKind::Eq) && matches!(op.right, Expr::Const(_)) => {
                        Some(written(span(&op.left)).0)
                    }
                    _ => None,
                };
                let mut always: BTreeSet<_> = one.intersection(&other).cloned().collect();
                always.extend(said.filter(|value| other.contains(value)));
                always
            }
            Stmt::ForLoop(each) => {
                let (item, list) = (span(&each.target), span(&each.iter));
                self.loops.extend([written(item.start..list.end)]);
                self.all(source, &each.body, words);
                self.all(source, &each.else_body, words);
                BTreeSet::new()
            }
            _ => BTreeSet::new(),
        }
    }

    /// Whether the links are the same.
    pub(crate) fn leads_as(&self, other: &Self) -> bool {
        self.links == other.links && self.begun == other.begun
    }

    fn all(&mut self, source: &str, statements: &[Stmt<'_>], words: &mut String) -> BTreeSet<String> {
        let read = statements
            .iter()
            .flat_map(|statement| self.read(source, statement, words));
        read.collect()
    }
}

/// An expression without the spaces that say nothing: those beside signs, and more than one. What stands in quotes
/// stays as it is.
fn spelt(expression: &str) -> String {
    let mut spelt = String::with_capacity(expression.len());
    let mut quote = None;
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '\'');
    let mut signs = expression.trim().chars().peekable();
    while let Some(c) = signs.next() {
        if quote.is_none() && c.is_whitespace() {
            let parts = spelt.chars().next_back().is_some_and(is_word) && signs.peek().copied().is_some_and(is_word);
            if parts {
                spelt.push(' ');
            }
            continue;
        }
        match quote {
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
        spelt.push(c);
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_the_words_is_found() {
        let text =
            "{% if n > 1 %}Pay {{ sum }} [here](https://a.example){% else %}{{ sum }}{% endif %} {{ name | upper }}";
        let means = Means::of(text).unwrap();
        let keys = |all: &Written| all.keys().cloned().collect::<BTreeSet<_>>();
        let set = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(keys(&means.values), set(&["sum", "name|upper"]));
        assert_eq!(means.always, set(&["sum", "name|upper"]));
        assert_eq!(keys(&means.conditions), set(&["n>1"]));
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
            keys(&Means::of("{% for t in tag %}{{ t }}{% endfor %}").unwrap().loops),
            set(&["t in tag"])
        );
        assert_eq!(Means::of("{% if %}"), None);
        let always = |text| Means::of(text).unwrap().always;
        assert_eq!(always("{% if a == 'x  y' %}{{ n }}{% endif %}"), set(&[]));
        assert_eq!(always("{% if n == 2 %}dau{% else %}{{ n }}{% endif %}"), set(&["n"]));
        assert_eq!(always("{% if n > 2 %}dau{% else %}{{ n }}{% endif %}"), set(&[]));
        assert_eq!(spelt(" a  ==  'x  y' and b"), "a=='x  y' and b");
        assert_eq!(Means::of("100 % { }").unwrap(), Means::default());
    }
}
