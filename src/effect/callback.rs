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

use super::{Effects, Outside, reply, save};
use crate::engine::Heard;
use crate::flow::Effect;
use crate::id;
use crate::machine::Said;
use crate::store;

/// How old a signature may be, and how much the clocks may differ, in seconds.
const SECONDS: i64 = 300;

const NOT_SIGNED: &str = "its signature is not right, or too old";
const NO_SECRET: &str = "the secret that it is signed with is not set here";
const NOT_READ: &str = "its body is not what the flow expects";
const TOO_LATE: &str = "it says done, after the effect was given up";
const NOT_OURS: &str = "no callback has this address";
const GONE: &str = "nothing is known any more of what it is about";

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
            tracing::warn!(reason = NOT_OURS, "a callback was refused");
            return unknown;
        };
        let known = self.engine.asking(found.at, found.number).await?;
        let effect = known.as_ref().and_then(|(flow, asked)| flow.effect(&asked.effect));
        let (Some((flow, asked)), Some(effect)) = (&known, effect) else {
            tracing::warn!(session = %found.at, number = found.number, reason = GONE, "a callback was refused");
            return unknown;
        };
        let secret = hand_off_secret(effect, &self.outside);
        // They go by their own clock.
        let now = self.engine.wall().div_euclid(1000);
        // The path as who calls back was told it, whatever a proxy made of it.
        let (_, _, prefix) = self.outside.parts();
        let path = format!("{prefix}{PATH}{token}");
        let good =
            secret.is_some_and(|secret| !secret.is_empty() && signed(signature, (&path, body), secret.as_bytes(), now));
        if !good {
            let unset = hand_off_secret(effect, &self.outside).is_none();
            let why = if unset { NO_SECRET } else { NOT_SIGNED };
            return self
                .refused(&found, &flow.name, &asked.effect, why, Callback::Forged)
                .await;
        }
        let bad = self.refused(&found, &flow.name, &asked.effect, NOT_READ, Callback::Bad);
        let Ok(json) = serde_json::from_slice::<Json>(body) else {
            return bad.await;
        };
        let said = match json.get("outcome").and_then(Json::as_str) {
            Some("done") => match save::saved(found.at, effect, Some(&json)) {
                Ok(results) => Said::Done(results),
                Err(_) => return bad.await,
            },
            Some("declined") => reply::declined(Some(&json), &flow.outward),
            _ => return bad.await,
        };
        let heard = self.engine.report(found.at, found.number, said).await?;
        let (session, flow, effect) = (found.at, &flow.name, &asked.effect);
        if heard == Heard::TooLate {
            tracing::warn!(%session, flow, effect, reason = TOO_LATE, "a callback was refused");
        } else {
            tracing::info!(%session, flow, effect, ?heard, "a callback came in");
        }
        Ok(Callback::Heard(heard))
    }

    /// A callback that is not taken leaves a trace: a line, and a word with the asking, which stays with
    /// it if it then fails.
    async fn refused(
        &self,
        found: &id::Callback,
        flow: &str,
        effect: &str,
        reason: &str,
        answer: Callback,
    ) -> Result<Callback, store::Error> {
        tracing::warn!(session = %found.at, flow, effect, reason, "a callback was refused");
        self.engine.refused(found.at, found.number, reason).await?;
        Ok(answer)
    }
}

/// What callbacks of an effect are signed with, where its variables are set.
fn hand_off_secret(effect: &Effect, outside: &Outside) -> Option<String> {
    let secret = effect.hand_off.as_ref()?.secret.as_ref()?;
    secret.fill(|name| (outside.environment)(name)).ok()
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
