//! `deity texts import`: what a translator sent, into the files beside the flow.
//!
//! Owns that nothing is written where something is refused, and how it is told. Must not know what is refused.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Definition, file, is_csv, named};
use crate::catalog;
use crate::cli::says::{self, tame};
use crate::cli::{DONE, FAILED, Failure};
use crate::flow::bundle;
use crate::limits;
use crate::texts::{self, Brought, Fate, Outcome, Taking, po, sheet};

/// How it is told, and whether it is done.
#[derive(Clone, Copy)]
pub(super) struct Told {
    dry: bool,
    json: bool,
}

impl Told {
    pub(super) fn new(dry: bool, json: bool) -> Self {
        Self { dry, json }
    }
}

/// In the order in which they are told.
const FATES: [(Fate, &str); 10] = [
    (Fate::Same, "as they were"),
    (Fate::New, "new"),
    (Fate::Changed, "changed"),
    (
        Fate::Confirmed,
        "good for the present words, of which that was not known",
    ),
    (Fate::Stale, "stale: the flow's texts have changed since"),
    (Fate::Outdated, "left out: they no longer fit the flow's texts"),
    (Fate::Fuzzy, "left out: somebody must look at them (--fuzzy takes them)"),
    (Fate::Missing, "not translated in the file"),
    (Fate::Unknown, "not in the flow"),
    (Fate::Refused, "refused"),
];

pub(super) fn run(definition: &Definition, from: &Path, taking: Taking, told: Told) -> Result<u8, Failure> {
    let text = file::read(from)?;
    let read = if is_csv(from) {
        sheet::read(&text)
    } else {
        po::read(&text)
    };
    let read = read.map_err(|fault| Failure::new(format!("{}:{}: {}", from.display(), fault.line, fault.message)))?;
    let language = &definition.language;
    if let Some(other) = read.language.as_ref().filter(|other| !is_alike(other, language)) {
        return Err(Failure::new(format!(
            "{} says that it is in `{}`, not in `{language}`",
            from.display(),
            tame(other)
        ))
        .help("say --lang as the file has it, or put the file's `Language` right"));
    }
    let mut brought = texts::bring(&definition.entries, &read, taking);
    let mut files = Vec::new();
    if brought.count(Fate::Refused) == 0 {
        let put = texts::put(&definition.source, language, &definition.entries, &brought).map_err(Failure::new)?;
        let said = catalog::check_source(&definition.file, &put.source, &definition.around);
        if brought.judge(&put.source, language, &said) {
            let named = put
                .files
                .into_iter()
                .map(|(part, text)| (place(definition, part.as_deref()), text));
            files = named.collect();
            fits(&files, put.source.len())?;
        }
    }
    let refused = brought.count(Fate::Refused);
    if refused == 0 && !told.dry {
        file::write(&files)?;
    }
    let written: Vec<_> = files.iter().map(|(file, _)| file.clone()).collect();
    if told.json {
        says::line(&object(definition, &brought, &written, told.dry).to_string())?;
    } else {
        people(definition, from, &brought)?;
        for file in &written {
            let verb = if told.dry { "would write" } else { "wrote" };
            says::line(&format!("{verb} {}", named(file)))?;
        }
        if written.is_empty() {
            says::line("nothing was written")?;
        }
    }
    Ok(if refused > 0 { FAILED } else { DONE })
}

/// Tools write `pt_BR` for `pt-BR`, and some the country too.
fn is_alike(a: &str, b: &str) -> bool {
    let main = |tag: &str| tag.split(['-', '_', '@', '.']).next().map(str::to_ascii_lowercase);
    main(a) == main(b)
}

fn place(definition: &Definition, part: Option<&str>) -> PathBuf {
    let piece = bundle::Piece {
        part,
        language: Some(&definition.language),
        range: 0..0,
    };
    PathBuf::from(piece.file(&definition.file.to_string_lossy()))
}

/// Whether what would be written can be read again.
fn fits(files: &[(PathBuf, String)], whole: usize) -> Result<(), Failure> {
    let large = files.iter().find(|(_, text)| text.len() > limits::DEFINITION_BYTES);
    if let Some((file, _)) = large {
        let most = limits::DEFINITION_BYTES >> 10;
        return Err(Failure::new(format!(
            "{} would be larger than {most} KiB",
            file.display()
        )));
    }
    if whole > limits::BUNDLE_BYTES {
        let most = limits::BUNDLE_BYTES >> 10;
        return Err(Failure::new(format!(
            "with these texts the definition is larger than {most} KiB"
        )));
    }
    Ok(())
}

fn people(definition: &Definition, from: &Path, brought: &Brought<'_>) -> Result<(), Failure> {
    for (fate, words) in FATES {
        let count = brought.count(fate);
        if count == 0 {
            continue;
        }
        says::line(&format!("{count} {words}"))?;
        if fate == Fate::Same {
            continue;
        }
        for outcome in brought.outcomes.iter().filter(|one| one.fate == fate) {
            let place = match outcome.line {
                0 => own_place(definition, outcome),
                line => format!("{}:{line}", from.display()),
            };
            let key = if outcome.key.is_empty() {
                "(no address)"
            } else {
                &outcome.key
            };
            let why = outcome.why.as_ref().map(|why| format!(": {why}"));
            says::line(&tame(&format!("  {place} {key}{}", why.unwrap_or_default())))?;
        }
    }
    Ok(())
}

/// Where the original of a text stands that the file has not.
fn own_place(definition: &Definition, outcome: &Outcome) -> String {
    let entry = definition.entries.iter().find(|entry| entry.key == outcome.key);
    entry.map_or_else(String::new, |entry| format!("{}:{}", entry.file, entry.line))
}

fn object(definition: &Definition, brought: &Brought<'_>, written: &[PathBuf], dry: bool) -> serde_json::Value {
    let counts: serde_json::Map<_, _> = FATES
        .into_iter()
        .map(|(fate, _)| (fate.word().to_owned(), json!(brought.count(fate))))
        .collect();
    let text = |one: &Outcome| {
        let mut text = json!({ "address": one.key, "fate": one.fate.word() });
        if let Some(text) = text.as_object_mut() {
            if one.line > 0 {
                text.insert("line".to_owned(), json!(one.line));
            }
            text.extend(one.why.as_ref().map(|why| ("why".to_owned(), json!(why))));
        }
        text
    };
    json!({
        "flow": definition.name(),
        "language": definition.language,
        "dry_run": dry,
        "counts": counts,
        "texts": brought.outcomes.iter().map(text).collect::<Vec<_>>(),
        "files": written.iter().map(|file| named(file)).collect::<Vec<_>>(),
    })
}
