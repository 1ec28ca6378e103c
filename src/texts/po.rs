//! Texts as gettext's PO: what most tools of translators read and write.
//!
//! Owns that form, written and read; the crates for it panic on files that are cut off, or lose what a text was before.
//! Must not know what becomes of what was read.

use std::fmt::Write as _;

use super::{Came, Entry, State};

/// What is wrong with a file that comes back, and in which of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// In one line.
    pub message: String,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The language that the file says it is in.
    pub language: Option<String>,
    /// It is CSV: a text that was changed there has been looked at, whatever its state says.
    pub is_sheet: bool,
    /// Its texts, in its order.
    pub texts: Vec<Came>,
}

/// The whole file, of a flow with that title in that language.
pub fn write(title: &str, language: &str, entries: &[Entry]) -> String {
    let mut out = String::new();
    let head = format!(
        "Project-Id-Version: {}\nPO-Revision-Date: \nLast-Translator: \nLanguage-Team: \nLanguage: {language}\nMIME-Version: 1.0\nContent-Type: text/plain; \
         charset=UTF-8\nContent-Transfer-Encoding: 8bit\nX-Generator: deity\n",
        title.split_whitespace().collect::<Vec<_>>().join(" ")
    );
    line(&mut out, "msgid", "");
    line(&mut out, "msgstr", &head);
    for entry in entries {
        out.push('\n');
        for note in std::iter::once(entry.place.as_str()).chain(entry.notes.iter().copied()) {
            // A string takes whatever is written into it.
            let _ = writeln!(out, "#. {note}");
        }
        let _ = writeln!(out, "#: {}", reference(&entry.file, entry.line));
        if entry.state() == State::Stale {
            out.push_str("#, fuzzy\n");
            if let Some(previous) = entry.previous() {
                let mut was = String::new();
                line(&mut was, "msgid", &previous);
                for line in was.lines() {
                    let _ = writeln!(out, "#| {line}");
                }
            }
        }
        line(&mut out, "msgctxt", &entry.key);
        line(&mut out, "msgid", &entry.original());
        line(&mut out, "msgstr", &entry.translation());
    }
    out
}

/// A file's name that has a space stands between marks, as gettext has it.
fn reference(file: &str, line: usize) -> String {
    if file.contains(char::is_whitespace) {
        format!("\u{2068}{}\u{2069}:{line}", file.replace(char::is_control, " "))
    } else {
        format!("{file}:{line}")
    }
}

/// A keyword and its string; of several lines each on its own.
fn line(out: &mut String, keyword: &str, text: &str) {
    out.push_str(keyword);
    out.push(' ');
    let mut lines = text.split_inclusive('\n').peekable();
    let first = if text.contains('\n') { None } else { lines.next() };
    for line in std::iter::once(first.unwrap_or_default()).chain(lines) {
        out.push('"');
        for c in line.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                c => out.push(c),
            }
        }
        out.push_str("\"\n");
    }
}

/// What a string of the file stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keyword {
    Context,
    Id,
    Text,
    Previous,
    /// It was told, and is of no use here.
    Unused,
}

#[derive(Default)]
struct Reading {
    read: Read,
    context: Option<String>,
    id: Option<String>,
    text: Option<String>,
    previous: Option<String>,
    fuzzy: bool,
    /// Where the text begins.
    line: usize,
    keyword: Option<Keyword>,
}

/// Reads a file, however its lines end and are wrapped.
///
/// # Errors
/// The first line that is no PO, or has what texts of flows cannot have: forms of plural, control characters.
pub fn read(file: &str) -> Result<Read, Fault> {
    let mut reading = Reading::default();
    let file = file.strip_prefix('\u{feff}').unwrap_or(file);
    for (n, line) in file.split('\n').enumerate() {
        let told = reading.line(n + 1, line.trim());
        told.map_err(|message| Fault { line: n + 1, message })?;
    }
    let last = reading.line;
    reading.end().map_err(|message| Fault { line: last, message })?;
    Ok(reading.read)
}

impl Reading {
    fn line(&mut self, n: usize, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with("#~") {
            return self.over();
        }
        if let Some(remark) = line.strip_prefix('#') {
            self.over()?;
            return self.remark(remark);
        }
        if line.starts_with('"') {
            let keyword = self.keyword.ok_or("a string of nothing stands here")?;
            return self.add(keyword, line);
        }
        let (name, string) = parted(line);
        let keyword = match name {
            "msgctxt" => {
                self.over()?;
                Keyword::Context
            }
            "msgid" => {
                self.over()?;
                Keyword::Id
            }
            "msgstr" => Keyword::Text,
            "msgid_plural" => return Err("texts of flows have no forms of plural of their own".to_owned()),
            _ => return Err("this is no line of a PO file".to_owned()),
        };
        if self.line == 0 {
            self.line = n;
        }
        if self.slot(keyword).is_some_and(|slot| slot.is_some()) {
            return Err(format!("a second {name} of one text"));
        }
        self.keyword = Some(keyword);
        self.add(keyword, string)
    }

    /// A text whose translation was read is over when something else begins.
    fn over(&mut self) -> Result<(), String> {
        if self.text.is_some() {
            return self.end();
        }
        Ok(())
    }

    fn remark(&mut self, remark: &str) -> Result<(), String> {
        if let Some(flags) = remark.strip_prefix(',') {
            self.fuzzy |= flags.split(',').any(|flag| flag.trim() == "fuzzy");
        }
        let Some(before) = remark.strip_prefix('|').map(str::trim) else {
            return Ok(());
        };
        if before.starts_with('"') {
            return self.add(self.keyword.unwrap_or(Keyword::Unused), before);
        }
        let (name, string) = parted(before);
        let keyword = if name == "msgid" {
            Keyword::Previous
        } else {
            Keyword::Unused
        };
        self.keyword = Some(keyword);
        self.add(keyword, string)
    }

    fn slot(&mut self, keyword: Keyword) -> Option<&mut Option<String>> {
        match keyword {
            Keyword::Context => Some(&mut self.context),
            Keyword::Id => Some(&mut self.id),
            Keyword::Text => Some(&mut self.text),
            Keyword::Previous => Some(&mut self.previous),
            Keyword::Unused => None,
        }
    }

    fn add(&mut self, keyword: Keyword, string: &str) -> Result<(), String> {
        let words = unquoted(string)?;
        if let Some(slot) = self.slot(keyword) {
            slot.get_or_insert_default().push_str(&words);
        }
        Ok(())
    }

    /// Takes the text that was read.
    fn end(&mut self) -> Result<(), String> {
        let read = std::mem::take(&mut self.read);
        let was = std::mem::replace(
            self,
            Self {
                read,
                ..Self::default()
            },
        );
        let (Some(original), Some(translation)) = (was.id, was.text) else {
            let begun = was.line > 0;
            return if begun {
                Err("this text is cut off".to_owned())
            } else {
                Ok(())
            };
        };
        if original.is_empty() && was.context.is_none() {
            return self.head(&translation);
        }
        self.read.texts.push(Came {
            key: was.context.unwrap_or_default(),
            original,
            translation,
            fuzzy: was.fuzzy,
            previous: was.previous,
            line: was.line,
        });
        Ok(())
    }

    fn head(&mut self, head: &str) -> Result<(), String> {
        for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("language") && !value.is_empty() {
                self.read.language = Some(value.to_owned());
            }
            let charset = value.split_once("charset=").map(|(_, charset)| charset.trim());
            if name.eq_ignore_ascii_case("content-type")
                && charset.is_some_and(|charset| !charset.eq_ignore_ascii_case("utf-8"))
            {
                return Err("the file says that it is not in UTF-8: save it so".to_owned());
            }
        }
        Ok(())
    }
}

/// The name of a keyword, and the string behind it.
fn parted(line: &str) -> (&str, &str) {
    let (name, string) = line.split_at(line.find([' ', '\t', '"']).unwrap_or(line.len()));
    (name, string.trim())
}

/// What stands between quotes.
fn unquoted(string: &str) -> Result<String, String> {
    let inner = string.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.ok_or("this string is not between quotes")?;
    let mut words = String::with_capacity(inner.len());
    let mut signs = inner.chars();
    while let Some(c) = signs.next() {
        match c {
            '"' => return Err("a quote within a string is written \\\"".to_owned()),
            '\\' => words.push(match signs.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(c @ ('"' | '\\')) => c,
                Some(c) => return Err(format!("\\{c} stands for nothing here")),
                None => return Err("this string is not between quotes".to_owned()),
            }),
            c => words.push(c),
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_tools_write_it() {
        let file = "\u{feff}# Somebody\r\nmsgid \"\"\r\nmsgstr \"\"\r\n\"Language: cy\\n\"\r\n\r\n#. a note\r\n#: a.toml:1\r\n#, \
                    fuzzy, c-format\r\n#| msgctxt \"x\"\r\n#| msgid \"\"\r\n#| \"One \"\r\n#| \"was\"\r\nmsgctxt \
                    \"title\"\r\nmsgid \"\"\r\n\"One \"\r\n\"two\\n\"\r\nmsgstr \"Un\\tdau \\\"x\\\"\"\r\nmsgctxt \
                    \"b\"\r\nmsgid \"B\"\r\nmsgstr \"\"\r\n#~ msgid \"gone\"\r\n#~ msgstr \"gone\"\r\n";
        let read = read(file).unwrap();
        assert_eq!(read.language.as_deref(), Some("cy"));
        let came = |key: &str, original: &str, translation: &str, line| Came {
            key: key.to_owned(),
            original: original.to_owned(),
            translation: translation.to_owned(),
            fuzzy: false,
            previous: None,
            line,
        };
        let fuzzy = Came {
            fuzzy: true,
            previous: Some("One was".to_owned()),
            ..came("title", "One two\n", "Un\tdau \"x\"", 13)
        };
        assert_eq!(read.texts, [fuzzy, came("b", "B", "", 18)]);
    }

    #[test]
    fn what_is_no_po_is_told_with_its_line() {
        for (file, line) in [
            ("hello", 1),
            ("\"x\"", 1),
            ("msgid \"a\"\nmsgid_plural \"b\"", 2),
            ("msgid \"a\"\nmsgstr \"b", 2),
            ("msgid \"a\"\nmsgstr \"b\\\"", 2),
            ("msgid \"a\"\nmsgstr \"\\q\"", 2),
            ("msgid \"a\"\nmsgstr \"a\"b\"", 2),
            ("msgid \"a\"\nmsgid \"a\"", 2),
            ("msgid \"a\"\n", 1),
            ("msgid", 1),
            ("msgstr \"", 1),
            ("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=latin1\\n\"", 1),
        ] {
            assert_eq!(read(file).unwrap_err().line, line, "{file}");
        }
    }
}
