//! How a list of options is written down: once, by the digest of its file, in parts.
//!
//! Owns that format. Must not know what a list means.

use std::io::{Read as _, Write as _};

use sha2::{Digest as _, Sha256};

use super::{Error, Key};
use crate::limits;

const VERSION: u8 = 1;
/// Bytes of a part; a record holds one.
const PART: usize = 256 << 10;
/// The version, and how many parts there are.
const HEAD: usize = 3;

/// Where a part of the list of that digest is kept.
pub fn key(digest: &[u8; 32], part: u16) -> Key {
    let hash = Sha256::new().chain_update("list").chain_update(digest);
    let hash: [u8; 32] = hash.chain_update(part.to_be_bytes()).finalize().into();
    Key::Definition(hash.first_chunk().copied().unwrap_or_default())
}

/// The records of a list, one for each part. The shape of each: version (1 byte), how many parts there
/// are (2 bytes, big endian), then a part of the file in gzip.
pub fn encode(source: &str) -> Result<Vec<Vec<u8>>, Error> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = gzip.write_all(source.as_bytes());
    let body = written
        .and_then(|()| gzip.finish())
        .map_err(|e| Error::NotApplied(e.to_string()))?;
    let parts = body.chunks(PART);
    let count = u16::try_from(parts.len()).unwrap_or(u16::MAX).to_be_bytes();
    Ok(parts.map(|part| [&[VERSION][..], &count, part].concat()).collect())
}

/// How many parts there are, as each part says.
pub fn parts(record: &[u8]) -> Result<u16, Error> {
    match record {
        [VERSION, high, low, ..] => Ok(u16::from_be_bytes([*high, *low])),
        _ => Err(damaged("it was written by a newer program, or is cut short")),
    }
}

/// The file, of all its parts.
pub fn decode(records: &[Vec<u8>], digest: &[u8; 32]) -> Result<String, Error> {
    let parts = records.iter().map(|record| record.get(HEAD..).unwrap_or_default());
    let body: Vec<u8> = parts.flatten().copied().collect();
    let mut text = String::new();
    let most = limits::LIST_BYTES as u64 + 1;
    let read = flate2::read::GzDecoder::new(&*body)
        .take(most)
        .read_to_string(&mut text);
    read.map_err(|e| damaged(&e.to_string()))?;
    let found: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    if found != *digest {
        return Err(damaged("its digest does not fit"));
    }
    Ok(text)
}

fn damaged(why: &str) -> Error {
    Error::Damaged(format!("a list of options: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_comes_back_from_its_parts_and_damage_is_seen() {
        // What packs badly needs several parts.
        let mut seed = 1_u64;
        let mut noise = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'!' + u8::try_from(seed >> 58).unwrap())
        };
        let source: String = (0..900_000).map(|_| noise()).collect();
        let digest: [u8; 32] = Sha256::digest(source.as_bytes()).into();
        let records = encode(&source).unwrap();
        assert!(records.len() > 1);
        assert!(records.iter().all(|record| record.len() <= limits::RECORD_BYTES));
        assert_eq!(usize::from(parts(&records[0]).unwrap()), records.len());
        assert_eq!(decode(&records, &digest).unwrap(), source);
        assert!(decode(&records[1..], &digest).is_err());
        assert!(decode(&records, &[0; 32]).is_err());
        let keys: std::collections::BTreeSet<_> = (0..3).map(|part| key(&digest, part)).collect();
        assert_eq!(keys.len(), 3);
    }
}
