//! hyper, in the one version of HTTP or the other, and the service that it calls.
//!
//! Owns the options that hyper gets, and what a request of HTTP/2 has to look like for what comes
//! after, which knows HTTP/1.1. Must not know the time, nor what is asked and answered.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, DATE, HOST, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper::{Method, Request, Response, Uri, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::SetOnce;

use super::watch::{Watch, Watched};
use super::{App, Peer, handle, origin, response};
use crate::limits::{self, Http};
use crate::view::Problem;

/// The largest window of HTTP/2.
const WINDOW: usize = (1 << 31) - 1;
/// What a field of a header counts for beyond its bytes in HTTP/2 (RFC 9113, 6.5.2).
const FIELD: usize = 32;

type Answered = Pin<Box<dyn Future<Output = Result<Response<Full<Bytes>>, Infallible>> + Send>>;
type Io<I> = TokioIo<Watched<I>>;

/// One connection as hyper has it.
pub(super) enum Talk<I>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    One(Box<http1::Connection<Io<I>, Answering>>),
    Two(Box<http2::Connection<Io<I>, Answering, TokioExecutor>>),
}

impl<I> Talk<I>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    pub(super) fn new(io: Watched<I>, h2: bool, answering: Answering, limits: &Http) -> Self {
        let io = TokioIo::new(io);
        if h2 {
            Self::Two(Box::new(two(limits).serve_connection(io, answering)))
        } else {
            Self::One(Box::new(one(limits).serve_connection(io, answering)))
        }
    }

    /// Goes on; ready at the end, which is not yet that of the socket in HTTP/1.1.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        match self {
            Self::One(hyper) => hyper.poll_without_shutdown(cx),
            Self::Two(hyper) => Pin::new(&mut **hyper).poll(cx),
        }
    }

    /// Takes no further request than those that are on their way.
    pub(super) fn finish(&mut self) {
        match self {
            Self::One(hyper) => Pin::new(&mut **hyper).graceful_shutdown(),
            Self::Two(hyper) => Pin::new(&mut **hyper).graceful_shutdown(),
        }
    }

    /// The socket, if it is ours to close.
    pub(super) fn into_io(self) -> Option<Watched<I>> {
        match self {
            Self::One(hyper) => Some(hyper.into_parts().io.into_inner()),
            Self::Two(_) => None,
        }
    }
}

fn one(limits: &Http) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .half_close(true)
        .header_read_timeout(None)
        // A target that is too long is told apart from a header that is, so both fit.
        .max_header_size(limits.header_bytes + limits.target_bytes + 1024);
    builder
}

fn two(limits: &Http) -> http2::Builder<TokioExecutor> {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let window = number(limits.window_bytes.min(WINDOW));
    let header = limits.header_bytes + limits.target_bytes + 1024 + FIELD * limits.headers;
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .max_concurrent_streams(number(limits.streams))
        .max_pending_accept_reset_streams(limits.resets)
        .max_local_error_reset_streams(limits.resets)
        .max_header_list_size(number(header))
        .initial_stream_window_size(window)
        .initial_connection_window_size(window)
        .max_frame_size(limits::FRAME_BYTES);
    builder
}

/// What hyper calls with each request.
pub(super) struct Answering {
    pub(super) app: Arc<App>,
    pub(super) watch: Arc<Watch>,
    pub(super) peer: Peer,
    /// Set once nothing that comes can be a copy of what was sent before.
    pub(super) settled: Arc<SetOnce<()>>,
}

/// A moment in milliseconds since 1970. hyper's own is made anew only when the clock has gone on: where the
/// clock is set back it would stand still until then.
fn date(now: i64) -> Option<HeaderValue> {
    let now = jiff::Timestamp::from_millisecond(now).ok()?;
    let text = jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&now)
        .ok()?;
    HeaderValue::try_from(text).ok()
}

impl Service<Request<Incoming>> for Answering {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Answered;

    fn call(&self, request: Request<Incoming>) -> Answered {
        let turn = self.watch.begin();
        let (app, watch) = (Arc::clone(&self.app), Arc::clone(&self.watch));
        let (peer, settled) = (self.peer, Arc::clone(&self.settled));
        Box::pin(async move {
            if !request.method().is_safe() {
                settled.wait().await;
            }
            let whole = request.body().is_end_stream();
            let h2 = request.version() == Version::HTTP_2;
            let bare = h2 && request.method() == Method::HEAD;
            let mut response = if watch.flawed() {
                response::refusal()
            } else {
                Box::pin(handle(&app, request, peer)).await
            };
            // A connection of HTTP/2 is told by its own means.
            if !h2 && usize::try_from(turn.number).unwrap_or(usize::MAX) >= app.settings().limits.requests {
                response
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
            }
            // As the wall clock says, like those of other servers: nothing runs out by it.
            if let Some(date) = date(app.engine.wall()) {
                response.headers_mut().insert(DATE, date);
            }
            if bare {
                strip(&mut response);
            }
            turn.end(!whole && response.status().as_u16() >= 400);
            Ok(response)
        })
    }
}

/// Leaves the header alone, as it is with its body: hyper does that by itself only in HTTP/1.1.
fn strip(response: &mut Response<Full<Bytes>>) {
    let body = std::mem::take(response.body_mut());
    // An answer that never has a body says no length.
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// Gives the header of a request that names its host in the target, as all of HTTP/2 do and those of
/// HTTP/1.1 that think us a proxy, the usual shape: the host in `Host`, the target without it.
///
/// # Errors
/// [`Problem::Bad`] if it names two hosts, or is no request to a server.
pub(super) fn flat(head: &mut Parts) -> Result<(), Problem> {
    let Some(authority) = head.uri.authority() else {
        return Ok(());
    };
    let https = match head.uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        // A tunnel to somewhere.
        _ if head.version != Version::HTTP_2 => return Err(Problem::Bad),
        _ => false,
    };
    let same = |host: &HeaderValue| {
        host.to_str()
            .is_ok_and(|host| origin::is_same_host(host, authority.as_str(), https))
    };
    // RFC 9112, 3.2: in HTTP/1.1 it stands in any case.
    let lacks = head.version == Version::HTTP_11 && !head.headers.contains_key(HOST);
    let said = || head.headers.get_all(HOST).iter();
    if lacks || said().count() > 1 || !said().all(same) {
        return Err(Problem::Bad);
    }
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| Problem::Bad)?;
    let target = head.uri.path_and_query().cloned().ok_or(Problem::Bad)?;
    head.headers.insert(HOST, host);
    head.uri = Uri::from(target);
    Ok(())
}
