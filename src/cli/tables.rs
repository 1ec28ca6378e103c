//! `deity sessions export --csv`: a file for each table.
//!
//! Owns how a table is written as CSV (RFC 4180), and that a spreadsheet runs nothing of what somebody typed. Must
//! not know what stands in a table.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::args::Common;
use super::sessions::{Form, ask_into};
use super::{Failure, says};
use crate::operator::{Cell, Filter, Request};

/// So that a spreadsheet reads the file as UTF-8.
pub(super) const MARK: &str = "\u{feff}";

/// Asks, and writes what comes into files of that directory.
pub(super) fn export(common: &Common, filter: Filter, directory: &Path, raw: bool) -> Result<u8, Failure> {
    let told = |why| Failure::new(format!("{} cannot be written: {why}", directory.display()));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(told)?;
    let mut files = Files {
        directory: directory.to_owned(),
        raw,
        open: BTreeMap::new(),
    };
    let code = ask_into(common, &Request::Tables(filter), Form::Json, Some(&mut files))?;
    files.close()?;
    Ok(code)
}

/// The files that are being written. One that is not closed is removed.
#[derive(Debug)]
pub(super) struct Files {
    directory: PathBuf,
    raw: bool,
    open: BTreeMap<String, BufWriter<File>>,
}

impl Files {
    /// Begins the file of a table.
    pub(super) fn open(&mut self, table: &str, columns: &[String]) -> Result<(), Failure> {
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !table.chars().all(safe) || table.starts_with('.') {
            return Err(Failure::new(format!("{table:?} is no name of a table")));
        }
        let part = self.part(table);
        match fs::remove_file(&part) {
            Err(why) if why.kind() != std::io::ErrorKind::NotFound => return Err(why.into()),
            _ => {}
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&part)?;
        let mut file = BufWriter::new(file);
        if !self.raw {
            file.write_all(MARK.as_bytes())?;
        }
        let heads = columns.iter().map(|column| self.text(column));
        file.write_all(line(heads).as_bytes())?;
        self.open.insert(table.to_owned(), file);
        Ok(())
    }

    pub(super) fn row(&mut self, table: &str, cells: &[Option<Cell>]) -> Result<(), Failure> {
        let cells = cells.iter().map(|cell| match cell {
            None => Cow::Borrowed(""),
            Some(Cell::Text(text)) => self.text(text),
            Some(Cell::Value(value)) => Cow::Borrowed(value.as_str()),
        });
        let line = line(cells);
        if let Some(file) = self.open.get_mut(table) {
            file.write_all(line.as_bytes())?;
        }
        Ok(())
    }

    /// All is written: each file takes its name, in place of one of before.
    fn close(mut self) -> Result<(), Failure> {
        for file in self.open.values_mut() {
            file.flush()?;
        }
        for table in self.open.keys() {
            let to = self.directory.join(format!("{table}.csv"));
            fs::rename(self.part(table), &to)?;
            says::aside(&format!("wrote {}", to.display()));
        }
        self.open.clear();
        Ok(())
    }

    fn part(&self, table: &str) -> PathBuf {
        self.directory.join(format!(".{table}.csv.part"))
    }

    /// What somebody else wrote, as it may stand in a cell.
    fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.raw { Cow::Borrowed(text) } else { safe(text) }
    }
}

/// A text that no spreadsheet runs.
pub(super) fn safe(text: &str) -> Cow<'_, str> {
    if is_run(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for table in self.open.keys() {
            // It is under a name of its own: nobody takes it for an export.
            let _left = fs::remove_file(self.part(table));
        }
    }
}

/// Whether a spreadsheet would take a text for a formula, or run it.
fn is_run(text: &str) -> bool {
    let begins = |c: &char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n' | '\0'
        )
    };
    let first = text.chars().find(|c| begins(c) || !c.is_whitespace());
    first.is_some_and(|first| begins(&first))
}

/// A line of cells.
pub(super) fn line<'a>(cells: impl Iterator<Item = Cow<'a, str>>) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let cells: Vec<Cow<'_, str>> = cells.collect();
    // Nothing fails in memory.
    let written = writer.write_record(cells.iter().map(|cell| cell.as_bytes()));
    let bytes = written.ok().and_then(|()| writer.into_inner().ok());
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_known() {
        for text in ["=1", "+44", "-1", "@x", "  =1", "\t1", "\r1", "＝1", "\u{a0}=1", "\0"] {
            assert!(is_run(text), "{text:?}");
        }
        for text in ["", "a=1", "1-2", "Ada", "  Ada", "'=1"] {
            assert!(!is_run(text), "{text:?}");
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cells = ["a", "b,c", "say \"x\"", "two\nlines", " x"].map(Cow::Borrowed);
        assert_eq!(
            line(cells.into_iter()),
            "a,\"b,c\",\"say \"\"x\"\"\",\"two\nlines\", x\r\n"
        );
    }
}
