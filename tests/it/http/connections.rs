//! Connections: kept, closed, and given up by the clock. Time stands still here, and jumps to the
//! next timer when nothing else is to do.

use std::time::Duration;

use deity::limits::Http;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep};

use super::{FORM, PEER, bounded, connect, one, rest, statuses, talk};
use std::sync::Arc;

const GET: &str = "GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n";

/// Whether `took` is `expected`, give or take the clock's tick.
fn about(took: Duration, expected: Duration) -> bool {
    took >= expected && took < expected + Duration::from_millis(100)
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_for_the_next_phase() {
    let app = bounded(Http::default()).await;
    let mut client = connect(&app);
    for _ in 0..3 {
        client.write_all(GET.as_bytes()).await.unwrap();
        let said = one(&mut client).await;
        assert_eq!(statuses(&said), [200]);
        assert!(
            !said.contains("connection:"),
            "HTTP/1.1 keeps connections without a word: {said}"
        );
        // Longer than a header may take: a person fills in the page.
        sleep(Duration::from_secs(100)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_after_its_time() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    let mut client = connect(&app);
    client.write_all(GET.as_bytes()).await.unwrap();
    one(&mut client).await;
    let began = Instant::now();
    assert_eq!(rest(&mut client).await, "");
    assert!(about(began.elapsed(), limits.idle_time), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_header_that_takes_too_long_ends_the_connection() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    for part in ["", "G", "GET /robots.txt HTTP/1.1\r\nHost: a\r\n"] {
        let mut client = connect(&app);
        let began = Instant::now();
        client.write_all(part.as_bytes()).await.unwrap();
        assert_eq!(rest(&mut client).await, "");
        assert!(
            about(began.elapsed(), limits.header_time),
            "{part:?}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_header_in_drops_gets_no_more_time() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    let mut client = connect(&app);
    let began = Instant::now();
    let mut sent = 0;
    while client.write_all(b"GET"[sent % 3..=sent % 3].as_ref()).await.is_ok() {
        sent += 1;
        sleep(Duration::from_millis(500)).await;
        assert!(sent < 1_000);
    }
    let took = began.elapsed();
    assert!(took < limits.header_time + Duration::from_secs(1), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn the_header_of_a_later_request_has_its_own_time() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    let mut client = connect(&app);
    client.write_all(GET.as_bytes()).await.unwrap();
    one(&mut client).await;
    sleep(Duration::from_secs(60)).await;
    let began = Instant::now();
    client.write_all(b"GET /rob").await.unwrap();
    assert_eq!(rest(&mut client).await, "");
    assert!(about(began.elapsed(), limits.header_time), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_no_answer_is_given_up() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    // Room for a part of one answer.
    let (mut client, server) = tokio::io::duplex(64);
    let began = Instant::now();
    let serving = tokio::spawn(deity::http::serve(server, PEER, Arc::clone(&app)));
    client.write_all(GET.as_bytes()).await.unwrap();
    serving.await.unwrap();
    assert!(about(began.elapsed(), limits.write_time), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_gets_all_of_it() {
    let app = bounded(Http::default()).await;
    let (mut client, server) = tokio::io::duplex(64);
    tokio::spawn(deity::http::serve(server, PEER, app));
    client.write_all(GET.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b"Disallow: /*?\n") {
        sleep(Duration::from_secs(10)).await;
        let mut some = [0; 32];
        let n = client.read(&mut some).await.unwrap();
        said.extend_from_slice(&some[..n]);
    }
}

#[tokio::test]
async fn http_1_0_closes_unless_it_asks_to_keep() {
    let app = bounded(Http::default()).await;
    let mut client = connect(&app);
    client.write_all(b"GET /robots.txt HTTP/1.0\r\n\r\n").await.unwrap();
    let said = rest(&mut client).await;
    assert!(said.starts_with("HTTP/1.0 200 OK\r\n"), "{said}");
    assert!(
        !said.contains("connection:") && !said.contains("transfer-encoding"),
        "{said}"
    );

    let mut client = connect(&app);
    for _ in 0..2 {
        client
            .write_all(b"GET /robots.txt HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
            .await
            .unwrap();
        let said = one(&mut client).await;
        assert!(said.contains("connection: keep-alive\r\n"), "{said}");
    }
}

#[tokio::test]
async fn http_1_1_closes_when_it_is_asked_to() {
    let app = bounded(Http::default()).await;
    let mut client = connect(&app);
    client
        .write_all(b"GET /robots.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let said = rest(&mut client).await;
    assert_eq!(statuses(&said), [200]);
    assert!(said.contains("connection: close\r\n"), "{said}");
}

#[tokio::test]
async fn requests_may_come_ahead_of_their_answers() {
    let app = bounded(Http::default()).await;
    let said = talk(&app, GET.repeat(50)).await;
    assert_eq!(statuses(&said), [200; 50]);
}

#[tokio::test]
async fn a_client_that_has_said_all_still_hears_the_answer() {
    let app = bounded(Http::default()).await;
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 3\r\n\r\na=1");
    assert_eq!(statuses(&talk(&app, head).await), [404]);
}

#[tokio::test]
async fn a_body_may_wait_to_be_asked_for() {
    let app = bounded(Http::default()).await;
    let mut client = connect(&app);
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nExpect: 100-continue\r\n");
    client
        .write_all(format!("{head}Content-Length: 3\r\n\r\n").as_bytes())
        .await
        .unwrap();
    assert_eq!(one(&mut client).await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"a=1").await.unwrap();
    assert_eq!(statuses(&one(&mut client).await), [404]);
}

#[tokio::test]
async fn a_body_may_come_in_chunks_and_the_next_request_after_it() {
    let app = bounded(Http::default()).await;
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n");
    let said = talk(&app, format!("{head}3\r\na=1\r\n2;x=y\r\n&b\r\n0\r\nX: y\r\n\r\n{GET}")).await;
    assert_eq!(statuses(&said), [404, 200]);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let app = bounded(Http::default()).await;
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 30\r\n\r\na=1");
    let said = talk(&app, head).await;
    // Of a session that is not there it is the page of all others; `cut` has those that are.
    assert!(matches!(statuses(&said)[..], [] | [404]), "{said}");
}

#[tokio::test]
async fn an_offer_to_upgrade_is_passed_over() {
    let app = bounded(Http::default()).await;
    let upgrade = "GET /robots.txt HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    assert_eq!(statuses(&talk(&app, format!("{upgrade}{GET}")).await), [200, 200]);
}

#[tokio::test(start_paused = true)]
async fn who_was_there_before_the_process_stood_still_is_heard_after_it() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    let mut client = connect(&app);
    // It is there, and waits for a header.
    tokio::task::yield_now().await;
    tokio::time::advance(limits.header_time * 2).await;
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let request = "GET / HTTP/1.1\r\nHost: deity.test\r\nConnection: close\r\n\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    let said = rest(&mut client).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said:.200}");
}
