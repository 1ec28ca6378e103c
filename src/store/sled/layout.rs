//! How records lie in the tree.
//!
//! Owns the bytes of keys and values. Must not know who reads or writes them.
//!
//! | key | value |
//! |---|---|
//! | `m`, `d`, `s` or `r`, 16 bytes | the head of a record: its first part |
//! | `c`, the head's key, part number u8 from 1 | a further part |
//! | `w`, wake as ordered u64 BE, 16 bytes | empty: the session wants to be claimed then |
//! | `g` | the [`State`] of the store as of its latest group |
//!
//! Head: format `1`, version u64, tag u64, wake i64, length of the whole u32, part, CRC-32.
//! Further part: format `1`, version u64, tag u64, part, CRC-32. Numbers are little endian where
//! the order of keys does not need big; a checksum covers the key too. No value is longer than
//! [`VALUE_BYTES`]: sled writes a page of the tree that is longer than a quarter of a segment
//! into a file of its own and never syncs that one.

use crate::id::SessionKey;

use super::super::{Error, Key, KeyKind, Token};

/// A value in the tree at most.
pub(super) const VALUE_BYTES: usize = 16 << 10;
/// Of a record, what fits into one value.
pub const PART_BYTES: usize = VALUE_BYTES - HEAD_BYTES - CRC_BYTES;
/// Where the [`State`] lies.
pub(super) const STATE: &[u8] = b"g";

const FORMAT: u8 = 1;
const HEAD_BYTES: usize = 1 + 8 + 8 + 8 + 4;
const CRC_BYTES: usize = 4;

/// What stands before a record's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) token: Token,
    pub(super) wake: i64,
    /// Of the record's bytes, all parts together.
    pub(super) length: usize,
}

impl Head {
    /// How many values the record takes.
    pub(super) fn parts(&self) -> usize {
        self.length.div_ceil(PART_BYTES).max(1)
    }

    /// The head's value; `part` is the first one.
    pub(super) fn encode(&self, key: &[u8], part: &[u8]) -> Vec<u8> {
        let mut value = begin(self.token, HEAD_BYTES + part.len() + CRC_BYTES);
        value.extend(self.wake.to_le_bytes());
        // The bound of a record keeps this far below u32::MAX.
        value.extend(u32::try_from(self.length).unwrap_or(u32::MAX).to_le_bytes());
        value.extend(part);
        seal(key, value)
    }

    /// The head and the first part.
    pub(super) fn decode<'a>(key: &[u8], value: &'a [u8]) -> Result<(Self, &'a [u8]), Error> {
        let mut rest = open(key, value)?;
        let head = Self {
            token: token(&mut rest)?,
            wake: i64::from_le_bytes(take(&mut rest)?),
            length: u32::from_le_bytes(take(&mut rest)?) as usize,
        };
        if rest.len() != head.length.min(PART_BYTES) {
            return Err(damaged(key, "its length does not fit"));
        }
        Ok((head, rest))
    }
}

/// The value of a further part of the record that is at `token`.
pub(super) fn encode_part(key: &[u8], token: Token, part: &[u8]) -> Vec<u8> {
    let mut value = begin(token, HEAD_BYTES + part.len() + CRC_BYTES);
    value.extend(part);
    seal(key, value)
}

/// A further part of the record that is at `expect`.
pub(super) fn decode_part<'a>(key: &[u8], expect: Token, value: &'a [u8]) -> Result<&'a [u8], Error> {
    let mut rest = open(key, value)?;
    if token(&mut rest)? != expect {
        return Err(damaged(key, "it belongs to another version of the record"));
    }
    Ok(rest)
}

/// What the store knows of itself: written with every group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Random, made with the store: a witness belongs to one store.
    pub(super) store: [u8; 16],
    /// Of the latest group.
    pub(super) group: u64,
    /// How many sessions it holds.
    pub(super) sessions: u64,
}

impl State {
    /// Of its value.
    pub(super) const BYTES: usize = 1 + 16 + 8 + 8 + CRC_BYTES;

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut value = vec![FORMAT];
        value.extend(self.store);
        value.extend(self.group.to_le_bytes());
        value.extend(self.sessions.to_le_bytes());
        seal(STATE, value)
    }

    pub(super) fn decode(value: &[u8]) -> Result<Self, Error> {
        let mut rest = open(STATE, value)?;
        Ok(Self {
            store: take(&mut rest)?,
            group: u64::from_le_bytes(take(&mut rest)?),
            sessions: u64::from_le_bytes(take(&mut rest)?),
        })
    }
}

/// The key of a record's head.
pub(super) fn key(key: Key) -> [u8; 17] {
    let (prefix, bytes) = match key {
        Key::Meta(bytes) => (b'm', bytes),
        Key::Definition(bytes) => (b'd', bytes),
        Key::Session(SessionKey(bytes)) => (b's', bytes),
        Key::Code(bytes) => (b'r', bytes),
    };
    let mut whole = [prefix; 17];
    if let Some(rest) = whole.last_chunk_mut() {
        *rest = bytes;
    }
    whole
}

/// What [`key`] was made of.
pub(super) fn key_of(bytes: &[u8]) -> Option<Key> {
    let (prefix, rest) = bytes.split_first()?;
    let rest: [u8; 16] = rest.try_into().ok()?;
    match prefix {
        b'm' => Some(Key::Meta(rest)),
        b'd' => Some(Key::Definition(rest)),
        b's' => Some(Key::Session(SessionKey(rest))),
        b'r' => Some(Key::Code(rest)),
        _ => None,
    }
}

/// What the keys of the heads of a kind begin with.
pub(super) fn prefix(kind: KeyKind) -> &'static [u8] {
    match kind {
        KeyKind::Meta => b"m",
        KeyKind::Definition => b"d",
        KeyKind::Session => b"s",
        KeyKind::Code => b"r",
    }
}

/// The key of a further part, from 1.
pub(super) fn part_key(head: &[u8; 17], part: usize) -> Vec<u8> {
    let mut key = vec![b'c'];
    key.extend(head);
    // The bound of a record keeps this far below 255.
    key.push(u8::try_from(part).unwrap_or(u8::MAX));
    key
}

/// The key of an entry in the index of due times; none for a wake that is never.
pub(super) fn due_key(wake: i64, session: SessionKey) -> Option<Vec<u8>> {
    let mut key = due_bound(wake)?;
    key.extend(session.0);
    Some(key)
}

/// All entries that are due at `wake` or before lie below this key and 16 bytes of 0xff.
pub(super) fn due_bound(wake: i64) -> Option<Vec<u8>> {
    let mut key = vec![b'w'];
    // The sign bit turned over: negative numbers come before positive ones.
    key.extend((wake.cast_unsigned() ^ 1 << 63).to_be_bytes());
    (wake != i64::MAX).then_some(key)
}

/// What [`due_key`] was made of.
pub(super) fn due_of(key: &[u8]) -> Option<(i64, SessionKey)> {
    let (wake, session) = key.strip_prefix(b"w")?.split_first_chunk::<8>()?;
    let wake = (u64::from_be_bytes(*wake) ^ 1 << 63).cast_signed();
    Some((wake, SessionKey(session.try_into().ok()?)))
}

fn begin(token: Token, capacity: usize) -> Vec<u8> {
    let mut value = Vec::with_capacity(capacity);
    value.push(FORMAT);
    value.extend(token.version.to_le_bytes());
    value.extend(token.tag.to_le_bytes());
    value
}

fn seal(key: &[u8], mut value: Vec<u8>) -> Vec<u8> {
    let crc = checksum(key, &value);
    value.extend(crc.to_le_bytes());
    value
}

/// What stands between the format byte and the checksum.
fn open<'a>(key: &[u8], value: &'a [u8]) -> Result<&'a [u8], Error> {
    let Some((clear, crc)) = value.split_last_chunk::<CRC_BYTES>() else {
        return Err(damaged(key, "too short"));
    };
    if u32::from_le_bytes(*crc) != checksum(key, clear) {
        return Err(damaged(key, "its checksum does not fit"));
    }
    match clear.split_first() {
        Some((&FORMAT, rest)) => Ok(rest),
        Some((format, _)) => Err(damaged(
            key,
            &format!("written by a newer program (format {format}; this one knows {FORMAT})"),
        )),
        None => Err(damaged(key, "too short")),
    }
}

fn token(rest: &mut &[u8]) -> Result<Token, Error> {
    Ok(Token {
        version: u64::from_le_bytes(take(rest)?),
        tag: u64::from_le_bytes(take(rest)?),
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Error> {
    let (bytes, more) = rest
        .split_first_chunk::<N>()
        .ok_or_else(|| Error::Damaged("a value of the store is too short".to_owned()))?;
    *rest = more;
    Ok(*bytes)
}

/// The key named as an operator may see it: a session by its reference.
pub(super) fn name(key: &[u8]) -> String {
    if let Some((_, session)) = due_of(key) {
        return format!("the due time of session {session}");
    }
    let head = key.strip_prefix(b"c").and_then(|key| key.get(..17)).unwrap_or(key);
    match (key_of(head), head) {
        (Some(Key::Session(session)), _) => format!("session {session}"),
        (Some(Key::Definition(_)), _) => "a definition".to_owned(),
        (Some(Key::Code(_)), _) => "what is known of a return code".to_owned(),
        (Some(Key::Meta(_)), _) => "the server's own record".to_owned(),
        (None, STATE) => "the store's state".to_owned(),
        (None, _) => "a bound of the store".to_owned(),
    }
}

/// Something is wrong at a key.
pub(super) fn damaged(key: &[u8], what: &str) -> Error {
    Error::Damaged(format!("{}: {what}", name(key)))
}

fn checksum(key: &[u8], bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key);
    crc.update(bytes);
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_and_due_times_are_in_order() {
        for wanted in [
            Key::Meta([1; 16]),
            Key::Definition([2; 16]),
            Key::Session(SessionKey([3; 16])),
        ] {
            assert_eq!(key_of(&key(wanted)), Some(wanted));
        }
        let session = SessionKey([9; 16]);
        let times = [i64::MIN, -1, 0, 1, i64::MAX - 1];
        let keys = times.map(|wake| due_key(wake, session).unwrap());
        assert!(keys.is_sorted());
        assert_eq!(keys.map(|key| due_of(&key).unwrap()), times.map(|wake| (wake, session)));
        assert_eq!(due_key(i64::MAX, session), None);
    }

    #[test]
    fn no_value_is_longer_than_the_bound() {
        let head = Head {
            token: Token { version: 1, tag: 2 },
            wake: 3,
            length: PART_BYTES,
        };
        let part = vec![7; PART_BYTES];
        let at = key(Key::Meta([1; 16]));
        let value = head.encode(&at, &part);
        assert_eq!(value.len(), VALUE_BYTES);
        assert_eq!(Head::decode(&at, &value).unwrap(), (head, part.as_slice()));
        assert!(encode_part(&part_key(&at, 1), head.token, &part).len() <= VALUE_BYTES);
    }
}
