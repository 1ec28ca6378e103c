//! How a definition is written down: its name and its source, compressed, with a checksum.
//!
//! Owns that format. Must not know what a definition means.

use std::io::{Read as _, Write as _};

use sha2::{Digest as _, Sha256};

use super::{Error, Key};
use crate::limits;

const VERSION: u8 = 1;

/// Where the definition of this structure and this name is kept: two flows that are built alike have
/// words of their own. The first release kept one for both, at the structure alone.
pub fn key(structure: [u8; 16], name: &str) -> Key {
    let hash: [u8; 32] = Sha256::new()
        .chain_update(structure)
        .chain_update(name)
        .finalize()
        .into();
    let (at, _) = hash.split_first_chunk().unwrap_or((&structure, &[]));
    Key::Definition(*at)
}

/// The record of a definition. Its shape: version (1 byte), CRC-32 of the rest (4 bytes, big
/// endian), then gzip of the name, a NUL, and the source.
pub fn encode(name: &str, source: &str) -> Result<Vec<u8>, Error> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let written = gzip
        .write_all(name.as_bytes())
        .and_then(|()| gzip.write_all(&[0]))
        .and_then(|()| gzip.write_all(source.as_bytes()));
    let body = written
        .and_then(|()| gzip.finish())
        .map_err(|e| Error::NotApplied(e.to_string()))?;
    let mut bytes = vec![VERSION];
    bytes.extend(crc32fast::hash(&body).to_be_bytes());
    bytes.extend(body);
    Ok(bytes)
}

/// The name and the source.
pub fn decode(bytes: &[u8]) -> Result<(String, String), Error> {
    let damaged = |why: &str| Error::Damaged(format!("a definition: {why}"));
    let (version, rest) = bytes.split_first().ok_or_else(|| damaged("it is empty"))?;
    if *version != VERSION {
        return Err(damaged("it was written by a newer program"));
    }
    let (sum, body) = rest
        .split_first_chunk::<4>()
        .ok_or_else(|| damaged("it is cut short"))?;
    if crc32fast::hash(body) != u32::from_be_bytes(*sum) {
        return Err(damaged("its checksum does not fit"));
    }
    let mut text = String::new();
    let most = (limits::BUNDLE_BYTES + 256) as u64;
    let read = flate2::read::GzDecoder::new(body).take(most).read_to_string(&mut text);
    read.map_err(|e| damaged(&e.to_string()))?;
    let (name, source) = text.split_once('\0').ok_or_else(|| damaged("it has no name"))?;
    Ok((name.to_owned(), source.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_comes_back_as_it_was_and_damage_is_seen() {
        let bytes = encode("passport", "title = \"é\"").unwrap();
        assert_eq!(
            decode(&bytes).unwrap(),
            ("passport".to_owned(), "title = \"é\"".to_owned())
        );
        for n in 0..bytes.len() {
            let mut other = bytes.clone();
            other[n] ^= 1;
            assert!(decode(&other).is_err(), "byte {n}");
            assert!(decode(&bytes[..n]).is_err(), "cut at {n}");
        }
    }
}
