//! Lines that are laid: two places with a server in the far one, an emulator between them, and a
//! line of its own for each person in the near one.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread;

use super::emulator::{Emulator, Handle};
use super::packet::Packet;
use super::place::{Place, ip};
use super::profile::Profile;
use crate::support::App;

/// A line to be laid.
#[derive(Clone, Copy, Debug)]
pub struct Lay {
    pub profile: Profile,
    pub seed: u64,
    /// The most that one packet carries, where a test wants a message in several.
    pub segment: Option<u16>,
}

impl Lay {
    pub fn of(profile: Profile) -> Self {
        Self {
            profile,
            seed: 1,
            segment: None,
        }
    }

    /// The dice of its losses and delays.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    pub fn segment(self, bytes: u16) -> Self {
        Self {
            segment: Some(bytes),
            ..self
        }
    }
}

/// The server, far away, and the lines to it. Fields end in this order.
#[derive(Debug)]
pub struct Net {
    pub app: App,
    emulator: Emulator,
    near: Place,
    far: Place,
    lines: usize,
}

/// A person on a line of his own.
#[derive(Clone, Debug)]
pub struct Person {
    /// The line's number, from 0.
    pub at: usize,
    /// The server, as it is reached over this line.
    pub server: SocketAddr,
    pub line: Handle,
}

/// Both ends of a line: the person's address, and the server's on this line.
fn ends(at: usize) -> [Ipv4Addr; 2] {
    let [high, low] = u16::try_from(at + 1).expect("some lines").to_be_bytes();
    [Ipv4Addr::new(10, 77, high, low), Ipv4Addr::new(10, 78, high, low)]
}

/// The line that a packet is on: the server has an address of its own on each.
fn which(packet: &Packet) -> Option<usize> {
    let server = [packet.to, packet.from].into_iter().find(|end| end.octets()[1] == 78)?;
    let [_, _, high, low] = server.octets();
    usize::from(u16::from_be_bytes([high, low])).checked_sub(1)
}

impl Net {
    /// The server of the flows that come with Deity, with the demo's other side, over these lines.
    pub fn lay(lines: &[Lay]) -> Self {
        let (near, near_device) = Place::new("near");
        let (far, far_device) = Place::new("far");
        for (place, device, own) in [(&near, "near", 0), (&far, "far", 1)] {
            let mut commands = format!("link set {device} txqueuelen 10000 up\n");
            for (at, line) in lines.iter().enumerate() {
                let (me, peer) = (ends(at)[own], ends(at)[1 - own]);
                let segment = line.segment.map_or(String::new(), |bytes| format!(" advmss {bytes}"));
                commands += &format!("addr add {me}/32 dev {device}\n");
                commands += &format!("route add {peer}/32 dev {device} src {me} congctl cubic{segment}\n");
            }
            place.within(|| ip(&commands));
        }
        let profiles: Vec<_> = lines.iter().map(|line| (line.profile, line.seed)).collect();
        let emulator = Emulator::start([near_device, far_device], &profiles, which);
        let mut app = App::of_phases_stopped().elsewhere(far.words());
        app.run();
        Self {
            app,
            emulator,
            near,
            far,
            lines: lines.len(),
        }
    }

    /// The person on a line.
    pub fn person(&self, at: usize) -> Person {
        Person {
            at,
            server: SocketAddr::new(ends(at)[1].into(), self.app.address().port()),
            line: self.emulator.line(at),
        }
    }

    /// Where the server is.
    pub fn far(&self) -> &Place {
        &self.far
    }

    /// Does something at the near end of the lines.
    pub fn near<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.near.within(work)
    }

    /// All people at once, each in a thread; what came of each, in the order of the lines.
    pub fn each<T: Send>(&self, work: impl Fn(Person) -> T + Sync) -> Vec<T> {
        thread::scope(|scope| {
            let work = &work;
            let threads: Vec<_> = (0..self.lines)
                .map(|at| {
                    scope.spawn(move || {
                        self.near.enter();
                        work(self.person(at))
                    })
                })
                .collect();
            let ended = threads.into_iter().map(thread::ScopedJoinHandle::join);
            ended
                .map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }
}
