//! The server: the endpoints where it listens, its connections, and how it stops.
//!
//! Owns the accept loop, the bound on connections and the drain. Must not know what is asked and
//! answered. There is no bound per address: many people share one behind a proxy or a telephone
//! network, and who holds many connections without finishing a header loses the oldest first.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, timeout_at};

use super::listen::{Listener, Refused, Stream};
use super::registry::Registry;
use super::{App, Endpoint, Keys, Peer, connection};

/// How long to wait when the system has no socket for us.
const BREATH: Duration = Duration::from_millis(50);
/// Files that are not connections: the store's, the log's, the operator's.
const OTHER_FILES: u64 = 128;

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listeners: Vec<Listener>,
    /// For the endpoints where TLS is spoken.
    keys: Option<Arc<Keys>>,
    /// The listener that is asked first the next time: none keeps another waiting.
    next: usize,
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
        let endpoint = Endpoint::Tcp {
            address: listen,
            tls: false,
        };
        Self::listen(&[endpoint], 0o600, None)
            .await
            .map_err(|refused| refused.why)
    }

    /// Listens on all of `endpoints`. `mode` is that of the files of Unix sockets; `keys` are for the
    /// endpoints where TLS is spoken, where without them every connection is closed at once.
    ///
    /// # Errors
    /// The first endpoint that cannot be had; then none is listened on.
    pub async fn listen(endpoints: &[Endpoint], mode: u32, keys: Option<Arc<Keys>>) -> Result<Self, Refused> {
        let mut listeners = Vec::new();
        for endpoint in endpoints {
            listeners.push(Listener::open(endpoint, mode).await?);
        }
        Ok(Self {
            listeners,
            keys,
            next: 0,
        })
    }

    /// Where it listens, in the order in which it was asked to, with the ports that it got.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.listeners
            .iter()
            .map(|listener| listener.endpoint().clone())
            .collect()
    }

    /// The first address on the network.
    ///
    /// # Errors
    /// If there is none.
    pub fn addr(&self) -> io::Result<SocketAddr> {
        let mut addresses = self
            .listeners
            .iter()
            .filter_map(|listener| listener.endpoint().address());
        addresses.next().ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
    }

    /// The next connection at any endpoint.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, Peer)>> {
        let (before, after) = self.listeners.split_at(self.next.min(self.listeners.len()));
        for (n, listener) in after.iter().chain(before).enumerate() {
            if let Poll::Ready(accepted) = listener.poll_accept(cx) {
                self.next = (self.next + n + 1) % self.listeners.len();
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    }

    /// Serves until `shutdown` is ready, then finishes what is being answered, for at most
    /// [`crate::limits::Http::drain_time`].
    pub async fn run(mut self, app: Arc<App>, shutdown: impl Future<Output = ()>) -> Drained {
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
                accepted = std::future::poll_fn(|cx| self.poll_accept(cx)), if room => match accepted {
                    Ok((stream, peer)) => self.take(&mut tasks, &registry, &app, stream, peer),
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
        while let Some((stream, peer)) = self.at_once().await {
            self.take(&mut tasks, &registry, &app, stream, peer);
        }
        drop(self);
        let deadline = Instant::now() + limits.drain_time;
        registry.finish();
        while let Ok(Some(ended)) = timeout_at(deadline, tasks.join_next()).await {
            reap(&ended);
        }
        let dropped = tasks.len();
        tasks.shutdown().await;
        Drained { dropped }
    }

    fn take(&self, tasks: &mut JoinSet<()>, registry: &Arc<Registry>, app: &Arc<App>, stream: Stream, peer: Peer) {
        let (seat, app) = (registry.seat(), Arc::clone(app));
        let _handle = match (stream, &self.keys) {
            (Stream::Unix(stream), _) => tasks.spawn(connection::seated(stream, peer, app, seat)),
            (Stream::Tcp(stream), _) if !peer.tls => tasks.spawn(connection::seated(stream, peer, app, seat)),
            (Stream::Tcp(stream), Some(keys)) => {
                tasks.spawn(connection::greeted(stream, peer, app, seat, keys.config()))
            }
            (Stream::Tcp(_), None) => {
                tracing::error!("an endpoint for TLS without a certificate");
                return;
            }
        };
    }

    /// A connection that is waiting to be accepted, if there is one.
    async fn at_once(&mut self) -> Option<(Stream, Peer)> {
        std::future::poll_fn(|cx| match self.poll_accept(cx) {
            Poll::Ready(accepted) => Poll::Ready(accepted.ok()),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
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
