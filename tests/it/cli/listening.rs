//! Where `deity serve` listens: several places, Unix sockets, TLS, and what is said if one cannot be
//! had.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rcgen::date_time_ymd;
use rustix::process::{Pid, Signal, kill_process};

use super::{FLOW, err};
use crate::support::tls;
use crate::support::{App, html, wire};

const GET: &str = "GET /order HTTP/1.1\r\nHost: forms.test\r\nConnection: close\r\n\r\n";

/// One request over a Unix socket.
fn over(socket: &Path, request: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request.as_bytes())?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    Ok(said)
}

/// A form of the flow, from a client as a proxy names it.
fn form(client: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /order HTTP/1.1\r\nHost: forms.test\r\nX-Forwarded-For: {client}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// The address after this word of the greeting.
fn told(app: &App, scheme: &str) -> SocketAddr {
    let said = app.said().0;
    let place = said.split(&format!("{scheme}://")).nth(1).expect("an address");
    place.split('/').next().unwrap().parse().unwrap()
}

#[test]
fn several_places_are_served_at_once_and_named_in_the_greeting() {
    let mut app = App::stopped(&[("order", FLOW)]);
    let dir = app.dir.path().to_owned();
    let socket = dir.join("http.sock");
    let trusted = tls::write(&dir, |_| {});
    let places = format!("127.0.0.1:0,tls:127.0.0.1:0, unix:{}", socket.display());
    app.run_as(&[
        "serve",
        "--listen",
        &places,
        "--tls-certificate",
        "cert.pem",
        "--tls-key",
        "key.pem",
    ]);
    app.wait_for("Ctrl-C");
    let said = app.said().0;
    let lines: Vec<_> = said.lines().collect();
    assert!(
        lines[0].ends_with(&format!("serves on http://{}/", app.address())),
        "{said}"
    );
    assert!(lines[1].starts_with("  also  https://127.0.0.1:"), "{said}");
    assert_eq!(lines[2], format!("  also  unix:{}", socket.display()));

    let plain = wire::send(app.address(), "GET", "/order", &[], b"").unwrap();
    let config = Arc::new(tls::client(&trusted, &[], false));
    let secure = tls::exchange(told(&app, "https"), &config, GET).unwrap();
    let local = over(&socket, GET).unwrap();
    for (said, hsts) in [(&secure, true), (&local, false)] {
        assert!(said.starts_with("HTTP/1.1 200 OK"), "{said}");
        assert!(said.contains("Order a thing"), "{said}");
        assert_eq!(said.contains("strict-transport-security"), hsts, "{said}");
    }
    assert_eq!(plain.status, 200);
    assert_eq!(app.stop().status.code(), Some(0));
    assert!(!socket.exists(), "removed at a stop");
}

#[test]
fn a_socket_has_its_rights_and_a_dead_servers_is_replaced() {
    let mut app = App::stopped(&[("order", FLOW)]);
    let socket = app.dir.path().join("http.sock");
    let place = format!("127.0.0.1:0,unix:{}", socket.display());
    for (arguments, rights) in [(&[][..], 0o660), (&["--socket-mode", "600"], 0o600)] {
        app.run_as(&[&["serve", "--listen", &place], arguments].concat());
        let found = fs::symlink_metadata(&socket).unwrap();
        assert!(found.file_type().is_socket());
        assert_eq!(found.permissions().mode() & 0o777, rights);
        assert!(over(&socket, GET).unwrap().starts_with("HTTP/1.1 200 OK"));
        app.kill();
        assert!(socket.exists(), "a killed server leaves it behind");
    }
    app.run_as(&["serve", "--listen", &place]);
    assert!(over(&socket, GET).unwrap().starts_with("HTTP/1.1 200 OK"));
    // What another has put there meanwhile stays.
    fs::remove_file(&socket).unwrap();
    let other = UnixListener::bind(&socket).unwrap();
    app.stop();
    assert!(socket.exists());
    drop(other);
}

#[test]
fn a_socket_that_cannot_be_had_is_said_why() {
    let app = App::stopped(&[("order", FLOW)]);
    let refused = |path: &str, words: &[&str]| {
        let place = format!("unix:{path}");
        let output = app.deity(&["serve", "--listen", &place, "--data", "elsewhere"]);
        assert_eq!(output.status.code(), Some(1), "{}", err(&output));
        for word in [place.as_str()].iter().chain(words) {
            assert!(err(&output).contains(word), "{word}: {}", err(&output));
        }
        assert!(
            !app.dir.path().join("elsewhere").exists(),
            "before the data are touched"
        );
    };
    let living = UnixListener::bind(app.dir.path().join("living")).unwrap();
    refused("living", &["another server listens there"]);
    UnixStream::connect(app.dir.path().join("living")).expect("and still does");
    drop(living);
    fs::write(app.dir.path().join("file"), "mine").unwrap();
    refused("file", &["no socket", "remove that file"]);
    assert_eq!(fs::read_to_string(app.dir.path().join("file")).unwrap(), "mine");
    refused("nowhere/http.sock", &["make its directory"]);
    refused(&"x".repeat(200), &["100 bytes"]);
}

#[test]
fn a_server_that_does_not_come_up_leaves_no_socket_behind() {
    let app = App::start(&[("order", FLOW)]);
    let second = app.deity(&["serve", "--listen", "unix:second.sock", "--data", "data"]);
    assert_eq!(second.status.code(), Some(1), "the data are in use: {}", err(&second));
    assert!(!app.dir.path().join("second.sock").exists());
}

#[test]
fn a_server_on_a_socket_alone_says_so_first() {
    let app = App::stopped(&[("order", FLOW)]);
    let mut child = app
        .command(&["serve", "--listen", "unix:http.sock"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.ends_with("serves on unix:http.sock"), "{first}");
    assert!(
        over(&app.dir.path().join("http.sock"), GET)
            .unwrap()
            .starts_with("HTTP/1.1 200 OK")
    );
    let process = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(process, Signal::TERM).unwrap();
    let said = child.wait_with_output().unwrap();
    assert_eq!(said.status.code(), Some(0));
    assert!(err(&said).contains("warning: without `origin`"), "{}", err(&said));
}

#[test]
fn a_start_depends_on_no_address() {
    let mut app = App::stopped(&[("order", FLOW)]);
    let socket = app.dir.path().join("http.sock");
    app.run_as(&["serve", "--listen", &format!("127.0.0.1:0,unix:{}", socket.display())]);
    let starts = |giving: &str, taking: &str| {
        let ask = GET.replace(
            "\r\nConnection",
            &format!("\r\nX-Forwarded-For: {giving}\r\nConnection"),
        );
        let page = over(&socket, &ask).unwrap();
        let (root, _) = html::parse(page.split_once("\r\n\r\n").unwrap().1);
        let field = |name: &str| {
            let mut inputs = root
                .named("input")
                .filter(|input| input.attribute("name") == Some(name));
            inputs
                .next()
                .and_then(|input| input.attribute("value"))
                .unwrap_or_default()
                .to_owned()
        };
        let body = format!(
            "sessionID={}&screenID={}&actionID=open",
            field("sessionID"),
            field("screenID")
        );
        over(&socket, &form(taking, &body)).unwrap().contains("Who are you?")
    };
    // Carriers and relays change their exits between two requests.
    for turn in 0..8 {
        assert!(starts("203.0.113.5", "198.51.100.9"), "{turn}");
        assert!(starts("198.51.100.9", "203.0.113.5"), "{turn}");
    }
}

#[test]
fn tls_without_a_certificate_that_can_be_shown_does_not_start() {
    let app = App::stopped(&[("order", FLOW)]);
    let serve = |arguments: &[&str], code: i32, words: &[&str]| {
        let all = [&["serve", "--listen", "tls:127.0.0.1:0"], arguments].concat();
        let output = app.deity(&all);
        assert_eq!(output.status.code(), Some(code), "{}", err(&output));
        for word in words {
            assert!(err(&output).contains(word), "{word}: {}", err(&output));
        }
    };
    serve(&[], 2, &["`tls-certificate` is not set", "tls:"]);
    serve(&["--tls-key", "key.pem"], 2, &["`tls-certificate` is not set"]);
    let both = ["--tls-certificate", "cert.pem", "--tls-key", "key.pem"];
    serve(&both, 1, &["cert.pem", "No such file", "help:"]);
    tls::write(app.dir.path(), |_| {});
    fs::write(app.dir.path().join("key.pem"), "").unwrap();
    serve(&both, 1, &["key.pem", "no private key in it", "help:"]);
    assert!(!app.data().exists(), "before the data are touched");
}

#[test]
fn a_new_certificate_is_picked_up_and_a_broken_one_reported_while_it_runs() {
    let mut app = App::stopped(&[("order", FLOW)]);
    let dir = app.dir.path().to_owned();
    let expired = |params: &mut rcgen::CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    tls::write(&dir, expired);
    let both = ["--tls-certificate", "cert.pem", "--tls-key", "key.pem"];
    app.run_as(&[&["serve", "--listen", "127.0.0.1:0,tls:127.0.0.1:0"], &both[..]].concat());
    app.wait_for("warning: cert.pem: the certificate expired at 2020-01-01T00:00:00Z");
    app.wait_for("Ctrl-C");
    let address = told(&app, "https");

    let trusted = tls::write(&dir, |_| {});
    app.wait_for("a new certificate is shown from now on");
    let shown = || tls::exchange(address, &Arc::new(tls::client(&trusted, &[], false)), GET);
    assert!(shown().unwrap().starts_with("HTTP/1.1 200 OK"));
    fs::write(dir.join("cert.pem"), "-----BEGIN").unwrap();
    app.wait_for("the certificate before it goes on");
    assert!(shown().unwrap().starts_with("HTTP/1.1 200 OK"));
    app.stop();

    let mut unused = App::stopped(&[("order", FLOW)]);
    tls::write(unused.dir.path(), |_| {});
    unused.run_as(&[&["serve", "--listen", "127.0.0.1:0"], &both[..]].concat());
    unused.wait_for("note: there is a certificate, but no place with TLS");
}

#[test]
#[ignore = "needs unshare, ip and a curl that knows TCP Fast Open: run tests/run"]
fn a_request_in_the_first_packet_is_answered() {
    let app = App::stopped(&[("order", FLOW)]);
    // A network of its own, where Fast Open is on: this machine's settings stay as they are.
    let script = r#"
        set -e
        ip link set lo up
        echo 3 > /proc/sys/net/ipv4/tcp_fastopen
        : >said
        "$DEITY" serve --listen 127.0.0.1:8080 >said 2>&1 &
        server=$!
        until grep -q Ctrl-C said; do kill -0 $server; sleep 0.1; done
        # The first brings the cookie of Fast Open, the others come with it.
        for n in 1 2 3; do curl -sS --tcp-fastopen -o page http://127.0.0.1:8080/order; grep -q 'Order a thing' page; done
        kill $server; wait $server
        # The second line of a pair has the numbers to the names in the first.
        awk '/^TcpExt:/ { if (names == "") { names = $0; next } split(names, n); for (i in n) if (n[i] == "TCPFastOpenPassive") print $i }' /proc/net/netstat
    "#;
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net", "sh", "-c", script])
        .current_dir(app.dir.path())
        .env("DEITY", env!("CARGO_BIN_EXE_deity"))
        .output()
        .expect("unshare");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "{said} {}", err(&output));
    assert_eq!(said, "2", "requests that came in the first packet; {}", err(&output));
}
