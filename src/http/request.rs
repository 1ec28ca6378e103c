//! From a request's header and body to what is asked for.
//!
//! Owns the checks of the request line, the header and the body against the limits, the routes,
//! and the shape of [`engine::Request`]. Must not know sessions or pages; whether a flow, an
//! action or a field exists is not its business.

use bytes::Buf as _;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Version};
use tokio::sync::Semaphore;

use super::origin::{self, Source};
use super::{Peer, Settings, client, dictionary, form};
use crate::effect::CALLBACK_PATH;
use crate::engine;
use crate::limits::Http;
use crate::view::Problem;

/// So much of a body may always be received: more than any form that a person fills in. What goes
/// beyond shares [`Http::bodies_bytes`] with all others.
const FREE: usize = 16 << 10;

/// What a proxy says of a request that came in early data (RFC 8470).
const EARLY_DATA: header::HeaderName = header::HeaderName::from_static("early-data");

/// The signature of outside systems that tell of effects.
const SIGNATURE: header::HeaderName = header::HeaderName::from_static("deity-signature");

/// What a request asks for.
#[derive(Debug)]
pub(super) enum Call {
    /// The list of flows.
    Index,
    /// What crawlers may fetch.
    Robots,
    /// The icon that there is not.
    Icon,
    /// A path that is none.
    Nowhere,
    /// The dictionary of a flow's pages.
    Dictionary {
        /// Which one.
        mark: String,
    },
    /// The start page of a flow.
    Start {
        /// The flow's name, from the path.
        flow: String,
        /// The client's address prefix and User-Agent, as the ticket binds them.
        client: Vec<u8>,
    },
    /// An outside system tells of an effect.
    Callback {
        /// What its URL carries.
        token: String,
        /// The signature of the body.
        signature: String,
        /// What it says.
        body: Vec<u8>,
    },
    /// A page of a session, or a phase.
    Phase(engine::Request),
}

impl Call {
    /// The path as logs and metrics show it.
    pub(super) fn route(&self) -> &str {
        match self {
            Self::Index => "/",
            Self::Robots => "/robots.txt",
            Self::Icon => "/favicon.ico",
            Self::Callback { .. } => "/deity/callback",
            Self::Dictionary { .. } => "/d/",
            Self::Nowhere => "?",
            Self::Start { .. } | Self::Phase(_) => "/{flow}",
        }
    }
}

/// Reads a request: header first, then, of a POST, the body.
///
/// # Errors
/// The [`Problem`] that it has; the first in this order: target, size of the header, method,
/// host, time, source, media type, body, fields.
pub(super) async fn read<B>(
    head: &Parts,
    body: B,
    peer: Peer,
    settings: &Settings,
    room: &Semaphore,
) -> Result<Call, Problem>
where
    B: Body<Data: Send> + Send,
{
    check_target(head, &settings.limits)?;
    check_header(&head.headers, &settings.limits)?;
    let post = match head.method {
        Method::GET | Method::HEAD => false,
        Method::POST => true,
        _ => return Err(Problem::Method),
    };
    check_host(head, peer, settings)?;
    // Whoever listens on the proxy's line may send it again later, when it would change back what
    // the person has changed since. The client sends it again once its handshake is finished. Any
    // value of the header counts, from anybody: nobody says so without a reason.
    if post && head.headers.contains_key(EARLY_DATA) {
        return Err(Problem::TooEarly);
    }
    if let Some(token) = head.uri.path().strip_prefix(CALLBACK_PATH) {
        if !post {
            return Err(Problem::Method);
        }
        let signature = once(&head.headers, &SIGNATURE)?.and_then(|value| value.to_str().ok());
        return Ok(Call::Callback {
            token: token.to_owned(),
            signature: signature.unwrap_or_default().to_owned(),
            body: collect(body, &settings.limits, room).await?,
        });
    }
    let source = Source::of(&head.headers, settings.origin.as_ref(), peer.tls);
    if post && source.foreign {
        return Err(Problem::Foreign);
    }
    let sent = if post {
        check_form(&head.headers)?;
        let bytes = collect(body, &settings.limits, room).await?;
        form::decode(&bytes, &settings.limits)?
    } else {
        if body.size_hint().upper() != Some(0) {
            return Err(Problem::Bad);
        }
        form::decode(head.uri.query().unwrap_or_default().as_bytes(), &settings.limits)?
    };
    let client = || client::digest(settings.trusted.client(peer, &head.headers), &head.headers);
    route(head.uri.path(), post, sent, source, client)
}

fn route(
    path: &str,
    post: bool,
    sent: form::Sent,
    source: Source,
    client: impl FnOnce() -> Vec<u8>,
) -> Result<Call, Problem> {
    if let Some(mark) = path.strip_prefix(dictionary::PATH) {
        if post {
            return Err(Problem::Method);
        }
        return Ok(Call::Dictionary { mark: mark.to_owned() });
    }
    let name = path.strip_prefix('/').unwrap_or_default();
    match name {
        "" | "robots.txt" | "favicon.ico" if post => return Err(Problem::Method),
        "" => return Ok(Call::Index),
        "robots.txt" => return Ok(Call::Robots),
        "favicon.ico" => return Ok(Call::Icon),
        _ => {}
    }
    if name.len() > 64 || !name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
        return Ok(Call::Nowhere);
    }
    let flow = name.to_owned();
    let ids = sent.session.is_some() || sent.screen.is_some() || sent.action.is_some() || sent.returning.is_some();
    if !post {
        if !ids {
            // What others append to links (where a visitor came from) is not ours to judge.
            return Ok(Call::Start { flow, client: client() });
        }
        if source.prefetch {
            return Err(Problem::Busy);
        }
        if !sent.fields.0.is_empty() {
            return Err(Problem::Bad);
        }
    }
    Ok(Call::Phase(engine::Request {
        flow,
        session: sent.session.unwrap_or_default(),
        screen: sent.screen.unwrap_or_default(),
        action: sent.action,
        returning: sent.returning,
        fields: sent.fields,
        post,
        inside: source.inside,
        client: client(),
    }))
}

/// A path with or without a query, no longer than allowed; no proxy's form, no `*`.
fn check_target(head: &Parts, limits: &Http) -> Result<(), Problem> {
    let uri = &head.uri;
    if uri.scheme().is_some() || uri.authority().is_some() || !uri.path().starts_with('/') {
        return Err(Problem::Bad);
    }
    let length = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
    if length > limits.target_bytes {
        return Err(Problem::TargetTooLong);
    }
    Ok(())
}

/// Counted here, because hyper's own bounds are there to save its memory.
fn check_header(headers: &HeaderMap, limits: &Http) -> Result<(), Problem> {
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if headers.len() > limits.headers || bytes > limits.header_bytes {
        return Err(Problem::HeaderTooLarge);
    }
    Ok(())
}

/// One host, of the right shape; ours, if an origin is configured. A trusted proxy may name any:
/// it has looked at the client's.
fn check_host(head: &Parts, peer: Peer, settings: &Settings) -> Result<(), Problem> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let Some(host) = hosts.next() else {
        return if head.version == Version::HTTP_10 {
            Ok(())
        } else {
            Err(Problem::Bad)
        };
    };
    let host = host.to_str().map_err(|_| Problem::Bad)?;
    if hosts.next().is_some() || !origin::is_host(host) {
        return Err(Problem::Bad);
    }
    let known = settings.origin.as_ref().is_none_or(|ours| ours.is_host(host));
    if known || settings.trusted.believes(peer) {
        Ok(())
    } else {
        Err(Problem::Misdirected)
    }
}

/// A form as browsers send it, not compressed, in chunks at most.
fn check_form(headers: &HeaderMap) -> Result<(), Problem> {
    if headers
        .get_all(header::TRANSFER_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
    {
        return Err(Problem::Bad);
    }
    let kind = once(headers, &header::CONTENT_TYPE)?.and_then(|kind| kind.to_str().ok());
    let mut parts = kind.unwrap_or_default().split(';').map(str::trim);
    let is_form = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let is_utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if !is_form || !is_utf8 || headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::MediaType);
    }
    Ok(())
}

fn once<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Result<Option<&'a HeaderValue>, Problem> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        Err(Problem::Bad)
    } else {
        Ok(first)
    }
}

/// The whole body, if it comes in time and is not too large. A length that is announced too large
/// is refused before a byte of it is read; memory is taken as bytes come, not as they are announced.
async fn collect<B>(body: B, limits: &Http, room: &Semaphore) -> Result<Vec<u8>, Problem>
where
    B: Body<Data: Send> + Send,
{
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limits.body_bytes {
        return Err(Problem::TooLarge);
    }
    let reading = async {
        let mut bytes = Vec::with_capacity(announced.min(FREE));
        let mut held = None;
        let mut body = std::pin::pin!(body);
        while let Some(frame) = body.frame().await {
            let Ok(mut data) = frame.map_err(|_| Problem::Bad)?.into_data() else {
                continue;
            };
            if bytes.len() + data.remaining() > limits.body_bytes {
                return Err(Problem::TooLarge);
            }
            if bytes.len() + data.remaining() > FREE && held.is_none() {
                let most = u32::try_from(limits.body_bytes.min(limits.bodies_bytes)).unwrap_or(u32::MAX);
                held = Some(room.try_acquire_many(most).map_err(|_| Problem::Busy)?);
            }
            while data.has_remaining() {
                let chunk = data.chunk();
                let length = chunk.len();
                bytes.extend_from_slice(chunk);
                data.advance(length);
            }
        }
        Ok(bytes)
    };
    tokio::time::timeout(limits.body_time, reading)
        .await
        .unwrap_or(Err(Problem::Slow))
}
