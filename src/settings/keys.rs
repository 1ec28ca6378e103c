//! The settings of the key file: where the keys of the server stand, and under what they are sealed.

use std::path::{Path, PathBuf};

use super::Fault;
use super::reading::{Reading, maybe};

/// The files of the server's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFiles {
    /// The keys.
    pub file: PathBuf,
    /// The key under which they are sealed.
    pub secret: Option<PathBuf>,
}

pub(super) fn resolve(from: &mut Reading<'_>, data: Option<&Path>) -> Option<KeyFiles> {
    let path = |text: &str| Ok(PathBuf::from(text));
    let file = from.value("key-file", maybe(path));
    let secret = from.value("key-secret", maybe(path));
    let file = match file? {
        Some(file) => file,
        None => beside(from, data?)?,
    };
    Some(KeyFiles { file, secret: secret? })
}

/// The key file that nobody named: beside the data directory.
fn beside(from: &mut Reading<'_>, data: &Path) -> Option<PathBuf> {
    let Some(name) = data.file_name() else {
        from.faults.push(Fault {
            place: "key-file".to_owned(),
            line: 0,
            message: format!("the data directory {} has no name to put .key behind", data.display()),
            help: Some("name the file of the server's keys with key-file, outside of the data directory".to_owned()),
        });
        return None;
    };
    let mut name = name.to_owned();
    name.push(".key");
    let path = data.with_file_name(name);
    for setting in from.effective.iter_mut().filter(|setting| setting.name == "key-file") {
        setting.value = path.display().to_string();
    }
    Some(path)
}
