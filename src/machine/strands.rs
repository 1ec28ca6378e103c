//! Strands as the fold walks them: the flow's own path, those of items, those of tasks.
//!
//! Owns the order in which they are walked, what each comes to, and which of an item's answers are
//! read where. Must not know what makes a screen's answer valid (`path`).

use rust_decimal::prelude::ToPrimitive as _;

use jiff::civil::Date;

use super::path::{At, Path, Until, Visit};
use super::{Place, Session};
use super::{absent, items};
use crate::flow::{Flow, Hangs, KEY, List, POSITION, Row, Rows, Scope, Strand, Task, Value, Values};
use crate::limits;

/// One walk along a strand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The strand's number in the flow; `None`: the flow's own path.
    pub strand: Option<u16>,
    /// The key of the item whose it is; 0: of none.
    pub item: u32,
    /// The visit that it hangs on.
    pub host: Option<usize>,
    /// Its last visit; `None` where none was made.
    pub last: Option<usize>,
    /// How far it came.
    pub standing: Standing,
}

/// How far an item or a task came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for other tasks.
    Waits,
    /// Nothing was answered or typed.
    Untouched,
    /// Begun, and not finished.
    Begun,
    /// Finished.
    Done,
}

/// Items that a list should have and that no step has made yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Short {
    /// The list's strand.
    pub(super) strand: u16,
    /// The item that they lie in.
    pub(super) inside: u32,
    /// For each the key of the item that it is made for; 0: for none.
    pub(super) lacks: Vec<u32>,
}

/// A fold under way.
pub(super) struct Folding<'a> {
    pub(super) flow: &'a Flow,
    pub(super) session: &'a Session,
    pub(super) until: Until<'a>,
    /// The last screen behind the seal, until it is passed, and the day of the seal.
    pub(super) seal: Option<(&'a Place, Date)>,
    /// The session is over.
    pub(super) over: bool,
    pub(super) reference: &'a str,
    /// It has come to `until`.
    pub(super) stopped: bool,
}

impl Folding<'_> {
    /// Walks one strand; whether it led back to its host.
    pub(super) fn strand(&mut self, path: &mut Path, walk: Walk, start: u16) -> bool {
        let number = path.walks.len();
        path.walks.push(walk);
        let host = walk
            .host
            .and_then(|host| path.visits.get(host))
            .map(|visit| visit.screen);
        let first = absent::lands(self.flow, start, &self.scope(path));
        if Some(first) == host {
            return true;
        }
        let mut next = Some(first);
        while let Some((n, screen)) = next.and_then(|n| Some((n, self.flow.screen(n)?))) {
            let place = Place {
                frame: 0,
                item: walk.item,
                screen: screen.name.clone(),
            };
            let at = At {
                flow: self.flow,
                session: self.session,
                screen,
                place: &place,
                day: self.seal.map_or(path.today, |(_, day)| day),
                settled: self.seal.is_some() || self.over,
                reference: self.reference,
            };
            self.seal = self.seal.filter(|(last, _)| **last != place);
            let before = self.until == Until::Before(&place);
            if !before {
                path.bring(&at);
            }
            let here = path.visits.len();
            path.visits.push(Visit {
                place: place.clone(),
                screen: n,
                walk: number,
            });
            if let Some(walk) = path.walks.get_mut(number) {
                walk.last = Some(here);
            }
            self.stopped |= before;
            let ready = self.hanging(path, (n, here), walk.item);
            self.stopped |= self.until == Until::Here(&place);
            if self.stopped {
                return false;
            }
            next = path.through(&at, ready, host);
            if next.is_some() && next == host {
                return true;
            }
        }
        false
    }

    /// Walks what hangs on a screen; whether nothing of it holds the path up.
    fn hanging(&mut self, path: &mut Path, (screen, here): (u16, usize), item: u32) -> bool {
        let mut ready = true;
        if self.flow.strands.is_empty() {
            return ready;
        }
        let flow = self.flow;
        for (number, strand) in flow.strands_on(screen) {
            if self.stopped {
                return false;
            }
            ready &= match &strand.of {
                Hangs::Items(list) => self.items(path, (number, strand, list), here, item),
                Hangs::Task(task) => self.task(path, (number, strand, task), (screen, here)),
            };
        }
        ready
    }

    /// Walks the items of a list, and gathers their answers as its rows.
    fn items(
        &mut self,
        path: &mut Path,
        (number, strand, list): (u16, &Strand, &List),
        here: usize,
        inside: u32,
    ) -> bool {
        let (keys, lacks) = self.keys(path, strand, list, inside);
        let outer = [POSITION, KEY].map(|name| (name, path.values.remove(name)));
        let mut ready = lacks.is_empty();
        if !ready && !self.over {
            path.short.push(Short {
                strand: number,
                inside,
                lacks,
            });
        }
        let mut rows: Vec<Row> = Vec::with_capacity(keys.len());
        for key in keys {
            let position = Value::Number((rows.len() + 1).into());
            path.values.insert(POSITION.to_owned(), position);
            path.values.insert(KEY.to_owned(), Value::Text(key.to_string()));
            if list.reads_itself {
                let before: Rows = rows.clone().into();
                path.values.insert(strand.name.clone(), Value::Rows(before));
            }
            let walk = Walk {
                strand: Some(number),
                item: key,
                host: Some(here),
                last: None,
                standing: Standing::Begun,
            };
            let at = path.walks.len();
            let done = self.strand(path, walk, strand.start);
            let touched = items::is_touched(self.session, key);
            let standing = match (done && touched, touched) {
                (true, _) => Standing::Done,
                (false, true) => Standing::Begun,
                (false, false) => Standing::Untouched,
            };
            if let Some(walk) = path.walks.get_mut(at) {
                walk.standing = standing;
            }
            if self.stopped {
                return false;
            }
            let own = list.names.iter().filter_map(|name| path.values.remove_entry(name));
            let values = std::sync::Arc::new(own.collect());
            if standing != Standing::Untouched || list.is_driven() {
                rows.push(Row { key, values });
                ready &= standing == Standing::Done;
            }
        }
        give_back(&mut path.values, outer);
        ready &= self.bounds(path, list).contains(&rows.len());
        path.values.insert(strand.name.clone(), Value::Rows(rows.into()));
        ready
    }

    /// The keys of the items of a list that count, and of those that there should be beside them the
    /// keys of the items for which they are.
    fn keys(&self, path: &Path, strand: &Strand, list: &List, inside: u32) -> (Vec<u32>, Vec<u32>) {
        if let Some(each) = &list.each {
            let rows = path.values.get(each).and_then(Value::as_rows);
            let mut there = Vec::new();
            let mut lacks = Vec::new();
            for row in rows.into_iter().flatten() {
                match items::made_for(self.session, &strand.name, inside, row.key) {
                    Some(key) => there.push(key),
                    None => lacks.push(row.key),
                }
            }
            return (there, lacks);
        }
        let there = items::of(self.session, &strand.name, inside);
        let Some(count) = &list.count else {
            return (there.collect(), Vec::new());
        };
        let wanted = count.eval(&self.scope(path)).as_ref().and_then(Value::as_number);
        let wanted = wanted.and_then(|n| n.trunc().to_usize()).unwrap_or_default();
        let wanted = wanted.min(limits::LIST_ITEMS as usize);
        let keys: Vec<u32> = there.take(wanted).collect();
        let lacks = vec![0; wanted - keys.len()];
        (keys, lacks)
    }

    /// How many items a list may have for the path to go on.
    fn bounds(&self, path: &Path, list: &List) -> std::ops::RangeInclusive<usize> {
        if list.is_driven() {
            return 0..=usize::MAX;
        }
        items::bounds(list, &self.scope(path))
    }

    fn scope<'s>(&'s self, path: &'s Path) -> Scope<'s> {
        path.scope_of(self.reference)
    }

    /// Walks a task; whether what is behind the task list need not wait for it.
    fn task(
        &mut self,
        path: &mut Path,
        (number, strand, task): (u16, &Strand, &Task),
        (screen, here): (u16, usize),
    ) -> bool {
        let there = task.when.as_ref().is_none_or(|when| when.holds(&self.scope(path)));
        if !there {
            return true;
        }
        let mut walk = Walk {
            strand: Some(number),
            item: 0,
            host: Some(here),
            last: None,
            standing: Standing::Waits,
        };
        let done = |need: &u16| {
            let mut walks = path.walks.iter().filter(|walk| walk.strand == Some(*need));
            walks.all(|walk| walk.standing == Standing::Done)
        };
        if !task.needs.iter().all(done) {
            path.walks.push(walk);
            return task.optional;
        }
        walk.standing = Standing::Begun;
        let kept = self.seal;
        if kept.is_some_and(|(place, _)| self.is_of_another(place, screen, number)) {
            self.seal = None;
        }
        let own = self.seal.is_some();
        let at = path.walks.len();
        let done = self.strand(path, walk, strand.start);
        if !own {
            self.seal = kept;
        }
        let mut visits = path.visits.iter().filter(|visit| visit.walk == at);
        let touched = visits.any(|visit| self.session.answers.contains_key(&visit.place));
        if let Some(walk) = path.walks.get_mut(at) {
            walk.standing = match (done, touched) {
                (true, _) => Standing::Done,
                (false, true) => Standing::Begun,
                (false, false) => Standing::Untouched,
            };
        }
        done || task.optional
    }

    /// Whether a screen stands in another task of the same task list.
    fn is_of_another(&self, place: &Place, hub: u16, task: u16) -> bool {
        let screen = self
            .flow
            .number(&place.screen)
            .and_then(|number| self.flow.screen(number));
        let around = std::iter::successors(screen.and_then(|screen| screen.strand), |strand| {
            self.flow.around(*strand)
        });
        around
            .filter(|strand| self.flow.strand(*strand).is_some_and(|strand| strand.host == hub))
            .any(|strand| strand != task)
    }
}

/// Gives back what an item's own names hid.
fn give_back(values: &mut Values, hidden: [(&str, Option<Value>); 2]) {
    for (name, value) in hidden {
        values.remove(name);
        values.extend(value.map(|value| (name.to_owned(), value)));
    }
}

impl Path {
    /// Lets the answers of the item that a page is about be read on it, and no other item's.
    pub fn enter(&mut self, flow: &Flow, session: &Session, place: &Place) {
        self.enter_item(flow, session, place.item);
    }

    /// The same for an item by its key; 0: none.
    pub(super) fn enter_item(&mut self, flow: &Flow, session: &Session, item: u32) {
        self.leave();
        self.put_item(flow, session, item);
    }

    /// Gives back what the item's answers hid.
    fn leave(&mut self) {
        while let Some((name, before)) = self.entered.pop() {
            match before {
                Some(value) => self.values.insert(name, value),
                None => self.values.remove(&name),
            };
        }
    }

    fn put_item(&mut self, flow: &Flow, session: &Session, item: u32) {
        if item == 0 {
            return;
        }
        let keys = items::around(session, item);
        for (key, list) in keys.into_iter().rev() {
            let rows = self
                .values
                .get(&list)
                .and_then(Value::as_rows)
                .cloned()
                .unwrap_or_default();
            let at = rows.iter().position(|row| row.key == key);
            let row = at.and_then(|at| rows.get(at)).cloned();
            let position = at.unwrap_or(rows.len()) + 1;
            self.put(POSITION.to_owned(), Value::Number(position.into()));
            self.put(KEY.to_owned(), Value::Text(key.to_string()));
            if items::reads_itself(flow, &list) {
                let before: Rows = rows.iter().take(position - 1).cloned().collect();
                self.put(list, Value::Rows(before));
            }
            for (name, value) in row.iter().flat_map(|row| row.values.iter()) {
                self.put(name.clone(), value.clone());
            }
        }
    }

    fn put(&mut self, name: String, value: Value) {
        let before = self.values.insert(name.clone(), value);
        self.entered.push((name, before));
    }

    /// The walks that hang on the visit of a screen, in the order of the file.
    pub fn hanging(&self, host: usize) -> impl Iterator<Item = &Walk> {
        self.walks.iter().filter(move |walk| walk.host == Some(host))
    }

    /// The walk that a visit is of.
    pub fn walk_of(&self, visit: &Visit) -> Option<&Walk> {
        self.walks.get(visit.walk)
    }

    /// Whether a screen is where its item or its task stands: nothing of that was answered behind it.
    pub(super) fn is_front(&self, place: &Place) -> bool {
        let at = self.position(place);
        let walk = at.and_then(|at| self.walks.get(self.visits.get(at)?.walk));
        walk.is_some_and(|walk| walk.host.is_some() && walk.standing != Standing::Done && walk.last == at)
    }

    /// Where the item or the task lacks something that a screen is of, if it does.
    pub(super) fn lacking_beside(&self, place: &Place) -> Option<&Visit> {
        let visit = self.visits.get(self.position(place)?)?;
        let walk = self
            .walk_of(visit)
            .filter(|walk| walk.host.is_some() && walk.standing != Standing::Done)?;
        self.visits.get(walk.last?)
    }

    /// The first visit from which something lacks in what hangs on a visit, if something does.
    pub(super) fn lacking_in(&self, flow: &Flow, host: usize) -> Option<&Visit> {
        let driven = |walk: &Walk| {
            let strand = walk.strand.and_then(|strand| flow.strand(strand));
            strand.and_then(Strand::list).is_some_and(List::is_driven)
        };
        let lacks = |walk: &&Walk| match walk.standing {
            Standing::Begun => true,
            Standing::Untouched => driven(walk),
            Standing::Waits | Standing::Done => false,
        };
        let items = |walk: &&Walk| walk.item != 0;
        let last = self.hanging(host).filter(items).find(lacks)?.last?;
        self.lacking_in(flow, last).or_else(|| self.visits.get(last))
    }
}

/// What of a path can be changed no more.
#[derive(Debug)]
pub struct Sealed {
    /// So many visits lie before the seal.
    before: usize,
    /// Visits among them that are open: other tasks' than the sealed one.
    open: Vec<usize>,
}

impl Sealed {
    /// Whether the visit of that place in the path lies behind the seal.
    pub fn holds(&self, visit: usize) -> bool {
        visit < self.before && !self.open.contains(&visit)
    }
}

impl Path {
    /// What lies behind the session's seal: in a task only what stands before it there, and before
    /// the task list.
    pub fn sealed(&self, session: &Session) -> Sealed {
        let seal = session.seal.as_ref().and_then(|seal| self.position(&seal.place));
        let Some(seal) = seal else {
            return Sealed {
                before: 0,
                open: Vec::new(),
            };
        };
        let walk = |visit: usize| Some(self.visits.get(visit)?.walk);
        let outer = |walk: &usize| self.walks.get(*walk)?.host.and_then(walk_at(self));
        let chain: Vec<usize> = std::iter::successors(walk(seal), outer).collect();
        let hosts: Vec<usize> = chain.iter().filter_map(|walk| self.walks.get(*walk)?.host).collect();
        let beside = |visit: &usize| {
            let of = std::iter::successors(walk(*visit), outer);
            let task = |walk: usize| !chain.contains(&walk) && self.walks.get(walk).is_some_and(|walk| walk.item == 0);
            hosts.contains(visit) || of.into_iter().any(task)
        };
        Sealed {
            before: seal + 1,
            open: if hosts.is_empty() {
                Vec::new()
            } else {
                (0..=seal).filter(beside).collect()
            },
        }
    }

    /// Whether the path leads to a screen that the seal has closed.
    pub(super) fn is_sealed(&self, session: &Session, place: &Place) -> bool {
        session.seal.is_some() && self.position(place).is_some_and(|at| self.sealed(session).holds(at))
    }
}

/// The walk that the visit of a place is of.
fn walk_at(path: &Path) -> impl Fn(usize) -> Option<usize> {
    |visit| Some(path.visits.get(visit)?.walk)
}
