//! What is known of the directory of definitions, so that a change is noticed and said once.
//!
//! Owns which files were read and what they were then. Must not know what stands in them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::disk::{self, Listing, Stamp};
use super::{About, Fate, Report, Surroundings};

/// What is known of the directory.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// `None`: a catalog that was not read from a directory never changes.
    pub(super) directory: Option<PathBuf>,
    /// What each definition was when it was read last.
    flows: BTreeMap<PathBuf, Seen>,
    /// The same of the parts that they include.
    parts: BTreeMap<PathBuf, Seen>,
    /// Which parts each definition includes, there or not.
    includes: BTreeMap<PathBuf, Vec<PathBuf>>,
    /// The same of the site's files.
    site: BTreeMap<PathBuf, Seen>,
    /// What nobody reads, and was said of.
    strangers: BTreeSet<PathBuf>,
    /// What flows are held against.
    pub(super) around: Surroundings,
    /// The directory could not be read the last time, and this was said.
    pub(super) trouble: Option<String>,
    /// All files were read once.
    pub(super) loaded: bool,
}

#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    /// The stamp was old enough when the file was read that a later change must show in it.
    settled: bool,
    /// Of what was read.
    digest: [u8; 32],
}

impl Watched {
    /// A directory of which nothing was read yet.
    pub(super) fn of(directory: &Path) -> Self {
        Self {
            directory: Some(directory.to_owned()),
            ..Self::default()
        }
    }

    /// Whether a definition changed since this was asked last.
    pub(super) fn changed(&mut self, file: &Path) -> bool {
        changed(&mut self.flows, file, self.loaded)
    }

    /// The parts that changed, came or went since this was asked last.
    pub(super) fn parts_changed(&mut self) -> BTreeSet<PathBuf> {
        let used: BTreeSet<&PathBuf> = self.includes.values().flatten().collect();
        self.parts.retain(|part, _| used.contains(part));
        let used: Vec<PathBuf> = self.parts.keys().cloned().collect();
        let changed = used
            .into_iter()
            .filter(|part| changed(&mut self.parts, part, self.loaded));
        changed.collect()
    }

    /// Whether a definition includes one of these.
    pub(super) fn includes_any(&self, file: &Path, parts: &BTreeSet<PathBuf>) -> bool {
        let own = self.includes.get(file).into_iter().flatten();
        own.into_iter().any(|part| parts.contains(part))
    }

    /// Whether a definition has a translation that it was not read with.
    pub(super) fn has_new_language(&self, file: &Path, files: &Listing) -> bool {
        let known = self.includes.get(file);
        let mut there = files.translations.get(file).into_iter().flatten();
        there.any(|one| known.is_none_or(|known| !known.contains(one)))
    }

    /// A definition was read with these parts, of these digests.
    pub(super) fn note_parts(&mut self, file: &Path, parts: Vec<(PathBuf, [u8; 32])>) {
        let names = parts.iter().map(|(part, _)| part.clone()).collect();
        self.includes.insert(file.to_owned(), names);
        for (part, digest) in parts {
            // Another flow read it before: if that was something else, both are read again.
            let stamp = Stamp::of(&part);
            self.parts.entry(part).or_insert(Seen {
                stamp,
                settled: false,
                digest,
            });
        }
    }

    /// Whether a file of the site changed, came or went since this was asked last. Not while one is
    /// being written: they are read together.
    pub(super) fn site_changed(&mut self, files: &Listing) -> bool {
        let now = SystemTime::now();
        if self.loaded && files.of_site().any(|file| Stamp::of(file).is_being_written(now)) {
            return false;
        }
        let there: BTreeSet<&PathBuf> = files.of_site().collect();
        let before = self.site.len();
        self.site.retain(|file, _| there.contains(file));
        let mut any = self.site.len() < before;
        for file in there {
            any |= changed(&mut self.site, file, self.loaded);
        }
        any
    }

    /// All definitions are to be read anew.
    pub(super) fn forget_flows(&mut self) {
        for seen in self.flows.values_mut() {
            seen.settled = false;
            seen.digest = [0; 32];
        }
    }

    /// Forgets the definitions that are not there any more, and names them.
    pub(super) fn flows_gone(&mut self, files: &Listing) -> Vec<PathBuf> {
        let there: BTreeSet<&PathBuf> = files.flows.iter().collect();
        self.includes.retain(|file, _| there.contains(file));
        let gone = self.flows.extract_if(.., |file, _| !there.contains(file));
        gone.map(|(file, _)| file).collect()
    }

    /// What nobody reads and was not yet said of.
    pub(super) fn strangers(&mut self, files: &Listing) -> Vec<Report> {
        let there: BTreeSet<PathBuf> = files.strangers.iter().map(|(file, _)| file.clone()).collect();
        let fresh = files
            .strangers
            .iter()
            .filter(|(file, _)| !self.strangers.contains(file));
        let reports = fresh.map(|(file, said)| Report {
            file: file.clone(),
            source: Arc::from(""),
            diagnostics: vec![said.clone()],
            about: About::Stranger,
            fate: Fate::Refused,
        });
        let reports = reports.collect();
        self.strangers = there;
        reports
    }

    /// The directory cannot be read: nothing changes, and it is said once.
    pub(super) fn unreadable(&mut self, directory: &Path, error: &io::Error) -> Vec<Report> {
        let trouble = error.to_string();
        if self.trouble.as_ref() == Some(&trouble) {
            return Vec::new();
        }
        let message = format!("the directory of definitions cannot be read: {trouble}");
        self.trouble = Some(trouble);
        vec![Report {
            file: directory.to_owned(),
            source: Arc::from(""),
            diagnostics: vec![disk::fault("unreadable", &(0..0), message)],
            about: About::Flow,
            fate: Fate::LastGood,
        }]
    }
}

/// Whether a file changed since this was asked last, and notes what it is now.
fn changed(files: &mut BTreeMap<PathBuf, Seen>, file: &Path, loaded: bool) -> bool {
    let now = SystemTime::now();
    let stamp = Stamp::of(file);
    let seen = files.get_mut(file);
    let same = seen.as_ref().is_some_and(|seen| seen.settled && seen.stamp == stamp);
    if same || loaded && stamp.is_being_written(now) {
        return false;
    }
    let settled = !stamp.is_fresh(now);
    let digest = disk::digest(file);
    if let Some(seen) = seen
        && seen.digest == digest
    {
        seen.stamp = stamp;
        seen.settled = settled;
        return false;
    }
    let new = Seen { stamp, settled, digest };
    files.insert(file.to_owned(), new);
    true
}
