//! Lines: how long a phase takes over a modem, a mobile network or a satellite.
//!
//! Owns what a [`Line`] is, the named ones, the reading of one that is given by numbers, the
//! physical [`limit`] of a phase, and the model of TCP over a line ([`visit`]). Pure: no sockets,
//! no clock; chance comes from a seed. Must not know HTTP or what is in the bytes.
//!
//! The model is packet by packet, as Linux does it: handshake, ten packets at first, ACKs at once or
//! delayed, the FIN exchange, timeouts, and the tail-loss probe, which on a line of 9,600 bit/s
//! resends the last packet of whatever takes longer than two round trips. Of loss recovery it knows
//! what screens of a few packets meet; so its figures on lines that lose packets are estimates, and
//! means over seeds.

mod dice;
mod end;
mod net;
mod packet;
mod read;
mod rtt;
mod wire;

use std::time::Duration;

pub(crate) use dice::Dice;
pub use net::{Cost, Exchange, Load, Manner, Visit, visit};
pub use read::BadLine;

/// Header of IP and TCP without options: what no packet can do without.
const LEAST_HEADER: u64 = 40;
/// Payload of a full packet without options.
const FULL: u64 = 1460;
/// A packet that opens a connection.
const OPENING: u64 = 60;

/// A line between a browser and a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// A name of those in [`Line::all`], or the numbers as they were given.
    pub name: String,
    /// From the browser to the server.
    pub up: Way,
    /// From the server to the browser.
    pub down: Way,
}

/// One direction of a line: packets queue, take their time on the wire, may be lost, and arrive
/// after the delay in the order in which they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Bits in a second; at least 1.
    pub bits: u64,
    /// From the end of the wire to the other side.
    pub delay: Duration,
    /// Up to so much more, evenly spread.
    pub jitter: Duration,
    /// Lost packets of a million.
    pub loss: u32,
    /// So many packets may wait for the wire; what comes then is dropped.
    pub queue: usize,
}

impl Way {
    /// How long so many bytes are on the wire.
    pub fn time(&self, bytes: u64) -> Duration {
        let nanos = u128::from(bytes) * 8 * 1_000_000_000 / u128::from(self.bits.max(1));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

/// Name, bit/s up and down, one-way delay and jitter in µs, loss in a million, queue in packets.
type Row = (&'static str, u64, u64, u64, u64, u32, usize);

/// The named lines, the slowest first. Both ways have the same delay, jitter, loss and queue.
const NAMED: [Row; 9] = [
    ("modem-9600", 9_600, 9_600, 150_000, 0, 0, 20),
    ("modem-33k6", 33_600, 33_600, 90_000, 0, 0, 20),
    ("modem-56k", 33_600, 53_000, 75_000, 0, 0, 20),
    ("gprs", 20_000, 35_000, 350_000, 50_000, 10_000, 50),
    ("2g-bad", 20_000, 20_000, 400_000, 100_000, 50_000, 50),
    ("edge", 200_000, 240_000, 420_000, 30_000, 0, 50),
    ("satellite-geo", 1_000_000, 1_000_000, 300_000, 5_000, 5_000, 100),
    ("3g", 768_000, 1_600_000, 150_000, 10_000, 0, 100),
    ("lan", 100_000_000, 100_000_000, 200, 0, 0, 1_000),
];

impl Line {
    /// The named lines, in the order of the list that people see.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMED.iter().map(|&(name, up, down, delay, jitter, loss, queue)| {
            let way = |bits| Way {
                bits,
                delay: Duration::from_micros(delay),
                jitter: Duration::from_micros(jitter),
                loss,
                queue,
            };
            Self {
                name: name.to_owned(),
                up: way(up),
                down: way(down),
            }
        })
    }

    /// The line of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|line| line.name == name)
    }

    /// A name of a line, or numbers: `up=9600,down=9600,delay=150ms,jitter=0,loss=1%,queue=20`.
    /// A name may come first and be changed by what follows: `gprs,loss=0`.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn read(text: &str) -> Result<Self, BadLine> {
        read::line(text)
    }

    /// Whether nothing on it is left to chance: no packet is lost, none is delayed more than others.
    pub fn is_clean(&self) -> bool {
        [&self.up, &self.down].iter().all(|way| way.loss == 0)
    }
}

/// What no protocol can beat on this line, for a request and an answer of so many bytes: one packet
/// each way if they fit, no header options, the delay there and back; with `opening`, one more
/// round trip for a new connection (60 bytes each way).
pub fn limit(line: &Line, request: u64, answer: u64, opening: bool) -> Duration {
    let packets = |bytes: u64| bytes.div_ceil(FULL).max(1);
    let up = line.up.time(request + LEAST_HEADER * packets(request));
    let down = line.down.time(answer + LEAST_HEADER * packets(answer));
    let there_and_back = line.up.delay + line.down.delay;
    let one = up + down + there_and_back + (line.up.jitter + line.down.jitter) / 2;
    if opening {
        one + there_and_back + line.up.time(OPENING) + line.down.time(OPENING)
    } else {
        one
    }
}
