//! What browsers send, byte for byte: the sizes of requests are theirs, and so is the way in which
//! they use connections. `tests/it/browser` holds these requests against the real programs'.

use std::net::SocketAddr;

use super::wire::host;

/// Whose requests a window sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// Nobody's in particular: what any browser sends, on a connection of its own.
    Plain,
    /// lynx: HTTP/1.0, a new connection for each phase, gzip.
    Lynx,
    /// Chromium: one connection for all phases, brotli as over https and on its own computer.
    Chromium,
}

/// One request, before it is written as an agent writes it.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub server: SocketAddr,
    pub method: &'a str,
    pub target: &'a str,
    /// The target of the page whose link or button it was.
    pub from: Option<&'a str>,
    pub body: &'a str,
}

const CHROMIUM: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                        HeadlessChrome/156.0.0.0 Safari/537.36";
const BRANDS: &str = r#""Not:A-Brand";v="8", "Chromium";v="156""#;
const PAGES: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,\
                     image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";
const FORM: &str = "application/x-www-form-urlencoded";

impl Agent {
    /// Whether it uses its connection again.
    pub fn keeps(self) -> bool {
        self == Self::Chromium
    }

    /// The bytes of a request; `more` are headers that a test adds.
    pub fn writes(self, ask: &Ask<'_>, more: &[(String, String)]) -> Vec<u8> {
        let Ask {
            server, method, target, ..
        } = ask;
        let version = if self == Self::Lynx { "1.0" } else { "1.1" };
        let host = host(*server, more);
        let mut head = format!("{method} {target} HTTP/{version}\r\nHost: {host}\r\n");
        let lines = match self {
            Self::Plain => plain(ask),
            Self::Lynx => lynx(ask),
            Self::Chromium => chromium(ask),
        };
        let more = more.iter().filter(|(name, _)| name != "Host");
        let more = more.map(|(name, value)| (name.as_str(), value.clone()));
        for (name, value) in lines.into_iter().chain(more) {
            head += &format!("{name}: {value}\r\n");
        }
        format!("{head}\r\n{}", ask.body).into_bytes()
    }
}

type Lines = Vec<(&'static str, String)>;

fn referer(ask: &Ask<'_>) -> Option<String> {
    ask.from.map(|from| format!("http://{}{from}", ask.server))
}

fn owned(lines: &[(&'static str, &str)]) -> Lines {
    lines.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn plain(ask: &Ask<'_>) -> Lines {
    let mut lines = owned(&[("Connection", "close")]);
    lines.extend(referer(ask).map(|page| ("Referer", page)));
    if ask.method == "POST" {
        lines.push(("Content-Type", FORM.to_owned()));
        lines.push(("Origin", format!("http://{}", ask.server)));
        lines.push(("Content-Length", ask.body.len().to_string()));
    }
    lines
}

fn lynx(ask: &Ask<'_>) -> Lines {
    let mut lines = owned(&[
        ("Accept", "text/html, text/plain, text/sgml, text/css, */*;q=0.01"),
        ("Accept-Encoding", "gzip, compress, bzip2"),
        ("Accept-Language", "en"),
    ]);
    if ask.method == "POST" {
        lines.extend(owned(&[("Pragma", "no-cache"), ("Cache-Control", "no-cache")]));
    }
    let name = "Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8";
    lines.extend(owned(&[("User-Agent", name)]));
    // As Debian sets it up, it keeps queries to itself.
    let from = referer(ask).filter(|page| !page.trim_end_matches('?').contains('?'));
    lines.extend(from.map(|page| ("Referer", page)));
    if ask.method == "POST" {
        lines.push(("Content-Type", FORM.to_owned()));
        lines.push(("Content-Length", ask.body.len().to_string()));
    }
    lines
}

fn chromium(ask: &Ask<'_>) -> Lines {
    let posts = ask.method == "POST";
    let mut lines = owned(&[("Connection", "keep-alive")]);
    if posts {
        lines.push(("Content-Length", ask.body.len().to_string()));
    }
    // A form that is sent to the path of its own page is a reload to Chromium, with whichever query.
    let path = |target: &str| target.split('?').next().unwrap_or_default().to_owned();
    if posts && ask.from.is_some_and(|from| path(from) == path(ask.target)) {
        lines.extend(owned(&[("Cache-Control", "max-age=0")]));
    }
    lines.extend(owned(&[
        ("sec-ch-ua", BRANDS),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-ch-ua-platform", "\"Linux\""),
        ("Upgrade-Insecure-Requests", "1"),
    ]));
    if posts {
        lines.extend(owned(&[("Content-Type", FORM)]));
    }
    lines.extend(owned(&[("User-Agent", CHROMIUM)]));
    if posts {
        lines.push(("Origin", format!("http://{}", ask.server)));
    }
    let site = if ask.from.is_some() { "same-origin" } else { "none" };
    lines.extend(owned(&[
        ("Accept", PAGES),
        ("Sec-Fetch-Site", site),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-User", "?1"),
        ("Sec-Fetch-Dest", "document"),
    ]));
    lines.extend(referer(ask).map(|page| ("Referer", page)));
    lines.extend(owned(&[
        ("Accept-Encoding", "gzip, deflate, br, zstd"),
        ("Accept-Language", "en-US,en;q=0.9"),
    ]));
    lines
}
