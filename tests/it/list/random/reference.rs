//! The reference: who lives there, what each was asked, and the way through it all written out by hand.
//! It has nothing of the program's.

use std::collections::{BTreeMap, BTreeSet};

/// The key of an item, or 0, and a screen.
pub(super) type At = (u32, &'static str);
pub(super) type Fields = Vec<(&'static str, String)>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: u32,
    pub(super) list: &'static str,
    pub(super) inside: u32,
    pub(super) removed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// What was sent and passed; without what was left empty.
    pub(super) fields: Fields,
    pub(super) taken: bool,
    pub(super) draft: Option<Fields>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Reference {
    pub(super) answers: BTreeMap<At, Answer>,
    pub(super) items: Vec<Item>,
    pub(super) keys: u32,
    pub(super) step: u64,
    /// By presentation and action: the latest fields, and the item to which it led.
    pub(super) sent: BTreeMap<(String, String), (Fields, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    Untouched,
    Begun,
    Done,
}

/// An item of the list of people as far as it counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub(super) key: u32,
    pub(super) age: Option<i64>,
}

/// The way through the flow, as it is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    pub(super) visits: Vec<At>,
    pub(super) next: BTreeMap<At, At>,
    pub(super) before: BTreeMap<At, At>,
    /// The answers that count.
    pub(super) counts: Vec<(At, &'static str, String)>,
    /// The rows of each list's page, and of those around them in a page of their items'.
    pub(super) people: Vec<Person>,
    pub(super) earlier: BTreeMap<u32, Vec<Person>>,
    /// What hangs on each page of a list.
    pub(super) hangs: BTreeMap<At, Vec<(u32, Stands)>>,
    pub(super) last: BTreeMap<u32, At>,
    pub(super) rooms: u32,
    pub(super) lack: u32,
    pub(super) hub_held: bool,
}

impl Route {
    pub(super) fn leads(&self, at: At) -> bool {
        self.visits.contains(&at)
    }

    fn lead(&mut self, from: At, to: At) {
        self.next.insert(from, to);
        self.visit(Some(from), to);
    }

    fn visit(&mut self, from: Option<At>, to: At) {
        self.visits.push(to);
        self.before.extend(from.map(|from| (to, from)));
        if to.0 > 0 {
            self.last.insert(to.0, to);
        }
    }

    /// How many items a list has.
    pub(super) fn length(&self, page: At) -> usize {
        let hangs = self.hangs.get(&page).into_iter().flatten();
        hangs.filter(|(_, stands)| *stands != Stands::Untouched).count()
    }

    /// What lacks in a list's items.
    pub(super) fn lacking(&self, page: At) -> Option<At> {
        let driven = page.1 == "rooms";
        let lacks = |stands: Stands| stands == Stands::Begun || driven && stands == Stands::Untouched;
        let (key, _) = self.hangs.get(&page)?.iter().find(|(_, stands)| lacks(*stands))?;
        let last = self.last[key];
        self.lacking(last).or(Some(last))
    }

    pub(super) fn total(&self, field: &str) -> i64 {
        let of = self.counts.iter().filter(|(_, name, _)| *name == field);
        of.map(|(_, _, value)| value.parse::<i64>().unwrap()).sum()
    }

    pub(super) fn grown(&self) -> usize {
        self.people.iter().filter(|one| is_grown(one)).count()
    }

    /// What the review says above the answers.
    pub(super) fn totals(&self) -> String {
        format!(
            "N{} A{} W{} P{} G{} R{}.",
            self.people.len(),
            self.total("age"),
            self.total("weight"),
            self.total("pay"),
            self.grown(),
            self.rooms
        )
    }
}

fn is_grown(person: &Person) -> bool {
    person.age.is_some_and(|age| age >= 16)
}

fn offers(people: &[Person], key: &str) -> bool {
    people.iter().any(|one| is_grown(one) && one.key.to_string() == key)
}

fn get(fields: &Fields, name: &str) -> String {
    let field = fields.iter().find(|(known, _)| *known == name);
    field.map_or(String::new(), |field| field.1.clone())
}

/// Whether what was typed on a screen passes; `people`: whom that screen can offer.
pub(super) fn passes(screen: &str, fields: &Fields, people: &[Person]) -> bool {
    let number = |name: &str, least: i64, most: i64| {
        let number = get(fields, name).parse::<i64>();
        number.is_ok_and(|number| (least..=most).contains(&number))
    };
    let filled = |name: &str| !get(fields, name).is_empty();
    match screen {
        "size" => number("kids", 0, 3) && filled("kind"),
        "old" => number("age", 0, 130) && (!filled("parent") || offers(people, &get(fields, "parent"))),
        "job" => !filled("pay") || number("pay", 1, i64::MAX),
        "weight" => number("weight", 1, i64::MAX),
        "grown" => offers(people, &get(fields, "head")),
        "sum" => number("sum", 1, i64::MAX),
        "home.street" => filled("home.line") && filled("home.town"),
        "work.street" => filled("work.line") && filled("work.town"),
        "home.since" => number("home.year", 1900, 2100),
        "work.since" => number("work.year", 1900, 2100),
        "alpha" | "pension" | "pet" | "room" | "why" | "note" => filled(screen),
        "who" => filled("name"),
        _ => true,
    }
}

impl Reference {
    pub(super) fn of(&self, list: &str, inside: u32) -> Vec<u32> {
        let there = |item: &&Item| item.list == list && item.inside == inside && !item.removed;
        self.items.iter().filter(there).map(|item| item.key).collect()
    }

    pub(super) fn item(&self, key: u32) -> Option<&Item> {
        self.items.iter().find(|item| item.key == key)
    }

    pub(super) fn is_touched(&self, key: u32) -> bool {
        self.answers.keys().any(|at| at.0 == key) || self.items.iter().any(|item| item.inside == key)
    }

    /// Removed, or in something that was, or forgotten.
    pub(super) fn is_gone(&self, key: u32) -> bool {
        key > 0
            && self
                .item(key)
                .is_none_or(|item| item.removed || self.is_gone(item.inside))
    }

    /// The answer of a screen on the way, if it holds.
    fn answered(&self, route: &mut Route, at: At, people: &[Person]) -> Option<Fields> {
        let answer = self.answers.get(&at).filter(|answer| answer.taken)?;
        if !passes(at.1, &answer.fields, people) {
            return None;
        }
        let all = answer.fields.iter().map(|(name, value)| (at, *name, value.clone()));
        route.counts.extend(all);
        Some(answer.fields.clone())
    }

    pub(super) fn route(&self) -> Route {
        let mut route = Route::default();
        self.main(&mut route);
        route
    }

    fn main(&self, route: &mut Route) -> Option<()> {
        route.visit(None, (0, "intro"));
        route.lead((0, "intro"), (0, "size"));
        let size = self.answered(route, (0, "size"), &[])?;
        if get(&size, "kind") == "a" {
            route.lead((0, "size"), (0, "alpha"));
            self.answered(route, (0, "alpha"), &[])?;
            route.lead((0, "alpha"), (0, "people"));
        } else {
            route.lead((0, "size"), (0, "people"));
        }
        self.people(route).then_some(())?;
        self.answered(route, (0, "people"), &[])?;
        if route.grown() > 0 {
            route.lead((0, "people"), (0, "grown"));
            let people = route.people.clone();
            self.answered(route, (0, "grown"), &people)?;
            route.lead((0, "grown"), (0, "rooms"));
        } else {
            route.lead((0, "people"), (0, "rooms"));
        }
        self.rooms(route, get(&size, "kids").parse().unwrap()).then_some(())?;
        self.answered(route, (0, "rooms"), &[])?;
        route.lead((0, "rooms"), (0, "hub"));
        self.hub(route);
        (!route.hub_held).then_some(())?;
        self.answered(route, (0, "hub"), &[])?;
        route.lead((0, "hub"), (0, "extra"));
        self.answered(route, (0, "extra"), &[])?;
        route.lead((0, "extra"), (0, "check"));
        Some(())
    }

    fn stands(&self, key: u32, done: bool) -> Stands {
        match (self.is_touched(key), done) {
            (false, _) => Stands::Untouched,
            (true, false) => Stands::Begun,
            (true, true) => Stands::Done,
        }
    }

    fn people(&self, route: &mut Route) -> bool {
        let page = (0, "people");
        let mut ready = true;
        for key in self.of("people", 0) {
            let before = route.people.clone();
            route.earlier.insert(key, before);
            let mut person = Person { key, age: None };
            let done = self.person(route, &mut person).is_some();
            let stands = self.stands(key, done);
            route.hangs.entry(page).or_default().push((key, stands));
            if stands != Stands::Untouched {
                route.people.push(person);
                ready &= done;
            }
        }
        ready && (1..=3).contains(&route.people.len())
    }

    fn person(&self, route: &mut Route, person: &mut Person) -> Option<()> {
        let key = person.key;
        route.visit(Some((0, "people")), (key, "who"));
        self.answered(route, (key, "who"), &[])?;
        route.lead((key, "who"), (key, "old"));
        let before = route.people.clone();
        let old = self.answered(route, (key, "old"), &before)?;
        let age = get(&old, "age").parse().unwrap();
        person.age = Some(age);
        let mut from = "old";
        if age >= 16 {
            let then = if age >= 60 { "pension" } else { "job" };
            route.lead((key, "old"), (key, then));
            self.answered(route, (key, then), &[])?;
            from = then;
        }
        route.lead((key, from), (key, "pets"));
        let mut ready = true;
        for pet in self.of("pets", key) {
            let done = self.pet(route, key, pet).is_some();
            let stands = self.stands(pet, done);
            route.hangs.entry((key, "pets")).or_default().push((pet, stands));
            ready &= stands != Stands::Begun;
        }
        route.last.insert(key, (key, "pets"));
        (ready && route.length((key, "pets")) <= 2).then_some(())?;
        self.answered(route, (key, "pets"), &[])?;
        route.next.insert((key, "pets"), (0, "people"));
        Some(())
    }

    fn pet(&self, route: &mut Route, outer: u32, key: u32) -> Option<()> {
        route.visit(Some((outer, "pets")), (key, "pet"));
        self.answered(route, (key, "pet"), &[])?;
        route.lead((key, "pet"), (key, "weight"));
        self.answered(route, (key, "weight"), &[])?;
        route.next.insert((key, "weight"), (outer, "pets"));
        Some(())
    }

    fn rooms(&self, route: &mut Route, wanted: u32) -> bool {
        let keys: Vec<u32> = self.of("rooms", 0).into_iter().take(wanted as usize).collect();
        route.lack = wanted - u32::try_from(keys.len()).unwrap();
        let mut ready = route.lack == 0;
        for key in keys {
            route.visit(Some((0, "rooms")), (key, "room"));
            let done = self.answered(route, (key, "room"), &[]).is_some();
            let stands = self.stands(key, done);
            route.hangs.entry((0, "rooms")).or_default().push((key, stands));
            route.next.extend(done.then_some(((key, "room"), (0, "rooms"))));
            route.rooms += 1;
            ready &= done;
        }
        ready
    }

    fn hub(&self, route: &mut Route) {
        let about = self.address(route, (0, "hub"), ["home.street", "home.since"]).is_some();
        let money = self.money(route).is_some();
        if about {
            route.visit(Some((0, "hub")), (0, "note"));
            if self.answered(route, (0, "note"), &[]).is_some() {
                route.next.insert((0, "note"), (0, "hub"));
            }
        }
        route.hub_held = !(about && money);
    }

    fn address(&self, route: &mut Route, from: At, [street, since]: [&'static str; 2]) -> Option<()> {
        if from.1 == "hub" {
            route.visit(Some(from), (0, street));
        } else {
            route.lead(from, (0, street));
        }
        let fields = self.answered(route, (0, street), &[])?;
        let mut last = street;
        if fields.iter().any(|(_, value)| value == "hull") {
            route.lead((0, street), (0, since));
            self.answered(route, (0, since), &[])?;
            last = since;
        }
        route.next.insert((0, last), (0, "hub"));
        Some(())
    }

    fn money(&self, route: &mut Route) -> Option<()> {
        route.visit(Some((0, "hub")), (0, "sum"));
        let sum = self.answered(route, (0, "sum"), &[])?;
        let mut from = (0, "sum");
        if get(&sum, "sum").parse::<i64>().unwrap() > 100 {
            route.lead(from, (0, "why"));
            from = (0, "why");
            self.answered(route, from, &[])?;
        }
        self.address(route, from, ["work.street", "work.since"])
    }

    /// All that a review could show, in one.
    pub(super) fn shows(&self) -> (Vec<(At, &'static str, String)>, String) {
        let route = self.route();
        let totals = route.totals();
        (route.counts, totals)
    }

    /// Which of the tokens that were typed count.
    pub(super) fn tokens(&self) -> BTreeSet<String> {
        let route = self.route();
        let all = route.counts.into_iter().map(|(_, _, value)| value);
        all.filter(|value| value.starts_with('T')).collect()
    }
}
