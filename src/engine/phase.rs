//! One phase: what a request into a session gets.
//!
//! Owns what is read of the request and of the time that has passed. Must not know what any row of the table says.

use std::sync::Arc;

use super::change::{By, Changed, Seen, Verdict};
use super::{Came, Engine, Lost, Reply, Request, Shown};
use crate::flow::Flow;
use crate::id::{Language, Return, ScreenId, SessionId};
use crate::machine::{self, Decision, Due, Page, Session, Showing, Submission};
use crate::store;

impl Engine {
    /// A request into a session; `None` where there is none, or the screen id is not its own.
    pub(super) async fn phase(&self, request: &Request) -> Option<Reply> {
        let id = SessionId::parse(&request.session)?;
        let reply = if request.saves() {
            self.save(id, request).await
        } else if request.post {
            self.submit(id, request).await
        } else {
            self.show(id, request).await
        };
        reply.unwrap_or_else(|error| Some(self.busy(request, &error)))
    }

    /// A POST.
    pub(super) async fn submit(&self, id: SessionId, request: &Request) -> Result<Option<Reply>, store::Error> {
        let (engine, sent) = (self.clone(), request.clone());
        let changed = self.change(id.key(), move |seen| {
            let submission = engine.submission(id, seen.flow, seen.session, &sent)?;
            Ok(match submission {
                Some(_) if sent.came == Came::Cut => Verdict::Stays(Got::Cut),
                Some(submission) if sent.came == Came::UpToItsAction && machine::may_be_cut(seen.flow, &submission) => {
                    Verdict::Stays(Got::Cut)
                }
                Some(submission) => submitted(seen, &submission),
                None => Verdict::Stays(left_before(seen, &sent)),
            })
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
        Ok(match answer {
            Got::Nothing => None,
            Got::Cut => Some(Reply::Cut {
                flow,
                typed: request.fields.clone(),
                reference: session.at.reference(),
            }),
            Got::Tampered => {
                let reference = session.at.reference();
                tracing::warn!(
                    flow = flow.name,
                    reference,
                    "tampering: an action or a field that was never declared"
                );
                Some(Reply::Tampered {
                    flow: Some(flow),
                    reference,
                })
            }
            Got::Page(showing) => Some(self.shown(id, flow, session, *showing, now)),
        })
    }

    /// A GET: writes nothing at all, not even that time has passed.
    async fn show(&self, id: SessionId, request: &Request) -> Result<Option<Reply>, store::Error> {
        let Some(mut loaded) = self.load(id.key()).await? else {
            return Ok(None);
        };
        let Some(submission) = self.submission(id, &loaded.flow, &loaded.session, request)? else {
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
            return Ok(Some(Reply::Tampered {
                flow: Some(loaded.flow),
                reference: loaded.session.at.reference(),
            }));
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
        let language = machine::language::spoken(&loaded.flow, &submission);
        Ok(Some(self.shown(
            id,
            loaded.flow,
            loaded.session,
            (showing, language),
            now,
        )))
    }

    /// The request as the machine reads it; `None` where the flow or the screen id is not this
    /// session's.
    pub(super) fn submission(
        &self,
        id: SessionId,
        flow: &Flow,
        session: &Session,
        request: &Request,
    ) -> Result<Option<Submission>, store::Error> {
        let mut submission = submission(session, request)?;
        if let Some(submission) = &mut submission
            && flow.effects.iter().any(|effect| effect.hand_off.is_some())
        {
            let door = Return { session: id, number: 0 };
            submission.door = door.sealed(&self.key).to_vec();
        }
        Ok(submission)
    }

    /// The page of a session, in a language that its flow has beside its own.
    pub(super) fn shown(
        &self,
        id: SessionId,
        flow: Arc<Flow>,
        session: Session,
        (showing, language): Spoken,
        now: i64,
    ) -> Reply {
        let (session, now) = machine::presumed(session, now);
        let showing = showing.in_language(&flow, &session, language);
        let flow = spoken(flow, language);
        let startable = self.catalog.flow(&flow.name).is_some() && showing.page == Page::Over;
        let ticket = startable.then(|| self.ticket(&flow.name));
        Reply::Session(Box::new(Shown {
            flow,
            session,
            id,
            showing,
            now,
            ticket,
        }))
    }

    /// The store could not: nothing is told but that the same request is safe to send again, or, where
    /// that would not help, whom to ask.
    pub(super) fn busy(&self, request: &Request, error: &store::Error) -> Reply {
        tracing::error!(%error, flow = request.flow, "a phase could not be done");
        if let (store::Error::Damaged(_), Some(id)) = (error, SessionId::parse(&request.session)) {
            return Reply::Lost(Box::new(Lost {
                flow: self.catalog.flow(&request.flow),
                reference: id.key().reference(),
                contact: self.contact().cloned(),
                typed: request.fields.clone(),
            }));
        }
        Reply::Busy {
            again: Box::new(request.clone()),
            flow: self.catalog.flow(&request.flow),
        }
    }
}

/// The flow in a language.
pub(super) fn spoken(flow: Arc<Flow>, language: Option<Language>) -> Arc<Flow> {
    let other = language.and_then(|language| flow.translation(language.tag()).cloned());
    other.unwrap_or(flow)
}

/// A page, and the language in which it is to be read, if that is another than the flow's own.
pub(super) type Spoken = (Showing, Option<Language>);

/// What a POST gets.
enum Got {
    /// The screen id is not this session's.
    Nothing,
    /// Not all of it came.
    Cut,
    Tampered,
    Page(Box<Spoken>),
}

/// What becomes of a session by a submission, and of the time that has passed before it.
fn submitted(seen: &Seen<'_>, submission: &Submission) -> Verdict<Got> {
    let passed = match machine::pass_time(seen.flow, seen.session, seen.now) {
        Due::Delete => return Verdict::Stays(Got::Nothing),
        Due::Change(session) => Some(session),
        Due::Later => None,
    };
    let session = passed.as_deref().unwrap_or(seen.session);
    let language = machine::language::spoken(seen.flow, submission);
    let page = |showing| Got::Page(Box::new((showing, language)));
    let showing = match machine::submit(seen.flow, session, submission, seen.now) {
        Decision::Commit { session, showing } if seen.fits => {
            return Verdict::Becomes(session, By::Person, page(showing));
        }
        Decision::Commit { .. } => machine::too_large(seen.flow, session, submission, seen.now),
        Decision::Show(showing) => showing,
        Decision::Tampered => {
            return Verdict::Stays(Got::Tampered);
        }
    };
    match passed {
        Some(passed) => Verdict::Becomes(passed, By::Itself, page(showing)),
        None => Verdict::Stays(page(showing)),
    }
}

/// What a POST with an id of before the session was finished on its device gets: the same page, if
/// that is what it asks for.
fn left_before(seen: &Seen<'_>, request: &Request) -> Got {
    let key = seen.session.key_left().filter(|_| seen.session.flow == request.flow);
    let screen = key.and_then(|key| ScreenId::open(&request.screen, &key));
    let shown = screen.and_then(|screen| {
        let submission = Submission {
            language: screen.language,
            screen,
            action: request.action.clone(),
            fields: request.fields.clone(),
            bare: request.came == Came::Bare,
            door: Vec::new(),
        };
        let language = machine::language::known(seen.flow, submission.language);
        let left = machine::left_before(seen.flow, seen.session, &submission, seen.now);
        left.map(|showing| (showing, language))
    });
    shown.map_or(Got::Nothing, |showing| Got::Page(Box::new(showing)))
}

fn submission(session: &Session, request: &Request) -> Result<Option<Submission>, store::Error> {
    let screen = ScreenId::open(&request.screen, &session.screen_key()).filter(|_| session.flow == request.flow);
    let Some(mut screen) = screen else { return Ok(None) };
    let language = screen.language.take();
    if screen.step > session.step {
        // An alarm, never an overwrite.
        return Err(store::Error::Damaged(format!(
            "the store went back in time: a page was offered after step {}, and {} is at step {}",
            screen.step, session.at, session.step
        )));
    }
    Ok(Some(Submission {
        screen,
        language,
        action: request.action.clone(),
        fields: request.fields.clone(),
        bare: request.came == Came::Bare,
        door: Vec::new(),
    }))
}
