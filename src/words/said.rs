//! What an office says in place of the program's words, or in a language for which there are none.
//!
//! Owns what such a text must be: plain, with the values of the program's own, with the forms of its
//! language. Must not know files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::table::{self, Texts};
use super::{ENGLISH, FORMS, KEPT, LOWERED, NAMES, Shape, Words};
use crate::limits;

/// The English table, with its comments.
const SOURCE: &str = include_str!("../../templates/words/en.toml");

/// The text that says what becomes of a label's first letter.
const CASE: &str = "label.case";

/// A text as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// One text.
    Text(String),
    /// A list of them.
    List(Vec<String>),
    /// The forms of a plural, by name.
    Forms(BTreeMap<String, String>),
}

/// Why a text cannot stand in place of the program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What is wrong, in one line.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// What an office says in one language, by the place of each text in a table. Cheap to clone, and to compare
/// with its clone: a table is looked for by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said(Arc<BTreeMap<usize, Vec<String>>>);

/// The words of the program in all languages, with what an office says in their place. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary(Option<Arc<BTreeMap<String, Said>>>);

/// A table to begin a file with, as `site.TAG.toml` has it: what the program says in the language of a tag, or in
/// English, line by line behind `#`, with the comments of the English one.
pub fn beginning(tag: &str) -> String {
    let words = Words::of(tag);
    let mut out = String::new();
    let mut section = "";
    for line in SOURCE.lines().skip_while(|line| !line.starts_with('[')) {
        let name = line.split_once(" = ").map_or("", |(name, _)| name);
        let full = format!("{section}.{name}");
        let _written = if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            writeln!(out, "[words.{section}]")
        } else if let Some(at) = NAMES.iter().position(|(known, _)| *known == full) {
            writeln!(out, "#{name} = {}", value(tag, at, words.list(at)))
        } else {
            writeln!(out, "{line}")
        };
    }
    out
}

/// An entry of a table as TOML has it.
fn value(tag: &str, at: usize, texts: &[&str]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let form = |form: &&str| {
        let place = FORMS.iter().position(|known| known == form).unwrap_or_default();
        let text = match texts {
            [one, _] if *form == "one" => one,
            [_, other] => other,
            texts => texts.get(place).unwrap_or(&""),
        };
        format!("{form} = {}", quoted(text))
    };
    match NAMES.get(at) {
        Some((_, Shape::List)) => {
            let all: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
            format!("[{}]", all.join(", "))
        }
        Some((_, Shape::Plural)) => {
            let forms: Vec<_> = forms_of(tag).iter().map(form).collect();
            format!("{{ {} }}", forms.join(", "))
        }
        _ => quoted(texts.first().copied().unwrap_or_default()),
    }
}

/// The names of all texts: `enter.date`.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    NAMES.iter().map(|(name, _)| *name)
}

impl Said {
    /// Takes a text up, by its name, as one of the language of a tag.
    ///
    /// # Errors
    /// Why it cannot stand there.
    pub fn take(&mut self, tag: &str, name: &str, written: Written) -> Result<(), Misfit> {
        let Some(at) = NAMES.iter().position(|(known, _)| *known == name) else {
            return Err(misfit(
                format!("the program has no text `{name}`"),
                "take it out".to_owned(),
            ));
        };
        let shape = NAMES.get(at).map_or(Shape::Text, |(_, shape)| *shape);
        let texts = match (written, shape) {
            (Written::Text(text), Shape::Text) => vec![text],
            (Written::List(texts), Shape::List) => texts,
            (Written::Forms(forms), Shape::Plural) => formed(tag, name, forms)?,
            (_, Shape::Text) => return Err(misfit(format!("`{name}` is one text"), "write it in quotes".to_owned())),
            (_, Shape::List) => {
                let help = "write texts in quotes between [ and ], parted by commas".to_owned();
                return Err(misfit(format!("`{name}` is a list of texts"), help));
            }
            (_, Shape::Plural) => {
                let forms = forms_of(tag).into_iter().map(|form| format!("{form} = \"...\""));
                let help = format!("write {{ {} }}", forms.collect::<Vec<_>>().join(", "));
                return Err(misfit(format!("`{name}` has a form for each kind of number"), help));
            }
        };
        let english = ENGLISH.get(at).copied().unwrap_or_default();
        for text in texts.iter().filter(|text| shape != Shape::Plural || !text.is_empty()) {
            judge(name, text, english, shape)?;
        }
        Arc::make_mut(&mut self.0).insert(at, texts);
        Ok(())
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the texts that the language of a tag then lacks; none where the program has them.
    pub fn lacks(&self, tag: &str) -> Vec<&'static str> {
        if Words::of(tag).are_own() {
            return Vec::new();
        }
        let all = names().enumerate().filter(|(at, _)| !self.0.contains_key(at));
        all.map(|(_, name)| name).collect()
    }

    /// Each text by its name, as the program says it in the language of a tag (or in English) and as it is
    /// said here.
    pub fn beside(&self, tag: &str) -> Vec<(&'static str, String, String)> {
        let words = Words::of(tag);
        let shown = |texts: &[&str]| {
            let mut texts: Vec<_> = texts.iter().copied().filter(|text| !text.is_empty()).collect();
            texts.dedup();
            texts.join(" / ")
        };
        let each = |(at, theirs): (&usize, &Vec<String>)| {
            let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
            let (name, _) = NAMES.get(*at)?;
            Some((*name, shown(words.list(*at)), shown(&theirs)))
        };
        self.0.iter().filter_map(each).collect()
    }

    /// The same over what another says.
    fn over(&self, other: &Self) -> Self {
        let mut all = BTreeMap::clone(&other.0);
        all.extend(BTreeMap::clone(&self.0));
        Self(Arc::new(all))
    }

    /// A table with these texts in place of its own. Stays for ever.
    pub(super) fn put_into(&self, texts: &'static Texts) -> &'static Texts {
        if self.is_empty() {
            return texts;
        }
        let mut own = Box::new(*texts);
        for (at, said) in &*self.0 {
            if let Some(place) = own.get_mut(*at) {
                let said: Vec<&'static str> = said.iter().map(|text| &*text.clone().leak()).collect();
                *place = said.leak();
            }
        }
        Box::leak(own)
    }
}

impl Vocabulary {
    /// The program's own.
    pub const OWN: Self = Self(None);

    /// Of what is said in each language, by its tag.
    pub fn new(said: BTreeMap<String, Said>) -> Self {
        Self((!said.is_empty()).then(|| Arc::new(said)))
    }

    /// The words for texts of this BCP 47 tag. See [`Words::of`].
    pub fn of(&self, tag: &str) -> Words {
        let primary = tag.split('-').next().unwrap_or_default();
        let said = |tag| self.0.as_ref().and_then(|all| all.get(tag));
        Words(match (said(tag), said(primary)) {
            (Some(own), Some(general)) if tag != primary => table::of(tag, &own.over(general)),
            (Some(said), _) | (None, Some(said)) => table::of(tag, said),
            (None, None) => table::of(tag, &Said::default()),
        })
    }
}

/// The forms of numbers that the language of a tag has.
fn forms_of(tag: &str) -> Vec<&'static str> {
    let forms = Words::of(tag).0.locale.forms();
    let all = FORMS.iter().enumerate();
    all.filter(|(at, _)| forms.contains(at))
        .map(|(_, form)| *form)
        .collect()
}

/// The forms of a plural in the places of a table.
fn formed(tag: &str, name: &str, mut forms: BTreeMap<String, String>) -> Result<Vec<String>, Misfit> {
    let known = forms_of(tag);
    let help = || format!("{tag} has: {}", known.join(", "));
    if let Some(form) = known.iter().find(|form| !forms.contains_key(**form)) {
        return Err(misfit(format!("`{name}` lacks the form `{form}`"), help()));
    }
    // Of parts of one, which are never counted here, a language may have a form of its own.
    let taken = |form: &&str| known.contains(form) || **form == *"other";
    let texts: Vec<Option<String>> = FORMS
        .iter()
        .map(|form| taken(form).then(|| forms.remove(*form)).flatten())
        .collect();
    if let Some((strange, _)) = forms.first_key_value() {
        return Err(misfit(
            format!("`{name}` has a form `{strange}`, which is none"),
            help(),
        ));
    }
    for (form, text) in FORMS.iter().zip(&texts) {
        if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
            return Err(misfit(
                format!("`{form}` of `{name}` says nothing"),
                "write what people are to read".to_owned(),
            ));
        }
    }
    Ok(texts.into_iter().map(Option::unwrap_or_default).collect())
}

/// Whether a text is plain and has the values of the program's own.
fn judge(name: &str, text: &str, english: &[&str], shape: Shape) -> Result<(), Misfit> {
    let one_line = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let turning =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let fault = if text.trim().is_empty() {
        (
            "says nothing",
            "write what people are to read, or take it out: then the program's own stands",
        )
    } else if text.chars().any(one_line) {
        ("must be one line", "take the breaks out")
    } else if text.chars().any(turning) {
        (
            "has a mark that turns the direction of words",
            "take it out: pages see to that themselves",
        )
    } else if text.chars().count() > limits::WORDS_CHARS {
        ("is too long", "shorten it")
    } else if name == CASE && ![KEPT, LOWERED].contains(&text) {
        (
            "is `lower` or `keep`",
            "`keep`, where a label is quoted or keeps its first letter inside a sentence",
        )
    } else {
        let (wanted, found) = (values(english.iter().copied(), shape), values([text], shape));
        return match wanted.symmetric_difference(&found).next() {
            None => Ok(()),
            Some(value) => {
                let all: Vec<_> = wanted.iter().map(|value| format!("{{{value}}}")).collect();
                let help = match all.as_slice() {
                    [] => format!("it has no values; the program says: {}", english.join(" / ")),
                    all => format!(
                        "keep exactly {}; the program says: {}",
                        all.join(", "),
                        english.join(" / ")
                    ),
                };
                let has = if found.contains(value) { "cannot have" } else { "lacks" };
                Err(misfit(format!("`{name}` {has} {{{value}}}"), help))
            }
        };
    };
    Err(misfit(format!("`{name}` {}", fault.0), fault.1.to_owned()))
}

/// The names in braces, but for the number of a plural.
fn values<'a>(texts: impl IntoIterator<Item = &'a str>, shape: Shape) -> BTreeSet<&'a str> {
    let all = texts.into_iter().flat_map(|text| text.split('{').skip(1));
    let names = all.map(|piece| piece.split_once('}').map_or(piece, |(name, _)| name));
    names.filter(|name| shape != Shape::Plural || *name != "n").collect()
}

fn misfit(message: String, help: String) -> Misfit {
    Misfit { message, help }
}
