//! Where a request says that it comes from.
//!
//! Owns the rules about `Origin`, `Sec-Fetch-Site`, `Referer` and `Host`: which POST is refused as
//! another site's, which says nothing, and which GET counts as coming from inside. Must not know
//! sessions or pages. Source: "What ids in links cost" in the contract.

use std::fmt;
use std::str::FromStr;

use hyper::HeaderMap;
use hyper::header::{HOST, HeaderName, ORIGIN, REFERER};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
const PURPOSE: HeaderName = HeaderName::from_static("purpose");

/// What a path of an origin may have at most, in bytes.
const PREFIX_BYTES: usize = 200;

/// Under what people see the server: scheme, host and port, and, where a proxy has put it below a
/// path, that: `https://example.org`, `https://example.org/forms`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    /// Host, and the port where it is not the scheme's own; lower case.
    authority: String,
    /// Empty, or `/forms`.
    prefix: String,
}

impl Origin {
    /// Whether it is reached over TLS.
    pub fn https(&self) -> bool {
        self.https
    }

    /// The path that stands before those of the server's own: empty, or `/forms`. A proxy takes it
    /// away before it passes a request on.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Scheme, host and port alone, as an `Origin` header has them.
    pub fn site(&self) -> String {
        format!("http{}://{}", if self.https { "s" } else { "" }, self.authority)
    }

    /// Whether both have one scheme, host and port.
    fn same_site(&self, other: &Self) -> bool {
        (self.https, &self.authority) == (other.https, &other.authority)
    }

    /// Whether a `Host` header names this origin.
    pub fn is_host(&self, host: &str) -> bool {
        authority(host, self.https).as_deref() == Some(self.authority.as_str())
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is no origin: write it as https://example.org, or https://example.org/forms below a path")
        };
        let (origin, rest) = split(text).ok_or_else(wrong)?;
        let prefix = rest.strip_suffix('/').unwrap_or(rest).to_owned();
        if prefix.is_empty() || is_prefix(&prefix) {
            Ok(Self { prefix, ..origin })
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.site(), self.prefix)
    }
}

/// Whose request it is, as far as its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "four answers to four questions, each asked by itself"
)]
pub struct Source {
    /// It says that another site made it: a POST is refused.
    pub foreign: bool,
    /// `Origin: null`: a proxy or a setting of the browser may have made it so, or another site. Only
    /// who has both ids of a session has had a page of ours. Beside `Sec-Fetch-Site: same-origin` it is no
    /// other site's: Chromium and Firefox send both from a page that forbids referrers, as a proxy may have
    /// ours do; a form of a sandboxed frame or of another site says `cross-site`.
    pub unsaid: bool,
    /// It comes from one of our own pages: a GET may show answers.
    pub inside: bool,
    /// The browser asks ahead of the person.
    pub prefetch: bool,
}

impl Source {
    /// Reads the header of a request to `ours`, or, where no origin is configured, to its `Host`;
    /// `tls` says that it came over our own TLS.
    pub fn of(headers: &HeaderMap, ours: Option<&Origin>, tls: bool) -> Self {
        let site = value(headers, &SEC_FETCH_SITE);
        let own = |url: &str| is_own(url, headers, ours, tls);
        let origin = value(headers, &ORIGIN);
        let null = origin == Some("null");
        let foreign_origin = origin.is_some_and(|origin| !null && !own(origin));
        let foreign_site = site.is_some_and(|site| site != "same-origin" && (null || site != "none"));
        let inside = match site {
            Some("same-origin") => true,
            Some(_) => false,
            None => value(headers, &REFERER).or(origin).is_some_and(own),
        };
        Self {
            foreign: foreign_site || foreign_origin,
            unsaid: null,
            inside: inside && !foreign_origin && (!null || site.is_some()),
            prefetch: [SEC_PURPOSE, PURPOSE]
                .iter()
                .any(|name| value(headers, name).is_some_and(|value| value.contains("prefetch"))),
        }
    }
}

/// Whether a URL, or an origin, is one of ours.
fn is_own(url: &str, headers: &HeaderMap, ours: Option<&Origin>, tls: bool) -> bool {
    let Some((origin, _)) = split(url) else {
        return false;
    };
    match ours {
        Some(ours) => origin.same_site(ours),
        // Over our own TLS the scheme is known.
        None if tls && !origin.https => false,
        // Else it is not, without a configured origin: a proxy may have taken the TLS off.
        None => value(headers, &HOST)
            .and_then(|host| authority(host, origin.https))
            .is_some_and(|host| host == origin.authority),
    }
}

/// A header that comes once; one that comes twice says nothing that could be relied on, and an
/// unreadable one counts as foreign.
fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    match values.next() {
        Some(_) => Some("?"),
        None => Some(first.to_str().unwrap_or("?")),
    }
}

/// The origin at the front of a URL, and what follows it.
fn split(url: &str) -> Option<(Origin, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let https = match scheme {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at_checked(end)?;
    let authority = authority(host, https)?;
    let prefix = String::new();
    Some((
        Origin {
            https,
            authority,
            prefix,
        },
        rest,
    ))
}

/// Whether a path may stand before ours: segments of letters that no proxy and no browser writes in
/// another way.
fn is_prefix(path: &str) -> bool {
    let segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
    };
    path.len() <= PREFIX_BYTES && path.strip_prefix('/').is_some_and(|path| path.split('/').all(segment))
}

/// Host and port in one spelling: lower case, without the scheme's own port. `None` for what is
/// no host.
fn authority(host: &str, https: bool) -> Option<String> {
    if !is_host(host) {
        return None;
    }
    let own_port = if https { ":443" } else { ":80" };
    Some(host.strip_suffix(own_port).unwrap_or(host).to_ascii_lowercase())
}

/// Whether two hosts, each perhaps with a port, are one to this scheme.
pub(super) fn is_same_host(one: &str, other: &str, https: bool) -> bool {
    authority(one, https).is_some_and(|one| authority(other, https).is_some_and(|other| one == other))
}

/// Whether `host` has the shape of a `Host` header: a name or an address, perhaps with a port.
pub fn is_host(host: &str) -> bool {
    let (name, port) = match host.rfind(']') {
        Some(end) => host.split_at_checked(end + 1).unwrap_or((host, "")),
        None => host
            .find(':')
            .and_then(|at| host.split_at_checked(at))
            .unwrap_or((host, "")),
    };
    let name_ok = match name.strip_prefix('[') {
        Some(address) => address
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok()),
        None => {
            !name.is_empty()
                && name.len() <= 255
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        }
    };
    let port_ok = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    name_ok && port_ok
}
