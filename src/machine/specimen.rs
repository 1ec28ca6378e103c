//! Specimens: each screen as it would be shown to somebody who came to it, without anybody.
//!
//! Owns the made-up sessions and showings, with some items in each list. Nothing of it is ever stored or acted on:
//! the pages are measured, and what they have in common goes into a dictionary.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::life::Begin;
use super::{
    Answer, Page, Path, Place, Presentation, Session, Showing, Standing, Typed, Verdict, Visit, Walk, form, items, life,
};
use crate::flow::{Field, Flow, Form, Hangs, KEY, List, POSITION, Row, Rows, Scope, Screen, Task, Value, Values};
use crate::id::{ScreenId, ScreenKey, SessionKey};

/// Items that a list has.
const ITEMS: usize = 2;
/// Items that all lists have together, about.
const ALL_ITEMS: usize = 100;

/// The screens of a flow as of a moment: of lists there are some items, nothing else is filled in and
/// everything before a screen not given.
#[derive(Debug)]
pub struct Specimens<'a> {
    flow: &'a Flow,
    now: i64,
    session: Session,
    /// The lists.
    values: Values,
}

impl<'a> Specimens<'a> {
    /// Those of a flow, as of `now` (seconds since 1970).
    pub fn of(flow: &'a Flow, now: i64) -> Option<Self> {
        let begin = Begin {
            at: SessionKey([7; 16]),
            key: ScreenKey([7; 16]),
            action: None,
            carried: None,
            presumed: None,
            language: None,
        };
        let (session, _) = life::start(flow, begin, now)?;
        let mut made = Made {
            flow,
            reference: session.at.reference(),
            session,
            path: Path {
                today: flow.day(now),
                words: flow.words(),
                ..Path::default()
            },
            dice: 7,
        };
        for (number, strand) in (0..).zip(&flow.strands) {
            let outermost = flow
                .screen(strand.host)
                .is_some_and(|host| flow.lists_around(host).is_empty());
            if let Some(list) = strand.list().filter(|_| outermost) {
                made.items((number, list), 0);
            }
        }
        Some(Self {
            flow,
            now,
            session: made.session,
            values: made.path.values,
        })
    }

    /// A screen; if `wrong`, the page that follows when it is sent with nothing filled in: `None` where nothing
    /// is wrong with that.
    pub fn draw(&self, screen: &Screen, wrong: bool) -> Option<(Session, Showing)> {
        let flow = self.flow;
        let number = flow.number(&screen.name)?;
        let place = self.place(screen);
        let mut session = self.session.clone();
        session.answers.remove(&place);
        let id = ScreenId {
            step: 9,
            screen: number,
            item: place.item,
            ..ScreenId::default()
        };
        let presentation = Presentation {
            id,
            place: place.clone(),
            back: screen.back && screen.final_end().is_none() && number != flow.start,
            on: false,
        };
        let path = self.path((number, screen), &session, &place);
        let reference = session.at.reference();
        let faults = if wrong {
            let scope = path.scope_of(&reference);
            form::read(screen, &Form::default(), &BTreeMap::new(), scope, scope.words).faults
        } else {
            Vec::new()
        };
        if wrong && faults.is_empty() {
            return None;
        }
        let showing = Showing {
            page: match screen.final_end() {
                Some(_) => Page::Receipt(presentation),
                None => Page::Screen(presentation),
            },
            verdict: if wrong { Verdict::Invalid } else { Verdict::Done },
            notices: Vec::new(),
            typed: wrong.then(|| Typed {
                place,
                fields: Form::default(),
                faults,
                is_draft: false,
            }),
            path,
        };
        Some((session, showing))
    }

    /// Of an item's screen, that of the last item: what it says of those before it has something to say.
    fn place(&self, screen: &Screen) -> Place {
        let mut inside = 0;
        for list in self.flow.lists_around(screen).into_iter().rev() {
            let name = self.flow.strand(list).map_or("", |strand| &strand.name);
            inside = items::of(&self.session, name, inside).last().unwrap_or_default();
        }
        Place {
            item: inside,
            ..Place::of(&screen.name)
        }
    }

    /// All screens, and that one: at its place if something hangs on it or it is an item's, else at the end.
    fn path(&self, (number, screen): (u16, &Screen), session: &Session, place: &Place) -> Path {
        let (flow, in_place) = (
            self.flow,
            place.item > 0 || self.flow.strands_on(number).next().is_some(),
        );
        let mut path = Path {
            values: self.values.clone(),
            today: flow.day(self.now),
            words: flow.words(),
            walks: vec![walk(None, 0, None, Standing::Begun)],
            ..Path::default()
        };
        let laid = Laid {
            flow,
            session,
            here: place,
            in_place,
        };
        laid.lay(&mut path, 0);
        if !in_place {
            let place = place.clone();
            let screen = number;
            path.visits.push(Visit { walk: 0, place, screen });
        }
        path.enter(flow, session, place);
        for field in screen.asked() {
            path.values.remove(&field.name);
        }
        path
    }
}

/// Lays the screens of a flow out.
struct Laid<'a> {
    flow: &'a Flow,
    session: &'a Session,
    here: &'a Place,
    in_place: bool,
}

impl Laid<'_> {
    /// The screens of a walk, and what hangs on them.
    fn lay(&self, path: &mut Path, number: usize) {
        let Some(Walk { strand, item, .. }) = path.walks.get(number).copied() else {
            return;
        };
        let own = self.flow.screens.iter().zip(0..);
        for (screen, n) in own.filter(|(screen, _)| screen.strand == strand && screen.end.is_none()) {
            let place = Place {
                item,
                ..Place::of(&screen.name)
            };
            let passed = item > 0 && screen.asked().next().is_some() && !self.session.answers.contains_key(&place);
            let here = place == *self.here;
            if if here { !self.in_place } else { passed } {
                continue;
            }
            let at = path.visits.len();
            path.visits.push(Visit {
                walk: number,
                place,
                screen: n,
            });
            if let Some(walk) = path.walks.get_mut(number) {
                walk.last = Some(at);
            }
            for (strand, hangs) in self.flow.strands_on(n) {
                match &hangs.of {
                    Hangs::Items(_) => {
                        for key in items::of(self.session, &hangs.name, item) {
                            path.walks.push(walk(Some(strand), key, Some(at), Standing::Done));
                            self.lay(path, path.walks.len() - 1);
                        }
                    }
                    Hangs::Task(task) => {
                        let standing = if self.in_place {
                            standing(path, at, task)
                        } else {
                            Standing::Done
                        };
                        path.walks.push(walk(Some(strand), 0, Some(at), standing));
                        self.lay(path, path.walks.len() - 1);
                    }
                }
            }
        }
    }
}

fn walk(strand: Option<u16>, item: u32, host: Option<usize>, standing: Standing) -> Walk {
    Walk {
        strand,
        item,
        host,
        last: None,
        standing,
    }
}

/// One of each kind, as somebody would find them half way.
fn standing(path: &Path, host: usize, task: &Task) -> Standing {
    let mut needs = path
        .walks
        .iter()
        .filter(|walk| walk.strand.is_some_and(|strand| task.needs.contains(&strand)));
    if needs.any(|walk| walk.standing != Standing::Done) {
        return Standing::Waits;
    }
    match path.hanging(host).count() {
        0 => Standing::Done,
        1 => Standing::Begun,
        _ => Standing::Untouched,
    }
}

/// Items, as they are made up.
struct Made<'a> {
    flow: &'a Flow,
    session: Session,
    reference: String,
    path: Path,
    dice: u64,
}

impl Made<'_> {
    /// The items of a list in an item, and all that they are asked.
    fn items(&mut self, (number, list): (u16, &List), inside: u32) {
        let Some(strand) = self.flow.strand(number) else {
            return;
        };
        let outer = [POSITION, KEY].map(|name| (name, self.path.values.remove(name)));
        let each = list
            .each
            .as_ref()
            .and_then(|each| self.path.values.get(each)?.as_rows().cloned());
        let count = each.as_ref().map_or(ITEMS, Rows::len);
        let mut rows: Vec<Row> = Vec::new();
        for n in 0..count {
            if self.session.items.len() >= ALL_ITEMS {
                break;
            }
            let of = each.as_ref().and_then(|each| each.get(n)).map_or(0, |row| row.key);
            let key = items::make(&mut self.session, strand, inside, of);
            self.know(POSITION, Value::Number((n + 1).into()));
            self.know(KEY, Value::Text(key.to_string()));
            if list.reads_itself {
                self.know(&strand.name, Value::Rows(rows.clone().into()));
            }
            let screens = self.flow.screens.iter().zip(0..);
            for (screen, at) in screens.filter(|(screen, _)| screen.strand == Some(number)) {
                self.answer(screen, key, n);
                for (inner, hangs) in self.flow.strands_on(at) {
                    if let Some(list) = hangs.list() {
                        self.items((inner, list), key);
                    }
                }
            }
            let values = &mut self.path.values;
            let own = list.names.iter().filter_map(|name| values.remove_entry(name)).collect();
            let values = Arc::new(own);
            rows.push(Row { key, values });
        }
        for (name, value) in outer {
            self.path.values.remove(name);
            self.path.values.extend(value.map(|value| (name.to_owned(), value)));
        }
        self.know(&strand.name, Value::Rows(rows.into()));
    }

    fn know(&mut self, name: &str, value: Value) {
        self.path.values.insert(name.to_owned(), value);
    }

    /// What an item's screen asks, answered, if it is there.
    fn answer(&mut self, screen: &Screen, item: u32, n: usize) {
        let holds = |made: &Self, when: Option<&crate::flow::Expr>| when.is_none_or(|when| when.holds(&made.scope()));
        if !holds(self, screen.when.as_ref()) {
            return;
        }
        let mut answer = Answer::default();
        for field in screen.fields() {
            if !holds(self, field.when.as_ref().map(|when| &when.guard)) {
                continue;
            }
            let value = match field.computed() {
                Some(value) => value.eval(&self.scope()),
                None => self.made(field, n),
            };
            let Some(value) = value else { continue };
            if field.is_asked() {
                answer.fields.insert(field.name.clone(), value.clone());
            }
            self.know(&field.name, value);
        }
        let place = Place {
            item,
            ..Place::of(&screen.name)
        };
        self.session.answers.insert(place, answer);
    }

    /// What could be answered: of several things another one for each item.
    fn made(&mut self, field: &Field, n: usize) -> Option<Value> {
        let mut dice = self.dice;
        let mut chance = |below: u64| {
            dice = dice
                .wrapping_mul(0x5851_F42D_4C95_7F2D)
                .wrapping_add(0x1405_7B7E_F767_814F);
            (dice >> 33).checked_rem(below).unwrap_or_default()
        };
        let mut all = field.made(&self.scope(), &mut chance);
        self.dice = dice;
        let at = n.checked_rem(all.len())?;
        Some(all.swap_remove(at))
    }

    fn scope(&self) -> Scope<'_> {
        self.path.scope_of(&self.reference)
    }
}
