//! TLS: versions, protocols, sessions that are resumed, handshakes that are not finished,
//! certificates that are exchanged or no good.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::time::Duration;

use deity::http::{App, Drained, Endpoint, Files, Keys, Server, Settings, serve_tls};
use deity::limits::Http;
use rcgen::date_time_ymd;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, HandshakeKind, ProtocolVersion};

use super::{PEER, app, bounded, statuses};
use crate::support::tls::{NAME, Pair, client, write};

const GET: &[u8] = b"GET /robots.txt HTTP/1.1\r\nHost: forms.test\r\n\r\n";
const LAST: &[u8] = b"GET / HTTP/1.1\r\nHost: forms.test\r\nConnection: close\r\n\r\n";

/// A server with TLS on one socket and without on another.
pub struct Secured {
    pub pair: Pair,
    pub keys: Arc<Keys>,
    pub tls: SocketAddr,
    pub plain: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Drained>,
}

impl Secured {
    pub async fn run(app: Arc<App>) -> Self {
        let pair = Pair::new();
        let keys = Arc::new(Keys::load(pair.files(), &app.settings().limits).unwrap());
        let address = "127.0.0.1:0".parse().unwrap();
        let places = [true, false].map(|tls| Endpoint::Tcp { address, tls });
        let server = Server::listen(&places, 0o600, Some(Arc::clone(&keys))).await.unwrap();
        let at: Vec<_> = server
            .endpoints()
            .iter()
            .map(|endpoint| endpoint.address().unwrap())
            .collect();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopping = async {
            stopped.await.unwrap();
        };
        let ended = tokio::spawn(server.run(app, stopping));
        Self {
            pair,
            keys,
            tls: at[0],
            plain: at[1],
            stop,
            ended,
        }
    }

    pub async fn bounded(limits: Http) -> Self {
        Self::run(bounded(limits).await).await
    }

    /// A client that trusts it.
    pub fn client(&self, protocols: &[&str]) -> Arc<ClientConfig> {
        Arc::new(client(&self.pair.der, protocols, false))
    }

    /// Asks it to stop and waits until it has.
    pub async fn stop(self) -> Drained {
        self.stop.send(()).unwrap();
        timeout(Duration::from_secs(30), self.ended).await.unwrap().unwrap()
    }
}

/// A finished handshake.
pub async fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    handshake(stream, config).await
}

pub async fn handshake<I>(io: I, config: &Arc<ClientConfig>) -> std::io::Result<TlsStream<I>>
where
    I: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(NAME).unwrap();
    TlsConnector::from(Arc::clone(config)).connect(name, io).await
}

/// Sends this and reads to the end.
pub async fn last<I>(stream: &mut TlsStream<I>, request: &[u8]) -> String
where
    I: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(request).await.unwrap();
    stream.flush().await.unwrap();
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes));
    read.await.expect("it closes in time").expect("it closes in order");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn both_versions_are_spoken_and_the_page_is_the_same_as_without() {
    let server = Secured::bounded(Http::default()).await;
    let mut plain = TcpStream::connect(server.plain).await.unwrap();
    plain.write_all(LAST).await.unwrap();
    let mut expected = String::new();
    plain.read_to_string(&mut expected).await.unwrap();
    assert!(!expected.contains("strict-transport-security"), "{expected}");
    for (tls12, version) in [(true, ProtocolVersion::TLSv1_2), (false, ProtocolVersion::TLSv1_3)] {
        let config = Arc::new(client(&server.pair.der, &["http/1.1"], tls12));
        let mut stream = connect(server.tls, &config).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version));
        let said = last(&mut stream, LAST).await;
        assert_eq!(statuses(&said), [200]);
        let hsts = "strict-transport-security: max-age=31536000\r\n";
        assert!(said.contains(hsts), "TLS counts as https without an origin: {said}");
        let but_date = |said: &str| {
            let lines = said.replace(hsts, "");
            lines
                .split("\r\n")
                .filter(|line| !line.starts_with("date:"))
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert_eq!(but_date(&said), but_date(&expected));
    }
    assert_eq!(server.stop().await, Drained { dropped: 0 });
}

#[tokio::test]
async fn the_protocol_is_the_one_that_the_client_asks_for() {
    let server = Secured::bounded(Http::default()).await;
    for (offered, chosen) in [
        (&[][..], None),
        (&["http/1.1"], Some("http/1.1")),
        (&["http/1.0"], Some("http/1.0")),
        (&["h2", "http/1.1"], Some("h2")),
        (&["http/1.1", "h2"], Some("h2")),
    ] {
        let stream = connect(server.tls, &server.client(offered)).await.unwrap();
        let spoken = stream.get_ref().1.alpn_protocol();
        assert_eq!(spoken, chosen.map(str::as_bytes), "{offered:?}");
    }
    assert!(connect(server.tls, &server.client(&["spdy/3"])).await.is_err());
}

#[tokio::test]
async fn a_session_is_resumed_once_per_ticket_and_there_is_one_ticket() {
    let server = Secured::bounded(Http::default()).await;
    for tls12 in [false, true] {
        let config = Arc::new(client(&server.pair.der, &["http/1.1"], tls12));
        for expected in [HandshakeKind::Full, HandshakeKind::Resumed, HandshakeKind::Resumed] {
            let mut stream = connect(server.tls, &config).await.unwrap();
            let said = last(&mut stream, LAST).await;
            assert_eq!(statuses(&said), [200]);
            let (_, session) = stream.get_ref();
            assert_eq!(session.handshake_kind(), Some(expected), "{tls12}");
            assert_eq!(session.tls13_tickets_received(), u32::from(!tls12));
        }
    }
}

#[tokio::test]
async fn of_the_sessions_that_may_be_resumed_the_oldest_goes_first() {
    let server = Secured::bounded(Http {
        tls_sessions: 1,
        ..Http::default()
    })
    .await;
    let clients: Vec<_> = (0..40).map(|_| server.client(&["http/1.1"])).collect();
    let mut resumed = Vec::new();
    for config in clients.iter().chain([&clients[0], &clients[39]]) {
        let mut stream = connect(server.tls, config).await.unwrap();
        last(&mut stream, LAST).await;
        resumed.push(stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed));
    }
    assert_eq!(
        resumed.iter().filter(|resumed| **resumed).count(),
        usize::from(resumed[41])
    );
    assert!(!resumed[40], "the first of forty is forgotten");
}

#[tokio::test]
async fn what_speaks_no_tls_is_told_so_and_ends() {
    let server = Secured::bounded(Http::default()).await;
    for said in [GET, b"\0", b"\x16\x03\x01\xff\xff", b"SSH-2.0-x\r\n", &[0xff; 70_000]] {
        let mut stream = TcpStream::connect(server.tls).await.unwrap();
        // It may be closed before all of it was taken.
        let _sent = stream.write_all(said).await;
        let _shut = stream.shutdown().await;
        let mut heard = Vec::new();
        let read = timeout(Duration::from_secs(30), stream.read_to_end(&mut heard)).await;
        let cut = read.expect("it closes in time").is_err();
        // An alert, or the end of who had not begun, or was not done.
        assert!(heard.first().is_none_or(|first| *first == 21), "{heard:?}");
        assert!(said != GET || (!cut && heard.len() == 7), "{heard:?}");
    }
    let mut stream = connect(server.tls, &server.client(&["http/1.1"])).await.unwrap();
    assert_eq!(statuses(&last(&mut stream, LAST).await), [200], "the server goes on");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_its_time() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    let pair = Pair::new();
    let keys = Keys::load(pair.files(), &limits).unwrap();
    for part in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
        let (mut client, server) = tokio::io::duplex(4096);
        let began = Instant::now();
        let serving = async { serve_tls(server, PEER, Arc::clone(&app), &keys).await };
        let hanging = async {
            client.write_all(part).await.unwrap();
            assert_eq!(client.read(&mut [0; 9]).await.unwrap(), 0);
        };
        tokio::join!(serving, hanging);
        let took = began.elapsed();
        assert!(took >= limits.handshake_time && took < limits.handshake_time + Duration::from_millis(100));
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_handshake_times_are_those_of_any_connection() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    let pair = Pair::new();
    let keys = Arc::new(Keys::load(pair.files(), &limits).unwrap());
    let config = Arc::new(client(&pair.der, &["http/1.1"], false));
    for (ask, time) in [
        (&b""[..], limits.header_time),
        (b"GET", limits.header_time),
        (GET, limits.idle_time),
    ] {
        let (io, server) = tokio::io::duplex(4096);
        let (app, keys) = (Arc::clone(&app), Arc::clone(&keys));
        tokio::spawn(async move { serve_tls(server, PEER, app, &keys).await });
        let mut stream = handshake(io, &config).await.unwrap();
        let began = Instant::now();
        stream.write_all(ask).await.unwrap();
        let mut said = Vec::new();
        let ended = stream.read_to_end(&mut said).await;
        // Who was answered hears that it is over; who did not finish asking is cut off.
        assert_eq!(ended.is_ok(), ask == GET, "{ended:?}");
        let took = began.elapsed();
        assert!(took >= time && took < time + Duration::from_millis(100), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_takes_no_answer_is_given_up() {
    let limits = Http::default();
    let app = bounded(limits.clone()).await;
    let pair = Pair::new();
    let keys = Keys::load(pair.files(), &limits).unwrap();
    let config = Arc::new(client(&pair.der, &["http/1.1"], false));
    // Room for a part of one answer.
    let (io, server) = tokio::io::duplex(64);
    let serving = async { serve_tls(server, PEER, app, &keys).await };
    let asking = async {
        let mut stream = handshake(io, &config).await.unwrap();
        stream.write_all(GET).await.unwrap();
        stream.flush().await.unwrap();
        // It is held, and not read from, until the server has gone.
        (stream, Instant::now())
    };
    let ((), (_stream, began)) = tokio::join!(serving, asking);
    let took = began.elapsed();
    assert!(
        took >= limits.write_time && took < limits.write_time + Duration::from_secs(1),
        "{took:?}"
    );
}

#[tokio::test]
async fn when_full_the_oldest_unfinished_handshake_goes_first() {
    let server = Secured::bounded(Http {
        connections: 4,
        ..Http::default()
    })
    .await;
    let config = server.client(&["http/1.1"]);
    let mut kept = connect(server.tls, &config).await.unwrap();
    let mut answer = [0; 15];
    kept.write_all(GET).await.unwrap();
    kept.read_exact(&mut answer).await.unwrap();
    let mut halves = Vec::new();
    for _ in 0..20 {
        let mut half = TcpStream::connect(server.tls).await.unwrap();
        half.write_all(b"\x16\x03\x01\x02").await.unwrap();
        halves.push(half);
    }
    for _ in 0..3 {
        let mut stream = connect(server.tls, &config).await.unwrap();
        assert_eq!(statuses(&last(&mut stream, LAST).await), [200]);
    }
    for half in halves.iter_mut().take(17) {
        let read = timeout(Duration::from_secs(30), half.read(&mut answer)).await.unwrap();
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
    kept.write_all(LAST).await.unwrap();
    let mut rest = Vec::new();
    timeout(Duration::from_secs(30), kept.read_to_end(&mut rest))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        statuses(&String::from_utf8_lossy(&rest)),
        [200],
        "who was idle is still there"
    );
}

#[tokio::test]
async fn a_stop_does_not_wait_for_handshakes_and_answers_what_is_asked() {
    let server = Secured::bounded(Http::default()).await;
    let mut half = TcpStream::connect(server.tls).await.unwrap();
    half.write_all(b"\x16\x03\x01\x02").await.unwrap();
    let mut stream = connect(server.tls, &server.client(&["http/1.1"])).await.unwrap();
    stream.write_all(&GET[..20]).await.unwrap();
    stream.flush().await.unwrap();
    let plain = server.plain;
    let stopping = tokio::spawn(server.stop());
    while TcpStream::connect(plain).await.is_ok() {}
    let said = last(&mut stream, &GET[20..]).await;
    assert_eq!(statuses(&said), [200], "{said}");
    assert_eq!(stopping.await.unwrap(), Drained { dropped: 0 });
}

#[tokio::test]
async fn a_new_certificate_is_shown_without_a_new_start_and_a_broken_one_is_not() {
    let server = Secured::bounded(Http::default()).await;
    assert_eq!(server.keys.reload(), None, "nothing has changed");
    let dir = server.pair.dir.path();
    let old = server.client(&["http/1.1"]);
    let new = Arc::new(client(&write(dir, |_| {}), &["http/1.1"], false));
    assert!(connect(server.tls, &old).await.is_ok(), "not looked at yet");
    assert_eq!(server.keys.reload(), Some(Ok(())));
    assert!(connect(server.tls, &new).await.is_ok());
    let without_sessions = server.client(&["http/1.1"]);
    assert!(connect(server.tls, &without_sessions).await.is_err());

    for (file, text) in [
        ("key.pem", "nonsense"),
        ("cert.pem", ""),
        ("cert.pem", "-----BEGIN CERTIFICATE-----\n*"),
    ] {
        let before = fs::read(dir.join(file)).unwrap();
        fs::write(dir.join(file), text).unwrap();
        let flaw = server.keys.reload().unwrap().unwrap_err();
        assert!(flaw.message.contains(file), "{flaw:?}");
        assert_eq!(server.keys.reload(), None, "told once");
        assert!(connect(server.tls, &new).await.is_ok(), "the old one goes on");
        fs::write(dir.join(file), before).unwrap();
        assert_eq!(server.keys.reload(), Some(Ok(())));
    }
    fs::remove_file(dir.join("key.pem")).unwrap();
    assert!(server.keys.reload().unwrap().is_err());
    assert_eq!(server.keys.reload(), None);
}

#[tokio::test]
async fn what_would_never_end_is_not_read_and_holds_nothing_up() {
    let pair = Pair::new();
    let keys = Arc::new(Keys::load(pair.files(), &Http::default()).unwrap());
    let Files { certificate, key } = pair.files();
    let [kept, pipe] = ["kept.pem", "pipe"].map(|name| pair.dir.path().join(name));
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for file in [certificate, key] {
        fs::rename(&file, &kept).unwrap();
        // A link is followed to what it leads to.
        symlink(&pipe, &file).unwrap();
        let looking = Arc::clone(&keys);
        let looked = tokio::task::spawn_blocking(move || looking.reload());
        let Ok(looked) = timeout(Duration::from_secs(30), looked).await else {
            // Lets go of who waits for a writer.
            fs::OpenOptions::new().write(true).open(&pipe).unwrap();
            panic!("{} is opened", file.display());
        };
        let flaw = looked.unwrap().unwrap().unwrap_err();
        let name = file.file_name().unwrap().to_str().unwrap();
        for words in [name, "no regular file"] {
            assert!(flaw.message.contains(words), "{flaw:?}");
        }
        assert_eq!(keys.reload(), None, "told once");
        fs::remove_file(&file).unwrap();
        symlink(&kept, &file).unwrap();
        assert_eq!(keys.reload(), Some(Ok(())), "a link to a file is as good as it");
        fs::remove_file(&file).unwrap();
        fs::rename(&kept, &file).unwrap();
    }
}

#[test]
fn what_is_wrong_with_the_files_is_said() {
    let flaw = |pair: &Pair| Keys::load(pair.files(), &Http::default()).unwrap_err();
    let told = |pair: &Pair, words: &[&str]| {
        let flaw = flaw(pair);
        for word in words {
            assert!(flaw.message.contains(word), "{word}: {flaw:?}");
        }
        assert!(!flaw.help.is_empty());
    };
    let pair = Pair::new();
    let (cert, key) = (pair.files().certificate, pair.files().key);
    let (good_cert, good_key) = (fs::read(&cert).unwrap(), fs::read(&key).unwrap());
    fs::remove_file(&cert).unwrap();
    told(&pair, &["cert.pem", "No such file"]);
    fs::write(&cert, &good_key).unwrap();
    told(&pair, &["cert.pem", "no certificate in it"]);
    fs::write(&cert, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    told(&pair, &["cert.pem", "cannot be read"]);
    fs::write(&cert, vec![b'x'; 2 << 20]).unwrap();
    told(&pair, &["cert.pem", "larger"]);
    fs::write(&cert, &good_cert).unwrap();
    fs::write(&key, &good_cert).unwrap();
    told(&pair, &["key.pem", "no private key in it"]);
    let other = Pair::new();
    fs::copy(other.files().key, &key).unwrap();
    told(&pair, &["key.pem", "not that of the certificate", "cert.pem"]);
}

#[test]
fn a_certificate_that_is_past_or_not_yet_is_warned_of() {
    let pair = Pair::new();
    let load = || Keys::load(pair.files(), &Http::default()).unwrap().warning();
    assert_eq!(load(), None);
    write(pair.dir.path(), |params| params.not_after = date_time_ymd(2020, 2, 29));
    let warning = load().unwrap();
    assert!(
        warning.contains("cert.pem") && warning.contains("expired at 2020-02-29T00:00:00Z"),
        "{warning}"
    );
    write(pair.dir.path(), |params| params.not_before = date_time_ymd(4000, 1, 1));
    assert!(load().unwrap().contains("not good before 4000-01-01"), "{:?}", load());
}

#[tokio::test]
async fn an_origin_of_plain_http_does_not_take_the_s_of_https_away() {
    let server = Secured::run(
        app(Settings {
            origin: Some("http://forms.test".parse().unwrap()),
            ..Settings::default()
        })
        .await,
    )
    .await;
    let mut stream = connect(server.tls, &server.client(&[])).await.unwrap();
    assert!(last(&mut stream, LAST).await.contains("strict-transport-security"));
}
