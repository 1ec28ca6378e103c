//! docs/first-flow.md, step by step: what its reader writes, and what must come of it.

use super::{FIRST_FLOW, blocks, marked};
use crate::support::App;

/// The file after each step: a block's tables replace those of the same name, others are added.
fn steps() -> Vec<String> {
    let mut tables: Vec<(String, String)> = Vec::new();
    let mut steps = Vec::new();
    for block in marked(FIRST_FLOW, "library", "toml") {
        for table in tables_of(&block) {
            let name = table.lines().next().unwrap_or_default();
            let name = if name.starts_with('[') { name } else { "" }.to_owned();
            match tables.iter_mut().find(|(known, _)| *known == name) {
                Some((_, text)) => *text = table,
                None => tables.push((name, table)),
            }
        }
        let all: Vec<_> = tables.iter().map(|(_, text)| text.trim_end()).collect();
        steps.push(all.join("\n\n") + "\n");
    }
    steps
}

/// A block parted before each line that begins a table.
fn tables_of(block: &str) -> Vec<String> {
    let mut tables = vec![String::new()];
    for line in block.lines() {
        if line.starts_with('[') {
            tables.push(String::new());
        }
        let last = tables.last_mut().unwrap();
        last.push_str(line);
        last.push('\n');
    }
    tables.retain(|table| !table.trim().is_empty());
    tables
}

fn said(app: &App, arguments: &[&str]) -> (Option<i32>, String) {
    let output = app.deity(arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// The last step, with its program and its walks, not running yet.
fn whole() -> App {
    let app = App::stopped(&[("library", &steps().pop().unwrap())]);
    app.program("register.sh", &blocks(FIRST_FLOW, "bash").remove(0));
    let walks = marked(FIRST_FLOW, "walks", "toml").remove(0);
    std::fs::write(app.phases().join("library.walks.toml"), walks).unwrap();
    app
}

#[test]
fn every_step_is_a_flow_that_can_be_walked_to_an_end() {
    let steps = steps();
    assert_eq!(steps.len(), 4);
    for (n, flow) in steps.iter().enumerate() {
        let app = App::stopped(&[("library", flow)]);
        let (code, checked) = said(&app, &["check"]);
        // Until the answers are handed over, one warning says that they are not.
        let left = usize::from(n < 3);
        let warnings = if left == 1 { "1 warning" } else { "0 warnings" };
        assert!(checked.contains(&format!("0 errors, {warnings}")), "{checked}");
        assert_eq!(checked.matches("warning[sent-nowhere]").count(), left, "{checked}");
        assert_eq!(code, Some(0));
        let (code, walked) = said(&app, &["rehearse", "library", "--browser", "lynx"]);
        assert_eq!(code, Some(0), "{walked}");
        assert!(walked.contains("You have joined"), "{walked}");
    }
}

#[test]
fn the_mistake_is_told_as_it_is_shown() {
    let flow = steps().remove(0).replacen("type = ", "tpye = ", 1);
    let app = App::stopped(&[("library", &flow)]);
    let (code, told) = said(&app, &["check"]);
    let shown = marked(FIRST_FLOW, "mistake", "text").remove(0);
    assert!(told.starts_with(&shown), "{told}");
    assert_eq!(code, Some(1));
}

#[test]
fn the_walks_pass() {
    let app = whole();
    let (code, checked) = said(&app, &["check", "--environment"]);
    assert_eq!(code, Some(0), "{checked}");
    assert!(checked.contains("2 files checked: 0 errors, 0 warnings"), "{checked}");
    let (code, walked) = said(&app, &["rehearse", "library"]);
    assert_eq!(code, Some(0), "{walked}");
    assert!(
        walked.contains("walk joins") && walked.contains("walk too-young"),
        "{walked}"
    );
}

#[test]
fn the_program_takes_what_was_answered_once() {
    let mut app = whole();
    app.run();
    let mut browser = app.browser("/library");
    let start = browser.page.buttons().remove(0);
    browser.press(&start);
    browser.fill("Full name", "Ada Byron").press("Continue");
    browser
        .fill_date("What is your date of birth?", "27", "3", "1987")
        .press("Continue");
    browser
        .choose("By email")
        .fill("Email address", "ada@example.org")
        .press("Continue");
    assert_eq!(browser.page.heading(), "Check your answers");
    browser.press("Join the library");
    assert_eq!(browser.page.heading(), "You have joined");
    assert!(
        browser.page.text().contains("Your card has the number L-1."),
        "{}",
        browser.page.text()
    );
    let members = std::fs::read_to_string(app.data().join("members.txt")).unwrap();
    assert_eq!(members.lines().count(), 1, "{members}");
    assert!(
        members.contains("name=Ada+Byron") && members.contains("born=1987-03-27"),
        "{members}"
    );

    let (code, exported) = said(&app, &["sessions", "export", "--flow", "library"]);
    assert_eq!(code, Some(0));
    assert!(exported.contains("\"card\":\"L-1\""), "{exported}");
}
