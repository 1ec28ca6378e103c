//! Texts with `{{ }}` in them, and Markdown.
//!
//! Owns [`Text`]: reading one (`parse`), filling it in, and its HTML (`markdown`). Must not know
//! screens or pages.

mod markdown;
mod means;
mod parse;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::expr::{Around, At, Flaw, Item, Node, Types, eval, holds, rows};
use super::{Row, Scope, Value};
use crate::limits;
use crate::words::marks;
pub use markdown::article;
pub(crate) use means::{Means, Written};

/// A text of the definition: words, `{{ expressions }}`, `{% if %}`, `{% for x in list %}`. What
/// an answer puts into it stays text: it is never read as Markdown, HTML or an expression.
#[derive(Debug)]
pub struct Text(Box<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Vec<Part>,
    /// The language that it is in, where its flow, a translation, lacks it.
    other: Option<Arc<str>>,
    reads: BTreeSet<String>,
    /// Of a text without expressions: its HTML, made once.
    html: OnceLock<String>,
}

#[derive(Debug)]
enum Part {
    Words(Box<str>),
    Put(Node),
    /// Condition, then, else.
    If(Node, Vec<Self>, Vec<Self>),
    /// For each of what was chosen.
    For(Node, Vec<Self>),
    /// For each item of a list.
    Items(Node, Vec<Self>),
}

impl Text {
    /// Parses a text and types what stands between its braces; all flaws at once.
    pub fn parse(source: &str, types: &Types) -> Result<Self, Vec<Flaw>> {
        if !["{{", "{%", "{#"].iter().any(|open| source.contains(open)) {
            return Ok(Self::fixed(source));
        }
        let (parts, reads) = parse::parse(source, types)?;
        Ok(Self::of(parts, reads))
    }

    /// The same, to be read for each item of a list: what it has first, then what is around.
    pub(crate) fn of_rows(source: &str, types: &Types, columns: &Arc<Types>) -> Result<Self, Vec<Flaw>> {
        let (parts, reads) = parse::parse_of_rows(source, types, columns)?;
        Ok(Self::of(parts, reads))
    }

    /// As one plain string for an item, which stands at that place.
    pub(crate) fn plain_for(&self, row: &Row, position: usize, scope: &Scope<'_>) -> String {
        let around = Around::new(Item::Row(row, position), None);
        plain(&self.0.parts, &At::new(scope).label(&around))
    }

    /// A text without expressions.
    pub fn fixed(words: impl Into<String>) -> Self {
        Self::of(vec![Part::Words(words.into().into())], BTreeSet::new())
    }

    fn of(parts: Vec<Part>, reads: BTreeSet<String>) -> Self {
        let html = OnceLock::new();
        Self(Box::new(Inner {
            parts,
            other: None,
            reads,
            html,
        }))
    }

    /// The same text, known to be in the language of this tag, which is not that of its flow.
    pub(crate) fn in_language(mut self, tag: &Arc<str>) -> Self {
        self.0.other = Some(Arc::clone(tag));
        self
    }

    /// On a page it says which language it is in, where that is not the page's.
    fn said(&self, text: String, scope: &Scope<'_>) -> String {
        match &self.0.other {
            Some(tag) if scope.on_page => marks::in_language(&text, tag),
            _ => text,
        }
    }

    /// The fields that it reads.
    pub fn reads(&self) -> &BTreeSet<String> {
        &self.0.reads
    }

    /// What it reads of the items of lists.
    pub(crate) fn cells(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        cells(&self.0.parts, &mut found);
        found
    }

    /// Whether all that it prints has a value.
    pub fn is_known(&self, scope: &Scope<'_>) -> bool {
        let at = At::new(scope);
        let mut parts = self.0.parts.iter();
        parts.all(|part| match part {
            Part::Put(node) => eval(node, &at).is_some(),
            Part::Words(_) | Part::If(..) | Part::For(..) | Part::Items(..) => true,
        })
    }

    /// As one plain string, not escaped for HTML; at most [`limits::TEXT_BYTES`].
    pub fn plain(&self, scope: &Scope<'_>) -> String {
        if let [Part::Words(words)] = self.0.parts.as_slice() {
            return self.said(words.to_string(), scope);
        }
        self.said(plain(&self.0.parts, &At::new(scope)), scope)
    }

    /// As HTML, the words read as Markdown (raw HTML in them is shown as text).
    pub fn html(&self, scope: &Scope<'_>) -> String {
        if let [Part::Words(words)] = self.0.parts.as_slice() {
            let html = self.0.html.get_or_init(|| markdown::render(words, &[])).clone();
            return self.said(html, scope);
        }
        let (mut source, mut values, mut size) = (String::new(), Vec::new(), 0);
        fill(&self.0.parts, &At::new(scope), &mut |piece| {
            match piece {
                Piece::Words(words) => {
                    size += words.len();
                    source.extend(words.chars().map(markdown::without_stand_ins));
                }
                Piece::Value(value) => {
                    size += value.len();
                    source.extend(markdown::stand_in(values.len()));
                    values.push(value);
                }
            }
            size < limits::TEXT_BYTES
        });
        self.said(markdown::render(&source, &values), scope)
    }
}

fn plain(parts: &[Part], at: &At<'_>) -> String {
    let mut out = String::new();
    fill(parts, at, &mut |piece| {
        match piece {
            Piece::Words(words) => out.push_str(words),
            Piece::Value(value) => out.push_str(&value),
        }
        out.len() < limits::TEXT_BYTES
    });
    out.truncate(out.floor_char_boundary(limits::TEXT_BYTES));
    out
}

enum Piece<'a> {
    Words(&'a str),
    Value(String),
}

/// Hands out the pieces of a text in order, until told to stop.
fn fill(parts: &[Part], at: &At<'_>, put: &mut dyn FnMut(Piece<'_>) -> bool) -> bool {
    parts.iter().all(|part| match part {
        Part::Words(words) => put(Piece::Words(words)),
        Part::Put(node) => match eval(node, at) {
            Some(value) => put(Piece::Value(at.printed(&value))),
            None => true,
        },
        Part::If(condition, then, otherwise) => {
            let chosen = if holds(condition, at) { then } else { otherwise };
            fill(chosen, at, put)
        }
        Part::For(list, body) => {
            let list = eval(list, at);
            list.as_deref()
                .map_or_else(Vec::new, Value::entries)
                .iter()
                .all(|entry| {
                    let around = Around::new(Item::Entry(Value::Text((*entry).to_owned())), at.around);
                    fill(body, &at.inside(&around), put)
                })
        }
        Part::Items(list, body) => rows(list, at, &mut |row, position| {
            let around = Around::new(Item::Row(row, position), at.around);
            fill(body, &at.inside(&around), put)
        }),
    })
}

fn cells<'a>(parts: &'a [Part], found: &mut BTreeSet<&'a str>) {
    for part in parts {
        match part {
            Part::Words(_) => {}
            Part::Put(node) => node.cells(found),
            Part::If(node, then, other) => {
                node.cells(found);
                cells(then, found);
                cells(other, found);
            }
            Part::For(node, body) | Part::Items(node, body) => {
                node.cells(found);
                cells(body, found);
            }
        }
    }
}
