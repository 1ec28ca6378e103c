//! Seeded random walks through lists, lists in lists, a driven list, tasks and calls, against a reference
//! that is too simple to be wrong. Fails when a kind of transition was never taken.

pub(crate) mod household;
mod press;
mod races;
mod reference;
mod typist;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use deity::flow::{Flow, Value};
use deity::id::{ScreenId, ScreenKey, Way};
use deity::machine::{Path, Place, Session, State, Verdict};

use crate::support::desk::{Desk, NOON, Sheet, read};
use press::{Expected, Pressed};
use reference::{At, Fields, Reference};
use typist::{Dice, Typist};

/// What a page offers, by buttons and by links.
fn offers(html: &str) -> (Vec<String>, Vec<String>) {
    let read = |mark: &str| {
        let after = html.split(mark).skip(1);
        let name = |rest: &str| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
            rest[..end.unwrap_or(rest.len())].to_owned()
        };
        after.map(name).collect::<Vec<_>>()
    };
    (read("name=actionID value="), read("actionID="))
}

fn tokens(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let token = |word: &&str| {
        let inner = word.strip_prefix('T').and_then(|word| word.strip_suffix('q'));
        inner.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    words.filter(token).map(str::to_owned).collect()
}

#[tokio::test]
async fn random_walks_through_lists_and_tasks_agree_with_the_reference() {
    let began = Instant::now();
    let flow = read("household", household::FLOW);
    let desk = Desk::open([read("household", household::FLOW)]).await;
    let mut met = BTreeMap::new();
    let rounds = crate::support::rounds(60, 40);
    let first = std::env::var("DEITY_SEED").map_or(0, |seed| seed.parse().unwrap());
    for seed in first..first + rounds as u64 {
        Walk::begin(&flow, &desk, seed).await.go(&mut met).await;
    }
    let all = [
        "added",
        "added again",
        "added another",
        "amended",
        "answered",
        "back",
        "back with a draft",
        "ended",
        "gone",
        "invalid",
        "kept",
        "led to what lacks",
        "link",
        "list off the way",
        "no room",
        "put back",
        "removed",
        "removed already",
        "replayed",
        "shown another",
        "tasks lack",
        "there already",
        "too few or too many",
    ];
    println!("{met:?} in {:?}", began.elapsed());
    assert_eq!(
        met.into_keys().collect::<Vec<_>>(),
        all,
        "every kind of transition is taken"
    );
    crate::support::ran(
        "walks through lists",
        rounds,
        began.elapsed(),
        "agree with the reference",
    );
}

struct Walk<'a> {
    flow: &'a Flow,
    desk: &'a Desk,
    seed: u64,
    typist: Typist,
    pages: Vec<Sheet>,
    /// The items that the pages are about.
    items: Vec<u32>,
    key: ScreenKey,
    reference: Reference,
    /// What each review showed.
    shown: BTreeMap<String, (Vec<(At, &'static str, String)>, String)>,
    log: Vec<String>,
}

impl<'a> Walk<'a> {
    async fn begin(flow: &'a Flow, desk: &'a Desk, seed: u64) -> Self {
        let first = desk.start("household").await;
        let key = desk.stored(&first).await.key;
        let mut reference = Reference {
            step: 1,
            ..Reference::default()
        };
        reference.answers.entry((0, "intro")).or_default().taken = true;
        Self {
            flow,
            desk,
            seed,
            typist: Typist {
                dice: Dice(seed),
                tokens: 0,
            },
            pages: vec![first],
            items: vec![0],
            key,
            reference,
            shown: BTreeMap::new(),
            log: Vec::new(),
        }
    }

    async fn go(mut self, met: &mut BTreeMap<&'static str, usize>) {
        if self.dice(3) > 0 {
            self.straight(met).await;
        }
        for _ in 0..35 {
            let page = self.page();
            let (buttons, links) = offers(&page.html);
            let links: Vec<_> = links.into_iter().filter(|link| link != "open").collect();
            let often = if page.place == "check" { 6 } else { 1 };
            if !links.is_empty() && self.dice(8) < often || buttons.is_empty() {
                if let Some(link) = links.get(self.dice(links.len().max(1))) {
                    self.link(&page, link).await;
                    *met.entry("link").or_default() += 1;
                }
                continue;
            }
            let action = self.choose(&page, &buttons);
            let times = if self.dice(8) == 0 { 2 } else { 1 };
            let fields = self.typed(&page, &action);
            for _ in 0..times {
                let name = self.press(&page, &action, &fields).await;
                *met.entry(name).or_default() += 1;
                if name == "ended" {
                    return self.over(&page, &action).await;
                }
            }
        }
    }

    /// Straight to the review, as somebody who fills it in for two people.
    async fn straight(&mut self, met: &mut BTreeMap<&'static str, usize>) {
        for _ in 0..60 {
            let page = self.pages[self.pages.len() - 1].clone();
            let route = self.reference.route();
            let action = match page.place.as_str() {
                "check" => return,
                "people" if route.people.len() < 2 => "add",
                "pets" if route.length(self.at(&page).0) < 1 && self.dice(3) == 0 => "add",
                _ => "continue",
            };
            if page.place == "hub" && route.hub_held {
                if self.dice(6) == 0 {
                    let name = self.press(&page, "continue", &Vec::new()).await;
                    *met.entry(name).or_default() += 1;
                }
                let (_, links) = offers(&page.html);
                let lacks = |link: &&String| {
                    link.strip_prefix("change.").is_some_and(|screen| {
                        let begun = route.counts.iter().any(|count| count.0.1 == screen);
                        !begun && screen != "note"
                    })
                };
                let link = links.iter().find(lacks).expect("a task that lacks has a link");
                self.link(&page, link).await;
                continue;
            }
            let mut fields = self.typist.good(&page.place);
            if page.place == "grown" {
                let head = route
                    .people
                    .iter()
                    .find(|one| one.age.is_some_and(|age| age >= 16))
                    .unwrap();
                fields = vec![("head", head.key.to_string())];
            }
            let name = self.press(&page, action, &fields).await;
            *met.entry(name).or_default() += 1;
        }
        panic!("it never came to the review\n{}", self.context());
    }

    /// The page that is pressed: mostly the newest, often a kept one, a review among them.
    fn page(&mut self) -> Sheet {
        let newest = self.pages.len() - 1;
        let lists = ["check", "people", "pets", "hub", "size"];
        let wanted = lists.get(self.dice(12));
        let gone = |at: &usize| self.reference.is_gone(self.items[*at]);
        let gone: Vec<usize> = (0..self.pages.len()).filter(gone).collect();
        if !gone.is_empty() && self.dice(4) == 0 {
            let at = gone[self.dice(gone.len())];
            return self.pages[at].clone();
        }
        let kept = wanted.and_then(|wanted| self.pages.iter().rev().find(|page| page.place == *wanted));
        if let Some(page) = kept.cloned() {
            return page;
        }
        let at = if self.dice(3) > 0 {
            newest
        } else {
            self.dice(newest + 1)
        };
        self.pages[at].clone()
    }

    fn dice(&mut self, sides: usize) -> usize {
        self.typist.dice.roll(sides)
    }

    /// What is pressed; *back* seldom, and *send* at last.
    fn choose(&mut self, page: &Sheet, buttons: &[String]) -> String {
        let button = buttons[self.dice(buttons.len())].clone();
        let main = match page.place.as_str() {
            "intro" => "start",
            "check" => "submit",
            _ => "continue",
        };
        let list = matches!(page.place.as_str(), "people" | "pets");
        // Another window may still show an item that was removed.
        let here = self.at(page).0;
        let gone = self.reference.items.iter().rev();
        let gone = gone
            .filter(|item| item.removed && (item.inside, item.list) == here)
            .map(|item| item.key);
        if let Some(key) = gone.clone().next().filter(|_| list && page.kind == "screen")
            && self.typist.dice.roll(6) == 0
        {
            return format!("remove.{key}");
        }
        if page.kind != "screen" || list && self.dice(4) > 0 {
            return button;
        }
        if button == "back" && self.dice(3) > 0 || self.dice(2) == 0 {
            return main.to_owned();
        }
        button
    }

    fn typed(&mut self, page: &Sheet, action: &str) -> Fields {
        let lists = ["add", "remove"].iter().any(|verb| action.starts_with(verb));
        let keys = self.reference.keys;
        if lists {
            return Vec::new();
        }
        // Often what is answered already, or what passes.
        let mut known = self.reference.answers.iter();
        let known = known
            .find(|(at, answer)| at.1 == page.place && answer.taken)
            .map(|(_, answer)| answer);
        match (self.typist.dice.roll(4), known) {
            (0, Some(known)) if !known.fields.is_empty() => known.fields.clone(),
            (1 | 2, _) if page.place != "grown" => self.typist.good(&page.place),
            _ => self.typist.fields(&page.place, keys),
        }
    }

    fn at(&self, page: &Sheet) -> (At, ScreenId) {
        let id = ScreenId::open(&page.screen, &self.key).expect("the session's own");
        let screen = &self.flow.screens[usize::from(id.screen)].name;
        ((id.item, String::leak(screen.clone())), id)
    }

    async fn press(&mut self, page: &Sheet, action: &str, fields: &Fields) -> &'static str {
        let (at, id) = self.at(page);
        let same = self.shown.get(&page.screen) == Some(&self.reference.shows());
        let pressed = Pressed {
            at,
            id: ScreenId { shown: None, ..id }.sealed(&self.key),
            along: id.way == Way::Path,
            action: action.to_owned(),
            fields: fields.clone(),
            same,
        };
        let expected = self.reference.press(&pressed);
        let typed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let next = self.desk.press(page, action, &typed).await;
        self.log
            .push(format!("{at:?} {:?} {action} {fields:?}: {}", id.way, expected.name));
        let context = self.context();
        assert_eq!(next.verdict, expected.verdict, "{context}\n{} {}", next.kind, next.html);
        if expected.name == "ended" {
            assert_eq!(next.kind, "receipt", "{context}\n{}", next.html);
            return expected.name;
        }
        self.came(&next, &expected, fields);
        self.compare().await;
        self.hold(next);
        expected.name
    }

    async fn link(&mut self, page: &Sheet, link: &str) {
        let before = self.desk.stored(page).await;
        let next = self.desk.follow(page, Some(link)).await;
        self.log.push(format!("{:?} link {link}", self.at(page).0));
        let context = self.context();
        assert_eq!(self.desk.stored(page).await, before, "a link writes nothing\n{context}");
        assert_eq!(next.kind, "screen", "{context}\n{}", next.html);
        let (at, _) = self.at(&next);
        assert!(self.reference.route().leads(at), "{at:?} is not on the way\n{context}");
        self.hold(next);
    }

    fn hold(&mut self, next: Sheet) {
        if next.place == "check" {
            self.shown.insert(next.screen.clone(), self.reference.shows());
        }
        self.items.push(self.at(&next).0.0);
        self.pages.push(next);
    }

    fn context(&self) -> String {
        let first = self.log.len().saturating_sub(25);
        format!("seed {}:\n{}", self.seed, self.log[first..].join("\n"))
    }

    /// The page that came is one that may come, and nothing that was typed is lost.
    fn came(&self, next: &Sheet, expected: &Expected, fields: &Fields) {
        let context = self.context();
        let (at, _) = self.at(next);
        if next.kind == "screen" && expected.verdict == Verdict::Done {
            assert!(
                self.reference.route().leads(at),
                "{at:?} is not on the way\n{context}\n{}",
                next.html
            );
        }
        if let Some(to) = expected.to {
            assert_eq!(at, to, "{context}\n{}", next.html);
        }
        if expected.verdict != Verdict::Done {
            for (name, value) in fields.iter().filter(|field| !field.1.is_empty()) {
                let there = next.typed.0.iter().any(|(n, v)| n == name && v == value);
                assert!(there, "{name} {value} is lost\n{context}\n{}", next.html);
            }
        }
    }

    /// The store holds what the reference holds, and what counts is the same.
    async fn compare(&self) {
        let context = self.context();
        let session = self.desk.stored(&self.pages[0]).await;
        assert_eq!(session.state, State::Live, "{context}");
        assert_eq!(session.step, self.reference.step, "steps\n{context}");
        assert_eq!(session.keys, self.reference.keys, "keys\n{context}");
        let held = |item: &reference::Item| (item.key, item.list.to_owned(), item.inside, item.removed);
        let wanted: Vec<_> = self.reference.items.iter().map(held).collect();
        let items = session.items.iter();
        let items: Vec<_> = items
            .map(|i| (i.key, i.list.clone(), i.inside, i.removed > 0))
            .collect();
        assert_eq!(items, wanted, "{context}");
        self.compare_answers(&session, &context);
        self.compare_path(&session, &context);
        if self.reference.route().leads((0, "check")) {
            self.review(&context).await;
        }
    }

    fn compare_answers(&self, session: &Session, context: &str) {
        let wanted: BTreeSet<_> = self
            .reference
            .answers
            .keys()
            .map(|at| (at.0, at.1.to_owned()))
            .collect();
        let held: BTreeSet<_> = session.answers.keys().map(|at| (at.item, at.screen.clone())).collect();
        let but_intro = |set: BTreeSet<(u32, String)>| set.into_iter().filter(|at| at.1 != "intro").collect::<Vec<_>>();
        assert_eq!(but_intro(held), but_intro(wanted), "{context}");
        for ((item, screen), answer) in self.reference.answers.iter().filter(|(at, _)| at.1 != "intro") {
            let place = Place {
                frame: 0,
                item: *item,
                screen: (*screen).to_owned(),
            };
            let held = &session.answers[&place];
            let fields: BTreeMap<_, _> = answer
                .fields
                .iter()
                .map(|(n, v)| ((*n).to_owned(), v.clone()))
                .collect();
            let stored: BTreeMap<_, _> = held.fields.iter().map(|(n, v)| (n.clone(), plain(v))).collect();
            assert_eq!(stored, fields, "{place:?}\n{context}");
            assert_eq!(held.action.is_some(), answer.taken, "{place:?}\n{context}");
            let draft = held.draft.as_ref().map(|form| {
                let filled = form.0.iter().filter(|field| !field.1.is_empty());
                filled.cloned().collect::<Vec<_>>()
            });
            let wanted = answer.draft.as_ref().map(|all| {
                let all = all.iter().map(|(n, v)| ((*n).to_owned(), v.clone()));
                all.collect::<Vec<_>>()
            });
            assert_eq!(draft, wanted, "{place:?}\n{context}");
        }
    }

    fn compare_path(&self, session: &Session, context: &str) {
        let path = Path::fold(self.flow, session, NOON);
        let route = self.reference.route();
        let visits: Vec<_> = path
            .visits
            .iter()
            .map(|v| (v.place.item, v.place.screen.clone()))
            .collect();
        let wanted: Vec<_> = route.visits.iter().map(|at| (at.0, at.1.to_owned())).collect();
        assert_eq!(visits, wanted, "{context}");
        let counts = tokens(&format!("{:?}", path.values));
        assert_eq!(counts, self.reference.tokens(), "what would be sent\n{context}");
        let own: BTreeSet<&str> = route.counts.iter().filter(|c| c.0.0 == 0).map(|c| c.1).collect();
        let asked = self.flow.screens.iter().flat_map(|screen| screen.asked());
        let known = asked.filter(|field| path.values.contains_key(&field.name));
        assert_eq!(
            known.map(|field| field.name.as_str()).collect::<BTreeSet<_>>(),
            own,
            "{context}"
        );
    }

    /// The review shows what counts, and nothing else.
    async fn review(&self, context: &str) {
        let here = self.desk.follow(&self.pages[0], Some("on")).await;
        let check = self.desk.follow(&here, None).await;
        assert_eq!(check.place, "check", "{context}\n{}", check.html);
        // Above the heading stands what the latest step changed.
        let (_, told) = check.html.split_once("<h1>").expect("it has a heading");
        assert_eq!(tokens(told), self.reference.tokens(), "{context}\n{}", check.html);
        let totals = self.reference.route().totals();
        assert!(check.html.contains(&totals), "{totals}\n{context}\n{}", check.html);
    }

    /// What has ended is over: pressed again the receipt, anything else is not applied.
    async fn over(&mut self, page: &Sheet, action: &str) {
        let context = self.context();
        let before = self.desk.stored(page).await;
        assert!(matches!(before.state, State::Ended { .. }), "{context}");
        let again = self.desk.press(page, action, &[]).await;
        assert_eq!((again.kind, again.verdict), ("receipt", Verdict::Done), "{context}");
        let lists = self.pages.iter().filter(|page| page.place == "people").cloned();
        for list in lists.collect::<Vec<_>>() {
            let late = self.desk.press(&list, "add", &[]).await;
            assert_eq!(late.verdict, Verdict::Conflict, "{context}");
        }
        assert_eq!(self.desk.stored(page).await, before, "{context}");
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}
