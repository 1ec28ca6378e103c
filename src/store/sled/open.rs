//! Opening a data directory: alone, after whatever happened to it, or not at all.
//!
//! Owns the lock, the clearing up before sled opens, the guard around sled's own opening (which
//! panics on damaged bytes), the syncs that sled leaves out, and the look at the witness. Must
//! not know sessions.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::damage;
use super::layout::{STATE, State};
use super::log;
use super::rebuild::{self, Rebuilt};
use super::told::{OpenError, Recovered};
use super::tree::Tree;
use super::witness::{Said, Witness};

/// Never to be changed: it is fixed when a store is made. A quarter of it bounds a page of the
/// tree, above which sled writes files that it never syncs.
pub(super) const SEGMENT_BYTES: usize = 2 << 20;
/// Our own lock may be held for a moment after a store was closed.
const OWN_LOCK_TIME: Duration = Duration::from_millis(300);
/// sled may hold its own lock for a moment after a store was closed.
const LOCK_TIME: Duration = Duration::from_secs(5);
/// Reading the log took 2.5 s per GB where it was measured; some damaged files make sled loop.
const OPEN_TIME: Duration = Duration::from_mins(1);
const OPEN_TIME_PER_GB: Duration = Duration::from_secs(30);
/// Of the reserve, for a small store.
const RESERVE_BYTES: u64 = 1 << 20;

/// An open data directory.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) db: Tree,
    /// Held as long as it is open.
    pub(super) lock: File,
    pub(super) own: Own,
}

/// What the writer alone has.
#[derive(Debug)]
pub(super) struct Own {
    /// Our own handle of sled's file, which [`File::sync_data`] makes durable; sled itself does
    /// not do so before an answer.
    pub(super) file: File,
    pub(super) witness: Witness,
    pub(super) state: State,
}

/// A file that is there to be removed: on a full disk sled finds room for what it writes when it
/// is opened.
fn reserve(dir: &Path) -> PathBuf {
    dir.join("reserve")
}

/// Sees to it that there is the reserve, as large as what sled may write at the next start. Needs
/// so much free room beside `floor`.
pub(super) fn keep_reserve(dir: &Path, free: u64, floor: u64) {
    let path = reserve(dir);
    let size = RESERVE_BYTES + fs::metadata(dir.join("sled/db")).map_or(0, |file| file.len() / 64);
    let kept = fs::metadata(&path).map_or(0, |file| file.len());
    if kept >= size / 2 || free < floor.saturating_add(size) {
        return;
    }
    let made = File::create(&path).and_then(|file| {
        let whole = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, size);
        whole.map_err(io::Error::from)
    });
    if let Err(error) = made {
        tracing::debug!(%error, "no room is kept for a start on a full disk");
        // Half of it is of no use.
        drop(fs::remove_file(&path));
    }
}

/// Opens the store in `dir`, or makes one.
pub(super) fn open(dir: &Path, cache_bytes: u64, brief: bool) -> Result<(Opened, Recovered), OpenError> {
    let inner = dir.join("sled");
    make_dir(dir)?;
    let lock = lock(dir, brief)?;
    let (mut witness, said) = Witness::open(&dir.join("witness")).map_err(doing("opening the witness in", dir))?;
    let new = !inner.join("db").exists();
    if new {
        if let Some(said) = said {
            return Err(went_back(dir, said, 0));
        }
        make(dir, &inner, cache_bytes)?;
    }
    let removed = clear(&inner).map_err(doing("clearing up", &inner))?;
    let mended = look(dir, &inner, said)?;
    let (db, state, rebuilt) = whole(dir, &inner, cache_bytes, said)?;
    let file = sync_all(dir, &inner).map_err(doing("syncing", dir))?;
    let clean = said.is_some_and(|said| said.clean && said.group == state.group);
    let now = Said {
        store: state.store,
        group: state.group,
        clean: false,
    };
    match witness.say(now) {
        // Nothing will be written before there is room; then it is said.
        Err(error) if error.kind() == io::ErrorKind::StorageFull => {
            tracing::warn!(%error, "the witness does not say yet that the store is open");
        }
        said => said.map_err(doing("writing the witness in", dir))?,
    }
    let recovered = Recovered {
        new,
        clean,
        sessions: state.sessions,
        group: state.group,
        removed,
        mended,
        rebuilt,
    };
    let own = Own { file, witness, state };
    Ok((Opened { db, lock, own }, recovered))
}

/// Opens the tree again that this process has just let go; `landed` is what was surely on disk.
pub(super) fn again(
    dir: &Path,
    cache_bytes: u64,
    landed: State,
) -> Result<(Tree, File, State, Option<Rebuilt>), OpenError> {
    let inner = dir.join("sled");
    clear(&inner).map_err(doing("clearing up", &inner))?;
    let said = Said {
        store: landed.store,
        group: landed.group,
        clean: false,
    };
    look(dir, &inner, Some(said))?;
    let (db, state, rebuilt) = whole(dir, &inner, cache_bytes, Some(said))?;
    let file = sync_all(dir, &inner).map_err(doing("syncing", dir))?;
    Ok((db, file, state, rebuilt))
}

/// Sees to it that sled takes nothing for the end of its log that is not.
fn look(dir: &Path, inner: &Path, said: Option<Said>) -> Result<Vec<u64>, OpenError> {
    let looked = log::look(inner, said).map_err(doing("reading the store in", dir))?;
    let mended = looked.map_err(|broken| OpenError::Changed {
        dir: dir.to_owned(),
        at: broken.at,
        has: broken.group,
        had: said.map(|said| said.group),
    })?;
    for at in &mended {
        tracing::error!(at, "one bit of the store had changed on the disk; it was put right");
    }
    Ok(mended)
}

/// The tree with its state; built anew if an earlier look found a part that cannot be read.
fn whole(
    dir: &Path,
    inner: &Path,
    cache_bytes: u64,
    said: Option<Said>,
) -> Result<(Tree, State, Option<Rebuilt>), OpenError> {
    let db = match guarded(dir, inner, cache_bytes) {
        Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::StorageFull => {
            tracing::warn!("the disk is full: the room that was kept for this start is used up");
            // Where there is none, the second try says so.
            drop(fs::remove_file(reserve(dir)));
            drop(clear(inner));
            guarded(dir, inner, cache_bytes)?
        }
        opened => opened?,
    };
    let state = state(&db, dir, said)?;
    if damage::is_marked(dir) {
        return rebuild::rebuild(dir, inner, db, state, cache_bytes);
    }
    Ok((db, state, None))
}

/// Makes a store, whole or not at all: sled cannot open one that was half made, so it gets its
/// name only when it is on disk.
fn make(dir: &Path, inner: &Path, cache_bytes: u64) -> Result<(), OpenError> {
    let half = dir.join("sled.new");
    if half.exists() {
        fs::remove_dir_all(&half).map_err(doing("clearing up", &half))?;
    }
    make_dir(&half)?;
    let db = guarded(dir, &half, cache_bytes)?;
    let mut store = [0; 16];
    getrandom::fill(&mut store).map_err(|error| doing("reading random bytes for", dir)(io::Error::other(error)))?;
    let state = State {
        store,
        group: 0,
        sessions: 0,
    };
    db.insert(STATE, state.encode())
        .and_then(|_| db.flush())
        .map_err(|error| match error {
            sled::Error::Io(source) => doing("making a store in", dir)(source),
            error => damaged(dir, error.to_string()),
        })?;
    drop(db);
    sync_all(dir, &half)
        .and_then(|_| fs::rename(&half, inner))
        .map_err(doing("making a store in", dir))
}

/// An error with what was being done to which path.
pub(super) fn doing(what: &str, path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let doing = format!("{what} {}", path.display());
    move |source| OpenError::Io { doing, source }
}

/// Makes the directory and its parents, for us alone: answers lie in it.
pub(super) fn make_dir(dir: &Path) -> Result<(), OpenError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(doing("making the directory", dir))
}

/// What stands behind the process in the lock of a command.
const BRIEF: &str = " command";

/// The lock of the whole directory, with our process in it for who comes second.
fn lock(dir: &Path, brief: bool) -> Result<File, OpenError> {
    let path = dir.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(doing("opening the lock", &path))?;
    // A child that the last holder is just starting shares its lock until it runs.
    let patient_until = Instant::now() + OWN_LOCK_TIME;
    let mut locked = file.try_lock();
    while matches!(locked, Err(TryLockError::WouldBlock)) && Instant::now() < patient_until {
        std::thread::sleep(Duration::from_millis(10));
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // Only for the message: who holds it may be just about to write it.
            drop(file.take(40).read_to_string(&mut text));
            let text = text.trim();
            return Err(OpenError::InUse {
                dir: dir.to_owned(),
                process: text.strip_suffix(BRIEF).unwrap_or(text).parse().ok(),
                brief: text.ends_with(BRIEF),
            });
        }
        Err(TryLockError::Error(error)) => return Err(doing("locking", &path)(error)),
    }
    // Only words for who comes second: on a full disk there may be no room for them.
    let words = format!("{}{}\n", std::process::id(), if brief { BRIEF } else { "" });
    if let Err(error) = file.set_len(0).and_then(|()| file.write_all(words.as_bytes())) {
        tracing::warn!(%error, "the lock does not say which process has the store");
    }
    Ok(file)
}

/// Removes snapshots that were not finished: sled would take one for its newest and refuse to
/// open for ever.
fn clear(inner: &Path) -> io::Result<Vec<String>> {
    let mut removed = Vec::new();
    for entry in fs::read_dir(inner)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path())?;
            removed.push(name);
        }
    }
    Ok(removed)
}

/// Lets sled open its files, on a thread of its own: it may panic, and it may never come back.
pub(super) fn guarded(dir: &Path, inner: &Path, cache_bytes: u64) -> Result<Tree, OpenError> {
    let config = sled::Config::new()
        .path(inner)
        .cache_capacity(cache_bytes)
        .segment_size(SEGMENT_BYTES);
    let bytes = fs::metadata(inner.join("db")).map_or(0, |file| file.len());
    let patience = OPEN_TIME + OPEN_TIME_PER_GB * u32::try_from(bytes >> 30).unwrap_or(u32::MAX);
    let (tell, told) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("store-open".to_owned())
        .spawn(move || drop(tell.send(open_sled(&config))))
        .map_err(doing("starting a thread to open", inner))?;
    match told.recv_timeout(patience) {
        Ok(Ok(db)) => Ok(Tree::new(db)),
        Ok(Err(sled::Error::Io(source))) => Err(doing("opening the store in", dir)(source)),
        Ok(Err(error)) => Err(damaged(dir, error.to_string())),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(damaged(dir, format!("reading it took over {patience:?}"))),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let panic = thread.join().err();
            let said = panic.as_ref().and_then(|panic| {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                text.or_else(|| panic.downcast_ref::<&str>().copied())
            });
            Err(damaged(
                dir,
                said.unwrap_or("sled stopped without a word").trim().to_owned(),
            ))
        }
    }
}

fn open_sled(config: &sled::Config) -> Result<sled::Db, sled::Error> {
    let began = Instant::now();
    loop {
        match config.open() {
            // sled words a lock that is held as an error of kind "other".
            Err(sled::Error::Io(error))
                if error.to_string().contains("could not acquire lock") && began.elapsed() < LOCK_TIME =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            result => return result,
        }
    }
}

/// Makes durable what sled leaves to chance when it makes a store: its settings, and the entries
/// of the directories. Gives our handle of its file.
pub(super) fn sync_all(dir: &Path, inner: &Path) -> io::Result<File> {
    let file = File::open(inner.join("db"))?;
    file.sync_all()?;
    File::open(inner.join("conf"))?.sync_all()?;
    // The directories above may have been made just now; whoever made them may not have synced.
    for path in inner.ancestors().take(3) {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        match File::open(path) {
            Ok(opened) => opened.sync_all()?,
            // A directory above ours that we may not read was not made by us.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && !path.starts_with(dir) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(file)
}

/// What the store says of itself, held against its witness.
fn state(db: &Tree, dir: &Path, said: Option<Said>) -> Result<State, OpenError> {
    let value = damage::guard(|| db.get(STATE)).map_err(|why| damaged(dir, why))?;
    let Some(value) = value else {
        return Err(match said {
            Some(said) => went_back(dir, said, 0),
            None => damaged(dir, "it lacks the record of its own state".to_owned()),
        });
    };
    let state = State::decode(&value).map_err(|error| damaged(dir, error.to_string()))?;
    match said {
        Some(said) if said.store != state.store => Err(damaged(
            dir,
            "the witness beside it belongs to another store".to_owned(),
        )),
        Some(said) if said.group > state.group => Err(went_back(dir, said, state.group)),
        _ => Ok(state),
    }
}

fn damaged(dir: &Path, why: String) -> OpenError {
    let dir = dir.to_owned();
    OpenError::Damaged { dir, why }
}

fn went_back(dir: &Path, said: Said, has: u64) -> OpenError {
    let (dir, had) = (dir.to_owned(), said.group);
    OpenError::WentBack { dir, had, has }
}
