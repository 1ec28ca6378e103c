//! Texts as CSV, for who translates in a spreadsheet.
//!
//! Owns that form, written and read. Must not know what becomes of what was read.

use std::borrow::Cow;

use super::po::{Fault, Read};
use super::{Came, Entry, State};
use crate::cells::{MARK, kept, line, unkept};

/// The columns that are written; those that a file must have to be read are `address`, `original` and `translation`.
const COLUMNS: [&str; 7] = ["address", "file", "line", "kind", "original", "translation", "state"];

/// The whole file.
pub fn write(entries: &[Entry]) -> String {
    let mut out = format!("{MARK}{}", line(COLUMNS.into_iter().map(Cow::Borrowed)));
    for entry in entries {
        let (number, state) = (entry.line.to_string(), entry.state().word());
        let (original, translation) = (entry.original(), entry.translation());
        let cells = [
            entry.key.as_str(),
            &entry.file,
            &number,
            &entry.place,
            &original,
            &translation,
            state,
        ];
        out.push_str(&line(cells.into_iter().map(kept)));
    }
    out
}

/// Reads a file, its columns in whichever order, parted by commas, semicolons or tabs.
///
/// # Errors
/// It is no CSV, or lacks a column.
pub fn read(file: &str) -> Result<Read, Fault> {
    let file = file.strip_prefix('\u{feff}').unwrap_or(file);
    let first = file.lines().next().unwrap_or_default();
    let many = |mark: char| first.matches(mark).count();
    let delimiter = [(';', b';'), ('\t', b'\t')]
        .into_iter()
        .find(|(mark, _)| many(*mark) > many(','));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.map_or(b',', |(_, byte)| byte))
        .flexible(true)
        .from_reader(file.as_bytes());
    let unread = |why: &csv::Error| Fault {
        line: why
            .position()
            .and_then(|at| usize::try_from(at.line()).ok())
            .unwrap_or(1),
        message: "this is no CSV".to_owned(),
    };
    let head = reader.headers().map_err(|why| unread(&why))?.clone();
    let column = |name: &str| {
        let found = head
            .iter()
            .position(|head| unkept(head).trim().eq_ignore_ascii_case(name));
        found.ok_or_else(|| Fault {
            line: 1,
            message: format!("there is no column `{name}`"),
        })
    };
    let columns = (column("address")?, column("original")?, column("translation")?);
    let state = column("state").ok();
    let mut read = Read {
        is_sheet: true,
        ..Read::default()
    };
    for record in reader.records() {
        let record = record.map_err(|why| unread(&why))?;
        let cell = |n: usize| unkept(record.get(n).unwrap_or_default()).to_owned();
        let key = cell(columns.0);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        read.texts.push(Came {
            key: key.trim().to_owned(),
            original: cell(columns.1),
            translation: cell(columns.2),
            fuzzy: state.is_some_and(|n| cell(n).trim().eq_ignore_ascii_case(State::Stale.word())),
            previous: None,
            line: record
                .position()
                .and_then(|at| usize::try_from(at.line()).ok())
                .unwrap_or(1),
        });
    }
    Ok(read)
}
