//! What the names in `phases/` stand for.
//!
//! Owns which names there are, and what is said of any other. Must not know what stands in a file.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::disk::fault;
use super::lists::LIST;
use crate::flow::bundle::PART;
use crate::flow::{Diagnostic, did_you_mean, hyphened, is_language};

/// How the name of a file of walks ends.
pub(super) const WALKS: &str = ".walks.toml";
/// The file in which the office says what it is.
pub(super) const SITE: &str = "site.toml";
/// The directory of the site's own pages.
pub(super) const PAGES: &str = "pages";
/// The directory of what flows share.
const SHARED: &str = "shared";

/// What a name stands for.
pub(super) enum Sort {
    /// `NAME.toml`
    Flow,
    /// `NAME.walks.toml`
    Walks,
    /// `NAME.part.toml`
    Part,
    /// `NAME.LANGUAGE.toml`, of a flow or of a part.
    Translation,
    /// `NAME.csv`
    List,
    /// `site.toml`
    Site,
    /// `site.TAG.toml`
    Tongue,
    /// `pages/`
    Pages,
    /// Hidden, an editor's, or not read by this version.
    PassedOver,
    /// None of them.
    Stranger(Diagnostic),
}

/// What a name in `phases/` stands for.
pub(super) fn sort(name: &OsStr, directory: bool) -> Sort {
    let name = &*name.to_string_lossy();
    if is_passed_over(name) {
        return Sort::PassedOver;
    }
    match (name, directory) {
        (PAGES, true) => Sort::Pages,
        (SHARED, true) => Sort::PassedOver,
        (_, true) => {
            let near = did_you_mean(name, [PAGES, SHARED]).map(|near| format!("{near} "));
            let help = format!(
                "{}the directories here are pages/ and shared/",
                near.unwrap_or_default()
            );
            stranger("unknown-file", format!("nothing reads the directory {name}"), help)
        }
        (SITE, false) => Sort::Site,
        _ if tongue(name).is_some() => Sort::Tongue,
        _ if name.strip_suffix(LIST).is_some_and(hyphened) => Sort::List,
        _ => match name.strip_suffix(".toml") {
            Some(_) if name.ends_with(WALKS) => Sort::Walks,
            Some(_) if name.strip_suffix(PART).is_some_and(hyphened) => Sort::Part,
            Some(stem) => of_stem(name, stem),
            None => stranger("unknown-file", format!("nothing reads the file {name}"), rule()),
        },
    }
}

/// The tag of `site.TAG.toml`.
pub(super) fn tongue(name: &str) -> Option<&str> {
    let tag = name.strip_prefix("site.")?.strip_suffix(".toml")?;
    Some(tag).filter(|tag| is_language(tag))
}

fn of_stem(name: &str, stem: &str) -> Sort {
    let Some((flow, second)) = stem.rsplit_once('.') else {
        return Sort::Flow;
    };
    let of_part = flow.strip_suffix(".part").is_none_or(hyphened);
    if is_language(second) && of_part {
        return Sort::Translation;
    }
    if second == "part" {
        let help = "its name has lower case letters, digits and hyphens, such as address.part.toml";
        return stranger("bad-name", format!("{name} cannot be included"), help.to_owned());
    }
    let near = did_you_mean(second, ["walks", "part"]).map(|near| {
        let ending = if near.contains("part") { PART } else { WALKS };
        format!("did you mean `{flow}{ending}`?")
    });
    stranger(
        "unknown-file",
        format!("nothing reads the file {name}"),
        near.unwrap_or_else(rule),
    )
}

/// The language of a file of texts, and the file that it translates.
pub(super) fn translates(file: &Path) -> Option<(String, PathBuf)> {
    let name = file.file_name()?.to_str()?;
    if !matches!(sort(file.file_name()?, false), Sort::Translation) {
        return None;
    }
    let (original, language) = name.strip_suffix(".toml")?.rsplit_once('.')?;
    Some((language.to_owned(), file.with_file_name(format!("{original}.toml"))))
}

/// Texts in another language of a file that is not there.
pub(super) fn untold(translation: &str, original: &str) -> Diagnostic {
    let message = format!("there is no {original} for the texts in {translation}");
    said(
        "unknown-file",
        message,
        "call both alike, as in order.toml and order.cy.toml".to_owned(),
    )
}

/// What a name in `phases/pages/` stands for: `None` for what is passed over.
pub(super) fn page(name: &OsStr, directory: bool) -> Option<Result<(), Diagnostic>> {
    let name = &*name.to_string_lossy();
    if is_passed_over(name) {
        None
    } else if name.strip_suffix(".md").is_some() && !directory {
        Some(Ok(()))
    } else {
        let message = format!("nothing reads pages/{name}");
        let help = "a page is a file in Markdown, such as pages/privacy.md".to_owned();
        Some(Err(said("unknown-file", message, help)))
    }
}

/// Walks through a flow that is not there.
pub(super) fn orphan(walks: &str, flow: &str) -> Diagnostic {
    let message = format!("there is no {flow} for the walks in {walks}");
    said(
        "unknown-file",
        message,
        "call both alike, as in order.toml and order.walks.toml".to_owned(),
    )
}

fn rule() -> String {
    let files = "a flow is NAME.toml, its texts in Welsh NAME.cy.toml, its walks NAME.walks.toml, what flows share \
                 NAME.part.toml, lists NAME.csv";
    format!("{files}; beside them are site.toml, site.TAG.toml, pages/NAME.md and shared/")
}

fn stranger(code: &'static str, message: String, help: String) -> Sort {
    Sort::Stranger(said(code, message, help))
}

fn said(code: &'static str, message: String, help: String) -> Diagnostic {
    fault(code, &(0..0), message).help(help)
}

/// Hidden, or an editor's own.
fn is_passed_over(name: &str) -> bool {
    name.starts_with('.')
        || name.ends_with('~')
        || name.len() > 1 && name.starts_with('#') && name.ends_with('#')
        || [".swp", ".bak", ".orig", ".tmp"]
            .iter()
            .any(|ending| name.ends_with(ending))
}
