//! The end of the store's log: sled takes it to end at the first message that it cannot read, and
//! wipes what lies behind. What has changed there is not taken for a torn write, nor the other way
//! round.

use std::path::Path;
use std::sync::Arc;

use deity::store::sled::Sled;
use deity::store::{Error, Store, Written};

use super::subject::{due, keeper, open, options, session, token};
use crate::support::files::copy_of;

/// Sessions that are written twice; behind them come the latest, one group each.
const SESSIONS: u32 = 400;
/// Of the latest the disk alone does not say whether they were acknowledged.
const UNSURE: u32 = 3;

fn bytes(n: u32, version: u64) -> Vec<u8> {
    format!("answers {version} of session {n} ")
        .repeat(10 + n as usize % 30)
        .into_bytes()
}

/// A store with two versions of each session, in many groups; gives how many sessions there are.
async fn written(store: &Arc<Sled>, dir: &Path) -> u32 {
    for version in [1, 2] {
        for some in (0..SESSIONS).collect::<Vec<_>>().chunks(8) {
            let mut writing = tokio::task::JoinSet::new();
            for n in some.iter().copied() {
                let store = Arc::clone(store);
                writing.spawn(async move {
                    let write = due(version, 1 << 40, bytes(n, version));
                    let written = match store.get(session(n)).await.unwrap() {
                        None => store.create(session(n), write).await,
                        Some(before) => store.cas(session(n), before.token, write).await,
                    };
                    token(written.unwrap());
                });
            }
            writing.join_all().await;
        }
    }
    // Until the witness is not far behind.
    let witness = || std::fs::read(dir.join("witness")).unwrap();
    let (before, mut n) = (witness(), SESSIONS);
    while witness() == before {
        let write = due(2, 1 << 40, bytes(n, 2));
        token(store.create(session(n), write).await.unwrap());
        n += 1;
    }
    n
}

/// A store that was killed, and one that was stopped in order; and how many sessions are in them.
async fn both() -> (tempfile::TempDir, tempfile::TempDir, u32) {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(open(dir.path()).0);
    let sessions = written(&store, dir.path()).await;
    let killed = copy_of(dir.path());
    store.close().await;
    (killed, dir, sessions)
}

/// Where something stands in the file: sled writes zeros where nothing does.
fn places(dir: &Path, count: usize) -> Vec<usize> {
    let bytes = std::fs::read(dir.join("sled/db")).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    (0..count).map(|n| used * n / count + 5).collect()
}

fn change(dir: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let path = dir.join("sled/db");
    let mut bytes = std::fs::read(&path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

/// The one that sled keeps of what it read last.
fn snapshot(dir: &Path) -> std::path::PathBuf {
    let entries = std::fs::read_dir(dir.join("sled")).unwrap();
    let mut found = entries.map(|entry| entry.unwrap().path());
    let is_one = |path: &std::path::PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("snap.");
    found.find(is_one).expect("a snapshot")
}

/// Each session is there as it was written last, or is told to be unreadable: gives how many are not
/// there, of the latest `unsure`.
async fn all_there(store: &Sled, sessions: u32, unsure: u32, why: &str) -> u32 {
    let mut lost = 0;
    for n in 0..sessions {
        match store.get(session(n)).await {
            Ok(Some(stored)) => assert_eq!(stored.bytes, bytes(n, 2), "{why}: session {n} is old"),
            Err(Error::Damaged(_)) => {}
            Ok(None) if n + unsure >= sessions => lost += 1,
            other => panic!("{why}: session {n} of {sessions}: {other:?}"),
        }
    }
    lost
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_in_what_was_written_last_is_put_right() {
    let (killed, stopped, sessions) = both().await;
    for (kind, dir, unsure) in [("killed", &killed, UNSURE), ("stopped", &stopped, 0)] {
        let mut mended = 0;
        for place in places(dir.path(), 30) {
            let copy = copy_of(dir.path());
            change(copy.path(), |bytes| bytes[place] ^= 0x10);
            let why = format!("{kind}, a bit at {place}");
            let (fatal, failed) = keeper();
            let opened = Sled::open(copy.path(), deity::store::sled::Options::new(fatal));
            let (store, recovered) = opened.unwrap_or_else(|refused| panic!("{why}: {refused}"));
            if !recovered.mended.is_empty() {
                assert_eq!(recovered.mended, [place as u64], "{why}");
                assert!(recovered.to_string().contains(&format!("byte {place} of sled/db")));
                mended += 1;
            }
            let lost = all_there(&store, sessions, unsure, &why).await;
            assert!(lost == 0 || recovered.mended.is_empty(), "{why}");
            store.close().await;
            drop(store);
            let again = open(copy.path()).1;
            assert!(again.clean && again.mended.is_empty(), "{why}: {again}");
            assert_eq!(*failed.lock().unwrap(), Vec::<String>::new(), "{why}");
        }
        assert!(mended > 20, "{kind}: only {mended} of 30 bits hit something");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_bit_is_refused_untouched_and_the_words_say_how_to_go_on() {
    let (killed, stopped, sessions) = both().await;
    for (kind, dir) in [("killed", &killed), ("stopped", &stopped)] {
        let used = *places(dir.path(), 60).last().unwrap();
        let mut refusals = 0;
        for place in [used / 3, used * 2 / 3, used * 19 / 20] {
            let copy = copy_of(dir.path());
            change(copy.path(), |bytes| bytes[place..place + 64].fill(0x55));
            let file = || std::fs::read(copy.path().join("sled/db")).unwrap();
            let before = file();
            let refused = match Sled::open(copy.path(), options()) {
                Err(refused) => refused.to_string(),
                // All that lay there is in later segments too.
                Ok((store, _)) => {
                    all_there(&store, sessions, 0, "passed over").await;
                    continue;
                }
            };
            refusals += 1;
            assert_eq!(file(), before, "{kind}: what is refused is not touched");
            assert!(refused.contains("cannot be read from byte"), "{refused}");
            assert!(refused.contains("where writes"), "{refused}");
            assert!(refused.contains("/witness and all"), "{refused}");
            // As the words say.
            std::fs::remove_file(copy.path().join("witness")).unwrap();
            std::fs::remove_file(snapshot(copy.path())).unwrap();
            let (store, _) = open(copy.path());
            let (mut newest, mut older) = (0, 0);
            for n in 0..sessions {
                match store.get(session(n)).await.unwrap() {
                    Some(stored) if stored.bytes == bytes(n, 2) => newest += 1,
                    Some(stored) => {
                        assert_eq!(stored.bytes, bytes(n, 1));
                        older += 1;
                    }
                    None => {}
                }
            }
            println!("{kind}, {place} of {used}: {newest} as they were, {older} older, of {sessions}");
            // What was written over later stands there again.
            assert!(newest + older > 0 && newest <= sessions);
            let next = store.create(session(sessions + 1), due(1, 7, bytes(7, 1))).await;
            assert!(matches!(next, Ok(Written::Committed(_))));
        }
        assert!(refusals > 0, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_torn_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(open(dir.path()).0);
    let sessions = written(&store, dir.path()).await;
    let before = std::fs::read(dir.path().join("sled/db")).unwrap();
    for n in sessions..sessions + UNSURE {
        let write = due(2, 1 << 40, bytes(n, 2));
        token(store.create(session(n), write).await.unwrap());
    }
    let killed = copy_of(dir.path());
    let after = std::fs::read(killed.path().join("sled/db")).unwrap();
    let changed: Vec<usize> = (0..after.len()).filter(|n| before.get(*n) != after.get(*n)).collect();
    // The last page or two never came to the disk: what was there before stands there, or nothing.
    let (first, last) = (changed[0], changed[changed.len() - 1]);
    for from in [last - (last - first) / 4, last - 20] {
        let copy = copy_of(killed.path());
        change(copy.path(), |bytes| {
            let old = before.get(from..).unwrap_or_default();
            bytes.truncate(from);
            bytes.extend_from_slice(old);
        });
        let (store, recovered) = open(copy.path());
        assert!(recovered.mended.is_empty() && !recovered.clean, "{recovered}");
        let lost = all_there(&store, sessions + UNSURE, UNSURE, &format!("torn at {from}")).await;
        assert!(lost > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_snapshot_a_store_is_read_from_its_log_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let versions = 40;
    for part in 0..4 {
        let store = Arc::new(open(dir.path()).0);
        for version in part * 10 + 1..=(part + 1) * 10 {
            let mut writing = tokio::task::JoinSet::new();
            for n in 0..SESSIONS {
                let store = Arc::clone(&store);
                writing.spawn(async move {
                    let write = due(version, 1 << 40, bytes(n, version).repeat(3));
                    let written = match store.get(session(n)).await.unwrap() {
                        None => store.create(session(n), write).await,
                        // Some are removed now and then, and made anew.
                        Some(before) if version % 10 == u64::from(n % 50) => {
                            store.delete(session(n), before.token).await
                        }
                        Some(before) => store.cas(session(n), before.token, write).await,
                    };
                    assert!(matches!(written.unwrap(), Written::Committed(_)));
                });
            }
            writing.join_all().await;
        }
        store.close().await;
    }
    let before = open(dir.path()).0;
    let segments = std::fs::metadata(dir.path().join("sled/db")).unwrap().len() >> 21;
    let mut there = Vec::new();
    for n in 0..SESSIONS {
        there.push(before.get(session(n)).await.unwrap());
    }
    assert!(there.iter().flatten().all(|stored| stored.bytes.len() > 100));
    before.close().await;
    drop(before);
    println!("{segments} segments; {versions} versions");
    for changed in [None, Some(0), Some(1), Some(3), Some(4)] {
        let copy = copy_of(dir.path());
        let path = snapshot(copy.path());
        let mut bytes = std::fs::read(&path).unwrap();
        if let Some(part) = changed {
            let place = (bytes.len() - 1) * part / 4;
            bytes[place] ^= 0x04;
            std::fs::write(&path, bytes).unwrap();
        } else {
            std::fs::remove_file(&path).unwrap();
        }
        let (after, recovered) = open(copy.path());
        assert!(recovered.mended.is_empty(), "{recovered}");
        for (n, before) in (0..SESSIONS).zip(&there) {
            assert_eq!(after.get(session(n)).await.unwrap(), *before, "session {n}");
        }
    }
}

/// What stands at the start of each segment.
fn heads(dir: &Path) -> Vec<Vec<u8>> {
    let file = std::fs::File::open(dir.join("sled/db")).unwrap();
    let count = file.metadata().unwrap().len().div_ceil(SEGMENT);
    let head = |n| {
        let mut bytes = vec![0; 4096];
        let _some = std::os::unix::fs::FileExt::read_at(&file, &mut bytes, n * SEGMENT).unwrap();
        bytes
    };
    (0..count).map(head).collect()
}

const SEGMENT: u64 = 2 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_was_begun_anew_when_the_power_went_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).0;
    let witness = std::fs::read(dir.path().join("witness")).unwrap();
    let text = |n: u32| bytes(n, 2).repeat(20);
    let mut tokens = std::collections::BTreeMap::new();
    let mut before = heads(dir.path());
    // One session after another is written anew, until sled begins a segment in the place of one that
    // has nothing any more.
    let (mut n, mut round) = (0, 0);
    let reused = loop {
        let write = due(round, 1 << 40, text(n));
        let written = match tokens.get(&n) {
            None => store.create(session(n), write).await,
            Some(before) => store.cas(session(n), *before, write).await,
        };
        tokens.insert(n, token(written.unwrap()));
        let now = heads(dir.path());
        let other = |(was, is): (&Vec<u8>, &Vec<u8>)| was[..20] != is[..20] && was[..20] != [0; 20];
        if let Some(found) = before.iter().zip(&now).position(other) {
            break found;
        }
        before = now;
        n = (n + 1) % 50;
        round += 1;
    };
    let killed = copy_of(dir.path());
    // Its first page never came to the disk, and the witness is an old one.
    change(killed.path(), |bytes| {
        let at = reused * SEGMENT as usize;
        bytes[at..at + 4096].copy_from_slice(&before[reused]);
    });
    std::fs::write(killed.path().join("witness"), witness).unwrap();
    let (after, recovered) = open(killed.path());
    assert!(recovered.mended.is_empty(), "{recovered}");
    println!("segment {reused} of {} after {round} writes: {recovered}", before.len());
    // The latest may have lain on that page.
    let (latest, one_before) = (n, (n + 49) % 50);
    for (n, token) in tokens.into_iter().filter(|(n, _)| *n != latest && *n != one_before) {
        let stored = after.get(session(n)).await.unwrap().expect("it is there");
        assert_eq!((stored.token, stored.bytes), (token, text(n)), "session {n}");
    }
}
