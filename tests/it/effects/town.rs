//! The town in which people meet: the demo's ledger in a process of its own, which survives, and
//! the real server on one data directory, which is killed and comes back at the same address.

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::crash::dice::Dice;
use crate::crash::server::{Server, command_at};

/// Seats that the town adds to those of the demo, so that there are some to the end.
const ROWS: [char; 10] = ['D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M'];
/// For an address to be free again.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a program of the flow is replaced by a call over HTTP.
const PROGRAM: &str = "run = \"deity demo ledger\"\nenv = { DEMO_LEDGER = \"${DEMO_LEDGER:-ledger.sqlite}\" }\n";

pub struct Town {
    dir: TempDir,
    pub deity: SocketAddr,
    pub ledger: SocketAddr,
    bank: Option<Bank>,
    seed: u64,
}

/// The ledger's process. It is killed when it is dropped.
struct Bank(Child);

impl Drop for Bank {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Town {
    pub fn new(dice: &mut Dice) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let phases = dir.path().join("phases");
        std::fs::create_dir(&phases).expect("a directory");
        for (name, text) in [
            ("bank-transfer", shipped("bank-transfer")),
            ("bank-http", over_http(&shipped("bank-transfer"))),
            ("bank-slow", slowly(&shipped("bank-transfer"))),
            ("seat-booking", hurried(&shipped("seat-booking"))),
        ] {
            std::fs::write(phases.join(format!("{name}.toml")), text).expect("written");
        }
        let slow = dir.path().join("slow-ledger");
        let script = format!(
            "#!/bin/sh\nsleep 1\nexec '{}' demo ledger\n",
            env!("CARGO_BIN_EXE_deity")
        );
        std::fs::write(&slow, script).expect("written");
        std::fs::set_permissions(&slow, Permissions::from_mode(0o755)).expect("our own file");
        let (deity, ledger) = (free(dice), free(dice));
        let seed = dice.number();
        let mut town = Self {
            dir,
            deity,
            ledger,
            bank: None,
            seed,
        };
        town.open_bank(true);
        town.build_seats();
        town
    }

    /// Starts the ledger anew on the same file and at the same address.
    pub fn open_bank(&mut self, moody: bool) {
        self.bank = None;
        let mut command = self.program(&["demo", "ledger", "--listen", &self.ledger.to_string()]);
        command.arg("--file").arg(self.file()).stdout(Stdio::piped());
        if moody {
            command.args(["--moods", &self.seed.to_string()]);
        }
        let began = Instant::now();
        while self.bank.is_none() {
            let mut bank = Bank(command.spawn().expect("the ledger can be run"));
            let mut line = String::new();
            let stdout = bank.0.stdout.take().expect("piped");
            BufReader::new(stdout).read_line(&mut line).expect("words");
            assert!(began.elapsed() < PATIENCE, "the ledger does not start");
            if line.contains("http://") {
                self.bank = Some(bank);
            }
        }
    }

    fn build_seats(&self) {
        let ledger = rusqlite::Connection::open(self.file()).expect("the ledger's file");
        for row in ROWS {
            for n in 1..=8 {
                let (id, label) = (
                    format!("{}{n}", row.to_ascii_lowercase()),
                    format!("Row {row}, seat {n}"),
                );
                let sql = "INSERT INTO seats (id, label, price) VALUES (?1, ?2, 2400)";
                ledger.execute(sql, [id, label]).expect("another seat");
            }
        }
    }

    /// The server's next life.
    pub fn serve(&self, plant: Option<&str>) -> Result<Server, String> {
        let phases = self.dir.path().join("phases");
        let began = Instant::now();
        loop {
            let mut command = command_at(&self.deity.to_string(), &self.data(), &phases, plant);
            command
                .args(["--callees", &self.ledger.to_string(), "--programs"])
                .arg(self.dir.path())
                .env("LEDGER_URL", format!("http://{}", self.ledger))
                .env("PAY_HOST", self.ledger.to_string())
                .env("DEMO_LEDGER", self.file())
                .env("DEITY_LOG", "error");
            match Server::run(&mut command) {
                // Somebody else has the port for a moment.
                Err(why) if why.contains("cannot listen") && began.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                other => return other,
            }
        }
    }

    /// What the ledger's auditor says.
    pub fn audit(&self) -> Json {
        let mut command = self.program(&["demo", "audit", "--json", "--file"]);
        let output = command.arg(self.file()).output().expect("the audit runs");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|why| panic!("{why}: {output:?}"))
    }

    /// What an operator is told: an object for each row.
    pub fn operator(&self, arguments: &[&str]) -> Vec<Json> {
        let mut command = self.program(arguments);
        let output = command
            .arg("--data")
            .arg(self.data())
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deity"));
        command.args(arguments).env_remove("DEITY_PLANT").stdin(Stdio::null());
        command
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("books.sqlite")
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }
}

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("phases")
        .join(format!("{name}.toml"));
    std::fs::read_to_string(path).expect("a flow")
}

/// The flow with the ledger called over HTTP.
fn over_http(text: &str) -> String {
    assert_eq!(text.matches(PROGRAM).count(), 4);
    let get = "http = \"GET ${LEDGER_URL:-http://127.0.0.1:8090}";
    let text = text.replace(&format!("{PROGRAM}method = \"GET\"\npath = \""), get);
    let text = text.replace(&format!("{PROGRAM}path = \""), &get.replace("GET", "POST"));
    hurried(&text)
}

/// The flow with a program that takes its time, as one does that outlives who started it; asked
/// for once, then only asked about.
fn slowly(text: &str) -> String {
    let (before, transfer) = text.split_once("[effects.transfer]").expect("the transfer");
    let transfer = transfer.replacen("deity demo ledger", "slow-ledger", 1);
    assert!(transfer.contains("retry = \"2m\""));
    hurried(&format!(
        "{before}[effects.transfer]{}",
        transfer.replace("retry = \"2m\"", "")
    ))
}

/// The flow with less patience, so that each way out is taken within a test.
fn hurried(text: &str) -> String {
    let mut text = text.to_owned();
    for (from, to) in [
        ("retry = \"30s\"", "retry = \"8s\""),
        ("retry = \"2m\"", "retry = \"15s\""),
        ("timeout = \"10s\"", "timeout = \"3s\""),
        ("timeout = \"5s\"", "timeout = \"2s\""),
        ("limit = \"10m\"", "limit = \"20s\""),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// An address that nobody has, and that no outgoing connection is given.
fn free(dice: &mut Dice) -> SocketAddr {
    loop {
        let port = 20_000 + u16::try_from(dice.below(12_000)).expect("a port");
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().expect("an address");
        }
    }
}
