//! A look at the end of sled's log before sled opens it. At the first message there that it cannot
//! read sled takes the log to end, and wipes what lies behind: right after a power cut, whose torn
//! writes nobody was told of, and the loss of what was acknowledged where bytes have changed.
//!
//! Owns telling the two apart by what is known to have been on disk: sled's own snapshot, the
//! witness, and the numbers of groups, each of which is begun when the one before is on disk. One
//! changed bit is put right; more is refused, with nothing touched. Reads what sled 0.34.7 writes;
//! must not know records but the store's state.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::bit;
use super::layout::State;
use super::open::SEGMENT_BYTES;
use super::snapshot::Snapshot;
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

/// Segments that one group may begin.
const BEGUN: u64 = 4;

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
    let Snapshot { upto, changed } = Snapshot::latest(inner)?;
    let mut look = Look {
        file,
        read: upto,
        said,
        mended: Vec::new(),
    };
    let mut segments = look.segments()?;
    // Without its snapshot sled reads all of its log, where it finds the end of that.
    let unneeded = is_found(&segments, upto);
    let from = match &changed {
        Some(_) if unneeded => 0,
        // sled will refuse it, and nothing is touched.
        Some(changed) if !changed.is_one_bit() => return Ok(Ok(Vec::new())),
        _ => upto / SEGMENT as u64,
    };
    segments.retain(|segment| segment.number >= from);
    let torn = match look.gaps(&mut segments, from)? {
        Ok(torn) => torn,
        Err(broken) => return Ok(Err(broken)),
    };
    for n in 0..segments.len() {
        if let Err(broken) = look.walk(&segments, n)? {
            return Ok(Err(broken));
        }
    }
    // Not before all has been looked at: what is refused is not touched.
    for (at, byte) in &look.mended {
        look.file.write_all_at(&[*byte], *at)?;
    }
    for at in &torn {
        look.file.write_all_at(&[0; SEGMENT_HEADER], *at)?;
    }
    if !look.mended.is_empty() || !torn.is_empty() {
        look.file.sync_data()?;
    }
    match changed {
        Some(changed) if unneeded => {
            tracing::error!("sled's snapshot had changed on the disk; all is read from its log");
            changed.remove()?;
        }
        Some(changed) => {
            tracing::error!("one bit of sled's snapshot had changed on the disk; it was put right");
            changed.mend()?;
        }
        None => {}
    }
    Ok(Ok(look.mended.into_iter().map(|(at, _)| at).collect()))
}

/// The segment up to which all was on disk when the latest was begun: the end is sought from there on.
fn tail(segments: &[Segment]) -> u64 {
    segments.iter().map(|segment| segment.settled).max().unwrap_or_default()
}

/// Whether sled finds the end of its log in `segments`, all that there are, without being told that
/// it has read them up to a place. Where the first of the tail has nothing any more, and was taken
/// away, it would take all to be torn.
fn is_found(segments: &[Segment], upto: u64) -> bool {
    let tail = tail(segments);
    let last = upto.saturating_sub(1) / SEGMENT as u64;
    (tail..=last.max(tail)).all(|number| is_there(segments, number))
}

fn is_there(segments: &[Segment], number: u64) -> bool {
    segments.iter().any(|segment| segment.number == number)
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
    said: Option<Said>,
    /// Each byte of the file that is to be another one, and which.
    mended: Vec<(u64, u8)>,
}

impl Look {
    /// All segments, in the order of the log.
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
            found.extend(segment);
        }
        found.sort_by_key(|segment| segment.number);
        Ok(found)
    }

    /// Sees to it that sled takes no gap in its log, which it reads `from` a segment on, for the end where
    /// it is none. Gives where the headers lie of segments that were begun behind one that never came to
    /// the disk; they are not among `segments` any more: where it is the first of the tail, sled would
    /// take all to be torn.
    fn gaps(&self, segments: &mut Vec<Segment>, from: u64) -> io::Result<Result<Vec<u64>, Broken>> {
        let mut torn = Vec::new();
        loop {
            let first = tail(segments).max(from);
            let last = segments.last().map_or(first, |segment| segment.number);
            let Some(gap) = (first..=last).find(|number| !is_there(segments, *number)) else {
                return Ok(Ok(torn));
            };
            let (earlier, later) = segments.split_at(segments.partition_point(|segment| segment.number < gap));
            let group = self.group_before(earlier, &[])?;
            let lacks = group.is_some_and(|group| self.said.is_some_and(|said| said.group > group));
            // Without a snapshot nobody knows what was there.
            let unknown = group.is_none() && self.read == 0 && !later.is_empty();
            let read = gap * (SEGMENT as u64) < self.read;
            if read || unknown || lacks && !later.is_empty() || self.is_followed(group, &[], later)? {
                let at = later.first().map_or(0, |segment| segment.offset);
                return Ok(Err(Broken { at, group }));
            }
            if gap > first || later.is_empty() {
                return Ok(Ok(torn));
            }
            torn.extend(later.iter().map(|segment| segment.offset));
            segments.truncate(earlier.len());
        }
    }

    /// Reads one segment to its end, or to where it cannot be read; an error if what lies there was on
    /// disk for sure and is needed. Where it is not, sled passes over the rest of this one, unless it is in
    /// the tail: a new segment may just have been begun in the place of one that has nothing any more.
    fn walk(&mut self, segments: &[Segment], n: usize) -> io::Result<Result<(), Broken>> {
        let (earlier, rest) = segments.split_at(n);
        let Some((segment, later)) = rest.split_first() else {
            return Ok(Ok(()));
        };
        let is_old = segment.number < tail(segments);
        let mut bytes = self.bytes(segment)?;
        let mut at = SEGMENT_HEADER;
        loop {
            at = end(&bytes, at, segment.number);
            let Some(rest) = bytes.get(at..).filter(|rest| rest.len() >= MESSAGE_HEADER) else {
                return Ok(Ok(()));
            };
            if is_old && is_begun_anew(rest, segments) {
                return Ok(Ok(()));
            }
            let group = self.group_before(earlier, bytes.get(..at).unwrap_or_default())?;
            if !self.was_on_disk(segment, group, &bytes, at, later)? {
                return Ok(Ok(()));
            }
            let rest = bytes.get_mut(at..).unwrap_or_default();
            let Some((byte, mask)) = changed(rest, segment.number) else {
                if is_old && self.is_elsewhere(rest, segment.number, later)? {
                    return Ok(Ok(()));
                }
                let at = segment.offset + at as u64;
                return Ok(Err(Broken { at, group }));
            };
            let byte_at = segment.offset + (at + byte) as u64;
            flip(rest, byte, mask);
            if let Some(byte) = rest.get(byte) {
                self.mended.push((byte_at, *byte));
            }
        }
    }

    /// A segment as it will be.
    fn bytes(&self, segment: &Segment) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; SEGMENT];
        let mut read = 0;
        while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, segment.offset + read as u64)? {
                0 => break,
                some => read += some,
            }
        }
        for (at, byte) in &self.mended {
            let at = at.checked_sub(segment.offset).and_then(|at| usize::try_from(at).ok());
            if let Some(place) = at.and_then(|at| bytes.get_mut(at)) {
                *place = *byte;
            }
        }
        Ok(bytes)
    }

    /// The latest group of those in `bytes`, or else in the segments before: they never go back. Sought
    /// only where something cannot be read, since it takes long.
    fn group_before(&self, earlier: &[Segment], bytes: &[u8]) -> io::Result<Option<u64>> {
        let mut latest = self.groups(bytes).max();
        for segment in earlier.iter().rev() {
            if latest.is_some() {
                break;
            }
            let bytes = self.bytes(segment)?;
            let end = end(&bytes, SEGMENT_HEADER, segment.number);
            latest = self.groups(bytes.get(..end).unwrap_or_default()).max();
        }
        Ok(latest)
    }

    /// Whether what cannot be read at a place in a segment was on disk once: sled has read it before,
    /// or a group that was on disk is not before it, or one that was begun only then lies behind it.
    fn was_on_disk(
        &self,
        segment: &Segment,
        group: Option<u64>,
        bytes: &[u8],
        at: usize,
        later: &[Segment],
    ) -> io::Result<bool> {
        let behind = bytes.get(at..).unwrap_or_default();
        // With nothing behind it, it is whole and an older one: sled tells its group.
        let some = behind.iter().any(|byte| *byte != 0);
        let lacks = group.is_some_and(|group| self.said.is_some_and(|said| said.group > group));
        let read = segment.number * SEGMENT as u64 + (at as u64) < self.read;
        Ok(read || lacks && some || self.is_followed(group, behind, later)?)
    }

    /// Whether a group lies behind a place that was begun only when what lay there was on disk; `group` is
    /// the latest before it.
    fn is_followed(&self, group: Option<u64>, behind: &[u8], later: &[Segment]) -> io::Result<bool> {
        // It belongs to the group of the last state before it, or to the next. Where none is before it,
        // sled has read the last one, and all that is known to be on disk.
        let Some(last) = group.or(self.said.map(|said| said.group)) else {
            return Ok(false);
        };
        if self.groups(behind).any(|group| group > last + 1) {
            return Ok(true);
        }
        for next in later.iter().take(2) {
            let bytes = self.bytes(next)?;
            if self.groups(&bytes).any(|group| group > last + 1) {
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
        let first_is = !PAGES.contains(&first.kind) || whole.contains(&first.page);
        Ok(first_is && behind.all(|message| whole.contains(&message.page)))
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

/// Where the messages of a segment end that begin `at` a place: behind the last, or the cap.
fn end(bytes: &[u8], mut at: usize, segment: u64) -> usize {
    while let Some(rest) = bytes.get(at..).filter(|rest| rest.len() >= MESSAGE_HEADER) {
        let Some(message) = message(rest, segment) else {
            return at;
        };
        at += message.whole;
        if message.kind == CAP {
            return bytes.len();
        }
    }
    bytes.len()
}

/// Whether a message lies in these bytes of a segment that is not there, and is later than all that
/// sled reads from its beginning: it was just being begun in the place of one that had nothing.
fn is_begun_anew(bytes: &[u8], segments: &[Segment]) -> bool {
    let last = segments.last().map_or(0, |segment| segment.number);
    let begun = (tail(segments)..=last + BEGUN).filter(|number| !is_there(segments, *number));
    begun.into_iter().any(|number| messages(bytes, number).next().is_some())
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
