//! Who asks.
//!
//! Owns what is known of the other end of a connection, and the address of a client, also behind trusted
//! proxies. Must not know what it is asked for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hyper::HeaderMap;
use hyper::header::HeaderName;
use ipnet::IpNet;

use crate::engine::Block;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address; of a program that came over a Unix socket the loopback's.
    pub address: IpAddr,
    /// It came over a Unix socket: the rights of its file decide who can, so its word about the
    /// client is taken, as a trusted proxy's.
    pub local: bool,
    /// It speaks TLS with us.
    pub tls: bool,
}

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        Self {
            address,
            local: false,
            tls: false,
        }
    }
}

/// The peers whose `X-Forwarded-For` is believed; by default none.
#[derive(Clone, Debug, Default)]
pub struct Trusted(pub Vec<IpNet>);

impl Trusted {
    /// Whether an address is one of them.
    pub fn has(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.0.iter().any(|net| net.contains(&peer))
    }

    /// Whether a peer's word about its client is taken.
    pub fn believes(&self, peer: Peer) -> bool {
        peer.local || self.has(peer.address)
    }

    /// The client's address: the peer's, or, behind trusted proxies, the last address that is
    /// none of them.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.address.to_canonical();
        if !self.believes(peer) {
            return client;
        }
        let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
        let hops = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.rsplit(','));
        for hop in hops {
            let Some(address) = address(hop.trim()) else {
                break;
            };
            client = address;
            if !self.has(client) {
                break;
            }
        }
        client
    }
}

/// The block of addresses that one client may have: the first three bytes of one of IPv4, six of IPv6.
pub(super) fn block(address: IpAddr) -> Block {
    let mut block = Block::default();
    let bytes = match address.to_canonical() {
        IpAddr::V4(v4) => [4]
            .into_iter()
            .chain(v4.octets().into_iter().take(3))
            .collect::<Vec<_>>(),
        IpAddr::V6(v6) => [6].into_iter().chain(v6.octets().into_iter().take(6)).collect(),
    };
    for (to, from) in block.iter_mut().zip(bytes) {
        *to = from;
    }
    block
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(hop: &str) -> Option<IpAddr> {
    if let Ok(address) = hop.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Some(rest) = hop.strip_prefix('[') {
        let (inner, _) = rest.split_once(']')?;
        return inner.parse::<Ipv6Addr>().ok().map(|v6| IpAddr::V6(v6).to_canonical());
    }
    let (inner, _) = hop.rsplit_once(':')?;
    inner.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
}
