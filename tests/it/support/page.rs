//! A page as a browser holds it: what is read on it, its links, buttons and boxes.

use super::html::{Element, parse};
use super::wire::Answer;

/// A page as it came.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address that it came from, from the slash on.
    pub target: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub html: String,
    pub root: Element,
    /// What the parser complained of.
    pub errors: Vec<String>,
}

impl Page {
    pub(super) fn of(target: &str, answer: Answer) -> Self {
        let html = answer.text();
        let (root, errors) = parse(&html);
        Self {
            target: target.to_owned(),
            status: answer.status,
            headers: answer.headers,
            html,
            root,
            errors,
        }
    }

    /// What is read on it.
    pub fn text(&self) -> String {
        self.root.named("body").next().map(Element::text).unwrap_or_default()
    }

    /// The first heading.
    pub fn heading(&self) -> String {
        self.root.named("h1").next().map(Element::text).unwrap_or_default()
    }

    /// The value of a hidden field of the first form that has it.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let fields = self.root.named("input");
        let mut found = fields.filter(|i| i.attribute("type") == Some("hidden") && i.attribute("name") == Some(name));
        found
            .next()
            .map(|input| input.attribute("value").unwrap_or_default().to_owned())
    }

    /// After how many seconds it asks again by itself, and for what.
    pub fn refresh(&self) -> Option<String> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("refresh"))?;
        Some(found.1.clone())
    }

    /// The words on its buttons, in order.
    pub fn buttons(&self) -> Vec<String> {
        self.root
            .all()
            .into_iter()
            .filter(|e| submits(e))
            .map(words_on)
            .collect()
    }

    /// The names of its links, as a screen reader says them, in order.
    pub fn links(&self) -> Vec<String> {
        self.root.named("a").map(name_of).collect()
    }

    /// The input that a label is for; the label's text must be `label`, or begin with it.
    pub(super) fn input(&self, group: Option<&str>, label: &str) -> &Element {
        let all = match group {
            Some(group) => self.group(group).all(),
            None => self.root.all(),
        };
        let labels: Vec<_> = all.into_iter().filter(|e| e.name == "label").collect();
        let exact = labels.iter().find(|l| l.text() == label);
        let found = exact.or_else(|| labels.iter().find(|l| l.text().starts_with(label)));
        let found = found.unwrap_or_else(|| {
            let there: Vec<_> = labels.iter().map(|l| l.text()).collect();
            panic!(
                "no label `{label}` on `{}` ({}); there are {there:?}",
                self.heading(),
                self.status
            )
        });
        match found.attribute("for") {
            Some(id) => self.by_id(id),
            None => found
                .all()
                .into_iter()
                .find(|e| matches!(e.name.as_str(), "input" | "select" | "textarea"))
                .expect("a label is for something"),
        }
    }

    fn group(&self, legend: &str) -> &Element {
        let is_it = |f: &&Element| f.named("legend").next().is_some_and(|l| l.text().starts_with(legend));
        self.root
            .named("fieldset")
            .find(is_it)
            .unwrap_or_else(|| panic!("no group `{legend}` on `{}`", self.heading()))
    }

    /// The element with this id.
    pub fn by_id(&self, id: &str) -> &Element {
        self.root
            .all()
            .into_iter()
            .find(|e| e.attribute("id") == Some(id))
            .unwrap_or_else(|| panic!("no element `{id}` on `{}`", self.heading()))
    }
}

pub(super) fn submits(element: &Element) -> bool {
    match element.name.as_str() {
        "button" => element.attribute("type").is_none_or(|kind| kind == "submit"),
        "input" => element.attribute("type") == Some("submit"),
        _ => false,
    }
}

/// Its name as a screen reader says it.
pub(super) fn name_of(element: &Element) -> String {
    element
        .attribute("aria-label")
        .map_or_else(|| element.text(), str::to_owned)
}

pub(super) fn words_on(button: &Element) -> String {
    if button.name == "input" {
        button.attribute("value").unwrap_or_default().to_owned()
    } else {
        button.text()
    }
}
