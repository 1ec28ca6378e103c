//! The files of texts as the server reads them: while it runs, and for sessions of before.

use std::path::Path;
use std::sync::Arc;

use deity::catalog::{Catalog, Fate};
use deity::engine::Reply;
use deity::flow::translated::wished;
use deity::id::Language;
use deity::store::Memory;

use super::{FLOW, TYPED, WELSH, begun, flow, read};
use crate::support::desk::Desk;

fn write(directory: &Path, name: &str, text: &str) {
    crate::catalog::write(directory, name, text, 60);
}

/// What is said of the files that changed.
fn said(catalog: &Catalog) -> Vec<(String, Fate, Vec<String>)> {
    let reports = catalog.reload();
    let name = |file: &Path| file.file_name().unwrap().to_string_lossy().into_owned();
    let told = reports.iter().map(|report| {
        let codes = report.diagnostics.iter().map(|one| one.code.to_owned());
        (name(&report.file), report.fate, codes.collect())
    });
    told.collect()
}

fn languages(catalog: &Catalog) -> Vec<String> {
    catalog.flow("hall").unwrap().languages.to_vec()
}

#[test]
fn a_language_comes_changes_and_goes_while_the_server_runs() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    write(at, "hall.toml", FLOW);
    let (catalog, _) = Catalog::load(at).unwrap();
    assert_eq!(languages(&catalog), ["en"]);
    write(at, "hall.cy.toml", WELSH);
    assert_eq!(said(&catalog), [("hall.toml".to_owned(), Fate::Served, vec![])]);
    assert_eq!(languages(&catalog), ["en", "cy"]);
    assert_eq!(said(&catalog), []);
    write(at, "hall.cy.toml", &WELSH.replace("Llogi neuadd", "Neuadd"));
    assert_eq!(said(&catalog).len(), 1);
    assert_eq!(catalog.flow("hall").unwrap().translation("cy").unwrap().title, "Neuadd");
    // A fault leaves the last good one, and says where it is.
    write(at, "hall.cy.toml", "title = \"Neuadd\"\n[screens.hall]\n");
    let reports = catalog.reload();
    assert_eq!(reports[0].fate, Fate::LastGood);
    let fault = reports[0].diagnostics.iter().find(|one| one.error).unwrap();
    let file = reports[0].file.to_string_lossy().into_owned();
    let place = fault.located(&file, &reports[0].source);
    assert!(place.file.ends_with("hall.cy.toml") && place.line == 2, "{place:?}");
    assert_eq!(languages(&catalog), ["en", "cy"]);
    std::fs::remove_file(at.join("hall.cy.toml")).unwrap();
    assert_eq!(said(&catalog).len(), 1);
    assert_eq!(languages(&catalog), ["en"]);
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault_by_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    write(at, "hall.toml", FLOW);
    let told = |name: &str| {
        let checked = deity::catalog::check(&at.join("hall.toml"));
        std::fs::remove_file(at.join(name)).unwrap();
        assert!(checked.flow.is_none());
        let faults = checked.report.diagnostics.iter().filter(|one| one.error);
        faults.map(|one| one.message.clone()).collect::<Vec<_>>()
    };
    std::fs::write(at.join("hall.cy.toml"), b"title = \"\xff\"").unwrap();
    assert_eq!(told("hall.cy.toml"), ["hall.cy.toml is not in UTF-8"]);
    std::fs::write(at.join("hall.cy.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    assert_eq!(
        told("hall.cy.toml"),
        ["hall.cy.toml is larger than the 1024 KiB of a definition"]
    );
    std::fs::write(at.join("hall.cy.toml"), "title = \"a\"\0.de.toml\ntitle = \"b\"").unwrap();
    assert_eq!(
        told("hall.cy.toml"),
        ["hall.cy.toml: this is not valid TOML: a NUL character stands in it"]
    );
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("x.toml"), WELSH).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("x.toml"), at.join("hall.cy.toml")).unwrap();
    assert_eq!(told("hall.cy.toml"), ["hall.cy.toml is a link that leads elsewhere"]);
}

#[tokio::test]
async fn a_session_goes_on_in_its_language_when_the_flow_is_another() {
    let store = Arc::new(Memory::new());
    let desk = Desk::over(Arc::clone(&store) as _, [flow()]).await;
    let page = begun(&desk, "cy").await;
    desk.engine.keep_words().await.unwrap();
    // The flow asks something else now, in English alone: who began before goes on as it was.
    let other = FLOW.replace(
        "fields.who =",
        "fields.surname = { type = 'text', label = 'Surname' }\nfields.who =",
    );
    let desk = desk.restarted([read(&other).0]).await;
    let next = desk.send(&page, TYPED).await;
    assert!(
        next.html.contains("<html lang=cy") && next.html.contains("Gwiriwch, Ada"),
        "{}",
        next.html
    );
    // Of a translation that a newer program would refuse, the flow itself is left.
    let broken = deity::flow::bundle::with(FLOW, ".cy.toml", "[screens.gone]\ntitle = \"x\"\n");
    let kept = deity::flow::Flow::kept("hall", &broken, &deity::flow::Defaults::default()).unwrap();
    assert_eq!(kept.languages.to_vec(), ["en"]);
    let Reply::Start(start) = desk.engine.start_page("hall").unwrap() else {
        panic!()
    };
    assert!(!start.flow.is_translated());
}

#[test]
fn a_wish_is_met_by_the_nearest_language() {
    let all = ["en", "cy", "pt-BR", "zh-Hant"];
    let found = |wishes: &[&str]| {
        let wishes: Vec<_> = wishes.iter().filter_map(|tag| Language::parse(tag)).collect();
        wished(&all, &wishes)
    };
    assert_eq!(found(&["cy-GB", "en"]), Some("cy"));
    assert_eq!(found(&["pt", "cy"]), Some("pt-BR"));
    assert_eq!(found(&["PT-br"]), Some("pt-BR"));
    assert_eq!(found(&["fr", "de"]), None);
    assert_eq!(found(&[]), None);
}
