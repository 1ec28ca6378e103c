//! How an effect is asked for: over HTTP, by a program, by e-mail.
//!
//! Owns the faults of URLs, headers, programs and their environment. Must not know actions.

use super::super::diagnostic::Diagnostic;
use super::super::source::{At, Effect as Written};
use super::super::{Encoding, Filled, Means, Text};
use super::settings::unknown_word;
use super::{Checker, Place};

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Header fields that are the engine's own.
const OWN_HEADERS: &[&str] = &[
    "host", "content-length", "content-type", "connection", "transfer-encoding", "idempotency-key", "cookie",
    "user-agent", "accept", "te", "upgrade", "expect",
];

/// Variables that CGI/1.1 itself sets.
const OWN_VARIABLES: &[&str] = &[
    "AUTH_TYPE", "CONTENT_LENGTH", "CONTENT_TYPE", "GATEWAY_INTERFACE", "PATH_INFO", "PATH_TRANSLATED",
    "QUERY_STRING", "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_IDENT", "REMOTE_USER", "REQUEST_METHOD", "SCRIPT_NAME",
    "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE", "PATH",
];

/// Builds the way in which an effect is asked for.
pub(super) fn build(checker: &Checker<'_>, written: &Written, places: &[Place<'_>]) -> Means {
    let ways = [written.http.is_some(), !written.run.is_empty(), written.email.is_some()];
    if ways.into_iter().filter(|way| *way).count() != 1 {
        checker.sink.push(
            Diagnostic::error(
                "effect",
                &written.name.span,
                format!("effect `{}` needs one way in which it is done", written.name.value),
            )
            .label("one of http, run, email")
            .help("add http = \"POST https://example.org/orders\", run = \"program.sh\", or email = { ... }"),
        );
    }
    strangers(checker, written, ways);
    match (&written.http, &written.email) {
        (Some(line), _) => http(checker, written, line),
        (None, Some(email)) => {
            let text = |key: &str, text: Option<&At<String>>| match text {
                Some(text) => checker.text_read_at(places, text, true),
                None => {
                    checker.sink.push(
                        Diagnostic::error(
                            "missing-key",
                            &written.name.span,
                            format!("the message of `{}` needs `{key}`", written.name.value),
                        )
                        .help(format!("add {key} = \"...\"")),
                    );
                    Text::fixed("")
                }
            };
            Means::Email {
                to: text("to", email.to.as_ref()),
                subject: text("subject", email.subject.as_ref()),
                text: text("text", email.text.as_ref()),
            }
        }
        (None, None) => run(checker, written),
    }
}

/// Keys that belong to another way.
fn strangers(checker: &Checker<'_>, written: &Written, [http, run, email]: [bool; 3]) {
    let headers = written.headers.first().map(|(name, _)| &name.span);
    let env = written.env.first().map(|(name, _)| &name.span);
    let span = |text: &Option<At<String>>| text.as_ref().map(|text| text.span.clone());
    for (key, at, fits) in [
        ("headers", headers.cloned(), http),
        ("env", env.cloned(), run),
        ("path", span(&written.path), run),
        ("method", span(&written.method), run),
        ("body", span(&written.body), !email),
    ] {
        if let Some(at) = at.filter(|_| !fits && (http || run || email)) {
            checker.sink.push(
                Diagnostic::error("effect", &at, format!("`{key}` has no meaning for this effect"))
                    .label("belongs to another kind of effect")
                    .help("take it out"),
            );
        }
    }
}

fn http(checker: &Checker<'_>, written: &Written, line: &At<String>) -> Means {
    let (method, url) = line.value.split_once(' ').unwrap_or(("", &line.value));
    let url = url.trim();
    if !METHODS.contains(&method) {
        checker.sink.push(
            Diagnostic::error("effect", &line.span, "this does not begin with a method")
                .label("method and URL")
                .help(format!("write \"POST {url}\"; the methods are {}", METHODS.join(", "))),
        );
    }
    if !["http://", "https://", "${"].iter().any(|start| url.starts_with(start)) || url.contains(char::is_whitespace) {
        checker.sink.push(
            Diagnostic::error("effect", &line.span, format!("`{url}` is no URL"))
                .label("method and URL")
                .help("write the whole URL, such as \"POST https://example.org/orders\""),
        );
    }
    let url = filled(checker, &At {
        value: url.to_owned(),
        span: line.span.clone(),
    });
    let headers = written.headers.iter().map(|(name, value)| {
        let text = &name.value;
        let token = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !token || OWN_HEADERS.contains(&text.to_ascii_lowercase().as_str()) {
            let message = format!("`{text}` cannot be set here");
            checker.sink.push(
                Diagnostic::error("effect", &name.span, message)
                    .label("not a header of the author's")
                    .help("headers such as Authorization or X-Api-Key can be set"),
            );
        }
        (text.clone(), filled(checker, value))
    });
    Means::Http {
        method: method.to_owned(),
        url,
        headers: headers.collect(),
        body: encoding(checker, written, Encoding::Json),
    }
}

fn run(checker: &Checker<'_>, written: &Written) -> Means {
    let (program, arguments) = match written.run.split_first() {
        Some((program, arguments)) => (program.value.clone(), arguments),
        None => (String::new(), &[][..]),
    };
    let plain = program.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) && !program.starts_with('.');
    if let Some(first) = written.run.first().filter(|_| !plain) {
        checker.sink.push(
            Diagnostic::error("effect", &first.span, format!("`{program}` cannot be run"))
                .label("a name, not a path")
                .help("programs stand in the operator's directory of programs (the setting `programs`)"),
        );
    }
    let method = written.method.as_ref().map_or("POST", |method| &method.value);
    if let Some(given) = written.method.as_ref().filter(|_| !METHODS.contains(&method)) {
        checker.sink.push(unknown_word("method", given, METHODS));
    }
    let path = written.path.as_ref().map_or("", |path| &path.value);
    if let Some(given) = written.path.as_ref().filter(|_| !path.starts_with('/') || path.contains("{{")) {
        checker.sink.push(
            Diagnostic::error("effect", &given.span, format!("`{path}` is no path"))
                .label("begins with a slash, nothing typed is in it"),
        );
    }
    let environment = written.env.iter().map(|(name, value)| {
        let text = name.value.as_str();
        let good = text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            && !OWN_VARIABLES.contains(&text)
            && !text.starts_with("HTTP_")
            && !text.starts_with("DEITY_");
        if !good {
            checker.sink.push(
                Diagnostic::error("effect", &name.span, format!("`{text}` cannot be set here"))
                    .label("not a variable of the author's")
                    .help("capital letters, digits and underscores; not one of CGI's own"),
            );
        }
        (text.to_owned(), filled(checker, value))
    });
    Means::Run {
        program,
        arguments: arguments.iter().map(|word| filled(checker, word)).collect(),
        method: method.to_owned(),
        path: path.to_owned(),
        environment: environment.collect(),
        body: encoding(checker, written, Encoding::Form),
    }
}

fn encoding(checker: &Checker<'_>, written: &Written, default: Encoding) -> Encoding {
    match written.body.as_ref().map(|body| body.value.as_str()) {
        None => default,
        Some("json") => Encoding::Json,
        Some("form") => Encoding::Form,
        Some(_) => {
            if let Some(body) = &written.body {
                checker.sink.push(unknown_word("body", body, &["json", "form"]));
            }
            default
        }
    }
}

/// A text of the operator's: nothing that people type is ever in it.
pub(super) fn filled(checker: &Checker<'_>, written: &At<String>) -> Filled {
    if written.value.contains("{{") || written.value.contains("{%") {
        checker.sink.push(
            Diagnostic::error("typed-in-address", &written.span, "nothing that people type may stand here")
                .label("the author's and the operator's words alone")
                .help("put it into `send`; ${NAME} is a variable of the server's environment"),
        );
        return Filled::default();
    }
    Filled::parse(&written.value).unwrap_or_else(|wrong| {
        checker
            .sink
            .push(Diagnostic::error("variable", &written.span, wrong).label("not a variable"));
        Filled::default()
    })
}
