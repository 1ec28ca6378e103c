//! The real server as a child process on a free port.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// For a start, which may read a log; for a stop.
const DEADLINE: Duration = Duration::from_secs(60);

/// A server that is killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// The line that says what was found in the data directory.
    pub found: String,
    errors: Option<JoinHandle<String>>,
}

/// How a server ended.
pub struct Ended {
    pub status: ExitStatus,
    /// What it wrote to stderr.
    pub errors: String,
}

/// `passport-renewal` without its effect: what is looked at here is the store alone.
fn phases() -> &'static Path {
    static PHASES: OnceLock<TempDir> = OnceLock::new();
    let made = PHASES.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a directory");
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("phases/passport-renewal.toml");
        let source = std::fs::read_to_string(file).expect("the definition");
        std::fs::write(dir.path().join("passport-renewal.toml"), without_effects(&source)).expect("writable");
        dir
    });
    made.path()
}

/// The definition as if its last action led on at once.
pub fn without_effects(source: &str) -> String {
    let plain = source.replace(
        "call = \"register\", to = \"done\", failed = \"sorry\"",
        "to = \"done\"",
    );
    let plain = plain.replace(" It is in the register as **{{ registered }}**.", "");
    let (screens, _) = plain.split_once("[screens.sorry]").expect("the last screen");
    screens.to_owned()
}

/// The command that serves `dir`.
pub fn command(dir: &Path, plant: Option<&str>) -> Command {
    command_at("127.0.0.1:0", dir, phases(), plant)
}

/// The command that serves `dir` with the flows in `phases` at an address.
pub fn command_at(listen: &str, dir: &Path, phases: &Path, plant: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deity"));
    command
        .args(["serve", "--listen", listen, "--data"])
        .arg(dir)
        .arg(phases)
        .env("DEITY_LOG", "warn")
        .env("DEITY_COMPRESSION", "off")
        .env_remove("DEITY_PLANT")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(plant) = plant {
        command.env("DEITY_PLANT", plant);
    }
    command
}

impl Server {
    /// Starts a server and waits for its address.
    pub fn start(dir: &Path, plant: Option<&str>) -> Result<Self, String> {
        Self::run(&mut command(dir, plant))
    }

    /// Runs the command of a server and waits for its address.
    pub fn run(command: &mut Command) -> Result<Self, String> {
        let mut child = command.spawn().expect("the server can be run");
        let mut stderr = child.stderr.take().expect("piped");
        let errors = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("words");
            text
        });
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let (tell, told) = mpsc::channel();
        // Reads on to the end, so that the server is never blocked by a full pipe.
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                drop(tell.send(line));
            }
        });
        let mut server = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            found: String::new(),
            errors: Some(errors),
        };
        while server.found.is_empty() {
            let Ok(line) = told.recv_timeout(DEADLINE) else {
                let ended = server.kill();
                return Err(format!("the server did not start: {} {}", ended.status, ended.errors));
            };
            if let Some((_, rest)) = line.split_once("http://") {
                let address = rest.split('/').next().and_then(|text| text.parse().ok());
                server.address = address.expect("an address");
            }
            if let Some(found) = line.trim().strip_prefix("data ") {
                server.found = found.trim().to_owned();
            }
        }
        Ok(server)
    }

    /// Kills it at once, as SIGKILL does.
    pub fn kill(mut self) -> Ended {
        self.child.kill().expect("a child can be killed");
        self.ended()
    }

    /// Asks it to stop, and waits.
    pub fn stop(self) -> Ended {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("a child can be signalled");
        self.wait()
    }

    /// Waits until it has ended by itself.
    pub fn wait(mut self) -> Ended {
        let began = Instant::now();
        while self.child.try_wait().expect("a child can be waited for").is_none() {
            if began.elapsed() > DEADLINE {
                let ended = self.kill();
                panic!("the server did not end by itself; it said: {}", ended.errors);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.ended()
    }

    fn ended(&mut self) -> Ended {
        let status = self.child.wait().expect("a child can be waited for");
        let errors = self.errors.take().map(|errors| errors.join().expect("read"));
        Ended {
            status,
            errors: errors.unwrap_or_default(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
