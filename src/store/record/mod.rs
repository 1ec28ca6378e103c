//! The record of a session: how it is written down.
//!
//! Owns the bytes and nothing else. Must not know where they are kept (the engines of the store
//! add their own header) or what they mean (`machine`).
//!
//! Shape: one byte `3`; one byte how many sections; these, each one byte its number, a varint its
//! length, and as many bytes; the CRC-32 (IEEE) of the key and of everything before, 4 bytes little endian. Sections stand in
//! the order of their numbers; an empty one is left out. What is in them stands in docs/formats.md.
//!
//! How it grows, without another version:
//! - **A type that is an entry** ([`Session`]'s head, and what its lists hold: [`Answer`],
//!   [`Outcome`], [`Entry`], [`Asked`]) gets new fields **at its end**, and only such whose zero
//!   (0, false, none, empty, the first variant) means what was so before there was the field:
//!   entries are written without the zero bytes at their end and read as if zeros followed. What
//!   is inside an entry (`Place`, `Away`, `Seal`, ...) never changes; enums get new variants behind
//!   the others.
//! - **What belongs to no entry** gets a section of its own. Numbers under 128 must be understood:
//!   a program that does not know one refuses the record, in words, since it would act without it.
//!   From 128 on a section may be passed over: it is kept as it is, and goes with the answers.
//! - **An older program** that finds more in an entry than it knows, or another variant, refuses
//!   the record too: it never drops what a newer one wrote.
//!
//! Versions 1 and 2 are read for ever (`old`).

mod old;
mod section;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::flow::Digests;
use crate::id::{Language, ScreenKey, SessionKey};
use crate::limits::SESSION_BYTES;
use crate::machine::{Answer, Asked, Entry, ListItem, Outcome, Place, Seal, Session, State};

use super::Error;
use super::planted::{Fault, planted};
use section::{Sections, Writing};

const VERSION: u8 = 3;
const CRC_BYTES: usize = 4;

const HEAD: u8 = 1;
const ANSWERS: u8 = 2;
const ITEMS: u8 = 3;
const OUTCOMES: u8 = 4;
const JOURNAL: u8 = 5;
const ASKINGS: u8 = 6;
/// Sections from this number on may be passed over.
const PASSED_OVER: u8 = 128;

/// The session does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// All of a session but its lists.
#[derive(Debug, Serialize, Deserialize)]
struct Head<'a> {
    at: SessionKey,
    flow: Cow<'a, str>,
    digests: Digests,
    key: ScreenKey,
    created: i64,
    touched: i64,
    step: u64,
    state: Cow<'a, State>,
    seal: Cow<'a, Option<Seal>>,
    kept_from: u64,
    folded: u64,
    asks: u32,
    cancel: Option<i64>,
    more_failed: u32,
    unsent: u32,
    sealed_on: i32,
    ended_on: i32,
    keys: u32,
    language: Cow<'a, str>,
    code: u32,
    returns: u32,
}

/// What its head says of a session: all that is no list.
fn head(session: &Session) -> Head<'_> {
    // Whole, so that no new part is forgotten here.
    let Session {
        at,
        flow,
        digests,
        key,
        created,
        touched,
        step,
        state,
        seal,
        kept_from,
        folded,
        asks,
        cancel,
        more_failed,
        unsent,
        sealed_on,
        ended_on,
        keys,
        language,
        code,
        returns,
        // Each a section of its own.
        answers: _,
        items: _,
        outcomes: _,
        journal: _,
        asked: _,
        passed_over: _,
        // Whoever loads it sets it anew.
        presumed: _,
    } = session;
    Head {
        at: *at,
        flow: Cow::Borrowed(flow),
        digests: *digests,
        key: *key,
        created: *created,
        touched: *touched,
        step: *step,
        state: Cow::Borrowed(state),
        seal: Cow::Borrowed(seal),
        kept_from: *kept_from,
        folded: *folded,
        asks: *asks,
        cancel: *cancel,
        more_failed: *more_failed,
        unsent: *unsent,
        sealed_on: *sealed_on,
        ended_on: *ended_on,
        keys: *keys,
        language: Cow::Borrowed(language.as_ref().map_or("", Language::tag)),
        code: *code,
        returns: *returns,
    }
}

/// Writes a session down.
pub fn encode(session: &Session) -> Result<Vec<u8>, TooLarge> {
    encode_up_to(session, SESSION_BYTES)
}

/// The same within another bound than [`SESSION_BYTES`].
pub fn encode_up_to(session: &Session, most: usize) -> Result<Vec<u8>, TooLarge> {
    let Session {
        answers,
        items,
        outcomes,
        journal,
        asked,
        passed_over,
        ..
    } = session;
    let outcomes: &[Outcome] = if planted(Fault::NoOutcome) { &[] } else { outcomes };
    let mut writing = Writing::new(VERSION);
    writing.one(HEAD, &head(session))?;
    writing.list(ANSWERS, answers)?;
    writing.list(ITEMS, items)?;
    writing.list(OUTCOMES, outcomes)?;
    writing.list(JOURNAL, journal)?;
    writing.list(ASKINGS, asked)?;
    for (number, body) in passed_over {
        writing.section(*number, body)?;
    }
    let mut bytes = writing.bytes();
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
    let damaged = |what: &str| Error::Damaged(format!("session {at}: {what}"));
    let (clear, crc) = bytes
        .split_last_chunk::<CRC_BYTES>()
        .ok_or_else(|| damaged("too short"))?;
    if u32::from_le_bytes(*crc) != checksum(at, clear) {
        return Err(damaged(
            "its checksum does not fit: bytes have changed, or it belongs to another key",
        ));
    }
    // The checksum comes first: a version byte is believed only where it was written so.
    let (&version, body) = clear.split_first().ok_or_else(|| damaged("too short"))?;
    let session = match version {
        1 | 2 => old::decode(version, body),
        VERSION => read(body),
        0 => Err("record version 0 was never in use".to_owned()),
        _ => Err(format!(
            "written by a newer program (record version {version}; this one reads up to {VERSION})"
        )),
    };
    let session = session.map_err(|what| damaged(&what))?;
    if session.at != at {
        return Err(damaged("it names another key"));
    }
    Ok(session)
}

fn read(body: &[u8]) -> Result<Session, String> {
    let mut sections = Sections::read(body)?;
    let head: Head<'static> = sections.one(HEAD)?.ok_or("it has no head")?;
    let answers: Vec<(Place, Answer)> = sections.list(ANSWERS)?;
    let items: Vec<ListItem> = sections.list(ITEMS)?;
    let outcomes: Vec<Outcome> = sections.list(OUTCOMES)?;
    let journal: Vec<Entry> = sections.list(JOURNAL)?;
    let asked: Vec<Asked> = sections.list(ASKINGS)?;
    Ok(Session {
        at: head.at,
        flow: head.flow.into_owned(),
        digests: head.digests,
        key: head.key,
        created: head.created,
        touched: head.touched,
        step: head.step,
        state: head.state.into_owned(),
        seal: head.seal.into_owned(),
        answers: answers.into_iter().collect(),
        items,
        keys: head.keys,
        outcomes,
        kept_from: head.kept_from,
        journal,
        folded: head.folded,
        asked,
        asks: head.asks,
        cancel: head.cancel,
        more_failed: head.more_failed,
        unsent: head.unsent,
        sealed_on: head.sealed_on,
        ended_on: head.ended_on,
        language: Language::parse(&head.language),
        code: head.code,
        returns: head.returns,
        passed_over: sections.passed_over()?,
        presumed: None,
    })
}

fn checksum(at: SessionKey, bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&at.0);
    crc.update(bytes);
    crc.finalize()
}
