//! Where a request says that it comes from.
//!
//! Owns the rules about `Origin`, `Sec-Fetch-Site`, `Referer` and `Host`: which POST is refused as
//! another site's, and which GET counts as coming from inside. Must not know sessions or pages.
//! Source: "What ids in links cost" in the contract.

use std::fmt;
use std::str::FromStr;

use hyper::HeaderMap;
use hyper::header::{HOST, HeaderName, ORIGIN, REFERER};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
const PURPOSE: HeaderName = HeaderName::from_static("purpose");

/// The origin under which people see the server: scheme, host and port, as `https://example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    /// Host, and the port where it is not the scheme's own; lower case.
    authority: String,
}

impl Origin {
    /// Whether it is reached over TLS.
    pub fn https(&self) -> bool {
        self.https
    }

    /// Whether a `Host` header names this origin.
    pub fn is_host(&self, host: &str) -> bool {
        authority(host, self.https).as_deref() == Some(self.authority.as_str())
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        split(text)
            .filter(|(_, rest)| rest.is_empty() || *rest == "/")
            .map(|(origin, _)| origin)
            .ok_or_else(|| format!("`{text}` is no origin: write it as https://example.org"))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http{}://{}", if self.https { "s" } else { "" }, self.authority)
    }
}

/// Whose request it is, as far as its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// It says that another site made it: a POST is refused.
    pub foreign: bool,
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
        let foreign_origin = match origin {
            None => false,
            Some("null") => site != Some("same-origin"),
            Some(origin) => !own(origin),
        };
        let inside = match site {
            Some("same-origin") => true,
            Some(_) => false,
            None => value(headers, &REFERER).or(origin).is_some_and(own),
        };
        Self {
            foreign: site == Some("cross-site") || foreign_origin,
            inside: inside && !foreign_origin,
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
        Some(ours) => origin == *ours,
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
    Some((Origin { https, authority }, rest))
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
