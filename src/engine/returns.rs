//! Returns: a person comes back from a page elsewhere.
//!
//! Owns what the return URL opens: by itself nothing; by its button, pressed once and for some minutes
//! again, the session as it stands. Must not know pages elsewhere.

use std::sync::Arc;

use super::change::{By, Changed, Verdict};
use super::phase::spoken;
use super::{Engine, Reply, Request, Returning};
use crate::flow::Flow;
use crate::id::Return;
use crate::machine::{self, Due, Session};
use crate::store;

impl Engine {
    /// A request by a return URL, or by the button of its page.
    pub(super) async fn come_back(&self, token: &str, request: &Request) -> Reply {
        match self.came_back(token, request).await {
            Ok(Some(reply)) => reply,
            Ok(None) => Reply::NotFound {
                flow: self.catalog.flow(&request.flow),
                typed: crate::flow::Form::default(),
            },
            Err(error) => self.busy(request, &error),
        }
    }

    async fn came_back(&self, token: &str, request: &Request) -> Result<Option<Reply>, store::Error> {
        let Some(found) = Return::parse(token, &self.key) else {
            return Ok(None);
        };
        if !request.post {
            let loaded = self.load(found.session.key()).await?;
            let loaded = loaded.filter(|loaded| opens(&loaded.session, &request.flow));
            return Ok(loaded.map(|loaded| {
                let language = loaded.session.language;
                page(token, spoken(loaded.flow, language), false)
            }));
        }
        let flow = request.flow.clone();
        let changed = self.change(found.session.key(), move |seen| {
            if !opens(seen.session, &flow) {
                return Ok(Verdict::Stays(Arrival::Nowhere));
            }
            let returned = machine::returned(seen.flow, seen.session, found.number, seen.now);
            Ok(match returned {
                machine::Returned::Refused => Verdict::Stays(Arrival::Second),
                machine::Returned::Known => Verdict::Stays(Arrival::Back),
                machine::Returned::Back(session) => Verdict::Becomes(session, By::Itself, Arrival::Back),
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
        match answer {
            Arrival::Nowhere => return Ok(None),
            Arrival::Second => return Ok(Some(page(token, spoken(flow, session.language), true))),
            Arrival::Back => {}
        }
        let session = match machine::pass_time(&flow, &session, now) {
            Due::Change(session) => *session,
            Due::Delete => return Ok(None),
            Due::Later => session,
        };
        let showing = machine::stands(&flow, &session, now);
        let language = machine::language::known(&flow, session.language);
        Ok(Some(self.shown(found.session, flow, session, (showing, language), now)))
    }
}

/// Whether a return URL at this flow's address can open a session: one that was finished on a device
/// is opened by nothing that was given out before.
fn opens(session: &Session, flow: &str) -> bool {
    session.flow == flow && session.key_left().is_none()
}

/// Who came back.
enum Arrival {
    /// Somebody with a URL of another flow, or after *Finish on this device*.
    Nowhere,
    /// Somebody, too long after the first.
    Second,
    Back,
}

fn page(token: &str, flow: Arc<Flow>, used: bool) -> Reply {
    let token = token.to_owned();
    Reply::Returning(Box::new(Returning { flow, token, used }))
}
