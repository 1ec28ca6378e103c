//! The one way in which a session changes: load, decide, take, encode, swap, hand over, tell.
//!
//! Owns that line, and that nobody's going away breaks it off: it runs in a task of its own, which
//! the end of the process waits for. Must not know what is decided, nor why.

use std::any::Any;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};
use tracing::Instrument as _;

use super::Engine;
use super::effects::Taken;
use super::trace::trace;
use crate::flow::Flow;
use crate::id::SessionKey;
use crate::limits;
use crate::machine::{self, Session};
use crate::store::{self, Key, Stored, Write, Written, record};

/// A session as it was loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) stored: Stored,
    pub(super) session: Session,
    pub(super) flow: Arc<Flow>,
}

/// What is decided over.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) session: &'a Session,
    pub(super) flow: &'a Arc<Flow>,
    /// The moment, in seconds since 1970.
    pub(super) now: i64,
    /// `false` once what was decided over this session did not fit into its record.
    pub(super) fits: bool,
}

/// What is decided.
#[derive(Debug)]
pub(super) enum Verdict<T> {
    /// It stays as it is; nothing is written.
    Stays(T),
    /// It becomes this one.
    Becomes(Box<Session>, By, T),
    /// Its record is removed.
    Goes(T),
}

/// Who has a session change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A person: within the bound of what people may fill in. It is woken when it was to be woken
    /// before, unless something falls due sooner: the timer looks again, and the index stays still.
    Person,
    /// Time, a callee, an operator: there is room for that beyond the bound. It is woken when it is
    /// next due, no sooner.
    Itself,
}

/// What became of a session.
#[derive(Debug)]
pub(super) struct Changed<T> {
    /// As it is on disk.
    pub(super) session: Session,
    pub(super) flow: Arc<Flow>,
    /// The moment of the decision, in seconds since 1970.
    pub(super) now: i64,
    pub(super) answer: T,
}

/// What was removed.
#[derive(Debug)]
pub enum Removed {
    /// This session.
    Session(Box<Session>),
    /// One that could not be read, and why.
    Damaged(String),
}

/// The changes that are under way.
#[derive(Debug, Default)]
pub(super) struct Afoot(watch::Sender<usize>);

/// One of them; it is over when this is dropped.
struct Step(Arc<Afoot>);

impl Step {
    fn begin(afoot: &Arc<Afoot>) -> Self {
        afoot.0.send_modify(|steps| *steps += 1);
        Self(Arc::clone(afoot))
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.0.0.send_modify(|steps| *steps -= 1);
    }
}

impl Engine {
    /// The same engine, whose changes have `turn` until they are done, whoever goes away.
    #[must_use]
    pub fn holding(&self, turn: impl Any + Send + Sync) -> Self {
        let turn: Arc<dyn Any + Send + Sync> = Arc::new(turn);
        Self {
            turn: Some(turn),
            ..self.clone()
        }
    }

    /// Completes when no change is under way.
    pub async fn at_rest(&self) {
        // The sender lives as long as `self`.
        drop(self.afoot.0.subscribe().wait_for(|steps| *steps == 0).await);
    }

    /// Runs `work` to its end, even if whoever waits for it goes away.
    pub(super) async fn apart<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        match self.set_off(work).await.map_err(JoinError::try_into_panic) {
            Ok(done) => done,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // The runtime ends, and this with it.
            Err(Err(_)) => std::future::pending().await,
        }
    }

    /// Sets `work` off, which runs to its end whoever waits for it.
    pub(super) fn set_off<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        let kept = (Step::begin(&self.afoot), self.turn.clone());
        let work = async move {
            let done = work.await;
            drop(kept);
            done
        };
        // What it logs says of which request.
        tokio::spawn(work.in_current_span())
    }

    /// Changes the session at `at` as `decide` says; where another write was first, it is loaded
    /// and decided anew. `None` if there is none.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        at: SessionKey,
        decide: impl FnMut(&Seen<'_>) -> Result<Verdict<T>, store::Error> + Send + 'static,
    ) -> Result<Option<Changed<T>>, store::Error> {
        let engine = self.clone();
        self.apart(async move {
            let found = engine.store.get(Key::Session(at)).await?;
            engine.line(at, found, decide).await
        })
        .await
    }

    /// Removes the session at `at`, unless `refuses` names a reason; a damaged one too. `refuses` gets what
    /// can be read: the session, and its definition. `None` if there is no such session.
    pub async fn remove<R: Send + 'static>(
        &self,
        at: SessionKey,
        mut refuses: impl FnMut(&Session, Option<&Flow>) -> Option<R> + Send + 'static,
    ) -> Result<Option<Result<Removed, R>>, store::Error> {
        let engine = self.clone();
        self.apart(async move {
            let found = engine.store.get(Key::Session(at)).await?;
            let looked = engine.line(at, found, |seen| {
                Ok(match refuses(seen.session, Some(seen.flow)) {
                    Some(why) => Verdict::Stays(Some(why)),
                    None => Verdict::Goes(None),
                })
            });
            match looked.await {
                Ok(changed) => Ok(changed.map(|changed| match changed.answer {
                    Some(why) => Err(why),
                    None => Ok(Removed::Session(Box::new(changed.session))),
                })),
                Err(store::Error::Damaged(why)) => engine.remove_damaged(at, why, refuses).await,
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// The same of a session that cannot be read, or whose definition cannot.
    async fn remove_damaged<R>(
        &self,
        at: SessionKey,
        why: String,
        mut refuses: impl FnMut(&Session, Option<&Flow>) -> Option<R>,
    ) -> Result<Option<Result<Removed, R>>, store::Error> {
        let Some(stored) = self.store.get(Key::Session(at)).await? else {
            return Ok(None);
        };
        let session = self.decode(at, &stored.bytes).ok();
        if let Some(refused) = session.as_ref().and_then(|session| refuses(session, None)) {
            return Ok(Some(Err(refused)));
        }
        match self.store.delete(Key::Session(at), stored.token).await? {
            Written::Committed(_) => {
                Ok(Some(Ok(session.map_or(Removed::Damaged(why), |session| {
                    Removed::Session(Box::new(session))
                }))))
            }
            Written::Conflict => Err(store::Error::NotApplied(
                "another write of the same session was first".into(),
            )),
        }
    }

    /// The same in a task that is the caller's, of a session that has been found.
    pub(super) async fn line<T>(
        &self,
        at: SessionKey,
        mut found: Option<Stored>,
        mut decide: impl FnMut(&Seen<'_>) -> Result<Verdict<T>, store::Error> + Send,
    ) -> Result<Option<Changed<T>>, store::Error> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let Some(stored) = found.take() else { return Ok(None) };
            let loaded = self.read(at, stored).await?;
            let now = self.seconds();
            let decided = self.decided(&loaded, now, &mut decide)?;
            let (next, answer) = match decided {
                Decided::Stays(answer) => (None, answer),
                Decided::Goes(answer) => {
                    let token = loaded.stored.token;
                    self.drop_code(&loaded.session).await?;
                    if let Written::Committed(_) = self.store.delete(Key::Session(at), token).await? {
                        (None, answer)
                    } else {
                        found = self.store.get(Key::Session(at)).await?;
                        continue;
                    }
                }
                Decided::Becomes(next, answer) => {
                    let Next { session, write, taken } = *next;
                    if let Written::Conflict = self.swap(Key::Session(at), &loaded.stored, write).await? {
                        found = self.store.get(Key::Session(at)).await?;
                        continue;
                    }
                    taken.hand_over();
                    self.tell(at);
                    trace(&loaded.session, &session);
                    (Some(session), answer)
                }
            };
            return Ok(Some(Changed {
                session: next.unwrap_or(loaded.session),
                flow: loaded.flow,
                now,
                answer,
            }));
        }
        Err(store::Error::NotApplied(
            "other writes of the same session were always first".into(),
        ))
    }

    fn decided<T>(
        &self,
        loaded: &Loaded,
        now: i64,
        decide: &mut impl FnMut(&Seen<'_>) -> Result<Verdict<T>, store::Error>,
    ) -> Result<Decided<T>, store::Error> {
        for fits in [true, false] {
            let seen = Seen {
                session: &loaded.session,
                flow: &loaded.flow,
                now,
                fits,
            };
            let (session, by, answer) = match decide(&seen)? {
                Verdict::Stays(answer) => return Ok(Decided::Stays(answer)),
                Verdict::Goes(answer) => return Ok(Decided::Goes(answer)),
                Verdict::Becomes(session, by, answer) => (*session, by, answer),
            };
            if let Some(next) = self.next(&loaded.flow, session, by, Some(loaded), now) {
                return Ok(Decided::Becomes(Box::new(next), answer));
            }
        }
        Err(store::Error::NotApplied("the session is as large as it may be".into()))
    }

    /// Makes the record of a new session; a conflict if there is one at its key.
    pub(super) async fn make(&self, flow: &Arc<Flow>, session: Session) -> Result<(Written, Session), store::Error> {
        let (engine, flow) = (self.clone(), Arc::clone(flow));
        self.apart(async move {
            engine.keep_definition(&flow).await?;
            let now = engine.seconds();
            let Some(Next { session, write, taken }) = engine.next(&flow, session, By::Person, None, now) else {
                return Err(store::Error::NotApplied("the session is as large as it may be".into()));
            };
            let written = engine.store.create(Key::Session(session.at), write).await?;
            if let Written::Committed(_) = written {
                taken.hand_over();
            }
            Ok((written, session))
        })
        .await
    }

    /// What is to be written of a session, with what is due in it taken; `None` where it does not
    /// fit.
    fn next(&self, flow: &Arc<Flow>, mut session: Session, by: By, before: Option<&Loaded>, now: i64) -> Option<Next> {
        let taken = self.take(flow, &mut session, now);
        let bytes = match (by, before) {
            (_, Some(before)) if before.session == session => before.stored.bytes.clone(),
            (By::Person, _) => record::encode(&session).ok().or_else(|| {
                machine::make_room(&mut session);
                record::encode(&session).ok()
            })?,
            (By::Itself, _) => record::encode_up_to(&session, limits::SETTLED_BYTES).ok()?,
        };
        let due = taken.due(machine::due(flow, &session), now).saturating_mul(1000);
        let wake = match (by, before) {
            (By::Person, Some(before)) => before.stored.wake.min(due),
            _ => due,
        };
        let tag = self.tag();
        let write = Write { tag, wake, bytes };
        Some(Next { session, write, taken })
    }

    /// The session and the definition that it is pinned to.
    pub(super) async fn load(&self, at: SessionKey) -> Result<Option<Loaded>, store::Error> {
        match self.store.get(Key::Session(at)).await? {
            Some(stored) => self.read(at, stored).await.map(Some),
            None => Ok(None),
        }
    }

    async fn read(&self, at: SessionKey, stored: Stored) -> Result<Loaded, store::Error> {
        let session = self.decode(at, &stored.bytes)?;
        let flow = self.pinned(&session).await?;
        Ok(Loaded { stored, session, flow })
    }
}

/// A verdict, made ready to be written.
enum Decided<T> {
    Stays(T),
    Becomes(Box<Next>, T),
    Goes(T),
}

/// What is to be written.
struct Next {
    session: Session,
    write: Write,
    taken: Taken,
}
