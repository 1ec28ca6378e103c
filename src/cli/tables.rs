//! `deity sessions export --csv`: a file for each table.
//!
//! Owns the files, and that each is there whole or not at all. Must not know what stands in a table.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::args::Common;
use super::sessions::{Form, ask_into};
use super::{Failure, says};
use crate::cells::{MARK, line, safe};
use crate::operator::{Cell, Filter, Request};

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

impl Drop for Files {
    fn drop(&mut self) {
        for table in self.open.keys() {
            // It is under a name of its own: nobody takes it for an export.
            let _left = fs::remove_file(self.part(table));
        }
    }
}
