//! Debian's Firefox, driven over its own Marionette: JSON with its length before it, over TCP. The
//! profile is made for the run, and scripts of pages are off in it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::need;

/// For Firefox to come up, and for a page to come.
const PATIENCE: Duration = Duration::from_secs(90);
/// What an element's reference is called in answers: so says WebDriver.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The keys, as WebDriver has them.
const TAB: char = '\u{e004}';
pub const ENTER: char = '\u{e007}';

/// What the profile says: no scripts; nothing asked for but what the test asks for.
const SETTINGS: &str = r#"
user_pref("javascript.enabled", false);
user_pref("marionette.port", 0);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("browser.aboutConfig.showWarning", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
"#;

/// A window. Firefox ends with it.
pub struct Firefox {
    child: Child,
    _profile: TempDir,
    stream: TcpStream,
    number: u64,
}

impl Firefox {
    /// Starts it.
    pub fn start() -> Self {
        Self::start_in("en-US, en")
    }

    /// Starts it, with the languages that the person reads.
    pub fn start_in(languages: &str) -> Self {
        need("firefox-esr");
        let profile = tempfile::tempdir().unwrap();
        let reads = format!("user_pref(\"intl.accept_languages\", \"{languages}\");\n");
        std::fs::write(profile.path().join("user.js"), SETTINGS.to_owned() + &reads).unwrap();
        let mut child = Command::new("setpriv")
            .args([
                "--pdeathsig",
                "KILL",
                "firefox-esr",
                "--headless",
                "--marionette",
                "--no-remote",
                "--profile",
            ])
            .arg(profile.path())
            .env("HOME", profile.path())
            .env("MOZ_CRASHREPORTER_DISABLE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It says there where it listens.
        let file = profile.path().join("MarionetteActivePort");
        let end = Instant::now() + PATIENCE;
        let stream = loop {
            let port = std::fs::read_to_string(&file)
                .ok()
                .and_then(|port| port.trim().parse::<u16>().ok());
            if let Some(stream) = port.and_then(|port| TcpStream::connect(("127.0.0.1", port)).ok()) {
                break stream;
            }
            let ended = child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < end,
                "firefox-esr does not come up: {ended:?}"
            );
            std::thread::park_timeout(Duration::from_millis(20));
        };
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut firefox = Self {
            child,
            _profile: profile,
            stream,
            number: 0,
        };
        let hello = firefox.hears();
        assert_eq!(hello["marionetteProtocol"], 3, "{hello}");
        firefox.does("WebDriver:NewSession", json!({ "capabilities": {} }));
        let timeouts = json!({ "implicit": 10_000, "pageLoad": 60_000 });
        firefox.does("WebDriver:SetTimeouts", timeouts);
        firefox
    }

    fn hears(&mut self) -> Value {
        let mut length = 0;
        let mut byte = [0];
        loop {
            self.stream.read_exact(&mut byte).expect("Firefox answers");
            match byte[0] {
                b':' => break,
                digit => length = length * 10 + usize::from(digit - b'0'),
            }
        }
        let mut said = vec![0; length];
        self.stream.read_exact(&mut said).expect("Firefox answers");
        serde_json::from_slice(&said).unwrap()
    }

    fn tries(&mut self, command: &str, with: Value) -> Result<Value, Value> {
        self.number += 1;
        let said = json!([0, self.number, command, with]).to_string();
        let said = format!("{}:{said}", said.len());
        self.stream.write_all(said.as_bytes()).expect("Firefox listens");
        let answer = self.hears();
        assert_eq!((&answer[0], &answer[1]), (&json!(1), &json!(self.number)), "{answer}");
        if answer[2].is_null() {
            Ok(answer[3].clone())
        } else {
            Err(answer[2].clone())
        }
    }

    fn does(&mut self, command: &str, with: Value) -> Value {
        let said = with.to_string();
        self.tries(command, with)
            .unwrap_or_else(|why| panic!("{command} {said}: {why}"))
    }

    /// Types an address into the bar.
    pub fn go(&mut self, url: &str) {
        self.does("WebDriver:Navigate", json!({ "url": url }));
    }

    /// Its own Back.
    pub fn back(&mut self) {
        self.does("WebDriver:Back", json!({}));
    }

    /// Its own Reload, which asks whether the form shall be sent again: yes.
    pub fn reload(&mut self) {
        self.does("WebDriver:Refresh", json!({}));
        self.does("WebDriver:AcceptAlert", json!({}));
    }

    fn element(&mut self, using: &str, what: &str) -> String {
        let found = self.tries("WebDriver:FindElement", json!({ "using": using, "value": what }));
        let found = found.unwrap_or_else(|why| panic!("{what}: {why}\n{}", self.text()));
        found["value"][ELEMENT].as_str().expect("an element").to_owned()
    }

    /// What is read on the page. One that is replaced just then, after a reload, is read again.
    pub fn text(&mut self) -> String {
        let began = Instant::now();
        loop {
            let body = self.does(
                "WebDriver:FindElement",
                json!({ "using": "css selector", "value": "body" }),
            );
            let id = &body["value"][ELEMENT];
            match self.tries("WebDriver:GetElementText", json!({ "id": id })) {
                Ok(text) => return text["value"].as_str().unwrap().to_owned(),
                Err(why) if why["error"] == "stale element reference" && began.elapsed() < PATIENCE => {}
                Err(why) => panic!("the page cannot be read: {why}"),
            }
        }
    }

    /// These words are on the page.
    pub fn sees(&mut self, words: &str) {
        let text = self.text();
        assert!(text.contains(words), "{words:?} is not on the page:\n{text}");
    }

    /// The page with this heading comes: a key does not wait for what it brings, and an element that is looked for
    /// meanwhile is looked for on the page that goes.
    pub fn comes(&mut self, heading: &str) {
        let began = Instant::now();
        while !self.text().contains(heading) && began.elapsed() < PATIENCE {
            std::thread::park_timeout(Duration::from_millis(20));
        }
        self.element("xpath", &format!("//h1[contains(normalize-space(),\"{heading}\")]"));
    }

    /// Types into a box, over what stands there.
    pub fn fill(&mut self, name: &str, text: &str) {
        let id = self.element("css selector", &format!("[name='{name}']"));
        self.does("WebDriver:ElementClear", json!({ "id": id }));
        self.does("WebDriver:ElementSendKeys", json!({ "id": id, "text": text }));
    }

    /// The same with several boxes, by their names.
    pub fn fill_all(&mut self, typed: &[(&str, &str)]) {
        for (name, text) in typed {
            self.fill(name, text);
        }
    }

    /// Presses a key in a box, or wherever the focus is.
    pub fn hits(&mut self, key: char, name: Option<&str>) {
        let id = match name {
            Some(name) => self.element("css selector", &format!("[name='{name}']")),
            None => self.focused(),
        };
        self.does(
            "WebDriver:ElementSendKeys",
            json!({ "id": id, "text": key.to_string() }),
        );
    }

    fn focused(&mut self) -> String {
        let found = self.does("WebDriver:GetActiveElement", json!({}));
        found["value"][ELEMENT].as_str().expect("an element").to_owned()
    }

    /// Where Tab stops, in its order: the words, and from where to where it is seen, from the top of the page.
    pub fn stops(&mut self) -> Vec<(String, f64, f64)> {
        let body = self.element("css selector", "body");
        let mut ids = Vec::new();
        let mut stops = Vec::new();
        loop {
            self.hits(TAB, None);
            let id = self.focused();
            if id == body || ids.contains(&id) {
                return stops;
            }
            let words = self.does("WebDriver:GetElementText", json!({ "id": id }));
            let place = self.does("WebDriver:GetElementRect", json!({ "id": id }));
            let number = |name: &str| place[name].as_f64().expect("a number");
            let words = words["value"].as_str().unwrap().to_owned();
            stops.push((words, number("y"), number("y") + number("height")));
            ids.push(id);
        }
    }

    /// The language and the direction of the page.
    pub fn reads(&mut self) -> (String, String) {
        let id = self.element("css selector", "html");
        let mut said = |name: &str| {
            let value = self.does("WebDriver:GetElementAttribute", json!({ "id": id, "name": name }));
            value["value"].as_str().unwrap_or_default().to_owned()
        };
        (said("lang"), said("dir"))
    }

    /// What stands in a box.
    pub fn holds(&mut self, name: &str) -> String {
        let id = self.element("css selector", &format!("[name='{name}']"));
        let value = self.does("WebDriver:GetElementProperty", json!({ "id": id, "name": "value" }));
        value["value"].as_str().unwrap().to_owned()
    }

    /// Picks an option.
    pub fn pick(&mut self, name: &str, value: &str) {
        let id = self.element("css selector", &format!("[name='{name}'][value='{value}']"));
        self.does("WebDriver:ElementClick", json!({ "id": id }));
    }

    /// Picks of a list.
    pub fn pick_of(&mut self, name: &str, value: &str) {
        let id = self.element("css selector", &format!("[name='{name}'] [value='{value}']"));
        self.does("WebDriver:ElementClick", json!({ "id": id }));
    }

    /// Presses the page's main button.
    pub fn press_main(&mut self) {
        let id = self.element("css selector", "button.m");
        self.does("WebDriver:ElementClick", json!({ "id": id }));
    }

    /// Presses a button by its words.
    pub fn press(&mut self, words: &str) {
        let id = self.element(
            "xpath",
            &format!("//button[not(@hidden) and normalize-space()=\"{words}\"]"),
        );
        self.does("WebDriver:ElementClick", json!({ "id": id }));
    }

    /// Follows a link by the name that a screen reader says.
    pub fn follow(&mut self, name: &str) {
        let path = format!("//a[normalize-space()=\"{name}\" or @aria-label=\"{name}\"]");
        let id = self.element("xpath", &path);
        self.does("WebDriver:ElementClick", json!({ "id": id }));
    }

    /// Every cookie that it keeps for the page.
    pub fn cookies(&mut self) -> Value {
        self.does("WebDriver:GetCookies", json!({}))
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}
