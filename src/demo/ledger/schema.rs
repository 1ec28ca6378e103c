//! The tables, and what stands in them on the first day.
//!
//! Owns the shape of the file and how a connection to it behaves. Must not know what is done.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, Result, TransactionBehavior, params};

use super::super::money::Pence;

/// How long one waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);
/// Between two attempts to change how the file is written, for which the database does not wait.
const BREATH: Duration = Duration::from_millis(10);
/// Of the tables.
const VERSION: i64 = 2;
/// Of those of before, which had no applications.
const BEFORE: i64 = 1;

/// What a seat costs.
const PRICE: Pence = Pence(2400);

/// The customer's own accounts, those who are paid, and the two sides of a payment by card. A
/// card may owe: it begins with nothing and goes below it.
const ACCOUNTS: [(&str, &str, &str, Pence); 7] = [
    ("current", "Current account", "own", Pence(100_000)),
    ("savings", "Savings account", "own", Pence(250_000)),
    ("energy", "City Energy", "payee", Pence(0)),
    ("water", "River Water", "payee", Pence(0)),
    ("library", "Friends of the Library", "payee", Pence(0)),
    (super::payments::CARD, "Card", "house", Pence(0)),
    (super::payments::THEATRE, "Theatre", "house", Pence(0)),
];

const TABLES: &str = "
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('own', 'payee', 'house')),
    opening INTEGER NOT NULL,
    balance INTEGER NOT NULL CHECK (balance >= 0 OR kind = 'house')
) STRICT;
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    cause TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL
) STRICT;
CREATE TABLE keys (
    resource TEXT NOT NULL,
    key TEXT NOT NULL,
    status INTEGER,
    body TEXT,
    taken_back INTEGER NOT NULL,
    PRIMARY KEY (resource, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL REFERENCES accounts (id),
    target TEXT NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE TABLE seats (
    id TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    price INTEGER NOT NULL
) STRICT;
CREATE TABLE holds (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    seat TEXT NOT NULL REFERENCES seats (id),
    state TEXT NOT NULL CHECK (state IN ('held', 'released', 'sold'))
) STRICT;
CREATE UNIQUE INDEX one_hold_of_a_seat ON holds (seat) WHERE state <> 'released';
CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    page TEXT NOT NULL UNIQUE,
    amount INTEGER NOT NULL,
    return_url TEXT NOT NULL,
    callback_url TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'paid', 'refused', 'cancelled', 'refunded'))
) STRICT;
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    hold INTEGER NOT NULL UNIQUE REFERENCES holds (id),
    payment INTEGER NOT NULL UNIQUE REFERENCES payments (id)
) STRICT;
CREATE TABLE renewals (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    fields TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('registered', 'withdrawn'))
) STRICT;
";

const APPLICATIONS: &str = "
CREATE TABLE applications (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL,
    asked INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    fields TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('taken', 'withdrawn'))
) STRICT;
";

/// Sets a connection up, and the tables if they are missing.
pub(super) fn prepare(connection: &mut Connection) -> Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if version(connection)? == VERSION {
        return Ok(());
    }
    write_ahead(connection)?;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let found = version(&tx)?;
    if found == BEFORE {
        tx.execute_batch(APPLICATIONS)?;
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    if found == 0 {
        tx.execute_batch(TABLES)?;
        tx.execute_batch(APPLICATIONS)?;
        for (id, label, kind, opening) in ACCOUNTS {
            tx.execute(
                "INSERT INTO accounts (id, label, kind, opening, balance) VALUES (?1, ?2, ?3, ?4, ?4)",
                params![id, label, kind, opening],
            )?;
        }
        for row in ['A', 'B', 'C'] {
            for n in 1..=8 {
                let id = format!("{}{n}", row.to_ascii_lowercase());
                tx.execute(
                    "INSERT INTO seats (id, label, price) VALUES (?1, ?2, ?3)",
                    params![id, format!("Row {row}, seat {n}"), PRICE],
                )?;
            }
        }
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    tx.commit()
}

fn version(connection: &Connection) -> Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Readers and a writer do not wait for each other. The file remembers it.
fn write_ahead(connection: &Connection) -> Result<()> {
    let end = Instant::now() + BUSY;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(why) if why.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < end => {
                std::thread::sleep(BREATH);
            }
            other => return other,
        }
    }
}
