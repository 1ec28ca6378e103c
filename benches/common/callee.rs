//! Those who are called by effects: a server that answers at once, or after a while.
//!
//! Owns that server, what it remembers of its calls, and a client with connections that are kept.
//! Must not know who calls.

use std::convert::Infallible;
use std::io::{Error, Result};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};

use super::connection;
use super::process::Server;

/// What it answers to everything.
pub const ANSWER: &str = r#"{"reference":"R-1"}"#;
/// What is sent to it.
pub const ASKED: &str = r#"{"name":"Ada Lovelace"}"#;
/// Where it takes its time.
pub const SLOW: Duration = Duration::from_secs(2);

/// What a callee remembers.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Told {
    /// Calls so far.
    pub calls: u64,
    /// Connections so far, that of who asks included.
    pub connections: u64,
    /// When the last call had arrived, in microseconds since 1970.
    pub last: u64,
}

#[derive(Default)]
struct State {
    calls: AtomicU64,
    connections: AtomicU64,
    last: AtomicU64,
}

/// Starts it as a process of its own.
pub fn start(log: &Path) -> Result<Server> {
    let mut command = Command::new(std::env::current_exe()?);
    Server::start(command.arg("--callee"), log)
}

/// Serves until the process is ended; prints its address first.
pub fn run() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listens on {}", listener.local_addr()?);
        let state = Arc::new(State::default());
        loop {
            let (stream, _) = listener.accept().await?;
            state.connections.fetch_add(1, Relaxed);
            let state = Arc::clone(&state);
            tokio::spawn(connection(stream, move |request| answer(Arc::clone(&state), request)));
        }
    })
}

async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let now = micros();
    let path = request.uri().path().to_owned();
    drop(request.into_body().collect().await);
    if path == "/told" {
        let told = Told {
            calls: state.calls.load(Relaxed),
            connections: state.connections.load(Relaxed),
            last: state.last.load(Relaxed),
        };
        let told = serde_json::to_string(&told).expect("numbers");
        return Ok(Response::new(Full::new(told.into())));
    }
    state.calls.fetch_add(1, Relaxed);
    state.last.store(now, Relaxed);
    if path == "/slow" {
        tokio::time::sleep(SLOW).await;
    }
    Ok(Response::new(Full::new(Bytes::from_static(ANSWER.as_bytes()))))
}

/// The moment, in microseconds since 1970: the same for all processes.
pub fn micros() -> u64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Who calls it, over connections that are kept.
pub struct Callee {
    addr: SocketAddr,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
}

impl Callee {
    /// Calls this one.
    pub fn new(addr: SocketAddr) -> Self {
        Self {
            addr,
            idle: Mutex::default(),
        }
    }

    /// One call to where it answers at once.
    pub async fn call(&self) {
        drop(self.ask("/now").await.expect("the callee answers"));
    }

    /// What it remembers.
    pub async fn told(&self) -> Result<Told> {
        serde_json::from_slice(&self.ask("/told").await?).map_err(Error::other)
    }

    async fn ask(&self, path: &str) -> Result<Bytes> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut sender = if let Some(sender) = kept {
            sender
        } else {
            let stream = TcpStream::connect(self.addr).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(Error::other)?;
            tokio::spawn(connection);
            sender
        };
        let request = Request::post(path)
            .header("host", self.addr.to_string())
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from_static(ASKED.as_bytes())))
            .map_err(Error::other)?;
        sender.ready().await.map_err(Error::other)?;
        let response = sender.send_request(request).await.map_err(Error::other)?;
        let body = response.into_body().collect().await.map_err(Error::other)?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        Ok(body.to_bytes())
    }
}
