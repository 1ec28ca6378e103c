//! Names with dots as JSON has them: objects in objects.
//!
//! Owns which names are taken apart: those of fields that lie in calls and groups, never a name that
//! an author gave. Must not know what is sent or exported.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

/// What stands before the names of a flow's calls and groups in use: `home.`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames(pub(super) BTreeSet<String>);

impl Frames {
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
    use super::*;

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
