//! `deity texts`: a flow's texts to and from who translates them.
//!
//! Owns which files are read and written, and how is told what became of the texts. Must not know what that is.

pub(super) mod args;
mod file;
mod import;
mod status;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::says::{self, Paint};
use super::{DONE, Failure, check, rehearse, settings};
use crate::catalog::{self, Surroundings};
use crate::flow::bundle;
use crate::texts::{self, Entry, State, Taking, po, sheet};
use args::{Form, Place, TextsCommand};

pub(super) fn run(command: &TextsCommand) -> Result<u8, Failure> {
    match command {
        TextsCommand::Export {
            flow,
            lang,
            format,
            output,
            place,
        } => {
            let definition = Definition::read(flow, place, lang)?;
            export(&definition, *format, output.as_deref())
        }
        TextsCommand::Import {
            file,
            flow,
            lang,
            dry_run,
            fuzzy,
            confirm,
            json,
            place,
        } => {
            let definition = Definition::read(flow, place, lang)?;
            let (fuzzy, confirm) = (*fuzzy, *confirm);
            import::run(
                &definition,
                file,
                Taking { fuzzy, confirm },
                import::Told::new(*dry_run, *json),
            )
        }
        TextsCommand::Status {
            flow,
            missing,
            json,
            place,
        } => status::run(flow.as_deref(), place, *missing, *json),
    }
}

/// Where the flows lie.
fn phases(place: &Place) -> Result<PathBuf, Failure> {
    let mut said = BTreeMap::new();
    if let Some(phases) = &place.phases {
        said.insert("phases", phases.to_string_lossy().into_owned());
    }
    Ok(settings::load(place.config.as_deref(), said)?.phases)
}

/// A flow with its texts in one language.
struct Definition {
    file: PathBuf,
    around: Surroundings,
    /// Its files, as one text.
    source: String,
    language: String,
    title: String,
    entries: Vec<Entry>,
}

impl Definition {
    /// Reads it; a flow that is broken itself is told and refused, a translation may be.
    fn read(flow: &str, place: &Place, language: &str) -> Result<Self, Failure> {
        if !crate::flow::is_language(language) {
            return Err(Failure::new(format!(
                "{:?} is no language that a file of texts can be called by",
                says::tame(language)
            ))
            .help("say its tag, such as cy, ar or pt-BR"));
        }
        let file = rehearse::definition(flow, &phases(place)?)?;
        let around = catalog::surroundings(&catalog::directory_of(&file));
        let mut checked = catalog::check_under(&file, &around);
        let own = |source: &str, at: usize| bundle::piece_at(source, at).is_original();
        let source = std::sync::Arc::clone(&checked.report.source);
        let faults = &mut checked.report.diagnostics;
        faults.retain(|one| one.error && own(&source, one.span.start));
        let own_language = checked.flow.as_ref().map(|flow| flow.lang.clone());
        if !faults.is_empty() {
            check::complain(&[checked.report], Paint::of_stderr());
            return Err(Failure::told());
        }
        if own_language.is_some_and(|own| own.eq_ignore_ascii_case(language)) {
            return Err(Failure::new(format!("`{language}` is the language of the flow itself"))
                .help("say the language that its texts are translated into"));
        }
        let source = catalog::with_parts_in(&file, &source, language).map_err(|why| Failure::new(why.message))?;
        let called = named(&file);
        if let Some((part, line, why)) = texts::broken(&source, language) {
            let piece = bundle::Piece {
                part: part.as_deref(),
                language: Some(language),
                range: 0..0,
            };
            let broken = piece.file(&called);
            return Err(Failure::new(format!("{broken}:{line}: this is not valid TOML: {why}"))
                .help("repair the file by hand, or put it aside"));
        }
        let entries = texts::entries(&source, &called, language);
        let title = entries.iter().find(|entry| entry.key == "title");
        Ok(Self {
            title: title.map_or_else(String::new, Entry::original),
            language: language.to_owned(),
            file,
            around,
            source,
            entries,
        })
    }

    /// Its name, as commands take it.
    fn name(&self) -> String {
        self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn count(&self, state: State) -> usize {
        self.entries.iter().filter(|entry| entry.state() == state).count()
    }
}

/// A file as it is told.
fn named(file: &Path) -> String {
    let file = file.strip_prefix(".").unwrap_or(file);
    file.to_string_lossy().into_owned()
}

fn is_csv(file: &Path) -> bool {
    file.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

fn export(definition: &Definition, form: Option<Form>, output: Option<&Path>) -> Result<u8, Failure> {
    let form = form.unwrap_or(if output.is_some_and(is_csv) {
        Form::Csv
    } else {
        Form::Po
    });
    let text = match form {
        Form::Po => po::write(&definition.title, &definition.language, &definition.entries),
        Form::Csv => sheet::write(&definition.entries),
    };
    match output {
        None => says::line(text.trim_end_matches('\n'))?,
        Some(output) => {
            file::write(&[(output.to_owned(), text)])?;
            says::aside(&format!(
                "wrote {}: {} texts, {} translated, {} new, {} stale",
                output.display(),
                definition.entries.len(),
                definition.count(State::Translated),
                definition.count(State::Missing),
                definition.count(State::Stale),
            ));
        }
    }
    Ok(DONE)
}
