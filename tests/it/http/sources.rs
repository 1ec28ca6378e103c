//! Where a request says that it comes from: plain http, https behind a proxy, and other sites.

use deity::http::origin::{Origin, Source, is_host};
use deity::http::{Settings, Trusted};
use hyper::HeaderMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::tls::{Secured, connect, last};
use super::{FORM, app, ask, get, post, statuses};

fn source(ours: Option<&str>, headers: &[(&'static str, &'static str)]) -> Source {
    over(false, ours, headers)
}

fn over(tls: bool, ours: Option<&str>, headers: &[(&'static str, &'static str)]) -> Source {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    let ours = ours.map(|ours| ours.parse::<Origin>().unwrap());
    Source::of(&map, ours.as_ref(), tls)
}

#[test]
fn without_any_word_a_post_is_ours_and_a_link_from_outside() {
    let said = source(None, &[("host", "192.0.2.1:8080")]);
    assert_eq!((said.foreign, said.inside, said.prefetch), (false, false, false));
}

#[test]
fn sec_fetch_site_decides_where_it_is_sent() {
    let cases = [
        ("same-origin", false, true),
        ("none", false, false),
        // What is not our own page is another's, however near, and so is a word that nobody knows.
        ("same-site", true, false),
        ("cross-site", true, false),
        ("news", true, false),
    ];
    for (site, foreign, inside) in cases {
        // A Referer of our own does not make up for it.
        for headers in [
            vec![("host", "deity.test"), ("sec-fetch-site", site)],
            vec![
                ("host", "deity.test"),
                ("sec-fetch-site", site),
                ("referer", "http://deity.test/x"),
            ],
        ] {
            let said = source(None, &headers);
            assert_eq!((said.foreign, said.inside), (foreign, inside), "{headers:?}");
        }
    }
}

#[test]
fn over_plain_http_referer_and_origin_stand_in() {
    let cases = [
        ("referer", "http://192.0.2.1:8080/passport-renewal?sessionID=x", true),
        ("referer", "http://192.0.2.1:8080", true),
        ("referer", "https://192.0.2.1:8080/", true),
        ("referer", "http://192.0.2.1/", false),
        ("referer", "http://192.0.2.1:80801/", false),
        ("referer", "http://192.0.2.1:8080.evil.test/", false),
        ("referer", "http://evil.test/?http://192.0.2.1:8080/", false),
        ("referer", "http://192.0.2.1:8080@evil.test/", false),
        ("referer", "about:blank", false),
        ("origin", "http://192.0.2.1:8080", true),
        ("origin", "http://evil.test", false),
        ("origin", "null", false),
    ];
    for (name, value, inside) in cases {
        let said = source(None, &[("host", "192.0.2.1:8080"), (name, value)]);
        assert_eq!(said.inside, inside, "{name}: {value}");
        assert_eq!(said.foreign, value == "http://evil.test", "{name}: {value}");
    }
}

#[test]
fn a_null_origin_says_nothing_unless_the_browser_says_more() {
    let null = |site: Option<&'static str>| {
        let site = site.map(|site| ("sec-fetch-site", site));
        let headers: Vec<_> = [("host", "a"), ("origin", "null")].into_iter().chain(site).collect();
        let said = source(None, &headers);
        (said.foreign, said.unsaid)
    };
    assert_eq!(null(None), (false, true));
    assert_eq!(null(Some("same-origin")), (false, true));
    for site in ["none", "same-site", "cross-site"] {
        assert_eq!(null(Some(site)), (true, true), "{site}");
    }
}

#[test]
fn behind_a_tls_proxy_ours_is_what_was_configured() {
    let ours = Some("https://Renew.example.org");
    let inner = ("host", "127.0.0.1:8080");
    assert!(!source(ours, &[inner, ("origin", "https://renew.example.org")]).foreign);
    assert!(!source(ours, &[inner, ("origin", "https://renew.example.org:443")]).foreign);
    assert!(source(ours, &[inner, ("origin", "http://renew.example.org")]).foreign);
    assert!(source(ours, &[inner, ("origin", "http://127.0.0.1:8080")]).foreign);
    assert!(source(ours, &[inner, ("referer", "https://renew.example.org/x")]).inside);
    assert!(!source(ours, &[inner, ("referer", "http://127.0.0.1:8080/x")]).inside);
}

#[test]
fn over_our_own_tls_only_https_is_ours_unless_another_origin_is_configured() {
    let host = ("host", "a:8443");
    for (url, ours, own) in [
        ("https://a:8443", None, true),
        ("http://a:8443", None, false),
        ("http://a:8443", Some("http://a:8443"), true),
        ("https://a:8443", Some("http://a:8443"), false),
    ] {
        assert_eq!(over(true, ours, &[host, ("origin", url)]).foreign, !own, "{url}");
        assert_eq!(over(true, ours, &[host, ("referer", url)]).inside, own, "{url}");
    }
}

#[test]
fn a_header_that_comes_twice_is_not_believed() {
    assert!(source(None, &[("host", "a"), ("origin", "http://a"), ("origin", "http://a")]).foreign);
    assert!(
        !source(
            None,
            &[("host", "a"), ("referer", "http://a/"), ("referer", "http://a/")]
        )
        .inside
    );
    let twice = [
        ("host", "a"),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "same-origin"),
    ];
    assert!(!source(None, &twice).inside);
}

#[test]
fn hosts_have_one_shape() {
    for host in [
        "a",
        "a.b-c.org",
        "localhost:8080",
        "192.0.2.1",
        "[::1]",
        "[2001:db8::1]:80",
    ] {
        assert!(is_host(host), "{host}");
    }
    for host in [
        "", ":80", "a:", "a:x", "a:99999", "a b", "a/b", "a@b", "a,b", "[::1", "::1", "[zz]", "a:80:80", "é", "a\\b",
    ] {
        assert!(!is_host(host), "{host}");
    }
}

#[test]
fn an_origin_is_scheme_host_and_port() {
    for (text, shown) in [
        ("https://Example.org", "https://example.org"),
        ("https://example.org:443/", "https://example.org"),
        ("http://example.org:8080", "http://example.org:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://Example.org/forms", "https://example.org/forms"),
        (
            "https://example.org:443/a/For_ms-1.2/",
            "https://example.org/a/For_ms-1.2",
        ),
    ] {
        assert_eq!(text.parse::<Origin>().unwrap().to_string(), shown);
    }
    for text in [
        "example.org",
        "https://",
        "ftp://a",
        "https://a//",
        "https://a//b",
        "https://a/b//",
        "https://a/../b",
        "https://a/b%20c",
        "https://a/b c",
        "https://a/b?c",
        "https://a?b",
        "null",
        "https://a b",
    ] {
        let said = text.parse::<Origin>().unwrap_err();
        assert!(said.contains("https://example.org"), "{said}");
    }
}

#[tokio::test]
async fn a_post_of_another_site_is_refused() {
    let app = app(Settings::default()).await;
    for (headers, status) in [
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("origin", "https://evil.test")], 403),
        (vec![("origin", "null")], 403),
        (
            vec![("origin", "http://deity.test"), ("sec-fetch-site", "cross-site")],
            403,
        ),
        (
            vec![("origin", "http://sibling.deity.test"), ("sec-fetch-site", "same-site")],
            403,
        ),
        (
            vec![("origin", "http://deity.test"), ("sec-fetch-site", "same-origin")],
            404,
        ),
        (vec![("sec-fetch-site", "none")], 404),
        (vec![], 404),
    ] {
        let answer = ask(&app, post("/a", &headers, "sessionID=x&screenID=y")).await;
        assert_eq!(answer.status, status, "{headers:?}");
    }
    let answer = ask(&app, get("/a", &[("sec-fetch-site", "cross-site")])).await;
    assert_eq!(answer.status, 404, "a link from another site is no harm");
}

#[tokio::test]
async fn over_our_own_tls_a_page_of_plain_http_is_another_site() {
    let server = Secured::run(app(Settings::default()).await).await;
    let config = server.client(&["http/1.1"]);
    for (origin, status) in [
        ("https://forms.test:8443", 404),
        ("http://forms.test:8443", 403),
        ("https://forms.test", 403),
    ] {
        let request = format!(
            "POST /a HTTP/1.1\r\nHost: forms.test:8443\r\nOrigin: {origin}\r\nConnection: close\r\n\
             Content-Type: {FORM}\r\nContent-Length: 23\r\n\r\nsessionID=x&screenID=yy"
        );
        let mut stream = connect(server.tls, &config).await.unwrap();
        assert_eq!(
            statuses(&last(&mut stream, request.as_bytes()).await),
            [status],
            "{origin}"
        );
        // What came without TLS to us may have come with it to a proxy.
        let mut plain = TcpStream::connect(server.plain).await.unwrap();
        plain.write_all(request.as_bytes()).await.unwrap();
        let mut said = String::new();
        plain.read_to_string(&mut said).await.unwrap();
        let expected = if origin.ends_with("8443") { 404 } else { 403 };
        assert_eq!(statuses(&said), [expected], "{origin}");
    }
}

#[tokio::test]
async fn with_an_origin_configured_other_hosts_are_misdirected() {
    let app = app(Settings {
        origin: Some("https://renew.example.org".parse().unwrap()),
        trusted: Trusted(vec!["198.51.100.0/24".parse().unwrap()]),
        ..Settings::default()
    })
    .await;
    for (host, status) in [
        ("renew.example.org", 200),
        ("RENEW.example.org:443", 200),
        ("renew.example.org:80", 421),
        ("evil.test", 421),
        ("127.0.0.1:8080", 421),
    ] {
        let answer = ask(&app, get("/robots.txt", &[("host", host)])).await;
        assert_eq!(answer.status, status, "{host}");
    }
    let through_proxy = get("/robots.txt", &[("host", "127.0.0.1:8080")]);
    let response = deity::http::handle(&app, through_proxy, "198.51.100.9".parse::<std::net::IpAddr>().unwrap()).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_page_of_a_session_is_not_fetched_ahead() {
    let app = app(Settings::default()).await;
    for headers in [[("sec-purpose", "prefetch;prerender")], [("purpose", "prefetch")]] {
        let answer = ask(&app, get("/a?sessionID=x&screenID=y", &headers)).await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(ask(&app, get("/robots.txt", &headers)).await.status, 200);
    }
}
