//! The server: a listening socket, its connections, and how it stops.
//!
//! Owns the accept loop, the bound on connections and the drain. Must not know what is asked and
//! answered. There is no bound per address: many people share one behind a proxy or a telephone
//! network, and who holds many connections without finishing a header loses the oldest first.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout_at};

use super::registry::Registry;
use super::{App, connection};

/// How long to wait when the system has no socket for us.
const BREATH: Duration = Duration::from_millis(50);
/// Files that are not connections: the store's, the log's, the operator's.
const OTHER_FILES: u64 = 128;

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
}

/// How a server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still open when the time was up, and were dropped.
    pub dropped: usize,
}

impl Server {
    /// Listens on `listen`; port 0 is any that is free.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub async fn bind(listen: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(listen).await?,
        })
    }

    /// Takes a listener that somebody else opened.
    pub fn of(listener: TcpListener) -> Self {
        Self { listener }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` is ready, then finishes what is being answered, for at most
    /// [`crate::limits::Http::drain_time`].
    pub async fn run(self, app: Arc<App>, shutdown: impl Future<Output = ()>) -> Drained {
        let limits = &app.settings().limits;
        let registry = Registry::new(connections(limits.connections));
        let mut tasks = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let room = registry.has_room();
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(ended) = tasks.join_next(), if !tasks.is_empty() => reap(&ended),
                () = registry.room.notified(), if !room => {}
                accepted = self.listener.accept(), if room => match accepted {
                    Ok((stream, peer)) => take(&mut tasks, &registry, &app, stream, peer),
                    Err(error) => {
                        // One connection that was gone before it was taken says nothing of the next.
                        if error.kind() != io::ErrorKind::ConnectionAborted {
                            tracing::warn!(%error, "no connection can be accepted at present");
                            sleep(BREATH).await;
                        }
                    }
                },
            }
        }
        // Whoever had been let in by the system before the stop is served too.
        while let Some((stream, peer)) = at_once(&self.listener).await {
            take(&mut tasks, &registry, &app, stream, peer);
        }
        drop(self.listener);
        let deadline = Instant::now() + limits.drain_time;
        registry.finish();
        while let Ok(Some(ended)) = timeout_at(deadline, tasks.join_next()).await {
            reap(&ended);
        }
        let dropped = tasks.len();
        tasks.shutdown().await;
        Drained { dropped }
    }
}

fn take(tasks: &mut JoinSet<()>, registry: &Arc<Registry>, app: &Arc<App>, stream: TcpStream, peer: SocketAddr) {
    // Answers are written whole: waiting for more would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone at once");
        return;
    }
    let seat = registry.seat();
    tasks.spawn(connection::seated(stream, peer.ip(), Arc::clone(app), seat));
}

/// A connection that is waiting to be accepted, if there is one.
async fn at_once(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    std::future::poll_fn(|cx| match listener.poll_accept(cx) {
        Poll::Ready(accepted) => Poll::Ready(accepted.ok()),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

fn reap(ended: &Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection ended by a panic; please report it");
    }
}

/// As many connections as were asked for, or as many as the system lets this process have.
fn connections(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let need = (wanted as u64).saturating_add(OTHER_FILES);
    let had = getrlimit(Resource::Nofile);
    if had.current.is_none_or(|files| files >= need) {
        return wanted;
    }
    let most = had.maximum.map_or(need, |maximum| maximum.min(need));
    let more = Rlimit {
        current: Some(most),
        maximum: had.maximum,
    };
    let files = if setrlimit(Resource::Nofile, more).is_ok() {
        most
    } else {
        had.current.unwrap_or(most)
    };
    let possible = files.saturating_sub(OTHER_FILES).max(1);
    if possible < wanted as u64 {
        tracing::warn!(
            wanted,
            possible,
            "the system allows fewer open files than connections are configured"
        );
    }
    usize::try_from(possible).unwrap_or(wanted).min(wanted)
}
