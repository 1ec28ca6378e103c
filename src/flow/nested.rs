//! Names with dots as JSON has them: objects in objects.
//!
//! Owns which names are taken apart: those of fields that lie in calls and groups, never a name that
//! an author gave. Must not know what is sent or exported.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{KEY, Value};

/// What stands before the names of a flow's calls and groups in use: `home.`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames(pub(super) BTreeSet<String>);

impl Frames {
    /// A value as JSON; in items too names stand in objects.
    pub fn json(&self, value: &Value) -> Json {
        let Some(rows) = value.as_rows() else {
            return value.json();
        };
        let item = |row: &super::Row| {
            let mut item = Map::from_iter([(KEY.to_owned(), Json::from(row.key_text()))]);
            for (name, value) in row.values.iter() {
                self.put(&mut item, name, self.json(value));
            }
            Json::Object(item)
        };
        rows.iter().map(item).collect()
    }

    /// Puts a value where its name says: `home.town` into the object `home`.
    pub fn put(&self, into: &mut Map<String, Json>, name: &str, value: Json) {
        let around = self.0.iter().filter(|before| name.starts_with(before.as_str()));
        let Some(before) = around.max_by_key(|before| before.len()) else {
            into.insert(name.to_owned(), value);
            return;
        };
        let last = name.get(before.len()..).unwrap_or_default();
        let mut at = &mut *into;
        for part in before.trim_end_matches('.').split('.') {
            let next = at
                .entry(part)
                .or_insert_with(|| Json::Object(Map::new()))
                .as_object_mut();
            // An author's own name stands there already.
            let Some(next) = next else { return };
            at = next;
        }
        at.insert(last.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::flow::Row;

    #[test]
    fn names_of_groups_stand_in_objects_in_items_of_items_too() {
        let text = |text: &str| Value::Text(text.to_owned());
        let row = |key, values: &[(&str, Value)]| Row {
            key,
            values: Arc::new(
                values
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect(),
            ),
        };
        let pets = Value::Rows(vec![row(2, &[("tag.number", text("7"))])].into());
        let people = Value::Rows(vec![row(1, &[("name.given", text("Ada")), ("pets", pets)])].into());
        let frames = Frames(["name.", "tag."].map(str::to_owned).into());
        assert_eq!(
            frames.json(&people).to_string(),
            r#"[{"key":"1","name":{"given":"Ada"},"pets":[{"key":"2","tag":{"number":"7"}}]}]"#
        );
        assert_eq!(frames.json(&text("x")).to_string(), r#""x""#);
    }

    #[test]
    fn fields_of_calls_stand_in_objects_and_other_dots_mean_nothing() {
        let frames = Frames(["home.", "home.inner."].map(str::to_owned).into());
        let mut all = Map::new();
        for name in ["home.town", "a.b", "home.inner.year", "home.Full.Name", "c"] {
            frames.put(&mut all, name, Json::from(name));
        }
        assert_eq!(
            Json::Object(all).to_string(),
            r#"{"a.b":"a.b","c":"c","home":{"Full.Name":"home.Full.Name","inner":{"year":"home.inner.year"},"town":"home.town"}}"#
        );
    }
}
