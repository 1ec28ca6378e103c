//! The headers of a packet: as much of IPv4 and TCP as the emulated lines need to tell whose it is
//! and what it carries.

use std::net::Ipv4Addr;

/// A packet as the lines see it.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub from: Ipv4Addr,
    pub to: Ipv4Addr,
    /// Its length in bytes, IP header included.
    pub bytes: usize,
    /// If it is TCP.
    pub tcp: Option<Tcp>,
}

/// The TCP in it.
#[derive(Clone, Copy, Debug)]
pub struct Tcp {
    /// Both ports, the sender's first.
    pub ports: (u16, u16),
    /// The number of its first byte.
    pub number: u32,
    /// The number of the byte that its sender waits for.
    pub wants: Option<u32>,
    pub syn: bool,
    pub fin: bool,
    pub rst: bool,
    /// The bytes that it carries for the program.
    pub carries: usize,
}

impl Packet {
    /// Reads the headers; `None` if this is no whole IPv4 packet.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let first = *bytes.first()?;
        let header = usize::from(first & 15) * 4;
        if first >> 4 != 4 || header < 20 || bytes.len() < header {
            return None;
        }
        let address = |at: usize| Ipv4Addr::new(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
        let tcp = (bytes[9] == 6).then(|| Tcp::read(&bytes[header..])).flatten();
        Some(Self {
            from: address(12),
            to: address(16),
            bytes: bytes.len(),
            tcp,
        })
    }
}

impl Tcp {
    fn read(segment: &[u8]) -> Option<Self> {
        let header = usize::from(segment.get(12)? >> 4) * 4;
        let flags = *segment.get(13)?;
        let short = |at: usize| u16::from_be_bytes([segment[at], segment[at + 1]]);
        let long = |at: usize| u32::from(short(at)) << 16 | u32::from(short(at + 2));
        Some(Self {
            ports: (short(0), short(2)),
            number: long(4),
            wants: (flags & 16 != 0).then(|| long(8)),
            fin: flags & 1 != 0,
            syn: flags & 2 != 0,
            rst: flags & 4 != 0,
            carries: segment.len().checked_sub(header)?,
        })
    }

    /// The number of the byte after it; a SYN and a FIN count as one.
    pub fn end(&self) -> u32 {
        let marks = u32::from(self.syn) + u32::from(self.fin);
        let carries = u32::try_from(self.carries).expect("a packet is short");
        self.number.wrapping_add(carries).wrapping_add(marks)
    }
}

#[test]
fn a_syn_and_a_segment_are_read_from_their_bytes() {
    let mut bytes = vec![0x45, 0, 0, 44, 0, 0, 0, 0, 64, 6, 0, 0, 10, 77, 0, 1, 10, 78, 0, 1];
    bytes.extend([0x30, 0x39, 0, 80, 0, 0, 0, 9, 0, 0, 0, 0, 0x50, 0x02, 0, 0, 0, 0, 0, 0]);
    bytes.extend(*b"data");
    let packet = Packet::read(&bytes).unwrap();
    assert_eq!(packet.from, Ipv4Addr::new(10, 77, 0, 1));
    assert_eq!((packet.to, packet.bytes), (Ipv4Addr::new(10, 78, 0, 1), 44));
    let tcp = packet.tcp.unwrap();
    assert_eq!(
        (tcp.ports, tcp.number, tcp.wants, tcp.carries),
        ((12345, 80), 9, None, 4)
    );
    assert_eq!((tcp.syn, tcp.fin, tcp.rst, tcp.end()), (true, false, false, 14));
    assert!(
        Packet::read(&[0x60; 60]).is_none(),
        "IPv6 is none of these lines' business"
    );
    assert!(Packet::read(&bytes[..12]).is_none() && Packet::read(&[]).is_none());
}

/// Whether number `a` comes after number `b`: they wrap around.
pub fn after(a: u32, b: u32) -> bool {
    a != b && a.wrapping_sub(b) < 1 << 31
}
