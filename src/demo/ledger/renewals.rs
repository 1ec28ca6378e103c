//! Renewals: registered, and withdrawn if somebody thinks better of it.
//!
//! Owns the register. Must not know what a renewal is about.

use rusqlite::{Transaction, params};
use serde_json::json;

use super::super::reply::Reply;
use super::{Order, Refusal};

pub(super) fn register(tx: &Transaction<'_>, order: &Order<'_>) -> Result<Reply, Refusal> {
    tx.execute(
        "INSERT INTO renewals (key, fields, state) VALUES (?1, ?2, 'registered')",
        params![order.key, order.fields.all()],
    )?;
    let renewal = format!("R-{}", tx.last_insert_rowid());
    Ok(Reply::done(&json!({ "registered": renewal })))
}

pub(super) fn withdraw(tx: &Transaction<'_>, key: &str) -> Result<Reply, Refusal> {
    tx.execute("UPDATE renewals SET state = 'withdrawn' WHERE key = ?1", [key])?;
    Ok(Reply::done(&json!({ "withdrawn": true })))
}
