//! How a key file is written down.
//!
//! Owns the bytes. Shape: `deitykey` (8 bytes), version `1`, then one byte: 0 unsealed, 1 sealed.
//! Unsealed: the sections, and the CRC-32 of all before, 4 bytes little endian. Sealed: a nonce of
//! 12 bytes, and the sections under ChaCha20-Poly1305 (RFC 8439) with the 10 bytes before the nonce
//! as additional data; 16 bytes of tag close it. A section is one byte its number, two bytes its
//! length (little endian), and as many bytes. 1: the store's id, 16 bytes. 2: the server's key, 32
//! bytes. Those that come later (return key, keys of signed links, keys of sessions) get numbers of
//! their own: under 128 a program that does not know one refuses the file, from 128 on it keeps it.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::{Keys, Sealed, Secret};
use crate::id::ServerKey;

const MAGIC: &[u8; 8] = b"deitykey";
const VERSION: u8 = 1;
const STORE: u8 = 1;
const SERVER: u8 = 2;
const PASSED_OVER: u8 = 128;

/// What is wrong with a key file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It is none, or bytes of it have changed.
    Damaged,
    /// A newer program wrote it.
    Newer,
    /// It is sealed, and there is no operator's key.
    NoSecret,
    /// It is sealed under another operator's key, or bytes of it have changed.
    OtherSecret,
}

impl Flaw {
    pub(super) fn words(&self) -> (String, &'static str) {
        let (what, help) = match self {
            Self::Damaged => (
                "it is damaged, or no key file",
                "put the copy of it back that is kept apart from the data's backups",
            ),
            Self::Newer => ("it was written by a newer program", "start that one, or a newer one"),
            Self::NoSecret => (
                "it is sealed under an operator's key, and none is set",
                "name the file of that key with key-secret",
            ),
            Self::OtherSecret => (
                "it is sealed under another operator's key than the one that is set, or damaged",
                "name the file of the right key with key-secret, or put a copy of the key file back",
            ),
        };
        (what.to_owned(), help)
    }
}

pub(super) fn encode(keys: &Keys, seal: Option<(&Secret, [u8; 12])>) -> Vec<u8> {
    let mut sections = Vec::new();
    let known = [(STORE, keys.store.as_slice()), (SERVER, keys.server.0.as_slice())];
    let others = keys.passed_over.iter().map(|(number, body)| (*number, body.as_slice()));
    for (number, body) in known.into_iter().chain(others) {
        sections.push(number);
        sections.extend(u16::try_from(body.len()).unwrap_or(u16::MAX).to_le_bytes());
        sections.extend(body);
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend([VERSION, u8::from(seal.is_some())]);
    let Some((secret, nonce)) = seal else {
        bytes.extend(sections);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        return bytes;
    };
    let nonce_bytes = nonce;
    let sealed = key(secret).and_then(|key| {
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, Aad::from(bytes.as_slice()), &mut sections)
            .ok()
    });
    // Neither fails for a key of 32 bytes and a few hundred of text; nothing is written in clear.
    if sealed.is_none() {
        sections.clear();
    }
    bytes.extend(nonce_bytes);
    bytes.extend(sections);
    bytes
}

pub(super) fn decode(bytes: &[u8], secret: Option<&Secret>) -> Result<(Keys, Sealed), Flaw> {
    let (head, body) = bytes.split_first_chunk::<10>().ok_or(Flaw::Damaged)?;
    let [magic @ .., version, form] = head;
    if magic != MAGIC {
        return Err(Flaw::Damaged);
    }
    if *version != VERSION || *form > 1 {
        return Err(Flaw::Newer);
    }
    if *form == 0 {
        let (clear, crc) = bytes.split_last_chunk::<4>().ok_or(Flaw::Damaged)?;
        if crc32fast::hash(clear) != u32::from_le_bytes(*crc) {
            return Err(Flaw::Damaged);
        }
        return Ok((read(clear.get(10..).ok_or(Flaw::Damaged)?)?, Sealed::No));
    }
    let (nonce, sealed) = body.split_first_chunk::<12>().ok_or(Flaw::Damaged)?;
    let key = key(secret.ok_or(Flaw::NoSecret)?).ok_or(Flaw::OtherSecret)?;
    let mut sealed = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let clear = key
        .open_in_place(nonce, Aad::from(head.as_slice()), &mut sealed)
        .map_err(|_| Flaw::OtherSecret)?;
    Ok((read(clear)?, Sealed::Yes))
}

fn read(mut rest: &[u8]) -> Result<Keys, Flaw> {
    let (mut store, mut server, mut passed_over) = (None, None, Vec::new());
    while let Some((&number, more)) = rest.split_first() {
        let (length, more) = more.split_first_chunk::<2>().ok_or(Flaw::Damaged)?;
        let length = usize::from(u16::from_le_bytes(*length));
        let (body, behind) = more.split_at_checked(length).ok_or(Flaw::Damaged)?;
        match number {
            STORE => store = Some(body.try_into().map_err(|_| Flaw::Damaged)?),
            SERVER => server = Some(ServerKey(body.try_into().map_err(|_| Flaw::Damaged)?)),
            PASSED_OVER.. => passed_over.push((number, body.to_vec())),
            _ => return Err(Flaw::Newer),
        }
        rest = behind;
    }
    Ok(Keys {
        store: store.ok_or(Flaw::Damaged)?,
        server: server.ok_or(Flaw::Damaged)?,
        passed_over,
    })
}

fn key(secret: &Secret) -> Option<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, &secret.0)
        .ok()
        .map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys {
            passed_over: vec![(200, vec![7])],
            ..Keys::new([1; 16], ServerKey([2; 32]))
        }
    }

    #[test]
    fn keys_come_back_whole_sealed_or_not_and_every_changed_byte_is_noticed() {
        let secret = Secret([9; 32]);
        for (seal, sealed) in [(None, Sealed::No), (Some((&secret, [3; 12])), Sealed::Yes)] {
            let bytes = encode(&keys(), seal);
            assert_eq!(decode(&bytes, Some(&secret)), Ok((keys(), sealed)));
            for n in 0..bytes.len() {
                let mut other = bytes.clone();
                other[n] ^= 1;
                assert!(decode(&other, Some(&secret)).is_err(), "byte {n}");
                assert!(decode(&bytes[..n], Some(&secret)).is_err(), "cut at {n}");
            }
        }
    }

    #[test]
    fn a_sealed_file_shows_nothing_and_opens_under_its_own_secret_only() {
        let secret = Secret([9; 32]);
        let bytes = encode(&keys(), Some((&secret, [3; 12])));
        assert!(!bytes.windows(8).any(|part| part == [2; 8]), "the key in clear");
        assert_eq!(decode(&bytes, None), Err(Flaw::NoSecret));
        assert_eq!(decode(&bytes, Some(&Secret([8; 32]))), Err(Flaw::OtherSecret));
    }

    #[test]
    fn what_a_newer_program_wrote_is_said_to_be_so() {
        let mut bytes = encode(&keys(), None);
        bytes.truncate(bytes.len() - 4);
        bytes.extend([3, 1, 0, 5]);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        assert_eq!(decode(&bytes, None), Err(Flaw::Newer));
    }

    #[test]
    fn a_secret_is_32_bytes_or_64_digits() {
        let digits = "0f".repeat(32);
        assert_eq!(Secret::read(&[15; 32]), Some(Secret([15; 32])));
        assert_eq!(Secret::read(format!("{digits}\n").as_bytes()), Some(Secret([15; 32])));
        for other in ["", "secret", &digits[1..], &"0g".repeat(32)] {
            assert_eq!(Secret::read(other.as_bytes()), None, "{other}");
        }
    }
}
