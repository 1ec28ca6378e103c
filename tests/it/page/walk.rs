//! Seeded walks through every flow in `phases/`: each page on the way is sound, each question
//! page is shown with its errors too, and all are measured.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use deity::engine::Reply;
use deity::flow::{Field, Flow, Kind, Screen};
use deity::id::Language;
use deity::machine::{Page, starts_itself};
use deity::view::{Drawn, Status, Visit};

use super::person::Person;

/// The flows of `phases/`.
pub fn flows() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/phases");
    let mut flows: Vec<(String, String)> = deity::catalog::files(folder.as_ref())
        .unwrap()
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    flows.sort();
    assert!(!flows.is_empty(), "there are no flows in phases/");
    flows
}

pub fn flow(name: &str, source: &str) -> Flow {
    let read = Flow::read(name, source);
    let (flow, _) = read.unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
    flow
}

/// A small deterministic die.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Something that a person may type into a field; not always what passes.
fn typed(field: &Field, dice: &mut Dice) -> Vec<(String, String)> {
    let name = &field.name;
    let one = |value: &str| vec![(name.clone(), value.to_owned())];
    match field.kind {
        Kind::Text | Kind::Postcode | Kind::Pattern => one(dice.of(&[
            "Anna",
            "SW1A 1AA",
            "AB123456C",
            "Müller-Lüdenscheidt",
            "12345678",
            "12-34-56",
        ])),
        Kind::Secret => one(dice.of(&["correct horse", "1234", "123456"])),
        Kind::Lines => one("Two lines,\r\nand <b>tags</b>"),
        Kind::Email => one("anna@example.org"),
        Kind::Tel if !field.required && dice.below(3) == 0 => Vec::new(),
        Kind::Tel => one("020 7946 0018"),
        Kind::Integer | Kind::Decimal => one(dice.of(&["0", "1", "2", "3", "12", "40", "120", "1962", "20000"])),
        Kind::Money => one(dice.of(&["0", "1", "12.50", "250", "1,500", "9999.99", "20000", "45000", "90000"])),
        Kind::Date => {
            let day = dice.of(&[
                "27 3 1987",
                "1 1 2012",
                "30 6 1999",
                "1 9 2026",
                "20 9 2026",
                "1 10 2026",
                "1 6 2027",
            ]);
            let parts = ["day", "month", "year"].iter().zip(day.split(' '));
            parts
                .map(|(part, value)| (format!("{name}-{part}"), value.to_owned()))
                .collect()
        }
        Kind::Time => one(dice.of(&["09:30", "14:30", "2pm"])),
        Kind::YesNo => one(dice.of(&["yes", "no"])),
        Kind::Confirm => one("yes"),
        Kind::Choice if field.options().is_empty() => one(dice.of(&["a1", "a2", "a24"])),
        Kind::Choice => one(&field.options()[dice.below(field.options().len())].value),
        Kind::Choices => {
            let options = field.options();
            let first = &options[dice.below(options.len())];
            let second = options
                .iter()
                .find(|o| !first.exclusive && !o.exclusive && dice.below(2) == 0);
            let both = [Some(first), second.filter(|o| o.value != first.value)];
            both.into_iter()
                .flatten()
                .map(|o| (name.clone(), o.value.clone()))
                .collect()
        }
        Kind::Computed => Vec::new(),
    }
}

/// What was seen on the walks.
#[derive(Default)]
pub struct Seen {
    pub screens: BTreeSet<String>,
    /// In a browser that shows text alone.
    pub text: bool,
    /// The language that the person reads; none, if it is the flow's own.
    pub wishes: &'static [Language],
    /// The largest page of each kind.
    pub largest: BTreeMap<String, Drawn>,
    pub pages: usize,
}

impl Seen {
    fn visit(&self) -> Visit<'static> {
        Visit {
            text: self.text,
            wishes: self.wishes,
            ..Visit::default()
        }
    }

    pub fn note(&mut self, kind: &str, page: &Drawn) {
        self.pages += 1;
        let largest = self.largest.get(kind);
        if largest.is_none_or(|largest| largest.html.len() < page.html.len()) {
            self.largest.insert(kind.to_owned(), page.clone());
        }
    }
}

/// The screen that a page shows.
fn screen_of(reply: &Reply) -> String {
    let Reply::Session(shown) = reply else {
        panic!("no page of a session: {reply:?}")
    };
    match &shown.showing.page {
        Page::Screen(at) | Page::Receipt(at) => at.place.screen.clone(),
        other => panic!("no screen: {other:?}"),
    }
}

pub fn walk(name: &str, source: &str, seed: u64, seen: &mut Seen) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut person = Person::opens_as(flow(name, source), seen.visit());
    person.mood = dice.0;
    let definition = std::sync::Arc::clone(&person.flow);
    seen.note("(start)", &person.page);
    if starts_itself(&definition) {
        seen.screens
            .insert(definition.screen(definition.start).unwrap().name.clone());
    }
    let mut reply = person.presses(&[], None);
    for _ in 0..400 {
        let here = screen_of(&reply);
        let screen = definition.screens.iter().find(|s| s.name == here).unwrap();
        seen.screens.insert(here.clone());
        let declined = person.page.html.contains("role=alert");
        seen.note(
            &if declined {
                format!("{here} (errors)")
            } else {
                here.clone()
            },
            &person.page,
        );
        for (n, page) in std::mem::take(&mut person.waited).into_iter().enumerate() {
            seen.note(&format!("{here} (waiting {n})"), &page);
        }
        if screen.end.is_some() {
            assert_eq!(person.page.status, Status::Done);
            return;
        }
        if screen.asked().next().is_some() {
            let before = (person.page.clone(), super::dom::Dom::of(&person.page.html));
            let empty = person.presses(&[], None);
            if person.page.status == Status::Done {
                reply = empty;
                continue;
            }
            errors(&person);
            seen.note(&format!("{here} (errors)"), &person.page);
            (person.page, person.dom) = before;
        }
        let number = definition.number(&here).unwrap();
        reply = if screen.actions.is_empty() {
            // To the side, such as help.
            person.presses(&[], Some("back"))
        } else if definition.strands_on(number).next().is_some() {
            hanging(&mut person, screen, &mut dice)
        } else {
            fill(&mut person, screen, &mut dice)
        };
        let turns = dice.below(8) == 0 && person.page.html.contains("=back") && screen_of(&reply) != here;
        // A long way through lists and tasks is gone to its end all the same.
        if turns && definition.strands.is_empty() {
            person
                .page
                .html
                .contains("value=\"back\"")
                .then(|| person.presses(&[], Some("back")));
            seen.pages += 1;
            return;
        } else if turns {
            reply = person.presses(&[], Some("back"));
        }
    }
    panic!("{name}, seed {seed}: no end after 400 pages");
}

/// On a list's page or a task list: adds an item now and then, goes to what is not done, or goes on.
fn hanging(person: &mut Person, screen: &Screen, dice: &mut Dice) -> Reply {
    let leads_on = |action: &&deity::flow::Action| !action.cancel && !action.aside && person.offers(&action.name);
    let on = screen.actions.iter().find(leads_on).map(|action| action.name.clone());
    let few = person.page.html.matches("remove.").count() < 2;
    if person.offers("add") && (on.is_none() || (few && dice.below(2) == 0)) {
        return person.presses(&[], Some("add"));
    }
    let ways = person.leads("change.");
    if let Some(action) = on.filter(|_| ways.is_empty() || dice.below(4) > 0) {
        let reply = person.presses(&[], Some(&action));
        if person.page.status == Status::Done {
            return reply;
        }
        // Too many, or a rule of the list: one goes, or another is changed.
        let mut removal = person.dom.elements.iter().filter_map(|e| e.get("value"));
        let removal = removal.rfind(|value| value.starts_with("remove.")).map(str::to_owned);
        return person.presses(&[], removal.as_deref());
    }
    let way = ways[dice.below(ways.len())].clone();
    person.follows(&way)
}

/// Types until it passes: what the page finds fault with, and now and then all, anew.
fn fill(person: &mut Person, screen: &Screen, dice: &mut Dice) -> Reply {
    let actions: Vec<&str> = screen
        .actions
        .iter()
        .filter(|a| !a.cancel)
        .map(|a| a.name.as_str())
        .collect();
    let mut answers: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    for _ in 0..400 {
        for field in screen.asked() {
            let wrong = format!("href=\"#{}", field.name);
            if !answers.contains_key(field.name.as_str()) || person.page.html.contains(&wrong) || dice.below(9) == 0 {
                let offered = person.choices(&field.name);
                let answer = if field.kind == Kind::Choice && field.options().is_empty() && !offered.is_empty() {
                    vec![(field.name.clone(), offered[dice.below(offered.len())].clone())]
                } else {
                    typed(field, dice)
                };
                answers.insert(&field.name, answer);
            }
        }
        let pairs = answers.values().flatten();
        let filled: Vec<(&str, &str)> = pairs.map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let action = Some(actions[dice.below(actions.len())]).filter(|name| person.offers(name));
        let reply = person.presses(&filled, action);
        if person.page.status == Status::Done {
            return reply;
        }
        assert_eq!(person.page.status, Status::Invalid, "{}", person.page.html);
    }
    panic!("nothing passes on {}: {}", screen.name, person.page.html);
}

/// The page of a form that did not pass says so, first of all, and leads to each field.
fn errors(person: &Person) {
    let dom = &person.dom;
    assert!(!person.visit.wishes.is_empty() || dom.one("title").text.starts_with("Error: "));
    let alert = dom
        .elements
        .iter()
        .position(|e| e.get("role") == Some("alert"))
        .unwrap();
    let links: Vec<&str> = dom.inside(alert).filter_map(|e| e.get("href")).collect();
    assert!(!links.is_empty());
    for link in links {
        let target = dom.id(link.trim_start_matches('#')).unwrap();
        assert!(
            ["input", "select", "textarea"].contains(&target.name.as_str()),
            "{link}"
        );
        // ARIA has it for no radio, and no one box of several is wrong.
        if !["radio", "checkbox"].contains(&target.get("type").unwrap_or_default()) {
            assert_eq!(target.get("aria-invalid"), Some("true"), "{link}");
        }
    }
}

/// The flows of `phases/` that have other languages, with their texts: name, source, one of these languages.
pub fn translated() -> Vec<(String, String, &'static [Language])> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/phases"));
    let mut found = Vec::new();
    for (name, _) in flows() {
        let source = deity::catalog::check(&folder.join(format!("{name}.toml")))
            .report
            .source;
        for translation in &flow(&name, &source).translations {
            let language = Language::parse(&translation.lang).unwrap();
            found.push((name.clone(), source.to_string(), &*vec![language].leak()));
        }
    }
    assert!(!found.is_empty(), "no flow of phases/ has another language");
    found
}

/// A page of each screen that a few walks come to, by name; of the other languages of flows those that are written
/// from right to left.
pub fn one_of_each() -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let own = flows().into_iter().map(|(name, source)| (name, source, &[][..]));
    let other = translated().into_iter().filter(|(.., wishes)| wishes[0].tag() == "ar");
    for (name, source, wishes) in own.chain(other) {
        let mut seen = Seen {
            wishes,
            ..Seen::default()
        };
        let name_of = |language: &Language| format!("{name} {}", language.tag());
        let named = wishes.first().map_or_else(|| name.clone(), name_of);
        for seed in 0..20 {
            walk(&name, &source, seed, &mut seen);
        }
        pages.extend(
            seen.largest
                .into_iter()
                .map(|(kind, page)| (format!("{named} {kind}"), page.html)),
        );
    }
    pages
}
