//! One connection: hyper, and the clock beside it.
//!
//! Owns the times of a connection (header, idle), its last request, and its end: by the client, by
//! the clock, by the server. Must not know what is asked and answered. hyper has one timer, which
//! counts the pause between two requests as the time of a header; so it stays unused.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::registry::{Registry, Seat};
use super::watch::{Phase, Watch, Watched};
use super::{App, handle, response};
use crate::limits::Http;

/// After a refusal the rest of the request is taken for so long, so that the client reads the
/// answer before it learns that the connection is gone.
const LINGER: Duration = Duration::from_secs(1);
/// And so many bytes of it.
const LINGER_BYTES: u64 = 1 << 20;
/// While the server stops, a connection whose request has not come is given so long.
const LAST_CALL: Duration = Duration::from_secs(2);

type Answer = Pin<Box<dyn Future<Output = Result<Response<Full<Bytes>>, Infallible>> + Send>>;

/// Serves one connection, which need not be a socket, to its end.
pub async fn serve<I>(io: I, peer: IpAddr, app: Arc<App>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let seat = Registry::new(1).seat();
    seated(io, peer, app, seat).await;
}

/// Serves a connection that has a seat to its end.
pub(super) async fn seated<I>(io: I, peer: IpAddr, app: Arc<App>, mut seat: Seat)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = app.settings().limits.clone();
    let watch = Arc::new(Watch::default());
    let io = TokioIo::new(Watched::new(io, Arc::clone(&watch), limits.write_time));
    let service = {
        let watch = Arc::clone(&watch);
        service_fn(move |request| answer(Arc::clone(&app), Arc::clone(&watch), request, peer))
    };
    let mut hyper = builder(&limits).serve_connection(io, service);
    let mut clock = Clock::new(&limits, Arc::clone(&watch));
    let line = Arc::clone(&seat.line);
    let mut said = pin!(line.said.notified());
    let (mut finishing, mut told) = (false, false);

    let ended = std::future::poll_fn(|cx| {
        finishing = finishing || said.as_mut().poll(cx).is_ready();
        let (turn, phase) = loop {
            if let Poll::Ready(end) = hyper.poll_without_shutdown(cx) {
                return Poll::Ready(Ending::of(end));
            }
            let (turn, phase) = watch.state();
            // hyper would close at once what has not said a word yet; its request may be on the way.
            if !finishing || told || phase == Phase::Fresh {
                break (turn, phase);
            }
            Pin::new(&mut hyper).graceful_shutdown();
            told = true;
        };
        if finishing && phase != Phase::Busy {
            if line.evicted.load(Relaxed) {
                return Poll::Ready(Ending::Cut);
            }
            clock.hurry(LAST_CALL);
        }
        seat.is(turn, phase);
        clock.poll(cx).map(|()| Ending::Cut)
    })
    .await;
    match ended {
        Ending::Cut => {}
        Ending::Said => close(hyper.into_parts().io.into_inner(), watch.unread()).await,
        Ending::Refused => close(hyper.into_parts().io.into_inner(), true).await,
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

fn builder(limits: &Http) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .half_close(true)
        .header_read_timeout(None)
        // A target that is too long is told apart from a header that is, so both fit.
        .max_header_size(limits.header_bytes + limits.target_bytes + 1024);
    builder
}

fn answer(app: Arc<App>, watch: Arc<Watch>, request: Request<Incoming>, peer: IpAddr) -> Answer {
    let turn = watch.begin();
    Box::pin(async move {
        let whole = request.body().is_end_stream();
        let mut response = if watch.flawed() {
            response::refusal()
        } else {
            handle(&app, request, peer).await
        };
        let last = usize::try_from(turn).unwrap_or(usize::MAX) >= app.settings().limits.requests;
        if last {
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        watch.end(!whole && response.status().as_u16() >= 400);
        Ok(response)
    })
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

    /// Ready when the present phase has taken too long.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let state = self.watch.state();
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
                Some(deadline) if deadline <= now => return Poll::Ready(()),
                Some(deadline) => self.sleep.as_mut().reset(deadline),
                None => self.sleep.as_mut().reset(now + self.idle),
            }
        }
        Poll::Pending
    }
}
