//! Seats: free, held for somebody, sold.
//!
//! Owns holds and tickets. Must not know how a payment comes about, only whether it was made.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde_json::{Value, json};

use super::super::money::Pence;
use super::super::reply::Reply;
use super::{Order, Refusal, State};

/// The seats that nobody holds or has bought.
pub(super) fn free(at: &Connection) -> rusqlite::Result<Reply> {
    let sql = "SELECT id, label FROM seats
               WHERE NOT EXISTS (SELECT 1 FROM holds WHERE seat = seats.id AND state <> 'released')
               ORDER BY rowid";
    let mut rows = at.prepare(sql)?;
    let row = |row: &rusqlite::Row<'_>| {
        let (id, label): (String, String) = (row.get("id")?, row.get("label")?);
        Ok(json!({ "id": id, "label": label }))
    };
    let seats = rows.query_map([], row)?.collect::<rusqlite::Result<Vec<Value>>>()?;
    Ok(Reply::done(&json!({ "seats": seats })))
}

/// Holds a seat for whoever has the key.
pub(super) fn hold(tx: &Transaction<'_>, order: &Order<'_>) -> Result<Reply, Refusal> {
    let seat = order.fields.text("seat")?;
    let price: Option<Pence> = tx
        .query_row("SELECT price FROM seats WHERE id = ?1", [seat], |row| row.get(0))
        .optional()?;
    let Some(price) = price else {
        return Err(Reply::at(422, "There is no such seat.", "seat", "Choose a seat").into());
    };
    let taken = "SELECT EXISTS (SELECT 1 FROM holds WHERE seat = ?1 AND state <> 'released')";
    if tx.query_row(taken, [seat], |row| row.get(0))? {
        return Err(Reply::at(409, "That seat has just been taken.", "seat", "Choose another seat").into());
    }
    tx.execute(
        "INSERT INTO holds (key, seat, state) VALUES (?1, ?2, 'held')",
        params![order.key, seat],
    )?;
    let hold = format!("H-{}", tx.last_insert_rowid());
    Ok(Reply::done(&json!({ "hold": hold, "seat": seat, "price": price })))
}

/// Lets a held seat go. One that was sold is not held any more.
pub(super) fn release(tx: &Transaction<'_>, key: &str) -> Result<Reply, Refusal> {
    let sold = "SELECT EXISTS (SELECT 1 FROM holds WHERE key = ?1 AND state = 'sold')";
    if tx.query_row(sold, [key], |row| row.get(0))? {
        return Err(Reply::message(409, "The seat is sold already.").into());
    }
    tx.execute("UPDATE holds SET state = 'released' WHERE key = ?1", [key])?;
    Ok(Reply::done(&json!({ "released": true })))
}

/// Sells the held seat to whoever paid for it.
pub(super) fn sell(tx: &Transaction<'_>, order: &Order<'_>) -> Result<Reply, Refusal> {
    let (hold, payment) = (order.fields.text("hold")?, order.fields.text("payment")?);
    let sql = "SELECT holds.id, label, price FROM holds JOIN seats ON seats.id = seat
               WHERE holds.id = ?1 AND state = 'held'";
    let row = tx
        .query_row(sql, [number(hold, "H-")], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Pence>(2)?))
        })
        .optional()?;
    let Some((hold, label, price)) = row else {
        return Err(Reply::message(409, "The seat is no longer held for you.").into());
    };
    let sql = "SELECT id, amount, state FROM payments WHERE id = ?1";
    let paid = tx
        .query_row(sql, [number(payment, "P-")], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Pence>(1)?, row.get::<_, State>(2)?))
        })
        .optional()?;
    let Some((payment, amount, State::Paid)) = paid else {
        return Err(Reply::message(409, "The seat is not paid for.").into());
    };
    if amount < price {
        return Err(Reply::message(409, "Less was paid than the seat costs.").into());
    }
    let spent = "SELECT EXISTS (SELECT 1 FROM tickets WHERE payment = ?1)";
    if tx.query_row(spent, [payment], |row| row.get(0))? {
        return Err(Reply::message(409, "This payment has bought another seat.").into());
    }
    tx.execute("UPDATE holds SET state = 'sold' WHERE id = ?1", [hold])?;
    tx.execute(
        "INSERT INTO tickets (key, hold, payment) VALUES (?1, ?2, ?3)",
        params![order.key, hold, payment],
    )?;
    let ticket = format!("K-{}", tx.last_insert_rowid());
    Ok(Reply::done(&json!({ "ticket": ticket, "seat": label })))
}

/// The number in `H-1`; none of ours, if it is not written so.
fn number(text: &str, prefix: &str) -> i64 {
    text.strip_prefix(prefix).and_then(|n| n.parse().ok()).unwrap_or(-1)
}
