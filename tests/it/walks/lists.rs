//! The rules of lists and tasks, a second time: adding, removing, putting back, and what holds a page up.

use deity::flow::Value;
use deity::machine::Verdict;

use super::model::{Expected, Item, Model, Press, done, not_so};
use super::route::{At, Route, Stands, Walked};

impl Model<'_> {
    pub(super) fn add(&mut self, press: &Press<'_>, route: &Route) -> Expected {
        let at = press.at();
        let Some((number, list)) = self.flow.list_on(at.1).filter(|(_, list)| !list.is_driven()) else {
            return not_so("no room", Verdict::Conflict);
        };
        let strand = self.flow.strand(number).expect("it is there");
        let seen = self.seen(route, at);
        let rows = seen
            .get(&strand.name)
            .and_then(Value::as_rows)
            .map_or(0, |rows| rows.len());
        if !route.leads(at) || rows >= *self.bounds(list, &seen).end() {
            return not_so("no room", Verdict::Conflict);
        }
        let again = self.latest(press).is_some();
        let key = self.make(&strand.name, at.0, 0);
        self.step += 1;
        // Of those that nobody began only the latest are kept.
        let own = |item: &&Item| item.list == strand.name && item.inside == at.0 && !item.removed;
        let empty = self.items.iter().filter(own).map(|item| item.key);
        let empty: Vec<u32> = empty.filter(|key| !self.is_touched(*key)).collect();
        let over = empty.len().saturating_sub(deity::limits::EMPTY_ITEMS);
        self.items.retain(|item| !empty[..over].contains(&item.key));
        self.grow();
        let first = self.route().visits.into_iter().find(|visit| visit.at.0 == key);
        let to = first.map_or(at, |visit| visit.at);
        self.stepped(press, to);
        done(if again { "added another" } else { "added" }, to)
    }

    /// A list's page, or, where the way does not lead to it, the innermost around it to which it does.
    fn open_from(&self, at: At) -> At {
        let route = self.route();
        let mut here = Some(at);
        while let Some(at) = here {
            if route.leads(at) {
                return at;
            }
            here = self.page_of(at.0);
        }
        route.present(self.flow)
    }

    fn page_of(&self, key: u32) -> Option<At> {
        let item = self.item(key)?;
        let strand = self.flow.strands.iter().find(|strand| strand.name == item.list)?;
        Some((item.inside, strand.host))
    }

    pub(super) fn remove(&mut self, press: &Press<'_>, route: &Route, key: u32) -> Expected {
        let at = press.at();
        if self.item(key).is_none_or(|item| item.removed) {
            return done("removed already", self.open_from(at));
        }
        let driven = self.flow.list_on(at.1).is_some_and(|(_, list)| list.is_driven());
        if driven || !route.leads(at) {
            return not_so("list off the way", Verdict::Conflict);
        }
        self.items
            .iter_mut()
            .find(|item| item.key == key)
            .expect("it is there")
            .removed = true;
        self.step += 1;
        self.grow();
        let to = self.open_from(at);
        self.stepped(press, to);
        done("removed", to)
    }

    pub(super) fn restore(&mut self, press: &Press<'_>, route: &Route, key: u32) -> Expected {
        let at = press.at();
        let removed = self.item(key).expect("it was removed once").removed;
        if !removed {
            let to = self.open_from(at);
            if self.draft(press) {
                self.step += 1;
                self.grow();
                self.stepped(press, to);
            }
            return done("there already", to);
        }
        let page = self.page_of(key).expect("it is of a list");
        if !route.leads(page) {
            return not_so("list off the way", Verdict::Conflict);
        }
        self.draft(press);
        self.step += 1;
        self.items
            .iter_mut()
            .find(|item| item.key == key)
            .expect("it is there")
            .removed = false;
        self.grow();
        let to = self.open_from(at);
        self.stepped(press, to);
        done(if page == at { "put back" } else { "added again" }, to)
    }

    /// What holds the page of a list, or a task list, up.
    pub(super) fn holds_up(&self, route: &Route, at: At) -> Option<Expected> {
        self.flow.strands_on(at.1).next()?;
        let Some((_, list)) = self.flow.list_on(at.1) else {
            let must = |walked: &&Walked| {
                let task = walked.strand.and_then(|strand| self.flow.strand(strand)?.task());
                task.is_some_and(|task| !task.optional) && walked.stands != Stands::Done
            };
            let held = route.hanging(at).any(|walked| must(&walked));
            return held.then(|| not_so("tasks lack", Verdict::Conflict));
        };
        if let Some(lacking) = route.lacking(self.flow, at) {
            return Some(done("led to what lacks", lacking));
        }
        let seen = self.seen(route, at);
        let scope = self.scope(&seen);
        let broken = |rule: &deity::flow::Rule| rule.check.eval(&scope) == Some(Value::Bool(false));
        if self.screen(at.1).rules.iter().any(broken) {
            return Some(not_so("a list's rule", Verdict::Invalid));
        }
        let name = &self.screen(at.1).name;
        let rows = seen.get(name).and_then(Value::as_rows).map_or(0, |rows| rows.len());
        let fits = list.is_driven() || self.bounds(list, &seen).contains(&rows);
        (!fits).then(|| not_so("too few or too many", Verdict::Invalid))
    }
}
