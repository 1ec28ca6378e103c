//! Taking up a store: its keys, and whether they are the right ones.
//!
//! Owns finding the server's key: in a key file that belongs to the store, or, for a store that
//! nobody keeps, in the store. Must not know how a key file looks.

use std::fmt;
use std::sync::Arc;

use super::{Engine, Lane, Outside, World};
use crate::catalog::Catalog;
use crate::id::ServerKey;
use crate::machine::Node;
use crate::store::key_file::{Found, KeyFile, Keys, Refused, Sealed};
use crate::store::{self, Key, Store, Stored, Write, Written};

/// Where a store without a key file holds the server's key; so did every store of the first
/// release.
const SERVER_KEY: Key = Key::Meta(*b"server key      ");
/// Where a store holds its id, by which its key file is known.
const STORE_ID: Key = Key::Meta(*b"store id        ");

/// Why a store cannot be taken up.
#[derive(Debug)]
pub enum Unopened {
    /// The store itself.
    Store(store::Error),
    /// Its key file.
    Keys(Refused),
}

impl From<store::Error> for Unopened {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Refused> for Unopened {
    fn from(refused: Refused) -> Self {
        Self::Keys(refused)
    }
}

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Keys(refused) => f.write_str(&refused.what),
        }
    }
}

impl std::error::Error for Unopened {}

impl Engine {
    /// Takes up a store. Its keys stand in `file`, which is made for a new store; the key of a store that
    /// held it itself is moved there. Without a file (a store that nobody keeps: a rehearsal's, a test's)
    /// the key stands in the store.
    pub async fn open(
        store: Arc<dyn Store>,
        catalog: Arc<Catalog>,
        world: World,
        file: Option<&KeyFile>,
    ) -> Result<Self, Unopened> {
        let key = match file {
            Some(file) => keys(&*store, &world, file).await?.server,
            None => key_within(&*store, &world).await?,
        };
        Ok(Self::over(store, catalog, world, key))
    }

    fn over(store: Arc<dyn Store>, catalog: Arc<Catalog>, world: World, key: ServerKey) -> Self {
        let id = u64::from_be_bytes(random(&world));
        Self {
            store,
            catalog,
            definitions: Arc::default(),
            world,
            key,
            node: Node { id, alone: false },
            outside: Arc::<Outside>::default(),
            afoot: Arc::default(),
            timekeeper: None,
            leaps: Arc::default(),
            turn: None,
            closed: Arc::default(),
            contact: None,
            lane: Lane::default(),
        }
    }
}

/// The server's key in the store itself, made where there is none.
async fn key_within(store: &dyn Store, world: &World) -> Result<ServerKey, store::Error> {
    // Nothing is written where it is there already.
    if let Some((_, key)) = server_key(store).await? {
        return Ok(key);
    }
    let key = ServerKey(random(world));
    match store.create(SERVER_KEY, write(key.0.to_vec())).await? {
        Written::Committed(_) => Ok(key),
        Written::Conflict => match server_key(store).await? {
            Some((_, key)) => Ok(key),
            None => Err(store::Error::Damaged("the key of the store is gone".into())),
        },
    }
}

/// The keys of the store. What is made is in the file, and on disk, before the store knows of it.
async fn keys(store: &dyn Store, world: &World, file: &KeyFile) -> Result<Keys, Unopened> {
    let id = store
        .get(STORE_ID)
        .await?
        .map(|stored| sized(stored.bytes))
        .transpose()?;
    let old = server_key(store).await?;
    let (keys, lies) = match (file.read()?, id) {
        (Found::Keys(keys, lies), Some(id)) if keys.store == id => (keys, Some(lies)),
        (Found::Keys(keys, lies), None) if old.as_ref().is_none_or(|(_, old)| *old == keys.server) => {
            tracing::warn!(
                file = %file.path().display(),
                "the key file was there before this store: it is the new store's from now on. If its sessions should \
                 be here too, stop: the data directory is elsewhere, or its disk is not mounted"
            );
            (keys, Some(lies))
        }
        (Found::Keys(..), _) => {
            return Err(file
                .refused(
                    "it belongs to another store",
                    "name this store's own with key-file, or the data that belong to this key file with data",
                )
                .into());
        }
        (Found::Nothing, Some(_)) => {
            return Err(file
                .refused(
                    "it is not there, and the store was made under it",
                    "put it back from where its copy is kept, or name it with key-file. If it is lost for good, put an \
                     empty file there: start pages, return URLs and callbacks that were given out are worthless then",
                )
                .into());
        }
        (Found::Empty, Some(id)) => {
            tracing::warn!(file = %file.path().display(), "new keys for a store whose key file was lost");
            (Keys::new(id, ServerKey(random(world))), None)
        }
        (Found::Nothing | Found::Empty, None) => {
            let server = old.as_ref().map_or_else(|| ServerKey(random(world)), |(_, old)| *old);
            (Keys::new(random(world), server), None)
        }
    };
    if lies.is_none() || (lies == Some(Sealed::No) && file.seals()) {
        file.write(&keys, random(world))?;
        let sealed = file.seals();
        tracing::info!(file = %file.path().display(), sealed, "the server's keys were written: keep a copy apart from the data's backups");
    } else if file.is_open_to_others() {
        tracing::warn!(file = %file.path().display(), "others than its owner may read the key file: chmod 600");
    }
    if id.is_none() && store.create(STORE_ID, write(keys.store.to_vec())).await? == Written::Conflict {
        return Err(store::Error::Damaged("another process has given the store an id".into()).into());
    }
    if let Some((stored, _)) = old {
        store.delete(SERVER_KEY, stored.token).await?;
        tracing::info!(file = %file.path().display(), "the server's key was moved out of the store into its key file");
    }
    Ok(keys)
}

/// The server's key, where the store holds it itself.
async fn server_key(store: &dyn Store) -> Result<Option<(Stored, ServerKey)>, store::Error> {
    let Some(stored) = store.get(SERVER_KEY).await? else {
        return Ok(None);
    };
    let key = ServerKey(sized(stored.bytes.clone())?);
    Ok(Some((stored, key)))
}

fn sized<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], store::Error> {
    let wrong = |_| store::Error::Damaged("the key or the id of the store has another length".into());
    bytes.try_into().map_err(wrong)
}

fn write(bytes: Vec<u8>) -> Write {
    Write {
        tag: 0,
        wake: i64::MAX,
        bytes,
    }
}

fn random<const N: usize>(world: &World) -> [u8; N] {
    let mut bytes = [0; N];
    (world.random)(&mut bytes);
    bytes
}
