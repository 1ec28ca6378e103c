//! A server that really runs, asked over real sockets.
//!
//! Owns the connections as browsers keep them, and the clock: what the model of a line says can be
//! held against what a real line does. Must not know pages or walks.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::browser::{self, Kind};

/// Nobody waits longer for a page.
const PATIENCE: Duration = Duration::from_mins(5);
/// No answer is longer.
const ANSWER_BYTES: usize = 32 << 20;

/// A browser's connections to a server.
#[derive(Debug)]
pub(super) struct Socket {
    address: String,
    kind: Kind,
    think: Duration,
    kept: Option<TcpStream>,
    asked: bool,
}

impl Socket {
    /// To the server at `host:port`; from page to page the person takes `think`.
    pub(super) fn new(address: &str, kind: Kind, think: Duration) -> Self {
        Self {
            address: address.to_owned(),
            kind,
            think,
            kept: None,
            asked: false,
        }
    }

    /// One request: the answer, and how long it took from the start of connecting to its last byte.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<(Vec<u8>, Duration), String> {
        if self.asked {
            tokio::time::sleep(self.think).await;
        }
        self.asked = true;
        let exchange = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        let done = exchange.map_err(|_| "no answer in five minutes".to_owned())?;
        done.map_err(|why| format!("{}: {why}", self.address))
    }

    async fn exchange(&mut self, request: &[u8]) -> std::io::Result<(Vec<u8>, Duration)> {
        let began = Instant::now();
        let mut bytes = Vec::new();
        if let Some(stream) = self.kept.take() {
            let done = self.over(stream, request, began, &mut bytes).await;
            if !bytes.is_empty() {
                return done.map(|took| (bytes, took));
            }
            // Servers close a connection while a person thinks for long: browsers open another then.
        }
        let stream = TcpStream::connect(&self.address).await?;
        let took = self.over(stream, request, began, &mut bytes).await?;
        Ok((bytes, took))
    }

    /// Asks over a connection, and keeps it as the browser does. `bytes` gets the answer, and has a part
    /// of it where the rest did not come.
    async fn over(
        &mut self,
        mut stream: TcpStream,
        request: &[u8],
        began: Instant,
        bytes: &mut Vec<u8>,
    ) -> std::io::Result<Duration> {
        stream.set_nodelay(true)?;
        stream.write_all(request).await?;
        let mut part = vec![0; 64 << 10];
        let (took, closed) = loop {
            let n = stream.read(&mut part).await?;
            bytes.extend_from_slice(part.get(..n).unwrap_or_default());
            if n == 0 || browser::is_whole(bytes) || bytes.len() > ANSWER_BYTES {
                break (began.elapsed(), n == 0);
            }
        };
        match self.kind {
            Kind::Modern if closed => {}
            Kind::Modern => self.kept = Some(stream),
            // Its server closes; then it does.
            Kind::Text => while stream.read(&mut part).await? > 0 {},
        }
        Ok(took)
    }
}
