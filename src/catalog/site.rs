//! The site's files: `site.toml` and `pages/*.md`, read together.
//!
//! Owns what becomes of each, and of the flows' own words about the site. Must not know what a site
//! may say (`site`).

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{self, Listing};
use super::names;
use super::{About, Fate, Report, name_of};
use crate::flow::{Defaults, Diagnostic, Flow};
use crate::site::{self, Found, Site, Sources};

/// What flows are held against: the site beside them.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// What holds for flows that do not say it.
    pub defaults: Defaults,
    /// The site, as far as flows may name parts of it; `None` where it is broken.
    site: Option<Parts>,
    /// What pages show of the site.
    pub served: Arc<Site>,
}

/// What of a site flows may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Parts {
    groups: Vec<String>,
    pages: Vec<String>,
}

impl Surroundings {
    /// Whether flows that were held against one need not be held against the other.
    pub(super) fn holds_as(&self, other: &Self) -> bool {
        (&self.defaults, &self.site) == (&other.defaults, &other.site)
    }

    /// A definition that was read, held against the site: where it names what the site does not have.
    pub(super) fn judged(
        &self,
        read: Result<(Flow, Vec<Diagnostic>), Vec<Diagnostic>>,
    ) -> Result<(Flow, Vec<Diagnostic>), Vec<Diagnostic>> {
        let (flow, mut told) = read?;
        let Some(parts) = &self.site else {
            return Ok((flow, told));
        };
        let mut found = site::judge(&flow, &parts.groups, &parts.pages);
        if found.is_empty() {
            return Ok((flow, told));
        }
        found.append(&mut told);
        found.sort_by_key(|one| one.span.start);
        Err(found)
    }
}

/// What was read of a site.
pub(super) struct Read {
    pub(super) around: Surroundings,
    /// One for each file, but for those of which there is nothing to say.
    pub(super) reports: Vec<Report>,
}

/// The site of a directory as flows see it. What is wrong with it is said where it is checked itself.
pub fn surroundings(directory: &Path) -> Surroundings {
    let files = disk::list(directory).unwrap_or_default();
    read(&files, &Surroundings::default()).around
}

/// The site of a directory, and everything that is wrong with its files and with those that nobody
/// reads.
pub fn check_site(directory: &Path) -> io::Result<(Surroundings, Vec<Report>)> {
    let files = disk::list(directory)?;
    let read = read(&files, &Surroundings::default());
    let strangers = files.strangers.iter().map(|(file, said)| Report {
        file: file.clone(),
        source: Arc::from(""),
        diagnostics: vec![said.clone()],
        about: About::Stranger,
        fate: Fate::Refused,
    });
    let mut reports = read.reports;
    reports.extend(strangers);
    Ok((read.around, reports))
}

/// The directory whose site a file belongs to: `site.toml`, `site.TAG.toml`, or `pages/NAME.md`.
pub fn site_of(file: &Path) -> Option<PathBuf> {
    let directory = directory_of(file);
    let name = file.file_name()?.to_string_lossy();
    if name == names::SITE || names::tongue(&name).is_some() {
        return Some(directory);
    }
    let page = file.extension().is_some_and(|ending| ending == "md");
    (page && directory.file_name().is_some_and(|name| name == names::PAGES)).then(|| directory_of(&directory))
}

/// Where a file lies.
pub fn directory_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Reads the site's files. `before` is what was there until now: a broken page stays as it was, and
/// so does all where `site.toml` is broken.
pub(super) fn read(files: &Listing, before: &Surroundings) -> Read {
    let (declared, mut reports) = match &files.site {
        None => (None, Vec::new()),
        Some(file) => {
            let (text, report) = text(file, About::Site);
            (Some(text), vec![report])
        }
    };
    let mut pages = BTreeMap::new();
    let mut tongues = BTreeMap::new();
    for file in &files.tongues {
        let (text, report) = text(file, About::Tongue);
        tongues.insert(tag_of(file), (!report.failed()).then_some(text));
        reports.push(report);
    }
    for file in &files.pages {
        let (text, report) = text(file, About::Page);
        pages.insert(name_of(file), text);
        reports.push(report);
    }
    let sources = Sources {
        declared: declared.as_deref(),
        pages: pages
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect(),
        tongues: tongues
            .iter()
            .map(|(tag, text)| (tag.as_str(), text.as_deref()))
            .collect(),
        last: Some(&before.served),
    };
    let mut found = site::read(&sources);
    let unread = reports
        .first()
        .is_some_and(|one| one.about == About::Site && one.failed());
    let broken = unread || found.site.is_none();
    judge(&mut reports, &mut found, before);
    let site = found.site.filter(|_| !broken).map(Arc::new);
    let around = Surroundings {
        defaults: match &before.site {
            Some(_) if broken => before.defaults.clone(),
            _ => found.defaults,
        },
        site: match &site {
            Some(site) => Some(Parts {
                groups: site.groups.clone(),
                pages: pages.into_keys().filter(|name| !name.contains('.')).collect(),
            }),
            None => before.site.clone(),
        },
        served: site.unwrap_or_else(|| Arc::clone(&before.served)),
    };
    Read { around, reports }
}

/// Puts what was found in each file into its report, and what becomes of it.
fn judge(reports: &mut [Report], found: &mut Found, before: &Surroundings) {
    for report in reports {
        let name = name_of(&report.file);
        let (more, last) = match report.about {
            About::Page => (found.pages.remove(&name), before.served.stop(&name).is_some()),
            About::Tongue => {
                let tag = tag_of(&report.file);
                (found.tongues.remove(&tag), before.served.tongues.contains_key(&tag))
            }
            _ => (Some(std::mem::take(&mut found.declared)), before.site.is_some()),
        };
        // A file that cannot be read at all was taken for an empty one.
        if !report.failed() {
            report.diagnostics = more.unwrap_or_default();
        }
        if report.failed() {
            report.fate = if last { Fate::LastGood } else { Fate::Refused };
        }
    }
}

/// The tag in `site.TAG.toml`.
fn tag_of(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    names::tongue(&name).unwrap_or_default().to_owned()
}

/// The text of a file, or none and why.
fn text(file: &Path, about: About) -> (String, Report) {
    let (text, source, diagnostics) = match disk::read(file) {
        Ok(text) => (text.clone(), text, Vec::new()),
        Err(trouble) => (String::new(), trouble.source, vec![trouble.diagnostic]),
    };
    let report = Report {
        file: file.to_owned(),
        source: Arc::from(source),
        diagnostics,
        about,
        fate: Fate::Served,
    };
    (text, report)
}
