//! The papers keep what they promise: links lead somewhere, named tests exist, limits are listed.

use super::{none, paper, root, sources};

#[test]
fn links_between_the_papers_lead_somewhere() {
    let mut breaches = Vec::new();
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        for target in links(&paper(name)) {
            let file = target.split('#').next().unwrap_or_default();
            let outside = ["http:", "https:", "mailto:"]
                .iter()
                .any(|scheme| target.starts_with(scheme));
            if !outside && !file.is_empty() && !root().join(file).exists() {
                breaches.push(format!("{name}: {target}"));
            }
        }
    }
    none("links to files that are not there:", &breaches);
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let text = paper("ARCHITECTURE.md");
    let tests: Vec<_> = ["src", "tests"]
        .iter()
        .flat_map(|folder| sources(folder, &[".rs"]))
        .collect();
    let mut breaches = Vec::new();
    // A test is named as `path/of/file.rs::name`.
    for word in text.split('`').filter(|word| word.contains(".rs::")) {
        let (path, name) = word.split_once("::").unwrap_or_default();
        let head = format!("fn {}(", name.rsplit("::").next().unwrap_or(name));
        if !tests.iter().any(|file| file.path == path && file.text.contains(&head)) {
            breaches.push(word.to_owned());
        }
    }
    none("ARCHITECTURE.md names tests that are not there:", &breaches);
}

/// The targets of `[text](target)`.
fn links(text: &str) -> Vec<String> {
    text.match_indices("](")
        .filter_map(|(at, _)| text[at + 2..].split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}
