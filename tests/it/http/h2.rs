//! HTTP/2 as hyper's client speaks it, and as no honest client does: frame by frame.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use deity::http::{App, Drained, Keys, Settings, serve_tls};
use deity::limits::Http;
use deity::store::Memory;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2;
use hyper::{HeaderMap, Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::client::TlsStream;

use super::sessions::{FLOW, hidden_in, keeping};
use super::tls::{Secured, connect, handshake, last};
use super::{PEER, app, bounded, build, get, post, statuses};
use crate::support::tls::{NAME, Pair, client};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const REFUSED_STREAM: u8 = 7;

type Sender = http2::SendRequest<Full<Bytes>>;

/// A connection of hyper's own.
async fn speak<I>(io: I) -> Sender
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (send, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    send
}

/// The request as HTTP/2 has it: the host is in the target.
fn to(host: &str, request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    let (mut head, body) = request.into_parts();
    head.uri = format!("https://{host}{}", head.uri).parse().unwrap();
    head.headers.remove("host");
    Request::from_parts(head, body)
}

/// One request: status, header and body.
async fn ask(send: &mut Sender, request: Request<Full<Bytes>>) -> hyper::Result<(u16, HeaderMap, String)> {
    let (head, body) = send.send_request(request).await?.into_parts();
    assert_eq!(head.version, Version::HTTP_2);
    let body = body.collect().await?.to_bytes();
    Ok((
        head.status.as_u16(),
        head.headers,
        String::from_utf8_lossy(&body).into_owned(),
    ))
}

/// One request on a connection of its own: status and body.
pub async fn over_h2<I>(io: I, request: Request<Full<Bytes>>) -> hyper::Result<(u16, String)>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (status, _, body) = ask(&mut speak(io).await, to(NAME, request)).await?;
    Ok((status, body))
}

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
struct Raw<I> {
    io: TlsStream<I>,
    heard: Vec<u8>,
    /// The block of a header: hyper's, which may be sent on any stream.
    block: Vec<u8>,
}

/// A frame that was heard.
#[derive(Debug)]
struct Frame {
    kind: u8,
    stream: u32,
    content: Vec<u8>,
}

fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), content].concat()
}

impl<I: AsyncRead + AsyncWrite + Unpin> Raw<I> {
    /// Says the preface and `settings`, and is ready to ask for `request`.
    async fn open(io: TlsStream<I>, request: Request<Full<Bytes>>, settings: &[u8]) -> Self {
        let said = in_h2(request).await;
        let block = frames(&said[24..]).iter().find(|frame| frame[3] == HEADERS).unwrap()[9..].to_vec();
        let heard = Vec::new();
        let mut raw = Self { io, heard, block };
        raw.send(&[&said[..24], &frame(SETTINGS, 0, 0, settings)].concat())
            .await
            .unwrap();
        raw
    }

    async fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.io.write_all(bytes).await?;
        self.io.flush().await
    }

    async fn ask(&mut self, stream: u32, flags: u8) -> std::io::Result<()> {
        let asked = frame(HEADERS, END_HEADERS | flags, stream, &self.block);
        self.send(&asked).await
    }

    /// The next frame; `None` at the end.
    async fn hear(&mut self) -> Option<Frame> {
        loop {
            if let Some(first) = frames(&self.heard).first() {
                let length = first.len();
                let stream = u32::from_be_bytes(first[5..9].try_into().unwrap());
                let (kind, content) = (first[3], first[9..].to_vec());
                self.heard.drain(..length);
                return Some(Frame { kind, stream, content });
            }
            match self.io.read_buf(&mut self.heard).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Reads on to a frame of this kind; `None` if the end comes first.
    async fn hear_a(&mut self, kind: u8) -> Option<Frame> {
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
    async fn ping(&mut self) -> bool {
        self.send(&frame(PING, 0, 0, b"12345678")).await.is_ok() && self.hear_a(PING).await.is_some()
    }
}

fn form() -> Request<Full<Bytes>> {
    post("/a", &[], "a=1")
}

async fn raw(server: &Secured, request: Request<Full<Bytes>>) -> Raw<TcpStream> {
    let io = connect(server.tls, &server.client(&["h2"])).await.unwrap();
    Raw::open(io, request, &[]).await
}

/// A connection without a socket, where time stands still.
async fn still(limits: &Http, request: Request<Full<Bytes>>, settings: &[u8]) -> Raw<DuplexStream> {
    let app = bounded(limits.clone()).await;
    let pair = Pair::new();
    let keys = Keys::load(pair.files(), limits).unwrap();
    let (io, server) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { serve_tls(server, PEER, app, &keys).await });
    let config = Arc::new(client(&pair.der, &["h2"], false));
    Raw::open(handshake(io, &config).await.unwrap(), request, settings).await
}

/// Whether `took` is `expected`, give or take a last word of two seconds.
fn about(took: Duration, expected: Duration) -> bool {
    took >= expected && took < expected + Duration::from_millis(2_500)
}

async fn with_flow() -> Secured {
    let app = keeping(FLOW, Settings::default(), &Arc::new(Memory::new())).await;
    Secured::run(Arc::new(app)).await
}

#[tokio::test]
async fn a_flow_is_walked_to_its_end_and_each_page_is_the_same_as_over_http_1_1() {
    let server = with_flow().await;
    let mut send = speak(connect(server.tls, &server.client(&["h2"])).await.unwrap()).await;
    let start = ask(&mut send, to(NAME, get("/bicycle", &[]))).await.unwrap().2;
    let mut ids = ["sessionID", "screenID"].map(|name| hidden_in(&start, name).unwrap());
    for (action, fields, heading) in [
        ("start", "", "Who are you?"),
        ("continue", "&name=&town=", "Who are you?"),
        ("continue", "&name=Ada+Lovelace&town=London", "Check your answers"),
        ("submit", "", "Have a good ride"),
    ] {
        let body = format!("sessionID={}&screenID={}&actionID={action}{fields}", ids[0], ids[1]);
        let origin = format!("https://{NAME}");
        let headers = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
        let (_, head, page) = ask(&mut send, to(NAME, post("/bicycle", &headers, body.clone())))
            .await
            .unwrap();
        assert!(page.contains(heading), "{page}");
        assert_eq!(head["content-length"], page.len().to_string());
        assert!(head.contains_key("strict-transport-security") && !head.contains_key("connection"));
        // The same again is a replay, so the other version must give the same page.
        let length = body.len();
        let again = format!(
            "POST /bicycle HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\nContent-Type: {}\r\n\
             Sec-Fetch-Site: same-origin\r\nContent-Length: {length}\r\n\r\n{body}",
            super::FORM
        );
        let mut one = connect(server.tls, &server.client(&["http/1.1"])).await.unwrap();
        let said = last(&mut one, again.as_bytes()).await;
        assert_eq!(said.split_once("\r\n\r\n").unwrap().1, page);
        if let Some(id) = hidden_in(&page, "sessionID") {
            ids = [id, hidden_in(&page, "screenID").unwrap()];
        }
    }
    drop(send);
    assert_eq!(server.stop().await, Drained { dropped: 0 });
}

#[tokio::test]
async fn compressed_pages_are_the_same_bytes_too() {
    let server = with_flow().await;
    let mut send = speak(connect(server.tls, &server.client(&["h2"])).await.unwrap()).await;
    for encoding in ["br", "gzip", "identity"] {
        let request = to(NAME, get("/", &[("accept-encoding", encoding)]));
        let answer = send.send_request(request).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let one = format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n");
        let mut stream = connect(server.tls, &server.client(&["http/1.1"])).await.unwrap();
        stream.write_all(one.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        assert!(said.ends_with(&body) && !body.is_empty(), "{encoding}");
    }
}

#[tokio::test]
async fn the_host_is_in_the_target_and_the_rules_about_it_hold() {
    let server = Secured::run(
        app(Settings {
            origin: Some("https://forms.test".parse().unwrap()),
            ..Settings::default()
        })
        .await,
    )
    .await;
    let mut send = speak(connect(server.tls, &server.client(&["h2"])).await.unwrap()).await;
    let with_host = |host: &str| {
        let mut request = to(NAME, get("/", &[]));
        request.headers_mut().insert("host", host.parse().unwrap());
        request
    };
    let cases = [
        (to(NAME, get("/", &[])), 200),
        (to("FORMS.test:443", get("/", &[])), 200),
        (with_host(NAME), 200),
        (with_host("evil.test"), 400),
        (to("evil.test", get("/", &[])), 421),
        (to("a@forms.test", get("/", &[])), 400),
        (to(NAME, build("OPTIONS", "/", &[], "")), 405),
        (to(NAME, build("PUT", "/", &[], "x")), 405),
        (to(NAME, post("/a", &[("origin", "https://forms.test")], "a=1")), 404),
        (to(NAME, post("/a", &[("origin", "https://evil.test")], "a=1")), 403),
        (to(NAME, post("/a", &[("sec-fetch-site", "cross-site")], "a=1")), 403),
        (to(NAME, post("/a", &[("early-data", "1")], "a=1")), 425),
        (to(NAME, get(&format!("/{}", "x".repeat(9_000)), &[])), 414),
    ];
    for (request, status) in cases {
        let asked = format!("{request:?}");
        assert_eq!(ask(&mut send, request).await.unwrap().0, status, "{asked}");
    }
}

#[tokio::test]
async fn a_header_that_is_too_large_is_refused() {
    let limits = Http::default();
    let server = Secured::bounded(limits.clone()).await;
    let mut send = speak(connect(server.tls, &server.client(&["h2"])).await.unwrap()).await;
    let mut many = get("/robots.txt", &[]);
    for n in 0..limits.headers {
        many.headers_mut().insert(
            hyper::header::HeaderName::try_from(format!("x-{n}")).unwrap(),
            "1".parse().unwrap(),
        );
    }
    let long = |bytes: usize| get("/robots.txt", &[("x", &"x".repeat(bytes))]);
    for (request, status) in [
        (long(limits.header_bytes - 100), 200),
        (long(limits.header_bytes), 431),
        (many, 431),
        (get("/robots.txt", &[]), 200),
    ] {
        assert_eq!(ask(&mut send, to(NAME, request)).await.unwrap().0, status);
    }
    // Beyond what is even looked at, hyper's client does not send it; h2 itself answers who does.
    let mut raw = raw(&server, form()).await;
    let mut huge = raw.block.clone();
    for _ in 0..8 {
        // A literal field without a place in the table: `x`, and 8,000 bytes.
        huge.extend([0, 1, b'x', 0x7f, 0xc1, 0x3d]);
        huge.extend([b'v'; 8_000]);
    }
    for (n, part) in huge.chunks(16 << 10).enumerate() {
        let over = (n + 1) * (16 << 10) >= huge.len();
        let kind = if n == 0 { HEADERS } else { 9 };
        raw.send(&frame(kind, if over { END_HEADERS } else { 0 }, 1, part))
            .await
            .unwrap();
    }
    let heard = timeout(Duration::from_secs(30), raw.hear_a(HEADERS)).await.unwrap();
    let heard = heard.expect("an answer");
    // `:status` by its place in the static table, then three digits of Huffman or plain text.
    assert!(heard.stream == 1 && !heard.content.contains(&0x88), "no 200: {heard:?}");
}

#[tokio::test]
async fn of_many_streams_at_once_only_so_many_are_taken() {
    let server = Secured::bounded(Http {
        streams: 8,
        ..Http::default()
    })
    .await;
    let mut raw = raw(&server, form()).await;
    for n in 0..20 {
        raw.ask(2 * n + 1, 0).await.unwrap();
    }
    let mut refused = Vec::new();
    while refused.len() < 12 {
        let heard = raw.hear_a(RESET).await.expect("the others are refused");
        assert_eq!(heard.content, [0, 0, 0, REFUSED_STREAM]);
        refused.push(heard.stream);
    }
    assert_eq!(refused, (8..20).map(|n| 2 * n + 1).collect::<Vec<_>>());
    // Those that were taken are answered.
    for n in 0..8 {
        raw.send(&frame(DATA, END_STREAM, 2 * n + 1, b"a=1")).await.unwrap();
    }
    for _ in 0..8 {
        assert!(raw.hear_a(HEADERS).await.is_some());
    }
}

#[tokio::test]
async fn rapid_resets_end_the_connection() {
    let server = Secured::bounded(Http {
        resets: 20,
        ..Http::default()
    })
    .await;
    for paced in [false, true] {
        let mut raw = raw(&server, form()).await;
        let mut sent = 0;
        for n in 0..500 {
            let stream = 2 * n + 1;
            let cancel = frame(RESET, 0, stream, &8_u32.to_be_bytes());
            // Paced, each is taken up before it is taken back.
            let alive = raw.ask(stream, 0).await.is_ok() && (!paced || raw.ping().await);
            if !alive || raw.send(&cancel).await.is_err() {
                break;
            }
            sent = n;
        }
        assert!(!paced || sent <= 25, "{sent}");
        // What is left of the connection comes to its end.
        while timeout(Duration::from_secs(30), raw.hear())
            .await
            .expect("it ends")
            .is_some()
        {}
    }
    let mut stream = connect(server.tls, &server.client(&["http/1.1"])).await.unwrap();
    let get = format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n");
    assert_eq!(
        statuses(&last(&mut stream, get.as_bytes()).await),
        [200],
        "the server goes on"
    );
}

#[tokio::test]
async fn after_its_last_request_a_connection_is_told_to_go() {
    let server = Secured::bounded(Http {
        requests: 5,
        streams: 3,
        ..Http::default()
    })
    .await;
    let mut raw = raw(&server, get("/robots.txt", &[])).await;
    let mut answers = 0;
    for n in 0..30 {
        // Who never answers pings could go on for ever.
        if raw.ask(2 * n + 1, END_STREAM).await.is_err() {
            break;
        }
        while let Some(heard) = raw.hear().await {
            if heard.kind == HEADERS {
                answers += 1;
                break;
            }
        }
    }
    assert!((5..=8).contains(&answers), "{answers}");
    // hyper's own client notices, and loses nothing.
    let mut send = speak(connect(server.tls, &server.client(&["h2"])).await.unwrap()).await;
    let mut answered = 0;
    while send.ready().await.is_ok() && answered < 30 {
        if ask(&mut send, to(NAME, get("/robots.txt", &[]))).await.is_ok() {
            answered += 1;
        }
    }
    assert!((5..=8).contains(&answered), "{answered}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_told_to_go_after_its_time_whatever_pings_come() {
    let limits = Http::default();
    let mut raw = still(&limits, get("/robots.txt", &[]), &[]).await;
    raw.ask(1, END_STREAM).await.unwrap();
    assert!(raw.hear_a(DATA).await.is_some());
    let began = Instant::now();
    for _ in 0..11 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(raw.ping().await);
    }
    assert!(raw.hear_a(GOAWAY).await.is_some());
    assert!(about(began.elapsed(), limits.idle_time), "{:?}", began.elapsed());
    while raw.hear().await.is_some() {}
    assert!(about(began.elapsed(), limits.idle_time), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_asks_for_nothing_or_never_finishes_asking_is_closed() {
    let limits = Http::default();
    for half in [false, true] {
        for before in [false, true] {
            let mut raw = still(&limits, get("/robots.txt", &[]), &[]).await;
            if before {
                raw.ask(1, END_STREAM).await.unwrap();
                assert!(raw.hear_a(DATA).await.is_some());
            } else if !half {
                assert!(raw.ping().await);
            }
            let began = Instant::now();
            if half {
                let part = frame(HEADERS, 0, 3, &raw.block.clone());
                raw.send(&part).await.unwrap();
            }
            while raw.hear().await.is_some() {}
            let expected = if before && !half {
                limits.idle_time
            } else {
                limits.header_time
            };
            assert!(
                about(began.elapsed(), expected),
                "{half} {before} {:?}",
                began.elapsed()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up() {
    let limits = Http::default();
    let mut raw = still(&limits, form(), &[]).await;
    let began = Instant::now();
    raw.ask(1, 0).await.unwrap();
    let heard = raw.hear_a(HEADERS).await.unwrap();
    assert!(about(began.elapsed(), limits.body_time), "{:?}", began.elapsed());
    assert!(heard.stream == 1 && !heard.content.contains(&0x88), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn who_takes_no_answer_does_not_keep_the_connection() {
    let limits = Http::default();
    // SETTINGS_INITIAL_WINDOW_SIZE is 0: no byte of a body may be sent.
    let mut raw = still(&limits, get("/robots.txt", &[]), &[0, 4, 0, 0, 0, 0]).await;
    let began = Instant::now();
    raw.ask(1, END_STREAM).await.unwrap();
    while let Some(heard) = raw.hear().await {
        assert_ne!(heard.kind, DATA);
    }
    assert!(about(began.elapsed(), limits.idle_time), "{:?}", began.elapsed());
}

#[tokio::test]
async fn at_a_stop_what_is_under_way_is_answered() {
    let server = Secured::bounded(Http::default()).await;
    let mut idle = raw(&server, get("/robots.txt", &[])).await;
    idle.ask(1, END_STREAM).await.unwrap();
    assert!(idle.hear_a(DATA).await.is_some());
    let fresh = raw(&server, form()).await;
    let mut busy = raw(&server, form()).await;
    busy.ask(1, 0).await.unwrap();
    assert!(busy.ping().await);
    let stopping = tokio::spawn(server.stop());
    assert!(busy.hear_a(GOAWAY).await.is_some(), "it is told");
    busy.send(&frame(DATA, END_STREAM, 1, b"a=1")).await.unwrap();
    let answer = busy.hear_a(HEADERS).await.expect("an answer");
    assert_eq!(answer.stream, 1);
    assert!(busy.hear_a(DATA).await.is_some());
    // The pings that come with the farewell are answered, or nobody waits for it for long.
    assert_eq!(stopping.await.unwrap(), Drained { dropped: 0 });
    drop((fresh, idle));
}

#[tokio::test]
async fn when_full_the_idle_connection_goes_and_not_the_one_with_a_stream() {
    let server = Secured::bounded(Http {
        connections: 2,
        ..Http::default()
    })
    .await;
    let mut busy = raw(&server, form()).await;
    busy.ask(1, 0).await.unwrap();
    assert!(busy.ping().await);
    let mut idle = raw(&server, get("/robots.txt", &[])).await;
    idle.ask(1, END_STREAM).await.unwrap();
    assert!(idle.hear_a(DATA).await.is_some());
    let mut other = TcpStream::connect(server.plain).await.unwrap();
    other.write_all(b"GET /robots.txt HTTP/1.0\r\n\r\n").await.unwrap();
    let mut said = String::new();
    other.read_to_string(&mut said).await.unwrap();
    assert_eq!(statuses(&said), [200]);
    while timeout(Duration::from_secs(30), idle.hear())
        .await
        .expect("it ends")
        .is_some()
    {}
    busy.send(&frame(DATA, END_STREAM, 1, b"a=1")).await.unwrap();
    assert!(busy.hear_a(DATA).await.is_some());
    // Once its stream is over it is as idle as any.
    for _ in 0..2 {
        let mut other = TcpStream::connect(server.plain).await.unwrap();
        other
            .write_all(b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        let mut some = [0; 12];
        other.read_exact(&mut some).await.unwrap();
    }
}

#[tokio::test]
async fn a_request_that_is_taken_back_leaves_the_connection_idle() {
    let server = Secured::bounded(Http {
        connections: 1,
        ..Http::default()
    })
    .await;
    let mut raw = raw(&server, form()).await;
    raw.ask(1, 0).await.unwrap();
    assert!(raw.ping().await);
    raw.send(&frame(RESET, 0, 1, &8_u32.to_be_bytes())).await.unwrap();
    // Its seat can be had, so it is not held to be busy.
    let mut other = TcpStream::connect(server.plain).await.unwrap();
    other.write_all(b"GET /robots.txt HTTP/1.0\r\n\r\n").await.unwrap();
    let mut said = String::new();
    timeout(Duration::from_secs(30), other.read_to_string(&mut said))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(statuses(&said), [200]);
}

#[tokio::test]
async fn an_app_answers_http_2_without_a_socket_as_well() {
    let app: Arc<App> = bounded(Http::default()).await;
    let mut request = to(NAME, get("/robots.txt", &[]));
    *request.version_mut() = Version::HTTP_2;
    assert_eq!(super::ask(&app, request).await.status, 200);
    let mut nowhere = get("/robots.txt", &[]);
    *nowhere.version_mut() = Version::HTTP_2;
    nowhere.headers_mut().remove("host");
    assert_eq!(super::ask(&app, nowhere).await.status, 400);
}
