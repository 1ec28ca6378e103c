//! One bit that has changed, found by a checksum.
//!
//! Owns the search. CRC-32 (IEEE) tells every two changes of one bit apart, whatever the length, so
//! that there is one answer or none; of two changed bits in less than 11 KB it never says that they
//! are one. Pure; must not know what the bytes are.

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut rest = byte;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest & 1 == 1 {
                rest >> 1 ^ 0xEDB8_8320
            } else {
                rest >> 1
            };
            bit += 1;
        }
        #[allow(
            clippy::indexing_slicing,
            clippy::cast_possible_truncation,
            reason = "the index is below 256, in a const"
        )]
        {
            table[byte as usize] = rest;
        }
        byte += 1;
    }
    table
}

/// What a changed bit does to the checksum, with one byte more behind it.
fn later(change: u32) -> u32 {
    let [low, ..] = change.to_le_bytes();
    change >> 8 ^ TABLE.get(usize::from(low)).copied().unwrap_or_default()
}

/// Which bit of `bytes` was changed, so that the checksum of `bytes` and of what follows them is
/// `wrong` and not `right`: the byte and its mask. `behind`: how many bytes follow.
pub(super) fn changed(bytes: &[u8], behind: usize, (wrong, right): (u32, u32)) -> Option<(usize, u8)> {
    let sought = wrong ^ right;
    // Of each bit of the last byte; then of the one before, and so on.
    let mut changes = [0_u8, 1, 2, 3, 4, 5, 6, 7].map(|bit| later(1 << bit));
    for _ in 0..behind {
        changes = changes.map(later);
    }
    for place in (0..bytes.len()).rev() {
        if let Some(bit) = changes.iter().position(|change| *change == sought) {
            return Some((place, 1 << bit));
        }
        changes = changes.map(later);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_changed_bit_is_found_and_two_are_not_taken_for_one() {
        let bytes: Vec<u8> = (0..999_u32).map(|n| n.wrapping_mul(37).to_le_bytes()[1]).collect();
        let right = crc32fast::hash(&bytes);
        let hashed = |flips: &[usize]| {
            let mut bytes = bytes.clone();
            for bit in flips {
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            crc32fast::hash(&bytes)
        };
        for bit in (0..bytes.len() * 8).step_by(7) {
            let found = changed(&bytes, 0, (hashed(&[bit]), right));
            assert_eq!(found, Some((bit / 8, 1 << (bit % 8))));
            let (before, behind) = bytes.split_at(bit / 8 + 1);
            let found = changed(before, behind.len(), (hashed(&[bit]), right));
            assert_eq!(found, Some((bit / 8, 1 << (bit % 8))));
            for other in [bit + 1, bit + 20, bit + 1000] {
                let found = (other < bytes.len() * 8).then(|| changed(&bytes, 0, (hashed(&[bit, other]), right)));
                assert_eq!(found.flatten(), None);
            }
        }
        assert_eq!(changed(&bytes, 0, (right, right)), None);
    }
}
