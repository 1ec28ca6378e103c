//! sled's snapshot: what it noted when it read its log last, so that it need not read all again.
//!
//! Owns finding the one that sled will take, and telling whether it is what was written. Must not
//! know the log.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::bit;

/// The length of what it says, which sled does not read, and its checksum: they end the file.
const END: usize = 8 + 4;

/// The newest snapshot, or that there is none.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// The place in the log up to which sled had read it.
    pub(super) upto: u64,
    /// The file, if it is not what was written.
    pub(super) changed: Option<Changed>,
}

/// A snapshot that sled would refuse.
#[derive(Debug)]
pub(super) struct Changed {
    path: PathBuf,
    /// Which byte is another one, and what it was, if one bit of it has changed.
    byte: Option<(u64, u8)>,
}

impl Snapshot {
    /// The one in the directory `inner` that sled will read.
    pub(super) fn latest(inner: &Path) -> io::Result<Self> {
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
        let changed = match read(&fs::read(&path)?) {
            Read::Whole => None,
            Read::Changed(byte) => Some(Changed { path, byte }),
        };
        Ok(Self { upto, changed })
    }
}

impl Changed {
    /// Whether one bit has changed, and which one is known.
    pub(super) fn is_one_bit(&self) -> bool {
        self.byte.is_some()
    }

    /// Puts the bit right.
    pub(super) fn mend(&self) -> io::Result<()> {
        let Some((at, byte)) = self.byte else { return Ok(()) };
        let file = OpenOptions::new().write(true).open(&self.path)?;
        file.write_all_at(&[byte], at)?;
        file.sync_data()
    }

    /// Takes it away: sled makes another one from its log.
    pub(super) fn remove(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Read {
    Whole,
    Changed(Option<(u64, u8)>),
}

fn read(bytes: &[u8]) -> Read {
    let said = bytes.len().checked_sub(END).and_then(|length| bytes.get(..length));
    let (Some(said), Some((_, right))) = (said, bytes.split_last_chunk::<4>()) else {
        return Read::Changed(None);
    };
    let (wrong, right) = (crc32fast::hash(said), u32::from_le_bytes(*right));
    let other = wrong ^ right;
    if other == 0 {
        return Read::Whole;
    }
    let found = if other.is_power_of_two() {
        // It is the checksum itself.
        let bit = other.trailing_zeros();
        Some((bytes.len() - 4 + bit as usize / 8, 1 << (bit % 8)))
    } else {
        bit::changed(said, 0, (wrong, right))
    };
    let byte = found.and_then(|(at, mask)| Some((at as u64, bytes.get(at)? ^ mask)));
    Read::Changed(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_changed_bit_is_found_and_two_are_not_taken_for_one() {
        let mut bytes: Vec<u8> = (0..200_u32).map(|n| n.wrapping_mul(77).to_le_bytes()[0]).collect();
        let crc = crc32fast::hash(&bytes);
        bytes.extend(200_u64.to_le_bytes());
        bytes.extend(crc.to_le_bytes());
        assert_eq!(read(&bytes), Read::Whole);
        for bit in (0..200 * 8).chain(208 * 8..212 * 8) {
            let (at, mask) = (bit / 8, 1 << (bit % 8));
            let was = bytes[at];
            bytes[at] ^= mask;
            assert_eq!(read(&bytes), Read::Changed(Some((at as u64, was))));
            // Elsewhere, so that no two of the three bits are the same.
            let other = if at == 100 { 101 } else { 100 };
            bytes[other] ^= 0x81;
            assert_eq!(read(&bytes), Read::Changed(None));
            bytes[other] ^= 0x81;
            bytes[at] = was;
        }
        assert_eq!(read(&bytes[..11]), Read::Changed(None));
    }
}
