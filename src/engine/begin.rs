//! Starts: from a ticket to a session.
//!
//! Owns the start page and what a start POST gets. Nothing is stored before the POST, and each that is
//! accepted makes a session of its own: what a page made from a ticket alone shows is nobody's, so that a
//! planted ticket, or a page that a cache gave to two people, opens nothing. Must not know what a flow's
//! first screen asks.

use super::{Came, Engine, Reply, Request, Start};
use crate::flow::Form;
use crate::id::{ScreenKey, SessionId, Ticket};
use crate::limits;
use crate::machine::{self, Begin};
use crate::store::{self, Written};

/// Fields that go into the new session: the screen's name and what was typed on it.
type Carried = Option<(String, Form)>;

/// Places that are tried for a new session.
const PLACES: usize = 8;

impl Engine {
    /// The start page of a flow, with a fresh ticket; `None` if there is none of that name.
    /// Writes nothing.
    pub fn start_page(&self, flow: &str) -> Option<Reply> {
        self.start_anew(flow, false, None)
    }

    fn start_anew(&self, flow: &str, stale: bool, carried: Carried) -> Option<Reply> {
        let flow = self.catalog.flow(flow)?;
        if self.is_closed(&flow.name) {
            return Some(self.closed(flow, typed(carried)));
        }
        let ticket = self.ticket(&flow.name);
        Some(Reply::Start(Box::new(Start {
            flow,
            ticket,
            now: self.shown_now(),
            stale,
            carried,
        })))
    }

    /// A start that no form of ours asks for.
    fn tampered(&self, request: &Request) -> Reply {
        Reply::Tampered {
            flow: self.catalog.flow(&request.flow),
            reference: String::new(),
        }
    }

    /// A start POST; `None` if there is no flow of that name.
    pub(super) async fn begin(&self, request: &Request) -> Option<Reply> {
        if request.came == Came::Cut {
            let typed = request.fields.clone();
            return self.catalog.flow(&request.flow).map(|flow| Reply::Cut {
                flow,
                typed,
                reference: String::new(),
            });
        }
        let carried = (!request.screen.is_empty()).then(|| (request.screen.clone(), request.fields.clone()));
        if carried.is_none() && !request.fields.0.is_empty() {
            return Some(self.tampered(request));
        }
        let now = u64::try_from(self.seconds()).unwrap_or(0);
        // A minute of grace for nodes whose clocks differ.
        let fresh = |t: &Ticket| t.at <= now + 60 && now <= t.at.saturating_add(limits::TICKET_SECONDS);
        let ticket = Ticket::open(&request.session, &request.flow, &self.key);
        if !ticket.as_ref().is_some_and(fresh) {
            return self.start_anew(&request.flow, true, carried);
        }
        match self.create(request, carried).await {
            Ok(reply) => reply,
            Err(error) => Some(self.busy(request, &error)),
        }
    }

    async fn create(&self, request: &Request, carried: Carried) -> Result<Option<Reply>, store::Error> {
        let Some(flow) = self.catalog.flow(&request.flow) else {
            return Ok(None);
        };
        if self.is_closed(&flow.name) {
            return Ok(Some(self.closed(flow, typed(carried))));
        }
        let now = self.seconds();
        let mut tries = 1;
        loop {
            let id = SessionId::of_random(self.random());
            let begin = Begin {
                at: id.key(),
                key: ScreenKey(self.random()),
                action: request.action.clone(),
                carried: carried.clone(),
                presumed: self.presumed(),
                language: request.language,
            };
            let Some((session, showing)) = machine::start(&flow, begin, now) else {
                return Ok(Some(self.tampered(request)));
            };
            match self.make(&flow, session).await {
                Ok((Written::Committed(_), session)) => {
                    let language = session.language;
                    return Ok(Some(self.shown(id, flow, session, (showing, language), now)));
                }
                // 122 random bits come twice only where they are none.
                Ok((Written::Conflict, _)) => {
                    return Err(store::Error::NotApplied("a new session's key is taken".into()));
                }
                // Its place in the store cannot be read; that of another id can.
                Err(store::Error::Damaged(_)) if tries < PLACES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

fn typed(carried: Carried) -> Form {
    carried.map(|(_, typed)| typed).unwrap_or_default()
}
