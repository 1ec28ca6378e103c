//! Words that must not stand in the program: leftovers, cookies, scripts.

use super::{none, source, sources};

#[test]
fn nothing_is_left_over() {
    // Put together here, so that this file does not find itself.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X "],
        ["dbg", "!("],
        ["todo", "!("],
        ["unimplemented", "!("],
    ];
    let words = words.map(|halves| halves.concat());
    let mut breaches = Vec::new();
    for folder in ["src", "templates", "phases", "tests", "benches"] {
        for file in sources(folder, &[".rs", ".html", ".toml", ".css", ".sh", "run"]) {
            for (n, line) in file.text.lines().enumerate() {
                if words.iter().any(|word| line.contains(word.as_str())) {
                    breaches.push(format!("{}:{}: {}", file.path, n + 1, line.trim()));
                }
            }
        }
    }
    none("left over:", &breaches);
}

#[test]
fn no_page_has_a_script_and_no_answer_a_cookie() {
    let mut breaches = Vec::new();
    for folder in ["src", "templates"] {
        for file in sources(folder, &[".rs", ".html", ".css", ".txt"]) {
            for (n, line) in file.code() {
                let line = line.to_ascii_lowercase();
                if [
                    "set-cookie",
                    "set_cookie",
                    "<script",
                    "javascript:",
                    " onclick",
                    " onload",
                    "@import",
                ]
                .iter()
                .any(|word| line.contains(word))
                {
                    breaches.push(format!("{}:{n}: {}", file.path, line.trim()));
                }
            }
        }
    }
    none("no script, no cookie, ever:", &breaches);
}

#[test]
fn every_file_opens_with_what_it_owns() {
    let breaches: Vec<_> = ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| sources(folder, &[".rs"]))
        .filter(|file| {
            let opening = file.text.lines().take_while(|line| line.starts_with("//!"));
            let least = if file.path.starts_with("src/") { 24 } else { 10 };
            opening.map(str::len).sum::<usize>() < least
        })
        .map(|file| file.path)
        .collect();
    none("files that do not open with a `//!` paragraph:", &breaches);
}

#[test]
fn every_exception_to_a_lint_has_a_reason() {
    let mut breaches = Vec::new();
    for file in ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| sources(folder, &[".rs"]))
    {
        for mark in ["#[allow(", "#![allow(", "#[expect("] {
            for (at, _) in file.text.match_indices(mark) {
                let before = file.text[..at].lines().last().unwrap_or_default();
                let attribute = file.text[at..].split(")]").next().unwrap_or_default();
                if before.trim().is_empty() && !attribute.contains("reason = \"") {
                    let n = file.text[..at].lines().count() + 1;
                    breaches.push(format!("{}:{n}: {attribute})]", file.path));
                }
            }
        }
    }
    none("exceptions without a reason:", &breaches);
}

#[test]
fn ignored_tests_say_why() {
    let mark = ["#[igno", "re]"].concat();
    let breaches: Vec<_> = ["src", "tests"]
        .iter()
        .flat_map(|folder| sources(folder, &[".rs"]))
        .filter(|file| file.text.contains(&mark))
        .map(|file| file.path)
        .collect();
    none("ignored without a word:", &breaches);
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let text = source(super::root().join("Cargo.toml")).text;
    let mut breaches = Vec::new();
    let mut inside = false;
    let mut before = "";
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
        } else if inside && line.contains('=') && !before.starts_with('#') {
            breaches.push(line.to_owned());
        }
        before = line;
    }
    none("dependencies without a comment above them:", &breaches);
}
