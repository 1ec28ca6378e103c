//! The session: what is known of one run of a flow by one person.
//!
//! Owns the shape of [`Session`] and the lookups in it. Only `machine` changes one. Must not
//! know how it is written down (`store::record`, which says how these types may grow).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Asked, Leap};
use crate::flow::{Digests, Form, Value};
use crate::id::{Language, ScreenKey, SessionKey, Way};

/// One run of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Where the store holds it.
    pub at: SessionKey,
    /// The flow's name.
    pub flow: String,
    /// The definition that it is pinned to, and the texts that it began under.
    pub digests: Digests,
    /// The key of its screen ids.
    pub key: ScreenKey,
    /// When it began, in seconds since 1970.
    pub created: i64,
    /// When its last phase was committed, in seconds since 1970.
    pub touched: i64,
    /// Committed steps; 1 after the start.
    pub step: u64,
    /// Where it stands.
    pub state: State,
    /// The seal, if one was passed: nothing up to it can be changed.
    pub seal: Option<Seal>,
    /// What was answered, by address; also what does not count at present.
    pub answers: BTreeMap<Place, Answer>,
    /// The items of its lists, in their order: an outer one before those in it.
    pub items: Vec<ListItem>,
    /// The key that was given to an item last; 0: none was.
    pub keys: u32,
    /// The outcomes of the latest steps and of each screen on the path, oldest first.
    pub outcomes: Vec<Outcome>,
    /// Every outcome of a step after this one is still in `outcomes`.
    pub kept_from: u64,
    /// What happened, oldest first.
    pub journal: Vec<Entry>,
    /// Journal entries that were folded away.
    pub folded: u64,
    /// What was asked of the world outside, oldest first.
    pub asked: Vec<Asked>,
    /// How often something was asked.
    pub asks: u32,
    /// The person gave it up while an effect was under way: when, in seconds since 1970.
    pub cancel: Option<i64>,
    /// Sections of its record that only a newer program knows and that may be passed over: number
    /// and bytes, kept as they are until the answers are dropped.
    pub passed_over: Vec<(u8, Vec<u8>)>,
    /// How many more effects failed for good than are kept one by one, and were not acknowledged.
    pub more_failed: u32,
    /// How many answers `keep` dropped that nothing had sent anywhere.
    pub unsent: u32,
    /// The day on which it was sealed, in days since 1970: a time may be moved along when the clock
    /// is set right, a day that was shown and sent may not. 0: the day of the seal's time.
    pub sealed_on: i32,
    /// The day on which it ended, likewise.
    pub ended_on: i32,
    /// The language of its last step, if it is another than the flow's own: where no id says one, pages and
    /// messages are in it.
    pub language: Option<Language>,
    /// The number of its return code; 0: it was never saved.
    pub code: u32,
    /// How often somebody came back to it by that: each time its screen ids of before open nothing any more.
    pub returns: u32,
    /// A leap of the clock over a stop of the machine that nobody has confirmed yet: days are read
    /// as if it were. Never in a record; whoever loads the session sets it.
    pub presumed: Option<Leap>,
}

impl Session {
    /// The key of its screen ids at present. Keys of effects and digests are made under `key`.
    pub fn screen_key(&self) -> ScreenKey {
        self.key.changed(self.departures())
    }

    /// The key of its screen ids before it was finished on a device; `None` where it was not, or somebody came
    /// back since.
    pub fn key_left(&self) -> Option<ScreenKey> {
        let mut latest = self.journal.iter().rev().map(|entry| &entry.event);
        let left = latest.find(|event| matches!(event, Event::Left | Event::CameBack { .. })) == Some(&Event::Left);
        left.then(|| self.key.changed(self.departures().saturating_sub(1)))
    }

    /// How often it was finished on a device, or come back to: the journal never lets go of the former.
    fn departures(&self) -> u64 {
        let left = |entry: &&Entry| entry.event == Event::Left;
        self.journal.iter().filter(left).count() as u64 + u64::from(self.returns)
    }
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListItem {
    /// Its number in the session: given once, never used again, not its place.
    pub key: u32,
    /// The name of its list.
    pub list: String,
    /// The key of the item that it lies in; 0: none.
    pub inside: u32,
    /// The step that removed it; 0: it is there.
    pub removed: u64,
    /// The key of the other list's item that it is made for; 0: none.
    pub of: u32,
}

/// A point behind which nothing can be changed any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The step that passed it.
    pub step: u64,
    /// The last screen behind it.
    pub place: Place,
    /// When, in seconds since 1970: what lies behind it is read as of that day.
    pub at: i64,
}

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Being filled in.
    Live,
    /// An end screen was reached.
    Ended {
        /// The outcome that the screen names.
        outcome: String,
        /// The end screen.
        screen: String,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// Given up by the person.
    Cancelled {
        /// When, in seconds since 1970.
        at: i64,
    },
    /// Ran out of time.
    Expired {
        /// When, in seconds since 1970.
        at: i64,
        /// It ran out behind a seal: the answers are kept and the operator is told.
        unfinished: bool,
    },
    /// Ended, and its answers were dropped: by the person's wish, or when `keep` was over.
    Forgotten {
        /// The outcome that it had ended with.
        outcome: String,
        /// When it had ended, in seconds since 1970.
        at: i64,
    },
}

/// The address of a screen's answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Call frame; 0 is the flow itself.
    pub frame: u16,
    /// Key of the list item; 0 is none.
    pub item: u32,
    /// The screen's name.
    pub screen: String,
}

impl Place {
    /// A screen of the flow itself.
    pub fn of(screen: &str) -> Self {
        Self {
            frame: 0,
            item: 0,
            screen: screen.to_owned(),
        }
    }
}

/// What is known of one screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The values of its fields; optional fields left empty are absent.
    pub fields: BTreeMap<String, Value>,
    /// The action that was taken on it.
    pub action: Option<String>,
    /// What was typed and not submitted (*back*, or carried over): shown again, never counted.
    pub draft: Option<Form>,
}

/// What became of one action of one presentation, the latest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The step that it was.
    pub step: u64,
    /// The presentation: the step after which it was offered.
    pub offered: u64,
    /// The presentation: the screen.
    pub place: Place,
    /// The presentation: how the person came there.
    pub way: Way,
    /// The action.
    pub action: String,
    /// The keyed digest of the normalised fields.
    pub digest: u64,
    /// The screen that it led to.
    pub led_to: Place,
    /// How the person came there.
    pub led_way: Way,
    /// The first step that the page which it led to tells of, where no page could tell of those before
    /// this one; 0: this one.
    pub since: u64,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The step that it was.
    pub step: u64,
    /// When, in seconds since 1970.
    pub at: i64,
    /// What.
    pub event: Event,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The session began.
    Started,
    /// A screen was answered.
    Answered {
        /// Which.
        place: Place,
        /// By which action.
        action: String,
        /// The texts that a declaration was agreed under, if the screen has one.
        agreed: Option<[u8; 16]>,
    },
    /// Another valid answer was replaced.
    Amended {
        /// Whose.
        place: Place,
        /// By which action.
        action: String,
        /// Each changed field with its value before; secrets without one.
        before: Vec<(String, Option<Value>)>,
    },
    /// Fields were kept with a screen that does not count at present.
    Kept {
        /// Which.
        place: Place,
    },
    /// Something typed was put aside by *back*.
    Drafted {
        /// Of which screen.
        place: Place,
    },
    /// More time was asked for.
    Extended,
    /// An action sealed what was before it.
    Sealed,
    /// An end screen was reached.
    Ended,
    /// The person gave it up.
    Cancelled,
    /// It ran out of time.
    Expired,
    /// The answers were dropped.
    Forgotten,
    /// An effect was asked for.
    Asked {
        /// Its number.
        number: u32,
        /// Which.
        effect: String,
        /// The number of what it takes back; 0: nothing.
        undoes: u32,
    },
    /// An effect was done.
    Done {
        /// Its number.
        number: u32,
        /// Which.
        effect: String,
    },
    /// An effect was declined.
    Declined {
        /// Its number.
        number: u32,
        /// Which.
        effect: String,
    },
    /// An effect was not done.
    Failed {
        /// Its number.
        number: u32,
        /// Which.
        effect: String,
    },
    /// An effect may have been done or not.
    InDoubt {
        /// Its number.
        number: u32,
        /// Which.
        effect: String,
    },
    /// The person was sent elsewhere.
    Away {
        /// The number of the effect.
        number: u32,
    },
    /// The person came back from there.
    Returned {
        /// The number of the effect.
        number: u32,
    },
    /// The person gave it up while an effect was under way.
    CancelWanted,
    /// ... and it was done before that could be.
    TooLate,
    /// It was finished on a device: its screen ids of before open nothing any more.
    Left,
    /// Another answer hides these.
    Hidden {
        /// Each with its value before; secrets without one.
        before: Vec<(String, Option<Value>)>,
    },
    /// An operator acknowledged that an effect had failed for good.
    Seen {
        /// Its number.
        number: u32,
    },
    /// An item was added to a list.
    Added {
        /// Its key.
        key: u32,
    },
    /// An item was removed.
    Removed {
        /// Its key.
        key: u32,
        /// The item on one line, as it was.
        line: String,
    },
    /// An item that had been removed was put back.
    PutBack {
        /// Its key.
        key: u32,
    },
    /// Another answer hides these, of one item.
    HiddenIn {
        /// Of which screen.
        place: Place,
        /// Each with its value before; secrets without one.
        before: Vec<(String, Option<Value>)>,
    },
    /// It was saved under a return code.
    Saved,
    /// Somebody came back to it by that.
    CameBack {
        /// After so many wrong tries.
        wrong: u32,
    },
}
