//! From a request's header and body to what is asked for.
//!
//! Owns the checks of the request line, the header and the body against the limits, the routes,
//! and the shape of [`engine::Request`]. Must not know sessions or pages; whether a flow, an
//! action or a field exists is not its business.

use hyper::body::Body;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Uri, Version};
use percent_encoding::percent_decode_str;
use tokio::sync::Semaphore;

use super::body::{End, collect};
use super::front::Front;
use super::origin::{self, Source};
use super::{Peer, Settings, client, dictionary, form, glean, wish};
use crate::effect::CALLBACK_PATH;
use crate::engine::{self, Block, CodeTyped, Secret};
use crate::flow::{Form, Posts};
use crate::limits::Http;
use crate::view::Problem;

/// The characters of a `sessionID`; a ticket has more.
const SESSION_CHARS: usize = 22;

/// What a proxy says of a request that came in early data (RFC 8470).
const EARLY_DATA: header::HeaderName = header::HeaderName::from_static("early-data");

/// The signature of outside systems that tell of effects.
const SIGNATURE: header::HeaderName = header::HeaderName::from_static("deity-signature");

/// What a request asks for.
#[derive(Debug)]
pub(super) enum Call {
    /// A page of the office rather than of a flow.
    Front(Front),
    /// What crawlers may fetch.
    Robots,
    /// The icon that there is not.
    Icon,
    /// A path that is none.
    Nowhere {
        /// The name of the flow that it may have meant, if it were spelt right.
        meant: Option<String>,
        /// A read without a query: it may be led there.
        bare: bool,
        /// What was typed.
        typed: Form,
        /// The ids that came with it.
        ids: Ids,
        /// It does not say from where it comes.
        unsaid: bool,
    },
    /// A form that was sent in another encoding than ours, is too large, or took too long: it is not
    /// used.
    Unread {
        /// What is wrong with it.
        problem: Problem,
        /// The flow's name, from the path.
        flow: String,
        /// What was typed, as far as it can be read.
        typed: Form,
        /// The ids that came with it.
        ids: Ids,
        /// It does not say from where it comes.
        unsaid: bool,
    },
    /// The dictionary of a flow's pages.
    Dictionary {
        /// Which one.
        mark: String,
    },
    /// The start page of a flow.
    Start {
        /// The flow's name, from the path.
        flow: String,
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
    /// Somebody wants to come back by a return code.
    Return {
        /// What was typed.
        typed: CodeTyped,
    },
    /// A page of a session, or a phase.
    Phase {
        /// As the engine takes it.
        request: engine::Request,
        /// It does not say from where it comes.
        unsaid: bool,
    },
}

/// A session's and a screen's, as they came; empty where they did not.
pub(super) type Ids = (String, String);

impl Call {
    /// The path as logs and metrics show it.
    pub(super) fn route(&self) -> &'static str {
        match self {
            Self::Front(asked) => asked.route(),
            Self::Return { .. } => "/",
            Self::Robots => "/robots.txt",
            Self::Icon => "/favicon.ico",
            Self::Callback { .. } => "/deity/callback",
            Self::Dictionary { .. } => "/d/",
            Self::Nowhere { .. } => "?",
            Self::Start { .. } | Self::Phase { .. } | Self::Unread { .. } => "/{flow}",
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
    posts: Posts,
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
        return callback(token, head, body, settings, room).await;
    }
    let source = Source::of(&head.headers, settings.origin.as_ref(), peer.tls);
    if post && source.foreign {
        return Err(Problem::Foreign);
    }
    let sent = if post {
        let encoded = check_form(&head.headers);
        if let Err(problem) = encoded
            && problem != Problem::MediaType
        {
            return Err(problem);
        }
        let limits = &grown(&settings.limits, posts);
        let (bytes, end) = collect(body, awaited(&head.headers), limits, room).await;
        let sent = match end {
            End::Whole => encoded.and_then(|()| form::decode(&bytes, limits)),
            End::Cut => encoded.and_then(|()| form::decode_cut(&bytes, limits)),
            End::Refused(problem) => Err(problem),
        };
        match sent {
            Ok(sent) => sent,
            Err(problem) => return unread(problem, head, source, &bytes, limits),
        }
    } else {
        if body.size_hint().upper() != Some(0) {
            return Err(Problem::Bad);
        }
        form::decode(head.uri.query().unwrap_or_default().as_bytes(), &settings.limits)?
    };
    let block = client::block(settings.trusted.client(peer, &head.headers));
    route(&head.uri, post, sent, (source, block))
}

/// An outside system tells of an effect.
async fn callback<B>(token: &str, head: &Parts, body: B, settings: &Settings, room: &Semaphore) -> Result<Call, Problem>
where
    B: Body<Data: Send> + Send,
{
    if head.method != Method::POST {
        return Err(Problem::Method);
    }
    let signature = once(&head.headers, &SIGNATURE)?.and_then(|value| value.to_str().ok());
    let (body, end) = collect(body, awaited(&head.headers), &settings.limits, room).await;
    match end {
        End::Whole => {}
        End::Cut => return Err(Problem::Bad),
        End::Refused(problem) => return Err(problem),
    }
    Ok(Call::Callback {
        token: token.to_owned(),
        signature: signature.unwrap_or_default().to_owned(),
        body,
    })
}

/// The limits, as large as the flows need them where the operator does not say otherwise.
fn grown(limits: &Http, posts: Posts) -> Http {
    let mut grown = limits.clone();
    if !limits.fixed.fields {
        grown.fields = grown.fields.max(posts.fields);
    }
    if !limits.fixed.body_bytes {
        grown.body_bytes = grown.body_bytes.max(posts.bytes);
    }
    grown
}

/// Whether the client sends its body only when it is asked to; browsers never do.
fn awaited(headers: &HeaderMap) -> bool {
    headers.contains_key(header::EXPECT)
}

/// What was sent and cannot be used: what is wrong with its encoding, its size or its time is shown
/// with what was typed, all else is refused.
fn unread(problem: Problem, head: &Parts, source: Source, bytes: &[u8], limits: &Http) -> Result<Call, Problem> {
    let (bytes, ours) = match problem {
        Problem::MediaType => (bytes, true),
        // A form of ours, of which some came.
        Problem::TooLarge | Problem::Slow => (form::up_to_a_sign(bytes), form::begins_with_an_id(bytes)),
        _ => (bytes, !form::is_encoded(bytes)),
    };
    let flow = head.uri.path().strip_prefix('/').filter(|name| is_name(name));
    let Some(flow) = flow.filter(|_| ours) else {
        return Err(problem);
    };
    let typed = glean::glean(&head.headers, bytes, limits);
    let id = |name: &str| typed.first(name).unwrap_or_default().to_owned();
    Ok(Call::Unread {
        problem,
        flow: flow.to_owned(),
        ids: (id("sessionID"), id("screenID")),
        typed,
        unsaid: source.unsaid,
    })
}

fn route(uri: &Uri, post: bool, mut sent: form::Sent, (source, block): (Source, Block)) -> Result<Call, Problem> {
    let path = uri.path();
    if post && path == "/" {
        return returned(sent, source, block);
    }
    if let Some(mark) = path.strip_prefix(dictionary::PATH) {
        if post {
            return Err(Problem::Method);
        }
        return Ok(Call::Dictionary { mark: mark.to_owned() });
    }
    if let Some(asked) = Front::of(path, &sent.fields) {
        let asked = Call::Front(asked);
        return if post { Err(Problem::Method) } else { Ok(asked) };
    }
    let name = path.strip_prefix('/').unwrap_or_default();
    match name {
        "robots.txt" | "favicon.ico" if post => return Err(Problem::Method),
        "robots.txt" => return Ok(Call::Robots),
        "favicon.ico" => return Ok(Call::Icon),
        _ => {}
    }
    if !is_name(name) {
        return Ok(Call::Nowhere {
            meant: meant(path),
            bare: !post && uri.query().unwrap_or_default().is_empty(),
            ids: (sent.session.unwrap_or_default(), sent.screen.unwrap_or_default()),
            typed: if post { sent.fields } else { Form::default() },
            unsaid: source.unsaid,
        });
    }
    let flow = name.to_owned();
    let ids = sent.session.is_some() || sent.screen.is_some() || sent.action.is_some() || sent.returning.is_some();
    if !post {
        if !ids {
            // What others append to links (where a visitor came from) is not ours to judge.
            return Ok(Call::Start { flow });
        }
        if source.prefetch {
            return Err(Problem::Busy);
        }
        // A link has no fields: whatever else is there others appended (a pay page its own outcome, a
        // site where a visitor came from), and it is not read.
        sent.fields = Form::default();
    }
    let whole = sent.session.as_ref().is_some_and(|id| id.len() == SESSION_CHARS) && sent.screen.is_some();
    if post && source.unsaid && !whole {
        return Err(Problem::Foreign);
    }
    let request = engine::Request {
        came: if post { sent.came() } else { engine::Came::Whole },
        flow,
        language: wish::asked(uri),
        session: sent.session.unwrap_or_default(),
        screen: sent.screen.unwrap_or_default(),
        action: sent.action,
        returning: sent.returning,
        secret: Secret(sent.secret.unwrap_or_default()),
        block,
        fields: sent.fields,
        post,
        inside: source.inside,
    };
    Ok(Call::Phase {
        request,
        unsaid: post && source.unsaid,
    })
}

/// A return by a code: never where it is not known that it comes from a page of ours.
fn returned(sent: form::Sent, source: Source, block: Block) -> Result<Call, Problem> {
    let Some(code) = sent.code.clone() else {
        return Err(Problem::Method);
    };
    if source.unsaid {
        return Err(Problem::Foreign);
    }
    if sent.came() != engine::Came::Whole {
        return Err(Problem::Bad);
    }
    let typed = CodeTyped {
        code,
        secret: Secret(sent.secret.unwrap_or_default()),
        block,
    };
    Ok(Call::Return { typed })
}

/// Whether it can be the name of a flow: the one spelling of its path.
pub(super) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The name that another spelling of a path means: other case, slashes too many, encoded letters.
fn meant(path: &str) -> Option<String> {
    let path = percent_decode_str(path).decode_utf8().ok()?.to_ascii_lowercase();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let name = segments.next().filter(|name| is_name(name))?;
    segments.next().is_none().then(|| name.to_owned())
}

/// A path with or without a query, no longer than allowed; no `*`.
fn check_target(head: &Parts, limits: &Http) -> Result<(), Problem> {
    let uri = &head.uri;
    if !uri.path().starts_with('/') {
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
