//! `deity clock`: what a running server makes of its machine's clock.
//!
//! Owns the printing. Must not know how a leap is noticed.

use super::Failure;
use super::args::{Clock, ClockWord};
use super::says;
use super::sessions::{ask, form};
use crate::operator::Request;

/// Asks, prints, and says how it went.
pub(super) fn run(clock: &Clock) -> Result<u8, Failure> {
    let confirm = clock.word == Some(ClockWord::Confirm);
    ask(&clock.common, &Request::Clock { confirm }, form(clock.json))
}

/// How far the clock has leapt, in seconds; 0: it is believed.
pub(super) fn show(now: &str, leapt: i64) -> Result<(), Failure> {
    let hours = leapt.unsigned_abs().div_ceil(3600);
    let way = if leapt < 0 { "back" } else { "ahead" };
    says::line(&match leapt {
        0 => format!("{now}; the clock is believed"),
        _ => format!(
            "{now}; the clock has leapt {way} by about {hours} hours and is not believed yet: nothing runs out for \
             that. If it is right: deity clock confirm"
        ),
    })
}
