//! What the embedded engine alone must do: wait for the disk, fail loudly, refuse what is not
//! whole, and never take half of anything for the whole.

use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deity::limits::RECORD_BYTES;
use deity::store::sled::{Options, Sled};
use deity::store::{Error, Key, KeyKind, Store, Written};
use tokio::time::timeout;

use crate::support::files::copy_of;

use super::subject::{due, keeper, open, options, session, token, write};

/// Far longer than anything here takes.
const DEADLINE: Duration = Duration::from_secs(20);

/// A sync that stands still until it is let go: each message lets one through, with its result.
struct Gate {
    options: Options,
    /// Says that a sync has begun.
    begun: mpsc::Receiver<()>,
    go: mpsc::Sender<std::io::Result<()>>,
}

fn gate() -> Gate {
    let (tell, begun) = mpsc::channel();
    let (go, wait) = mpsc::channel::<std::io::Result<()>>();
    let wait = Mutex::new(wait);
    let mut options = options();
    options.sync = Arc::new(move |file| {
        tell.send(()).expect("the test listens");
        wait.lock().expect("whole").recv().expect("the test says go")?;
        file.sync_data()
    });
    Gate { options, begun, go }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_before_it_is_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let Gate { options, begun, go } = gate();
    let store = Arc::new(Sled::open(dir.path(), options).unwrap().0);
    go.send(Ok(())).unwrap();
    token(store.create(session(1), write(1, "old")).await.unwrap());
    begun.recv_timeout(DEADLINE).unwrap();

    let writer = Arc::clone(&store);
    let expect = store.get(session(1)).await.unwrap().unwrap().token;
    let writing = tokio::spawn(async move { writer.cas(session(1), expect, write(2, "new")).await });
    // The batch is in the tree, and the sync stands still.
    begun.recv_timeout(DEADLINE).unwrap();
    let reads = [
        tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.get(session(1)).await.unwrap().map(|stored| stored.bytes) }
        }),
        tokio::spawn({
            let store = Arc::clone(&store);
            async move {
                let page = store.scan(KeyKind::Session, None, 9).await.unwrap();
                page.into_iter().next().map(|(_, stored)| stored.bytes)
            }
        }),
    ];
    // A read of what is not in flight does not wait, and shows that reads get through at all.
    assert_eq!(timeout(DEADLINE, store.get(session(2))).await.unwrap().unwrap(), None);
    assert!(!writing.is_finished());
    assert!(reads.iter().all(|read| !read.is_finished()));
    go.send(Ok(())).unwrap();
    assert!(matches!(writing.await.unwrap(), Ok(Written::Committed(_))));
    for read in reads {
        assert_eq!(timeout(DEADLINE, read).await.unwrap().unwrap(), Some(b"new".to_vec()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_is_doubt_and_the_end_of_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let Gate { mut options, begun, go } = gate();
    let (fatal, said) = keeper();
    options.fatal = fatal;
    let store = Arc::new(Sled::open(dir.path(), options).unwrap().0);
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move { writer.create(session(1), write(1, "x")).await });
    begun.recv_timeout(DEADLINE).unwrap();
    let reader = Arc::clone(&store);
    let reading = tokio::spawn(async move { reader.get(session(1)).await });
    go.send(Err(std::io::Error::other("planted"))).unwrap();

    let doubt = writing.await.unwrap();
    assert!(
        matches!(&doubt, Err(Error::InDoubt(why)) if why.contains("planted")),
        "{doubt:?}"
    );
    // Nobody is shown what may not be on disk, neither who waited nor who comes now.
    assert!(matches!(reading.await.unwrap(), Err(Error::NotApplied(_))));
    assert!(matches!(store.get(session(1)).await, Err(Error::NotApplied(_))));
    let late = store.create(session(2), write(1, "y")).await;
    assert!(
        matches!(&late, Err(Error::NotApplied(why)) if why.contains("planted")),
        "{late:?}"
    );
    assert!(store.check().await.is_err());
    drop(store);
    let said = said.lock().unwrap();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("planted"), "{said:?}");

    let (_, recovered) = open(dir.path());
    assert!(!recovered.clean);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_stands_still_ends_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let Gate { mut options, begun, go } = gate();
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    options.fatal = Arc::new(move |why| tell.lock().unwrap().send(why.to_owned()).unwrap());
    options.patience = Duration::from_millis(200);
    let store = Arc::new(Sled::open(dir.path(), options).unwrap().0);
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move { writer.create(session(1), write(1, "x")).await });
    begun.recv_timeout(DEADLINE).unwrap();
    let why = told.recv_timeout(DEADLINE).unwrap();
    assert!(why.contains("no write has ended"), "{why}");
    go.send(Ok(())).unwrap();
    drop(writing.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_noticed_before_it_is_full() {
    let dir = tempfile::tempdir().unwrap();
    token(open(dir.path()).0.create(session(1), write(1, "x")).await.unwrap());
    let mut options = options();
    options.floor_bytes = u64::MAX;
    let (store, _) = Sled::open(dir.path(), options).unwrap();
    let refused = store.create(session(2), write(1, "y")).await;
    assert!(
        matches!(&refused, Err(Error::NotApplied(why)) if why.contains("nearly full")),
        "{refused:?}"
    );
    assert!(store.check().await.is_err());
    assert_eq!(store.get(session(1)).await.unwrap().unwrap().bytes, b"x");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_has_done_what_was_asked_and_does_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(open(dir.path()).0);
    let calls: Vec<_> = (0..200)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.create(session(n), write(1, [0; 500])).await })
        })
        .collect();
    store.close().await;
    let mut done = Vec::new();
    for (n, call) in (0..).zip(calls) {
        match call.await.unwrap() {
            Ok(Written::Committed(_)) => done.push(n),
            Err(Error::NotApplied(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(store.get(session(1)).await, Err(Error::NotApplied(_))));
    assert!(matches!(
        store.create(session(999), write(1, "z")).await,
        Err(Error::NotApplied(_))
    ));
    store.close().await;
    drop(store);
    let (store, recovered) = open(dir.path());
    assert!(recovered.clean);
    assert_eq!(recovered.sessions, done.len() as u64);
    for n in done {
        assert!(store.get(session(n)).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_at_the_start_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let (store, recovered) = open(dir.path());
    assert!(recovered.new);
    assert_eq!(recovered.to_string(), "a new store");
    let mut last = None;
    for n in 0..5 {
        last = Some(token(store.create(session(n), write(1, "x")).await.unwrap()));
    }
    token(
        store
            .create(Key::Meta([1; 16]), write(1, "not a session"))
            .await
            .unwrap(),
    );
    token(store.delete(session(4), last.unwrap()).await.unwrap());
    drop(store);
    let (store, recovered) = open(dir.path());
    assert_eq!((recovered.sessions, recovered.group, recovered.clean), (4, 7, true));
    assert_eq!(recovered.to_string(), "4 sessions; stopped in order after write 7");

    // What a killed process leaves behind.
    let killed = copy_of(dir.path());
    let left = killed.path().join("sled/snap.0000000000000abc.generating");
    std::fs::write(&left, "half a snapshot").unwrap();
    drop(store);
    let (_, recovered) = open(killed.path());
    assert!(!left.exists());
    let said = recovered.to_string();
    assert!(
        said.contains("4 sessions, recovered after a stop without notice"),
        "{said}"
    );
    assert!(
        said.contains("removed what was left over: snap.0000000000000abc.generating"),
        "{said}"
    );
}

#[test]
fn of_two_who_open_it_the_second_is_told_who_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let second = Sled::open(dir.path(), options()).unwrap_err().to_string();
    let wanted = format!("is in use by process {}", std::process::id());
    assert!(second.contains(&wanted), "{second}");
    drop(first);
    open(dir.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_length_of_record_makes_sled_write_files_that_it_never_syncs() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    let store = Arc::new(store);
    let writers: Vec<_> = (0..8)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut expect = token(store.create(session(n), write(0, "")).await.unwrap());
                for tag in 1..6 {
                    let length = [16 << 10, RECORD_BYTES, 100][(n as usize + tag) % 3];
                    let next = due(tag as u64, tag as i64, vec![n as u8; length]);
                    expect = token(store.cas(session(n), expect, next).await.unwrap());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    drop(store);
    drop(open(dir.path()));
    let blobs: Vec<_> = std::fs::read_dir(dir.path().join("sled/blobs")).unwrap().collect();
    assert!(blobs.is_empty(), "{blobs:?}");
}

/// A store with 200 sessions, closed in order.
async fn filled(dir: &Path) {
    let (store, _) = open(dir);
    for n in 0..200 {
        let bytes = vec![n as u8; 50 * n as usize];
        token(store.create(session(n), write(u64::from(n), bytes)).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_went_back_in_time_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let before = copy_of(dir.path());
    let (store, _) = open(dir.path());
    token(store.create(session(999), write(1, "later")).await.unwrap());
    drop(store);
    std::fs::copy(dir.path().join("witness"), before.path().join("witness")).unwrap();
    let why = Sled::open(before.path(), options()).unwrap_err().to_string();
    assert!(
        why.contains("went back in time: write 201 was on disk, it now ends at write 200"),
        "{why}"
    );
    assert!(why.contains("remove"), "{why}");
    // The operator's decision, as the words have it.
    std::fs::remove_file(before.path().join("witness")).unwrap();
    let (_, recovered) = open(before.path());
    assert_eq!(recovered.group, 200);

    let other = tempfile::tempdir().unwrap();
    drop(open(other.path()));
    std::fs::copy(dir.path().join("witness"), other.path().join("witness")).unwrap();
    let why = Sled::open(other.path(), options()).unwrap_err().to_string();
    assert!(why.contains("belongs to another store"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_lost_its_tail_is_never_taken_for_an_empty_store() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let whole = std::fs::metadata(dir.path().join("sled/db")).unwrap().len();
    for length in [
        0,
        1,
        511,
        4096,
        100_000,
        512 << 10,
        whole / 2,
        whole - 70_000,
        whole - 4096,
    ] {
        let cut = copy_of(dir.path());
        for entry in std::fs::read_dir(cut.path().join("sled")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("snap.") {
                std::fs::remove_file(path).unwrap();
            }
        }
        let file = std::fs::OpenOptions::new().write(true).open(cut.path().join("sled/db"));
        file.unwrap().set_len(length).unwrap();
        let began = Instant::now();
        let result = Sled::open(cut.path(), options());
        let why = match result {
            Err(why) => why.to_string(),
            // What was cut off held no group.
            Ok((_, recovered)) => {
                assert_eq!(recovered.group, 200, "cut to {length} of {whole}");
                continue;
            }
        };
        println!("cut to {length} of {whole}: {why} ({:.1?})", began.elapsed());
        assert!(why.contains("went back in time") || why.contains("damaged"), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_bytes_are_never_read_as_answers() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let whole = std::fs::read(dir.path().join("sled/db")).unwrap();
    let (mut refused, mut harmless, mut noticed) = (0, 0, 0);
    for place in (0..16).map(|n| whole.len() / 16 * n + 37) {
        let hurt = copy_of(dir.path());
        let mut bytes = whole.clone();
        for byte in bytes.iter_mut().skip(place).take(64) {
            *byte ^= 0x55;
        }
        std::fs::write(hurt.path().join("sled/db"), bytes).unwrap();
        let mut options = options();
        options.fatal = keeper().0;
        let store = match Sled::open(hurt.path(), options) {
            Ok((store, _)) => store,
            Err(why) => {
                let why = why.to_string();
                assert!(why.contains("damaged") || why.contains("went back"), "{why}");
                refused += 1;
                continue;
            }
        };
        let mut damage = false;
        for n in 0..200 {
            match store.get(session(n)).await {
                Ok(Some(stored)) => assert_eq!(stored.bytes, vec![n as u8; 50 * n as usize]),
                Ok(None) => panic!("session {n} is gone without a word, bytes changed at {place}"),
                Err(_) => damage = true,
            }
        }
        if damage { noticed += 1 } else { harmless += 1 }
    }
    println!("64 bytes changed in 16 places: refused {refused}, noticed on reading {noticed}, harmless {harmless}");
    assert!(
        refused + noticed > 0,
        "no change hit anything: the test looks in the wrong places"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_into_a_directory_that_was_moved_away() {
    for removed in [false, true] {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("data");
        let (fatal, failed) = keeper();
        let mut options = options();
        options.fatal = fatal;
        let store = Sled::open(&dir, options).unwrap().0;
        token(store.create(session(1), write(1, "before")).await.unwrap());
        if removed {
            std::fs::remove_dir_all(&dir).unwrap();
        } else {
            std::fs::rename(&dir, home.path().join("elsewhere")).unwrap();
        }
        let late = store.create(session(2), write(1, "after")).await;
        assert!(matches!(late, Err(Error::InDoubt(_))), "{late:?}");
        // Who asked is told before the process ends.
        let told = || {
            failed
                .lock()
                .unwrap()
                .join("; ")
                .contains("the data directory was moved or removed")
        };
        assert!(crate::support::eventually(told), "{:?}", failed.lock().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_moved_away_is_noticed_without_a_write() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("data");
    let (fatal, failed) = keeper();
    let mut options = options();
    options.fatal = fatal;
    let store = Sled::open(&dir, options).unwrap().0;
    token(store.create(session(1), write(1, "before")).await.unwrap());
    std::fs::rename(&dir, home.path().join("elsewhere")).unwrap();
    // What the timers ask twice a second.
    drop(store.claim(1, 2, 10).await);
    let noticed = crate::support::eventually(|| failed.lock().unwrap().len() == 1);
    assert!(noticed, "nobody was told");
}
