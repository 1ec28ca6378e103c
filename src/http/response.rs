//! From a drawn page to an answer: status, header, body.
//!
//! Owns the numbers of the statuses and every header that is ever sent. Must not know why a page
//! says what it says. Status line and header take at most 220 bytes, of which these are ours:
//!
//! - `content-type` without the charset, which the page says itself in its first bytes (HTML,
//!   "determining the character encoding"): there it costs half.
//! - `content-encoding`, `content-length`, `date` (RFC 9110 requires it of who has a clock).
//! - `cache-control`: see [`cache_control`].
//! - `vary` on what answers a GET: a cache that keeps a page in spite of what it is told must not give
//!   a packed one to who cannot unpack it. No cache keeps answers to a POST.
//! - `x-frame-options`: no other site may show the page in a frame and have people press what they
//!   do not see. In a `<meta>` neither it nor `frame-ancestors` counts. Of the two, which say the
//!   same to every browser that knows them, it is 26 bytes shorter. The rest of the content policy
//!   stands in a `<meta>` ahead of everything that it governs.
//! - `refresh` on a page that waits. In a `<meta>` it would be as good and some 30 bytes shorter; but
//!   there checkers of accessibility reject it, and rightly ask whether it is wanted.
//! - `link` to a dictionary, on start pages, for browsers that can have it. As an element, links
//!   would print it.
//! - `strict-transport-security` on pages that people come in by: a browser keeps it for a year.
//! - No `vary: user-agent`, though text browsers get no style: what a cache might give to the wrong one
//!   has every word.
//! - No `referrer-policy`: pages that lead to other sites say it in a `<meta>`, on others it does
//!   nothing. No `x-content-type-options`: nothing is served that could be taken for a script or a
//!   style. No `server`, no `etag`, no `keep-alive`: no browser needs them. No words after the
//!   number of a refusal: HTTP/2 has none, and no browser shows them in place of the page.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Body as _;
use hyper::ext::ReasonPhrase;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Response, StatusCode, Version};

use super::encoding::{Asked, Encoding, Quality};
use super::pack::{self, Dictionary};
use crate::effect::Callback;
use crate::engine::Heard;
use crate::limits;
use crate::view::{Drawn, Problem, Status, Whose};

/// What a request's header asks of its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wishes {
    /// The encoding.
    pub(super) encoding: Encoding,
    /// gzip is as welcome as that.
    pub(super) gzip: bool,
    /// An HTTP/1.0 client asks to keep the connection.
    pub(super) keep: bool,
    /// It reads: what answers it may be kept by a cache, whatever it was told.
    pub(super) reads: bool,
}

impl Wishes {
    /// Reads them.
    pub(super) fn of(head: &Parts) -> Self {
        let headers = &head.headers;
        let asked = Asked::of(headers);
        let asks = |token: &str| {
            headers
                .get_all(header::CONNECTION)
                .iter()
                .filter_map(|line| line.to_str().ok())
                .flat_map(|line| line.split(','))
                .any(|item| item.trim().eq_ignore_ascii_case(token))
        };
        Self {
            encoding: asked.best(),
            gzip: asked.is_gzip_as_welcome(),
            keep: head.version == Version::HTTP_10 && asks("keep-alive") && !asks("close"),
            reads: head.method != Method::POST,
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
        Status::Closed | Status::Lost => StatusCode::SERVICE_UNAVAILABLE,
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
            Problem::TooEarly => StatusCode::TOO_EARLY,
            Problem::Busy => StatusCode::SERVICE_UNAVAILABLE,
        },
    }
}

/// The answer that carries a page, packed against `dictionary` if the client has one; `offer` is
/// the address of one that it could have.
pub(super) fn page(
    drawn: Drawn,
    wishes: Wishes,
    manner: Manner,
    dictionary: Option<&Dictionary>,
    offer: Option<String>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = code(drawn.status);
    if response.status() != StatusCode::OK {
        response.extensions_mut().insert(ReasonPhrase::from_static(b""));
    }
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, "text/html");
    set(headers, header::CACHE_CONTROL, cache_control(&drawn));
    set(headers, header::X_FRAME_OPTIONS, "DENY");
    if manner.https && drawn.whose != Whose::Somebodys {
        set(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if drawn.over {
        set(headers, HeaderName::from_static("clear-site-data"), "\"cache\"");
    }
    if let Some(refresh) = &drawn.refresh
        && let Ok(value) = HeaderValue::try_from(refresh)
    {
        headers.insert(header::REFRESH, value);
    }
    if let Some(offer) = offer
        && let Ok(value) = HeaderValue::try_from(format!("<{offer}>;rel=compression-dictionary"))
    {
        headers.insert(header::LINK, value);
    }
    if wishes.keep {
        set(headers, header::CONNECTION, "keep-alive");
    }
    match drawn.status {
        Status::Problem(problem) => explain(headers, problem),
        Status::Closed => set(headers, header::RETRY_AFTER, "60"),
        _ => {}
    }
    let encoding = match dictionary {
        Some(_) => Encoding::Dictionary,
        None if wishes.gzip && manner.quality.hurries(manner.pace) => Encoding::Gzip,
        None => wishes.encoding,
    };
    if wishes.reads && !matches!(drawn.status, Status::Problem(_)) {
        let named = match dictionary {
            Some(_) => "available-dictionary",
            None => "accept-encoding",
        };
        set(headers, header::VARY, named);
    }
    let (packed, fits) = pack(&response, drawn.html.as_bytes(), encoding, manner, dictionary);
    let plainer = || {
        let page = drawn.plain()?;
        let (packed, fits) = pack(&response, page.as_bytes(), encoding, manner, dictionary);
        packed.filter(|_| fits)
    };
    let plainer = (!fits && encoding != Encoding::Plain).then(plainer).flatten();
    let packed = plainer.or(packed);
    if let (Some(_), Some(name)) = (&packed, encoding.name()) {
        set(response.headers_mut(), header::CONTENT_ENCODING, name);
    }
    *response.body_mut() = Full::new(Bytes::from(packed.unwrap_or_else(|| drawn.html.into_bytes())));
    response
}

/// A page, packed as well as there is time for: better, as long as it does not fit into a packet
/// and may in the end. Nothing where it is sent as it is. And whether it fits.
fn pack<B>(
    response: &Response<B>,
    plain: &[u8],
    encoding: Encoding,
    manner: Manner,
    dictionary: Option<&Dictionary>,
) -> (Option<Vec<u8>>, bool) {
    let named = encoding.name().map_or(0, |name| CONTENT_ENCODING_BYTES + name.len());
    let room = limits::PACKET_BYTES.saturating_sub(head_bytes(response, plain.len()) + named);
    let mut next = manner.quality.first(manner.pace, plain.len());
    let mut packed = None;
    while let Some(quality) = next {
        packed = pack::encode(plain, encoding, quality, dictionary);
        next = packed
            .as_ref()
            .filter(|_| !manner.quality.hurries(manner.pace))
            .and_then(|packed| manner.quality.better(encoding, quality, packed.len(), room));
    }
    let packed = packed.filter(|packed| packed.len() + named < plain.len());
    let fits = packed.as_ref().map_or(plain.len(), Vec::len) <= room;
    (packed, fits)
}

/// `content-encoding: ` and the end of its line.
const CONTENT_ENCODING_BYTES: usize = 20;
/// `date: Fri, 27 Nov 2026 11:24:34 GMT` and the end of its line.
const DATE_BYTES: usize = 37;

/// What HTTP/1.1 sends before a body of so many bytes.
fn head_bytes<B>(response: &Response<B>, body: usize) -> usize {
    let reason = match response.extensions().get::<ReasonPhrase>() {
        Some(reason) => reason.as_bytes().len(),
        None => response.status().canonical_reason().unwrap_or_default().len(),
    };
    let fields = response.headers().iter();
    let fields: usize = fields.map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let length = format!("content-length: {body}\r\n").len();
    "HTTP/1.1 200 \r\n".len() + reason + fields + length + DATE_BYTES + 2
}

/// A page's bytes as HTTP/1.1 sends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Status line and header.
    pub head: usize,
    /// The body, packed.
    pub body: usize,
}

impl Weight {
    /// Of both.
    pub fn all(self) -> usize {
        self.head + self.body
    }
}

/// What a page weighs that is asked for in this encoding, where `pace` answers were made in the last
/// tenth of a second: 0 is a server that has time.
pub fn weigh(drawn: Drawn, encoding: Encoding, dictionary: Option<&Dictionary>, pace: u16) -> Weight {
    let wishes = Wishes {
        encoding,
        gzip: encoding == Encoding::Brotli,
        keep: false,
        reads: drawn.whose != Whose::Somebodys,
    };
    let manner = Manner {
        https: false,
        quality: Quality::Auto,
        pace,
    };
    let response = page(drawn, wishes, manner, dictionary, None);
    let body = usize::try_from(response.body().size_hint().lower()).unwrap_or(usize::MAX);
    Weight {
        head: head_bytes(&response, body),
        body,
    }
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
        Problem::Foreign | Problem::MediaType | Problem::Misdirected | Problem::TooEarly => {}
    }
}

/// With `no-cache` no cache shows a page again without asking, but for the browser's own Back, which
/// then needs no request; lynx would show links anew from memory without it. `private`: a shared
/// cache does not even store it; that matters where a page holds what is somebody's.
fn cache_control(drawn: &Drawn) -> &'static str {
    match drawn.status {
        Status::Problem(_) => "no-store",
        _ if drawn.private => "no-store",
        _ if drawn.whose == Whose::Anybodys => "no-cache",
        _ => "private,no-cache",
    }
}

/// Where the right spelling of a path is.
pub(super) fn moved(place: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    if let Ok(place) = HeaderValue::from_str(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    set(response.headers_mut(), header::CACHE_CONTROL, "no-cache");
    response
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
    let mut response = nothing();
    set(response.headers_mut(), header::CACHE_CONTROL, "max-age=86400");
    response
}

/// There is no such thing, and nobody reads a page that says so.
pub(super) fn nothing() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// The dictionary of the flow at this path, to be used for all its pages. It is asked for once and kept, so it is
/// packed as well as can be.
pub(super) fn dictionary(path: &str, dictionary: &Dictionary, wishes: Wishes) -> Response<Full<Bytes>> {
    let packed = dictionary.packed(wishes.encoding);
    let mut response = Response::new(Full::default());
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, "application/octet-stream");
    set(headers, header::CACHE_CONTROL, "max-age=31536000,immutable");
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::VARY, "accept-encoding");
    if let (Some(_), Some(name)) = (&packed, wishes.encoding.name()) {
        set(headers, header::CONTENT_ENCODING, name);
    }
    if let Ok(pages) = HeaderValue::try_from(format!("match=\"{path}*\"")) {
        headers.insert(HeaderName::from_static("use-as-dictionary"), pages);
    }
    let body = packed.unwrap_or_else(|| Bytes::copy_from_slice(dictionary.bytes()));
    *response.body_mut() = Full::new(body);
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
