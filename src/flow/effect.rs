//! Effects: the work outside the engine that a flow may ask for.
//!
//! Owns what a checked effect says: how it is asked for, what goes out, what comes back, how long
//! is waited, how it is found out about and taken back. Must not know how anything is sent
//! (`effect`) or what becomes of an answer (`machine`).

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::SignedDuration;

use super::{Address, Currency, Expr, Text, Type};

/// Characters of the value of something to choose that a callee offers.
const CHOICE_CHARS: usize = 64;

/// Work outside the engine, checked.
#[derive(Debug)]
pub struct Effect {
    /// Its name in the file: lower case letters, digits, hyphens.
    pub name: String,
    /// What people read while it is done, such as "Your transfer".
    pub label: Text,
    /// How it is asked for.
    pub means: Means,
    /// The person goes to a page elsewhere that the reply names.
    pub hand_off: Option<HandOff>,
    /// What goes out, in order; `None`: every answer on the path.
    pub send: Option<Vec<(String, Sent)>>,
    /// What of the reply becomes an answer.
    pub save: Vec<Saved>,
    /// For one try; at most a minute.
    pub timeout: SignedDuration,
    /// Tries that may have been done are repeated for so long, under the same key; zero: never.
    pub retry: SignedDuration,
    /// The effect that takes it back.
    pub undo: Option<String>,
    /// The effect that asks whether it was done.
    pub probe: Option<String>,
    /// A page of HTML is an answer too.
    pub accepts_html: bool,
    /// A pure look-up: doing it changes nothing.
    pub safe: bool,
    /// The person waits for it; a notice is sent in passing.
    pub wait: bool,
    /// The list for each of whose items it is done, one after the other; what it says and sends is read
    /// among the item's answers.
    pub each: Option<String>,
}

impl Effect {
    /// Once it is done nothing before it can be changed.
    pub fn seals(&self) -> bool {
        self.wait && !self.safe && self.undo.is_none()
    }

    /// Whether a page of HTML is an answer, and not what a captive portal or a proxy says in the
    /// callee's place. A program answers for itself.
    pub fn takes_html(&self) -> bool {
        self.accepts_html || !matches!(self.means, Means::Http { .. })
    }

    /// Whether its reply says a value of this name.
    pub fn saves(&self, name: &str) -> bool {
        self.save.iter().any(|saved| saved.name == name)
    }

    /// The names of the saved values in its address and its headers.
    pub fn placed(&self) -> BTreeSet<&str> {
        match &self.means {
            Means::Http { url, headers, .. } => {
                let headers = headers.iter().flat_map(|(_, value)| value.names());
                url.names().chain(headers).collect()
            }
            Means::Run { .. } | Means::Email { .. } => BTreeSet::new(),
        }
    }

    /// Whether 202 (accepted) counts as done: it changes something, and nobody can be asked later.
    pub fn is_done_when_accepted(&self) -> bool {
        let asks = !matches!(self.means, Means::Email { .. });
        asks && self.wait && !self.safe && self.probe.is_none() && self.hand_off.is_none()
    }
}

/// How an effect is asked for.
#[derive(Debug)]
pub enum Means {
    /// An HTTP request.
    Http {
        /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
        method: String,
        /// The whole URL; nothing of a client's is ever in it but the query of a `GET`.
        url: Address,
        /// Further header fields.
        headers: Vec<(String, Address)>,
        /// The form of the body.
        body: Encoding,
    },
    /// A CGI/1.1 program.
    Run {
        /// The program's name in the operator's directory of programs; `deity` is this one.
        program: String,
        /// Its arguments.
        arguments: Vec<Filled>,
        /// `REQUEST_METHOD`.
        method: String,
        /// `PATH_INFO`.
        path: String,
        /// Further variables of its environment.
        environment: Vec<(String, Filled)>,
        /// The form of its standard input.
        body: Encoding,
    },
    /// A message in plain text.
    Email {
        /// The address.
        to: Text,
        /// The same where it has variables, and so nothing else: they are filled in as it is sent.
        address: Option<Filled>,
        /// The subject.
        subject: Text,
        /// The message.
        text: Text,
    },
}

/// The form of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

/// The person goes to a page elsewhere and comes back.
#[derive(Debug)]
pub struct HandOff {
    /// Where the reply names the page: a JSON pointer.
    pub page: String,
    /// The hosts that the page may be on, each with its port where it is not the scheme's own.
    pub hosts: Vec<Filled>,
    /// How long is waited for an outcome before it is taken back.
    pub limit: SignedDuration,
    /// What the callback is signed with; none: there is no callback.
    pub secret: Option<Filled>,
}

/// A value that goes out.
#[derive(Debug)]
pub enum Sent {
    /// One expression alone: its value, with its type.
    Value(Expr),
    /// Words with expressions between them.
    Words(Text),
}

/// A part of a reply that becomes an answer.
#[derive(Debug)]
pub struct Saved {
    /// The name under which expressions read it.
    pub name: String,
    /// Where it stands in the reply: a JSON pointer (RFC 6901).
    pub at: String,
    /// What it is.
    pub kind: SavedKind,
    /// A reply without it is no reply.
    pub required: bool,
}

/// The types of saved values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedKind {
    /// A text, or a number as it is written.
    Text,
    /// A number, or a text that is one.
    Number,
    /// `{"amount": "12.50", "currency": "GBP"}`, or the amount alone.
    Money(Currency),
    /// A day, as `2026-12-31`.
    Date,
    /// A time of day, as `14:30`.
    Time,
    /// `true` or `false`.
    YesNo,
    /// A list of things to choose from.
    Options {
        /// Of each: where its value stands.
        value: String,
        /// Of each: where its label stands.
        label: String,
    },
}

impl SavedKind {
    /// The type of its values.
    pub fn value_type(&self) -> Type {
        match self {
            Self::Text => Type::Text,
            Self::Number => Type::Number,
            Self::Money(currency) => Type::Money(*currency),
            Self::Date => Type::Date,
            Self::Time => Type::Time,
            Self::YesNo => Type::Bool,
            Self::Options { .. } => Type::Options,
        }
    }

    /// Whether a thing to choose may have this value: values stand in the page's markup, so they are
    /// identifiers and nothing else.
    pub fn has_choice(value: &str) -> bool {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !value.is_empty() && value.len() <= CHOICE_CHARS && value.chars().all(good)
    }
}

/// What becomes of an answer that an action calls for.
#[derive(Debug)]
pub struct Call {
    /// The effect.
    pub effect: String,
    /// Where a decline leads; `None`: back to the screen itself.
    pub declined: Option<Lead>,
    /// Where it leads if it surely was not done.
    pub failed: Lead,
}

/// Where an effect that was not done leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The number of the screen.
    pub to: u16,
    /// What was done before is taken back.
    pub undo: bool,
}

/// A text of the operator's: words, and variables of the server's environment between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Words(String),
    Variable { name: String, default: Option<String> },
}

impl Filled {
    /// Reads `${NAME}` and `${NAME:-default}` between words; else where something is wrong, and what.
    pub(super) fn parse(source: &str) -> Result<Self, (Range<usize>, &'static str)> {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some((words, variable)) = rest.split_once("${") {
            let start = source.len() - variable.len() - 2;
            let Some((inner, after)) = variable.split_once('}') else {
                return Err((start..source.len(), "this variable has no end"));
            };
            let place = start..source.len() - after.len();
            let (name, default) = match inner.split_once(":-") {
                Some((name, default)) => (name, Some(default.to_owned())),
                None => (inner, None),
            };
            let good = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
                && name
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            if !good {
                return Err((place, "this is no name of a variable"));
            }
            if name.starts_with("DEITY_") {
                return Err((place, "the server's own settings cannot be read"));
            }
            if !words.is_empty() {
                parts.push(Part::Words(words.to_owned()));
            }
            parts.push(Part::Variable {
                name: name.to_owned(),
                default,
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Words(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// With the variables filled in; else the name of the first that is not set.
    pub fn fill(&self, environment: impl Fn(&str) -> Option<String>) -> Result<String, String> {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Words(words) => out.push_str(words),
                Part::Variable { name, default } => {
                    out.push_str(
                        &environment(name)
                            .or_else(|| default.clone())
                            .ok_or_else(|| name.clone())?,
                    );
                }
            }
        }
        Ok(out)
    }
}
