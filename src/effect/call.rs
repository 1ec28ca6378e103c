//! What a call over HTTP asks for.
//!
//! Owns the reading of URLs, and the request as it is sent: which headers are ours and which are the
//! caller's. Must not know sockets. What is wrong in a URL or a value is never shown: it may be the
//! secret part.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};

use super::response::Trouble;

/// What a caller may not set: the framing is ours, and neither cookies nor compression are spoken.
const OURS: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A call that is to be made.
#[derive(Clone)]
pub struct Call {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// `http` or `https`, without a user's name.
    pub url: String,
    /// Headers besides our own; `Accept` and `User-Agent` replace ours.
    pub headers: Vec<(String, String)>,
    /// The body and its content type.
    pub body: Option<(String, Vec<u8>)>,
    /// For all of it: finding, connecting, sending, reading.
    pub timeout: Duration,
}

impl fmt::Debug for Call {
    /// Without what may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("callee", &Callee::of(&self.url).map(|(callee, _)| callee.to_string()))
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Whom a connection leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Callee {
    pub(super) tls: bool,
    /// In small letters, an IPv6 address without its brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Callee {
    /// Whom a URL names, and the target that is asked for there.
    pub(super) fn of(url: &str) -> Result<(Self, Uri), Trouble> {
        let malformed = |why: &str| Trouble::Forbidden(format!("the URL {why}"));
        // What is wrong in it is not shown: it may be the secret part.
        let uri: Uri = match url.parse() {
            Ok(uri) if url.is_ascii() => uri,
            _ => return Err(malformed("is malformed")),
        };
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(malformed("begins with neither http:// nor https://")),
        };
        let authority = uri.authority().ok_or_else(|| malformed("has no host"))?;
        if authority.as_str().contains('@') {
            return Err(malformed("has a user's name in it"));
        }
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let callee = Self {
            tls,
            host: bare.unwrap_or(host).to_ascii_lowercase(),
            port: match authority.port() {
                Some(port) => port.as_u16(),
                // `host:` and `host:99999` have no port that can be read.
                None if authority.as_str().len() > host.len() => return Err(malformed("has no good port")),
                None if tls => 443,
                None => 80,
            },
        };
        if callee.host.is_empty() || callee.port == 0 {
            return Err(malformed("has no host and port"));
        }
        let target = uri.path_and_query().cloned().map_or_else(
            || Ok(Uri::default()),
            |path| Uri::builder().path_and_query(path).build(),
        );
        Ok((callee, target.map_err(|_| malformed("is malformed"))?))
    }

    /// The value of `Host`.
    fn authority(&self) -> String {
        match (self.tls, self.port) {
            (true, 443) | (false, 80) if self.host.contains(':') => format!("[{}]", self.host),
            (true, 443) | (false, 80) => self.host.clone(),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// The request as it is sent.
pub(super) fn request(call: &Call, callee: &Callee, target: Uri) -> Result<Request<Full<Bytes>>, Trouble> {
    let forbidden = |why: String| Trouble::Forbidden(format!("{callee}: {why}"));
    let method = Method::from_bytes(call.method.as_bytes())
        .ok()
        .filter(|method| *method != Method::CONNECT)
        .ok_or_else(|| forbidden("no such method".to_owned()))?;
    let value = |name: &str, value: &str| {
        HeaderValue::from_str(value)
            .map_err(|_| forbidden(format!("the header {name} has a value that cannot be sent")))
    };
    let mut headers = HeaderMap::new();
    for (name, text) in &call.headers {
        let known = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| forbidden("a header has a name that cannot be sent".to_owned()))?;
        if OURS.contains(&known.as_str()) {
            return Err(forbidden(format!("the header {known} cannot be set")));
        }
        headers.append(&known, value(known.as_str(), text)?);
    }
    let (body, length) = match &call.body {
        Some((kind, bytes)) => {
            headers.insert(header::CONTENT_TYPE, value("content-type", kind)?);
            (Bytes::copy_from_slice(bytes), bytes.len())
        }
        None => (Bytes::new(), 0),
    };
    headers.insert(header::HOST, value("host", &callee.authority())?);
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers
        .entry(header::USER_AGENT)
        .or_insert(HeaderValue::from_static(concat!("Deity/", env!("CARGO_PKG_VERSION"))));
    headers
        .entry(header::ACCEPT)
        .or_insert(HeaderValue::from_static("application/json"));
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = target;
    *request.headers_mut() = headers;
    Ok(request)
}
