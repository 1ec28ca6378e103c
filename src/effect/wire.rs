//! Calls over HTTP and HTTPS.
//!
//! Owns the request, its connection and the pool of those that are kept, the bounds on the reply, and
//! the line between "surely not sent" and "perhaps done". A name is resolved once, every address is
//! checked, and exactly a checked one is connected to, so that no name can lead to a private address
//! behind our back. Redirects are answers, not orders. Must not know what is asked for and why.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::OnceCell;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::call::{Callee, request};
use super::response::{BODY_BYTES, Response, Trouble, because, retry_after};

pub use super::{allowed::Allowed, call::Call};

/// Kept connections per callee, and how long they are kept.
const IDLE: usize = 32;
const IDLE_TIME: Duration = Duration::from_secs(30);
/// Bytes and lines of a reply's header.
const HEADER_BYTES: usize = 32 << 10;
const HEADERS: usize = 64;
/// No call takes longer, whatever is asked for.
const LONGEST: Duration = Duration::from_hours(24);

/// Who makes calls: what may be called, and the connections that are kept.
#[derive(Clone, Debug)]
pub struct Wire(Arc<Shared>);

struct Shared {
    allowed: Allowed,
    tls: OnceCell<TlsConnector>,
    /// The kept connections; the newest are last.
    idle: Mutex<HashMap<Callee, Vec<Line>>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

/// A connection, driven by a task that ends with it.
struct Line {
    sender: SendRequest<Full<Bytes>>,
    task: AbortHandle,
    /// The same socket once more, to look whether anything came in.
    socket: std::net::TcpStream,
    since: Instant,
}

impl Line {
    /// Whether it can be used again: it is not too old, and nobody has said or closed anything. The
    /// socket itself is asked: the runtime may not have noticed yet, and a request that is sent into
    /// a closed connection is one whose fate is unknown.
    fn is_good(&self) -> bool {
        let quiet = || matches!(self.socket.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        !self.sender.is_closed() && self.since.elapsed() < IDLE_TIME && quiet()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How an exchange over a connection failed.
enum Failed {
    /// Nothing of it was sent; here it is.
    Unsent(Box<Request<Full<Bytes>>>, String),
    Unknown(String),
}

impl Wire {
    /// Calls with the certificates that the machine trusts (or those in `SSL_CERT_FILE`), which are
    /// read at the first call that needs them.
    pub fn new(allowed: Allowed) -> Self {
        Self::with(allowed, OnceCell::new())
    }

    /// Calls that trust `roots` and no other certificates.
    ///
    /// # Errors
    /// If this program has no TLS to offer.
    pub fn trusting(allowed: Allowed, roots: RootCertStore) -> Result<Self, String> {
        Ok(Self::with(allowed, OnceCell::new_with(Some(connector(roots)?))))
    }

    fn with(allowed: Allowed, tls: OnceCell<TlsConnector>) -> Self {
        Self(Arc::new(Shared {
            allowed,
            tls,
            idle: Mutex::default(),
        }))
    }

    /// Makes a call, once.
    ///
    /// # Errors
    /// Where there is no answer, with what is known of the request's fate.
    pub async fn call(&self, call: &Call) -> Result<Response, Trouble> {
        let deadline = Instant::now() + call.timeout.min(LONGEST);
        let (callee, target) = Callee::of(&call.url)?;
        let mut request = request(call, &callee, target)?;
        if let Some(line) = self.take(&callee) {
            match self.exchange(&callee, line, request, deadline).await {
                Ok(answer) => return Ok(answer),
                // The callee had closed what was kept: at once again, on a fresh one.
                Err(Failed::Unsent(unsent, _)) => request = *unsent,
                Err(Failed::Unknown(why)) => return Err(Trouble::Unknown(format!("{callee}: {why}"))),
            }
        }
        let line = timeout_at(deadline, self.connect(&callee, deadline))
            .await
            .unwrap_or_else(|_| Err(Trouble::NotSent(format!("{callee}: no connection in time"))))?;
        self.exchange(&callee, line, request, deadline)
            .await
            .map_err(|failed| match failed {
                Failed::Unsent(_, why) => Trouble::NotSent(format!("{callee}: {why}")),
                Failed::Unknown(why) => Trouble::Unknown(format!("{callee}: {why}")),
            })
    }

    /// Why a URL can never be called, as far as can be told without asking for its host's address.
    pub fn forbids(&self, url: &str) -> Option<String> {
        let callee = match Callee::of(url) {
            Ok((callee, _)) => callee,
            Err(trouble) => return Some(trouble.to_string()),
        };
        let ip = match callee.host.as_str() {
            "localhost" => IpAddr::from([127, 0, 0, 1]),
            host => host.parse().ok()?,
        };
        let permitted = self.0.allowed.permits(&callee.host, SocketAddr::new(ip, callee.port));
        (!permitted).then(|| format!("{callee} is a private address, which nobody allowed (the setting `callees`)"))
    }

    /// Why the name of a URL's host leads nowhere that may be called, at present. Asks the resolver, for as
    /// long as `patience`.
    pub async fn astray(&self, url: &str, patience: Duration) -> Option<String> {
        let (callee, _) = Callee::of(url).ok()?;
        let host = callee.host.as_str();
        if host == "localhost" || host.parse::<IpAddr>().is_ok() {
            return None;
        }
        let found: Vec<_> = match timeout(patience, lookup_host((host, callee.port))).await {
            Ok(Ok(found)) => found.collect(),
            Ok(Err(why)) => return Some(format!("the name {host} cannot be resolved: {why}")),
            Err(_) => return Some(format!("the name {host} was not resolved within {patience:?}")),
        };
        let permitted = found.iter().any(|addr| self.0.allowed.permits(host, *addr));
        let first = found.first().filter(|_| !permitted)?.ip();
        Some(format!(
            "{host} leads to {first}, a private address, which nobody allowed (the setting `callees`)"
        ))
    }

    /// A kept connection that is not known to be closed.
    fn take(&self, callee: &Callee) -> Option<Line> {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = idle.get_mut(callee)?;
        while let Some(line) = lines.pop() {
            if line.is_good() {
                return Some(line);
            }
        }
        None
    }

    /// Keeps a connection for the next call, for a while.
    fn keep(&self, callee: &Callee, mut line: Line) {
        line.since = Instant::now();
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let sweep = idle.is_empty();
        let lines = idle.entry(callee.clone()).or_default();
        if lines.len() < IDLE && !line.sender.is_closed() {
            lines.push(line);
        }
        drop(idle);
        if sweep {
            self.sweep();
        }
    }

    /// Closes what was kept too long, for as long as anything is kept.
    fn sweep(&self) {
        let shared = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(IDLE_TIME / 2).await;
                let Some(shared) = shared.upgrade() else { return };
                let mut idle = shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.retain(|_, lines| {
                    lines.retain(Line::is_good);
                    !lines.is_empty()
                });
                if idle.is_empty() {
                    return;
                }
            }
        });
    }

    /// A fresh connection to an address that may be called.
    async fn connect(&self, callee: &Callee, deadline: Instant) -> Result<Line, Trouble> {
        let not_sent = |why: String| Trouble::NotSent(format!("{callee}: {why}"));
        let found: Vec<_> = lookup_host((callee.host.as_str(), callee.port))
            .await
            .map_err(|error| not_sent(format!("the name cannot be resolved: {error}")))?
            .collect();
        let permitted: Vec<_> = found
            .iter()
            .copied()
            .filter(|addr| self.0.allowed.permits(&callee.host, *addr))
            .collect();
        if permitted.is_empty() && !found.is_empty() {
            return Err(Trouble::Forbidden(format!(
                "{callee}: a private address, which the operator's settings do not name"
            )));
        }
        let stream = reach(&permitted, deadline)
            .await
            .map_err(|error| not_sent(format!("no connection: {error}")))?;
        // Requests are written whole: waiting for more would only delay them.
        let socket = stream
            .set_nodelay(true)
            .and_then(|()| stream.as_fd().try_clone_to_owned())
            .map_err(|error| not_sent(format!("the connection was gone at once: {error}")))?;
        let io: Pin<Box<dyn Stream>> = if callee.tls {
            let name = ServerName::try_from(callee.host.clone())
                .map_err(|_| Trouble::Forbidden(format!("{callee}: no name that a certificate can have")))?;
            let tls = self.0.tls.get_or_try_init(trusted).await.map_err(not_sent)?;
            let stream = tls.connect(name, stream).await;
            Box::pin(stream.map_err(|error| not_sent(format!("no TLS: {}", because(&error))))?)
        } else {
            Box::pin(stream)
        };
        let (sender, connection) = Builder::new()
            .max_headers(HEADERS)
            .max_header_size(HEADER_BYTES)
            .max_buf_size(HEADER_BYTES)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|error| not_sent(because(&error)))?;
        let task = tokio::spawn(async move {
            // Whoever waits for an answer is told the error too.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to a callee ended");
            }
        });
        Ok(Line {
            sender,
            task: task.abort_handle(),
            socket: socket.into(),
            since: Instant::now(),
        })
    }

    /// One request and its reply; a connection that can be used again is kept.
    async fn exchange(
        &self,
        callee: &Callee,
        mut line: Line,
        request: Request<Full<Bytes>>,
        deadline: Instant,
    ) -> Result<Response, Failed> {
        match timeout_at(deadline, line.sender.ready()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(Failed::Unsent(Box::new(request), because(&error))),
            Err(_) => return Err(Failed::Unsent(Box::new(request), "no connection in time".to_owned())),
        }
        let (answer, whole) = timeout_at(deadline, async {
            let response = line.sender.try_send_request(request).await.map_err(|mut error| {
                let why = because(error.error());
                match error.take_message() {
                    Some(request) => Failed::Unsent(Box::new(request), why),
                    None => Failed::Unknown(why),
                }
            })?;
            read(response).await
        })
        .await
        .unwrap_or_else(|_| Err(Failed::Unknown("no whole answer in time".to_owned())))?;
        if whole {
            self.keep(callee, line);
        }
        Ok(answer)
    }
}

/// What a connection runs over.
trait Stream: AsyncRead + AsyncWrite + Send {}

impl<S: AsyncRead + AsyncWrite + Send> Stream for S {}

/// A connection to the first address that takes one. Each is given its share of the time, so that one
/// that says nothing does not hide those behind it.
async fn reach(addresses: &[SocketAddr], deadline: Instant) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for (n, addr) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - n).unwrap_or(u32::MAX);
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        match timeout(share, TcpStream::connect(addr)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// The certificates that the machine trusts.
async fn trusted() -> Result<TlsConnector, String> {
    let loaded = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs)
        .await
        .map_err(|error| format!("the trusted certificates cannot be read: {error}"))?;
    for error in &loaded.errors {
        tracing::warn!(%error, "some trusted certificates cannot be read");
    }
    let mut roots = RootCertStore::empty();
    let (good, bad) = roots.add_parsable_certificates(loaded.certs);
    if good == 0 {
        return Err("this machine trusts no certificates (see SSL_CERT_FILE)".to_owned());
    }
    tracing::debug!(good, bad, "read the trusted certificates");
    connector(roots)
}

fn connector(roots: RootCertStore) -> Result<TlsConnector, String> {
    // The provider is named, since nobody promises that the process has a default one.
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("no TLS: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The answer, and whether it was read whole, so that its connection can be used again.
async fn read(response: hyper::Response<Incoming>) -> Result<(Response, bool), Failed> {
    let (head, mut incoming) = response.into_parts();
    let mut answer = Response {
        status: head.status.as_u16(),
        retry_after: head
            .headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| retry_after(value, SystemTime::now())),
        content_type: head
            .headers
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
        encoded: head.headers.get_all(CONTENT_ENCODING).iter().any(|coding| {
            let coding = coding.as_bytes().trim_ascii();
            !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity")
        }),
        body: Vec::new(),
        cut: false,
    };
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| Failed::Unknown(because(&error)))?;
        let Some(data) = frame.data_ref() else { continue };
        answer.body.extend_from_slice(data);
        if answer.body.len() > BODY_BYTES {
            answer.body.truncate(BODY_BYTES);
            answer.cut = true;
            return Ok((answer, false));
        }
    }
    Ok((answer, true))
}
