//! Whose labels stand for a value that was picked: those of a saved list, or of the items of a list.
//!
//! Owns [`Picked`] and the label of an item. Must not know how values are picked.

use std::sync::{Arc, OnceLock};

use super::{Row, Rows, Scope, Text, Value};

/// Where the labels of picked values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// In a list that an effect saves, of this name.
    Saved(Arc<str>),
    /// Made of the items of a list.
    Items(Items),
}

impl From<&str> for Picked {
    fn from(list: &str) -> Self {
        Self::Saved(list.into())
    }
}

/// The items of a list as options: each item's key is a value, and its label is a text of the author's.
#[derive(Clone, Debug)]
pub struct Items {
    /// The list.
    pub list: Arc<str>,
    /// The label: set once the definition is checked, for it needs the types of all fields.
    text: Arc<OnceLock<Text>>,
}

impl PartialEq for Items {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list && Arc::ptr_eq(&self.text, &other.text)
    }
}

impl Eq for Items {}

impl Items {
    /// The items of a list, without a label so far.
    pub fn of(list: &str) -> Self {
        Self {
            list: list.into(),
            text: Arc::default(),
        }
    }

    /// Gives it its label. The first one stays.
    pub(crate) fn set_label(&self, text: Text) {
        let given = self.text.set(text);
        debug_assert!(given.is_ok(), "each field is built once");
    }

    /// The items that there are.
    pub(crate) fn rows<'a>(&self, scope: &Scope<'a>) -> Option<&'a Rows> {
        scope.values.get(&*self.list).and_then(Value::as_rows)
    }

    /// The label of an item, which stands at that place; its place where the label comes to nothing.
    pub(crate) fn label(&self, row: &Row, position: usize, scope: &Scope<'_>) -> String {
        let label = self.text.get().map(|text| text.plain_for(row, position, scope));
        let label = label.filter(|label| !label.trim().is_empty());
        label.unwrap_or_else(|| position.to_string())
    }

    /// The label of the item of a key; another value stands for itself.
    pub(crate) fn of_key(&self, key: &str, rows: Option<&Rows>, scope: &Scope<'_>) -> String {
        let found = rows
            .into_iter()
            .flatten()
            .zip(1..)
            .find(|(row, _)| row.key_text() == key);
        found.map_or_else(|| key.to_owned(), |(row, position)| self.label(row, position, scope))
    }
}
