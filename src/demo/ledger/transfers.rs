//! Accounts, and money that moves between them.
//!
//! Owns the two entries of every movement. Must not know why anybody pays.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde_json::{Value, json};

use super::super::money::Pence;
use super::super::reply::Reply;
use super::{Order, Refusal};

/// The customer's own accounts with what is in them.
pub(super) fn accounts(at: &Connection) -> rusqlite::Result<Reply> {
    let label = |label: String, balance: Pence| format!("{label}, {}", balance.pounds());
    Ok(Reply::done(&json!({ "accounts": listed(at, "own", label)? })))
}

/// Whom the customer may pay.
pub(super) fn payees(at: &Connection) -> rusqlite::Result<Reply> {
    Ok(Reply::done(
        &json!({ "payees": listed(at, "payee", |label, _| label)? }),
    ))
}

fn listed(at: &Connection, kind: &str, label: impl Fn(String, Pence) -> String) -> rusqlite::Result<Vec<Value>> {
    let mut rows = at.prepare("SELECT id, label, balance FROM accounts WHERE kind = ?1 ORDER BY rowid")?;
    let row = |row: &rusqlite::Row<'_>| {
        let id: String = row.get("id")?;
        Ok(json!({ "id": id, "label": label(row.get("label")?, row.get("balance")?) }))
    };
    rows.query_map([kind], row)?.collect()
}

/// From an account of the customer to another, or to somebody else.
pub(super) fn make(tx: &Transaction<'_>, order: &Order<'_>) -> Result<Reply, Refusal> {
    let (from, to) = (order.fields.text("from")?, order.fields.text("to")?);
    let amount = order.fields.money("amount")?;
    let note = order.fields.text_or_none("note")?;
    let Some(("own", balance)) = account(tx, from)?.as_ref().map(|(kind, held)| (kind.as_str(), *held)) else {
        return Err(Reply::at(422, "This account is not known.", "from", "Choose an account").into());
    };
    if account(tx, to)?.is_none_or(|(kind, _)| kind == "house") {
        return Err(Reply::at(422, "This account is not known.", "to", "Choose an account").into());
    }
    if from == to {
        return Err(Reply::at(422, "The two accounts are the same.", "to", "Choose another account").into());
    }
    if amount > balance {
        let fault = match balance {
            Pence(..=0) => "There is nothing in this account".to_owned(),
            some => format!("Enter an amount of {} or less", some.pounds()),
        };
        let message = "There is not enough money in this account.";
        return Err(Reply::at(422, message, "amount", &fault).into());
    }
    tx.execute(
        "INSERT INTO transfers (key, source, target, amount, note) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![order.key, from, to, amount, note],
    )?;
    let transfer = format!("T-{}", tx.last_insert_rowid());
    carry(tx, &transfer, from, to, amount)?;
    let left = Pence(balance.0 - amount.0);
    Ok(Reply::done(&json!({ "transfer": transfer, "balance": left })))
}

/// What kind of account it is, and what is in it.
fn account(at: &Connection, id: &str) -> rusqlite::Result<Option<(String, Pence)>> {
    at.query_row("SELECT kind, balance FROM accounts WHERE id = ?1", [id], |row| {
        Ok((row.get("kind")?, row.get("balance")?))
    })
    .optional()
}

/// Writes both sides of a movement.
pub(super) fn carry(tx: &Transaction<'_>, cause: &str, from: &str, to: &str, amount: Pence) -> rusqlite::Result<()> {
    for (account, amount) in [(from, Pence(-amount.0)), (to, amount)] {
        tx.execute(
            "INSERT INTO entries (cause, account, amount) VALUES (?1, ?2, ?3)",
            params![cause, account, amount],
        )?;
        tx.execute(
            "UPDATE accounts SET balance = balance + ?2 WHERE id = ?1",
            params![account, amount],
        )?;
    }
    Ok(())
}
