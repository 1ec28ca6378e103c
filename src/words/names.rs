//! Names of months and of the days of the week, as a language has them and as people type them.
//!
//! Owns which name a typed word is. Must not know where the names come from.

/// The names of a language, in all their forms.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// As they stand alone.
    alone: Vec<String>,
    /// As they stand in a date.
    inside: Vec<String>,
    /// Words in small letters, parted by single spaces; each name in all its forms.
    wide: Vec<Vec<String>>,
    /// The same of abbreviations.
    short: Vec<Vec<String>>,
    /// How many words the longest name has.
    longest: usize,
}

impl Names {
    /// The names alone and as they stand in a date, and the abbreviations of both.
    pub(super) fn new(
        lower: impl Fn(&str) -> String,
        [alone, inside, short_alone, short_inside]: [Vec<String>; 4],
    ) -> Self {
        // As typed words are compared with it.
        let plain = |name: &String| runs(&lower(name)).join(" ");
        let both = |names: &[String], others: &[String]| {
            let pairs = names.iter().zip(others);
            pairs.map(|(one, other)| vec![plain(one), plain(other)]).collect()
        };
        let wide: Vec<Vec<String>> = both(&alone, &inside);
        let short: Vec<Vec<String>> = both(&short_alone, &short_inside);
        let count = |name: &String| name.split(' ').count();
        Self {
            longest: wide.iter().chain(&short).flatten().map(count).max().unwrap_or(1),
            wide,
            short,
            alone,
            inside,
        }
    }

    /// A name as it stands alone.
    pub(crate) fn alone(&self, at: usize) -> &str {
        self.alone.get(at).map_or("", String::as_str)
    }

    /// All names as they are written.
    pub(crate) fn written(&self) -> impl Iterator<Item = &str> {
        self.alone.iter().chain(&self.inside).map(String::as_str)
    }

    /// Which of them words name that stand in small letters with single spaces: the whole name, its
    /// abbreviation, or the first three letters of it or more, where no other begins so.
    pub(crate) fn named(&self, typed: &str) -> Option<usize> {
        let whole = |at: usize| {
            let all = [&self.wide, &self.short].into_iter();
            all.filter_map(|names| names.get(at))
                .flatten()
                .any(|name| name == typed)
        };
        let begins = |at: usize| {
            let names = self.wide.get(at).into_iter().flatten();
            names.into_iter().any(|name| name.starts_with(typed))
        };
        let all = 0..self.wide.len();
        let only = |found: Vec<usize>| match found.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        only(all.clone().filter(|at| whole(*at)).collect()).or_else(|| {
            let long = typed.chars().count() >= 3;
            only(all.filter(|at| long && begins(*at)).collect())
        })
    }

    /// How many words the longest name has.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// The words of a text of a date that are not of this name.
    pub(super) fn without(&self, at: usize, text: &str) -> Vec<String> {
        let mut rest = text.to_owned();
        for name in [self.inside.get(at), self.alone.get(at)].into_iter().flatten() {
            rest = rest.replacen(name.as_str(), " ", 1);
        }
        let words = runs(&rest).into_iter();
        words
            .filter(|word| word.starts_with(char::is_alphabetic))
            .map(|word| word.to_lowercase())
            .collect()
    }

    pub(super) fn mark(&mut self, open: &str, close: &str) {
        for name in &mut self.alone {
            *name = format!("{open}{name}{close}");
        }
    }
}

/// Runs of letters and runs of figures, whatever parts them.
pub(crate) fn runs(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in text.chars() {
        let joined = c.is_ascii_digit() == before.is_ascii_digit() && before.is_alphanumeric();
        if c.is_alphanumeric() {
            match runs.last_mut().filter(|_| joined) {
                Some(word) => word.push(c),
                None => runs.push(c.to_string()),
            }
        }
        before = c;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_names_what_no_other_begins_with() {
        let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let wide = all(&["mars", "juin", "juillet", "tháng 3"]);
        let short = all(&["mars", "juin", "juil.", "thg 3"]);
        let names = Names::new(str::to_lowercase, [wide.clone(), wide, short.clone(), short]);
        assert_eq!(names.named("mar"), Some(0));
        assert_eq!(names.named("ma"), None);
        assert_eq!(names.named("jui"), None);
        assert_eq!(names.named("juil"), Some(2));
        assert_eq!(names.named("juin"), Some(1));
        assert_eq!(names.named("thg 3"), Some(3));
        assert_eq!(names.longest(), 2);
    }
}
