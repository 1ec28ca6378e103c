//! Calls over HTTP: what is sent, whom it may reach, how replies are bounded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Barrier, Mutex, mpsc};
use tokio::task::JoinSet;

use deity::effect::response::BODY_BYTES;
use deity::effect::wire::{Allowed, Call, Wire};

use super::{forbidden, not_sent, request, server, unknown};

fn wire() -> Wire {
    Wire::new("127.0.0.0/8, ::1".parse().unwrap())
}

fn get(url: &str) -> Call {
    Call {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        timeout: Duration::from_secs(20),
    }
}

fn impatient(url: &str) -> Call {
    Call {
        timeout: Duration::from_millis(300),
        ..get(url)
    }
}

/// A server that gives every request the same reply and keeps its connections.
async fn replies(reply: impl Into<Vec<u8>>) -> SocketAddr {
    let reply = reply.into();
    server(move |_, mut stream| {
        let reply = reply.clone();
        async move {
            while !request(&mut stream).await.is_empty() {
                if stream.write_all(&reply).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_call_is_sent_with_our_headers_and_the_callers() {
    let (told, mut heard) = mpsc::unbounded_channel();
    let address = server(move |_, mut stream| {
        let told = told.clone();
        async move {
            told.send(request(&mut stream).await).unwrap();
            stream
                .write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")
                .await
                .unwrap();
        }
    })
    .await;
    let call = Call {
        method: "POST".to_owned(),
        headers: vec![("Idempotency-Key".to_owned(), "k1".to_owned())],
        body: Some(("application/json".to_owned(), b"{\"a\":1}".to_vec())),
        ..get(&format!("http://{address}/orders?x=1#part"))
    };
    let answer = wire().call(&call).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (201, b"{}".as_slice()));
    assert_eq!((answer.retry_after, answer.cut), (None, false));
    let sent = heard.recv().await.unwrap();
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.split("\r\n").collect();
    assert_eq!(lines.remove(0), "POST /orders?x=1 HTTP/1.1");
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept-encoding: identity",
            "accept: application/json",
            "content-length: 7",
            "content-type: application/json",
            &format!("host: {address}"),
            "idempotency-key: k1",
            concat!("user-agent: Deity/", env!("CARGO_PKG_VERSION")),
        ]
    );
    assert_eq!(body, "{\"a\":1}");
}

#[tokio::test]
async fn a_call_without_a_body_says_so() {
    let (told, mut heard) = mpsc::unbounded_channel();
    let address = server(move |_, mut stream| {
        let told = told.clone();
        async move { told.send(request(&mut stream).await).unwrap() }
    })
    .await;
    unknown(wire().call(&get(&format!("http://{address}"))).await);
    let sent = heard.recv().await.unwrap();
    assert!(sent.starts_with("GET / HTTP/1.1\r\n"), "{sent}");
    assert!(sent.contains("content-length: 0\r\n"), "{sent}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let address = server(move |_, mut stream| {
        let calls = Arc::clone(&counted);
        async move {
            while !request(&mut stream).await.is_empty() {
                calls.fetch_add(1, Ordering::SeqCst);
                let reply = b"HTTP/1.1 307 T\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
                stream.write_all(reply).await.unwrap();
            }
        }
    })
    .await;
    let answer = wire().call(&get(&format!("http://{address}/"))).await.unwrap();
    assert_eq!(answer.status, 307);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_private_address_needs_the_operators_word() {
    let address = replies("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let port = address.port();
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "[::ffff:127.0.0.1]",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "169.254.169.254",
        "10.0.0.1",
        "[fd00:ec2::254]",
        "[64:ff9b::a00:1]",
    ] {
        let call = get(&format!("http://{host}:{port}/"));
        let why = match Wire::new(Allowed::default()).call(&call).await {
            Err(deity::effect::response::Trouble::Forbidden(why)) => why,
            // Where the system does not know this way of writing an address, or has no IPv6 names.
            Err(deity::effect::response::Trouble::NotSent(why)) if why.contains("cannot be resolved") => continue,
            other => panic!("{host}: {other:?}"),
        };
        assert!(why.contains("private address"), "{host}: {why}");
    }
    for words in [
        format!("127.0.0.1:{port}"),
        "127.0.0.0/8".to_owned(),
        "localhost".to_owned(),
    ] {
        let wire = Wire::new(words.parse().unwrap());
        let call = get(&format!("http://localhost:{port}/"));
        assert_eq!(wire.call(&call).await.unwrap().status, 200, "{words}");
    }
    let elsewhere = Wire::new(format!("127.0.0.1:{}", port ^ 1).parse().unwrap());
    forbidden(elsewhere.call(&get(&format!("http://127.0.0.1:{port}/"))).await);
}

#[tokio::test]
async fn a_malformed_call_is_refused_without_its_secrets() {
    let address = replies("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    for url in [
        "ftp://127.0.0.1/secret",
        "/secret",
        "http://",
        "http:///secret",
        "http://user:secret@127.0.0.1/",
        "http://secret@127.0.0.1/",
        "http://127.0.0.1:0/secret",
        "http://127.0.0.1:/secret",
        "http://127.0.0.1:99999/secret",
        "http://127.0.0.1/secret\r\nHost: b",
        "http://127.0.0.1/secret key",
        "http://tést/secret",
    ] {
        let why = forbidden(wire().call(&get(url)).await);
        assert!(!why.contains("secret"), "{url}: {why}");
        assert!(!format!("{:?}", get(url)).contains("secret"), "{url}");
    }
    for (name, value) in [
        ("X-A", "secret\r\nX-B: c"),
        ("X-A", "secret\0"),
        ("X secret", "b"),
        ("", "secret"),
        ("Host", "secret"),
        ("Content-Length", "1"),
        ("Transfer-Encoding", "chunked"),
        ("Cookie", "secret"),
        ("Accept-Encoding", "gzip"),
        ("Connection", "close"),
    ] {
        let call = Call {
            headers: vec![(name.to_owned(), value.to_owned())],
            ..get(&format!("http://{address}/"))
        };
        let why = forbidden(wire().call(&call).await);
        assert!(!why.contains("secret"), "{name}: {why}");
    }
    for method in ["", "G T", "CONNECT", "GET\r\n"] {
        let call = Call {
            method: method.to_owned(),
            ..get(&format!("http://{address}/"))
        };
        forbidden(wire().call(&call).await);
    }
}

#[tokio::test]
async fn what_was_surely_not_sent_is_told_apart() {
    // A port on which nobody listens any more.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let why = not_sent(wire().call(&get(&format!("http://{gone}/?secret"))).await);
    assert!(why.contains(&gone.to_string()) && !why.contains("secret"), "{why}");
    let call = get("http://nobody.invalid/");
    assert!(not_sent(wire().call(&call).await).contains("cannot be resolved"));
    // One that takes the request and goes.
    let rude = server(|_, mut stream| async move { drop(request(&mut stream).await) }).await;
    unknown(wire().call(&get(&format!("http://{rude}/"))).await);
}

#[tokio::test]
async fn a_reply_is_cut_behind_its_bound() {
    for (bytes, cut) in [(BODY_BYTES, false), (BODY_BYTES + 1, true), (4 * BODY_BYTES, true)] {
        let mut reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n").into_bytes();
        reply.extend(vec![b'x'; bytes]);
        let address = replies(reply).await;
        let answer = wire().call(&get(&format!("http://{address}/"))).await.unwrap();
        assert_eq!((answer.body.len(), answer.cut), (BODY_BYTES, cut), "{bytes}");
    }
}

#[tokio::test]
async fn an_endless_reply_is_cut_and_its_connection_dropped() {
    let (told, mut heard) = mpsc::unbounded_channel();
    let address = server(move |_, mut stream| {
        let told = told.clone();
        async move {
            request(&mut stream).await;
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(head).await.unwrap();
            while stream.write_all(b"4\r\nabcd\r\n").await.is_ok() {}
            told.send(()).unwrap();
        }
    })
    .await;
    let answer = wire().call(&get(&format!("http://{address}/"))).await.unwrap();
    assert!(answer.cut);
    heard.recv().await.unwrap();
}

#[tokio::test]
async fn a_header_is_bounded() {
    for header in [
        format!("X: {}\r\n", "y".repeat(40 << 10)),
        "X: y\r\n".repeat(65),
        "HTTP/1.1 100 Continue".to_owned(),
    ] {
        let address = replies(format!("HTTP/1.1 200 OK\r\n{header}Content-Length: 0\r\n\r\n")).await;
        unknown(wire().call(&get(&format!("http://{address}/"))).await);
    }
}

#[tokio::test]
async fn a_reply_that_drips_ends_with_the_calls_time() {
    for head in [
        "HTTP/1.1 200 OK\r\nX: ",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        "",
    ] {
        let (told, mut heard) = mpsc::unbounded_channel();
        let address = server(move |_, mut stream| {
            let told = told.clone();
            async move {
                request(&mut stream).await;
                stream.write_all(head.as_bytes()).await.unwrap();
                let mut tick = tokio::time::interval(Duration::from_millis(10));
                while head.is_empty() || stream.write_all(b"x").await.is_ok() {
                    tick.tick().await;
                    if head.is_empty() && stream.read(&mut [0]).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                told.send(()).unwrap();
            }
        })
        .await;
        let begun = Instant::now();
        let why = unknown(wire().call(&impatient(&format!("http://{address}/"))).await);
        assert!(why.contains("in time"), "{why}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        // The connection is given up too.
        heard.recv().await.unwrap();
    }
}

#[tokio::test]
async fn connections_are_kept_and_used_again() {
    let address = server(|n, mut stream| async move {
        while !request(&mut stream).await.is_empty() {
            let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{n}");
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    })
    .await;
    let wire = wire();
    let call = get(&format!("http://{address}/"));
    for _ in 0..5 {
        assert_eq!(wire.clone().call(&call).await.unwrap().body, b"0");
    }
    let (a, b) = tokio::join!(wire.call(&call), wire.call(&call));
    let mut both = [a.unwrap().body, b.unwrap().body].concat();
    both.sort_unstable();
    assert_eq!(both, b"01");
}

#[tokio::test]
async fn a_kept_connection_that_the_callee_closed_is_replaced_at_once() {
    let closing: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
    let kept = Arc::clone(&closing);
    let address = server(move |n, mut stream| {
        let kept = Arc::clone(&kept);
        async move {
            request(&mut stream).await;
            let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{n}");
            stream.write_all(reply.as_bytes()).await.unwrap();
            kept.lock().await.push(stream);
        }
    })
    .await;
    let wire = wire();
    let call = get(&format!("http://{address}/"));
    assert_eq!(wire.call(&call).await.unwrap().body, b"0");
    // It closes while nobody looks: the next call finds a connection that is not known to be dead.
    while closing.lock().await.is_empty() {
        tokio::task::yield_now().await;
    }
    closing.lock().await.clear();
    assert_eq!(wire.call(&call).await.unwrap().body, b"1");
}

#[tokio::test]
async fn no_more_than_32_connections_to_a_callee_are_kept() {
    const AT_ONCE: usize = 40;
    let opened = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&opened);
    // Nobody is answered before all have asked, so that each needs a connection of its own.
    let all = Arc::new(Barrier::new(AT_ONCE));
    let address = server(move |_, mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        let all = Arc::clone(&all);
        async move {
            while !request(&mut stream).await.is_empty() {
                all.wait().await;
                let reply = b"HTTP/1.1 204 No Content\r\n\r\n";
                stream.write_all(reply).await.unwrap();
            }
        }
    })
    .await;
    let wire = wire();
    for connections in [AT_ONCE, AT_ONCE + AT_ONCE - 32] {
        let mut calls = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (wire, call) = (wire.clone(), get(&format!("http://{address}/")));
            calls.spawn(async move { wire.call(&call).await.unwrap().status });
        }
        assert_eq!(calls.join_all().await, [204; AT_ONCE]);
        assert_eq!(opened.load(Ordering::SeqCst), connections);
    }
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed() {
    let (told, mut heard) = mpsc::unbounded_channel();
    let address = server(move |_, mut stream| {
        let told = told.clone();
        async move {
            while !request(&mut stream).await.is_empty() {
                let reply = b"HTTP/1.1 204 No Content\r\n\r\n";
                stream.write_all(reply).await.unwrap();
            }
            told.send(()).unwrap();
        }
    })
    .await;
    let wire = wire();
    wire.call(&get(&format!("http://{address}/"))).await.unwrap();
    tokio::time::pause();
    assert!(heard.try_recv().is_err());
    for _ in 0..4 {
        tokio::time::advance(Duration::from_secs(16)).await;
    }
    tokio::time::resume();
    heard.recv().await.unwrap();
}

#[tokio::test]
async fn retry_after_is_told_in_both_forms() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
    for (value, least, most) in [("7", 7, 7), (date.as_str(), 60, 100)] {
        let reply = format!("HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n");
        let address = replies(reply).await;
        let answer = wire().call(&get(&format!("http://{address}/"))).await.unwrap();
        let after = answer.retry_after.unwrap().as_secs();
        assert!((least..=most).contains(&after), "{value}: {after}");
    }
}
