//! HTTP as bytes: one request on a connection of its own, the answer read to the end; or several
//! on one, each with what it took on its way.

use std::fmt::{self, Debug};
use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// No answer within this is a failure of the test.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer, decoded no further than its header.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as text, unpacked as its header says.
    pub fn text(&self) -> String {
        let mut body = Vec::new();
        let read = match self.header("content-encoding") {
            None => self.body.as_slice().read_to_end(&mut body),
            Some("gzip") => flate2::read::GzDecoder::new(self.body.as_slice()).read_to_end(&mut body),
            Some("br") => brotli::Decompressor::new(self.body.as_slice(), 4096).read_to_end(&mut body),
            Some(other) => panic!("nobody asked for {other}"),
        };
        read.expect("a body is packed as its header says");
        String::from_utf8(body).expect("a page is UTF-8")
    }
}

/// Sends these bytes and reads what comes back until the server closes.
pub fn raw(address: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Under which name a server is asked: its address, unless a test says another.
pub fn host(address: SocketAddr, headers: &[(String, String)]) -> String {
    let said = headers.iter().find(|(name, _)| name == "Host");
    said.map_or_else(|| address.to_string(), |(_, host)| host.clone())
}

/// A request, with `Host` and `Connection: close`; `Err` where the server did not answer in full.
pub fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> std::io::Result<Answer> {
    let host = host(address, headers);
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers.iter().filter(|(name, _)| name != "Host") {
        head += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() || method == "POST" {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    head += "\r\n";
    let mut request = head.into_bytes();
    request.extend(body);
    read(&raw(address, &request)?)
}

/// An answer from its bytes.
pub fn read(bytes: &[u8]) -> std::io::Result<Answer> {
    let broken = |why: &str| Error::new(ErrorKind::UnexpectedEof, why.to_owned());
    let end = bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .ok_or_else(|| broken("no end of the header"))?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| broken("a header that is not UTF-8"))?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| broken("no status"))?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let answer = Answer {
        status,
        headers,
        body: bytes[end + 4..].to_vec(),
    };
    match answer.header("content-length").map(str::parse::<usize>) {
        Some(Ok(length)) if length != answer.body.len() => Err(broken("the body is cut off")),
        _ => Ok(answer),
    }
}

/// `application/x-www-form-urlencoded`.
pub fn urlencoded(fields: &[(String, String)]) -> String {
    let pair = |(name, value): &(String, String)| format!("{}={}", escaped(name), escaped(value));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

/// What one phase was on its way: bytes of the request and of the answer, the time from the begin
/// of connecting to the last byte, and whether it had a connection of its own.
#[derive(Clone, Copy, Debug)]
pub struct Passage {
    pub sent: usize,
    pub received: usize,
    pub took: Duration,
    pub fresh: bool,
}

/// When somebody who waits for an answer gives up.
#[derive(Clone)]
pub struct Until(pub Arc<dyn Fn() -> bool + Send + Sync>);

impl Debug for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Until")
    }
}

/// A connection that is used again while both sides keep it. A copy of it is a new one.
#[derive(Debug, Default)]
pub struct Connection {
    stream: Option<TcpStream>,
    /// The bytes that came of the last answer, whole or not.
    pub came: usize,
}

impl Clone for Connection {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Connection {
    /// Its port on the person's side, while it is kept.
    pub fn port(&self) -> Option<u16> {
        let address = self.stream.as_ref()?.local_addr().ok()?;
        Some(address.port())
    }

    /// Sends a request and reads its answer, both as bytes.
    pub fn exchange(
        &mut self,
        server: SocketAddr,
        request: &[u8],
        keeps: bool,
        until: Option<&Until>,
    ) -> std::io::Result<(Vec<u8>, Passage)> {
        let began = Instant::now();
        let kept = self.stream.take();
        let mut fresh = kept.is_none();
        let mut stream = kept.map_or_else(|| TcpStream::connect_timeout(&server, PATIENCE), Ok)?;
        let mut answer = self.converse(&mut stream, request, until);
        // One that the server closed meanwhile: as every browser does, once more on a new one.
        if !fresh && self.came == 0 && answer.as_ref().is_err_and(is_gone) {
            fresh = true;
            stream = TcpStream::connect_timeout(&server, PATIENCE)?;
            answer = self.converse(&mut stream, request, until);
        }
        let answer = answer?;
        let passage = Passage {
            sent: request.len(),
            received: answer.len(),
            took: began.elapsed(),
            fresh,
        };
        if keeps && read(&answer)?.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok((answer, passage))
    }

    fn converse(&mut self, stream: &mut TcpStream, request: &[u8], until: Option<&Until>) -> std::io::Result<Vec<u8>> {
        self.came = 0;
        let mut answer = Vec::new();
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(until.map_or(PATIENCE, |_| Duration::from_millis(20))))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(request)?;
        let end = Instant::now() + PATIENCE;
        let mut buffer = [0; 16_384];
        while !is_whole(&answer) {
            // Asked before the read: what came by then is still read.
            let over = until.is_some_and(|until| (until.0)());
            match stream.read(&mut buffer) {
                Ok(0) => return Err(Error::new(ErrorKind::UnexpectedEof, "closed before the answer's end")),
                Ok(bytes) => answer.extend(&buffer[..bytes]),
                Err(why) if why.kind() != ErrorKind::WouldBlock => return Err(why),
                Err(_) if over => return Err(Error::new(ErrorKind::TimedOut, "given up")),
                Err(_) if Instant::now() > end => return Err(Error::new(ErrorKind::TimedOut, "no answer")),
                Err(_) => {}
            }
            self.came = answer.len();
        }
        Ok(answer)
    }
}

fn is_gone(why: &Error) -> bool {
    matches!(
        why.kind(),
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    )
}

/// Whether an answer is there, header and as much body as it says. Deity says it always.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|w| w == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    length.is_some_and(|length: usize| answer.len() >= end + 4 + length)
}
