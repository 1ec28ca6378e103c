//! `deity texts status`: how far flows are translated.
//!
//! Owns how that is counted and told. Must not know what a stale text is.

use serde_json::json;

use super::args::Place;
use super::{named, phases};
use crate::catalog;
use crate::cli::says::{self, tame};
use crate::cli::{DONE, Failure, check, rehearse};
use crate::flow::bundle;
use crate::texts::{self, Entry, State};

/// Tells of one flow, or of all.
pub(super) fn run(flow: Option<&str>, place: &Place, missing: bool, json: bool) -> Result<u8, Failure> {
    let phases = phases(place)?;
    let files = match flow {
        Some(flow) => vec![rehearse::definition(flow, &phases)?],
        None if !phases.is_dir() => return Err(check::no_directory(&phases)),
        None => catalog::files(&phases).map_err(|why| Failure::new(format!("{}: {why}", phases.display())))?,
    };
    let directory = files.first().map_or(phases, |file| catalog::directory_of(file));
    let around = catalog::surroundings(&directory);
    let mut told = false;
    for file in files {
        let report = catalog::check_under(&file, &around).report;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for language in bundle::languages(&report.source) {
            told = true;
            let entries = texts::entries(&report.source, &named(&file), language);
            let counts = Counts::of(&entries);
            let lacking = entries.iter().filter(|entry| entry.state() != State::Translated);
            if json {
                let mut line = counts.json(&name, language);
                if let Some(line) = line.as_object_mut().filter(|_| missing) {
                    line.insert("lacks".to_owned(), lacking.map(lack).collect());
                }
                says::line(&line.to_string())?;
                continue;
            }
            says::line(&counts.line(&name, language))?;
            for entry in lacking.filter(|_| missing) {
                let text = entry.original().split_whitespace().collect::<Vec<_>>().join(" ");
                let state = word(entry.state());
                let line = format!("  {}:{}: {state}: {}: {text}", entry.file, entry.line, entry.key);
                says::line(&tame(&line))?;
            }
        }
    }
    if !told && !json {
        says::line("no texts in another language")?;
    }
    Ok(DONE)
}

/// Of a flow in a language.
struct Counts {
    texts: usize,
    translated: usize,
    missing: usize,
    stale: usize,
}

impl Counts {
    fn of(entries: &[Entry]) -> Self {
        let count = |state| entries.iter().filter(|entry| entry.state() == state).count();
        Self {
            texts: entries.len(),
            translated: count(State::Translated),
            missing: count(State::Missing),
            stale: count(State::Stale),
        }
    }

    /// Whole, and 100 only if nothing is missing or stale.
    fn percent(&self) -> usize {
        (self.translated * 100).checked_div(self.texts).unwrap_or(100)
    }

    fn line(&self, flow: &str, language: &str) -> String {
        format!(
            "{flow:<24} {language:<6} {:>4} texts {:>5} translated {:>5} missing {:>5} stale {:>4} %",
            self.texts,
            self.translated,
            self.missing,
            self.stale,
            self.percent()
        )
    }

    fn json(&self, flow: &str, language: &str) -> serde_json::Value {
        json!({
            "flow": flow, "language": language, "texts": self.texts, "translated": self.translated,
            "missing": self.missing, "stale": self.stale, "percent": self.percent(),
        })
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Missing => "missing",
        other => other.word(),
    }
}

fn lack(entry: &Entry) -> serde_json::Value {
    json!({
        "address": entry.key, "file": entry.file, "line": entry.line, "state": word(entry.state()),
        "original": entry.original(),
    })
}
