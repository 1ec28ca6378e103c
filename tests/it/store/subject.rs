//! The engines that the conformance suite runs on, each behind the same handle.

use std::path::Path;
use std::sync::{Arc, Mutex};

use deity::id::SessionKey;
use deity::store::sled::{Fatal, Options, Recovered, Sled};
use deity::store::{Key, Memory, Store, Stored, Token, Write, Written};

/// A store under test.
pub struct Subject {
    store: Option<Arc<dyn Store>>,
    place: Place,
}

enum Place {
    Memory,
    /// A directory; whether it is closed and opened again wherever a check asks for it.
    Sled(tempfile::TempDir, bool),
}

impl Subject {
    pub fn memory() -> Self {
        Self {
            store: Some(Arc::new(Memory::new())),
            place: Place::Memory,
        }
    }

    pub fn sled() -> Self {
        Self::on_disk(options(), false)
    }

    /// Every read goes to the tree.
    pub fn cold() -> Self {
        let mut options = options();
        options.hot_bytes = 0;
        Self::on_disk(options, false)
    }

    pub fn reopened() -> Self {
        Self::on_disk(options(), true)
    }

    fn on_disk(options: Options, reopen: bool) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let (store, _) = Sled::open(dir.path(), options).expect("opens");
        Self {
            store: Some(Arc::new(store)),
            place: Place::Sled(dir, reopen),
        }
    }

    /// Closes the store and opens it again, if this subject is one that does so.
    pub fn again(&mut self) {
        if let Place::Sled(dir, true) = &self.place {
            self.store = None;
            let (store, recovered) = open(dir.path());
            assert!(recovered.clean, "it was closed in order: {recovered}");
            self.store = Some(Arc::new(store));
        }
    }

    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(self.store.as_ref().expect("open"))
    }

    /// What is at `key`.
    pub async fn at(&self, key: Key) -> Option<Stored> {
        self.store().get(key).await.expect("readable")
    }
}

/// Opens a store that must not fail.
pub fn open(dir: &Path) -> (Sled, Recovered) {
    Sled::open(dir, options()).expect("opens")
}

/// The defaults, where a failure is the test's.
pub fn options() -> Options {
    Options::new(Arc::new(|why| panic!("the store has failed: {why}")))
}

/// A hook that keeps what it is told.
pub fn keeper() -> (Fatal, Arc<Mutex<Vec<String>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&kept);
    let fatal: Fatal = Arc::new(move |why| to.lock().expect("whole").push(why.to_owned()));
    (fatal, kept)
}

/// The key of the `n`th session.
pub fn session(n: u32) -> Key {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&n.wrapping_mul(0x9e37_79b9).to_be_bytes());
    bytes[4..8].copy_from_slice(&n.to_be_bytes());
    Key::Session(SessionKey(bytes))
}

/// A record that is never due.
pub fn write(tag: u64, bytes: impl AsRef<[u8]>) -> Write {
    due(tag, i64::MAX, bytes)
}

/// A record that is due at `wake`.
pub fn due(tag: u64, wake: i64, bytes: impl AsRef<[u8]>) -> Write {
    let bytes = bytes.as_ref().to_vec();
    Write { tag, wake, bytes }
}

/// The token of a write that must have been committed.
pub fn token(written: Written) -> Token {
    match written {
        Written::Committed(token) => token,
        Written::Conflict => panic!("a conflict"),
    }
}
