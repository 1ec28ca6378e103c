//! Power cuts under records of every length: several parts in one batch, growing, shrinking,
//! removed and begun anew, with their entries in the index of due times.
//!
//! The flows' sessions are small; so here a child of this test writes to the store itself.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use deity::id::SessionKey;
use deity::store::sled::{Options, PART_BYTES, Sled};
use deity::store::{Key, Store, Write, Written};

use super::dice::Dice;
use super::trace::{Left, Trace, traced};

/// Keys, each with a writer of its own.
const KEYS: usize = 12;
/// Writes that the child gets acknowledged before it is killed.
const WRITES: usize = 500;
/// Tells the child where the store is.
const CHILD: &str = "DEITY_TEST_CHILD";

/// What the `n`th write of a key leaves, counted from 1; every seventh removes the record.
fn left(key: usize, n: u64) -> Option<Write> {
    let mut dice = Dice::of(key as u64 * 1_000_003 + n);
    let edge = PART_BYTES * (dice.below(6) + 1);
    let length = [dice.below(2_000), edge - 1, edge, edge + 1, dice.below(80_000)][dice.below(5)];
    (!n.is_multiple_of(7)).then(|| Write {
        tag: n,
        wake: [i64::MAX, dice.below(9) as i64][dice.below(2)],
        bytes: vec![(key as u64 * 31 + n) as u8; length],
    })
}

fn key(n: usize) -> SessionKey {
    SessionKey([n as u8 + 1; 16])
}

fn open(dir: &Path) -> Result<Sled, String> {
    let options = Options::new(std::sync::Arc::new(|why| panic!("the store has failed: {why}")));
    Sled::open(dir, options)
        .map(|(store, _)| store)
        .map_err(|why| why.to_string())
}

/// The child's part. Called by itself, as by a run of all tests, it has nothing to do.
#[test]
fn a_child_writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let store = std::sync::Arc::new(open(Path::new(&dir)).expect("opens"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let writers: Vec<_> = (0..KEYS)
            .map(|n| {
                let store = std::sync::Arc::clone(&store);
                tokio::spawn(async move {
                    let mut token = None;
                    for turn in 1.. {
                        let at = Key::Session(key(n));
                        let written = match (token, left(n, turn)) {
                            (None, Some(write)) => store.create(at, write).await,
                            (Some(token), Some(write)) => store.cas(at, token, write).await,
                            (Some(token), None) => store.delete(at, token).await,
                            (None, None) => continue,
                        };
                        let Ok(Written::Committed(now)) = written else {
                            panic!("{written:?}");
                        };
                        token = (!turn.is_multiple_of(7)).then_some(now);
                        println!("\nwritten {n} {turn}");
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("writes");
        }
    });
}

/// The trace of a child, and of each acknowledged write how far the trace had got.
fn record() -> (Trace, Vec<(usize, u64, u64)>) {
    let place = tempfile::tempdir().expect("a directory");
    let (dir, log) = (place.path().join("data"), place.path().join("trace"));
    std::fs::create_dir(&dir).expect("a directory");
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command
        .args([
            "--exact",
            "crash::lengths::a_child_writes_until_it_is_killed",
            "--nocapture",
        ])
        .env(CHILD, &dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    traced(&mut command, &dir, &log);
    let mut child = command.spawn().expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut acknowledged = Vec::new();
    for line in lines.map_while(Result::ok) {
        let mut words = line.split(' ').skip_while(|word| *word != "written").skip(1);
        let (Some(key), Some(turn)) = (words.next(), words.next()) else {
            continue;
        };
        let mark = std::fs::metadata(&log).expect("a trace").len();
        acknowledged.push((key.parse().expect("a key"), turn.parse().expect("a turn"), mark));
        if acknowledged.len() == WRITES {
            // What it still writes until then is in doubt.
            child.kill().expect("a child can be killed");
        }
    }
    child.wait().expect("a child can be waited for");
    assert!(acknowledged.len() >= WRITES, "the child wrote {}", acknowledged.len());
    (Trace::read(&dir, &log), acknowledged)
}

/// Every key is as its latest acknowledged write left it, or as the one in flight did; the index
/// of due times agrees with the records.
fn whole(dir: &Path, acknowledged: &[u64; KEYS]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let store = open(dir)?;
    runtime.expect("a runtime").block_on(async {
        let mut due = 0;
        for (n, latest) in acknowledged.iter().enumerate() {
            let found = store.get(Key::Session(key(n))).await.map_err(|why| why.to_string())?;
            let is = found
                .as_ref()
                .map(|stored| (stored.token.tag, stored.wake, &stored.bytes));
            let may = [*latest, latest + 1].map(|turn| match turn {
                0 => None,
                turn => left(n, turn),
            });
            let fits = |write: &Option<Write>| write.as_ref().map(|write| (write.tag, write.wake, &write.bytes)) == is;
            if !may.iter().any(fits) {
                let is = is.map(|(tag, wake, bytes)| (tag, wake, bytes.len()));
                return Err(format!("key {n} is {is:?} after write {latest}"));
            }
            due += usize::from(found.is_some_and(|stored| stored.wake != i64::MAX));
        }
        let claimed = store.claim(100, 200, KEYS * 2).await.map_err(|why| why.to_string())?;
        match claimed.len() == due {
            true => Ok(()),
            false => Err(format!(
                "{} are in the index of due times, {due} should be",
                claimed.len()
            )),
        }
    })
}

#[test]
fn a_power_cut_never_leaves_half_of_a_record() {
    let began = Instant::now();
    let rounds = super::rounds("DEITY_CUTS", 40, 12);
    let mut dice = Dice::new("power cuts under long records");
    let (trace, acknowledged) = record();
    for n in 0..rounds {
        let cut = match n % 2 {
            0 => trace.up_to(acknowledged[dice.below(acknowledged.len())].2),
            _ => dice.below(trace.len() + 1),
        };
        let left = [Left::Nothing, Left::Pages, Left::Writes, Left::Torn][dice.below(4)];
        let disk = tempfile::tempdir().expect("a directory");
        trace.rebuild(cut, left, &mut dice, disk.path());
        let mut latest = [0; KEYS];
        for (key, turn, mark) in &acknowledged {
            if *mark <= trace.mark(cut) {
                latest[*key] = *turn;
            }
        }
        whole(disk.path(), &latest)
            .unwrap_or_else(|why| panic!("cut {n}, after {cut} of {} changes, {left:?} left: {why}", trace.len()));
    }
    let found = format!(
        "{} writes of up to {} KiB acknowledged; 0 lost, 0 halves",
        acknowledged.len(),
        96
    );
    crate::support::ran("power cuts under long records", rounds, began.elapsed(), &found);
}
