//! One direction of a line, as arithmetic: a queue, the time that bytes take, loss, delay. Packets
//! and times go in, fates come out; no clock, no socket.

use std::collections::{HashMap, VecDeque};

use super::packet::{Packet, after};
use super::profile::Direction;

/// What passed in one direction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Packets that used the line. One that the queue had no place for, or that met a dead line,
    /// did not.
    pub packets: usize,
    /// Their bytes, IP headers included.
    pub bytes: usize,
    /// Packets of TCP that carry what had used the line before.
    pub again: usize,
    /// Packets that open and that close a connection.
    pub opens: usize,
    pub closes: usize,
    /// Packets that carry something for the program.
    pub carry: usize,
    /// Packets that used the line and did not arrive.
    pub lost: usize,
    /// Packets that met a full queue, or a dead line.
    pub dropped: usize,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It comes out at this time.
    Arrives(u64),
    /// It uses the line up to this time and is lost.
    Lost(u64),
    /// The queue is full.
    Dropped,
}

/// One direction of one line. Times are nanoseconds from a moment of the caller's.
#[derive(Debug)]
pub struct Way {
    pub counts: Counts,
    figures: Direction,
    seed: u64,
    /// Each connection has its own luck, by its place in the order of connections: what happens in
    /// one phase changes nothing in the next, and a run is like the one before it.
    dice: HashMap<(u16, u16), u64>,
    opened: u64,
    /// When the line has sent all that it took.
    free: u64,
    /// When the last packet comes out: none overtakes it.
    last: u64,
    /// When each packet that waits begins to be sent.
    waiting: VecDeque<u64>,
    /// The number after the last byte that used the line, of each connection.
    seen: HashMap<(u16, u16), u32>,
}

impl Way {
    /// A line that carried nothing yet. Losses and delays are the same for the same seed.
    pub fn new(figures: Direction, seed: u64) -> Self {
        Self {
            counts: Counts::default(),
            figures,
            seed,
            dice: HashMap::new(),
            opened: 0,
            free: 0,
            last: 0,
            waiting: VecDeque::new(),
            seen: HashMap::new(),
        }
    }

    /// Takes a packet at `now`.
    pub fn take(&mut self, packet: &Packet, now: u64) -> Fate {
        while self.waiting.front().is_some_and(|begins| *begins <= now) {
            self.waiting.pop_front();
        }
        if self.waiting.len() >= self.figures.queue {
            self.counts.dropped += 1;
            return Fate::Dropped;
        }
        let begins = self.free.max(now);
        if begins > now {
            self.waiting.push_back(begins);
        }
        self.count(packet);
        self.free = begins + nanoseconds(packet.bytes as f64 * 8_000.0 / self.figures.rate);
        // Both are thrown for every packet: what is lost does not depend on what is late.
        let ports = packet.tcp.map_or((0, 0), |tcp| tcp.ports);
        let (loss, jitter) = (self.throw(ports), self.throw(ports));
        let late = self.figures.delay + jitter * self.figures.jitter;
        self.last = self.last.max(self.free + nanoseconds(late));
        if loss < self.figures.loss {
            self.counts.lost += 1;
            return Fate::Lost(self.last);
        }
        Fate::Arrives(self.last)
    }

    fn count(&mut self, packet: &Packet) {
        let counts = &mut self.counts;
        counts.packets += 1;
        counts.bytes += packet.bytes;
        let Some(tcp) = packet.tcp else { return };
        counts.opens += usize::from(tcp.syn);
        counts.closes += usize::from(tcp.fin);
        counts.carry += usize::from(tcp.carries > 0);
        let end = tcp.end();
        if tcp.syn {
            let again = self.seen.insert(tcp.ports, end) == Some(end);
            counts.again += usize::from(again);
            if !again {
                self.opened += 1;
                self.dice.insert(tcp.ports, chance(self.seed, self.opened));
            }
        } else if end != tcp.number {
            let seen = self.seen.entry(tcp.ports).or_insert(tcp.number);
            if after(*seen, tcp.number) {
                counts.again += 1;
            }
            if after(end, *seen) {
                *seen = end;
            }
        }
    }

    /// An even chance between 0 and 1.
    fn throw(&mut self, ports: (u16, u16)) -> f64 {
        let first = chance(self.seed, 0);
        let dice = self.dice.entry(ports).or_insert(first);
        *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mixed(*dice) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Where the dice of a connection begin.
fn chance(seed: u64, connection: u64) -> u64 {
    mixed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ mixed(connection))
}

/// `SplitMix64`.
fn mixed(number: u64) -> u64 {
    let z = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some seconds, never below nothing"
)]
fn nanoseconds(milliseconds: f64) -> u64 {
    (milliseconds * 1e6) as u64
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::super::packet::Tcp;
    use super::super::profile::{BAD_2G, MODEM_9600};
    use super::*;

    fn packet(bytes: usize, number: u32) -> Packet {
        Packet {
            from: Ipv4Addr::LOCALHOST,
            to: Ipv4Addr::LOCALHOST,
            bytes,
            tcp: Some(Tcp {
                ports: (1, 2),
                number,
                wants: None,
                syn: false,
                fin: false,
                rst: false,
                carries: bytes - 40,
            }),
        }
    }

    #[test]
    fn a_packet_takes_its_bytes_and_the_delay_and_waits_for_the_one_before() {
        let mut way = Way::new(MODEM_9600.up, 1);
        // 120 bytes are 100 ms at 9,600 bit/s.
        assert_eq!(way.take(&packet(120, 0), 5_000_000), Fate::Arrives(255_000_000));
        assert_eq!(way.take(&packet(120, 80), 6_000_000), Fate::Arrives(355_000_000));
        let counts = way.counts;
        assert_eq!(
            (counts.packets, counts.bytes, counts.again, counts.carry),
            (2, 240, 0, 2)
        );
    }

    #[test]
    fn what_the_queue_has_no_place_for_is_dropped_and_uses_no_time() {
        let mut way = Way::new(MODEM_9600.up, 1);
        // One is sent, twenty wait.
        for n in 0..21 {
            assert!(matches!(way.take(&packet(120, n * 80), 0), Fate::Arrives(_)));
        }
        assert_eq!(way.take(&packet(120, 1_680), 0), Fate::Dropped);
        assert_eq!(way.take(&packet(120, 1_680), 100_000_000), Fate::Arrives(2_350_000_000));
        assert_eq!((way.counts.packets, way.counts.dropped), (22, 1));
    }

    #[test]
    fn losses_are_as_many_as_was_said_and_the_same_for_a_seed() {
        let fates = |seed| {
            let mut way = Way::new(BAD_2G.up, seed);
            let fates: Vec<_> = (0..2_000)
                .map(|n| way.take(&packet(50, n * 10), u64::from(n) * 1_000_000_000))
                .collect();
            (fates, way.counts.lost)
        };
        let (some, lost) = fates(7);
        assert_eq!(fates(7).0, some);
        assert_ne!(fates(8).0, some);
        assert!((70..130).contains(&lost), "5 % of 2,000: {lost}");
        let out: Vec<_> = some
            .iter()
            .map(|fate| match fate {
                Fate::Arrives(at) | Fate::Lost(at) => *at,
                Fate::Dropped => 0,
            })
            .collect();
        assert!(out.is_sorted(), "none overtakes another");
    }

    #[test]
    fn what_is_sent_again_is_counted() {
        let mut way = Way::new(MODEM_9600.up, 1);
        for number in [u32::MAX - 10, 69, u32::MAX - 10, 149] {
            way.take(&packet(120, number), 0);
        }
        assert_eq!(way.counts.again, 1, "numbers wrap around");
    }
}
