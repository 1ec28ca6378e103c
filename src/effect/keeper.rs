//! The keeper of a program: a process of our own between the server and the program that it runs,
//! so that no program, nor anything that it began, outlives a server that was killed.
//!
//! Owns that process (`deity keep-program`, which nobody types), and how the next server knows that
//! all of them are gone. The program has its parent's group, so that the server's signals reach it;
//! it is seen to its end by its keeper, who adopts what it leaves behind, watches the server, and,
//! should that die first, kills them all and only then lets go of the lock that all keepers share.
//! Must not know what a program is asked.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, getpid, getppid, kill_process, pidfd_open, set_child_subreaper,
    waitid,
};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::program::Program;

/// The first word of its command line.
pub const WORD: &str = "keep-program";
/// The file in the data directory that all keepers hold while they have a program.
pub const LOCK: &str = "programs.lock";
/// What it writes on stderr where the program cannot be started, before the number of the error.
const UNSTARTED: &[u8] = b"\0deity: not started: ";
/// Its exit code then.
pub const NOTHING_RUN: u8 = 127;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);
/// The same at a server that cannot be watched otherwise.
const WATCH: Duration = Duration::from_millis(50);

/// The command that has a program run by a keeper of this process.
pub(super) fn command(program: &Program) -> Command {
    let mut command = Command::new(&program.keeper);
    command
        .arg0("deity")
        .arg(WORD)
        .arg(std::process::id().to_string())
        .arg(&program.lock)
        .arg(&program.path)
        .args(&program.arguments);
    command
}

/// Why a keeper could not start its program, by what it said on stderr.
pub(super) fn unstarted(stderr: &[u8]) -> Option<io::Error> {
    let number = std::str::from_utf8(stderr.strip_prefix(UNSTARTED)?).ok()?;
    let code = number.parse::<i32>().ok().filter(|code| *code != 0);
    Some(code.map_or_else(
        || io::Error::other("its keeper could not begin"),
        io::Error::from_raw_os_error,
    ))
}

/// Waits until the keepers of all servers that are gone have let go; `false` where they do not
/// within `patience`.
///
/// # Errors
/// Where the file cannot be locked.
pub async fn all_gone(lock: &Path, patience: Duration) -> io::Result<bool> {
    let file = File::options().create(true).append(true).open(lock)?;
    let end = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if Instant::now() < end => sleep(LOOK).await,
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Keeps a program: `words` are the server's number, the file to lock, the program and its
/// arguments. Gives the exit code: the program's own, or 128 and the number of the signal that ended it.
///
/// # Errors
/// Where the program cannot be started: what is to be said of it on stderr, with the exit code
/// [`NOTHING_RUN`].
pub fn keep(words: impl Iterator<Item = OsString>) -> Result<u8, Vec<u8>> {
    kept(words).map_err(|error| {
        let number = error.raw_os_error().unwrap_or(0).to_string();
        [UNSTARTED, number.as_bytes()].concat()
    })
}

fn kept(mut words: impl Iterator<Item = OsString>) -> io::Result<u8> {
    let mut next = || words.next().ok_or(io::ErrorKind::InvalidInput);
    let server = next()?.to_str().and_then(|word| Pid::from_raw(word.parse().ok()?));
    let server = server.ok_or(io::ErrorKind::InvalidInput)?;
    let (lock, program) = (next()?, next()?);
    set_child_subreaper(Some(getpid()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // The group is told to end: that is the program's to heed.
        let _heard = signal(SignalKind::terminate())?;
        let lock = File::options().create(true).append(true).open(lock)?;
        // Who cannot have it was begun by a server that is gone: its successor has it.
        lock.try_lock_shared()?;
        let died = outlived(server);
        if getppid() != Some(server) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut child = Command::new(program).args(words).spawn()?;
        let_go()?;
        let code = tokio::select! {
            status = child.wait() => code(status?),
            () = died => {
                end_all().await;
                NOTHING_RUN
            }
        };
        drop(lock);
        Ok(code)
    })
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(NOTHING_RUN)
}

/// The pipes are the program's alone: who waits for their end waits for nobody else.
fn let_go() -> io::Result<()> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}

/// Ready when the server is gone. It is watched from the call on.
fn outlived(server: Pid) -> impl Future<Output = ()> {
    let (ended, end) = oneshot::channel();
    // Where the system has no such descriptors it is only looked after.
    let watched = pidfd_open(server, PidfdFlags::empty()).map(|fd| {
        std::thread::spawn(move || {
            let _readable = poll(&mut [PollFd::new(&fd, PollFlags::IN)], None);
            let _unheard = ended.send(());
        })
    });
    async move {
        if watched.is_ok() {
            let _ended = end.await;
        }
        while getppid() == Some(server) {
            sleep(WATCH).await;
        }
    }
}

/// Kills the program and all that it began, wherever that went, and waits till nothing is left.
async fn end_all() {
    let every = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    loop {
        for child in children() {
            // It may have ended meanwhile.
            let _gone = kill_process(child, Signal::KILL);
        }
        // Whose parent dies is ours from then on, so there is an end.
        match waitid(WaitId::All, every) {
            Ok(Some(_)) => {}
            Ok(None) => sleep(LOOK).await,
            Err(_) => return,
        }
    }
}

/// The processes whose parent this one is.
fn children() -> Vec<Pid> {
    let own = getpid().as_raw_nonzero().to_string();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ours = all.filter_map(|entry| {
        let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name in brackets may have anything in it; state and parent follow.
        let (_, rest) = stat.rsplit_once(") ")?;
        (rest.split(' ').nth(1) == Some(own.as_str())).then_some(pid)
    });
    ours.collect()
}
