//! The language of CGI programs, RFC 3875: what they are told, and how they answer.
//!
//! Owns the meta-variables and the reading of a response. Must not know processes.

use std::time::SystemTime;

use super::response::{BODY_BYTES, Response, Trouble, retry_after};

/// Bytes and lines of a response's header.
pub const HEADER_BYTES: usize = 16 << 10;
const HEADER_LINES: usize = 64;
/// Where a program finds others.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What a CGI program is told of its request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// `REQUEST_METHOD`.
    pub method: String,
    /// `SCRIPT_NAME`: the path that leads to the program; may be empty.
    pub script_name: String,
    /// `PATH_INFO`: the path behind that; may be empty.
    pub path_info: String,
    /// `QUERY_STRING`, still encoded; may be empty.
    pub query: String,
    /// `CONTENT_TYPE` of the input, where there is one.
    pub content_type: Option<String>,
    /// `CONTENT_LENGTH` of the input, where there is one.
    pub content_length: Option<usize>,
    /// `SERVER_NAME`.
    pub server_name: String,
    /// `SERVER_PORT`.
    pub server_port: u16,
    /// Others, such as `HTTP_IDEMPOTENCY_KEY`; they replace those above.
    pub extra: Vec<(String, String)>,
}

/// The variables of RFC 3875 for a program's environment, and `PATH`.
///
/// # Errors
/// If a name or a value cannot be put there.
pub fn environment(meta: &Meta) -> Result<Vec<(String, String)>, Trouble> {
    let port = meta.server_port.to_string();
    let length = meta.content_length.map(|bytes| bytes.to_string());
    let mut variables: Vec<(String, String)> = [
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("PATH", PATH),
        ("PATH_INFO", &meta.path_info),
        ("QUERY_STRING", &meta.query),
        ("REMOTE_ADDR", "127.0.0.1"),
        ("REMOTE_HOST", "127.0.0.1"),
        ("REQUEST_METHOD", &meta.method),
        ("SCRIPT_NAME", &meta.script_name),
        ("SERVER_NAME", &meta.server_name),
        ("SERVER_PORT", &port),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("SERVER_SOFTWARE", concat!("Deity/", env!("CARGO_PKG_VERSION"))),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    // Without a body these two must not be set (4.1.2, 4.1.3).
    for (name, value) in [
        ("CONTENT_LENGTH", length.as_ref()),
        ("CONTENT_TYPE", meta.content_type.as_ref()),
    ] {
        variables.extend(value.map(|value| (name.to_owned(), value.clone())));
    }
    for (name, value) in &meta.extra {
        variables.retain(|(other, _)| other != name);
        variables.push((name.clone(), value.clone()));
    }
    check(&variables)?;
    Ok(variables)
}

/// That each of these can be put into an environment.
pub(super) fn check(variables: &[(String, String)]) -> Result<(), Trouble> {
    for (name, value) in variables {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(Trouble::Forbidden(
                "a variable has a name that cannot be set".to_owned(),
            ));
        }
        if value.contains('\0') {
            return Err(Trouble::Forbidden(format!("the variable {name} has a NUL in it")));
        }
    }
    Ok(())
}

/// A program's answer, and whether it stands though the program failed.
#[derive(Debug)]
pub(super) struct Printed {
    pub(super) answer: Response,
    /// It has its own `Status:` line, and as much body as it announced.
    pub(super) stands: bool,
    /// It names another place, which nobody goes to.
    pub(super) leads_away: bool,
}

/// Reads what a program printed; `None` if that is no CGI response.
pub(super) fn response(printed: &[u8], now: SystemTime) -> Option<Printed> {
    let mut status = None;
    let mut length = None;
    let mut retry = None;
    let mut redirect = false;
    let mut cgi = false;
    let mut rest = printed;
    for _ in 0..=HEADER_LINES {
        let end = rest.iter().take(HEADER_BYTES).position(|byte| *byte == b'\n')?;
        let (line, after) = (rest.get(..end)?, rest.get(end + 1..)?);
        if printed.len() - after.len() > HEADER_BYTES {
            return None;
        }
        rest = after;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return cgi.then(|| {
                let body = rest.get(..BODY_BYTES).unwrap_or(rest);
                Printed {
                    leads_away: redirect,
                    stands: status.is_some() && length.is_none_or(|length| rest.len() >= length),
                    answer: Response {
                        status: status.unwrap_or(if redirect { 302 } else { 200 }),
                        retry_after: retry,
                        content_type: None,
                        encoded: false,
                        body: body.to_vec(),
                        cut: rest.len() > BODY_BYTES,
                    },
                }
            });
        }
        let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
        let value = value.trim();
        if name.is_empty() || !name.bytes().all(is_token) {
            return None;
        }
        match name.to_ascii_lowercase().as_str() {
            "status" => status = Some(code(value)?),
            "location" => redirect = true,
            "content-length" => length = Some(value.parse::<usize>().ok()?),
            "retry-after" => retry = retry_after(value, now),
            _ => {}
        }
        // One of these three makes it a CGI response (6.2, 6.3).
        cgi |= ["status", "location", "content-type"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
    }
    None
}

/// `404 Not Found`, or the code alone.
fn code(value: &str) -> Option<u16> {
    let digits = value.split(' ').next()?;
    let code = digits.parse().ok()?;
    (digits.len() == 3 && (200..600).contains(&code)).then_some(code)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    //! Responses of every kind, and the variables.

    use std::time::Duration;

    use super::*;

    fn read(printed: &str) -> Option<Printed> {
        response(printed.as_bytes(), SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn a_response_is_a_header_an_empty_line_and_a_body() {
        let plain = read("Content-Type: text/plain\n\nhello\n").unwrap();
        assert_eq!((plain.answer.status, plain.stands), (200, false));
        assert_eq!(plain.answer.body, b"hello\n");

        let own = read("status:503 Busy\r\nX-Other: 1\r\nRETRY-AFTER: 7\r\n\r\n\r\n").unwrap();
        assert_eq!((own.answer.status, own.stands), (503, true));
        assert_eq!(own.answer.retry_after, Some(Duration::from_secs(7)));
        assert_eq!(own.answer.body, b"\r\n");

        assert!(!own.leads_away);
        for status in ["", "Status: 303 See\n", "Status: 200\n", "Status: 422\n"] {
            assert!(
                read(&format!("Location: /next\n{status}\n")).unwrap().leads_away,
                "{status}"
            );
        }
    }

    #[test]
    fn a_response_with_less_than_it_announced_does_not_stand() {
        assert!(!read("Status: 200\nContent-Length: 4\n\nabc").unwrap().stands);
        assert!(read("Status: 200\nContent-Length: 4\n\nabcd").unwrap().stands);
    }

    #[test]
    fn what_is_no_response_is_none() {
        for printed in [
            "",
            "\n",
            "hello\n\n",
            "hello",
            "Content-Type: text/plain\n",
            "Content-Type: text/plain",
            "X-Other: 1\n\nbody",
            "Status: OK\n\n",
            "Status: 20\n\n",
            "Status: 999\n\n",
            "Status: 0200\n\n",
            "Content type: x\nStatus: 200\n\n",
            ": x\n\n",
            "Status: 200\nContent-Length: many\n\n",
        ] {
            assert!(read(printed).is_none(), "{printed:?}");
        }
    }

    #[test]
    fn the_header_is_bounded() {
        let lines = |n| format!("Status: 200\n{}\n", "A: b\n".repeat(n));
        assert!(read(&lines(HEADER_LINES - 1)).is_some());
        assert!(read(&lines(HEADER_LINES)).is_none());
        let long = |n| format!("Status: 200\nA: {}\n\n", "x".repeat(n));
        assert!(read(&long(HEADER_BYTES - 17)).is_some());
        assert!(read(&long(HEADER_BYTES - 16)).is_none());
    }

    #[test]
    fn the_variables_are_those_that_the_rfc_wants() {
        let mut meta = Meta {
            method: "GET".to_owned(),
            server_name: "deity".to_owned(),
            server_port: 80,
            ..Meta::default()
        };
        let names = |meta: &Meta| -> Vec<String> {
            let mut names: Vec<_> = environment(meta).unwrap().into_iter().map(|(name, _)| name).collect();
            names.sort();
            names
        };
        let always = "GATEWAY_INTERFACE PATH PATH_INFO QUERY_STRING REMOTE_ADDR REMOTE_HOST REQUEST_METHOD \
                      SCRIPT_NAME SERVER_NAME SERVER_PORT SERVER_PROTOCOL SERVER_SOFTWARE";
        assert_eq!(names(&meta).join(" "), always);
        meta.content_type = Some("application/json".to_owned());
        meta.content_length = Some(2);
        assert_eq!(names(&meta).join(" "), format!("CONTENT_LENGTH CONTENT_TYPE {always}"));
        meta.extra = vec![("PATH".to_owned(), "/opt".to_owned())];
        let paths: Vec<_> = environment(&meta)
            .unwrap()
            .into_iter()
            .filter(|(name, _)| name == "PATH")
            .collect();
        assert_eq!(paths, meta.extra);
    }

    #[test]
    fn a_variable_that_cannot_be_set_is_refused() {
        for (name, value) in [("A", "b\0c"), ("", "b"), ("A=B", "c"), ("A\0", "b")] {
            let meta = Meta {
                extra: vec![(name.to_owned(), value.to_owned())],
                ..Meta::default()
            };
            assert!(
                matches!(environment(&meta), Err(Trouble::Forbidden(_))),
                "{name:?} {value:?}"
            );
        }
    }
}
