//! The other side of the demo's flows: a ledger on a real database, with real transactions.
//!
//! Owns accounts, seats, payments, renewals and applications, each write done once per idempotency key; offered
//! as a CGI program ([`cgi`]) and over HTTP ([`serve()`]), with a page on which a person pays. Must
//! not know the rest of this program: it plays somebody else's.

mod api;
mod callback;
pub mod cgi;
mod fields;
mod ledger;
mod money;
mod moods;
mod pay;
mod reply;
mod serve;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub use api::{Ask, Method};
pub use callback::signature;
pub use ledger::{Account, Application, Audit, AuditedPayment, Renewal, Seat, Transfer};
pub use money::Pence;
pub use moods::Mood;
pub use reply::Reply;
pub use serve::{Manner, serve};

use ledger::Ledger;

/// The ledger, opened on a file. Copies share one connection; another process may have its own.
#[derive(Clone, Debug)]
pub struct Demo {
    ledger: Arc<Mutex<Ledger>>,
}

impl Demo {
    /// Opens the ledger, and begins it if it is not there.
    ///
    /// # Errors
    /// If the file cannot be read and written as a ledger.
    pub fn open(file: &Path) -> Result<Self, Error> {
        Ok(Self {
            ledger: Arc::new(Mutex::new(Ledger::open(file)?)),
        })
    }

    /// Answers a request. Waits for the disk: not for a thread that others wait for.
    pub fn answer(&self, ask: &Ask) -> Reply {
        self.with(|ledger| api::answer(ledger, ask))
    }

    /// Everything that stands in it, and whether it adds up. Waits for the disk.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn audit(&self) -> Result<Audit, Error> {
        Ok(self.with(Ledger::audit)?)
    }

    /// One call at a time. A call that panicked left no transaction open, so the next may go on.
    fn with<T>(&self, call: impl FnOnce(&mut Ledger) -> T) -> T {
        call(&mut self.ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why the ledger cannot be used.
#[derive(Debug)]
pub struct Error(rusqlite::Error);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {}

impl From<rusqlite::Error> for Error {
    fn from(why: rusqlite::Error) -> Self {
        Self(why)
    }
}
