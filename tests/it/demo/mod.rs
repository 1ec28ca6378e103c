//! The other side of the demo flows: its ledger, as a CGI program and over HTTP, and its pay page.

mod cgi;
mod grant;
mod ledger;
mod moods;
mod pay;
mod requests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use deity::demo::{Ask, Audit, Demo, Manner, Method, Pence};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::support::wire;

/// All money on the first day.
const ALL: Pence = Pence(350_000);

/// A ledger in a directory of its own.
struct Books {
    dir: TempDir,
    demo: Demo,
}

impl Books {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let demo = Demo::open(&dir.path().join("ledger.sqlite")).unwrap();
        Self { dir, demo }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("ledger.sqlite")
    }

    /// Everything adds up; what the auditor saw.
    fn audit(&self) -> Audit {
        let audit = self.demo.audit().unwrap();
        assert_eq!((audit.sum, audit.faults.as_slice()), (ALL, [].as_slice()));
        audit
    }

    fn get(&self, path: &str, key: &str) -> (u16, Value) {
        asked(&self.demo, Method::Get, path, key, &[])
    }

    fn post(&self, path: &str, key: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        asked(&self.demo, Method::Post, path, key, fields)
    }

    fn delete(&self, path: &str, key: &str) -> (u16, Value) {
        asked(&self.demo, Method::Delete, path, key, &[])
    }
}

fn asked(demo: &Demo, method: Method, path: &str, key: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let reply = demo.answer(&Ask {
        method,
        path: path.to_owned(),
        key: (!key.is_empty()).then(|| key.to_owned()),
        media: String::new(),
        body: form(fields).into_bytes(),
        pages: "http://pay.example".to_owned(),
    });
    (reply.status, serde_json::from_str(&reply.body).unwrap())
}

fn form(fields: &[(&str, &str)]) -> String {
    let owned: Vec<_> = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    wire::urlencoded(&owned)
}

/// A server in this process, on a free port.
struct Served {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    fn start(demo: &Demo, moods: Option<u64>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let demo = demo.clone();
        let manner = Manner {
            secret: "a word".to_owned(),
            moods,
        };
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let stop = async {
                    let _dropped = stopped.await;
                };
                deity::demo::serve(listener, demo, manner, stop).await.unwrap();
            });
        });
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> std::io::Result<wire::Answer> {
        let owned: Vec<_> = headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        wire::send(self.address, method, path, &owned, body)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

fn parsed(answer: &wire::Answer) -> (u16, Value) {
    (answer.status, serde_json::from_str(&answer.text()).unwrap())
}

/// Another connection to the same file, as another process has it.
fn beside(file: &Path) -> Demo {
    Demo::open(file).unwrap()
}
