//! What is told of the opening of a data directory: why it cannot be used, or what was found.
//!
//! Owns the words. Must not know how it is opened.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::rebuild::Rebuilt;

/// Why a data directory cannot be used.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has it open.
    InUse {
        /// The directory.
        dir: PathBuf,
        /// Its process, if it said so.
        process: Option<u32>,
        /// A command, which will soon be done.
        brief: bool,
    },
    /// The disk or its rights.
    Io {
        /// What was being done.
        doing: String,
        /// What it came to.
        source: io::Error,
    },
    /// sled cannot read its files.
    Damaged {
        /// The directory.
        dir: PathBuf,
        /// In sled's words.
        why: String,
    },
    /// The end of sled's log has changed, and more than one bit of it.
    Changed {
        /// The directory.
        dir: PathBuf,
        /// The first byte of sled's file that cannot be relied on.
        at: u64,
        /// The latest group of writes before that, if it is known.
        has: Option<u64>,
        /// The latest group that was surely on disk, if it is known.
        had: Option<u64>,
    },
    /// The store lacks groups of writes that were on disk once.
    WentBack {
        /// The directory.
        dir: PathBuf,
        /// The latest group that was on disk.
        had: u64,
        /// The latest group that is there now.
        has: u64,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { dir, process, .. } => {
                write!(f, "the data directory {} is in use by ", dir.display())?;
                match process {
                    Some(process) => write!(f, "process {process}"),
                    None => f.write_str("another process"),
                }
            }
            Self::Io { doing, source } if source.kind() == io::ErrorKind::StorageFull => {
                write!(
                    f,
                    "{doing}: the disk is full; nothing is lost, make room and start again"
                )
            }
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
            Self::Damaged { dir, why } => write!(
                f,
                "the store in {} is damaged and must be restored from a backup: {why}",
                dir.display()
            ),
            Self::Changed { dir, at, has, had } => {
                write!(
                    f,
                    "the newest part of the store in {} is damaged: {0}/sled/db cannot be read from byte {at} on",
                    dir.display()
                )?;
                match (has, had) {
                    (Some(has), Some(had)) if *had == has + 1 => write!(f, ", where write {had} lies")?,
                    (Some(has), Some(had)) if had > has => write!(f, ", where writes {} to {had} lie", has + 1)?,
                    (Some(has), _) => write!(f, ", behind write {has}")?,
                    (None, _) => {}
                }
                write!(
                    f,
                    ". Nothing was changed by this start. Restore the newest copy; to go on without what lies there, \
                     keep a copy of {0}, then remove {0}/witness and all {0}/sled/snap.*, and start again",
                    dir.display()
                )
            }
            Self::WentBack { dir, had, has } => write!(
                f,
                "the store in {0} went back in time: write {had} was on disk, it now ends at write {has}. \
                 Restore the newest copy; to serve this one all the same, and lose what is missing, remove {0}/witness",
                dir.display()
            ),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// What was found when the store was opened, to be told to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The store was made just now.
    pub new: bool,
    /// It was closed in order; otherwise its log was read again.
    pub clean: bool,
    /// Sessions in it.
    pub sessions: u64,
    /// The latest group of writes on disk.
    pub group: u64,
    /// Left over from a start that did not finish, and removed.
    pub removed: Vec<String>,
    /// Bytes of sled's file in which one bit had changed, and was put right.
    pub mended: Vec<u64>,
    /// A part could not be read, and the rest was put into a new tree.
    pub rebuilt: Option<Rebuilt>,
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sessions, group, .. } = self;
        if self.new {
            return f.write_str("a new store");
        }
        write!(f, "{sessions} session{}", if *sessions == 1 { "" } else { "s" })?;
        if self.clean {
            write!(f, "; stopped in order after write {group}")?;
        } else {
            write!(
                f,
                ", recovered after a stop without notice; on disk up to write {group}"
            )?;
        }
        if !self.removed.is_empty() {
            write!(f, "; removed what was left over: {}", self.removed.join(", "))?;
        }
        for at in &self.mended {
            write!(
                f,
                "; one bit had changed in byte {at} of sled/db and was put right: look after the disk"
            )?;
        }
        if let Some(rebuilt) = &self.rebuilt {
            write!(f, "; {rebuilt}")?;
        }
        Ok(())
    }
}
