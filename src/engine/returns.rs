//! Returns: a person comes back from a page elsewhere.
//!
//! Owns what the return URL opens: by itself nothing; by its button, for one client, the session
//! as it stands. Must not know pages elsewhere.

use std::sync::Arc;

use super::phase::encode_settled;
use super::{Engine, Reply, Request, Returning};
use crate::id::Return;
use crate::machine;
use crate::store::{self, Written};

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
        for _ in 0..crate::limits::CAS_ATTEMPTS {
            let Some(loaded) = self.load(found.session).await? else {
                return Ok(None);
            };
            if loaded.session.flow != request.flow {
                return Ok(None);
            }
            let page = |used: bool| {
                Reply::Returning(Box::new(Returning {
                    flow: Arc::clone(&loaded.flow),
                    token: token.to_owned(),
                    used,
                }))
            };
            if !request.post {
                return Ok(Some(page(false)));
            }
            let now = self.seconds();
            let client = crate::id::digest(&loaded.session.key, &[b"client", &request.client]);
            let session = match machine::returned(&loaded.flow, &loaded.session, found.number, client, now) {
                machine::Returned::Refused => return Ok(Some(page(true))),
                machine::Returned::Known => loaded.session.clone(),
                machine::Returned::Back(mut session) => {
                    let jobs = self.take(&loaded.flow, &mut session, now);
                    let bytes = encode_settled(&session).ok_or_else(super::phase::too_large)?;
                    match self.commit(&loaded, &session, bytes).await? {
                        Written::Conflict => continue,
                        Written::Committed(_) => self.run(jobs),
                    }
                    *session
                }
            };
            let session = match machine::pass_time(&loaded.flow, &session, now) {
                machine::Due::Change(session) => *session,
                machine::Due::Delete => return Ok(None),
                machine::Due::Later => session,
            };
            let showing = machine::stands(&loaded.flow, &session, now);
            return Ok(Some(self.shown(
                found.session,
                loaded.flow,
                session,
                showing,
                now,
                request,
            )));
        }
        Err(store::Error::NotApplied(
            "other writes of the same session were always first".into(),
        ))
    }
}
