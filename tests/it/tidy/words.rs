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

/// The words of a template outside of tags, expressions and comments, and in attributes that people
/// hear.
fn words_of(template: &str) -> Vec<String> {
    let without = |text: &str, open: &str, close: &str, read: &dyn Fn(&str) -> String| {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(open) {
            out.push_str(before);
            let (inner, after) = after.split_once(close).unwrap_or((after, ""));
            out.push_str(&read(inner));
            rest = after;
        }
        out + rest
    };
    let nothing = |_: &str| " ".to_owned();
    let heard = |tag: &str| {
        let attributes = ["aria-label=", "placeholder=", "title=", "alt="];
        let values = attributes.iter().filter_map(|name| tag.split_once(name));
        values
            .map(|(_, value)| value.split('"').nth(1).unwrap_or_default())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let text = without(template, "{#", "#}", &nothing);
    let text = without(&text, "{%", "%}", &nothing);
    let text = without(&text, "{{", "}}", &nothing);
    let text = without(&text, "<", ">", &heard);
    // What is left of attributes that stand in macros has an equals sign.
    let texts = text.split_whitespace().filter(|token| !token.contains('='));
    let words = texts.flat_map(|token| token.split(|c: char| !c.is_alphabetic()));
    words.filter(|word| word.len() > 1).map(str::to_owned).collect()
}

#[test]
fn no_template_has_a_word_for_people() {
    assert_eq!(
        words_of("<b title=\"Go on\">{{ x }}, or {# not #} wait</b>"),
        ["Go", "on", "or", "wait"]
    );
    let mut breaches = Vec::new();
    // The bank of the demo is an office of its own.
    for file in sources("templates", &[".html"])
        .into_iter()
        .filter(|file| !file.path.ends_with("pay.html"))
    {
        breaches.extend(words_of(&file.text).iter().map(|word| format!("{}: {word}", file.path)));
    }
    none("words for people stand in templates/words/en.toml:", &breaches);
}

#[test]
fn no_view_has_a_sentence() {
    let mut breaches = Vec::new();
    for file in sources("src/view", &[".rs"])
        .into_iter()
        .filter(|file| !file.path.ends_with("style.rs"))
    {
        for (n, line) in file.code() {
            let texts = line.split('"').skip(1).step_by(2);
            let sentence = |text: &&str| {
                let words: Vec<&str> = text
                    .split(' ')
                    .filter(|word| word.len() > 1 && word.chars().all(char::is_alphabetic))
                    .collect();
                let capital = |word: &&str| word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase);
                words.len() > 1 || words.iter().any(capital)
            };
            breaches.extend(texts.filter(sentence).map(|text| format!("{}:{n}: {text}", file.path)));
        }
    }
    none("words for people stand in templates/words/en.toml:", &breaches);
}
