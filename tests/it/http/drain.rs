//! How the server stops: nothing that was let in is lost, and nobody keeps it from stopping.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use deity::http::{Drained, Server, Settings};
use deity::limits::Http;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{FORM, app, statuses};

/// A server on a socket.
pub struct Running {
    pub addr: SocketAddr,
    stop: oneshot::Sender<()>,
    pub ended: JoinHandle<Drained>,
}

pub async fn run(limits: Http) -> Running {
    let app = app(Settings {
        limits,
        ..Settings::default()
    })
    .await;
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let addr = server.addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(async move {
        server
            .run(app, async {
                stopped.await.unwrap();
            })
            .await
    });
    Running { addr, stop, ended }
}

impl Running {
    /// Asks it to stop and waits until it has.
    pub async fn stop(self) -> Drained {
        self.stop.send(()).unwrap();
        timeout(Duration::from_secs(30), self.ended).await.unwrap().unwrap()
    }
}

/// Reads until the server closes.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await;
    let _cut = read.expect("the server closes in time");
    String::from_utf8_lossy(&bytes).into_owned()
}

const GET: &[u8] = b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn idle_connections_do_not_hold_it_up() {
    let server = run(Http::default()).await;
    let mut idle = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        stream.write_all(GET).await.unwrap();
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        idle.push(stream);
    }
    let addr = server.addr;
    assert_eq!(server.stop().await, Drained { dropped: 0 });
    assert!(TcpStream::connect(addr).await.is_err(), "nobody listens any more");
    for mut stream in idle {
        rest(&mut stream).await;
    }
}

#[tokio::test]
async fn a_request_that_is_being_received_is_answered() {
    let server = run(Http::default()).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 7\r\n");
    stream
        .write_all(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100"));
    let stopping = tokio::spawn(server.stop());
    stream.write_all(b"a=1").await.unwrap();
    tokio::task::yield_now().await;
    stream.write_all(b"&b=2").await.unwrap();
    let said = rest(&mut stream).await;
    assert_eq!(statuses(&said), [404]);
    assert_eq!(stopping.await.unwrap(), Drained { dropped: 0 });
}

#[tokio::test]
async fn what_does_not_end_in_time_is_dropped() {
    let server = run(Http {
        drain_time: Duration::from_millis(100),
        ..Http::default()
    })
    .await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 7\r\n");
    stream
        .write_all(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(server.stop().await, Drained { dropped: 1 });
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_every_request_that_was_taken_is_answered() {
    let server = run(Http::default()).await;
    let (answered, cut) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..16)
        .map(|_| {
            let (answered, cut, stop, addr) = (Arc::clone(&answered), Arc::clone(&cut), Arc::clone(&stop), server.addr);
            tokio::spawn(async move {
                while !stop.load(Relaxed) {
                    let Ok(mut stream) = TcpStream::connect(addr).await else {
                        break;
                    };
                    let sent = stream.write_all(b"GET /robots.txt HTTP/1.0\r\n\r\n").await;
                    let said = rest(&mut stream).await;
                    if sent.is_ok() && said.ends_with("Disallow: /*?\n") {
                        answered.fetch_add(1, Relaxed);
                    } else if !said.is_empty() {
                        cut.fetch_add(1, Relaxed);
                    }
                }
            })
        })
        .collect();
    while answered.load(Relaxed) < 500 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.stop().await, Drained { dropped: 0 });
    stop.store(true, Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(cut.load(Relaxed), 0, "no answer was cut off");
}
