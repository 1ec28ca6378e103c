//! Connections of HTTP/2: how many streams, how long, how often taken back, and how they end.

use std::time::Duration;

use deity::http::Drained;
use deity::limits::Http;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::frames::{DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, REFUSED_STREAM, RESET, form, frame, raw, still};
use super::h2::{ask, speak, to};
use super::tls::{Secured, connect, last};
use super::{get, post, statuses};
use crate::support::tls::NAME;

/// Whether `took` is `expected`, give or take a last word of two seconds.
fn about(took: Duration, expected: Duration) -> bool {
    took >= expected && took < expected + Duration::from_millis(2_500)
}

#[tokio::test]
async fn a_header_larger_than_what_is_even_looked_at_is_refused() {
    let server = Secured::bounded(Http::default()).await;
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
async fn frames_that_take_back_are_counted_whatever_has_become_of_their_requests() {
    let server = Secured::bounded(Http {
        resets: 20,
        ..Http::default()
    })
    .await;
    let mut raw = raw(&server, get("/robots.txt", &[])).await;
    let mut taken_back = 0;
    for n in 0..40 {
        let stream = 2 * n + 1;
        // Each is answered before it is taken back.
        if raw.ask(stream, END_STREAM).await.is_err() || raw.hear_a(DATA).await.is_none() {
            break;
        }
        let cancel = frame(RESET, 0, stream, &8_u32.to_be_bytes());
        if raw.send(&cancel).await.is_err() {
            break;
        }
        taken_back = n + 1;
    }
    assert!((20..=22).contains(&taken_back), "{taken_back}");
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
    // What was on its way when that was said is answered.
    raw.ask(3, END_STREAM).await.unwrap();
    assert!(raw.hear_a(DATA).await.is_some());
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
async fn after_a_header_in_parts_that_is_not_heeded_a_connection_is_as_idle_as_before() {
    let limits = Http::default();
    // Refused before its body; its trailers, `x: y`, come when the stream is over.
    let mut raw = still(&limits, post("/a", &[("sec-fetch-site", "cross-site")], "a=1"), &[]).await;
    raw.ask(1, 0).await.unwrap();
    assert!(raw.hear_a(RESET).await.is_some());
    let trailers = frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0, 1, b'x', 1, b'y']);
    let (front, rest) = trailers.split_at(11);
    raw.send(front).await.unwrap();
    // Each part is read by itself.
    tokio::time::sleep(limits.header_time / 2).await;
    raw.send(rest).await.unwrap();
    let began = Instant::now();
    assert!(raw.hear_a(GOAWAY).await.is_some(), "it is told to go");
    assert!(about(began.elapsed(), limits.idle_time), "{:?}", began.elapsed());
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
