//! Many sessions that fall due at once: they share their syncs, those that hold something outside
//! go first, a stop waits for few of them, and whoever looks at one finds it over at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use deity::id::SessionKey;
use deity::machine::State;
use deity::store::sled::{Options, Sled};
use deity::store::{Error, Key, KeyKind, Memory, Pending, Store, Stored, Token, Write, Written, record};
use tokio::sync::mpsc;

use super::book;
use crate::support::desk::{Desk, Sheet};
use crate::support::faulty::{Fault, Faulty};

/// Hours until the flow's idle time is over.
const IDLE: i64 = 2 * 60 * 60;

/// A store that notes which sessions are written, in order.
struct Noting {
    inner: Memory,
    noted: Mutex<Vec<SessionKey>>,
}

impl Store for Noting {
    fn get(&self, key: Key) -> Pending<'_, Result<Option<Stored>, Error>> {
        self.inner.get(key)
    }

    fn create(&self, key: Key, write: Write) -> Pending<'_, Result<Written, Error>> {
        self.inner.create(key, write)
    }

    fn cas(&self, key: Key, expect: Token, write: Write) -> Pending<'_, Result<Written, Error>> {
        if let Key::Session(at) = key {
            self.noted.lock().unwrap().push(at);
        }
        self.inner.cas(key, expect, write)
    }

    fn delete(&self, key: Key, expect: Token) -> Pending<'_, Result<Written, Error>> {
        self.inner.delete(key, expect)
    }

    fn claim(&self, now: i64, lease_until: i64, limit: usize) -> Pending<'_, Result<Vec<(SessionKey, Stored)>, Error>> {
        self.inner.claim(now, lease_until, limit)
    }

    fn scan(&self, kind: KeyKind, after: Option<Key>, limit: usize) -> Pending<'_, Result<Vec<(Key, Stored)>, Error>> {
        self.inner.scan(kind, after, limit)
    }

    fn check(&self) -> Pending<'_, Result<(), Error>> {
        self.inner.check()
    }
}

/// As many sessions more as stand where this one does.
async fn copies(desk: &Desk, page: &Sheet, many: u64) -> Vec<SessionKey> {
    let session = desk.stored(page).await;
    let stored = desk.store.get(Key::Session(session.at)).await.unwrap().unwrap();
    let mut keys = vec![session.at];
    let mut making = tokio::task::JoinSet::new();
    for n in 1..=many {
        let mut copy = session.clone();
        // Among each other as ids are: in no order.
        let spread = u128::from(n.wrapping_mul(0x9E37_79B9_7F4A_7C15)) << 64;
        copy.at = SessionKey((u128::from_be_bytes(session.at.0) ^ spread).to_be_bytes());
        keys.push(copy.at);
        let write = Write {
            tag: n,
            wake: stored.wake,
            bytes: record::encode(&copy).unwrap(),
        };
        let store = Arc::clone(&desk.store);
        making.spawn(async move {
            let made = store.create(Key::Session(copy.at), write).await.unwrap();
            assert!(matches!(made, Written::Committed(_)));
        });
    }
    making.join_all().await;
    keys
}

/// How many sessions are over.
async fn over(store: &Arc<dyn Store>) -> usize {
    let (mut over, mut after) = (0, None);
    loop {
        let page = store.scan(KeyKind::Session, after, 1000).await.unwrap();
        let Some((last, _)) = page.last() else { return over };
        after = Some(*last);
        for (key, stored) in page {
            let Key::Session(at) = key else { panic!("{key:?}") };
            let session = record::decode(at, &stored.bytes).unwrap();
            over += usize::from(!matches!(session.state, State::Live));
        }
    }
}

#[tokio::test]
async fn those_that_hold_something_outside_are_over_before_all_others() {
    let store = Arc::new(Noting {
        inner: Memory::new(),
        noted: Mutex::default(),
    });
    let mut desk = Desk::over(Arc::clone(&store) as Arc<dyn Store>, [book()]).await;
    let intro = desk.start("book").await;
    let others = copies(&desk, &intro, 1500).await;
    let name = desk.hold("a1").await;
    let holders = copies(&desk, &name, 40).await;
    let (jobs, mut waiting) = mpsc::channel(1000);
    desk.engine = desk.engine.hire(jobs, false);
    desk.wait(IDLE + 1);
    store.noted.lock().unwrap().clear();
    desk.engine.tick().await.unwrap();
    let noted = store.noted.lock().unwrap().clone();
    // The holders of the first claim, its others with those of the second.
    let last = noted.iter().rposition(|at| holders.contains(at)).unwrap();
    let first = noted.iter().position(|at| others.contains(at)).unwrap();
    assert!(last < first, "{last} {first}");
    assert_eq!(over(&desk.store).await, holders.len() + others.len());
    let mut undone = 0;
    while let Ok(job) = waiting.try_recv() {
        undone += usize::from(job.errand.effect == "release");
    }
    assert_eq!(undone, holders.len());
}

#[tokio::test]
async fn what_falls_due_at_once_shares_its_syncs() {
    let dir = tempfile::TempDir::new().unwrap();
    let syncs = Arc::new(AtomicUsize::new(0));
    let mut options = Options::new(Arc::new(|why| panic!("{why}")));
    let counted = Arc::clone(&syncs);
    options.sync = Arc::new(move |file| {
        counted.fetch_add(1, Ordering::SeqCst);
        file.sync_data()
    });
    let (store, _) = Sled::open(dir.path(), options).unwrap();
    let desk = Desk::over(Arc::new(store), [book()]).await;
    let intro = desk.start("book").await;
    let all = copies(&desk, &intro, 1500).await;
    desk.wait(IDLE + 1);
    let before = syncs.load(Ordering::SeqCst);
    desk.engine.tick().await.unwrap();
    assert_eq!(over(&desk.store).await, all.len());
    let took = syncs.load(Ordering::SeqCst) - before;
    // Of two writes each; on a machine that has other things to do groups are smaller.
    assert!(took < all.len() / 4, "{took} syncs for {} sessions", all.len());
}

#[tokio::test]
async fn a_stop_begins_with_no_further_session_and_the_next_process_takes_them_up() {
    let faulty = Arc::new(Faulty::over(Arc::new(Memory::new()), None));
    let desk = Desk::over(Arc::clone(&faulty) as Arc<dyn Store>, [book()]).await;
    let intro = desk.start("book").await;
    let all = copies(&desk, &intro, 2000).await;
    desk.wait(IDLE + 1);
    // Three claims, of which the last finds nothing; then the sessions.
    faulty.arm(4, Fault::HeldBefore);
    tokio::select! {
        biased;
        ended = desk.engine.tick() => panic!("it is held: {ended:?}"),
        () = faulty.held() => {}
    }
    // Meanwhile whoever looks finds that it is over.
    let seen = desk.follow(&intro, None).await;
    assert_eq!(seen.kind, "over");
    let sent = desk.send(&intro, &[]).await;
    assert_eq!((sent.kind, sent.status), ("over", 410));
    faulty.let_go();
    desk.engine.at_rest().await;
    assert!(
        over(&desk.store).await <= 1000,
        "a stop waits for no more than are under way"
    );
    let mut next = desk.restarted([book()]).await;
    let (jobs, _waiting) = mpsc::channel(10);
    next.engine = next.engine.hire(jobs, true);
    next.engine.take_over().await.unwrap();
    assert_eq!(over(&desk.store).await, all.len());
}
