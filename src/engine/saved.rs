//! Save and come back: a session under a return code and a secret.
//!
//! Owns how a secret is kept (a hash that is dear to make, under the server's key, seals the session's id), who may
//! try how often, and that an answer says nothing by its time. Must not know pages. Source: S4, S6 and S7 of the
//! security rules.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use tokio::time::Instant;

use super::change::{By, Changed, Verdict};
use super::{Block, Came, CodeTyped, Engine, Reply, Request};
use crate::flow::{Flow, Form};
use crate::id::{ReturnCode, ServerKey, SessionId};
use crate::limits;
use crate::machine::saved::{self, Unfit};
use crate::machine::{self, Due, Session, State, own};
use crate::store::code::CodeRecord;
use crate::store::{self, Key, Write, Written};

/// What an answer to a return takes, or a multiple of it: it says nothing by its time.
const ANSWER_TIME: Duration = Duration::from_secs(1);
/// The longest pause after wrong tries, in minutes.
const PAUSE_MINUTES: i64 = 60;

/// Numbers that are passed over where their records are there already.
const NUMBERS: u32 = 8;
const TOO_MANY: &str = "too many secrets wait for their turn";

/// The hash of a secret: what seals the session's id.
struct Sealing {
    code: ReturnCode,
    place: [u8; 16],
    secret: String,
    key: ServerKey,
}

impl Sealing {
    fn of(code: ReturnCode, secret: String, key: &ServerKey) -> Self {
        Self {
            place: code.place(key),
            code,
            secret,
            key: *key,
        }
    }

    /// The key of the seal; `None` for parameters that no record of ours has.
    fn key(&self, (memory, passes): (u32, u32), salt: &[u8; 16]) -> Option<LessSafeKey> {
        if memory > limits::HASH_MEMORY_MOST || passes > limits::HASH_PASSES_MOST {
            return None;
        }
        let params = Params::new(memory, passes, 1, Some(32)).ok()?;
        let argon = Argon2::new_with_secret(&self.key.0, Algorithm::Argon2id, Version::V0x13, params).ok()?;
        let mut hash = [0; 32];
        let password = format!("{} {}", self.code, self.secret);
        argon.hash_password_into(password.as_bytes(), salt, &mut hash).ok()?;
        UnboundKey::new(&CHACHA20_POLY1305, &hash).ok().map(LessSafeKey::new)
    }

    /// The session's id, sealed.
    fn seal(&self, id: SessionId, salt: &[u8; 16], nonce: [u8; 12]) -> Option<Vec<u8>> {
        let key = self.key((limits::HASH_MEMORY, limits::HASH_PASSES), salt)?;
        let mut text = id.to_string().into_bytes();
        let sealed = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(sealed, Aad::from(&self.place), &mut text)
            .ok()?;
        Some([&nonce[..], &text].concat())
    }

    /// The id that a record holds, if the secret is right.
    fn open(&self, record: &CodeRecord) -> Option<SessionId> {
        let key = self.key((record.memory, record.passes), &record.salt)?;
        let (nonce, sealed) = record.seal.split_first_chunk::<12>()?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let text = key.open_in_place(nonce, Aad::from(&self.place), &mut sealed).ok()?;
        SessionId::parse(std::str::from_utf8(text).ok()?)
    }
}

/// Whether one may try now: after so many wrong ones each next has to wait, and then longer.
fn may_try(record: &CodeRecord, now: i64) -> bool {
    let (in_a_row, in_all) = limits::WRONG_TRIES;
    if record.all >= in_all {
        return false;
    }
    let Some(over) = record.wrong.checked_sub(in_a_row) else {
        return true;
    };
    let minutes = 1_i64
        .checked_shl(over)
        .map_or(PAUSE_MINUTES, |minutes| minutes.clamp(1, PAUSE_MINUTES));
    now >= record.tried.saturating_add(minutes * 60)
}

/// What came of a try.
enum Tried {
    Right(SessionId, CodeRecord),
    Wrong,
    /// Too many wait.
    Busy,
}

impl Engine {
    /// A person chose a secret to come back with, or gives it again to see the code once more.
    pub(super) async fn save(&self, id: SessionId, request: &Request) -> Result<Option<Reply>, store::Error> {
        let Some(loaded) = self.load(id.key()).await? else {
            return Ok(None);
        };
        let (flow, session) = (&loaded.flow, &loaded.session);
        let Some(submission) = self.submission(id, flow, session, request)? else {
            return Ok(None);
        };
        let now = self.seconds();
        let live = matches!(session.state, State::Live) && session.waits().is_none() && flow.limits.save;
        let due = matches!(machine::pass_time(flow, session, now), Due::Later);
        let page = machine::show(flow, session, &submission.screen, Some(own::OPEN), now);
        let Some(page) = page.filter(|_| live && due && request.came != Came::Cut) else {
            // What stands there now.
            let open = Request {
                action: Some(own::OPEN.to_owned()),
                fields: Form::default(),
                ..request.clone()
            };
            return self.submit(id, &open).await;
        };
        let secret = saved::normal(&request.secret.0);
        let why = if session.code > 0 {
            let code = ReturnCode::of(session.at, session.code, self.key());
            match self.tried(Sealing::of(code, secret, self.key()), request.block).await? {
                Tried::Right(..) => None,
                Tried::Wrong => Some(Unfit::Wrong),
                Tried::Busy => return Err(store::Error::NotApplied(TOO_MANY.into())),
            }
        } else if let Some(why) = self.unfit(flow, session, &secret) {
            Some(why)
        } else {
            return self.keep(id, session, (secret, request)).await;
        };
        let language = machine::language::spoken(flow, &submission);
        let showing = match why {
            Some(why) => saved::asks_again(flow.in_language(language), page, why),
            None => page.saved(),
        };
        let (flow, session) = (loaded.flow, loaded.session);
        Ok(Some(self.shown(id, flow, session, (showing, language), now)))
    }

    /// What is wrong with a secret.
    fn unfit(&self, flow: &Flow, session: &Session, secret: &str) -> Option<Unfit> {
        let site = self.catalog.site();
        let unfit = saved::unfit(flow, session, &[site.of_flow(flow).name], secret);
        unfit.or_else(|| is_common(secret).then_some(Unfit::Common))
    }

    /// Saves a session for the first time.
    async fn keep(
        &self,
        id: SessionId,
        session: &Session,
        (secret, request): (String, &Request),
    ) -> Result<Option<Reply>, store::Error> {
        let (number, place) = self.made(id, session, (secret, request.block)).await?;
        let (engine, sent) = (self.clone(), request.clone());
        let changed = self.change(id.key(), move |seen| {
            let submission = engine.submission(id, seen.flow, seen.session, &sent)?;
            let Some(submission) = submission.filter(|_| seen.session.code == 0) else {
                return Ok(Verdict::Stays(None));
            };
            let session = saved::saved(seen.session, number, seen.now);
            let language = machine::language::spoken(seen.flow, &submission);
            let screen = crate::id::ScreenId {
                step: session.step,
                ..submission.screen
            };
            let showing = machine::show(seen.flow, &session, &screen, Some(own::OPEN), seen.now);
            let Some(showing) = showing else {
                return Ok(Verdict::Stays(None));
            };
            let page = (showing.saved(), language);
            Ok(Verdict::Becomes(Box::new(session), By::Itself, Some(page)))
        });
        let Some(Changed {
            session,
            flow,
            now,
            answer,
        }) = changed.await?
        else {
            return Ok(None);
        };
        if let Some(page) = answer {
            return Ok(Some(self.shown(id, flow, session, page, now)));
        }
        // Another save was first: this one is as if its button had been pressed after it. Its record is not the session's.
        if let Some(stored) = self.store.get(place).await? {
            self.store.delete(place, stored.token).await?;
        }
        Box::pin(self.save(id, request)).await
    }

    /// Makes the record of a new code: its number, and where it is. It is there before the session says that it has a
    /// code. One that another save has made, or that never came about, is left alone: its number is passed over.
    async fn made(
        &self,
        id: SessionId,
        session: &Session,
        (secret, block): (String, Block),
    ) -> Result<(u32, Key), store::Error> {
        let (salt, nonce) = (self.random(), self.random());
        let mut record = CodeRecord {
            number: session.code,
            salt,
            memory: limits::HASH_MEMORY,
            passes: limits::HASH_PASSES,
            wrong: 0,
            all: 0,
            tried: 0,
            seal: Vec::new(),
        };
        for _ in 0..NUMBERS {
            record.number += 1;
            let code = ReturnCode::of(session.at, record.number, self.key());
            let place = Key::Code(code.place(self.key()));
            let sealing = Sealing::of(code, secret.clone(), self.key());
            let seal = self.lane.run(block, move || sealing.seal(id, &salt, nonce));
            let Some(seal) = seal.await.flatten() else {
                return Err(store::Error::NotApplied(TOO_MANY.into()));
            };
            record.seal = seal;
            if let Written::Committed(_) = self.store.create(place, self.write(&record)).await? {
                return Ok((record.number, place));
            }
        }
        Err(store::Error::NotApplied("other saves were always first".into()))
    }

    fn write(&self, record: &CodeRecord) -> Write {
        Write {
            tag: self.tag(),
            wake: i64::MAX,
            bytes: record.encode(),
        }
    }

    /// Somebody wants to come back. The answer leaves a whole number of seconds after the request came, whatever it is.
    pub async fn return_by_code(&self, typed: CodeTyped) -> Reply {
        let began = Instant::now();
        let engine = self.clone();
        let asked = typed.clone();
        let reply = self.apart(async move { engine.returned(asked).await }).await;
        let no = |busy| Reply::NoReturn {
            code: typed.code.clone(),
            busy,
            contact: self.contact.clone(),
        };
        let reply = match reply {
            Ok(Ok(reply)) => reply,
            Ok(Err(busy)) => no(busy),
            Err(error) => {
                tracing::error!(%error, "a return could not be done");
                no(true)
            }
        };
        let mut until = began + ANSWER_TIME;
        while until < Instant::now() {
            until += ANSWER_TIME;
        }
        tokio::time::sleep_until(until).await;
        reply
    }

    async fn returned(&self, typed: CodeTyped) -> Result<Result<Reply, bool>, store::Error> {
        let Some(code) = ReturnCode::parse(&typed.code) else {
            return Ok(Err(false));
        };
        let sealing = Sealing::of(code, saved::normal(&typed.secret.0), self.key());
        let (id, record) = match self.tried(sealing, typed.block).await? {
            Tried::Right(id, record) => (id, record),
            Tried::Wrong => return Ok(Err(false)),
            Tried::Busy => return Ok(Err(true)),
        };
        let number = record.number;
        let at = id.key();
        let found = self.store.get(Key::Session(at)).await?;
        let changed = self.line(at, found, |seen| {
            if seen.session.code != number {
                return Ok(Verdict::Stays(false));
            }
            let passed = match machine::pass_time(seen.flow, seen.session, seen.now) {
                Due::Delete => return Ok(Verdict::Stays(false)),
                Due::Change(session) => Some(session),
                Due::Later => None,
            };
            let session = passed.as_deref().unwrap_or(seen.session);
            let session = saved::came_back(session, record.wrong, seen.now);
            Ok(Verdict::Becomes(Box::new(session), By::Itself, true))
        });
        let Some(Changed {
            session,
            flow,
            now,
            answer: true,
        }) = changed.await?
        else {
            return Ok(Err(false));
        };
        let showing = saved::welcomes(&flow, &session, now);
        let language = machine::language::known(&flow, session.language);
        Ok(Ok(self.shown(id, flow, session, (showing, language), now)))
    }

    /// One try. It is counted first and then computed, so that a hundred at once are a hundred.
    async fn tried(&self, sealing: Sealing, block: Block) -> Result<Tried, store::Error> {
        let place = Key::Code(sealing.place);
        let Some(record) = self.counted(place).await? else {
            return Ok(Tried::Wrong);
        };
        let hashed = record.clone();
        let Some(id) = self.lane.run(block, move || sealing.open(&hashed)).await else {
            self.uncounted(place, false).await?;
            return Ok(Tried::Busy);
        };
        let Some(id) = id else { return Ok(Tried::Wrong) };
        self.uncounted(place, true).await?;
        // This one was counted as wrong before it was known to be right.
        let wrong = record.wrong.saturating_sub(1);
        Ok(Tried::Right(id, CodeRecord { wrong, ..record }))
    }

    /// Counts a try as a wrong one; `None` where there is no such code, or nobody may try at present.
    async fn counted(&self, place: Key) -> Result<Option<CodeRecord>, store::Error> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let Some(stored) = self.store.get(place).await? else {
                return Ok(None);
            };
            let mut record = CodeRecord::decode(&stored.bytes)?;
            if !may_try(&record, self.seconds()) {
                return Ok(None);
            }
            record.wrong = record.wrong.saturating_add(1);
            record.all = record.all.saturating_add(1);
            record.tried = self.seconds();
            if let Written::Committed(_) = self.swap(place, &stored, self.write(&record)).await? {
                return Ok(Some(record));
            }
        }
        Err(store::Error::NotApplied("other tries were always first".into()))
    }

    /// One that was not wrong is taken off again; a right one resets the count of those in a row.
    async fn uncounted(&self, place: Key, is_right: bool) -> Result<(), store::Error> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let Some(stored) = self.store.get(place).await? else {
                return Ok(());
            };
            let mut record = CodeRecord::decode(&stored.bytes)?;
            record.wrong = if is_right { 0 } else { record.wrong.saturating_sub(1) };
            record.all = record.all.saturating_sub(1);
            if let Written::Committed(_) = self.swap(place, &stored, self.write(&record)).await? {
                return Ok(());
            }
        }
        Err(store::Error::NotApplied("other tries were always first".into()))
    }

    /// Nothing is known of a session's code any more.
    pub(super) async fn drop_code(&self, session: &Session) -> Result<(), store::Error> {
        for number in 1..=session.code {
            let code = ReturnCode::of(session.at, number, self.key());
            let place = Key::Code(code.place(self.key()));
            if let Some(stored) = self.store.get(place).await? {
                self.store.delete(place, stored.token).await?;
            }
        }
        Ok(())
    }
}

/// Whether a secret is among those that are tried first.
fn is_common(secret: &str) -> bool {
    zxcvbn::zxcvbn(secret, &[]).guesses() <= limits::COMMON_GUESSES
}
