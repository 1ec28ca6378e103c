//! Where a server listens: how it is written, and what goes with what.
//!
//! Owns the reading of `listen`, `socket-mode`, `tls-certificate` and `tls-key`. Must not know
//! sockets, nor what is in the files.

use std::path::PathBuf;

use super::Fault;
use crate::http::{Endpoint, Files};

/// One endpoint after the other.
pub(super) fn endpoints(text: &str) -> Result<Vec<Endpoint>, String> {
    text.split(',').map(|endpoint| endpoint.trim().parse()).collect()
}

/// Rights as `chmod` has them in numbers.
pub(super) fn mode(text: &str) -> Result<u32, String> {
    u32::from_str_radix(text, 8)
        .ok()
        .filter(|mode| *mode <= 0o777)
        .ok_or_else(|| "enter rights in octal, such as 660 (owner and group) or 666 (everybody)".to_owned())
}

/// Both files or none; both where there is TLS.
pub(super) fn pair(secure: bool, certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Files>, Fault> {
    let lacks = |name: &str, why: &str| {
        Err(Fault {
            place: name.to_owned(),
            line: 0,
            message: format!("`{name}` is not set, though {why}"),
            help: Some("name two PEM files: tls-certificate and tls-key".to_owned()),
        })
    };
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(Files { certificate, key })),
        (Some(_), None) => lacks("tls-key", "`tls-certificate` is"),
        (None, Some(_)) => lacks("tls-certificate", "`tls-key` is"),
        (None, None) if secure => lacks("tls-certificate", "`listen` has a place with `tls:`"),
        (None, None) => Ok(None),
    }
}
