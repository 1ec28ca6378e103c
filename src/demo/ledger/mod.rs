//! The ledger: accounts, seats, payments, renewals and applications in one file of SQL tables.
//!
//! Owns the transactions: each call is one, from the look at its key to the kept answer. Must not
//! know HTTP, CGI or pages. Several processes may have the file open.

mod applications;
mod audit;
mod keys;
mod payments;
mod renewals;
mod schema;
mod seats;
mod transfers;

use std::path::Path;

use rusqlite::{Connection, Result, Transaction, TransactionBehavior};

use super::fields::Fields;
use super::reply::Reply;
pub use audit::{Account, Application, Audit, Payment as AuditedPayment, Renewal, Seat, Transfer};
pub(super) use payments::{Choice, Payment, REFUSED, State};

/// Where something can be done once per key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Transfers,
    Holds,
    Payments,
    Tickets,
    Renewals,
    Applications,
}

impl Resource {
    pub(super) const ALL: [Self; 6] = [
        Self::Transfers,
        Self::Holds,
        Self::Payments,
        Self::Tickets,
        Self::Renewals,
        Self::Applications,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Transfers => "transfers",
            Self::Holds => "holds",
            Self::Payments => "payments",
            Self::Tickets => "tickets",
            Self::Renewals => "renewals",
            Self::Applications => "applications",
        }
    }

    /// Whether what was done there can be taken back.
    pub(super) fn can_be_taken_back(self) -> bool {
        matches!(self, Self::Holds | Self::Payments | Self::Renewals | Self::Applications)
    }
}

/// What can be looked at without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Accounts,
    Payees,
    Seats,
}

/// What somebody wants done.
pub(super) struct Order<'a> {
    pub(super) key: &'a str,
    pub(super) fields: &'a Fields,
    /// Where the pay pages are, such as `http://127.0.0.1:8090`.
    pub(super) pages: &'a str,
    /// The name of a new pay page: nobody can guess it.
    pub(super) page: &'a str,
}

/// One connection to the file.
#[derive(Debug)]
pub(super) struct Ledger {
    connection: Connection,
}

impl Ledger {
    pub(super) fn open(file: &Path) -> Result<Self> {
        let mut connection = Connection::open(file)?;
        schema::prepare(&mut connection)?;
        Ok(Self { connection })
    }

    pub(super) fn list(&self, list: List) -> Result<Reply> {
        match list {
            List::Accounts => transfers::accounts(&self.connection),
            List::Payees => transfers::payees(&self.connection),
            List::Seats => seats::free(&self.connection),
        }
    }

    /// Does it, or gives the answer of the first time.
    pub(super) fn order(&mut self, resource: Resource, order: &Order<'_>) -> Result<Reply> {
        let tx = self.writing()?;
        if let Some(known) = keys::find(&tx, resource, order.key)? {
            return Ok(known.reply());
        }
        let reply = match resource {
            Resource::Transfers => transfers::make(&tx, order),
            Resource::Holds => seats::hold(&tx, order),
            Resource::Payments => payments::ask(&tx, order),
            Resource::Tickets => seats::sell(&tx, order),
            Resource::Renewals => renewals::register(&tx, order),
            Resource::Applications => applications::take(&tx, order),
        };
        // What is refused has changed nothing; that it was refused is kept like anything else.
        let reply = settled(reply)?;
        keys::keep(&tx, resource, order.key, &reply)?;
        tx.commit()?;
        Ok(reply)
    }

    /// What became of a key.
    pub(super) fn probe(&mut self, resource: Resource, key: &str) -> Result<Reply> {
        // Both looks see the same moment.
        let tx = self.connection.transaction()?;
        let Some(known) = keys::find(&tx, resource, key)? else {
            return Ok(Reply::message(404, "Nothing is known under this key."));
        };
        match (resource, known) {
            (Resource::Payments, keys::Known::Answered(reply)) => payments::probe(&tx, key, reply),
            (_, known) => Ok(known.reply()),
        }
    }

    /// Takes back what was done under a key, now or when it comes.
    pub(super) fn take_back(&mut self, resource: Resource, key: &str) -> Result<Reply> {
        let tx = self.writing()?;
        let reply = match resource {
            Resource::Holds => seats::release(&tx, key),
            Resource::Payments => payments::take_back(&tx, key),
            Resource::Renewals => renewals::withdraw(&tx, key),
            Resource::Applications => applications::withdraw(&tx, key),
            Resource::Transfers | Resource::Tickets => {
                Err(Refusal::Declined(Reply::message(405, "This cannot be taken back.")))
            }
        };
        let reply = match reply {
            Ok(reply) => reply,
            Err(Refusal::Declined(reply)) => return Ok(reply),
            Err(Refusal::Failed(why)) => return Err(why),
        };
        keys::bury(&tx, resource, key)?;
        tx.commit()?;
        Ok(reply)
    }

    /// The payment of a pay page.
    pub(super) fn payment(&self, page: &str) -> Result<Option<Payment>> {
        payments::of_page(&self.connection, page)
    }

    /// What the person chose on the pay page counts if it is the first choice. The payment as it
    /// then is, and whether this choice decided it.
    pub(super) fn decide(&mut self, page: &str, choice: Choice) -> Result<Option<(Payment, bool)>> {
        let tx = self.writing()?;
        let decided = payments::decide(&tx, page, choice)?;
        tx.commit()?;
        Ok(decided)
    }

    pub(super) fn audit(&mut self) -> Result<Audit> {
        let tx = self.connection.transaction()?;
        audit::read(&tx)
    }

    /// A transaction that has the right to write from its beginning: it waits there and nowhere
    /// else.
    fn writing(&mut self) -> Result<Transaction<'_>> {
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
    }
}

/// Why something was not done.
enum Refusal {
    /// For a reason that the other side is told.
    Declined(Reply),
    /// The database did not do it.
    Failed(rusqlite::Error),
}

impl From<Reply> for Refusal {
    fn from(reply: Reply) -> Self {
        Self::Declined(reply)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(why: rusqlite::Error) -> Self {
        Self::Failed(why)
    }
}

/// An answer, done or declined.
fn settled(reply: std::result::Result<Reply, Refusal>) -> Result<Reply> {
    match reply {
        Ok(reply) | Err(Refusal::Declined(reply)) => Ok(reply),
        Err(Refusal::Failed(why)) => Err(why),
    }
}
