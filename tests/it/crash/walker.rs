//! People who walk through `passport-renewal`, each with a connection of their own, and note what
//! they were told.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::journey::{Journey, Sent};

const PATH: &str = "/passport-renewal";
const PATIENCE: Duration = Duration::from_secs(30);

/// What a walker shares with the test.
pub struct Load {
    pub address: SocketAddr,
    /// No further request is sent.
    pub stop: AtomicBool,
    /// Answers so far.
    pub acknowledged: AtomicUsize,
    /// Taken at each answer, such as how far a trace had got.
    pub mark: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl Load {
    pub fn on(address: SocketAddr) -> Self {
        Self::marked(address, || 0)
    }

    pub fn marked(address: SocketAddr, mark: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self {
            address,
            stop: AtomicBool::new(false),
            acknowledged: AtomicUsize::new(0),
            mark: Box::new(mark),
        }
    }

    /// Runs `walkers` people while `meanwhile` runs; then, or when the server is gone, all stop.
    /// `first` numbers their journeys.
    pub fn run<T>(&self, walkers: usize, first: u64, meanwhile: impl FnOnce() -> T) -> (T, Vec<Journey>) {
        std::thread::scope(|scope| {
            let walking: Vec<_> = (0..walkers as u64)
                .map(|n| scope.spawn(move || self.walk(first + n * 10_000)))
                .collect();
            let result = meanwhile();
            self.stop.store(true, Ordering::SeqCst);
            let walked = walking.into_iter().flat_map(|w| w.join().expect("a walker ends"));
            (result, walked.collect())
        })
    }

    /// Waits until `answers` were given; false if the server went before.
    pub fn answered(&self, answers: usize) -> bool {
        let began = std::time::Instant::now();
        while self.acknowledged.load(Ordering::SeqCst) < answers {
            if began.elapsed() > PATIENCE {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// One journey after the other, until the server is gone or the test says stop.
    fn walk(&self, first: u64) -> Vec<Journey> {
        let mut client = Client::new(self.address);
        let mut journeys = Vec::new();
        for seed in first.. {
            let mut journey = Journey::new(seed);
            let went = self.journey(&mut client, &mut journey);
            journeys.push(journey);
            if went.is_err() || self.stop.load(Ordering::SeqCst) {
                break;
            }
        }
        journeys
    }

    fn journey(&self, client: &mut Client, journey: &mut Journey) -> io::Result<()> {
        let mut page = client.get(PATH)?;
        while let Some(body) = journey.next(&page.text) {
            if self.stop.load(Ordering::SeqCst) {
                return Ok(());
            }
            journey.sent.push(Sent {
                body: body.clone(),
                page: None,
                mark: u64::MAX,
            });
            page = client.post(&body)?;
            if page.status != 200 {
                // Nothing was promised; the same request may be sent again later.
                return Err(io::Error::other(format!("status {}", page.status)));
            }
            if let Some(sent) = journey.sent.last_mut() {
                sent.page = Some(page.text.clone());
                sent.mark = (self.mark)();
            }
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub text: String,
    /// Where it sends whoever asked.
    pub location: Option<String>,
}

/// A connection that is kept alive.
pub struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let connection = None;
        Self { address, connection }
    }

    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address))
    }

    /// Follows a link of one of its own pages.
    pub fn follow(&mut self, path: &str) -> io::Result<Answer> {
        let host = self.address;
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\n\r\n"
        ))
    }

    pub fn post(&mut self, body: &str) -> io::Result<Answer> {
        self.post_to(PATH, body)
    }

    pub fn post_to(&mut self, path: &str, body: &str) -> io::Result<Answer> {
        self.ask(&self.request(path, body))
    }

    /// Sends it on a connection of its own and does not wait for the answer.
    pub fn shout(&self, path: &str, body: &str) -> io::Result<()> {
        TcpStream::connect(self.address)?.write_all(self.request(path, body).as_bytes())
    }

    fn request(&self, path: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}",
            self.address
        )
    }

    fn ask(&mut self, request: &str) -> io::Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                BufReader::new(stream)
            }
        };
        connection.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        connection.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|text| text.parse().ok());
        let status = status.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        let (mut length, mut close, mut location) = (None, false, None);
        loop {
            line.clear();
            if connection.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let header = line.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(text) = header.strip_prefix("content-length:") {
                length = text.trim().parse().ok();
            }
            if header.starts_with("location:") {
                location = line.split_once(':').map(|(_, text)| text.trim().to_owned());
            }
            close |= header == "connection: close";
        }
        let mut body = vec![0; length.ok_or_else(|| io::Error::other("an answer without a length"))?];
        connection.read_exact(&mut body)?;
        if !close {
            self.connection = Some(connection);
        }
        let text = String::from_utf8(body).map_err(io::Error::other)?;
        Ok(Answer { status, text, location })
    }
}
