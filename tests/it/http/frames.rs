//! HTTP/2 frame by frame: a client that sends what no honest one does.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use deity::http::{Keys, serve_tls};
use deity::limits::Http;
use http_body_util::Full;
use hyper::Request;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::h2::over_h2;
use super::tls::{Secured, connect, handshake};
use super::{PEER, bounded, post};
use crate::support::tls::{Pair, client};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RESET: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
pub const REFUSED_STREAM: u8 = 7;

/// All that a client of HTTP/2 sends for one request, from the first byte on.
pub async fn in_h2(request: Request<Full<Bytes>>) -> Vec<u8> {
    let (io, mut wire) = tokio::io::duplex(1 << 16);
    let recorded = tokio::spawn(async move {
        let mut bytes = Vec::new();
        while !ends_a_stream(&bytes) {
            assert!(wire.read_buf(&mut bytes).await.unwrap() > 0);
        }
        bytes
    });
    // Nobody answers: the request fails when all of it was said.
    assert!(over_h2(io, request).await.is_err());
    recorded.await.unwrap()
}

/// The frames in these bytes, whole ones.
fn frames(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while let [a, b, c, _, ..] = *bytes {
        let length = 9 + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c));
        let Some((frame, rest)) = bytes.split_at_checked(length) else {
            break;
        };
        frames.push(frame);
        bytes = rest;
    }
    frames
}

/// Whether the last of these frames is the last of its stream.
fn ends_a_stream(bytes: &[u8]) -> bool {
    let frames = frames(bytes.get(24..).unwrap_or_default());
    let length: usize = frames.iter().map(|frame| frame.len()).sum();
    let ends = |frame: &&[u8]| frame[3] <= HEADERS && frame[4] & END_STREAM != 0;
    length + 24 == bytes.len() && frames.last().is_some_and(ends)
}

/// A client that says which frames it sends.
pub struct Raw<I> {
    io: TlsStream<I>,
    heard: Vec<u8>,
    /// The block of a header: hyper's, which may be sent on any stream.
    pub block: Vec<u8>,
}

/// A frame that was heard.
#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub content: Vec<u8>,
}

pub fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), content].concat()
}

impl<I: AsyncRead + AsyncWrite + Unpin> Raw<I> {
    /// Says the preface and `settings`, and is ready to ask for `request`.
    pub async fn open(io: TlsStream<I>, request: Request<Full<Bytes>>, settings: &[u8]) -> Self {
        let said = in_h2(request).await;
        let block = frames(&said[24..]).iter().find(|frame| frame[3] == HEADERS).unwrap()[9..].to_vec();
        let heard = Vec::new();
        let mut raw = Self { io, heard, block };
        raw.send(&[&said[..24], &frame(SETTINGS, 0, 0, settings)].concat())
            .await
            .unwrap();
        raw
    }

    pub async fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.io.write_all(bytes).await?;
        self.io.flush().await
    }

    pub async fn ask(&mut self, stream: u32, flags: u8) -> std::io::Result<()> {
        let asked = frame(HEADERS, END_HEADERS | flags, stream, &self.block);
        self.send(&asked).await
    }

    /// The next frame; `None` at the end.
    pub async fn hear(&mut self) -> Option<Frame> {
        loop {
            if let Some(first) = frames(&self.heard).first() {
                let length = first.len();
                let stream = u32::from_be_bytes(first[5..9].try_into().unwrap());
                let (kind, flags, content) = (first[3], first[4], first[9..].to_vec());
                self.heard.drain(..length);
                return Some(Frame {
                    kind,
                    flags,
                    stream,
                    content,
                });
            }
            match self.io.read_buf(&mut self.heard).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Reads on to a frame of this kind; `None` if the end comes first.
    pub async fn hear_a(&mut self, kind: u8) -> Option<Frame> {
        loop {
            let heard = timeout(Duration::from_secs(300), self.hear())
                .await
                .expect("it answers, or closes")?;
            if heard.kind == kind {
                return Some(heard);
            }
        }
    }

    /// Whether the server still answers.
    pub async fn ping(&mut self) -> bool {
        self.send(&frame(PING, 0, 0, b"12345678")).await.is_ok() && self.hear_a(PING).await.is_some()
    }
}

pub fn form() -> Request<Full<Bytes>> {
    post("/a", &[], "a=1")
}

pub async fn raw(server: &Secured, request: Request<Full<Bytes>>) -> Raw<TcpStream> {
    let io = connect(server.tls, &server.client(&["h2"])).await.unwrap();
    Raw::open(io, request, &[]).await
}

/// A connection without a socket, where time stands still.
pub async fn still(limits: &Http, request: Request<Full<Bytes>>, settings: &[u8]) -> Raw<DuplexStream> {
    let app = bounded(limits.clone()).await;
    let pair = Pair::new();
    let keys = Keys::load(pair.files(), limits).unwrap();
    let (io, server) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { serve_tls(server, PEER, app, &keys).await });
    let config = Arc::new(client(&pair.der, &["h2"], false));
    Raw::open(handshake(io, &config).await.unwrap(), request, settings).await
}
