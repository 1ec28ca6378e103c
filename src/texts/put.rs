//! Texts put into the files of translations, which stay as they are otherwise.
//!
//! Owns where a new text goes: behind those that stand before it in the flow. Must not know where texts come from.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr as _;

use toml_edit::{DocumentMut, InlineTable, Item, Key, Table, TableLike, Value};

use super::bring::{Brought, Taken};
use super::{Entry, context, words};
use crate::flow::bundle;
use crate::flow::translated::MADE_FROM;

/// A definition with texts put into its files.
#[derive(Debug)]
pub struct Put {
    /// With all its files, as one text.
    pub source: String,
    /// The files that are others now: the part (`None` is the flow's own), and what stands in its translation.
    pub files: Vec<(Option<String>, String)>,
}

/// Puts what was brought into the files of that language.
///
/// # Errors
/// Words on why a file cannot be written: it is no TOML, or has something else where a text would stand.
pub fn put(source: &str, language: &str, entries: &[Entry], brought: &Brought<'_>) -> Result<Put, String> {
    let mut by_part: BTreeMap<Option<&str>, Vec<&Taken<'_>>> = BTreeMap::new();
    for taken in &brought.taken {
        by_part.entry(taken.entry.part.as_deref()).or_default().push(taken);
    }
    if !by_part.is_empty() {
        // A flow has a language if its own file is there.
        by_part.entry(None).or_default();
    }
    let (mut whole, mut files) = (source.to_owned(), Vec::new());
    for (part, taken) in by_part {
        let pieces = bundle::pieces(source);
        let piece = pieces
            .iter()
            .find(|piece| piece.part == part && piece.language == Some(language));
        let own: Vec<&Entry> = entries.iter().filter(|entry| entry.part.as_deref() == part).collect();
        let (start, before) = piece.map_or((0, ""), |piece| (piece.range.start, piece.text(source)));
        let text = file(before, start, &own, &taken)?;
        if text != before || piece.is_none() {
            whole = bundle::replaced(&whole, part, language, &text);
            files.push((part.map(str::to_owned), text));
        }
    }
    Ok(Put { source: whole, files })
}

/// Why a file of texts in that language cannot be read, if one cannot: its part, the line from 1, and words.
pub fn broken(source: &str, language: &str) -> Option<(Option<String>, usize, String)> {
    let pieces = bundle::pieces(source);
    let mut own = pieces.iter().filter(|piece| piece.language == Some(language));
    own.find_map(|piece| {
        let text = piece.text(source);
        let why = toml_edit::Document::parse(text.strip_prefix('\u{feff}').unwrap_or(text)).err()?;
        let before = why.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Some((piece.part.map(str::to_owned), line, why.message().to_owned()))
    })
}

/// The text of one file, which begins there in the whole.
fn file(before: &str, start: usize, own: &[&Entry], taken: &[&Taken<'_>]) -> Result<String, String> {
    let mut text = before.to_owned();
    // From the last to the first: what comes before stays where it is.
    let mut changed: Vec<_> = taken
        .iter()
        .filter_map(|taken| Some((taken.entry.translated.as_ref()?.span.clone(), taken)))
        .collect();
    changed.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, taken) in changed {
        let range = span.start.saturating_sub(start)..span.end.saturating_sub(start);
        let stands = text.get(range.clone());
        let stands = stands.ok_or_else(|| format!("there is no place for `{}`", taken.entry.key))?;
        if super::bare(&taken.text) != taken.entry.translation() {
            let new = words::string(&taken.text);
            debug_assert!(!stands.is_empty(), "a string has quotes");
            text.replace_range(range, &new);
        }
    }
    let (mark, rest) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text.as_str()),
    };
    let mut document = DocumentMut::from_str(rest).map_err(|why| why.message().to_owned())?;
    for taken in taken.iter().filter(|taken| taken.entry.translated.is_none()) {
        let path = &taken.entry.said.path;
        let tables = match path.first() {
            Some(first) if first == "texts" => 1,
            _ => context::tables(path),
        };
        let text = &taken.text;
        let new = Putting {
            own,
            path,
            tables,
            text,
        };
        new.put(&mut Node::root(&mut document), 0)
            .ok_or_else(|| format!("something else stands where `{}` would", taken.entry.key))?;
    }
    marks(&mut document, own, taken).ok_or_else(|| format!("`{MADE_FROM}` is no table"))?;
    let written = document.to_string();
    let written = if before.contains("\r\n") {
        written.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        written
    };
    Ok(format!("{mark}{written}"))
}

/// Says of each text what it was made from.
fn marks(document: &mut DocumentMut, own: &[&Entry], taken: &[&Taken<'_>]) -> Option<()> {
    if taken.is_empty() {
        return Some(());
    }
    if !document.contains_key(MADE_FROM) {
        let mut table = Table::new();
        table.set_position(Some(last_position(document).saturating_add(1)));
        document.insert(MADE_FROM, Item::Table(table));
    }
    let mut node = Node::of(document.get_mut(MADE_FROM)?)?;
    let order: Vec<&str> = own.iter().map(|entry| entry.said.address.as_str()).collect();
    for taken in taken {
        node.set(&taken.entry.said.address, &taken.made_from, &order)?;
    }
    Some(())
}

fn last_position(table: &Table) -> isize {
    let within = table.iter().filter_map(|(_, item)| item.as_table()).map(last_position);
    within.chain(table.position()).max().unwrap_or_default()
}

/// A new text on its way to its place.
struct Putting<'p> {
    /// The texts of the file, in the order of the flow.
    own: &'p [&'p Entry],
    path: &'p [String],
    /// How many names of the path are those of a table with a line of its own.
    tables: usize,
    text: &'p str,
}

impl Putting<'_> {
    /// Puts it into a table that stands under the first names of its path; `None` where that cannot be.
    fn put(&self, node: &mut Node<'_>, depth: usize) -> Option<()> {
        let name = self.path.get(depth)?;
        let order = self.order(depth);
        if depth + 1 == self.path.len() {
            // Where the flow has a text alone there may stand a table with that.
            return match node.table.get_mut(name).and_then(Node::of) {
                Some(mut within) => within.set("label", self.text, &["label"]),
                None => node.set(name, self.text, &order),
            };
        }
        if !node.table.contains_key(name) {
            let table = self.table(node, depth);
            node.insert(name, table, &order);
        }
        let item = node.table.get_mut(name)?;
        if let Some(label) = item.as_str().map(str::to_owned) {
            // `red = "Coch"` stands for the label of an option that has more than that.
            let mut inline = InlineTable::new();
            if !label.trim().is_empty() {
                inline.insert("label", value(&label)?);
            }
            let stands = item.as_value_mut()?;
            let decor = stands.decor().clone();
            *stands = Value::InlineTable(inline);
            *stands.decor_mut() = decor;
        }
        self.put(&mut Node::of(item)?, depth + 1)
    }

    /// A new table under the name at that depth.
    fn table(&self, node: &Node<'_>, depth: usize) -> Item {
        if node.is_inline {
            let mut table = InlineTable::new();
            table.set_dotted(true);
            return Item::Value(Value::InlineTable(table));
        }
        let mut table = Table::new();
        if depth < self.tables && !node.table.is_dotted() {
            table.set_implicit(depth + 1 < self.tables);
        } else {
            table.set_dotted(true);
        }
        Item::Table(table)
    }

    /// The names that stand beside each other at that depth, in the order of the flow.
    fn order(&self, depth: usize) -> Vec<&str> {
        let before = self.path.get(..depth).unwrap_or_default();
        let beside = self
            .own
            .iter()
            .filter(|entry| entry.said.path.get(..depth) == Some(before));
        let mut names: Vec<&str> = beside
            .filter_map(|entry| entry.said.path.get(depth).map(String::as_str))
            .collect();
        let mut met = BTreeSet::new();
        names.retain(|name| met.insert(*name));
        names
    }
}

/// A table of the file.
struct Node<'t> {
    table: &'t mut dyn TableLike,
    /// It stands between `{ }`.
    is_inline: bool,
}

impl<'t> Node<'t> {
    fn root(document: &'t mut DocumentMut) -> Self {
        Self {
            table: document.as_table_mut(),
            is_inline: false,
        }
    }

    fn of(item: &'t mut Item) -> Option<Self> {
        let is_inline = item.is_inline_table();
        Some(Self {
            table: item.as_table_like_mut()?,
            is_inline,
        })
    }

    /// Sets a text; what stood there keeps the space and the remarks around it.
    fn set(&mut self, name: &str, text: &str, order: &[&str]) -> Option<()> {
        match self.table.get_mut(name) {
            Some(item) => {
                let stands = item.as_value_mut()?;
                if stands.as_str() != Some(text) {
                    let decor = stands.decor().clone();
                    *stands = value(text)?;
                    *stands.decor_mut() = decor;
                }
            }
            None => self.insert(name, Item::Value(value(text)?), order),
        }
        Some(())
    }

    /// Puts something behind what stands before it in that order, else before what stands behind it, else at the end.
    fn insert(&mut self, name: &str, item: Item, order: &[&str]) {
        let names: Vec<String> = self.table.iter().map(|(name, _)| name.to_owned()).collect();
        let place = |known: &&str| names.iter().position(|name| name == known);
        let (before, behind) = order.split_at(order.iter().position(|known| *known == name).unwrap_or(order.len()));
        let at = before.iter().rev().find_map(place).map(|at| at + 1);
        let at = at.or_else(|| behind.iter().find_map(place)).unwrap_or(names.len());
        let mut later: Vec<(Key, Item)> = Vec::new();
        for name in names.get(at..).unwrap_or_default() {
            let key = self.table.key(name).cloned();
            if let (Some(key), Some(item)) = (key, self.table.remove(name)) {
                later.push((key, item));
            }
        }
        self.table.insert(name, item);
        for (key, item) in later {
            self.table.entry_format(&key).or_insert(item);
        }
        if self.is_inline {
            self.table.fmt();
        }
    }
}

fn value(text: &str) -> Option<Value> {
    Value::from_str(&words::string(text)).ok()
}
