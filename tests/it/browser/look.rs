//! How pages look: each kind is made by the real program, and measured in Chromium by the rules of
//! `tests/browsers/look.mjs`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Instant;

use deity::site::{Site, Sources, read};
use deity::view::Visit;
use serde_json::Value;

use super::firefox::{ENTER, Firefox};
use super::{chromium, need};
use crate::page::kinds::{self, Scene};
use crate::page::{each, walk};
use crate::support::{App, ran};

/// An office that says all that it can.
const OFFICE: &str = r##"
name = "Northmoor Council"
accent = "#06c"
mark = '<svg viewBox="0 0 9 6"><path d="M0 6 3 1l2 3 1-2 3 4"/></svg>'
telephone = "01632 960 000"
hours = "Monday to Friday, 9am to 5pm"
notice = "Our telephones are closed on Friday."

[banner]
text = "Beta: this is a new service."
label = "Tell us what you think"
to = "https://www.northmoor.example/feedback"

[links]
privacy = "privacy"
accessibility = "accessibility"
contact = "https://www.northmoor.example/contact"
"##;

fn office() -> Visit<'static> {
    static SITE: OnceLock<Site> = OnceLock::new();
    let site = SITE.get_or_init(|| {
        let pages = [
            (
                "privacy",
                "# Privacy\n\nWe keep [your answers](accessibility) for 30 days.\n",
            ),
            ("accessibility", "# Accessibility\n\n## What works\n\nAll of it.\n"),
        ];
        let sources = Sources {
            declared: Some(OFFICE),
            pages: pages.into(),
            ..Sources::default()
        };
        read(&sources).site.expect("a good site")
    });
    Visit {
        site,
        ..Visit::default()
    }
}

/// A name that is good for a file.
fn file(before: &str, name: &str) -> String {
    let words = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    [before].into_iter().chain(words).collect::<Vec<_>>().join("-")
}

/// Every kind of page, by name: in both dresses without an office, in the whole one with all that an office can say,
/// and that from right to left; and the pages of the flows in `phases/`.
fn pages() -> Vec<(String, String)> {
    let visit = office();
    let mut pages = Vec::new();
    for (name, page) in each::one_of_each(Scene::of(kinds::SOURCE)) {
        pages.push((file("plain", &name), page.plain().expect("a browser has both")));
        pages.push((file("kind", &name), page.html));
    }
    let source = kinds::SOURCE;
    for (name, page) in each::one_of_each(Scene { source, visit }) {
        pages.push((file("office", &name), page.html));
    }
    // Some pages belong to no flow, and so to no language.
    let source = kinds::ARABIC;
    let mut arabic = each::one_of_each(Scene { source, visit });
    arabic.retain(|(_, page)| page.html.contains("dir=rtl"));
    assert!(arabic.len() > 20, "{} pages from right to left", arabic.len());
    pages.extend(arabic.into_iter().map(|(name, page)| (file("rtl", &name), page.html)));
    pages.extend(
        walk::one_of_each()
            .into_iter()
            .map(|(name, html)| (file("flow", &name), html)),
    );
    pages
}

/// Writes every kind of page into a folder below `target/`, and nothing else is there: the folder, and how many.
fn written() -> &'static (PathBuf, usize) {
    static WRITTEN: OnceLock<(PathBuf, usize)> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
        let _absent = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let pages = pages();
        for (name, html) in &pages {
            std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
        }
        (folder, pages.len())
    })
}

#[test]
fn every_kind_of_page_is_written_to_be_looked_at() {
    let (folder, pages) = written();
    let files = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(files, *pages, "each has a name of its own: {}", folder.display());
    println!("{pages} pages in {}", folder.display());
}

/// Runs the measuring, and gives what it found.
fn measured(arguments: &[&str]) -> Value {
    need("java");
    let output = Command::new("node")
        .arg(chromium::folder().join("look.mjs"))
        .args(arguments)
        .arg("--json")
        .output()
        .unwrap();
    let said = serde_json::from_slice(&output.stdout);
    said.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Fails with all that was found.
fn nothing_in(found: &Value) {
    let lines = found["faults"].as_array().unwrap().iter().map(|fault| {
        let part = |name: &str| fault[name].as_str().unwrap();
        format!("{}: {} {}: {}", part("rule"), part("page"), part("how"), part("words"))
    });
    let lines: Vec<_> = lines.collect();
    assert!(lines.is_empty(), "{} found:\n{}", lines.len(), lines.join("\n"));
}

#[test]
#[ignore = "needs chromium, node, npm and java: run tests/run"]
fn every_kind_of_page_looks_right_in_light_and_dark_at_three_widths_and_from_right_to_left() {
    let began = Instant::now();
    let (folder, pages) = written();
    let found = measured(&[folder.to_str().unwrap()]);
    assert_eq!(found["pages"], *pages);
    nothing_in(&found);
    ran(
        "pages measured in Chromium",
        *pages,
        began.elapsed(),
        &found["seconds"].to_string(),
    );
}

#[test]
#[ignore = "needs chromium, node, npm and java: run tests/run"]
fn each_rule_of_the_look_finds_the_page_that_is_spoiled_for_it() {
    let found = measured(&["--spoiled"]);
    assert!(found["pages"].as_u64().unwrap() > 30, "{found}");
    nothing_in(&found);
}

#[test]
#[ignore = "needs firefox-esr: run tests/run"]
fn in_firefox_enter_presses_the_main_button_and_tab_goes_as_the_page_is_seen() {
    let app = App::of_phases();
    let mut firefox = Firefox::start();
    firefox.go(&format!("http://{}/passport-renewal", app.address()));
    firefox.press("Start now");
    firefox.fill("given", "Anna");
    firefox.fill("family", "Example");
    firefox.hits(ENTER, Some("family"));
    firefox.comes("What is your date of birth?");
    let stops = firefox.stops();
    let words: Vec<_> = stops.iter().map(|(words, ..)| words.as_str()).collect();
    for button in ["Back", "Continue"] {
        assert!(words.iter().any(|words| words.ends_with(button)), "{words:?}");
    }
    for pair in stops.windows(2) {
        let ((_, top, _), (_, _, bottom)) = (&pair[0], &pair[1]);
        assert!(bottom > top, "Tab goes upwards: {stops:?}");
    }
    // This page has a way back, and Enter does not take it.
    firefox.fill_all(&[("born-day", "27"), ("born-month", "3"), ("born-year", "1987")]);
    firefox.hits(ENTER, Some("born-year"));
    firefox.comes("Has your name changed?");
}

#[test]
fn the_command_for_pictures_says_what_it_does_and_refuses_what_it_does_not_know() {
    let run = |argument: &str| {
        let command = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
        Command::new(command).arg(argument).output().unwrap()
    };
    let help = run("--help");
    assert!(help.status.success());
    assert!(String::from_utf8_lossy(&help.stdout).contains("tests/pictures --docs"));
    let unknown = run("--unknown");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no option '--unknown'"));
}
