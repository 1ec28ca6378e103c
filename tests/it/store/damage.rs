//! One damaged record is one damaged record: what can be read is served, what cannot is told, and
//! the next start puts the rest into a tree of its own.

use std::collections::BTreeSet;
use std::path::Path;

use deity::id::SessionKey;
use deity::store::sled::{Options, Sled};
use deity::store::{Error, Key, KeyKind, Store, Stored, Written};

use super::subject::{due, keeper, open, options, session, token};
use crate::support::files::copy_of;

const SESSIONS: u32 = 1_500;

fn bytes(n: u32) -> Vec<u8> {
    format!("answers of session {n} ")
        .repeat(10 + n as usize % 30)
        .into_bytes()
}

/// Sessions of which every third is due, so many that the tree has some hundred pages.
async fn filled(dir: &Path) {
    let (store, _) = open(dir);
    let store = std::sync::Arc::new(store);
    let mut writing = tokio::task::JoinSet::new();
    for n in 0..SESSIONS {
        let store = std::sync::Arc::clone(&store);
        let wake = if n % 3 == 0 { i64::from(n) } else { 1 << 40 };
        writing.spawn(async move { token(store.create(session(n), due(1, wake, bytes(n))).await.unwrap()) });
    }
    writing.join_all().await;
    store.close().await;
    drop(store);
    // From here on its pages are old ones: the next start does not read its log again.
    open(dir).0.close().await;
}

fn flip(dir: &Path, place: usize) {
    let path = dir.join("sled/db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[place] ^= 0x10;
    std::fs::write(path, bytes).unwrap();
}

/// Every record, page by page.
async fn all(store: &Sled) -> Vec<(Key, Stored)> {
    let mut found: Vec<(Key, Stored)> = Vec::new();
    loop {
        let page = store
            .scan(KeyKind::Session, found.last().map(|(key, _)| *key), 200)
            .await
            .unwrap();
        if page.is_empty() {
            return found;
        }
        found.extend(page);
    }
}

/// What one open store with a flipped bit was seen to do.
#[derive(Debug, Default)]
struct Seen {
    lost: u64,
}

async fn live_with(dir: &Path, options: Options) -> Option<Seen> {
    let store = match Sled::open(dir, options) {
        Ok((store, _)) => store,
        Err(why) => {
            let why = why.to_string();
            assert!(why.contains("damaged") || why.contains("went back"), "{why}");
            println!("refused: {why}");
            return None;
        }
    };
    let scanned: BTreeSet<Key> = all(&store).await.into_iter().map(|(key, _)| key).collect();
    let mut lost = BTreeSet::new();
    for n in 0..SESSIONS {
        match store.get(session(n)).await {
            Ok(Some(stored)) => {
                assert_eq!(stored.bytes, bytes(n), "session {n}");
                assert!(
                    scanned.contains(&session(n)),
                    "a scan passed over session {n}, which can be read"
                );
            }
            Ok(None) => panic!("session {n} is gone without a word"),
            Err(Error::Damaged(_)) => drop(lost.insert(session(n))),
            Err(other) => panic!("{other}"),
        }
    }
    let told = store.unreadable().await.unwrap();
    assert_eq!(told.sessions.len() as u64 + told.further, lost.len() as u64, "{told:?}");
    assert!(told.sessions.iter().all(|key| lost.contains(&Key::Session(*key))));
    // Timers and starts pass it by.
    loop {
        let page = match store.claim(SESSIONS.into(), 1 << 41, 200).await {
            // sled came upon the page while it wrote, and the store was built anew: claimed they are.
            Err(Error::InDoubt(_)) => continue,
            page => page.unwrap(),
        };
        if page.is_empty() {
            break;
        }
    }
    for n in SESSIONS..SESSIONS + 100 {
        match store.create(session(n), due(1, i64::from(n), bytes(n))).await {
            Ok(Written::Committed(_)) => {}
            Err(Error::Damaged(_) | Error::InDoubt(_)) => assert!(!lost.is_empty() || store_is_marked(dir)),
            other => panic!("{other:?}"),
        }
    }
    store.close().await;
    Some(Seen {
        lost: lost.len() as u64,
    })
}

/// Whether the store knows of a page that it cannot read, or has been built anew since.
fn store_is_marked(dir: &Path) -> bool {
    dir.join("damaged").exists() || dir.join("sled.damaged").exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_costs_the_records_of_its_page_and_the_next_start_mends_the_store() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let length = std::fs::metadata(dir.path().join("sled/db")).unwrap().len();
    let (mut refused, mut harmless, mut hurt) = (0, 0, 0);
    let places = 60;
    println!("{length} bytes");
    for place in (0..places).map(|n| usize::try_from(length * n / places + 61).unwrap()) {
        let copy = copy_of(dir.path());
        flip(copy.path(), place);
        let (fatal, failed) = keeper();
        let mut options = Options::new(fatal);
        options.cache_bytes = 1 << 20;
        let Some(seen) = live_with(copy.path(), options).await else {
            refused += 1;
            continue;
        };
        assert_eq!(*failed.lock().unwrap(), Vec::<String>::new(), "bit at {place}");
        if seen.lost == 0 && !store_is_marked(copy.path()) {
            harmless += 1;
            continue;
        }
        hurt += 1;
        assert!(seen.lost < 100, "{} sessions for one bit at {place}", seen.lost);
        mended(copy.path(), seen.lost, place).await;
    }
    println!("one bit in {places} places: refused {refused}, harmless {harmless}, passed by {hurt}");
    assert!(hurt >= 3, "the bits hit nothing: {hurt}");
    // Where the page of the store's own state is hit.
    assert!(refused <= 2, "{refused} of {places} could not be opened at all");
}

/// The start after: all is built anew, and every place can be written again.
async fn mended(dir: &Path, lost: u64, place: usize) {
    let already = dir.join("sled.damaged").exists();
    let (store, recovered) = Sled::open(dir, options()).unwrap();
    assert_eq!(recovered.rebuilt.is_none(), already, "bit at {place}");
    assert!(dir.join("sled.damaged/db").exists());
    let empty = all(&store)
        .await
        .into_iter()
        .filter(|(_, stored)| stored.bytes.is_empty());
    let empty: Vec<SessionKey> = empty
        .filter_map(|(key, _)| if let Key::Session(key) = key { Some(key) } else { None })
        .collect();
    assert!(
        empty.len() as u64 <= lost,
        "bit at {place}: {lost} were lost, {} have empty records",
        empty.len()
    );
    if let Some(rebuilt) = recovered.rebuilt {
        assert_eq!(rebuilt.named + rebuilt.nameless, lost, "bit at {place}: {rebuilt}");
        assert_eq!(empty.len() as u64, rebuilt.named);
    }
    for n in 0..SESSIONS + 200 {
        match store.get(session(n)).await.unwrap() {
            Some(stored) if stored.bytes.is_empty() => {}
            Some(stored) => {
                assert_eq!(stored.bytes, bytes(n));
                let again = store.cas(session(n), stored.token, due(2, 7, bytes(n))).await;
                token(again.unwrap());
            }
            None => drop(token(store.create(session(n), due(1, 7, bytes(n))).await.unwrap())),
        }
    }
    drop(store);
    let (_, recovered) = open(dir);
    assert_eq!(recovered.rebuilt, None, "once is enough");
}
