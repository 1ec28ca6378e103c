//! The office's mark: an SVG of a list of elements and attributes, written anew.
//!
//! Owns the list: what is not on it is a fault, so that nothing in a mark can run, fetch, lead
//! somewhere or change how the page looks beside it. Must not know files or pages.

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use roxmltree::{Attribute, Document, Node, NodeType, ParsingOptions};

use crate::limits;

/// The namespace of SVG.
const SVG: &str = "http://www.w3.org/2000/svg";
/// The elements that a mark may have.
const ELEMENTS: [&str; 9] = [
    "g", "path", "circle", "ellipse", "rect", "line", "polyline", "polygon", "title",
];
const NUMBERS: [&str; 3] = ["d", "viewBox", "points"];
const LENGTHS: [&str; 14] = [
    "stroke-width",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "width",
    "height",
];
const COLOURS: [&str; 2] = ["fill", "stroke"];

/// Something that a mark may not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    /// What is wrong, in one line.
    pub(super) message: String,
    /// Where, in bytes of the mark.
    pub(super) span: Range<usize>,
    /// What would be right.
    pub(super) help: String,
}

/// The mark as it stands in pages: written from what was read, and from nothing else.
pub(super) fn clean(source: &str) -> Result<String, Vec<Flaw>> {
    if source.len() > limits::MARK_SOURCE_BYTES {
        let message = format!("the mark has {} bytes", source.len());
        return Err(vec![too_much(&message, source)]);
    }
    let options = ParsingOptions {
        allow_dtd: false,
        ..ParsingOptions::default()
    };
    let read = match Document::parse_with_options(source, options) {
        Ok(read) => read,
        Err(why) => return Err(vec![unread(source, &why)]),
    };
    let mut writing = Writing::default();
    if read.descendants().count() > limits::MARK_ELEMENTS {
        let message = format!("the mark has more than {} parts", limits::MARK_ELEMENTS);
        return Err(vec![too_much(&message, source)]);
    }
    for node in read.root().children() {
        writing.node(node);
    }
    let Writing { out, mut flaws } = writing;
    if flaws.is_empty() {
        let packed = packed(&out);
        if packed > limits::MARK_BYTES {
            flaws.push(too_much(&format!("the mark packs to {packed} bytes"), source));
        }
    }
    if flaws.is_empty() { Ok(out) } else { Err(flaws) }
}

fn too_much(message: &str, source: &str) -> Flaw {
    Flaw {
        message: format!("{message}: at most {} are possible, packed", limits::MARK_BYTES),
        span: 0..source.len(),
        help: "draw it with fewer points, and round their numbers: it goes down a slow line".to_owned(),
    }
}

fn unread(source: &str, why: &roxmltree::Error) -> Flaw {
    let at = offset(source, why.pos());
    let (message, help) = match why {
        roxmltree::Error::DtdDetected => (
            "the mark has a DOCTYPE".to_owned(),
            "take it out, with all that it declares".to_owned(),
        ),
        other => (
            format!("the mark is no XML: {other}"),
            "write a whole <svg> element, with every attribute in quotes".to_owned(),
        ),
    };
    Flaw {
        message,
        span: at..at,
        help,
    }
}

/// Bytes before a line and a column, both from 1; columns are characters.
fn offset(source: &str, at: roxmltree::TextPos) -> usize {
    let (row, column) = (at.row as usize, at.col as usize);
    let before: usize = source
        .split_inclusive('\n')
        .take(row.saturating_sub(1))
        .map(str::len)
        .sum();
    let line = source.get(before..).unwrap_or_default();
    let into = line
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(line.len(), |(at, _)| at);
    before + into
}

/// Bytes of the mark in a page that is packed. Deflate is the worse of the two that browsers get.
fn packed(mark: &str) -> usize {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(mark.as_bytes()).and_then(|()| encoder.finish());
    written.map_or(usize::MAX, |bytes| bytes.len())
}

#[derive(Default)]
struct Writing {
    out: String,
    flaws: Vec<Flaw>,
}

impl Writing {
    fn flaw(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.flaws.push(Flaw {
            message: message.into(),
            span,
            help: help.into(),
        });
    }

    fn node(&mut self, node: Node<'_, '_>) {
        match node.node_type() {
            NodeType::Element => self.element(node),
            NodeType::Text if node.text().unwrap_or_default().trim().is_empty() => {}
            NodeType::Text => self.flaw(
                node.range(),
                "the mark has words",
                "words stand in <title> only: take them out",
            ),
            NodeType::Comment => self.flaw(node.range(), "the mark has a comment", "take it out"),
            NodeType::PI => self.flaw(node.range(), "the mark has a processing instruction", "take it out"),
            NodeType::Root => {}
        }
    }

    fn element(&mut self, node: Node<'_, '_>) {
        let tag = node.tag_name();
        let name = tag.name();
        let root = node.parent().is_some_and(|parent| parent.is_root());
        let known = if root { name == "svg" } else { ELEMENTS.contains(&name) };
        let ours = tag.namespace().is_none_or(|space| space == SVG);
        if !known || !ours {
            let help = if root {
                "a mark is one <svg> element".to_owned()
            } else {
                format!("take it out: a mark may have {}", ELEMENTS.join(", "))
            };
            return self.flaw(node.range(), format!("the mark has `{name}`"), help);
        }
        for space in node.namespaces() {
            if space.uri() != SVG || space.name().is_some() {
                let declared = space.name().map_or("xmlns".to_owned(), |name| format!("xmlns:{name}"));
                self.flaw(
                    node.range(),
                    format!("the mark has `{declared}`"),
                    "take it out, with all that begins with its name",
                );
                break;
            }
        }
        if root && !node.attributes().any(|attribute| attribute.name() == "viewBox") {
            self.flaw(
                node.range(),
                "the mark has no `viewBox`",
                "add viewBox=\"0 0 24 24\", with the size of the drawing",
            );
        }
        self.put("<");
        self.put(name);
        if name == "svg" {
            // The office's name stands behind it: read aloud, it would be said twice.
            self.put(" aria-hidden=\"true\"");
        }
        for attribute in node.attributes() {
            self.attribute(name, attribute);
        }
        self.content(node, name);
    }

    fn content(&mut self, node: Node<'_, '_>, name: &str) {
        if name == "title" {
            self.put(">");
            for child in node.children() {
                if child.is_text() {
                    self.escaped(child.text().unwrap_or_default());
                } else {
                    self.node(child);
                }
            }
            return self.put("</title>");
        }
        if !node.has_children() {
            return self.put("/>");
        }
        self.put(">");
        for child in node.children() {
            self.node(child);
        }
        self.put("</");
        self.put(name);
        self.put(">");
    }

    fn attribute(&mut self, element: &str, attribute: Attribute<'_, '_>) {
        let (name, value) = (attribute.name(), attribute.value());
        let Some(good) = rule(name).filter(|_| attribute.namespace().is_none()) else {
            let all = [&NUMBERS[..], &LENGTHS, &COLOURS, &["transform"]].concat().join(", ");
            return self.flaw(
                attribute.range(),
                format!("`{element}` of the mark has `{name}`"),
                format!("take it out: an element may have {all}"),
            );
        };
        if !good(value) {
            return self.flaw(
                attribute.range(),
                format!(
                    "`{name}` of the mark cannot be `{}`",
                    value.chars().take(40).collect::<String>()
                ),
                "write numbers, or for a colour its name, # and digits, none or currentColor",
            );
        }
        self.put(" ");
        self.put(name);
        self.put("=\"");
        self.escaped(&value.split_whitespace().collect::<Vec<_>>().join(" "));
        self.put("\"");
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' | '<' | '>' | '"' | '\'' => {
                    let written = write!(self.out, "&#{};", u32::from(c));
                    debug_assert!(written.is_ok(), "a String takes everything");
                }
                _ => self.out.push(c),
            }
        }
    }
}

/// What a value of that attribute must be; `None` for one that a mark may not have.
fn rule(name: &str) -> Option<fn(&str) -> bool> {
    if NUMBERS.contains(&name) {
        Some(drawn)
    } else if LENGTHS.contains(&name) {
        Some(length)
    } else if COLOURS.contains(&name) {
        Some(colour)
    } else {
        (name == "transform").then_some(moved)
    }
}

/// Letters of a path, and numbers.
fn drawn(value: &str) -> bool {
    value.chars().all(|c| "MmLlHhVvCcSsQqTtAaZz".contains(c) || numeric(c))
}

fn numeric(c: char) -> bool {
    c.is_ascii_digit() || "+-.,eE \t\r\n".contains(c)
}

fn length(value: &str) -> bool {
    let number = value.trim().trim_end_matches("px").trim_end_matches('%');
    !number.is_empty() && number.parse::<f64>().is_ok_and(f64::is_finite)
}

fn colour(value: &str) -> bool {
    let value = value.trim();
    match value.strip_prefix('#') {
        Some(digits) => matches!(digits.len(), 3 | 6) && digits.chars().all(|c| c.is_ascii_hexdigit()),
        None => !value.is_empty() && value.chars().all(|c| c.is_ascii_alphabetic()),
    }
}

/// `translate(1 2) scale(.5)`.
fn moved(value: &str) -> bool {
    let known = ["matrix", "translate", "scale", "rotate", "skewX", "skewY"];
    let (list, rest) = value.rsplit_once(')').unwrap_or(("", value));
    rest.trim().is_empty()
        && list.split(')').all(|one| {
            one.split_once('(').is_some_and(|(name, numbers)| {
                known.contains(&name.trim().trim_start_matches(',').trim()) && numbers.chars().all(numeric)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_drawing_is_written_anew() {
        let source = "<?xml version='1.0'?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox='0 0 9  6'>\n  <title>A &amp; B</title>\n  \
                      <g fill=\"#fff\" transform='translate(1, 2) scale(.5)'><path d='M0 6\n 3 1l2 3 1-2 3 4'/></g></svg>";
        assert_eq!(
            clean(source).unwrap(),
            "<svg aria-hidden=\"true\" viewBox=\"0 0 9 6\"><title>A &#38; B</title><g fill=\"#fff\" transform=\"translate(1, 2) scale(.5)\">\
             <path d=\"M0 6 3 1l2 3 1-2 3 4\"/></g></svg>"
        );
    }

    #[test]
    fn a_flaw_is_told_where_it_stands() {
        let source = "<svg viewBox='0 0 9 6'>\n <path d='M0 0' onclick='x()'/>\n</svg>";
        let flaws = clean(source).unwrap_err();
        assert_eq!(flaws.len(), 1);
        assert_eq!(&source[flaws[0].span.clone()], "onclick='x()'");
    }
}
