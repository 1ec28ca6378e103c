//! Too many connections, and slow ones.

use std::time::{Duration, Instant};

use deity::limits::Http;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::drain::{Running, rest, run};
use crate::http::{FORM, statuses};
use crate::support::{ran, rounds};

const GET: &[u8] = b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n";

/// One request on a connection of its own.
async fn visit(server: &Running) -> Vec<u16> {
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(b"GET /robots.txt HTTP/1.0\r\n\r\n").await.unwrap();
    statuses(&rest(&mut stream).await)
}

/// A connection of which one request has been answered.
async fn idle(server: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    again(&mut stream).await;
    stream
}

async fn again(stream: &mut TcpStream) {
    stream.write_all(GET).await.unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b"Disallow: /*?\n") {
        let n = timeout(Duration::from_secs(20), stream.read_buf(&mut said))
            .await
            .unwrap()
            .unwrap();
        assert!(n > 0, "closed");
    }
}

/// A connection whose header is half sent.
async fn half(server: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream
        .write_all(b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n")
        .await
        .unwrap();
    stream
}

#[tokio::test]
async fn when_full_the_oldest_unfinished_header_goes_first() {
    let server = run(Http {
        connections: 4,
        ..Http::default()
    })
    .await;
    let mut kept = idle(&server).await;
    let mut oldest = half(&server).await;
    let mut second = half(&server).await;
    let mut third = half(&server).await;
    // Four are open. A fifth makes the oldest half-sent one go, not the idle one, which is older.
    assert_eq!(visit(&server).await, [200]);
    assert_eq!(rest(&mut oldest).await, "");
    again(&mut kept).await;
    for stream in [&mut second, &mut third] {
        stream.write_all(b"\r\n").await.unwrap();
        let mut said = [0; 15];
        timeout(Duration::from_secs(20), stream.read_exact(&mut said))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(&said, b"HTTP/1.1 200 OK");
    }
    server.stop().await;
}

#[tokio::test]
async fn when_full_of_idle_connections_the_one_that_idles_longest_goes() {
    let server = run(Http {
        connections: 3,
        ..Http::default()
    })
    .await;
    let mut first = idle(&server).await;
    let mut second = idle(&server).await;
    let mut third = idle(&server).await;
    again(&mut first).await;
    assert_eq!(visit(&server).await, [200]);
    assert_eq!(rest(&mut second).await, "");
    again(&mut first).await;
    again(&mut third).await;
    server.stop().await;
}

#[tokio::test]
async fn a_request_that_is_being_answered_keeps_its_place() {
    let server = run(Http {
        connections: 2,
        ..Http::default()
    })
    .await;
    let mut busy = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nExpect: 100-continue\r\n");
        stream
            .write_all(format!("{head}Connection: close\r\nContent-Length: 3\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut asked = [0; 25];
        stream.read_exact(&mut asked).await.unwrap();
        busy.push(stream);
    }
    // Nobody may go, so the next one waits until one has gone by itself.
    let mut waiting = TcpStream::connect(server.addr).await.unwrap();
    waiting.write_all(b"GET /robots.txt HTTP/1.0\r\n\r\n").await.unwrap();
    for mut stream in busy {
        stream.write_all(b"a=1").await.unwrap();
        assert_eq!(statuses(&rest(&mut stream).await), [404]);
    }
    assert_eq!(statuses(&rest(&mut waiting).await), [200]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_slow_headers_keep_nobody_out() {
    let count = rounds(4_000, 1_000);
    let server = run(Http {
        connections: 200,
        ..Http::default()
    })
    .await;
    let began = Instant::now();
    let mut slow = Vec::new();
    let mut served = 0;
    for n in 0..count {
        // Those that were given up are closed on our side too, or we run out of files ourselves.
        if slow.len() >= 400 {
            slow.drain(..200);
        }
        slow.push(half(&server).await);
        if n % 100 == 99 {
            assert_eq!(visit(&server).await, [200]);
            served += 1;
        }
    }
    let found = format!("{served} visitors among them, all served");
    ran("slow headers against 200 connections", count, began.elapsed(), &found);
    server.stop().await;
}

#[tokio::test]
async fn slow_headers_and_slow_bodies_end_by_the_clock() {
    let server = run(Http {
        header_time: Duration::from_millis(200),
        body_time: Duration::from_millis(200),
        ..Http::default()
    })
    .await;
    let mut headers = Vec::new();
    let mut bodies = Vec::new();
    for _ in 0..100 {
        headers.push(half(&server).await);
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 99\r\n\r\na");
        stream.write_all(head.as_bytes()).await.unwrap();
        bodies.push(stream);
    }
    for stream in &mut headers {
        assert_eq!(rest(stream).await, "");
    }
    for stream in &mut bodies {
        assert_eq!(statuses(&rest(stream).await), [408]);
    }
    assert_eq!(visit(&server).await, [200]);
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_is_read_by_a_client_that_is_still_sending() {
    let server = run(Http::default()).await;
    let stream = TcpStream::connect(server.addr).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n");
    let sending = tokio::spawn(async move {
        writing.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("2710\r\n{}\r\n", "x".repeat(10_000));
        // Twice as much as is allowed; the server may close in the middle of it.
        for _ in 0..52 {
            if writing.write_all(chunk.as_bytes()).await.is_err() {
                break;
            }
        }
        writing
    });
    let mut said = Vec::new();
    let _cut = timeout(Duration::from_secs(20), reading.read_to_end(&mut said))
        .await
        .unwrap();
    assert_eq!(statuses(&String::from_utf8_lossy(&said)), [413]);
    drop(sending.await.unwrap());
    server.stop().await;
}

#[tokio::test]
async fn a_header_that_is_too_long_is_answered_before_its_end() {
    let server = run(Http::default()).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let head = format!("GET /a HTTP/1.1\r\nHost: a\r\nX: {}", "y".repeat(200_000));
    stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(statuses(&rest(&mut stream).await), [431]);
    server.stop().await;
}
