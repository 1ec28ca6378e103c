//! What the reference says of each press: how it comes out, and where it leads.

use deity::machine::Verdict;

use super::reference::{At, Fields, Item, Person, Reference, Route, passes};

/// A press as the reference sees it.
#[derive(Clone, Debug)]
pub(super) struct Pressed {
    pub(super) at: At,
    /// The presentation, whatever it showed.
    pub(super) id: String,
    /// The person came along the path.
    pub(super) along: bool,
    pub(super) action: String,
    pub(super) fields: Fields,
    /// What the page showed, where that matters, is what counts now.
    pub(super) same: bool,
}

#[derive(Debug)]
pub(super) struct Expected {
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    /// The page that comes; `None`: some page on the way.
    pub(super) to: Option<At>,
}

fn done(name: &'static str, to: Option<At>) -> Expected {
    Expected {
        name,
        verdict: Verdict::Done,
        to,
    }
}

fn not_so(name: &'static str, verdict: Verdict) -> Expected {
    Expected {
        name,
        verdict,
        to: None,
    }
}

fn filled(fields: &Fields) -> Fields {
    let filled = fields.iter().filter(|(_, value)| !value.is_empty());
    filled.cloned().collect()
}

/// Whom a screen can offer.
fn offered(route: &Route, at: At) -> Vec<Person> {
    let of = route.people.iter();
    match route.earlier.get(&at.0) {
        Some(earlier) if route.leads(at) => earlier.clone(),
        _ => of.take_while(|person| person.key != at.0).cloned().collect(),
    }
}

impl Reference {
    pub(super) fn press(&mut self, pressed: &Pressed) -> Expected {
        let sent = self.sent.get(&(pressed.id.clone(), pressed.action.clone()));
        // A box that was left empty says nothing.
        let again = sent.filter(|(fields, _)| *fields == filled(&pressed.fields));
        if let Some((_, item)) = again
            && !(pressed.action == "add" && self.is_touched(*item))
        {
            return done("replayed", None);
        }
        let verb = pressed.action.split('.').next().unwrap();
        if self.is_gone(pressed.at.0) && verb != "restore" {
            return not_so("gone", Verdict::Conflict);
        }
        let key = || pressed.action.split('.').nth(1).unwrap().parse::<u32>().unwrap();
        match verb {
            "add" => self.add(pressed),
            "remove" => self.remove(pressed, key()),
            "restore" => self.restore(pressed, key()),
            "back" => self.back(pressed),
            _ => self.author(pressed),
        }
    }

    /// A step was made.
    fn stepped(&mut self, pressed: &Pressed, item: u32) {
        self.step += 1;
        let key = (pressed.id.clone(), pressed.action.clone());
        self.sent.insert(key, (filled(&pressed.fields), item));
        for _ in 0..self.route().lack {
            self.make("rooms", 0);
        }
    }

    fn make(&mut self, list: &'static str, inside: u32) -> u32 {
        self.keys += 1;
        self.items.push(Item {
            key: self.keys,
            list,
            inside,
            removed: false,
        });
        self.keys
    }

    fn add(&mut self, pressed: &Pressed) -> Expected {
        let (route, (outer, list)) = (self.route(), pressed.at);
        let (most, first) = if list == "people" { (3, "who") } else { (2, "pet") };
        if !route.leads(pressed.at) || route.length(pressed.at) >= most {
            return not_so("no room", Verdict::Conflict);
        }
        let again = self.sent.contains_key(&(pressed.id.clone(), pressed.action.clone()));
        let key = self.make(list, outer);
        // Of those that nobody began only the latest are kept.
        let mut empty = self.of(list, outer);
        empty.retain(|key| !self.is_touched(*key));
        let over = empty.len().saturating_sub(deity::limits::EMPTY_ITEMS);
        self.items.retain(|item| !empty[..over].contains(&item.key));
        self.stepped(pressed, key);
        done(if again { "added another" } else { "added" }, Some((key, first)))
    }

    fn remove(&mut self, pressed: &Pressed, key: u32) -> Expected {
        if self.item(key).is_none_or(|item| item.removed) {
            return done("removed already", None);
        }
        if !self.route().leads(pressed.at) {
            return not_so("list off the way", Verdict::Conflict);
        }
        self.items.iter_mut().find(|item| item.key == key).unwrap().removed = true;
        self.stepped(pressed, pressed.at.0);
        done("removed", None)
    }

    fn restore(&mut self, pressed: &Pressed, key: u32) -> Expected {
        let item = self.item(key).expect("it was removed once").clone();
        if !item.removed {
            if self.draft(pressed) {
                self.stepped(pressed, pressed.at.0);
            }
            return done("there already", None);
        }
        if !self.route().leads((item.inside, item.list)) {
            return not_so("list off the way", Verdict::Conflict);
        }
        self.draft(pressed);
        self.items.iter_mut().find(|item| item.key == key).unwrap().removed = false;
        self.stepped(pressed, pressed.at.0);
        let from_its_page = pressed.at.0 > 0 && pressed.at != (item.inside, item.list);
        done(if from_its_page { "added again" } else { "put back" }, None)
    }

    /// Puts aside what was typed; whether it was anything new.
    fn draft(&mut self, pressed: &Pressed) -> bool {
        let typed = filled(&pressed.fields);
        let known = self.answers.get(&pressed.at);
        let old = known.map(|answer| answer.draft.as_ref().unwrap_or(&answer.fields));
        if old.map_or(typed.is_empty(), |old| *old == typed) {
            return false;
        }
        self.answers.entry(pressed.at).or_default().draft = Some(typed);
        true
    }

    fn back(&mut self, pressed: &Pressed) -> Expected {
        let route = self.route();
        let to = route.before.get(&pressed.at).filter(|_| pressed.along).copied();
        if self.draft(pressed) {
            self.stepped(pressed, 0);
            done("back with a draft", to)
        } else {
            done("back", to)
        }
    }

    fn author(&mut self, pressed: &Pressed) -> Expected {
        let (route, at) = (self.route(), pressed.at);
        let reach = route.leads(at);
        if reach && pressed.action == "submit" && !pressed.same {
            return not_so("shown another", Verdict::Conflict);
        }
        if !passes(at.1, &filled(&pressed.fields), &offered(&route, at)) {
            return not_so("invalid", Verdict::Invalid);
        }
        if reach && at.1 == "hub" && route.hub_held {
            return not_so("tasks lack", Verdict::Conflict);
        }
        if let Some(lacking) = route.lacking(at).filter(|_| reach) {
            return done("led to what lacks", Some(lacking));
        }
        let bounds = match at.1 {
            "people" => 1..=3,
            "pets" => 0..=2,
            _ => 0..=usize::MAX,
        };
        if reach && !bounds.contains(&route.length(at)) {
            return not_so("too few or too many", Verdict::Invalid);
        }
        let fields = filled(&pressed.fields);
        let old = self.answers.entry(at).or_default();
        let amended = old.taken && old.fields != fields;
        old.fields = fields;
        old.taken = true;
        old.draft = None;
        self.stepped(pressed, 0);
        if !reach {
            return done("kept", None);
        }
        if pressed.action == "submit" {
            return done("ended", None);
        }
        let to = self.route().next.get(&at).copied();
        assert!(to.is_some(), "the reference knows where {pressed:?} leads");
        done(
            if amended { "amended" } else { "answered" },
            to.filter(|_| pressed.along),
        )
    }
}
