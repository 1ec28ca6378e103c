//! Those outside, as a rehearsal plays them: nobody is really called.
//!
//! Owns what a callee says: what the walk has it say, else something made up from what the effect
//! saves. Must not know browsers or lines.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::engine::Job;
use crate::flow::{Effect, Saved, SavedKind, Value};
use crate::machine::{Purpose, Said};

/// Things to choose from in a list that is made up.
const CHOICES: u8 = 5;
/// A page elsewhere, of a length as they have.
const ELSEWHERE: &str = "https://pay.example.org/pay/rHyN8VTQICmzASdKljgV8A";

/// What a callee says when it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// Done; with values for what is saved. What is not given is made up.
    Done(BTreeMap<String, Value>),
    /// No, with words for the person, and words on single fields.
    Declined {
        /// The callee's words.
        message: String,
        /// Fields, each with its words.
        faults: BTreeMap<String, String>,
    },
    /// It could not be done, and surely was not.
    Failed,
}

/// One answer of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What is said.
    pub says: Says,
    /// So late that the person sees the waiting page first.
    pub slow: bool,
    /// The page elsewhere that a hand-off leads to.
    pub page: Option<String>,
}

/// The answers of each effect, by its name: the first asking gets the first, and so on; the last
/// one stays.
pub type Parts = BTreeMap<String, Vec<Part>>;

/// All callees of a flow.
#[derive(Clone, Debug)]
pub(super) struct Callees {
    parts: Parts,
    /// How many askings of each were begun, by effect and number of the asking.
    begun: BTreeMap<String, Vec<u32>>,
    today: Date,
}

/// What is reported of a job.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) said: Said,
    /// The person goes elsewhere now.
    pub(super) away: bool,
}

impl Callees {
    pub(super) fn new(parts: Parts, today: Date) -> Self {
        Self {
            parts,
            begun: BTreeMap::new(),
            today,
        }
    }

    /// Whether the answer comes late.
    pub(super) fn is_slow(&mut self, job: &Job) -> bool {
        self.part(job).is_some_and(|part| part.slow)
    }

    /// What is said to a job.
    pub(super) fn say(&mut self, job: &Job) -> Word {
        let effect = job.flow.effect(&job.errand.effect);
        let begins = effect.is_some_and(|effect| effect.hand_off.is_some())
            && job.errand.about.is_none()
            && job.errand.purpose == Purpose::Do;
        if begins {
            let page = self.part(job).and_then(|part| part.page);
            return Word {
                said: Said::Away(page.unwrap_or_else(|| ELSEWHERE.to_owned())),
                away: true,
            };
        }
        Word {
            said: self.outcome(job),
            away: false,
        }
    }

    /// What comes of a job in the end.
    pub(super) fn outcome(&mut self, job: &Job) -> Said {
        let asked = job.errand.about.as_deref().unwrap_or(&job.errand.effect);
        let Some(effect) = job.flow.effect(asked) else {
            return Said::Done(BTreeMap::new());
        };
        let part = self.part(job);
        match part.map(|part| part.says) {
            // What was done can be taken back, whatever is said of the doing.
            _ if matches!(job.errand.purpose, Purpose::Undo { .. }) => Said::Done(self.saved(effect, BTreeMap::new())),
            None => Said::Done(self.saved(effect, BTreeMap::new())),
            Some(Says::Done(values)) => Said::Done(self.saved(effect, values)),
            Some(Says::Declined { message, faults }) => Said::Declined {
                message,
                faults: faults.into_iter().collect(),
            },
            Some(Says::Failed) => Said::NotDone {
                why: "the walk says so".to_owned(),
                pause: None,
                again: false,
            },
        }
    }

    /// The walk's answer to an asking.
    fn part(&mut self, job: &Job) -> Option<Part> {
        let asked = job.errand.about.as_deref().unwrap_or(&job.errand.effect);
        let parts = self.parts.get(asked)?;
        let begun = self.begun.entry(asked.to_owned()).or_default();
        let n = begun.iter().position(|number| *number == job.errand.number);
        let n = n.unwrap_or_else(|| {
            begun.push(job.errand.number);
            begun.len() - 1
        });
        parts.get(n).or(parts.last()).cloned()
    }

    /// Everything that an effect saves: what is given, else made up.
    fn saved(&self, effect: &Effect, mut given: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
        for saved in &effect.save {
            if !given.contains_key(&saved.name) {
                given.insert(saved.name.clone(), made_up(saved, self.today));
            }
        }
        given
    }
}

/// A value as a callee could have sent it.
fn made_up(saved: &Saved, today: Date) -> Value {
    match &saved.kind {
        SavedKind::Text => Value::Text("T-10482".to_owned()),
        SavedKind::Number => Value::Number(7.into()),
        SavedKind::Money(currency) => Value::Money(24.into(), *currency),
        SavedKind::Date => Value::Date(today),
        SavedKind::Time => Value::Time(jiff::civil::Time::constant(14, 30, 0, 0)),
        SavedKind::YesNo => Value::Bool(true),
        SavedKind::Options { .. } => {
            let of = |n: u8| (format!("c{n}"), format!("Choice {n} of {CHOICES}"));
            Value::Options((1..=CHOICES).map(of).collect())
        }
    }
}
