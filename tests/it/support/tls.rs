//! Certificates of a test's own server, and clients that trust them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use deity::http::Files;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The name in every certificate.
pub const NAME: &str = "forms.test";

/// A certificate and its key in a directory of their own.
#[derive(Debug)]
pub struct Pair {
    pub dir: TempDir,
    pub der: CertificateDer<'static>,
}

impl Pair {
    pub fn new() -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let der = write(dir.path(), |_| {});
        Self { dir, der }
    }

    pub fn files(&self) -> Files {
        files(self.dir.path())
    }
}

/// The files of a pair in this directory.
pub fn files(dir: &Path) -> Files {
    Files {
        certificate: dir.join("cert.pem"),
        key: dir.join("key.pem"),
    }
}

/// Writes a new pair, and gives its certificate.
pub fn write(dir: &Path, change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
    let names = [NAME, "localhost", "127.0.0.1"].map(str::to_owned);
    let mut params = CertificateParams::new(names).expect("names");
    change(&mut params);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let files = files(dir);
    fs::write(files.certificate, certificate.pem()).expect("a file");
    fs::write(files.key, key.serialize_pem()).expect("a file");
    certificate.der().clone()
}

/// A client that trusts this certificate, and speaks these protocols.
pub fn client(trusted: &CertificateDer<'static>, protocols: &[&str], tls12: bool) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let version = if tls12 { &TLS12 } else { &TLS13 };
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    config.enable_early_data = true;
    config
}
