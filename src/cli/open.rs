//! Opening the store: what a server and a command on a stopped one have in common.
//!
//! Owns the data directory's refusals in words, the clock and the dice that the engine gets. Must
//! not know what is done with the engine.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Failure;
use crate::catalog::Catalog;
use crate::engine::{Engine, World};
use crate::operator::Operator;
use crate::settings::Settings;
use crate::store::Store;
use crate::store::sled::{OpenError, Options, Sled};

/// A store, and what was found when it was opened.
pub(super) struct Opened {
    pub(super) store: Arc<dyn Store>,
    pub(super) found: String,
}

/// Opens the store in the data directory, alone.
pub(super) fn store(settings: &Settings) -> Result<Opened, Failure> {
    // After a failed sync nobody knows what is on disk: the next start reads it again. Until
    // then, what was asked for is answered by nothing, and may safely be asked for again.
    let fatal = Arc::new(|why: &str| {
        tracing::error!(why, "the store has failed; the process ends, the next start recovers");
        std::process::abort();
    });
    let (store, recovered) = Sled::open(&settings.data, Options::new(fatal)).map_err(refusal)?;
    Ok(Opened {
        store: Arc::new(store),
        found: recovered.to_string(),
    })
}

fn refusal(why: OpenError) -> Failure {
    let help = match &why {
        OpenError::InUse { .. } => "stop that one first, or name another directory with --data DIR",
        OpenError::Io { source, .. } => match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "the user that runs deity must be able to write there; --data DIR names another directory"
            }
            _ => "--data DIR names another directory",
        },
        OpenError::Damaged { .. } | OpenError::WentBack { .. } => "nothing was changed",
    };
    Failure::new(why.to_string()).help(help)
}

/// The engine over the store of these settings.
pub(super) async fn engine(
    store: Arc<dyn Store>,
    catalog: Arc<Catalog>,
    settings: &Settings,
) -> Result<Engine, Failure> {
    Engine::open(store, catalog, world()).await.map_err(|why| {
        Failure::new(format!(
            "the store in {} cannot be used: {why}",
            settings.data.display()
        ))
        .help("the data were left as they are; a newer Deity, or a backup, may read them")
    })
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
    let opened = store(settings)?;
    // Sessions bring their definitions along: nothing is read from the phases directory.
    let engine = engine(opened.store, Arc::new(Catalog::default()), settings).await?;
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
