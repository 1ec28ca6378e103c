//! The emulator: a thread that takes packets from either of two TUN devices and writes them to the
//! other when the line that they are on would have delivered them. Counts what passes on each line,
//! and cuts a line at a packet that a test names.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tun_rs::SyncDevice;

use super::packet::{Packet, Tcp, after};
use super::profile::Profile;
use super::way::{Counts, Fate, Way};
use crate::support::wire::Passage;

/// For anything on a line to come to an end.
const PATIENCE: Duration = Duration::from_secs(90);
/// The last packets of a line, for whoever wants to know what happened.
const TRACE: usize = 300;

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// From the person.
    Up,
    /// From the server.
    Down,
}

/// Where a line goes dead: with the packet before which so many have passed in this direction that
/// carried something new for the program. Only connections count that were opened since, and the
/// one that was kept.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub side: Side,
    pub passed: usize,
    pub kept: Option<u16>,
}

/// A connection as the line sees it: what each side sent, and what the other has confirmed.
#[derive(Debug, Default)]
struct Connection {
    sent: [Option<u32>; 2],
    confirmed: [Option<u32>; 2],
    closed: [bool; 2],
    reset: bool,
    /// When its first packet was sent; the last of the answer that came, and when.
    began: u64,
    came: Option<u32>,
    ended: u64,
    /// What it carried for the programs, each byte once.
    said: [usize; 2],
}

impl Connection {
    /// Nothing is under way, nor will be of itself.
    fn rests(&self, kept: bool) -> bool {
        let confirmed = (0..2).all(|side| self.sent[side].is_none() || self.sent[side] == self.confirmed[side]);
        self.reset || confirmed && (kept || self.closed == [true; 2])
    }
}

#[derive(Debug)]
struct Line {
    profile: Profile,
    ways: [Way; 2],
    connections: BTreeMap<u16, Connection>,
    cut: Option<(Cut, usize, Vec<u16>)>,
    dead: bool,
    flying: usize,
    /// When the request that is being answered had all come out at the server.
    asked: Option<u64>,
    /// What the server took from a request to its answer, in all.
    answering: Duration,
    trace: VecDeque<String>,
}

/// What the thread and the tests share.
#[derive(Debug)]
struct Shared {
    lines: Mutex<Vec<Line>>,
    changed: Condvar,
    stop: AtomicBool,
    began: Instant,
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.lines.lock().expect("the emulator has not panicked")
    }
}

/// The emulator; it ends when this is dropped.
#[derive(Debug)]
pub struct Emulator {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Lines between two devices. `which` tells from a packet which line it is on.
    pub fn start(devices: [SyncDevice; 2], profiles: &[(Profile, u64)], which: fn(&Packet) -> Option<usize>) -> Self {
        let line = |(profile, seed): &(Profile, u64)| Line {
            profile: *profile,
            ways: [Way::new(profile.up, seed * 2), Way::new(profile.down, seed * 2 + 1)],
            connections: BTreeMap::new(),
            cut: None,
            dead: false,
            flying: 0,
            asked: None,
            answering: Duration::ZERO,
            trace: VecDeque::new(),
        };
        let shared = Arc::new(Shared {
            lines: Mutex::new(profiles.iter().map(line).collect()),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
            began: Instant::now(),
        });
        let its = Arc::clone(&shared);
        let thread = thread::spawn(move || forward(&its, &devices, which));
        Self {
            shared,
            thread: Some(thread),
        }
    }

    /// A handle on one line.
    pub fn line(&self, at: usize) -> Handle {
        Handle {
            shared: Arc::clone(&self.shared),
            at,
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shared.stop.store(true, SeqCst);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the emulator panicked");
        }
    }
}

/// One line, for the test that uses it.
#[derive(Clone, Debug)]
pub struct Handle {
    shared: Arc<Shared>,
    at: usize,
}

impl Handle {
    fn with<T>(&self, look: impl FnOnce(&mut Line) -> T) -> T {
        look(&mut self.shared.lines()[self.at])
    }

    /// What it is.
    pub fn profile(&self) -> Profile {
        self.with(|line| line.profile)
    }

    /// What passed so far, up and down.
    pub fn counts(&self) -> [Counts; 2] {
        self.with(|line| [line.ways[0].counts, line.ways[1].counts])
    }

    /// How long the server took so far, from the end of each request to the begin of its answer.
    pub fn answering(&self) -> Duration {
        self.with(|line| line.answering)
    }

    /// What passed on each connection so far that carried an answer: for whoever cannot be asked,
    /// and opens one for each phase.
    pub fn passages(&self) -> Vec<Passage> {
        let passage = |connection: &Connection| Passage {
            sent: connection.said[0],
            received: connection.said[1],
            took: Duration::from_nanos(connection.ended - connection.began),
            fresh: true,
        };
        self.with(|line| {
            let connections = line.connections.values();
            connections
                .filter(|connection| connection.said[1] > 0)
                .map(passage)
                .collect()
        })
    }

    /// The last packets, one a line.
    pub fn trace(&self) -> String {
        self.with(|line| line.trace.iter().map(|packet| format!("{packet}\n")).collect())
    }

    /// The line will go dead there. What is on its way by then still arrives.
    pub fn cut(&self, cut: Cut) {
        self.with(|line| line.cut = Some((cut, 0, Vec::from_iter(cut.kept))));
    }

    /// Whether it is dead, and nothing that it took before is still on its way.
    pub fn is_silent(&self) -> bool {
        self.with(|line| line.dead && line.flying == 0)
    }

    /// It carries again.
    pub fn mend(&self) {
        self.with(|line| {
            assert!(line.dead, "it was never cut: {:?}", line.cut);
            line.dead = false;
        });
    }

    /// Waits until nothing is under way on any connection, and all are closed but the one that is
    /// kept. Whether that came before `patience` was over.
    pub fn rest(&self, kept: Option<u16>, patience: Duration) -> bool {
        let busy = |lines: &mut Vec<Line>| {
            let line = &lines[self.at];
            let rests = |(port, connection): (&u16, &Connection)| connection.rests(Some(*port) == kept);
            line.flying > 0 || !line.connections.iter().all(rests)
        };
        let (lines, waited) = self
            .shared
            .changed
            .wait_timeout_while(self.shared.lines(), patience.min(PATIENCE), busy)
            .expect("the emulator has not panicked");
        drop(lines);
        !waited.timed_out()
    }
}

/// A packet that is on its way: when it comes out, its place in the order, its line and side, and
/// what comes out.
type Flying = Reverse<(u64, u64, usize, usize, Vec<u8>)>;

fn forward(shared: &Shared, devices: &[SyncDevice; 2], which: fn(&Packet) -> Option<usize>) {
    let mut flying: BinaryHeap<Flying> = BinaryHeap::new();
    let mut order = 0;
    let mut buffer = vec![0; 65_536];
    let now = || u64::try_from(shared.began.elapsed().as_nanos()).expect("some minutes");
    while !shared.stop.load(SeqCst) {
        deliver(shared, devices, &mut flying, &now);
        let next = flying
            .peek()
            .map_or(20_000_000, |Reverse((at, ..))| at.saturating_sub(now()));
        let wait = Timespec {
            tv_sec: 0,
            tv_nsec: next.min(20_000_000).try_into().expect("milliseconds"),
        };
        let mut polled =
            [&devices[0], &devices[1]].map(|device| PollFd::from_borrowed_fd(device.as_fd(), PollFlags::IN));
        if poll(&mut polled, Some(&wait)).is_err() {
            continue;
        }
        for (side, device) in devices.iter().enumerate() {
            // A few at a time, so that neither side keeps the other, or what is due, waiting.
            for _ in 0..16 {
                let Ok(bytes) = device.recv(&mut buffer) else { break };
                let Some(packet) = Packet::read(&buffer[..bytes]) else {
                    continue;
                };
                let Some(at) = which(&packet) else { continue };
                let mut lines = shared.lines();
                let Some(line) = lines.get_mut(at) else { continue };
                let time = now();
                let fate = line.take(&packet, side, time);
                line.note(&packet, side, time, fate);
                let (out, what) = match fate {
                    Fate::Arrives(out) => (out, buffer[..bytes].to_vec()),
                    Fate::Lost(out) => (out, Vec::new()),
                    Fate::Dropped => continue,
                };
                line.flying += 1;
                order += 1;
                flying.push(Reverse((out, order, at, side, what)));
            }
        }
    }
}

/// Writes out what is due.
fn deliver(shared: &Shared, devices: &[SyncDevice; 2], flying: &mut BinaryHeap<Flying>, now: &impl Fn() -> u64) {
    let mut any = false;
    while flying.peek().is_some_and(|Reverse((at, ..))| *at <= now()) {
        let Some(Reverse((_, _, at, side, bytes))) = flying.pop() else {
            break;
        };
        let carries = Packet::read(&bytes)
            .and_then(|packet| packet.tcp)
            .is_some_and(|tcp| tcp.carries > 0);
        if side == 0 && carries {
            shared.lines()[at].asked = Some(now());
        }
        if !bytes.is_empty() {
            // A device that is full drops it, as a network may.
            let _sent = devices[1 - side].send(&bytes);
        }
        // Not before: who sees that nothing flies any more has it all.
        shared.lines()[at].flying -= 1;
        any = true;
    }
    if any {
        shared.changed.notify_all();
    }
}

impl Line {
    fn take(&mut self, packet: &Packet, side: usize, now: u64) -> Fate {
        let counted = packet.tcp.is_some_and(|tcp| self.meets_cut(&tcp, side));
        if self.dead {
            self.ways[side].counts.dropped += 1;
            return Fate::Dropped;
        }
        if let Some(tcp) = &packet.tcp {
            self.follow(tcp, side, now);
            if side == 1
                && tcp.carries > 0
                && let Some(asked) = self.asked.take()
            {
                self.answering += Duration::from_nanos(now.saturating_sub(asked));
            }
        }
        let way = &mut self.ways[side];
        let fate = match way.take(packet, now) {
            // What has passed before a cut has arrived.
            Fate::Lost(at) if counted => {
                way.counts.lost -= 1;
                Fate::Arrives(at)
            }
            fate => fate,
        };
        if let (Fate::Arrives(at), Some(tcp)) = (fate, &packet.tcp)
            && side == 1
            && tcp.carries > 0
            && let Some(connection) = self.connections.get_mut(&person(tcp, side))
            && connection.came.is_none_or(|came| after(tcp.end(), came))
        {
            connection.came = Some(tcp.end());
            connection.ended = at;
        }
        fate
    }

    /// Goes dead, if this is the packet; whether it is one that counts for a cut further on.
    fn meets_cut(&mut self, tcp: &Tcp, side: usize) -> bool {
        let port = person(tcp, side);
        let known = self.connections.get(&port).and_then(|connection| connection.sent[side]);
        let Some((cut, passed, ports)) = &mut self.cut else {
            return false;
        };
        if tcp.syn && side == 0 {
            ports.push(port);
        }
        let again = known.is_some_and(|sent| !after(tcp.end(), sent));
        if tcp.carries == 0 || again || side != cut.side as usize || !ports.contains(&port) {
            return false;
        }
        self.dead = *passed == cut.passed;
        *passed += 1;
        if self.dead {
            self.cut = None;
        }
        !self.dead
    }

    fn follow(&mut self, tcp: &Tcp, side: usize, now: u64) {
        let port = person(tcp, side);
        let known = self.connections.get(&port).and_then(|connection| connection.sent[0]);
        if tcp.syn && side == 0 && known != Some(tcp.end()) {
            let connection = Connection {
                began: now,
                ..Connection::default()
            };
            self.connections.insert(port, connection);
        }
        let connection = self.connections.entry(port).or_default();
        let sent = &mut connection.sent[side];
        if tcp.end() != tcp.number && sent.is_none_or(|sent| after(tcp.end(), sent)) {
            let new = sent.map_or(tcp.carries, |sent| tcp.end().wrapping_sub(sent) as usize);
            connection.said[side] += new.min(tcp.carries);
            *sent = Some(tcp.end());
        }
        if let Some(wants) = tcp.wants
            && connection.confirmed[1 - side].is_none_or(|before| after(wants, before))
        {
            connection.confirmed[1 - side] = Some(wants);
        }
        connection.closed[side] |= tcp.fin;
        connection.reset |= tcp.rst;
    }

    fn note(&mut self, packet: &Packet, side: usize, now: u64, fate: Fate) {
        let milliseconds = |time: u64| format!("{:.1}", time as f64 / 1e6);
        let fate = match fate {
            Fate::Arrives(at) => milliseconds(at),
            Fate::Lost(_) => "lost".to_owned(),
            Fate::Dropped if self.dead => "dead".to_owned(),
            Fate::Dropped => "dropped".to_owned(),
        };
        let tcp = packet.tcp.map_or_else(String::new, |tcp| {
            let flags = [
                (tcp.syn, 'S'),
                (tcp.fin, 'F'),
                (tcp.rst, 'R'),
                (tcp.wants.is_some(), 'A'),
            ];
            let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, flag)| *flag).collect();
            format!("{flags} port {} carries {}", person(&tcp, side), tcp.carries)
        });
        let way = ["up", "down"][side];
        if self.trace.len() == TRACE {
            self.trace.pop_front();
        }
        let line = format!("{} ms {way} {} bytes {tcp}: {fate}", milliseconds(now), packet.bytes);
        self.trace.push_back(line);
    }
}

/// The person's port, whoever sends.
fn person(tcp: &Tcp, side: usize) -> u16 {
    if side == 0 { tcp.ports.0 } else { tcp.ports.1 }
}
