//! What a callee said, and why there is no answer.
//!
//! Owns the two values in which every transport tells how a call went, and the two forms of
//! `Retry-After`. Must not know any transport.

use std::fmt;
use std::time::{Duration, SystemTime};

/// Bytes of an answer that are read; what is longer is cut off there.
pub const BODY_BYTES: usize = crate::limits::REPLY_BYTES;

/// What a callee said.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status, as HTTP means it.
    pub status: u16,
    /// How long the callee wants to be left alone.
    pub retry_after: Option<Duration>,
    /// What the body is, as the callee says; of a program and of mail nothing.
    pub content_type: Option<String>,
    /// The body is compressed, or otherwise encoded, though nobody asked for that.
    pub encoded: bool,
    /// The body, not decoded.
    pub body: Vec<u8>,
    /// The body had more than [`BODY_BYTES`] and was cut off there.
    pub cut: bool,
}

impl fmt::Debug for Response {
    /// Without the body: it may hold somebody's answers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("content_type", &self.content_type)
            .field("encoded", &self.encoded)
            .field("bytes", &self.body.len())
            .field("cut", &self.cut)
            .finish()
    }
}

/// Why there is no answer. The words name the callee and what went wrong; they never hold values
/// of headers, bodies, queries or credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Surely nothing of the request reached the callee: it may be tried again without care.
    NotSent(String),
    /// It may have reached the callee, and may have been done.
    Unknown(String),
    /// Never to be tried again as it is: forbidden by the operator's settings, malformed, refused
    /// for good.
    Forbidden(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(why) | Self::Unknown(why) | Self::Forbidden(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Trouble {}

/// The value of `Retry-After`: seconds, or a date, of which one that has passed is no time at all.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.parse().ok().map(Duration::from_secs);
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// An error and what caused it, in one line.
pub(super) fn because(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Some errors repeat their cause in their own words.
        if !words.contains(&next) {
            words = format!("{words}: {next}");
        }
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    //! The forms of `Retry-After` and the words of errors.

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(retry_after(" 121 ", now), Some(Duration::from_secs(121)));
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:50:07 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(Duration::ZERO));
        for nonsense in ["", "-1", "soon", "1.5", "99999999999999999999999"] {
            assert_eq!(retry_after(nonsense, now), None, "{nonsense}");
        }
    }
}
