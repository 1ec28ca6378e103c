//! The ceilings: what hyper can do alone, what it can do where each POST is on disk before it is
//! answered, and what where each POST is a call to somebody else besides.
//!
//! Owns these servers. Must not know flows: they answer everything with one page.

use std::convert::Infallible;
use std::fs::{self, File};
use std::io::{Result, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use super::callee::Callee;
use super::connection;
use super::process::Server;

/// What is appended for each POST.
const RECORD: [u8; 1024] = [b'x'; 1024];
/// POSTs that one sync covers at most.
const GROUP: usize = 512;

/// A ceiling to be served.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ceiling {
    /// A directory with the page as it is sent: `plain`, `br`, `gzip`.
    pub pages: PathBuf,
    /// The file to append to; none is the bare server.
    pub append: Option<PathBuf>,
    /// How often each POST appends and syncs: before its call, and after it.
    pub syncs: usize,
    /// Whom each POST calls.
    pub call: Option<SocketAddr>,
}

impl Ceiling {
    /// Starts it as a process of its own; what it says on stderr goes to the file `log`.
    pub fn start(&self, log: &Path) -> Result<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--ceiling").arg(serde_json::to_string(self)?);
        Server::start(&mut command, log)
    }
}

struct Page {
    encoding: &'static str,
    body: Bytes,
}

struct State {
    pages: Vec<Page>,
    append: Option<mpsc::Sender<oneshot::Sender<()>>>,
    syncs: usize,
    callee: Option<Callee>,
}

/// Puts the page of the ceilings where they find it, as a server would have compressed it.
pub fn prepare(dir: &Path, page: &str) -> Result<()> {
    fs::write(dir.join("plain"), page)?;
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 5,
        ..brotli::enc::BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut page.as_bytes(), &mut packed, &params)?;
    fs::write(dir.join("br"), packed)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(page.as_bytes())?;
    fs::write(dir.join("gzip"), gzip.finish()?)
}

/// Serves until the process is ended; prints its address first.
pub fn run(ceiling: &Ceiling) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(ceiling))
}

async fn serve(ceiling: &Ceiling) -> Result<()> {
    let mut pages = Vec::new();
    for encoding in ["plain", "br", "gzip"] {
        pages.push(Page {
            encoding,
            body: fs::read(ceiling.pages.join(encoding))?.into(),
        });
    }
    let append = match &ceiling.append {
        None => None,
        Some(path) => {
            let file = File::create(path)?;
            let (calls, waiting) = mpsc::channel(1024);
            std::thread::spawn(move || write(file, waiting));
            Some(calls)
        }
    };
    let callee = ceiling.call.map(Callee::new);
    let syncs = ceiling.syncs;
    let state = Arc::new(State {
        pages,
        append,
        syncs,
        callee,
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listens on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let state = Arc::clone(&state);
        tokio::spawn(connection(stream, move |request| answer(Arc::clone(&state), request)));
    }
}

async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let asked = head.headers.get(header::ACCEPT_ENCODING).map(HeaderValue::as_bytes);
    let page = state
        .pages
        .iter()
        .find(|page| asked == Some(page.encoding.as_bytes()))
        .unwrap_or(&state.pages[0]);
    drop(body.collect().await);
    if head.method == Method::POST {
        for n in 0..state.syncs {
            if n == 1
                && let Some(callee) = &state.callee
            {
                callee.call().await;
            }
            if let Some(append) = &state.append {
                let (done, synced) = oneshot::channel();
                append.send(done).await.expect("the writer lives");
                synced.await.expect("the writer answers");
            }
        }
    }
    let mut response = Response::new(Full::new(page.body.clone()));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html;charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("frame-ancestors 'none'"),
    );
    if page.encoding != "plain" {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(page.encoding));
    }
    Ok(response)
}

/// Appends and syncs what waits, then answers all of it.
fn write(mut file: File, mut waiting: mpsc::Receiver<oneshot::Sender<()>>) {
    let mut group = Vec::new();
    let mut bytes = Vec::new();
    while let Some(first) = waiting.blocking_recv() {
        group.push(first);
        while group.len() < GROUP
            && let Ok(next) = waiting.try_recv()
        {
            group.push(next);
        }
        bytes.clear();
        for _ in &group {
            bytes.extend_from_slice(&RECORD);
        }
        file.write_all(&bytes)
            .and_then(|()| file.sync_data())
            .expect("the disk takes it");
        for done in group.drain(..) {
            // Who asked may be gone.
            done.send(()).ok();
        }
    }
}
