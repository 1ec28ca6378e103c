//! How an effect is asked for: over HTTP, by a program, by e-mail.
//!
//! Owns the faults of URLs, headers, programs and their environment. Must not know actions.

use std::collections::BTreeSet;

use super::super::diagnostic::Diagnostic;
use super::super::source::{At, Effect as Written, File, Span, place};
use super::super::{Address, Encoding, Filled, Means, Text};
use super::addresses::{Addresses, As};
use super::settings::unknown_word;
use super::{Checker, Place, calls};

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Header fields that are the engine's own.
const OWN_HEADERS: &[&str] = &[
    "host",
    "content-length",
    "content-type",
    "connection",
    "transfer-encoding",
    "idempotency-key",
    "cookie",
    "user-agent",
    "accept",
    "te",
    "upgrade",
    "expect",
];

/// Variables that CGI/1.1 itself sets.
const OWN_VARIABLES: &[&str] = &[
    "AUTH_TYPE",
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "GATEWAY_INTERFACE",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "REMOTE_IDENT",
    "REMOTE_USER",
    "REQUEST_METHOD",
    "SCRIPT_NAME",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "SERVER_SOFTWARE",
    "PATH",
];

/// Builds the way in which an effect is asked for.
pub(super) fn build(checker: &Checker<'_>, file: &File, written: &Written, places: &[Place<'_>]) -> Means {
    let ways = [written.http.is_some(), !written.run.is_empty(), written.email.is_some()];
    if ways.into_iter().filter(|way| *way).count() != 1 {
        checker.sink.push(
            Diagnostic::error(
                "effect",
                &written.name.span,
                format!("effect `{}` needs one way in which it is done", written.name.value),
            )
            .label(match ways.into_iter().filter(|way| *way).count() {
                0 => "none of http, run, email",
                _ => "more than one of http, run, email",
            })
            .help("add http = \"POST https://example.org/orders\", run = \"program.sh\", or email = { ... }"),
        );
    }
    strangers(checker, written, ways);
    match (&written.http, &written.email) {
        (Some(line), _) => {
            let addresses = Addresses {
                checker,
                file,
                effect: written,
                places,
            };
            http(addresses, line)
        }
        (None, Some(email)) => {
            let text = |key: &str, text: Option<&At<String>>| {
                if let Some(text) = text {
                    checker.text_read_at(places, text, true)
                } else {
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
            let address = email.to.as_ref().and_then(|to| variables(checker, to));
            for words in [&email.subject, &email.text].into_iter().flatten() {
                unfilled(checker, words, "people would read it as it stands here");
            }
            Means::Email {
                to: match (&address, &email.to) {
                    (Some(_), Some(to)) => Text::fixed(to.value.as_str()),
                    _ => text("to", email.to.as_ref()),
                },
                address,
                subject: text("subject", email.subject.as_ref()),
                text: text("text", email.text.as_ref()),
            }
        }
        (None, None) => run(checker, file, written),
    }
}

/// The address of a message where it has variables.
fn variables(checker: &Checker<'_>, to: &At<String>) -> Option<Filled> {
    if !to.value.contains("${") {
        return None;
    }
    if to.value.contains("{{") || to.value.contains("{%") {
        unfilled(checker, to, "not beside {{ }}");
        return None;
    }
    filled_from(checker, to, 0..to.value.len())
}

/// A variable where none is filled in.
fn unfilled(checker: &Checker<'_>, words: &At<String>, label: &str) {
    let Some(open) = words.value.find("${") else { return };
    let rest = words.value.get(open..).unwrap_or_default();
    let end = rest.find('}').map_or(words.value.len(), |close| open + close + 1);
    checker.judge.push(
        Diagnostic::error(
            "variable",
            &part(checker, words, open..end),
            "a variable is not filled in here",
        )
        .label(label)
        .help("only the `to` of a message may have ${NAME}, and then no {{ }}: to = \"${NAME}\""),
    );
}

/// Keys that belong to another way.
fn strangers(checker: &Checker<'_>, written: &Written, [http, run, email]: [bool; 3]) {
    let headers = written.headers.first().map(|(name, _)| &name.span);
    let env = written.env.first().map(|(name, _)| &name.span);
    let span = |text: &Option<At<String>>| text.as_ref().map(|text| text.span.clone());
    for (key, at, fits) in [
        ("accept", span(&written.accept), http),
        ("headers", headers.cloned(), http),
        ("env", env.cloned(), run),
        ("path", span(&written.path), run),
        ("method", span(&written.method), run),
        ("body", span(&written.body), !email),
        (
            "send",
            written
                .send
                .as_ref()
                .and_then(|pairs| pairs.first())
                .map(|(name, _)| name.span.clone()),
            !email,
        ),
    ] {
        if let Some(at) = at.filter(|_| !fits && (http || run || email)) {
            checker.judge.push(
                Diagnostic::error("effect", &at, format!("`{key}` has no meaning for this effect"))
                    .label("belongs to another kind of effect")
                    .help("take it out"),
            );
        }
    }
}

fn http(addresses: Addresses<'_>, line: &At<String>) -> Means {
    let Addresses {
        checker,
        effect: written,
        ..
    } = addresses;
    let (method, url) = request_line(addresses, line);
    if let Some(body) = written.body.as_ref().filter(|_| method == "GET") {
        checker.sink.push(
            Diagnostic::error(
                "effect",
                &body.span,
                "a GET has no body: what goes out stands in its query",
            )
            .label("has no meaning here")
            .help("take it out, or ask with POST"),
        );
    }
    let mut seen = BTreeSet::new();
    let headers = written.headers.iter().map(|(name, value)| {
        let text = &name.value;
        once(checker, &mut seen, name, &text.to_ascii_lowercase());
        let token = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !token || OWN_HEADERS.contains(&text.to_ascii_lowercase().as_str()) {
            let message = format!("`{text}` cannot be set here");
            checker.sink.push(
                Diagnostic::error("effect", &name.span, message)
                    .label(if token {
                        "the engine sets it itself"
                    } else {
                        "not the name of a header"
                    })
                    .help("take it out; headers such as Authorization or X-Api-Key can be set"),
            );
        }
        let whole = 0..value.value.len();
        let value = addresses.build(value, whole, As::Header).unwrap_or_default();
        (text.clone(), value)
    });
    Means::Http {
        method,
        url,
        headers: headers.collect(),
        body: encoding(checker, written, Encoding::Json),
    }
}

fn run(checker: &Checker<'_>, file: &File, written: &Written) -> Means {
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
    if let Some(body) = written.body.as_ref().filter(|_| method == "GET") {
        checker.sink.push(
            Diagnostic::error("effect", &body.span, "a GET has no body")
                .label("has no meaning here")
                .help("take it out, or use another method"),
        );
    }
    sends_nothing(checker, file, written, method);
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
                    .help("capital letters, digits and underscores; CGI's own, HTTP_... and DEITY_... are set by the engine"),
            );
        }
        (text.to_owned(), filled(checker, value))
    });
    Means::Run {
        program,
        arguments: arguments.iter().map(|word| filled(checker, word)).collect(),
        method: method.to_owned(),
        path: written
            .path
            .as_ref()
            .map_or_else(String::new, |path| path_info(checker, path)),
        environment: environment.collect(),
        body: encoding(checker, written, Encoding::Form),
    }
}

/// A program's GET has its query in the environment, where nothing that people typed may stand.
/// A probe without `send` sends nothing anyway.
fn sends_nothing(checker: &Checker<'_>, file: &File, written: &Written, method: &str) {
    let sends = match &written.send {
        Some(pairs) => !pairs.is_empty(),
        None => !calls::only_probes(file, written),
    };
    if let Some(given) = written.method.as_ref().filter(|_| method == "GET" && sends) {
        let at = written
            .send
            .iter()
            .flatten()
            .next()
            .map_or(&given.span, |(name, _)| &name.span);
        checker.judge.push(
            Diagnostic::error("effect", at, "the GET of a program sends nothing")
                .label("answers would stand in its environment")
                .help("add send = {}, or use another method, whose answers stand on the program's input"),
        );
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

/// `METHOD URL`: the method, and the URL with the operator's variables in it.
fn request_line(addresses: Addresses<'_>, line: &At<String>) -> (String, Address) {
    let checker = addresses.checker;
    let (method, url) = match line.value.split_once(' ') {
        Some((method, url)) if !method.contains("://") => (method, url.trim()),
        _ => ("", line.value.trim()),
    };
    if !METHODS.contains(&method) {
        let start = if url.is_empty() {
            "https://example.org/orders"
        } else {
            url
        };
        let fault = match method {
            "" => Diagnostic::error("effect", &line.span, "this does not say how to ask").label("needs a method"),
            _ => Diagnostic::error(
                "effect",
                &part(checker, line, 0..method.len()),
                format!("`{method}` is no method"),
            )
            .label("unknown"),
        };
        let help = format!("write \"POST {start}\"; the methods are {}", METHODS.join(", "));
        checker.sink.push(fault.help(help));
    }
    let from = url.as_ptr().addr() - line.value.as_ptr().addr();
    let filled = addresses.build(line, from..from + url.len(), As::Url);
    let begins = ["http://", "https://", "${"].iter().any(|start| url.starts_with(start));
    // What is typed into a URL was told by itself; a saved value may be written with spaces.
    let plain = without_names(url);
    if filled.is_some() && (!begins || plain.contains(|c: char| c.is_whitespace() || c == '#')) {
        checker.sink.push(
            Diagnostic::error(
                "effect",
                &part(checker, line, from..from + url.len()),
                format!("`{url}` is no URL"),
            )
            .label("not a URL")
            .help("write the whole URL, such as \"POST https://example.org/orders\""),
        );
    }
    (method.to_owned(), filled.unwrap_or_default())
}

/// A URL without what stands in braces.
fn without_names(url: &str) -> String {
    let mut out = String::new();
    let mut rest = url;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    out + rest
}

/// `PATH_INFO`, as it is written.
fn path_info(checker: &Checker<'_>, path: &At<String>) -> String {
    let text = path.value.as_str();
    let help = match text {
        _ if text.contains("{{") || text.contains("{%") => {
            "nothing that people type may stand here: put it into `send`"
        }
        _ if !text.starts_with('/') => "begin with a slash: path = \"/orders\"",
        _ if text.contains(['?', '#', ' ', '$']) || text.contains(char::is_control) => {
            "a path alone: what is asked for stands in `send`, variables in `env`"
        }
        _ => return text.to_owned(),
    };
    let fault = Diagnostic::error("effect", &path.span, format!("`{text}` is no path"));
    checker.sink.push(fault.label("not a path").help(help));
    text.to_owned()
}

/// A header twice is one too many, in whatever letters.
fn once(checker: &Checker<'_>, seen: &mut BTreeSet<String>, name: &At<String>, plain: &str) {
    if !seen.insert(plain.to_owned()) {
        checker.sink.push(
            Diagnostic::error("effect", &name.span, format!("`{}` is given twice", name.value))
                .label("the second time")
                .help("keep one of them"),
        );
    }
}

/// The place in the file of a part of a text.
fn part(checker: &Checker<'_>, written: &At<String>, inner: Span) -> Span {
    place(checker.source, &written.span, &inner)
}

/// A text of the operator's: nothing that people type is ever in it.
pub(super) fn filled(checker: &Checker<'_>, written: &At<String>) -> Filled {
    filled_from(checker, written, 0..written.value.len()).unwrap_or_default()
}

/// The same for a part of a text; `None` where it has a fault.
pub(super) fn filled_from(checker: &Checker<'_>, written: &At<String>, range: Span) -> Option<Filled> {
    let text = written.value.get(range.clone()).unwrap_or_default();
    let at = |inner: Span| part(checker, written, range.start + inner.start..range.start + inner.end);
    if let Some(open) = ["{{", "{%"].iter().filter_map(|open| text.find(open)).min() {
        let rest = text.get(open..).unwrap_or_default();
        let close = ["}}", "%}"].iter().filter_map(|close| rest.find(close)).min();
        let end = close.map_or(text.len(), |close| open + close + 2);
        checker.sink.push(
            Diagnostic::error(
                "typed-in-address",
                &at(open..end),
                "nothing that people type may stand here",
            )
            .label("what a client sends must not decide whom we ask, or how")
            .help("put it into `send`; ${NAME} is a variable of the server's environment"),
        );
        return None;
    }
    if let Some(control) = text.find(char::is_control) {
        checker.sink.push(
            Diagnostic::error(
                "effect",
                &at(control..control + 1),
                "a control character cannot stand here",
            )
            .label("such as a line feed")
            .help("write it in one line"),
        );
        return None;
    }
    match Filled::parse(text) {
        Ok(filled) => Some(filled),
        Err((inner, wrong)) => {
            checker.sink.push(
                Diagnostic::error("variable", &at(inner), wrong)
                    .label("not a variable")
                    .help(
                        "write ${NAME}, or ${NAME:-what stands there if it is not set}: capital letters, digits and \
                     underscores, not DEITY_...",
                    ),
            );
            None
        }
    }
}
