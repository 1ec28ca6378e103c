//! `deity words`: the program's own words, as a file to begin with.
//!
//! Owns what stands above them, and how words of an office are shown beside the program's. Must not know
//! which there are.

use super::args::OwnWords;
use super::{DONE, Failure, says};
use crate::catalog::{About, Report};
use crate::flow::is_language;
use crate::site;
use crate::words::{self, Words};

/// Of more than so many only the number is told, unless their file is asked for.
const FEW: usize = 40;

/// Prints the words of a language.
pub(super) fn run(flags: &OwnWords) -> Result<u8, Failure> {
    let tag = &flags.tag;
    if !is_language(tag) {
        return Err(Failure::new(format!("`{tag}` is no tag of a language"))
            .help("write one such as pl or pt-BR")
            .usage());
    }
    let of = if Words::of(tag).are_own() {
        "as the program says them"
    } else {
        "in English: the program has no others"
    };
    says::line(&format!("# Words of `{tag}` for site.{tag}.toml, {of}."))?;
    says::line("# Take the # away where you say it otherwise. What stands in braces must stay.")?;
    says::line("#")?;
    for line in words::beginning(tag).lines() {
        says::line(line)?;
    }
    Ok(DONE)
}

/// The words of an office, each beside what the program says; of many only how many, unless `all` are asked for.
pub(super) fn beside(report: &Report, all: bool) -> Vec<String> {
    let file = report.file.display();
    let name = report.file.file_name().unwrap_or_default().to_string_lossy();
    let tag = name.strip_prefix("site.").and_then(|name| name.strip_suffix(".toml"));
    let Some(tag) = tag.filter(|_| report.about == About::Tongue) else {
        return Vec::new();
    };
    let said = site::words_of(tag, &report.source).beside(tag);
    if said.len() > FEW && !all {
        let count = said.len();
        return vec![format!(
            "{file}: note: {count} words in place of the program's: check this file alone to see them"
        )];
    }
    let line = |(name, ours, theirs): &(&str, String, String)| {
        format!("{file}: note: {name}: \"{ours}\" is said as \"{theirs}\"")
    };
    said.iter().map(line).collect()
}
