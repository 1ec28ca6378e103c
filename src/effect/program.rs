//! CGI programs: one process per call, with its own process group, a keeper that leads it, and
//! nothing of our environment.
//!
//! Owns the process from its start to its burial: what it reads and prints, its time, and that nothing
//! of it stays behind. The group is ended before its leader is reaped: till then the leader's number
//! belongs to nobody else, so that no signal can reach a stranger. Must not know what is asked for.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin};
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::time::timeout;

use super::response::{BODY_BYTES, Response, Trouble};
use super::{cgi, keeper};

pub use super::cgi::{Meta, environment};

/// Between the request to end and the end.
const GRACE: Duration = Duration::from_millis(500);
/// For what is left in the pipes after the end.
const DREGS: Duration = Duration::from_millis(100);
/// For the system to bury a process that was killed.
const BURIAL: Duration = Duration::from_secs(2);
/// What is kept of a program's words on stderr: their end.
const STDERR_BYTES: usize = crate::limits::STDERR_BYTES;

/// A program that is to be run.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// All of its environment.
    pub environment: Vec<(String, String)>,
    /// Where it runs.
    pub directory: PathBuf,
    /// What it can read.
    pub input: Vec<u8>,
    /// For all of it.
    pub timeout: Duration,
    /// The program that keeps this one: `deity` itself.
    pub keeper: PathBuf,
    /// What all keepers of this server lock while they have a program.
    pub lock: PathBuf,
}

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    /// Its answer; where there is none, with what is known of the request's fate.
    pub answer: Result<Response, Trouble>,
    /// The end of what it wrote on stderr, as text.
    pub stderr: String,
}

impl std::fmt::Debug for Program {
    /// Without what may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program")
            .field("path", &self.path)
            .field("directory", &self.directory)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// How a program came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// By itself.
    Exited,
    /// It printed more than is read.
    Full,
    /// Its time was up.
    Late,
}

/// A process group. It is killed when this is dropped, unless it was buried.
struct Group {
    child: Child,
    leader: Pid,
    buried: bool,
}

impl Drop for Group {
    fn drop(&mut self) {
        // The child is dropped, and reaped by the runtime, only after this.
        if !self.buried {
            self.signal(Signal::KILL);
        }
    }
}

/// Some bytes of a stream: the first, or the last.
struct Kept {
    bytes: Vec<u8>,
    most: usize,
    last: bool,
}

/// Runs a program, once.
pub async fn run(program: &Program) -> Ran {
    let mut said = Kept::last(STDERR_BYTES);
    let answer = answered(program, &mut said).await;
    if !said.bytes.is_empty() && keeper::unstarted(&said.bytes).is_none() {
        // Not the words themselves: they may repeat what was typed.
        tracing::warn!(program = %program.path.display(), "a program wrote to stderr");
        let stderr = String::from_utf8_lossy(&said.bytes).into_owned();
        return Ran { answer, stderr };
    }
    Ran {
        answer,
        stderr: String::new(),
    }
}

async fn answered(program: &Program, said: &mut Kept) -> Result<Response, Trouble> {
    let name = program.path.display();
    let not_sent = |error: &io::Error| Trouble::NotSent(format!("{name} cannot be started: {error}"));
    cgi::check(&program.environment)?;
    // Before the start, so that no exit can be missed.
    let mut exits = signal(SignalKind::child()).map_err(|error| not_sent(&error))?;
    let unstarted = |error: &io::Error| match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::ArgumentListTooLong => {
            Trouble::Forbidden(format!("{name} cannot be started: {error}"))
        }
        _ => not_sent(error),
    };
    let mut group = start(program).map_err(|error| unstarted(&error))?;

    let mut printed = Kept::first(cgi::HEADER_BYTES + BODY_BYTES + 1);
    let mut stdout = group.child.stdout.take();
    let mut stderr = group.child.stderr.take();
    let talk = async {
        tokio::select! {
            () = exited(group.leader, &mut exits) => End::Exited,
            () = printed.fill(stdout.as_mut()) => End::Full,
            // These two only go along.
            () = feed(group.child.stdin.take(), &program.input) => End::Exited,
            () = said.drain(stderr.as_mut()) => End::Exited,
        }
    };
    let end = timeout(program.timeout, talk).await.unwrap_or(End::Late);
    if end != End::Exited {
        group.signal(Signal::TERM);
        // How it ends is all the same: what is left is killed.
        let _gone = timeout(GRACE, exited(group.leader, &mut exits)).await;
    }
    let status = group.bury().await;
    // What it left in the pipes; somebody who left the group may hold them open for ever.
    let dregs = async { tokio::join!(printed.take(stdout.as_mut()), said.take(stderr.as_mut())) };
    if timeout(DREGS, dregs).await.is_err() {
        tracing::debug!(program = %name, "somebody holds the pipes of a program that has ended");
    }
    if let Some(error) = keeper::unstarted(&said.bytes) {
        return Err(unstarted(&error));
    }
    verdict(&name.to_string(), end, status, &printed)
}

/// What follows from how a program ended and what it printed.
fn verdict(name: &str, end: End, status: Option<ExitStatus>, printed: &Kept) -> Result<Response, Trouble> {
    let unknown = |why: &str| Err(Trouble::Unknown(format!("{name} {why}")));
    if end == End::Late {
        return unknown("did not end in time");
    }
    let Some(mut response) = cgi::response(&printed.bytes, SystemTime::now()) else {
        return match status {
            Some(status) if end == End::Exited && !status.success() => {
                unknown(&format!("failed ({status}) and did not answer as a CGI program"))
            }
            _ => unknown("did not answer as a CGI program"),
        };
    };
    if response.leads_away {
        return unknown("answered with a Location, which is followed nowhere");
    }
    // Whoever printed too much was ended by us, so how it ended says nothing.
    if end == End::Full {
        response.answer.cut = true;
        return Ok(response.answer);
    }
    match status {
        Some(status) if status.success() => Ok(response.answer),
        _ if response.stands => Ok(response.answer),
        Some(status) => unknown(&format!("failed ({status})")),
        None => unknown("does not go away"),
    }
}

fn start(program: &Program) -> io::Result<Group> {
    let child = keeper::command(program)
        .env_clear()
        .envs(program.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&program.directory)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let leader = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw)
        .ok_or_else(|| io::Error::other("the process has no number"))?;
    Ok(Group {
        child,
        leader,
        buried: false,
    })
}

/// Ready when a process has ended. It is not reaped by this.
async fn exited(process: Pid, exits: &mut Signals) {
    let ask = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    while let Ok(None) = waitid(WaitId::Pid(process), ask) {
        if exits.recv().await.is_none() {
            return;
        }
    }
}

/// Gives a program its input. Never ready: a program may well not read it.
async fn feed(stdin: Option<ChildStdin>, input: &[u8]) {
    if let Some(mut stdin) = stdin
        && let Err(error) = stdin.write_all(input).await
    {
        tracing::debug!(%error, "a program did not read all of its input");
    }
    std::future::pending::<()>().await;
}

impl Group {
    fn signal(&self, signal: Signal) {
        // Nobody may be there any more.
        if let Err(error) = kill_process_group(self.leader, signal) {
            tracing::debug!(%error, "a process group takes no signal");
        }
    }

    /// Kills all of the group and reaps its leader.
    async fn bury(&mut self) -> Option<ExitStatus> {
        self.signal(Signal::KILL);
        if let Ok(Ok(status)) = timeout(BURIAL, self.child.wait()).await {
            self.buried = true;
            Some(status)
        } else {
            tracing::warn!(
                process = self.leader.as_raw_nonzero(),
                "a killed program does not go away"
            );
            None
        }
    }
}

impl Kept {
    fn first(most: usize) -> Self {
        Self {
            bytes: Vec::new(),
            most,
            last: false,
        }
    }

    fn last(most: usize) -> Self {
        Self {
            last: true,
            ..Self::first(most)
        }
    }

    fn is_full(&self) -> bool {
        self.bytes.len() >= self.most
    }

    /// Ready when there is more than is kept; never at the end of the stream.
    async fn fill(&mut self, from: Option<&mut (impl AsyncRead + Unpin)>) {
        self.read(from, true).await;
        if !self.is_full() {
            std::future::pending::<()>().await;
        }
    }

    /// Reads to the end of the stream and beyond what is kept; then never ready.
    async fn drain(&mut self, from: Option<&mut (impl AsyncRead + Unpin)>) {
        self.read(from, false).await;
        std::future::pending::<()>().await;
    }

    /// Reads what is left, as much as is kept.
    async fn take(&mut self, from: Option<&mut (impl AsyncRead + Unpin)>) {
        self.read(from, !self.last).await;
    }

    async fn read(&mut self, from: Option<&mut (impl AsyncRead + Unpin)>, only_kept: bool) {
        let Some(from) = from else { return };
        let mut buffer = vec![0; 8 << 10];
        while !(only_kept && self.is_full()) {
            // An error is an end too: nothing more will come.
            let Ok(bytes @ 1..) = from.read(&mut buffer).await else {
                return;
            };
            let more = buffer.get(..bytes).unwrap_or_default();
            if self.last {
                let all = [self.bytes.as_slice(), more].concat();
                self.bytes = all
                    .get(all.len().saturating_sub(self.most)..)
                    .unwrap_or_default()
                    .to_vec();
            } else {
                let room = (self.most - self.bytes.len()).min(bytes);
                self.bytes.extend_from_slice(more.get(..room).unwrap_or_default());
            }
        }
    }
}
