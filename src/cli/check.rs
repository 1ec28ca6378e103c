//! `deity check`: every fault of definitions, for people and for programs.
//!
//! Owns how diagnostics are printed. Must not know what can be wrong.

use std::path::Path;
use std::sync::Arc;

use super::args::Check;
use super::outside::outside;
use super::says::{self, Paint};
use super::{DONE, FAILED, Failure, needs, settings, unseen, unsent, weight, words};
use crate::catalog::{self, About, Fate, Report, Surroundings};
use crate::effect::Outside;
use crate::flow::{Diagnostic, Flow};
use crate::limits::Http;
use crate::rehearse::Walks;

/// What flows are held against beside themselves, as far as it was asked for.
#[derive(Default)]
struct World {
    outside: Option<Outside>,
    limits: Option<Http>,
}

/// Prints everything that is wrong; the exit code says whether anything was.
pub(super) fn run(check: &Check) -> Result<u8, Failure> {
    let said = check.flags.said(None);
    if let Some(name) = said.keys().next().filter(|_| !check.environment) {
        return Err(Failure::new(format!("--{name} is looked at with --environment only"))
            .help("add --environment: then the flows are held against what the server is started with")
            .usage());
    }
    let mut paths = check.paths.clone();
    let mut world = World::default();
    if paths.is_empty() || check.environment {
        let settings = settings::load(check.flags.common.config.as_deref(), said)?;
        if paths.is_empty() {
            paths.push(settings.phases.clone());
        }
        if check.environment {
            world.outside = Some(outside(&settings, &settings.listen, settings.demo)?);
        }
        world.limits = Some(settings.http.limits);
    }
    let mut reports = Vec::new();
    for path in &paths {
        reports.extend(read(path, &world)?);
    }
    catalog::once(&mut reports);
    if check.translated {
        let found = reports.iter_mut().flat_map(|report| &mut report.diagnostics);
        for one in found.filter(|one| matches!(one.code, "missing-texts" | "stale-text" | "unnamed-button")) {
            one.error = true;
        }
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
            let alone = paths.contains(&report.file);
            for note in accepted(report).into_iter().chain(words::beside(report, alone)) {
                says::line(&note)?;
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

/// Says on stderr what was found in definitions, and what becomes of them.
pub(super) fn complain(reports: &[Report], paint: Paint) {
    for report in reports {
        for text in people(report, paint) {
            says::aside(&format!("{text}\n"));
        }
        let file = report.file.display();
        if let Some(fate) = fate(report) {
            says::aside(&format!("{file}: {fate}"));
        }
    }
}

/// The same as log lines, for programs.
pub(super) fn log(reports: &[Report]) {
    for report in reports {
        let file = report.file.to_string_lossy();
        for found in &report.diagnostics {
            let at = found.located(&file, &report.source);
            let place = format!("{}:{}:{}", at.file, at.line, at.column);
            let (code, help) = (at.code, at.help.unwrap_or_default());
            if found.error {
                tracing::error!(place, code, help, "{}", at.message);
            } else {
                tracing::warn!(place, code, help, "{}", at.message);
            }
        }
        if let Some(fate) = fate(report) {
            tracing::warn!(%file, "{fate}");
        } else {
            tracing::info!(%file, "served as it stands in the file");
        }
    }
}

/// What becomes of a file that is not served as it stands.
fn fate(report: &Report) -> Option<&'static str> {
    match (report.fate, report.about) {
        (Fate::Served, _) => None,
        (_, About::Stranger) => Some("not read"),
        (Fate::LastGood, About::Site) => Some("broken; pages go on with the last good site"),
        (Fate::Refused, About::Site) => Some("broken; pages go without the site"),
        (Fate::LastGood, About::Tongue) => Some("broken; what was last good of this language goes on serving"),
        (Fate::Refused, About::Tongue) => Some("broken; pages go without it"),
        (Fate::LastGood, About::Page) => Some("broken; the last good page goes on serving"),
        (Fate::Refused, About::Page) => Some("broken; this page is not served"),
        (Fate::LastGood, _) => Some("broken; the last good definition goes on serving"),
        (Fate::Refused, _) => Some("broken; this flow is not served"),
        (Fate::Removed, _) => Some("gone; no new session starts, those that run go on"),
    }
}

/// Where the flows should be there is nothing.
pub(super) fn no_directory(path: &Path) -> Failure {
    Failure::new(format!(
        "there is no directory {}, in which flows would be",
        path.display()
    ))
    .help(
        "name the directory of your flows after the command, or in DEITY_PHASES; or make it, and put a flow into it: a \
         file that ends in .toml (the README shows a first one)",
    )
}

/// Checks a file, or every definition of a directory.
fn read(path: &Path, world: &World) -> Result<Vec<Report>, Failure> {
    if !path.exists() && path.extension().is_none() {
        return Err(no_directory(path));
    }
    if catalog::is_part(path) && path.is_file() {
        return of_part(path, world);
    }
    if !path.is_dir() {
        return match catalog::site_of(path) {
            Some(directory) => of_site(path, &directory),
            None => one(path, world, &catalog::surroundings(&catalog::directory_of(path))),
        };
    }
    let unread =
        |why| Failure::new(format!("{}: {why}", path.display())).help("name a definition file, or a directory of them");
    let (around, mut reports) = catalog::check_site(path).map_err(unread)?;
    let files = catalog::files(path).map_err(unread)?;
    if files.is_empty() {
        return Err(Failure::new(format!("{} has no definition", path.display()))
            .help("a definition is a file that ends in .toml"));
    }
    for file in &files {
        reports.extend(one(file, world, &around)?);
    }
    Ok(reports)
}

/// Checks the flows that use a part or a list: what it means is known in them only.
fn of_part(path: &Path, world: &World) -> Result<Vec<Report>, Failure> {
    let directory = catalog::directory_of(path);
    let unread = |why| Failure::new(format!("{}: {why}", directory.display()));
    let files = catalog::files(&directory).map_err(unread)?;
    let around = catalog::surroundings(&directory);
    let mut reports = Vec::new();
    for file in &files {
        if catalog::check_under(file, &around).includes(path) {
            reports.extend(one(file, world, &around)?);
        }
    }
    if reports.is_empty() {
        let name = path.file_stem().and_then(|stem| Path::new(stem).file_stem());
        let name = name.unwrap_or_default().to_string_lossy();
        let list = path.extension().is_some_and(|ending| ending == "csv");
        let use_it = if list {
            format!("options = {{ list = \"{name}\" }} in a question of a flow")
        } else {
            format!("include = [\"{name}\"] in a flow")
        };
        return Err(Failure::new(format!("no flow beside {} uses it", path.display()))
            .help(format!("write {use_it}, then check that")));
    }
    Ok(reports)
}

/// Checks `site.toml`, or a page of the site's.
fn of_site(path: &Path, directory: &Path) -> Result<Vec<Report>, Failure> {
    let (_, reports) = catalog::check_site(directory).map_err(|why| {
        Failure::new(format!("{}: {why}", directory.display())).help("name a file that is there, or its directory")
    })?;
    let named = path.file_name();
    let reports: Vec<_> = reports
        .into_iter()
        .filter(|report| report.file.file_name() == named)
        .collect();
    if reports.is_empty() {
        return Err(Failure::new(format!("there is no {}", path.display())).help("name a file that is there"));
    }
    Ok(reports)
}

/// Checks a definition, what is heavy of a good one, what it lacks in a world, and the walks beside it:
/// they name what it has.
fn one(file: &Path, world: &World, around: &Surroundings) -> Result<Vec<Report>, Failure> {
    let file = catalog::definition_of(file);
    let checked = catalog::check_under(&file, around);
    let mut report = checked.report;
    let Some(flow) = checked.flow.map(Arc::new) else {
        return Ok(vec![report]);
    };
    report.diagnostics.extend(unsent::unsent(&flow, &report.source));
    report.diagnostics.extend(unseen::unseen(&flow, &report.source));
    report
        .diagnostics
        .extend(weight::heavy(&flow, &report.source, &around.served));
    if let Some(limits) = &world.limits {
        report.diagnostics.extend(needs::limits(&flow, limits));
    }
    if let Some(outside) = &world.outside {
        report.diagnostics.extend(needs::diagnostics(&flow, outside)?);
    }
    let beside = catalog::walks_of(&file);
    if !beside.exists() {
        return Ok(vec![report]);
    }
    let (source, diagnostics) = match catalog::text(&beside) {
        Ok(source) => {
            let found = Walks::read(&source, &flow).err().unwrap_or_default();
            (source, found)
        }
        Err(fault) => (String::new(), vec![fault]),
    };
    let walks = Report {
        about: About::Walks,
        fate: Fate::Served,
        file: beside,
        source: source.into(),
        diagnostics,
    };
    Ok(vec![report, walks])
}

/// What counts as done as soon as a callee has accepted it (202): nobody could be asked later.
fn accepted(report: &Report) -> Option<String> {
    let name = report
        .file
        .file_stem()?
        .to_str()
        .filter(|_| report.about == About::Flow)?;
    let (flow, _) = Flow::read(name, &report.source).ok()?;
    let names = flow.effects.iter().filter(|effect| effect.is_done_when_accepted());
    let names: Vec<_> = names.map(|effect| effect.name.as_str()).collect();
    let file = report.file.display();
    let names = (!names.is_empty()).then(|| names.join(", "))?;
    Some(format!(
        "{file}: note: without a probe 202 (accepted) means done: {names}"
    ))
}

fn people(report: &Report, paint: Paint) -> impl Iterator<Item = String> {
    let file = report.file.to_string_lossy();
    let shown = move |d: &Diagnostic| d.render(&file, &report.source, paint.on());
    report.diagnostics.iter().map(shown)
}

fn json(report: &Report) -> Result<Vec<String>, Failure> {
    let file = report.file.to_string_lossy();
    let line = |d: &Diagnostic| serde_json::to_string(&d.located(&file, &report.source));
    let lines = report.diagnostics.iter().map(line).collect::<Result<_, _>>();
    lines.map_err(|why| Failure::new(why.to_string()))
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
