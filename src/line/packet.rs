//! Packets, as the ends of a connection make and remember them.
//!
//! Owns their numbers and the sizes of their headers. Must not know what they are sent for.

/// Payload of a full packet with timestamps.
pub(super) const SEGMENT: u64 = 1448;
/// Header of IP and TCP with timestamps.
const HEADER: u64 = 52;
/// The same of a packet that opens the connection.
const OPENING: u64 = 60;
/// A packet that says that there is no such connection.
const RESET: u64 = 40;
/// A packet between two ends.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) reset: bool,
    pub(super) from: u64,
    pub(super) len: u64,
    pub(super) ack: Option<u64>,
    /// What came out of order or twice.
    pub(super) blocks: Vec<(u64, u64)>,
    /// When it was sent, and the stamp that it gives back.
    pub(super) stamp: u64,
    pub(super) echo: Option<u64>,
}

impl Packet {
    /// Its length with all headers.
    pub(super) fn bytes(&self) -> u64 {
        let blocks = match u64::try_from(self.blocks.len()).unwrap_or(0) {
            0 => 0,
            n => 4 + 8 * n,
        };
        match self {
            Self { reset: true, .. } => RESET,
            Self { syn: true, .. } => OPENING,
            _ => HEADER + self.len + blocks,
        }
    }

    /// What of the other side's numbers it takes up.
    pub(super) fn span(&self) -> u64 {
        self.len + u64::from(self.syn) + u64::from(self.fin)
    }
}

/// A packet that is not acknowledged yet.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are the bits of TCP")]
pub(super) struct Sent {
    /// The opening, which counts for one.
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) from: u64,
    pub(super) len: u64,
    pub(super) at: u64,
    pub(super) arrived: bool,
    pub(super) lost: bool,
}

impl Sent {
    pub(super) fn end(&self) -> u64 {
        self.from + self.len + u64::from(self.syn) + u64::from(self.fin)
    }
}
