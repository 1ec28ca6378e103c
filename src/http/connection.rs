//! One connection: hyper, and the clock beside it.
//!
//! Owns the times of a connection (handshake, header, idle), its last request, and its end: by the
//! client, by the clock, by the server. Must not know what is asked and answered. hyper has one
//! timer, which counts the pause between two requests as the time of a header; so it stays unused.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::SetOnce;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout};
use tokio_rustls::rustls::ServerConfig;

use super::registry::{Line, Registry, Seat};
use super::secure::Secure;
use super::talk::{Answering, Talk};
use super::watch::{Phase, Watch, Watched};
use super::{App, Keys, Peer};
use crate::limits::Http;

/// After a refusal the rest of the request is taken for so long, so that the client reads the
/// answer before it learns that the connection is gone.
const LINGER: Duration = Duration::from_secs(1);
/// And so many bytes of it.
const LINGER_BYTES: u64 = 1 << 20;
/// While the server stops, a connection whose request has not come is given so long.
const LAST_CALL: Duration = Duration::from_secs(2);
/// Later than this after its time a timer is looked at only where this process did not run.
const LATE: Duration = Duration::from_secs(1);

/// Serves one connection, which need not be a socket, to its end.
pub async fn serve<I>(io: I, peer: impl Into<Peer>, app: Arc<App>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let seat = Registry::new(1).seat();
    seated(io, peer.into(), app, seat).await;
}

/// The same over TLS.
pub async fn serve_tls<I>(io: I, peer: impl Into<Peer>, app: Arc<App>, keys: &Keys)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let seat = Registry::new(1).seat();
    greeted(io, peer.into(), app, seat, keys.config()).await;
}

/// Serves a connection that has a seat to its end.
pub(super) async fn seated<I>(io: I, peer: Peer, app: Arc<App>, seat: Seat)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let settled = Arc::new(SetOnce::new_with(Some(())));
    talk(io, peer, app, seat, false, settled).await;
}

/// Makes a handshake first. Until that is finished the seat is that of an unfinished header.
pub(super) async fn greeted<I>(io: I, peer: Peer, app: Arc<App>, seat: Seat, config: Arc<ServerConfig>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut io = match Secure::new(io, config) {
        Ok(io) => io,
        Err(error) => return tracing::error!(%error, "TLS cannot be spoken"),
    };
    let ready = std::future::poll_fn(|cx| io.poll_ready(cx));
    let ready = tokio::select! {
        ready = timeout(app.settings().limits.handshake_time, ready) => ready,
        () = given_up(&seat.line) => return,
    };
    match ready {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return tracing::debug!(%error, "no handshake"),
        Err(_) => return tracing::debug!("a handshake took too long"),
    }
    let peer = Peer { tls: true, ..peer };
    let (h2, settled) = (io.is_h2(), io.settled());
    talk(io, peer, app, seat, h2, settled).await;
}

/// Ready when a connection that has not asked for anything has to go.
async fn given_up(line: &Line) {
    line.said.notified().await;
    // It is kept for who comes after.
    line.said.notify_one();
    if !line.evicted.load(Relaxed) {
        sleep(LAST_CALL).await;
    }
}

async fn talk<I>(io: I, peer: Peer, app: Arc<App>, seat: Seat, h2: bool, settled: Arc<SetOnce<()>>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = app.settings().limits.clone();
    let watch = Arc::new(Watch::default());
    let io = Watched::new(io, Arc::clone(&watch), limits.write_time, h2);
    let answering = Answering {
        app,
        watch: Arc::clone(&watch),
        peer,
        settled: Arc::clone(&settled),
    };
    let early = !settled.initialized();
    let line = Arc::clone(&seat.line);
    let mut connection = Connection {
        hyper: Talk::new(io, h2, answering, &limits),
        clock: Clock::new(&limits, Arc::clone(&watch)),
        unsettled: early.then(|| Box::pin(sleep(limits.handshake_time))),
        watch,
        seat,
        limits,
        settled,
        h2,
        leaving: false,
        told: false,
    };
    let mut said = pin!(line.said.notified());
    let ended = std::future::poll_fn(|cx| {
        connection.leaving |= said.as_mut().poll(cx).is_ready();
        connection.poll(cx)
    })
    .await;
    let unread = connection.watch.unread();
    // hyper has closed a connection of HTTP/2 by itself.
    let Some(io) = connection.hyper.into_io() else { return };
    match ended {
        Ending::Cut => {}
        Ending::Said => close(io, unread || early).await,
        Ending::Refused => close(io, true).await,
    }
}

/// A connection that is being served.
struct Connection<I>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    hyper: Talk<I>,
    clock: Clock,
    watch: Arc<Watch>,
    seat: Seat,
    limits: Http,
    settled: Arc<SetOnce<()>>,
    /// What was answered early does not keep a connection whose handshake never ends.
    unsettled: Option<Pin<Box<Sleep>>>,
    h2: bool,
    /// It is to end.
    leaving: bool,
    /// hyper knows.
    told: bool,
}

impl<I> Connection<I>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        loop {
            if self.h2 {
                self.watch.attend(cx);
            }
            if let Poll::Ready(end) = self.hyper.poll(cx) {
                return Poll::Ready(Ending::of(end));
            }
            let (turn, phase) = self.watch.now();
            if self.h2 {
                match Strain::of(&self.watch, &self.limits) {
                    Strain::TooMuch => return Poll::Ready(Ending::Cut),
                    Strain::Enough => self.leaving = true,
                    Strain::Little => {}
                }
            }
            // hyper would close HTTP/1.1 at once where not a word was said; a request may be on the way.
            if self.leaving && !self.told && (phase != Phase::Fresh || self.h2) {
                self.hyper.finish();
                self.told = true;
                continue;
            }
            if self.poll_handshake(cx).is_ready() {
                return Poll::Ready(Ending::Cut);
            }
            if self.leaving && phase != Phase::Busy {
                if self.seat.line.evicted.load(Relaxed) {
                    return Poll::Ready(Ending::Cut);
                }
                self.clock.hurry(LAST_CALL);
            }
            self.seat.is(turn, phase);
            if self.clock.poll(cx).is_pending() {
                return Poll::Pending;
            }
            if phase != Phase::Idle {
                return Poll::Ready(Ending::Cut);
            }
            // With a word of TLS, or, of HTTP/2, with one that says what is still answered.
            if !self.h2 {
                return Poll::Ready(Ending::Said);
            }
            if self.leaving {
                return Poll::Ready(Ending::Cut);
            }
            self.leaving = true;
            self.clock.grant(LAST_CALL);
        }
    }

    /// Ready when a handshake that goes on beside its first request takes too long.
    fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.settled.initialized() {
            self.unsettled = None;
        }
        match &mut self.unsettled {
            Some(sleep) => sleep.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

/// How much a connection of HTTP/2 has cost so far.
enum Strain {
    Little,
    /// As many requests as one connection may send: it is told so.
    Enough,
    /// It was told and goes on, or takes back what it asks for.
    TooMuch,
}

impl Strain {
    fn of(watch: &Watch, limits: &Http) -> Self {
        let (headers, resets) = watch.strain();
        let [requests, streams, most] =
            [limits.requests, limits.streams, limits.resets].map(|limit| u64::try_from(limit).unwrap_or(u64::MAX));
        // What was on its way when it was told is still answered.
        if resets > most || headers.saturating_sub(requests) > streams {
            Self::TooMuch
        } else if headers >= requests {
            Self::Enough
        } else {
            Self::Little
        }
    }
}

/// How a connection comes to its end.
enum Ending {
    /// All was said.
    Said,
    /// By hyper's own answer to what is no request; more of that may be coming.
    Refused,
    /// The client is gone, or has to go.
    Cut,
}

impl Ending {
    fn of(end: hyper::Result<()>) -> Self {
        match end {
            Ok(()) => Self::Said,
            Err(error) if error.is_parse() => Self::Refused,
            Err(_) => Self::Cut,
        }
    }
}

/// Ends what hyper ended, without cutting off an answer that is on its way.
async fn close<I>(mut io: Watched<I>, unread: bool)
where
    I: AsyncRead + AsyncWrite + Unpin,
{
    if io.shutdown().await.is_err() || !unread {
        return;
    }
    let mut rest = io.take(LINGER_BYTES);
    let mut sink = tokio::io::sink();
    if timeout(LINGER, tokio::io::copy(&mut rest, &mut sink)).await.is_err() {
        tracing::debug!("a client goes on sending what was refused");
    }
}

/// The deadline of a connection's present phase. Its timer is armed anew only where that comes
/// earlier than before; else it goes off, finds that it is not time yet, and is set again.
struct Clock {
    watch: Arc<Watch>,
    header: Duration,
    idle: Duration,
    seen: (u64, Phase),
    deadline: Option<Instant>,
    hurried: Option<Instant>,
    sleep: Pin<Box<Sleep>>,
}

impl Clock {
    fn new(limits: &Http, watch: Arc<Watch>) -> Self {
        let deadline = Instant::now() + limits.header_time;
        Self {
            watch,
            header: limits.header_time,
            idle: limits.idle_time,
            seen: (0, Phase::Fresh),
            deadline: Some(deadline),
            hurried: None,
            sleep: Box::pin(sleep_until(deadline)),
        }
    }

    /// From now on no header and no pause may take longer than `rest`.
    fn hurry(&mut self, rest: Duration) {
        let hurried = *self.hurried.get_or_insert_with(|| Instant::now() + rest);
        self.deadline = Some(self.deadline.map_or(hurried, |deadline| deadline.min(hurried)));
    }

    /// `rest` more than the present phase had, and no more after that.
    fn grant(&mut self, rest: Duration) {
        let end = Instant::now() + rest;
        (self.hurried, self.deadline) = (Some(end), Some(end));
    }

    /// Ready when the present phase has taken too long.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let state = self.watch.now();
        if state != self.seen {
            self.seen = state;
            self.deadline = match state.1 {
                Phase::Fresh | Phase::Head => Some(Instant::now() + self.header),
                Phase::Idle => Some(Instant::now() + self.idle),
                Phase::Busy => None,
            };
            if let (Some(hurried), Some(deadline)) = (self.hurried, self.deadline) {
                self.deadline = Some(deadline.min(hurried));
            }
        }
        if let Some(deadline) = self.deadline
            && deadline < self.sleep.deadline()
        {
            self.sleep.as_mut().reset(deadline);
        }
        while self.sleep.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            match self.deadline {
                Some(deadline) if deadline + LATE <= now => {
                    // Nobody looked when it was time: this process did not run. What came meanwhile is read
                    // first.
                    self.deadline = Some(now + LATE);
                    self.sleep.as_mut().reset(now + LATE);
                }
                Some(deadline) if deadline <= now => return Poll::Ready(()),
                Some(deadline) => self.sleep.as_mut().reset(deadline),
                None => self.sleep.as_mut().reset(now + self.idle),
            }
        }
        Poll::Pending
    }
}
