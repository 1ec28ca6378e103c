//! The paper about the site: its example has no fault, and every key stands in it with its default.

use super::{blocks, marked, quoted, rows, section};
use crate::support::App;

pub const SITE: &str = include_str!("../../../docs/site.md");

/// A directory with the site of the paper, its pages and its flow.
fn office(declared: &str) -> App {
    let app = App::stopped(&[("loans", &marked(SITE, "a flow of another office", "toml")[0])]);
    let page = &marked(SITE, "a page", "markdown")[0];
    std::fs::write(app.phases().join("site.toml"), declared).unwrap();
    std::fs::create_dir(app.phases().join("pages")).unwrap();
    for name in ["privacy", "accessibility", "cookies"] {
        std::fs::write(app.phases().join(format!("pages/{name}.md")), page).unwrap();
    }
    app
}

#[test]
fn the_site_of_the_paper_has_no_fault() {
    let app = office(&marked(SITE, "a site", "toml")[0]);
    let said = String::from_utf8(app.deity(&["check"]).stdout).unwrap();
    // The flow sends nothing anywhere.
    assert!(said.contains("5 files checked: 0 errors, 1 warning"), "{said}");
    assert!(said.contains("warning[sent-nowhere]"), "{said}");
    assert_eq!(blocks(SITE, "toml").len(), 3, "an example that nobody runs");
    // All of it is said in Welsh.
    let welsh = &marked(SITE, "a site in Welsh", "toml")[0];
    std::fs::write(app.phases().join("site.cy.toml"), welsh).unwrap();
    let said = String::from_utf8(app.deity(&["check"]).stdout).unwrap();
    assert!(said.contains("6 files checked: 0 errors, 1 warning"), "{said}");
}

#[test]
fn every_key_of_the_site_has_a_row_with_its_default() {
    let all = marked(SITE, "a site", "toml")
        .remove(0)
        .replacen("name =", "nothing-like-it = 1\nname =", 1);
    let app = office(&all);
    let said = String::from_utf8(app.deity(&["check", "--json", "phases/site.toml"]).stdout).unwrap();
    let fault: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    let keys = fault["help"].as_str().unwrap().strip_prefix("it may have: ").unwrap();
    let rows = rows(section(SITE, "What site.toml can say"));
    let mut named: Vec<_> = rows.iter().map(|row| quoted(&row[0])[0].clone()).collect();
    let mut keys: Vec<_> = keys.split(", ").map(str::to_owned).collect();
    named.sort();
    keys.sort();
    assert_eq!(named, keys);
    assert!(rows.iter().all(|row| !row[1].is_empty()));
}

#[test]
fn the_marks_elements_and_attributes_are_those_that_it_is_held_to() {
    let told = |mark: &str| {
        let app = office(&format!(
            "name = \"C\"\nlinks.accessibility = \"privacy\"\nmark = '{mark}'\n"
        ));
        let said = String::from_utf8(app.deity(&["check", "--json", "phases/site.toml"]).stdout).unwrap();
        let fault: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
        let help = fault["help"].as_str().unwrap().to_owned();
        let (_, list) = help.split_once("may have ").unwrap();
        list.split(", ").map(str::to_owned).collect::<Vec<_>>()
    };
    let mut known = told("<svg viewBox=\"0 0 1 1\"><b/></svg>");
    known.extend(told("<svg viewBox=\"0 0 1 1\" b=\"\"></svg>"));
    known.push("svg".to_owned());
    known.sort();
    let mut named = quoted(section(SITE, "The mark"));
    named.sort();
    assert_eq!(named, known);
}
