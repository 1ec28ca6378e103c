//! Early data (0-RTT): a GET is answered at once, a form only once nobody else can have sent it.
//! The client here is rustls without a runtime, so that it sends exactly what it is told to, and
//! what it sends can be kept and sent again.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use deity::http::{Drained, Settings};
use deity::limits::Http;
use deity::store::{KeyKind, Memory, Store as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection};

use super::frames::in_h2;
use super::h2::over_h2;
use super::sessions::{FLOW, hidden_in, keeping};
use super::tls::{Secured, connect, last};
use super::{FORM, get, post, statuses};
use crate::support::tls::NAME;

const GET: &str = "GET /robots.txt HTTP/1.1\r\nHost: forms.test\r\n\r\n";

/// A client that is told each step.
struct Client {
    tls: ClientConnection,
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Client {
    /// Not a byte is sent yet.
    async fn open(address: SocketAddr, config: &Arc<ClientConfig>) -> Self {
        let name = ServerName::try_from(NAME).unwrap();
        Self {
            tls: ClientConnection::new(Arc::clone(config), name).unwrap(),
            stream: TcpStream::connect(address).await.unwrap(),
            heard: Vec::new(),
        }
    }

    fn early(&mut self, request: &str) {
        let mut early = self.tls.early_data().expect("a ticket that allows early data");
        early.write_all(request.as_bytes()).unwrap();
    }

    /// What TLS has to send now.
    fn flight(&mut self) -> Vec<u8> {
        let mut flight = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut flight).unwrap();
        }
        flight
    }

    async fn send(&mut self) {
        let flight = self.flight();
        self.stream.write_all(&flight).await.unwrap();
    }

    /// Reads on until `enough`; whether it came to that.
    async fn hear(&mut self, enough: impl Fn(&Self) -> bool) -> bool {
        while !enough(self) {
            let mut some = [0; 4096];
            let read = timeout(Duration::from_secs(30), self.stream.read(&mut some)).await;
            let n = read.expect("it answers, or closes").unwrap_or(0);
            if n == 0 {
                return false;
            }
            self.tls.read_tls(&mut &some[..n]).unwrap();
            if self.tls.process_new_packets().is_err() {
                return false;
            }
            // Nothing more is there now: no error for us.
            let _none = self.tls.reader().read_to_end(&mut self.heard);
        }
        true
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }

    async fn hear_answers(&mut self, count: usize) {
        let whole = |client: &Self| {
            let said = client.said();
            statuses(&said).len() == count && (said.ends_with("*?\n") || said.trim_end().ends_with("</main>"))
        };
        assert!(self.hear(whole).await, "{}", self.said());
    }
}

/// A flow, a person at its second screen, and a client that has a ticket.
struct Scene {
    server: Secured,
    store: Arc<Memory>,
    config: Arc<ClientConfig>,
    ids: [String; 2],
}

impl Scene {
    async fn set(protocol: &str, limits: Http) -> Self {
        let store = Arc::new(Memory::new());
        let settings = Settings {
            limits,
            quality: deity::http::Quality::Off,
            ..Settings::default()
        };
        let server = Secured::run(Arc::new(keeping(FLOW, settings, &store).await)).await;
        let config = server.client(&[protocol]);
        let mut scene = Self {
            server,
            store,
            config,
            ids: Default::default(),
        };
        let visitor = scene.server.client(&["http/1.1"]);
        let start = ask(&scene, &visitor, &format!("GET /bicycle {}", rest(""))).await;
        scene.ids = ids(&start);
        let page = ask(&scene, &visitor, &scene.form("start", "")).await;
        assert!(page.contains("Who are you?"), "{page}");
        scene.ids = ids(&page);
        scene.prime().await;
        scene
    }

    /// A whole connection, from which the client has a ticket.
    async fn prime(&self) {
        if self.config.alpn_protocols == [b"h2"] {
            let stream = connect(self.server.tls, &self.config).await.unwrap();
            let answer = over_h2(stream, get("/robots.txt", &[("host", NAME)])).await;
            assert_eq!(answer.unwrap().0, 200);
        } else {
            ask(self, &self.config, &format!("GET /robots.txt {}", rest(""))).await;
        }
    }

    fn body(&self, action: &str, fields: &str) -> String {
        let [session, screen] = &self.ids;
        format!("sessionID={session}&screenID={screen}&actionID={action}{fields}")
    }

    /// The whole request of a form.
    fn form(&self, action: &str, fields: &str) -> String {
        format!("POST /bicycle {}", rest(&self.body(action, fields)))
    }

    /// Every session as the store holds it.
    async fn stored(&self) -> Vec<(u64, Vec<u8>)> {
        let found = self.store.scan(KeyKind::Session, None, 10).await.unwrap();
        found
            .into_iter()
            .map(|(_, stored)| (stored.token.version, stored.bytes))
            .collect()
    }
}

/// What follows the method and the target; the connection stays.
fn rest(body: &str) -> String {
    if body.is_empty() {
        return format!("HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    }
    let length = body.len();
    format!("HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: {FORM}\r\nContent-Length: {length}\r\n\r\n{body}")
}

fn ids(page: &str) -> [String; 2] {
    let page = page.split("\r\n\r\n").nth(1).unwrap();
    ["sessionID", "screenID"].map(|name| hidden_in(page, name).unwrap_or_default())
}

/// One request after a whole handshake.
async fn ask(scene: &Scene, config: &Arc<ClientConfig>, request: &str) -> String {
    let mut stream = connect(scene.server.tls, config).await.unwrap();
    let closing = request.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
    last(&mut stream, closing.as_bytes()).await
}

#[tokio::test]
async fn an_early_get_is_answered_before_the_handshake_ends_and_the_connection_goes_on() {
    let scene = Scene::set("http/1.1", Http::default()).await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    client.early(GET);
    client.send().await;
    client.hear_answers(1).await;
    assert!(client.tls.is_early_data_accepted());
    assert!(client.tls.wants_write(), "not a word of ours beyond the first flight");
    client.tls.writer().write_all(GET.as_bytes()).unwrap();
    client.send().await;
    client.hear_answers(2).await;
    assert_eq!(statuses(&client.said()), [200, 200]);
}

#[tokio::test]
async fn an_early_get_that_is_the_last_is_answered_whole() {
    let scene = Scene::set("http/1.1", Http::default()).await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    client.early(&GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    client.send().await;
    client.hear_answers(1).await;
    client.send().await;
    assert!(!client.hear(|_| false).await, "and then it closes");
    assert_eq!(statuses(&client.said()), [200]);
}

#[tokio::test]
async fn an_early_form_waits_for_the_handshake_and_is_applied_once() {
    let scene = Scene::set("http/1.1", Http::default()).await;
    let before = scene.stored().await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    client.early(&scene.form("continue", "&name=Ada&town="));
    client.send().await;
    assert!(client.hear(|client| !client.tls.is_handshaking()).await);
    assert!(client.tls.is_early_data_accepted());
    // Time for it to be answered, had it been read.
    ask(&scene, &scene.server.client(&["http/1.1"]), GET).await;
    assert_eq!(scene.stored().await, before);
    client.send().await;
    client.hear_answers(1).await;
    assert!(client.said().contains("Check your answers"), "{}", client.said());
    let after = scene.stored().await;
    assert_eq!(after[0].0, before[0].0 + 1, "one step");
}

#[tokio::test]
async fn what_comes_early_after_a_get_waits_too() {
    let scene = Scene::set("http/1.1", Http::default()).await;
    let before = scene.stored().await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    client.early(&format!("{GET}{}", scene.form("continue", "&name=Ada&town=")));
    client.send().await;
    client.hear_answers(1).await;
    assert_eq!(scene.stored().await, before);
    client.send().await;
    client.hear_answers(2).await;
    assert_eq!(scene.stored().await[0].0, before[0].0 + 1);
}

/// Sends what was recorded of another client's first flight, and hears it out.
async fn again(address: SocketAddr, recorded: &[u8]) -> Vec<u8> {
    let mut thief = TcpStream::connect(address).await.unwrap();
    thief.write_all(recorded).await.unwrap();
    thief.shutdown().await.unwrap();
    let mut heard = Vec::new();
    let read = timeout(Duration::from_secs(30), thief.read_to_end(&mut heard)).await;
    let _cut = read.expect("it closes in time");
    heard
}

#[tokio::test]
async fn an_early_form_that_is_sent_again_after_others_changes_nothing_back() {
    let scene = Scene::set("http/1.1", Http::default()).await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    client.early(&scene.form("continue", "&name=Ada&town="));
    let recorded = client.flight();
    client.stream.write_all(&recorded).await.unwrap();
    assert!(client.hear(|client| !client.tls.is_handshaking()).await);
    client.send().await;
    client.hear_answers(1).await;
    let visitor = scene.server.client(&["http/1.1"]);
    let changed = ask(&scene, &visitor, &scene.form("continue", "&name=Grace&town=")).await;
    assert!(changed.contains("Grace"), "{changed}");

    let before = scene.stored().await;
    for _ in 0..3 {
        let heard = again(scene.server.tls, &recorded).await;
        assert!(!heard.is_empty(), "the server spoke its part of a handshake");
    }
    let store = Arc::clone(&scene.store);
    assert_eq!(scene.server.stop().await, Drained { dropped: 0 });
    let found = store.scan(KeyKind::Session, None, 10).await.unwrap();
    let after: Vec<_> = found
        .into_iter()
        .map(|(_, stored)| (stored.token.version, stored.bytes))
        .collect();
    assert_eq!(after, before);
}

#[tokio::test]
async fn an_early_form_that_was_held_up_changes_nothing_back() {
    let scene = Scene::set("http/1.1", Http::default()).await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    client.early(&scene.form("continue", "&name=Ada&town="));
    // Somebody keeps it. The person sends it again, and then something else.
    let recorded = client.flight();
    let visitor = scene.server.client(&["http/1.1"]);
    for name in ["Ada", "Grace"] {
        let page = ask(
            &scene,
            &visitor,
            &scene.form("continue", &format!("&name={name}&town=")),
        )
        .await;
        assert!(page.contains(name), "{page}");
    }
    let before = scene.stored().await;
    client.stream.write_all(&recorded).await.unwrap();
    assert!(client.hear(|client| !client.tls.is_handshaking()).await);
    assert!(
        client.tls.is_early_data_accepted(),
        "its ticket is still good: what comes early is let in"
    );
    // Who kept it cannot finish the handshake.
    drop(client);
    again(scene.server.tls, &recorded).await;
    let store = Arc::clone(&scene.store);
    scene.server.stop().await;
    let found = store.scan(KeyKind::Session, None, 10).await.unwrap();
    let after: Vec<_> = found
        .into_iter()
        .map(|(_, stored)| (stored.token.version, stored.bytes))
        .collect();
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_client_is_told_how_much_it_may_send_early() {
    let limits = Http {
        early_bytes: 1024,
        ..Http::default()
    };
    let scene = Scene::set("http/1.1", limits).await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    assert_eq!(client.tls.early_data().unwrap().bytes_left(), 1024);
    client.early(&GET.replacen(
        "\r\n\r\n",
        &format!("\r\nX: {}\r\n\r\n", "x".repeat(1019 - GET.len())),
        1,
    ));
    client.send().await;
    client.hear_answers(1).await;
    assert_eq!(statuses(&client.said()), [200]);
}

#[tokio::test]
async fn a_handshake_that_never_ends_ends_the_connection_though_a_get_was_answered() {
    let limits = Http {
        handshake_time: Duration::from_millis(500),
        ..Http::default()
    };
    let scene = Scene::set("http/1.1", limits).await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    client.early(GET);
    client.send().await;
    client.hear_answers(1).await;
    assert!(
        !client.hear(|_| false).await,
        "it is closed, long before it is idle for too long"
    );
}

#[tokio::test]
async fn over_http_2_too_a_get_is_answered_early_and_a_form_once_the_handshake_is_done() {
    let scene = Scene::set("h2", Http::default()).await;
    let before = scene.stored().await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    let asked = in_h2(get("/robots.txt", &[])).await;
    client.tls.early_data().unwrap().write_all(&asked).unwrap();
    client.send().await;
    assert!(client.hear(|client| client.said().contains("User-agent")).await);
    assert!(client.tls.wants_write(), "not a word of ours beyond the first flight");
    drop(client);

    scene.prime().await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    let form = in_h2(post("/bicycle", &[], scene.body("continue", "&name=Ada&town="))).await;
    client.tls.early_data().unwrap().write_all(&form).unwrap();
    client.send().await;
    // Frames come, so the connection is under way.
    assert!(client.hear(|client| !client.heard.is_empty()).await);
    ask(&scene, &scene.server.client(&["http/1.1"]), GET).await;
    assert_eq!(scene.stored().await, before);
    client.send().await;
    assert!(client.hear(|client| client.said().contains("Check your answers")).await);
    assert_eq!(scene.stored().await[0].0, before[0].0 + 1);
}

#[tokio::test]
async fn over_http_2_a_form_whose_handshake_never_ends_is_given_up() {
    let limits = Http {
        handshake_time: Duration::from_millis(500),
        ..Http::default()
    };
    let scene = Scene::set("h2", limits).await;
    let before = scene.stored().await;
    let mut client = Client::open(scene.server.tls, &scene.config).await;
    let form = in_h2(post("/bicycle", &[], scene.body("continue", "&name=Ada&town="))).await;
    client.tls.early_data().unwrap().write_all(&form).unwrap();
    client.send().await;
    assert!(!client.hear(|_| false).await, "the server closes");
    assert_eq!(scene.stored().await, before);
}

#[tokio::test]
async fn a_form_that_a_proxy_calls_early_is_refused_and_a_page_is_shown() {
    let scene = Scene::set("http/1.1", Http::default()).await;
    let before = scene.stored().await;
    let visitor = scene.server.client(&["http/1.1"]);
    for value in ["1", "0", "", "1\r\nEarly-Data: 1"] {
        let early = format!("\r\nEarly-Data: {value}\r\n\r\n");
        let form = scene
            .form("continue", "&name=Ada&town=")
            .replacen("\r\n\r\n", &early, 1);
        let refused = ask(&scene, &visitor, &form).await;
        assert_eq!(statuses(&refused), [425], "{refused}");
        assert!(refused.contains("This was sent too early"), "{refused}");
        let page = ask(&scene, &visitor, &GET.replacen("\r\n\r\n", &early, 1)).await;
        assert_eq!(statuses(&page), [200]);
    }
    assert_eq!(scene.stored().await, before);
    assert_eq!(
        statuses(&ask(&scene, &visitor, &scene.form("continue", "&name=Ada&town=")).await),
        [200]
    );
}
