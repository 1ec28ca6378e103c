//! What went amiss: what of a change of a session an operator must hear of.
//!
//! Owns which changes those are. Must not know who is told, nor by what.

use super::asked::{Asked, Purpose, Stage};
use super::looks::{checks_of, decide, sends_all, told_of};
use super::{Path, Session, State};
use crate::flow::{Field, Flow, Row, Rows, Screen, Type, Value};

/// Something that ended otherwise than it was meant to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amiss<'a> {
    /// An asking failed for good.
    Failed(&'a Asked),
    /// An asking is in doubt.
    InDoubt(&'a Asked),
    /// It ran out of time with so many answered screens.
    RanOut {
        /// Answered screens.
        screens: usize,
        /// Behind a seal: the answers are kept, and the operator must see to it.
        unfinished: bool,
    },
    /// So many of its answers were dropped that nothing which was done had sent.
    Dropped {
        /// Answered fields.
        answers: u32,
    },
}

/// What ended badly between two states of a session.
pub fn amiss<'a>(before: &Session, after: &'a Session) -> Vec<Amiss<'a>> {
    let mut found = Vec::new();
    for asked in &after.asked {
        let old = before.asking(asked.number).map(|old| &old.stage);
        if old == Some(&asked.stage) {
            continue;
        }
        match asked.stage {
            Stage::InDoubt { .. } if !matches!(old, Some(Stage::InDoubt { .. })) => {
                found.push(Amiss::InDoubt(asked));
            }
            Stage::Failed { .. } if asked.purpose == Purpose::Look => found.push(Amiss::Failed(asked)),
            _ if asked.failed().is_some() => found.push(Amiss::Failed(asked)),
            _ => {}
        }
    }
    // A start alone is no answer.
    let answers = before
        .answers
        .values()
        .filter(|answer| !answer.fields.is_empty())
        .count();
    match (&before.state, &after.state) {
        (State::Live, State::Expired { unfinished, .. }) if answers > 0 => found.push(Amiss::RanOut {
            screens: answers,
            unfinished: *unfinished,
        }),
        (State::Ended { .. }, State::Forgotten { .. }) if after.unsent > 0 => {
            found.push(Amiss::Dropped { answers: after.unsent });
        }
        _ => {}
    }
    found
}

/// The fields whose answers count and were told nobody else: not as they stand, by nothing that was done
/// and still counts; of items as an expression names them, once for each item. Secrets go nowhere, what was agreed
/// to stands in the journal, and what only steered says no more than the way that was taken: none of these is
/// named. `now` is in seconds since 1970.
pub fn unsent(flow: &Flow, session: &Session, now: i64) -> Vec<String> {
    let mut path = Path::fold(flow, session, now);
    let told: Vec<&Asked> = session.told().collect();
    let mut found = Vec::new();
    for visit in std::mem::take(&mut path.visits) {
        let Some(screen) = flow.screen(visit.screen) else {
            continue;
        };
        path.enter(flow, session, &visit.place);
        for field in screen.asked().filter(|field| field.is_worth_sending()) {
            let value = path.values.get(&field.name);
            let tells = |value| {
                told.iter()
                    .any(|asked| tells(flow, asked, (&field.name, visit.place.item), value))
            };
            // Last: it looks at the whole flow.
            if value.is_some_and(|value| !tells(value)) && !steers(flow, field) {
                found.push(flow.named_outside(screen, &field.name));
            }
        }
    }
    found
}

/// Whether all that an answer says is which way was taken: one of a few, read by a guard or sent by a
/// look-up.
pub(crate) fn steers(flow: &Flow, field: &Field) -> bool {
    let one = field.list().is_some() || (field.value_type() == Type::Text && !field.options().is_empty());
    let few = one || field.value_type() == Type::Bool;
    let name = field.name.as_str();
    let guards = || {
        let mut actions = flow.screens.iter().flat_map(|screen| &screen.actions);
        let mut fields = flow.screens.iter().flat_map(Screen::fields);
        actions.any(|action| decide(flow, action).contains(name))
            || fields.any(|other| checks_of(flow, other).contains(name))
    };
    let mut looks = flow.effects.iter().filter(|effect| effect.safe);
    few && (guards() || looks.any(|look| told_of(flow, look).contains(name)))
}

/// Whether an asking sent this value of a field, in words of its own or within others; of an item's field, with
/// the item's key.
fn tells(flow: &Flow, asked: &Asked, (field, item): (&str, u32), value: &Value) -> bool {
    let own = item == 0 || asked.about() == item;
    let of = |pairs: &[(String, Value)]| {
        let pair = pairs.iter().find(|(name, _)| own && name == field);
        let mut lists = pairs.iter().filter_map(|(_, sent)| sent.as_rows()).peekable();
        match pair {
            Some((_, sent)) => Some(sent == value),
            None if item == 0 || lists.peek().is_none() => None,
            None => Some(lists.any(|rows| row_of(rows, item).is_some_and(|row| row.values.get(field) == Some(value)))),
        }
    };
    let Some(effect) = flow.effect(&asked.effect) else {
        return of(&asked.sent) == Some(true);
    };
    if sends_all(effect) {
        return of(&asked.sent) == Some(true);
    }
    // What a mail says is no part of its basis.
    let basis = asked.basis.as_deref().and_then(of);
    told_of(flow, effect).contains(field) && basis.or_else(|| of(&asked.sent)).unwrap_or(own || asked.about() == 0)
}

/// The row of an item, in these or in lists in them.
fn row_of(rows: &Rows, item: u32) -> Option<&Row> {
    let own = rows.of_key(item);
    own.or_else(|| {
        let inner = rows.iter().flat_map(|row| row.values.values());
        inner.filter_map(Value::as_rows).find_map(|rows| row_of(rows, item))
    })
}

impl Session {
    /// Whether anything that was done has told somebody else of it.
    pub fn was_sent(&self) -> bool {
        self.told().next().is_some()
    }

    /// What was done, still counts, and told somebody else something.
    fn told(&self) -> impl Iterator<Item = &Asked> {
        let sends = |asked: &&Asked| matches!(asked.purpose, Purpose::Do | Purpose::Tell);
        let done = |asked: &&Asked| matches!(asked.stage, Stage::Done { .. }) && !self.is_undone(asked.number);
        self.asked.iter().filter(sends).filter(done)
    }
}
