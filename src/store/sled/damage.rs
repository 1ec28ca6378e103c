//! What of the store cannot be read: told once, and passed by.
//!
//! Owns the list of keys that were met and could not be read, and the mark beside the tree that
//! has the next start build it anew. sled finds a changed byte when it reads a page; the page's
//! records are lost to us, the others are not. Must not know what a record means.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::Error;
use super::layout;

/// Keys that are remembered; further ones are passed by all the same, and told again.
const KNOWN: usize = 10_000;

/// The unreadable keys of one open store.
#[derive(Debug)]
pub(super) struct Damage {
    known: Mutex<Known>,
    mark: PathBuf,
}

#[derive(Debug, Default)]
struct Known {
    /// By key, and why.
    keys: BTreeMap<Vec<u8>, String>,
    /// From the last key before a page to the first behind it.
    gaps: BTreeSet<(Vec<u8>, Vec<u8>)>,
}

impl Damage {
    /// Of the store in `dir`: nothing is known yet.
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            known: Mutex::default(),
            mark: mark(dir),
        }
    }

    /// Notes that the page that `at` lies on cannot be read: an error of this key alone.
    pub(super) fn page(&self, at: &[u8], why: &str) -> Error {
        if self.note(at, why) {
            self.mark();
        }
        layout::damaged(
            at,
            &format!("the page of the store on which it lies cannot be read ({why})"),
        )
    }

    /// Notes that no page between two keys can be read.
    pub(super) fn gap(&self, from: &[u8], to: &[u8], why: &str) {
        let fresh = self.known().gaps.insert((from.to_vec(), to.to_vec()));
        if fresh {
            let (from, to) = (layout::name(from), layout::name(to));
            tracing::error!(
                from,
                to,
                why,
                "what lies between cannot be read; it is passed by, and the rest is served"
            );
            self.mark();
        }
    }

    /// All was built anew.
    pub(super) fn clear(&self) {
        *self.known() = Known::default();
    }

    /// The tree is to be built anew when it is opened next.
    pub(super) fn mark(&self) {
        if let Err(error) = set(&self.mark) {
            tracing::error!(%error, "the next start is not told to build the store anew");
        }
    }

    /// Notes one record that is not what was written, on a page that can be read.
    pub(super) fn record(&self, at: &[u8], error: &Error) {
        self.note(at, &error.to_string());
    }

    /// Whether anything was met that cannot be read.
    pub(super) fn any(&self) -> bool {
        let known = self.known();
        !(known.keys.is_empty() && known.gaps.is_empty())
    }

    fn note(&self, at: &[u8], why: &str) -> bool {
        let mut known = self.known();
        if known.keys.contains_key(at) {
            return false;
        }
        if known.keys.len() < KNOWN {
            known.keys.insert(at.to_vec(), why.to_owned());
        }
        let what = layout::name(at);
        tracing::error!(what, why, "cannot be read; it is passed by, and the rest is served");
        true
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads from the tree: `Err` says why it could not. sled panics where a page is another than it
/// looked for; it has changed nothing then.
pub(super) fn guard<T>(read: impl FnOnce() -> sled::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Corruption { at, .. })) => Err(match at {
            Some(at) => format!("its bytes have changed, at byte {} of the file", at.lid()),
            None => "its bytes have changed".to_owned(),
        }),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("sled has panicked over it".to_owned()),
    }
}

/// The file that says that the tree is to be built anew.
fn mark(dir: &Path) -> PathBuf {
    dir.join("damaged")
}

fn set(mark: &Path) -> io::Result<()> {
    let mut file = File::create(mark)?;
    writeln!(
        file,
        "A page of the store could not be read. The next start builds it anew from all that can."
    )?;
    file.sync_all()
}

/// Whether an earlier run met a page that it could not read.
pub(super) fn is_marked(dir: &Path) -> bool {
    mark(dir).exists()
}

/// The tree was built anew.
pub(super) fn unmark(dir: &Path) -> io::Result<()> {
    match std::fs::remove_file(mark(dir)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
