//! TLS under HTTP: a stream whose first request may come before its handshake is finished.
//!
//! Owns [`Secure`], and what may be read of early data (0-RTT) when. Must not know certificates,
//! nor HTTP beyond the first word and the end of a header. It is here because the stream of
//! tokio-rustls has no early data on a server's side.
//!
//! Early data may be sent again by whoever saw it. Tickets are good for one handshake, so a copy
//! is refused; but a copy that comes *before* the original, which was held up on its way, is not.
//! The person would have sent the form again, changed it, gone on; and the form that was held up
//! would change it back. So early data is only answered at once if it is a GET, which changes
//! nothing. Whatever else is in it waits for the end of the handshake, which only the client that
//! holds the keys can bring about: as safe as the 425 of RFC 8470, and it spares the client a
//! round trip and a second sending of the form.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::SetOnce;
use tokio_rustls::rustls::{self, ServerConfig, ServerConnection};

/// The protocol of HTTP/2 in a handshake.
pub(super) const H2: &[u8] = b"h2";

/// A stream that speaks TLS as a server does.
#[derive(Debug)]
pub(super) struct Secure<I> {
    io: I,
    tls: ServerConnection,
    /// What came early and was not read yet.
    early: Vec<u8>,
    /// So much of it may be read.
    open: usize,
    /// The header of an early GET was passed on: the rest waits.
    began: bool,
    /// The client sends no more.
    ended: bool,
    /// We send no more.
    closed: bool,
    settled: Arc<SetOnce<()>>,
}

impl<I: AsyncRead + AsyncWrite + Unpin> Secure<I> {
    /// Speaks TLS on `io`.
    ///
    /// # Errors
    /// If the configuration cannot be used.
    pub(super) fn new(io: I, config: Arc<ServerConfig>) -> Result<Self, rustls::Error> {
        Ok(Self {
            io,
            tls: ServerConnection::new(config)?,
            early: Vec::new(),
            open: 0,
            began: false,
            ended: false,
            closed: false,
            settled: Arc::default(),
        })
    }

    /// Set once the handshake is finished: what comes from then on cannot be a copy.
    pub(super) fn settled(&self) -> Arc<SetOnce<()>> {
        Arc::clone(&self.settled)
    }

    /// Whether the client wants HTTP/2; known once the stream is ready.
    pub(super) fn is_h2(&self) -> bool {
        self.tls.alpn_protocol() == Some(H2)
    }

    /// Ready when the handshake is finished, or early data was let in.
    ///
    /// # Errors
    /// If there is no handshake; the client was told, if it speaks TLS at all.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if let Poll::Ready(written) = self.poll_out(cx) {
                written?;
            }
            if !self.tls.is_handshaking() || self.tls.early_data().is_some() {
                return Poll::Ready(Ok(()));
            }
            if self.ended {
                return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
            }
            ready!(self.poll_in(cx))?;
        }
    }

    /// Takes what the client sends, and answers what TLS itself has to answer.
    fn poll_in(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.tls.read_tls(&mut Sync(&mut self.io, cx)) {
            Ok(0) => self.ended = true,
            Ok(_) => {}
            Err(why) if why.kind() == ErrorKind::WouldBlock => return Poll::Pending,
            Err(why) => return Poll::Ready(Err(why)),
        }
        if let Err(why) = self.tls.process_new_packets() {
            // There is an alert to be sent; whether it arrives makes no difference here.
            if self.poll_out(cx).is_pending() {
                tracing::debug!("an alert was not taken");
            }
            return Poll::Ready(Err(io::Error::new(ErrorKind::InvalidData, why)));
        }
        if let Some(mut early) = self.tls.early_data() {
            early.read_to_end(&mut self.early)?;
        }
        if !self.tls.is_handshaking() && self.settled.set(()).is_ok() {
            self.open = self.early.len();
        } else if !self.settled.initialized() {
            self.admit();
        }
        // Tickets, for one. If they are not taken now, they go out with the answer.
        if let Poll::Ready(written) = self.poll_out(cx) {
            written?;
        }
        Poll::Ready(Ok(()))
    }

    /// Decides what of the early data may be read now. Streams of HTTP/2 wait each for itself.
    fn admit(&mut self) {
        if self.is_h2() {
            self.open = self.early.len();
        } else if !self.began && (self.early.starts_with(b"GET ") || self.early.starts_with(b"HEAD ")) {
            let end = self.early.windows(4).position(|four| four == b"\r\n\r\n");
            self.open = end.map_or(0, |end| end + 4);
            self.began = end.is_some();
        }
    }

    /// Sends what there is to be sent.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut Sync(&mut self.io, cx)) {
                Ok(0) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Ok(_) => {}
                Err(why) if why.kind() == ErrorKind::WouldBlock => return Poll::Pending,
                Err(why) => return Poll::Ready(Err(why)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Puts into `buf` what was received for it; whether that was anything, or the end.
    fn take(&mut self, buf: &mut ReadBuf<'_>) -> io::Result<bool> {
        let some = self.open.min(buf.remaining());
        if some > 0 {
            buf.put_slice(self.early.get(..some).unwrap_or_default());
            self.early.drain(..some);
            self.open -= some;
            return Ok(true);
        }
        if !self.settled.initialized() {
            return Ok(false);
        }
        match self.tls.reader().read(buf.initialize_unfilled()) {
            Ok(n) => {
                buf.advance(n);
                Ok(true)
            }
            Err(why) if why.kind() == ErrorKind::WouldBlock => Ok(false),
            // Browsers often just hang up; requests have lengths of their own.
            Err(why) if why.kind() == ErrorKind::UnexpectedEof => Ok(true),
            Err(why) => Err(why),
        }
    }

    /// Sends what `fill` puts into TLS, as far as there is room for it.
    fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        fill: impl Fn(&mut rustls::Writer<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let mut filled = fill(&mut self.tls.writer())?;
        loop {
            let out = self.poll_out(cx);
            match out {
                Poll::Ready(written) => written?,
                Poll::Pending if filled == 0 => return Poll::Pending,
                Poll::Pending => {}
            }
            if filled > 0 {
                return Poll::Ready(Ok(filled));
            }
            filled = fill(&mut self.tls.writer())?;
            if filled == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
        }
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncRead for Secure<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while buf.remaining() > 0 && !this.take(buf)? && !this.ended {
            ready!(this.poll_in(cx))?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Secure<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.poll_fill(cx, |tls| tls.write(buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        self.poll_fill(cx, |tls| tls.write_vectored(bufs))
    }

    /// Header and body in one record.
    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_out(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closed {
            self.closed = true;
            self.tls.send_close_notify();
        }
        ready!(self.poll_out(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// A stream as rustls reads and writes it: not ready is an error there.
struct Sync<'a, 'b, I>(&'a mut I, &'a mut Context<'b>);

impl<I> Sync<'_, '_, I> {
    fn asked<T>(polled: Poll<io::Result<T>>) -> io::Result<T> {
        match polled {
            Poll::Ready(result) => result,
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

impl<I: AsyncRead + Unpin> io::Read for Sync<'_, '_, I> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        let Self(io, cx) = self;
        Self::asked(Pin::new(&mut **io).poll_read(cx, &mut buf))?;
        Ok(buf.filled().len())
    }
}

impl<I: AsyncWrite + Unpin> io::Write for Sync<'_, '_, I> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let Self(io, cx) = self;
        Self::asked(Pin::new(&mut **io).poll_write(cx, buf))
    }

    fn write_vectored(&mut self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
        let Self(io, cx) = self;
        Self::asked(Pin::new(&mut **io).poll_write_vectored(cx, bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        let Self(io, cx) = self;
        Self::asked(Pin::new(&mut **io).poll_flush(cx))
    }
}
