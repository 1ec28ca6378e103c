//! Behind nginx, set up as docs/operators.md says: over a Unix socket and over TCP.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpSocket;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection};

use super::h2::over_h2;
use super::sessions::{FLOW, hidden_in};
use super::tls::{connect, handshake, last};
use super::{FORM, get, statuses};
use crate::support::tls::{self, NAME};
use crate::support::{App, eventually};

const OPERATORS: &str = include_str!("../../../docs/operators.md");

/// nginx, until it is dropped.
struct Nginx {
    child: Child,
    address: SocketAddr,
    dir: TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers go with the master only if that can tell them.
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        let _told = kill_process(pid, Signal::TERM);
        let _reaped = self.child.wait();
    }
}

impl Nginx {
    /// The paper's own lines, with the test's places in the place of the paper's.
    fn start(dir: TempDir, upstream: &str, prefixed: bool) -> Self {
        // Nobody else binds ports of this address, so what is free stays free.
        let free = TcpListener::bind("127.0.0.77:0").unwrap().local_addr().unwrap();
        let mut snippets = OPERATORS.split("```nginx\n").skip(1);
        let mut snippet = || snippets.next().unwrap().split("```").next().unwrap();
        let mut site = snippet().to_owned();
        if prefixed {
            // Below a path of a host that has other things too.
            let (server, _) = site.split_once("    access_log").unwrap();
            let (_, tls) = site.split_once("emerg;\n").unwrap();
            let (tls, _) = tls.split_once("    location / {").unwrap();
            site = format!("{server}{tls}{}}}\n", snippet());
        }
        let at = dir.path().display();
        for (place, ours) in [
            ("unix:/run/deity/http.sock", upstream.to_owned()),
            ("listen 443 ", format!("listen {free} ")),
            ("forms.example.org", NAME.to_owned()),
            ("/var/log/nginx/forms.log", format!("{at}/forms.log")),
            ("/var/log/nginx/forms.error.log", format!("{at}/forms.error.log")),
            ("/etc/ssl/forms/cert.pem", format!("{at}/cert.pem")),
            ("/etc/ssl/forms/key.pem", format!("{at}/key.pem")),
        ] {
            assert_eq!(site.matches(place).count(), 1, "{place}");
            site = site.replace(place, &ours);
        }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {at}/{name};"))
            .concat();
        // As Debian has it; who is not root cannot be another.
        let user = if rustix::process::getuid().is_root() {
            "user www-data;"
        } else {
            ""
        };
        let config = format!(
            "{user} daemon off; pid {at}/pid; error_log stderr; worker_processes 1;\nevents {{}}\n\
             http {{ access_log off; {temporary}\n{site}\n}}\n"
        );
        fs::write(dir.path().join("nginx.conf"), config).unwrap();
        let child = Command::new("nginx")
            .arg("-c")
            .arg(dir.path().join("nginx.conf"))
            .args(["-e", "stderr", "-p"])
            .arg(dir.path())
            .stdin(Stdio::null())
            .spawn()
            .expect("nginx");
        let nginx = Self {
            child,
            address: free,
            dir,
        };
        assert!(
            eventually(|| std::net::TcpStream::connect(free).is_ok()),
            "nginx came up"
        );
        nginx
    }
}

/// A directory as docs/operators.md has it made: nginx's workers may go in, and who is root gives it them.
fn directory() -> TempDir {
    let dir = TempDir::new().unwrap();
    if rustix::process::getuid().is_root() {
        let group = fs::read_to_string("/etc/group").unwrap();
        let line = group
            .lines()
            .find(|line| line.starts_with("www-data:"))
            .expect("the group of nginx");
        let number = line.split(':').nth(2).unwrap().parse().unwrap();
        std::os::unix::fs::chown(dir.path(), None, Some(number)).unwrap();
    }
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o2750)).unwrap();
    dir
}

fn request(prefix: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {prefix}/bicycle HTTP/1.1\r\nHost: {NAME}\r\nOrigin: https://{NAME}\r\nContent-Type: {FORM}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn ids(page: &str) -> String {
    let page = page.split_once("\r\n\r\n").unwrap().1;
    let [session, screen] = ["sessionID", "screenID"].map(|name| hidden_in(page, name).unwrap_or_default());
    format!("sessionID={session}&screenID={screen}")
}

/// One request from this address of the loopback.
async fn from(source: &str, nginx: &Nginx, config: &Arc<ClientConfig>, request: &str) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(source.parse().unwrap()).unwrap();
    let io = socket.connect(nginx.address).await.unwrap();
    said(io, config, request).await
}

async fn said<I: AsyncRead + AsyncWrite + Unpin>(io: I, config: &Arc<ClientConfig>, request: &str) -> String {
    last(&mut handshake(io, config).await.unwrap(), request.as_bytes()).await
}

/// A form as early data: what comes back before the handshake is finished, and whether nginx let it
/// in. Of a finished handshake nginx says `Early-Data` no more: it cannot be a copy.
fn early(nginx: &Nginx, config: &Arc<ClientConfig>, request: &str) -> (String, bool) {
    let name = ServerName::try_from(NAME).unwrap();
    let mut tls = ClientConnection::new(Arc::clone(config), name).unwrap();
    let mut io = std::net::TcpStream::connect(nginx.address).unwrap();
    io.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    tls.early_data()
        .expect("a ticket")
        .write_all(request.as_bytes())
        .unwrap();
    while tls.wants_write() {
        tls.write_tls(&mut io).unwrap();
    }
    let mut said = Vec::new();
    while !said.ends_with(b"</main>") {
        assert!(
            tls.read_tls(&mut io).expect("an answer") > 0,
            "{}",
            String::from_utf8_lossy(&said)
        );
        tls.process_new_packets().unwrap();
        // Nothing more is there now: no error for us.
        let _none = tls.reader().read_to_end(&mut said);
    }
    assert!(tls.wants_write(), "our part of the handshake is not sent");
    (
        String::from_utf8_lossy(&said).into_owned(),
        tls.is_early_data_accepted(),
    )
}

/// Walks below this prefix; gives the request of a link with ids in it.
async fn walk(nginx: &Nginx, config: &Arc<ClientConfig>, prefix: &str) -> String {
    let request = |body: &str| request(prefix, body);
    let get_of = |target: &str| {
        format!(
            "GET {prefix}/{target} HTTP/1.1\r\nHost: {NAME}\r\nReferer: https://{NAME}{prefix}/{target}\r\nConnection: close\r\n\r\n"
        )
    };
    let start = get_of("bicycle");
    let page = from("127.0.0.1:0", nginx, config, &start).await;
    assert_eq!(statuses(&page), [200], "{page}");
    assert!(
        page.to_ascii_lowercase().contains("strict-transport-security"),
        "{page}"
    );
    // From another network too: carriers change their exits.
    let begin = request(&format!("{}&actionID=start", ids(&page)));
    let elsewhere = from("127.1.0.1:0", nginx, config, &begin).await;
    assert!(elsewhere.contains("Who are you?"), "{elsewhere}");
    let page = from("127.0.0.1:0", nginx, config, &begin).await;
    assert!(page.contains("Who are you?"), "{page}");

    let form = request(&format!("{}&actionID=continue&name=Ada&town=", ids(&page)));
    let (refused, accepted) = early(nginx, config, &form);
    assert!(accepted, "nginx lets early data in");
    assert_eq!(statuses(&refused), [425], "{refused}");
    let page = from("127.0.0.1:0", nginx, config, &form).await;
    assert!(page.contains("Check your answers"), "{page}");
    let forged = form.replacen(&format!("Origin: https://{NAME}"), "Origin: https://evil.test", 1);
    assert_eq!(statuses(&from("127.0.0.1:0", nginx, config, &forged).await), [403]);

    let link = get_of(&format!("bicycle?{}", ids(&page)));
    let page = from("127.0.0.1:0", nginx, config, &link).await;
    assert!(page.contains("Check your answers"), "{page}");
    let index = from("127.0.0.1:0", nginx, config, &get_of("")).await;
    assert!(index.contains("href=\"bicycle\""), "{index}");
    let nowhere = from("127.0.0.1:0", nginx, config, &get_of("no/where")).await;
    assert!(nowhere.contains(&format!("href=\"{prefix}/\"")), "{nowhere}");
    let moved = from("127.0.0.1:0", nginx, config, &get_of("Bicycle")).await;
    assert_eq!(statuses(&moved), [301], "{moved}");
    let place = format!("{prefix}/bicycle\r\n");
    assert!(moved.contains(&place), "nginx leaves the place as it is: {moved}");
    link
}

/// Deity behind nginx; `listen` is made from the directory.
async fn behind(
    prefix: &str,
    listen: impl Fn(&Path) -> String,
    upstream: impl Fn(&App, &Path) -> String,
    more: &[&str],
) {
    let dir = directory();
    let trusted = tls::write(dir.path(), |_| {});
    let mut app = App::stopped(&[("bicycle", FLOW)]);
    let origin = format!("https://{NAME}{prefix}");
    let listen = listen(dir.path());
    app.run_as(&[&["serve", "--origin", &origin, "--listen", &listen], more].concat());
    let upstream = upstream(&app, dir.path());
    let nginx = Nginx::start(dir, &upstream, !prefix.is_empty());
    let config = Arc::new(tls::client(&trusted, &["http/1.1"], false));
    let link = walk(&nginx, &config, prefix).await;
    let two = Arc::new(tls::client(&trusted, &["h2"], false));
    let io = connect(nginx.address, &two).await.unwrap();
    let (status, page) = over_h2(io, get(&format!("{prefix}/"), &[])).await.unwrap();
    assert!(status == 200 && page.contains("Borrow a bicycle"), "{page}");
    app.stop();
    // What nginx says of a request that it could not pass on has the ids no more than the others.
    assert_eq!(statuses(&from("127.0.0.1:0", &nginx, &config, &link).await), [502]);
    let log = || fs::read_to_string(nginx.dir.path().join("forms.log")).unwrap();
    assert!(eventually(|| log().contains(" 502 ")), "{}", log());
    let errors = fs::read_to_string(nginx.dir.path().join("forms.error.log")).unwrap();
    let said = log() + &errors;
    assert!(said.contains(&format!("GET {prefix}/bicycle 200")), "{said}");
    assert!(!said.contains("ID=") && !said.contains('?'), "{said}");
}

#[tokio::test]
#[ignore = "needs nginx: run tests/run"]
async fn nginx_as_the_readme_has_it_serves_over_a_unix_socket() {
    behind(
        "",
        |dir| format!("127.0.0.1:0,unix:{}/http.sock", dir.display()),
        |_, dir| format!("unix:{}/http.sock", dir.display()),
        &[],
    )
    .await;
}

#[tokio::test]
#[ignore = "needs nginx: run tests/run"]
async fn nginx_serves_over_tcp_if_it_is_trusted() {
    behind(
        "",
        |_| "127.0.0.1:0".to_owned(),
        |app, _| app.address().to_string(),
        &["--trusted", "127.0.0.1"],
    )
    .await;
}

#[tokio::test]
#[ignore = "needs nginx: run tests/run"]
async fn below_a_path_of_nginx_everything_stays_below_it() {
    behind(
        "/forms",
        |dir| format!("127.0.0.1:0,unix:{}/http.sock", dir.display()),
        |_, dir| format!("unix:{}/http.sock", dir.display()),
        &[],
    )
    .await;
}
