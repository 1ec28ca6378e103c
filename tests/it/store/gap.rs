//! Where sled looks for the end of its log: from the segment on up to which all was on disk when the
//! latest was begun. Where that one is not there, sled takes all to be torn.

use std::path::{Path, PathBuf};

use deity::store::sled::Sled;
use deity::store::{Store, Token};

use super::subject::{due, open, options, session, token};
use crate::support::files::copy_of;

const SEGMENT: usize = 2 << 20;

fn text(n: u32, round: u64, length: usize) -> Vec<u8> {
    format!("answers {round} of session {n} ")
        .into_bytes()
        .into_iter()
        .cycle()
        .take(length)
        .collect()
}

fn db(dir: &Path) -> Vec<u8> {
    std::fs::read(dir.join("sled/db")).unwrap()
}

/// The numbers of the segments in the order of the file; `None` where there is none.
fn numbers(dir: &Path) -> Vec<Option<u64>> {
    let number = |segment: &[u8]| {
        let place = u64::from_le_bytes(segment[4..12].try_into().unwrap()) ^ i64::MAX.cast_unsigned();
        (segment[..20] != [0; 20]).then_some(place / SEGMENT as u64)
    };
    db(dir).chunks(SEGMENT).map(number).collect()
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

fn snapshot(dir: &Path) -> PathBuf {
    let entries = std::fs::read_dir(dir.join("sled")).unwrap();
    let mut found = entries.map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("snap.");
    found.find(is_one).expect("a snapshot")
}

/// Ten sessions, each written anew until the log has `segments`, and some times more; in order.
async fn rewritten(store: &Sled, dir: &Path, segments: usize) -> Vec<(Token, Vec<u8>)> {
    let mut written: Vec<(Token, Vec<u8>)> = Vec::new();
    let (mut round, mut more) = (0, 25);
    while more > 0 {
        let n = (round % 10) as usize;
        let bytes = text(n as u32, round, 3000);
        let write = due(round, 1 << 40, &bytes);
        let key = session(n as u32);
        match written.get(n).map(|before| before.0) {
            None => written.push((token(store.create(key, write).await.unwrap()), bytes)),
            Some(before) => written[n] = (token(store.cas(key, before, write).await.unwrap()), bytes),
        }
        round += 1;
        let last = numbers(dir).into_iter().flatten().max().unwrap_or_default();
        more -= usize::from(last + 1 >= segments as u64);
    }
    written
}

async fn all_there(store: &Sled, written: &[(Token, Vec<u8>)], why: &str) {
    for (n, (token, bytes)) in (0..).zip(written) {
        let stored = store.get(session(n)).await.unwrap().expect("it is there");
        assert_eq!((stored.token, &stored.bytes), (*token, bytes), "{why}: session {n}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_store_whose_snapshot_has_changed_is_not_taken_to_be_empty() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).0;
    let written = rewritten(&store, dir.path(), 3).await;
    store.close().await;
    drop(store);
    // This takes away the segments that have nothing any more.
    let store = open(dir.path()).0;
    store.close().await;
    drop(store);
    assert_eq!(numbers(dir.path()), [None, None, Some(2)]);
    let length = std::fs::metadata(snapshot(dir.path())).unwrap().len() as usize;
    for place in [0, length / 3, length / 2, length - 13, length - 1] {
        let copy = copy_of(dir.path());
        change(&snapshot(copy.path()), |bytes| bytes[place] ^= 0x04);
        let (store, recovered) = open(copy.path());
        assert!(recovered.clean && recovered.mended.is_empty(), "{recovered}");
        all_there(&store, &written, &format!("a bit at {place}")).await;
    }
    let copy = copy_of(dir.path());
    let path = snapshot(copy.path());
    change(&path, |bytes| bytes[length / 2] ^= 0x14);
    let before = (db(copy.path()), std::fs::read(&path).unwrap());
    let refused = Sled::open(copy.path(), options()).expect_err("refused").to_string();
    assert!(refused.contains("must be restored"), "{refused}");
    assert!((db(copy.path()), std::fs::read(&path).unwrap()) == before, "untouched");
    // Without it nobody knows what was in the segments that are not there.
    std::fs::remove_file(&path).unwrap();
    let refused = Sled::open(copy.path(), options()).expect_err("refused").to_string();
    assert!(refused.contains("cannot be read from byte"), "{refused}");
    assert!(db(copy.path()) == before.0, "untouched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_cannot_be_found_is_refused_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).0;
    rewritten(&store, dir.path(), 4).await;
    let killed = copy_of(dir.path());
    let numbers = numbers(killed.path());
    let last = numbers.iter().flatten().max().unwrap();
    let gap = numbers.iter().position(|number| *number == Some(last - 1)).unwrap();
    change(&killed.path().join("sled/db"), |bytes| {
        bytes[gap * SEGMENT..][..20].fill(0x33);
    });
    let before = db(killed.path());
    let refused = Sled::open(killed.path(), options()).expect_err("refused").to_string();
    assert!(refused.contains("cannot be read from byte"), "{refused}");
    assert!(db(killed.path()) == before, "untouched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_group_that_was_torn_at_its_beginning_takes_nothing_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).0;
    let mut written = Vec::new();
    for n in 0..300 {
        let bytes = text(n, 1, 15_000);
        let write = due(1, 1 << 40, &bytes);
        written.push((token(store.create(session(n), write).await.unwrap()), bytes));
    }
    let before = copy_of(dir.path());
    let old = numbers(before.path());
    let claimed = store.claim(1 << 41, 1 << 42, 1000).await.unwrap();
    assert!(claimed.len() > 200, "{}", claimed.len());
    let new = numbers(dir.path());
    let last = old.iter().flatten().max().unwrap();
    let begun = new.iter().position(|number| *number == Some(last + 1)).expect("begun");
    assert!(new.contains(&Some(last + 2)), "{old:?} {new:?}");
    // All of it came to the disk but for the beginning of the first segment that it began.
    let bytes = db(dir.path());
    change(&before.path().join("sled/db"), |old| {
        let from = begun * SEGMENT;
        let mut now = bytes;
        let kept = old.get(from..from + 4096).map_or_else(|| vec![0; 4096], <[u8]>::to_vec);
        now[from..from + 4096].copy_from_slice(&kept);
        *old = now;
    });
    let (after, recovered) = open(before.path());
    assert!(recovered.mended.is_empty(), "{recovered}");
    all_there(&after, &written, &recovered.to_string()).await;
}
