//! A wire between a browser and the server, of which everything is kept: what was asked, and what
//! came.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// The wire; it goes on as long as the test.
pub struct Wire {
    pub address: SocketAddr,
    kept: Arc<Mutex<Vec<Talk>>>,
}

/// What passed on one connection.
#[derive(Clone, Debug, Default)]
struct Talk {
    up: Vec<u8>,
    down: Vec<u8>,
}

/// One request and the head of its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Method and path, as `GET /flow`; no query.
    pub what: String,
    /// The whole request, head and body.
    pub request: String,
    /// The head of the answer.
    pub head: String,
}

impl Exchange {
    /// The value of a header of the request.
    pub fn asked(&self, name: &str) -> Option<&str> {
        value(&self.request, name)
    }

    /// The value of a header of the answer.
    pub fn got(&self, name: &str) -> Option<&str> {
        value(&self.head, name)
    }
}

fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().skip(1).take_while(|line| !line.is_empty());
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim())
}

impl Wire {
    /// A wire to that server.
    pub fn to(server: SocketAddr) -> Self {
        Self::passing(server, <[u8]>::to_vec)
    }

    /// A wire on which each answer to a form forbids referrers, as some proxies have them do.
    pub fn without_referrers(server: SocketAddr) -> Self {
        Self::passing(server, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let form = text.starts_with("HTTP/1.1 ") && !text.contains("\r\nvary:");
            let line = bytes.iter().position(|b| *b == b'\n').filter(|_| form);
            let Some(line) = line else { return bytes.to_vec() };
            let (first, rest) = bytes.split_at(line + 1);
            [first, b"referrer-policy: no-referrer\r\n", rest].concat()
        })
    }

    fn passing(server: SocketAddr, down_as: fn(&[u8]) -> Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&kept);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                // A server that has been stopped ends the test, and the wire.
                let Ok(far) = TcpStream::connect(server) else { return };
                let at = {
                    let mut talks = all.lock().unwrap();
                    talks.push(Talk::default());
                    talks.len() - 1
                };
                let (up, down) = (Arc::clone(&all), Arc::clone(&all));
                let (from, to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                thread::spawn(move || {
                    carry(from, to, <[u8]>::to_vec, |bytes| {
                        up.lock().unwrap()[at].up.extend(bytes)
                    })
                });
                thread::spawn(move || carry(far, near, down_as, |bytes| down.lock().unwrap()[at].down.extend(bytes)));
            }
        });
        Self { address, kept }
    }

    /// All requests so far, in the order of their connections.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.kept.lock().unwrap().iter().flat_map(exchanges).collect()
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, pass: fn(&[u8]) -> Vec<u8>, keep: impl Fn(&[u8])) {
    let mut buffer = [0; 16_384];
    while let Ok(bytes) = from.read(&mut buffer) {
        if bytes == 0 {
            break;
        }
        // Kept before it is passed on: who has an answer finds it here.
        keep(&buffer[..bytes]);
        if to.write_all(&pass(&buffer[..bytes])).is_err() {
            break;
        }
    }
    // The other side may be gone.
    let _shut = to.shutdown(Shutdown::Write);
}

/// The exchanges of one connection. Every answer of Deity's says how long it is.
fn exchanges(talk: &Talk) -> Vec<Exchange> {
    let (requests, answers) = (messages(&talk.up), messages(&talk.down));
    let both = requests.into_iter().zip(answers);
    both.map(|((request, body), (head, _))| {
        let mut words = request.split(' ');
        let method = words.next().unwrap_or_default();
        let path = words.next().unwrap_or_default().split('?').next().unwrap_or_default();
        Exchange {
            what: format!("{method} {path}"),
            request: request.clone() + &body,
            head,
        }
    })
    .collect()
}

/// The messages in what one side said: head, with the empty line, and body.
fn messages(mut bytes: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    while let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
        let length = value(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        let body = &bytes[end + 4..(end + 4 + length).min(bytes.len())];
        found.push((head, String::from_utf8_lossy(body).into_owned()));
        bytes = &bytes[end + 4 + body.len()..];
    }
    found
}
