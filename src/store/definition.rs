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

/// A definition as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// Its files, as one text.
    pub source: String,
    /// The lists that it draws options from, with the digest of each.
    pub lists: Vec<(String, [u8; 32])>,
}

/// Between a name and what is kept with it.
const BESIDE: char = '\u{1}';

/// The record of a definition without lists.
pub fn encode(name: &str, source: &str) -> Result<Vec<u8>, Error> {
    encode_with(name, source, &[])
}

/// The record of a definition. Its shape: version (1 byte), CRC-32 of the rest (4 bytes, big
/// endian), then gzip of the name, of each list a character 1, its name, `=` and its digest in
/// hexadecimal digits; a NUL, and the source.
pub fn encode_with(name: &str, source: &str, lists: &[(String, [u8; 32])]) -> Result<Vec<u8>, Error> {
    let mut name = name.to_owned();
    for (list, digest) in lists {
        name.extend([BESIDE]);
        name.push_str(list);
        name.push('=');
        name.push_str(&hex(digest));
    }
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
    decode_with(bytes).map(|kept| (kept.name, kept.source))
}

/// All that is kept of a definition.
pub fn decode_with(bytes: &[u8]) -> Result<Kept, Error> {
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
    let mut parts = name.split(BESIDE);
    let name = parts.next().unwrap_or_default().to_owned();
    let lists = parts.map(|list| {
        let (name, digest) = list.split_once('=')?;
        Some((name.to_owned(), unhex(digest)?))
    });
    let lists = lists
        .collect::<Option<_>>()
        .ok_or_else(|| damaged("a list of it has no digest"))?;
    let source = source.to_owned();
    Ok(Kept { name, source, lists })
}

fn hex(digest: &[u8; 32]) -> String {
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let byte = |at: usize| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok();
    let bytes = (0..32).map(byte).collect::<Option<Vec<_>>>()?;
    bytes.try_into().ok().filter(|_| text.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_knows_its_lists() {
        let lists = vec![("villages".to_owned(), [7; 32]), ("b".to_owned(), [0xfe; 32])];
        let bytes = encode_with("a", "x", &lists).unwrap();
        let kept = decode_with(&bytes).unwrap();
        assert_eq!(
            (kept.name.as_str(), kept.source.as_str(), kept.lists),
            ("a", "x", lists)
        );
        assert_eq!(decode(&bytes).unwrap(), ("a".to_owned(), "x".to_owned()));
    }

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
