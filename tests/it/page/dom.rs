//! A page as a browser reads it: parsed by html5ever, flattened into elements in order.

use std::collections::{BTreeMap, BTreeSet};

use html5ever::tendril::TendrilSink as _;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    /// All text in it, that of its descendants too.
    pub text: String,
    pub parent: Option<usize>,
}

impl Element {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }

    pub fn hidden(&self) -> bool {
        self.get("type") == Some("hidden")
    }

    fn is_control(&self) -> bool {
        ["input", "select", "textarea"].contains(&self.name.as_str()) && !self.hidden()
    }
}

pub struct Dom {
    pub errors: Vec<String>,
    pub elements: Vec<Element>,
}

impl Dom {
    pub fn of(html: &str) -> Self {
        let options = ParseOpts {
            tree_builder: TreeBuilderOpts {
                exact_errors: true,
                scripting_enabled: false,
                ..TreeBuilderOpts::default()
            },
            ..ParseOpts::default()
        };
        let dom = parse_document(RcDom::default(), options).one(html);
        let mut elements = Vec::new();
        flatten(&dom.document, None, &mut elements);
        Self {
            errors: dom.errors.borrow().iter().map(ToString::to_string).collect(),
            elements,
        }
    }

    pub fn all(&self, name: &'static str) -> impl Iterator<Item = &Element> {
        self.elements.iter().filter(move |e| e.is(name))
    }

    pub fn one(&self, name: &'static str) -> &Element {
        let mut all = self.all(name);
        let found = all.next().unwrap_or_else(|| panic!("there is no <{name}>"));
        assert!(all.next().is_none(), "there is more than one <{name}>");
        found
    }

    pub fn id(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|e| e.get("id") == Some(id))
    }

    pub fn links(&self) -> impl Iterator<Item = &Element> {
        self.all("a").filter(|a| a.get("href").is_some())
    }

    /// Whether element `n` stands in element `outer`.
    pub fn within(&self, mut n: usize, outer: usize) -> bool {
        while let Some(parent) = self.elements[n].parent {
            if parent == outer {
                return true;
            }
            n = parent;
        }
        false
    }

    /// What stands in element `outer`.
    pub fn inside(&self, outer: usize) -> impl Iterator<Item = &Element> {
        (0..self.elements.len())
            .filter(move |n| self.within(*n, outer))
            .map(|n| &self.elements[n])
    }

    /// The numbers of the forms.
    pub fn forms(&self) -> Vec<usize> {
        (0..self.elements.len())
            .filter(|n| self.elements[*n].is("form"))
            .collect()
    }

    /// The shape: names and attribute names in order, without words and values.
    pub fn shape(&self) -> Vec<(String, Vec<String>, Option<usize>)> {
        let shape = |e: &Element| (e.name.clone(), e.attributes.keys().cloned().collect(), e.parent);
        self.elements.iter().map(shape).collect()
    }
}

fn flatten(node: &Handle, parent: Option<usize>, elements: &mut Vec<Element>) -> String {
    let mut here = parent;
    if let NodeData::Element { name, attrs, .. } = &node.data {
        elements.push(Element {
            name: name.local.to_string(),
            attributes: attrs
                .borrow()
                .iter()
                .map(|a| (a.name.local.to_string(), a.value.to_string()))
                .collect(),
            text: String::new(),
            parent,
        });
        here = Some(elements.len() - 1);
    }
    let mut text = String::new();
    if let NodeData::Text { contents } = &node.data {
        text.push_str(&contents.borrow());
    }
    for child in node.children.borrow().iter() {
        text.push_str(&flatten(child, here, elements));
    }
    if let Some(here) = here.filter(|_| here != parent) {
        elements[here].text.clone_from(&text);
    }
    text
}

/// Everything that every page must be, whatever it shows.
pub fn sound(html: &str, private: bool) -> Dom {
    let dom = sound_text(html, private);
    let all: Vec<_> = dom.all("style").collect();
    assert!(all.len() == 1 && !all[0].text.is_empty(), "no style in\n{html}");
    let faults = style(&dom);
    assert!(faults.is_empty(), "{faults:#?} in\n{html}");
    dom
}

/// The same of a page for who shows no style.
pub fn sound_text(html: &str, private: bool) -> Dom {
    let dom = Dom::of(html);
    assert!(dom.errors.is_empty(), "parse errors {:?} in\n{html}", dom.errors);
    let faults: Vec<String> = [
        head(&dom),
        references(&dom),
        labels(&dom),
        nothing_else(&dom, private),
        forms(&dom),
    ]
    .concat();
    assert!(faults.is_empty(), "{faults:#?} in\n{html}");
    dom
}

fn head(dom: &Dom) -> Vec<String> {
    let mut faults = Vec::new();
    for name in ["h1", "title", "main"] {
        let all: Vec<_> = dom.all(name).collect();
        if all.len() != 1 || all[0].text.trim().is_empty() {
            faults.push(format!("{} <{name}> with text", all.len()));
        }
    }
    if dom.one("html").get("lang").is_none_or(str::is_empty) {
        faults.push("no lang".to_owned());
    }
    faults
}

fn references(dom: &Dom) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    for id in dom.elements.iter().filter_map(|e| e.get("id")) {
        if !ids.insert(id) {
            faults.push(format!("the id {id} twice"));
        }
    }
    for element in &dom.elements {
        let here = element.get("href").and_then(|href| href.strip_prefix('#'));
        let described = element.get("aria-describedby").unwrap_or_default().split_whitespace();
        for id in here.into_iter().chain(described).chain(element.get("for")) {
            if !ids.contains(id) {
                faults.push(format!("<{}> refers to {id}, which is not there", element.name));
            }
        }
    }
    faults
}

fn labels(dom: &Dom) -> Vec<String> {
    let mut faults = Vec::new();
    for (n, control) in dom.elements.iter().enumerate().filter(|(_, e)| e.is_control()) {
        let by_id = dom
            .all("label")
            .any(|l| l.get("for").is_some() && l.get("for") == control.get("id") && !l.text.trim().is_empty());
        let around = (0..dom.elements.len()).any(|outer| {
            dom.elements[outer].is("label") && dom.within(n, outer) && !dom.elements[outer].text.trim().is_empty()
        });
        if !by_id && !around {
            faults.push(format!("{:?} has no label", control.attributes));
        }
    }
    for (n, fieldset) in dom.elements.iter().enumerate().filter(|(_, e)| e.is("fieldset")) {
        let first = dom.elements.iter().find(|e| e.parent == Some(n));
        if first.is_none_or(|e| !e.is("legend") || e.text.trim().is_empty()) {
            faults.push(format!("a fieldset without legend: {}", fieldset.text));
        }
    }
    for button in dom.all("button").chain(dom.links()) {
        if button.text.trim().is_empty() {
            faults.push("a button or link without words".to_owned());
        }
    }
    faults
}

/// The elements that pages are made of.
const KNOWN: &[&str] = &[
    "html",
    "head",
    "meta",
    "link",
    "title",
    "style",
    "body",
    "header",
    "main",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "div",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "a",
    "form",
    "fieldset",
    "legend",
    "label",
    "input",
    "select",
    "option",
    "textarea",
    "button",
    "small",
    "span",
    "footer",
    "nav",
    "svg",
    "path",
    "b",
    "bdi",
    "strong",
    "em",
    "br",
    "hr",
    "details",
    "summary",
    "blockquote",
    "code",
    "pre",
];

/// No script, no request for anything, nothing that only some browsers hide.
fn nothing_else(dom: &Dom, private: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for element in &dom.elements {
        if !KNOWN.contains(&element.name.as_str()) {
            faults.push(format!("a <{}>", element.name));
        }
        for (name, value) in &element.attributes {
            // The button that Enter presses in place of the first that is seen.
            if name == "hidden" && element.is("button") {
                continue;
            }
            if name.starts_with("on") || ["style", "hidden", "src", "formaction", "ping"].contains(&name.as_str()) {
                faults.push(format!("{name}={value} on <{}>", element.name));
            }
        }
        if private && element.get("href").is_some_and(|href| href.contains("ID=")) {
            faults.push("an id in a link of a private flow".to_owned());
        }
    }
    faults
}

/// A form carries its ids under exactly these names, and its action in one of two ways.
fn forms(dom: &Dom) -> Vec<String> {
    let mut faults = Vec::new();
    for form in dom.forms() {
        let action = dom.elements[form].get("action").unwrap_or_default();
        let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        // That of a start page may say a language.
        let path = action.split_once("?lang=").map_or(action, |(path, _)| path);
        if path.is_empty() || !path.chars().all(name) {
            faults.push(format!(
                "a form that leads to `{action}`, which is no last segment of a flow's path"
            ));
        }
        let count = |name: &str, hidden: bool| {
            dom.inside(form)
                .filter(|e| e.get("name") == Some(name) && e.hidden() == hidden)
                .count()
        };
        let buttons = dom.inside(form).filter(|e| e.is("button")).count();
        let named = count("actionID", false);
        let single = count("actionID", true) == 1 && buttons == 1 && named == 0;
        // Where nothing can be typed, nothing but a press of its button sends the form.
        let typed = dom
            .inside(form)
            .any(|e| e.is("input") && !e.hidden() || e.is("textarea") || e.is("select"));
        let several = count("actionID", true) == 0 && named == buttons && (buttons > 1 || buttons == 1 && !typed);
        if count("sessionID", true) != 1 || count("screenID", true) != 1 || !(single || several) {
            faults.push(format!("the ids of the form to {action}"));
        }
    }
    faults
}

/// Each rule of the style has something in the page that it is for.
fn style(dom: &Dom) -> Vec<String> {
    let style = &dom.one("style").text;
    // What is printed, and what has the focus, may be anything.
    let seen = style.split("@media print").next().unwrap_or_default();
    let rules = seen
        .split('}')
        .filter(|rule| rule.contains('{') && !rule.starts_with(':'));
    let mut faults = Vec::new();
    for rule in rules {
        let selectors = rule.split('{').next().unwrap_or_default();
        let used = selectors.split(',').any(|selector| {
            let first = selector.split(['>', '+', ' ', ':']).next().unwrap_or_default();
            dom.elements.iter().any(|e| match first.split_once('.') {
                Some((name, class)) => {
                    let has = e.get("class").is_some_and(|c| c.split(' ').any(|c| c == class));
                    has && (name.is_empty() || e.is(name))
                }
                None if first.starts_with('[') => {
                    let (name, value) = first.trim_matches(['[', ']']).split_once('=').unwrap_or((first, ""));
                    e.get(name.trim_matches(['[', ']']))
                        .is_some_and(|v| value.is_empty() || v == value)
                }
                None => e.is(first),
            })
        });
        if !used {
            faults.push(format!("a rule for nothing: {rule}}}"));
        }
    }
    faults
}
