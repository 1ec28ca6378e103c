//! The barest server there can be, over the same lines in the same run: what is slow there is the
//! line, TCP and this machine, and no fault of Deity's.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::net::Person;
use super::place::Place;
use crate::support::agent::Agent;
use crate::support::wire::{Connection, Passage};

/// Answers every request with as many bytes as it asks for. Ends when it is dropped.
pub struct Bare {
    port: u16,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bare {
    /// Serves in that place, on all its addresses.
    pub fn serve(place: &Place) -> Self {
        let listener = place.within(|| TcpListener::bind("0.0.0.0:0").expect("a free port"));
        listener.set_nonblocking(true).expect("our own socket");
        let port = listener.local_addr().expect("our own socket").port();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !stopped.load(SeqCst) {
                match listener.accept() {
                    Ok((stream, _)) => drop(thread::spawn(move || converse(stream))),
                    Err(_) => thread::park_timeout(Duration::from_millis(1)),
                }
            }
        });
        Self {
            port,
            stop,
            thread: Some(thread),
        }
    }

    /// As many phases as `like` has, with as many bytes each, by somebody on a line of his own.
    pub fn walk(&self, person: &Person, agent: Agent, like: &[(usize, usize)], thinking: Duration) -> Vec<Passage> {
        let mut connection = Connection::default();
        let server = SocketAddr::new(person.server.ip(), self.port);
        like.iter()
            .map(|(sent, received)| {
                let mut request = format!("GET /{received} HTTP/1.1\r\nX: ").into_bytes();
                request.resize(sent - 4, b'x');
                request.extend(b"\r\n\r\n");
                let exchange = connection.exchange(server, &request, agent.keeps(), None);
                let (_, passage) = exchange.unwrap_or_else(|why| panic!("{why}\n{}", person.line.trace()));
                person.line.rest(connection.port(), thinking);
                passage
            })
            .collect()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking());
        }
    }
}

/// Answers on one connection until the other side closes it.
fn converse(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 4_096];
    while stream.set_nonblocking(false).is_ok() {
        match stream.read(&mut buffer) {
            Ok(bytes) if bytes > 0 => request.extend(&buffer[..bytes]),
            _ => return,
        }
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        let wanted = text.split(['/', ' ']).nth(2).and_then(|bytes| bytes.parse().ok());
        let wanted: usize = wanted.expect("a request of these tests");
        // Three digits or four of a length: the whole is as long as was wanted.
        let head = |body: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {body:04}\r\n\r\n");
        let body = wanted - head(0).len();
        let mut answer = head(body).into_bytes();
        answer.resize(wanted, b'x');
        if stream.write_all(&answer).is_err() {
            return;
        }
        request.clear();
    }
}
