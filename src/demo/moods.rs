//! Moods: how a server on the other side of a network may behave.
//!
//! Owns which mood comes when: the same seed gives the same moods. Must not know what is asked.

use std::time::Duration;

/// How one request is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Done and answered.
    Normal,
    /// Done and answered, but not at once.
    Late(Duration),
    /// Done, and answered with 500.
    DoneThenError,
    /// Done, and answered with bytes that mean nothing.
    DoneThenGarbage,
    /// Done, and the connection is closed without an answer.
    DoneThenClosed,
    /// Done twice, as if the network had delivered it twice; the second answer is given.
    Twice,
    /// Not done: 503, try again in a second.
    Busy,
    /// Not done and not answered.
    Never,
}

impl Mood {
    /// The longest that a late answer takes, in milliseconds.
    const LATE: u64 = 1500;

    /// The mood of the `n`th request.
    pub fn of(seed: u64, n: u64) -> Self {
        let dice = mixed(seed ^ mixed(n));
        // Half of the sixteen are normal; what takes long is rarer than what does not.
        match dice & 15 {
            0..=7 => Self::Normal,
            8 | 9 => Self::Late(Duration::from_millis((dice >> 4) % (Self::LATE + 1))),
            10 => Self::DoneThenError,
            11 => Self::DoneThenGarbage,
            12 => Self::DoneThenClosed,
            13 => Self::Twice,
            14 => Self::Busy,
            _ => Self::Never,
        }
    }
}

/// `SplitMix64`: every bit of the number decides over every bit of the result.
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
