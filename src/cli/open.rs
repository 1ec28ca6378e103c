//! Opening the store: what a server and a command on a stopped one have in common.
//!
//! Owns the data directory's refusals in words, the clock and the dice that the engine gets. Must
//! not know what is done with the engine.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{Failure, says};
use crate::catalog::Catalog;
use crate::engine::{Engine, Passing, Reading, Unopened, World};
use crate::operator::Operator;
use crate::settings::Settings;
use crate::store::Store;
use crate::store::key_file::{KeyFile, Secret};
use crate::store::sled::{OpenError, Options, Recovered, Sled};

/// The exit code of a store that failed while it ran: worth another start (`EX_TEMPFAIL`).
const STORE_FAILED: i32 = 75;

/// The engine over the store of these settings.
pub(super) async fn engine(
    store: Arc<dyn Store>,
    catalog: Arc<Catalog>,
    settings: &Settings,
) -> Result<Engine, Failure> {
    let keys = keys(settings)?;
    let opened = Engine::open(store, catalog, world(), Some(&keys)).await;
    opened.map_err(|why| {
        let failure = Failure::new(format!(
            "the store in {} cannot be used: {why}",
            settings.data.display()
        ));
        failure.help(match why {
            Unopened::Keys(refused) => refused.help,
            Unopened::Store(_) => {
                "the data were left as they are; a newer Deity, or a backup, may read them".to_owned()
            }
        })
    })
}

/// The engine, whose time is what this machine has seen pass.
pub(super) async fn keep_time(engine: Engine, settings: &Settings) -> Result<Engine, Failure> {
    let (clock, boot) = (world().clock, boot());
    let read = move || {
        // It goes on while the machine sleeps, and nobody can set it.
        let passed = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Reading {
            wall: clock(),
            passed: passed
                .tv_sec
                .saturating_mul(1000)
                .saturating_add(passed.tv_nsec / 1_000_000),
            boot,
        }
    };
    let passing = Passing {
        read: Arc::new(read),
        patience: settings.clock,
    };
    let kept = engine.keep_time(passing).await;
    kept.map_err(|why| Failure::new(format!("the time cannot be kept in {}: {why}", settings.data.display())))
}

/// Which start of the machine this is; zeros where that cannot be known.
fn boot() -> [u8; 16] {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    uuid::Uuid::try_parse(id.trim()).map_or([0; 16], uuid::Uuid::into_bytes)
}

/// The key file of these settings, which lies outside of the data directory.
fn keys(settings: &Settings) -> Result<KeyFile, Failure> {
    let parent = settings
        .keys
        .file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let within = parent.unwrap_or_else(|| Path::new(".")).canonicalize();
    if let (Ok(within), Ok(data)) = (within, settings.data.canonicalize())
        && within.starts_with(&data)
    {
        return Err(Failure::new(format!(
            "the key file {} lies in the data directory, so that every backup of the data would hold the keys",
            settings.keys.file.display()
        ))
        .help("name a place outside of it with key-file"));
    }
    let secret = settings.keys.secret.as_deref().map(|path| {
        let failure = |why: &str| {
            Failure::new(format!("the key-secret {}: {why}", path.display()))
                .help("it is a file of 32 random bytes, or 64 hexadecimal digits: head -c 32 /dev/urandom > FILE")
        };
        let bytes = std::fs::read(path).map_err(|why| failure(&why.to_string()))?;
        Secret::read(&bytes).ok_or_else(|| failure("it has not 32 bytes"))
    });
    Ok(KeyFile::at(&settings.keys.file, secret.transpose()?))
}

/// An operator over the store of a server that does not run.
pub(super) async fn operator(settings: &Settings) -> Result<Operator, Failure> {
    if !settings.data.is_dir() {
        return Err(
            Failure::new(format!("there is no data directory {}", settings.data.display()))
                .help("name the one that the server uses with --data DIR or DEITY_DATA"),
        );
    }
    if !settings.data.join("sled").is_dir() {
        return Err(
            Failure::new(format!("there is no store in {}", settings.data.display()))
                .help("name the directory that the server uses with --data DIR or DEITY_DATA"),
        );
    }
    let opened = store(settings, true).await?;
    // Sessions bring their definitions along: nothing is read from the phases directory.
    let engine = engine(opened.store, Arc::new(Catalog::default()), settings).await?;
    let engine = engine.recall_time().await;
    let engine = engine.map_err(|why| Failure::new(format!("the store in {}: {why}", settings.data.display())))?;
    Ok(Operator::new(engine))
}

/// The clock and the dice of the real world.
fn world() -> World {
    World {
        clock: Arc::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        }),
        random: Arc::new(|bytes| {
            if getrandom::fill(bytes).is_err() {
                // Without chance there are no secrets: better no server than guessable ids.
                tracing::error!("the system gives no random bytes");
                std::process::abort();
            }
        }),
    }
}

/// A store, and what was found when it was opened.
pub(super) struct Opened {
    pub(super) store: Arc<Sled>,
    pub(super) found: String,
}

/// How long a start waits for a command that reads the stopped store.
const WAIT: Duration = Duration::from_mins(10);

/// Opens the store, or makes one; blocks for as long as its log is read. A server waits for a
/// command (`brief`) that has it open.
pub(super) async fn store(settings: &Settings, brief: bool) -> Result<Opened, Failure> {
    let began = Instant::now();
    let mut told = false;
    loop {
        let mut options = Options::new(Arc::new(fatal));
        options.floor_bytes = settings.free_space;
        options.brief = brief;
        match Sled::open(&settings.data, options) {
            Err(OpenError::InUse {
                brief: true, process, ..
            }) if !brief && began.elapsed() < WAIT => {
                if !told {
                    let process = process.map_or_else(String::new, |process| format!(" (process {process})"));
                    says::aside(&format!(
                        "note: a command{process} reads the store; the server starts when it is done"
                    ));
                    told = true;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            opened => return opened.map(Opened::from).map_err(|why| refused(&why)),
        }
    }
}

fn refused(why: &OpenError) -> Failure {
    let help = match why {
        OpenError::InUse { .. } => {
            "a server runs on it: commands find it by its socket, a second server needs another --data"
        }
        OpenError::Io { .. } => "see to the disk or its rights, or name another directory with --data DIR",
        OpenError::Damaged { .. } | OpenError::Changed { .. } | OpenError::WentBack { .. } => {
            "keep a copy of the directory before anything else is tried"
        }
    };
    Failure::new(why.to_string()).help(help)
}

impl From<(Sled, Recovered)> for Opened {
    fn from((store, recovered): (Sled, Recovered)) -> Self {
        Self {
            store: Arc::new(store),
            found: recovered.to_string(),
        }
    }
}

/// The store has failed while it ran: whoever waits for an answer finds the connection cut and
/// asks again; the next start reads what is on disk.
fn fatal(why: &str) {
    says::aside(&format!(
        "error: {why}\n help: Deity stops here and must be started again; what was answered is on disk. \
         Where a new start ends the same way, restore the newest copy of the data"
    ));
    #[allow(clippy::exit, reason = "nothing may be answered any more")]
    std::process::exit(STORE_FAILED);
}
