//! Certificates of a test's own server, and clients that trust them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deity::http::Files;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

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

/// One request on a connection of its own, blocking; the answer to its end.
pub fn exchange(address: SocketAddr, config: &Arc<ClientConfig>, request: &str) -> std::io::Result<String> {
    let name = ServerName::try_from(NAME).expect("a name");
    let tls = ClientConnection::new(Arc::clone(config), name).map_err(std::io::Error::other)?;
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut stream = StreamOwned::new(tls, stream);
    stream.write_all(request.as_bytes())?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    Ok(said)
}
