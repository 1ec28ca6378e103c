//! The items of a list, as values.
//!
//! Owns [`Rows`] and [`Row`]. Must not know how items are added, removed or shown (`machine`, `view`).

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::{KEY, Values};

/// The items of a list, in their order; cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows(Arc<[Row]>);

/// An item of a list, once it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The item's number in its session: it never changes, and is never given to another.
    pub key: u32,
    /// The answers of the item that count, by field name; a list in it is [`super::Value::Rows`].
    #[serde(with = "shared")]
    pub values: Arc<Values>,
}

/// Values that several lists of rows have in common are written as if each had its own.
mod shared {
    use super::{Arc, Deserialize, Deserializer, Serialize, Serializer, Values};

    pub(super) fn serialize<S: Serializer>(values: &Arc<Values>, serializer: S) -> Result<S::Ok, S::Error> {
        values.as_ref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Values>, D::Error> {
        Values::deserialize(deserializer).map(Arc::new)
    }
}

impl Rows {
    /// The rows, first to last.
    pub fn iter(&self) -> std::slice::Iter<'_, Row> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row of that place, counted from 0.
    pub fn get(&self, place: usize) -> Option<&Row> {
        self.0.get(place)
    }

    /// The row of an item.
    pub fn of_key(&self, key: u32) -> Option<&Row> {
        self.iter().find(|row| row.key == key)
    }

    /// As JSON: an array of objects, each with its `key` and its answers.
    pub(super) fn json(&self) -> Json {
        self.iter().map(Row::json).collect()
    }
}

impl Row {
    /// Its key, as expressions and options have it.
    pub fn key_text(&self) -> String {
        self.key.to_string()
    }

    fn json(&self) -> Json {
        let key = (KEY.to_owned(), Json::String(self.key.to_string()));
        let answers = self.values.iter().map(|(name, value)| (name.clone(), value.json()));
        Json::Object(std::iter::once(key).chain(answers).collect::<Map<_, _>>())
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = &'a Row;
    type IntoIter = std::slice::Iter<'a, Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Vec<Row>> for Rows {
    fn from(rows: Vec<Row>) -> Self {
        Self(rows.into())
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<T: IntoIterator<Item = Row>>(rows: T) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}
