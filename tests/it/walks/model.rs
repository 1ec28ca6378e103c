//! What was said, by address, and what the contract's table makes of each press.
//!
//! The table stands here a second time, in the plainest words: no step remembers anything but what was said.

use std::collections::BTreeMap;

use deity::flow::{Flow, Form, Value, Values};
use deity::id::{ScreenId, Way};
use deity::machine::Verdict;
use jiff::civil::Date;

use super::calls::Asking;
use super::route::{At, Route, Visit};

/// Rules that the reference gets wrong on purpose: the walks must notice each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plant {
    /// What is answered on a screen that does not hold counts all the same.
    UnansweredCounts,
    /// What was removed counts on.
    RemovedCounts,
    /// Screens that come and go are always there.
    WhenIsNothing,
    /// The same press again is another step.
    NoReplay,
    /// What was kept aside is lost as the way turns away from it.
    AsideIsLost,
    /// *Back* throws away what was typed.
    NoDraft,
    /// Any screen may be answered at any time, and counts.
    KeptLeadsOn,
    /// A change link leads on along the way, not back to where it stood.
    ChangeLeadsOn,
}

impl Plant {
    pub(super) const ALL: [Self; 8] = [
        Self::UnansweredCounts,
        Self::RemovedCounts,
        Self::WhenIsNothing,
        Self::NoReplay,
        Self::AsideIsLost,
        Self::NoDraft,
        Self::KeptLeadsOn,
        Self::ChangeLeadsOn,
    ];
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: u32,
    pub(super) list: String,
    pub(super) inside: u32,
    pub(super) removed: bool,
    pub(super) of: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) values: BTreeMap<String, Value>,
    pub(super) action: Option<String>,
    /// As it was typed, without what was left empty.
    pub(super) draft: Option<Vec<(String, String)>>,
}

/// Which presentation was pressed, and what.
pub(super) type Pressed = (u64, At, String, String);

/// What became of it, the latest.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) key: Pressed,
    pub(super) form: Vec<(String, String)>,
    pub(super) led: At,
    pub(super) step: u64,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Live,
    Ended,
    Cancelled,
}

#[derive(Clone)]
pub(super) struct Model<'f> {
    pub(super) flow: &'f Flow,
    pub(super) today: Date,
    pub(super) reference: String,
    pub(super) plant: Option<Plant>,
    pub(super) said: BTreeMap<At, Said>,
    pub(super) items: Vec<Item>,
    pub(super) keys: u32,
    pub(super) step: u64,
    pub(super) life: Life,
    /// The last screen behind the seal, and the step that passed it.
    pub(super) seal: Option<(At, u64)>,
    /// The latest of each press that was a step, oldest first.
    pub(super) sent: Vec<Sent>,
    /// Every step after this one is still among them.
    pub(super) kept_from: u64,
    pub(super) asked: Vec<Asking>,
    pub(super) wishes_cancel: bool,
    /// The step of somebody else that was the latest, and where it led.
    pub(super) settled: Option<(u64, At)>,
}

/// What must come of a press.
#[derive(Debug)]
pub(super) struct Expected {
    /// The row of the table, or of the rules of lists.
    pub(super) row: &'static str,
    pub(super) verdict: Verdict,
    /// The screen that is shown; `None`: some page of its own.
    pub(super) to: Option<At>,
    /// The way that was taken: screen, action, and which of its branches.
    pub(super) edge: Option<(u16, String, usize)>,
}

pub(super) fn done(row: &'static str, to: At) -> Expected {
    Expected {
        row,
        verdict: Verdict::Done,
        to: Some(to),
        edge: None,
    }
}

pub(super) fn not_so(row: &'static str, verdict: Verdict) -> Expected {
    Expected {
        row,
        verdict,
        to: None,
        edge: None,
    }
}

/// A form without what was left empty, in one order.
pub(super) fn filled(form: &Form) -> Vec<(String, String)> {
    let trimmed = form
        .0
        .iter()
        .map(|(name, value)| (name.clone(), value.trim().to_owned()));
    let mut filled: Vec<_> = trimmed.filter(|field| !field.1.is_empty()).collect();
    filled.sort();
    filled
}

/// What was read of a form.
pub(super) struct Reading {
    pub(super) values: BTreeMap<String, Value>,
    pub(super) all: Values,
    pub(super) passes: bool,
    pub(super) not_offered: bool,
}

/// A press under way.
pub(super) struct Press<'a> {
    pub(super) id: ScreenId,
    pub(super) action: &'a str,
    pub(super) form: &'a Form,
    /// The page came back anew because what it showed is another now.
    pub(super) another: bool,
}

impl Press<'_> {
    pub(super) fn at(&self) -> At {
        (self.id.item, self.id.screen)
    }

    pub(super) fn key(&self) -> Pressed {
        (
            self.id.step,
            self.at(),
            format!("{:?}", self.id.way),
            self.action.to_owned(),
        )
    }
}

impl<'f> Model<'f> {
    pub(super) fn new(flow: &'f Flow, today: Date, reference: String) -> Self {
        let mut model = Self {
            flow,
            today,
            reference,
            plant: None,
            said: BTreeMap::new(),
            items: Vec::new(),
            keys: 0,
            step: 1,
            life: Life::Live,
            seal: None,
            sent: Vec::new(),
            kept_from: 0,
            asked: Vec::new(),
            wishes_cancel: false,
            settled: None,
        };
        let first = model.screen(flow.start);
        if first.starts() && flow.strands_on(flow.start).next().is_none() {
            model.said.entry((0, flow.start)).or_default().action = Some(first.actions[0].name.clone());
        }
        model.grow();
        // The start was a press too.
        let started = model.said.get(&(0, flow.start)).and_then(|said| said.action.clone());
        model.sent.push(Sent {
            key: (
                0,
                (0, flow.start),
                format!("{:?}", Way::Path),
                started.unwrap_or_default(),
            ),
            form: Vec::new(),
            led: (0, flow.start),
            step: 1,
        });
        model
    }

    /// Driven lists have the items that they lack; each round makes those that the round before has led to.
    pub(super) fn grow(&mut self) {
        let mut lists = self.flow.strands.iter().filter_map(|strand| strand.list());
        if !lists.any(|list| list.is_driven()) {
            return;
        }
        loop {
            let short = self.route().short;
            if short.is_empty() || self.life != Life::Live {
                return;
            }
            for (strand, inside, of) in short {
                let list = &self.flow.strand(strand).expect("it is there").name;
                for of in of {
                    self.make(list, inside, of);
                }
            }
        }
    }

    pub(super) fn make(&mut self, list: &str, inside: u32, of: u32) -> u32 {
        self.keys += 1;
        self.items.push(Item {
            key: self.keys,
            list: list.to_owned(),
            inside,
            removed: false,
            of,
        });
        self.keys
    }

    pub(super) fn item(&self, key: u32) -> Option<&Item> {
        self.items.iter().find(|item| item.key == key)
    }

    /// Removed, or in something that was, or forgotten.
    pub(super) fn is_gone(&self, key: u32) -> bool {
        let gone = |item: &Item| item.removed || self.is_gone(item.inside);
        key > 0 && self.item(key).is_none_or(gone)
    }

    /// Whether a screen lies behind the seal; of tasks only the sealed one does, and what stands before its list.
    pub(super) fn is_sealed(&self, route: &Route, at: At) -> bool {
        let Some(seal) = self.seal.and_then(|(seal, _)| route.visit(seal)) else {
            return false;
        };
        let around = |visit: &Visit| {
            let outer = |walked: &usize| Some(route.visit(route.walked[*walked].host?)?.walked);
            std::iter::successors(Some(visit.walked), outer).collect::<Vec<usize>>()
        };
        let chain = around(seal);
        let Some(visit) = route.visit(at) else { return false };
        let host = chain.iter().any(|walked| route.walked[*walked].host == Some(at));
        let tasks = around(visit)
            .into_iter()
            .filter(|walked| route.walked[*walked].strand.is_some());
        let mut tasks = tasks.filter(|walked| route.walked[*walked].item == 0);
        let beside = tasks.any(|task| !chain.contains(&task));
        !host && !beside && route.position(at) <= route.position(seal.at)
    }

    pub(super) fn is_open(&self, route: &Route, at: At) -> bool {
        route.leads(at) && !self.is_sealed(route, at)
    }

    /// A screen as it is seen from another: of the same item, or of one around it.
    pub(super) fn from(&self, here: At, screen: u16) -> At {
        let depth = self.flow.lists_around(self.screen(screen)).len();
        let around = self.around(here.0);
        let item = depth.checked_sub(1).and_then(|last| around.get(last));
        (item.copied().unwrap_or(0), screen)
    }

    pub(super) fn latest(&self, press: &Press<'_>) -> Option<&Sent> {
        let key = press.key();
        self.sent.iter().find(|sent| sent.key == key)
    }

    pub(super) fn sent_same(&self, press: &Press<'_>) -> bool {
        self.latest(press).is_some_and(|sent| sent.form == filled(press.form))
    }

    /// The latest step is this press, and it led there. The latest of all steps are kept, and the latest of
    /// each screen on the way.
    pub(super) fn stepped(&mut self, press: &Press<'_>, led: At) {
        let key = press.key();
        self.sent.retain(|sent| sent.key != key);
        self.sent.push(Sent {
            key,
            form: filled(press.form),
            led,
            step: self.step,
        });
        if self.sent.len() <= deity::limits::OUTCOMES_KEPT {
            return;
        }
        let route = self.route();
        while self.sent.len() > deity::limits::OUTCOMES_KEPT {
            let same = |at: At, other: At| at == other || at.0 > 0 && at.0 == other.0;
            let latest = |sent: &Sent| {
                let newer = |other: &Sent| other.step > sent.step && same(sent.key.1, other.key.1);
                route.leads(sent.key.1) && !self.sent.iter().any(newer)
            };
            let Some(oldest) = self.sent.iter().position(|sent| !latest(sent)) else {
                break;
            };
            let gone = self.sent.remove(oldest);
            self.kept_from = self.kept_from.max(gone.step);
        }
    }
}
