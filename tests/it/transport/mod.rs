//! Work outside the engine: calls, programs and e-mail, over real sockets and with real processes.

mod mail;
mod program;
mod secure;
mod wire;

use std::net::SocketAddr;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use deity::effect::response::{Response, Trouble};

/// A server on a free port: `serve` is called for each connection, with its number from 0.
async fn server<F, S>(serve: S) -> SocketAddr
where
    S: Fn(usize, TcpStream) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for n in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(n, stream));
        }
    });
    address
}

/// A request with its body, as text; empty where the client closed.
async fn request(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(n @ 1..) => bytes.extend_from_slice(&buffer[..n]),
            _ => return String::new(),
        }
    }
}

fn not_sent(result: Result<Response, Trouble>) -> String {
    match result {
        Err(Trouble::NotSent(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn unknown(result: Result<Response, Trouble>) -> String {
    match result {
        Err(Trouble::Unknown(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn forbidden(result: Result<Response, Trouble>) -> String {
    match result {
        Err(Trouble::Forbidden(why)) => why,
        other => panic!("{other:?}"),
    }
}
