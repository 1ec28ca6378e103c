//! What an operator meets when the disk is full, damaged or gone.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use deity::id::SessionKey;
use deity::store::sled::{Options, Sled};
use deity::store::{Key, Store as _, Write, record};

use super::{FLOW, begin, err, out};
use crate::store::samples::finished;
use crate::support::App;
use crate::support::files::{copy_into, copy_of};

/// Sessions of one answered screen each.
fn fill(app: &App, sessions: u32) {
    for n in 0..sessions {
        begin(&mut app.browser("/order"), &format!("Person {n}"));
    }
}

#[test]
fn a_data_directory_that_is_moved_away_ends_the_server_within_two_seconds_in_words() {
    let mut app = App::start(&[("order", FLOW)]);
    fill(&app, 1);
    fs::rename(app.data(), app.dir.path().join("elsewhere")).unwrap();
    let stopped = app.wait();
    assert_eq!(stopped.status.code(), Some(75));
    assert!(
        stopped.stderr.contains("the data directory was moved or removed"),
        "{}",
        stopped.stderr
    );
}

#[test]
fn a_start_waits_for_a_command_that_reads_the_stopped_store() {
    let mut app = App::start(&[("order", FLOW)]);
    app.stop();
    let mut options = Options::new(Arc::new(|why| panic!("{why}")));
    options.brief = true;
    let (command, _) = Sled::open(&app.data(), options).unwrap();
    let data = app.data();
    let mut serve = app
        .command(&["serve", "--listen", "127.0.0.1:0", "--data", &data.to_string_lossy()])
        .arg(app.phases())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(serve.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).unwrap();
    assert!(
        line.contains("reads the store; the server starts when it is done"),
        "{line}"
    );
    drop(command);
    let mut greeting = std::io::BufReader::new(serve.stdout.take().unwrap());
    line.clear();
    std::io::BufRead::read_line(&mut greeting, &mut line).unwrap();
    assert!(line.contains("serves on"), "{line}");
    serve.kill().unwrap();
    serve.wait().unwrap();
    // A second server is told at once.
    app.run();
    let second = app.deity(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data.to_string_lossy(),
        "phases",
    ]);
    assert!(err(&second).contains("is in use by process"), "{}", err(&second));
}

/// A store of many finished sessions, whose pages are old ones: a start does not read its log again.
fn many(data: &Path) {
    let opened = || {
        Sled::open(data, Options::new(Arc::new(|why| panic!("{why}"))))
            .unwrap()
            .0
    };
    let store = Arc::new(opened());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut writing = tokio::task::JoinSet::new();
        for n in 0..1_200_u64 {
            let mut session = finished();
            session.at = SessionKey((u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64).to_be_bytes());
            let write = Write {
                tag: 1,
                wake: 1 << 50,
                bytes: record::encode(&session).unwrap(),
            };
            let store = Arc::clone(&store);
            writing.spawn(async move { store.create(Key::Session(session.at), write).await.unwrap() });
        }
        writing.join_all().await;
        store.close().await;
    });
    drop(store);
    drop(opened());
}

#[test]
fn a_damaged_page_is_told_by_a_list_and_the_next_start_mends_the_store() {
    let mut app = App::stopped(&[("order", FLOW)]);
    many(&app.data());
    let whole = copy_of(&app.data());
    let bytes = fs::read(whole.path().join("sled/db")).unwrap();
    let word = b"Featherstonehaugh";
    let found = bytes.windows(word.len()).enumerate().filter(|(_, bytes)| bytes == word);
    let places: Vec<usize> = found.map(|(at, _)| at).step_by(40).collect();
    let told = places.iter().any(|place| {
        fs::remove_dir_all(app.data()).unwrap();
        fs::create_dir(app.data()).unwrap();
        copy_into(whole.path(), &app.data());
        let mut hurt = bytes.clone();
        hurt[*place] ^= 4;
        fs::write(app.data().join("sled/db"), hurt).unwrap();
        let listed = app.deity(&["sessions", "list"]);
        let told = err(&listed).contains("damaged: session ") && err(&listed).contains("could not be read");
        if told {
            assert_eq!(listed.status.code(), Some(1));
            assert!(
                out(&listed).lines().count() > 1_000,
                "the others are listed: {}",
                out(&listed)
            );
        }
        told
    });
    assert!(told, "none of {} places hit a page that counts", places.len());
    app.run();
    app.wait_for("the rest was put into a new store");
    fill(&app, 20);
    let listed = app.deity(&["sessions", "list"]);
    assert!(
        err(&listed).contains("could not be read"),
        "what was lost stays told: {}",
        err(&listed)
    );
}

/// On a disk of its own, of 24 MiB: the server is killed, the disk is filled, and it starts again.
const FULL: &str = r#"
set -e
mount -t tmpfs -o size=24m none disk
begin() {
    rm -f out
    "$DEITY" serve --listen 127.0.0.1:0 --data disk/data --free-space "2 MiB" phases >out 2>>err &
    server=$!
    until grep -qs 'serves on' out; do kill -0 $server; done
    address=$(sed -n 's/.*serves on //p' out)
}
begin
until [ -e disk/data/reserve ]; do curl -s -o page "$address"; done
kill -9 $server
wait $server || true
head -c 40M /dev/zero >disk/fill 2>/dev/null || true
begin
curl -s -o page -w 'index %{http_code}\n' "$address"
curl -s -o page -w 'start %{http_code}\n' "${address}order"
ticket=$(sed -n 's/.*name="*sessionID"* value="*\([^"> ]*\).*/\1/p' page)
curl -s -o page -w 'press %{http_code}\n' -d "sessionID=$ticket&screenID=&actionID=open" "${address}order"
rm disk/fill
for try in $(seq 100); do
    code=$(curl -s -o page -w '%{http_code}' -d "sessionID=$ticket&screenID=&actionID=open" "${address}order")
    [ "$code" != 200 ] || break
    sleep 0.1
done
echo "with room $code"
kill $server
wait $server || true
"#;

#[test]
#[ignore = "mounts a small disk: run tests/run"]
fn on_a_full_disk_the_server_starts_shows_pages_takes_nothing_and_goes_on_when_there_is_room() {
    let app = App::stopped(&[("order", FLOW)]);
    fs::create_dir(app.dir.path().join("disk")).unwrap();
    let rights = if rustix::process::getuid().is_root() {
        "-m"
    } else {
        "-Urm"
    };
    let run = Command::new("unshare")
        .args([rights, "sh", "-c", FULL])
        .current_dir(app.dir.path())
        .env("DEITY", env!("CARGO_BIN_EXE_deity"))
        .output()
        .unwrap();
    let said = out(&run);
    let log = fs::read_to_string(app.dir.path().join("err")).unwrap_or_default();
    assert!(run.status.success(), "{said} {} {log}", err(&run));
    for line in ["index 200", "start 200", "press 503", "with room 200"] {
        assert!(said.contains(line), "no `{line}` in {said}; {log}");
    }
    assert!(
        log.contains("the room that was kept for this start is used up"),
        "{log}"
    );
    assert!(log.contains("the disk is nearly full: nothing is written"), "{log}");
    assert!(log.contains("there is room on the disk again"), "{log}");
}

#[test]
fn the_floor_of_free_space_is_a_setting() {
    let mut app = App::start(&[("order", FLOW)]);
    app.stop();
    let mut app = app.argument("--free-space=100000000 MiB");
    app.run();
    app.wait_for("the disk is nearly full: nothing is written");
    let page = app.browser("/order").page.status;
    assert_eq!(page, 200);
    let wrong = app.deity(&["serve", "--free-space", "much"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        err(&wrong).contains("enter a size from 1, such as \"64 MiB\""),
        "{}",
        err(&wrong)
    );
}
