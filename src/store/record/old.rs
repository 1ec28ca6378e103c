//! Records of versions 1 and 2, which had no sections: the session in postcard's format, field
//! after field. Version 1 had no effects.
//!
//! Owns the shape of what could grow since, as it was then. Nothing here ever changes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::flow::{Digests, Form, Value};
use crate::id::{ScreenKey, SessionKey, Way};
use crate::machine::{self, Away, Event, Place, Purpose, Seal, Session, Stage, State};

pub(super) fn decode(version: u8, body: &[u8]) -> Result<Session, String> {
    if version == 1 {
        whole(version, body).map(|one| session(one, Effects::default()))
    } else {
        whole(version, body).map(|(one, effects): (Version1, Effects)| session(one, effects))
    }
}

fn whole<T: DeserializeOwned>(version: u8, body: &[u8]) -> Result<T, String> {
    match postcard::take_from_bytes(body) {
        Ok((read, [])) => Ok(read),
        Ok(_) => Err("bytes are left over behind it".to_owned()),
        Err(error) => Err(format!("not in the format of version {version} ({error})")),
    }
}

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

/// What version 2 had behind it.
#[derive(Default, Deserialize)]
struct Effects {
    asked: Vec<Asked>,
    asks: u32,
    cancel: Option<i64>,
}

#[derive(Deserialize)]
struct Answer {
    fields: BTreeMap<String, Value>,
    action: Option<String>,
    draft: Option<Form>,
}

#[derive(Deserialize)]
struct Outcome {
    step: u64,
    offered: u64,
    place: Place,
    way: Way,
    action: String,
    digest: u64,
    led_to: Place,
    led_way: Way,
}

#[derive(Deserialize)]
struct Entry {
    step: u64,
    at: i64,
    event: Event,
}

#[derive(Deserialize)]
struct Asked {
    number: u32,
    effect: String,
    purpose: Purpose,
    place: Place,
    action: String,
    step: u64,
    at: i64,
    label: String,
    sent: Vec<(String, Value)>,
    stage: Stage,
    tries: u16,
    doubt: bool,
    probing: bool,
    away: Option<Away>,
    results: BTreeMap<String, Value>,
    settled: u64,
    heard: String,
}

fn session(one: Version1, effects: Effects) -> Session {
    let answers = one.answers.into_iter().map(|(place, old)| (place, answer(old)));
    Session {
        at: one.at,
        flow: one.flow,
        digests: one.digests,
        key: one.key,
        created: one.created,
        touched: one.touched,
        step: one.step,
        state: one.state,
        seal: one.seal,
        answers: answers.collect(),
        items: Vec::new(),
        keys: 0,
        outcomes: one.outcomes.into_iter().map(outcome).collect(),
        kept_from: one.kept_from,
        journal: one.journal.into_iter().map(entry).collect(),
        folded: one.folded,
        asked: effects.asked.into_iter().map(asked).collect(),
        asks: effects.asks,
        cancel: effects.cancel,
        more_failed: 0,
        unsent: 0,
        sealed_on: 0,
        ended_on: 0,
        language: None,
        code: 0,
        returns: 0,
        presumed: None,
        passed_over: Vec::new(),
    }
}

fn answer(old: Answer) -> machine::Answer {
    machine::Answer {
        fields: old.fields,
        action: old.action,
        draft: old.draft,
    }
}

fn outcome(old: Outcome) -> machine::Outcome {
    machine::Outcome {
        step: old.step,
        offered: old.offered,
        place: old.place,
        way: old.way,
        action: old.action,
        digest: old.digest,
        led_to: old.led_to,
        led_way: old.led_way,
        since: 0,
    }
}

fn entry(old: Entry) -> machine::Entry {
    machine::Entry {
        step: old.step,
        at: old.at,
        event: old.event,
    }
}

fn asked(old: Asked) -> machine::Asked {
    machine::Asked {
        number: old.number,
        effect: old.effect,
        purpose: old.purpose,
        place: old.place,
        action: old.action,
        step: old.step,
        at: old.at,
        label: old.label,
        sent: old.sent,
        stage: old.stage,
        attempts: old.tries,
        doubt: old.doubt,
        probing: old.probing,
        away: old.away,
        results: old.results,
        settled: old.settled,
        heard: old.heard,
        known: BTreeMap::new(),
        stderr: String::new(),
        called_off: false,
        item: 0,
        seen: false,
        basis: None,
        absent: false,
        tries: 0,
    }
}
