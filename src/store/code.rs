//! The record of a return code: how it is written down.
//!
//! Owns the bytes. Shape: version `1`, the fields of [`CodeRecord`] in postcard's format, the CRC-32 (IEEE) of all
//! before, 4 bytes little endian. Must not know what opens the seal, nor who may try.

use serde::{Deserialize, Serialize};

use super::Error;

const VERSION: u8 = 1;

/// What is known of a return code: nothing of it opens a session without the code, the secret and the server's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRecord {
    /// The number of the code in its session, from 1.
    pub number: u32,
    /// Random, for the hash of the secret.
    pub salt: [u8; 16],
    /// What that hash takes: KiB of memory.
    pub memory: u32,
    /// ... and passes over it.
    pub passes: u32,
    /// Wrong tries since the last right one.
    pub wrong: u32,
    /// Wrong tries in all.
    pub all: u32,
    /// When the last one was, in seconds since 1970.
    pub tried: i64,
    /// Nonce and sealed text: the session's id.
    pub seal: Vec<u8>,
}

impl CodeRecord {
    /// Writes it down.
    pub fn encode(&self) -> Vec<u8> {
        // Of a type whose lengths are known, postcard refuses none.
        let mut bytes = postcard::to_extend(self, vec![VERSION]).unwrap_or_default();
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// [`Error::Damaged`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let damaged = |what: &str| Error::Damaged(format!("the record of a return code: {what}"));
        let (clear, crc) = bytes.split_last_chunk::<4>().ok_or_else(|| damaged("too short"))?;
        if crc32fast::hash(clear) != u32::from_le_bytes(*crc) {
            return Err(damaged("bytes of it have changed"));
        }
        match clear.split_first() {
            Some((&VERSION, body)) => postcard::from_bytes(body).map_err(|error| damaged(&error.to_string())),
            _ => Err(damaged("written by a newer program")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_whole_and_every_changed_byte_is_noticed() {
        let record = CodeRecord {
            number: 1,
            salt: [2; 16],
            memory: 47_104,
            passes: 1,
            wrong: 3,
            all: 4,
            tried: 5,
            seal: vec![6; 44],
        };
        let bytes = record.encode();
        assert_eq!(CodeRecord::decode(&bytes).unwrap(), record);
        for n in 0..bytes.len() {
            let mut other = bytes.clone();
            other[n] ^= 1;
            assert!(CodeRecord::decode(&other).is_err(), "byte {n}");
            assert!(CodeRecord::decode(&bytes[..n]).is_err(), "cut at {n}");
        }
    }
}
