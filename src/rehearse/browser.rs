//! Browsers: what each sends for the same press of a button.
//!
//! Owns the bytes of requests as lynx and Chromium write them, and the reading of what comes back
//! (status, header, encodings). Must not know flows or lines.

use std::io::Read as _;

use url::Url;

use super::page::Page;

/// No page is longer once it is unpacked. To read one may take time by the square of its depth, so that a
/// longer one, which any server may send, is not even tried.
const PAGE_BYTES: u64 = 96 << 10;

/// The browsers that walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// lynx 2.9: HTTP/1.0, a new connection for each page, gzip.
    Text,
    /// Chromium 156 on Linux, without scripts: HTTP/1.1, a kept connection, brotli.
    Modern,
}

impl Kind {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "lynx",
            Self::Modern => "Chromium",
        }
    }
}

/// A browser with the page that it shows.
#[derive(Clone, Debug)]
pub(super) struct Browser {
    kind: Kind,
    /// The language of the person, where it is another than English.
    language: Option<String>,
    /// `https://forms.example.org`
    origin: String,
    /// The address of the page, if there is one.
    url: Option<String>,
    pub(super) page: Page,
    /// A dictionary that later pages may be packed with.
    pub(super) dictionary: Option<Dictionary>,
}

/// A shared dictionary (RFC 9842), as a browser keeps it.
#[derive(Clone, Debug)]
pub(super) struct Dictionary {
    pub(super) bytes: Vec<u8>,
    /// The value of `Available-Dictionary`: the SHA-256 in base64, between colons.
    pub(super) name: String,
    /// The value of `Dictionary-ID`, where the server gave one.
    pub(super) id: Option<String>,
}

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    pub(super) bytes: Vec<u8>,
    /// The address of the page that comes.
    url: String,
}

impl Sending {
    /// Whether it asks for a page, and sends no form.
    pub(super) fn is_get(&self) -> bool {
        self.bytes.starts_with(b"GET ")
    }
}

/// An answer, as it came.
#[derive(Clone, Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// Unpacked.
    pub(super) body: Vec<u8>,
    /// Of the status line, the header and the body as sent.
    pub(super) bytes: u64,
}

impl Response {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// Typed in.
    Nowhere,
    /// A link or a form of the page.
    Here,
    /// A page of another site.
    Elsewhere,
}

impl Browser {
    pub(super) fn new(kind: Kind, language: Option<&str>, origin: &str) -> Self {
        Self {
            kind,
            language: language.filter(|tag| *tag != "en").map(str::to_owned),
            origin: origin.to_owned(),
            url: None,
            page: Page::default(),
            dictionary: None,
        }
    }

    /// The path and query that a link or form of the page leads to; `None` where that is another
    /// site's.
    pub(super) fn leads(&self, reference: &str) -> Option<String> {
        let base = Url::parse(self.url.as_ref().unwrap_or(&self.origin)).ok()?;
        let to = base.join(reference).ok()?;
        let query = to.query().map(|query| format!("?{query}"));
        (to.origin() == base.origin()).then(|| format!("{}{}", to.path(), query.unwrap_or_default()))
    }

    /// A request for a page; the target is a path with or without a query.
    pub(super) fn get(&self, target: &str, from: From) -> Sending {
        let lines = match self.kind {
            Kind::Text => self.lynx("GET", target, from, None),
            Kind::Modern => self.chromium("GET", target, from, None),
        };
        self.sending(target, &lines, "")
    }

    /// A form.
    pub(super) fn post(&self, target: &str, fields: &[(String, String)]) -> Sending {
        let body = match self.kind {
            Kind::Text => fields
                .iter()
                .map(|(name, value)| format!("{}={}", lynx_encoded(name), lynx_encoded(value))),
            Kind::Modern => return self.post_as_chromium(target, fields),
        };
        let body = body.collect::<Vec<_>>().join("&");
        let lines = self.lynx("POST", target, From::Here, Some(body.len()));
        self.sending(target, &lines, &body)
    }

    fn post_as_chromium(&self, target: &str, fields: &[(String, String)]) -> Sending {
        // Browsers send the ends of lines in a text as CR LF.
        let lines = |text: &str| text.replace("\r\n", "\n").replace('\n', "\r\n");
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.iter().map(|(name, value)| (name, lines(value))))
            .finish();
        let lines = self.chromium("POST", target, From::Here, Some(body.len()));
        self.sending(target, &lines, &body)
    }

    /// A request for a dictionary, in passing.
    pub(super) fn get_dictionary(&self, target: &str) -> Sending {
        let mut lines = vec![format!("GET {target} HTTP/1.1"), format!("Host: {}", self.host())];
        lines.extend(
            [
                "Connection: keep-alive",
                AGENT,
                "Accept: */*",
                "Sec-Fetch-Site: same-origin",
                "Sec-Fetch-Mode: cors",
                "Sec-Fetch-Dest: empty",
                "Accept-Encoding: gzip, deflate, br, zstd",
            ]
            .map(str::to_owned),
        );
        lines.push(self.reads());
        self.sending(target, &lines, "")
    }

    /// Takes in the page that a request led to.
    pub(super) fn shows(&mut self, sending: &Sending, answer: &Response) {
        self.url = Some(sending.url.clone());
        self.page = Page::read(&String::from_utf8_lossy(&answer.body));
        let offered = answer.header("link").and_then(dictionary_of);
        self.page.dictionary = self.page.dictionary.take().or(offered);
    }

    /// Over https or from the machine itself: browsers trust the connection, and say more.
    fn is_secure(&self) -> bool {
        let host = self.host().split(':').next().unwrap_or_default();
        self.origin.starts_with("https:") || host == "localhost" || host.starts_with("127.")
    }

    fn host(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, host)| host)
    }

    fn sending(&self, target: &str, lines: &[String], body: &str) -> Sending {
        let mut text = lines.join("\r\n");
        text.push_str("\r\n\r\n");
        text.push_str(body);
        Sending {
            bytes: text.into_bytes(),
            url: format!("{}{target}", self.origin),
        }
    }

    /// The languages that the person reads: in Chromium English behind another one.
    fn reads(&self) -> String {
        match (self.kind, &self.language) {
            (Kind::Text, language) => format!("Accept-Language: {}", language.as_deref().unwrap_or("en")),
            (Kind::Modern, None) => "Accept-Language: en-US,en;q=0.9".to_owned(),
            (Kind::Modern, Some(language)) => format!("Accept-Language: {language},en-US;q=0.9,en;q=0.8"),
        }
    }

    /// The lines that lynx sends.
    fn lynx(&self, method: &str, target: &str, from: From, length: Option<usize>) -> Vec<String> {
        let mut lines = vec![
            format!("{method} {target} HTTP/1.0"),
            format!("Host: {}", self.host()),
            "Accept: text/html, text/plain, text/sgml, text/css, */*;q=0.01".to_owned(),
            "Accept-Encoding: gzip, compress, bzip2".to_owned(),
            self.reads(),
        ];
        if length.is_some() {
            lines.extend(["Pragma: no-cache", "Cache-Control: no-cache"].map(str::to_owned));
        }
        lines.push("User-Agent: Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8".to_owned());
        if let Some(url) = self.url.as_ref().filter(|_| from == From::Here) {
            lines.push(format!("Referer: {url}"));
        }
        if let Some(length) = length {
            lines.push("Content-Type: application/x-www-form-urlencoded".to_owned());
            lines.push(format!("Content-Length: {length}"));
        }
        lines
    }

    /// The lines that Chromium sends over HTTP/1.1.
    fn chromium(&self, method: &str, target: &str, from: From, length: Option<usize>) -> Vec<String> {
        let secure = self.is_secure();
        let mut lines = vec![
            format!("{method} {target} HTTP/1.1"),
            format!("Host: {}", self.host()),
            "Connection: keep-alive".to_owned(),
        ];
        if let Some(length) = length {
            lines.push(format!("Content-Length: {length}"));
            lines.push("Cache-Control: max-age=0".to_owned());
        }
        lines.extend(CHROMIUM.map(str::to_owned).into_iter().filter(|_| secure));
        lines.push("Upgrade-Insecure-Requests: 1".to_owned());
        if length.is_some() {
            lines.push("Content-Type: application/x-www-form-urlencoded".to_owned());
        }
        lines.push(AGENT.to_owned());
        if length.is_some() {
            lines.push(format!("Origin: {}", self.origin));
        }
        lines.push(ACCEPT.to_owned());
        let site = match from {
            From::Nowhere => "none",
            From::Here => "same-origin",
            From::Elsewhere => "cross-site",
        };
        if secure {
            lines.push(format!("Sec-Fetch-Site: {site}"));
            lines.extend(
                [
                    "Sec-Fetch-Mode: navigate",
                    "Sec-Fetch-User: ?1",
                    "Sec-Fetch-Dest: document",
                ]
                .map(str::to_owned),
            );
        }
        if let Some(url) = self.url.as_ref().filter(|_| from == From::Here) {
            lines.push(format!("Referer: {url}"));
        }
        lines.extend(self.packing());
        lines
    }

    /// What it can unpack, with the dictionary that it holds.
    fn packing(&self) -> Vec<String> {
        let plain = match (self.is_secure(), &self.dictionary) {
            (false, _) => "Accept-Encoding: gzip, deflate",
            (true, None) => "Accept-Encoding: gzip, deflate, br, zstd",
            (true, Some(_)) => "Accept-Encoding: gzip, deflate, br, zstd, dcb, dcz",
        };
        let mut lines = vec![plain.to_owned(), self.reads()];
        if let Some(dictionary) = self.dictionary.as_ref().filter(|_| self.is_secure()) {
            lines.push(format!("available-dictionary: {}", dictionary.name));
            lines.extend(dictionary.id.as_ref().map(|id| format!("dictionary-id: {id}")));
        }
        lines
    }
}

const CHROMIUM: [&str; 3] = [
    "sec-ch-ua: \"Not:A-Brand\";v=\"8\", \"Chromium\";v=\"156\"",
    "sec-ch-ua-mobile: ?0",
    "sec-ch-ua-platform: \"Linux\"",
];

const AGENT: &str =
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

const ACCEPT: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,\
     image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";

/// The address in `Link: </address>;rel=compression-dictionary`.
fn dictionary_of(link: &str) -> Option<String> {
    let (address, terms) = link.strip_prefix('<')?.split_once('>')?;
    let mut terms = terms.split(';').map(|term| term.replace(['"', ' '], ""));
    let offered = terms.any(|term| term.eq_ignore_ascii_case("rel=compression-dictionary"));
    offered.then(|| address.to_owned())
}

/// As lynx encodes a form: `@` stays, unlike in other browsers.
fn lynx_encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.replace("\r\n", "\n").replace('\n', "\r\n").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'@' | b'.' | b'*' | b'-' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => out.extend([format!("%{other:02X}")]),
        }
    }
    out
}

/// The head of an answer, once all of it is there: where the body begins, and how long it is.
fn head(bytes: &[u8]) -> Option<(usize, Option<usize>)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    Some((end, length))
}

/// Whether all is there of an answer that says how long it is. It may say any length.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    match head(bytes) {
        Some((end, Some(length))) => bytes.len().saturating_sub(end) >= length,
        Some((_, None)) | None => false,
    }
}

/// Reads a whole answer; else why that cannot be done.
pub(super) fn answer(bytes: &[u8], dictionary: Option<&Dictionary>) -> Result<Response, String> {
    let (end, _) = head(bytes).ok_or("the server closed the connection without an answer")?;
    let (text, body) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let packed = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let body = unpacked(body, packed.map_or("", |(_, value)| value.as_str()), dictionary)?;
    Ok(Response {
        status: status.ok_or("the answer has no status")?,
        headers,
        body,
        bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
    })
}

fn unpacked(body: &[u8], encoding: &str, dictionary: Option<&Dictionary>) -> Result<Vec<u8>, String> {
    let most = PAGE_BYTES + 1;
    let mut plain = Vec::new();
    let read = match encoding {
        "" => body.take(most).read_to_end(&mut plain),
        "gzip" => flate2::read::GzDecoder::new(body).take(most).read_to_end(&mut plain),
        "br" => brotli::Decompressor::new(body, 4096).take(most).read_to_end(&mut plain),
        "dcb" => {
            // A mark of four bytes, and the digest of the dictionary.
            let packed = body.get(36..).unwrap_or_default();
            let words = dictionary.map_or_else(Vec::new, |dictionary| dictionary.bytes.clone());
            brotli::Decompressor::new_with_custom_dict(packed, 4096, words.into())
                .take(most)
                .read_to_end(&mut plain)
        }
        other => return Err(format!("the answer is packed as {other}, which nobody asked for")),
    };
    let read = read.map_err(|why| format!("the answer cannot be unpacked ({encoding}): {why}"))?;
    if u64::try_from(read).is_ok_and(|read| read < most) {
        Ok(plain)
    } else {
        Err(format!("the page has more than {PAGE_BYTES} bytes"))
    }
}
