//! Makes code of what is written as texts:
//! - of `templates/words/en.toml` a method of `Words` per text, so that a name that is not in the table, a
//!   text that nobody uses and a value that a text lacks are found by the compiler; of each other file there
//!   a table, if it has exactly the same texts with the same values;
//! - of `templates/style.css` its parts, without comments and spaces.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, error, fs};

/// The tables of words, `TAG.toml`.
const TABLES: &str = "templates/words";
/// The one that the others are held against.
const ENGLISH: &str = "en";
/// The forms of a plural, in the order in which all languages but English have them.
const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
const SHEET: &str = "templates/style.css";

/// A text, its forms or the items of a list.
#[derive(Debug)]
struct Entry {
    name: String,
    texts: Vec<String>,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    /// In English one form for 1, one for all other numbers; elsewhere six, empty where there is none.
    Plural,
    List,
}

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={TABLES}");
    let english = read(ENGLISH)?;
    let mut others = Vec::new();
    for tag in tags()?.into_iter().filter(|tag| tag != ENGLISH) {
        let table = read(&tag)?;
        others.push((
            like(&english, table).map_err(|fault| format!("{TABLES}/{tag}.toml {fault}"))?,
            tag,
        ));
    }
    let out = env::var("OUT_DIR")?;
    let code = code(&english, &others)?;
    fs::write(Path::new(&out).join("words.rs"), code)?;
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

/// The tags of all tables, sorted.
fn tags() -> Result<Vec<String>, Box<dyn error::Error>> {
    let mut tags = Vec::new();
    for file in fs::read_dir(TABLES)? {
        let name = file?.file_name();
        tags.extend(name.to_string_lossy().strip_suffix(".toml").map(str::to_owned));
    }
    tags.sort();
    Ok(tags)
}

fn read(tag: &str) -> Result<Vec<Entry>, Box<dyn error::Error>> {
    let file = format!("{TABLES}/{tag}.toml");
    let table: toml::Table = fs::read_to_string(&file)?
        .parse()
        .map_err(|fault| format!("{file}: {fault}"))?;
    let mut entries = Vec::new();
    for (section, texts) in &table {
        let texts = texts.as_table().ok_or(format!("{file}: {section} is no section"))?;
        for (name, value) in texts {
            let name = format!("{section}.{name}");
            entries.push(entry(name, value, tag == ENGLISH).map_err(|fault| format!("{file}: {fault}"))?);
        }
    }
    Ok(entries)
}

fn entry(name: String, value: &toml::Value, english: bool) -> Result<Entry, String> {
    let text = |value: &toml::Value| value.as_str().map(str::to_owned).ok_or(format!("{name} is no text"));
    let (texts, shape) = match value {
        toml::Value::Array(items) => (items.iter().map(text).collect::<Result<_, _>>()?, Shape::List),
        toml::Value::Table(forms) => {
            if let Some((strange, _)) = forms.iter().find(|(form, _)| !FORMS.contains(&form.as_str())) {
                return Err(format!("{name} has {strange}, which is no form of a plural"));
            }
            let lacks = |form: &str| format!("{name} lacks {form}");
            let form = |form: &str| forms.get(form).map_or(Ok(String::new()), text);
            let all = if english { &["one", "other"][..] } else { &FORMS };
            let must = all.iter().filter(|form| english || **form == "other");
            if let Some(missing) = must.copied().find(|form| !forms.contains_key(*form)) {
                return Err(lacks(missing));
            }
            (
                all.iter().map(|name| form(name)).collect::<Result<_, _>>()?,
                Shape::Plural,
            )
        }
        value => (vec![text(value)?], Shape::Text),
    };
    Ok(Entry { name, texts, shape })
}

/// A table in the order of the English one: the same texts, of the same shape, with the same values.
fn like(english: &[Entry], mut table: Vec<Entry>) -> Result<Vec<Entry>, String> {
    let mut all = Vec::new();
    for model in english {
        let name = &model.name;
        let at = table.iter().position(|entry| entry.name == *name);
        let entry = table.remove(at.ok_or(format!("lacks {name}"))?);
        if entry.shape != model.shape {
            return Err(format!("has {name} as {:?}, not as {:?}", entry.shape, model.shape));
        }
        let expected = values(&model.texts);
        for text in entry
            .texts
            .iter()
            .filter(|text| entry.shape != Shape::Plural || !text.is_empty())
        {
            let found = values(std::slice::from_ref(text));
            if found != expected {
                return Err(format!("has {name} with {found:?}, not {expected:?}"));
            }
        }
        all.push(entry);
    }
    match table.first() {
        Some(entry) => Err(format!("has {}, which English has not", entry.name)),
        None => Ok(all),
    }
}

/// The table, and a method for each entry. Values are in the order of the alphabet, so that another
/// order in the text changes no caller.
fn code(entries: &[Entry], others: &[(Vec<Entry>, String)]) -> Result<String, std::fmt::Error> {
    let mut out = format!("/// How many there are.\nconst COUNT: usize = {};\n\n", entries.len());
    table(&mut out, "static ENGLISH", entries, ("", ""))?;
    table(&mut out, "static PSEUDO_TEXTS", entries, ("\u{27e6}", "\u{27e7}"))?;
    let mut tables = vec![format!("({ENGLISH:?}, &ENGLISH)")];
    for (entries, tag) in others {
        let name = format!("IN_{}", tag.to_uppercase().replace('-', "_"));
        table(&mut out, &format!("static {name}"), entries, ("", ""))?;
        tables.push(format!("({tag:?}, &{name})"));
    }
    let names = entries
        .iter()
        .map(|entry| format!("({:?}, Shape::{:?})", entry.name, entry.shape));
    let names = names.collect::<Vec<_>>().join(", ");
    writeln!(out, "static NAMES: [(&str, Shape); COUNT] = [{names}];\n")?;
    writeln!(out, "static TABLES: &[(&str, &Texts)] = &[{}];\n", tables.join(", "))?;
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

/// The texts of a language, each between these marks.
fn table(out: &mut String, name: &str, entries: &[Entry], (open, close): (&str, &str)) -> std::fmt::Result {
    writeln!(out, "{name}: Texts = [")?;
    for entry in entries {
        let texts = entry.texts.iter().map(|text| format!("{open}{text}{close}"));
        writeln!(out, "    &{:?},", texts.collect::<Vec<_>>())?;
    }
    out.push_str("];\n\n");
    Ok(())
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
