//! A look at the end of sled's log before sled opens it. At the first message there that it cannot
//! read sled takes the log to end, and wipes what lies behind: right after a power cut, whose torn
//! writes nobody was told of, and the loss of what was acknowledged where bytes have changed.
//!
//! Owns telling the two apart by what is known to have been on disk: sled's own snapshot, the
//! witness, and the numbers of groups, each of which is begun when the one before is on disk. One
//! changed bit is put right; more is refused, with nothing touched. Reads what sled 0.34.7 writes;
//! must not know records but the store's state.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::bit;
use super::layout::State;
use super::open::SEGMENT_BYTES;
use super::witness::Said;

/// A segment: its own header, then messages; no message begins in its last bytes.
const SEGMENT: usize = SEGMENT_BYTES;
const SEGMENT_HEADER: usize = 20;
const MESSAGE_HEADER: usize = 32;
/// Kinds of message; what is none is unreadable.
const KINDS: std::ops::RangeInclusive<u8> = 1..=11;
/// Those that are about a page; and of these, those that say all of it, or that there is none.
const PAGES: std::ops::RangeInclusive<u8> = 4..=11;
const WHOLE: std::ops::RangeInclusive<u8> = 4..=9;
/// The kind that ends a segment early.
const CAP: u8 = 2;

/// What has changed in the end of the log and cannot be put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The first byte of sled's file that cannot be relied on.
    pub(super) at: u64,
    /// The latest group before that, where one is known.
    pub(super) group: Option<u64>,
}

/// Looks at the log in `inner`; `said` is what was known to be on disk. Gives the places in sled's
/// file of the bits that were put right.
pub(super) fn look(inner: &Path, said: Option<Said>) -> io::Result<Result<Vec<u64>, Broken>> {
    let file = OpenOptions::new().read(true).write(true).open(inner.join("db"))?;
    let snapshot = Snapshot::latest(inner)?;
    let mut look = Look {
        file,
        read: snapshot.upto,
        from: if snapshot.changed.is_some() { 0 } else { snapshot.upto },
        said,
        group: None,
        mended: Vec::new(),
    };
    let segments = look.segments()?;
    let tail = segments.iter().map(|segment| segment.settled).max().unwrap_or_default();
    for (n, segment) in segments.iter().enumerate() {
        let later = segments.get(n + 1..).unwrap_or_default();
        if let Err(broken) = look.walk(segment, later, segment.number >= tail)? {
            return Ok(Err(broken));
        }
    }
    // Not before all has been looked at: what is refused is not touched.
    for (at, byte) in &look.mended {
        look.file.write_all_at(&[*byte], *at)?;
    }
    if !look.mended.is_empty() {
        look.file.sync_data()?;
    }
    if let Some(path) = snapshot.changed {
        tracing::error!("sled's snapshot had changed on the disk; all is read from its log");
        fs::remove_file(path)?;
    }
    Ok(Ok(look.mended.into_iter().map(|(at, _)| at).collect()))
}

/// What sled noted when it read its log last; it can be made anew from the log at any time.
#[derive(Debug, Default)]
struct Snapshot {
    /// The place in the log up to which it had read it.
    upto: u64,
    /// The file, if it is not what was written.
    changed: Option<PathBuf>,
}

impl Snapshot {
    fn latest(inner: &Path) -> io::Result<Self> {
        let mut latest = None;
        for entry in fs::read_dir(inner)? {
            let entry = entry?;
            let name = entry.file_name();
            let place = name.to_str().and_then(|name| name.strip_prefix("snap."));
            let place = place.and_then(|place| u64::from_str_radix(place, 16).ok());
            latest = latest.max(place.map(|place| (place, entry.path())));
        }
        let Some((upto, path)) = latest else {
            return Ok(Self::default());
        };
        let bytes = fs::read(&path)?;
        // What it says, its length (8 bytes), its checksum.
        let whole = bytes.split_last_chunk::<4>().is_some_and(|(rest, crc)| {
            let said = rest.len().checked_sub(8).and_then(|length| rest.get(..length));
            said.is_some_and(|said| crc32fast::hash(said) == u32::from_le_bytes(*crc))
        });
        let changed = (!whole).then_some(path);
        Ok(Self { upto, changed })
    }
}

/// A segment that sled will read.
#[derive(Clone, Copy, Debug)]
struct Segment {
    /// Where it lies in the file.
    offset: u64,
    /// Which one it is in the order of the log.
    number: u64,
    /// The number of the one up to which all was on disk when this one was begun: what cannot be read
    /// from there on is, to sled, the end of all.
    settled: u64,
}

struct Look {
    file: File,
    /// Up to this place in the log sled has read it before.
    read: u64,
    /// From this place on it will.
    from: u64,
    said: Option<Said>,
    /// The latest group so far.
    group: Option<u64>,
    /// Each byte of the file that is to be another one, and which.
    mended: Vec<(u64, u8)>,
}

impl Look {
    /// All segments that sled will read, in the order of the log.
    fn segments(&mut self) -> io::Result<Vec<Segment>> {
        let length = self.file.metadata()?.len();
        let mut found = Vec::new();
        for offset in (0..length).step_by(SEGMENT) {
            let mut header = [0; SEGMENT_HEADER];
            if self.file.read_exact_at(&mut header, offset).is_err() {
                break;
            }
            let mut segment = segment_of(&header, offset);
            for bit in 0..SEGMENT_HEADER * 8 {
                if segment.is_some() {
                    break;
                }
                let mut other = header;
                flip(&mut other, bit / 8, 1 << (bit % 8));
                segment = segment_of(&other, offset);
                if let (Some(_), Some(byte)) = (segment, other.get(bit / 8)) {
                    self.mended.push((offset + bit as u64 / 8, *byte));
                }
            }
            found.extend(segment.filter(|segment| segment.number >= self.from / SEGMENT as u64));
        }
        found.sort_by_key(|segment| segment.number);
        Ok(found)
    }

    /// Reads one segment to its end, or to where it cannot be read; an error if what lies there was on
    /// disk for sure and is not in later segments too. Where it is, sled passes over the rest of this one,
    /// unless it is in the `tail`: a new segment may just have been begun in the place of one that has
    /// nothing any more.
    fn walk(&mut self, segment: &Segment, later: &[Segment], tail: bool) -> io::Result<Result<(), Broken>> {
        let mut bytes = self.bytes(segment)?;
        let mut at = SEGMENT_HEADER;
        while let Some(rest) = bytes.get_mut(at..).filter(|rest| rest.len() >= MESSAGE_HEADER) {
            if let Some(message) = message(rest, segment.number) {
                let whole = rest.get(..message.whole).unwrap_or_default();
                self.group = self.group.max(self.groups(whole).max());
                at += message.whole;
                if message.kind == CAP {
                    break;
                }
                continue;
            }
            if !self.was_on_disk(segment, &bytes, at, later)? {
                break;
            }
            let rest = bytes.get_mut(at..).unwrap_or_default();
            let Some((byte, mask)) = changed(rest, segment.number) else {
                if !tail && self.is_elsewhere(rest, segment.number, later)? {
                    break;
                }
                let (at, group) = (segment.offset + at as u64, self.group);
                return Ok(Err(Broken { at, group }));
            };
            let byte_at = segment.offset + (at + byte) as u64;
            flip(rest, byte, mask);
            if let Some(byte) = rest.get(byte) {
                self.mended.push((byte_at, *byte));
            }
        }
        Ok(Ok(()))
    }

    fn bytes(&self, segment: &Segment) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; SEGMENT];
        let mut read = 0;
        while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, segment.offset + read as u64)? {
                0 => break,
                some => read += some,
            }
        }
        Ok(bytes)
    }

    /// Whether what cannot be read at a place in a segment was on disk once: sled has read it before,
    /// or a group that was on disk is not before it, or one that was begun only then lies behind it.
    fn was_on_disk(&self, segment: &Segment, bytes: &[u8], at: usize, later: &[Segment]) -> io::Result<bool> {
        if segment.number * SEGMENT as u64 + (at as u64) < self.read {
            return Ok(true);
        }
        let behind = bytes.get(at..).unwrap_or_default();
        let Some(said) = self.said else { return Ok(false) };
        // With nothing behind it, it is whole and an older one: sled tells its group.
        if self.group.is_some_and(|group| said.group > group) && behind.iter().any(|byte| *byte != 0) {
            return Ok(true);
        }
        // It belongs to the group of the last state before it, or to the next.
        let known = self.group.map_or(said.group, |group| group + 1);
        if self.groups(behind).any(|group| group > known) {
            return Ok(true);
        }
        let followed = later.iter().take(2).filter(|next| next.number > segment.number);
        for next in followed {
            let bytes = self.bytes(next)?;
            if self.groups(&bytes).any(|group| group > known) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether of each page that `bytes`, the rest of a segment, speak of all is in later segments too.
    /// They begin with a message that cannot be read, but for its header.
    fn is_elsewhere(&self, bytes: &[u8], segment: u64, later: &[Segment]) -> io::Result<bool> {
        let Some(first) = header(bytes, segment) else {
            return Ok(false);
        };
        let mut whole = BTreeSet::new();
        for next in later {
            let bytes = self.bytes(next)?;
            let pages = messages(bytes.get(SEGMENT_HEADER..).unwrap_or_default(), next.number);
            whole.extend(
                pages
                    .filter(|message| WHOLE.contains(&message.kind))
                    .map(|message| message.page),
            );
        }
        let mut behind = messages(bytes, segment).filter(|message| PAGES.contains(&message.kind));
        Ok(whole.contains(&first.page) && behind.all(|message| whole.contains(&message.page)))
    }

    /// The groups whose states stand somewhere in these bytes, each under its own checksum.
    fn groups<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = u64> + 'a {
        let store = self.said.map(|said| said.store);
        let found = bytes
            .windows(State::BYTES)
            .filter(move |window| match (window, &store) {
                ([1, rest @ ..], Some(store)) => rest.starts_with(store),
                _ => false,
            });
        found.filter_map(|window| State::decode(window).ok().map(|state| state.group))
    }
}

fn segment_of(header: &[u8; SEGMENT_HEADER], offset: u64) -> Option<Segment> {
    let (crc, rest) = header.split_first_chunk::<4>()?;
    let (place, settled) = rest.split_first_chunk::<8>()?;
    let (settled, _) = settled.split_first_chunk::<8>()?;
    let read = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) ^ i64::MAX.cast_unsigned();
    let whole = !u32::from_le_bytes(*crc) == crc32fast::hash(rest) && read(place) % SEGMENT as u64 == 0;
    // Before anything was, it is below zero.
    let settled = i64::try_from(read(settled)).map_or(0, i64::cast_unsigned);
    whole.then_some(Segment {
        offset,
        number: read(place) / SEGMENT as u64,
        settled: settled / SEGMENT as u64,
    })
}

/// A message of the log, as its own header has it.
#[derive(Clone, Copy, Debug)]
struct Message {
    crc: u32,
    kind: u8,
    page: u64,
    header: usize,
    /// Header and body.
    whole: usize,
}

/// The message that `bytes` begin with, if it is what was written into the segment of that number.
fn message(bytes: &[u8], segment: u64) -> Option<Message> {
    let message = header(bytes, segment)?;
    (checksum(bytes, message)? == message.crc).then_some(message)
}

/// Its header, whatever its body: checksum (4 bytes), kind (1), length of the body, number of the
/// segment and page, each in one to nine bytes.
fn header(bytes: &[u8], segment: u64) -> Option<Message> {
    let (crc, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first()?;
    let (length, rest) = number(rest)?;
    let (of, rest) = number(rest)?;
    let (page, rest) = number(rest)?;
    let header = bytes.len() - rest.len();
    let whole = usize::try_from(length).ok()?.checked_add(header)?;
    let fits = whole <= bytes.len() && of == segment && KINDS.contains(kind);
    fits.then_some(Message {
        crc: u32::from_le_bytes(*crc),
        kind: *kind,
        page,
        header,
        whole,
    })
}

/// What its checksum would be: of the body, then of the rest of the header.
fn checksum(bytes: &[u8], message: Message) -> Option<u32> {
    let mut crc = crc32fast::Hasher::new();
    crc.update(bytes.get(message.header..message.whole)?);
    crc.update(bytes.get(4..message.header)?);
    Some(!crc.finalize())
}

/// Which bit has changed in the message that `bytes` begin with, if it was one: its byte and mask.
fn changed(bytes: &mut [u8], segment: u64) -> Option<(usize, u8)> {
    for bit in 0..MESSAGE_HEADER * 8 {
        let (byte, mask) = (bit / 8, 1 << (bit % 8));
        flip(bytes, byte, mask);
        let found = message(bytes, segment).is_some();
        flip(bytes, byte, mask);
        if found {
            return Some((byte, mask));
        }
    }
    let message = header(bytes, segment)?;
    let wrong = checksum(bytes, message)?;
    let body = bytes.get(message.header..message.whole)?;
    let (byte, mask) = bit::changed(body, message.header - 4, (wrong, message.crc))?;
    Some((message.header + byte, mask))
}

/// All messages of a segment in these bytes, wherever they begin.
fn messages(bytes: &[u8], segment: u64) -> impl Iterator<Item = Message> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let found = message(rest, segment);
            at += found.map_or(1, |message| message.whole);
            if found.is_some() {
                return found;
            }
        }
        None
    })
}

fn flip(bytes: &mut [u8], byte: usize, mask: u8) {
    if let Some(byte) = bytes.get_mut(byte) {
        *byte ^= mask;
    }
}

/// A number as sled writes it: small ones in one byte.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let long = |size: usize| {
        let (digits, rest) = rest.split_at_checked(size)?;
        let value = digits.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
        Some((value, rest))
    };
    match first {
        0..=240 => Some((u64::from(first), rest)),
        241..=248 => long(1).map(|(low, rest)| (240 + 256 * (u64::from(first) - 241) + low, rest)),
        249 => {
            let (high, rest) = rest.split_first()?;
            let (low, rest) = rest.split_first()?;
            Some((2288 + 256 * u64::from(*high) + u64::from(*low), rest))
        }
        _ => long(usize::from(first) - 247),
    }
}
