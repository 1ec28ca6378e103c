//! The papers keep what they promise: links lead somewhere, named tests exist, limits are listed.

use super::{none, paper, root, sources};

#[test]
fn links_between_the_papers_lead_somewhere() {
    let mut breaches = Vec::new();
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().display()));
    let named = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "benches/README.md"].map(str::to_owned);
    for name in named.into_iter().chain(docs) {
        let folder = root().join(&name).parent().unwrap().to_owned();
        for target in links(&paper(&name)) {
            let file = target.split('#').next().unwrap_or_default();
            let outside = ["http:", "https:", "mailto:"]
                .iter()
                .any(|scheme| target.starts_with(scheme));
            if !outside && !file.is_empty() && !folder.join(file).exists() {
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

#[test]
fn every_limit_is_listed() {
    let architecture = paper("ARCHITECTURE.md");
    let limits = std::fs::read_to_string(root().join("src/limits.rs")).unwrap();
    let missing: Vec<_> = limits
        .lines()
        .filter_map(|line| line.strip_prefix("pub const "))
        .filter_map(|line| line.split(':').next())
        .filter(|name| !architecture.contains(&format!("`{name}`")))
        .map(str::to_owned)
        .collect();
    none("limits that ARCHITECTURE.md does not list:", &missing);
}

#[test]
fn the_code_map_names_every_module_and_what_it_may_name() {
    let text = paper("ARCHITECTURE.md");
    let map = text.split("## Code map").nth(1).unwrap_or_default();
    let mut breaches = Vec::new();
    for (module, pure, may) in super::layers::LAYERS {
        let Some(row) = map.lines().find(|row| row.starts_with(&format!("| [{module}]("))) else {
            breaches.push(format!("{module}: no row"));
            continue;
        };
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let named: Vec<_> = cells[3].split(", ").collect();
        let lacks = may.iter().any(|other| !named.contains(other)) && named != ["all"];
        if lacks || (cells[4] == "yes") != *pure {
            breaches.push(format!("{module}: {row}"));
        }
    }
    none("the code map differs from LAYERS:", &breaches);
}
