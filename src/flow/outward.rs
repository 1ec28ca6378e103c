//! What other systems call the fields of a flow and their options: `as`.
//!
//! Owns [`Outward`]. Must not know how anything is sent or exported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Row, Rows, Value};

/// Names for the outside. What has none of its own keeps the one that it has here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outward {
    /// By field (or list).
    pub(super) names: BTreeMap<String, String>,
    /// By field, then by value.
    pub(super) options: BTreeMap<String, BTreeMap<String, String>>,
    /// The fields whose answers go nowhere with those of their item.
    pub(super) secrets: BTreeSet<String>,
}

impl Outward {
    /// What a field is called outside.
    pub fn name<'a>(&'a self, field: &'a str) -> &'a str {
        self.names.get(field).map_or(field, String::as_str)
    }

    /// The fields that are called so outside: in each list there may be one.
    pub fn own<'a>(&'a self, outward: &'a str) -> Vec<&'a str> {
        let mut found: Vec<&str> = self
            .names
            .iter()
            .filter(|(_, name)| *name == outward)
            .map(|(own, _)| own.as_str())
            .collect();
        if !self.names.contains_key(outward) {
            found.push(outward);
        }
        found
    }

    /// An answer with the values that its options have outside; of items, their answers under
    /// their names, without secrets.
    pub fn value(&self, field: &str, value: &Value) -> Value {
        if let Value::Rows(rows) = value {
            return Value::Rows(rows.iter().map(|row| self.row(row)).collect::<Rows>());
        }
        let Some(options) = self.options.get(field) else {
            return value.clone();
        };
        let outward = |value: &String| options.get(value).unwrap_or(value).clone();
        match value {
            Value::Text(text) => Value::Text(outward(text)),
            Value::List(chosen) => Value::List(chosen.iter().map(outward).collect()),
            other => other.clone(),
        }
    }

    fn row(&self, row: &Row) -> Row {
        let answers = row.values.iter().filter(|(name, _)| !self.secrets.contains(*name));
        let answers = answers.map(|(name, value)| (self.name(name).to_owned(), self.value(name, value)));
        Row {
            key: row.key,
            values: Arc::new(answers.collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_have_their_answers_under_the_names_of_other_systems() {
        let text = |text: &str| Value::Text(text.to_owned());
        let outward = Outward {
            names: [("name".to_owned(), "Full Name".to_owned())].into(),
            options: [("kind".to_owned(), [("a".to_owned(), "Adult (A)".to_owned())].into())].into(),
            secrets: ["pin".to_owned()].into(),
        };
        let row = Row {
            key: 3,
            values: Arc::new(
                [
                    ("name".to_owned(), text("Ada")),
                    ("kind".to_owned(), text("a")),
                    ("pin".to_owned(), text("1")),
                ]
                .into(),
            ),
        };
        let people = outward.value("people", &Value::Rows(vec![row].into()));
        assert_eq!(
            people.json().to_string(),
            r#"[{"Full Name":"Ada","key":"3","kind":"Adult (A)"}]"#
        );
        assert_eq!(outward.name("other"), "other");
        assert_eq!(outward.value("kind", &text("b")), text("b"));
    }
}
