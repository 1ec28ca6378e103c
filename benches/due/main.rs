//! How fast sessions that fall due together are over, and how soon a server stops beside them.
//! README.md in the folder above says how to read it.
//!
//! Owns the plan: data directories full of sessions whose idle time is over, an engine that looks
//! at them, a server that is asked to stop beside them. Must not know how timers work.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a measurement fails loudly and prints what it found; nobody links against it"
)]

#[path = "../common/mod.rs"]
mod common;

use std::fs::{self, File};
use std::io::{Error, Result, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use deity::catalog::Catalog;
use deity::engine::Engine;
use deity::http::{self, App};
use deity::id::SessionKey;
use deity::machine::{Session, State};
use deity::store::sled::Sled;
use deity::store::{Key, KeyKind, Store, Write, record};

use common::process::Server;
use common::spread::Spread;
use common::{Roles, flows, inside};

/// As in the program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The flow's idle time, and a little more, in milliseconds.
const AGO: i64 = (2 * 60 * 60 + 1) * 1000;
/// Sessions that one sync covers at most, as the store's groups.
const GROUP: usize = 512;
/// How long a server is left to its work before it is asked to stop, round by round.
const AT_WORK: [Duration; 3] = [
    Duration::from_millis(600),
    Duration::from_millis(1200),
    Duration::from_millis(1800),
];

/// Measures how fast sessions that fall due together are over.
#[derive(Parser)]
struct Options {
    /// One round, with 20,000 sessions only.
    #[arg(long)]
    quick: bool,
    /// Rounds (default: 3, or 1 with --quick).
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// What `cargo bench` passes to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(flatten)]
    roles: Roles,
}

/// What was found of so many sessions; in seconds.
#[derive(Default)]
struct Found {
    /// Until all were over.
    over: Spread,
    /// Until the same bytes, in groups, were on the disk in a file of its own.
    bare: Spread,
    /// From the signal to the end of the process.
    stop: Spread,
    /// Those that were over by then.
    settled: Spread,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if options.roles.play()? {
        return Ok(());
    }
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build: its figures mean nothing. Run `cargo bench`.");
    }
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let phases = dir.path().join("phases");
    fs::create_dir(&phases)?;
    fs::write(phases.join("button.toml"), flows::button(None))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("| due at once | all over, s | append+sync, s | ratio | SIGTERM to the end, s | over by then |");
    println!("|--:|--:|--:|--:|--:|--:|");
    for many in if options.quick {
        vec![20_000]
    } else {
        vec![20_000, 100_000]
    } {
        let mut found = Found::default();
        for round in 0..options.rounds.unwrap_or(if options.quick { 1 } else { 3 }) {
            eprintln!("round {}: {many} sessions", round + 1);
            let data = dir.path().join(format!("data-{many}-{round}"));
            runtime.block_on(measure(&phases, &data, many, &mut found))?;
            fs::remove_dir_all(&data)?;
            let data = dir.path().join(format!("stop-{many}-{round}"));
            runtime.block_on(make(&phases, &data, many))?;
            found.stop.0.push(stop(&phases, &data, AT_WORK[round % AT_WORK.len()])?);
            found.settled.0.push(runtime.block_on(settled(&data))? as f64);
            fs::remove_dir_all(&data)?;
        }
        let ratio = Spread(found.bare.0.iter().zip(&found.over.0).map(|(b, o)| b / o).collect());
        println!(
            "| {many} | {} | {} | {} | {} | {} |",
            found.over.text(2),
            found.bare.text(2),
            ratio.text(2),
            found.stop.text(2),
            found.settled.text(0)
        );
    }
    Ok(())
}

/// Makes them, and lets an engine look; then appends as many bytes to a file.
async fn measure(phases: &Path, data: &Path, many: usize, found: &mut Found) -> Result<()> {
    let bytes = make(phases, data, many).await?;
    let store = Arc::new(inside::open(data)?);
    let engine = engine(&store, phases, 0).await?;
    let began = Instant::now();
    while engine.tick().await.map_err(Error::other)? {}
    engine.at_rest().await;
    found.over.0.push(began.elapsed().as_secs_f64());
    assert_eq!(over(&store).await?, many, "not all are over");
    drop(engine);
    store.close().await;
    let mut file = File::create(data.join("bare"))?;
    let began = Instant::now();
    for from in (0..many).step_by(GROUP) {
        for _ in from..many.min(from + GROUP) {
            file.write_all(&bytes)?;
        }
        file.sync_data()?;
    }
    found.bare.0.push(began.elapsed().as_secs_f64());
    Ok(())
}

/// A data directory with so many sessions whose idle time is over; the bytes of one of them.
async fn make(phases: &Path, data: &Path, many: usize) -> Result<Vec<u8>> {
    let store = Arc::new(inside::open(data)?);
    let engine = engine(&store, phases, -AGO).await?;
    let app = App::new(engine.clone(), http::Settings::default());
    let start = inside::phase(&app, "button", None).await?;
    inside::phase(&app, "button", Some(inside::form(&start)?)).await?;
    let found = store.scan(KeyKind::Session, None, 1).await.map_err(Error::other)?;
    let [(Key::Session(at), stored)] = &found[..] else {
        return Err(Error::other("no session was started"));
    };
    let session = record::decode(*at, &stored.bytes).map_err(Error::other)?;
    let mut making = tokio::task::JoinSet::new();
    for n in 1..many as u64 {
        let (store, copy, wake) = (Arc::clone(&store), copy(&session, n), stored.wake);
        making.spawn(async move {
            let bytes = record::encode(&copy).expect("a record");
            let write = Write { tag: n, wake, bytes };
            store.create(Key::Session(copy.at), write).await.expect("a session")
        });
        if making.len() >= 2 * GROUP {
            making.join_next().await;
        }
    }
    making.join_all().await;
    drop((app, engine));
    store.close().await;
    Ok(stored.bytes.clone())
}

/// Another session like this one; among each other in no order, as ids are.
fn copy(session: &Session, n: u64) -> Session {
    let mut copy = session.clone();
    let spread = u128::from(n.wrapping_mul(0x9E37_79B9_7F4A_7C15)) << 64;
    copy.at = SessionKey((u128::from_be_bytes(session.at.0) ^ spread).to_be_bytes());
    copy
}

/// An engine whose clock is so many milliseconds off.
async fn engine(store: &Arc<Sled>, phases: &Path, off: i64) -> Result<Engine> {
    let (catalog, _) = Catalog::load(phases)?;
    Engine::open(Arc::clone(store) as _, Arc::new(catalog), inside::world(off), None)
        .await
        .map_err(Error::other)
}

/// How many sessions are over.
async fn over(store: &Sled) -> Result<usize> {
    let (mut over, mut after) = (0, None);
    loop {
        let page = store.scan(KeyKind::Session, after, 1000).await.map_err(Error::other)?;
        let Some((last, _)) = page.last() else { return Ok(over) };
        after = Some(*last);
        for (key, stored) in page {
            if let Key::Session(at) = key {
                let session = record::decode(at, &stored.bytes).map_err(Error::other)?;
                over += usize::from(!matches!(session.state, State::Live));
            }
        }
    }
}

/// Starts a server on them, and asks it to stop while it is at work; the seconds that it took.
fn stop(phases: &Path, data: &Path, at_work: Duration) -> Result<f64> {
    let program = Path::new(env!("CARGO_BIN_EXE_deity"));
    let server = Server::deity(program, phases, data, &[], &[])?;
    std::thread::sleep(at_work);
    let began = Instant::now();
    server.stop()?;
    Ok(began.elapsed().as_secs_f64())
}

/// How many were over when the server had stopped.
async fn settled(data: &Path) -> Result<usize> {
    let store = inside::open(data)?;
    let over = over(&store).await;
    store.close().await;
    over
}
