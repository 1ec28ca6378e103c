//! The audit: everything that stands in the file, and whether it adds up.
//!
//! Owns what an auditor sees and checks. Must not trust what was kept for speed: it adds up the
//! entries itself.

use rusqlite::{Connection, Result, Row};
use serde::Serialize;

use super::super::money::Pence;

/// Everything that stands in a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Every account with its balance.
    pub accounts: Vec<Account>,
    /// All money: it never changes.
    pub sum: Pence,
    /// Every transfer that was made.
    pub transfers: Vec<Transfer>,
    /// Every seat, and who has it.
    pub seats: Vec<Seat>,
    /// Every payment that was asked for.
    pub payments: Vec<Payment>,
    /// Every renewal that was registered.
    pub renewals: Vec<Renewal>,
    /// Every application that was taken.
    pub applications: Vec<Application>,
    /// What does not add up. Empty, or the ledger is wrong.
    pub faults: Vec<String>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its name in requests.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// What is in it.
    pub balance: Pence,
}

/// A transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transfer {
    /// `T-1`
    pub id: String,
    /// Its idempotency key.
    pub key: String,
    /// The account that gave.
    pub from: String,
    /// The account that got.
    pub to: String,
    /// How much.
    pub amount: Pence,
    /// What was written beside it.
    pub note: String,
}

/// A seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seat {
    /// Its name in requests.
    pub id: String,
    /// `free`, `held` or `sold`.
    pub state: String,
    /// The key under which it is held.
    pub hold: Option<String>,
    /// The key under which it was sold.
    pub ticket: Option<String>,
    /// The payment that bought it.
    pub payment: Option<String>,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// `P-1`
    pub id: String,
    /// Its idempotency key.
    pub key: String,
    /// How much.
    pub amount: Pence,
    /// `pending`, `paid`, `refused`, `cancelled` or `refunded`.
    pub state: String,
}

/// A renewal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Renewal {
    /// `R-1`
    pub id: String,
    /// Its idempotency key.
    pub key: String,
    /// `registered` or `withdrawn`.
    pub state: String,
}

/// An application for a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Application {
    /// `G-1`
    pub id: String,
    /// Its idempotency key.
    pub key: String,
    /// Who asks.
    pub organisation: String,
    /// For how much.
    pub asked: Pence,
    /// Lines of its budget.
    pub lines: i64,
    /// `taken` or `withdrawn`.
    pub state: String,
}

/// Reads it all. The caller sees to it that all is of one moment.
pub(super) fn read(at: &Connection) -> Result<Audit> {
    let accounts = all(at, "SELECT id, label, balance FROM accounts ORDER BY rowid", |row| {
        Ok(Account {
            id: row.get("id")?,
            label: row.get("label")?,
            balance: row.get("balance")?,
        })
    })?;
    let transfers = all(at, "SELECT * FROM transfers ORDER BY id", |row| {
        Ok(Transfer {
            id: named(row, "T-")?,
            key: row.get("key")?,
            from: row.get("source")?,
            to: row.get("target")?,
            amount: row.get("amount")?,
            note: row.get("note")?,
        })
    })?;
    let payments = all(at, "SELECT * FROM payments ORDER BY id", |row| {
        Ok(Payment {
            id: named(row, "P-")?,
            key: row.get("key")?,
            amount: row.get("amount")?,
            state: row.get("state")?,
        })
    })?;
    let renewals = all(at, "SELECT * FROM renewals ORDER BY id", |row| {
        Ok(Renewal {
            id: named(row, "R-")?,
            key: row.get("key")?,
            state: row.get("state")?,
        })
    })?;
    let applications = all(at, "SELECT * FROM applications ORDER BY id", |row| {
        Ok(Application {
            id: named(row, "G-")?,
            key: row.get("key")?,
            organisation: row.get("organisation")?,
            asked: row.get("asked")?,
            lines: row.get("lines")?,
            state: row.get("state")?,
        })
    })?;
    Ok(Audit {
        sum: Pence(accounts.iter().map(|account| account.balance.0).sum()),
        accounts,
        transfers,
        seats: seats(at)?,
        payments,
        renewals,
        applications,
        faults: faults(at)?,
    })
}

fn seats(at: &Connection) -> Result<Vec<Seat>> {
    let sql = "SELECT seats.id AS id, coalesce(holds.state, 'free') AS state, holds.key AS hold,
                      tickets.key AS ticket, 'P-' || tickets.payment AS payment
               FROM seats
               LEFT JOIN holds ON holds.seat = seats.id AND holds.state <> 'released'
               LEFT JOIN tickets ON tickets.hold = holds.id
               ORDER BY seats.rowid";
    all(at, sql, |row| {
        Ok(Seat {
            id: row.get("id")?,
            state: row.get("state")?,
            hold: row.get("hold")?,
            ticket: row.get("ticket")?,
            payment: row.get("payment")?,
        })
    })
}

/// What must never be found, each with a query that finds it.
const FAULTS: [(&str, &str); 7] = [
    (
        "there is more or less money than on the first day",
        "SELECT sum(balance) || ' pence' FROM accounts HAVING sum(balance) <> sum(opening)",
    ),
    (
        "the balance of an account is not what its entries add up to",
        "SELECT id FROM accounts WHERE balance <>
            opening + (SELECT coalesce(sum(amount), 0) FROM entries WHERE account = accounts.id)",
    ),
    (
        "the entries of a movement do not cancel out",
        "SELECT cause FROM entries GROUP BY cause HAVING sum(amount) <> 0 OR count(*) <> 2",
    ),
    (
        "a transfer moved another amount than it says",
        "SELECT 'T-' || id FROM transfers WHERE amount IS NOT
            (SELECT amount FROM entries WHERE cause = 'T-' || transfers.id AND account = target)",
    ),
    (
        "a payment is paid or given back and the money did not move, or the other way round",
        "SELECT 'P-' || id FROM payments WHERE
            (state IN ('paid', 'refunded')) <> EXISTS (SELECT 1 FROM entries WHERE cause = 'P-' || payments.id)
            OR (state = 'refunded') <> EXISTS (SELECT 1 FROM entries WHERE cause = 'P-' || payments.id || ' back')",
    ),
    (
        "a seat has two holders",
        "SELECT seat FROM holds WHERE state <> 'released' GROUP BY seat HAVING count(*) > 1",
    ),
    (
        "a ticket is not for a seat that was sold and paid for",
        "SELECT 'K-' || tickets.id FROM tickets JOIN holds ON holds.id = hold JOIN payments ON payments.id = payment
            WHERE holds.state <> 'sold' OR payments.state <> 'paid'",
    ),
];

fn faults(at: &Connection) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (fault, sql) in FAULTS {
        let what: Vec<String> = all(at, sql, |row| row.get(0))?;
        found.extend(what.iter().map(|what| format!("{fault}: {what}")));
    }
    Ok(found)
}

fn named(row: &Row<'_>, prefix: &str) -> Result<String> {
    Ok(format!("{prefix}{}", row.get::<_, i64>("id")?))
}

fn all<T>(at: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    at.prepare(sql)?.query_map([], read)?.collect()
}
