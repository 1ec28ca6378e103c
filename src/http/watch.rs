//! The socket under hyper: what hyper does not look at.
//!
//! Owns [`Watched`], a wrapper of the socket that knows in which phase a connection is, refuses
//! framing that two parsers could read in two ways, and gives up on a client that takes no byte of
//! its answer. Must not know HTTP beyond lines and the names of two headers, or, of HTTP/2, frames.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::frames::Frames;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Accepted; its first header is not complete.
    #[default]
    Fresh,
    /// A request is being answered.
    Busy,
    /// Answered; no byte of another request has come.
    Idle,
    /// Some bytes of another header have come.
    Head,
}

/// What is known of a connection, shared between its socket, its service and its timer.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Requests that have begun.
    turn: u64,
    /// Requests that are being answered.
    open: usize,
    /// Headers that have come, also of what hyper answered itself, and requests that were taken
    /// back. Only counted of HTTP/2.
    strain: (u64, u64),
    /// A further one has begun and is not complete. Only of HTTP/2.
    unfinished: bool,
    phase: Phase,
    flawed: bool,
    unread: bool,
    /// Who is to look when the last of several answers is made.
    waker: Option<Waker>,
}

/// A request that is being answered; given up if dropped before its end.
#[derive(Debug)]
pub(super) struct Turn {
    watch: Arc<Watch>,
    /// Which of its connection, from 1.
    pub(super) number: u64,
    ended: bool,
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests have begun, and what is being done.
    pub(super) fn now(&self) -> (u64, Phase) {
        let state = self.state();
        (state.turn, state.phase)
    }

    /// A header is complete.
    pub(super) fn begin(self: &Arc<Self>) -> Turn {
        let mut state = self.state();
        state.turn += 1;
        state.open += 1;
        state.phase = Phase::Busy;
        Turn {
            watch: Arc::clone(self),
            number: state.turn,
            ended: false,
        }
    }

    /// Has `cx` look again when no request is being answered any more: each of several is answered
    /// by a task of its own, which may end after hyper was told that it does.
    pub(super) fn attend(&self, cx: &Context<'_>) {
        let mut state = self.state();
        if !state.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            state.waker = Some(cx.waker().clone());
        }
    }

    fn over(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        state.open = state.open.saturating_sub(1);
        if state.open == 0 {
            state.phase = if state.unfinished { Phase::Head } else { Phase::Idle };
            let waker = state.waker.take();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    /// Bytes have come: of a header, as far as HTTP/1.1 is concerned.
    fn heard(&self, flawed: bool) {
        let mut state = self.state();
        state.flawed |= flawed;
        if state.phase == Phase::Idle {
            state.phase = Phase::Head;
        }
    }

    /// Frames have come.
    fn framed(&self, frames: &Frames) {
        let mut state = self.state();
        state.strain = (frames.headers(), frames.resets());
        state.unfinished = frames.unfinished();
        state.phase = match (state.phase, state.unfinished) {
            (Phase::Idle, true) => Phase::Head,
            // hyper begins a request before anybody looks, unless there is none: a header that is
            // not heeded leaves things as they were. One that has never asked stays fresh.
            (Phase::Head, false) => Phase::Idle,
            (phase, _) => phase,
        };
    }

    /// Whether something was received that two parsers could read in two ways.
    pub(super) fn flawed(&self) -> bool {
        self.state().flawed
    }

    /// Whether to take what the client still sends before closing, lest the answer be lost.
    pub(super) fn unread(&self) -> bool {
        self.state().unread
    }

    /// Of HTTP/2: headers that have come, and requests that were taken back.
    pub(super) fn strain(&self) -> (u64, u64) {
        self.state().strain
    }
}

impl Turn {
    /// The answer is made. `unread` says that a part of the request was perhaps not read.
    pub(super) fn end(mut self, unread: bool) {
        self.ended = true;
        self.watch.over(|state| state.unread = unread);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.ended {
            self.watch.over(|_| ());
        }
    }
}

/// How what comes is looked at.
#[derive(Debug)]
enum Reading {
    Lines(Lines),
    Frames(Frames),
}

/// A socket that is watched.
#[derive(Debug)]
pub(super) struct Watched<T> {
    inner: T,
    watch: Arc<Watch>,
    reading: Reading,
    patience: Duration,
    stall: Option<Pin<Box<Sleep>>>,
}

impl<T> Watched<T> {
    /// Wraps `inner`; `patience` is how long a write may make no progress.
    pub(super) fn new(inner: T, watch: Arc<Watch>, patience: Duration, h2: bool) -> Self {
        let reading = if h2 {
            Reading::Frames(Frames::default())
        } else {
            Reading::Lines(Lines::default())
        };
        Self {
            inner,
            watch,
            reading,
            patience,
            stall: None,
        }
    }

    /// Passes on what a write came to; an error once nothing was taken for too long.
    fn stalled<R>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let patience = self.patience;
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(stall.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        let news = buf.filled().get(before..).unwrap_or_default();
        if !news.is_empty() {
            let this = &mut *self;
            match &mut this.reading {
                Reading::Lines(lines) => this.watch.heard(lines.flawed_by(news)),
                Reading::Frames(frames) => {
                    frames.pass(news);
                    this.watch.framed(frames);
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.stalled(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.stalled(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.stalled(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.stalled(cx, shut)
    }
}

/// Looks at a stream line by line for what makes the end of a request doubtful: both a length and
/// a transfer coding, or either of them twice, or a line of a header that ends without CR.
///
/// hyper takes the first of these by the rules of RFC 9112 and the second without a word; neither
/// comes from a browser. Lines are counted over the whole stream: every header stands in lines of
/// its own between an empty line or a body and an empty line, so that none is missed; that a body
/// might look like one only refuses what no form sends.
#[derive(Debug, Default)]
struct Lines {
    /// The beginning of the line, lower case.
    front: [u8; 18],
    /// Its length so far.
    length: usize,
    /// Its last bytes.
    last: u128,
    /// Of this block of lines: a request line, lengths, codings.
    request: bool,
    lengths: u8,
    codings: u8,
}

impl Lines {
    fn flawed_by(&mut self, bytes: &[u8]) -> bool {
        let mut flawed = false;
        for byte in bytes {
            if *byte == b'\n' {
                flawed |= self.line_ends();
            } else {
                if let Some(place) = self.front.get_mut(self.length) {
                    *place = byte.to_ascii_lowercase();
                }
                self.length += 1;
                self.last = self.last << 8 | u128::from(*byte);
            }
        }
        flawed
    }

    fn line_ends(&mut self) -> bool {
        let has_cr = self.length > 0 && self.last.to_be_bytes().ends_with(b"\r");
        let text = self.last.to_be_bytes();
        let text = if has_cr { text.split_at(15).0 } else { &text };
        let empty = self.length == usize::from(has_cr);
        self.request |= text.ends_with(b" HTTP/1.1") || text.ends_with(b" HTTP/1.0");
        let front = self.front.get(..self.length.min(18)).unwrap_or_default();
        self.lengths = self
            .lengths
            .saturating_add(u8::from(front.starts_with(b"content-length:")));
        self.codings = self
            .codings
            .saturating_add(u8::from(front.starts_with(b"transfer-encoding:")));
        let flawed = self.request && (!has_cr || self.lengths + self.codings > 1);
        let block = (self.request, self.lengths, self.codings);
        let (request, lengths, codings) = if empty { (false, 0, 0) } else { block };
        *self = Self {
            request,
            lengths,
            codings,
            ..Self::default()
        };
        flawed
    }
}
