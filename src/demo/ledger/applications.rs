//! Applications for grants: taken if their budget adds up, and withdrawn if somebody thinks better of it.
//!
//! Owns the register. Must not know who asks.

use rusqlite::{Transaction, params};
use serde_json::json;

use super::super::money::Pence;
use super::super::reply::Reply;
use super::{Order, Refusal};

/// The most that one grant is.
const MOST: Pence = Pence(2_000_000);

pub(super) fn take(tx: &Transaction<'_>, order: &Order<'_>) -> Result<Reply, Refusal> {
    let fields = order.fields;
    let organisation = fields.text("organisation")?;
    let asked = fields.money("asked")?;
    let lines = fields.amounts("costs", "asked_for")?;
    let sum = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.0));
    if sum != Some(asked.0) {
        let message = "The costs do not come to the amount that you ask for.";
        return Err(Reply::at(422, message, "asked", "Check the costs again").into());
    }
    if asked > MOST {
        let message = format!("We give {} at most.", MOST.pounds());
        return Err(Reply::at(422, &message, "asked", "Ask for less").into());
    }
    let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    tx.execute(
        "INSERT INTO applications (key, organisation, asked, lines, fields, state) \
         VALUES (?1, ?2, ?3, ?4, ?5, 'taken')",
        params![order.key, organisation, asked, count, fields.all()],
    )?;
    let application = format!("G-{}", tx.last_insert_rowid());
    Ok(Reply::done(&json!({ "application": application })))
}

pub(super) fn withdraw(tx: &Transaction<'_>, key: &str) -> Result<Reply, Refusal> {
    tx.execute("UPDATE applications SET state = 'withdrawn' WHERE key = ?1", [key])?;
    Ok(Reply::done(&json!({ "withdrawn": true })))
}
