//! The ledger over HTTP, with the pay page.
//!
//! Owns connections, their bounds, and the stop; how a mood treats a request. Must not know what
//! the ledger does. The database is never touched on a thread that answers.

use std::fmt;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::api::{self, Ask, Method};
use super::callback::Callback;
use super::ledger::Ledger;
use super::moods::Mood;
use super::pay::{self, Page};
use super::reply::Reply;
use super::{Demo, Error};

/// Tasks at once: connections, and callbacks that are tried.
const TASKS: usize = 512;
/// A header, or a body, takes no longer.
const READ: Duration = Duration::from_secs(10);
/// Of a body that is too large so many bytes are taken before it is refused.
const TAKEN: usize = 1 << 20;
/// What is under way at the stop may take so long.
const DRAIN: Duration = Duration::from_secs(2);
/// How long a request waits that is never answered.
const NEVER: Duration = Duration::from_secs(20);
/// How long to wait when the system has no socket for us.
const BREATH: Duration = Duration::from_millis(50);

/// How the other side behaves.
#[derive(Clone, Debug)]
pub struct Manner {
    /// What callbacks are signed with.
    pub secret: String,
    /// The seed of its moods; none, and it is always well.
    pub moods: Option<u64>,
}

/// What every request needs.
struct House {
    demo: Demo,
    manner: Manner,
    /// Where it listens: where the pay pages are, if a request does not say.
    address: SocketAddr,
    /// Requests that a mood was drawn for.
    drawn: AtomicU64,
    /// Callbacks that are to be sent.
    told: mpsc::UnboundedSender<Callback>,
    stopping: watch::Receiver<bool>,
}

type HttpResponse = Response<Full<Bytes>>;

/// Serves the ledger and its pay pages until `stop` is ready.
///
/// # Errors
/// If the system does not say where `listener` listens.
pub async fn serve(
    listener: TcpListener,
    ledger: Demo,
    manner: Manner,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let (told, mut callbacks) = mpsc::unbounded_channel();
    let (stopped, stopping) = watch::channel(false);
    let house = Arc::new(House {
        address: listener.local_addr()?,
        demo: ledger,
        manner,
        drawn: AtomicU64::new(0),
        told,
        stopping,
    });
    let mut tasks = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let room = tasks.len() < TASKS;
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            Some(callback) = callbacks.recv() => {
                let house = Arc::clone(&house);
                tasks.spawn(async move { callback.send(&house.manner.secret).await });
            }
            accepted = listener.accept(), if room => match accepted {
                Ok((stream, _)) => {
                    tasks.spawn(connection(stream, Arc::clone(&house)));
                }
                Err(why) => {
                    tracing::warn!(%why, "no connection can be accepted at present");
                    tokio::time::sleep(BREATH).await;
                }
            },
        }
    }
    drop(listener);
    stopped.send_replace(true);
    let drained = tokio::time::timeout(DRAIN, async { while tasks.join_next().await.is_some() {} });
    if drained.await.is_err() {
        tasks.shutdown().await;
    }
    Ok(())
}

async fn connection(stream: TcpStream, house: Arc<House>) {
    let mut stopping = house.stopping.clone();
    let service = service_fn(move |request| answer(Arc::clone(&house), request));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(READ);
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = told_to_stop(&mut stopping) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(why) = ended {
        tracing::debug!(%why, "a connection of the demo ended early");
    }
}

/// Ready when the server is told to stop, or is gone.
async fn told_to_stop(stopping: &mut watch::Receiver<bool>) {
    let _gone = stopping.wait_for(|stopping| *stopping).await.is_err();
}

/// The connection is closed without an answer.
#[derive(Debug)]
struct Hangup;

impl fmt::Display for Hangup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed without an answer")
    }
}

impl std::error::Error for Hangup {}

async fn answer(house: Arc<House>, request: Request<Incoming>) -> Result<HttpResponse, Hangup> {
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(READ, read(body)).await {
        Ok(Some(body)) if body.len() <= api::BODY => body,
        Ok(Some(_)) => return Ok(sent(&api::too_large())),
        // Nobody is there to read an answer.
        Ok(None) | Err(_) => return Err(Hangup),
    };
    let method = Method::named(head.method.as_str());
    let path = head.uri.path().to_owned();
    if let Some(page) = path.strip_prefix("/pay/") {
        return Ok(paying(&house, method, page.to_owned(), body).await);
    }
    let ask = Ask {
        method,
        path,
        key: text(&head.headers, "idempotency-key"),
        media: text(&head.headers, header::CONTENT_TYPE.as_str()).unwrap_or_default(),
        body,
        pages: pages(&head.headers, house.address),
    };
    let mood = house.manner.moods.map_or(Mood::Normal, |seed| {
        Mood::of(seed, house.drawn.fetch_add(1, Ordering::Relaxed))
    });
    moody(&house, mood, ask).await
}

/// A body; of one that is too large a little more than may be. The rest is taken and dropped, so
/// that the client is still there for the answer; nothing, if it is not.
async fn read(mut body: Incoming) -> Option<Vec<u8>> {
    let (mut kept, mut taken) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let data = frame.ok()?.into_data().unwrap_or_default();
        taken += data.len();
        if kept.len() <= api::BODY {
            kept.extend_from_slice(&data);
        }
        if taken > TAKEN {
            break;
        }
    }
    Some(kept)
}

/// Treats a request as the mood is.
async fn moody(house: &House, mood: Mood, ask: Ask) -> Result<HttpResponse, Hangup> {
    match mood {
        Mood::Normal => Ok(sent(&ledger(house, ask).await)),
        Mood::Late(pause) => {
            let reply = ledger(house, ask).await;
            tokio::time::sleep(pause).await;
            Ok(sent(&reply))
        }
        Mood::DoneThenError => {
            ledger(house, ask).await;
            Ok(sent(&Reply::message(500, "Something went wrong.")))
        }
        Mood::DoneThenGarbage => {
            ledger(house, ask).await;
            let garbage: &[u8] = b"\xff\xfe{\"transfer\":\x00<html>\xc3";
            Ok(response(200, "application/json", Bytes::from_static(garbage)))
        }
        Mood::DoneThenClosed => {
            ledger(house, ask).await;
            Err(Hangup)
        }
        Mood::Twice => {
            ledger(house, ask.clone()).await;
            Ok(sent(&ledger(house, ask).await))
        }
        Mood::Busy => {
            let mut answer = sent(&Reply::message(503, "Too busy. Try again."));
            answer
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            Ok(answer)
        }
        Mood::Never => {
            let mut stopping = house.stopping.clone();
            tokio::select! {
                () = tokio::time::sleep(NEVER) => {}
                () = told_to_stop(&mut stopping) => {}
            }
            Err(Hangup)
        }
    }
}

async fn ledger(house: &House, ask: Ask) -> Reply {
    let demo = house.demo.clone();
    let answered = tokio::task::spawn_blocking(move || demo.answer(&ask)).await;
    answered.unwrap_or_else(|why| {
        tracing::error!(%why, "the demo's ledger");
        Reply::message(500, "The ledger does not work at present.")
    })
}

/// The pay page, and what was pressed on it.
async fn paying(house: &House, method: Method, page: String, body: Vec<u8>) -> HttpResponse {
    match method {
        Method::Get => match on_ledger(house, move |ledger| ledger.payment(&page)).await {
            Ok(Some(payment)) => shown(pay::page(&payment)),
            Ok(None) => shown(pay::unknown()),
            Err(why) => trouble(why.as_ref()),
        },
        Method::Post => {
            let Some(choice) = pay::choice(&body) else {
                return shown(pay::notice(400, "Nothing was chosen", "Go back and press a button."));
            };
            match on_ledger(house, move |ledger| ledger.decide(&page, choice)).await {
                Ok(None) => shown(pay::unknown()),
                Ok(Some((payment, first))) => {
                    let callback = Callback::of(&payment);
                    if callback.is_none() {
                        return shown(pay::page(&payment));
                    }
                    // That the server is stopping loses the callback, which is only a courtesy.
                    if let Some(callback) = callback.filter(|_| first)
                        && house.told.send(callback).is_err()
                    {
                        tracing::warn!("a callback was not sent: the server stops");
                    }
                    away(&payment.return_url)
                }
                Err(why) => trouble(why.as_ref()),
            }
        }
        Method::Delete | Method::Other => shown(pay::notice(
            405,
            "This cannot be done here",
            "Open the page in a browser.",
        )),
    }
}

async fn on_ledger<T: Send + 'static>(
    house: &House,
    call: impl FnOnce(&mut Ledger) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, Box<dyn std::error::Error + Send + Sync>> {
    let demo = house.demo.clone();
    let done = tokio::task::spawn_blocking(move || demo.with(call).map_err(Error)).await?;
    Ok(done?)
}

fn trouble(why: &(dyn std::error::Error + Send + Sync)) -> HttpResponse {
    tracing::error!(%why, "the demo's pay page");
    shown(pay::notice(
        500,
        "This does not work at present",
        "Nothing was changed. Try again in a minute.",
    ))
}

/// The person goes back to where they came from.
fn away(url: &str) -> HttpResponse {
    let mut answer = response(303, "text/plain; charset=utf-8", Bytes::new());
    if let Ok(url) = HeaderValue::from_str(url) {
        answer.headers_mut().insert(header::LOCATION, url);
    }
    answer
}

fn sent(reply: &Reply) -> HttpResponse {
    response(reply.status, "application/json", Bytes::from(reply.body.clone()))
}

fn shown(page: Page) -> HttpResponse {
    let mut answer = response(page.status, "text/html; charset=utf-8", Bytes::from(page.html));
    // No form-action: browsers would hold the way back to the asking site against it.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                  frame-ancestors 'none'";
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    // The address of the page is the right to pay: it is told to nobody.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

fn response(status: u16, media: &'static str, body: Bytes) -> HttpResponse {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Where the pay pages are for whoever sent these headers.
fn pages(headers: &HeaderMap, address: SocketAddr) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let known = host.filter(|host| host.len() <= 200 && host.parse::<hyper::http::uri::Authority>().is_ok());
    known.map_or_else(|| format!("http://{address}"), |host| format!("http://{host}"))
}
