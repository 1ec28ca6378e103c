//! What an operator may ask: list, show, export and delete sessions.
//!
//! Owns the questions ([`Request`]), the answers ([`Reply`]) and the finding of them. A running
//! server answers over its `socket`; on a stopped one the command line asks an [`Operator`] over
//! the same store. Must not know the command line, HTTP or how an answer is printed.

mod answers;
mod digest;
mod effects;
mod keeping;
mod seen;
mod sessions;
pub mod socket;
mod tables;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

pub use digest::Digest;
pub use effects::{Effect, EffectStatus, Which, Word};
pub use keeping::Ahead;
pub use seen::Missed;
pub use sessions::{Detail, Happened, Screen, Status, Summary};
pub use tables::Cell;

use crate::engine::Engine;

/// What an operator asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Who answers.
    Ping,
    /// A [`Reply::Session`] for each that fits.
    List(Filter),
    /// One [`Reply::Detail`].
    Show {
        /// The session's reference.
        reference: String,
    },
    /// A [`Reply::Exported`] for each that fits.
    Export(Filter),
    /// The same as tables: a [`Reply::Table`] for each, then a [`Reply::Row`] for each session and each of its items.
    Tables(Filter),
    /// Removes the session with its answers; a [`Reply::Session`] says which it was.
    Delete {
        /// The session's reference.
        reference: String,
    },
    /// A [`Reply::Effect`] for each that fits.
    Effects {
        /// Of this flow only.
        flow: Option<String>,
        /// In this state only; none: those that are not settled, or failed for good and were not seen.
        status: Option<EffectStatus>,
    },
    /// One [`Reply::Effect`] in full.
    Effect(Which),
    /// A [`Reply::Clock`].
    Clock {
        /// The clock is right, though it has leapt.
        confirm: bool,
    },
    /// Acknowledges effects that failed for good; a [`Reply::Effect`] for each.
    Seen {
        /// Which, of one session or of all.
        which: Missed,
        /// Only says which they are.
        dry_run: bool,
    },
    /// Settles an effect; a [`Reply::Effect`] says what became of it.
    Rule {
        /// Which.
        which: Which,
        /// What is said of it.
        word: Word,
    },
}

/// Which sessions are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Of this flow only.
    pub flow: Option<String>,
    /// In this state only.
    pub status: Option<Status>,
    /// No more than so many.
    pub limit: Option<u64>,
}

/// What an operator is told: any number of rows, then `Done` or `Failed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// The process that answers.
    Pong {
        /// Its id.
        process: u32,
    },
    /// A session in one line.
    Session(Summary),
    /// A session in full.
    Detail(Box<Detail>),
    /// An effect.
    Effect(Box<Effect>),
    /// Effects of a session that failed for good, beyond those that are kept one by one.
    More {
        /// The session's reference.
        reference: String,
        /// The flow's name.
        flow: String,
        /// How many.
        more: u32,
    },
    /// A finished session with its answers.
    Exported(serde_json::Value),
    /// A table that rows follow of.
    Table {
        /// Its name: that of a flow, behind it that of a list.
        table: String,
        /// What its columns are called.
        columns: Vec<String>,
    },
    /// A row of a table.
    Row {
        /// Of which.
        table: String,
        /// A cell for each column.
        cells: Vec<Option<Cell>>,
    },
    /// Records that could not be read; the others follow all the same.
    Damaged {
        /// Why, with the session's reference where it is known.
        why: String,
        /// How many.
        sessions: u64,
    },
    /// What is made of the clock.
    Clock {
        /// The time by which everything is decided.
        now: String,
        /// How far the wall clock has leapt, in seconds; 0: it is believed.
        leapt: i64,
    },
    /// How many were looked at so far.
    Progress {
        /// Sessions.
        looked: u64,
    },
    /// That was all.
    Done {
        /// How many rows there were.
        rows: u64,
    },
    /// It could not be done.
    Failed {
        /// Why.
        message: String,
        /// What to do now.
        help: Option<String>,
    },
}

/// Why something could not be done, and what to do now.
pub(crate) struct Refused {
    message: String,
    help: Option<String>,
}

impl Refused {
    fn new(message: impl Into<String>, help: &str) -> Self {
        Self {
            message: message.into(),
            help: Some(help.to_owned()),
        }
    }
}

impl From<crate::store::Error> for Refused {
    fn from(error: crate::store::Error) -> Self {
        Self {
            message: error.to_string(),
            help: None,
        }
    }
}

/// Where the replies go; whoever asked may hang up at any time.
type Replies = mpsc::Sender<Reply>;

/// Answers operators from an engine's store.
#[derive(Clone, Debug)]
pub struct Operator {
    engine: Engine,
}

impl Operator {
    /// An operator over the sessions of an engine.
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }

    async fn clock(&self, confirm: bool, replies: &Replies) -> Result<u64, Refused> {
        if !self.engine.keeps_time() {
            return Err(Refused::new(
                "no server runs on this data directory",
                "a running server looks at the clock; this command asks it",
            ));
        }
        if confirm {
            self.engine.confirm_clock().await?;
        }
        let leapt = self.engine.doubt().map_or(0, |doubt| doubt.ahead.div_euclid(1000));
        let now = sessions::time(self.engine.now().div_euclid(1000));
        Ok(u64::from(replies.send(Reply::Clock { now, leapt }).await.is_ok()))
    }

    /// Answers into a channel: rows, then `Done` or `Failed`. Ends early where nobody listens.
    pub async fn answer(&self, request: Request, replies: Replies) {
        let done = match request {
            Request::Ping => {
                let process = std::process::id();
                Ok(u64::from(replies.send(Reply::Pong { process }).await.is_ok()))
            }
            Request::List(filter) => self.list(&filter, &replies).await,
            Request::Show { reference } => self.show(&reference, &replies).await,
            Request::Export(filter) => self.export(&filter, &replies).await,
            Request::Tables(filter) => self.tables(&filter, &replies).await,
            Request::Delete { reference } => self.delete(&reference, &replies).await,
            Request::Effects { flow, status } => self.effects(flow, status, &replies).await,
            Request::Effect(which) => self.effect(&which, &replies).await,
            Request::Clock { confirm } => self.clock(confirm, &replies).await,
            Request::Seen { which, dry_run } => self.seen(&which, dry_run, &replies).await,
            Request::Rule { which, word } => self.rule(&which, word, &replies).await,
        };
        let last = match done {
            Ok(rows) => Reply::Done { rows },
            Err(Refused { message, help }) => Reply::Failed { message, help },
        };
        if replies.send(last).await.is_err() {
            tracing::debug!("the operator hung up before the end");
        }
    }
}
