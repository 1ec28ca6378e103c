//! Two places with a network each, of which neither sees the other: network namespaces that have
//! no name. Each lives as long as this process holds its file, and what runs in it: a killed test
//! leaves nothing behind.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::process::{Command, Stdio};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tun_rs::{DeviceBuilder, SyncDevice};

/// What the kernel shall do in both places. Every connection starts afresh, as if from another
/// computer, and no half-remembered Fast Open makes one phase unlike the next.
const HABITS: &[(&str, &str)] = &[
    ("ipv4/tcp_no_metrics_save", "1"),
    ("ipv4/tcp_fastopen", "0"),
    ("ipv4/tcp_timestamps", "1"),
    ("ipv6/conf/all/disable_ipv6", "1"),
    ("ipv6/conf/default/disable_ipv6", "1"),
];

/// A network of its own.
#[derive(Debug)]
pub struct Place {
    network: File,
}

impl Place {
    /// A new one, with a loopback device and a TUN device, both up.
    pub fn new(device: &str) -> (Self, SyncDevice) {
        // The namespace is made by a child, and held by its file when the child is gone.
        let mut child = Command::new("unshare")
            .args(["--net", "sh", "-c", "echo made; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|why| panic!("unshare (util-linux) does not start: {why}. {}", advice()));
        let mut said = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        let read = BufReader::new(stdout).read_line(&mut said);
        let network = File::open(format!("/proc/{}/ns/net", child.id()));
        drop(child.stdin.take());
        let ended = child.wait_with_output().expect("our own process");
        let why = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(
            read.is_ok() && said == "made\n",
            "no network namespace: {why}. {}",
            advice()
        );
        let place = Self {
            network: network.expect("a namespace of our own child"),
        };
        let tun = place.within(|| {
            ip("link set lo up\n");
            let tun = DeviceBuilder::new().name(device).mtu(1500).build_sync();
            let tun = tun.unwrap_or_else(|why| panic!("no TUN device: {why}. {}", advice()));
            tun.set_nonblocking(true).expect("a device of ours");
            for (key, value) in HABITS {
                // A kernel without IPv6 has no such keys.
                let set = std::fs::write(format!("/proc/sys/net/{key}"), value);
                assert!(set.is_ok() || key.starts_with("ipv6"), "{key}={value}: {set:?}");
            }
            tun
        });
        (place, tun)
    }

    /// Does something there, in a thread of its own; what it starts runs there too.
    pub fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let done = thread::scope(|scope| {
            let thread = thread::Builder::new().spawn_scoped(scope, || {
                self.enter();
                work()
            });
            thread.expect("a thread").join()
        });
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// From now on this thread is there, until it ends.
    pub fn enter(&self) {
        let moved = move_into_link_name_space(self.network.as_fd(), Some(LinkNameSpaceType::Network));
        moved.unwrap_or_else(|why| panic!("the namespace cannot be entered: {why}. {}", advice()));
    }

    /// The words before a command's that have it run there, and have it die with the thread that
    /// started it.
    pub fn words(&self) -> Vec<String> {
        let file = format!("--net=/proc/{}/fd/{}", std::process::id(), self.network.as_raw_fd());
        ["nsenter", &file, "setpriv", "--pdeathsig", "KILL"]
            .map(str::to_owned)
            .to_vec()
    }
}

/// Configures the network of the place where this thread is: the lines of an `ip -batch`.
pub fn ip(commands: &str) {
    use std::io::Write as _;
    let child = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|why| panic!("ip does not start: {why}: apt-get install iproute2"));
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(commands.as_bytes()).expect("ip reads");
    drop(stdin);
    let ended = child.wait_with_output().expect("our own process");
    assert!(ended.status.success(), "ip: {}", String::from_utf8_lossy(&ended.stderr));
}

fn advice() -> String {
    "These tests need root, or a user namespace with a network of its own (unshare -Urn), and a \
     /dev/net/tun that can be opened; tests/run sees to it where it can"
        .to_owned()
}
