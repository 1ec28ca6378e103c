//! The operator's socket: JSON lines over a Unix socket in the data directory.
//!
//! Owns how a running server is asked: one request line in, reply lines out, then the end. Only
//! the owner of the data directory may connect (mode 0600). Must not know what is asked.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, BufWriter};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use super::{Operator, Reply, Request};

/// The socket's name in the data directory.
const NAME: &str = "operator.sock";
/// A request line in bytes.
const REQUEST_BYTES: u64 = 64 << 10;
/// Operators that are served at once.
const CONNECTIONS: usize = 16;
/// For a request line to arrive, and for each reply line to be taken.
const PATIENCE: Duration = Duration::from_secs(30);
/// Replies that wait for the reader.
const AHEAD: usize = 64;

/// Listens in `data` until it is dropped. The caller holds the store's lock, so a socket that is
/// there already is a dead server's.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Opens the socket in `data`.
    pub fn open(data: &Path) -> io::Result<Self> {
        let path = data.join(NAME);
        match std::fs::remove_file(&path) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            _ => {}
        }
        let (address, directory) = short(data)?;
        let listener = UnixListener::bind(address)?;
        drop(directory);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Answers operators until the future is dropped.
    pub async fn serve(&self, operator: &Operator) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let operator = operator.clone();
                    tokio::spawn(async move {
                        if let Err(why) = converse(stream, &operator).await {
                            tracing::debug!(%why, "an operator's connection ended");
                        }
                        drop(place);
                    });
                }
                Err(why) => {
                    tracing::warn!(%why, "the operator's socket cannot accept");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Err(why) = std::fs::remove_file(&self.path) {
            tracing::debug!(%why, "the operator's socket was gone already");
        }
    }
}

async fn converse(stream: UnixStream, operator: &Operator) -> io::Result<()> {
    let (reader, writer) = stream.into_split();
    let mut line = String::new();
    let read = async { BufReader::new(reader.take(REQUEST_BYTES)).read_line(&mut line).await };
    timeout(PATIENCE, read).await??;
    let (send, receive) = mpsc::channel(AHEAD);
    match serde_json::from_str::<Request>(&line) {
        Ok(request) => {
            let answer = operator.answer(request, send);
            let (written, ()) = tokio::join!(write(receive, BufWriter::new(writer)), answer);
            written
        }
        Err(why) => {
            let refused = Reply::Failed {
                message: format!("the server does not know this request: {why}"),
                help: Some("use the `deity` of the same version as the server".to_owned()),
            };
            if send.send(refused).await.is_ok() {
                drop(send);
            }
            write(receive, BufWriter::new(writer)).await
        }
    }
}

async fn write(
    mut replies: mpsc::Receiver<Reply>,
    mut writer: BufWriter<tokio::net::unix::OwnedWriteHalf>,
) -> io::Result<()> {
    while let Some(reply) = replies.recv().await {
        let mut line = serde_json::to_vec(&reply)?;
        line.push(b'\n');
        timeout(PATIENCE, writer.write_all(&line)).await??;
        if replies.is_empty() {
            timeout(PATIENCE, writer.flush()).await??;
        }
    }
    writer.shutdown().await
}

/// Asks the server that runs on `data`; `None` where none does. Replies go to `replies`.
pub async fn ask(data: &Path, request: &Request, replies: &mpsc::Sender<Reply>) -> io::Result<Option<()>> {
    let (address, directory) = match short(data) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let stream = match UnixStream::connect(address).await {
        Ok(stream) => stream,
        Err(why) if matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(why) => return Err(why),
    };
    drop(directory);
    let (reader, mut writer) = stream.into_split();
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    writer.write_all(&line).await?;
    let mut lines = BufReader::new(reader).lines();
    let mut ended = false;
    while let Some(line) = lines.next_line().await? {
        let reply: Reply = serde_json::from_str(&line)?;
        ended = matches!(reply, Reply::Done { .. } | Reply::Failed { .. });
        if replies.send(reply).await.is_err() {
            return Ok(Some(()));
        }
    }
    if ended {
        Ok(Some(()))
    } else {
        Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the server stopped before it had answered in full",
        ))
    }
}

/// The socket of `data`, as an address: a path of more than some 100 bytes is none, so a longer
/// one is said by way of the directory's open handle, which must live as long as the call.
fn short(data: &Path) -> io::Result<(PathBuf, Option<File>)> {
    const MOST: usize = 100;
    let path = data.join(NAME);
    if path.as_os_str().len() <= MOST {
        return Ok((path, None));
    }
    let directory = File::open(data)?;
    let by_handle = PathBuf::from(format!("/proc/self/fd/{}/{NAME}", directory.as_raw_fd()));
    Ok((by_handle, Some(directory)))
}
