//! What the ledger answers: a status and a JSON object.
//!
//! Owns the shape of answers. Must not know how they travel, nor why one is given.

use serde_json::{Value, json};

/// An answer: an HTTP status, and JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status, in HTTP as in CGI.
    pub status: u16,
    /// A JSON object.
    pub body: String,
}

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            body: body.to_string(),
        }
    }

    pub(super) fn done(body: &Value) -> Self {
        Self::json(200, body)
    }

    pub(super) fn message(status: u16, message: &str) -> Self {
        Self::json(status, &json!({ "message": message }))
    }

    /// A refusal that says at which field something else would help.
    pub(super) fn at(status: u16, message: &str, field: &str, fault: &str) -> Self {
        Self::json(status, &json!({ "message": message, "fields": { field: fault } }))
    }
}

/// The words of HTTP for a status, for those that are given here.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
