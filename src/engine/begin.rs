//! Starts: from a ticket to a session.
//!
//! Owns the start page and what a start POST gets. Nothing is stored before the POST. Must not
//! know what a flow's first screen asks.

use super::{Engine, Reply, Request, Start, StartRefused};
use crate::id::{ScreenId, ScreenKey, SessionId, Ticket};
use crate::limits;
use crate::machine::{self, Begin};
use crate::store::{self, Key, Written};

impl Engine {
    /// The start page of a flow, with a fresh ticket; `None` if there is none of that name.
    /// Writes nothing.
    pub fn start_page(&self, flow: &str, client: &[u8]) -> Option<Reply> {
        self.start_anew(flow, client, None, None)
    }

    fn start_anew(
        &self,
        flow: &str,
        client: &[u8],
        refused: Option<StartRefused>,
        carried: Option<(String, crate::flow::Form)>,
    ) -> Option<Reply> {
        let flow = self.catalog.flow(flow)?;
        if self.is_closed(&flow.name) && !matches!(refused, Some(StartRefused::Begun { .. })) {
            return Some(self.closed(flow, carried.map(|(_, typed)| typed).unwrap_or_default()));
        }
        let ticket = self.ticket(&flow.name, client);
        Some(Reply::Start(Box::new(Start {
            flow,
            ticket,
            now: self.seconds(),
            refused,
            carried,
        })))
    }

    /// A start POST; `None` if there is no flow of that name.
    pub(super) async fn begin(&self, request: &Request) -> Option<Reply> {
        let carried = (!request.screen.is_empty()).then(|| (request.screen.clone(), request.fields.clone()));
        if carried.is_none() && !request.fields.0.is_empty() {
            return Some(Reply::Tampered);
        }
        let now = u64::try_from(self.seconds()).unwrap_or(0);
        let ticket = Ticket::open(&request.session, &request.flow, &request.client, &self.key);
        // A minute of grace for nodes whose clocks differ.
        let fresh = |t: &Ticket| t.at <= now + 60 && now <= t.at.saturating_add(limits::TICKET_SECONDS);
        let Some(ticket) = ticket.filter(fresh) else {
            return self.start_anew(&request.flow, &request.client, Some(StartRefused::Stale), carried);
        };
        let id = SessionId::of_ticket(&ticket, &self.key);
        match self.create(id, request, carried).await {
            Ok(reply) => reply,
            Err(error) => Some(self.busy(request, &error)),
        }
    }

    async fn create(
        &self,
        id: SessionId,
        request: &Request,
        carried: Option<(String, crate::flow::Form)>,
    ) -> Result<Option<Reply>, store::Error> {
        let Some(flow) = self.catalog.flow(&request.flow) else {
            return Ok(None);
        };
        // What was begun goes on, and its start is answered again.
        if self.is_closed(&flow.name) && self.store.get(Key::Session(id.key())).await?.is_none() {
            return Ok(Some(
                self.closed(flow, carried.map(|(_, typed)| typed).unwrap_or_default()),
            ));
        }
        let now = self.seconds();
        let begin = Begin {
            at: id.key(),
            key: ScreenKey(self.random()),
            action: request.action.clone(),
            carried: carried.clone(),
        };
        let Some((session, showing)) = machine::start(&flow, begin, now) else {
            return Ok(Some(Reply::Tampered));
        };
        let (written, session) = self.make(&flow, session).await?;
        match written {
            Written::Committed(_) => Ok(Some(self.shown(id, flow, session, showing, now, request))),
            Written::Conflict => self.begun(id, request, carried).await,
        }
    }

    /// The ticket was used before: the same session while it is at its first step, else the start
    /// page anew with a way to go on. Here it is the same client's: the ticket says so.
    async fn begun(
        &self,
        id: SessionId,
        request: &Request,
        carried: Option<(String, crate::flow::Form)>,
    ) -> Result<Option<Reply>, store::Error> {
        let Some(loaded) = self.load(id.key()).await? else {
            return Ok(None);
        };
        let now = self.seconds();
        let action = request.action.as_deref();
        if let Some(showing) = machine::started_already(&loaded.flow, &loaded.session, action, now) {
            return Ok(Some(self.shown(id, loaded.flow, loaded.session, showing, now, request)));
        }
        let step = loaded.session.step;
        let screen = ScreenId {
            step,
            screen: loaded.flow.start,
            ..ScreenId::default()
        };
        let screen = screen.sealed(&loaded.session.screen_key());
        let refused = StartRefused::Begun { session: id, screen };
        Ok(self.start_anew(&request.flow, &request.client, Some(refused), carried))
    }
}
