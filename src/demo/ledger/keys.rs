//! The idempotency keys: each is answered once, and the same for ever.
//!
//! Owns the kept answers and the tombstones of what was taken back. Must not know what the
//! answers are about.

use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::super::reply::Reply;
use super::Resource;

/// What is known of a key.
pub(super) enum Known {
    /// Its first answer.
    Answered(Reply),
    /// It was taken back, perhaps before it came.
    TakenBack,
}

impl Known {
    /// What whoever comes again with the key is told.
    pub(super) fn reply(self) -> Reply {
        match self {
            Self::Answered(reply) => reply,
            Self::TakenBack => Reply::message(410, "This was taken back before it arrived."),
        }
    }
}

pub(super) fn find(at: &Connection, resource: Resource, key: &str) -> Result<Option<Known>> {
    let row = |row: &rusqlite::Row<'_>| {
        Ok(if row.get("taken_back")? {
            Known::TakenBack
        } else {
            Known::Answered(Reply {
                status: row.get("status")?,
                body: row.get("body")?,
            })
        })
    };
    let sql = "SELECT status, body, taken_back FROM keys WHERE resource = ?1 AND key = ?2";
    at.query_row(sql, params![resource.name(), key], row).optional()
}

/// Keeps the first answer.
pub(super) fn keep(at: &Connection, resource: Resource, key: &str, reply: &Reply) -> Result<()> {
    let sql = "INSERT INTO keys (resource, key, status, body, taken_back) VALUES (?1, ?2, ?3, ?4, 0)";
    at.execute(sql, params![resource.name(), key, reply.status, reply.body])?;
    Ok(())
}

/// From now on nothing is done under this key, whether it has come or not.
pub(super) fn bury(at: &Connection, resource: Resource, key: &str) -> Result<()> {
    let sql = "INSERT INTO keys (resource, key, taken_back) VALUES (?1, ?2, 1)
               ON CONFLICT (resource, key) DO UPDATE SET taken_back = 1";
    at.execute(sql, params![resource.name(), key])?;
    Ok(())
}
