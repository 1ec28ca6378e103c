//! The catalog: the definitions that are served, and the site that they share.
//!
//! Owns reading `phases/`, checking every file, keeping the newest good flow of each name and the
//! newest good site, and noticing changes (`watched`). What it finds it returns; printing is the
//! caller's. Must not know sessions or the store.

mod disk;
mod lists;
mod names;
mod parts;
mod site;
mod translations;
mod watched;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::flow::bundle::PART;
use crate::flow::{Diagnostic, Flow, Posts};
use crate::site::Site;
use disk::Listing;
pub use parts::once;
pub use site::{Surroundings, check_site, directory_of, site_of, surroundings};
pub use translations::with_parts_in;
use watched::Watched;

/// The newest good definition of each flow, by name. Cheap to read while it is being replaced.
#[derive(Debug, Default)]
pub struct Catalog {
    flows: ArcSwap<BTreeMap<String, Arc<Flow>>>,
    site: ArcSwap<Site>,
    watched: Mutex<Watched>,
}

/// What was found in one file.
#[derive(Debug)]
pub struct Report {
    /// The file, or the directory where it is about that.
    pub file: PathBuf,
    /// What was read, its parts with it, for the lines that diagnostics show.
    pub source: Arc<str>,
    /// Faults and warnings, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// What the file is.
    pub about: About,
    /// What becomes of it.
    pub fate: Fate,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A flow, or the directory of them.
    Flow,
    /// Walks through a flow.
    Walks,
    /// `site.toml`
    Site,
    /// `site.TAG.toml`
    Tongue,
    /// A page of the site's own.
    Page,
    /// Nothing that is read.
    Stranger,
}

/// What becomes of what a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is served as it stands in the file.
    Served,
    /// The file is broken; the last good definition goes on serving.
    LastGood,
    /// The file is broken, and there was no good one: the flow cannot be started, the site says
    /// nothing, the page is not there.
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
    /// The parts and lists that were looked for, and the digest of what stood in each.
    parts: Vec<(PathBuf, [u8; 32])>,
}

impl Checked {
    /// Whether the definition includes that file.
    pub fn includes(&self, part: &Path) -> bool {
        self.parts.iter().any(|(file, _)| file.file_name() == part.file_name())
    }
}

/// Reads and checks one file under the site beside it. Whatever is wrong with it, down to not being
/// there, is a diagnostic.
pub fn check(file: &Path) -> Checked {
    let around = surroundings(&directory_of(file));
    check_under(file, &around)
}

/// The same under a site that was read already.
pub fn check_under(file: &Path, around: &Surroundings) -> Checked {
    let (source, read, parts) = match disk::read(file) {
        Ok(own) => {
            let mut gathered = parts::gather(file, own);
            let found = translations::gather(file, std::mem::take(&mut gathered.source), &gathered.parts);
            gathered.source = found.source;
            let (read, mut files) = judged(file, &gathered.source, around);
            files.extend(gathered.parts.iter().cloned());
            files.extend(found.files);
            let read = read.map_err(|mut faults| {
                gathered.explain(&mut faults);
                faults
            });
            (gathered.source, unusable(read, found.troubles), files)
        }
        Err(trouble) => (trouble.source, Err(vec![trouble.diagnostic]), Vec::new()),
    };
    let (flow, diagnostics) = match read {
        Ok((flow, warnings)) => (Some(flow), warnings),
        Err(faults) => (None, faults),
    };
    let report = Report {
        file: file.to_owned(),
        source: Arc::from(source),
        diagnostics,
        about: About::Flow,
        fate: if flow.is_some() { Fate::Served } else { Fate::Refused },
    };
    Checked { flow, report, parts }
}

type Judged = Result<(Flow, Vec<Diagnostic>), Vec<Diagnostic>>;

/// The flow of a definition with its files, which may say something else than the disk has, and the lists that it
/// draws from.
fn judged(file: &Path, source: &str, around: &Surroundings) -> (Judged, Vec<(PathBuf, [u8; 32])>) {
    let (lists, files) = lists::read(file, source);
    let read = Flow::read_with(&name_of(file), source, &around.defaults, &lists);
    (around.judged(read), files)
}

/// What would be said of a definition if its files were these, as one text.
pub fn check_source(file: &Path, source: &str, around: &Surroundings) -> Vec<Diagnostic> {
    let (read, _) = judged(file, source, around);
    read.map_or_else(|faults| faults, |(_, warnings)| warnings)
}

/// What was read, with what is wrong with files of texts in other languages that cannot be read at all.
fn unusable(read: Judged, troubles: Vec<(PathBuf, Diagnostic)>) -> Judged {
    if troubles.is_empty() {
        return read;
    }
    let faults = troubles.into_iter().map(|(file, mut why)| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        why.message = why.message.replacen("this file", &name, 1);
        if !why.message.contains(&name) {
            why.message = format!("{name}: {}", why.message);
        }
        why
    });
    let mut all = read.map_or_else(|faults| faults, |(_, warnings)| warnings);
    all.extend(faults);
    Err(all)
}

/// The definition files of a directory, in the order of their names: `*.toml`, none that is
/// hidden, holds walks or is the site's, at most as many as the limits allow.
pub fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    disk::list(directory).map(|listing| listing.flows)
}

/// The file of the walks through the flow of a definition: `NAME.walks.toml` beside `NAME.toml`.
pub fn walks_of(definition: &Path) -> PathBuf {
    definition.with_file_name(format!("{}{}", name_of(definition), names::WALKS))
}

/// The definition that a file is about: itself, or `NAME.toml` for the walks in `NAME.walks.toml` and the
/// texts in `NAME.cy.toml`.
pub fn definition_of(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match name.strip_suffix(names::WALKS) {
        Some(name) => file.with_file_name(format!("{name}.toml")),
        None => match names::translates(file) {
            Some((_, original)) if !is_part(&original) => original,
            _ => file.to_owned(),
        },
    }
}

/// Whether a file means something in the flows that use it alone: a part that they include, `NAME.part.toml`,
/// or a list that they draw from, `NAME.csv`.
pub fn is_part(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let translates = || names::translates(file).is_some_and(|(_, original)| is_part(&original));
    name.ends_with(PART) || name.ends_with(lists::LIST) || translates()
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
            watched: Mutex::new(Watched::of(directory)),
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
        let mut reports = watched.strangers(&files);
        self.reload_site(&mut watched, &files, &mut reports);
        self.reload_flows(&mut watched, &files, &mut reports);
        watched.loaded = true;
        once(&mut reports);
        reports
    }

    fn reload_site(&self, watched: &mut Watched, files: &Listing, reports: &mut Vec<Report>) {
        if !watched.site_changed(files) {
            return;
        }
        let read = site::read(files, &watched.around);
        self.site.store(Arc::clone(&read.around.served));
        if !watched.around.holds_as(&read.around) {
            watched.forget_flows();
        }
        watched.around = read.around;
        reports.extend(read.reports);
    }

    fn reload_flows(&self, watched: &mut Watched, files: &Listing, reports: &mut Vec<Report>) {
        let mut flows = BTreeMap::clone(&self.flows.load());
        let mut changed = false;
        let parts = watched.parts_changed();
        for file in &files.flows {
            let further = watched.includes_any(file, &parts) || watched.has_new_language(file, files);
            if !watched.changed(file) && !further {
                continue;
            }
            let checked = check_under(file, &watched.around);
            watched.note_parts(file, checked.parts);
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
        for file in watched.flows_gone(files) {
            changed |= flows.remove(&name_of(&file)).is_some();
            reports.push(Report {
                file,
                source: Arc::from(""),
                diagnostics: Vec::new(),
                about: About::Flow,
                fate: Fate::Removed,
            });
        }
        if changed {
            self.flows.store(Arc::new(flows));
        }
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
