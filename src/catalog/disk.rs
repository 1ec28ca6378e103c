//! Definition files on disk.
//!
//! Owns listing a directory, reading a file within its bounds, and telling from its metadata
//! that a file did not change. Must not know what definitions say.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::names::{self, Sort};
use crate::flow::Diagnostic;
use crate::limits;

/// A write within this time may share the time stamp of the one before it.
const FRESH: Duration = Duration::from_secs(2);
/// A file that was changed a moment ago may be half written.
const WRITING: Duration = Duration::from_millis(100);

/// What metadata tell of a file; `None` in all where it cannot be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: Option<u64>,
    changed: Option<SystemTime>,
    /// A link that points elsewhere now, or a file that was moved into place.
    inode: Option<u64>,
}

impl Stamp {
    pub(super) fn of(file: &Path) -> Self {
        let metadata = fs::metadata(file).ok();
        Self {
            bytes: metadata.as_ref().map(fs::Metadata::len),
            inode: metadata.as_ref().map(MetadataExt::ino),
            changed: metadata.and_then(|metadata| metadata.modified().ok()),
        }
    }

    /// Changed so lately (or, by its clock, in the future) that another change might not show.
    pub(super) fn is_fresh(&self, now: SystemTime) -> bool {
        self.changed.is_some() && self.age(now).is_none_or(|age| age < FRESH)
    }

    /// Changed so lately that the writer might not be done.
    pub(super) fn is_being_written(&self, now: SystemTime) -> bool {
        self.age(now).is_some_and(|age| age < WRITING)
    }

    fn age(&self, now: SystemTime) -> Option<Duration> {
        now.duration_since(self.changed?).ok()
    }
}

/// A file that could not be read as a definition.
pub(super) struct Trouble {
    /// As much of it as can be shown.
    pub(super) source: String,
    pub(super) diagnostic: Diagnostic,
}

/// What stands in `phases/`, each list sorted.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// `NAME.toml`
    pub(super) flows: Vec<PathBuf>,
    /// Which translations there are of each flow.
    pub(super) translations: BTreeMap<PathBuf, Vec<PathBuf>>,
    /// `site.toml`
    pub(super) site: Option<PathBuf>,
    /// `site.TAG.toml`
    pub(super) tongues: Vec<PathBuf>,
    /// `pages/NAME.md`
    pub(super) pages: Vec<PathBuf>,
    /// What nobody reads, and what is said of it.
    pub(super) strangers: Vec<(PathBuf, Diagnostic)>,
}

/// Looks through a directory of definitions.
pub(super) fn list(directory: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let (mut walks, mut translations) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        match names::sort(name, path.is_dir()) {
            Sort::Flow => listing.flows.push(path),
            Sort::Walks => walks.push(path),
            Sort::Translation => translations.push(path),
            Sort::Site => listing.site = Some(path),
            Sort::Tongue => listing.tongues.push(path),
            Sort::Pages => listing.pages_of(&path),
            Sort::Part | Sort::List | Sort::PassedOver => {}
            Sort::Stranger(said) => listing.strangers.push((path, said)),
        }
        if listing.flows.len() > limits::DEFINITIONS {
            let most = limits::DEFINITIONS;
            return Err(io::Error::other(format!(
                "more than {most} definitions in one directory"
            )));
        }
    }
    for path in walks {
        let flow = super::definition_of(&path);
        if !listing.flows.contains(&flow) {
            let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let said = names::orphan(&name(&path), &name(&flow));
            listing.strangers.push((path, said));
        }
    }
    for path in translations {
        if let Some((_, original)) = names::translates(&path) {
            listing.translated(path, original);
        }
    }
    listing.flows.sort();
    listing.tongues.sort();
    listing.bounded_tongues(directory);
    listing.pages.sort();
    listing.strangers.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(listing)
}

impl Listing {
    /// Takes a file of texts in another language, which must be those of a file that is there.
    fn translated(&mut self, path: PathBuf, original: PathBuf) {
        if self.flows.contains(&original) {
            let all = self.translations.entry(original).or_default();
            all.push(path);
            all.sort();
        } else if !original.exists() {
            let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let said = names::untold(&name(&path), &name(&original));
            self.strangers.push((path, said));
        }
    }

    fn bounded_tongues(&mut self, directory: &Path) {
        let most = limits::TONGUES;
        if self.tongues.len() > most {
            let message = format!("the site is in more than {most} languages: the first {most} are read");
            self.strangers
                .push((directory.to_owned(), fault("too-many", &(0..0), message)));
            self.tongues.truncate(most);
        }
    }

    /// Looks through `pages/`.
    fn pages_of(&mut self, directory: &Path) {
        let entries = match fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(why) => {
                let said = fault("unreadable", &(0..0), format!("this directory cannot be read: {why}"));
                return self.strangers.push((directory.to_owned(), said));
            }
        };
        for path in entries.into_iter().map(|entry| entry.path()) {
            match path.file_name().and_then(|name| names::page(name, path.is_dir())) {
                Some(Ok(())) => self.pages.push(path),
                Some(Err(said)) => self.strangers.push((path, said)),
                None => {}
            }
        }
        self.pages.sort();
        if self.pages.len() > limits::ARTICLES {
            let most = limits::ARTICLES;
            let said = fault(
                "too-many",
                &(0..0),
                format!("more than {most} pages: the first {most} are read"),
            );
            self.strangers.push((directory.to_owned(), said));
            self.pages.truncate(most);
        }
    }

    /// The files of the site.
    pub(super) fn of_site(&self) -> impl Iterator<Item = &PathBuf> {
        self.site.iter().chain(&self.tongues).chain(&self.pages)
    }
}

/// The digest of what stands in the file, or of why that is not known.
pub(super) fn digest(file: &Path) -> [u8; 32] {
    digest_of(&bytes(file))
}

/// The same, and what stands in the file.
pub(super) fn digested(file: &Path) -> ([u8; 32], Result<String, Box<Trouble>>) {
    let bytes = bytes(file);
    (digest_of(&bytes), text(bytes, most(file)))
}

fn digest_of(bytes: &io::Result<Vec<u8>>) -> [u8; 32] {
    match bytes {
        Ok(bytes) => Sha256::digest(bytes).into(),
        Err(error) => Sha256::digest(format!("unreadable\0{error}")).into(),
    }
}

/// The file as text.
pub(super) fn read(file: &Path) -> Result<String, Box<Trouble>> {
    text(bytes(file), most(file))
}

fn text(bytes: io::Result<Vec<u8>>, most: usize) -> Result<String, Box<Trouble>> {
    let trouble = |code, message: String| {
        Box::new(Trouble {
            source: String::new(),
            diagnostic: fault(code, &(0..0), message),
        })
    };
    let bytes = bytes.map_err(|error| trouble("unreadable", format!("this file cannot be read: {error}")))?;
    if bytes.len() > most {
        let what = if most == limits::DEFINITION_BYTES {
            "definition"
        } else {
            "list"
        };
        let most = most >> 10;
        return Err(trouble(
            "too-large",
            format!("this file is larger than the {most} KiB of a {what}"),
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let source = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let mut diagnostic = fault("not-utf-8", &(at..at + 1), "this file is not in UTF-8".to_owned());
        "the first byte that is not".clone_into(&mut diagnostic.label);
        diagnostic.help = Some("save it in UTF-8, as every editor can".to_owned());
        Box::new(Trouble { source, diagnostic })
    })
}

/// Bytes that such a file may have.
fn most(file: &Path) -> usize {
    let list = file.to_string_lossy().ends_with(super::lists::LIST);
    if list {
        limits::LIST_BYTES
    } else {
        limits::DEFINITION_BYTES
    }
}

/// At most one byte more than such a file may have. Never waits for a pipe.
fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    let most = most(file) as u64 + 1;
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A fault of a file as a whole.
pub(super) fn fault(code: &'static str, span: &Range<usize>, message: String) -> Diagnostic {
    Diagnostic {
        error: true,
        code,
        message,
        span: span.clone(),
        label: String::new(),
        help: None,
    }
}
