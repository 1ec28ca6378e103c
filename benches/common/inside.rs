//! A Deity within the benchmark's own process, without sockets.
//!
//! Owns how its store is opened, its clock, and one phase of it. Must not know what is measured.

use std::io::{Error, Result};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use deity::engine::World;
use deity::http::{App, handle};
use deity::store::sled::{Options, Sled};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;

use super::callee::micros;
use super::page::{self, Next};

/// The store in a data directory.
pub fn open(data: &Path) -> Result<Sled> {
    let fatal = Arc::new(|why: &str| panic!("the store failed: {why}"));
    let (store, _) = Sled::open(data, Options::new(fatal)).map_err(|why| Error::other(format!("{why:?}")))?;
    Ok(store)
}

/// A world whose clock is so many milliseconds off.
pub fn world(off: i64) -> World {
    World {
        clock: Arc::new(move || i64::try_from(micros() / 1000).unwrap_or(i64::MAX).saturating_add(off)),
        random: Arc::new(|bytes| getrandom::fill(bytes).expect("random bytes")),
    }
}

/// One phase of a flow: the page.
pub async fn phase(app: &App, flow: &str, body: Option<String>) -> Result<String> {
    let request = Request::builder().uri(format!("/{flow}")).header("host", "localhost");
    let request = match body {
        None => request.body(Full::default()),
        Some(body) => request
            .method("POST")
            .header("origin", "http://localhost")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(body))),
    };
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let answered = Box::pin(handle(app, request.map_err(Error::other)?, peer));
    let body = answered.await.into_body().collect().await.map_err(Error::other)?;
    String::from_utf8(body.to_bytes().into()).map_err(Error::other)
}

/// The body that a page's form posts.
pub fn form(page: &str) -> Result<String> {
    match page::next(page) {
        Next::Post(body) => Ok(body),
        _ => Err(Error::other(format!("a page without a form: {page}"))),
    }
}
