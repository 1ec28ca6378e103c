//! The rehearsed server against one that really runs: the same bytes. And servers that answer oddly.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use serde_json::Value as Json;

use super::{FLOW, beside, deity, deity_in, err, out};
use crate::support::App;

fn phases(arguments: &[&str]) -> Vec<Json> {
    let mut all = vec!["rehearse", "home-repair-grant", "--walk", "corrected", "--json"];
    all.extend_from_slice(arguments);
    let done = deity(&all);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
    let report: Json = serde_json::from_str(out(&done).trim()).unwrap();
    report["tours"][0]["phases"].as_array().unwrap().clone()
}

#[test]
fn a_rehearsal_counts_what_a_real_server_sends() {
    let app = App::of_phases();
    let address = app.address().to_string();
    let origin = format!("http://{address}");
    for browser in ["lynx", "chromium"] {
        let real = phases(&["--browser", browser, "--against", &address, "--think", "0"]);
        let rehearsed = phases(&["--browser", browser, "--origin", &origin]);
        assert_eq!(real.len(), rehearsed.len());
        for (real, rehearsed) in real.iter().zip(&rehearsed) {
            let size = |phase: &Json, figure: &str| phase[figure].as_i64().unwrap();
            // Ids are as long, up to a digit; compressed, other ids and a busy machine make a few bytes more.
            let up = size(real, "http_up") - size(rehearsed, "http_up");
            let down = size(real, "http_down") - size(rehearsed, "http_down");
            assert!(up.abs() <= 4, "{real}\n{rehearsed}");
            assert!(down.abs() <= size(rehearsed, "http_down") / 5, "{real}\n{rehearsed}");
            assert_eq!(real["status"], rehearsed["status"]);
            assert!(real["measured"].as_f64().unwrap() > 0.0);
        }
    }
}

/// A server that answers one request of each connection with these bytes, and closes.
struct Odd {
    address: String,
    over: Arc<AtomicBool>,
    thread: JoinHandle<usize>,
}

impl Odd {
    fn new(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            let mut asked = 0;
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    break;
                }
                let mut stream = BufReader::new(stream.unwrap());
                let mut line = String::from("first");
                while !line.trim().is_empty() {
                    line.clear();
                    stream.read_line(&mut line).unwrap();
                }
                asked += 1;
                // It may have heard enough, and closed.
                drop(stream.get_mut().write_all(&answer));
            }
            asked
        });
        Self { address, over, thread }
    }

    /// How many requests there were.
    fn end(self) -> usize {
        self.over.store(true, Ordering::SeqCst);
        TcpStream::connect(&self.address).unwrap();
        self.thread.join().unwrap()
    }
}

/// Walks to the page of an odd server, and from there to the same page again.
fn asking(answer: Vec<u8>, browser: &str) -> (Output, usize) {
    let walks = "[walks.one]\nsteps = [{ follow = \"Again\", see = \"Here we are\" }]\n";
    let directory = beside(FLOW, walks);
    let server = Odd::new(answer);
    let arguments = ["rehearse", "flow", "--think", "0", "--browser", browser, "--against"];
    let done = deity_in(directory.path(), &[&arguments[..], &[&server.address]].concat());
    (done, server.end())
}

fn answer(header: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n").as_bytes(), body].concat()
}

const AGAIN: &[u8] = b"<h1>Here we are</h1><a href=/flow>Again</a>";

#[test]
fn a_connection_that_was_closed_while_the_person_thought_is_opened_again() {
    let length = format!("Content-Length: {}", AGAIN.len());
    let (done, asked) = asking(answer(&length, AGAIN), "chromium");
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
    assert_eq!(asked, 2);
    // Where the server answers nothing at all, nobody asks for ever.
    let (done, asked) = asking(Vec::new(), "chromium");
    assert_eq!(done.status.code(), Some(1));
    assert!(err(&done).contains("without an answer"), "{}", err(&done));
    assert_eq!(asked, 1);
}

#[test]
fn a_server_may_say_any_length_of_its_answer() {
    for browser in ["lynx", "chromium"] {
        let (done, asked) = asking(answer("Content-Length: 18446744073709551615", AGAIN), browser);
        assert_eq!(done.status.code(), Some(0), "{}", err(&done));
        assert_eq!(asked, 2);
    }
}

#[test]
fn a_page_that_is_too_long_is_told_before_it_is_read() {
    let deep = "<div>".repeat(2 << 20);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(deep.as_bytes()).unwrap();
    for (header, body) in [
        ("X: plain", deep.into_bytes()),
        ("Content-Encoding: gzip", packed.finish().unwrap()),
    ] {
        let (done, _) = asking(answer(header, &body), "lynx");
        assert_eq!(done.status.code(), Some(1));
        assert!(err(&done).contains("more than 98304 bytes"), "{}", err(&done));
    }
}
