//! The state machine: what a session is, and what a submission may do to it.
//!
//! Owns every rule of the contract's table. Pure: the flow, the session, the time and random
//! bytes are arguments; the decision is a value. Must not know bytes, encodings, status codes,
//! the clock, the store or async.

mod absent;
mod amiss;
mod another;
mod aside;
mod ask;
mod asked;
mod basis;
mod calls;
mod day;
mod endings;
mod errand;
mod form;
mod hidden;
mod items;
mod journal;
pub mod language;
mod leads;
mod leap;
mod life;
mod list;
mod looks;
mod news;
mod off;
mod path;
mod recalled;
mod returns;
mod rule;
pub mod saved;
mod seen;
mod session;
mod settle;
mod show;
mod shown;
mod specimen;
mod step;
mod strands;
mod submit;
mod ways;

pub(crate) use amiss::steers;
pub use amiss::{Amiss, amiss, unsent};
pub use asked::{Asked, Away, Purpose, Stage};
pub use errand::{Errand, Node, lapse, take, wanted};
pub use journal::make_room;
pub use leap::{Leap, leapt, presumed};
pub use life::{Begin, Due, can_extend, deadline, due, pass_time, start, starts_itself};
pub use list::{can_add, is_held_up, lacks_items, line, restorable};
pub(crate) use looks::{is_begun, sends, sent_by};
pub use path::{Path, Visit};
pub use returns::{Returned, returned};
pub use rule::{Ruling, rule};
pub use seen::{REFUSED, THEIR_WORDS, acknowledge};
pub use session::{Answer, Entry, Event, ListItem, Outcome, Place, Seal, Session, State};
pub use settle::{Said, settle, wrote};
pub use show::{has_copy, show, stands, too_large};
pub use specimen::Specimens;
pub use strands::{Sealed, Standing, Walk};
pub use submit::{left_before, may_be_cut, submit};

use crate::flow::{Fault, Form, Screen, Value};
use crate::id::{Language, ScreenId};

/// A parsed request into a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The presentation, opened under the session's key; its language stands apart.
    pub screen: ScreenId,
    /// The language of the page, if it is another than the flow's own.
    pub language: Option<Language>,
    /// What was pressed; none where Enter was pressed in an old browser.
    pub action: Option<String>,
    /// All other fields.
    pub fields: Form,
    /// The form had no boxes: it is of a page that stood in for the screen's own.
    pub bare: bool,
    /// The session's id as a return URL would carry it, sealed.
    pub door: Vec<u8>,
}

impl Submission {
    /// The address of the screen that it is of.
    pub(super) fn place(&self, screen: &Screen) -> Place {
        Place {
            frame: self.screen.frame,
            item: self.screen.item,
            screen: screen.name.clone(),
        }
    }
}

/// What becomes of a submission.
#[derive(Debug)]
pub enum Decision {
    /// The session changes. It must be durable before anything of it is shown.
    Commit {
        /// The session after the step.
        session: Box<Session>,
        /// What is shown then.
        showing: Showing,
    },
    /// Nothing is written.
    Show(Showing),
    /// An action or a field that was never declared on that screen: nothing is told.
    Tampered,
}

/// What is shown of a session, decided to the last word but not drawn.
#[derive(Debug)]
pub struct Showing {
    /// The page.
    pub page: Page,
    /// How it came out.
    pub verdict: Verdict,
    /// Said above everything else.
    pub notices: Vec<Notice>,
    /// What was typed, where the page must show it again.
    pub typed: Option<Typed>,
    /// Where the session stands.
    pub path: Path,
}

/// How a submission came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done, or shown.
    Done,
    /// Fields did not pass.
    Invalid,
    /// Not applied.
    Conflict,
    /// The session is over.
    Gone,
}

/// The kinds of page of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// A screen with what it offers.
    Screen(Presentation),
    /// The end screen of a finished session.
    Receipt(Presentation),
    /// Of a finished session, later: what, when, reference, outcome.
    Short(Presentation),
    /// Everything that was sent in a finished session; leads back to its receipt.
    Copy(Presentation),
    /// Finished on this device: the ids open nothing any more.
    Left,
    /// Cancelled or expired; `State` says which.
    Over,
    /// Asks whether to give the transaction up; offers `yes-cancel` and `open` (go on) on this
    /// presentation.
    Cancelling(Presentation),
    /// Says why something was not applied, shows what was typed, links to this presentation.
    NotApplied(Reason, Presentation),
    /// Asks for a secret with which to come back; offers `show-code` and `open` on this presentation.
    Saving(Presentation),
    /// Saved: shows the return code, leads to this presentation.
    Saved(Presentation),
    /// Asks whether to go on with what was begun; offers `open` on this presentation.
    Between(Presentation),
    /// An effect or a look-up is under way, or in doubt; leads to this presentation.
    Waiting(Presentation),
    /// What this presentation needs could not be looked up; offers to try again.
    Lacking(Presentation),
}

/// Why something was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It lies behind a seal.
    Sealed,
    /// The action or a field is no longer offered.
    NotOffered,
    /// Older than the steps that are kept.
    TooOld,
    /// The flow refuses changes from pages that the browser kept.
    Refused,
    /// An effect is under way, or in doubt.
    Waits,
    /// The item that it is about was removed.
    Gone,
}

impl Page {
    /// The presentation that the page is, or leads to.
    pub fn presentation(&self) -> Option<&Presentation> {
        match self {
            Self::Screen(at)
            | Self::Receipt(at)
            | Self::Short(at)
            | Self::Copy(at)
            | Self::Cancelling(at)
            | Self::NotApplied(_, at)
            | Self::Between(at)
            | Self::Saving(at)
            | Self::Saved(at)
            | Self::Waiting(at)
            | Self::Lacking(at) => Some(at),
            Self::Left | Self::Over => None,
        }
    }

    fn presentation_mut(&mut self) -> Option<&mut Presentation> {
        match self {
            Self::Screen(at)
            | Self::Receipt(at)
            | Self::Short(at)
            | Self::Copy(at)
            | Self::Cancelling(at)
            | Self::NotApplied(_, at)
            | Self::Between(at)
            | Self::Saving(at)
            | Self::Saved(at)
            | Self::Waiting(at)
            | Self::Lacking(at) => Some(at),
            Self::Left | Self::Over => None,
        }
    }
}

/// A showing of a screen: what a screenID names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presentation {
    /// Its id, to be printed under the session's key.
    pub id: ScreenId,
    /// The screen.
    pub place: Place,
    /// The screen before it on the path: *back* leads there.
    pub back: bool,
    /// Screens ahead are answered already: a link leads on to where one was.
    pub on: bool,
}

/// A line above the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Answers were changed: screen, field, value before.
    Changed(Vec<Change>),
    /// These answers do not count any more: another one hides them.
    Hidden(Vec<Change>),
    /// What was sent before is shown; the screen that it led to is no longer asked for.
    NoLongerAsked,
    /// The fields were kept, but this screen comes first.
    KeptButFirst,
    /// The fields were kept with their screen, which is not on the way that is answered now.
    KeptAside,
    /// What was sent before is shown; what it led to is not open any more, and it is asked for anew.
    AskedAnew,
    /// What was asked for is not open any more; this is where the transaction stands.
    StandsHere,
    /// To be confirmed: these answers would change.
    WouldChange(Vec<Change>),
    /// What the page showed is another now: as far as that is known, as it was and as it is.
    Different(Vec<Change>),
    /// The session was given more time.
    MoreTime,
    /// The session is as large as it may be: nothing was kept.
    TooLarge,
    /// What this step takes back, by its number.
    TakenBack(Vec<u32>),
    /// It was done before it could be given up.
    TooLate,
    /// An item was removed: its key, and the item on one line.
    Removed(u32, String),
    /// An item that had been removed is there again.
    PutBack,
    /// The same page had added an item before, which is kept: this is another one.
    AddedAnother,
    /// This lacks before the page that was pressed can be left.
    Unfinished,
    /// What is done for each item of a list could not be done for one: the item on one line, and for how
    /// many it is done.
    NotFor(String, usize),
    /// Somebody came back by the return code: when one did last, and how many wrong tries there were since.
    CameBack(Option<i64>, u32),
}

/// One changed answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The screen.
    pub place: Place,
    /// The field, or the name that a look-up saved.
    pub field: String,
    /// Its value before; `None` was empty, or is secret.
    pub before: Option<Value>,
    /// Its value now.
    pub after: Option<Value>,
}

/// What was typed on a page and is shown again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The screen that it was typed on.
    pub place: Place,
    /// As typed, secrets taken out.
    pub fields: Form,
    /// What did not pass.
    pub faults: Vec<Fault>,
    /// It was kept, not just sent: as the language of the session's last step writes it.
    pub is_draft: bool,
}

/// The actions that the engine itself offers; no author's action has such a name.
pub mod own {
    /// To the screen before; keeps what is typed as a draft.
    pub const BACK: &str = "back";
    /// `change.` and a screen's name, of an item `.` and its key too: that screen, to come back to the
    /// review.
    pub const CHANGE: &str = "change.";
    /// Adds an item to a list.
    pub const ADD: &str = "add";
    /// `remove.` and an item's key.
    pub const REMOVE: &str = "remove.";
    /// `restore.` and the key of an item that was removed.
    pub const RESTORE: &str = "restore.";
    /// On to where one was.
    pub const ON: &str = "on";
    /// This presentation, opened after an in-between page.
    pub const OPEN: &str = "open";
    /// More time, the same page.
    pub const MORE_TIME: &str = "more-time";
    /// Gives the transaction up, after being asked.
    pub const YES_CANCEL: &str = "yes-cancel";
    /// Gives a hand-off up, and not the transaction.
    pub const CALL_OFF: &str = "call-off";
    /// Ends the session at an open end.
    pub const FINISH: &str = "finish";
    /// Finish on this device: the ids open nothing any more.
    pub const LEAVE: &str = "leave";
    /// The same on pages of the release before, which called it so.
    pub const FORGET: &str = "forget";
    /// From a receipt to all that was sent.
    pub const COPY: &str = "copy";
    /// What could not be looked up, once more.
    pub const LOOK_AGAIN: &str = "look-again";
    /// `language.` and a BCP 47 tag: the same page in that language; keeps what is typed as a draft.
    pub const LANGUAGE: &str = "language.";
    /// Behind that: the page says again what is wrong with what is typed.
    pub const CHECKED: &str = ".errors";
    /// Asks for a secret, to save what was answered; keeps what is typed as a draft.
    pub const SAVE: &str = "save-for-later";
    /// The secret was chosen: the page with the code.
    pub const KEEP: &str = "show-code";

    /// The change link of a screen.
    pub fn change(place: &super::Place) -> String {
        match place.item {
            0 => format!("{CHANGE}{}", place.screen),
            item => format!("{CHANGE}{}.{item}", place.screen),
        }
    }

    /// All of them that are whole.
    pub(super) const NAMES: [&str; 14] = [
        ADD, BACK, ON, OPEN, MORE_TIME, YES_CANCEL, CALL_OFF, FINISH, LEAVE, FORGET, COPY, LOOK_AGAIN, SAVE, KEEP,
    ];
}
