//! Rulings: what an operator says of an asking that nobody else can settle.
//!
//! Owns what may be ruled, and how it settles. Must not know how an operator says it.

use std::collections::BTreeMap;

use super::asked::{Purpose, Stage};
use super::journal::{forget_settled, note};
use super::settle::{Said, settle};
use super::{Event, Session};
use crate::flow::{Flow, Value};

/// What an operator rules of an asking that is in doubt, or not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It is tried once more, under the same key.
    Again,
    /// It was done; with what would have been saved.
    Done(BTreeMap<String, Value>),
    /// It was surely not done.
    NotDone,
}

/// Carries out a ruling; `None` where nothing can be ruled: it is settled, or a try is under way.
pub fn rule(flow: &Flow, session: &Session, number: u32, ruling: Ruling, now: i64, dice: u64) -> Option<Session> {
    let asked = session.asking(number)?;
    if !asked.in_doubt() && !matches!(asked.stage, Stage::Due { .. }) {
        return None;
    }
    let mut ruled = session.clone();
    let asked = ruled.asked.iter_mut().find(|asked| asked.number == number)?;
    asked.stage = Stage::Due { next: now };
    // Who says that it was not done has seen it.
    asked.seen = ruling == Ruling::NotDone;
    asked.absent = false;
    match ruling {
        Ruling::Again => {
            asked.attempts = 0;
            asked.probing = asked.away.as_ref().is_some_and(|away| !away.page.is_empty());
            Some(ruled)
        }
        Ruling::Done(results) => settle(flow, &ruled, number, Said::Done(results), now, dice),
        Ruling::NotDone => {
            asked.doubt = false;
            asked.probing = false;
            if let Purpose::Undo { .. } = asked.purpose {
                let effect = asked.effect.clone();
                "an operator found that it was not taken back".clone_into(&mut asked.heard);
                asked.stage = Stage::Failed { at: now };
                note(&mut ruled, now, Event::Failed { number, effect });
                forget_settled(&mut ruled);
                return Some(ruled);
            }
            let why = "an operator found that it was not done".to_owned();
            let said = Said::NotDone {
                why,
                pause: None,
                again: false,
            };
            settle(flow, &ruled, number, said, now, dice)
        }
    }
}
