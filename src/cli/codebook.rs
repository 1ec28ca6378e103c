//! `deity codebook`: what goes out of a flow, as CSV or JSON.
//!
//! Owns how entries are printed. Must not know what they say.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::args::Codebook;
use super::says::{self, Paint};
use super::{DONE, FAILED, Failure, check, rehearse, settings};
use crate::catalog;
use crate::cells::{MARK, line, safe};
use crate::flow::Entry;

const COLUMNS: [&str; 14] = [
    "list", "name", "as", "label", "kind", "type", "required", "min", "max", "pattern", "unit", "options", "from",
    "when",
];

/// Prints the codebook of a flow.
pub(super) fn run(flags: &Codebook) -> Result<u8, Failure> {
    let mut said = BTreeMap::new();
    if let Some(phases) = &flags.phases {
        said.insert("phases", phases.to_string_lossy().into_owned());
    }
    let settings = settings::load(flags.config.as_deref(), said)?;
    let path = rehearse::definition(&flags.flow, &settings.phases)?;
    let around = catalog::surroundings(&catalog::directory_of(&path));
    let checked = catalog::check_under(&path, &around);
    let Some(flow) = checked.flow else {
        check::complain(&[checked.report], Paint::of_stderr());
        return Ok(FAILED);
    };
    let entries = flow.codebook();
    if flags.json {
        for entry in &entries {
            let json = serde_json::to_string(entry).map_err(|why| Failure::new(why.to_string()))?;
            says::line(&json)?;
        }
        return Ok(DONE);
    }
    let head = line(COLUMNS.into_iter().map(Cow::Borrowed));
    says::line(&format!("{MARK}{}", head.trim_end()))?;
    for entry in &entries {
        let cells = cells(entry);
        let row = line(cells.iter().map(|cell| safe(cell)));
        says::line(row.trim_end_matches("\r\n"))?;
    }
    Ok(DONE)
}

fn cells(entry: &Entry) -> [String; COLUMNS.len()] {
    let maybe = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let options = entry.options.iter().map(|option| {
        let when = option.when.as_ref().map(|when| format!(" (if {when})"));
        format!("{} = {}{}", option.outward, option.label, when.unwrap_or_default())
    });
    let options: Vec<_> = options.collect();
    [
        entry.list.join("."),
        entry.name.clone(),
        entry.outward.clone(),
        entry.label.clone(),
        entry.kind.clone(),
        entry.of.clone(),
        if entry.required { "yes" } else { "no" }.to_owned(),
        maybe(&entry.min),
        maybe(&entry.max),
        maybe(&entry.pattern),
        maybe(&entry.unit),
        options.join("\n"),
        maybe(&entry.from),
        maybe(&entry.when),
    ]
}
