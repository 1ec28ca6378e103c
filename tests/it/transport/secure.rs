//! Calls over HTTPS: a certificate is trusted or there is no call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use deity::effect::wire::{Allowed, Call, Wire};

use super::{not_sent, request, server};

/// A server that speaks TLS, for these names, and its certificate.
async fn secure(names: &[&str]) -> (SocketAddr, CertificateDer<'static>) {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address = server(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            while !request(&mut stream).await.is_empty() {
                let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
                stream.write_all(reply).await.unwrap();
            }
        }
    })
    .await;
    (address, certificate)
}

fn allowed() -> Allowed {
    "127.0.0.1".parse().unwrap()
}

fn trusting(certificate: CertificateDer<'static>) -> Wire {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    Wire::trusting(allowed(), roots).unwrap()
}

fn call(host: &str, address: SocketAddr) -> Call {
    Call {
        method: "GET".to_owned(),
        url: format!("https://{host}:{}/", address.port()),
        headers: Vec::new(),
        body: None,
        timeout: Duration::from_secs(20),
    }
}

#[tokio::test]
async fn a_trusted_certificate_with_the_right_name_is_called() {
    let (address, certificate) = secure(&["localhost", "127.0.0.1"]).await;
    let wire = trusting(certificate);
    for host in ["localhost", "127.0.0.1"] {
        let answer = wire.call(&call(host, address)).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"secret".as_slice()));
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_not_called() {
    let (address, _) = secure(&["localhost"]).await;
    let (_, other) = secure(&["localhost"]).await;
    for wire in [trusting(other), Wire::new(allowed())] {
        let why = not_sent(wire.call(&call("localhost", address)).await);
        assert!(
            why.contains("no TLS") || why.contains("trusts no certificates"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn a_trusted_certificate_of_another_name_is_not_called() {
    let (address, certificate) = secure(&["elsewhere.example"]).await;
    let wire = trusting(certificate);
    let why = not_sent(wire.call(&call("localhost", address)).await);
    assert!(why.contains("no TLS"), "{why}");
}

#[tokio::test]
async fn a_callee_that_speaks_no_tls_is_not_called() {
    let address = server(|_, mut stream| async move {
        drop(stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await);
    })
    .await;
    let why = not_sent(Wire::new(allowed()).call(&call("localhost", address)).await);
    assert!(why.starts_with(&format!("localhost:{}", address.port())), "{why}");
}
