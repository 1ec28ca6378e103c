//! `deity check`: every fault of definitions, for people and for programs.
//!
//! Owns how diagnostics are printed. Must not know what can be wrong.

use std::path::Path;

use super::args::Check;
use super::says::{self, Paint};
use super::{DONE, FAILED, Failure, settings};
use crate::flow::{Diagnostic, Flow};
use crate::limits::DEFINITION_BYTES;

/// Prints everything that is wrong; the exit code says whether anything was.
pub(super) fn run(check: &Check) -> Result<u8, Failure> {
    let mut paths = check.paths.clone();
    if paths.is_empty() {
        paths.push(settings::load(check.config.as_deref(), std::collections::BTreeMap::new())?.phases);
    }
    let mut reports = Vec::new();
    for path in &paths {
        reports.extend(read(path)?);
    }
    let (mut errors, mut warnings) = (0, 0);
    for report in &reports {
        errors += report.diagnostics.iter().filter(|d| d.error).count();
        warnings += report.diagnostics.iter().filter(|d| !d.error).count();
        if check.json {
            for line in json(report)? {
                says::line(&line)?;
            }
        } else {
            for text in people(report, Paint::of_stdout()) {
                says::line(&text)?;
                says::line("")?;
            }
        }
    }
    if !check.json {
        let files = counted(reports.len(), "file");
        let found = format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"));
        says::line(&format!("{files} checked: {found}"))?;
    }
    Ok(if errors > 0 { FAILED } else { DONE })
}

/// What was found in one definition.
pub(super) struct Report {
    /// The file, as it was named.
    file: String,
    source: String,
    diagnostics: Vec<Diagnostic>,
}

/// The good definitions of a directory, and what was found in all.
pub(super) fn load(directory: &Path) -> Result<(crate::catalog::Catalog, Vec<Report>), Failure> {
    let reports = read(directory)?;
    let good = reports.iter().filter_map(|r| {
        Flow::read(Path::new(&r.file).file_stem()?.to_str()?, &r.source)
            .ok()
            .map(|(flow, _)| flow)
    });
    let catalog = crate::catalog::Catalog::of(good);
    Ok((catalog, reports))
}

/// Says on stderr what is wrong with definitions.
pub(super) fn complain(reports: &[Report], paint: Paint) {
    for text in reports.iter().flat_map(|report| people(report, paint)) {
        eprintln!("{text}\n");
    }
}

/// Checks a file, or every definition of a directory.
fn read(path: &Path) -> Result<Vec<Report>, Failure> {
    let unreadable = |why: std::io::Error| {
        Failure::new(format!("{}: {why}", path.display())).help("name a definition file, or a directory of them")
    };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![report(path)?]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry?.path();
        if file.extension().is_some_and(|ending| ending == "toml") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::new(format!("{} has no definition", path.display()))
            .help("a definition is a file that ends in .toml"));
    }
    files.iter().map(|file| report(file)).collect()
}

fn report(file: &Path) -> Result<Report, Failure> {
    let unreadable = |why: String| Failure::new(format!("{}: {why}", file.display()));
    let bytes = std::fs::metadata(file)
        .map_err(|why| unreadable(why.to_string()))?
        .len();
    if bytes > DEFINITION_BYTES as u64 {
        return Err(unreadable(format!(
            "{bytes} bytes; a definition has {DEFINITION_BYTES} at most"
        )));
    }
    let source = std::fs::read_to_string(file).map_err(|why| unreadable(why.to_string()))?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let diagnostics = match Flow::read(&name, &source) {
        Ok((_, warnings)) => warnings,
        Err(faults) => faults,
    };
    Ok(Report {
        file: file.to_string_lossy().into_owned(),
        source,
        diagnostics,
    })
}

fn people(report: &Report, paint: Paint) -> impl Iterator<Item = String> {
    let shown = move |d: &Diagnostic| d.render(&report.file, &report.source, paint.on());
    report.diagnostics.iter().map(shown)
}

fn json(report: &Report) -> Result<Vec<String>, Failure> {
    let line = |d: &Diagnostic| serde_json::to_string(&d.located(&report.file, &report.source));
    let lines = report.diagnostics.iter().map(line).collect::<Result<_, _>>();
    lines.map_err(|why| Failure::new(why.to_string()))
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
