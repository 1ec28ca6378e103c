//! The lines: what they carry, how late, how surely; and the least time that one phase can take on
//! each, whatever the program.

use std::time::Duration;

/// One direction of a line.
#[derive(Clone, Copy, Debug)]
pub struct Direction {
    /// Bits per second.
    pub rate: f64,
    /// One way, in milliseconds.
    pub delay: f64,
    /// Up to so many milliseconds more, evenly spread, never out of order.
    pub jitter: f64,
    /// The share of packets that do not arrive.
    pub loss: f64,
    /// So many packets wait for their turn; any more is dropped.
    pub queue: usize,
}

/// A kind of line; up is from the person to the server.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    pub name: &'static str,
    pub up: Direction,
    pub down: Direction,
}

impl Direction {
    const fn at(self, rate: f64) -> Self {
        Self { rate, ..self }
    }
}

const fn profile(name: &'static str, (up, down): (f64, f64), times: (f64, f64), loss: f64, queue: usize) -> Profile {
    let (delay, jitter) = times;
    let both = Direction {
        rate: 0.0,
        delay,
        jitter,
        loss,
        queue,
    };
    Profile {
        name,
        up: both.at(up),
        down: both.at(down),
    }
}

/// A modem of 1990.
pub const MODEM_9600: Profile = profile("modem-9600", (9_600.0, 9_600.0), (150.0, 0.0), 0.0, 20);
/// A modem of 1995.
pub const MODEM_33K6: Profile = profile("modem-33k6", (33_600.0, 33_600.0), (90.0, 0.0), 0.0, 20);
/// A telephone of 2000.
pub const GPRS: Profile = profile("gprs", (20_000.0, 35_000.0), (350.0, 50.0), 0.01, 50);
/// A telephone at the edge of its cell.
pub const BAD_2G: Profile = profile("2g-bad", (20_000.0, 20_000.0), (400.0, 100.0), 0.05, 50);
/// `WebPageTest`'s 3G.
pub const THREE_G: Profile = profile("3g", (768_000.0, 1_600_000.0), (150.0, 10.0), 0.0, 100);
/// A cable in a house.
pub const LAN: Profile = profile("lan", (100_000_000.0, 100_000_000.0), (0.2, 0.0), 0.0, 1000);

/// Bytes of the headers of a data packet, and of a packet that opens a connection.
const HEADERS: usize = 40;
const OPENS: usize = 60;
/// What one packet carries.
const SEGMENT: usize = 1_460;

impl Profile {
    /// The least time of a phase with so many bytes of request and of answer: one flight each way,
    /// a header on each packet, nothing else. No program can be faster, and no TCP without Fast
    /// Open can be as fast on a new connection: that takes a round trip more (`fresh`).
    pub fn least(&self, request: usize, answer: usize, fresh: bool) -> Duration {
        let on_line = |bytes: usize, way: &Direction| bytes as f64 * 8.0 / way.rate;
        let late = |way: &Direction| (way.delay + way.jitter / 2.0) / 1_000.0;
        let mut seconds = on_line(request + HEADERS * request.div_ceil(SEGMENT), &self.up)
            + on_line(answer + HEADERS * answer.div_ceil(SEGMENT), &self.down)
            + late(&self.up)
            + late(&self.down);
        if fresh {
            seconds += on_line(OPENS, &self.up) + on_line(OPENS, &self.down) + late(&self.up) + late(&self.down);
        }
        Duration::from_secs_f64(seconds)
    }
}

#[test]
fn the_least_time_is_the_bytes_and_the_way_there_and_back() {
    let milliseconds = |profile: &Profile, fresh| profile.least(430, 817, fresh).as_millis();
    assert_eq!(milliseconds(&MODEM_9600, false), 1_405, "(470 + 857) * 8 / 9600 + 0.3");
    assert_eq!(milliseconds(&MODEM_9600, true), 1_805);
    assert_eq!(milliseconds(&GPRS, false), 1_133);
    assert_eq!(milliseconds(&GPRS, true), 1_921, "the jitter's mean is in it");
    assert_eq!(milliseconds(&BAD_2G, true), 2_378);
}
