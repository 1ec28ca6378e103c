//! The record of a session: how it is written down.
//!
//! Owns the bytes and nothing else. Must not know where they are kept (the engines of the store
//! add their own header) or what they mean (`machine`).
//!
//! Shape, version 2: one byte `2`; the [`Session`] in postcard's wire format, which is specified
//! and stable (field after field without names, whole numbers as varints); the CRC-32 (IEEE) of
//! the key and of everything before, 4 bytes little endian. Changing a type inside [`Session`]
//! changes this format: then the version goes up, and the old types stay to be read. Version 1 had
//! no effects: [`Session`] without its last three fields.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::flow::Digests;
use crate::id::{ScreenKey, SessionKey};
use crate::limits::SESSION_BYTES;
use crate::machine::{Answer, Entry, Outcome, Place, Seal, Session, State};

use super::Error;
use super::planted::{Fault, planted};

const VERSION: u8 = 2;
const CRC_BYTES: usize = 4;

/// The session does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Writes a session down.
pub fn encode(session: &Session) -> Result<Vec<u8>, TooLarge> {
    encode_up_to(session, SESSION_BYTES)
}

/// The same within another bound than [`SESSION_BYTES`].
pub fn encode_up_to(session: &Session, most: usize) -> Result<Vec<u8>, TooLarge> {
    if planted(Fault::NoOutcome) && !session.outcomes.is_empty() {
        let outcomes = Vec::new();
        let session = Session {
            outcomes,
            ..session.clone()
        };
        return encode_up_to(&session, most);
    }
    // Of types whose lengths are known, postcard refuses none.
    let mut bytes = postcard::to_extend(session, vec![VERSION]).map_err(|_| TooLarge)?;
    let crc = checksum(session.at, &bytes);
    bytes.extend(crc.to_le_bytes());
    if bytes.len() > most {
        return Err(TooLarge);
    }
    Ok(bytes)
}

/// Reads the session that was found at `at`. Anything but exactly what [`encode`] wrote for this
/// key is [`Error::Damaged`], with words that tell a newer program's record from a broken one.
pub fn decode(at: SessionKey, bytes: &[u8]) -> Result<Session, Error> {
    let damaged = |what: &str| Err(Error::Damaged(format!("session {at}: {what}")));
    let Some((clear, crc)) = bytes.split_last_chunk::<CRC_BYTES>() else {
        return damaged("too short");
    };
    if u32::from_le_bytes(*crc) != checksum(at, clear) {
        return damaged("its checksum does not fit: bytes have changed, or it belongs to another key");
    }
    // The checksum comes first: a version byte is believed only where it was written so.
    let Some((&version, body)) = clear.split_first() else {
        return damaged("too short");
    };
    if version > VERSION {
        return damaged(&format!(
            "written by a newer program (record version {version}; this one reads up to {VERSION})"
        ));
    }
    let read = match version {
        1 => postcard::take_from_bytes::<Version1>(body).map(|(session, rest)| (Session::from(session), rest)),
        VERSION => postcard::take_from_bytes::<Session>(body),
        _ => return damaged(&format!("record version {version} was never in use")),
    };
    match read {
        Ok((session, [])) if session.at == at => Ok(session),
        Ok((_, [])) => damaged("it names another key"),
        Ok(_) => damaged("bytes are left over behind it"),
        Err(error) => damaged(&format!("not in the format of version {version} ({error})")),
    }
}

/// A session before there were effects.
#[derive(Deserialize)]
struct Version1 {
    at: SessionKey,
    flow: String,
    digests: Digests,
    key: ScreenKey,
    created: i64,
    touched: i64,
    step: u64,
    state: State,
    seal: Option<Seal>,
    answers: BTreeMap<Place, Answer>,
    outcomes: Vec<Outcome>,
    kept_from: u64,
    journal: Vec<Entry>,
    folded: u64,
}

impl From<Version1> for Session {
    fn from(old: Version1) -> Self {
        Self {
            at: old.at,
            flow: old.flow,
            digests: old.digests,
            key: old.key,
            created: old.created,
            touched: old.touched,
            step: old.step,
            state: old.state,
            seal: old.seal,
            answers: old.answers,
            outcomes: old.outcomes,
            kept_from: old.kept_from,
            journal: old.journal,
            folded: old.folded,
            asked: Vec::new(),
            asks: 0,
            cancel: None,
        }
    }
}

fn checksum(at: SessionKey, bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&at.0);
    crc.update(bytes);
    crc.finalize()
}
