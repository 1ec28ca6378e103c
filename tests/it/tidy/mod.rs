//! The house rules, held by tests: layers, purity, lengths, leftovers, what the papers promise.

mod layers;
mod lengths;
mod papers;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the project: its path from the root, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The text without its unit tests, which stand at the end of a file.
    fn program(&self) -> &str {
        match self.text.find("\n#[cfg(test)]\nmod ") {
            Some(at) => &self.text[..=at],
            None => &self.text,
        }
    }

    /// The lines of the program that are code, with their numbers from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.program()
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(n, line)| (n + 1, line))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` whose name ends in one of `endings`, in the order of their paths.
fn sources(folder: &str, endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                found.push(source(path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn source(path: PathBuf) -> Source {
    Source {
        text: fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display())),
        path: path.strip_prefix(root()).unwrap().to_string_lossy().into_owned(),
    }
}

/// The text of a file at the root; empty if it is not there yet.
fn paper(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_default()
}

/// Fails with every breach at once.
fn none(rule: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{rule}\n{}", breaches.join("\n"));
}
