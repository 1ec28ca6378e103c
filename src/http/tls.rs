//! Certificates: read from files, looked at for what would not work, exchanged while the server runs.
//!
//! Owns how TLS is spoken: versions, protocols, tickets, early data. Must not know connections.
//!
//! Sessions that may be resumed are kept in memory, each good for one handshake of TLS 1.3: that is
//! what makes early data unrepeatable (RFC 8446, 8.1). Another process, or this one started anew,
//! does not know them, and the client makes a whole handshake.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::client::verify_server_cert_signed_by_trust_anchor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::{
    ClientHello, ParsedCertificate, ResolvesServerCert, ServerConfig, ServerSessionMemoryCache,
};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{CertificateError, Error, InconsistentKeys, RootCertStore};

use super::secure::H2;
use crate::limits::{self, Http};

/// The two files of a server's certificate, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate, and after it those that lead to the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What is wrong with a certificate or its key, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What, and in which file.
    pub message: String,
    /// What would be right.
    pub help: &'static str,
}

/// The certificate that is shown now, and how TLS is spoken.
#[derive(Debug)]
pub struct Keys {
    files: Files,
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
    /// What was last found in the files, good or not.
    seen: Mutex<Seen>,
}

/// The digest of both files.
type Seen = [u8; 32];

/// The certificate that is shown now.
#[derive(Debug)]
struct Shown(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Keys {
    /// Reads both files.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn load(files: Files, limits: &Http) -> Result<Self, Flaw> {
        let found = read(&files)?;
        let shown = Arc::new(Shown(ArcSwap::from_pointee(found.key?)));
        let config = config(Arc::clone(&shown), limits).map_err(|why| Flaw {
            message: format!("TLS: {why}"),
            help: "this should not be; please report it",
        })?;
        Ok(Self {
            files,
            shown,
            config: Arc::new(config),
            seen: Mutex::new(found.seen),
        })
    }

    /// How TLS is spoken.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// Looks at the files again. `None` if they have not changed; else whether what is in them is
    /// shown from now on. What is wrong with them is told once, and what was shown before goes on.
    pub fn reload(&self) -> Option<Result<(), Flaw>> {
        let read = read(&self.files);
        let now = match &read {
            Ok(found) => found.seen,
            Err(flaw) => Sha256::digest(&flaw.message).into(),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == now {
            return None;
        }
        *seen = now;
        let key = read.and_then(|found| found.key);
        Some(key.map(|key| self.shown.0.store(Arc::new(key))))
    }

    /// What clients will refuse though the server can show it.
    pub fn warning(&self) -> Option<String> {
        let key = self.shown.0.load();
        let (own, more) = key.cert.split_first()?;
        let parsed = ParsedCertificate::try_from(own).ok()?;
        let algorithms = ring::default_provider().signature_verification_algorithms.all;
        // Nobody is trusted here, so this fails in any case; what is wrong with the time comes first.
        let roots = RootCertStore::empty();
        let why =
            verify_server_cert_signed_by_trust_anchor(&parsed, &roots, more, UnixTime::now(), algorithms).err()?;
        let day = |time: UnixTime| {
            let second = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
            jiff::Timestamp::from_second(second).map_or_else(|_| "?".to_owned(), |at| at.to_string())
        };
        let what = match why {
            Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. }) => {
                format!("expired at {}", day(not_after))
            }
            Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. }) => {
                format!("is not good before {}", day(not_before))
            }
            Error::InvalidCertificate(CertificateError::Expired) => "has expired".to_owned(),
            Error::InvalidCertificate(CertificateError::NotValidYet) => "is not good yet".to_owned(),
            _ => return None,
        };
        let file = self.files.certificate.display();
        Some(format!("{file}: the certificate {what}; browsers will refuse it"))
    }
}

fn config(shown: Arc<Shown>, limits: &Http) -> Result<ServerConfig, Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(shown);
    // The last for who says so: a client whose protocols are all refused is turned away.
    config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec(), b"http/1.0".to_vec()];
    config.session_storage = ServerSessionMemoryCache::new(limits.tls_sessions);
    // One is enough for who sends one request after the other; each is over 100 bytes.
    config.send_tls13_tickets = 1;
    config.max_early_data_size = u32::try_from(limits.early_bytes).unwrap_or(u32::MAX);
    // An early GET is answered before its handshake is finished.
    config.send_half_rtt_data = true;
    Ok(config)
}

/// What was found in two files that could be read.
struct Found {
    key: Result<CertifiedKey, Flaw>,
    seen: Seen,
}

fn read(files: &Files) -> Result<Found, Flaw> {
    let chain = content(
        &files.certificate,
        "tls-certificate names the PEM file of the certificate",
    )?;
    let key = content(
        &files.key,
        "tls-key names the PEM file of the certificate's private key",
    )?;
    let mut digest = Sha256::new();
    digest.update(Sha256::digest(&chain));
    digest.update(Sha256::digest(&key));
    Ok(Found {
        key: parsed(files, &chain, &key),
        seen: digest.finalize().into(),
    })
}

fn parsed(files: &Files, chain: &[u8], key: &[u8]) -> Result<CertifiedKey, Flaw> {
    let flaw = |file: &Path, what: &str, help| Flaw {
        message: format!("{}: {what}", file.display()),
        help,
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(|why| flaw(&files.certificate, &format!("no PEM: {why}"), "write it anew"))?;
    if chain.is_empty() {
        let help = "it must hold `-----BEGIN CERTIFICATE-----`, the server's own first, then those above it";
        return Err(flaw(&files.certificate, "there is no certificate in it", help));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
        let help = "it must hold `-----BEGIN PRIVATE KEY-----` (or RSA, or EC), without a password";
        flaw(&files.key, "there is no private key in it", help)
    })?;
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|why| match why {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => flaw(
            &files.key,
            &format!(
                "this key is not that of the certificate in {}",
                files.certificate.display()
            ),
            "name the two files of one pair",
        ),
        Error::InvalidCertificate(_) => flaw(
            &files.certificate,
            &format!("the certificate cannot be read: {why}"),
            "make it anew",
        ),
        _ => flaw(
            &files.key,
            &format!("the key cannot be used: {why}"),
            "make a key on the curve P-256, or of RSA with 2048 bits or more",
        ),
    })
}

fn content(path: &Path, help: &'static str) -> Result<Vec<u8>, Flaw> {
    let read = || -> io::Result<Vec<u8>> {
        // Who opens a pipe waits for who writes to it.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(limits::PEM_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limits::PEM_BYTES {
            return Err(io::Error::other("larger than any certificate"));
        }
        Ok(bytes)
    };
    read().map_err(|why| Flaw {
        message: format!("{}: {why}", path.display()),
        help,
    })
}
