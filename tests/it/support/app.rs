//! The real server: its own process, its own directory, a free port.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::browser::Browser;

/// For the server to come up or to go down.
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory with definitions and data, and the server that runs on it.
#[derive(Debug)]
pub struct App {
    pub dir: TempDir,
    phases: PathBuf,
    running: Option<Running>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    listen: &'static str,
    /// The words before the program's own.
    under: Vec<String>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    address: SocketAddr,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
}

/// How a server ended, and all that it said.
#[derive(Debug)]
pub struct Stopped {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl App {
    /// A server for these definitions: name and text of each.
    pub fn start(flows: &[(&str, &str)]) -> Self {
        let mut app = Self::stopped(flows);
        app.run();
        app
    }

    /// A server for the definitions that come with Deity, with the demo's other side beside.
    pub fn of_phases() -> Self {
        let mut app = Self::of_phases_stopped();
        app.run();
        app
    }

    /// The same, not running yet.
    pub fn of_phases_stopped() -> Self {
        let mut app = Self::stopped(&[]).argument("--demo=127.0.0.1:0");
        app.phases = Path::new(env!("CARGO_MANIFEST_DIR")).join("phases");
        app
    }

    /// The directory of a server that does not run yet.
    pub fn stopped(flows: &[(&str, &str)]) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let phases = dir.path().join("phases");
        fs::create_dir(&phases).expect("a directory for definitions");
        for (name, text) in flows {
            fs::write(phases.join(format!("{name}.toml")), text).expect("a definition");
        }
        Self {
            dir,
            phases,
            running: None,
            arguments: Vec::new(),
            environment: Vec::new(),
            listen: "127.0.0.1:0",
            under: Vec::new(),
        }
    }

    /// With another argument of `serve`.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// With a variable of the environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The server runs under another program, such as one that has it run elsewhere, and listens
    /// on all addresses there.
    pub fn elsewhere(mut self, words: Vec<String>) -> Self {
        self.under = words;
        self.listen = "0.0.0.0:0";
        self
    }

    /// The directory of the definitions.
    pub fn phases(&self) -> &Path {
        &self.phases
    }

    /// A program that effects may run.
    pub fn program(&self, name: &str, script: &str) {
        let programs = self.dir.path().join("programs");
        fs::create_dir_all(&programs).expect("a directory for programs");
        let program = programs.join(name);
        fs::write(&program, script).expect("a program");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("our own file");
    }

    /// The directory of the store.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The program with the given arguments, in this directory, with no settings of the caller's.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.dressed(Command::new(env!("CARGO_BIN_EXE_deity")), arguments)
    }

    fn dressed(&self, mut command: Command, arguments: &[&str]) -> Command {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("DEITY_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null());
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }

    /// Runs an operator's command to its end.
    pub fn deity(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Starts the server and waits until it says where it serves.
    pub fn run(&mut self) {
        self.run_in(&self.data());
    }

    /// The same with another data directory.
    pub fn run_in(&mut self, data: &Path) {
        assert!(self.running.is_none(), "it runs already");
        let phases = self.phases.to_string_lossy().into_owned();
        let data = data.to_string_lossy().into_owned();
        let mut arguments = vec!["serve", "--listen", self.listen, "--data", &data];
        let more = self.arguments.clone();
        arguments.extend(more.iter().map(String::as_str));
        arguments.push(&phases);
        self.run_as(&arguments);
    }

    /// The same with just these arguments.
    pub fn run_as(&mut self, arguments: &[&str]) {
        let mut words = self
            .under
            .iter()
            .map(String::as_str)
            .chain([env!("CARGO_BIN_EXE_deity")]);
        let mut command = Command::new(words.next().expect("our own program at least"));
        command.args(words);
        let mut child = self
            .dressed(command, arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (said, hears) = mpsc::channel();
        let stdout = collect(child.stdout.take().expect("a pipe"), Some(said));
        let stderr = collect(child.stderr.take().expect("a pipe"), None);
        let address = hears.recv_timeout(PATIENCE);
        let Ok(address) = address else {
            let _killed = child.kill();
            panic!(
                "the server did not come up: {}\n{}",
                stdout.lock().unwrap(),
                stderr.lock().unwrap()
            );
        };
        self.running = Some(Running {
            child,
            address,
            stdout,
            stderr,
        });
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("the server runs")
    }

    /// Where it serves.
    pub fn address(&self) -> SocketAddr {
        self.running().address
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.running().child.id()
    }

    /// A window at `target`.
    pub fn browser(&self, target: &str) -> Browser {
        Browser::open(self.address(), target)
    }

    /// What it printed so far, stdout and stderr.
    pub fn said(&self) -> (String, String) {
        let running = self.running();
        let out = running.stdout.lock().unwrap().clone();
        let err = running.stderr.lock().unwrap().clone();
        (out, err)
    }

    /// Waits until stderr or stdout has these words.
    pub fn wait_for(&self, words: &str) {
        self.wait_until(|app| {
            let (out, err) = app.said();
            out.contains(words) || err.contains(words)
        });
    }

    /// Waits until something holds, for a bounded time.
    pub fn wait_until(&self, holds: impl Fn(&Self) -> bool) {
        if !eventually(|| holds(self)) {
            let (out, err) = self.said();
            let last: Vec<_> = err.lines().rev().take(20).collect();
            panic!("it never came to hold; the server said {out}, and last {last:#?}");
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.process().try_into().expect("a process id")).expect("a process id");
        kill_process(pid, signal).expect("a signal to our own process");
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(&mut self) -> Stopped {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&mut self) -> Stopped {
        self.signal(Signal::KILL);
        self.wait()
    }

    /// Waits for the end, for a bounded time.
    pub fn wait(&mut self) -> Stopped {
        let mut running = self.running.take().expect("the server runs");
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = running.child.try_wait().expect("our own process") {
                break status;
            }
            if Instant::now() > end {
                let _killed = running.child.kill();
                panic!("the server does not stop: {}", running.stderr.lock().unwrap());
            }
            thread::park_timeout(Duration::from_millis(10));
        };
        Stopped {
            status,
            stdout: whole(&running.stdout),
            stderr: whole(&running.stderr),
        }
    }
}

/// Whether something comes to hold within a bounded time.
pub fn eventually(holds: impl Fn() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > end {
            return false;
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    true
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            let _killed = running.child.kill();
            let _reaped = running.child.wait();
        }
    }
}

/// Reads a pipe to its end in the background; the address goes to `said` when it comes.
fn collect(pipe: impl Read + Send + 'static, said: Option<mpsc::Sender<SocketAddr>>) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&text);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            kept.lock().unwrap().push_str(&format!("{line}\n"));
            let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
            if let (Some(said), Some(Ok(address))) = (&said, address.map(str::parse)) {
                let _heard = said.send(address);
            }
        }
    });
    text
}

/// All of a pipe whose writer has ended: its reader lets go of it at the end.
fn whole(text: &Arc<Mutex<String>>) -> String {
    let end = Instant::now() + PATIENCE;
    while Arc::strong_count(text) > 1 && Instant::now() < end {
        thread::park_timeout(Duration::from_millis(5));
    }
    text.lock().unwrap().clone()
}
