//! The callback: whoever asked for a payment is told what the person chose.
//!
//! Owns the message, its signature and the attempts. Must not know what the other side makes of
//! it: one who was not reached can still ask.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::Full;
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use serde_json::json;
use sha2::Sha256;
use tokio::net::TcpStream;

use super::ledger::{Payment, REFUSED, State};

/// Before each attempt.
const PAUSES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
];
/// One attempt takes no longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is told, and to whom.
#[derive(Debug)]
pub(super) struct Callback {
    to: String,
    body: String,
}

impl Callback {
    /// Nothing, unless the person decided.
    pub(super) fn of(payment: &Payment) -> Option<Self> {
        let body = match payment.state {
            State::Paid => json!({ "outcome": "done", "payment": payment.name() }),
            State::Refused => json!({ "outcome": "declined", "message": REFUSED }),
            State::Pending | State::Cancelled | State::Refunded => return None,
        };
        Some(Self {
            to: payment.callback_url.clone(),
            body: body.to_string(),
        })
    }

    /// Tries until it is taken, or no more.
    pub(super) async fn send(self, secret: &str) {
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            match tokio::time::timeout(PATIENCE, self.attempt(secret)).await {
                Ok(Ok(status)) if (200..300).contains(&status) => return,
                Ok(Ok(status)) => tracing::debug!(status, "a callback was not taken"),
                Ok(Err(why)) => tracing::debug!(%why, "a callback did not arrive"),
                Err(_) => tracing::debug!("a callback was not answered"),
            }
        }
        tracing::warn!("a callback was given up");
    }

    async fn attempt(&self, secret: &str) -> Result<u16, Box<dyn std::error::Error + Send + Sync>> {
        let uri: Uri = self.to.parse()?;
        let authority = uri.authority().ok_or("no host")?;
        let stream = TcpStream::connect((host(&uri), uri.port_u16().unwrap_or(80))).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let at = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let path = uri.path_and_query().map_or("/", |target| target.as_str());
        let request = Request::post(path)
            .header(header::HOST, authority.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header("Deity-Signature", signature(secret, at, path, &self.body))
            .header(header::CONNECTION, "close")
            .body(Full::new(Bytes::from(self.body.clone())))?;
        let asked = async move { sender.send_request(request).await.map(|answer| answer.status()) };
        // Both halves run here, so that nothing is left behind when the time is up. How the
        // connection ends says nothing that the answer does not say.
        let (answer, _ended) = tokio::join!(asked, connection);
        Ok(answer?.as_u16())
    }
}

/// The host as the resolver wants it: an IPv6 address without its brackets.
fn host(uri: &Uri) -> &str {
    let host = uri.host().unwrap_or_default();
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

/// `t=<seconds>,v1=<hex>`: proves who sent the body, when, and where.
pub fn signature(secret: &str, at: u64, path: &str, body: &str) -> String {
    let mut text = format!("t={at},v1=");
    // HMAC takes keys of any length, so this never fails.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        mac.update(format!("{at}.{path}.{body}").as_bytes());
        for byte in mac.finalize().into_bytes() {
            text.extend([byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16).unwrap_or('0')));
        }
    }
    text
}
