//! Lists of options that stand in files of their own: `villages.csv`.
//!
//! Owns [`OptionList`]: reading one, its bounds, and finding rows in it. Must not know fields or files.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::effect::SavedKind;
use super::field::folded;
use super::{KEY, Options, POSITION, Row, Rows, Type, Types, Value};
use crate::limits;

/// The column of what is stored and posted.
const VALUE: &str = "value";
/// The column of what is shown.
const LABEL: &str = "label";

/// A list of options, read and whole.
#[derive(Debug)]
pub struct OptionList {
    /// The file's name without its ending.
    pub name: String,
    /// The file as it was read; kept in the store as long as a session needs it.
    pub source: Arc<str>,
    /// Each row with its columns, its number as its key.
    rows: Rows,
    columns: Arc<Types>,
    options: Options,
    by_value: HashMap<String, usize>,
    by_label: HashMap<String, Vec<usize>>,
    /// Of each further column: the rows by what they have there.
    by_column: BTreeMap<String, HashMap<String, Vec<usize>>>,
    /// What people may type to find a row.
    sought: Vec<String>,
}

/// What is wrong with a list, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// From 1; the header is the first.
    pub line: u64,
    /// In words.
    pub message: String,
}

impl OptionList {
    /// Reads a list.
    ///
    /// # Errors
    /// What is wrong with it, the first thing only.
    pub fn read(name: &str, source: &str) -> Result<Self, Wrong> {
        let text = source.strip_prefix('\u{feff}').unwrap_or(source);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut records = reader.records();
        let header = match records.next() {
            Some(header) => header.map_err(|error| syntax(&error))?,
            None => return Err(wrong(1, "it is empty")),
        };
        let header = columns(&header)?;
        let mut list = Self {
            name: name.to_owned(),
            source: Arc::from(source),
            rows: Rows::default(),
            columns: types(&header),
            options: Options::default(),
            by_value: HashMap::new(),
            by_label: HashMap::new(),
            by_column: BTreeMap::new(),
            sought: Vec::new(),
        };
        let (mut rows, mut options) = (Vec::new(), Vec::new());
        for record in records {
            let record = record.map_err(|error| syntax(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            if rows.len() >= limits::LIST_ROWS {
                return Err(wrong(line, format!("more than {} rows", limits::LIST_ROWS)));
            }
            let (value, label, values) = row(&header, &record, line)?;
            if list.by_value.insert(value.clone(), rows.len()).is_some() {
                return Err(wrong(line, format!("`{value}` is there already")));
            }
            let key = u32::try_from(rows.len() + 1).unwrap_or(u32::MAX);
            options.push((value, label));
            rows.push(Row {
                key,
                values: Arc::new(values),
            });
        }
        if rows.is_empty() {
            return Err(wrong(1, "it has a header and no rows"));
        }
        list.rows = rows.into();
        list.options = options.into();
        list.index(&header);
        Ok(list)
    }

    /// A list of these values and labels, which stands in no file.
    pub(crate) fn of(name: &str, options: Vec<(String, String)>) -> Self {
        let text = |text: &String| Value::Text(text.clone());
        let row = |(key, (value, label)): (u32, &(String, String))| Row {
            key,
            values: Arc::new([(VALUE.to_owned(), text(value)), (LABEL.to_owned(), text(label))].into()),
        };
        let header = [VALUE.to_owned(), LABEL.to_owned()];
        let mut list = Self {
            name: name.to_owned(),
            source: Arc::from(""),
            rows: (1..).zip(&options).map(row).collect(),
            columns: types(&header),
            by_value: options
                .iter()
                .zip(0..)
                .map(|((value, _), n)| (value.clone(), n))
                .collect(),
            options: options.into(),
            by_label: HashMap::new(),
            by_column: BTreeMap::new(),
            sought: Vec::new(),
        };
        list.index(&header);
        list
    }

    fn index(&mut self, header: &[String]) {
        for (n, (_, label)) in self.options.iter().enumerate() {
            let sought = sought(label);
            self.by_label.entry(sought.clone()).or_default().push(n);
            self.sought.push(sought);
        }
        for column in header
            .iter()
            .filter(|column| ![VALUE, LABEL].contains(&column.as_str()))
        {
            let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
            for (n, row) in self.rows.iter().enumerate() {
                if let Some(text) = row.values.get(column).and_then(Value::as_text) {
                    rows.entry(folded::folded(text).into_owned()).or_default().push(n);
                }
            }
            self.by_column.insert(column.clone(), rows);
        }
    }

    /// What an expression may read of a row.
    pub(crate) fn columns(&self) -> &Arc<Types> {
        &self.columns
    }

    /// Values and labels, in the order of the file.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The number of the row of a value.
    pub(crate) fn of_value(&self, value: &str) -> Option<usize> {
        self.by_value.get(value).copied()
    }

    /// The numbers of the rows of a label, whatever its capitals and signs.
    pub(crate) fn of_label(&self, label: &str) -> &[usize] {
        self.by_label.get(&sought(label)).map_or(&[], Vec::as_slice)
    }

    /// The numbers of the rows that have this in a column; none where the column has no index.
    pub(crate) fn of_column(&self, column: &str, text: &str) -> Option<&[usize]> {
        let rows = self.by_column.get(column)?;
        Some(rows.get(folded::folded(text).as_ref()).map_or(&[], Vec::as_slice))
    }

    /// Whether what was typed stands in the label of a row, and whether the label begins with it.
    pub(crate) fn matches(&self, number: usize, typed: &str) -> Option<bool> {
        let label = self.sought.get(number)?;
        label.contains(typed).then(|| label.starts_with(typed))
    }

    /// A row.
    pub(crate) fn row(&self, number: usize) -> Option<&Row> {
        self.rows.get(number)
    }

    /// Characters of the longest value.
    pub(crate) fn longest_value(&self) -> usize {
        let values = self.options.iter().map(|(value, _)| value.chars().count());
        values.max().unwrap_or_default()
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.options.len()
    }

    /// The digest of what can be chosen, labels left out: what sessions are pinned to.
    pub(super) fn structure(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for row in &self.rows {
            for (column, value) in row.values.iter().filter(|(column, _)| *column != LABEL) {
                part(&mut digest, column);
                part(&mut digest, value.as_text().unwrap_or_default());
            }
            part(&mut digest, "");
        }
        digest.finalize().into()
    }

    /// The digest of the whole file: where it is kept.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.source.as_bytes()).into()
    }
}

fn part(digest: &mut Sha256, text: &str) {
    digest.update(text.len().to_be_bytes());
    digest.update(text);
}

/// In the form in which texts are compared to find one: small letters, signs alike, one space.
pub(crate) fn sought(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    folded::folded(&words.join(" ")).to_lowercase()
}

fn columns(header: &csv::StringRecord) -> Result<Vec<String>, Wrong> {
    let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    if names.len() > limits::LIST_COLUMNS {
        return Err(wrong(1, format!("more than {} columns", limits::LIST_COLUMNS)));
    }
    for (n, name) in names.iter().enumerate() {
        let good = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.len() <= limits::NAME_CHARS
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !good || [KEY, POSITION].contains(&name.as_str()) {
            let rule = "lower case letters, digits and underscores, beginning with a letter";
            return Err(wrong(1, format!("`{name}` cannot be the name of a column: {rule}")));
        }
        if names.iter().take(n).any(|other| other == name) {
            return Err(wrong(1, format!("there are two columns `{name}`")));
        }
    }
    if !names.iter().any(|name| name == VALUE) {
        return Err(wrong(1, "it has no column `value`: the first line names the columns"));
    }
    Ok(names)
}

fn types(header: &[String]) -> Arc<Types> {
    let label = std::iter::once(LABEL.to_owned());
    let all = header.iter().cloned().chain(label);
    Arc::new(all.map(|column| (column, Type::Text.into())).collect())
}

type Cells = (String, String, super::Values);

fn row(header: &[String], record: &csv::StringRecord, line: u64) -> Result<Cells, Wrong> {
    if record.len() != header.len() {
        let (has, wants) = (record.len(), header.len());
        return Err(wrong(line, format!("{has} columns, and the header has {wants}")));
    }
    let mut values = super::Values::new();
    for (column, cell) in header.iter().zip(record) {
        let cell = cell.trim();
        if cell.chars().count() > limits::LABEL_CHARS || cell.chars().any(char::is_control) {
            let most = limits::LABEL_CHARS;
            return Err(wrong(
                line,
                format!("`{column}` must be one line of {most} characters at most"),
            ));
        }
        if !cell.is_empty() {
            values.insert(column.clone(), Value::Text(cell.to_owned()));
        }
    }
    let text = |column: &str| values.get(column).and_then(Value::as_text).map(str::to_owned);
    let value = text(VALUE).unwrap_or_default();
    if !SavedKind::has_choice(&value) {
        let rule = "values have letters, digits, hyphens, underscores and dots, 64 at most";
        return Err(wrong(line, format!("`{value}` cannot be a value: {rule}")));
    }
    let label = text(LABEL).unwrap_or_else(|| value.clone());
    values.insert(LABEL.to_owned(), Value::Text(label.clone()));
    Ok((value, label, values))
}

fn syntax(error: &csv::Error) -> Wrong {
    let line = error.position().map_or(1, csv::Position::line);
    wrong(line, "it cannot be read as CSV in UTF-8")
}

fn wrong(line: u64, message: impl Into<String>) -> Wrong {
    Wrong {
        line,
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VILLAGES: &str = "\u{feff}value,label,district\r\na1,\"Ash, Upper\",north\r\nb2,Beck,south\r\nc3,,north\r\n";

    #[test]
    fn a_list_is_read_as_spreadsheets_write_it() {
        let list = OptionList::read("villages", VILLAGES).unwrap();
        let options: Vec<_> = list
            .options()
            .iter()
            .map(|(value, label)| format!("{value}={label}"))
            .collect();
        assert_eq!(options, ["a1=Ash, Upper", "b2=Beck", "c3=c3"]);
        assert_eq!(list.of_value("b2"), Some(1));
        assert_eq!(list.of_label(" ash,  UPPER"), [0]);
        assert_eq!(list.of_column("district", "north"), Some(&[0, 2][..]));
        assert_eq!(list.of_column("district", "east"), Some(&[][..]));
        assert_eq!(list.of_column("label", "Beck"), None);
        assert_eq!(list.matches(0, "upper"), Some(false));
        assert_eq!(list.matches(0, "ash"), Some(true));
        assert_eq!(list.matches(1, "ash"), None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let told = |source: &str| OptionList::read("x", source).map(|list| list.len()).unwrap_err();
        for (source, line, words) in [
            ("", 1, "empty"),
            ("value,label\n", 1, "no rows"),
            ("label\nA\n", 1, "no column `value`"),
            ("value,District\na,b\n", 1, "`District`"),
            ("value,key\na,b\n", 1, "`key`"),
            ("value,value\na,b\n", 1, "two columns"),
            ("value,label\na,A\nb\n", 3, "1 columns"),
            ("value,label\na,A\na,B\n", 3, "there already"),
            ("value,label\n\"a b\",A\n", 2, "`a b`"),
            ("value,label\na,\"A\nB\"\n", 2, "one line"),
        ] {
            let wrong = told(source);
            assert_eq!(wrong.line, line, "{source:?}: {wrong:?}");
            assert!(wrong.message.contains(words), "{source:?}: {wrong:?}");
        }
        let many = (0..=limits::LIST_ROWS)
            .map(|n| format!("v{n}"))
            .collect::<Vec<_>>()
            .join("\n");
        assert!(told(&format!("value\n{many}")).message.contains("more than"));
    }

    #[test]
    fn labels_change_the_file_and_not_what_can_be_chosen() {
        let read = |source: &str| OptionList::read("x", source).unwrap();
        let before = read(VILLAGES);
        let reworded = read(&VILLAGES.replace("Beck", "Becks"));
        assert_eq!(before.structure(), reworded.structure());
        assert_ne!(before.digest(), reworded.digest());
        assert_ne!(
            before.structure(),
            read(&VILLAGES.replace("south", "north")).structure()
        );
        assert_ne!(before.structure(), read(&VILLAGES.replace("b2", "b3")).structure());
    }
}
