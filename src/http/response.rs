//! From a drawn page to an answer: status, header, body.
//!
//! Owns the numbers of the statuses and every header that is ever sent. Must not know why a page
//! says what it says. What can stand in a `<meta>` stands there, inside the compressed body.
//!
//! There is no `Vary`: every page is `private, no-cache`, so no shared cache holds it, and a
//! browser always asks with the same `Accept-Encoding`.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode, Version};

use super::encoding::{self, Encoding, Quality};
use crate::effect::Callback;
use crate::engine::Heard;
use crate::view::{Drawn, Problem, Status};

/// What a request's header asks of its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wishes {
    /// The encoding.
    pub(super) encoding: Encoding,
    /// An HTTP/1.0 client asks to keep the connection.
    pub(super) keep: bool,
}

impl Wishes {
    /// Reads them.
    pub(super) fn of(version: Version, headers: &HeaderMap) -> Self {
        let asks = |token: &str| {
            headers
                .get_all(header::CONNECTION)
                .iter()
                .filter_map(|line| line.to_str().ok())
                .flat_map(|line| line.split(','))
                .any(|item| item.trim().eq_ignore_ascii_case(token))
        };
        Self {
            encoding: Encoding::accepted(headers),
            keep: version == Version::HTTP_10 && asks("keep-alive") && !asks("close"),
        }
    }
}

/// What the server adds to every answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// The origin is https.
    pub(super) https: bool,
    /// The setting of compression.
    pub(super) quality: Quality,
    /// Answers in the last tenth of a second.
    pub(super) pace: u16,
}

/// The number of a case.
pub fn code(status: Status) -> StatusCode {
    match status {
        Status::Done => StatusCode::OK,
        Status::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Status::Conflict => StatusCode::CONFLICT,
        Status::Gone => StatusCode::GONE,
        Status::NotFound => StatusCode::NOT_FOUND,
        Status::Problem(problem) => match problem {
            Problem::Bad => StatusCode::BAD_REQUEST,
            Problem::Foreign => StatusCode::FORBIDDEN,
            Problem::Method => StatusCode::METHOD_NOT_ALLOWED,
            Problem::Slow => StatusCode::REQUEST_TIMEOUT,
            Problem::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Problem::TargetTooLong => StatusCode::URI_TOO_LONG,
            Problem::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Problem::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Problem::HeaderTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Problem::Busy => StatusCode::SERVICE_UNAVAILABLE,
        },
    }
}

/// The answer that carries a page.
pub(super) fn page(mut drawn: Drawn, wishes: Wishes, manner: Manner) -> Response<Full<Bytes>> {
    let quality = manner.quality.brotli(manner.pace);
    let encoding = if manner.quality == Quality::Off {
        Encoding::Plain
    } else {
        wishes.encoding
    };
    let plain = std::mem::take(&mut drawn.html).into_bytes();
    let packed = encoding::encode(&plain, encoding, quality)
        // `content-encoding: gzip` is 24 bytes: what saves less than that saves nothing.
        .filter(|packed| packed.len() + 24 < plain.len());

    let mut response = Response::new(Full::default());
    *response.status_mut() = code(drawn.status);
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, "text/html;charset=utf-8");
    if packed.is_some()
        && let Some(name) = encoding.name()
    {
        set(headers, header::CONTENT_ENCODING, name);
    }
    set(
        headers,
        header::CACHE_CONTROL,
        cache_control(drawn.status, drawn.private),
    );
    set(headers, header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'");
    if manner.https {
        set(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if drawn.private && drawn.over {
        set(headers, HeaderName::from_static("clear-site-data"), "\"cache\"");
    }
    if let Some(refresh) = &drawn.refresh
        && let Ok(value) = HeaderValue::try_from(refresh)
    {
        headers.insert(header::REFRESH, value);
    }
    if wishes.keep {
        set(headers, header::CONNECTION, "keep-alive");
    }
    if let Status::Problem(problem) = drawn.status {
        explain(headers, problem);
    }
    *response.body_mut() = Full::new(Bytes::from(packed.unwrap_or(plain)));
    response
}

/// What a refusal must say beside its page.
fn explain(headers: &mut HeaderMap, problem: Problem) {
    match problem {
        Problem::Method => set(headers, header::ALLOW, "GET, HEAD, POST"),
        Problem::Busy => set(headers, header::RETRY_AFTER, "2"),
        // What else the client sends on this connection may be the rest of what was refused.
        Problem::Bad | Problem::Slow | Problem::TooLarge | Problem::HeaderTooLarge | Problem::TargetTooLong => {
            set(headers, header::CONNECTION, "close");
        }
        Problem::Foreign | Problem::MediaType | Problem::Misdirected => {}
    }
}

fn cache_control(status: Status, private: bool) -> &'static str {
    match status {
        Status::Problem(_) => "no-store",
        _ if private => "no-store",
        _ => "private, no-cache",
    }
}

/// `/robots.txt`: start pages may be found, nothing that carries ids may be fetched.
pub(super) fn robots() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"User-agent: *\nDisallow: /*?\n")));
    set(response.headers_mut(), header::CONTENT_TYPE, "text/plain");
    set(response.headers_mut(), header::CACHE_CONTROL, "max-age=86400");
    response
}

/// What an outside system is told: one word, as JSON.
pub(super) fn callback(callback: Callback) -> Response<Full<Bytes>> {
    let (status, body) = match callback {
        Callback::Heard(Heard::Settled) => (StatusCode::OK, r#"{"heard":"settled"}"#),
        Callback::Heard(Heard::Before) => (StatusCode::OK, r#"{"heard":"before"}"#),
        Callback::Heard(Heard::TooLate) => (StatusCode::CONFLICT, r#"{"heard":"too late"}"#),
        Callback::Heard(Heard::Unknown) => (StatusCode::NOT_FOUND, r#"{"heard":"unknown"}"#),
        Callback::Forged => (StatusCode::FORBIDDEN, r#"{"heard":"signature"}"#),
        Callback::Bad => (StatusCode::BAD_REQUEST, r#"{"heard":"outcome"}"#),
        Callback::Busy => (StatusCode::SERVICE_UNAVAILABLE, r#"{"heard":"later"}"#),
    };
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    set(response.headers_mut(), header::CONTENT_TYPE, "application/json");
    set(response.headers_mut(), header::CACHE_CONTROL, "no-store");
    if status == StatusCode::SERVICE_UNAVAILABLE {
        set(response.headers_mut(), header::RETRY_AFTER, "2");
    }
    response
}

/// `/favicon.ico`: there is none, and a browser need not ask again today.
pub(super) fn no_icon() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NOT_FOUND;
    set(response.headers_mut(), header::CACHE_CONTROL, "max-age=86400");
    response
}

/// The answer to what was not even read as a request: nothing, and the end.
pub(super) fn refusal() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    set(response.headers_mut(), header::CONNECTION, "close");
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
