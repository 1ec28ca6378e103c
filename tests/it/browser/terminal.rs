//! Text browsers in a terminal of their own (tmux): keys in, screen out, as a person would.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::need;

/// For a page to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a browser's keys are called.
pub struct Keys {
    command: &'static [&'static str],
    /// Once per page, to reach the first thing on it.
    first: &'static [&'static str],
    /// To the next field, button or link.
    next: &'static str,
    /// Before typing into a field.
    open: Option<&'static str>,
    /// After typing into a field: also goes on where `closes` says so.
    close: Option<&'static str>,
    closes: bool,
    tick: &'static str,
    /// The browser's own Back.
    back: &'static str,
    /// What has it ask for pages in a language; nothing where it cannot.
    reads: fn(&Path, &str) -> Vec<String>,
}

pub const LYNX: Keys = Keys {
    command: &["lynx", "-accept_all_cookies=off"],
    first: &[],
    next: "Down",
    open: None,
    close: None,
    closes: false,
    tick: "Enter",
    back: "Left",
    reads: |folder, language| {
        let file = folder.join("lynx.cfg");
        let settings = format!("INCLUDE:/etc/lynx/lynx.cfg\nPREFERRED_LANGUAGE:{language}\n");
        std::fs::write(&file, settings).unwrap();
        vec![format!("-cfg={}", file.display())]
    },
};

pub const W3M: Keys = Keys {
    command: &["w3m", "-no-cookie"],
    first: &["Tab"],
    next: "Tab",
    open: Some("Enter"),
    close: Some("Enter"),
    closes: false,
    tick: "Enter",
    back: "B",
    reads: |_, language| vec!["-o".to_owned(), format!("accept_language={language}")],
};

pub const LINKS: Keys = Keys {
    command: &["links2", "-no-connect", "-html-numbered-links", "0"],
    first: &[],
    next: "Down",
    open: None,
    close: None,
    closes: false,
    tick: "Enter",
    back: "Left",
    reads: |_, _| Vec::new(),
};

pub const ELINKS: Keys = Keys {
    command: &[
        "elinks",
        "-no-connect",
        "1",
        "-no-home",
        "1",
        "-eval",
        "set document.browse.forms.confirm_submit = 0",
    ],
    first: &[],
    next: "Down",
    open: Some("Enter"),
    close: Some("Down"),
    closes: true,
    tick: "Enter",
    back: "Left",
    reads: |_, language| {
        let set = format!("set protocol.http.accept_language = '{language}'");
        vec!["-eval".to_owned(), set]
    },
};

/// What a person does next on a page.
#[derive(Clone, Copy, Debug)]
pub enum Do<'a> {
    /// Types into the field under the cursor, and goes on.
    Type(&'a str),
    /// Takes so many characters away at the end of the field under the cursor, types, and goes on.
    Over(usize, &'a str),
    /// Ticks what is under the cursor, and goes on.
    Tick,
    /// Picks, of the list under the cursor, the one so far below the first, and goes on.
    Pick(usize),
    /// Goes on.
    Next,
    /// Presses what is under the cursor.
    Press,
    /// Goes back as the browser does it, to the page as it was.
    Back,
}

pub struct Terminal {
    folder: tempfile::TempDir,
    keys: Keys,
}

impl Terminal {
    /// The browser at `url`, a hundred columns wide.
    pub fn open(keys: Keys, url: &str) -> Self {
        Self::open_in(keys, url, None)
    }

    /// The same, set to a language if it can be: otherwise the address asks for it.
    pub fn open_in(keys: Keys, url: &str, language: Option<&str>) -> Self {
        need("tmux");
        need(keys.command[0]);
        let terminal = Self {
            folder: tempfile::tempdir().unwrap(),
            keys,
        };
        // Without settings of its own links2 greets with a dialogue.
        let settings = terminal.folder.path().join(".links2");
        std::fs::create_dir(&settings).unwrap();
        std::fs::write(settings.join("links.cfg"), "").unwrap();
        let mut arguments = vec!["new-session", "-d", "-s", "b", "-x", "100", "-y", "60"];
        arguments.extend(["-e", "LC_ALL=C.UTF-8", "-e", "TERM=screen"]);
        let home = format!("HOME={}", terminal.folder.path().display());
        arguments.extend(["-e", &home]);
        arguments.extend(terminal.keys.command);
        let reads = language.map_or_else(Vec::new, |language| {
            (terminal.keys.reads)(terminal.folder.path(), language)
        });
        arguments.extend(reads.iter().map(String::as_str));
        let asks = language.filter(|_| reads.is_empty());
        let url = asks.map_or_else(|| url.to_owned(), |language| format!("{url}?lang={language}"));
        arguments.push(&url);
        terminal.tmux(&arguments);
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let socket = self.folder.path().join("tmux");
        let output = Command::new("tmux")
            .args(["-u", "-f", "/dev/null", "-S"])
            .arg(socket)
            .args(arguments)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {arguments:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-t", "b"])
    }

    fn key(&self, key: &str) {
        self.tmux(&["send-keys", "-t", "b", key]);
    }

    /// Waits until these words are on the screen.
    pub fn sees(&self, words: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.screen().contains(words) {
            assert!(
                Instant::now() < end,
                "{}: {words:?} did not come:\n{}",
                self.keys.command[0],
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the screen has come to rest: a browser that draws would drop keys.
    pub fn rests(&self) {
        let end = Instant::now() + PATIENCE;
        let mut last = self.screen();
        let mut since = Instant::now();
        while since.elapsed() < Duration::from_millis(150) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(30));
            let now = self.screen();
            if now != last {
                last = now;
                since = Instant::now();
            }
        }
    }

    /// Waits for the page with these words, and does things on it in the order of the page.
    pub fn page(&self, words: &str, doing: &[Do<'_>]) {
        self.sees(words);
        self.rests();
        for key in self.keys.first {
            self.key(key);
        }
        for thing in doing {
            self.rests();
            match thing {
                Do::Next => self.key(self.keys.next),
                Do::Press => self.key("Enter"),
                Do::Back => self.key(self.keys.back),
                Do::Tick => {
                    self.key(self.keys.tick);
                    self.rests();
                    self.key(self.keys.next);
                }
                Do::Pick(below) => {
                    self.key("Enter");
                    self.rests();
                    for _ in 0..*below {
                        self.key("Down");
                    }
                    self.rests();
                    self.key("Enter");
                    self.rests();
                    self.key(self.keys.next);
                }
                Do::Type(text) => self.types(0, text),
                Do::Over(characters, text) => self.types(*characters, text),
            }
        }
    }

    /// Writes into the field under the cursor, after taking away so much of what stands there.
    fn types(&self, away: usize, text: &str) {
        if let Some(open) = self.keys.open {
            self.key(open);
            self.rests();
        }
        for _ in 0..away {
            self.key("BSpace");
        }
        self.tmux(&["send-keys", "-t", "b", "-l", text]);
        self.sees(text);
        if let Some(close) = self.keys.close {
            self.key(close);
        }
        if !self.keys.closes {
            self.key(self.keys.next);
        }
    }
}

impl Terminal {
    /// On a page that the browser kept, the cursor is where it was: on the button that was pressed.
    pub fn again(&self, words: &str) {
        self.sees(words);
        self.rests();
        self.key("Enter");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let socket = self.folder.path().join("tmux");
        let killed = Command::new("tmux").arg("-S").arg(socket).arg("kill-server").output();
        drop(killed);
    }
}
