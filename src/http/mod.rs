//! HTTP: bytes to an [`crate::engine::Request`], a [`Reply`] to bytes.
//!
//! Owns the server, its limits, the decoding of forms, the rules about where a request comes from,
//! statuses, headers and compression. Must not know the store, nor what a phase means.
//!
//! One request, one line: `server` accepts what `listen` has, `connection` keeps time (`watch`,
//! `frames`, under TLS `secure` and `tls`), `talk` has hyper, [`handle`] reads (`request`, `form`,
//! `origin`, `client`), asks the engine, has the page drawn and answers (`response`, `encoding`). [`handle`] is generic over the body, so that it is called without a
//! socket too.

mod body;
mod browser;
mod client;
mod connection;
mod dictionary;
pub mod encoding;
mod endpoint;
pub mod form;
mod frames;
mod front;
mod glean;
mod listen;
mod number;
pub mod origin;
pub mod pack;
mod registry;
mod request;
mod response;
mod secure;
mod server;
mod talk;
mod tls;
mod told;
mod watch;
mod wish;

use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Body;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument as _;

pub use client::{Peer, Trusted};
pub use connection::{serve, serve_tls};
use dictionary::Dictionaries;
use encoding::Pace;
pub use encoding::Quality;
pub use endpoint::Endpoint;
pub use listen::Refused;
pub use origin::Origin;
pub use server::{Drained, Server};
pub use tls::{Files, Flaw, Keys};

use crate::effect::{Callback, Effects};
use crate::engine::{self, Engine, Reply};
use crate::flow::Form;
use crate::id::Language;
use crate::limits::{self, Http};
use crate::site::Site;
use crate::view::{self, Drawn, Problem, Visit};
use number::Numbers;
use request::Call;
use response::{Manner, Wishes};
pub use response::{Weight, code, weigh};
use told::Told;

/// Into so many parts a time is cut of which only those count in which this process could run.
const PARTS: u32 = 10;

/// The settings of the HTTP server.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The origin under which people see it, if it is known; else each request's `Host` is.
    pub origin: Option<Origin>,
    /// It listens on the loopback only: whoever asks is on this machine.
    pub local: bool,
    /// Proxies whose word about the client is taken.
    pub trusted: Trusted,
    /// The bounds.
    pub limits: Http,
    /// How well answers are compressed.
    pub quality: Quality,
}

/// What answers requests: the engine, and the settings of the way to it.
#[derive(Debug)]
pub struct App {
    engine: Engine,
    /// Where nobody runs effects, nobody waits for them.
    effects: Option<Effects>,
    settings: Settings,
    turns: Arc<Semaphore>,
    /// Bytes that large bodies may take together.
    room: Semaphore,
    dictionaries: Dictionaries,
    pace: Pace,
    numbers: Numbers,
    born: Instant,
}

impl App {
    /// Answers from this engine under these settings.
    pub fn new(engine: Engine, settings: Settings) -> Self {
        let turns = Semaphore::new(settings.limits.in_flight.min(Semaphore::MAX_PERMITS));
        let room = Semaphore::new(settings.limits.bodies_bytes.min(Semaphore::MAX_PERMITS));
        let numbers = Numbers::since(engine.now());
        Self {
            engine,
            effects: None,
            settings,
            turns: Arc::new(turns),
            room,
            dictionaries: Dictionaries::default(),
            pace: Pace::default(),
            numbers,
            born: Instant::now(),
        }
    }

    /// With whoever runs the engine's effects.
    #[must_use]
    pub fn with_effects(self, effects: Effects) -> Self {
        Self {
            effects: Some(effects),
            ..self
        }
    }

    /// The settings that it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn call(&self, call: Call, visit: &Visit<'_>) -> (Drawn, Told) {
        if let Call::Return { typed } = call {
            // Its answer is late on purpose: nobody's turn is taken meanwhile.
            let reply = self.engine.return_by_code(typed).await;
            return (view::page(&reply, visit), Told::of(&reply));
        }
        let Call::Phase { request, unsaid } = call else {
            return match self.turn().await {
                Some(_turn) => self.show(call, visit).await,
                None => (view::error(Problem::Busy, visit), Told::default()),
            };
        };
        // What was typed is shown again, whatever comes between.
        let again = request.clone();
        let reply = match self.answered(request).await {
            Some(Reply::Session(shown)) if shown.waits().is_some() => self.patient(shown, &again).await,
            reply => reply,
        };
        let mut reply = reply.unwrap_or_else(|| Reply::Busy {
            flow: self.engine.catalog().flow(&again.flow),
            again: Box::new(again.clone()),
        });
        let told = Told::of(&reply);
        if unsaid && let Reply::Busy { .. } = reply {
            // Only who has both ids has typed it on a page of ours.
            return (view::error(Problem::Busy, visit), told);
        }
        self.spare(&mut reply, (&again.session, &again.screen), unsaid).await;
        (view::page(&reply, visit), told)
    }

    /// Leaves of what was typed, where no session takes it, what may be shown.
    async fn spare(&self, reply: &mut Reply, ids: (&str, &str), unsaid: bool) {
        let (flow, typed) = match reply {
            Reply::NotFound { flow, typed } => (flow.clone(), typed),
            Reply::Lost(lost) => (lost.flow.clone(), &mut lost.typed),
            Reply::Cut { flow, typed, .. } => (Some(Arc::clone(flow)), typed),
            Reply::Closed(closed) => (Some(Arc::clone(&closed.flow)), &mut closed.typed),
            _ => return,
        };
        let whole = std::mem::take(typed);
        *typed = self.engine.showable(flow.as_deref(), ids, whole, unsaid).await;
    }

    /// One answer of the engine, in turn.
    async fn answered(&self, request: engine::Request) -> Option<Reply> {
        if request.saves() {
            return Some(self.engine.answer(request).await);
        }
        let engine = self.engine.holding(self.turn().await?);
        // A phase that takes too long is not undone: sent again, it is answered by what became of
        // it.
        let answer = pin!(engine.answer(request));
        within(self.settings.limits.handler_time, answer).await
    }

    /// Waits a little for what the page waits for: asked for again, it shows what came of it. Nobody's
    /// turn is taken meanwhile.
    async fn patient(&self, shown: Box<engine::Shown>, request: &engine::Request) -> Option<Reply> {
        let request = shown.again(request);
        let until = Instant::now() + limits::EFFECT_WAIT;
        let mut reply = Reply::Session(shown);
        while let (Reply::Session(shown), Some(_)) = (&reply, &self.effects)
            && let Some(at) = shown.waits()
        {
            // Listens first, and then looks.
            let change = self.engine.changed(at);
            let Some(next) = self.answered(request.clone()).await else {
                // The page that is there already says the truth too.
                return Some(reply);
            };
            reply = next;
            let waits = matches!(&reply, Reply::Session(shown) if shown.waits().is_some());
            if !waits || timeout_at(until, change).await.is_err() {
                return Some(reply);
            }
        }
        Some(reply)
    }

    /// An outside system tells of an effect.
    async fn callback(&self, token: &str, signature: &str, body: &[u8]) -> Callback {
        match (&self.effects, self.turn().await) {
            (Some(effects), Some(turn)) => effects.holding(turn).callback(token, signature, body).await,
            _ => Callback::Busy,
        }
    }

    /// What needs no session.
    async fn show(&self, call: Call, visit: &Visit<'_>) -> (Drawn, Told) {
        let catalog = self.engine.catalog();
        let reply = match call {
            Call::Front(asked) => match self.front(&asked, visit) {
                Some(drawn) => return (drawn, Told::default()),
                None => None,
            },
            Call::Unread {
                problem,
                flow,
                typed,
                ids: (session, screen),
                unsaid,
            } => {
                let flow = catalog.flow(&flow);
                let ids = (session.as_str(), screen.as_str());
                let typed = self.engine.showable(flow.as_deref(), ids, typed, unsaid).await;
                let name = flow.as_ref().map(|flow| flow.name.clone());
                let told = Told {
                    flow: name.unwrap_or_default(),
                    reference: String::new(),
                };
                return (view::unread(problem, flow.as_deref(), &typed, visit), told);
            }
            Call::Start { flow } => self.engine.start_page(&flow),
            Call::Nowhere {
                meant,
                typed,
                ids: (session, screen),
                unsaid,
                ..
            } => {
                let flow = meant.and_then(|name| catalog.flow(&name));
                let ids = (session.as_str(), screen.as_str());
                let typed = self.engine.showable(flow.as_deref(), ids, typed, unsaid).await;
                Some(Reply::NotFound { flow, typed })
            }
            Call::Robots
            | Call::Icon
            | Call::Dictionary { .. }
            | Call::Callback { .. }
            | Call::Return { .. }
            | Call::Phase { .. } => None,
        };
        // The same page whether a flow was never there, or a session is unknown.
        let reply = reply.unwrap_or_else(|| Reply::NotFound {
            flow: None,
            typed: Form::default(),
        });
        (view::page(&reply, visit), Told::of(&reply))
    }

    /// Where a path leads that is another spelling of a flow's: only who asks to read, and only
    /// where it is known under what name people see this server.
    fn moved(&self, call: &Call) -> Option<String> {
        let Call::Nowhere {
            meant: Some(name),
            bare: true,
            ..
        } = call
        else {
            return None;
        };
        let flow = self.engine.catalog().flow(name)?;
        (self.settings.origin.is_some() || self.settings.local).then(|| format!("{}/{}", self.root(), flow.name))
    }

    /// What pages are to know of a request.
    fn visit<'a>(&'a self, head: &Parts, (id, site, wishes): (&'a str, &'a Site, &'a [Language])) -> Visit<'a> {
        Visit {
            root: self.root(),
            id,
            site,
            text: browser::shows_text(&head.headers),
            wishes,
            switch: view::Switch::None,
            key: Some(self.engine.key()),
        }
    }

    /// What stands before the path of a flow as people see it.
    fn root(&self) -> &str {
        self.settings.origin.as_ref().map_or("", Origin::prefix)
    }

    /// A turn among those that are answered at once, if one comes in time.
    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        timeout(self.settings.limits.queue_wait, Arc::clone(&self.turns).acquire_owned())
            .await
            .ok()?
            .ok()
    }

    /// The answer that carries a page of the flow that the path names: against its dictionary, if
    /// the client has that; a start page offers it to who could have it.
    fn page(
        &self,
        mut drawn: Drawn,
        (head, languages): (&Parts, &[Language]),
        wishes: Wishes,
        manner: Manner,
        starts: bool,
    ) -> Response<Full<Bytes>> {
        let available = dictionary::available(&head.headers);
        let offers = starts && dictionary::wanted(manner.https, &head.headers);
        let (mut has, mut offer) = (None, None);
        if available.is_some() || offers {
            let flow = self.engine.catalog().flow(head.uri.path().get(1..).unwrap_or_default());
            let site = self.engine.catalog().site();
            let made = self.dictionaries.of_page(flow, languages, &site);
            has = made.iter().find(|made| available == Some(made.hash)).cloned();
            offer = made
                .first()
                .filter(|_| offers && has.is_none())
                .map(|made| format!("{}{}", self.root(), dictionary::address(made)));
            if offer.is_some() {
                drawn = drawn.fetching();
            }
        }
        response::page(drawn, wishes, manner, has.as_deref(), offer)
    }

    /// The dictionary with this mark, if a start page offered it since the server is up.
    async fn dictionary(&self, mark: &str, wishes: Wishes) -> Response<Full<Bytes>> {
        let _turn = self.turn().await;
        match self.dictionaries.with(mark) {
            Some((flow, made)) => response::dictionary(&format!("{}/{flow}", self.root()), &made, wishes),
            None => response::nothing(),
        }
    }

    fn manner(&self, now: Instant, peer: Peer) -> Manner {
        let millis = now.saturating_duration_since(self.born).as_millis();
        Manner {
            https: peer.tls || self.settings.origin.as_ref().is_some_and(Origin::https),
            quality: self.settings.quality,
            pace: self
                .pace
                .count(u64::try_from(millis).unwrap_or(u64::MAX))
                .max(self.crowd()),
        }
    }

    /// The pace that those who are being answered now stand for: ten answers each in a tenth of a
    /// second. The pace alone would mistake a server that compression holds up for one at rest,
    /// and go on compressing as if there were time.
    fn crowd(&self) -> u16 {
        let limit = self.settings.limits.in_flight.min(Semaphore::MAX_PERMITS);
        let others = limit.saturating_sub(self.turns.available_permits());
        u16::try_from(others.saturating_mul(10)).unwrap_or(u16::MAX)
    }
}

/// Answers one request. Never fails: whatever is wrong with the request is an answer too.
pub async fn handle<B>(app: &App, request: Request<B>, peer: impl Into<Peer>) -> Response<Full<Bytes>>
where
    B: Body<Data: Send> + Send,
{
    let began = Instant::now();
    let peer = peer.into();
    let (mut head, body) = request.into_parts();
    let flat = talk::flat(&mut head);
    let wishes = Wishes::of(&head);
    let id = app.numbers.next();
    let site = app.engine.catalog().site();
    let languages = wish::of(&head);
    let visit = app.visit(&head, (&id, &site, &languages));
    let answering = async {
        let call = match flat {
            Ok(()) => request::read(&head, body, peer, &app.settings, app.engine.posts(), &app.room).await,
            Err(problem) => Err(problem),
        };
        let route = call.as_ref().map_or("", Call::route);
        let mut told = Told::default();
        let response = match call {
            Ok(Call::Robots) => response::robots(),
            Ok(Call::Icon) => response::no_icon(),
            Ok(Call::Dictionary { mark }) => app.dictionary(&mark, wishes).await,
            Ok(Call::Callback { token, signature, body }) => {
                response::callback(app.callback(&token, &signature, &body).await)
            }
            Ok(call) => {
                if let Some(place) = app.moved(&call) {
                    response::moved(&place)
                } else {
                    let starts = matches!(call, Call::Start { .. });
                    let drawn;
                    (drawn, told) = app.call(call, &visit).await;
                    app.page(drawn, (&head, &languages), wishes, app.manner(began, peer), starts)
                }
            }
            Err(problem) => {
                let drawn = view::error(problem, &visit);
                response::page(drawn, wishes, app.manner(began, peer), None, None)
            }
        };
        (route, told, response)
    };
    // Whatever is logged on the way says of which request.
    let answered = caught(answering.instrument(tracing::info_span!("request", id))).await;
    let (route, told, response) = answered.unwrap_or_else(|| {
        let response = broken(wishes, app.manner(began, peer), &visit);
        ("", Told::default(), response)
    });
    // No path, no query: both may hold ids.
    tracing::info!(
        request = id,
        method = %head.method,
        route,
        flow = told.flow,
        reference = told.reference,
        status = response.status().as_u16(),
        micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
    response
}

/// The page of a request that broke something; there should be none.
fn broken(wishes: Wishes, manner: Manner, visit: &Visit<'_>) -> Response<Full<Bytes>> {
    tracing::error!(
        request = visit.id,
        "a panic was caught while a request was answered; please report it"
    );
    let mut response = response::page(view::error(Problem::Busy, visit), wishes, manner, None, None);
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// Waits for `work` for as long as `limit`, in time in which this process could run: one that was stopped,
/// or whose machine slept, goes on where it was. `None` if it takes longer.
async fn within<T>(limit: Duration, mut work: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    for _ in 0..PARTS {
        if let Ok(done) = timeout(limit / PARTS, work.as_mut()).await {
            return Some(done);
        }
    }
    None
}

/// Runs `work`; `None` if it panicked.
async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    std::future::poll_fn(move |cx| {
        // The work is dropped after a panic, so nobody sees it half done; what it shares (the
        // engine, the semaphore) guards itself.
        match std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}
