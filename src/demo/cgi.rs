//! The ledger as a CGI/1.1 program (RFC 3875): one request in variables and on stdin, one answer.
//!
//! Owns how CGI writes requests and answers. Must not know what is asked, nor where variables,
//! stdin and stdout come from.

use std::io::Read;
use std::path::PathBuf;

use super::Demo;
use super::api::{self, Ask, Method};
use super::reply::{Reply, reason};

/// Where the pay pages are, if `DEMO_PAGES` does not say.
const PAGES: &str = "http://127.0.0.1:8090";
/// The ledger, if `DEMO_LEDGER` does not say.
const FILE: &str = "ledger.sqlite";

/// Answers the request that `variable` and `body` carry, for stdout. Beside it the ledger that was
/// used: letting go of it takes time, and need not be waited for before the answer is written.
pub fn answer(variable: impl Fn(&str) -> Option<String>, body: impl Read) -> (Vec<u8>, Option<Demo>) {
    let ask = match read(&variable, body) {
        Ok(ask) => ask,
        Err(refused) => return (written(&refused), None),
    };
    let file = variable("DEMO_LEDGER").map_or_else(|| PathBuf::from(FILE), PathBuf::from);
    match Demo::open(&file) {
        Ok(demo) => (written(&demo.answer(&ask)), Some(demo)),
        Err(why) => (written(&api::broken(&why.0)), None),
    }
}

fn read(variable: &impl Fn(&str) -> Option<String>, body: impl Read) -> Result<Ask, Reply> {
    let said = |name: &str| variable(name).unwrap_or_default();
    let length = said("CONTENT_LENGTH");
    let length = match length.trim() {
        "" => 0,
        digits => digits
            .parse::<usize>()
            .map_err(|_| Reply::message(400, "CONTENT_LENGTH is no length."))?,
    };
    if length > api::BODY {
        return Err(api::too_large());
    }
    let mut bytes = Vec::with_capacity(length);
    let read = body.take(length as u64).read_to_end(&mut bytes);
    if read.is_err() || bytes.len() < length {
        return Err(Reply::message(400, "The body is cut off."));
    }
    Ok(Ask {
        method: Method::named(&said("REQUEST_METHOD")),
        path: said("PATH_INFO"),
        key: variable("HTTP_IDEMPOTENCY_KEY"),
        media: said("CONTENT_TYPE"),
        body: bytes,
        pages: variable("DEMO_PAGES").unwrap_or_else(|| PAGES.to_owned()),
    })
}

fn written(reply: &Reply) -> Vec<u8> {
    let Reply { status, body } = reply;
    let reason = reason(*status);
    format!("Status: {status} {reason}\r\nContent-Type: application/json\r\n\r\n{body}").into_bytes()
}
