//! How the server stops: nothing that was let in is lost, and nobody keeps it from stopping.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use deity::http::{App, Drained, Server, Settings};
use deity::limits::Http;
use deity::store::{KeyKind, Memory, Store as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::sessions::{FLOW, hidden_in, keeping};
use super::{FORM, bounded, statuses};
use crate::support::rounds;

/// A server on a socket.
pub struct Running {
    pub addr: SocketAddr,
    stop: oneshot::Sender<()>,
    pub ended: JoinHandle<Drained>,
}

pub async fn run(limits: Http) -> Running {
    serve(bounded(limits).await).await
}

async fn serve(app: Arc<App>) -> Running {
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
async fn a_request_that_is_on_its_way_is_answered() {
    let server = run(Http::default()).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let mut half = TcpStream::connect(server.addr).await.unwrap();
    half.write_all(&GET[..20]).await.unwrap();
    // One more that was answered shows that the others were taken in.
    let head = exchange(server.addr, "GET /robots.txt HTTP/1.0\r\n\r\n").await.unwrap();
    assert_eq!(statuses(&head), [200]);
    let addr = server.addr;
    let stopping = tokio::spawn(server.stop());
    while TcpStream::connect(addr).await.is_ok() {}
    stream.write_all(GET).await.unwrap();
    half.write_all(&GET[20..]).await.unwrap();
    for stream in [&mut stream, &mut half] {
        let said = rest(stream).await;
        assert_eq!(statuses(&said), [200], "{said}");
    }
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

/// One exchange on a connection of its own; nothing if there was no connection.
async fn exchange(addr: SocketAddr, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(addr).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    Some(rest(&mut stream).await)
}

/// Starts sessions until the server is gone; counts those that it was told of, and answers that
/// were cut off.
async fn start_sessions(addr: SocketAddr, told: &AtomicUsize, cut: &AtomicUsize) {
    loop {
        let get = "GET /bicycle HTTP/1.0\r\nHost: a\r\n\r\n";
        let Some(page) = exchange(addr, get).await.filter(|page| !page.is_empty()) else {
            return;
        };
        if !page.contains("</main>") {
            cut.fetch_add(1, Relaxed);
            return;
        }
        let ticket = hidden_in(page.split_once("\r\n\r\n").unwrap().1, "sessionID").unwrap();
        let body = format!("sessionID={ticket}&screenID=&actionID=start");
        let head = format!("POST /bicycle HTTP/1.0\r\nHost: a\r\nContent-Type: {FORM}\r\n");
        let post = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let Some(page) = exchange(addr, &post).await.filter(|page| !page.is_empty()) else {
            return;
        };
        if page.contains("Who are you?") && page.contains("</main>") {
            told.fetch_add(1, Relaxed);
        } else {
            cut.fetch_add(1, Relaxed);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_every_phase_that_was_taken_is_answered() {
    let store = Arc::new(Memory::new());
    let server = serve(Arc::new(keeping(FLOW, Settings::default(), &store).await)).await;
    let (told, cut) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..16)
        .map(|_| {
            let (told, cut, addr) = (Arc::clone(&told), Arc::clone(&cut), server.addr);
            tokio::spawn(async move { start_sessions(addr, &told, &cut).await })
        })
        .collect();
    while told.load(Relaxed) < rounds(500, 100) {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.stop().await, Drained { dropped: 0 });
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(cut.load(Relaxed), 0, "no answer was cut off");
    let kept = store.scan(KeyKind::Session, None, usize::MAX).await.unwrap().len();
    let told = told.load(Relaxed);
    assert!(kept >= told, "{told} were told of, {kept} are there");
}
