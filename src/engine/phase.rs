//! One phase: load, decide, commit, and only then say what to show.
//!
//! Owns that line. Must not know what any row of the table says.

use std::sync::Arc;

use super::{Engine, Reply, Request, Shown};
use crate::flow::Flow;
use crate::id::{Return, ScreenId, SessionId, SessionKey};
use crate::limits;
use crate::machine::{self, Decision, Due, Page, Session, Showing, Submission};
use crate::store::{self, Key, Stored, Write, Written, record};

/// A session as it was loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) stored: Stored,
    pub(super) session: Session,
    pub(super) flow: Arc<Flow>,
}

impl Engine {
    /// A request into a session; `None` where there is none, or the screen id is not its own.
    pub(super) async fn phase(&self, request: &Request) -> Option<Reply> {
        let id = SessionId::parse(&request.session)?;
        let reply = if request.post {
            self.submit(id, request).await
        } else {
            self.show(id, request).await
        };
        reply.unwrap_or_else(|error| Some(self.busy(request, &error)))
    }

    /// A POST. Decided anew as often as another write was there first.
    async fn submit(&self, id: SessionId, request: &Request) -> Result<Option<Reply>, store::Error> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let Some(loaded) = self.load(id).await? else {
                return Ok(None);
            };
            let Some(submission) = self.submission(id, &loaded, request)? else {
                return Ok(None);
            };
            let now = self.seconds();
            if let Some(passed) = self.pass_time(id, &loaded, now).await? {
                if passed {
                    continue;
                }
                return Ok(None);
            }
            let mut jobs = Vec::new();
            let (session, showing) = match machine::submit(&loaded.flow, &loaded.session, &submission, now) {
                Decision::Tampered => {
                    tracing::warn!(session = %loaded.session.at, "tampering: an action or a field that was never declared");
                    return Ok(Some(Reply::Tampered));
                }
                Decision::Show(showing) => (loaded.session, showing),
                Decision::Commit { mut session, showing } => {
                    jobs = self.take(&loaded.flow, &mut session, now);
                    let Some(bytes) = encode(&mut session) else {
                        let showing = machine::too_large(&loaded.flow, &loaded.session, &submission, now);
                        return Ok(Some(self.shown(id, loaded.flow, loaded.session, showing, now, request)));
                    };
                    let write = self.write(&loaded, &session, bytes);
                    match self.swap(Key::Session(id.key()), &loaded.stored, write).await? {
                        Written::Committed(_) => (*session, showing),
                        Written::Conflict => continue,
                    }
                }
            };
            self.run(jobs);
            return Ok(Some(self.shown(id, loaded.flow, session, showing, now, request)));
        }
        Err(store::Error::NotApplied(
            "other writes of the same session were always first".into(),
        ))
    }

    /// A GET: writes nothing at all, not even that time has passed.
    async fn show(&self, id: SessionId, request: &Request) -> Result<Option<Reply>, store::Error> {
        let Some(mut loaded) = self.load(id).await? else {
            return Ok(None);
        };
        let Some(submission) = self.submission(id, &loaded, request)? else {
            return Ok(None);
        };
        let now = self.seconds();
        match machine::pass_time(&loaded.flow, &loaded.session, now) {
            Due::Later => {}
            Due::Change(session) => loaded.session = *session,
            Due::Delete => return Ok(None),
        }
        let action = submission.action.as_deref();
        let Some(showing) = machine::show(&loaded.flow, &loaded.session, &submission.screen, action, now) else {
            return Ok(Some(Reply::Tampered));
        };
        let showing = if request.inside {
            showing
        } else {
            // Nor what was taken back: its words may hold answers.
            for asked in &mut loaded.session.asked {
                asked.label.clear();
            }
            showing.from_outside()
        };
        Ok(Some(self.shown(id, loaded.flow, loaded.session, showing, now, request)))
    }

    /// The request as the machine reads it; `None` where the flow or the screen id is not this
    /// session's.
    fn submission(
        &self,
        id: SessionId,
        loaded: &Loaded,
        request: &Request,
    ) -> Result<Option<Submission>, store::Error> {
        let mut submission = submission(&loaded.session, request)?;
        if let Some(submission) = &mut submission
            && loaded.flow.effects.iter().any(|effect| effect.hand_off.is_some())
        {
            let door = Return { session: id, number: 0 };
            submission.door = door.sealed(&self.key).to_vec();
        }
        Ok(submission)
    }

    /// The session and the definition that it is pinned to.
    pub(super) async fn load(&self, id: SessionId) -> Result<Option<Loaded>, store::Error> {
        self.load_at(id.key()).await
    }

    /// The same by its key.
    pub(super) async fn load_at(&self, at: SessionKey) -> Result<Option<Loaded>, store::Error> {
        let Some(stored) = self.store.get(Key::Session(at)).await? else {
            return Ok(None);
        };
        let session = record::decode(at, &stored.bytes)?;
        let flow = self.pinned(&session).await?;
        Ok(Some(Loaded { stored, session, flow }))
    }

    /// Commits what fell due meanwhile: `Some(true)` it changed, `Some(false)` it is gone.
    async fn pass_time(&self, id: SessionId, loaded: &Loaded, now: i64) -> Result<Option<bool>, store::Error> {
        match machine::pass_time(&loaded.flow, &loaded.session, now) {
            Due::Later => Ok(None),
            Due::Delete => Ok(Some(false)),
            Due::Change(mut session) => {
                let jobs = self.take(&loaded.flow, &mut session, now);
                let bytes = encode_settled(&session).ok_or_else(too_large)?;
                let write = self.write(loaded, &session, bytes);
                if let Written::Committed(_) = self.swap(Key::Session(id.key()), &loaded.stored, write).await? {
                    self.run(jobs);
                }
                Ok(Some(true))
            }
        }
    }

    /// The write of a session after a step. It is woken when it was to be woken before, unless
    /// something falls due sooner: the timer looks again, and the index stays still.
    pub(super) fn write(&self, loaded: &Loaded, session: &Session, bytes: Vec<u8>) -> Write {
        let due = machine::due(&loaded.flow, session).saturating_mul(1000);
        Write {
            tag: self.tag(),
            wake: loaded.stored.wake.min(due),
            bytes,
        }
    }

    pub(super) fn shown(
        &self,
        id: SessionId,
        flow: Arc<Flow>,
        session: Session,
        showing: Showing,
        now: i64,
        request: &Request,
    ) -> Reply {
        let startable = self.catalog.flow(&flow.name).is_some() && showing.page == Page::Over;
        let ticket = startable.then(|| self.ticket(&flow.name, &request.client));
        Reply::Session(Box::new(Shown {
            flow,
            session,
            id,
            showing,
            now,
            ticket,
        }))
    }

    /// The store could not: nothing is told but that the same request is safe to send again.
    pub(super) fn busy(&self, request: &Request, error: &store::Error) -> Reply {
        tracing::error!(%error, flow = request.flow, "a phase could not be done");
        Reply::Busy {
            again: Box::new(request.clone()),
            flow: self.catalog.flow(&request.flow),
        }
    }
}

fn submission(session: &Session, request: &Request) -> Result<Option<Submission>, store::Error> {
    let screen = ScreenId::open(&request.screen, &session.key).filter(|_| session.flow == request.flow);
    let Some(screen) = screen else { return Ok(None) };
    if screen.step > session.step {
        // An alarm, never an overwrite.
        return Err(store::Error::Damaged(format!(
            "the store went back in time: a page was offered after step {}, and {} is at step {}",
            screen.step, session.at, session.step
        )));
    }
    Ok(Some(Submission {
        screen,
        action: request.action.clone(),
        fields: request.fields.clone(),
        door: Vec::new(),
    }))
}

/// The record of a session; room is made where it would be too large.
pub(super) fn encode(session: &mut Session) -> Option<Vec<u8>> {
    record::encode(session).ok().or_else(|| {
        machine::make_room(session);
        record::encode(session).ok()
    })
}

/// The same of a session whose effects have changed: there is room for that.
pub(super) fn encode_settled(session: &Session) -> Option<Vec<u8>> {
    record::encode_up_to(session, limits::SETTLED_BYTES).ok()
}

pub(super) fn too_large() -> store::Error {
    store::Error::NotApplied("the session is as large as it may be".into())
}
