//! Processes: started, measured from the outside, ended.
//!
//! Owns the children of the benchmark and what `/proc` says of them. Must not know what they do.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Error, Result};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server that listens.
pub struct Server {
    child: Child,
    /// Where.
    pub addr: SocketAddr,
}

impl Server {
    /// Starts a server and reads its address from the first line that it prints; what it says
    /// on stderr goes to the file `log`.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let log = File::create(log)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or_else(|| Error::other("no stdout"))?;
        let mut out = BufReader::new(out);
        out.read_line(&mut line)?;
        let addr = line
            .rsplit(' ')
            .next()
            .map(|last| last.trim().trim_start_matches("http://").trim_end_matches('/'))
            .and_then(|addr| addr.parse().ok())
            .ok_or_else(|| Error::other(format!("it did not start: {line:?}")))?;
        // Whatever else it prints is taken, lest it wait for a reader.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Ok(Self { child, addr })
    }

    /// Starts a `deity` on these flows, with more flags and variables.
    pub fn deity(
        program: &Path,
        phases: &Path,
        data: &Path,
        flags: &[String],
        variables: &[(String, String)],
    ) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        command.args(flags).arg(phases);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        Self::start(&mut command, &data.with_extension("log"))
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.pid()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        }
        self.child.wait().map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` there is nobody left to kill.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The processor time that a process has used, user and system together, in microseconds.
pub fn cpu(pid: u32) -> Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: u64 = after_name
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|n| n.parse::<u64>().ok())
        .sum();
    // Linux counts in hundredths of a second here, whatever the kernel's own tick is.
    Ok(ticks * 10_000)
}

/// A line of `/proc/PID/status` that is given in kB, in bytes: `VmRSS`, `VmHWM`.
pub fn memory(pid: u32, name: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok())
        .map(|kb| kb * 1024)
        .ok_or_else(|| Error::other(format!("no {name}")))
}

/// What a directory takes on the disk, in bytes.
pub fn disk(dir: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let meta = match entry.metadata() {
            Ok(meta) => meta,
            // Files come and go while the server runs.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        bytes += if meta.is_dir() {
            disk(&entry.path())?
        } else {
            meta.blocks() * 512
        };
    }
    Ok(bytes)
}
