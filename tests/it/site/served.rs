//! The site under the real program: checked, served, changed while it is served.

use std::fs;

use crate::support::App;

const FLOW: &str = "title = \"Borrow a book\"\n[screens.a]\ntitle = \"A\"\nactions.continue = \"b\"\n[screens.b]\ntitle = \"B\"\n\
                    actions.go = \"c\"\n[screens.c]\ntitle = \"C\"\nend = \"done\"\nopen = true\n";
const SITE: &str = "name = \"Northmoor Council\"\nlinks.accessibility = \"accessibility\"\n";
const PAGE: &str = "# Accessibility statement\n\nTell us.\n";

/// A directory with a flow, this site and its page.
fn office(declared: &str) -> App {
    let app = App::stopped(&[("loans", FLOW)]);
    fs::write(app.phases().join("site.toml"), declared).unwrap();
    fs::create_dir(app.phases().join("pages")).unwrap();
    fs::write(app.phases().join("pages/accessibility.md"), PAGE).unwrap();
    app
}

fn check(app: &App, arguments: &[&str]) -> (Option<i32>, String) {
    let checked = app.deity(&[&["check"], arguments].concat());
    (checked.status.code(), String::from_utf8(checked.stdout).unwrap())
}

#[test]
fn the_site_is_checked_with_its_flows_and_alone() {
    let app = office(SITE);
    let (code, said) = check(&app, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("3 files checked: 0 errors"), "{said}");

    fs::write(app.phases().join("site.toml"), SITE.replace("name", "nane")).unwrap();
    fs::write(app.phases().join("pages/accessibility.md"), "Tell us.").unwrap();
    fs::write(app.phases().join("notes.txt"), "").unwrap();
    let (code, said) = check(&app, &["phases"]);
    assert_eq!(code, Some(1), "{said}");
    for words in [
        "phases/site.toml:1:1",
        "did you mean `name`?",
        "phases/pages/accessibility.md:1:1",
        "# Privacy",
        "nothing reads the file notes.txt",
        "4 files checked: 4 errors",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (_, said) = check(&app, &["--json", "phases"]);
    let found: Vec<(String, String)> = said
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|one| one["level"] == "error")
        .map(|one| {
            (
                one["file"].as_str().unwrap().to_owned(),
                one["code"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let want = [
        ("phases/site.toml", "unknown-key"),
        ("phases/site.toml", "missing-key"),
        ("phases/pages/accessibility.md", "no-heading"),
        ("phases/notes.txt", "unknown-file"),
    ];
    assert_eq!(found, want.map(|(file, code)| (file.to_owned(), code.to_owned())));

    let (code, said) = check(&app, &["phases/site.toml"]);
    assert!(code == Some(1) && said.contains("1 file checked: 2 errors"), "{said}");
    let (code, said) = check(&app, &["phases/pages/accessibility.md"]);
    assert!(code == Some(1) && said.contains("1 file checked: 1 error,"), "{said}");
    let (code, said) = check(&app, &["phases/loans.toml"]);
    assert!(code == Some(0) && said.contains("1 file checked: 0 errors"), "{said}");
    assert_eq!(check(&app, &["phases/pages/nothing.md"]).0, Some(1));
}

#[test]
fn a_change_of_the_site_is_seen_and_a_fault_is_told_while_it_is_served() {
    let mut app = office(SITE);
    app.run();
    let text = |app: &App, target: &str| app.browser(target).page.text();
    assert!(text(&app, "/-/accessibility").contains("Tell us."));
    assert!(text(&app, "/loans").contains("Northmoor Council"));
    assert!(app.browser("/loans").page.links().contains(&"Accessibility".to_owned()));

    fs::write(
        app.phases().join("site.toml"),
        SITE.replace("Northmoor Council", "Town of Moor"),
    )
    .unwrap();
    app.wait_until(|app| text(app, "/loans").contains("Town of Moor"));
    fs::write(
        app.phases().join("pages/accessibility.md"),
        PAGE.replace("Tell", "Ring"),
    )
    .unwrap();
    app.wait_until(|app| text(app, "/-/accessibility").contains("Ring us."));

    fs::write(app.phases().join("site.toml"), "name = 7\n").unwrap();
    app.wait_for("broken; pages go on with the last good site");
    assert!(text(&app, "/loans").contains("Town of Moor"));
    fs::write(app.phases().join("notes.txt"), "").unwrap();
    app.wait_for("nothing reads the file notes.txt");
}

#[test]
fn a_server_that_starts_on_a_broken_site_serves_its_flows() {
    let mut app = office("nane = \"X\"\n");
    app.run();
    app.wait_for("broken; pages go without the site");
    assert!(app.browser("/loans").page.text().contains("Borrow a book"));
}

#[test]
fn under_maintenance_a_start_page_says_why() {
    let mut app = office(&format!("{SITE}maintenance = \"Back on Monday at 9am.\"\n"));
    app.run();
    let page = app.browser("/loans").page.text();
    assert!(page.contains("Back on Monday at 9am."), "{page}");
}
