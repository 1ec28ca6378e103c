//! The program's own words for people, by name.
//!
//! Owns [`Words`]: a method per text of `templates/words/en.toml`, made when the program is built.
//! Values of a text are given in the order of the alphabet. Must not know where the words stand.

use std::fmt::{Display, Write as _};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The words of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(&'static [&'static [&'static str]; COUNT]);

/// The language of who looks for words that are not in the table: English, in brackets. (Windows' own
/// name for such a language.)
const MARKS: &str = "qps-ploc";

impl Default for Words {
    fn default() -> Self {
        Self::english()
    }
}

impl Words {
    /// The words for texts of this BCP 47 tag: English ones, as there are no others yet.
    pub fn of(lang: &str) -> Self {
        Self(if lang == MARKS { &MARKED } else { &ENGLISH })
    }

    /// Where no language is known.
    pub fn english() -> Self {
        Self(&ENGLISH)
    }

    fn list(self, at: usize) -> &'static [&'static str] {
        self.0.get(at).copied().unwrap_or_default()
    }

    fn text(self, at: usize) -> &'static str {
        self.list(at).first().copied().unwrap_or_default()
    }

    fn filled(self, at: usize, values: &[(&str, &dyn Display)]) -> String {
        fill(self.text(at), values)
    }

    /// The form for this number, as English has them.
    fn counted(self, at: usize, n: impl TryInto<u64>, values: &[(&str, &dyn Display)]) -> String {
        let n = n.try_into().unwrap_or(u64::MAX);
        let form = self.list(at).get(usize::from(n != 1)).copied().unwrap_or_default();
        let all: Vec<_> = values.iter().copied().chain([("n", &n as &dyn Display)]).collect();
        fill(form, &all)
    }
}

/// Puts the values in place of their names in braces.
fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(text.len() + 40);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        rest = match after.split_once('}') {
            Some((name, after)) => {
                if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                    // Displays of ours do not fail.
                    write!(out, "{value}").unwrap_or_default();
                }
                after
            }
            None => after,
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_text_has_them() {
        let values: &[(&str, &dyn Display)] = &[("a", &1), ("b", &"{a}")];
        assert_eq!(fill("{b} before {a}, {a}", values), "{a} before 1, 1");
        assert_eq!(fill("none", values), "none");
    }
}
