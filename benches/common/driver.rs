//! The driver: people who fill in a flow as fast as they are answered.
//!
//! Owns the HTTP client (one thread, raw sockets) and the measuring of one cell, in a process of
//! its own so that its processor time is told apart. Must not know which server it talks to.

use std::cell::RefCell;
use std::io::{Error, Read as _, Result};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::task::LocalSet;

use super::page::{self, Next};
use super::process;

/// Only a page that waits for an effect says this.
const WAITING: &str = "This page looks again by itself";

/// What one driver process is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// The server.
    pub addr: SocketAddr,
    /// Its process, whose processor time is read.
    pub pid: u32,
    /// The flow, or what else is asked for: `/passport-renewal`.
    pub path: String,
    /// How many people there are.
    pub people: usize,
    /// One connection per person, or one per phase.
    pub keep: bool,
    /// `Accept-Encoding`; empty sends none.
    pub encoding: String,
    /// Before anything is counted, in milliseconds.
    pub warm: u64,
    /// What is counted, in milliseconds; at most, where `work` has an end of its own.
    pub run: u64,
    /// What they do.
    pub work: Work,
}

/// What the people of a driver do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Work {
    /// The flow from start to receipt, over and over.
    Walk,
    /// The same requests, without reading what the answers ask for: bodies to post, none is a GET.
    Replay(Vec<Option<String>>),
    /// The button behind a start page, and the same again where that takes longer, until the
    /// receipt is there. So many sessions, all people together, are brought there before.
    Press(usize),
    /// This program started, with these variables, and its answer read.
    Spawn(PathBuf, Vec<(String, String)>),
    /// So many sessions, each of them left after so many POSTs.
    Leave {
        /// All people together.
        sessions: usize,
        /// The first one starts the session.
        posts: usize,
    },
}

/// What became of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Requests that were answered.
    pub phases: u64,
    /// In which time.
    pub seconds: f64,
    /// The median answer, in microseconds.
    pub p50: u32,
    /// In microseconds.
    pub p99: u32,
    /// The server's processor time, in microseconds.
    pub server_cpu: u64,
    /// The driver's own, in microseconds.
    pub driver_cpu: u64,
    /// The mean body as it was sent, in bytes.
    pub body: f64,
    /// Of one walk: what was posted (none is a GET), and the page that it got.
    pub trace: Vec<(Option<String>, String)>,
}

#[derive(Default)]
struct Tally {
    counting: bool,
    over: bool,
    latencies: Vec<u32>,
    bytes: u64,
    started: usize,
    /// Of those who prepare something first: what, and how many of them have.
    prepared: Vec<String>,
    ready: usize,
    trace: Vec<(Option<String>, String)>,
    failure: Option<String>,
}

impl Tally {
    /// Notes an answer of so many bytes, if answers are counted now.
    fn count(&mut self, began: Instant, bytes: usize) {
        if self.counting {
            self.latencies
                .push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
            self.bytes += bytes as u64;
        }
    }
}

/// Runs a task, and says what became of it.
pub fn run(task: &Task) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, drive(task))
}

async fn drive(task: &Task) -> Result<Outcome> {
    let tally = Rc::new(RefCell::new(Tally::default()));
    let people: Vec<_> = (0..task.people)
        .map(|_| {
            let (task, tally) = (task.clone(), Rc::clone(&tally));
            tokio::task::spawn_local(async move {
                let mut person = Person::new(&task, &tally);
                if let Err(error) = person.live().await {
                    let mut tally = tally.borrow_mut();
                    tally.over = true;
                    tally.failure.get_or_insert(error.to_string());
                }
            })
        })
        .collect();
    if let Work::Press(_) = task.work {
        while tally.borrow().ready < task.people && !tally.borrow().over {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(task.warm)).await;
    let before = (process::cpu(task.pid)?, process::cpu(std::process::id())?);
    let began = Instant::now();
    tally.borrow_mut().counting = true;
    let deadline = began + Duration::from_millis(task.run);
    while Instant::now() < deadline && !tally.borrow().over && people.iter().any(|person| !person.is_finished()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tally.borrow_mut().counting = false;
    let took = began.elapsed();
    let after = (process::cpu(task.pid)?, process::cpu(std::process::id())?);
    tally.borrow_mut().over = true;
    for person in people {
        person.await.map_err(Error::other)?;
    }
    let mut tally = tally.borrow_mut();
    if let Some(failure) = tally.failure.take() {
        return Err(Error::other(failure));
    }
    tally.latencies.sort_unstable();
    let phases = tally.latencies.len();
    Ok(Outcome {
        phases: phases as u64,
        seconds: took.as_secs_f64(),
        p50: tally.latencies.get(phases / 2).copied().unwrap_or(0),
        p99: tally.latencies.get(phases * 99 / 100).copied().unwrap_or(0),
        server_cpu: after.0.saturating_sub(before.0),
        driver_cpu: after.1.saturating_sub(before.1),
        body: tally.bytes as f64 / phases.max(1) as f64,
        trace: std::mem::take(&mut tally.trace),
    })
}

struct Person<'a> {
    task: &'a Task,
    tally: &'a RefCell<Tally>,
    stream: Option<TcpStream>,
    request: String,
    answer: Vec<u8>,
    page: String,
}

impl<'a> Person<'a> {
    fn new(task: &'a Task, tally: &'a RefCell<Tally>) -> Self {
        Self {
            task,
            tally,
            stream: None,
            request: String::new(),
            answer: Vec::new(),
            page: String::new(),
        }
    }

    async fn live(&mut self) -> Result<()> {
        while !self.tally.borrow().over {
            match &self.task.work {
                Work::Walk => self.walk(usize::MAX).await?,
                Work::Replay(bodies) => self.replay(bodies).await?,
                Work::Press(sessions) => {
                    self.prepare(*sessions).await?;
                    return self.press().await;
                }
                Work::Spawn(program, variables) => self.spawn(program, variables).await?,
                Work::Leave { sessions, posts } => {
                    if self.tally.borrow().started >= *sessions {
                        break;
                    }
                    self.tally.borrow_mut().started += 1;
                    self.walk(*posts).await?;
                }
            }
        }
        Ok(())
    }

    /// From the start page to the receipt, or through so many POSTs.
    async fn walk(&mut self, posts: usize) -> Result<()> {
        let mut trace = Vec::new();
        let traced = self.tally.borrow().trace.is_empty();
        let mut body = None;
        for _ in 0..=posts {
            self.phase(body.as_deref()).await?;
            if self.tally.borrow().over {
                return Ok(());
            }
            if traced {
                trace.push((body.take(), self.page.clone()));
            }
            match page::next(&self.page) {
                Next::Post(next) => body = Some(next),
                Next::Receipt => {
                    if traced {
                        self.tally.borrow_mut().trace = trace;
                    }
                    return Ok(());
                }
                Next::Nothing => return Err(Error::other(format!("a page without a form: {}", self.page))),
            }
        }
        Ok(())
    }

    /// The same requests as a walk. The answers are read for their forms too, so that the driver
    /// has as much to do.
    async fn replay(&mut self, bodies: &[Option<String>]) -> Result<()> {
        for body in bodies {
            self.phase(body.as_deref()).await?;
            std::hint::black_box(page::next(&self.page));
            if self.tally.borrow().over {
                break;
            }
        }
        Ok(())
    }

    /// Sessions that stand before their button, as many as all people together need.
    async fn prepare(&mut self, sessions: usize) -> Result<()> {
        while self.tally.borrow().started < sessions {
            self.tally.borrow_mut().started += 1;
            self.phase(None).await?;
            for _ in 0..2 {
                let Next::Post(body) = page::next(&self.page) else {
                    return Err(Error::other(format!("a page without a form: {}", self.page)));
                };
                if self.request.starts_with("GET") {
                    self.phase(Some(&body)).await?;
                } else {
                    self.tally.borrow_mut().prepared.push(body);
                }
            }
        }
        self.tally.borrow_mut().ready += 1;
        while self.tally.borrow().ready < self.task.people && !self.tally.borrow().over {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// The buttons of what is prepared, one after the other.
    async fn press(&mut self) -> Result<()> {
        loop {
            let next = self.tally.borrow_mut().prepared.pop();
            let Some(body) = next.filter(|_| !self.tally.borrow().over) else {
                return Ok(());
            };
            self.phase(Some(&body)).await?;
            while page::next(&self.page) != Next::Receipt {
                if !self.page.contains(WAITING) {
                    return Err(Error::other(format!("neither done nor under way: {}", self.page)));
                }
                if self.tally.borrow().over {
                    return Ok(());
                }
                self.phase(Some(&body)).await?;
            }
        }
    }

    /// A program as whoever has no engine would run it: started, read, reaped.
    async fn spawn(&mut self, program: &Path, variables: &[(String, String)]) -> Result<()> {
        let began = Instant::now();
        let output = Command::new(program)
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .await?;
        if !output.status.success() {
            return Err(Error::other(format!("{}: {}", program.display(), output.status)));
        }
        self.tally.borrow_mut().count(began, output.stdout.len());
        Ok(())
    }

    /// One request and its answer, which is in `page` then.
    async fn phase(&mut self, body: Option<&str>) -> Result<()> {
        self.write_request(body);
        let began = Instant::now();
        let answer = match self.exchange().await {
            // The server may close a connection that it kept, at any time: then the request is
            // sent again, as browsers do.
            Err(_) if self.task.keep && self.stream.take().is_some() => self.exchange().await,
            other => other,
        };
        let (head, close) = answer?;
        if close || !self.task.keep {
            self.stream = None;
        }
        self.tally.borrow_mut().count(began, self.answer.len() - head);
        self.unpack(head)
    }

    fn write_request(&mut self, body: Option<&str>) {
        use std::fmt::Write as _;
        let (addr, path) = (self.task.addr, &self.task.path);
        let method = if body.is_some() { "POST" } else { "GET" };
        self.request.clear();
        let text = &mut self.request;
        // Writing to a string does not fail.
        write!(
            text,
            "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nUser-Agent: bench\r\n"
        )
        .ok();
        if !self.task.encoding.is_empty() {
            // Browsers that read brotli read gzip as gladly, and say so.
            let also = if self.task.encoding == "br" {
                "gzip, deflate, "
            } else {
                ""
            };
            write!(text, "Accept-Encoding: {also}{}\r\n", self.task.encoding).ok();
        }
        if !self.task.keep {
            text.push_str("Connection: close\r\n");
        }
        if let Some(body) = body {
            let kind = "application/x-www-form-urlencoded";
            write!(
                text,
                "Origin: http://{addr}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n",
                body.len()
            )
            .ok();
        }
        text.push_str("\r\n");
        text.push_str(body.unwrap_or_default());
    }

    /// Sends the request and reads the answer; says where its body begins, and whether the
    /// server closes the connection.
    async fn exchange(&mut self) -> Result<(usize, bool)> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(self.task.addr).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(self.request.as_bytes()).await?;
        self.answer.clear();
        loop {
            if stream.read_buf(&mut self.answer).await? == 0 {
                return Err(Error::other("the connection ended before the answer did"));
            }
            let end = self.answer.windows(4).position(|four| four == b"\r\n\r\n");
            let Some(end) = end else { continue };
            let head = std::str::from_utf8(&self.answer[..end]).map_err(Error::other)?;
            let length: usize = header(head, "content-length")
                .and_then(|length| length.parse().ok())
                .ok_or_else(|| Error::other(format!("no length: {head}")))?;
            if !head.starts_with("HTTP/1.1 200 ") {
                let body = String::from_utf8_lossy(&self.answer[end..]);
                return Err(Error::other(format!("{head}\n{body}\nafter: {}", self.request)));
            }
            let close = header(head, "connection") == Some("close");
            while self.answer.len() < end + 4 + length {
                if stream.read_buf(&mut self.answer).await? == 0 {
                    return Err(Error::other("the connection ended before the body did"));
                }
            }
            return Ok((end + 4, close));
        }
    }

    fn unpack(&mut self, head: usize) -> Result<()> {
        let (head, body) = self.answer.split_at(head);
        let head = std::str::from_utf8(head).map_err(Error::other)?;
        self.page.clear();
        match header(head, "content-encoding") {
            None => self.page.push_str(std::str::from_utf8(body).map_err(Error::other)?),
            Some("gzip") => {
                flate2::read::GzDecoder::new(body).read_to_string(&mut self.page)?;
            }
            Some("br") => {
                brotli::Decompressor::new(body, body.len()).read_to_string(&mut self.page)?;
            }
            Some(other) => return Err(Error::other(format!("an encoding that was not asked for: {other}"))),
        }
        Ok(())
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}
