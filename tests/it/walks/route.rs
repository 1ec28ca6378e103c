//! The way through a flow, reckoned anew each time from all that was ever said.
//!
//! It has nothing of the program's `machine`: what a definition says, and how an expression and a field judge a
//! value, is all that it knows. Scopes are copied, not shared, so that nothing can leak out of one.

use std::collections::BTreeMap;

use deity::flow::{Action, Branch, Control, Expr, Field, Flow, Hangs, List, Row, Scope, Screen, Task, Value, Values};
use rust_decimal::prelude::ToPrimitive as _;

use super::model::{Model, Plant};

/// The key of an item, or 0, and the number of a screen.
pub(super) type At = (u32, u16);

/// A screen that the way comes to.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) at: At,
    /// Among those that were walked.
    pub(super) walked: usize,
    /// The screen before it; before the first of an item or a task the page on which that hangs.
    pub(super) before: Option<At>,
    /// What counts on it before it is answered.
    pub(super) here: Values,
}

/// How far an item or a task came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    Waits,
    Untouched,
    Begun,
    Done,
}

/// A path: the flow's own, an item's or a task's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walked {
    pub(super) strand: Option<u16>,
    pub(super) item: u32,
    pub(super) host: Option<At>,
    pub(super) last: Option<At>,
    pub(super) stands: Stands,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    pub(super) visits: Vec<Visit>,
    pub(super) values: Values,
    pub(super) walked: Vec<Walked>,
    /// Items that driven lists should have and nobody made: list, the item that it lies in, for which items.
    pub(super) short: Vec<(u16, u32, Vec<u32>)>,
    /// The done calls that count, among those that were asked for.
    pub(super) calls: Vec<usize>,
    /// Done calls that the way comes to with something else than they sent.
    pub(super) stale: Vec<usize>,
    /// Screens that were passed by, by number.
    pub(super) passed: Vec<u16>,
}

impl Route {
    pub(super) fn visit(&self, at: At) -> Option<&Visit> {
        self.visits.iter().find(|visit| visit.at == at)
    }

    pub(super) fn leads(&self, at: At) -> bool {
        self.visit(at).is_some()
    }

    pub(super) fn position(&self, at: At) -> Option<usize> {
        self.visits.iter().position(|visit| visit.at == at)
    }

    pub(super) fn hanging(&self, host: At) -> impl Iterator<Item = &Walked> {
        self.walked.iter().filter(move |walked| walked.host == Some(host))
    }

    /// Where something lacks in the items of a list's page.
    pub(super) fn lacking(&self, flow: &Flow, host: At) -> Option<At> {
        let driven = |walked: &Walked| list_of(flow, walked.strand).is_some_and(List::is_driven);
        let lacks = |walked: &&Walked| match walked.stands {
            Stands::Begun => true,
            Stands::Untouched => driven(walked),
            Stands::Waits | Stands::Done => false,
        };
        let last = self.hanging(host).filter(|walked| walked.item != 0).find(lacks)?.last?;
        self.lacking(flow, last).or(Some(last))
    }

    /// Where the item or the task that a screen is of lacks something.
    pub(super) fn lacking_beside(&self, at: At) -> Option<At> {
        let walked = self.walked[self.visit(at)?.walked];
        let lacks = walked.host.is_some() && walked.stands != Stands::Done;
        walked.last.filter(|_| lacks)
    }

    /// Where the transaction stands.
    pub(super) fn present(&self, flow: &Flow) -> At {
        let last = self.walked[0].last.expect("the first screen is on the way");
        self.lacking(flow, last).unwrap_or(last)
    }
}

pub(super) fn list_of(flow: &Flow, strand: Option<u16>) -> Option<&List> {
    flow.strand(strand?)?.list()
}

/// Whether a screen stands to the side of the way.
pub(super) fn is_aside(screen: &Screen) -> bool {
    let shows = screen.shows_answers();
    screen.actions.is_empty() && screen.end.is_none() && !shows && screen.asked().next().is_none()
}

/// The way that an action takes with what counts.
pub(super) fn branch<'a>(action: &'a Action, scope: &Scope<'_>) -> Option<(usize, &'a Branch)> {
    if action.when.as_ref().is_some_and(|when| !when.holds(scope)) {
        return None;
    }
    let mut branches = action.branches.iter().enumerate();
    branches.find(|(_, branch)| branch.when.as_ref().is_none_or(|when| when.holds(scope)))
}

impl<'f> Model<'f> {
    pub(super) fn screen(&self, number: u16) -> &'f Screen {
        &self.flow.screens[usize::from(number)]
    }

    pub(super) fn scope<'a>(&'a self, values: &'a Values) -> Scope<'a> {
        Scope {
            values,
            today: self.today,
            reference: &self.reference,
            words: self.flow.words(),
            on_page: false,
        }
    }

    pub(super) fn number(&self, expr: &Expr, values: &Values) -> Option<usize> {
        expr.eval(&self.scope(values))?.as_number()?.trunc().to_usize()
    }

    pub(super) fn route(&self) -> Route {
        let mut route = Route::default();
        let mut values = Values::new();
        let own = Walked {
            strand: None,
            item: 0,
            host: None,
            last: None,
            stands: Stands::Begun,
        };
        self.walk(&mut route, &mut values, own, self.flow.start);
        route.values = values;
        route
    }

    /// Past the screens that are not there.
    pub(super) fn lands(&self, mut to: u16, values: &Values, passed: &mut Vec<u16>) -> u16 {
        if self.plant == Some(Plant::WhenIsNothing) {
            return to;
        }
        for _ in &self.flow.screens {
            let screen = self.screen(to);
            let scope = self.scope(values);
            if screen.when.as_ref().is_none_or(|when| when.holds(&scope)) {
                break;
            }
            passed.push(to);
            let first = &screen.actions[0];
            let holds = |branch: &&Branch| branch.when.as_ref().is_none_or(|when| when.holds(&scope));
            to = first.branches.iter().find(holds).expect("some way leads past").to;
        }
        to
    }

    /// Whether the path leads back to the page on which it hangs.
    fn walk(&self, route: &mut Route, values: &mut Values, of: Walked, start: u16) -> bool {
        let walked = route.walked.len();
        route.walked.push(of);
        let home = of.host.map(|host| host.1);
        let mut passed = Vec::new();
        let mut next = Some(self.lands(start, values, &mut passed));
        while let Some(n) = next {
            if Some(n) == home {
                route.passed.extend(passed);
                return true;
            }
            let at = (of.item, n);
            let before = route.walked[walked].last.or(of.host);
            let visit = route.visits.len();
            route.visits.push(Visit {
                at,
                walked,
                before,
                here: Values::new(),
            });
            route.walked[walked].last = Some(at);
            self.bring(at, values);
            let ready = self.hangs(route, values, at);
            route.visits[visit].here.clone_from(values);
            next = self.leads_to(route, values, at, (ready, home), &mut passed);
        }
        route.passed.extend(passed);
        false
    }

    /// Takes up what a screen was answered with, if that holds, and says where it leads.
    fn leads_to(
        &self,
        route: &mut Route,
        values: &mut Values,
        at: At,
        (ready, home): (bool, Option<u16>),
        passed: &mut Vec<u16>,
    ) -> Option<u16> {
        let screen = self.screen(at.1);
        let none = BTreeMap::new();
        let said = self.said.get(&at);
        let mut own = values.clone();
        let valid = self.take(screen, said.map_or(&none, |said| &said.values), &mut own);
        let taken = said.and_then(|said| said.action.as_deref()).filter(|_| valid && ready);
        let action = taken.and_then(|name| screen.actions.iter().find(|action| action.name == name));
        let to = action.and_then(|action| self.led(route, &mut own, at, action));
        let to = to.map(|to| self.lands(to, &own, passed));
        let to = to
            .filter(|to| self.screen(*to).final_end().is_none())
            .filter(|to| Some(*to) == home || !route.leads((at.0, *to)));
        if to.is_some() {
            *values = own;
        } else {
            let mut unanswered = values.clone();
            unanswered.retain(|name, _| screen.fields().all(|field| field.name != *name));
            if self.plant == Some(Plant::UnansweredCounts) {
                unanswered = own;
            }
            self.take(screen, &none, &mut unanswered);
            *values = unanswered;
        }
        to
    }

    /// The answers of a screen and what is computed on it, into `values`; whether they hold.
    pub(super) fn take(&self, screen: &Screen, said: &BTreeMap<String, Value>, values: &mut Values) -> bool {
        let mut valid = true;
        for field in screen.fields() {
            let value = if let Some(computed) = field.computed() {
                computed.eval(&self.scope(values))
            } else if field
                .when
                .as_ref()
                .is_some_and(|when| !when.guard.holds(&self.scope(values)))
            {
                None
            } else {
                let answer = said.get(&field.name);
                let holds = |answer: &Value| field.still_valid(answer, &self.scope(values));
                let passes = answer.map_or(!field.required, holds);
                // Where there is nothing to choose nobody is held up, and what was chosen does not count.
                let nothing = !passes && self.has_nothing(field, values);
                valid &= passes || nothing;
                answer.filter(|_| !nothing).cloned()
            };
            values.extend(value.map(|value| (field.name.clone(), value)));
        }
        let scope = self.scope(values);
        let mut rules = screen.rules.iter();
        valid && rules.all(|rule| rule.check.eval(&scope) != Some(Value::Bool(false)))
    }

    pub(super) fn has_nothing(&self, field: &Field, values: &Values) -> bool {
        match field.control(&self.scope(values)) {
            Control::One(offers) | Control::Several(offers) => offers.is_empty(),
            _ => false,
        }
    }

    /// What hangs on a screen; whether nothing of it holds the way up.
    fn hangs(&self, route: &mut Route, values: &mut Values, at: At) -> bool {
        let mut ready = true;
        for (number, strand) in self.flow.strands_on(at.1) {
            ready &= match &strand.of {
                Hangs::Items(list) => self.items(route, values, at, (number, list)),
                Hangs::Task(task) => self.task(route, values, at, (number, task)),
            };
        }
        ready
    }

    /// Which items a list has, and for which others it should have one.
    fn keys(&self, values: &Values, list: &List, name: &str, inside: u32) -> (Vec<u32>, Vec<u32>) {
        let own = |item: &&super::model::Item| item.list == name && item.inside == inside;
        if let Some(each) = &list.each {
            let rows = values.get(each).and_then(Value::as_rows).cloned().unwrap_or_default();
            let mut keys = (Vec::new(), Vec::new());
            for row in rows.iter() {
                match self.items.iter().filter(own).find(|item| item.of == row.key) {
                    Some(item) => keys.0.push(item.key),
                    None => keys.1.push(row.key),
                }
            }
            return keys;
        }
        let counts = |item: &&super::model::Item| !item.removed || self.plant == Some(Plant::RemovedCounts);
        let there = self.items.iter().filter(own).filter(counts);
        let mut there: Vec<u32> = there.map(|item| item.key).collect();
        let Some(count) = &list.count else {
            return (there, Vec::new());
        };
        let wanted = self.number(count, values).unwrap_or_default();
        there.truncate(wanted);
        let lacks = vec![0; wanted - there.len()];
        (there, lacks)
    }

    fn items(&self, route: &mut Route, values: &mut Values, host: At, (number, list): (u16, &List)) -> bool {
        let strand = self.flow.strand(number).expect("it is there");
        let (keys, lacks) = self.keys(values, list, &strand.name, host.0);
        let mut ready = lacks.is_empty();
        if !ready {
            route.short.push((number, host.0, lacks));
        }
        let mut rows: Vec<Row> = Vec::new();
        for key in keys {
            let mut inner = values.clone();
            inner.insert("position".to_owned(), Value::Number((rows.len() + 1).into()));
            inner.insert("key".to_owned(), Value::Text(key.to_string()));
            if list.reads_itself {
                inner.insert(strand.name.clone(), Value::Rows(rows.clone().into()));
            }
            let walked = route.walked.len();
            let of = Walked {
                strand: Some(number),
                item: key,
                host: Some(host),
                last: None,
                stands: Stands::Begun,
            };
            let done = self.walk(route, &mut inner, of, strand.start);
            let stands = match (self.is_touched(key), done) {
                (false, _) => Stands::Untouched,
                (true, false) => Stands::Begun,
                (true, true) => Stands::Done,
            };
            route.walked[walked].stands = stands;
            inner.retain(|name, _| list.names.contains(name));
            if stands != Stands::Untouched || list.is_driven() {
                ready &= stands == Stands::Done;
                rows.push(Row {
                    key,
                    values: std::sync::Arc::new(inner),
                });
            }
        }
        let enough = list.is_driven() || self.bounds(list, values).contains(&rows.len());
        values.insert(strand.name.clone(), Value::Rows(rows.into()));
        ready && enough
    }

    /// How many items a list that people fill may have.
    pub(super) fn bounds(&self, list: &List, values: &Values) -> std::ops::RangeInclusive<usize> {
        let least = list.min.as_ref().and_then(|min| self.number(min, values));
        let most = list.max.as_ref().and_then(|max| self.number(max, values));
        least.unwrap_or(0)..=most.unwrap_or(deity::limits::LIST_ITEMS_USUAL as usize)
    }

    fn task(&self, route: &mut Route, values: &mut Values, host: At, (number, task): (u16, &Task)) -> bool {
        if task.when.as_ref().is_some_and(|when| !when.holds(&self.scope(values))) {
            return true;
        }
        let of = Walked {
            strand: Some(number),
            item: 0,
            host: Some(host),
            last: None,
            stands: Stands::Waits,
        };
        let done = |need: &u16| {
            let mut needed = route.walked.iter().filter(|walked| walked.strand == Some(*need));
            needed.all(|walked| walked.stands == Stands::Done)
        };
        if !task.needs.iter().all(done) {
            route.walked.push(of);
            return task.optional;
        }
        let walked = route.walked.len();
        let start = self.flow.strand(number).expect("it is there").start;
        let done = self.walk(route, values, of, start);
        let mut own = route.visits.iter().filter(|visit| visit.walked == walked);
        let touched = own.any(|visit| self.said.contains_key(&visit.at));
        route.walked[walked].stands = match (done, touched) {
            (true, _) => Stands::Done,
            (false, true) => Stands::Begun,
            (false, false) => Stands::Untouched,
        };
        done || task.optional
    }

    /// Whether anything was answered or typed for an item.
    pub(super) fn is_touched(&self, key: u32) -> bool {
        self.said.keys().any(|at| at.0 == key) || self.items.iter().any(|item| item.inside == key)
    }

    /// What may be read on a page: all that counts, and of the items that it is about their own.
    pub(super) fn seen(&self, route: &Route, at: At) -> Values {
        let mut values = route.values.clone();
        for key in self.around(at.0) {
            let item = self.items.iter().find(|item| item.key == key).expect("it was made");
            let rows = values
                .get(&item.list)
                .and_then(Value::as_rows)
                .cloned()
                .unwrap_or_default();
            let place = rows.iter().position(|row| row.key == key);
            let before = place.unwrap_or(rows.len());
            values.insert("position".to_owned(), Value::Number((before + 1).into()));
            values.insert("key".to_owned(), Value::Text(key.to_string()));
            let strand = self.flow.strands.iter().find(|strand| strand.name == item.list);
            if strand
                .and_then(|strand| strand.list())
                .is_some_and(|list| list.reads_itself)
            {
                let earlier: Vec<Row> = rows.iter().take(before).cloned().collect();
                values.insert(item.list.clone(), Value::Rows(earlier.into()));
            }
            let row = place.and_then(|place| rows.get(place));
            values.extend(row.iter().flat_map(|row| row.values.as_ref().clone()));
        }
        values
    }

    /// An item and those around it, the outermost first.
    pub(super) fn around(&self, key: u32) -> Vec<u32> {
        let outer = |key: &u32| {
            let item = self.items.iter().find(|item| item.key == *key);
            item.map(|item| item.inside).filter(|inside| *inside > 0)
        };
        let known = self.items.iter().any(|item| item.key == key);
        let mut around: Vec<u32> = std::iter::successors(Some(key).filter(|_| known), outer).collect();
        around.reverse();
        around
    }
}
