//! A browser that nobody tuned to Deity: it parses the page, fills in what it finds by its label,
//! and sends what HTML says that a form sends.

use std::net::SocketAddr;

use super::html::{Element, parse};
use super::wire::{Answer, send, urlencoded};

/// One window. Keeps no cookie, runs no script.
#[derive(Clone, Debug)]
pub struct Browser {
    address: SocketAddr,
    headers: Vec<(String, String)>,
    /// The page that is shown.
    pub page: Page,
    /// What was typed over the page: by element id, in the order of the document.
    typed: Vec<(String, String)>,
    /// Requests so far.
    pub requests: usize,
}

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
    fn of(target: &str, answer: Answer) -> Self {
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
    fn input(&self, group: Option<&str>, label: &str) -> &Element {
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

impl Browser {
    /// A new window at `target`.
    pub fn open(address: SocketAddr, target: &str) -> Self {
        let mut browser = Self::blank(address);
        browser.go(target);
        browser
    }

    /// A new window that shows nothing yet; it sends what Firefox sends without scripts.
    pub fn blank(address: SocketAddr) -> Self {
        let answer = Answer {
            status: 0,
            headers: Vec::new(),
            body: Vec::new(),
        };
        Self {
            address,
            headers: vec![("User-Agent".to_owned(), "a test".to_owned())],
            page: Page::of("", answer),
            typed: Vec::new(),
            requests: 0,
        }
    }

    /// The same window, once the server is back at another address.
    pub fn moved_to(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Sends a header with every request.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Types an address into the bar.
    pub fn go(&mut self, target: &str) -> &Page {
        self.ask("GET", target, "", Vec::new())
    }

    /// Clicks a link by its words.
    pub fn follow(&mut self, words: &str) -> &Page {
        let links: Vec<_> = self.page.root.named("a").collect();
        let link = links
            .iter()
            .find(|a| a.text() == words || name_of(a) == words)
            .or_else(|| links.iter().find(|a| name_of(a).contains(words)))
            .unwrap_or_else(|| panic!("no link `{words}`; there are {:?}", self.page.links()));
        let target = self.resolved(link.attribute("href").unwrap_or_default());
        let referer = vec![(
            "Referer".to_owned(),
            format!("http://{}{}", self.address, self.page.target),
        )];
        self.ask("GET", &target, "", referer)
    }

    /// Types into the box with this label.
    pub fn fill(&mut self, label: &str, value: &str) -> &mut Self {
        let input = self.page.input(None, label);
        let id = key(input);
        self.set(id, value)
    }

    /// Types into a box of a group, such as the day of a date.
    pub fn fill_in(&mut self, group: &str, label: &str, value: &str) -> &mut Self {
        let id = key(self.page.input(Some(group), label));
        self.set(id, value)
    }

    /// Types into a box by its name, where several have the same label.
    pub fn fill_named(&mut self, name: &str, value: &str) -> &mut Self {
        let input = self
            .page
            .root
            .all()
            .into_iter()
            .find(|e| e.attribute("name") == Some(name));
        let id = key(input.unwrap_or_else(|| panic!("no box `{name}` on `{}`", self.page.heading())));
        self.set(id, value)
    }

    /// Types a date into the three boxes of a group.
    pub fn fill_date(&mut self, group: &str, day: &str, month: &str, year: &str) -> &mut Self {
        self.fill_in(group, "Day", day);
        self.fill_in(group, "Month", month);
        self.fill_in(group, "Year", year)
    }

    /// Picks a radio button, ticks a checkbox, or picks an option, by its words.
    pub fn choose(&mut self, words: &str) -> &mut Self {
        let option = self.page.root.named("select").find_map(|select| {
            let option = select.named("option").find(|o| o.text() == words)?;
            Some((
                key(select),
                option.attribute("value").map_or_else(|| option.text(), str::to_owned),
            ))
        });
        if let Some((id, value)) = option {
            return self.set(id, &value);
        }
        let id = key(self.page.input(None, words));
        self.set(id, "\u{1}chosen")
    }

    /// The same within a group.
    pub fn choose_in(&mut self, group: &str, words: &str) -> &mut Self {
        let id = key(self.page.input(Some(group), words));
        self.set(id, "\u{1}chosen")
    }

    fn set(&mut self, id: String, value: &str) -> &mut Self {
        self.typed.retain(|(i, _)| *i != id);
        self.typed.push((id, value.to_owned()));
        self
    }

    /// Presses a button by its words.
    pub fn press(&mut self, words: &str) -> &Page {
        let (target, method, fields) = self.submission(Some(words));
        self.submit(&target, &method, &fields)
    }

    /// Presses Enter in a box: the first button of the form that has boxes, else of the first form.
    pub fn enter(&mut self) -> &Page {
        let (target, method, fields) = self.submission(None);
        self.submit(&target, &method, &fields)
    }

    /// What pressing would send: target, method, fields.
    pub fn submission(&self, words: Option<&str>) -> (String, String, Vec<(String, String)>) {
        let forms: Vec<_> = self.page.root.named("form").collect();
        let fits = |e: &Element| submits(e) && words.is_none_or(|words| words_on(e) == words);
        let Some((form, button)) = forms.iter().find_map(|form| {
            let button = form.all().into_iter().find(|e| fits(e))?;
            Some((form, button))
        }) else {
            panic!(
                "no button `{words:?}` on `{}` ({}); there are {:?}",
                self.page.heading(),
                self.page.status,
                self.page.buttons()
            );
        };
        let action = form.attribute("action").unwrap_or(&self.page.target);
        let method = form.attribute("method").unwrap_or("get").to_ascii_uppercase();
        (self.resolved(action), method, self.fields(form, button))
    }

    /// Sends fields that somebody made up, or kept from an older page.
    pub fn submit(&mut self, target: &str, method: &str, fields: &[(String, String)]) -> &Page {
        let referer = (
            "Referer".to_owned(),
            format!("http://{}{}", self.address, self.page.target),
        );
        let kind = (
            "Content-Type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        );
        if method == "POST" {
            let origin = ("Origin".to_owned(), format!("http://{}", self.address));
            self.ask("POST", target, &urlencoded(fields), vec![referer, kind, origin])
        } else {
            let path = target.split('?').next().unwrap_or_default();
            let target = format!("{path}?{}", urlencoded(fields));
            self.ask("GET", &target, "", vec![referer])
        }
    }

    fn ask(&mut self, method: &str, target: &str, body: &str, more: Vec<(String, String)>) -> &Page {
        let mut headers = self.headers.clone();
        headers.extend(more);
        let answer = send(self.address, method, target, &headers, body.as_bytes())
            .unwrap_or_else(|why| panic!("{method} {}: {why}", target.split('?').next().unwrap_or_default()));
        self.requests += 1;
        self.page = Page::of(target, answer);
        self.typed.clear();
        &self.page
    }

    /// What a form sends when `button` is pressed: HTML, "constructing the entry list".
    fn fields(&self, form: &Element, button: &Element) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        let picked = |e: &Element| {
            let typed = self.typed.iter().find(|(id, _)| *id == key(e));
            typed.is_some_and(|(_, value)| value == "\u{1}chosen")
        };
        for control in form.all() {
            let Some(name) = control.attribute("name").filter(|n| !n.is_empty()) else {
                continue;
            };
            if control.attribute("disabled").is_some() {
                continue;
            }
            let kind = control.attribute("type").unwrap_or("text");
            let value = match (control.name.as_str(), kind) {
                ("button", _) | ("input", "submit") => {
                    if !std::ptr::eq(control, button) {
                        continue;
                    }
                    control.attribute("value").unwrap_or_default().to_owned()
                }
                ("input", "radio") => {
                    let other = form
                        .all()
                        .into_iter()
                        .any(|e| e.attribute("name") == Some(name) && picked(e));
                    let on = if other {
                        picked(control)
                    } else {
                        control.attribute("checked").is_some()
                    };
                    if !on {
                        continue;
                    }
                    control.attribute("value").unwrap_or("on").to_owned()
                }
                ("input", "checkbox") => {
                    // A second click takes the tick away.
                    if picked(control) == control.attribute("checked").is_some() {
                        continue;
                    }
                    control.attribute("value").unwrap_or("on").to_owned()
                }
                ("input" | "textarea" | "select", _) => self.value(control),
                _ => continue,
            };
            fields.push((name.to_owned(), value));
        }
        fields
    }

    /// What stands in a box: typed by the person, else by the page.
    fn value(&self, control: &Element) -> String {
        if let Some((_, value)) = self.typed.iter().find(|(id, _)| *id == key(control)) {
            return value.replace('\n', "\r\n");
        }
        match control.name.as_str() {
            "textarea" => raw_text(control),
            "select" => {
                let options: Vec<_> = control.named("option").collect();
                let chosen = options
                    .iter()
                    .find(|o| o.attribute("selected").is_some())
                    .or(options.first());
                chosen.map_or_else(String::new, |o| {
                    o.attribute("value").map_or_else(|| o.text(), str::to_owned)
                })
            }
            _ => control.attribute("value").unwrap_or_default().to_owned(),
        }
    }

    fn resolved(&self, href: &str) -> String {
        let path = self.page.target.split('?').next().unwrap_or("/");
        match href {
            "" => path.to_owned(),
            _ if href.starts_with('/') => href.to_owned(),
            _ if href.starts_with('?') => format!("{path}{href}"),
            _ => format!("{}/{href}", path.rsplit_once('/').map_or("", |(folder, _)| folder)),
        }
    }
}

fn submits(element: &Element) -> bool {
    match element.name.as_str() {
        "button" => element.attribute("type").is_none_or(|kind| kind == "submit"),
        "input" => element.attribute("type") == Some("submit"),
        _ => false,
    }
}

/// Its name as a screen reader says it.
fn name_of(element: &Element) -> String {
    element
        .attribute("aria-label")
        .map_or_else(|| element.text(), str::to_owned)
}

fn words_on(button: &Element) -> String {
    if button.name == "input" {
        button.attribute("value").unwrap_or_default().to_owned()
    } else {
        button.text()
    }
}

/// What tells one control from another: its id, else its name and value.
fn key(control: &Element) -> String {
    let name = control.attribute("name").unwrap_or_default();
    let value = control.attribute("value").unwrap_or_default();
    control
        .attribute("id")
        .map_or_else(|| format!("{name}={value}"), str::to_owned)
}

fn raw_text(element: &Element) -> String {
    let parts = element.children.iter().filter_map(|child| match child {
        super::html::Node::Text(text) => Some(text.as_str()),
        super::html::Node::Element(_) => None,
    });
    parts.collect()
}
