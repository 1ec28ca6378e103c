//! The key file: the server's keys, outside of the store and its backups.
//!
//! Owns the file: found, read, written whole or not at all, for its owner's eyes only. Must not
//! know what a key is for. What is in it, byte by byte: `format`, and docs/formats.md.

mod format;

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::id::ServerKey;

/// A key file is far smaller.
const MOST: u64 = 1 << 20;

/// What stands in a key file.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The store that it belongs to.
    pub store: [u8; 16],
    /// The server's key.
    pub server: ServerKey,
    /// Sections of a newer program that may be passed over, as they are.
    passed_over: Vec<(u8, Vec<u8>)>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// The keys of a store that has none yet.
    pub fn new(store: [u8; 16], server: ServerKey) -> Self {
        Self {
            store,
            server,
            passed_over: Vec::new(),
        }
    }
}

/// The operator's key, under which a key file is sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Reads what a file of it has: 32 bytes, or 64 hexadecimal digits and white space around.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if let Ok(raw) = <[u8; 32]>::try_from(bytes) {
            return Some(Self(raw));
        }
        let text = std::str::from_utf8(bytes).ok()?.trim();
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut key = [0; 32];
        for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(key))
    }
}

/// Why a key file cannot be used, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is so, in one line.
    pub what: String,
    /// What to do now.
    pub help: String,
}

impl Refused {
    fn new(what: String, help: &str) -> Self {
        Self {
            what,
            help: help.to_owned(),
        }
    }
}

/// Where the keys of a store stand.
#[derive(Clone, Debug)]
pub struct KeyFile {
    path: PathBuf,
    secret: Option<Secret>,
}

/// What is there.
#[derive(Debug)]
pub enum Found {
    /// No file.
    Nothing,
    /// An empty file: the keys are lost, and new ones are wanted.
    Empty,
    /// The keys; whether they lie there unsealed.
    Keys(Keys, Sealed),
}

/// How a key file lies on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// Sealed under the operator's key.
    Yes,
    /// Who reads the file has the keys.
    No,
}

impl KeyFile {
    /// The key file at `path`, outside of the data directory; sealed under `secret`, where there
    /// is one.
    pub fn at(path: &Path, secret: Option<Secret>) -> Self {
        Self {
            path: path.to_owned(),
            secret,
        }
    }

    /// Its path, for messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether an operator's key is there to seal it.
    pub fn seals(&self) -> bool {
        self.secret.is_some()
    }

    /// Reads it.
    pub fn read(&self) -> Result<Found, Refused> {
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
        match read {
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(why) => return Err(self.refused(&why.to_string(), "see to its rights, or name another with key-file")),
            Ok(0) => return Ok(Found::Empty),
            Ok(_) => {}
        }
        let (keys, sealed) = format::decode(&bytes, self.secret.as_ref()).map_err(|flaw| {
            let (what, help) = flaw.words();
            self.refused(&what, help)
        })?;
        Ok(Found::Keys(keys, sealed))
    }

    /// Who else than its owner may read it, if anybody may.
    pub fn is_open_to_others(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
    }

    /// Writes it: the old file or the new one is there, whatever happens meanwhile, and it is on
    /// disk when this returns. `nonce`: 96 random bits.
    pub fn write(&self, keys: &Keys, nonce: [u8; 12]) -> Result<(), Refused> {
        let bytes = format::encode(keys, self.secret.as_ref().map(|secret| (secret, nonce)));
        let beside = self.path.with_extension("key-new");
        let written = || -> io::Result<()> {
            let _left_over = fs::remove_file(&beside);
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)?;
            let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
            File::open(parent.unwrap_or_else(|| Path::new(".")))?.sync_all()
        };
        written().map_err(|why| {
            self.refused(
                &format!("cannot be written: {why}"),
                "it stands outside of the data directory: name a place that may be written to with key-file",
            )
        })
    }

    /// A refusal about this file.
    pub fn refused(&self, what: &str, help: &str) -> Refused {
        Refused::new(format!("the key file {}: {what}", self.path.display()), help)
    }
}
