//! HTTP/2 as hyper's client speaks it: pages, hosts, headers.

use std::sync::Arc;

use bytes::Bytes;
use deity::http::{App, Drained, Settings};
use deity::limits::Http;
use deity::store::Memory;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2;
use hyper::{HeaderMap, Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::frames::{END_STREAM, HEADERS, raw};
use super::sessions::{FLOW, hidden_in, keeping};
use super::tls::{Secured, connect, last};
use super::{app, bounded, build, get, post};
use crate::support::tls::NAME;

pub type Sender = http2::SendRequest<Full<Bytes>>;

/// A connection of hyper's own.
pub async fn speak<I>(io: I) -> Sender
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (send, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    send
}

/// The request as HTTP/2 has it: the host is in the target.
pub fn to(host: &str, request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    let (mut head, body) = request.into_parts();
    head.uri = format!("https://{host}{}", head.uri).parse().unwrap();
    head.headers.remove("host");
    Request::from_parts(head, body)
}

/// One request: status, header and body.
pub async fn ask(send: &mut Sender, request: Request<Full<Bytes>>) -> hyper::Result<(u16, HeaderMap, String)> {
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

async fn with_flow() -> Secured {
    let app = keeping(FLOW, Settings::default(), &Arc::new(Memory::new())).await;
    Secured::run(Arc::new(app)).await
}

#[tokio::test]
async fn a_flow_is_walked_to_its_end_and_each_page_is_the_same_as_over_http_1_1() {
    let server = with_flow().await;
    let mut send = speak(connect(server.tls, &server.client(&["h2"])).await.unwrap()).await;
    let (_, head, start) = ask(&mut send, to(NAME, get("/bicycle", &[]))).await.unwrap();
    assert!(head.contains_key("strict-transport-security"), "{head:?}");
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
        assert!(!head.contains_key("connection"));
        if let Some(id) = hidden_in(&page, "sessionID") {
            ids = [id, hidden_in(&page, "screenID").unwrap()];
        }
        if action == "start" {
            // Pressed again, it would be another session.
            continue;
        }
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
async fn what_answers_head_is_the_header_alone() {
    let server = with_flow().await;
    let mut raw = raw(&server, build("HEAD", "/bicycle", &[], "")).await;
    raw.ask(1, END_STREAM).await.unwrap();
    let head = raw.hear_a(HEADERS).await.unwrap();
    assert_eq!(head.flags & END_STREAM, END_STREAM, "nothing follows");

    let mut send = speak(connect(server.tls, &server.client(&["h2"])).await.unwrap()).await;
    for target in ["/bicycle", "/robots.txt", "/favicon.ico", "/nowhere"] {
        let (status, mut head, page) = ask(&mut send, to(NAME, get(target, &[]))).await.unwrap();
        let request = to(NAME, build("HEAD", target, &[], ""));
        let (same, mut alone, nothing) = ask(&mut send, request).await.unwrap();
        assert_eq!((same, nothing.as_str()), (status, ""), "{target}");
        for head in [&mut head, &mut alone] {
            head.remove("date");
        }
        assert_eq!(alone, head, "{target}: {page}");
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
