//! Statuses, headers and routes: what is sent, and that nothing else is.

use deity::http::Settings;

use super::{Answer, app, ask, bounded, build, connect, get, one, post, talk};
use deity::limits::Http;
use tokio::io::AsyncWriteExt as _;

fn names(answer: &Answer) -> Vec<&str> {
    let mut names: Vec<_> = answer.headers.keys().map(hyper::header::HeaderName::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn paths_lead_where_they_should() {
    let app = app(Settings::default()).await;
    for (target, status) in [
        ("/robots.txt", 200),
        ("/favicon.ico", 404),
        ("/no-such-flow", 404),
        ("/no-such-flow?utm_source=x", 404),
        ("/no-such-flow?sessionID=AAAA&screenID=BBBB", 404),
        ("/no-such-flow?sessionID=AAAA&screenID=BBBB&more=1", 404),
        ("/No-Such-Flow", 404),
        ("/a/b", 404),
        ("/a/", 404),
        ("//", 404),
        ("/../etc/passwd", 404),
        ("/%2e%2e/etc/passwd", 404),
        ("/a%00", 404),
        ("/a\\b", 404),
        ("/a?sessionID=%ff", 400),
        ("/a?sessionID=1&sessionID=1", 400),
    ] {
        let Ok(target_uri) = target.parse::<hyper::Uri>() else {
            assert_eq!(status, 400, "{target}");
            continue;
        };
        assert_eq!(
            ask(&app, get(&target_uri.to_string(), &[])).await.status,
            status,
            "{target}"
        );
    }
}

#[tokio::test]
async fn only_get_head_and_post_are_methods() {
    let app = app(Settings::default()).await;
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "PROPFIND", "X"] {
        let answer = ask(&app, build(method, "/a", &[], "")).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"), "{method}");
    }
    for target in ["/", "/robots.txt", "/favicon.ico"] {
        assert_eq!(ask(&app, post(target, &[], "")).await.status, 405, "{target}");
    }
}

#[tokio::test]
async fn a_form_is_a_form() {
    let app = app(Settings::default()).await;
    for (kind, status) in [
        ("application/x-www-form-urlencoded", 404),
        ("Application/X-WWW-Form-Urlencoded", 404),
        ("application/x-www-form-urlencoded; charset=UTF-8", 404),
        ("application/x-www-form-urlencoded;charset=\"utf-8\"", 404),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", 415),
        ("multipart/form-data; boundary=x", 415),
        ("text/plain", 415),
        ("application/json", 415),
        ("", 415),
    ] {
        let request = build("POST", "/a", &[("content-type", kind)], "sessionID=x");
        assert_eq!(ask(&app, request).await.status, status, "{kind}");
    }
    assert_eq!(ask(&app, build("POST", "/a", &[], "sessionID=x")).await.status, 415);
    let packed = post("/a", &[("content-encoding", "gzip")], "sessionID=x");
    assert_eq!(ask(&app, packed).await.status, 415);
    let twice = build(
        "POST",
        "/a",
        &[("content-type", super::FORM), ("content-type", super::FORM)],
        "",
    );
    assert_eq!(ask(&app, twice).await.status, 400);
}

#[tokio::test]
async fn a_get_carries_no_body() {
    let app = app(Settings::default()).await;
    assert_eq!(ask(&app, build("GET", "/robots.txt", &[], "a=1")).await.status, 400);
    assert_eq!(ask(&app, build("GET", "/robots.txt", &[], "")).await.status, 200);
}

#[tokio::test]
async fn a_page_has_these_headers_and_no_other() {
    let app = app(Settings::default()).await;
    let answer = ask(&app, get("/nowhere", &[])).await;
    assert_eq!(
        names(&answer),
        ["cache-control", "content-type", "vary", "x-frame-options"]
    );
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.header("vary"), Some("accept-encoding"));
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(answer.header("content-type"), Some("text/html"));
}

#[tokio::test]
async fn https_is_remembered_where_it_is_the_origin() {
    let settings = |origin: &str| Settings {
        origin: Some(origin.parse().unwrap()),
        ..Settings::default()
    };
    let secure = app(settings("https://deity.test")).await;
    let answer = ask(&secure, get("/nowhere", &[])).await;
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    let plain = app(settings("http://deity.test")).await;
    assert_eq!(
        ask(&plain, get("/nowhere", &[]))
            .await
            .header("strict-transport-security"),
        None
    );
}

#[tokio::test]
async fn refusals_say_what_a_client_needs_and_are_kept_by_nobody() {
    let app = bounded(Http {
        in_flight: 0,
        queue_wait: std::time::Duration::ZERO,
        ..Http::default()
    })
    .await;
    let answer = ask(&app, get("/nowhere", &[])).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_page_is_compressed_as_asked() {
    let app = app(Settings::default()).await;
    let plain = ask(&app, get("/nowhere", &[])).await;
    assert_eq!(plain.header("content-encoding"), None);
    for encoding in ["br", "gzip"] {
        let packed = ask(&app, get("/nowhere", &[("accept-encoding", encoding)])).await;
        assert_eq!(packed.header("content-encoding"), Some(encoding));
        assert!(packed.body.len() < plain.body.len());
    }
}

#[tokio::test]
async fn on_the_wire_a_usual_page_has_at_most_180_bytes_before_it() {
    let app = app(Settings::default()).await;
    for (encoding, most) in [("br", 178), ("gzip", 180)] {
        let mut client = connect(&app);
        let request = format!(
            "POST /nowhere HTTP/1.1\r\nHost: deity.test\r\nAccept-Encoding: {encoding}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n"
        );
        client.write_all(request.as_bytes()).await.unwrap();
        let said = one(&mut client).await;
        let (head, _) = said.split_once("\r\n\r\n").unwrap();
        let mut names: Vec<_> = head
            .lines()
            .skip(1)
            .map(|line| line.split(':').next().unwrap())
            .collect();
        names.sort_unstable();
        let expected = [
            "cache-control",
            "content-encoding",
            "content-length",
            "content-type",
            "date",
            "x-frame-options",
        ];
        assert_eq!(names, expected);
        assert!(head.starts_with("HTTP/1.1 404 \r\n"), "{head}");
        assert!(head.len() + 4 <= most, "{} bytes:\n{head}", head.len() + 4);
    }
}

#[tokio::test]
async fn a_page_weighs_what_is_on_the_wire() {
    use deity::http::{encoding::Encoding, weigh};
    use deity::view::{self, Problem, Visit};

    // The number of the first request in the tests' own world.
    const VISIT: Visit<'_> = Visit {
        wishes: &[],
        switch: view::Switch::None,
        root: "",
        id: "6Z350000",
        site: deity::site::Site::NONE,
        text: false,
        key: None,
    };

    for (name, encoding) in [
        ("", Encoding::Plain),
        ("gzip", Encoding::Gzip),
        ("br", Encoding::Brotli),
    ] {
        for (line, page) in [
            ("GET / HTTP/1.1", view::index(&[], &VISIT)),
            ("GET /a?sessionID=%ff HTTP/1.1", view::error(Problem::Bad, &VISIT)),
            ("PUT / HTTP/1.1", view::error(Problem::Method, &VISIT)),
        ] {
            // Of its own: a server that answers often packs less well.
            let mut client = connect(&app(Settings::default()).await);
            let request = format!("{line}\r\nHost: a\r\nAccept-Encoding: {name}\r\n\r\n");
            client.write_all(request.as_bytes()).await.unwrap();
            client.shutdown().await.unwrap();
            let mut sent = Vec::new();
            tokio::io::AsyncReadExt::read_to_end(&mut client, &mut sent)
                .await
                .unwrap();
            assert_eq!(weigh(page, encoding, None, 0).all(), sent.len(), "{line} {name}");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = app(Settings::default()).await;
    let strip = |said: &str| said.split("\r\n\r\n").next().unwrap().to_owned();
    let request = |method: &str| format!("{method} /robots.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let got = talk(&app, request("GET")).await;
    let headed = talk(&app, request("HEAD")).await;
    assert!(got.ends_with("Disallow: /*?\n"));
    assert!(headed.ends_with("\r\n\r\n"));
    assert_eq!(strip(&got), strip(&headed));
    assert!(headed.contains("content-length: 28\r\n"), "{headed}");
}

#[tokio::test]
async fn no_cookie_is_ever_set() {
    let app = app(Settings::default()).await;
    for request in [
        get("/", &[("cookie", "a=b")]),
        get("/nowhere", &[]),
        get("/robots.txt", &[]),
        get("/favicon.ico", &[]),
        post("/a", &[("cookie", "sessionID=x")], "sessionID=x&screenID=y"),
        post("/a", &[], "%"),
    ] {
        assert_eq!(ask(&app, request).await.header("set-cookie"), None);
    }
}
