//! The catalog: the definitions that are served.
//!
//! Owns reading `phases/`, checking every file, keeping the newest good flow of each name, and
//! noticing changes. What it finds it returns; printing is the caller's. Must not know sessions
//! or the store.

mod disk;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;

use crate::flow::{Diagnostic, Flow, Posts};
use crate::site::Site;
use disk::Stamp;

/// The newest good definition of each flow, by name. Cheap to read while it is being replaced.
#[derive(Debug, Default)]
pub struct Catalog {
    flows: ArcSwap<BTreeMap<String, Arc<Flow>>>,
    site: ArcSwap<Site>,
    watched: Mutex<Watched>,
}

/// What is known of the directory.
#[derive(Debug, Default)]
struct Watched {
    /// `None`: a catalog that was not read from a directory never changes.
    directory: Option<PathBuf>,
    /// By file name: what it was when it was read last.
    files: BTreeMap<OsString, Seen>,
    /// The directory could not be read the last time, and this was said.
    trouble: Option<String>,
    /// All files were read once.
    loaded: bool,
}

#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    /// The stamp was old enough when the file was read that a later change must show in it.
    settled: bool,
    /// Of what was read.
    digest: [u8; 32],
    /// The flow's name.
    name: String,
}

/// What was found in one file.
#[derive(Debug)]
pub struct Report {
    /// The file, or the directory where it is about that.
    pub file: PathBuf,
    /// What was read, for the lines that diagnostics show.
    pub source: Arc<str>,
    /// Faults and warnings, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// What becomes of the flow.
    pub fate: Fate,
}

/// What becomes of the flow of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is served as it stands in the file.
    Served,
    /// The file is broken; the last good definition goes on serving.
    LastGood,
    /// The file is broken, and there was no good one: the flow cannot be started.
    Refused,
    /// The file is gone: no new session starts; those that run go on.
    Removed,
}

impl Report {
    /// Whether there is a fault.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(|one| one.error)
    }
}

/// A file, read and checked.
#[derive(Debug)]
pub struct Checked {
    /// The flow, if it has no fault.
    pub flow: Option<Flow>,
    /// What was found.
    pub report: Report,
}

/// Reads and checks one file. Whatever is wrong with it, down to not being there, is a
/// diagnostic.
pub fn check(file: &Path) -> Checked {
    let (source, read) = match disk::read(file) {
        Ok(source) => {
            let name = name_of(file);
            let read = Flow::read(&name, &source);
            (source, read)
        }
        Err(trouble) => (trouble.source, Err(vec![trouble.diagnostic])),
    };
    let (flow, diagnostics) = match read {
        Ok((flow, warnings)) => (Some(flow), warnings),
        Err(faults) => (None, faults),
    };
    let report = Report {
        file: file.to_owned(),
        source: Arc::from(source),
        diagnostics,
        fate: if flow.is_some() { Fate::Served } else { Fate::Refused },
    };
    Checked { flow, report }
}

/// The definition files of a directory, in the order of their names: `*.toml`, none that is
/// hidden or holds walks, at most as many as the limits allow.
pub fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    disk::list(directory)
}

/// The file of the walks through the flow of a definition: `NAME.walks.toml` beside `NAME.toml`.
pub fn walks_of(definition: &Path) -> PathBuf {
    definition.with_file_name(format!("{}{}", name_of(definition), disk::WALKS))
}

/// The definition that a file is about: itself, or `NAME.toml` for the walks in `NAME.walks.toml`.
pub fn definition_of(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match name.strip_suffix(disk::WALKS) {
        Some(name) => file.with_file_name(format!("{name}.toml")),
        None => file.to_owned(),
    }
}

/// The text of a file that stands beside definitions, within their bounds.
///
/// # Errors
/// Why it cannot be read.
pub fn text(file: &Path) -> Result<String, Diagnostic> {
    disk::read(file).map_err(|trouble| trouble.diagnostic)
}

/// The flow's name: the file's, without its ending.
fn name_of(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl Catalog {
    /// A catalog of these flows, which never changes.
    pub fn of<F: Into<Arc<Flow>>>(flows: impl IntoIterator<Item = F>) -> Self {
        let flows = flows
            .into_iter()
            .map(F::into)
            .map(|flow| (flow.name.clone(), flow))
            .collect::<BTreeMap<_, _>>();
        Self {
            flows: ArcSwap::from_pointee(flows),
            ..Self::default()
        }
    }

    /// With what the office says of itself.
    #[must_use]
    pub fn with_site(self, site: impl Into<Arc<Site>>) -> Self {
        Self {
            site: ArcSwap::new(site.into()),
            ..self
        }
    }

    /// Reads a directory. Broken definitions are in the reports and not in the catalog; only a
    /// directory that cannot be read is an error. Blocks on files.
    pub fn load(directory: &Path) -> io::Result<(Self, Vec<Report>)> {
        // Faults of the directory itself are errors here; later they are reports.
        disk::list(directory)?;
        let catalog = Self {
            watched: Mutex::new(Watched {
                directory: Some(directory.to_owned()),
                ..Watched::default()
            }),
            ..Self::default()
        };
        let reports = catalog.reload();
        Ok((catalog, reports))
    }

    /// Looks for changed files; to be called about once a second, off the threads that answer
    /// requests. Costs one listing where nothing changed. Says something of every file that
    /// changed, and of each fault once.
    pub fn reload(&self) -> Vec<Report> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(directory) = watched.directory.clone() else {
            return Vec::new();
        };
        let files = match disk::list(&directory) {
            Ok(files) => files,
            Err(error) => return watched.unreadable(&directory, &error),
        };
        watched.trouble = None;
        let mut reports = Vec::new();
        let mut flows = BTreeMap::clone(&self.flows.load());
        let mut changed = false;
        for file in &files {
            let Some(checked) = watched.look(file) else {
                continue;
            };
            let mut report = checked.report;
            let name = name_of(file);
            match checked.flow {
                Some(flow) => {
                    flows.insert(name, Arc::new(flow));
                    changed = true;
                }
                None if flows.contains_key(&name) => report.fate = Fate::LastGood,
                None => {}
            }
            reports.push(report);
        }
        for (file, name) in watched.gone(&files) {
            changed |= flows.remove(&name).is_some();
            reports.push(Report {
                file: directory.join(file),
                source: Arc::from(""),
                diagnostics: Vec::new(),
                fate: Fate::Removed,
            });
        }
        watched.loaded = true;
        if changed {
            self.flows.store(Arc::new(flows));
        }
        reports
    }

    /// The most that a form of any flow posts.
    pub fn posts(&self) -> Posts {
        let flows = self.flows.load();
        flows
            .values()
            .map(|flow| flow.posts)
            .fold(Posts::default(), |most, of| Posts {
                fields: most.fields.max(of.fields),
                bytes: most.bytes.max(of.bytes),
            })
    }

    /// The newest good definition of that name.
    pub fn flow(&self, name: &str) -> Option<Arc<Flow>> {
        self.flows.load().get(name).cloned()
    }

    /// What the office says of itself, as it was last found good.
    pub fn site(&self) -> Arc<Site> {
        self.site.load_full()
    }

    /// All flows, in the order of their names.
    pub fn flows(&self) -> Arc<BTreeMap<String, Arc<Flow>>> {
        self.flows.load_full()
    }
}

impl Watched {
    /// Reads and checks a file if it changed since it was read last.
    fn look(&mut self, file: &Path) -> Option<Checked> {
        let key = file.file_name()?.to_owned();
        let now = SystemTime::now();
        let stamp = Stamp::of(file);
        let seen = self.files.get_mut(&key);
        let same = seen.as_ref().is_some_and(|seen| seen.settled && seen.stamp == stamp);
        if same || self.loaded && stamp.is_being_written(now) {
            return None;
        }
        let settled = !stamp.is_fresh(now);
        let digest = disk::digest(file);
        match seen {
            Some(seen) if seen.digest == digest => {
                seen.stamp = stamp;
                seen.settled = settled;
                None
            }
            _ => {
                let name = name_of(file);
                let new = Seen {
                    stamp,
                    settled,
                    digest,
                    name,
                };
                self.files.insert(key, new);
                Some(check(file))
            }
        }
    }

    /// Forgets the files that are not there any more, and names them and their flows.
    fn gone(&mut self, files: &[PathBuf]) -> Vec<(OsString, String)> {
        let there: std::collections::BTreeSet<_> = files.iter().filter_map(|file| file.file_name()).collect();
        let gone = self.files.extract_if(.., |file, _| !there.contains(file.as_os_str()));
        gone.map(|(file, seen)| (file, seen.name)).collect()
    }

    /// The directory cannot be read: nothing changes, and it is said once.
    fn unreadable(&mut self, directory: &Path, error: &io::Error) -> Vec<Report> {
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
            fate: Fate::LastGood,
        }]
    }
}
