//! The store: its record format, and every engine of it held to one suite.

pub mod samples;

mod conformance;
mod damage;
mod embedded;
mod gap;
mod record;
mod subject;
mod tail;
