//! The tables of words, one for each language that a definition names.
//!
//! Owns that each is made once and then stays: a page is drawn with a reference to it. Must not know
//! which texts there are.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{LazyLock, PoisonError, RwLock};

use super::locale::{self, Locale};
use super::said::Said;
use super::{COUNT, ENGLISH, PSEUDO, PSEUDO_TEXTS, TABLES};
use crate::limits;

/// The texts of a language, in the order of the methods: of a text one, of a list all, of a plural its
/// six forms or, in English, two.
pub(super) type Texts = [&'static [&'static str]; COUNT];

/// The words of a language, and how it writes.
pub(super) struct Table {
    /// The tag that it was made for.
    tag: String,
    pub(super) texts: &'static Texts,
    /// The texts are of this language: not English ones for want of others.
    pub(super) own: bool,
    pub(super) locale: Locale,
    /// Written from right to left.
    pub(super) rtl: bool,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.tag).finish()
    }
}

/// What was asked for so far, by tag: what an office says, and the table with it.
static SEEN: RwLock<BTreeMap<String, Vec<(Said, &'static Table)>>> = RwLock::new(BTreeMap::new());

static OF_ENGLISH: LazyLock<Table> = LazyLock::new(|| made("en", &Said::default()));

/// English, as the program says it.
pub(super) fn english() -> &'static Table {
    &OF_ENGLISH
}

/// The table for texts of this BCP 47 tag, with what an office says.
pub(super) fn of(tag: &str, said: &Said) -> &'static Table {
    if tag == "en" && said.is_empty() {
        return english();
    }
    let among = |seen: &BTreeMap<String, Vec<(Said, &'static Table)>>| {
        let all = seen.get(tag).into_iter().flatten();
        all.into_iter()
            .find(|(known, _)| known == said)
            .map(|(_, table)| *table)
    };
    let known = among(&SEEN.read().unwrap_or_else(PoisonError::into_inner));
    known.unwrap_or_else(|| {
        let mut seen = SEEN.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = among(&seen) {
            return table;
        }
        if seen.values().map(Vec::len).sum::<usize>() >= limits::LANGUAGES {
            return english();
        }
        // Never given back: there are as many as languages and wordings that were ever read.
        let table: &'static Table = Box::leak(Box::new(made(tag, said)));
        seen.entry(tag.to_owned()).or_default().push((said.clone(), table));
        table
    })
}

fn made(tag: &str, said: &Said) -> Table {
    let found = texts(tag);
    // Of a language that the CLDR does not know, as English.
    let locale = Locale::of(tag).or_else(|| Locale::of("en")).unwrap_or_default();
    Table {
        tag: tag.to_owned(),
        texts: said.put_into(found.unwrap_or(&ENGLISH)),
        own: found.is_some() || !said.is_empty(),
        rtl: locale::is_rtl(tag),
        locale: if tag == PSEUDO {
            locale.marked("\u{27e6}", "\u{27e7}")
        } else {
            locale
        },
    }
}

/// The texts of the tag, else of its language.
fn texts(tag: &str) -> Option<&'static Texts> {
    if tag == PSEUDO {
        return Some(&PSEUDO_TEXTS);
    }
    let named = |tag: &str| {
        let mut all = TABLES.iter();
        all.find(|(name, _)| name.eq_ignore_ascii_case(tag))
            .map(|(_, texts)| *texts)
    };
    let primary = tag.split('-').next().unwrap_or_default();
    named(tag).or_else(|| named(primary))
}
