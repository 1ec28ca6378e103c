//! A page as a browser's parser sees it: html5ever's tree, in a form that tests can read.

use html5ever::tendril::TendrilSink as _;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An element or a text.
#[derive(Clone, Debug)]
pub enum Node {
    Element(Element),
    Text(String),
}

/// An element with its attributes and what is in it.
#[derive(Clone, Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

/// Parses a whole document; the second is what html5ever had to complain of.
pub fn parse(html: &str) -> (Element, Vec<String>) {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
    let errors = dom.errors.borrow().iter().map(ToString::to_string).collect();
    let mut root = Element {
        name: "#document".to_owned(),
        ..Element::default()
    };
    root.take(&dom.document);
    (root, errors)
}

impl Element {
    fn take(&mut self, handle: &Handle) {
        for child in handle.children.borrow().iter() {
            match &child.data {
                NodeData::Text { contents } => self.children.push(Node::Text(contents.borrow().to_string())),
                NodeData::Element { name, attrs, .. } => {
                    let mut element = Self {
                        name: name.local.to_string(),
                        attributes: attrs
                            .borrow()
                            .iter()
                            .map(|a| (a.name.local.to_string(), a.value.to_string()))
                            .collect(),
                        children: Vec::new(),
                    };
                    element.take(child);
                    self.children.push(Node::Element(element));
                }
                _ => {}
            }
        }
    }

    /// The value of an attribute; an empty one is `Some("")`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every element in it, itself first, in the order of the document.
    pub fn all(&self) -> Vec<&Self> {
        let mut found = vec![self];
        for child in &self.children {
            if let Node::Element(element) = child {
                found.extend(element.all());
            }
        }
        found
    }

    /// Every element of that name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.all().into_iter().filter(move |element| element.name == name)
    }

    /// What is read in it, in single spaces; styles and titles are not.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.collect(&mut text);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn collect(&self, text: &mut String) {
        for child in &self.children {
            match child {
                Node::Text(words) => text.push_str(words),
                Node::Element(element) if matches!(element.name.as_str(), "style" | "title" | "script") => {}
                Node::Element(element) => {
                    let inline = matches!(
                        element.name.as_str(),
                        "a" | "b" | "strong" | "em" | "i" | "span" | "code" | "small"
                    );
                    if !inline {
                        text.push(' ');
                    }
                    element.collect(text);
                    if !inline {
                        text.push(' ');
                    }
                }
            }
        }
    }
}
