//! Callbacks: an outside system tells what came of a hand-off.
//!
//! Owns the signature and the form of what it says. Must not know HTTP.
//!
//! `Deity-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of `SECONDS.PATH.BODY` (the
//! path of the callback's URL) under the secret that the flow's hand-off names. The body is JSON:
//! `{"outcome": "done", ...}` with what is saved, or
//! `{"outcome": "declined", "message": "...", "fields": {...}}`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value as Json;
use sha2::Sha256;

use super::{Effects, reply};
use crate::engine::Heard;
use crate::machine::Said;
use crate::store;

/// How old a signature may be, and how much the clocks may differ, in seconds.
const SECONDS: i64 = 300;

/// What a callback gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callback {
    /// Taken in, now or before.
    Heard(Heard),
    /// The signature is not right, or too old: nothing changes.
    Forged,
    /// Not in the form that is wanted.
    Bad,
    /// The store could not; the same may be sent again.
    Busy,
}

impl Effects {
    /// Takes in what an outside system says. `token` is what its URL carried.
    pub async fn callback(&self, token: &str, signature: &str, body: &[u8]) -> Callback {
        match self.called_back(token, signature, body).await {
            Ok(callback) => callback,
            Err(error) => {
                tracing::error!(%error, "a callback could not be taken in");
                Callback::Busy
            }
        }
    }

    async fn called_back(&self, token: &str, signature: &str, body: &[u8]) -> Result<Callback, store::Error> {
        let unknown = Ok(Callback::Heard(Heard::Unknown));
        let Some(found) = self.engine.callback(token) else {
            return unknown;
        };
        let Some((flow, asked)) = self.engine.asking(found.at, found.number).await? else {
            return unknown;
        };
        let Some(effect) = flow.effect(&asked.effect) else {
            return unknown;
        };
        let secret = effect.hand_off.as_ref().and_then(|off| off.secret.as_ref());
        let secret = secret.and_then(|secret| secret.fill(|name| (self.outside.environment)(name)).ok());
        // They go by their own clock.
        let now = self.engine.wall().div_euclid(1000);
        // The path as who calls back was told it, whatever a proxy made of it.
        let (_, _, prefix) = self.outside.parts();
        let path = format!("{prefix}{PATH}{token}");
        let good =
            secret.is_some_and(|secret| !secret.is_empty() && signed(signature, (&path, body), secret.as_bytes(), now));
        if !good {
            tracing::warn!(session = %found.at, effect = asked.effect, "a callback without the right signature");
            return Ok(Callback::Forged);
        }
        let Ok(json) = serde_json::from_slice::<Json>(body) else {
            return Ok(Callback::Bad);
        };
        let said = match json.get("outcome").and_then(Json::as_str) {
            Some("done") => match reply::saved(&effect.save, Some(&json)) {
                Ok(results) => Said::Done(results),
                Err(_) => return Ok(Callback::Bad),
            },
            Some("declined") => reply::declined(Some(&json)),
            _ => return Ok(Callback::Bad),
        };
        let heard = self.engine.report(found.at, found.number, said).await?;
        tracing::info!(session = %found.at, effect = asked.effect, ?heard, "a callback came in");
        Ok(Callback::Heard(heard))
    }
}

/// Where outside systems tell of effects; what follows is whom they tell of.
pub const PATH: &str = "/deity/callback/";

/// Whether `signature` is that of `body` at this path under `secret`, made within the last
/// minutes.
fn signed(signature: &str, (path, body): (&str, &[u8]), secret: &[u8], now: i64) -> bool {
    let part = |name: &str| {
        signature
            .split(',')
            .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let (Some(time), Some(hex)) = (part("t"), part("v1")) else {
        return false;
    };
    let fresh = time
        .parse::<i64>()
        .is_ok_and(|at| at.abs_diff(now) <= SECONDS.unsigned_abs());
    let (Some(tag), Ok(mut mac)) = (unhex(hex), Hmac::<Sha256>::new_from_slice(secret)) else {
        return false;
    };
    mac.update(time.as_bytes());
    for part in [&b"."[..], path.as_bytes(), &b"."[..], body] {
        mac.update(part);
    }
    // Compares in a time that tells nothing.
    fresh && mac.verify_slice(&tag).is_ok()
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}
