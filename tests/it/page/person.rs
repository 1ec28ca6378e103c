//! A person who goes through a flow: a browser on the engine, without sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use deity::catalog::Catalog;
use deity::engine::{Came, Engine, Reply, Request, World};
use deity::flow::{Flow, Form, Saved, SavedKind, Value};
use deity::machine::{Asked, Page, Purpose, Said};
use deity::store::Memory;
use deity::view::{self, Drawn, Visit};

use super::dom::{Dom, sound, sound_text};

pub struct Person {
    engine: Engine,
    runtime: tokio::runtime::Runtime,
    pub flow: Arc<Flow>,
    pub visit: Visit<'static>,
    clock: Arc<AtomicI64>,
    /// The page in front of them.
    pub page: Drawn,
    pub dom: Dom,
    /// The waiting pages on the way.
    pub waited: Vec<Drawn>,
    /// Decides what the callee says.
    pub mood: u64,
}

/// Names and values, as they are filled in.
pub type Filled<'a> = &'a [(&'a str, &'a str)];

impl Person {
    /// Opens the start page of `flow`.
    pub fn opens(flow: Flow) -> Self {
        Self::opens_in(flow, false)
    }

    /// The same, in a browser that shows text alone if need be.
    pub fn opens_in(flow: Flow, text: bool) -> Self {
        let visit = Visit {
            text,
            ..Visit::default()
        };
        Self::opens_as(flow, visit)
    }

    /// The same, as the request and the site say.
    pub fn opens_as(flow: Flow, visit: Visit<'static>) -> Self {
        let name = flow.name.clone();
        let catalog = Arc::new(Catalog::of([flow]));
        let flow = catalog.flow(&name).unwrap();
        let clock = Arc::new(AtomicI64::new(1_790_000_000));
        let (ticks, dice) = (Arc::clone(&clock), AtomicU64::new(1));
        let world = World {
            clock: Arc::new(move || ticks.load(Ordering::Relaxed) * 1000),
            random: Arc::new(move |bytes| {
                for byte in bytes {
                    let n = dice.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
                    *byte = (n ^ (n >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9).to_be_bytes()[0];
                }
            }),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let engine = runtime
            .block_on(Engine::open(Arc::new(Memory::new()), catalog, world, None))
            .unwrap();
        let reply = engine.start_page(&name).unwrap();
        let page = view::page(&reply, &visit);
        let dom = Self::dom_of(&page, flow.private, visit.text);
        Self {
            visit,
            engine,
            runtime,
            flow,
            clock,
            page,
            dom,
            waited: Vec::new(),
            mood: 3,
        }
    }

    fn sees(&mut self, reply: &Reply) {
        self.page = view::page(reply, &self.visit);
        self.dom = Self::dom_of(&self.page, self.flow.private, self.visit.text);
    }

    fn dom_of(page: &Drawn, private: bool, text: bool) -> Dom {
        if text {
            sound_text(&page.html, private)
        } else {
            sound(&page.html, private)
        }
    }

    /// Lets time pass.
    pub fn waits(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// What a request gets, and looks at it.
    pub fn sends(&mut self, fields: Vec<(String, String)>, post: bool, inside: bool) -> Reply {
        let take = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let ids = ["sessionID", "screenID", "actionID", "E"];
        let request = Request {
            // A start page asks for the language that it is in.
            language: self.visit.wishes.first().copied(),
            flow: self.flow.name.clone(),
            session: take("sessionID").unwrap_or_default(),
            screen: take("screenID").unwrap_or_default(),
            action: take("actionID"),
            returning: None,
            secret: deity::engine::Secret::default(),
            block: deity::engine::Block::default(),
            fields: Form(fields.into_iter().filter(|(n, _)| !ids.contains(&n.as_str())).collect()),
            post,
            came: Came::Whole,
            inside,
        };
        let mut reply = self.runtime.block_on(self.engine.answer(request.clone()));
        self.sees(&reply);
        // A callee that says yes to everything; asked for again, the page shows what came of it.
        while let Reply::Session(shown) = &reply
            && let Page::Waiting(_) = shown.showing.page
        {
            self.waited.push(self.page.clone());
            for asked in shown.session.asked.iter().filter(|asked| asked.is_open()) {
                let said = self.callee(asked);
                let report = self.engine.report(shown.session.at, asked.number, said);
                self.runtime.block_on(report).unwrap();
            }
            reply = self.runtime.block_on(self.engine.answer(shown.again(&request)));
            self.sees(&reply);
        }
        reply
    }

    fn callee(&self, asked: &Asked) -> Said {
        let effect = self.flow.effect(&asked.effect).unwrap();
        let away = asked.away.as_ref().is_some_and(|away| away.page.is_empty());
        if effect.hand_off.is_some() && away {
            return Said::Away("https://pay.example.org/pay/rHyN8VTQICmzASdKljgV8A".to_owned());
        }
        // Mostly yes.
        let roll = (self.mood ^ u64::from(asked.number)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        match (asked.purpose, roll % 8) {
            (Purpose::Do, 0) => {
                return Said::NotDone {
                    why: "closed".to_owned(),
                    pause: None,
                    again: false,
                };
            }
            (Purpose::Do, 1) => {
                return Said::Declined {
                    message: "There is not enough money in this account.".to_owned(),
                    faults: vec![("amount".to_owned(), "Enter an amount of £1,000.00 or less".to_owned())],
                };
            }
            _ => {}
        }
        let value = |saved: &Saved| match &saved.kind {
            SavedKind::Text => Value::Text("T-1234".to_owned()),
            SavedKind::Number => Value::Number(7.into()),
            SavedKind::Money(currency) => Value::Money(950.into(), *currency),
            SavedKind::Date => Value::Date(jiff::civil::date(2026, 12, 1)),
            SavedKind::Time => Value::Time(jiff::civil::time(14, 30, 0, 0)),
            SavedKind::YesNo => Value::Bool(true),
            SavedKind::Options { .. } => {
                let of = |n: u8| (format!("a{n}"), format!("Row A, number {n}"));
                Value::Options((1..=24).map(of).collect())
            }
        };
        Said::Done(
            effect
                .save
                .iter()
                .map(|saved| (saved.name.clone(), value(saved)))
                .collect(),
        )
    }

    /// Fills in the form and presses the button of that action, or its first.
    pub fn presses(&mut self, filled: Filled<'_>, action: Option<&str>) -> Reply {
        let form = self.posts(filled, action);
        self.sends(form, true, true)
    }

    /// The actions of the page's links that begin so.
    pub fn leads(&self, begins: &str) -> Vec<String> {
        let links = self.dom.elements.iter().filter_map(|e| e.get("href"));
        let actions = links.filter_map(|href| href.split("actionID=").nth(1));
        let actions = actions.filter(|action| action.starts_with(begins));
        actions.map(str::to_owned).collect()
    }

    /// What a choice of the page offers.
    pub fn choices(&self, name: &str) -> Vec<String> {
        let of = |e: &super::dom::Element| e.is("input") && e.get("name") == Some(name) && !e.hidden();
        let radios = self.dom.elements.iter().filter(|e| of(e));
        let radios: Vec<String> = radios.filter_map(|e| e.get("value")).map(str::to_owned).collect();
        let select = self
            .dom
            .elements
            .iter()
            .position(|e| e.is("select") && e.get("name") == Some(name));
        let options = select.into_iter().flat_map(|select| self.dom.inside(select));
        let options = options.filter_map(|e| e.get("value")).filter(|value| !value.is_empty());
        radios.into_iter().chain(options.map(str::to_owned)).collect()
    }

    /// Whether a form of the page has a button for that action.
    pub fn offers(&self, action: &str) -> bool {
        let mut named = self.dom.elements.iter().filter(|e| e.get("name") == Some("actionID"));
        named.any(|e| e.get("value") == Some(action))
    }

    /// What the form would send.
    pub fn posts(&self, filled: Filled<'_>, action: Option<&str>) -> Vec<(String, String)> {
        let forms = self.dom.forms();
        let offers = |form: &usize| {
            action.is_none_or(|action| {
                self.dom
                    .inside(*form)
                    .any(|e| e.get("name") == Some("actionID") && e.get("value") == Some(action))
            })
        };
        let form = *forms
            .iter()
            .find(|form| offers(form))
            .unwrap_or_else(|| panic!("no form offers {action:?}:\n{}", self.page.html));
        let mut posted = Vec::new();
        let mut pressed = false;
        for (n, e) in self
            .dom
            .elements
            .iter()
            .enumerate()
            .filter(|(n, _)| self.dom.within(*n, form))
        {
            let Some(name) = e.get("name") else { continue };
            let value = e.get("value").unwrap_or_default().to_owned();
            let given = filled.iter().filter(|(n, _)| *n == name).map(|(_, v)| *v);
            let given: Vec<&str> = given.collect();
            let choice = matches!(e.get("type"), Some("radio" | "checkbox"));
            let send = match e.name.as_str() {
                "button" if !pressed && action.is_none_or(|a| a == value) => {
                    pressed = true;
                    Some(value)
                }
                "button" => None,
                "input" if choice && given.is_empty() => e.get("checked").map(|_| value),
                "input" if choice => given.contains(&value.as_str()).then_some(value),
                "textarea" => Some(given.first().map_or(e.text.clone(), ToString::to_string)),
                "select" => Some(given.first().map_or_else(|| self.selected(n), ToString::to_string)),
                _ => Some(given.first().map_or(value, ToString::to_string)),
            };
            posted.extend(send.map(|value| (name.to_owned(), value)));
        }
        posted
    }

    fn selected(&self, select: usize) -> String {
        let option = self.dom.inside(select).find(|e| e.get("selected").is_some());
        option.and_then(|o| o.get("value")).unwrap_or_default().to_owned()
    }

    /// Follows a link of the page, by the action that it names.
    pub fn follows(&mut self, action: &str) -> Reply {
        let end = format!("actionID={action}");
        let link = self
            .dom
            .links()
            .filter_map(|a| a.get("href"))
            .find(|href| href.split('#').next().unwrap_or_default().ends_with(&end))
            .unwrap_or_else(|| panic!("no link {action}:\n{}", self.page.html))
            .to_owned();
        self.opens_link(&link, true)
    }

    /// Opens an address with ids.
    pub fn opens_link(&mut self, link: &str, inside: bool) -> Reply {
        let query = link
            .split('#')
            .next()
            .unwrap_or_default()
            .split('?')
            .nth(1)
            .unwrap_or_default();
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let pairs = pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        self.sends(pairs, false, inside)
    }
}
