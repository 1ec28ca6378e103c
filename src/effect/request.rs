//! What goes out: an errand as a request, a program's input or a message.
//!
//! Owns the forms of bodies, and the filling in of the operator's variables. Nothing of a client's
//! is in a URL but the query of a `GET`, nor in a program's arguments or environment. Must not
//! know sockets or processes.

use serde_json::{Map, Value as Json};

use super::Outside;
use super::mail::Mail;
use super::call::Call;
use super::cgi::{self, Meta};
use super::program::Program;
use crate::engine::Job;
use crate::flow::{Effect, Encoding, Filled, Means, Value};
use crate::id::EffectKey;

/// What is to be done, ready to be sent.
#[derive(Debug)]
pub(super) enum Ready {
    Http(Call),
    Run(Program),
    Mail(Mail),
}

impl Ready {
    /// Whom it asks, as circuits tell callees apart.
    pub(super) fn callee(&self) -> String {
        match self {
            Self::Http(call) => {
                let rest = call.url.split_once("://").map_or(call.url.as_str(), |(_, rest)| rest);
                rest.split(['/', '?', '#']).next().unwrap_or(rest).to_owned()
            }
            Self::Run(program) => program.path.display().to_string(),
            Self::Mail(_) => "e-mail".to_owned(),
        }
    }
}

/// Makes an errand ready; else why it can never be done, as it is.
pub(super) fn ready(outside: &Outside, job: &Job, effect: &Effect) -> Result<Ready, String> {
    let fill = |filled: &Filled| {
        filled
            .fill(|name| (outside.environment)(name))
            .map_err(|name| format!("the variable {name} is not set in the server's environment"))
    };
    let sent = with_urls(outside, job);
    match &effect.means {
        Means::Http {
            method,
            url,
            headers,
            body,
        } => {
            let mut url = fill(url)?;
            let mut all = vec![("Idempotency-Key".to_owned(), job.errand.key.to_string())];
            for (name, value) in headers {
                all.push((name.clone(), fill(value)?));
            }
            let body = if method == "GET" {
                let query = form(&sent);
                if !query.is_empty() {
                    url.push(if url.contains('?') { '&' } else { '?' });
                    url.push_str(&query);
                }
                None
            } else {
                Some(encoded(*body, &sent))
            };
            Ok(Ready::Http(Call {
                method: method.clone(),
                url,
                headers: all,
                body,
                timeout: effect.timeout.unsigned_abs(),
            }))
        }
        Means::Run {
            program,
            arguments,
            method,
            path,
            environment,
            body,
        } => {
            let mut extra = vec![
                ("HTTP_IDEMPOTENCY_KEY".to_owned(), job.errand.key.to_string()),
                ("HTTP_ACCEPT".to_owned(), "application/json".to_owned()),
                ("DEITY_REFERENCE".to_owned(), job.at.reference()),
                ("DEITY_FLOW".to_owned(), job.flow.name.clone()),
                ("DEITY_EFFECT".to_owned(), job.errand.effect.clone()),
                ("DEITY_TRY".to_owned(), job.errand.tries.to_string()),
            ];
            for (name, value) in environment {
                extra.push((name.clone(), fill(value)?));
            }
            let arguments = arguments.iter().map(fill).collect::<Result<_, _>>()?;
            let get = method == "GET";
            let (kind, input) = encoded(*body, if get { &[] } else { &sent });
            let input = if get { Vec::new() } else { input };
            let query = if get { form(&sent) } else { String::new() };
            let environment = cgi::environment(&Meta {
                method: method.clone(),
                path_info: path.clone(),
                query,
                content_type: (!get).then_some(kind),
                content_length: (!get).then_some(input.len()),
                script_name: format!("/{}", job.errand.effect),
                server_name: outside.host(),
                server_port: outside.port(),
                extra,
            });
            let environment = environment.map_err(|trouble| trouble.to_string())?;
            Ok(Ready::Run(Program {
                path: outside.program(program),
                arguments,
                environment,
                directory: outside.directory.clone(),
                input,
                timeout: effect.timeout.unsigned_abs(),
            }))
        }
        Means::Email { .. } => {
            let part = |name: &str| match sent.iter().find(|(known, _)| known == name) {
                Some((_, Value::Text(text))) => text.clone(),
                _ => String::new(),
            };
            let from = outside.mail_from.clone();
            let from = from.ok_or("nobody sends e-mail here: the settings smtp and mail-from are not set")?;
            Ok(Ready::Mail(Mail {
                from,
                to: part("to"),
                subject: part("subject"),
                text: part("text"),
                id: job.errand.key.to_string(),
            }))
        }
    }
}

/// What is sent, and, where a hand-off begins, the URLs to come back by.
fn with_urls(outside: &Outside, job: &Job) -> Vec<(String, Value)> {
    let mut sent = job.errand.sent.clone();
    if let (Some(returning), Some(callback)) = (&job.returning, &job.callback) {
        let base = outside.base();
        let flow = &job.flow.name;
        sent.push((
            "return_url".to_owned(),
            Value::Text(format!("{base}/{flow}?returnID={returning}")),
        ));
        sent.push((
            "callback_url".to_owned(),
            Value::Text(format!("{base}/deity/callback/{callback}")),
        ));
    }
    sent
}

fn encoded(encoding: Encoding, sent: &[(String, Value)]) -> (String, Vec<u8>) {
    match encoding {
        Encoding::Json => {
            let map: Map<String, Json> = sent.iter().map(|(name, value)| (name.clone(), value.json())).collect();
            ("application/json".to_owned(), Json::Object(map).to_string().into_bytes())
        }
        Encoding::Form => (
            "application/x-www-form-urlencoded".to_owned(),
            form(sent).into_bytes(),
        ),
    }
}

/// As a browser would post it; several values under one name where there are several.
fn form(sent: &[(String, Value)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in sent {
        match value {
            Value::List(values) => {
                for value in values {
                    out.append_pair(name, value);
                }
            }
            Value::Options(_) => {}
            value => {
                out.append_pair(name, &value.plain());
            }
        }
    }
    out.finish()
}

/// For logs: an asking without a word of what it says.
pub(super) fn told(key: &EffectKey) -> String {
    key.to_string().chars().take(8).collect()
}
