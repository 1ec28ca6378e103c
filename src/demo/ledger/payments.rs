//! Payments: asked for by a program, decided by a person, perhaps taken back.
//!
//! Owns a payment's states and the money that moves with them. Must not know how the person is
//! asked, nor who is told.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde_json::json;

use super::super::money::Pence;
use super::super::reply::Reply;
use super::transfers::carry;
use super::{Order, Refusal};

/// Whose money a payment is.
pub(super) const CARD: &str = "card";
/// Who gets it.
pub(super) const THEATRE: &str = "theatre";

/// What became of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum State {
    /// The person has not chosen yet.
    Pending,
    Paid,
    /// The person did not want to pay.
    Refused,
    /// Taken back before it was paid.
    Cancelled,
    /// Taken back after it was paid.
    Refunded,
}

impl State {
    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.name().to_sql()
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        [
            Self::Pending,
            Self::Paid,
            Self::Refused,
            Self::Cancelled,
            Self::Refunded,
        ]
        .into_iter()
        .find(|state| state.name() == name)
        .ok_or(FromSqlError::InvalidType)
    }
}

/// What a person can choose on the pay page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Choice {
    Pay,
    Refuse,
}

/// A payment as its pay page knows it.
#[derive(Clone, Debug)]
pub(in super::super) struct Payment {
    pub(in super::super) number: i64,
    pub(in super::super) amount: Pence,
    /// Where the person came from and goes back to.
    pub(in super::super) return_url: String,
    /// Who is told what the person chose.
    pub(in super::super) callback_url: String,
    pub(in super::super) state: State,
}

impl Payment {
    /// Its name: `P-1`.
    pub(in super::super) fn name(&self) -> String {
        format!("P-{}", self.number)
    }
}

/// A new payment with a page of its own.
pub(super) fn ask(tx: &Transaction<'_>, order: &Order<'_>) -> Result<Reply, Refusal> {
    let amount = order.fields.money("amount")?;
    let return_url = order.fields.url("return_url", &["http", "https"])?;
    let callback_url = order.fields.url("callback_url", &["http"])?;
    tx.execute(
        "INSERT INTO payments (key, page, amount, return_url, callback_url, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![order.key, order.page, amount, return_url, callback_url, State::Pending],
    )?;
    let payment = format!("P-{}", tx.last_insert_rowid());
    let page = format!("{}/pay/{}", order.pages, order.page);
    Ok(Reply::done(&json!({ "payment": payment, "page": page })))
}

/// What became of the payment of a key that was answered with `first`.
pub(super) fn probe(at: &Connection, key: &str, first: Reply) -> rusqlite::Result<Reply> {
    let Some(payment) = of_key(at, key)? else {
        // It was declined: there is no payment.
        return Ok(first);
    };
    Ok(match payment.state {
        State::Pending => Reply::json(202, &json!({ "status": "pending" })),
        State::Paid => Reply::done(&json!({ "payment": payment.name() })),
        State::Refused => Reply::message(409, REFUSED),
        State::Cancelled | State::Refunded => Reply::message(410, "This payment was taken back."),
    })
}

/// What is said of a payment that the person did not want to make.
pub(in super::super) const REFUSED: &str = "You did not pay.";

/// Cancels what is not paid, and gives back what is.
pub(super) fn take_back(tx: &Transaction<'_>, key: &str) -> Result<Reply, Refusal> {
    let cancelled = Reply::done(&json!({ "cancelled": true }));
    let refunded = Reply::done(&json!({ "refunded": true }));
    let Some(payment) = of_key(tx, key)? else {
        return Ok(cancelled);
    };
    match payment.state {
        State::Pending => {
            set(tx, &payment, State::Cancelled)?;
            Ok(cancelled)
        }
        State::Paid => {
            let spent = "SELECT EXISTS (SELECT 1 FROM tickets WHERE payment = ?1)";
            if tx.query_row(spent, [payment.number], |row| row.get(0))? {
                return Err(Reply::message(409, "This payment has bought a seat.").into());
            }
            set(tx, &payment, State::Refunded)?;
            let cause = format!("{} back", payment.name());
            carry(tx, &cause, THEATRE, CARD, payment.amount)?;
            Ok(refunded)
        }
        State::Refunded => Ok(refunded),
        State::Refused | State::Cancelled => Ok(cancelled),
    }
}

/// The person chose. Only the first choice counts, and none after it was taken back.
pub(super) fn decide(tx: &Transaction<'_>, page: &str, choice: Choice) -> rusqlite::Result<Option<(Payment, bool)>> {
    let Some(mut payment) = of_page(tx, page)? else {
        return Ok(None);
    };
    if payment.state != State::Pending {
        return Ok(Some((payment, false)));
    }
    payment.state = match choice {
        Choice::Pay => State::Paid,
        Choice::Refuse => State::Refused,
    };
    set(tx, &payment, payment.state)?;
    if choice == Choice::Pay {
        carry(tx, &payment.name(), CARD, THEATRE, payment.amount)?;
    }
    Ok(Some((payment, true)))
}

fn set(tx: &Transaction<'_>, payment: &Payment, state: State) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE payments SET state = ?2 WHERE id = ?1",
        params![payment.number, state],
    )?;
    Ok(())
}

pub(super) fn of_page(at: &Connection, page: &str) -> rusqlite::Result<Option<Payment>> {
    one(at, "SELECT * FROM payments WHERE page = ?1", page)
}

fn of_key(at: &Connection, key: &str) -> rusqlite::Result<Option<Payment>> {
    one(at, "SELECT * FROM payments WHERE key = ?1", key)
}

fn one(at: &Connection, sql: &str, by: &str) -> rusqlite::Result<Option<Payment>> {
    at.query_row(sql, [by], |row| {
        Ok(Payment {
            number: row.get("id")?,
            amount: row.get("amount")?,
            return_url: row.get("return_url")?,
            callback_url: row.get("callback_url")?,
            state: row.get("state")?,
        })
    })
    .optional()
}
