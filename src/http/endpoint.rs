//! Where a server listens, as an operator writes it.
//!
//! Owns the spelling of endpoints: `127.0.0.1:8080`, `tls:0.0.0.0:443`, `unix:/run/deity/http.sock`.
//! Must not know sockets.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// An address and a port; port 0 is any that is free.
    Tcp {
        /// Both.
        address: SocketAddr,
        /// Whether TLS is spoken there, and nothing else.
        tls: bool,
    },
    /// A Unix socket, for programs of this machine.
    Unix(PathBuf),
}

impl Endpoint {
    /// The address of an endpoint on the network.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp { address, .. } => Some(*address),
            Self::Unix(_) => None,
        }
    }

    /// Whether only this machine reaches it, under its own name.
    pub fn is_local(&self) -> bool {
        self.address().is_some_and(|address| address.ip().is_loopback())
    }

    /// Whether TLS is spoken there.
    pub fn tls(&self) -> bool {
        matches!(self, Self::Tcp { tls: true, .. })
    }

    /// What a browser would be given; of a Unix socket the spelling in the settings.
    pub fn url(&self) -> String {
        match self {
            Self::Tcp { address, tls } => format!("http{}://{address}/", if *tls { "s" } else { "" }),
            Self::Unix(_) => self.to_string(),
        }
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return match path {
                "" => Err("enter the path of a socket, such as unix:/run/deity/http.sock".to_owned()),
                path => Ok(Self::Unix(path.into())),
            };
        }
        let (tls, address) = text.strip_prefix("tls:").map_or((false, text), |rest| (true, rest));
        let named = address
            .strip_prefix("localhost:")
            .map(|port| format!("127.0.0.1:{port}"));
        let every = address.strip_prefix(':').map(|port| format!("0.0.0.0:{port}"));
        let address = named.or(every).unwrap_or_else(|| address.to_owned());
        let address = address.parse().map_err(|_| {
            "enter an address and a port, such as 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080; before it tls: for TLS; \
             or unix:/run/deity/http.sock; several are parted by commas"
                .to_owned()
        })?;
        Ok(Self::Tcp { address, tls })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { address, tls } => write!(f, "{}{address}", if *tls { "tls:" } else { "" }),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
