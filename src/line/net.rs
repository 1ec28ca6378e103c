//! A visit over a line: a person's requests one after the other, and what each takes.
//!
//! Owns the events, the connections and the counting. Must not know how an end of TCP behaves.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::Line;
use super::end::{End, WINDOW};
use super::packet::{Packet, SEGMENT};
use super::wire::{Fate, Wire, nanos};

/// Runs of a visit over a line on which there is chance; the costs are means.
const RUNS: u64 = 200;
/// No visit has more events, whatever the line does.
const EVENTS: u64 = 2_000_000;

/// A request and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Bytes of the request, its header included.
    pub request: u64,
    /// Bytes of the answer, its header included.
    pub answer: u64,
    /// From the last byte of the one to the first of the other.
    pub server: Duration,
}

/// What a browser does with connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A new one for each request; the server closes it after its answer.
    Anew,
    /// One for all. `open`: it is open already, from a page before.
    Kept {
        /// The first request needs no handshake.
        open: bool,
    },
}

/// A person's requests over a line.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The line.
    pub line: &'a Line,
    /// What is asked and answered, in order.
    pub exchanges: &'a [Exchange],
    /// How connections are used.
    pub manner: Manner,
    /// From the last byte of an answer to the next request.
    pub think: Duration,
}

/// What went one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Packets.
    pub packets: u64,
    /// Their bytes, headers of IP and TCP included.
    pub bytes: u64,
}

/// What an exchange took: on a line on which there is chance, in the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// From the start of the request (of its connection, if that is new) to the last byte of the
    /// answer.
    pub time: Duration,
    /// Everything up to the next exchange: what is acknowledged, closed and resent too.
    pub up: Load,
    /// The same, to the browser.
    pub down: Load,
    /// How often one side waited for the other, at the least: the handshake, the question, and each
    /// time that the window was full.
    pub trips: u64,
}

/// The cost of each exchange of a visit.
pub fn visit(visit: &Visit<'_>) -> Vec<Cost> {
    let mut exchanges = visit.exchanges.to_vec();
    let warm = visit.manner == Manner::Kept { open: true };
    if let Some(first) = exchanges.first().copied().filter(|_| warm) {
        exchanges.insert(0, first);
    }
    let chance = [&visit.line.up, &visit.line.down]
        .iter()
        .any(|way| way.loss > 0 || !way.jitter.is_zero());
    let runs = if chance { RUNS } else { 1 };
    let mut sums = vec![Cost::default(); exchanges.len()];
    for seed in 0..runs {
        for (sum, cost) in sums.iter_mut().zip(Net::new(visit, &exchanges, seed).run()) {
            sum.time += cost.time;
            for (sum, load) in [(&mut sum.up, cost.up), (&mut sum.down, cost.down)] {
                sum.packets += load.packets;
                sum.bytes += load.bytes;
            }
        }
    }
    let opens = |n: usize| visit.manner == Manner::Anew || n == 0;
    let (mut up, mut down) = (Means::default(), Means::default());
    let costs = exchanges.iter().zip(sums).enumerate();
    let costs = costs.map(|(n, (exchange, sum))| Cost {
        time: Duration::from_nanos(nanos(sum.time) / runs),
        up: up.of(sum.up, runs),
        down: down.of(sum.down, runs),
        trips: u64::from(opens(n)) + flights(exchange.request) + flights(exchange.answer) - 1,
    });
    costs.skip(usize::from(warm)).collect()
}

/// Whole numbers for means, of which what is left of one goes to the next: so their sum is right.
#[derive(Default)]
struct Means {
    left: Load,
}

impl Means {
    fn of(&mut self, sum: Load, runs: u64) -> Load {
        let share = |sum: u64, left: &mut u64| {
            *left += sum;
            let mean = *left / runs;
            *left %= runs;
            mean
        };
        Load {
            packets: share(sum.packets, &mut self.left.packets),
            bytes: share(sum.bytes, &mut self.left.bytes),
        }
    }
}

/// In how many windows so many bytes go; each is twice the one before.
fn flights(bytes: u64) -> u64 {
    let (mut packets, mut window, mut count) = (bytes.div_ceil(SEGMENT), WINDOW, 1);
    while packets > window {
        packets -= window;
        window *= 2;
        count += 1;
    }
    count
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Browser,
    Server,
}

#[derive(Debug)]
enum Event {
    /// The exchange of that number begins.
    Begin(usize),
    /// A packet of a connection arrives at a side.
    Arrive(usize, Side, Packet),
    /// An end wants to be woken.
    Wake(usize, Side),
    /// The server has its answer.
    Answer(usize),
}

/// An event at its time; those of one time in the order in which they were made.
#[derive(Debug)]
struct At(u64, u64, Event);

impl PartialEq for At {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}

impl Eq for At {}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for At {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

/// A connection: both ends, and what was asked and answered over it.
#[derive(Debug)]
struct Connection {
    browser: End,
    server: End,
    asked: u64,
    answered: u64,
    /// The exchange that is under way, until its request is in.
    hears: Option<usize>,
    /// Until its answer is in.
    waits: Option<usize>,
    /// When the browser's end and the server's will be woken.
    woken: (Option<u64>, Option<u64>),
}

impl Connection {
    fn alarm(&mut self, side: Side) -> &mut Option<u64> {
        match side {
            Side::Browser => &mut self.woken.0,
            Side::Server => &mut self.woken.1,
        }
    }
}

/// One run of a visit.
struct Net<'a> {
    exchanges: &'a [Exchange],
    manner: Manner,
    think: u64,
    now: u64,
    count: u64,
    events: BinaryHeap<Reverse<At>>,
    up: Wire,
    down: Wire,
    connections: Vec<Connection>,
    current: usize,
    began: u64,
    costs: Vec<Cost>,
}

impl<'a> Net<'a> {
    fn new(visit: &Visit<'_>, exchanges: &'a [Exchange], seed: u64) -> Self {
        Self {
            exchanges,
            manner: visit.manner,
            think: nanos(visit.think),
            now: 0,
            count: 0,
            events: BinaryHeap::new(),
            up: Wire::new(visit.line.up, seed * 2),
            down: Wire::new(visit.line.down, seed * 2 + 1),
            connections: Vec::new(),
            current: 0,
            began: 0,
            costs: vec![Cost::default(); exchanges.len()],
        }
    }

    /// To the end of the last exchange, and until nothing is under way any more.
    fn run(mut self) -> Vec<Cost> {
        if !self.exchanges.is_empty() {
            self.at(0, Event::Begin(0));
        }
        while let Some(Reverse(At(at, _, event))) = self.events.pop() {
            if self.count > EVENTS {
                break;
            }
            self.now = at;
            match event {
                Event::Begin(n) => self.begin(n),
                Event::Arrive(n, side, packet) => self.arrive(n, side, &packet),
                Event::Wake(n, side) => self.wake(n, side),
                Event::Answer(n) => self.answer(n),
            }
        }
        self.costs
    }

    fn at(&mut self, at: u64, event: Event) {
        self.count += 1;
        self.events.push(Reverse(At(at, self.count, event)));
    }

    fn begin(&mut self, n: usize) {
        (self.current, self.began) = (n, self.now);
        let old = self.connections.len().checked_sub(1);
        if let Some(at) = old.filter(|_| self.manner != Manner::Anew) {
            self.ask(at, n);
            return;
        }
        self.connections.push(Connection {
            browser: End::new(),
            server: End::new(),
            asked: 0,
            answered: 0,
            hears: Some(n),
            waits: None,
            woken: (None, None),
        });
        self.act(self.connections.len() - 1, Side::Browser, End::connect);
    }

    /// Sends the request of exchange `n`.
    fn ask(&mut self, at: usize, n: usize) {
        let (Some(exchange), Some(connection)) = (self.exchanges.get(n), self.connections.get_mut(at)) else {
            return;
        };
        connection.asked += exchange.request;
        connection.answered += exchange.answer;
        (connection.hears, connection.waits) = (Some(n), Some(n));
        let bytes = exchange.request;
        self.act(at, Side::Browser, |end, now, out| end.write(bytes, now, out));
    }

    /// Sends the answer to what was asked last.
    fn answer(&mut self, at: usize) {
        let Some(n) = self.connections.get(at).and_then(|connection| connection.waits) else {
            return;
        };
        let bytes = self.exchanges.get(n).map_or(0, |exchange| exchange.answer);
        let close = self.manner == Manner::Anew;
        self.act(at, Side::Server, |end, now, out| {
            end.write(bytes, now, out);
            if close {
                end.close(now, out);
            }
        });
    }

    fn arrive(&mut self, at: usize, side: Side, packet: &Packet) {
        self.act(at, side, |end, now, out| end.receive(packet, now, out));
        let Some(connection) = self.connections.get_mut(at) else {
            return;
        };
        match side {
            Side::Server => {
                let asked = connection.waits.is_some() && connection.server.received() >= connection.asked;
                if asked && let Some(n) = connection.hears.take() {
                    let share = self.exchanges.get(n).map_or(0, |exchange| nanos(exchange.server));
                    self.at(self.now + share, Event::Answer(at));
                }
            }
            Side::Browser if connection.waits.is_none() => {
                if connection.browser.heard_all {
                    self.act(at, Side::Browser, End::close);
                } else if connection.browser.open
                    && let Some(n) = connection.hears
                {
                    self.ask(at, n);
                }
            }
            Side::Browser => {
                if connection.browser.received() >= connection.answered
                    && let Some(n) = connection.waits.take()
                {
                    self.answered(at, n);
                }
            }
        }
    }

    /// The last byte of an answer is in.
    fn answered(&mut self, at: usize, n: usize) {
        if let Some(cost) = self.costs.get_mut(n) {
            cost.time = Duration::from_nanos(self.now - self.began);
        }
        if n + 1 < self.exchanges.len() {
            self.at(self.now + self.think, Event::Begin(n + 1));
        }
        if self.connections.get(at).is_some_and(|one| one.browser.heard_all) {
            self.act(at, Side::Browser, End::close);
        }
    }

    /// An end's time may have come.
    fn wake(&mut self, at: usize, side: Side) {
        if let Some(connection) = self.connections.get_mut(at) {
            *connection.alarm(side) = None;
        }
        self.act(at, side, |end, now, out| {
            if end.due().is_some_and(|at| at <= now) {
                end.wake(now, out);
            }
        });
    }

    /// Lets an end act, and puts what it sends on the wire.
    fn act(&mut self, at: usize, side: Side, act: impl FnOnce(&mut End, u64, &mut Vec<Packet>)) {
        let now = self.now;
        let Some(connection) = self.connections.get_mut(at) else {
            return;
        };
        let (end, wire, other) = match side {
            Side::Browser => (&mut connection.browser, &mut self.up, Side::Server),
            Side::Server => (&mut connection.server, &mut self.down, Side::Browser),
        };
        let mut out = Vec::new();
        act(end, now, &mut out);
        let due = end.due();
        let mut arrivals = Vec::new();
        for packet in out {
            let bytes = packet.bytes();
            let fate = wire.take(bytes, now);
            if fate != Fate::Dropped
                && let Some(cost) = self.costs.get_mut(self.current)
            {
                let load = match side {
                    Side::Browser => &mut cost.up,
                    Side::Server => &mut cost.down,
                };
                load.packets += 1;
                load.bytes += bytes;
            }
            if let Fate::Arrives(then) = fate {
                arrivals.push((then, packet));
            }
        }
        for (then, packet) in arrivals {
            self.at(then, Event::Arrive(at, other, packet));
        }
        if let (Some(due), Some(connection)) = (due, self.connections.get_mut(at)) {
            let alarm = connection.alarm(side);
            if alarm.is_none_or(|then| due < then) {
                *alarm = Some(due);
                self.at(due.max(now), Event::Wake(at, side));
            }
        }
    }
}
