//! HTTP as a client sees it: through `handle` without a socket, and through whole connections.

mod answers;
mod clients;
mod connections;
mod cut;
mod decoding;
mod dictionary;
pub mod drain;
mod early;
mod encodings;
mod frames;
mod gone;
mod h2;
mod limits;
mod logs;
mod paths;
mod proxy;
pub mod sessions;
mod sources;
mod streams;
pub mod tls;
mod trouble;
mod typed;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use deity::catalog::Catalog;
use deity::engine::{Engine, World};
use deity::flow::Flow;
use deity::http::{App, Settings, handle, serve};
use deity::limits::Http;
use deity::store::Memory;
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Request, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

pub const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A time that stands still and random bytes that repeat from run to run.
pub fn world() -> World {
    let count = AtomicU64::new(1);
    World {
        clock: Arc::new(|| 1_790_000_000_000),
        random: Arc::new(move |bytes| {
            for chunk in bytes.chunks_mut(8) {
                let n = count.fetch_add(1, Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                chunk.copy_from_slice(&n.to_le_bytes()[..chunk.len()]);
            }
        }),
    }
}

/// A server with one flow and a clock that can be set: milliseconds since 1970.
pub async fn clocked(flow: &str, settings: Settings) -> (Arc<App>, Arc<AtomicI64>) {
    let (flow, _) = Flow::read("bicycle", flow).expect("the flow is right");
    let clock = Arc::new(AtomicI64::new(1_790_000_000_000));
    let shown = Arc::clone(&clock);
    let world = World {
        clock: Arc::new(move || shown.load(Relaxed)),
        ..world()
    };
    let engine = Engine::open(Arc::new(Memory::new()), Arc::new(Catalog::of([flow])), world, None)
        .await
        .unwrap();
    (Arc::new(App::new(engine, settings)), clock)
}

/// A server without flows.
pub async fn app(settings: Settings) -> Arc<App> {
    let engine = Engine::open(Arc::new(Memory::new()), Arc::new(Catalog::default()), world(), None)
        .await
        .unwrap();
    Arc::new(App::new(engine, settings))
}

/// Without flows and with these bounds.
pub async fn bounded(limits: Http) -> Arc<App> {
    app(Settings {
        limits,
        ..Settings::default()
    })
    .await
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// One request without a socket. Every answer must be one that the contract knows.
pub async fn ask(app: &App, request: Request<Full<Bytes>>) -> Answer {
    let response = handle(app, request, PEER).await;
    let (head, body) = response.into_parts();
    assert!(known(head.status), "{} is no answer of ours", head.status);
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

/// The statuses that the server may ever answer; 500 is not among them.
pub fn known(status: StatusCode) -> bool {
    const KNOWN: [u16; 17] = [
        200, 301, 400, 403, 404, 405, 408, 409, 410, 413, 414, 415, 421, 422, 425, 431, 503,
    ];
    KNOWN.contains(&status.as_u16())
}

/// A GET with these header lines.
pub fn get(target: &str, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    build("GET", target, headers, "")
}

/// A form with these header lines.
pub fn post(target: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let mut all = vec![("content-type", FORM)];
    all.extend_from_slice(headers);
    build("POST", target, &all, body)
}

/// A request; its `Host` is `deity.test` unless the headers name one.
pub fn build(method: &str, target: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(target);
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request = request.header("host", "deity.test");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::new(body.into())).unwrap()
}

/// A connection to the server, without a socket.
pub fn connect(app: &Arc<App>) -> DuplexStream {
    let (client, server) = tokio::io::duplex(64 << 10);
    tokio::spawn(serve(server, PEER, Arc::clone(app)));
    client
}

/// Everything that the server says until it closes.
pub async fn rest(client: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is cut ends what it says too.
    let _read = client.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// All that the server answers to these bytes, the client having nothing more to say.
pub async fn talk(app: &Arc<App>, bytes: impl AsRef<[u8]>) -> String {
    let mut client = connect(app);
    let (mut reading, mut writing) = tokio::io::split(&mut client);
    let send = async {
        // The server may have refused and closed before the end of it.
        let _sent = writing.write_all(bytes.as_ref()).await;
        let _shut = writing.shutdown().await;
    };
    let hear = async {
        let mut heard = Vec::new();
        let _read = reading.read_to_end(&mut heard).await;
        String::from_utf8_lossy(&heard).into_owned()
    };
    tokio::join!(send, hear).1
}

/// One answer, header and body, from a connection that stays open.
pub async fn one(client: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        let mut more = [0; 4096];
        let n = client.read(&mut more).await.unwrap();
        assert!(n > 0, "closed after {text:?}");
        bytes.extend_from_slice(&more[..n]);
    }
}

/// The statuses of all answers in what was said.
pub fn statuses(said: &str) -> Vec<u16> {
    said.match_indices("HTTP/1.")
        .filter_map(|(at, _)| said.get(at + 9..at + 12)?.parse().ok())
        .filter(|status| *status != 100)
        .collect()
}
