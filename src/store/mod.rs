//! The store: the one seam between the engine and what is on disk.
//!
//! Owns the [`Store`] trait, the record format (`record`) and the engines behind the trait. The
//! only place where sessions meet serde. Must not know flows' meaning, HTTP or what a step is;
//! time and random tags come in as arguments.

pub mod code;
pub mod definition;
pub mod key_file;
pub mod list;
mod memory;
pub(crate) mod planted;
pub mod record;
pub mod sled;

use std::fmt;
use std::pin::Pin;

pub use memory::Memory;

use crate::id::SessionKey;
use crate::limits::RECORD_BYTES;

/// What a store call returns: a future that may be sent between threads. Dropping it means "in
/// doubt", never "not done".
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Due sessions that one call of [`Store::claim`] gives at most.
pub const CLAIM: usize = 1024;

/// Where a record is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The engine's own: the server key, by name.
    Meta([u8; 16]),
    /// A definition, by its structure and its name ([`definition::key`]); a part of a list that it draws from
    /// ([`list::key`]).
    Definition([u8; 16]),
    /// A session.
    Session(SessionKey),
    /// What is known of a return code ([`crate::id::ReturnCode::place`]).
    Code([u8; 16]),
}

/// The kinds of [`Key`], for scans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// [`Key::Meta`]
    Meta,
    /// [`Key::Definition`]
    Definition,
    /// [`Key::Session`]
    Session,
    /// [`Key::Code`]
    Code,
}

impl Key {
    /// Its kind.
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Meta(_) => KeyKind::Meta,
            Self::Definition(_) => KeyKind::Definition,
            Self::Session(_) => KeyKind::Session,
            Self::Code(_) => KeyKind::Code,
        }
    }
}

/// What a compare-and-swap compares: our own version, from 1, and a random tag per commit, so
/// that a store that went back in time is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// 1 after `create`, one more with each `cas`.
    pub version: u64,
    /// Random.
    pub tag: u64,
}

impl Token {
    /// The token of the write that replaces `expect` (`None`: the first one).
    fn after(expect: Option<Self>, tag: u64) -> Self {
        let version = expect.map_or(1, |token| token.version.saturating_add(1));
        Self { version, tag }
    }
}

/// A record as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its version and tag.
    pub token: Token,
    /// When it wants to be claimed, in milliseconds since 1970; `i64::MAX` is never.
    pub wake: i64,
    /// At most [`crate::limits::RECORD_BYTES`].
    pub bytes: Vec<u8>,
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The tag that it gets.
    pub tag: u64,
    /// When it wants to be claimed, in milliseconds since 1970; `i64::MAX` is never.
    pub wake: i64,
    /// At most [`crate::limits::RECORD_BYTES`].
    pub bytes: Vec<u8>,
}

impl Write {
    /// Refuses what is over the bound of a record.
    fn fits(&self) -> Result<(), Error> {
        if self.bytes.len() > RECORD_BYTES {
            let bytes = self.bytes.len();
            return Err(Error::NotApplied(format!(
                "a record of {bytes} bytes; {RECORD_BYTES} are the most"
            )));
        }
        Ok(())
    }
}

/// How a write came out. Only `Committed` may be told to anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// On disk.
    Committed(Token),
    /// Another write was there first: load again and decide anew.
    Conflict,
}

/// Sessions that were written and cannot be read any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unreadable {
    /// Those that are known by their keys.
    pub sessions: Vec<SessionKey>,
    /// How many there are beside them.
    pub further: u64,
}

/// Why a store call has no answer.
#[derive(Debug)]
pub enum Error {
    /// Surely not applied; may be tried again (busy, full).
    NotApplied(String),
    /// Perhaps applied; only the same compare-and-swap again tells.
    InDoubt(String),
    /// The record is damaged, or of a version that this program does not know.
    Damaged(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotApplied(why) => write!(f, "the store did not do it: {why}"),
            Self::InDoubt(why) => write!(f, "the store may have done it: {why}"),
            Self::Damaged(why) => write!(f, "the store holds a damaged record: {why}"),
        }
    }
}

impl std::error::Error for Error {}

/// A store of records with compare-and-swap and an index of due times. Every call that writes is
/// durable when it returns; every read waits until what it read is durable.
pub trait Store: Send + Sync + 'static {
    /// The record at `key`.
    fn get(&self, key: Key) -> Pending<'_, Result<Option<Stored>, Error>>;

    /// Writes version 1; `Conflict` if there is a record already.
    fn create(&self, key: Key, write: Write) -> Pending<'_, Result<Written, Error>>;

    /// Writes the next version if the record is at `expect`.
    fn cas(&self, key: Key, expect: Token, write: Write) -> Pending<'_, Result<Written, Error>>;

    /// Removes the record if it is at `expect`.
    fn delete(&self, key: Key, expect: Token) -> Pending<'_, Result<Written, Error>>;

    /// At most `limit` sessions (and [`CLAIM`]) whose `wake` is at or before `now`, each put off to
    /// `lease_until` so that nobody else claims it meanwhile; at least once, in no promised
    /// order. Where the records are large there may be fewer: the end is the first answer without
    /// any. Changes no version. Times in milliseconds since 1970.
    fn claim(&self, now: i64, lease_until: i64, limit: usize) -> Pending<'_, Result<Vec<(SessionKey, Stored)>, Error>>;

    /// At most `limit` records of a kind, in the order of their keys, after `after` (which counts
    /// only if it is of that kind). Where the records are large there may be fewer: the end is
    /// the first answer without any. Those that are damaged are logged and left out;
    /// [`Store::unreadable`] tells of them.
    fn scan(&self, kind: KeyKind, after: Option<Key>, limit: usize) -> Pending<'_, Result<Vec<(Key, Stored)>, Error>>;

    /// The sessions that scans left out. Reads the whole store, where something was left out.
    fn unreadable(&self) -> Pending<'_, Result<Unreadable, Error>> {
        Box::pin(async { Ok(Unreadable::default()) })
    }

    /// Whether the store can do its work, and why not.
    fn check(&self) -> Pending<'_, Result<(), Error>>;
}
