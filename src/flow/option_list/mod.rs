//! Lists of options that stand in files of their own: `villages.csv`.
//!
//! Owns [`OptionList`]: reading one, its bounds, its labels in other languages, and finding rows in it. Must
//! not know fields or files.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::effect::SavedKind;
use super::field::folded;
use super::{KEY, Options, POSITION, Row, Rows, Type, Types, Value, is_language};
use crate::limits;
use crate::words::{Words, countries as countries_of_iso};

/// The column of what is stored and posted.
const VALUE: &str = "value";
/// The column of what is shown.
const LABEL: &str = "label";

/// What the column of labels in another language begins with: `label:cy`.
const TOLD: &str = "label:";
/// The one column of a list of countries: their codes. Their names are what each language calls them.
const COUNTRY: &str = "country";
/// The list that is there without a file: all countries.
pub(crate) const COUNTRIES: &str = "countries";

/// A list of options, read and whole.
#[derive(Debug, Default)]
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
    /// Labels in other languages, by tag; empty where a row has none.
    told: BTreeMap<String, Vec<String>>,
    /// Its rows are countries.
    pub(crate) of_countries: bool,
}

/// The rows of a list in another order than that of its file.
#[derive(Debug)]
pub(crate) struct Order {
    /// Their numbers.
    pub(crate) rows: Vec<usize>,
    /// The place of each.
    places: Vec<usize>,
}

impl Order {
    /// Some of the rows in this order.
    pub(crate) fn of(&self, rows: &[usize]) -> Vec<usize> {
        let mut rows = rows.to_vec();
        rows.sort_by_key(|row| self.places.get(*row).copied());
        rows
    }
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
        let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        if header == [COUNTRY] {
            return countries(name, source, records);
        }
        columns(&header)?;
        let mut list = Self {
            name: name.to_owned(),
            source: Arc::from(source),
            columns: types(&header),
            ..Self::default()
        };
        let (mut rows, mut options) = (Vec::new(), Vec::new());
        for record in records {
            let record = record.map_err(|error| syntax(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            if rows.len() >= limits::LIST_ROWS {
                return Err(wrong(line, format!("more than {} rows", limits::LIST_ROWS)));
            }
            let (value, label, mut values) = row(&header, &record, line)?;
            for column in &header {
                if let Some(tag) = column.strip_prefix(TOLD) {
                    let told = values.remove(column);
                    let told = told.as_ref().and_then(Value::as_text).unwrap_or_default();
                    list.told.entry(tag.to_owned()).or_default().push(told.to_owned());
                }
            }
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
        Ok(list.indexed())
    }

    /// All countries.
    pub(crate) fn countries() -> Option<Self> {
        let lines = std::iter::once(COUNTRY).chain(countries_of_iso());
        Self::read(COUNTRIES, &lines.collect::<Vec<_>>().join("\n")).ok()
    }

    /// The same with labels in the language of a tag; `None` where it has none in that.
    pub(crate) fn told(&self, tag: &str, words: Words) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        let told: Vec<Option<String>> = if self.of_countries {
            let codes: Vec<&str> = self.options.iter().map(|(value, _)| value.as_str()).collect();
            words.countries(&codes)
        } else {
            let told = self.told.get(tag).or_else(|| self.told.get(primary))?.iter();
            told.map(|label| Some(label.clone()).filter(|label| !label.is_empty()))
                .collect()
        };
        let labels = told.into_iter().zip(self.options.iter());
        let options: Vec<_> = labels
            .map(|(told, (value, label))| (value.clone(), told.unwrap_or_else(|| label.clone())))
            .collect();
        let rows = self.rows.iter().zip(&options).map(|(row, (_, label))| {
            let mut values = super::Values::clone(&row.values);
            values.insert(LABEL.to_owned(), Value::Text(label.clone()));
            Row {
                key: row.key,
                values: Arc::new(values),
            }
        });
        let list = Self {
            name: self.name.clone(),
            source: Arc::clone(&self.source),
            rows: rows.collect(),
            columns: Arc::clone(&self.columns),
            options: options.into(),
            by_value: self.by_value.clone(),
            of_countries: self.of_countries,
            ..Self::default()
        };
        Some(list.indexed())
    }

    /// Its rows in the order of the alphabet of a language, by their labels.
    pub(crate) fn order(&self, words: Words) -> Order {
        let labels: Vec<&str> = self.options.iter().map(|(_, label)| label.as_str()).collect();
        let rows = words.order(&labels);
        let mut places = vec![0; rows.len()];
        for (place, row) in rows.iter().enumerate() {
            if let Some(slot) = places.get_mut(*row) {
                *slot = place;
            }
        }
        Order { rows, places }
    }

    /// A list of these values and labels, which stands in no file.
    pub(crate) fn of(name: &str, options: Vec<(String, String)>) -> Self {
        let text = |text: &String| Value::Text(text.clone());
        let row = |(key, (value, label)): (u32, &(String, String))| Row {
            key,
            values: Arc::new([(VALUE.to_owned(), text(value)), (LABEL.to_owned(), text(label))].into()),
        };
        let header = [VALUE.to_owned(), LABEL.to_owned()];
        let list = Self {
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
            ..Self::default()
        };
        list.indexed()
    }

    /// With what finds its rows.
    fn indexed(mut self) -> Self {
        for (n, (_, label)) in self.options.iter().enumerate() {
            let sought = sought(label);
            self.by_label.entry(sought.clone()).or_default().push(n);
            self.sought.push(sought);
        }
        for column in self
            .columns
            .keys()
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
        self
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

/// A list of the one column `country`, called as English has it.
fn countries<'a>(
    name: &str,
    source: &str,
    records: impl Iterator<Item = csv::Result<csv::StringRecord>> + 'a,
) -> Result<OptionList, Wrong> {
    let mut codes: Vec<String> = Vec::new();
    for record in records {
        let record = record.map_err(|error| syntax(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let code = record.get(0).unwrap_or_default().trim().to_owned();
        if !countries_of_iso().any(|known| known == code) {
            return Err(wrong(
                line,
                format!("`{code}` is no country: write two letters of ISO 3166, such as GB"),
            ));
        }
        if codes.contains(&code) {
            return Err(wrong(line, format!("`{code}` is there already")));
        }
        codes.push(code);
    }
    if codes.is_empty() {
        return Err(wrong(1, "it has a header and no rows"));
    }
    let named = Words::english().countries(&codes.iter().map(String::as_str).collect::<Vec<_>>());
    let options = codes.into_iter().zip(named);
    let options = options.map(|(code, name)| (code.clone(), name.unwrap_or(code)));
    Ok(OptionList {
        source: Arc::from(source),
        of_countries: true,
        ..OptionList::of(name, options.collect())
    })
}

fn columns(names: &[String]) -> Result<(), Wrong> {
    if names.len() > limits::LIST_COLUMNS {
        return Err(wrong(1, format!("more than {} columns", limits::LIST_COLUMNS)));
    }
    for (n, name) in names.iter().enumerate() {
        let good = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.len() <= limits::NAME_CHARS
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            || name.strip_prefix(TOLD).is_some_and(is_language);
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
    Ok(())
}

fn types(header: &[String]) -> Arc<Types> {
    let label = std::iter::once(LABEL.to_owned());
    let read = header.iter().filter(|column| !column.starts_with(TOLD));
    let all = read.cloned().chain(label);
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
mod tests;
