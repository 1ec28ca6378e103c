//! The witness: what the store is known to have had.
//!
//! Owns one small file beside the tree, synced on its own: the number of a group that was on
//! disk, and whether the store stopped cleanly. A store that opens behind its witness has gone
//! back in time (a restored copy, a cut file: sled opens one that lost its tail without a word)
//! and must not be served. Must not know the tree.
//!
//! Shape: two slots of 4,096 bytes, written in turn, so that a torn write spoils only one. A
//! slot: format `1`, turn u64, store id (16 bytes), group u64, stopped cleanly u8, CRC-32.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const FORMAT: u8 = 1;
const SLOT: u64 = 4096;
const BYTES: usize = 1 + 8 + 16 + 8 + 1 + 4;

/// What a slot says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) store: [u8; 16],
    pub(super) group: u64,
    pub(super) clean: bool,
}

/// The open file.
#[derive(Debug)]
pub(super) struct Witness {
    file: File,
    /// The turn that is written next: into the slot of its parity.
    next: u64,
}

impl Witness {
    /// Opens the file, or makes it, and reads what it says: `None` if it is new or no slot of
    /// it is whole.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Option<Said>)> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let slots = [slot(&file, 0)?, slot(&file, 1)?];
        let latest = slots
            .iter()
            .zip(0_u64..)
            .filter_map(|(slot, n)| slot.as_ref().map(|(turn, said)| (*turn, n, *said)))
            .max_by_key(|(turn, ..)| *turn);
        let next = latest.map_or(0, |(turn, ..)| turn + 1);
        Ok((Self { file, next }, latest.map(|(.., said)| said)))
    }

    /// Writes what is known over the older slot, and syncs it.
    pub(super) fn say(&mut self, said: Said) -> io::Result<()> {
        let mut bytes = vec![FORMAT];
        bytes.extend(self.next.to_le_bytes());
        bytes.extend(said.store);
        bytes.extend(said.group.to_le_bytes());
        bytes.push(u8::from(said.clean));
        let crc = crc32fast::hash(&bytes);
        bytes.extend(crc.to_le_bytes());
        self.file.write_all_at(&bytes, self.next % 2 * SLOT)?;
        self.file.sync_data()?;
        self.next += 1;
        Ok(())
    }
}

/// What stands in a slot, with its turn.
fn slot(file: &File, n: u64) -> io::Result<Option<(u64, Said)>> {
    let mut bytes = [0; BYTES];
    match file.read_exact_at(&mut bytes, n * SLOT) {
        Ok(()) => Ok(read(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn read(bytes: &[u8]) -> Option<(u64, Said)> {
    let (clear, crc) = bytes.split_last_chunk::<4>()?;
    if crc32fast::hash(clear) != u32::from_le_bytes(*crc) {
        return None;
    }
    let rest = clear.strip_prefix(&[FORMAT])?;
    let (turn, rest) = rest.split_first_chunk::<8>()?;
    let (store, rest) = rest.split_first_chunk::<16>()?;
    let (group, rest) = rest.split_first_chunk::<8>()?;
    let said = Said {
        store: *store,
        group: u64::from_le_bytes(*group),
        clean: *rest == [1],
    };
    Some((u64::from_le_bytes(*turn), said))
}
