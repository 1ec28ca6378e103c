//! What comes back: an answer as the machine understands it.
//!
//! Owns which answers are done, declined, not done or unknown. Must not know what is saved of them
//! (`save`), nor trust a callee: everything of it has a bound.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::html;
use super::response::{Response, Trouble};
use super::save::{saved, tame};
use crate::engine::Job;
use crate::flow::{Effect, Outward};
use crate::limits;
use crate::machine::{Purpose, Said};

/// Characters of a message of a callee.
const MESSAGE_CHARS: usize = 500;
/// Fields on which a callee may have a word.
const FAULTS: usize = 50;

/// What a try came to. `effect` is the one that was asked for, also where a probe answered, and
/// `tried` is the one that answered; `hosts` are those that people may be sent to.
pub(super) fn said(
    job: &Job,
    (effect, tried): (&Effect, &Effect),
    answer: Result<Response, Trouble>,
    hosts: &[String],
) -> Said {
    let probing = job.errand.about.is_some();
    let answer = match answer {
        Ok(answer) => answer,
        Err(trouble) => return of_trouble(trouble, probing),
    };
    let pause = answer.retry_after.and_then(|pause| i64::try_from(pause.as_secs()).ok());
    let unknown = |why: String| Said::Unknown { why, pause };
    if answer.cut {
        return unknown(format!("its answer is longer than {} bytes", limits::REPLY_BYTES));
    }
    let undoes = matches!(job.errand.purpose, Purpose::Undo { .. });
    let status = answer.status;
    let body: Option<Json> = serde_json::from_slice(&answer.body).ok();
    let not_done = |again| Said::NotDone {
        why: format!("it answered {status}"),
        pause,
        again,
    };
    match status {
        200..=299 if answer.encoded => unknown(format!("it answered {status} in an encoding that nobody asked for")),
        200..=299 if !tried.takes_html() && html::is_html(&answer) => {
            unknown(format!("it answered {status} with a page of HTML"))
        }
        202 if probing || (effect.probe.is_some() && effect.hand_off.is_none()) => Said::Pending,
        200..=299 => match effect
            .hand_off
            .as_ref()
            .filter(|_| !probing && matches!(job.errand.purpose, Purpose::Do))
        {
            Some(off) => match body.as_ref().and_then(|body| page(body, &off.page, hosts)) {
                Some(page) => Said::Away(page),
                None => unknown("it named no page on a host that is allowed".to_owned()),
            },
            None => match saved(job.at, effect, body.as_ref()) {
                Ok(results) => Said::Done(results),
                Err(what) => unknown(format!("its answer cannot be read: {what}")),
            },
        },
        // What is gone, or is not there, needs no taking back; but what is known to be done cannot
        // be unheard of the first time: that is an address that is wrong.
        404 if undoes && job.errand.surely && !job.errand.doubt => declined(body.as_ref(), &job.flow.outward),
        404 | 410 if undoes => Said::Done(BTreeMap::new()),
        404 if probing => not_done(true),
        // Some say so while an earlier try of the same key is still under way.
        409 if job.errand.doubt && !has_message(body.as_ref()) => unknown(format!("it answered {status}")),
        402 | 409 | 410 | 422 => declined(body.as_ref(), &job.flow.outward),
        425 | 429 if !probing => not_done(true),
        408 | 425 | 429 => unknown(format!("it answered {status}")),
        400..=499 if probing => unknown(format!("it answered {status}")),
        400..=499 => match &body {
            body if has_message(body.as_ref()) => declined(body.as_ref(), &job.flow.outward),
            _ => not_done(false),
        },
        300..=399 => unknown(format!("it answered {status}; redirects are not followed")),
        _ => unknown(format!("it answered {status}")),
    }
}

/// That a probe could not be asked says nothing of what it asks about.
pub(super) fn of_trouble(trouble: Trouble, probing: bool) -> Said {
    let (why, again) = match trouble {
        Trouble::Unknown(why) => return Said::Unknown { why, pause: None },
        Trouble::NotSent(why) => (why, true),
        Trouble::Forbidden(why) => (why, false),
    };
    if probing {
        return Said::Unknown { why, pause: None };
    }
    Said::NotDone {
        why,
        pause: None,
        again,
    }
}

/// Whether the callee has words of its own for the person.
fn has_message(body: Option<&Json>) -> bool {
    body.is_some_and(|body| body.get("message").is_some_and(Json::is_string))
}

/// The callee's no, in its own words.
pub(super) fn declined(body: Option<&Json>, outward: &Outward) -> Said {
    let message = body.and_then(|body| body.get("message")).and_then(Json::as_str);
    let faults = body.and_then(|body| body.get("fields")).and_then(Json::as_object);
    let faults = faults.into_iter().flatten().flat_map(|(field, message)| {
        let message = tame(message.as_str().unwrap_or_default(), MESSAGE_CHARS);
        // The page shows those of its own fields.
        let own = outward.own(field).into_iter().filter(|_| !message.is_empty());
        let own: Vec<_> = own
            .map(|own| (tame(own, limits::NAME_CHARS), message.clone()))
            .collect();
        own
    });
    Said::Declined {
        message: message
            .map(|message| tame(message, MESSAGE_CHARS))
            .filter(|message| !message.is_empty())
            .unwrap_or_else(|| "This was declined.".to_owned()),
        faults: faults.take(FAULTS).collect(),
    }
}

/// The page that the person must go to, if it is on a host that is allowed.
fn page(body: &Json, at: &str, hosts: &[String]) -> Option<String> {
    let page = body.pointer(at)?.as_str().filter(|page| page.len() <= 2_000)?;
    let plain = page
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\'));
    let (scheme, rest) = page.split_once("://")?;
    if !["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let host = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let allowed = hosts.iter().any(|known| known.to_ascii_lowercase() == host);
    (plain && allowed).then(|| page.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::flow::Flow;
    use crate::id::{EffectKey, ScreenKey, SessionKey};
    use crate::machine::Errand;

    const FLOW: &str = r#"
title = "One"
start = "one"

[screens.one]
title = "One"
actions.start = "ask"

[screens.ask]
title = "Ask"
actions.go = { call = "pay", to = "two", failed = "two" }

[screens.two]
title = "Two"
end = "two"

[effects.pay]
http = "POST https://callee.example/"
save.number = { at = "/n", type = "number", required = true }
"#;

    const PROBED: &str = r#"
[effects.paid]
http = "GET https://callee.example/"
safe = true
"#;

    /// What a try was for, and what was known before it.
    #[expect(clippy::struct_excessive_bools, reason = "each is one thing that may be known")]
    #[derive(Clone, Copy, Default)]
    struct Try {
        probes: bool,
        undo: Option<u32>,
        doubt: bool,
        surely: bool,
        /// It can be asked whether it was done.
        probed: bool,
    }

    /// The word for what an answer comes to.
    fn word(at: Try, status: u16, body: &str) -> &'static str {
        let probe = format!("probe = \"paid\"\n{PROBED}");
        let source = format!("{FLOW}{}", if at.probed { &probe } else { "" });
        let (flow, _) = Flow::read("one", &source).unwrap();
        let flow = Arc::new(flow);
        let errand = Errand {
            number: 1,
            effect: "pay".to_owned(),
            purpose: at.undo.map_or(Purpose::Do, |of| Purpose::Undo { of }),
            key: EffectKey::of(&ScreenKey([7; 16]), "pay", 0, 1, 1),
            sent: Vec::new(),
            placed: Vec::new(),
            attempt: 1,
            about: at.probes.then(|| "pay".to_owned()),
            doubt: at.doubt,
            surely: at.surely,
            door: None,
            until: 0,
        };
        let job = Job {
            at: SessionKey([0; 16]),
            flow: Arc::clone(&flow),
            errand,
            language: None,
            returning: None,
            callback: None,
        };
        let answer = Response {
            status,
            retry_after: None,
            content_type: None,
            encoded: false,
            body: body.into(),
            cut: false,
        };
        let effect = flow.effect("pay").unwrap();
        match said(&job, (effect, effect), Ok(answer), &[]) {
            Said::Done(_) => "done",
            Said::Declined { .. } => "no",
            Said::NotDone { again: true, .. } => "again",
            Said::NotDone { again: false, .. } => "not",
            Said::Unknown { .. } => "unknown",
            Said::Pending => "pending",
            Said::Away(_) | Said::Postponed(_) => "other",
        }
    }

    #[test]
    fn each_status_has_one_meaning_by_what_was_known_before() {
        let first = Try::default();
        let second = Try { doubt: true, ..first };
        let probe = Try { probes: true, ..second };
        let undo = Try { undo: Some(1), ..first };
        let surely = Try { surely: true, ..undo };
        let surely_again = Try { doubt: true, ..surely };
        let message = r#"{"message": "No."}"#;
        let probed = Try { probed: true, ..first };
        let page = "<!doctype html><title>Please log in</title>";
        for (at, status, body, expected) in [
            (first, 200, r#"{"n": 1}"#, "done"),
            (first, 202, r#"{"n": 1}"#, "done"),
            (probed, 202, r#"{"n": 1}"#, "pending"),
            (probed, 202, "", "pending"),
            (probed, 201, r#"{"n": 1}"#, "done"),
            (first, 202, "", "unknown"),
            (first, 200, page, "unknown"),
            (probed, 202, page, "unknown"),
            (probe, 200, page, "unknown"),
            (undo, 200, page, "unknown"),
            (undo, 422, page, "no"),
            (first, 200, "{}", "unknown"),
            (first, 200, r#"{"n": null}"#, "unknown"),
            (first, 200, r#"{"n": "many"}"#, "unknown"),
            (first, 301, "", "unknown"),
            (first, 402, "", "no"),
            (first, 409, "", "no"),
            (first, 422, message, "no"),
            (first, 404, "", "not"),
            (first, 404, message, "no"),
            (first, 403, "", "not"),
            (first, 408, "", "unknown"),
            (first, 425, "", "again"),
            (first, 429, "", "again"),
            (first, 500, message, "unknown"),
            (second, 409, "", "unknown"),
            (second, 409, message, "no"),
            (probe, 200, r#"{"n": 1}"#, "done"),
            (probe, 202, "", "pending"),
            (probe, 404, "", "again"),
            (probe, 403, message, "unknown"),
            (probe, 409, message, "no"),
            (probe, 429, "", "unknown"),
            (probe, 503, "", "unknown"),
            (undo, 404, "", "done"),
            (undo, 410, "", "done"),
            (surely, 404, "", "no"),
            (surely, 410, "", "done"),
            (surely_again, 404, "", "done"),
        ] {
            assert_eq!(word(at, status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_page_is_on_a_host_that_is_allowed_whatever_the_case_of_its_scheme() {
        let hosts = ["Pay.example:8443".to_owned()];
        let page = |url: &str| page(&serde_json::json!({ "page": url }), "/page", &hosts);
        for url in [
            "https://pay.example:8443/1",
            "HTTP://PAY.example:8443",
            "hTTps://pay.example:8443?a=b",
        ] {
            assert_eq!(page(url).as_deref(), Some(url));
        }
        for url in [
            "pay.example:8443/1",
            "ftp://pay.example:8443/",
            "javascript://pay.example:8443/",
            "https://pay.example/",
        ] {
            assert_eq!(page(url), None, "{url}");
        }
    }
}
