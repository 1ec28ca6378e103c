//! A browser that nobody tuned to Deity: it parses the page, fills in what it finds by its label,
//! and sends what HTML says that a form sends.

use std::net::SocketAddr;

use super::agent::{Agent, Ask};
use super::html::Element;
pub use super::page::Page;
use super::page::{name_of, submits, words_on};
use super::wire::{Answer, Connection, Passage, Until, raw, read, urlencoded};

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
    agent: Agent,
    connection: Connection,
    /// When the person has waited long enough.
    until: Option<Until>,
    /// What each request took on its way, for agents whose sizes are somebody's.
    pub passages: Vec<Passage>,
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
            agent: Agent::Plain,
            connection: Connection::default(),
            until: None,
            passages: Vec::new(),
        }
    }

    /// A new window of a certain browser's, that shows nothing yet.
    pub fn of(agent: Agent, address: SocketAddr) -> Self {
        Self {
            agent,
            headers: Vec::new(),
            ..Self::blank(address)
        }
    }

    /// The person waits no longer than this for an answer.
    pub fn waits(mut self, until: Until) -> Self {
        self.until = Some(until);
        self
    }

    /// The connection that is kept, if one is.
    pub fn connection(&self) -> &Connection {
        &self.connection
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
        self.asks("GET", target, "", false)
    }

    /// Clicks a link by its words.
    pub fn follow(&mut self, words: &str) -> &Page {
        let target = self.link(words);
        self.asks("GET", &target, "", true)
    }

    /// Where a link leads, by its words.
    pub fn link(&self, words: &str) -> String {
        let links: Vec<_> = self.page.root.named("a").collect();
        let link = links
            .iter()
            .find(|a| a.text() == words || name_of(a) == words)
            .or_else(|| links.iter().find(|a| name_of(a).contains(words)))
            .unwrap_or_else(|| panic!("no link `{words}`; there are {:?}", self.page.links()));
        self.resolved(link.attribute("href").unwrap_or_default())
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
        // One that is not shown is pressed by Enter alone.
        let seen = |e: &Element, words: &str| e.attribute("hidden").is_none() && words_on(e) == words;
        let fits = |e: &Element| submits(e) && words.is_none_or(|words| seen(e, words));
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
        if method == "POST" {
            self.asks("POST", target, &urlencoded(fields), true)
        } else {
            let path = target.split('?').next().unwrap_or_default();
            let target = format!("{path}?{}", urlencoded(fields));
            self.asks("GET", &target, "", true)
        }
    }

    fn asks(&mut self, method: &str, target: &str, body: &str, from_page: bool) -> &Page {
        if let Err(why) = self.ask(method, target, body, from_page) {
            panic!("{method} {}: {why}", target.split('?').next().unwrap_or_default());
        }
        &self.page
    }

    /// Sends a request; where no answer comes, the page stays as it is, with what was typed.
    pub fn ask(&mut self, method: &str, target: &str, body: &str, from_page: bool) -> std::io::Result<()> {
        let from = from_page.then_some(self.page.target.as_str());
        let ask = Ask {
            server: self.address,
            method,
            target,
            from,
            body,
        };
        let request = self.agent.writes(&ask, &self.headers);
        let answer = if self.agent == Agent::Plain {
            raw(self.address, &request)?
        } else {
            let (keeps, until) = (self.agent.keeps(), self.until.as_ref());
            let (answer, passage) = self.connection.exchange(self.address, &request, keeps, until)?;
            self.passages.push(passage);
            answer
        };
        self.requests += 1;
        self.page = Page::of(target, read(&answer)?);
        self.typed.clear();
        Ok(())
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

    /// What stands in the box of that name.
    pub fn holds(&self, name: &str) -> String {
        let all = self.page.root.all();
        let control = all.into_iter().find(|e| e.attribute("name") == Some(name));
        self.value(control.unwrap_or_else(|| panic!("no box `{name}` on `{}`", self.page.heading())))
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
