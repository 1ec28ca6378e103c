//! Lengths: a file is one thing, a function fits a page.

use super::{Source, none, sources};

/// Lines of a file; over `WARN` it is named.
const FILE: usize = 500;
const WARN: usize = 400;
/// Lines of a function, from its `fn` to its closing brace.
const FUNCTION: usize = 70;

/// Functions that are longer, with their present length: this list only ever gets shorter.
const RATCHET: &[(&str, &str, usize)] = &[];

#[test]
fn files_stay_under_500_lines() {
    let mut breaches = Vec::new();
    for file in all() {
        let lines = file.text.lines().count();
        if lines > FILE {
            breaches.push(format!("{}: {lines} lines", file.path));
        } else if lines > WARN {
            println!("over {WARN}: {}: {lines} lines", file.path);
        }
    }
    none("files of more than 500 lines (is each one thing?):", &breaches);
}

#[test]
fn functions_stay_under_70_lines() {
    let mut breaches = Vec::new();
    for file in all() {
        for (name, n, length) in functions(&file.text) {
            let most = RATCHET
                .iter()
                .find(|(path, function, _)| *path == file.path && *function == name)
                .map_or(FUNCTION, |(_, _, most)| *most);
            if length > most {
                breaches.push(format!("{}:{n}: {name} has {length} lines", file.path));
            }
        }
    }
    none(
        "functions of more than 70 lines (split by event, or by check):",
        &breaches,
    );
}

#[test]
fn the_ratchet_only_names_what_is_still_too_long() {
    let files = all();
    let mut breaches = Vec::new();
    for (path, name, most) in RATCHET {
        let longest = files
            .iter()
            .filter(|file| file.path == *path)
            .flat_map(|file| functions(&file.text))
            .filter(|(function, ..)| function == name)
            .map(|(_, _, length)| length)
            .max();
        if longest.is_none_or(|length| length <= FUNCTION || length < *most) {
            breaches.push(format!("{path}: {name}: {most} in the list, {longest:?} in the file"));
        }
    }
    none("lower or remove these entries of RATCHET:", &breaches);
}

fn all() -> Vec<Source> {
    ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| sources(folder, &[".rs"]))
        .collect()
}

/// Each function of a file as rustfmt lays it out: name, line, length in lines.
fn functions(text: &str) -> Vec<(String, usize, usize)> {
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let inner = line.trim_start();
        let indent = line.len() - inner.len();
        let Some(name) = name_of(inner) else { continue };
        if line.ends_with('}') || line.ends_with(';') {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        let length = lines[n..].iter().position(|line| *line == close).map_or(1, |at| at + 1);
        found.push((name, n + 1, length));
    }
    found
}

/// The name of the function that a line begins, if it begins one.
fn name_of(line: &str) -> Option<String> {
    let mut rest = line;
    while let Some(word) = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async ", "unsafe "]
        .iter()
        .find(|word| rest.starts_with(**word))
    {
        rest = &rest[word.len()..];
    }
    let rest = rest.strip_prefix("fn ")?;
    Some(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

#[test]
fn the_rule_measures_functions_from_head_to_brace() {
    let text =
        "pub async fn short(\n    a: u8,\n) {\n    b();\n}\n\nfn one() {}\n\nimpl X {\n    fn two() {\n    }\n}\n";
    let lengths: Vec<_> = functions(text)
        .into_iter()
        .map(|(name, n, length)| format!("{name} {n} {length}"))
        .collect();
    assert_eq!(lengths, ["short 1 5", "two 10 2"]);
}
