//! Which addresses may be called: all that anybody on the internet can reach, and what the operator
//! names besides.
//!
//! Owns the list of networks that are not globally reachable, and the operator's list. Must not know
//! sockets or names' resolution: it is asked about addresses that are resolved already.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// IPv4 networks that are not globally reachable: IANA's special-purpose registry, multicast, and
/// the reserved rest.
const NOT_GLOBAL_V4: &[Ipv4Net] = &[
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];
/// The only part of IPv6 that is given out ...
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);
/// ... and what of it is not globally reachable: protocol assignments with Teredo and benchmarking,
/// and documentation.
const NOT_GLOBAL_V6: &[Ipv6Net] = &[
    v6([0x2001, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0], 32),
    v6([0x3fff, 0, 0, 0], 20),
];
/// IPv6 addresses that lead on to the IPv4 address in them, and which of their bytes those are.
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0], 16);
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c, d]: [u16; 4], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

/// What may be called though it is not globally reachable, in the operator's word:
/// `127.0.0.1:8090, 10.0.0.0/8, ledger.internal, [::1]:8090`. By default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    place: Host,
    /// Any port, if none.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Network(IpNet),
    /// A host name in small letters: wherever it leads.
    Name(String),
}

impl Allowed {
    /// Whether `addr`, to which `host` was resolved, may be called: everybody can reach it, or the
    /// operator named it.
    pub fn permits(&self, host: &str, addr: SocketAddr) -> bool {
        let ip = addr.ip().to_canonical();
        is_global(ip) || self.0.iter().any(|entry| entry.names(host, ip, addr.port()))
    }
}

impl Entry {
    fn names(&self, host: &str, ip: IpAddr, port: u16) -> bool {
        self.port.is_none_or(|only| only == port)
            && match &self.place {
                Host::Network(network) => network.contains(&ip),
                Host::Name(name) => host.trim_end_matches('.').eq_ignore_ascii_case(name),
            }
    }
}

/// Whether an address can be reached from anywhere.
fn is_global(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !NOT_GLOBAL_V4.iter().any(|network| network.contains(&ip)),
        IpAddr::V6(ip) => {
            let [_, a, b, _, _, _, c, d] = ip.segments();
            if let Some(ip) = ip.to_ipv4_mapped() {
                is_global(IpAddr::V4(ip))
            } else if NAT64.contains(&ip) {
                is_global(IpAddr::V4(of_segments(c, d)))
            } else if SIX_TO_FOUR.contains(&ip) {
                is_global(IpAddr::V4(of_segments(a, b)))
            } else {
                GLOBAL_V6.contains(&ip) && !NOT_GLOBAL_V6.iter().any(|network| network.contains(&ip))
            }
        }
    }
}

fn of_segments(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

impl FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl FromStr for Entry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // `::1` and `fd00::/8` have colons and no port.
        if let Some(network) = network(text)? {
            return Ok(Self {
                place: Host::Network(network),
                port: None,
            });
        }
        let (place, port) = match text.rsplit_once(':') {
            Some((place, port)) if !text.ends_with(']') => (place, Some(self::port(text, port)?)),
            _ => (text, None),
        };
        let bare = match place.strip_prefix('[') {
            Some(rest) => rest
                .strip_suffix(']')
                .ok_or_else(|| format!("`{text}` has a `[` without its `]`"))?,
            None => place,
        };
        let place = match network(bare)? {
            Some(network @ IpNet::V6(_)) if bare.len() != place.len() => Host::Network(network),
            Some(network @ IpNet::V4(_)) if bare.len() == place.len() => Host::Network(network),
            Some(_) => return Err(format!("`{text}`: brackets are for IPv6 addresses, as in `[::1]:8090`")),
            None => Host::Name(name(place).ok_or_else(|| {
                format!("`{text}` is not an IP address, a network such as 10.0.0.0/8, or a host name")
            })?),
        };
        Ok(Self { place, port })
    }
}

/// An address or a network; `None` if it is neither, a fault if it nearly is.
fn network(text: &str) -> Result<Option<IpNet>, String> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(Some(IpNet::from(ip.to_canonical())));
    }
    match text.parse::<IpNet>() {
        Ok(network) if network.trunc() == network => Ok(Some(network)),
        Ok(network) => Err(format!(
            "`{text}` has bits outside of its network; is {} meant?",
            network.trunc()
        )),
        Err(_) => Ok(None),
    }
}

fn port(text: &str, port: &str) -> Result<u16, String> {
    match port.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(format!("`{text}`: `{port}` is not a port from 1 to 65535")),
    }
}

/// A host name in small letters. One that ends in a number is a mistyped address.
fn name(text: &str) -> Option<String> {
    let name = text.trim_end_matches('.').to_ascii_lowercase();
    let good = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = name
        .rsplit('.')
        .next()
        .is_none_or(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    (name.len() <= 253 && !numeric && name.split('.').all(good)).then_some(name)
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, entry) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{entry}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.place {
            Host::Network(network) if network.prefix_len() == network.max_prefix_len() => network.addr().to_string(),
            Host::Network(network) => network.to_string(),
            Host::Name(name) => name.clone(),
        };
        match (self.port, &self.place) {
            (None, _) => f.write_str(&place),
            (Some(port), Host::Network(IpNet::V6(_))) => write!(f, "[{place}]:{port}"),
            (Some(port), _) => write!(f, "{place}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    //! Addresses of every kind, and the operator's words for them.

    use super::*;

    fn permits(allowed: &str, host: &str, addr: &str) -> bool {
        let allowed: Allowed = allowed.parse().unwrap();
        allowed.permits(host, addr.parse().unwrap())
    }

    #[test]
    fn what_anybody_can_reach_needs_no_word() {
        for addr in [
            "1.1.1.1:80",
            "100.63.255.255:80",
            "100.128.0.1:80",
            "172.32.0.1:80",
            "198.20.0.1:80",
            "[2606:4700::1]:443",
            "[::ffff:1.1.1.1]:80",
            "[64:ff9b::1.1.1.1]:80",
            "[2002:101:101::1]:80",
        ] {
            assert!(permits("", "host", addr), "{addr}");
        }
    }

    #[test]
    fn every_form_of_a_private_address_needs_the_operators_word() {
        for addr in [
            "0.0.0.0:80",
            "0.1.2.3:80",
            "10.1.2.3:80",
            "100.64.0.1:80",
            "127.0.0.1:80",
            "127.9.9.9:80",
            "169.254.169.254:80",
            "172.31.0.1:80",
            "192.0.0.8:80",
            "192.0.2.1:80",
            "192.168.1.5:80",
            "198.18.0.1:80",
            "198.19.0.1:80",
            "198.51.100.1:80",
            "203.0.113.1:80",
            "224.0.0.1:80",
            "240.0.0.1:80",
            "255.255.255.255:80",
            "[::]:80",
            "[::1]:80",
            "[::127.0.0.1]:80",
            "[::8.8.8.8]:80",
            "[::ffff:127.0.0.1]:80",
            "[::ffff:169.254.169.254]:80",
            "[64:ff9b::10.0.0.1]:80",
            "[64:ff9b:1::1]:80",
            "[100::1]:80",
            "[2001::1]:80",
            "[2001:db8::1]:80",
            "[2002:7f00:1::]:80",
            "[2002:a9fe:a9fe::]:80",
            "[3fff::1]:80",
            "[fc00::1]:80",
            "[fd00:ec2::254]:80",
            "[fe80::1]:80",
            "[fec0::1]:80",
            "[ff02::1]:80",
        ] {
            assert!(!permits("", "host", addr), "{addr}");
            assert!(!permits("192.168.7.0/24, other", "host", addr), "{addr}");
            assert!(permits("host", "HOST.", addr), "{addr}");
            assert!(permits("0.0.0.0/0, ::/0", "host", addr), "{addr}");
        }
    }

    #[test]
    fn a_word_covers_its_network_and_its_port_only() {
        assert!(permits("127.0.0.1:8090", "localhost", "127.0.0.1:8090"));
        assert!(permits("127.0.0.1:8090", "x", "[::ffff:127.0.0.1]:8090"));
        assert!(!permits("127.0.0.1:8090", "localhost", "127.0.0.1:8091"));
        assert!(!permits("127.0.0.1:8090", "localhost", "127.0.0.2:8090"));
        assert!(!permits("127.0.0.1:8090", "localhost", "[::1]:8090"));
        assert!(permits("[::1]:8090", "localhost", "[::1]:8090"));
        assert!(permits("10.0.0.0/8", "x", "10.255.0.1:1"));
        assert!(!permits("10.0.0.0/8", "x", "11.0.0.1:1") || is_global("11.0.0.1".parse().unwrap()));
        assert!(permits("ledger.internal:80", "Ledger.Internal", "10.0.0.1:80"));
        assert!(!permits("ledger.internal:80", "ledger.internal", "10.0.0.1:81"));
        assert!(!permits("internal", "ledger.internal", "10.0.0.1:81"));
    }

    #[test]
    fn the_words_are_printed_as_they_were_read() {
        let words = "127.0.0.1:8090, 10.0.0.0/8, ledger.internal, [::1]:8090, 192.168.1.5, ::1, fd00::/8, \
                     [fd00::/8]:80, 10.0.0.0/8:80, ledger:81";
        assert_eq!(words.parse::<Allowed>().unwrap().to_string(), words);
        assert_eq!(" , ".parse::<Allowed>(), Ok(Allowed::default()));
        assert_eq!("[::1], Ledger.".parse::<Allowed>().unwrap().to_string(), "::1, ledger");
    }

    #[test]
    fn faults_of_the_words_are_told_in_words() {
        for (words, fault) in [
            ("10.0.0.1/8", "is 10.0.0.0/8 meant?"),
            ("10.0.0", "is not an IP address"),
            ("10.0.0.0/40", "is not an IP address"),
            ("localhost:0", "is not a port"),
            ("localhost:http", "is not a port"),
            ("http://localhost", "is not a port"),
            ("[::1:80", "without its `]`"),
            ("[127.0.0.1]:80", "brackets are for IPv6"),
            ("a b", "host name"),
            ("*.internal", "host name"),
        ] {
            let told = words.parse::<Allowed>().unwrap_err();
            assert!(told.contains(fault), "{words}: {told}");
        }
    }
}
