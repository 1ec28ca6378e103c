//! Requests that two parsers could read in two ways, and targets and methods that are not ours.
//!
//! Each one is followed by another request: what is smuggled would answer twice.

use deity::http::Settings;

use crate::http::{FORM, app, statuses, talk};

const NEXT: &str = "GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n";

async fn said(request: &str) -> String {
    talk(&app(Settings::default()).await, request).await
}

/// All of these are refused, and what follows them is not read as a request.
async fn refused(requests: &[String]) {
    for request in requests {
        let said = said(&format!("{request}{NEXT}")).await;
        assert_eq!(statuses(&said), [400], "{request:?} was answered {said:?}");
    }
}

fn form(headers: &str, body: &str) -> String {
    format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\n{headers}\r\n{body}")
}

#[tokio::test]
async fn a_body_has_one_length() {
    let chunked = "0\r\n\r\n";
    refused(&[
        form("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunked),
        form("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunked),
        form("transfer-encoding: chunked\r\nX: y\r\ncontent-length: 5\r\n", chunked),
        form("Content-Length: 3\r\nContent-Length: 3\r\n", "a=1"),
        form("Content-Length: 3\r\nContent-Length: 4\r\n", "a=1"),
        form("Content-Length: 3, 3\r\n", "a=1"),
        form("Content-Length: +3\r\n", "a=1"),
        form("Content-Length: -3\r\n", "a=1"),
        form("Content-Length: 0x3\r\n", "a=1"),
        form("Content-Length: 3 \r\n 4\r\n", "a=1"),
        form("Content-Length: \r\n", "a=1"),
        form("Content-Length: 99999999999999999999999\r\n", "a=1"),
        form("Content-Length : 3\r\n", "a=1"),
        form(" Content-Length: 3\r\n", "a=1"),
        form("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked),
        form("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunked),
    ])
    .await;
}

#[tokio::test]
async fn there_is_one_transfer_coding() {
    let chunked = "0\r\n\r\n";
    refused(&[
        form("Transfer-Encoding: gzip, chunked\r\n", chunked),
        form("Transfer-Encoding: chunked, chunked\r\n", chunked),
        form("Transfer-Encoding: identity\r\n", "a=1"),
        form("Transfer-Encoding: xchunked\r\n", chunked),
        form("Transfer-Encoding: chunked, gzip\r\n", chunked),
        form("Transfer-Encoding:\u{b}chunked\r\n", chunked),
        form("Transfer-Encoding : chunked\r\n", chunked),
        form("Transfer-Encoding: \"chunked\"\r\n", chunked),
        form("Transfer-Encoding: chunked\r\n", chunked).replace("HTTP/1.1", "HTTP/1.0"),
    ])
    .await;
}

#[tokio::test]
async fn lines_end_in_cr_and_lf() {
    refused(&[
        "GET /robots.txt HTTP/1.1\nHost: a\n\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: a\nX: y\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: a\r\nX: y\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: a\rX: y\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n".to_owned(),
    ])
    .await;
}

#[tokio::test]
async fn chunks_are_well_formed() {
    for body in [
        "zz\r\na=1\r\n0\r\n\r\n",
        "-1\r\na=1\r\n0\r\n\r\n",
        "3\r\na=12\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\na",
        "3\na=1\n0\n\n",
    ] {
        let said = said(&format!("{}{NEXT}", form("Transfer-Encoding: chunked\r\n", body))).await;
        assert!(
            // 404: the address leads nowhere, whatever came.
            matches!(statuses(&said)[..], [] | [400] | [404] | [413]),
            "{body:?} was answered {said:?}"
        );
    }
    let extension = format!("3;{}\r\na=1\r\n0\r\n\r\n", "x".repeat(100_000));
    let said = said(&form("Transfer-Encoding: chunked\r\n", &extension)).await;
    assert!(matches!(statuses(&said)[..], [] | [400] | [404]), "{said:?}");
}

#[tokio::test]
async fn a_request_line_has_three_parts() {
    refused(&[
        "GET /robots.txt\r\nHost: a\r\n\r\n".to_owned(),
        "GET  /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /robots.txt  HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.2\r\nHost: a\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/2.0\r\nHost: a\r\n\r\n".to_owned(),
        "GET /robots.txt http/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/11\r\nHost: a\r\n\r\n".to_owned(),
        "G\0ET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0 \r\n\r\n".to_owned(),
    ])
    .await;
}

#[tokio::test]
async fn http_2_is_not_spoken() {
    let said = said("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(matches!(statuses(&said)[..], [] | [400]), "{said:?}");
}

#[tokio::test]
async fn targets_are_paths() {
    refused(&[
        "GET http://a/robots.txt HTTP/1.1\r\nHost: b\r\n\r\n".to_owned(),
        "GET http://a/robots.txt HTTP/1.1\r\nHost: a:81\r\n\r\n".to_owned(),
        "GET http://a/robots.txt HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n".to_owned(),
        "GET http://a/robots.txt HTTP/1.1\r\n\r\n".to_owned(),
        "GET http://u@a/robots.txt HTTP/1.1\r\nHost: u@a\r\n\r\n".to_owned(),
        "GET ftp://a/robots.txt HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET https://evil.test/ HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n".to_owned(),
        "GET robots.txt HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
    ])
    .await;
}

#[tokio::test]
async fn there_is_one_host() {
    refused(&[
        "GET /robots.txt HTTP/1.1\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost:\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: a/b\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: a@b\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: a, b\r\n\r\n".to_owned(),
        "GET /robots.txt HTTP/1.1\r\nHost: \u{e9}\r\n\r\n".to_owned(),
    ])
    .await;
}

#[tokio::test]
async fn other_methods_are_refused_and_the_connection_goes_on() {
    for method in ["PUT", "DELETE", "TRACE", "PATCH", "OPTIONS", "PROPFIND", "get"] {
        let said = said(&format!("{method} /a HTTP/1.1\r\nHost: a\r\n\r\n{NEXT}")).await;
        assert_eq!(statuses(&said), [405, 200], "{method}");
        assert!(said.contains("allow: GET, HEAD, POST\r\n"));
    }
}

#[tokio::test]
async fn a_body_that_looks_like_a_request_is_a_body() {
    let inner = "GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n";
    let said = said(&form(&format!("Content-Length: {}\r\n", inner.len()), inner)).await;
    assert_eq!(statuses(&said).len(), 1, "{said:?}");
}

#[tokio::test]
async fn nothing_of_a_request_comes_back_in_a_header() {
    for target in [
        "/a%0d%0aX-Evil:%201",
        "/a?b=%0d%0aX-Evil:%201",
        "/%0d%0aSet-Cookie:%20a=b",
    ] {
        let said = said(&format!(
            "GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        ))
        .await;
        let head = said.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
        assert!(!head.contains("evil") && !head.contains("set-cookie"), "{head}");
    }
}
