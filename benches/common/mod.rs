//! What the benchmarks share: the driver, the ceilings, the processes, the flows.
//!
//! Owns the roles that a benchmark's program plays when it is started again. Must not know what
//! is measured.
#![allow(dead_code, reason = "each benchmark uses its part")]

pub mod callee;
pub mod ceilings;
pub mod driver;
pub mod flows;
pub mod inside;
pub mod page;
pub mod process;
pub mod spread;

use std::convert::Infallible;
use std::io::{Error, Result};
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

use driver::{Outcome, Task};

/// A role of one of the processes, with its task as JSON.
#[derive(Debug, clap::Args)]
pub struct Roles {
    #[arg(long, hide = true)]
    driver: Option<String>,
    #[arg(long, hide = true)]
    ceiling: Option<String>,
    #[arg(long, hide = true)]
    callee: bool,
}

impl Roles {
    /// Plays the role, if there is one.
    pub fn play(&self) -> Result<bool> {
        if let Some(task) = &self.driver {
            println!("{}", serde_json::to_string(&driver::run(&from(task)?)?)?);
        } else if let Some(ceiling) = &self.ceiling {
            ceilings::run(&from(ceiling)?)?;
        } else if self.callee {
            callee::run()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

fn from<T: DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(Error::other)
}

/// Runs a driver to its end.
pub fn drive(task: &Task) -> Result<Outcome> {
    driven(begin(task)?)
}

/// Starts a driver.
pub fn begin(task: &Task) -> Result<Child> {
    Command::new(std::env::current_exe()?)
        .arg("--driver")
        .arg(serde_json::to_string(task)?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
}

/// What became of a driver's task, once it has come to its end.
pub fn driven(driver: Child) -> Result<Outcome> {
    let output = driver.wait_with_output()?;
    if !output.status.success() {
        return Err(Error::other("the driver failed: see above"));
    }
    from(&String::from_utf8_lossy(&output.stdout))
}

/// One connection of a server that is measured beside Deity.
async fn connection<Answer>(stream: TcpStream, answer: impl Fn(Request<Incoming>) -> Answer)
where
    Answer: Future<Output = std::result::Result<Response<Full<Bytes>>, Infallible>>,
{
    // A client that goes away is no news.
    stream.set_nodelay(true).ok();
    http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await
        .ok();
}
