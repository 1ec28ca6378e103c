//! The papers keep what they promise: links lead somewhere, named tests exist, limits are listed.

use super::{none, paper, root, sources};

#[test]
fn links_between_the_papers_lead_somewhere() {
    let mut breaches = Vec::new();
    for (name, text) in papers() {
        let folder = root().join(&name).parent().unwrap().to_owned();
        for target in links(&text) {
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let outside = ["http:", "https:", "mailto:"]
                .iter()
                .any(|scheme| target.starts_with(scheme));
            let path = if file.is_empty() {
                root().join(&name)
            } else {
                folder.join(file)
            };
            if !outside && (!path.exists() || !anchor.is_empty() && !anchors(&path).contains(&anchor.to_owned())) {
                breaches.push(format!("{name}: {target}"));
            }
        }
    }
    none("links to files and headings that are not there:", &breaches);
}

#[test]
fn every_paper_is_one_that_the_readme_leads_to() {
    let readme = paper("README.md");
    let missed: Vec<_> = papers()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("docs/") && !readme.contains(&format!("({name})")))
        .collect();
    none("papers that README.md does not name:", &missed);
}

/// Every paper: its path from the root, and its text.
fn papers() -> Vec<(String, String)> {
    let docs = sources("docs", &[".md"]).into_iter().map(|file| (file.path, file.text));
    let named = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "benches/README.md"];
    named
        .map(|name| (name.to_owned(), paper(name)))
        .into_iter()
        .chain(docs)
        .collect()
}

/// The anchors that a page shows the headings of a paper under.
fn anchors(path: &std::path::Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    let anchor = |heading: &str| -> String {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
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

/// The targets of `[text](target)` and of `<img src="target">`, outside of code.
fn links(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let mut found = Vec::new();
    for (open, close) in [("](", ')'), ("<img src=\"", '"')] {
        let targets = prose.split(open).skip(1).filter_map(|rest| rest.split_once(close));
        found.extend(targets.map(|(target, _)| target.to_owned()));
    }
    found
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

#[test]
fn every_reserved_name_is_told() {
    let flows = paper("docs/flows.md");
    let names = std::fs::read_to_string(root().join("src/flow/check/names.rs")).unwrap();
    let mut missing = Vec::new();
    let mut seen = 0;
    for list in ["OWN_ACTIONS", "WORDS", "OWN_PATHS"] {
        let (_, rest) = names.split_once(&format!("const {list}: &[&str] = &[")).unwrap();
        let words = rest.split("];").next().unwrap().split('"').skip(1).step_by(2);
        for word in words {
            seen += 1;
            if !flows.contains(&format!("`{word}`")) {
                missing.push(word.to_owned());
            }
        }
    }
    assert!(seen > 25, "{seen}");
    none("reserved names that docs/flows.md does not tell:", &missing);
}

#[test]
fn every_warning_is_told() {
    let flows = paper("docs/flows.md") + &paper("docs/site.md");
    let mut missing = Vec::new();
    let mut seen = 0;
    for file in sources("src", &[".rs"]) {
        for (at, open) in file.text.match_indices("Diagnostic::warning(") {
            let code = file.text[at + open.len()..].split('"').nth(1).unwrap();
            seen += 1;
            if !flows.contains(&format!("`{code}`")) {
                missing.push(format!("{}: {code}", file.path));
            }
        }
    }
    assert!(seen > 15, "{seen}");
    none("warnings that neither docs/flows.md nor docs/site.md tells:", &missing);
}
