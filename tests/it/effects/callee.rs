//! A callee of the test's own: it answers as it is told, and keeps what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asking {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }
}

/// What it answers: a status and JSON, or, as status 0, all of an answer as it is written; nothing:
/// it hangs up.
pub(crate) type Answers = Arc<dyn Fn(&Asking) -> Option<(u16, String)> + Send + Sync>;

pub(crate) struct Callee {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asking>>>,
    answers: Arc<Mutex<Answers>>,
}

impl Callee {
    pub(crate) fn answering(answers: impl Fn(&Asking) -> Option<(u16, String)> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let callee = Self {
            address: listener.local_addr().unwrap(),
            asked: Arc::default(),
            answers: Arc::new(Mutex::new(Arc::new(answers))),
        };
        let (asked, answers) = (Arc::clone(&callee.asked), Arc::clone(&callee.answers));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (asked, answers) = (Arc::clone(&asked), Arc::clone(&answers));
                thread::spawn(move || converse(stream, &asked, &answers));
            }
        });
        callee
    }

    /// From now on it answers so.
    pub(crate) fn answer(&self, answers: impl Fn(&Asking) -> Option<(u16, String)> + Send + Sync + 'static) {
        *self.answers.lock().unwrap() = Arc::new(answers);
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asking> {
        self.asked.lock().unwrap().clone()
    }

    /// What it was asked by this method.
    pub(crate) fn asked_by(&self, method: &str) -> Vec<Asking> {
        self.asked()
            .into_iter()
            .filter(|asking| asking.method == method)
            .collect()
    }
}

fn converse(stream: TcpStream, asked: &Mutex<Vec<Asking>>, answers: &Mutex<Answers>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    let mut asking = Asking {
        method: String::new(),
        target: String::new(),
        headers: Vec::new(),
        body: String::new(),
    };
    while reader.read_line(&mut line).is_ok_and(|n| n > 0) {
        let text = line.trim_end().to_owned();
        line.clear();
        if text.is_empty() {
            break;
        }
        match text.split_once(": ") {
            Some((name, value)) => asking.headers.push((name.to_owned(), value.to_owned())),
            None => {
                let mut words = text.split(' ');
                asking.method = words.next().unwrap_or_default().to_owned();
                asking.target = words.next().unwrap_or_default().to_owned();
            }
        }
    }
    let length = asking
        .header("content-length")
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() || asking.method.is_empty() {
        return;
    }
    asking.body = String::from_utf8_lossy(&body).into_owned();
    asked.lock().unwrap().push(asking.clone());
    let answers = Arc::clone(&answers.lock().unwrap());
    let answer = answers(&asking);
    if let Some((0, raw)) = answer {
        let _sent = reader.get_mut().write_all(raw.as_bytes());
    } else if let Some((status, body)) = answer {
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        // It may have been given up meanwhile.
        let _sent = reader.get_mut().write_all(format!("{head}{body}").as_bytes());
    }
}

/// A mail server that takes everything.
pub(crate) fn mail_server() -> (SocketAddr, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, receive) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut out = stream.try_clone().unwrap();
            let mut text = String::new();
            let mut data = false;
            out.write_all(b"220 test ESMTP\r\n").unwrap();
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                text.push_str(&line);
                text.push('\n');
                let reply: &[u8] = match (data, line.as_str()) {
                    (true, ".") => {
                        data = false;
                        b"250 taken\r\n"
                    }
                    (true, _) => continue,
                    (false, "DATA") => {
                        data = true;
                        b"354 go on\r\n"
                    }
                    (false, line) if line.starts_with("EHLO") => b"250 test\r\n",
                    (false, "QUIT") => b"221 bye\r\n",
                    (false, _) => b"250 well\r\n",
                };
                if out.write_all(reply).is_err() || line == "QUIT" {
                    break;
                }
            }
            drop(send.send(text));
        }
    });
    (address, receive)
}
