//! What goes out: an errand as a request, a program's input or a message.
//!
//! Owns the forms of bodies, and the filling in of the operator's variables and of what a callee
//! saved. Nothing of a client's is in a URL but the query of a `GET`, nor in a program's arguments or
//! environment. Must not know sockets or processes.

use serde_json::{Map, Value as Json};

use super::call::{Call, Callee};
use super::cgi::{self, Meta};
use super::mail::Mail;
use super::program::Program;
use super::{CALLBACK_PATH, HOMELESS, Outside, keeper};
use crate::engine::Job;
use crate::flow::{Address, Effect, Encoding, Filled, Flow, Frames, Means, Sent, Value, segment, visible};
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
    if job.returning.is_some() && outside.base.get().is_none() {
        return Err(HOMELESS.to_owned());
    }
    let making = Making {
        outside,
        job,
        effect,
        sent: with_urls(outside, job, effect),
    };
    match &effect.means {
        Means::Http { .. } => making.http(),
        Means::Run { .. } => making.run(),
        Means::Email { .. } => making.mail(),
    }
}

/// An errand on its way to being sent.
struct Making<'a> {
    outside: &'a Outside,
    job: &'a Job,
    effect: &'a Effect,
    sent: Vec<(String, Value)>,
}

impl Making<'_> {
    /// The operator's words, filled in.
    fn fill(&self, filled: &Filled) -> Result<String, String> {
        filled
            .fill(|name| (self.outside.environment)(name))
            .map_err(|name| format!("the variable {name} is not set in the server's environment"))
    }

    fn all(&self, pairs: &[(String, Filled)], mut all: Vec<(String, String)>) -> Result<Vec<(String, String)>, String> {
        for (name, value) in pairs {
            all.push((name.clone(), self.fill(value)?));
        }
        Ok(all)
    }

    /// Whom a URL names; nothing that a callee said is in that part of it.
    fn callee(&self, url: &Address) -> Result<Callee, String> {
        let start = url.beginning().map(|start| self.fill(start)).transpose()?;
        let (callee, _) = Callee::of(&start.unwrap_or_default()).map_err(|trouble| trouble.to_string())?;
        Ok(callee)
    }

    /// An address with the saved values in it, each as `form` writes it. What one host said is told
    /// to no other.
    fn place(
        &self,
        address: &Address,
        form: fn(&str) -> Result<String, &'static str>,
        to: &Callee,
    ) -> Result<String, String> {
        let saved = |name: &str| {
            let refused = |why: &str| format!("`{name}`, as the callee said it, cannot stand in its address: {why}");
            let mut said_by = self.job.flow.effects.iter().filter(|effect| effect.saves(name));
            let same = |effect: &Effect| match &effect.means {
                Means::Http { url, .. } => self.callee(url).is_ok_and(|callee| callee == *to),
                Means::Run { .. } | Means::Email { .. } => false,
            };
            if !said_by.all(same) {
                return Err(refused("another host said it"));
            }
            let mut placed = self.job.errand.placed.iter();
            let value = placed.find(|(known, _)| known == name);
            let value = value.ok_or_else(|| refused("it never came"))?;
            form(&value.1.plain()).map_err(refused)
        };
        address.fill(|words| self.fill(words), saved)
    }

    fn http(&self) -> Result<Ready, String> {
        let Means::Http {
            method,
            url,
            headers,
            body,
        } = &self.effect.means
        else {
            return Err("it is not done over HTTP".to_owned());
        };
        let callee = self.callee(url)?;
        let mut url = self.place(url, segment, &callee)?;
        let get = method == "GET";
        let query = if get {
            form(&self.job.flow.frames, &self.sent)
        } else {
            String::new()
        };
        if !query.is_empty() {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&query);
        }
        let key = ("Idempotency-Key".to_owned(), self.job.errand.key.to_string());
        Ok(Ready::Http(Call {
            method: method.clone(),
            url,
            headers: {
                let mut all = vec![key];
                let says = headers
                    .iter()
                    .any(|(name, _)| name.eq_ignore_ascii_case("Accept-Language"));
                let language = self.job.language.clone().filter(|_| !says);
                all.extend(language.map(|language| ("Accept-Language".to_owned(), language)));
                for (name, value) in headers {
                    all.push((name.clone(), self.place(value, visible, &callee)?));
                }
                all
            },
            body: (!get).then(|| encoded(*body, &self.job.flow.frames, &self.sent)),
            timeout: self.effect.timeout.unsigned_abs(),
        }))
    }

    fn run(&self) -> Result<Ready, String> {
        let Means::Run {
            program,
            arguments,
            method,
            path,
            environment,
            body,
        } = &self.effect.means
        else {
            return Err("it is not done by a program".to_owned());
        };
        let errand = &self.job.errand;
        let own = [
            ("HTTP_IDEMPOTENCY_KEY", errand.key.to_string()),
            ("HTTP_ACCEPT", "application/json".to_owned()),
            ("DEITY_REFERENCE", self.job.at.reference()),
            ("DEITY_FLOW", self.job.flow.name.clone()),
            ("DEITY_EFFECT", errand.effect.clone()),
            ("DEITY_TRY", errand.attempt.to_string()),
        ];
        let mut own: Vec<_> = own.map(|(name, value)| (name.to_owned(), value)).into();
        let language = self.job.language.clone();
        own.extend(language.map(|language| ("HTTP_ACCEPT_LANGUAGE".to_owned(), language)));
        let get = method == "GET";
        let body = (!get).then(|| encoded(*body, &self.job.flow.frames, &self.sent));
        let environment = cgi::environment(&Meta {
            method: method.clone(),
            path_info: path.clone(),
            // Ours alone or empty: some programs make arguments of a query without `=`.
            query: if get {
                form(&self.job.flow.frames, &own_urls(self.outside, self.job))
            } else {
                String::new()
            },
            content_type: body.as_ref().map(|(kind, _)| kind.clone()),
            content_length: body.as_ref().map(|(_, input)| input.len()),
            script_name: format!("/{}", errand.effect),
            server_name: self.outside.host(),
            server_port: self.outside.port(),
            extra: self.all(environment, own)?,
        });
        let arguments = arguments.iter().map(|word| self.fill(word));
        Ok(Ready::Run(Program {
            path: self.outside.program(program),
            arguments: arguments.collect::<Result<_, _>>()?,
            environment: environment.map_err(|trouble| trouble.to_string())?,
            directory: self.outside.directory.clone(),
            input: body.map(|(_, input)| input).unwrap_or_default(),
            timeout: self.effect.timeout.unsigned_abs(),
            keeper: self.outside.keeper.clone(),
            lock: self.outside.directory.join(keeper::LOCK),
        }))
    }

    fn mail(&self) -> Result<Ready, String> {
        let Means::Email { address, .. } = &self.effect.means else {
            return Err("it is not done by e-mail".to_owned());
        };
        let part = |name: &str| match self.sent.iter().find(|(known, _)| known == name) {
            Some((_, Value::Text(text))) => text.clone(),
            _ => String::new(),
        };
        let from = self.outside.mail_from.clone();
        Ok(Ready::Mail(Mail {
            from: from.ok_or("nobody sends e-mail here: the settings smtp and mail-from are not set")?,
            to: match address {
                Some(address) => self.fill(address)?,
                None => part("to"),
            },
            subject: part("subject"),
            text: part("text"),
            id: self.job.errand.key.to_string(),
            language: self.job.language.clone(),
        }))
    }
}

/// What is sent, and, where a hand-off begins, the URLs to come back by.
fn with_urls(outside: &Outside, job: &Job, effect: &Effect) -> Vec<(String, Value)> {
    let mut sent = outward(&job.flow, effect, &job.errand.sent);
    sent.extend(own_urls(outside, job));
    sent
}

/// The URLs to come back by, where a hand-off begins.
fn own_urls(outside: &Outside, job: &Job) -> Vec<(String, Value)> {
    let mut sent = Vec::new();
    if let (Some(returning), Some(callback)) = (&job.returning, &job.callback) {
        let base = outside.base();
        let flow = &job.flow.name;
        sent.push((
            "return_url".to_owned(),
            Value::Text(format!("{base}/{flow}?returnID={returning}")),
        ));
        sent.push((
            "callback_url".to_owned(),
            Value::Text(format!("{base}{CALLBACK_PATH}{callback}")),
        ));
    }
    sent
}

/// As other systems call it. Where an effect says what it sends, the names are its own, and an answer that
/// goes out as it is has the values of other systems.
fn outward(flow: &Flow, effect: &Effect, sent: &[(String, Value)]) -> Vec<(String, Value)> {
    let whole = |effect: &Effect| effect.send.is_none() && !matches!(effect.means, Means::Email { .. });
    // Who takes back sends what was sent, where it says nothing itself.
    let undone = |other: &&Effect| other.undo.as_ref() == Some(&effect.name);
    let by_field = whole(effect) && flow.effects.iter().filter(undone).all(whole);
    let of = |name: &str| {
        let mut said = effect.send.iter().flatten();
        match said.find(|(known, _)| known == name).map(|(_, part)| part) {
            Some(Sent::Value(expr)) => expr.field().map(str::to_owned),
            Some(Sent::Words(_)) => None,
            None => by_field.then(|| name.to_owned()),
        }
    };
    let all = sent.iter().map(|(name, value)| {
        // Items, of whatever list, go out without their secrets.
        let of = of(name).or_else(|| value.as_rows().map(|_| String::new()));
        let value = of.map_or_else(|| value.clone(), |field| flow.outward.value(&field, value));
        let name = if by_field { flow.outward.name(name) } else { name };
        (name.to_owned(), value)
    });
    all.collect()
}

fn encoded(encoding: Encoding, frames: &Frames, sent: &[(String, Value)]) -> (String, Vec<u8>) {
    match encoding {
        Encoding::Json => {
            let mut map = Map::new();
            for (name, value) in sent {
                frames.put(&mut map, name, frames.json(value));
            }
            (
                "application/json".to_owned(),
                Json::Object(map).to_string().into_bytes(),
            )
        }
        Encoding::Form => (
            "application/x-www-form-urlencoded".to_owned(),
            form(frames, sent).into_bytes(),
        ),
    }
}

/// As a browser would post it; several values under one name where there are several.
fn form(frames: &Frames, sent: &[(String, Value)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in sent {
        match value {
            Value::List(values) => {
                for value in values {
                    out.append_pair(name, value);
                }
            }
            Value::Options(_) => {}
            Value::Rows(_) => {
                out.append_pair(name, &frames.json(value).to_string());
            }
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
