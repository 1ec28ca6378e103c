//! What can be asked: a method, a path, a key and fields, and the status and JSON for them.
//!
//! Owns the paths, and what every request must have. Must not know how requests travel: HTTP and
//! CGI both come through here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::fields::Fields;
use super::ledger::{Ledger, List, Order, Resource};
use super::reply::Reply;

/// The bytes of a body.
pub(super) const BODY: usize = 64 * 1024;
/// The characters of a key.
const KEY: usize = 200;

/// How something is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A look.
    Get,
    /// Something is to be done.
    Post,
    /// Something is to be taken back.
    Delete,
    /// Whatever else.
    Other,
}

impl Method {
    /// The method of that name, as HTTP and CGI write it.
    pub fn named(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "POST" => Self::Post,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }
}

/// A request, however it came.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What to do.
    pub method: Method,
    /// Where, such as `/transfers`.
    pub path: String,
    /// The idempotency key.
    pub key: Option<String>,
    /// The media type of the body; empty is a form.
    pub media: String,
    /// The fields, as they came.
    pub body: Vec<u8>,
    /// Where the pay pages are, such as `http://127.0.0.1:8090`.
    pub pages: String,
}

/// What a path names.
enum Route {
    List(List),
    Resource(Resource),
}

impl Route {
    fn of(path: &str) -> Option<Self> {
        let name = path.strip_prefix('/')?;
        let name = name.strip_suffix('/').unwrap_or(name);
        match name {
            "accounts" => Some(Self::List(List::Accounts)),
            "payees" => Some(Self::List(List::Payees)),
            "seats" => Some(Self::List(List::Seats)),
            _ => Resource::ALL
                .into_iter()
                .find(|resource| resource.name() == name)
                .map(Self::Resource),
        }
    }
}

/// Answers a request.
pub(super) fn answer(ledger: &mut Ledger, ask: &Ask) -> Reply {
    let done = match Route::of(&ask.path) {
        None => Ok(Reply::message(404, "There is nothing here.")),
        Some(Route::List(list)) if ask.method == Method::Get => ledger.list(list),
        Some(Route::List(_)) => Ok(Reply::message(405, "This can only be looked at.")),
        Some(Route::Resource(resource)) => match key(ask) {
            Err(refused) => Ok(refused),
            Ok(key) => match ask.method {
                Method::Get => ledger.probe(resource, key),
                Method::Post => return order(ledger, resource, key, ask),
                Method::Delete if resource.can_be_taken_back() => ledger.take_back(resource, key),
                Method::Delete | Method::Other => Ok(Reply::message(405, "This cannot be done here.")),
            },
        },
    };
    done.unwrap_or_else(|why| broken(&why))
}

fn order(ledger: &mut Ledger, resource: Resource, key: &str, ask: &Ask) -> Reply {
    let fields = match Fields::decode(&ask.media, &ask.body) {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    let mut page = [0; 16];
    if let Err(why) = getrandom::fill(&mut page) {
        tracing::error!(%why, "the system has no random bytes");
        return Reply::message(500, "This does not work at present.");
    }
    let order = Order {
        key,
        fields: &fields,
        pages: &ask.pages,
        page: &URL_SAFE_NO_PAD.encode(page),
    };
    ledger.order(resource, &order).unwrap_or_else(|why| broken(&why))
}

/// The key, without which nothing is done and nothing is known.
fn key(ask: &Ask) -> Result<&str, Reply> {
    match ask.key.as_deref() {
        None | Some("") => Err(Reply::message(400, "An Idempotency-Key is needed.")),
        Some(key) if key.chars().count() > KEY => Err(Reply::message(400, "The Idempotency-Key is too long.")),
        Some(key) => Ok(key),
    }
}

/// A body of more than [`BODY`] bytes is not read.
pub(super) fn too_large() -> Reply {
    Reply::message(413, "The body is too large.")
}

/// Nothing was done, as far as the database says.
pub(super) fn broken(why: &rusqlite::Error) -> Reply {
    tracing::error!(%why, "the demo's ledger");
    if why.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) {
        return Reply::message(503, "The ledger is busy. Try again.");
    }
    Reply::message(500, "The ledger does not work at present.")
}
