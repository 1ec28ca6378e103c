//! Listening: sockets that are open to clients, and what is known of who comes.
//!
//! Owns the options of listening sockets, TCP Fast Open among them, and the file of a Unix socket:
//! its mode, a dead server's that is in the way, its removal. Must not know what is said.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use nix::sys::socket::SetSockOpt as _;
use nix::{getsockopt_impl, libc, setsockopt_impl, sockopt_impl};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixSocket, UnixStream};
use tokio::time::timeout;

use super::{Endpoint, Peer};
use crate::limits;

/// For another server to show that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

sockopt_impl!(
    /// How many connections may bring data in their first packet before they are confirmed.
    FastOpen,
    Both,
    libc::IPPROTO_TCP,
    libc::TCP_FASTOPEN,
    usize
);

/// A connection that was accepted.
#[derive(Debug)]
pub(super) enum Stream {
    /// From the network.
    Tcp(TcpStream),
    /// From this machine.
    Unix(UnixStream),
}

/// An endpoint that is listened on.
#[derive(Debug)]
pub(super) struct Listener {
    endpoint: Endpoint,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix { listener: UnixListener, _file: SocketFile },
}

/// An endpoint that could not be had: why, and what now.
#[derive(Debug)]
pub struct Refused {
    /// Which.
    pub endpoint: Endpoint,
    /// What the system says.
    pub why: io::Error,
    /// What would help.
    pub help: &'static str,
}

impl Listener {
    /// Listens on `endpoint`; `mode` is that of the file of a Unix socket.
    pub(super) async fn open(endpoint: &Endpoint, mode: u32) -> Result<Self, Refused> {
        let opened = match endpoint {
            Endpoint::Tcp { address, tls } => tcp(*address).and_then(|listener| {
                let endpoint = Endpoint::Tcp {
                    address: listener.local_addr()?,
                    tls: *tls,
                };
                let socket = Socket::Tcp(listener);
                Ok(Self { endpoint, socket })
            }),
            Endpoint::Unix(path) => unix(path, mode).await.map(|(listener, file)| Self {
                endpoint: endpoint.clone(),
                socket: Socket::Unix { listener, _file: file },
            }),
        };
        opened.map_err(|why| Refused {
            endpoint: endpoint.clone(),
            help: help(endpoint, &why),
            why,
        })
    }

    /// Where it listens; the port is the one that the system gave.
    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The next connection, and who is at its other end.
    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, Peer)>> {
        Poll::Ready(match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, peer) = ready!(listener.poll_accept(cx))?;
                // Answers are written whole: waiting for more would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection was gone at once");
                    return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
                }
                let peer = Peer {
                    tls: self.endpoint.tls(),
                    ..Peer::from(peer.ip())
                };
                Ok((Stream::Tcp(stream), peer))
            }
            Socket::Unix { listener, .. } => {
                let (stream, _) = ready!(listener.poll_accept(cx))?;
                let peer = Peer {
                    local: true,
                    ..Peer::from(IpAddr::V4(Ipv4Addr::LOCALHOST))
                };
                Ok((Stream::Unix(stream), peer))
            }
        })
    }
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A server that starts again need not wait for the last packets of the one before.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    // A client that was here before sends its request in the first packet: a round trip less. The
    // network may deliver that packet twice, to a connection each; as each submission names what
    // it answers, the second is a replay, like any other that is sent again.
    if let Err(error) = FastOpen.set(&socket, &limits::FAST_OPENS) {
        tracing::debug!(%error, "this system has no TCP Fast Open");
    }
    socket.listen(limits::BACKLOG)
}

/// The file of a Unix socket: removed when its server has done with it, if it is still its own.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours =
            fs::symlink_metadata(&self.path).is_ok_and(|found| (found.dev(), found.ino()) == (self.device, self.inode));
        if ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the socket is left behind");
        }
    }
}

async fn unix(path: &Path, mode: u32) -> io::Result<(UnixListener, SocketFile)> {
    clear(path).await?;
    let socket = UnixSocket::new_stream()?;
    socket.bind(path)?;
    let found = fs::symlink_metadata(path)?;
    let file = SocketFile {
        path: path.to_owned(),
        device: found.dev(),
        inode: found.ino(),
    };
    // Nobody can connect before `listen`, so the mode holds for all.
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok((socket.listen(limits::BACKLOG)?, file))
}

/// Makes room at `path`: a socket that nobody answers on is a dead server's.
async fn clear(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if !found.file_type().is_socket() {
        return Err(io::Error::new(
            ErrorKind::AlreadyExists,
            "there is a file that is no socket",
        ));
    }
    match timeout(SIGN_OF_LIFE, UnixStream::connect(path)).await {
        Ok(Err(why)) if why.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Ok(Err(why)) if why.kind() != ErrorKind::WouldBlock => Err(why),
        // Connected, or the queue of whoever listens is full.
        _ => Err(ErrorKind::AddrInUse.into()),
    }
}

fn help(endpoint: &Endpoint, why: &io::Error) -> &'static str {
    match (endpoint, why.kind()) {
        (Endpoint::Unix(_), ErrorKind::AddrInUse) => "another server listens there; stop it, or take another path",
        (Endpoint::Unix(_), ErrorKind::AlreadyExists) => "take another path, or remove that file",
        (Endpoint::Unix(_), ErrorKind::NotFound) => "make its directory first, for the user that deity runs as",
        (Endpoint::Unix(_), ErrorKind::PermissionDenied) => "the user that deity runs as must own its directory",
        (Endpoint::Unix(_), _) => "the path of a socket has at most some 100 bytes, on a file system of this machine",
        (_, ErrorKind::AddrInUse) => "another program listens there; --listen 127.0.0.1:0 takes a free port",
        (_, ErrorKind::PermissionDenied) => "ports below 1024 are for root; take another with --listen",
        (_, ErrorKind::AddrNotAvailable) => "this machine has no such address; 0.0.0.0 stands for all it has",
        _ => "choose another with --listen ADDR:PORT",
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::socket::GetSockOpt as _;

    use super::*;

    #[tokio::test]
    async fn a_listener_takes_data_in_the_first_packet() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = tcp(address.parse().unwrap()) else {
                assert_eq!(address, "[::1]:0", "only version 6 may be lacking");
                continue;
            };
            assert_eq!(FastOpen.get(&listener).unwrap(), limits::FAST_OPENS);
        }
    }
}
