//! `deity rehearse`: walks a flow, and tells what it takes over a line.
//!
//! Owns finding the flow and its walks, and the order of what is printed. Must not know how a walk
//! is walked or reckoned.

mod args;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(super) use args::{AFTER, Rehearse};

use super::says::{self, Paint, tame};
use super::{DONE, FAILED, Failure, check, settings};
use crate::catalog;
use crate::flow::{Diagnostic, Flow};
use crate::http;
use crate::line::Line;
use crate::rehearse::{self, Against, Budget, Kind, Report, Terms, Theatre, Walk, Walks};
use crate::settings::Settings;
use crate::site::Site;
use args::BrowserFlag;

/// What browsers take the server for, where no setting says it: where it serves by itself.
const ORIGIN: &str = "http://localhost:8080";

/// The walks of a flow, and the file that they stand in.
struct Found {
    walks: Vec<Walk>,
    /// Its path and what stands in it; none where they are made up.
    file: Option<(PathBuf, String)>,
}

/// Walks, prints, and says how it went.
pub(super) fn run(flags: &Rehearse) -> Result<u8, Failure> {
    if flags.lines {
        return table::lines(flags.json);
    }
    let wrong = |message: String, help: String| Failure::new(message).help(help).usage();
    let line = Line::read(&flags.line).map_err(|bad| wrong(format!("--line: {bad}"), bad.help.clone()))?;
    let budget = flags.budget.as_deref().map(Budget::read).transpose();
    let budget = budget.map_err(|bad| wrong(format!("--budget: {}", bad.message), bad.help))?;
    let settings = load(flags)?;
    let path = definition(flags.flow.as_deref().unwrap_or_default(), &settings.phases)?;
    let around = catalog::surroundings(&catalog::directory_of(&path));
    let checked = catalog::check_under(&path, &around);
    let Some(flow) = checked.flow else {
        check::complain(&[checked.report], Paint::of_stderr());
        return Ok(FAILED);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let theatre = theatre(flow, around.served, &settings, flags);
    let found = if flags.made_up || flags.draft {
        None
    } else {
        written(&path, &theatre.flow, &flags.walk)?
    };
    let found = match found {
        Some(found) => found,
        None => made_up(&runtime, &theatre)?,
    };
    if flags.draft {
        for walk in &found.walks {
            says::line(rehearse::draft(walk).trim_end())?;
        }
        return Ok(DONE);
    }
    let terms = Terms {
        line,
        server: Duration::from_millis(flags.server),
        think: Duration::from_secs(flags.think),
    };
    let browsers = browsers(flags);
    let languages = languages(flags, &theatre.flow)?;
    let mut code = DONE;
    for walk in &found.walks {
        let mut reports = Vec::new();
        for language in &languages {
            let walked = rehearse::rehearse(&theatre, walk, &browsers, language);
            match runtime.block_on(walked) {
                Ok(walked) => reports.push(Report::of(&theatre.flow, &walk.name, language, &walked, &terms)),
                Err(fault) => {
                    let other = Some(language).filter(|tag| **tag != theatre.flow.lang);
                    complain(&fault, (walk, other), &found)?;
                    code = FAILED;
                }
            }
        }
        tell(flags, &reports, walk, &terms, found.walks.len() > 1)?;
        let over = |report| budget.iter().flat_map(move |budget| budget.over(report));
        for over in reports.iter().flat_map(over) {
            says::aside(&format!(
                "{} {}",
                Paint::of_stderr().red("over budget:"),
                tame(&over.words)
            ));
            code = FAILED;
        }
    }
    Ok(code)
}

fn browsers(flags: &Rehearse) -> Vec<Kind> {
    match flags.browser {
        None => vec![Kind::Text, Kind::Modern],
        Some(BrowserFlag::Lynx) => vec![Kind::Text],
        Some(BrowserFlag::Chromium) => vec![Kind::Modern],
    }
}

/// The languages in which it is walked, the flow's own first.
fn languages(flags: &Rehearse, flow: &Flow) -> Result<Vec<String>, Failure> {
    if let Some(strange) = flags.lang.iter().find(|tag| !flow.languages.contains(tag)) {
        let message = format!("the flow is not in the language `{strange}`");
        let help = format!("it is in {}", flow.languages.join(", "));
        return Err(Failure::new(message).help(help));
    }
    let mut all = vec![flow.lang.clone()];
    all.extend(flow.languages.iter().filter(|tag| **tag != flow.lang).cloned());
    if !flags.lang.is_empty() {
        all.retain(|tag| flags.lang.contains(tag));
    } else if flags.against.is_some() {
        all.truncate(1);
    }
    Ok(all)
}

/// Prints the reports of a walk, in the form that is asked for, and draws the first: of the other languages
/// the sums alone.
fn tell(flags: &Rehearse, reports: &[Report], walk: &Walk, terms: &Terms, several: bool) -> Result<(), Failure> {
    let Some((first, others)) = reports.split_first() else {
        return Ok(());
    };
    if flags.json {
        for report in reports {
            says::line(&serde_json::to_string(report).map_err(|why| Failure::new(why.to_string()))?)?;
        }
    } else {
        table::report(first, walk, terms)?;
        table::others(others)?;
    }
    match &flags.svg {
        Some(file) => draw(file, first, several),
        None => Ok(()),
    }
}

fn load(flags: &Rehearse) -> Result<Settings, Failure> {
    let mut said = BTreeMap::new();
    if let Some(phases) = &flags.phases {
        said.insert("phases", phases.to_string_lossy().into_owned());
    }
    if let Some(origin) = &flags.origin {
        said.insert("origin", origin.clone());
    }
    settings::load(flags.config.as_deref(), said)
}

fn theatre(flow: Flow, site: Arc<Site>, settings: &Settings, flags: &Rehearse) -> Theatre {
    let known = settings.http.origin.as_ref().map(http::Origin::site);
    let now = jiff::Timestamp::now().as_second();
    Theatre {
        today: flow.day(now),
        flow: Arc::new(flow),
        site,
        settings: settings.http.clone(),
        origin: match (known, &flags.against) {
            (Some(known), _) => known,
            (None, Some(address)) => format!("http://{address}"),
            (None, None) => ORIGIN.to_owned(),
        },
        against: flags.against.clone().map(|address| Against {
            address,
            think: Duration::from_secs(flags.think),
        }),
    }
}

/// The file of a flow: that file, or the flow of that name in the directory.
pub(super) fn definition(flow: &str, phases: &Path) -> Result<PathBuf, Failure> {
    let file = Path::new(flow);
    if flow.contains('/') || file.extension().is_some_and(|ending| ending == "toml") {
        let file = catalog::definition_of(file);
        return if file.is_file() {
            Ok(file)
        } else {
            Err(Failure::new(format!("there is no file {}", file.display()))
                .help("name a flow, or the file of its definition"))
        };
    }
    let path = phases.join(format!("{flow}.toml"));
    if path.is_file() {
        return Ok(path);
    }
    let files = catalog::files(phases).unwrap_or_default();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_stem()?.to_str()).collect();
    let help = if names.is_empty() {
        "name the directory of the flows after it, or a definition file".to_owned()
    } else {
        crate::flow::did_you_mean(flow, names.iter().copied())
            .unwrap_or_else(|| format!("the flows are {}", names.join(", ")))
    };
    Err(Failure::new(format!("there is no flow `{flow}` in {}", phases.display())).help(help))
}

/// The walks that the author wrote, if there are any: all, or those of these names.
fn written(definition: &Path, flow: &Flow, names: &[String]) -> Result<Option<Found>, Failure> {
    let file = catalog::walks_of(definition);
    if !file.exists() {
        if let Some(name) = names.first() {
            let message = format!("there is no walk `{name}`: there is no file {}", file.display());
            return Err(Failure::new(message).help("--draft prints a walk to begin with"));
        }
        return Ok(None);
    }
    let source = catalog::text(&file).map_err(|fault| unreadable(&file, "", &[fault]))?;
    let walks = Walks::read(&source, flow).map_err(|faults| unreadable(&file, &source, &faults))?;
    let known: Vec<_> = walks.walks.iter().map(|walk| walk.name.clone()).collect();
    if let Some(strange) = names.iter().find(|name| !known.contains(name)) {
        return Err(
            Failure::new(format!("there is no walk `{strange}` in {}", file.display()))
                .help(format!("the walks are {}", known.join(", "))),
        );
    }
    let mut walks = walks.walks;
    walks.retain(|walk| names.is_empty() || names.contains(&walk.name));
    let file = Some((file, source));
    Ok(Some(Found { walks, file }))
}

/// Every fault of a file of walks, said.
fn unreadable(file: &Path, source: &str, faults: &[Diagnostic]) -> Failure {
    let name = file.to_string_lossy();
    for fault in faults {
        says::aside(&format!("{}\n", fault.render(&name, source, Paint::of_stderr().on())));
    }
    Failure::new(format!("the walks in {name} cannot be read"))
}

fn made_up(runtime: &tokio::runtime::Runtime, theatre: &Theatre) -> Result<Found, Failure> {
    let walk = runtime
        .block_on(rehearse::make_up(theatre))
        .map_err(|stuck| Failure::new(tame(&stuck.message)).help(stuck.help))?;
    Ok(Found {
        walks: vec![walk],
        file: None,
    })
}

/// The step that is not as its walk says, at its place.
fn complain(fault: &Diagnostic, (walk, language): (&Walk, Option<&String>), found: &Found) -> Result<(), Failure> {
    let language = language.map_or_else(String::new, |tag| format!(" in `{tag}`"));
    says::aside(&format!("the walk `{}` does not pass{language}", tame(&walk.name)));
    match &found.file {
        // No step of it: the server could not be asked at all.
        _ if fault.span == (0..0) => Err(Failure::new(fault.message.clone())),
        Some((file, source)) => {
            let name = file.to_string_lossy();
            says::aside(&format!("{}\n", fault.render(&name, source, Paint::of_stderr().on())));
            Ok(())
        }
        // Made up a moment ago, and not the same now.
        None => Err(Failure::new(fault.message.clone())),
    }
}

fn draw(file: &Path, report: &Report, several: bool) -> Result<(), Failure> {
    let mut path = file.to_owned();
    if several {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        path.set_file_name(format!("{stem}-{}.svg", report.walk));
    }
    std::fs::write(&path, rehearse::plot(report)).map_err(|why| {
        Failure::new(format!("{}: {why}", path.display())).help("name a file in a directory that can be written to")
    })?;
    says::aside(&format!("the picture is in {}", path.display()));
    Ok(())
}
