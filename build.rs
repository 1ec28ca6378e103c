//! Makes code of what is written as texts:
//! - of `templates/words/en.toml` a method of `Words` per text, so that a name that is not in the table, a
//!   text that nobody uses and a value that a text lacks are found by the compiler;
//! - of `templates/style.css` its parts, without comments and spaces.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, error, fs};

const TABLE: &str = "templates/words/en.toml";
const SHEET: &str = "templates/style.css";

/// A text, its forms or the items of a list.
struct Entry {
    name: String,
    texts: Vec<String>,
    shape: Shape,
}

enum Shape {
    Text,
    /// One form for 1, one for all other numbers.
    Plural,
    List,
}

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={TABLE}");
    let table: toml::Table = fs::read_to_string(TABLE)?
        .parse()
        .map_err(|fault| format!("{TABLE}: {fault}"))?;
    let mut entries = Vec::new();
    for (section, texts) in &table {
        let texts = texts.as_table().ok_or(format!("{TABLE}: {section} is no section"))?;
        for (name, value) in texts {
            let name = format!("{section}.{name}");
            entries.push(entry(name, value)?);
        }
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("words.rs"), code(&entries)?)?;
    println!("cargo::rerun-if-changed={SHEET}");
    fs::write(Path::new(&out).join("style.rs"), parts(&fs::read_to_string(SHEET)?)?)?;
    Ok(())
}

/// The parts of the style sheet: whether only the whole dress has one, whether few flows need it, its marks, its rules.
fn parts(sheet: &str) -> Result<String, Box<dyn error::Error>> {
    let mut out = "const PARTS: &[Part] = &[\n".to_owned();
    for part in sheet.split("/*@").skip(1) {
        let (head, rules) = part.split_once("*/").ok_or("a part without an end of its comment")?;
        let (whole, marks) = after_word(head, "whole");
        let (rare, marks) = after_word(marks, "rare");
        // As in JSON: `\"` in a mark is a quotation mark.
        let marks = marks.trim().replace("\" \"", "\", \"");
        writeln!(
            out,
            "    Part {{ whole: {whole}, rare: {rare}, marks: &[{marks}], rules: {:?} }},",
            squeezed(rules)
        )?;
    }
    out.push_str("];\n");
    Ok(out)
}

/// Whether the head of a part begins with this word, and what follows.
fn after_word<'a>(head: &'a str, word: &str) -> (bool, &'a str) {
    match head.trim().strip_prefix(word) {
        Some(rest) => (true, rest),
        None => (false, head),
    }
}

/// Rules without comments, and without spaces where none is needed: around `{};,>` always, behind a colon
/// within braces.
fn squeezed(rules: &str) -> String {
    let mut bare = String::new();
    let mut rest = rules;
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    let mut out = String::new();
    let mut depth = 0_usize;
    for word in bare.split_whitespace() {
        let glued = out.ends_with(['{', '}', ';', ',', '>', '+']) || word.starts_with(['{', '}', ';', ',', '>', '+']);
        // `50% - 17em` keeps its spaces, and so does a space between two selectors.
        let declared = depth > 0 && out.ends_with(':');
        if !out.is_empty() && !glued && !declared {
            out.push(' ');
        }
        depth += word.matches('{').count();
        depth = depth.saturating_sub(word.matches('}').count());
        out.push_str(word);
    }
    out.replace(";}", "}")
}

fn entry(name: String, value: &toml::Value) -> Result<Entry, String> {
    let text = |value: &toml::Value| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or(format!("{TABLE}: {name} is no text"))
    };
    let (texts, shape) = match value {
        toml::Value::Array(items) => (items.iter().map(text).collect::<Result<_, _>>()?, Shape::List),
        toml::Value::Table(forms) => {
            let form = |form: &str| forms.get(form).ok_or(format!("{TABLE}: {name} lacks {form}"));
            (vec![text(form("one")?)?, text(form("other")?)?], Shape::Plural)
        }
        value => (vec![text(value)?], Shape::Text),
    };
    Ok(Entry { name, texts, shape })
}

/// The table, and a method for each entry. Values are in the order of the alphabet, so that another
/// order in the text changes no caller.
fn code(entries: &[Entry]) -> Result<String, std::fmt::Error> {
    let mut out = format!("/// How many there are.\nconst COUNT: usize = {};\n\n", entries.len());
    for (table, open, close) in [("ENGLISH", "", ""), ("MARKED", "\u{27e6}", "\u{27e7}")] {
        writeln!(out, "const {table}: [&[&str]; COUNT] = [")?;
        for entry in entries {
            let texts = entry.texts.iter().map(|text| format!("{open}{text}{close}"));
            writeln!(out, "    &{:?},", texts.collect::<Vec<_>>())?;
        }
        out.push_str("];\n\n");
    }
    out.push_str("impl Words {\n");
    for (at, entry) in entries.iter().enumerate() {
        let method = entry.name.replace(['.', '-'], "_");
        let doc = entry.texts.first().map_or("", String::as_str).replace(['`', '\n'], " ");
        writeln!(out, "    /// `{doc}`")?;
        let values = values(&entry.texts);
        let parameters: Vec<_> = values.iter().map(|value| format!(", {value}: impl Display")).collect();
        let parameters = parameters.concat();
        let given: Vec<_> = values.iter().map(|value| format!("({value:?}, &{value})")).collect();
        let given = given.join(", ");
        match entry.shape {
            Shape::List => writeln!(
                out,
                "    pub(crate) fn {method}(self) -> &'static [&'static str] {{ self.list({at}) }}"
            )?,
            Shape::Plural => writeln!(
                out,
                "    pub(crate) fn {method}(self, n: impl TryInto<u64>{parameters}) -> String {{ self.counted({at}, n, &[{given}]) }}"
            )?,
            Shape::Text if values.is_empty() => {
                writeln!(
                    out,
                    "    pub(crate) fn {method}(self) -> &'static str {{ self.text({at}) }}"
                )?;
            }
            Shape::Text => writeln!(
                out,
                "    pub(crate) fn {method}(self{parameters}) -> String {{ self.filled({at}, &[{given}]) }}"
            )?,
        }
    }
    out.push_str("}\n");
    Ok(out)
}

/// The names in braces of all forms, but for the number of a plural.
fn values(texts: &[String]) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for text in texts {
        for piece in text.split('{').skip(1) {
            if let Some((name, _)) = piece.split_once('}') {
                found.insert(name);
            }
        }
    }
    found.remove("n");
    found
}
