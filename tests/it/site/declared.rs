//! `site.toml`, good and broken: each `tests/definitions/site/*.toml` gives exactly the diagnostics
//! beside it, and none where there is no such file. All have the pages `privacy`, `accessibility`
//! and `help`.
//!
//! `DEITY_REWRITE=1` writes the diagnostics anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use deity::flow::Flow;
use deity::site::{Found, Site, Sources, read};

use crate::definition::{definitions, told_otherwise};

const PAGES: [(&str, &str); 3] = [
    ("privacy", "# Privacy\n\nWe keep little.\n"),
    ("accessibility", "# Accessibility\n\nTell us.\n"),
    ("help", "# How we help\n\nRing us.\n"),
];

pub fn found(declared: &str) -> Found {
    read(&Sources {
        declared: Some(declared),
        pages: BTreeMap::from(PAGES),
        ..Sources::default()
    })
}

#[track_caller]
pub fn site(declared: &str) -> Site {
    let found = found(declared);
    found.site.unwrap_or_else(|| panic!("{:?}", found.declared))
}

#[test]
fn each_site_gives_exactly_its_diagnostics() {
    let rewrite = std::env::var_os("DEITY_REWRITE").is_some();
    let mut wrong = Vec::new();
    for (name, path) in definitions("tests/definitions/site") {
        let source = std::fs::read_to_string(&path).unwrap();
        let found = found(&source);
        assert_eq!(
            found.site.is_none(),
            found.declared.iter().any(|one| one.error),
            "{name}"
        );
        let mut now = String::new();
        for one in &found.declared {
            writeln!(now, "{}\n", one.render("site.toml", &source, false)).unwrap();
        }
        wrong.extend(told_otherwise(&name, &path, &now, rewrite));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_whole_site_is_what_its_file_says() {
    let (_, path) = definitions("tests/definitions/site")
        .into_iter()
        .find(|(name, _)| name == "whole")
        .unwrap();
    let site = site(&std::fs::read_to_string(path).unwrap());
    let office = site.office();
    assert_eq!((office.name, office.accent), ("Northmoor Council", Some("#0066cc")));
    assert_eq!(
        office.mark,
        Some("<svg aria-hidden=\"true\" viewBox=\"0 0 9 6\"><path d=\"M0 6 3 1l2 3 1-2 3 4\"/></svg>")
    );
    let links: Vec<_> = office
        .links
        .iter()
        .map(|link| (link.name.as_str(), link.label.as_deref(), link.path.as_str()))
        .collect();
    assert_eq!(
        links,
        [
            ("privacy", None, "-/privacy"),
            ("accessibility", Some("Accessibility statement"), "-/accessibility"),
            ("contact", None, "-/contact"),
            ("help", Some("How we help"), "-/help"),
        ]
    );
    let banner = office.banner.unwrap();
    assert_eq!(banner.text, "Beta: this is a new service.");
    assert_eq!(banner.link.as_ref().unwrap().path, "-/banner");
    assert_eq!(site.defaults().lang, "cy");
    assert_eq!(site.defaults().time_zone.iana_name(), Some("Europe/London"));
    assert_eq!(site.groups, ["Housing", "Travel"]);
    assert_eq!(office.notice, Some("Our telephones are closed on Friday 25 December."));
    assert_eq!(site.maintenance, None);
}

const FLOW: &str =
    "title = \"A\"\n[screens.a]\ntitle = \"A\"\nactions.continue = \"b\"\n[screens.b]\ntitle = \"B\"\nend = \"done\"\n";

#[test]
fn what_a_flow_says_itself_stands_in_place_of_the_sites() {
    let site = site(
        "name = \"Council\"\ntelephone = \"1\"\nhours = \"always\"\nlinks = { privacy = \"privacy\", accessibility = \
         \"accessibility\" }\n",
    );
    let own = "site = { name = \"Library\", telephone = \"2\", links = { privacy = \"https://library.example/p\", help = \
               \"help\" } }\n";
    let (flow, warnings) = Flow::read("loans", &format!("{own}{FLOW}")).unwrap();
    assert_eq!(warnings, []);
    let office = site.of_flow(&flow);
    assert_eq!(
        (office.name, office.telephone, office.hours),
        ("Library", Some("2"), Some("always"))
    );
    let links: Vec<_> = office
        .links
        .iter()
        .map(|link| (link.path.as_str(), link.label.as_deref()))
        .collect();
    assert_eq!(
        links,
        [
            ("-/loans/privacy", None),
            ("-/accessibility", None),
            ("-/help", Some("How we help")),
        ]
    );
    let (plain, _) = Flow::read("plain", FLOW).unwrap();
    assert_eq!(site.of_flow(&plain), site.office());
}

#[test]
fn no_session_is_pinned_to_what_the_site_says() {
    let (plain, _) = Flow::read("a", FLOW).unwrap();
    let under =
        site("name = \"C\"\nlang = \"cy\"\ntime-zone = \"Europe/London\"\nlinks.accessibility = \"help\"\n").defaults();
    let (below, _) = Flow::read_under("a", FLOW, &under).unwrap();
    assert_eq!(below.digests, plain.digests);
    assert_eq!((below.lang.as_str(), plain.lang.as_str()), ("cy", "en"));
    assert_eq!(below.time_zone.iana_name(), Some("Europe/London"));
    // A flow's own words come first.
    let (own, _) = Flow::read_under("a", &format!("lang = \"en\"\ntime-zone = \"UTC\"\n{FLOW}"), &under).unwrap();
    assert_eq!((own.lang.as_str(), own.time_zone.iana_name()), ("en", Some("UTC")));
    // What a flow says in place of the site is wording: the newest holds, for every session.
    let (said, _) = Flow::read("a", &format!("site.name = \"Library\"\n{FLOW}")).unwrap();
    assert_eq!(said.digests.structure, plain.digests.structure);
    assert_ne!(said.digests.texts, plain.digests.texts);
}

#[test]
fn a_page_begins_with_its_heading() {
    let read_page = |name: &'static str, text: &'static str| {
        read(&Sources {
            declared: None,
            pages: BTreeMap::from([(name, text)]),
            ..Sources::default()
        })
    };
    let good = read_page(
        "privacy",
        "# What *we* keep\n\nLittle.\n\n## How long\n\n<b>A</b> [year](javascript:x).\n",
    );
    let site = good.site.unwrap();
    let page = &site.articles["privacy"];
    assert_eq!(page.title, "What we keep");
    assert_eq!(
        page.html,
        "<p>Little.</p>\n<h2>How long</h2>\n<p>&lt;b&gt;A&lt;/b&gt; year.</p>"
    );
    for (name, text, code) in [
        ("privacy", "Little.\n\n# Late\n", "no-heading"),
        ("privacy", "## Second\n", "no-heading"),
        ("privacy", "#\n\nwords", "no-heading"),
        ("privacy", "", "no-heading"),
        ("Privacy", "# P", "bad-name"),
        ("a b", "# P", "bad-name"),
    ] {
        let found = read_page(name, text);
        assert_eq!(found.pages[name][0].code, code, "{text}");
        assert!(found.site.unwrap().articles.is_empty(), "{text}");
    }
}
