//! Each limit of a request at one less, itself, and one more.

use std::time::Duration;

use bytes::Bytes;
use deity::limits::Http;
use http_body_util::Full;
use hyper::{HeaderMap, Request};

use super::{FORM, ask, bounded, build, connect, get, one, post, rest, statuses, talk};
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

#[tokio::test]
async fn the_target() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    for (over, status) in [(-1, 404), (0, 404), (1, 414)] {
        let length = limits.target_bytes.checked_add_signed(over).unwrap();
        let path = format!("/{}", "a".repeat(length - 1));
        assert_eq!(ask(&app, get(&path, &[])).await.status, status, "path of {length}");
        let query = format!("/a?{}", "b".repeat(length - 3));
        // A name of that length is refused, but only where the target was not.
        let refused = if status == 404 { 400 } else { status };
        assert_eq!(ask(&app, get(&query, &[])).await.status, refused, "query of {length}");
        let said = talk(
            &app,
            format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        )
        .await;
        assert_eq!(statuses(&said), [status]);
    }
}

#[tokio::test]
async fn the_number_of_header_fields() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    for (over, status) in [(-1, 404), (0, 404), (1, 431), (30, 431), (300, 431)] {
        let mut request = get("/a", &[]);
        for n in 1..limits.headers.checked_add_signed(over).unwrap() {
            request.headers_mut().append("x", n.to_string().parse().unwrap());
        }
        assert_eq!(ask(&app, request).await.status, status);
        let lines = "x: 1\r\n".repeat(limits.headers.checked_add_signed(over).unwrap() - 2);
        let said = talk(
            &app,
            format!("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{lines}\r\n"),
        )
        .await;
        assert_eq!(statuses(&said), [status], "{over}");
    }
}

fn length(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}

#[tokio::test]
async fn the_bytes_of_the_header() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    for (over, status) in [(-1, 404), (0, 404), (1, 431), (100_000, 431)] {
        let mut request = get("/a", &[("connection", "close")]);
        let rest = limits.header_bytes.checked_add_signed(over).unwrap() - length(request.headers()) - "x".len() - 4;
        request.headers_mut().insert("x", "y".repeat(rest).parse().unwrap());
        assert_eq!(ask(&app, request).await.status, status, "{over}");
        let said = talk(
            &app,
            format!(
                "GET /a HTTP/1.1\r\nhost: deity.test\r\nconnection: close\r\nx: {}\r\n\r\n",
                "y".repeat(rest)
            ),
        )
        .await;
        assert_eq!(statuses(&said), [status], "{over} on the wire");
    }
}

#[tokio::test]
async fn the_bytes_of_the_body() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    for (over, status) in [(-1, 404), (0, 404), (1, 413)] {
        let length = limits.body_bytes.checked_add_signed(over).unwrap();
        let body = format!("a={}", "x".repeat(length - 2));
        assert_eq!(
            ask(&app, post("/a", &[], body.clone())).await.status,
            status,
            "{length}"
        );
        let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: {FORM}\r\n");
        let said = talk(&app, format!("{head}Content-Length: {length}\r\n\r\n{body}")).await;
        assert_eq!(statuses(&said), [status], "{length} announced");
        let chunked = body.as_bytes().chunks(50_000).fold(String::new(), |mut all, chunk| {
            all.push_str(&format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)));
            all
        });
        let said = talk(
            &app,
            format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunked}0\r\n\r\n"),
        )
        .await;
        assert_eq!(statuses(&said), [status], "{length} in chunks");
    }
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_not_asked_for() {
    let app = bounded(Http::default()).await;
    let mut client = connect(&app);
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nExpect: 100-continue\r\n");
    client
        .write_all(format!("{head}Content-Length: 9999999999\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let said = one(&mut client).await;
    assert!(said.starts_with("HTTP/1.1 413 "), "{said}");
    assert!(said.contains("connection: close\r\n"), "{said}");
}

#[tokio::test]
async fn what_all_large_bodies_take_together() {
    let limits = Http {
        bodies_bytes: 600 << 10,
        ..Http::default()
    };
    let app = bounded(limits.clone()).await;
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 20000\r\n\r\n");
    let half = format!("{head}a={}", "x".repeat(17_000));
    // Two fit into 600 KiB, each counted as the most that it may become.
    let mut first = connect(&app);
    let mut second = connect(&app);
    for client in [&mut first, &mut second] {
        client.write_all(half.as_bytes()).await.unwrap();
    }
    let third = async {
        loop {
            let answer = ask(&app, post("/a", &[], format!("a={}", "x".repeat(17_000)))).await;
            // The others are read by tasks of their own.
            if answer.status == 503 {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), third).await.unwrap();
    assert_eq!(
        ask(&app, post("/a", &[], "a=1")).await.status,
        404,
        "a usual form is always taken"
    );
    for client in [&mut first, &mut second] {
        client.write_all("x".repeat(20_000 - 17_002).as_bytes()).await.unwrap();
        assert_eq!(statuses(&one(client).await), [404]);
    }
    let answer = ask(&app, post("/a", &[], format!("a={}", "x".repeat(200_000)))).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn the_number_and_the_names_of_fields() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    for (over, status) in [(-1, 404), (0, 404), (1, 413)] {
        let count = limits.fields.checked_add_signed(over).unwrap();
        assert_eq!(
            ask(&app, post("/a", &[], vec!["a=1"; count].join("&"))).await.status,
            status
        );
    }
    for (over, status) in [(-1, 404), (0, 404), (1, 400)] {
        let length = limits.name_bytes.checked_add_signed(over).unwrap();
        assert_eq!(
            ask(&app, post("/a", &[], format!("{}=1", "n".repeat(length))))
                .await
                .status,
            status
        );
    }
    for over in [-1, 0, 1] {
        let length = (64_usize << 10).checked_add_signed(over).unwrap();
        let answer = ask(&app, post("/a", &[], format!("a={}", "x".repeat(length)))).await;
        assert_eq!(
            answer.status, 404,
            "a long value goes through to its screen, if there is one"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_too_long() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 9\r\n\r\na=1");
    let mut client = connect(&app);
    let began = Instant::now();
    client.write_all(head.as_bytes()).await.unwrap();
    // One byte a second keeps nobody waiting for longer.
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.write_all(b"1").await.unwrap();
    }
    let said = rest(&mut client).await;
    assert_eq!(statuses(&said), [408], "{said}");
    let took = began.elapsed();
    assert!(
        took >= limits.body_time && took < limits.body_time + Duration::from_secs(5),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_does_not_come() {
    let app = bounded(Http {
        in_flight: 0,
        ..Http::default()
    })
    .await;
    let began = Instant::now();
    let answer = ask(&app, get("/a", &[])).await;
    assert_eq!(answer.status, 503);
    assert_eq!(began.elapsed().as_secs(), 1);
    assert_eq!(
        ask(&app, get("/robots.txt", &[])).await.status,
        200,
        "what costs nothing needs no turn"
    );
}

#[tokio::test]
async fn requests_on_one_connection() {
    let app = bounded(Http {
        requests: 3,
        ..Http::default()
    })
    .await;
    let said = talk(&app, "GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5)).await;
    assert_eq!(statuses(&said), [200, 200, 200]);
    assert_eq!(said.matches("connection: close").count(), 1);
}

#[tokio::test]
async fn a_host_is_needed_from_http_1_1_on() {
    let app = bounded(Http::default()).await;
    let mut request = Request::builder()
        .uri("/robots.txt")
        .body(Full::<Bytes>::default())
        .unwrap();
    assert_eq!(ask(&app, request.clone()).await.status, 400);
    *request.version_mut() = hyper::Version::HTTP_10;
    assert_eq!(ask(&app, request).await.status, 200);
    let two = build("GET", "/robots.txt", &[("host", "a"), ("host", "a")], "");
    assert_eq!(ask(&app, two).await.status, 400);
    assert_eq!(
        ask(&app, build("GET", "/robots.txt", &[("host", "a b")], ""))
            .await
            .status,
        400
    );
}

/// A flow of one screen with these fields.
fn flow_of(fields: &str) -> String {
    format!(
        "title = 'Many'\nstart = 'ask'\n[screens.ask]\ntitle = 'Ask'\n{fields}actions.go = 'end'\n\
         [screens.end]\ntitle = 'End'\nend = 'done'\n"
    )
}

#[tokio::test]
async fn they_follow_what_the_flows_need_unless_an_operator_says_otherwise() {
    let dates: String = (0..70)
        .map(|n| format!("fields.d{n} = {{ type = 'date', label = 'Dose {n}', required = false }}\n"))
        .collect();
    let options: Vec<_> = (0..250).map(|n| format!("'V{n:04}'")).collect();
    let ticks = format!(
        "fields.v = {{ type = 'choices', label = 'Villages', options = [{}] }}\n",
        options.join(", ")
    );
    for fields in [dates, ticks] {
        let source = flow_of(&fields);
        let (read, _) = deity::flow::Flow::read("many", &source).unwrap();
        let needed = read.posts.fields;
        assert!(needed > Http::default().fields);
        let body = |count: usize| (0..count).map(|n| format!("d{n}=&")).collect::<String>();
        for (limits, most) in [
            (Http::default(), needed),
            (
                Http {
                    fixed: deity::limits::Fixed {
                        fields: true,
                        body_bytes: true,
                    },
                    ..Http::default()
                },
                Http::default().fields,
            ),
        ] {
            let settings = deity::http::Settings {
                limits,
                ..deity::http::Settings::default()
            };
            let (app, _) = super::clocked(&source, settings).await;
            assert_eq!(ask(&app, post("/bicycle", &[], body(most + 1))).await.status, 413);
            assert_ne!(ask(&app, post("/bicycle", &[], body(most))).await.status, 413);
        }
    }
}

#[test]
fn a_form_that_nobody_could_send_is_a_fault_of_its_screen() {
    let faults = |fields: String| {
        let read = deity::flow::Flow::read("many", &flow_of(&fields));
        read.map_or_else(|faults| faults, |_| Vec::new())
    };
    let options: Vec<_> = (0..1_000).map(|n| format!("'V{n:04}'")).collect();
    let ticks = |n: usize| {
        let options = options.join(", ");
        format!("fields.v{n} = {{ type = 'choices', label = 'V', options = [{options}] }}\n")
    };
    let lines = |n: usize| format!("fields.l{n} = {{ type = 'lines', label = 'L', max = 10000 }}\n");
    for (fields, words) in [
        ((0..3).map(ticks).collect::<String>(), "its form has up to 3011 fields"),
        ((0..7).map(lines).collect(), "could not send it: 821 KiB"),
    ] {
        let found = faults(fields.clone());
        let [fault] = found.as_slice() else {
            panic!("one fault: {found:#?}")
        };
        assert_eq!(fault.code, "large-form");
        assert!(fault.message.contains(words), "{}", fault.message);
        assert_eq!(&flow_of(&fields)[fault.span.clone()], "ask");
        // What was served before goes on.
        assert!(deity::flow::Flow::kept("many", &flow_of(&fields), &deity::flow::Defaults::default()).is_ok());
    }
    assert!(faults((0..1).map(ticks).collect()).is_empty());
    assert!(faults((0..6).map(lines).collect()).is_empty());
}
