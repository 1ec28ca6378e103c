//! Effects: work that is done outside the engine, at a callee's.
//!
//! Owns the three transports: calls over HTTP ([`wire`]; the request itself in [`call`], the word
//! of the operator on private addresses in [`allowed`]), CGI programs ([`program`], their language in [`cgi`]) and e-mail
//! ([`mail`]). Each is given values and tells what the callee said or why there is no answer
//! ([`answer`]). They must not know what the work is for, nor whether it will be tried again.

pub mod allowed;
pub mod answer;
pub mod call;
pub mod cgi;
pub mod mail;
pub mod program;
pub mod wire;
