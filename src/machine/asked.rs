//! What was asked of the world outside: the shape of [`Asked`], and the lookups over it.
//!
//! Owns what a session remembers of each effect. Must not know what becomes of an answer
//! (`settle`) or when one is asked for (`ask`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Place, Session, State};
use crate::flow::{Flow, Value};
use crate::id::EffectKey;

/// One asking of an effect: a wish until a runner has taken it, a fact once it is settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and a field of the record"
)]
pub struct Asked {
    /// From 1, in the order of asking; never used again in the session.
    pub number: u32,
    /// The effect's name.
    pub effect: String,
    /// What for.
    pub purpose: Purpose,
    /// The screen whose action called it, or that shows what it brings.
    pub place: Place,
    /// The action; empty for a look-up.
    pub action: String,
    /// The step that asked.
    pub step: u64,
    /// When, in seconds since 1970.
    pub at: i64,
    /// What people read of it, in the author's words as they were then; dropped with the answers.
    pub label: String,
    /// What goes out, as it was at that step.
    pub sent: Vec<(String, Value)>,
    /// How far it is.
    pub stage: Stage,
    /// Tries and questions that were begun since it was last decided which of the two comes next.
    pub attempts: u16,
    /// A try may have been done without an answer.
    pub doubt: bool,
    /// The next try asks whether it was done.
    pub probing: bool,
    /// The person is elsewhere for it.
    pub away: Option<Away>,
    /// What it brought.
    pub results: BTreeMap<String, Value>,
    /// The step that settled it; 0 before.
    pub settled: u64,
    /// What was last heard of it, for the operator.
    pub heard: String,
    /// What its address, and what asks about it, read besides what they send: as it was at that step.
    pub known: BTreeMap<String, Value>,
    /// The end of what a program wrote on standard error at the last try, for the operator.
    pub stderr: String,
    /// The person gave it up, or the transaction while it was away: it leads nowhere, and is no failure
    /// that anybody must see to.
    pub called_off: bool,
    /// It failed for good, and an operator has acknowledged that.
    pub seen: bool,
    /// The answers that `sent` was made of, by name; `None`: asked before this was kept.
    pub basis: Option<Vec<(String, Value)>>,
    /// Who was asked whether it was done has said once that there is no such thing.
    pub absent: bool,
    /// All tries that were begun, without the questions whether it was done; 0: asked before this was
    /// kept.
    pub tries: u16,
    /// The key of the item that it is asked for, of an effect that is done for each item of a list; 0:
    /// for none.
    pub item: u32,
}

/// What an effect is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be done; the session waits.
    Do,
    /// To look something up.
    Look,
    /// To tell somebody, in passing.
    Tell,
    /// To take back what was done.
    Undo {
        /// The number of what.
        of: u32,
    },
}

/// How far an asking is. Times in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// To be tried once this time has come.
    Due {
        /// Not before.
        next: i64,
    },
    /// A runner has it.
    Running {
        /// Until then nobody else takes it.
        until: i64,
        /// Whose it is.
        node: u64,
    },
    /// Done.
    Done {
        /// When that was known.
        at: i64,
    },
    /// The callee said no.
    Declined {
        /// When.
        at: i64,
        /// Its words.
        message: String,
        /// Its words on single fields.
        faults: Vec<(String, String)>,
    },
    /// Surely not done, or nothing that matters.
    Failed {
        /// When that was known.
        at: i64,
    },
    /// Perhaps done, and nobody can be asked: the operator's to settle.
    InDoubt {
        /// Since when.
        at: i64,
    },
}

/// The person was sent to a page elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// The page; empty before the callee has named it.
    pub page: String,
    /// The session's id as the return URL carries it: sealed under the server's key.
    pub door: Vec<u8>,
    /// When it is taken back if nothing was heard, in seconds since 1970.
    pub until: i64,
    /// Set once somebody came back by the return URL: when, or, of a program before, a digest of who.
    pub returned: Option<u64>,
}

impl Asked {
    /// The key of the item that it is about: that it is asked for, or whose screen calls it; 0: none.
    pub fn about(&self) -> u32 {
        if self.item > 0 { self.item } else { self.place.item }
    }

    /// It is not settled: a runner has it, or will have.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Due { .. } | Stage::Running { .. })
    }

    /// Whether it is in doubt.
    pub fn in_doubt(&self) -> bool {
        matches!(self.stage, Stage::InDoubt { .. })
    }

    /// When something is to be done about it by itself, if anything is.
    pub(super) fn due(&self) -> Option<i64> {
        match self.stage {
            Stage::Due { next } => Some(next),
            Stage::Running { until, .. } => Some(until),
            _ => None,
        }
    }

    /// The person came back from the page elsewhere.
    pub fn is_back(&self) -> bool {
        self.away.as_ref().is_some_and(|away| away.returned.is_some())
    }

    /// Whether the person may give it up and keep the transaction.
    pub fn can_be_called_off(&self) -> bool {
        self.is_open() && self.page().is_some()
    }

    /// The page elsewhere, while the person is awaited there.
    pub fn page(&self) -> Option<&str> {
        let away = self.away.as_ref().filter(|_| self.is_open())?;
        Some(away.page.as_str()).filter(|page| !page.is_empty())
    }
}

impl Session {
    /// The effect that the session waits for, in doubt or not: it may not run ahead of it.
    pub fn waits(&self) -> Option<&Asked> {
        self.asked
            .iter()
            .find(|asked| asked.purpose == Purpose::Do && (asked.is_open() || asked.in_doubt()))
            .filter(|_| matches!(self.state, State::Live))
    }

    /// The asking of that number.
    pub fn asking(&self, number: u32) -> Option<&Asked> {
        self.asked.iter().find(|asked| asked.number == number)
    }

    /// The latest asking for a look-up of a screen.
    pub(super) fn looked_up(&self, place: &Place, effect: &str) -> Option<&Asked> {
        self.asked
            .iter()
            .rev()
            .find(|asked| asked.purpose == Purpose::Look && asked.place == *place && asked.effect == effect)
    }

    /// Whether what was asked for under this number was, or is being, taken back.
    pub fn is_undone(&self, number: u32) -> bool {
        self.asked
            .iter()
            .any(|asked| asked.purpose == Purpose::Undo { of: number })
    }

    /// Done effects that can be taken back and were not, the latest first.
    pub(super) fn undoable(&self, flow: &Flow) -> Vec<u32> {
        let can = |asked: &&Asked| {
            asked.purpose == Purpose::Do
                && matches!(asked.stage, Stage::Done { .. })
                && flow.effect(&asked.effect).is_some_and(|effect| effect.undo.is_some())
                && !self.is_undone(asked.number)
        };
        self.asked.iter().rev().filter(can).map(|asked| asked.number).collect()
    }

    /// Whether something that was done would have to be taken back.
    pub fn holds(&self, flow: &Flow) -> bool {
        !self.undoable(flow).is_empty()
    }

    /// When an effect is due by itself, if one is: of several undos only the first.
    pub(super) fn effects_due(&self) -> Option<i64> {
        let undoes = |asked: &&Asked| matches!(asked.purpose, Purpose::Undo { .. });
        let open = || self.ready();
        let first = open().find(undoes);
        let others = open().filter(|asked| !undoes(asked));
        others.chain(first).filter_map(Asked::due).min()
    }

    /// Whether anything asked for is not settled, or is in doubt.
    pub fn is_unsettled(&self) -> bool {
        self.asked.iter().any(|asked| asked.is_open() || asked.in_doubt())
    }

    /// The key of an asking: the same for each of its tries, and for what takes it back or asks
    /// about it.
    pub fn effect_key(&self, asked: &Asked) -> EffectKey {
        let of = match asked.purpose {
            Purpose::Undo { of } => self.asking(of).unwrap_or(asked),
            _ => asked,
        };
        EffectKey::of(&self.key, &of.effect, of.about(), of.step, of.number)
    }
}
