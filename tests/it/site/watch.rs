//! `phases/` while it is served: what its names stand for, and what becomes of a change of the site.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use deity::catalog::{Catalog, Fate, Report};
use tempfile::TempDir;

const GOOD: &str =
    "title = \"A\"\n[screens.a]\ntitle = \"A\"\nactions.continue = \"b\"\n[screens.b]\ntitle = \"B\"\nend = \"done\"\n";
const SITE: &str = "name = \"Council\"\nlinks.accessibility = \"accessibility\"\n";
const PAGE: &str = "# Accessibility\n\nTell us.\n";

/// Writes a file as if `ago` seconds ago: what was changed this very moment is left alone.
fn write(directory: &Path, name: &str, content: &str, ago: u64) {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    let then = SystemTime::now() - Duration::from_secs(ago);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(then).unwrap();
}

/// File, code of the first diagnostic, fate.
fn told(reports: &[Report]) -> Vec<(String, &str, Fate)> {
    let name = |report: &Report| report.file.file_name().unwrap().to_string_lossy().into_owned();
    let code = |report: &Report| -> &'static str { report.diagnostics.first().map_or("", |one| one.code) };
    reports.iter().map(|one| (name(one), code(one), one.fate)).collect()
}

fn office() -> (TempDir, Catalog) {
    let directory = TempDir::new().unwrap();
    write(directory.path(), "a.toml", GOOD, 90);
    write(directory.path(), "site.toml", SITE, 90);
    write(directory.path(), "pages/accessibility.md", PAGE, 90);
    let (catalog, reports) = Catalog::load(directory.path()).unwrap();
    assert!(reports.iter().all(|one| one.diagnostics.is_empty()), "{reports:?}");
    (directory, catalog)
}

#[test]
fn any_other_name_is_a_fault_in_words_and_said_once() {
    let (directory, catalog) = office();
    let at = directory.path();
    for passed in [
        ".hidden",
        ".#a.toml",
        "a.toml~",
        "#a.toml#",
        ".a.toml.swp",
        "a.toml.swp",
        "pages/.x.md.swp",
        "pages/x.md~",
        "shared/lists.toml",
        "a.walks.toml",
    ] {
        write(at, passed, "", 60);
    }
    assert_eq!(told(&catalog.reload()), []);
    for (stranger, help) in [
        ("README.md", "a flow is NAME.toml"),
        ("mark.svg", "a flow is NAME.toml"),
        ("b.cy.toml", "as in order.toml and order.cy.toml"),
        ("b.part.pt-BR.toml", "as in order.toml and order.cy.toml"),
        ("a.walk.toml", "did you mean `a.walks.toml`?"),
        ("b.walks.toml", "call both alike"),
        ("a.tml", "a flow is NAME.toml"),
        ("page/x.md", "did you mean `pages`?"),
        ("pages/x.markdown", "such as pages/privacy.md"),
        ("pages/deep/x.md", "such as pages/privacy.md"),
    ] {
        write(at, stranger, "", 60);
        let reports = catalog.reload();
        assert_eq!(reports.len(), 1, "{stranger}: {reports:?}");
        assert_eq!(reports[0].fate, Fate::Refused, "{stranger}");
        let said = &reports[0].diagnostics[0];
        assert!(
            said.error && said.help.as_ref().unwrap().contains(help),
            "{stranger}: {said:?}"
        );
        assert_eq!(told(&catalog.reload()), [], "{stranger}");
    }
    assert_eq!(catalog.flows().keys().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_changed_site_is_picked_up_and_a_broken_one_leaves_the_last_good_one() {
    let (directory, catalog) = office();
    let at = directory.path();
    assert_eq!(told(&catalog.reload()), []);
    assert_eq!(catalog.site().name, "Council");

    write(at, "site.toml", &SITE.replace("Council", "Town"), 80);
    assert_eq!(
        told(&catalog.reload()),
        [
            ("site.toml".into(), "", Fate::Served),
            ("accessibility.md".into(), "", Fate::Served)
        ]
    );
    assert_eq!(catalog.site().name, "Town");

    write(at, "site.toml", "nane = \"X\"\n", 70);
    let reports = catalog.reload();
    assert_eq!((reports[0].fate, reports[0].failed()), (Fate::LastGood, true));
    assert_eq!(catalog.site().name, "Town");
    assert_eq!(told(&catalog.reload()), [], "each fault is said once");

    write(at, "site.toml", SITE, 60);
    write(at, "pages/accessibility.md", "no heading", 60);
    let reports = catalog.reload();
    assert_eq!(
        told(&reports),
        [
            ("site.toml".into(), "", Fate::Served),
            ("accessibility.md".into(), "no-heading", Fate::LastGood)
        ]
    );
    assert_eq!(catalog.site().name, "Council");
    assert_eq!(catalog.site().articles["accessibility"].title, "Accessibility");

    write(at, "pages/accessibility.md", "# Other\n", 50);
    catalog.reload();
    assert_eq!(catalog.site().articles["accessibility"].title, "Other");

    fs::remove_file(at.join("site.toml")).unwrap();
    catalog.reload();
    assert_eq!(catalog.site().name, "");
    assert_eq!(catalog.site().articles.len(), 1);
}

#[test]
fn a_site_that_is_broken_from_the_start_takes_no_flow_down() {
    let directory = TempDir::new().unwrap();
    let at = directory.path();
    write(
        at,
        "a.toml",
        &format!("group = \"Loans\"\nsite.links.terms = \"terms\"\n{GOOD}"),
        90,
    );
    write(at, "site.toml", "name = 7\ntime-zone = \"Europe/London\"\n", 90);
    write(at, "pages/terms.md", "none", 90);
    let (catalog, reports) = Catalog::load(at).unwrap();
    assert_eq!(
        told(&reports),
        [
            ("site.toml".into(), "no-accessibility", Fate::Refused),
            ("terms.md".into(), "no-heading", Fate::Refused),
            ("a.toml".into(), "", Fate::Served),
        ]
    );
    assert_eq!(catalog.site().name, "");
    // What can be read of it holds: days are counted where the office is.
    let zone = catalog.flow("a").unwrap().time_zone.clone();
    assert_eq!(zone.iana_name(), Some("Europe/London"));
}

#[test]
fn flows_are_held_against_the_site_and_anew_when_it_changes() {
    let (directory, catalog) = office();
    let at = directory.path();
    let own = format!("group = \"Hosing\"\nsite.links.terms = \"terms\"\n{GOOD}");
    write(at, "b.toml", &own, 80);
    let reports = catalog.reload();
    assert_eq!(told(&reports), [("b.toml".into(), "unknown-page", Fate::Refused)]);

    write(at, "pages/terms.md", "# Terms\n", 70);
    write(
        at,
        "site.toml",
        &format!("{SITE}lang = \"cy\"\ngroups = [\"Housing\"]\n"),
        70,
    );
    let reports = catalog.reload();
    let b = reports.iter().find(|one| one.file.ends_with("b.toml")).unwrap();
    assert_eq!(b.diagnostics[0].code, "unknown-group");
    assert_eq!(b.diagnostics[0].help.as_deref(), Some("did you mean `Housing`?"));
    assert_eq!(
        catalog.flow("a").unwrap().lang,
        "cy",
        "the other is under the new site too"
    );

    write(at, "b.toml", &own.replace("Hosing", "Housing"), 60);
    assert_eq!(told(&catalog.reload()), [("b.toml".into(), "", Fate::Served)]);
    assert_eq!(told(&catalog.reload()), []);
}
